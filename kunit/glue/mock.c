// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * IPoIB interfaces without a fabric.  A module of its own, because eth_ipoib
 * finds the table with symbol_get().
 */

#include <linux/device.h>
#include <linux/if_arp.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <net/rtnetlink.h>

#include "mock.h"

#define MTU 2044

static atomic_t breaches;

/* What the contract in <rdma/e_ipoib.h> promises to ib_ipoib. */
static void demand(bool is_kept, const struct net_device *dev,
		   const char *promise)
{
	if (is_kept)
		return;

	netdev_err(dev, "broken promise: %s\n", promise);
	atomic_inc(&breaches);
}

static netdev_tx_t start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct mock_ipoib *mock = netdev_priv(dev);

	demand(skb->len >= MOCK_LINK_HLEN && skb_mac_offset(skb) == 0, dev,
	       "a frame starts with its link header");

	if (mock->is_congested) {
		kfree_skb(skb);
		return NET_XMIT_DROP;
	}

	skb_queue_tail(&mock->sent, skb);
	return NETDEV_TX_OK;
}

static int get_iflink(const struct net_device *dev)
{
	const struct mock_ipoib *mock = netdev_priv(dev);

	return mock->parent ? mock->parent->ifindex : dev->ifindex;
}

static const struct net_device_ops netdev_ops = {
	.ndo_start_xmit = start_xmit,
	.ndo_get_iflink = get_iflink,
};

static bool owns(const struct net_device *dev)
{
	return dev->netdev_ops == &netdev_ops;
}

static struct net_device *get_parent(const struct net_device *dev)
{
	const struct mock_ipoib *mock = netdev_priv(dev);

	ASSERT_RTNL();
	demand(owns(dev), dev, "is one of ours");

	return mock->parent;
}

static u16 get_pkey(const struct net_device *dev)
{
	const struct mock_ipoib *mock = netdev_priv(dev);

	ASSERT_RTNL();

	return mock->pkey;
}

static int vif_start(struct net_device *dev, struct netlink_ext_ack *extack)
{
	struct mock_ipoib *mock = netdev_priv(dev);

	ASSERT_RTNL();
	demand(!netif_running(dev), dev, "down when it becomes a VIF");
	demand(!mock->is_vif, dev, "no VIF when it becomes one");

	if (mock->start_error)
		return mock->start_error;

	mock->is_vif = true;
	return 0;
}

static void vif_stop(struct net_device *dev)
{
	struct mock_ipoib *mock = netdev_priv(dev);

	ASSERT_RTNL();
	demand(!netif_running(dev), dev, "down when it ceases to be a VIF");
	demand(!rcu_access_pointer(dev->rx_handler), dev,
	       "no receive handler when it ceases to be a VIF");

	mock->is_vif = false;
	mock->is_attached = false;
	mock->stats = NULL;
}

static int vif_attach(struct net_device *dev, bool on)
{
	struct mock_ipoib *mock = netdev_priv(dev);

	ASSERT_RTNL();
	might_sleep();

	if (!mock->is_vif)
		return -EINVAL;
	if (mock->attach_error)
		return mock->attach_error;

	mock->attach_count += on && !mock->is_attached;
	mock->is_attached = on;
	return 0;
}

static bool vif_is_attached(const struct net_device *dev)
{
	const struct mock_ipoib *mock = netdev_priv(dev);

	ASSERT_RTNL();
	demand(mock->is_vif, dev, "a VIF when asked for its groups");

	return mock->is_attached && !mock->is_deaf && netif_running(dev);
}

static u8 get_lmc(const struct net_device *dev)
{
	return 0;
}

static int lid_to_gid(struct net_device *dev, u16 lid, u8 *gid)
{
	struct mock_ipoib *mock = netdev_priv(dev);

	demand(mock->is_vif, dev, "a VIF when the SA is asked");
	atomic_inc(&mock->lid_count);
	if (mock->lid_gate)
		wait_for_completion(mock->lid_gate);
	demand(mock->is_vif, dev, "a VIF until the SA has answered");

	memcpy(gid, dev->dev_addr + 4, 16);
	gid[15] = lid;
	return mock->lid_error;
}

static void vif_show_stats(struct net_device *dev,
			   const struct e_ipoib_stats *stats)
{
	struct mock_ipoib *mock = netdev_priv(dev);

	ASSERT_RTNL();
	demand(mock->is_vif, dev, "a VIF when it gets counters");
	mock->stats = stats;
}

static bool is_connected(const struct net_device *dev)
{
	const struct mock_ipoib *mock = netdev_priv(dev);

	ASSERT_RTNL();
	demand(mock->is_vif, dev, "a VIF when asked for its mode");

	return !mock->is_datagram;
}

static u32 datagram_mtu(const struct net_device *dev)
{
	const struct mock_ipoib *mock = netdev_priv(dev);

	ASSERT_RTNL();
	demand(mock->is_vif, dev, "a VIF when asked for its MTU");

	return MOCK_DATAGRAM_MTU;
}

static const struct e_ipoib_ops ops = {
	.version = E_IPOIB_VERSION,
	.size = sizeof(ops),
	.owns = owns,
	.parent = get_parent,
	.pkey = get_pkey,
	.vif_start = vif_start,
	.vif_stop = vif_stop,
	.vif_attach = vif_attach,
	.vif_is_attached = vif_is_attached,
	.lmc = get_lmc,
	.lid_to_gid = lid_to_gid,
	.vif_show_stats = vif_show_stats,
	.is_connected = is_connected,
	.datagram_mtu = datagram_mtu,
};

/**
 * e_ipoib_get_ops - find the table
 *
 * Context: any.
 * Return: the table.
 */
const struct e_ipoib_ops *e_ipoib_get_ops(void)
{
	return &ops;
}
EXPORT_SYMBOL_GPL(e_ipoib_get_ops);

/* Never registered: nobody makes such interfaces with ip link add. */
static struct rtnl_link_ops link_ops = { .kind = "ipoib" };

/* Whose child a main interface is; a clone has none. */
static struct device *root;

static void setup(struct net_device *dev)
{
	dev->netdev_ops = &netdev_ops;
	dev->rtnl_link_ops = &link_ops;
	dev->type = ARPHRD_INFINIBAND;
	dev->hard_header_len = MOCK_LINK_HLEN;
	dev->addr_len = 20;
	dev->mtu = MTU;
	dev->min_mtu = 68;
	dev->max_mtu = 65520;
	dev->flags = IFF_BROADCAST | IFF_MULTICAST;
	dev->priv_flags |= IFF_NO_QUEUE;
	/* What is sent is seen as it was made. */
	dev->hw_features = NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HW_CSUM |
			   NETIF_F_GSO_SOFTWARE | NETIF_F_RXCSUM;
	dev->features = dev->hw_features | NETIF_F_HIGHDMA;
}

static void make_address(u32 qpn, u8 *address)
{
	static const u8 port[] = {
		0x80, 0, 0, 0, 0xfe, 0x80, 0, 0, 0, 0, 0, 0,
		0x00, 0x02, 0xc9, 0x03, 0x00, 0x43, 0x3b, 0xf1,
	};

	memcpy(address, port, sizeof(port));
	address[1] = qpn >> 16;
	address[2] = qpn >> 8;
	address[3] = qpn;
}

/**
 * mock_ipoib_create - make an interface; it has carrier and is down
 * @parent: the main interface of a clone, NULL for a main interface
 * @qpn: the queue pair in its address
 * @pkey: its P_Key
 *
 * Context: process, without RTNL.
 * Return: the interface or NULL.
 */
struct net_device *mock_ipoib_create(struct net_device *parent, u32 qpn,
				     u16 pkey)
{
	struct net_device *dev;
	struct mock_ipoib *mock;
	u8 address[20];

	dev = alloc_netdev(sizeof(*mock), parent ? "mock0.%d" : "mock%d",
			   NET_NAME_ENUM, setup);
	if (!dev)
		return NULL;

	mock = netdev_priv(dev);
	mock->parent = parent;
	mock->pkey = pkey;
	mock->lid_error = -ENOENT;
	skb_queue_head_init(&mock->sent);
	make_address(qpn, address);
	__dev_addr_set(dev, address, sizeof(address));
	if (!parent)
		SET_NETDEV_DEV(dev, root);

	if (register_netdev(dev)) {
		free_netdev(dev);
		return NULL;
	}

	return dev;
}
EXPORT_SYMBOL_GPL(mock_ipoib_create);

/**
 * mock_ipoib_destroy - take it away, and wait until nobody refers to it
 * @dev: from mock_ipoib_create(), or NULL
 *
 * Context: process, without RTNL.
 */
void mock_ipoib_destroy(struct net_device *dev)
{
	struct mock_ipoib *mock;

	if (!dev)
		return;

	mock = netdev_priv(dev);
	unregister_netdev(dev);
	demand(!mock->is_vif, dev, "no VIF when it goes");
	skb_queue_purge(&mock->sent);
	free_netdev(dev);
}
EXPORT_SYMBOL_GPL(mock_ipoib_destroy);

/**
 * mock_ipoib_set_gid - give its port another GID, without a word
 * @dev: the interface
 * @last: byte of the GID
 *
 * Context: process, without RTNL.
 */
void mock_ipoib_set_gid(struct net_device *dev, u8 last)
{
	u8 address[20];

	rtnl_lock();
	memcpy(address, dev->dev_addr, sizeof(address));
	address[sizeof(address) - 1] = last;
	__dev_addr_set(dev, address, sizeof(address));
	rtnl_unlock();
}
EXPORT_SYMBOL_GPL(mock_ipoib_set_gid);

/**
 * mock_ipoib_set_carrier - change the carrier, and say so before returning
 * @dev: the interface
 * @on: it has carrier
 *
 * Context: process, without RTNL.
 */
void mock_ipoib_set_carrier(struct net_device *dev, bool on)
{
	rtnl_lock();
	if (on)
		netif_carrier_on(dev);
	else
		netif_carrier_off(dev);
	netdev_state_change(dev);
	rtnl_unlock();
}
EXPORT_SYMBOL_GPL(mock_ipoib_set_carrier);

/**
 * mock_ipoib_take - the first frame of a protocol that it was given to send
 * @dev: the interface
 * @protocol: of the encapsulation header
 *
 * Context: process.
 * Return: the frame, or NULL if there is none.
 */
struct sk_buff *mock_ipoib_take(struct net_device *dev, u16 protocol)
{
	struct mock_ipoib *mock = netdev_priv(dev);
	struct sk_buff *skb, *found = NULL;

	spin_lock_bh(&mock->sent.lock);
	skb_queue_walk(&mock->sent, skb) {
		if (skb->protocol == htons(protocol)) {
			__skb_unlink(skb, &mock->sent);
			found = skb;
			break;
		}
	}
	spin_unlock_bh(&mock->sent.lock);

	return found;
}
EXPORT_SYMBOL_GPL(mock_ipoib_take);

/**
 * mock_ipoib_take_breaches - how often a promise was broken since last asked
 *
 * Context: any.
 * Return: the number.
 */
unsigned int mock_ipoib_take_breaches(void)
{
	return atomic_xchg(&breaches, 0);
}
EXPORT_SYMBOL_GPL(mock_ipoib_take_breaches);

static int __init mock_ipoib_init(void)
{
	root = root_device_register("mock_ipoib");

	return PTR_ERR_OR_ZERO(root);
}

static void __exit mock_ipoib_exit(void)
{
	root_device_unregister(root);
}

module_init(mock_ipoib_init);
module_exit(mock_ipoib_exit);

MODULE_DESCRIPTION("IPoIB interfaces without a fabric, for the tests of eth_ipoib");
MODULE_LICENSE("Dual BSD/GPL");
