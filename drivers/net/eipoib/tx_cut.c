// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Frames that are longer than their way takes: segments that get shorter, and
 * packets that are sent in fragments.  What the fragments are is the core's
 * decision.
 *
 * The kernel's own ip_do_fragment() takes the MTU from a route.  A bridged
 * frame has none, and what would have to be made up for it differs from kernel
 * to kernel.
 */

#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>

#include "hot.h"

#define TCP_HLEN_MIN	20	/* RFC 9293 section 3.1: without options */
#define UDP_HLEN	8	/* RFC 768 */

static bool is_tcp(const struct sk_buff *skb)
{
	return skb_shinfo(skb)->gso_type & (SKB_GSO_TCPV4 | SKB_GSO_TCPV6);
}

/* Return: of all headers, 0 if that is not known. */
static unsigned int headers_len(const struct sk_buff *skb)
{
	int offset = skb->encapsulation ? skb_inner_transport_offset(skb) :
					  skb_transport_offset(skb);

	if (offset <= 0)
		return 0;
	if (!is_tcp(skb))
		return offset + UDP_HLEN;
	if (offset + TCP_HLEN_MIN > skb_headlen(skb))
		return 0;

	return skb->encapsulation ? skb_inner_tcp_all_headers(skb) :
				    skb_tcp_all_headers(skb);
}

/**
 * eipoib_tx_gso_len - how long the frames are that a GSO frame stands for
 * @skb: from the Ethernet header on
 *
 * Context: any.
 * Return: the length of the longest of them, or that of all if it is not known.
 */
u32 eipoib_tx_gso_len(const struct sk_buff *skb)
{
	unsigned int size = skb_shinfo(skb)->gso_size;
	unsigned int headers;

	if (size == GSO_BY_FRAGS || !skb_transport_header_was_set(skb))
		return skb->len;

	headers = headers_len(skb);
	if (!headers)
		return skb->len;

	return min(headers + size, skb->len);
}

/**
 * eipoib_tx_shrink - make the segments of a GSO frame shorter
 * @skb: the frame, from the Ethernet header on
 * @mtu: the longest packet that its way takes
 *
 * Those of TCP, for which it does not matter.  Others are datagrams, and what
 * becomes of too long ones is decided on each.
 *
 * Context: any.
 * Return: 0 or -ENOMEM.
 */
int eipoib_tx_shrink(struct sk_buff *skb, u32 mtu)
{
	u32 len = eipoib_tx_gso_len(skb), max = ETH_HLEN + mtu;
	struct skb_shared_info *shared;

	if (len <= max || !is_tcp(skb))
		return 0;

	/* Other clones are not to see it. */
	if (skb_unclone(skb, GFP_ATOMIC))
		return -ENOMEM;

	shared = skb_shinfo(skb);
	if (len - max < shared->gso_size)
		skb_decrease_gso_size(shared, len - max);

	return 0;
}

/* Return: the next fragment with its link header, NULL without memory. */
static struct sk_buff *next_fragment(struct sk_buff *skb,
				     const struct eipoib_tx_plan *plan,
				     const struct eipoib_fragment *fragment)
{
	struct net_device *dev = plan->dev;
	struct sk_buff *fresh;

	fresh = eipoib_tx_alloc(dev, fragment->header_len + fragment->len);
	if (!fresh)
		return NULL;

	skb_put_data(fresh, fragment->header, fragment->header_len);
	if (skb_copy_bits(skb, fragment->offset, skb_put(fresh, fragment->len),
			  fragment->len)) {
		kfree_skb(fresh);
		return NULL;
	}

	fresh->priority = skb->priority;
	fresh->mark = skb->mark;
	eipoib_tx_push_header(fresh, dev, plan->header, 0);

	return fresh;
}

/* Return: what became of it; without one fragment the others are worthless. */
static enum eipoib_reason send_fragments(struct eipoib_pif *pif,
					 struct sk_buff *skb,
					 const struct eipoib_tx_plan *plan)
{
	struct eipoib_tx_frame frame = eipoib_tx_describe(skb, false);
	struct eipoib_fragment fragment = {};
	struct sk_buff *fresh;
	int err;

	do {
		fragment.offset = fragment.next;
		if (!eipoib_tx_fragment(&frame, plan, &fragment))
			return EIPOIB_REASON_TX_TOO_BIG;

		fresh = next_fragment(skb, plan, &fragment);
		if (!fresh)
			return EIPOIB_REASON_TX_NOMEM;

		err = dev_queue_xmit(fresh);
		if (err != NET_XMIT_SUCCESS && err != NET_XMIT_CN)
			return EIPOIB_REASON_TX_QUEUE;
		eipoib_stats_add_tx(pif, ETH_HLEN + fragment.header_len +
				    fragment.len);
	} while (fragment.next);

	return EIPOIB_REASON_COUNT;
}

/**
 * eipoib_tx_cut - send a packet in fragments
 * @pif: the PIF
 * @skb: consumed
 * @plan: its verdict is EIPOIB_FRAGMENT
 *
 * Context: rcu_read_lock_bh().
 */
void eipoib_tx_cut(struct eipoib_pif *pif, struct sk_buff *skb,
		   const struct eipoib_tx_plan *plan)
{
	enum eipoib_reason reason = EIPOIB_REASON_TX_NOMEM;

	/* The transport's checksum is over all of them. */
	if (eipoib_tx_prepare(pif, skb, plan) ||
	    (skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_help(skb)))
		goto drop;

	reason = EIPOIB_REASON_TX_SLAVE_DOWN;
	if (!eipoib_slave_is_ready(plan->dev))
		goto drop;

	skb_tx_timestamp(skb);
	reason = send_fragments(pif, skb, plan);
	if (reason != EIPOIB_REASON_COUNT)
		goto drop;

	eipoib_stats_add_note(pif, EIPOIB_NOTE_TX_FRAGMENTED);
	consume_skb(skb);
	return;

drop:
	eipoib_stats_drop_tx(pif, plan->dev, skb, reason);
}
