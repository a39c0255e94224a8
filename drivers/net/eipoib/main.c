// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * eth_ipoib: Ethernet interfaces above IPoIB interfaces.  What the module
 * registers, and in which order.
 */

#include <linux/module.h>
#include <net/rtnetlink.h>

#include "eipoib.h"

static int __init eipoib_init(void)
{
	int err;

	/*
	 * The notifier first: a PIF that an administrator makes must never
	 * outlive its IPoIB interface.
	 */
	err = register_netdevice_notifier(&eipoib_notifier);
	if (err)
		return err;

	err = rtnl_link_register(&eipoib_link_ops);
	if (err)
		goto err_notifier;

	return 0;

err_notifier:
	unregister_netdevice_notifier(&eipoib_notifier);
	/* Pairs with call_rcu() in platform.c and kfree_rcu() in slave.c. */
	rcu_barrier();
	return err;
}

static void __exit eipoib_exit(void)
{
	rtnl_link_unregister(&eipoib_link_ops);
	unregister_netdevice_notifier(&eipoib_notifier);
	/* Pairs with call_rcu() in platform.c and kfree_rcu() in slave.c. */
	rcu_barrier();
}

module_init(eipoib_init);
module_exit(eipoib_exit);

MODULE_DESCRIPTION("Ethernet interfaces over IP-over-InfiniBand");
MODULE_LICENSE("Dual BSD/GPL");
MODULE_ALIAS_RTNL_LINK("eipoib");
