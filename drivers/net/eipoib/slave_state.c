// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Slaves while they are slaves: finding them, and telling the core what
 * becomes of the clone.
 */

#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <rdma/e_ipoib.h>

#include "hot.h"

/* In the first byte of a link-layer address: RFC 4755 section 5.1. */
#define ADDRESS_RC 0x80

/**
 * eipoib_slave_get - what we keep of a netdevice
 * @dev: any netdevice
 *
 * Context: RTNL.
 * Return: the slave, or NULL if @dev is none.
 */
struct eipoib_slave *eipoib_slave_get(const struct net_device *dev)
{
	if (rcu_access_pointer(dev->rx_handler) != eipoib_rx_handle)
		return NULL;

	return rtnl_dereference(dev->rx_handler_data);
}

/**
 * eipoib_slave_get_rcu - eipoib_slave_get() for who does not hold RTNL
 * @dev: any netdevice, or NULL
 *
 * Context: bottom halves off, RCU read-side section.
 * Return: the slave, or NULL if @dev is none or is being released.
 */
struct eipoib_slave *eipoib_slave_get_rcu(const struct net_device *dev)
{
	if (!dev || rcu_access_pointer(dev->rx_handler) != eipoib_rx_handle)
		return NULL;

	/* CONTRACT: unregistering a handler waits before it clears the data. */
	return rcu_dereference_bh(dev->rx_handler_data);
}

/**
 * eipoib_slave_find - a slave by its ifindex
 * @pif: the PIF
 * @ifindex: the clone's, in the namespace of the PIF
 *
 * Context: RTNL.
 * Return: the slave or NULL.
 */
struct eipoib_slave *eipoib_slave_find(const struct eipoib_pif *pif,
				       int ifindex)
{
	struct net_device *dev = __dev_get_by_index(dev_net(pif->dev), ifindex);
	struct eipoib_slave *slave = dev ? eipoib_slave_get(dev) : NULL;

	ASSERT_RTNL();

	return slave && slave->pif == pif ? slave : NULL;
}

/**
 * eipoib_slave_read_address - the link-layer address by which others know a VIF
 * @slave: the slave
 * @address: EIPOIB_IB_ADDR_LEN bytes, filled
 *
 * ib_ipoib sets the RC flag, and accepts connections, in datagram mode, too.
 * What comes by them has the length that the sender likes, and nobody behind
 * ethX could take it: a VIF in datagram mode goes without the flag.
 *
 * Context: RTNL.
 */
void eipoib_slave_read_address(const struct eipoib_slave *slave, u8 *address)
{
	memcpy(address, slave->dev->dev_addr, EIPOIB_IB_ADDR_LEN);
	if (!slave->ops->is_connected(slave->dev))
		address[0] &= ~ADDRESS_RC;
}

static void update_address(struct eipoib_slave *slave)
{
	u8 address[EIPOIB_IB_ADDR_LEN];

	eipoib_slave_read_address(slave, address);
	if (!memcmp(slave->address, address, EIPOIB_IB_ADDR_LEN))
		return;

	if (eipoib_vif_set_address(slave->pif->core, slave->vif, address)) {
		if (net_ratelimit())
			netdev_err(slave->dev,
				   "no memory for its new address\n");
		return;
	}
	memcpy(slave->address, address, EIPOIB_IB_ADDR_LEN);
}

static void update_mtus(struct eipoib_slave *slave)
{
	const struct net_device *dev = slave->dev;

	eipoib_vif_set_mtu(slave->vif, dev->mtu);
	eipoib_vif_set_datagram_mtu(slave->vif, slave->ops->datagram_mtu(dev));
}

/**
 * eipoib_slave_update_link - the clone's state, carrier, address or mode may
 * differ
 * @slave: the slave
 * @is_going_down: it is up, but not for long
 *
 * ib_ipoib does not announce a new GID or LMC by itself: the carrier that comes
 * back after it tells.
 *
 * Context: RTNL.
 */
void eipoib_slave_update_link(struct eipoib_slave *slave, bool is_going_down)
{
	bool is_ready = !is_going_down && eipoib_slave_is_ready(slave->dev);

	ASSERT_RTNL();

	update_address(slave);
	update_mtus(slave);
	eipoib_vif_set_lmc(slave->vif, slave->ops->lmc(slave->dev));
	eipoib_vif_set_carrier(slave->pif->core, slave->vif, is_ready);
	eipoib_pif_update_carrier(slave->pif);
}

/**
 * eipoib_slave_update_mtu - the clone's MTU changed, and perhaps its mode
 * @slave: the slave
 *
 * Context: RTNL.
 */
void eipoib_slave_update_mtu(struct eipoib_slave *slave)
{
	ASSERT_RTNL();

	update_address(slave);
	update_mtus(slave);
	eipoib_pif_update_mtu(slave->pif);
}
