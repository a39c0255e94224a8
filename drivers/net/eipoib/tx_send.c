// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Frames that leave through a VIF: exchanging the link header, and everything
 * that has to be done to an sk_buff before.
 */

#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "hot.h"

/**
 * eipoib_tx_alloc - an empty frame with room for every header of ours
 * @dev: the PIF, or the VIF it will leave through
 * @size: of its payload
 *
 * Context: any.
 * Return: the frame or NULL.
 */
struct sk_buff *eipoib_tx_alloc(const struct net_device *dev,
				unsigned int size)
{
	struct sk_buff *skb;

	skb = alloc_skb(LL_RESERVED_SPACE(dev) + size + dev->needed_tailroom,
			GFP_ATOMIC | __GFP_NOWARN);
	if (skb)
		skb_reserve(skb, LL_RESERVED_SPACE(dev));

	return skb;
}

static int snoop(struct eipoib_pif *pif, struct sk_buff *skb)
{
	struct eipoib_tx_frame frame;

	if (skb_linearize(skb))
		return -ENOMEM;

	frame = eipoib_tx_describe(skb, false);
	eipoib_tx_snoop(pif->core, &frame);

	return 0;
}

static int edit(struct sk_buff *skb, const struct eipoib_edit *edit)
{
	int err = skb_ensure_writable(skb, edit->offset + sizeof(edit->bytes));

	if (!err)
		memcpy(skb->data + edit->offset, edit->bytes,
		       sizeof(edit->bytes));

	return err;
}

/**
 * eipoib_tx_prepare - do what the plan wants of a frame while it has its
 * Ethernet header
 * @pif: the PIF
 * @skb: the frame
 * @plan: its plan
 *
 * Context: rcu_read_lock_bh().
 * Return: 0 or -ENOMEM.
 */
int eipoib_tx_prepare(struct eipoib_pif *pif, struct sk_buff *skb,
		      const struct eipoib_tx_plan *plan)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < plan->edit_count; i++)
		err = edit(skb, &plan->edits[i]);

	if (!err && plan->flags & EIPOIB_PLAN_SNOOP)
		err = snoop(pif, skb);

	/* No hardware looks for a checksum behind two link headers. */
	if (!err && plan->flags & EIPOIB_PLAN_TEB &&
	    skb->ip_summed == CHECKSUM_PARTIAL)
		err = skb_checksum_help(skb);

	return err;
}

/**
 * eipoib_tx_forward - send a frame with another link header
 * @pif: the PIF
 * @skb: consumed
 * @plan: its verdict is EIPOIB_FORWARD
 *
 * Context: rcu_read_lock_bh().
 */
void eipoib_tx_forward(struct eipoib_pif *pif, struct sk_buff *skb,
		       const struct eipoib_tx_plan *plan)
{
	if (unlikely(plan->edit_count || plan->flags) &&
	    eipoib_tx_prepare(pif, skb, plan)) {
		eipoib_stats_drop_tx(pif, plan->dev, skb,
				     EIPOIB_REASON_TX_NOMEM);
		return;
	}

	eipoib_tx_leave(pif, skb, plan->dev, plan->header, plan->pull);
}

/**
 * eipoib_tx_exchange - send another frame in the place of one
 * @pif: the PIF
 * @skb: the old one, consumed
 * @fresh: the new one, consumed; starts with its payload
 * @plan: its verdict is EIPOIB_REWRITE
 *
 * Context: rcu_read_lock_bh().
 */
void eipoib_tx_exchange(struct eipoib_pif *pif, struct sk_buff *skb,
			struct sk_buff *fresh,
			const struct eipoib_tx_plan *plan)
{
	unsigned int bytes = skb->len;

	if (!eipoib_slave_is_ready(plan->dev)) {
		eipoib_stats_drop_tx(pif, plan->dev, skb,
				     EIPOIB_REASON_TX_SLAVE_DOWN);
		goto discard;
	}

	if (eipoib_tx_make_room(pif, fresh, plan->dev, 0)) {
		eipoib_stats_drop_tx(pif, plan->dev, skb,
				     EIPOIB_REASON_TX_NOMEM);
		goto discard;
	}

	fresh->priority = skb->priority;
	fresh->mark = skb->mark;
	consume_skb(skb);
	eipoib_tx_push_header(fresh, plan->dev, plan->header, 0);
	eipoib_tx_send(pif, fresh, bytes);
	return;

discard:
	consume_skb(fresh);
}
