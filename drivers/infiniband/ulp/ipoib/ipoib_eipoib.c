// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * What ib_ipoib offers to eth_ipoib (include/rdma/e_ipoib.h).  eth_ipoib finds
 * the table at run time; nothing here waits for it.
 */

#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <rdma/e_ipoib.h>
#include <rdma/ib_cache.h>

#include "ipoib.h"

/* "modinfo -F eipoib ib_ipoib" tells this module from the distribution's. */
MODULE_INFO(eipoib, __stringify(E_IPOIB_VERSION));

static bool owns(const struct net_device *dev)
{
	return dev->netdev_ops->ndo_open == ipoib_open;
}

static struct net_device *parent(const struct net_device *dev)
{
	ASSERT_RTNL();

	return owns(dev) ? ipoib_priv(dev)->parent : NULL;
}

static u16 pkey(const struct net_device *dev)
{
	ASSERT_RTNL();

	return owns(dev) ? ipoib_priv(dev)->pkey : 0;
}

/* An adapter that accelerates IPoIB receives without ib_ipoib's help. */
static bool is_accelerated(const struct net_device *dev)
{
	const struct rdma_netdev *rn = netdev_priv(dev);

	return rn->send != ipoib_send;
}

static int vif_start(struct net_device *dev, struct netlink_ext_ack *extack)
{
	struct ipoib_dev_priv *priv;

	ASSERT_RTNL();

	if (!parent(dev)) {
		NL_SET_ERR_MSG(extack,
			       "Not an IPoIB clone: create one with ip link add link ibX name ibX.N type ipoib");
		return -EOPNOTSUPP;
	}

	if (is_accelerated(dev)) {
		NL_SET_ERR_MSG(extack,
			       "The adapter's IPoIB acceleration hides who sent a frame: make the clone with an index");
		return -EOPNOTSUPP;
	}

	priv = ipoib_priv(dev);
	if (test_bit(IPOIB_FLAG_VIF, &priv->flags)) {
		NL_SET_ERR_MSG(extack,
			       "The clone is a VIF already: release it with ip link set nomaster first");
		return -EBUSY;
	}

	if (netif_running(dev)) {
		NL_SET_ERR_MSG(extack,
			       "The clone is up: set it down first (ip link set dev ibX.N down)");
		return -EBUSY;
	}

	priv->vif.attach = false;
	atomic_long_set(&priv->vif.flooded, 0);
	set_bit(IPOIB_FLAG_VIF, &priv->flags);

	return 0;
}

static void vif_stop(struct net_device *dev)
{
	ASSERT_RTNL();

	if (!owns(dev))
		return;

	ipoib_priv(dev)->vif.stats = NULL;
	clear_bit(IPOIB_FLAG_VIF, &ipoib_priv(dev)->flags);
}

static bool is_vif(const struct net_device *dev)
{
	return owns(dev) && test_bit(IPOIB_FLAG_VIF, &ipoib_priv(dev)->flags);
}

static int vif_attach(struct net_device *dev, bool on)
{
	ASSERT_RTNL();

	return is_vif(dev) ? ipoib_vif_attach(ipoib_priv(dev), on) : -EINVAL;
}

static bool vif_is_attached(const struct net_device *dev)
{
	ASSERT_RTNL();

	return is_vif(dev) && ipoib_vif_is_attached(ipoib_priv(dev));
}

static u8 lmc(const struct net_device *dev)
{
	const struct ipoib_dev_priv *priv;
	u8 value;

	if (!owns(dev))
		return 0;

	priv = ipoib_priv(dev);

	return ib_get_cached_lmc(priv->ca, priv->port, &value) ? 0 : value;
}

static int lid_to_gid(struct net_device *dev, u16 lid, u8 *gid)
{
	if (!is_vif(dev))
		return -EINVAL;

	return ipoib_vif_lid_to_gid(ipoib_priv(dev), lid, gid);
}

static void vif_show_stats(struct net_device *dev,
			   const struct e_ipoib_stats *stats)
{
	ASSERT_RTNL();

	if (is_vif(dev))
		ipoib_priv(dev)->vif.stats = stats;
}

static bool is_connected(const struct net_device *dev)
{
	ASSERT_RTNL();

	return is_vif(dev) &&
	       test_bit(IPOIB_FLAG_ADMIN_CM, &ipoib_priv(dev)->flags);
}

static u32 datagram_mtu(const struct net_device *dev)
{
	return is_vif(dev) ? READ_ONCE(ipoib_priv(dev)->mcast_mtu) : 0;
}

static const struct e_ipoib_ops ops = {
	.version	= E_IPOIB_VERSION,
	.size		= sizeof(ops),
	.owns		= owns,
	.parent		= parent,
	.pkey		= pkey,
	.vif_start	= vif_start,
	.vif_stop	= vif_stop,
	.vif_attach	= vif_attach,
	.vif_is_attached = vif_is_attached,
	.lmc		= lmc,
	.lid_to_gid	= lid_to_gid,
	.vif_show_stats	= vif_show_stats,
	.is_connected	= is_connected,
	.datagram_mtu	= datagram_mtu,
};

/**
 * e_ipoib_get_ops - find the table of what ib_ipoib does for eth_ipoib
 *
 * Context: any.
 * Return: the table, never NULL.
 */
const struct e_ipoib_ops *e_ipoib_get_ops(void)
{
	return &ops;
}
EXPORT_SYMBOL_GPL(e_ipoib_get_ops);
