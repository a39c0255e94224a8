// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The module: what eth_ipoib's own main.c registers, and the suites above it.
 */

#include <linux/module.h>
#include <net/ipv6.h>

#include "fixture.h"

#ifdef MODULE
static struct kunit_suite *suites[] = {
	&glue_tx_suite, &glue_rx_suite, &glue_hold_suite, &glue_drop_suite,
	&glue_cut_suite, &glue_slave_suite, &glue_follow_suite,
	&glue_life_suite,
};

/* No word of an IP stack on interfaces whose frames are counted. */
static void set_ipv6(bool is_on)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (init_net.ipv6.devconf_dflt)
		init_net.ipv6.devconf_dflt->disable_ipv6 = !is_on;
#endif
}

/* Not kunit_test_suite(): a kernel without KUnit does not look for them. */
static int __init glue_kunit_init(void)
{
	int err = eipoib_init_module();

	if (err)
		return err;

	set_ipv6(false);
	pr_info("KTAP version 1\n1..%zu\n", ARRAY_SIZE(suites));
	return __kunit_test_suites_init(suites, ARRAY_SIZE(suites));
}

static void __exit glue_kunit_exit(void)
{
	__kunit_test_suites_exit(suites, ARRAY_SIZE(suites));
	set_ipv6(true);
	eipoib_cleanup_module();
}

module_init(glue_kunit_init);
module_exit(glue_kunit_exit);
#else
kunit_test_suites(&glue_tx_suite, &glue_rx_suite, &glue_hold_suite,
		  &glue_drop_suite, &glue_cut_suite, &glue_slave_suite,
		  &glue_follow_suite, &glue_life_suite);
#endif

MODULE_DESCRIPTION("KUnit tests of eth_ipoib's glue");
MODULE_LICENSE("Dual BSD/GPL");
