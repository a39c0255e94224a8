// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Slaves: clones under a PIF, from `master ethX` to `nomaster`.
 */

#include <linux/if_arp.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <rdma/e_ipoib.h>

#include "eipoib.h"

/*
 * The table of the ib_ipoib that is loaded, NULL if it is the stock one.  The
 * reference goes back at once, so that ib_ipoib can be unloaded whatever we
 * do: it unregisters its netdevices first, under RTNL, and with them goes
 * every slave that holds the table.
 */
static const struct e_ipoib_ops *get_ops(void)
{
	const struct e_ipoib_ops *(*get)(void);
	const struct e_ipoib_ops *ops;

	ASSERT_RTNL();

	get = symbol_get(e_ipoib_get_ops);
	if (!get)
		return NULL;

	ops = get();
	symbol_put(e_ipoib_get_ops);

	if (ops->version != E_IPOIB_VERSION ||
	    ops->size < offsetofend(struct e_ipoib_ops, datagram_mtu))
		return NULL;

	return ops;
}

static int check_clone(const struct eipoib_pif *pif,
		       const struct net_device *dev,
		       const struct e_ipoib_ops *ops,
		       struct netlink_ext_ack *extack)
{
	const struct net_device *parent = ops->parent(dev);

	if (!parent) {
		NL_SET_ERR_MSG(extack,
			       "This is the IPoIB interface itself: enslave a clone, made with ip link add link ibX name ibX.N type ipoib index N");
		return -EOPNOTSUPP;
	}

	if (parent != pif->lower) {
		NL_SET_ERR_MSG(extack,
			       "The clone belongs to another IPoIB interface: enslave it to the Ethernet interface above that one");
		return -EINVAL;
	}

	return 0;
}

static int check(const struct eipoib_pif *pif, struct net_device *dev,
		 const struct e_ipoib_ops *ops, struct netlink_ext_ack *extack)
{
	if (!eipoib_is_ipoib(dev)) {
		NL_SET_ERR_MSG(extack,
			       "Not an IPoIB clone: create one with ip link add link ibX name ibX.N type ipoib index N");
		return -EOPNOTSUPP;
	}

	if (!ops || !ops->owns(dev)) {
		NL_SET_ERR_MSG(extack,
			       "The ib_ipoib that is loaded cannot do this: load the one that comes with eth_ipoib");
		return -EOPNOTSUPP;
	}

	if (netdev_master_upper_dev_get(dev) ||
	    netdev_is_rx_handler_busy(dev)) {
		NL_SET_ERR_MSG(extack,
			       "The clone has a master already: release it first with ip link set dev NAME nomaster");
		return -EBUSY;
	}

	return check_clone(pif, dev, ops, extack);
}

static struct eipoib_vif *create_vif(struct eipoib_slave *slave)
{
	struct eipoib_vif_params params = {
		.dev = slave->dev,
		.pkey = slave->ops->pkey(slave->dev),
		.lmc = slave->ops->lmc(slave->dev),
		.mtu = slave->dev->mtu,
	};

	eipoib_slave_read_address(slave, slave->address);
	memcpy(params.address, slave->address, EIPOIB_IB_ADDR_LEN);

	return eipoib_vif_create(slave->pif->core, &params);
}

/* Everything but the link between the two netdevices.  The clone is down. */
static int start_vif(struct eipoib_slave *slave,
		     struct netlink_ext_ack *extack)
{
	struct net_device *dev = slave->dev;
	int err;

	err = slave->ops->vif_start(dev, extack);
	if (err)
		return err;

	slave->vif = create_vif(slave);
	if (!slave->vif) {
		err = -ENOMEM;
		goto err_vif_mode;
	}

	err = netdev_rx_handler_register(dev, eipoib_rx_handle, slave);
	if (err)
		goto err_vif;

	slave->ops->vif_show_stats(dev, &eipoib_ethtool_vif_stats);

	return 0;

err_vif:
	eipoib_vif_destroy(slave->pif->core, slave->vif);
err_vif_mode:
	slave->ops->vif_stop(dev);
	return err;
}

/* The reverse.  Two phases: nobody finds the VIF any more, then it goes. */
static void stop_vif(struct eipoib_slave *slave)
{
	struct net_device *dev = slave->dev;

	dev_close(dev);
	netdev_rx_handler_unregister(dev);
	eipoib_query_stop(slave);
	eipoib_notify_forget(slave);
	eipoib_vif_destroy(slave->pif->core, slave->vif);
	slave->ops->vif_stop(dev);
}

static struct eipoib_slave *alloc_slave(struct eipoib_pif *pif,
					struct net_device *dev,
					const struct e_ipoib_ops *ops)
{
	struct eipoib_slave *slave = kzalloc(sizeof(*slave), GFP_KERNEL);

	if (!slave)
		return NULL;

	slave->pif = pif;
	slave->dev = dev;
	slave->ops = ops;
	eipoib_query_init(slave);
	INIT_LIST_HEAD(&slave->changed);

	return slave;
}

/* From here on the clone belongs to the PIF, or everything is as it was. */
static int enslave(struct eipoib_slave *slave, struct netlink_ext_ack *extack)
{
	struct net_device *pif_dev = slave->pif->dev;
	struct net_device *dev = slave->dev;
	bool was_up = netif_running(dev);
	int err;

	dev_close(dev);
	/*
	 * Before it is opened: clones share their port's GUID, and IPv6 would
	 * find its own address taken on all but one of them.
	 */
	dev->flags |= IFF_SLAVE;

	err = start_vif(slave, extack);
	if (err)
		goto err_flags;

	err = netdev_master_upper_dev_link(dev, pif_dev, slave, NULL, extack);
	if (err)
		goto err_stop;

	err = dev_open(dev, extack);
	if (err)
		goto err_unlink;

	return 0;

err_unlink:
	netdev_upper_dev_unlink(dev, pif_dev);
err_stop:
	stop_vif(slave);
err_flags:
	dev->flags &= ~IFF_SLAVE;
	if (was_up)
		dev_open(dev, NULL);
	return err;
}

/**
 * eipoib_slave_add - enslave a clone
 * @pif_dev: the PIF
 * @dev: the clone; it is opened
 * @extack: says what to do if it is refused
 *
 * Context: RTNL (ndo_add_slave).
 * Return: 0; -EOPNOTSUPP for anything but a clone and for clones of the stock
 * ib_ipoib, -EBUSY if it has a master, -EINVAL for a clone of another
 * interface than the one below the PIF, or what went wrong.
 */
int eipoib_slave_add(struct net_device *pif_dev, struct net_device *dev,
		     struct netlink_ext_ack *extack)
{
	struct eipoib_pif *pif = netdev_priv(pif_dev);
	const struct e_ipoib_ops *ops = get_ops();
	struct eipoib_slave *slave;
	int err;

	ASSERT_RTNL();

	err = check(pif, dev, ops, extack);
	if (err)
		return err;

	slave = alloc_slave(pif, dev, ops);
	if (!slave)
		return -ENOMEM;

	err = enslave(slave, extack);
	if (err)
		goto err_free;

	pif->slave_count++;
	eipoib_sysfs_link(slave);
	eipoib_slave_update_link(slave, false);
	eipoib_pif_update_mtu(pif);
	eipoib_features_join(slave);
	eipoib_notify_pif(pif);

	return 0;

err_free:
	kfree_rcu(slave, rcu);
	return err;
}

/**
 * eipoib_slave_release - take a clone from its PIF; it is left down
 * @slave: freed after a grace period
 *
 * Another VIF of its partition takes over the group receives first.
 *
 * Context: RTNL; also from a netdevice notifier.
 */
void eipoib_slave_release(struct eipoib_slave *slave)
{
	struct eipoib_pif *pif = slave->pif;

	ASSERT_RTNL();

	eipoib_vif_set_carrier(pif->core, slave->vif, false);
	/* Before listeners hear of the new state of the clone. */
	slave->dev->flags &= ~IFF_SLAVE;
	eipoib_sysfs_unlink(slave);
	netdev_upper_dev_unlink(slave->dev, pif->dev);
	pif->slave_count--;
	stop_vif(slave);
	eipoib_pif_update_mtu(pif);
	eipoib_pif_update_carrier(pif);
	eipoib_features_update(pif);
	eipoib_notify_pif(pif);
	kfree_rcu(slave, rcu);
}

/**
 * eipoib_slave_del - release a clone on request
 * @pif_dev: the PIF
 * @dev: the clone
 *
 * Context: RTNL (ndo_del_slave).
 * Return: 0, or -EINVAL if it is no slave of the PIF.
 */
int eipoib_slave_del(struct net_device *pif_dev, struct net_device *dev)
{
	struct eipoib_slave *slave = eipoib_slave_get(dev);

	ASSERT_RTNL();

	if (!slave || slave->pif->dev != pif_dev)
		return -EINVAL;

	eipoib_slave_release(slave);

	return 0;
}
