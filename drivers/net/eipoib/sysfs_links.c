// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Which PIF is above what, in sysfs: the links slave_ibX.Y of a PIF and
 * eth_parent of a slave, and /sys/class/net/eth_ipoib_interfaces, which there
 * is one of in each network namespace.
 */

#include <linux/device.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/sysfs.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "compat.h"
#include "eipoib.h"

#define LINK_TO_PIF "eth_parent"

static void format_link(const struct eipoib_slave *slave, char *link)
{
	snprintf(link, EIPOIB_SYSFS_LINK_SIZE, "slave_%s", slave->dev->name);
}

static int create(struct eipoib_slave *slave)
{
	struct kobject *pif = &slave->pif->dev->dev.kobj;
	struct kobject *own = &slave->dev->dev.kobj;
	int err;

	err = sysfs_create_link(own, pif, LINK_TO_PIF);
	if (err)
		return err;

	format_link(slave, slave->sysfs_link);
	err = sysfs_create_link(pif, own, slave->sysfs_link);
	if (err)
		goto err_own;

	return 0;

err_own:
	slave->sysfs_link[0] = '\0';
	sysfs_remove_link(own, LINK_TO_PIF);
	return err;
}

/**
 * eipoib_sysfs_unlink - remove the links between a slave and its PIF
 * @slave: the slave
 *
 * Context: RTNL.
 */
void eipoib_sysfs_unlink(struct eipoib_slave *slave)
{
	ASSERT_RTNL();

	if (!slave->sysfs_link[0])
		return;

	sysfs_remove_link(&slave->pif->dev->dev.kobj, slave->sysfs_link);
	sysfs_remove_link(&slave->dev->dev.kobj, LINK_TO_PIF);
	slave->sysfs_link[0] = '\0';
}

/**
 * eipoib_sysfs_link - make the links between a slave and its PIF, or make them
 * anew
 * @slave: the slave; it may have another name than it had
 *
 * None leads from one namespace into another.  Without them all works but what
 * looks at them.
 *
 * Context: RTNL.
 */
void eipoib_sysfs_link(struct eipoib_slave *slave)
{
	int err;

	eipoib_sysfs_unlink(slave);
	if (!net_eq(dev_net(slave->dev), dev_net(slave->pif->dev)))
		return;

	err = create(slave);
	if (err)
		netdev_warn(slave->dev, "no links in sysfs: error %d\n", err);
}

/**
 * struct interfaces - the file of one namespace
 * @attr: the file
 * @net: the namespace
 * @is_there: it could be made
 */
struct interfaces {
	struct class_attribute attr;
	struct net *net;
	bool is_there;
};

static unsigned int interfaces_id;

static ssize_t show_interfaces(EIPOIB_COMPAT_CONST struct class *class,
			       EIPOIB_COMPAT_CONST struct class_attribute *attr,
			       char *buf)
{
	const struct interfaces *interfaces =
		container_of(attr, struct interfaces, attr);
	const struct eipoib_pif *pif;
	struct net_device *dev;
	int length = 0;

	rcu_read_lock();
	for_each_netdev_rcu(interfaces->net, dev) {
		if (dev->netdev_ops != &eipoib_netdev_ops)
			continue;
		/* CONTRACT: held for as long as the PIF is in the list. */
		pif = netdev_priv(dev);
		length += sysfs_emit_at(buf, length, "%s over IB port: %s\n",
					dev->name, pif->lower->name);
	}
	rcu_read_unlock();

	return length;
}

static const struct class_attribute interfaces_attr = {
	.attr = { .name = "eth_ipoib_interfaces", .mode = 0444 },
	.show = show_interfaces,
};

static int __net_init add_interfaces_file(struct net *net)
{
	struct interfaces *interfaces = net_generic(net, interfaces_id);
	int err;

	interfaces->net = net;
	interfaces->attr = interfaces_attr;
	sysfs_attr_init(&interfaces->attr.attr);
	err = netdev_class_create_file_ns(&interfaces->attr, net);
	interfaces->is_there = !err;
	if (err)
		pr_warn("eth_ipoib: no file %s: error %d\n",
			interfaces_attr.attr.name, err);

	/* A namespace and a module without it are better than none. */
	return 0;
}

static void __net_exit remove_interfaces_file(struct net *net)
{
	struct interfaces *interfaces = net_generic(net, interfaces_id);

	if (interfaces->is_there)
		netdev_class_remove_file_ns(&interfaces->attr, net);
}

struct pernet_operations eipoib_sysfs_net_ops = {
	.init = add_interfaces_file,
	.exit = remove_interfaces_file,
	.id = &interfaces_id,
	.size = sizeof(struct interfaces),
};
