// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The case tables as a KUnit suite: a parametrised test per table.
 */

#include <kunit/test.h>
#include <linux/bottom_half.h>
#include <linux/module.h>
#include <linux/rcupdate.h>

#include "abi/kunit.h"

static int scene_init(struct kunit *test)
{
	return eipoib_kunit_scene_create() ? 0 : -ENOMEM;
}

static void scene_exit(struct kunit *test)
{
	eipoib_kunit_scene_destroy();
}

static void run(struct kunit *test, enum eipoib_kunit_table table)
{
	const char *why;

	local_bh_disable();
	rcu_read_lock();
	why = eipoib_kunit_run(table, test->param_value);
	rcu_read_unlock();
	local_bh_enable();

	if (why)
		KUNIT_FAIL(test, "not as in the table: %s", why);
}

#define TABLE_TEST(table)						\
	static const void *table##_next(const void *prev, char *desc)	\
	{								\
		return eipoib_kunit_next(EIPOIB_KUNIT_##table,		\
					 prev, desc);			\
	}								\
	static void table(struct kunit *test)				\
	{								\
		run(test, EIPOIB_KUNIT_##table);			\
	}
EIPOIB_KUNIT_TABLES(TABLE_TEST)

#define TABLE_CASE(table) KUNIT_CASE_PARAM(table, table##_next),
static struct kunit_case eipoib_cases[] = {
	EIPOIB_KUNIT_TABLES(TABLE_CASE)
	{}
};

static struct kunit_suite eipoib_suite = {
	.name = "eipoib",
	.init = scene_init,
	.exit = scene_exit,
	.test_cases = eipoib_cases,
};

#ifdef MODULE
static struct kunit_suite *suites[] = { &eipoib_suite };

/* Not kunit_test_suite(): a kernel without KUnit does not look for them. */
static int __init eipoib_kunit_init(void)
{
	pr_info("KTAP version 1\n1..%zu\n", ARRAY_SIZE(suites));
	return __kunit_test_suites_init(suites, ARRAY_SIZE(suites));
}
module_init(eipoib_kunit_init);

static void __exit eipoib_kunit_exit(void)
{
	__kunit_test_suites_exit(suites, ARRAY_SIZE(suites));
	/* What the core freed after a grace period is freed by our code. */
	rcu_barrier();
}
module_exit(eipoib_kunit_exit);
#else
kunit_test_suite(eipoib_suite);
#endif

MODULE_DESCRIPTION("KUnit tests of eth_ipoib's core");
MODULE_LICENSE("Dual BSD/GPL");
