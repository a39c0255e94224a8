/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * What every frame passes.  Inline: each of these does less than a call costs.
 */
#ifndef EIPOIB_HOT_H
#define EIPOIB_HOT_H

#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "eipoib.h"

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
 *
 * Context: any.
 */
static __always_inline void eipoib_tx_push_header(struct sk_buff *skb,
						  struct net_device *dev,
						  const u8 *header)
{
	memcpy(skb_push(skb, EIPOIB_LINK_HLEN), header, EIPOIB_LINK_HLEN);
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
	if (skb_headroom(skb) < room || skb_header_cloned(skb))
		eipoib_stats_add_note(pif, note);

	return skb_cow_head(skb, room);
}

#endif /* EIPOIB_HOT_H */
