// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The features of a PIF: what it offers whatever its VIFs can, and what follows
 * what.
 */

#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "eipoib.h"

/*
 * A frame is decided on as a whole, and what the VIF that it leaves through
 * cannot do software does below.  So VIFs have no say in this.  Not for lists
 * of frames (NETIF_F_GSO_FRAGLIST): segmenting one puts the longer link header
 * in front of each without looking for room.
 */
#define OFFERED (NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HW_CSUM | \
		 (NETIF_F_GSO_SOFTWARE & ~NETIF_F_GSO_FRAGLIST))

/**
 * eipoib_features_setup - the features of a new PIF
 * @dev: the netdevice that becomes a PIF
 *
 * Context: any.
 */
void eipoib_features_setup(struct net_device *dev)
{
	dev->hw_features = OFFERED | NETIF_F_HW_VLAN_CTAG_TX;
	dev->features = dev->hw_features | NETIF_F_HW_VLAN_CTAG_RX |
			NETIF_F_HIGHDMA;
	dev->vlan_features = OFFERED | NETIF_F_HIGHDMA;
}

static bool is_rx_checked(const struct eipoib_pif *pif)
{
	struct eipoib_slave *slave;
	bool is_checked = false;
	struct list_head *iter;

	eipoib_for_each_slave(pif, slave, iter) {
		is_checked = slave->dev->features & NETIF_F_RXCSUM;
		if (!is_checked)
			break;
	}

	return is_checked;
}

/**
 * eipoib_features_fix - received checksums are checked if all VIFs do it
 * @dev: the PIF
 * @features: wanted
 *
 * Context: RTNL (ndo_fix_features).
 * Return: the features that it gets.
 */
netdev_features_t eipoib_features_fix(struct net_device *dev,
				      netdev_features_t features)
{
	if (is_rx_checked(netdev_priv(dev)))
		return features | NETIF_F_RXCSUM;

	return features & ~NETIF_F_RXCSUM;
}

static void set_gro(struct net_device *dev, netdev_features_t wanted)
{
	dev->wanted_features &= ~NETIF_F_GRO;
	dev->wanted_features |= wanted & NETIF_F_GRO;
	netdev_update_features(dev);
}

/**
 * eipoib_features_set - frames are merged where they are received: on the VIFs
 * @dev: the PIF
 * @features: new ones
 *
 * Context: RTNL (ndo_set_features).
 * Return: 0.
 */
int eipoib_features_set(struct net_device *dev, netdev_features_t features)
{
	struct eipoib_pif *pif = netdev_priv(dev);
	struct eipoib_slave *slave;
	struct list_head *iter;

	ASSERT_RTNL();

	if ((dev->features ^ features) & NETIF_F_GRO) {
		eipoib_for_each_slave(pif, slave, iter)
			set_gro(slave->dev, features);
	}

	return 0;
}

/* As large as all VIFs take.  The core shrinks its gso_max_* with it. */
static bool update_gso_limits(struct eipoib_pif *pif)
{
	unsigned int size = GSO_LEGACY_MAX_SIZE, segs = GSO_MAX_SEGS;
	struct net_device *dev = pif->dev;
	struct eipoib_slave *slave;
	struct list_head *iter;

	eipoib_for_each_slave(pif, slave, iter) {
		size = min(size, READ_ONCE(slave->dev->gso_max_size));
		segs = min_t(unsigned int, segs,
			     READ_ONCE(slave->dev->gso_max_segs));
	}

	if (size == dev->tso_max_size && segs == dev->tso_max_segs)
		return false;

	netif_set_tso_max_size(dev, size);
	netif_set_tso_max_segs(dev, segs);

	return true;
}

/**
 * eipoib_features_update - the VIFs, or the features of one, have changed
 * @pif: the PIF
 *
 * CONTRACT: GRO is none of those it looks at, or eipoib_features_set() would
 * come back to itself.
 *
 * Context: RTNL.
 */
void eipoib_features_update(struct eipoib_pif *pif)
{
	struct net_device *dev = pif->dev;
	bool was_rx_checked = dev->features & NETIF_F_RXCSUM;

	ASSERT_RTNL();

	/* Nobody may hear of it any more once it has been unregistered. */
	if (dev->reg_state != NETREG_REGISTERED)
		return;

	if (update_gso_limits(pif))
		netdev_features_change(dev);
	if (is_rx_checked(pif) != was_rx_checked)
		netdev_update_features(dev);
}

/**
 * eipoib_features_join - a VIF does not merge frames if its PIF is not to
 * @slave: the VIF, new
 *
 * Context: RTNL.
 */
void eipoib_features_join(struct eipoib_slave *slave)
{
	ASSERT_RTNL();

	if (!(slave->pif->dev->features & NETIF_F_GRO))
		set_gro(slave->dev, 0);
	eipoib_features_update(slave->pif);
}
