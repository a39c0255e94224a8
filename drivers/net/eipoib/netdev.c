// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * A PIF as the network stack sees it: its net_device_ops.
 */

#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "compat.h"
#include "eipoib.h"

/* Of its own groups; guests announce theirs. */
#define LISTENERS_MAX 1024

static int init(struct net_device *dev)
{
	netdev_lockdep_set_classes(dev);

	return eipoib_pif_init(netdev_priv(dev));
}

static void uninit(struct net_device *dev)
{
	eipoib_pif_uninit(netdev_priv(dev));
}

/* The core has checked that min_mtu <= mtu <= max_mtu. */
static int change_mtu(struct net_device *dev, int mtu)
{
	struct eipoib_pif *pif = netdev_priv(dev);

	ASSERT_RTNL();

	pif->admin_mtu = mtu < dev->max_mtu ? mtu : 0;
	WRITE_ONCE(dev->mtu, mtu);

	return 0;
}

static bool has_mac(const struct eipoib_slave *slave, const u8 *mac)
{
	struct eipoib_vif_info info;

	eipoib_vif_get_info(slave->vif, &info);

	return info.is_bound && !(info.binding.flags & EIPOIB_VIF_ANY) &&
	       ether_addr_equal(info.binding.mac, mac);
}

/*
 * The PIF's own VIFs, those bound to its MAC, follow.  What this would refuse
 * eipoib_notifier has refused with a sentence.
 */
static int set_mac_address(struct net_device *dev, void *address)
{
	const u8 *mac = ((struct sockaddr *)address)->sa_data;
	struct eipoib_pif *pif = netdev_priv(dev);
	struct eipoib_slave *slave;
	struct list_head *iter;
	const char *why;
	int err;

	ASSERT_RTNL();

	err = eth_prepare_mac_addr_change(dev, address);
	if (err)
		return err;

	err = eipoib_core_move(pif->core, dev->dev_addr, mac, &why);
	if (err)
		return err;

	eth_commit_mac_addr_change(dev, address);
	eipoib_for_each_slave(pif, slave, iter) {
		if (has_mac(slave, mac))
			eipoib_notify_slave(slave);
	}

	return 0;
}

static unsigned int copy_mc_list(const struct net_device *dev,
				 unsigned int max, u8 (*macs)[ETH_ALEN])
{
	const struct netdev_hw_addr *ha;
	unsigned int count = 0;

	netdev_for_each_mc_addr(ha, dev) {
		if (count == max)
			break;
		ether_addr_copy(macs[count++], ha->addr);
	}

	return count;
}

/* The list is locked.  Without memory the groups stay what they were. */
static void set_rx_mode(struct net_device *dev)
{
	struct eipoib_pif *pif = netdev_priv(dev);
	unsigned int max = min(netdev_mc_count(dev), LISTENERS_MAX);
	u8 (*macs)[ETH_ALEN];

	macs = kmalloc_array(max, ETH_ALEN, GFP_ATOMIC | __GFP_NOWARN);
	if (!macs)
		return;

	eipoib_core_set_listeners(pif->core, *macs,
				  copy_mc_list(dev, max, macs));
	kfree(macs);
}

/* No frame enters it any more, from either side. */
static int stop(struct net_device *dev)
{
	struct eipoib_pif *pif = netdev_priv(dev);

	eipoib_hold_flush(pif);
	local_bh_disable();
	eipoib_core_set_listeners(pif->core, NULL, 0);
	local_bh_enable();

	return 0;
}

/* Also asked when the interface below has gone. */
static int get_iflink(const struct net_device *dev)
{
	const struct eipoib_pif *pif = netdev_priv(dev);

	return pif->iflink;
}

const struct net_device_ops eipoib_netdev_ops = {
	.ndo_init		= init,
	.ndo_uninit		= uninit,
	.ndo_stop		= stop,
	.ndo_start_xmit		= eipoib_tx_start,
	.ndo_change_mtu		= change_mtu,
	.ndo_set_mac_address	= set_mac_address,
	.ndo_validate_addr	= eth_validate_addr,
	.ndo_set_rx_mode	= set_rx_mode,
	.ndo_fix_features	= eipoib_features_fix,
	.ndo_set_features	= eipoib_features_set,
	.ndo_get_stats64	= eipoib_stats_get,
	.ndo_get_iflink		= get_iflink,
	.ndo_fdb_add		= eipoib_fdb_add,
	.ndo_fdb_del		= eipoib_fdb_del,
	.ndo_fdb_del_bulk	= eipoib_compat_fdb_del_bulk,
	.ndo_fdb_dump		= eipoib_fdb_dump,
	.ndo_fdb_get		= eipoib_fdb_get,
	.ndo_add_slave		= eipoib_slave_add,
	.ndo_del_slave		= eipoib_slave_del,
};
