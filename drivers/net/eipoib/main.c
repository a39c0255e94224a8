// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * eth_ipoib: Ethernet interfaces above IPoIB interfaces.  What the module
 * registers, and in which order.
 */

#include <linux/module.h>
#include <net/rtnetlink.h>

#include "eipoib.h"

bool eipoib_automatic = true;
module_param_named(automatic, eipoib_automatic, bool, 0644);
MODULE_PARM_DESC(automatic,
		 "Make an Ethernet interface above every IPoIB interface that appears (default Y)");

unsigned int eipoib_max_peers = 65536;

static int set_max_peers(const char *text, const struct kernel_param *param)
{
	return param_set_uint_minmax(text, param, EIPOIB_PEERS_MIN,
				     EIPOIB_PEERS_MAX);
}

static const struct kernel_param_ops max_peers_ops = {
	.set = set_max_peers,
	.get = param_get_uint,
};

module_param_cb(max_peers, &max_peers_ops, &eipoib_max_peers, 0644);
__MODULE_PARM_TYPE(max_peers, "uint");
MODULE_PARM_DESC(max_peers,
		 "Peers, and MACs behind them, that a new PIF remembers at most (16 to 1048576, default 65536)");

static int __init eipoib_init(void)
{
	int err;

	err = register_pernet_subsys(&eipoib_sysfs_net_ops);
	if (err)
		return err;

	/*
	 * Then the notifier: a PIF that an administrator makes must never
	 * outlive its IPoIB interface.
	 */
	err = register_netdevice_notifier(&eipoib_notifier);
	if (err)
		goto err_sysfs;

	err = rtnl_link_register(&eipoib_link_ops);
	if (err)
		goto err_notifier;

	return 0;

err_notifier:
	unregister_netdevice_notifier(&eipoib_notifier);
err_sysfs:
	unregister_pernet_subsys(&eipoib_sysfs_net_ops);
	/* Pairs with call_rcu() in platform.c and kfree_rcu() in slave.c. */
	rcu_barrier();
	return err;
}

static void __exit eipoib_exit(void)
{
	rtnl_link_unregister(&eipoib_link_ops);
	unregister_netdevice_notifier(&eipoib_notifier);
	unregister_pernet_subsys(&eipoib_sysfs_net_ops);
	/* Pairs with call_rcu() in platform.c and kfree_rcu() in slave.c. */
	rcu_barrier();
}

module_init(eipoib_init);
module_exit(eipoib_exit);

MODULE_DESCRIPTION("Ethernet interfaces over IP-over-InfiniBand");
MODULE_LICENSE("Dual BSD/GPL");
MODULE_ALIAS_RTNL_LINK("eipoib");
