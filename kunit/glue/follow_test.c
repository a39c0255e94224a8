// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * What happens to a clone, and what follows for its PIF.
 */

#include <linux/etherdevice.h>

#include "fixture.h"
#include "abi/kernel.h"

static int set_mtu(struct net_device *dev, int mtu)
{
	int err;

	rtnl_lock();
	err = dev_set_mtu(dev, mtu);
	rtnl_unlock();

	return err;
}

static void carrier(struct kunit *test)
{
	struct glue *glue = test->priv;

	glue_add_second(test);
	mock_ipoib_set_carrier(glue->clone, false);
	KUNIT_EXPECT_TRUE(test, netif_carrier_ok(glue->pif->dev));
	mock_ipoib_set_carrier(glue->second, false);
	KUNIT_EXPECT_FALSE(test, netif_carrier_ok(glue->pif->dev));
	mock_ipoib_set_carrier(glue->clone, true);
	KUNIT_EXPECT_TRUE(test, netif_carrier_ok(glue->pif->dev));

	rtnl_lock();
	dev_close(glue->clone);
	rtnl_unlock();
	KUNIT_EXPECT_FALSE(test, netif_carrier_ok(glue->pif->dev));
}

static void mtu(struct kunit *test)
{
	struct glue *glue = test->priv;
	struct net_device *dev = glue->pif->dev;

	KUNIT_EXPECT_EQ(test, dev->mtu, 2044);
	KUNIT_EXPECT_EQ(test, set_mtu(glue->clone, 1500), 0);
	KUNIT_EXPECT_EQ(test, dev->mtu, 1500);
	KUNIT_EXPECT_EQ(test, set_mtu(dev, 1600), -EINVAL);

	/* The administrator's stays, and gives way to what is possible. */
	KUNIT_EXPECT_EQ(test, set_mtu(dev, 1400), 0);
	KUNIT_EXPECT_EQ(test, set_mtu(glue->clone, 2044), 0);
	KUNIT_EXPECT_EQ(test, dev->mtu, 1400);
	KUNIT_EXPECT_EQ(test, set_mtu(glue->clone, 1300), 0);
	KUNIT_EXPECT_EQ(test, dev->mtu, 1300);
	KUNIT_EXPECT_EQ(test, set_mtu(glue->clone, 2044), 0);
	KUNIT_EXPECT_EQ(test, dev->mtu, 1400);
	KUNIT_EXPECT_EQ(test, set_mtu(dev, 2044), 0);
	KUNIT_EXPECT_EQ(test, set_mtu(glue->clone, 4000), 0);
	KUNIT_EXPECT_EQ(test, dev->mtu, 4000);
}

/* ib_ipoib tells of a new GID with the carrier that comes back. */
static void address(struct kunit *test)
{
	struct glue *glue = test->priv;
	const u8 *known = glue->slave->address;
	const u8 *last = known + EIPOIB_IB_ADDR_LEN - 1;

	mock_ipoib_set_gid(glue->clone, 0x77);
	mock_ipoib_set_carrier(glue->clone, false);
	mock_ipoib_set_carrier(glue->clone, true);
	KUNIT_EXPECT_EQ(test, *last, 0x77);

	/* Without memory the old one stays, and it is tried again. */
	mock_ipoib_set_gid(glue->clone, 0x78);
	spy_fail(SPY_kvzalloc, 1);
	mock_ipoib_set_carrier(glue->clone, true);
	KUNIT_EXPECT_TRUE(test, spy_has_failed());
	KUNIT_EXPECT_EQ(test, *last, 0x77);
	mock_ipoib_set_carrier(glue->clone, true);
	KUNIT_EXPECT_EQ(test, memcmp(known, glue->clone->dev_addr,
				     EIPOIB_IB_ADDR_LEN), 0);
}

static void set_rxcsum(struct net_device *dev, bool is_on)
{
	rtnl_lock();
	dev->wanted_features &= ~NETIF_F_RXCSUM;
	if (is_on)
		dev->wanted_features |= NETIF_F_RXCSUM;
	netdev_update_features(dev);
	rtnl_unlock();
}

static void receive_checksums(struct kunit *test)
{
	struct glue *glue = test->priv;
	const struct net_device *dev = glue->pif->dev;

	glue_add_second(test);
	KUNIT_EXPECT_TRUE(test, dev->features & NETIF_F_RXCSUM);
	set_rxcsum(glue->second, false);
	KUNIT_EXPECT_FALSE(test, dev->features & NETIF_F_RXCSUM);
	set_rxcsum(glue->second, true);
	KUNIT_EXPECT_TRUE(test, dev->features & NETIF_F_RXCSUM);
}

static void ask(struct glue *glue, u16 lid)
{
	rcu_read_lock_bh();
	eipoib_k_query_lid(glue->clone, 0x50, lid);
	rcu_read_unlock_bh();
}

static void questions_to_the_sa(struct kunit *test)
{
	struct glue *glue = test->priv;
	struct mock_ipoib *mock = mock_of(glue->clone);
	DECLARE_COMPLETION_ONSTACK(gate);
	unsigned int i;

	mock->lid_error = 0;
	ask(glue, 1);
	KUNIT_EXPECT_TRUE(test, glue_wait_until(atomic_read(&mock->lid_count) ==
						1));
	flush_work(&glue->slave->queries.work);
	mock->lid_error = -ENOENT;
	ask(glue, 2);
	KUNIT_EXPECT_TRUE(test, glue_wait_until(atomic_read(&mock->lid_count) ==
						2));
	flush_work(&glue->slave->queries.work);

	/* One is being asked, EIPOIB_QUERIES_MAX wait, the rest is lost. */
	mock->lid_gate = &gate;
	ask(glue, 3);
	KUNIT_EXPECT_TRUE(test, glue_wait_until(atomic_read(&mock->lid_count) ==
						3));
	for (i = 0; i < 2 * EIPOIB_QUERIES_MAX; i++)
		ask(glue, i);
	KUNIT_EXPECT_EQ(test, glue->slave->queries.count, EIPOIB_QUERIES_MAX);
	complete_all(&gate);
	flush_work(&glue->slave->queries.work);
	KUNIT_EXPECT_EQ(test, atomic_read(&mock->lid_count),
			3 + EIPOIB_QUERIES_MAX);
}

/* The SA answers while the VIF is being released. */
static void a_question_outlives_no_vif(struct kunit *test)
{
	struct glue *glue = test->priv;
	struct mock_ipoib *mock = mock_of(glue->clone);
	DECLARE_COMPLETION_ONSTACK(gate);

	mock->lid_gate = &gate;
	ask(glue, 1);
	ask(glue, 2);
	KUNIT_EXPECT_TRUE(test, glue_wait_until(atomic_read(&mock->lid_count) ==
						1));
	rtnl_lock();
	complete_all(&gate);
	KUNIT_EXPECT_EQ(test, eipoib_slave_del(glue->pif->dev, glue->clone),
			0);
	rtnl_unlock();
	/* The mock complains of a question after vif_stop. */
	KUNIT_EXPECT_LE(test, atomic_read(&mock->lid_count), 2);
	ask(glue, 3);
}

/* Twice a second hand has gone round. */
static void the_tick_goes_on(struct kunit *test)
{
	struct glue *glue = test->priv;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_NE(test, work_busy(&glue->pif->tick.work), 0);
		mod_delayed_work(system_wq, &glue->pif->tick, 0);
		flush_delayed_work(&glue->pif->tick);
	}
	KUNIT_EXPECT_NE(test, work_busy(&glue->pif->tick.work), 0);
}

static struct kunit_case tests[] = {
	KUNIT_CASE(carrier),
	KUNIT_CASE(mtu),
	KUNIT_CASE(address),
	KUNIT_CASE(receive_checksums),
	KUNIT_CASE(questions_to_the_sa),
	KUNIT_CASE(a_question_outlives_no_vif),
	KUNIT_CASE(the_tick_goes_on),
	{}
};

struct kunit_suite glue_follow_suite = {
	.name = "eipoib-follow",
	.init = glue_init,
	.exit = glue_exit,
	.test_cases = tests,
};
