// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Questions to the SA: which port has an LID?  The core asks in softirq
 * context, the answer takes its time, so each slave has a short queue.
 */

#include <linux/netdevice.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <rdma/e_ipoib.h>
#include <rdma/ib_verbs.h>

#include "abi/kernel.h"
#include "eipoib.h"

/**
 * eipoib_k_query_lid - ask the SA who has an LID
 * @dev: the VIF's netdevice that asks
 * @qpn: comes back in the answer
 * @lid: the LID
 *
 * One question too many is forgotten: the core asks again if it matters.
 *
 * Context: bottom halves off, RCU read-side section.
 */
void eipoib_k_query_lid(void *dev, u32 qpn, u16 lid)
{
	struct eipoib_slave *slave = eipoib_slave_get_rcu(dev);
	struct eipoib_queries *queries;

	if (!slave)
		return;

	queries = &slave->queries;
	spin_lock(&queries->lock);
	if (queries->count < ARRAY_SIZE(queries->list)) {
		queries->list[queries->count].qpn = qpn;
		queries->list[queries->count].lid = lid;
		queries->count++;
		queue_work(system_long_wq, &queries->work);
	}
	spin_unlock(&queries->lock);
}

/* Return: false if there is none. */
static bool take_first(struct eipoib_queries *queries,
		       struct eipoib_query *first)
{
	bool is_one;

	spin_lock_bh(&queries->lock);
	is_one = queries->count > 0;
	if (is_one) {
		*first = queries->list[0];
		queries->count--;
		memmove(queries->list, queries->list + 1,
			queries->count * sizeof(*first));
	}
	spin_unlock_bh(&queries->lock);

	return is_one;
}

static void ask(struct work_struct *work)
{
	struct eipoib_slave *slave = container_of(work, struct eipoib_slave,
						  queries.work);
	struct eipoib_query query;
	union ib_gid gid;

	while (take_first(&slave->queries, &query)) {
		if (slave->ops->lid_to_gid(slave->dev, query.lid, gid.raw))
			continue;

		rcu_read_lock_bh();
		eipoib_core_answer_lid(slave->pif->core, slave->vif, query.qpn,
				       query.lid, gid.raw);
		rcu_read_unlock_bh();
	}
}

/**
 * eipoib_query_init - no questions yet
 * @slave: the slave
 *
 * Context: any.
 */
void eipoib_query_init(struct eipoib_slave *slave)
{
	spin_lock_init(&slave->queries.lock);
	INIT_WORK(&slave->queries.work, ask);
}

/**
 * eipoib_query_stop - no questions any more
 * @slave: has no receive handler any more, by which it is found
 *
 * Context: RTNL, which a question never takes; waits for the SA.
 */
void eipoib_query_stop(struct eipoib_slave *slave)
{
	spin_lock_bh(&slave->queries.lock);
	slave->queries.count = 0;
	spin_unlock_bh(&slave->queries.lock);

	cancel_work_sync(&slave->queries.work);
}
