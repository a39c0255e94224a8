// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * What happens to IPoIB interfaces and what follows for PIFs and slaves.
 *
 * Nothing here moves a netdevice, and nothing adds or deletes a clone: ib_ipoib
 * may hold its vlan_rwsem, and a dying namespace walks its netdevices.
 */

#include <linux/if_arp.h>
#include <linux/notifier.h>

#include "eipoib.h"

static void handle_slave(struct eipoib_slave *slave, unsigned long event)
{
	switch (event) {
	case NETDEV_UP:
	case NETDEV_DOWN:
	case NETDEV_CHANGE:
	case NETDEV_CHANGEADDR:
		eipoib_slave_update_link(slave, false);
		break;
	case NETDEV_GOING_DOWN:
		eipoib_slave_update_link(slave, true);
		break;
	case NETDEV_CHANGEMTU:
		eipoib_slave_update_mtu(slave);
		break;
	case NETDEV_FEAT_CHANGE:
		eipoib_features_update(slave->pif);
		break;
	case NETDEV_CHANGENAME:
		eipoib_sysfs_link(slave);
		break;
	case NETDEV_UNREGISTER:
		eipoib_slave_release(slave);
		break;
	}
}

/*
 * A change of namespace is UNREGISTER in the old one and REGISTER in the new
 * one: the PIF does not move along, a new one is made if that is automatic.
 */
static void handle_other(struct net_device *dev, unsigned long event)
{
	struct eipoib_pif *pif = eipoib_pif_find(dev);

	switch (event) {
	case NETDEV_REGISTER:
		if (eipoib_automatic && !pif && eipoib_pif_accepts(dev))
			eipoib_pif_create(dev);
		break;
	case NETDEV_CHANGEMTU:
		if (pif)
			eipoib_pif_update_mtu(pif);
		break;
	case NETDEV_UNREGISTER:
		if (pif)
			eipoib_pif_destroy(pif);
		break;
	}
}

/* ndo_set_mac_address() cannot say why it refuses. */
static int check_address(struct net_device *dev, void *info)
{
	const struct netdev_notifier_pre_changeaddr_info *change = info;
	const struct eipoib_pif *pif = netdev_priv(dev);
	struct netlink_ext_ack *extack;
	const char *why = NULL;
	int err;

	err = eipoib_core_check_move(pif->core, dev->dev_addr,
				     change->dev_addr, &why);
	extack = netdev_notifier_info_to_extack(info);
	if (err && extack)
		extack->_msg = why;

	return notifier_from_errno(err);
}

/* It may be on its way from one namespace to another. */
static void update_links(struct eipoib_pif *pif, bool is_there)
{
	struct eipoib_slave *slave;
	struct list_head *iter;

	eipoib_for_each_slave(pif, slave, iter) {
		if (is_there)
			eipoib_sysfs_link(slave);
		else
			eipoib_sysfs_unlink(slave);
	}
}

static int handle_pif(struct net_device *dev, unsigned long event, void *info)
{
	switch (event) {
	case NETDEV_PRE_CHANGEADDR:
		return check_address(dev, info);
	case NETDEV_REGISTER:
	case NETDEV_UNREGISTER:
		update_links(netdev_priv(dev), event == NETDEV_REGISTER);
		break;
	}

	return NOTIFY_DONE;
}

static int handle_event(struct notifier_block *block, unsigned long event,
			void *info)
{
	struct net_device *dev = netdev_notifier_info_to_dev(info);
	struct eipoib_slave *slave;

	if (dev->netdev_ops == &eipoib_netdev_ops)
		return handle_pif(dev, event, info);

	if (dev->type != ARPHRD_INFINIBAND)
		return NOTIFY_DONE;

	slave = eipoib_slave_get(dev);
	if (slave)
		handle_slave(slave, event);
	else
		handle_other(dev, event);

	return NOTIFY_DONE;
}

struct notifier_block eipoib_notifier = {
	.notifier_call = handle_event,
};
