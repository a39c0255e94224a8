// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * PIFs: when there is an ethX above an IPoIB interface, and what it is like
 * before it has slaves.
 */

#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/list.h>
#include <linux/rtnetlink.h>
#include <net/rtnetlink.h>

#include "compat.h"
#include "eipoib.h"

/* Where the port GUID stands in an IPoIB link-layer address (RFC 4391). */
#define GUID_OFFSET 12

/*
 * Room for the IPoIB link header in front of a whole Ethernet header, and for
 * what a VIF may want in front of that, so that no frame is reallocated.  A
 * bridge samples it once, when a port is added: it never changes.
 */
#define NEEDED_HEADROOM 48

static LIST_HEAD(pifs);

/**
 * eipoib_is_ipoib - whether a netdevice is an IPoIB interface
 * @dev: any netdevice
 *
 * Context: RTNL.
 * Return: true for main interfaces and clones, of any ib_ipoib.
 */
bool eipoib_is_ipoib(const struct net_device *dev)
{
	return dev->type == ARPHRD_INFINIBAND && dev->rtnl_link_ops &&
	       !strcmp(dev->rtnl_link_ops->kind, "ipoib");
}

/**
 * eipoib_pif_accepts - whether there can be a PIF above a netdevice
 * @lower: any netdevice
 *
 * Context: RTNL.
 * Return: true for an IPoIB main interface, false for a clone or any other
 * netdevice.
 *
 * This must also work where e_ipoib_get_ops() cannot be asked: with the stock
 * ib_ipoib, and from the notifier while ib_ipoib is being loaded.  A clone
 * never has a parent in the device model; its iflink alone would not tell,
 * because it is an ifindex of its parent's namespace.
 */
bool eipoib_pif_accepts(const struct net_device *lower)
{
	return eipoib_is_ipoib(lower) && lower->dev.parent &&
	       dev_get_iflink(lower) == lower->ifindex;
}

/**
 * eipoib_pif_find - the PIF above an IPoIB interface
 * @lower: the IPoIB interface
 *
 * Context: RTNL.
 * Return: the PIF or NULL.
 */
struct eipoib_pif *eipoib_pif_find(const struct net_device *lower)
{
	struct eipoib_pif *pif;

	ASSERT_RTNL();

	list_for_each_entry(pif, &pifs, node) {
		if (pif->lower == lower)
			return pif;
	}

	return NULL;
}

/**
 * eipoib_pif_setup - what all PIFs have in common
 * @dev: the netdevice that becomes a PIF
 *
 * Context: any.
 */
void eipoib_pif_setup(struct net_device *dev)
{
	ether_setup(dev);
	dev->netdev_ops = &eipoib_netdev_ops;
	dev->ethtool_ops = &eipoib_ethtool_ops;
	dev->sysfs_groups[0] = &eipoib_sysfs_group;
	dev->needs_free_netdev = true;

	/* Frames for its VIFs' addresses come in, whatever it listens to. */
	dev->priv_flags |= IFF_NO_QUEUE | IFF_LIVE_ADDR_CHANGE |
			   IFF_UNICAST_FLT;
	/* A frame gets another link header on its way out. */
	dev->priv_flags &= ~IFF_TX_SKB_SHARING;

	eipoib_features_setup(dev);
	eipoib_compat_set_lltx(dev);

	dev->needed_headroom = NEEDED_HEADROOM;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = ETH_MAX_MTU;
	netif_carrier_off(dev);
}

/**
 * eipoib_pif_place - put a PIF that is not registered yet above an interface
 * @dev: the PIF
 * @lower: what eipoib_pif_accepts()
 *
 * Context: RTNL, held until @dev is registered.
 */
void eipoib_pif_place(struct net_device *dev, struct net_device *lower)
{
	struct eipoib_pif *pif = netdev_priv(dev);

	ASSERT_RTNL();

	pif->dev = dev;
	pif->lower = lower;
	pif->iflink = lower->ifindex;
	pif->max_peers = READ_ONCE(eipoib_max_peers);
	dev->max_mtu = lower->mtu;
}

/**
 * eipoib_pif_set_default_mac - the MAC that follows from the port's GUID
 * @dev: a PIF that has its place and is not registered yet
 *
 * Context: RTNL.
 */
void eipoib_pif_set_default_mac(struct net_device *dev)
{
	struct eipoib_pif *pif = netdev_priv(dev);
	u8 mac[ETH_ALEN];

	eipoib_mac_from_guid(pif->lower->dev_addr + GUID_OFFSET, mac);
	if (is_valid_ether_addr(mac))
		eth_hw_addr_set(dev, mac);
	else
		eth_hw_addr_random(dev);
}

/**
 * eipoib_pif_create - make a PIF above an IPoIB interface
 * @lower: what eipoib_pif_accepts(); has no PIF
 *
 * A failure is logged and nothing else: it is no reason for @lower not to
 * exist.
 *
 * Context: RTNL.
 */
void eipoib_pif_create(struct net_device *lower)
{
	struct net_device *dev;
	int err;

	ASSERT_RTNL();

	dev = alloc_netdev(sizeof(struct eipoib_pif), EIPOIB_NAME_FORMAT,
			   NET_NAME_ENUM, eipoib_pif_setup);
	if (!dev) {
		err = -ENOMEM;
		goto err_report;
	}

	dev_net_set(dev, dev_net(lower));
	dev->rtnl_link_ops = &eipoib_link_ops;
	eipoib_pif_place(dev, lower);
	eipoib_pif_set_default_mac(dev);
	dev->mtu = dev->max_mtu;

	err = register_netdevice(dev);
	if (err)
		goto err_free;

	return;

err_free:
	free_netdev(dev);
err_report:
	netdev_err(lower, "cannot create an Ethernet interface: error %d\n",
		   err);
}

/**
 * eipoib_pif_destroy - unregister a PIF; its slaves are released
 * @pif: the PIF; freed when RTNL is dropped
 *
 * Context: RTNL; also from a netdevice notifier.
 */
void eipoib_pif_destroy(struct eipoib_pif *pif)
{
	ASSERT_RTNL();

	/* It may be on its way out already, as part of a batch. */
	if (pif->dev->reg_state == NETREG_REGISTERED)
		unregister_netdevice(pif->dev);
}

/**
 * eipoib_pif_init - everything that an eipoib_pif_uninit() gives back
 * @pif: has its place
 *
 * Context: RTNL, from ndo_init.
 * Return: 0 or -ENOMEM.
 */
int eipoib_pif_init(struct eipoib_pif *pif)
{
	ASSERT_RTNL();

	pif->stats = netdev_alloc_pcpu_stats(struct eipoib_stats);
	if (!pif->stats)
		return -ENOMEM;

	pif->core = eipoib_core_create(pif, pif->max_peers);
	if (!pif->core)
		goto err_stats;

	netdev_hold(pif->lower, &pif->lower_tracker, GFP_KERNEL);
	list_add_tail(&pif->node, &pifs);
	eipoib_hold_init(pif);
	eipoib_notify_init(pif);
	eipoib_tick_start(pif);

	return 0;

err_stats:
	free_percpu(pif->stats);
	return -ENOMEM;
}

static struct eipoib_slave *first_slave(struct eipoib_pif *pif)
{
	struct eipoib_slave *slave;
	struct list_head *iter;

	eipoib_for_each_slave(pif, slave, iter)
		return slave;

	return NULL;
}

/**
 * eipoib_pif_uninit - release the slaves, free what eipoib_pif_init() made
 * @pif: no frame can enter it any more
 *
 * Context: RTNL, from ndo_uninit.
 */
void eipoib_pif_uninit(struct eipoib_pif *pif)
{
	struct eipoib_slave *slave;

	ASSERT_RTNL();

	eipoib_tick_stop(pif);
	while ((slave = first_slave(pif)))
		eipoib_slave_release(slave);
	eipoib_hold_stop(pif);
	eipoib_notify_stop(pif);

	list_del(&pif->node);
	netdev_put(pif->lower, &pif->lower_tracker);
	eipoib_core_destroy(pif->core);
	free_percpu(pif->stats);
}
