// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Who holds what for how long: netdevices, and what readers may still see.
 */

#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/etherdevice.h>
#include <linux/kthread.h>

#include "abi/kernel.h"
#include "fixture.h"

/* References by others, as the link watch, go in their own time. */
#define expect_references(test, dev, count)				\
	KUNIT_EXPECT_TRUE(test, glue_wait_until(netdev_refcnt_read(dev) == \
						(count)))

/* From the first interface on, without the scene. */
static void references_come_back(struct kunit *test)
{
	struct glue *glue = test->priv;
	struct net_device *main, *clone;
	struct eipoib_pif *pif;
	int main_refs, clone_refs;

	eipoib_automatic = false;
	main = mock_ipoib_create(NULL, 0x60, 0xffff);
	KUNIT_ASSERT_NOT_NULL(test, main);
	clone = mock_ipoib_create(main, 0x61, 0xffff);
	KUNIT_ASSERT_NOT_NULL(test, clone);
	eipoib_automatic = true;
	rtnl_lock();
	KUNIT_EXPECT_NULL(test, eipoib_pif_find(main));
	/* What IP stacks keep of an interface that was up once. */
	KUNIT_EXPECT_EQ(test, dev_open(clone, NULL), 0);
	dev_close(clone);
	main_refs = netdev_refcnt_read(main);
	clone_refs = netdev_refcnt_read(clone);
	eipoib_pif_create(main);
	pif = eipoib_pif_find(main);
	rtnl_unlock();
	KUNIT_ASSERT_NOT_NULL(test, pif);
	expect_references(test, main, main_refs + 1);

	rtnl_lock();
	KUNIT_EXPECT_EQ(test, eipoib_slave_add(pif->dev, clone, NULL), 0);
	KUNIT_EXPECT_EQ(test, eipoib_slave_del(pif->dev, clone), 0);
	rtnl_unlock();
	expect_references(test, clone, clone_refs);

	rtnl_lock();
	KUNIT_EXPECT_EQ(test, eipoib_slave_add(pif->dev, clone, NULL), 0);
	eipoib_pif_destroy(pif);
	KUNIT_EXPECT_NULL(test, eipoib_pif_find(main));
	rtnl_unlock();
	expect_references(test, clone, clone_refs);
	expect_references(test, main, main_refs);

	mock_ipoib_destroy(clone);
	mock_ipoib_destroy(main);
	KUNIT_EXPECT_EQ(test, glue->pif->slave_count, 1);
}

/* Whatever goes first takes what stands on it along. */
static void the_clone_goes_first(struct kunit *test)
{
	struct glue *glue = test->priv;

	mock_ipoib_destroy(glue->clone);
	glue->clone = NULL;
	KUNIT_EXPECT_EQ(test, glue->pif->slave_count, 0);
	KUNIT_EXPECT_FALSE(test, netif_carrier_ok(glue->pif->dev));
}

static void the_main_interface_goes_first(struct kunit *test)
{
	struct glue *glue = test->priv;

	mock_ipoib_destroy(glue->main);
	glue->main = NULL;
	KUNIT_EXPECT_FALSE(test, mock_of(glue->clone)->is_vif);
	KUNIT_EXPECT_FALSE(test, glue->clone->flags & IFF_SLAVE);
	mock_of(glue->clone)->parent = NULL;
}

static void the_pif_goes_first(struct kunit *test)
{
	struct glue *glue = test->priv;

	rtnl_lock();
	eipoib_pif_destroy(glue->pif);
	eipoib_pif_destroy(glue->pif);
	rtnl_unlock();
	KUNIT_EXPECT_FALSE(test, mock_of(glue->clone)->is_vif);
	KUNIT_EXPECT_FALSE(test, netif_running(glue->clone));
}

/* A reader that has found something on another CPU and holds on to it. */
struct reader {
	struct glue *glue;
	struct completion is_in;
	bool may_leave;
	long freed;
	bool is_same;
};

static bool may_leave(const struct reader *reader)
{
	/* Pairs with stop_reader(): it has done all that comes before. */
	return smp_load_acquire(&reader->may_leave) ||
	       !netdev_master_upper_dev_get_rcu(reader->glue->clone);
}

static int read_slave(void *data)
{
	struct reader *reader = data;
	struct glue *glue = reader->glue;
	unsigned long end = jiffies + 10 * HZ;
	struct eipoib_slave *slave;
	struct eipoib_vif_info info;
	struct list_head *iter;
	u32 qpn = 0;

	rcu_read_lock();
	eipoib_for_each_slave_rcu(glue->pif, slave, iter)
		break;
	complete(&reader->is_in);
	while (!may_leave(reader) && time_before(jiffies, end))
		cpu_relax();
	if (slave) {
		eipoib_vif_get_info(slave->vif, &info);
		qpn = info.qpn;
	}
	reader->is_same = qpn == 0x48 && slave->dev == glue->clone &&
			  slave->pif == glue->pif;
	reader->freed = spy_freed();
	rcu_read_unlock();

	return 0;
}

static struct task_struct *start_reader(struct kunit *test,
					struct reader *reader)
{
	struct task_struct *task;
	int cpu = cpumask_any_but(cpu_online_mask, get_cpu());

	put_cpu();
	if (cpu >= nr_cpu_ids)
		kunit_skip(test, "one CPU");

	reader->glue = test->priv;
	init_completion(&reader->is_in);
	task = kthread_create(read_slave, reader, "eipoib_reader");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	kthread_bind(task, cpu);
	get_task_struct(task);
	wake_up_process(task);
	wait_for_completion(&reader->is_in);

	return task;
}

static void stop_reader(struct kunit *test, struct reader *reader,
			struct task_struct *task, long freed)
{
	/* Pairs with may_leave(). */
	smp_store_release(&reader->may_leave, true);
	kthread_stop(task);
	put_task_struct(task);
	KUNIT_EXPECT_TRUE(test, reader->is_same);
	KUNIT_EXPECT_EQ(test, reader->freed, freed);
	rcu_barrier();
	KUNIT_EXPECT_GT(test, spy_freed(), freed);
}

/* It is released while a reader has it. */
static void a_slave_outlives_its_readers(struct kunit *test)
{
	struct glue *glue = test->priv;
	struct reader reader = {};
	struct task_struct *task = start_reader(test, &reader);
	long freed = spy_freed();

	rtnl_lock();
	KUNIT_EXPECT_EQ(test, eipoib_slave_del(glue->pif->dev, glue->clone),
			0);
	rtnl_unlock();
	stop_reader(test, &reader, task, freed);
}

/* What the core unlinks without waiting for anybody. */
static void a_peer_outlives_its_readers(struct kunit *test)
{
	struct glue *glue = test->priv;
	struct eipoib_peer peer = { .vlan = EIPOIB_VLAN_NONE };
	struct reader reader = {};
	struct task_struct *task;
	const char *why;
	long freed;

	glue_teach(test);
	rcu_barrier();
	ether_addr_copy(peer.mac, glue_peer_mac);
	task = start_reader(test, &reader);
	freed = spy_freed();
	rtnl_lock();
	KUNIT_EXPECT_EQ(test, eipoib_peer_forget(glue->pif->core, &peer, &why),
			0);
	rtnl_unlock();
	stop_reader(test, &reader, task, freed);
}

/* No reader is there, and still the memory waits for a grace period. */
static void memory_waits_for_a_grace_period(struct kunit *test)
{
	struct eipoib_k_deferred *deferred = eipoib_k_alloc(64, true);
	long live = spy_live();

	KUNIT_ASSERT_NOT_NULL(test, deferred);
	rcu_read_lock();
	eipoib_k_free_deferred(deferred);
	KUNIT_EXPECT_EQ(test, spy_live(), live);
	rcu_read_unlock();
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, spy_live(), live - 1);
}

static struct kunit_case tests[] = {
	KUNIT_CASE(references_come_back),
	KUNIT_CASE(the_clone_goes_first),
	KUNIT_CASE(the_main_interface_goes_first),
	KUNIT_CASE(the_pif_goes_first),
	KUNIT_CASE(a_slave_outlives_its_readers),
	KUNIT_CASE(a_peer_outlives_its_readers),
	KUNIT_CASE(memory_waits_for_a_grace_period),
	{}
};

struct kunit_suite glue_life_suite = {
	.name = "eipoib-life",
	.init = glue_init,
	.exit = glue_exit,
	.test_cases = tests,
};
