// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Bugs that the debug kernel must report.  tools/suites/debug appends this to
 * the glue; a name written to the module parameter runs one of them.
 */

#include <linux/cpumask.h>
#include <linux/etherdevice.h>
#include <linux/list.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#include "abi/proof.h"

static void proof_reader(unsigned int past)
{
	static void __rcu *pointer;

	WARN_ON(rcu_dereference(pointer));
}

static void proof_reader_sleeps(unsigned int past)
{
	rcu_read_lock();
	schedule_timeout_uninterruptible(1);
	rcu_read_unlock();
}

static void proof_timer_function(struct timer_list *timer)
{
}

static void proof_timer(unsigned int past)
{
	struct timer_list *timer = kmalloc(sizeof(*timer), GFP_KERNEL);

	timer_setup(timer, proof_timer_function, 0);
	mod_timer(timer, jiffies + HZ);
	kfree(timer);
}

static void proof_list(unsigned int past)
{
	LIST_HEAD(head);
	struct list_head entry;

	list_add(&entry, &head);
	list_add(&entry, &head);
}

static void proof_refcount(unsigned int past)
{
	refcount_t count = REFCOUNT_INIT(0);

	refcount_inc(&count);
}

static void proof_tracker(unsigned int past)
{
	netdevice_tracker tracker;
	struct net_device *dev = alloc_netdev(0, "proof", NET_NAME_USER,
					      ether_setup);

	__netdev_tracker_alloc(dev, &tracker, GFP_KERNEL);
	free_netdev(dev);
}

static void proof_net(unsigned int past)
{
	DEBUG_NET_WARN_ON_ONCE(!past);
}

static void proof_inversion(unsigned int past)
{
	static DEFINE_MUTEX(one);
	static DEFINE_MUTEX(other);

	mutex_lock(&one);
	mutex_lock(&other);
	mutex_unlock(&other);
	mutex_unlock(&one);
	mutex_lock(&other);
	mutex_lock(&one);
	mutex_unlock(&one);
	mutex_unlock(&other);
}

/* KCSAN looks at one access of thousands. */
#define PROOF_ROUNDS 1000000

static void proof_on_all_cpus(work_func_t run)
{
	static struct work_struct works[NR_CPUS];
	int cpu;

	for_each_online_cpu(cpu) {
		INIT_WORK(&works[cpu], run);
		schedule_work_on(cpu, &works[cpu]);
	}
	for_each_online_cpu(cpu)
		flush_work(&works[cpu]);
}

static void proof_race_work(struct work_struct *work)
{
	eipoib_core_proof_race(PROOF_ROUNDS);
}

static void proof_race(unsigned int past)
{
	proof_on_all_cpus(proof_race_work);
}

static void proof_order_work(struct work_struct *work)
{
	eipoib_core_proof_order(PROOF_ROUNDS);
}

static void proof_order(unsigned int past)
{
	proof_on_all_cpus(proof_order_work);
}

static const struct {
	const char *name;
	void (*run)(unsigned int past);
} proofs[] = {
	{ "reader", proof_reader },
	{ "reader-sleeps", proof_reader_sleeps },
	{ "sleep", eipoib_core_proof_sleep },
	{ "net", proof_net },
	{ "timer", proof_timer },
	{ "list", proof_list },
	{ "refcount", proof_refcount },
	{ "tracker", proof_tracker },
	{ "inversion", proof_inversion },
	{ "bounds", eipoib_core_proof_bounds },
	{ "shift", eipoib_core_proof_shift },
	{ "heap", eipoib_core_proof_heap },
	{ "stack", eipoib_core_proof_stack },
	{ "freed", eipoib_core_proof_freed },
	{ "leak", eipoib_core_proof_leak },
	{ "race", proof_race },
	{ "order", proof_order },
};

static int proof_set(const char *value, const struct kernel_param *param)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(proofs); i++) {
		if (sysfs_streq(value, proofs[i].name)) {
			proofs[i].run(0);
			return 0;
		}
	}
	return -EINVAL;
}

static const struct kernel_param_ops proof_ops = { .set = proof_set };

module_param_cb(proof, &proof_ops, NULL, 0200);
