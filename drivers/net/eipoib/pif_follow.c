// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Those properties of a PIF that follow from its slaves.
 */

#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "hot.h"

/* What a transparent frame carries besides: its header and an inner tag. */
#define TRANSPARENT_OVERHEAD VLAN_ETH_HLEN

/* The largest MTU that all VIFs can carry. */
static unsigned int mtu_limit(struct eipoib_pif *pif)
{
	unsigned int limit = 0;
	struct eipoib_slave *slave;
	struct list_head *iter;

	eipoib_for_each_slave(pif, slave, iter)
		limit = limit ? min(limit, slave->dev->mtu) : slave->dev->mtu;

	if (!limit)
		return pif->lower->mtu;

	return eipoib_core_has_any(pif->core) ? limit - TRANSPARENT_OVERHEAD :
						limit;
}

/**
 * eipoib_pif_update_mtu - follow the VIFs, or @lower if there is none
 * @pif: the PIF
 *
 * An administrator's smaller MTU stays.
 *
 * Context: RTNL.
 */
void eipoib_pif_update_mtu(struct eipoib_pif *pif)
{
	unsigned int admin_mtu = pif->admin_mtu;
	struct net_device *dev = pif->dev;
	unsigned int mtu;

	ASSERT_RTNL();

	/* Nobody may hear of it any more once it has been unregistered. */
	if (dev->reg_state != NETREG_REGISTERED)
		return;

	dev->max_mtu = mtu_limit(pif);
	mtu = admin_mtu ? min(admin_mtu, dev->max_mtu) : dev->max_mtu;
	if (mtu == dev->mtu)
		return;

	/* This is not the administrator, although it looks like him. */
	if (dev_set_mtu(dev, mtu) && net_ratelimit())
		netdev_warn(dev, "cannot follow the MTU %u of its VIFs\n", mtu);
	pif->admin_mtu = admin_mtu;
}

/**
 * eipoib_pif_update_carrier - a PIF has carrier while one of its VIFs has
 * @pif: the PIF
 *
 * Context: RTNL.
 */
void eipoib_pif_update_carrier(struct eipoib_pif *pif)
{
	struct eipoib_slave *slave;
	struct list_head *iter;

	ASSERT_RTNL();

	if (pif->dev->reg_state != NETREG_REGISTERED)
		return;

	eipoib_for_each_slave(pif, slave, iter) {
		if (eipoib_slave_is_ready(slave->dev)) {
			netif_carrier_on(pif->dev);
			return;
		}
	}

	netif_carrier_off(pif->dev);
}
