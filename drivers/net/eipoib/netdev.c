// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * A PIF as the network stack sees it: its net_device_ops.
 */

#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

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
	.ndo_set_mac_address	= eth_mac_addr,
	.ndo_validate_addr	= eth_validate_addr,
	.ndo_set_rx_mode	= set_rx_mode,
	.ndo_get_stats64	= eipoib_stats_get,
	.ndo_get_iflink		= get_iflink,
	.ndo_add_slave		= eipoib_slave_add,
	.ndo_del_slave		= eipoib_slave_del,
};
