// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * From the fabric to ethX: asks the core what is to become of a frame that a
 * VIF received, and does it.  Most frames do not come here (flow.c).
 */

#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "hot.h"

/* ib_ipoib derives the type from the destination GID. */
static bool is_group(const struct sk_buff *skb)
{
	return skb->pkt_type == PACKET_BROADCAST ||
	       skb->pkt_type == PACKET_MULTICAST;
}

static __always_inline struct eipoib_rx_frame
describe(const struct sk_buff *skb)
{
	struct eipoib_rx_frame frame = {
		.link = skb_mac_header(skb),
		.head = skb->data,
		.head_len = skb_headlen(skb),
		.len = skb->len,
		.is_group = is_group(skb),
		.is_gso = skb_is_gso(skb),
	};

	return frame;
}

/* Return: the new payload, or NULL and @plan says what else to do. */
static struct sk_buff *rewrite(struct sk_buff *skb, struct eipoib_slave *slave,
			       struct eipoib_rx_plan *plan)
{
	struct eipoib_rx_frame frame;
	struct sk_buff *fresh;

	fresh = __netdev_alloc_skb_ip_align(slave->pif->dev, EIPOIB_ETH_HLEN +
					    plan->capacity,
					    GFP_ATOMIC | __GFP_NOWARN);
	if (!fresh || skb_linearize(skb)) {
		plan->verdict = EIPOIB_DROP;
		plan->reason = EIPOIB_REASON_RX_NOMEM;
		goto discard;
	}

	skb_reserve(fresh, EIPOIB_ETH_HLEN);
	frame = describe(skb);
	eipoib_rx_rewrite(slave->pif->core, slave->vif, &frame, plan,
			  fresh->data);
	if (plan->verdict != EIPOIB_REWRITE)
		goto discard;

	skb_put(fresh, plan->payload_len);
	return fresh;

discard:
	consume_skb(fresh);
	return NULL;
}

/* Return: what enters the PIF for EIPOIB_REWRITE, else NULL. */
static __always_inline struct sk_buff *decide(struct sk_buff *skb,
					      struct eipoib_slave *slave,
					      struct eipoib_rx_plan *plan)
{
	struct eipoib_rx_frame frame = describe(skb);

	/* CONTRACT: an rx handler runs in an RCU read-side section. */
	eipoib_rx_plan_frame(slave->pif->core, slave->vif, &frame, plan);
	if (likely(plan->verdict != EIPOIB_REWRITE))
		return NULL;

	return rewrite(skb, slave, plan);
}

/**
 * eipoib_rx_finish - let a frame look as if ethX had received it
 * @skb: starts with its Ethernet header
 * @dev: the PIF
 * @vlan: VLAN ID or EIPOIB_VLAN_NONE
 *
 * Context: any.
 */
void eipoib_rx_finish(struct sk_buff *skb, struct net_device *dev, u32 vlan)
{
	/* Which only says so if the frame is not for @dev's own address. */
	skb->pkt_type = PACKET_HOST;
	skb->protocol = eth_type_trans(skb, dev);
	skb_reset_network_header(skb);
	skb_reset_mac_len(skb);

	if (vlan == EIPOIB_VLAN_NONE)
		__vlan_hwaccel_clear_tag(skb);
	else
		__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q), vlan);
}

static __always_inline void push_header(struct sk_buff *skb,
					const struct eipoib_rx_plan *plan)
{
	memcpy(skb_push(skb, plan->header_len), plan->header,
	       plan->header_len);
}

/* Return: the frame with another link header, or NULL and it was dropped. */
static struct sk_buff *forward(struct sk_buff *skb, struct eipoib_slave *slave,
			       const struct eipoib_rx_plan *plan)
{
	struct net_device *dev = slave->pif->dev;

	/* A packet socket may hold a clone that shows the IPoIB header. */
	if (plan->header_len &&
	    eipoib_stats_cow_head(slave->pif, skb, plan->header_len,
				  EIPOIB_NOTE_RX_REALLOC)) {
		eipoib_stats_drop_rx(slave, skb, EIPOIB_REASON_RX_NOMEM);
		return NULL;
	}

	if (!net_eq(dev_net(slave->dev), dev_net(dev)))
		skb_scrub_packet(skb, true);
	push_header(skb, plan);
	eipoib_rx_finish(skb, dev, plan->vlan);
	/* The Ethernet header that it brought along counted as payload. */
	if (!plan->header_len)
		skb_postpull_rcsum(skb, skb_mac_header(skb), EIPOIB_ETH_HLEN);

	return skb;
}

/* Return: the new frame. */
static struct sk_buff *exchange(struct sk_buff *skb, struct sk_buff *fresh,
				const struct eipoib_slave *slave,
				const struct eipoib_rx_plan *plan)
{
	struct net_device *dev = slave->pif->dev;

	push_header(fresh, plan);
	eipoib_rx_finish(fresh, dev, plan->vlan);
	skb_reset_transport_header(fresh);
	if (net_eq(dev_net(slave->dev), dev_net(dev)))
		fresh->tstamp = skb->tstamp;
	consume_skb(skb);

	return fresh;
}

/* Return: what enters the PIF, or NULL and @skb is consumed. */
static struct sk_buff *carry_out(struct sk_buff *skb, struct sk_buff *fresh,
				 struct eipoib_slave *slave,
				 const struct eipoib_rx_plan *plan)
{
	switch (plan->verdict) {
	case EIPOIB_FORWARD:
		return forward(skb, slave, plan);
	case EIPOIB_REWRITE:
		return exchange(skb, fresh, slave, plan);
	case EIPOIB_CONSUME:
		consume_skb(skb);
		return NULL;
	default:
		eipoib_stats_drop_rx(slave, skb, plan->reason);
		return NULL;
	}
}

/* Return: what enters the PIF, or NULL and @skb is consumed. */
static __always_inline struct sk_buff *receive(struct sk_buff *skb,
					       struct eipoib_slave *slave)
{
	struct eipoib_pif *pif = slave->pif;
	struct eipoib_rx_plan plan;
	struct sk_buff *fresh;

	if (!netif_running(pif->dev)) {
		eipoib_stats_drop_rx(slave, skb, EIPOIB_REASON_RX_PIF_DOWN);
		return NULL;
	}

	if (!eipoib_rx_has_header(skb)) {
		eipoib_stats_drop_rx(slave, skb, EIPOIB_REASON_RX_RUNT);
		return NULL;
	}

	if (!pskb_may_pull(skb, min_t(u32, skb->len, EIPOIB_HEAD_MAX))) {
		eipoib_stats_drop_rx(slave, skb, EIPOIB_REASON_RX_NOMEM);
		return NULL;
	}

	fresh = decide(skb, slave, &plan);

	return carry_out(skb, fresh, slave, &plan);
}

/**
 * eipoib_rx_receive_slowly - receive a frame that goes no known way
 * @skb: consumed
 * @slave: has received it
 *
 * Context: softirq, RCU read-side section; on any number of CPUs at once.
 * Return: what enters the PIF, if anything.
 */
struct sk_buff *eipoib_rx_receive_slowly(struct sk_buff *skb,
					 struct eipoib_slave *slave)
{
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (likely(skb))
		return receive(skb, slave);

	eipoib_stats_drop_rx(slave, NULL, EIPOIB_REASON_RX_NOMEM);
	return NULL;
}
