// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * From ethX to the fabric: asks the core what is to become of a frame and does
 * it.
 */

#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "eipoib.h"

/* The frame may not be ours alone, and its head must be in one piece. */
static struct sk_buff *get_own(struct sk_buff *skb)
{
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (!skb)
		return NULL;

	/* The core only knows of accelerated tags of one kind. */
	if (skb_vlan_tag_present(skb) && skb->vlan_proto != htons(ETH_P_8021Q))
		skb = __vlan_hwaccel_push_inside(skb);
	if (!skb)
		return NULL;

	if (!pskb_may_pull(skb, min_t(u32, skb->len, EIPOIB_HEAD_MAX))) {
		kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
		return NULL;
	}

	return skb;
}

static void make_plan(struct eipoib_pif *pif, const struct sk_buff *skb,
		      struct eipoib_tx_plan *plan)
{
	struct eipoib_tx_frame frame = {
		.head = skb->data,
		.head_len = skb_headlen(skb),
		.len = skb->len,
		.vlan_tci = EIPOIB_TCI_NONE,
		.is_gso = skb_is_gso(skb),
	};

	if (skb_vlan_tag_present(skb))
		frame.vlan_tci = skb_vlan_tag_get(skb);

	/* CONTRACT: with bottom halves off this is an RCU read-side section. */
	eipoib_tx_plan_frame(pif->core, &frame, plan);
}

/* @skb starts with the payload and has room in front of it. */
static void push_link_header(struct sk_buff *skb,
			     const struct eipoib_tx_plan *plan)
{
	memcpy(skb_push(skb, EIPOIB_LINK_HLEN), plan->header,
	       EIPOIB_LINK_HLEN);
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, EIPOIB_LINK_HLEN);
	skb_reset_mac_len(skb);
	skb->protocol = htons(plan->protocol);
	skb->dev = plan->dev;
}

/* Return: the frame with another link header, or NULL and @skb as it was. */
static struct sk_buff *forward(struct sk_buff *skb,
			       const struct eipoib_tx_plan *plan)
{
	const struct net_device *vif = plan->dev;

	if (skb_cow_head(skb, EIPOIB_LINK_HLEN - plan->pull +
			      vif->needed_headroom))
		return NULL;

	__skb_pull(skb, plan->pull);
	__vlan_hwaccel_clear_tag(skb);
	push_link_header(skb, plan);

	return skb;
}

/* Return: a new frame in the place of @skb, or NULL and @skb as it was. */
static struct sk_buff *rewrite(struct sk_buff *skb,
			       const struct eipoib_tx_plan *plan)
{
	const struct net_device *vif = plan->dev;
	struct sk_buff *fresh;

	fresh = alloc_skb(LL_RESERVED_SPACE(vif) + plan->payload_len +
			  vif->needed_tailroom, GFP_ATOMIC | __GFP_NOWARN);
	if (!fresh)
		return NULL;

	skb_reserve(fresh, LL_RESERVED_SPACE(vif));
	skb_put_data(fresh, plan->payload, plan->payload_len);
	push_link_header(fresh, plan);
	fresh->priority = skb->priority;
	fresh->mark = skb->mark;
	consume_skb(skb);

	return fresh;
}

static void send(struct eipoib_pif *pif, struct sk_buff *skb,
		 unsigned int bytes)
{
	int err;

	if (!net_eq(dev_net(pif->dev), dev_net(skb->dev)))
		skb_scrub_packet(skb, true);

	err = dev_queue_xmit(skb);
	if (likely(err == NET_XMIT_SUCCESS || err == NET_XMIT_CN))
		eipoib_stats_add_tx(pif, bytes);
	else
		eipoib_stats_add_drop(pif, EIPOIB_REASON_TX_QUEUE);
}

static void carry_out(struct eipoib_pif *pif, struct sk_buff *skb,
		      const struct eipoib_tx_plan *plan)
{
	unsigned int bytes = skb->len;
	struct sk_buff *ready;

	if (plan->verdict == EIPOIB_DROP) {
		eipoib_stats_drop(pif, skb, plan->reason);
		return;
	}

	if (!eipoib_slave_is_ready(plan->dev)) {
		eipoib_stats_drop(pif, skb, EIPOIB_REASON_TX_SLAVE_DOWN);
		return;
	}

	if (plan->verdict == EIPOIB_FORWARD)
		ready = forward(skb, plan);
	else
		ready = rewrite(skb, plan);

	if (ready)
		send(pif, ready, bytes);
	else
		eipoib_stats_drop(pif, skb, EIPOIB_REASON_TX_NOMEM);
}

/**
 * eipoib_tx_start - send a frame
 * @skb: consumed
 * @dev: the PIF
 *
 * Context: bottom halves off (ndo_start_xmit), on any number of CPUs at once.
 * Return: NETDEV_TX_OK, whatever became of the frame.
 */
netdev_tx_t eipoib_tx_start(struct sk_buff *skb, struct net_device *dev)
{
	struct eipoib_pif *pif = netdev_priv(dev);
	struct eipoib_tx_plan plan;

	skb = get_own(skb);
	if (unlikely(!skb)) {
		eipoib_stats_add_drop(pif, EIPOIB_REASON_TX_NOMEM);
		return NETDEV_TX_OK;
	}

	make_plan(pif, skb, &plan);
	carry_out(pif, skb, &plan);

	return NETDEV_TX_OK;
}
