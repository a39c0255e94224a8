/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * What every frame passes.  Inline: each of these does less than a call costs.
 */
#ifndef EIPOIB_HOT_H
#define EIPOIB_HOT_H

#include <linux/if_vlan.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "eipoib.h"

/**
 * eipoib_now - the coarse clock of the core: eipoib_k_now()
 *
 * Context: any.
 * Return: milliseconds; wraps.
 */
static inline u32 eipoib_now(void)
{
	return jiffies_to_msecs(jiffies);
}

/**
 * eipoib_slave_is_ready - whether a clone can carry frames
 * @dev: the clone
 *
 * Context: any.
 * Return: true if it is up and has carrier.
 */
static inline bool eipoib_slave_is_ready(const struct net_device *dev)
{
	return netif_running(dev) && netif_carrier_ok(dev);
}

/**
 * eipoib_has_tag - whether the tag of a frame is where the core looks for it
 * @skb: the frame
 *
 * Context: any.
 * Return: true if it has a VLAN tag that is not in its data.
 */
static inline bool eipoib_has_tag(const struct sk_buff *skb)
{
	return skb_vlan_tag_present(skb) &&
	       skb->vlan_proto == htons(ETH_P_8021Q);
}

/**
 * eipoib_rx_has_header - whether a frame has its IPoIB link header
 * @skb: received by a clone
 *
 * Context: any.
 * Return: false if there is none, as on a runt.
 */
static inline bool eipoib_rx_has_header(const struct sk_buff *skb)
{
	return skb_mac_offset(skb) == -EIPOIB_LINK_HLEN;
}

/**
 * eipoib_tx_describe - a frame as the core sees it
 * @skb: from the Ethernet header on
 * @is_held: it was held before
 *
 * Context: any.
 * Return: the description; valid until somebody changes @skb.
 */
static __always_inline struct eipoib_tx_frame
eipoib_tx_describe(const struct sk_buff *skb, bool is_held)
{
	struct eipoib_tx_frame frame = {
		.head = skb->data,
		.head_len = skb_headlen(skb),
		.len = skb->len,
		.vlan_tci = EIPOIB_TCI_NONE,
		.is_gso = skb_is_gso(skb),
		.is_checksum_pending = skb->ip_summed == CHECKSUM_PARTIAL,
		.is_held = is_held,
		.is_flooded = is_held && EIPOIB_HELD_CB(skb)->is_flooded,
	};

	if (frame.is_gso)
		frame.gso_len = eipoib_tx_gso_len(skb);
	if (skb_vlan_tag_present(skb))
		frame.vlan_tci = skb_vlan_tag_get(skb);

	return frame;
}

/**
 * eipoib_tx_push_header - put an IPoIB link header in front of a payload
 * @skb: has the room
 * @dev: the VIF that it leaves through
 * @header: EIPOIB_LINK_HLEN bytes, destination and encapsulation header
 * @pull: bytes in front of the payload, fewer, that it is put in place of
 *
 * Context: any.
 */
static __always_inline void eipoib_tx_push_header(struct sk_buff *skb,
						  struct net_device *dev,
						  const u8 *header,
						  unsigned int pull)
{
	memcpy(__skb_push(skb, EIPOIB_LINK_HLEN - pull), header,
	       EIPOIB_LINK_HLEN);
	memcpy(&skb->protocol, header + EIPOIB_IB_ADDR_LEN,
	       sizeof(skb->protocol));
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, EIPOIB_LINK_HLEN);
	skb_reset_mac_len(skb);
	skb->dev = dev;
}

/**
 * eipoib_stats_add_rx - count a frame that enters the PIF
 * @pif: the PIF
 * @bytes: its length with the Ethernet header
 * @is_group: it is for a group
 *
 * Context: bottom halves off.
 */
static inline void eipoib_stats_add_rx(struct eipoib_pif *pif,
				       unsigned int bytes, bool is_group)
{
	struct eipoib_stats *stats = this_cpu_ptr(pif->stats);

	u64_stats_update_begin(&stats->syncp);
	u64_stats_inc(&stats->rx_packets);
	u64_stats_add(&stats->rx_bytes, bytes);
	if (is_group)
		u64_stats_inc(&stats->rx_multicast);
	u64_stats_update_end(&stats->syncp);
}

/**
 * eipoib_stats_add_tx - count a frame that a VIF took
 * @pif: the PIF
 * @bytes: its length with the Ethernet header
 *
 * Context: bottom halves off.
 */
static inline void eipoib_stats_add_tx(struct eipoib_pif *pif,
				       unsigned int bytes)
{
	struct eipoib_stats *stats = this_cpu_ptr(pif->stats);

	u64_stats_update_begin(&stats->syncp);
	u64_stats_inc(&stats->tx_packets);
	u64_stats_add(&stats->tx_bytes, bytes);
	u64_stats_update_end(&stats->syncp);
}

/**
 * eipoib_stats_cow_head - skb_cow_head() that counts how often it has to copy
 * @pif: the PIF
 * @skb: the frame
 * @room: bytes that are to be pushed
 * @note: what that is called
 *
 * Context: bottom halves off.
 * Return: 0 or -ENOMEM.
 */
static inline int eipoib_stats_cow_head(struct eipoib_pif *pif,
					struct sk_buff *skb, unsigned int room,
					enum eipoib_note note)
{
	if (likely(skb_headroom(skb) >= room && !skb_header_cloned(skb)))
		return 0;

	eipoib_stats_add_note(pif, note);
	return skb_cow_head(skb, room);
}

/**
 * eipoib_tx_make_room - let a link header have its place in a frame
 * @pif: the PIF
 * @skb: the frame
 * @vif: the clone that it leaves through
 * @pull: bytes that the link header is put in place of
 *
 * Context: bottom halves off.
 * Return: 0 or -ENOMEM.
 */
static inline int eipoib_tx_make_room(struct eipoib_pif *pif,
				      struct sk_buff *skb,
				      const struct net_device *vif,
				      unsigned int pull)
{
	return eipoib_stats_cow_head(pif, skb, EIPOIB_LINK_HLEN - pull +
				     vif->needed_headroom,
				     EIPOIB_NOTE_TX_REALLOC);
}

/**
 * eipoib_tx_send - give a frame to its VIF
 * @pif: the PIF
 * @skb: with its link header, consumed
 * @bytes: its length with the Ethernet header
 *
 * Context: rcu_read_lock_bh().
 */
static __always_inline void eipoib_tx_send(struct eipoib_pif *pif,
					   struct sk_buff *skb,
					   unsigned int bytes)
{
	const struct net_device *vif = skb->dev;
	int err;

	if (unlikely(!net_eq(dev_net(pif->dev), dev_net(vif))))
		skb_scrub_packet(skb, true);

	err = dev_queue_xmit(skb);
	if (likely(err == NET_XMIT_SUCCESS || err == NET_XMIT_CN))
		eipoib_stats_add_tx(pif, bytes);
	else
		eipoib_stats_drop_tx(pif, vif, NULL, EIPOIB_REASON_TX_QUEUE);
}

/**
 * eipoib_tx_leave - send a frame with another link header
 * @pif: the PIF
 * @skb: consumed
 * @dev: the VIF that it leaves through
 * @header: EIPOIB_LINK_HLEN bytes
 * @pull: bytes of the frame that they take the place of
 *
 * Context: rcu_read_lock_bh().
 */
static __always_inline void eipoib_tx_leave(struct eipoib_pif *pif,
					    struct sk_buff *skb,
					    struct net_device *dev,
					    const u8 *header,
					    unsigned int pull)
{
	unsigned int bytes = skb->len;

	if (unlikely(!eipoib_slave_is_ready(dev))) {
		eipoib_stats_drop_tx(pif, dev, skb,
				     EIPOIB_REASON_TX_SLAVE_DOWN);
		return;
	}

	/* Who asked for it gets the frame with its Ethernet header. */
	if (unlikely(skb_shinfo(skb)->tx_flags & SKBTX_ANY_TSTAMP))
		skb_tx_timestamp(skb);

	if (unlikely(eipoib_tx_make_room(pif, skb, dev, pull))) {
		eipoib_stats_drop_tx(pif, dev, skb, EIPOIB_REASON_TX_NOMEM);
		return;
	}

	__vlan_hwaccel_clear_tag(skb);
	eipoib_tx_push_header(skb, dev, header, pull);
	eipoib_tx_send(pif, skb, bytes);
}

#endif /* EIPOIB_HOT_H */
