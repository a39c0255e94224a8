// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The second hand of a PIF: lets the core forget what is old.
 */

#include <linux/rcupdate.h>
#include <linux/workqueue.h>

#include "eipoib.h"

/* Idle machines need not wake up for it. */
static void start_next(struct eipoib_pif *pif)
{
	schedule_delayed_work(&pif->tick, HZ);
}

static void tick(struct work_struct *work)
{
	struct eipoib_pif *pif = container_of(to_delayed_work(work),
					      struct eipoib_pif, tick);

	rcu_read_lock_bh();
	eipoib_core_tick(pif->core);
	rcu_read_unlock_bh();
	start_next(pif);
}

/**
 * eipoib_tick_start - start ticking
 * @pif: has its core
 *
 * Context: any.
 */
void eipoib_tick_start(struct eipoib_pif *pif)
{
	INIT_DEFERRABLE_WORK(&pif->tick, tick);
	start_next(pif);
}

/**
 * eipoib_tick_stop - no tick any more
 * @pif: started
 *
 * Context: RTNL, which a tick never takes.
 */
void eipoib_tick_stop(struct eipoib_pif *pif)
{
	cancel_delayed_work_sync(&pif->tick);
}
