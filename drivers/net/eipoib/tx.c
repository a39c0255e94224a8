// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * From ethX to the fabric: asks the core what is to become of a frame and sees
 * to it.  tx_send.c puts it on a VIF, hold.c keeps what has to wait.  Most
 * frames do not come here (flow.c).
 */

#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "compat.h"
#include "hot.h"

static bool has_tag_in_frame(const struct sk_buff *skb)
{
	return skb->len >= ETH_HLEN &&
	       eth_header_parse_protocol(skb) == htons(ETH_P_8021Q);
}

/* The frame may not be ours alone. */
static struct sk_buff *get_own(struct sk_buff *skb)
{
	skb = skb_share_check(skb, GFP_ATOMIC);

	/* Tags of another kind are content of the frame. */
	if (skb && skb_vlan_tag_present(skb) && !eipoib_has_tag(skb))
		skb = __vlan_hwaccel_push_inside(skb);

	return skb;
}

/* Moves the tag of a frame to where the core looks for it. */
static int accelerate_tag(struct sk_buff *skb)
{
	u16 tci;
	int err;

	err = __skb_vlan_pop(skb, &tci);
	if (!err)
		__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q), tci);

	return err;
}

/* Return: false if it had to be dropped. */
static __always_inline bool normalise(struct eipoib_pif *pif,
				      struct sk_buff *skb)
{
	if (!pskb_may_pull(skb, min_t(u32, skb->len,
				      EIPOIB_HEAD_MAX + VLAN_HLEN)))
		goto no_memory;

	if (eipoib_has_tag(skb) || !has_tag_in_frame(skb))
		return true;

	if (skb->len < VLAN_ETH_HLEN) {
		eipoib_stats_drop_tx(pif, NULL, skb, EIPOIB_REASON_TX_RUNT);
		return false;
	}

	if (!accelerate_tag(skb))
		return true;

no_memory:
	eipoib_stats_drop_tx(pif, NULL, skb, EIPOIB_REASON_TX_NOMEM);
	return false;
}

/* Return: the new payload, or NULL and @plan says what else to do. */
static struct sk_buff *rewrite(struct eipoib_pif *pif, struct sk_buff *skb,
			       bool is_held, struct eipoib_tx_plan *plan)
{
	struct eipoib_tx_frame frame;
	struct sk_buff *fresh;

	fresh = eipoib_tx_alloc(pif->dev, plan->capacity);
	if (!fresh || skb_linearize(skb)) {
		plan->verdict = EIPOIB_DROP;
		plan->reason = EIPOIB_REASON_TX_NOMEM;
		goto discard;
	}

	frame = eipoib_tx_describe(skb, is_held);
	eipoib_tx_rewrite(pif->core, &frame, plan, fresh->data);
	if (plan->verdict != EIPOIB_REWRITE)
		goto discard;

	skb_put(fresh, plan->payload_len);
	return fresh;

discard:
	consume_skb(fresh);
	return NULL;
}

static __always_inline struct sk_buff *decide(struct eipoib_pif *pif,
					      struct sk_buff *skb, bool is_held,
					      struct eipoib_tx_plan *plan)
{
	struct eipoib_tx_frame frame = eipoib_tx_describe(skb, is_held);

	eipoib_tx_plan_frame(pif->core, &frame, plan);
	if (likely(plan->verdict != EIPOIB_REWRITE))
		return NULL;

	return rewrite(pif, skb, is_held, plan);
}

/**
 * eipoib_tx_decide - what is to become of a frame
 * @pif: the PIF
 * @skb: its head linear, its tag accelerated
 * @is_held: it was held before
 * @plan: filled
 *
 * Context: rcu_read_lock_bh().
 * Return: what is to be sent in its place for EIPOIB_REWRITE, else NULL.
 */
struct sk_buff *eipoib_tx_decide(struct eipoib_pif *pif, struct sk_buff *skb,
				 bool is_held, struct eipoib_tx_plan *plan)
{
	return decide(pif, skb, is_held, plan);
}

static __always_inline void process(struct eipoib_pif *pif,
				    struct sk_buff *skb, bool is_held)
{
	struct eipoib_tx_plan plan;
	struct sk_buff *fresh;

	fresh = decide(pif, skb, is_held, &plan);
	if (likely(plan.verdict == EIPOIB_FORWARD))
		eipoib_tx_forward(pif, skb, &plan);
	else
		eipoib_tx_carry_out(pif, skb, fresh, &plan, is_held);
}

static void segment(struct eipoib_pif *pif, struct sk_buff *skb,
		    const struct eipoib_tx_plan *plan, bool is_held)
{
	struct sk_buff *segments, *next;

	if (eipoib_tx_shrink(skb, plan->mtu))
		goto no_memory;

	/* Nothing is left to hardware, which cannot look into such frames. */
	segments = skb_gso_segment(skb, 0);
	if (IS_ERR_OR_NULL(segments))
		goto no_memory;
	consume_skb(skb);

	skb_list_walk_safe(segments, skb, next) {
		skb_mark_not_on_list(skb);
		if (normalise(pif, skb))
			process(pif, skb, is_held);
	}
	return;

no_memory:
	eipoib_stats_drop_tx(pif, plan->dev, skb, EIPOIB_REASON_TX_NOMEM);
}

static void hold(struct eipoib_pif *pif, struct sk_buff *skb,
		 const struct eipoib_tx_plan *plan)
{
	struct sk_buff *copy = NULL;

	if (plan->flags & EIPOIB_PLAN_FLOOD)
		copy = skb_copy(skb, GFP_ATOMIC | __GFP_NOWARN);

	EIPOIB_HELD_CB(skb)->is_flooded = copy;
	eipoib_hold_add(pif, skb);

	if (copy)
		eipoib_tx_forward(pif, copy, plan);
}

/**
 * eipoib_tx_carry_out - do what was decided
 * @pif: the PIF
 * @skb: consumed
 * @fresh: from eipoib_tx_decide(), consumed
 * @plan: from eipoib_tx_decide()
 * @is_held: it was held before, or is part of a frame that was
 *
 * Context: rcu_read_lock_bh(), the section that eipoib_tx_decide() was in.
 */
void eipoib_tx_carry_out(struct eipoib_pif *pif, struct sk_buff *skb,
			 struct sk_buff *fresh,
			 const struct eipoib_tx_plan *plan, bool is_held)
{
	switch (plan->verdict) {
	case EIPOIB_FORWARD:
		eipoib_tx_forward(pif, skb, plan);
		break;
	case EIPOIB_REWRITE:
		eipoib_tx_exchange(pif, skb, fresh, plan);
		break;
	case EIPOIB_SEGMENT:
		segment(pif, skb, plan, is_held);
		break;
	case EIPOIB_FRAGMENT:
		eipoib_tx_cut(pif, skb, plan);
		break;
	case EIPOIB_HOLD:
		/* A frame waits as a whole or not at all. */
		if (is_held)
			eipoib_stats_drop_tx(pif, plan->dev, skb,
					     EIPOIB_REASON_TX_UNRESOLVED);
		else
			hold(pif, skb, plan);
		break;
	case EIPOIB_CONSUME:
		consume_skb(skb);
		break;
	default:
		eipoib_stats_drop_tx(pif, plan->dev, skb, plan->reason);
	}
}

/**
 * eipoib_tx_start_slowly - send a frame that goes no known way
 * @pif: the PIF
 * @skb: consumed
 *
 * Context: rcu_read_lock_bh(), on any number of CPUs at once.
 */
void eipoib_tx_start_slowly(struct eipoib_pif *pif, struct sk_buff *skb)
{
	skb = get_own(skb);
	if (!skb)
		eipoib_stats_drop_tx(pif, NULL, NULL, EIPOIB_REASON_TX_NOMEM);
	else if (normalise(pif, skb))
		process(pif, skb, false);
}
