// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Enslaving and releasing clones: all or nothing, whatever fails on the way.
 */

#include <linux/etherdevice.h>

#include "fixture.h"

static int enslave(struct glue *glue, struct net_device *dev)
{
	int err;

	rtnl_lock();
	err = eipoib_slave_add(glue->pif->dev, dev, NULL);
	rtnl_unlock();

	return err;
}

static int release(struct glue *glue, struct net_device *dev)
{
	int err;

	rtnl_lock();
	err = eipoib_slave_del(glue->pif->dev, dev);
	rtnl_unlock();

	return err;
}

static bool is_slave(struct net_device *dev)
{
	bool is_slave;

	rtnl_lock();
	is_slave = eipoib_slave_get(dev);
	rtnl_unlock();

	return is_slave;
}

/* As a clone that nobody has touched. */
static void expect_free(struct kunit *test, struct net_device *dev, bool is_up)
{
	const struct mock_ipoib *mock = mock_of(dev);

	rtnl_lock();
	KUNIT_EXPECT_NULL(test, netdev_master_upper_dev_get(dev));
	KUNIT_EXPECT_FALSE(test, netdev_is_rx_handler_busy(dev));
	KUNIT_EXPECT_EQ(test, netif_running(dev), is_up);
	KUNIT_EXPECT_FALSE(test, dev->flags & IFF_SLAVE);
	KUNIT_EXPECT_FALSE(test, mock->is_vif);
	KUNIT_EXPECT_FALSE(test, mock->is_attached);
	KUNIT_EXPECT_NULL(test, mock->stats);
	rtnl_unlock();
}

static void one_is_added_and_released(struct kunit *test)
{
	struct glue *glue = test->priv;
	struct mock_ipoib *mock = mock_of(glue->clone);

	KUNIT_EXPECT_EQ(test, glue->pif->slave_count, 1);
	KUNIT_EXPECT_TRUE(test, glue->clone->flags & IFF_SLAVE);
	KUNIT_EXPECT_TRUE(test, netif_running(glue->clone));
	KUNIT_EXPECT_TRUE(test, netif_carrier_ok(glue->pif->dev));
	KUNIT_EXPECT_TRUE(test, mock->is_vif);
	KUNIT_EXPECT_TRUE(test, mock->is_attached);
	KUNIT_EXPECT_PTR_EQ(test, mock->stats, &eipoib_ethtool_vif_stats);

	KUNIT_EXPECT_EQ(test, release(glue, glue->clone), 0);
	expect_free(test, glue->clone, false);
	KUNIT_EXPECT_EQ(test, glue->pif->slave_count, 0);
	KUNIT_EXPECT_FALSE(test, netif_carrier_ok(glue->pif->dev));
	KUNIT_EXPECT_EQ(test, release(glue, glue->clone), -EINVAL);

	KUNIT_EXPECT_EQ(test, enslave(glue, glue->clone), 0);
	KUNIT_EXPECT_TRUE(test, is_slave(glue->clone));
}

static void not_every_interface_is_taken(struct kunit *test)
{
	struct glue *glue = test->priv;
	struct net_device *main, *clone;
	struct eipoib_pif *other;

	main = mock_ipoib_create(NULL, 0x60, 0xffff);
	KUNIT_ASSERT_NOT_NULL(test, main);
	clone = mock_ipoib_create(main, 0x61, 0xffff);
	KUNIT_ASSERT_NOT_NULL(test, clone);
	rtnl_lock();
	other = eipoib_pif_find(main);
	rtnl_unlock();
	KUNIT_ASSERT_NOT_NULL(test, other);

	KUNIT_EXPECT_EQ(test, enslave(glue, glue->main), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, enslave(glue, other->dev), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, enslave(glue, clone), -EINVAL);
	KUNIT_EXPECT_EQ(test, enslave(glue, glue->clone), -EBUSY);
	expect_free(test, clone, false);

	rtnl_lock();
	KUNIT_EXPECT_EQ(test, eipoib_slave_add(other->dev, clone, NULL), 0);
	KUNIT_EXPECT_EQ(test, eipoib_slave_del(glue->pif->dev, clone),
			-EINVAL);
	rtnl_unlock();
	KUNIT_EXPECT_TRUE(test, is_slave(clone));

	mock_ipoib_destroy(clone);
	mock_ipoib_destroy(main);
}

/**
 * struct failure - what fails in an enslavement, and what is said then
 * @name: of the test's parameter
 * @call: of the kernel, the first one
 * @error: the result
 */
struct failure {
	const char *name;
	enum spy_call call;
	int error;
};

static const struct failure failures[] = {
	{ "vif_start", SPY_NOTHING, -EPERM },
	{ "memory_for_the_slave", SPY_kzalloc, -ENOMEM },
	{ "memory_for_the_vif", SPY_kvzalloc, -ENOMEM },
	{ "receive_handler", SPY_rx_handler_register, -EBUSY },
	{ "link_to_the_pif", SPY_upper_dev_link, -ENOMEM },
	{ "open", SPY_dev_open, -EIO },
};

static void describe(const struct failure *failure, char *desc)
{
	strscpy(desc, failure->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(failure, failures, describe);

static void try_and_fail(struct kunit *test, bool is_up)
{
	const struct failure *failure = test->param_value;
	struct glue *glue = test->priv;
	long live = spy_live();

	if (failure->call == SPY_NOTHING)
		mock_of(glue->second)->start_error = failure->error;
	else
		spy_fail(failure->call, 1);
	KUNIT_EXPECT_EQ(test, enslave(glue, glue->second), failure->error);
	KUNIT_EXPECT_EQ(test, spy_has_failed(),
			failure->call != SPY_NOTHING);
	spy_fail(SPY_NOTHING, 0);
	mock_of(glue->second)->start_error = 0;

	expect_free(test, glue->second, is_up);
	KUNIT_EXPECT_EQ(test, glue->pif->slave_count, 1);
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, spy_live(), live);
}

static void failure_changes_nothing(struct kunit *test)
{
	struct glue *glue = test->priv;

	glue->second = mock_ipoib_create(glue->main, 0x49, 0xffff);
	KUNIT_ASSERT_NOT_NULL(test, glue->second);
	try_and_fail(test, false);
	rtnl_lock();
	KUNIT_EXPECT_EQ(test, dev_open(glue->second, NULL), 0);
	rtnl_unlock();
	try_and_fail(test, true);
	KUNIT_EXPECT_EQ(test, enslave(glue, glue->second), 0);
}

/* Every allocation on the way, until there is none left that can fail. */
static void every_allocation_may_fail(struct kunit *test)
{
	struct glue *glue = test->priv;
	long live = spy_live();
	unsigned int nth = 0;

	glue->second = mock_ipoib_create(glue->main, 0x49, 0xffff);
	KUNIT_ASSERT_NOT_NULL(test, glue->second);
	do {
		spy_fail(SPY_kvzalloc, ++nth);
		if (enslave(glue, glue->second))
			expect_free(test, glue->second, false);
		else
			KUNIT_EXPECT_EQ(test, release(glue, glue->second), 0);
	} while (spy_has_failed() && nth < 100);

	KUNIT_EXPECT_GE(test, nth, 2);
	KUNIT_EXPECT_LT(test, nth, 100);
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, spy_live(), live);
}

/* The same when it gets its MAC; it keeps what it had. */
static void every_allocation_of_a_binding_may_fail(struct kunit *test)
{
	static const u8 mac[] = { 0x52, 0x54, 0x00, 0x67, 0xe9, 0xbd };
	struct eipoib_slave *slave = glue_add_second(test);
	struct eipoib_vif_info info;
	unsigned int nth = 0;
	int err;

	do {
		spy_fail(SPY_kvzalloc, ++nth);
		err = glue_bind(slave, mac);
		rtnl_lock();
		eipoib_vif_get_info(slave->vif, &info);
		rtnl_unlock();
		KUNIT_EXPECT_EQ(test, info.is_bound, !err);
	} while (err && nth < 100);

	KUNIT_EXPECT_FALSE(test, spy_has_failed());
	KUNIT_EXPECT_GE(test, nth, 2);
}

/* A shortage in sysfs is no reason to refuse a slave. */
static void links_may_be_missing(struct kunit *test)
{
	struct glue *glue = test->priv;
	unsigned int nth;

	for (nth = 1; nth <= 2; nth++) {
		KUNIT_EXPECT_EQ(test, release(glue, glue->clone), 0);
		spy_fail(SPY_sysfs_create_link, nth);
		KUNIT_EXPECT_EQ(test, enslave(glue, glue->clone), 0);
		KUNIT_EXPECT_TRUE(test, spy_has_failed());
		KUNIT_EXPECT_TRUE(test, is_slave(glue->clone));
	}
}

/* What vif_attach says is logged, and the VIF works as far as it can. */
static void attach_may_fail(struct kunit *test)
{
	struct glue *glue = test->priv;
	struct mock_ipoib *mock = mock_of(glue->clone);

	KUNIT_EXPECT_EQ(test, release(glue, glue->clone), 0);
	mock->attach_error = -ENODEV;
	KUNIT_EXPECT_EQ(test, enslave(glue, glue->clone), 0);
	rtnl_lock();
	glue->slave = eipoib_slave_get(glue->clone);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, glue_bind(glue->slave, glue_vif_mac), 0);
	KUNIT_EXPECT_FALSE(test, mock->is_attached);
	KUNIT_EXPECT_TRUE(test, netif_carrier_ok(glue->pif->dev));
}

/* One VIF of a partition takes group frames; another takes over. */
static void group_receives_are_handed_over(struct kunit *test)
{
	struct glue *glue = test->priv;
	struct eipoib_slave *second = glue_add_second(test);
	static const u8 mac[] = { 0x52, 0x54, 0x00, 0x67, 0xe9, 0xbd };

	KUNIT_EXPECT_EQ(test, glue_bind(second, mac), 0);
	KUNIT_EXPECT_TRUE(test, mock_of(glue->clone)->is_attached);
	KUNIT_EXPECT_FALSE(test, mock_of(glue->second)->is_attached);

	KUNIT_EXPECT_EQ(test, release(glue, glue->clone), 0);
	KUNIT_EXPECT_FALSE(test, mock_of(glue->clone)->is_attached);
	KUNIT_EXPECT_TRUE(test, mock_of(glue->second)->is_attached);
	KUNIT_EXPECT_EQ(test, mock_of(glue->second)->attach_count, 1);
}

/* An SA that refuses holds RTNL up for a moment, not for good. */
static void a_deaf_vif_is_not_waited_for_long(struct kunit *test)
{
	struct glue *glue = test->priv;
	struct eipoib_slave *second = glue_add_second(test);
	static const u8 mac[] = { 0x52, 0x54, 0x00, 0x67, 0xe9, 0xbd };
	unsigned long start;

	mock_of(glue->second)->is_deaf = true;
	KUNIT_EXPECT_EQ(test, glue_bind(second, mac), 0);
	start = jiffies;
	KUNIT_EXPECT_EQ(test, release(glue, glue->clone), 0);
	KUNIT_EXPECT_TRUE(test, mock_of(glue->second)->is_attached);
	KUNIT_EXPECT_TRUE(test, time_before(jiffies, start + 10 * HZ));
}

static struct kunit_case tests[] = {
	KUNIT_CASE(one_is_added_and_released),
	KUNIT_CASE(not_every_interface_is_taken),
	KUNIT_CASE_PARAM(failure_changes_nothing, failure_gen_params),
	KUNIT_CASE(every_allocation_may_fail),
	KUNIT_CASE(every_allocation_of_a_binding_may_fail),
	KUNIT_CASE(links_may_be_missing),
	KUNIT_CASE(attach_may_fail),
	KUNIT_CASE(group_receives_are_handed_over),
	KUNIT_CASE(a_deaf_vif_is_not_waited_for_long),
	{}
};

struct kunit_suite glue_slave_suite = {
	.name = "eipoib-slave",
	.init = glue_init,
	.exit = glue_exit,
	.test_cases = tests,
};
