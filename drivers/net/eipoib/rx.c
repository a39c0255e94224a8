// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * From the fabric to ethX: asks the core what is to become of a frame that a
 * VIF received, and does it.
 */

#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "eipoib.h"

/* ib_ipoib derives the type from the destination GID. */
static bool is_group(const struct sk_buff *skb)
{
	return skb->pkt_type == PACKET_BROADCAST ||
	       skb->pkt_type == PACKET_MULTICAST;
}

/* Return: false if there is no IPoIB link header, as on a runt. */
static bool has_link_header(const struct sk_buff *skb)
{
	return skb_mac_offset(skb) == -EIPOIB_LINK_HLEN;
}

static void make_plan(struct eipoib_slave *slave, const struct sk_buff *skb,
		      struct eipoib_rx_plan *plan)
{
	struct eipoib_rx_frame frame = {
		.link = skb_mac_header(skb),
		.head = skb->data,
		.head_len = skb_headlen(skb),
		.len = skb->len,
		.is_group = is_group(skb),
		.is_gso = skb_is_gso(skb),
	};

	/* CONTRACT: an rx handler runs in an RCU read-side section. */
	eipoib_rx_plan_frame(slave->pif->core, slave->vif, &frame, plan);
}

/* @skb starts with the payload and has room in front of it. */
static void push_ethernet_header(struct sk_buff *skb, struct net_device *dev,
				 const struct eipoib_rx_plan *plan)
{
	memcpy(skb_push(skb, EIPOIB_ETH_HLEN), plan->header, EIPOIB_ETH_HLEN);

	/* Which only says so if the frame is not for @dev's own address. */
	skb->pkt_type = PACKET_HOST;
	skb->protocol = eth_type_trans(skb, dev);
	skb_reset_network_header(skb);
	skb_reset_mac_len(skb);

	if (plan->vlan == EIPOIB_VLAN_NONE)
		__vlan_hwaccel_clear_tag(skb);
	else
		__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q), plan->vlan);
}

/* Return: the frame with another link header, or NULL and @skb as it was. */
static struct sk_buff *forward(struct sk_buff *skb,
			       const struct eipoib_slave *slave,
			       const struct eipoib_rx_plan *plan)
{
	struct net_device *dev = slave->pif->dev;

	/* A packet socket may hold a clone that shows the IPoIB header. */
	if (skb_cow_head(skb, EIPOIB_ETH_HLEN))
		return NULL;

	if (!net_eq(dev_net(slave->dev), dev_net(dev)))
		skb_scrub_packet(skb, true);
	push_ethernet_header(skb, dev, plan);

	return skb;
}

/* Return: a new frame in the place of @skb, or NULL and @skb as it was. */
static struct sk_buff *rewrite(struct sk_buff *skb,
			       const struct eipoib_slave *slave,
			       const struct eipoib_rx_plan *plan)
{
	struct net_device *dev = slave->pif->dev;
	struct sk_buff *fresh;

	fresh = __netdev_alloc_skb_ip_align(dev, EIPOIB_ETH_HLEN +
					    plan->payload_len,
					    GFP_ATOMIC | __GFP_NOWARN);
	if (!fresh)
		return NULL;

	skb_reserve(fresh, EIPOIB_ETH_HLEN);
	skb_put_data(fresh, plan->payload, plan->payload_len);
	push_ethernet_header(fresh, dev, plan);
	skb_reset_transport_header(fresh);
	if (net_eq(dev_net(slave->dev), dev_net(dev)))
		fresh->tstamp = skb->tstamp;
	consume_skb(skb);

	return fresh;
}

/* Return: what enters the PIF, or NULL and @skb is consumed. */
static struct sk_buff *carry_out(struct sk_buff *skb,
				 const struct eipoib_slave *slave,
				 const struct eipoib_rx_plan *plan)
{
	struct sk_buff *ready;

	if (plan->verdict == EIPOIB_DROP) {
		eipoib_stats_drop(slave->pif, skb, plan->reason);
		return NULL;
	}

	if (plan->verdict == EIPOIB_FORWARD)
		ready = forward(skb, slave, plan);
	else
		ready = rewrite(skb, slave, plan);

	if (!ready)
		eipoib_stats_drop(slave->pif, skb, EIPOIB_REASON_RX_NOMEM);

	return ready;
}

/* Return: what enters the PIF, or NULL and @skb is consumed. */
static struct sk_buff *receive(struct sk_buff *skb, struct eipoib_slave *slave)
{
	struct eipoib_pif *pif = slave->pif;
	struct eipoib_rx_plan plan;

	if (!netif_running(pif->dev)) {
		eipoib_stats_drop(pif, skb, EIPOIB_REASON_RX_PIF_DOWN);
		return NULL;
	}

	if (!has_link_header(skb)) {
		eipoib_stats_drop(pif, skb, EIPOIB_REASON_RX_RUNT);
		return NULL;
	}

	if (!pskb_may_pull(skb, min_t(u32, skb->len, EIPOIB_HEAD_MAX))) {
		eipoib_stats_drop(pif, skb, EIPOIB_REASON_RX_NOMEM);
		return NULL;
	}

	make_plan(slave, skb, &plan);

	return carry_out(skb, slave, &plan);
}

/**
 * eipoib_rx_handle - receive a frame of a clone (rx_handler)
 * @pskb: consumed, or exchanged for the frame that enters the PIF
 *
 * Context: softirq, RCU read-side section; on any number of CPUs at once.
 * Return: RX_HANDLER_ANOTHER if a frame enters the PIF, RX_HANDLER_PASS for
 * what the clone sent itself, else RX_HANDLER_CONSUMED.
 */
rx_handler_result_t eipoib_rx_handle(struct sk_buff **pskb)
{
	struct sk_buff *skb = *pskb;
	struct eipoib_slave *slave;

	if (unlikely(skb->pkt_type == PACKET_LOOPBACK))
		return RX_HANDLER_PASS;

	slave = rcu_dereference(skb->dev->rx_handler_data);
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (unlikely(!skb)) {
		eipoib_stats_add_drop(slave->pif, EIPOIB_REASON_RX_NOMEM);
		return RX_HANDLER_CONSUMED;
	}

	skb = receive(skb, slave);
	if (!skb)
		return RX_HANDLER_CONSUMED;

	eipoib_stats_add_rx(slave->pif, skb->len + EIPOIB_ETH_HLEN,
			    skb->pkt_type == PACKET_MULTICAST);
	*pskb = skb;

	return RX_HANDLER_ANOTHER;
}
