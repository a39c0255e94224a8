// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The Ethernet device of a trunk: it is known by its name in the network
 * namespace of whoever named it, may go away and come back, and the cable is
 * in while it runs and has carrier.
 */
#include <linux/if_arp.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>

#include "vib.h"

static struct vib_net **all_nets;
static u32 net_count;

static int check_device(const struct vib_trunk *trunk,
			const struct net_device *dev)
{
	const u32 mtu = vib_trunk_mtu(trunk->net->core);

	if (dev->type != ARPHRD_ETHER || dev->flags & IFF_LOOPBACK) {
		pr_err("vib: trunk%u: %s is no Ethernet device\n",
		       vib_trunk_number(trunk), dev->name);
		return -EINVAL;
	}
	if (READ_ONCE(dev->mtu) < mtu) {
		pr_err("vib: trunk%u: %s has an MTU of %u, at least %u is needed (or vib's mtu= less)\n",
		       vib_trunk_number(trunk), dev->name, READ_ONCE(dev->mtu),
		       mtu);
		return -EMSGSIZE;
	}
	return 0;
}

/* Whatever has changed: is the cable in? */
static void follow(struct vib_trunk *trunk)
{
	const struct net_device *dev = rtnl_dereference(trunk->dev);
	bool connected;

	connected = dev && netif_running(dev) && netif_carrier_ok(dev) &&
		    !check_device(trunk, dev);
	vib_trunk_connect(trunk, connected);
}

static void attach(struct vib_trunk *trunk, struct net_device *dev)
{
	netdev_hold(dev, &trunk->tracker, GFP_KERNEL);
	rcu_assign_pointer(trunk->dev, dev);
	trunk->type.dev = dev;
	dev_add_pack(&trunk->type);
	follow(trunk);
}

static void detach(struct vib_trunk *trunk)
{
	struct net_device *dev = rtnl_dereference(trunk->dev);

	if (!dev)
		return;
	RCU_INIT_POINTER(trunk->dev, NULL);
	/* Waits until nobody receives or sends any more. */
	dev_remove_pack(&trunk->type);
	follow(trunk);
	vib_trunk_flush(trunk);
	netdev_put(dev, &trunk->tracker);
}

static bool is_meant(const struct vib_trunk *trunk,
		     const struct net_device *dev)
{
	return !strcmp(dev->name, trunk->name) &&
	       dev_net(dev)->net_cookie == trunk->netns;
}

static void happen(struct vib_trunk *trunk, struct net_device *dev,
		   unsigned long event)
{
	if (rtnl_dereference(trunk->dev) != dev) {
		if ((event == NETDEV_REGISTER || event == NETDEV_CHANGENAME) &&
		    !rtnl_dereference(trunk->dev) && is_meant(trunk, dev) &&
		    !check_device(trunk, dev))
			attach(trunk, dev);
		return;
	}
	switch (event) {
	case NETDEV_UNREGISTER:
		detach(trunk);
		break;
	case NETDEV_CHANGENAME:
		strscpy(trunk->name, dev->name, sizeof(trunk->name));
		break;
	case NETDEV_UP:
	case NETDEV_DOWN:
	case NETDEV_CHANGE:
	case NETDEV_CHANGEMTU:
		follow(trunk);
		break;
	}
}

static int notify(struct notifier_block *block, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	u32 n, i;

	for (n = 0; n < net_count; n++)
		for (i = 0; i < all_nets[n]->trunks; i++)
			happen(&all_nets[n]->trunk[i], dev, event);
	return NOTIFY_DONE;
}

static struct notifier_block notifier = {
	.notifier_call = notify,
};

/**
 * vib_trunk_cable - cable a trunk to a device, or pull its cable
 * @trunk: the trunk
 * @netns: where the device is
 * @name: its name, or an empty string
 * @link: which of the links on one Ethernet
 *
 * Context: may sleep.
 * Return: 0 or an errno: -ENODEV, -EINVAL (no Ethernet), -EMSGSIZE (MTU).
 */
int vib_trunk_cable(struct vib_trunk *trunk, struct net *netns,
		    const char *name, u16 link)
{
	struct net_device *dev = NULL;
	int err = 0;

	rtnl_lock();
	if (*name) {
		dev = __dev_get_by_name(netns, name);
		err = dev ? check_device(trunk, dev) : -ENODEV;
		if (err)
			goto unlock;
	}
	detach(trunk);
	strscpy(trunk->name, name, sizeof(trunk->name));
	trunk->netns = netns->net_cookie;
	trunk->link = link;
	if (dev)
		attach(trunk, dev);
unlock:
	rtnl_unlock();
	return err;
}

/**
 * vib_trunks_start - look after devices
 * @nets: the fabrics
 * @count: how many
 *
 * Context: may sleep.
 * Return: 0 or an errno.
 */
int vib_trunks_start(struct vib_net **nets, u32 count)
{
	all_nets = nets;
	net_count = count;
	return register_netdevice_notifier(&notifier);
}

/**
 * vib_trunks_stop - pull all cables
 *
 * Context: may sleep.
 */
void vib_trunks_stop(void)
{
	/* To the notifier each device goes away. */
	unregister_netdevice_notifier(&notifier);
}
