// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Frames that wait for their destination to be known: one queue per PIF, in
 * the order they came.  When one may go is the core's decision.
 *
 * The core counts the frames that wait for a MAC, from EIPOIB_HOLD to
 * eipoib_tx_released(), and has later frames to that MAC wait, too.  So no
 * lock is needed between deciding to hold a frame and queueing it, nor while
 * the queue is worked through.
 */

#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/workqueue.h>

#include "eipoib.h"

/* Deadlines are the core's, and none is shorter. */
#define RETRY msecs_to_jiffies(50)

/**
 * eipoib_hold_add - keep a frame
 * @pif: the PIF
 * @skb: kept; the core has just decided to hold it
 *
 * Context: bottom halves off.
 */
void eipoib_hold_add(struct eipoib_pif *pif, struct sk_buff *skb)
{
	eipoib_stats_add_note(pif, EIPOIB_NOTE_TX_HELD);
	skb_queue_tail(&pif->held, skb);
	schedule_delayed_work(&pif->replay, RETRY);
}

/**
 * eipoib_hold_replay - decide again on all frames, soon
 * @pif: the PIF
 *
 * Context: any.
 */
void eipoib_hold_replay(struct eipoib_pif *pif)
{
	mod_delayed_work(system_wq, &pif->replay, 0);
}

static bool has_same_destination(struct sk_buff_head *frames,
				 const struct sk_buff *skb)
{
	const struct sk_buff *other;

	skb_queue_walk(frames, other) {
		if (ether_addr_equal(other->data, skb->data))
			return true;
	}

	return false;
}

/* Return: false if it has to wait on; @waiting are those before it. */
static bool try_release(struct eipoib_pif *pif, struct sk_buff *skb,
			struct sk_buff_head *waiting)
{
	bool may_wait = netif_running(pif->dev);
	struct eipoib_tx_plan plan = {};
	struct sk_buff *fresh;

	fresh = eipoib_tx_decide(pif, skb, true, &plan);

	/* The way may have become known since the one before was asked for. */
	if (may_wait && (plan.verdict == EIPOIB_HOLD ||
			 has_same_destination(waiting, skb))) {
		consume_skb(fresh);
		return false;
	}

	eipoib_tx_carry_out(pif, skb, fresh, &plan, true);
	eipoib_tx_released(pif->core, plan.held);

	return true;
}

static void replay(struct work_struct *work)
{
	struct eipoib_pif *pif = container_of(to_delayed_work(work),
					      struct eipoib_pif, replay);
	struct sk_buff_head frames, waiting;
	struct sk_buff *skb;

	__skb_queue_head_init(&frames);
	__skb_queue_head_init(&waiting);

	spin_lock_bh(&pif->held.lock);
	skb_queue_splice_init(&pif->held, &frames);
	spin_unlock_bh(&pif->held.lock);

	while ((skb = __skb_dequeue(&frames))) {
		rcu_read_lock_bh();
		if (!try_release(pif, skb, &waiting))
			__skb_queue_tail(&waiting, skb);
		rcu_read_unlock_bh();
	}

	if (skb_queue_empty(&waiting))
		return;

	/* In front of what has come since. */
	spin_lock_bh(&pif->held.lock);
	skb_queue_splice(&waiting, &pif->held);
	spin_unlock_bh(&pif->held.lock);
	schedule_delayed_work(&pif->replay, RETRY);
}

/**
 * eipoib_hold_init - no frames yet
 * @pif: the PIF
 *
 * Context: any.
 */
void eipoib_hold_init(struct eipoib_pif *pif)
{
	skb_queue_head_init(&pif->held);
	INIT_DELAYED_WORK(&pif->replay, replay);
}

/**
 * eipoib_hold_flush - let all frames go, those without a destination by
 * dropping them
 * @pif: is down, so no frame is added any more
 *
 * Context: RTNL, which a replay never takes.
 */
void eipoib_hold_flush(struct eipoib_pif *pif)
{
	eipoib_hold_replay(pif);
	flush_delayed_work(&pif->replay);
}

/**
 * eipoib_hold_stop - no replay any more
 * @pif: has no VIFs, and nothing that calls eipoib_hold_replay()
 *
 * Context: RTNL.
 */
void eipoib_hold_stop(struct eipoib_pif *pif)
{
	cancel_delayed_work_sync(&pif->replay);
}
