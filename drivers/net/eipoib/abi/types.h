/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * The plain types that cross the boundary between the C glue and the C++
 * core.  Compiles as C11 inside the kernel and as C++20 anywhere.
 *
 * CONTRACT: nothing here depends on a kernel configuration option, and no
 * structure is empty (size 0 in GNU C, 1 in C++).
 */
#ifndef EIPOIB_ABI_TYPES_H
#define EIPOIB_ABI_TYPES_H

#ifdef __cplusplus
#include "types.hpp"
using kxx::u16;
using kxx::u32;
using kxx::u64;
using kxx::u8;
#else
#include <linux/types.h>
#endif

#define EIPOIB_MAC_LEN		6
#define EIPOIB_IB_ADDR_LEN	20	/* flags(1) QPN(3) GID(16), RFC 4391 */
#define EIPOIB_ETH_HLEN		14
#define EIPOIB_LINK_HLEN	24	/* IB address + encapsulation header */
#define EIPOIB_VLAN_NONE	4096	/* untagged; VLAN IDs end at 4095 */
#define EIPOIB_TCI_NONE		0x10000	/* no accelerated tag */

/*
 * How much of a frame the glue makes linear before it asks for a plan: enough
 * for every header the core looks at.  A shorter frame is linear as a whole.
 */
#define EIPOIB_HEAD_MAX		128

enum eipoib_verdict {
	EIPOIB_DROP,	/* free the frame, count @reason */
	EIPOIB_FORWARD,	/* exchange the link header */
	EIPOIB_REWRITE,	/* ask for a new payload: eipoib_tx/rx_rewrite() */
	EIPOIB_HOLD,	/* TX: keep the frame and ask again, in order */
	EIPOIB_SEGMENT,	/* TX: segment the GSO frame, ask for each segment */
	EIPOIB_CONSUME,	/* free it: it has served its purpose */
	EIPOIB_FRAGMENT, /* TX: send it in pieces: eipoib_tx_fragment() */
};

/*
 * Why a frame was dropped: X(symbol, ethtool name, meaning).  Every dropped
 * frame has exactly one reason.  This list makes the enum, the ethtool
 * strings and the table in Documentation/networking/eipoib.rst.
 */
#define EIPOIB_REASONS(X)						\
	X(TX_RUNT, "tx_runt",						\
	  "shorter than its Ethernet header or its tag")		\
	X(TX_GIANT, "tx_giant",						\
	  "longer than the VIF's MTU and not a GSO frame")		\
	X(TX_VLAN, "tx_vlan",						\
	  "reserved VLAN tag")						\
	X(TX_VIF_MISS, "tx_vif_miss",					\
	  "no VIF has this source MAC and VLAN")			\
	X(TX_SPOOF, "tx_spoof",						\
	  "ARP, ND or DHCP names another MAC than the Ethernet source")	\
	X(TX_ARP, "tx_arp",						\
	  "ARP too short or not Ethernet/IPv4")				\
	X(TX_ND, "tx_nd",						\
	  "malformed IPv6 neighbour discovery message")			\
	X(TX_IP, "tx_ip",						\
	  "IP header too short or of another version")			\
	X(TX_OWN, "tx_own",						\
	  "to a VIF of this PIF: it is on this side")			\
	X(TX_LOOP, "tx_loop",						\
	  "from a station that a peer has just sent from")		\
	X(TX_TEB_PLAIN, "tx_teb_plain",					\
	  "cannot be translated, and the peer takes nothing else")	\
	X(TX_TEB_GIANT, "tx_teb_giant",					\
	  "too long for a transparent frame")				\
	X(TX_TOO_BIG, "tx_too_big",					\
	  "longer than its destination takes, and not to be cut")	\
	X(TX_HOLD, "tx_hold",						\
	  "too many frames wait for an unknown MAC")			\
	X(TX_UNRESOLVED, "tx_unresolved",				\
	  "nobody answered for the MAC, and too long to be flooded")	\
	X(TX_SLAVE_DOWN, "tx_slave_down",				\
	  "the VIF is down or has no carrier")				\
	X(TX_QUEUE, "tx_queue",						\
	  "the VIF's own transmit queue dropped it")			\
	X(TX_NOMEM, "tx_nomem",						\
	  "no memory for the translated frame")				\
	X(RX_RUNT, "rx_runt",						\
	  "shorter than its encapsulation header")			\
	X(RX_GIANT, "rx_giant",						\
	  "longer than the VIF's MTU")					\
	X(RX_NO_SOURCE, "rx_no_source",					\
	  "ib_ipoib did not say which queue pair sent it")		\
	X(RX_UNBOUND, "rx_unbound",					\
	  "the VIF has no MAC yet")					\
	X(RX_COPY, "rx_copy",						\
	  "another VIF's copy of a group frame")			\
	X(RX_OWN, "rx_own",						\
	  "a group frame that this PIF sent")				\
	X(RX_SPOOF, "rx_spoof",						\
	  "ARP or ND sender address contradicts the completion")	\
	X(RX_CONTESTED, "rx_contested",					\
	  "a peer claims the MAC of a sticky VIF")			\
	X(RX_ARP, "rx_arp",						\
	  "ARP too short or not InfiniBand/IPv4")			\
	X(RX_ND, "rx_nd",						\
	  "malformed IPv6 neighbour discovery message")			\
	X(RX_ND_SIGNED, "rx_nd_signed",					\
	  "signed neighbour discovery with link-layer addresses")	\
	X(RX_IP, "rx_ip",						\
	  "IP header too short or of another version")			\
	X(RX_TEB, "rx_teb",						\
	  "transparent frame cut short or with a group as its source")	\
	X(RX_NOT_OURS, "rx_not_ours",					\
	  "flooded or stale: no VIF has the destination MAC")		\
	X(RX_PROTO, "rx_proto",						\
	  "ethertype that is not carried")				\
	X(RX_PIF_DOWN, "rx_pif_down",					\
	  "the PIF is down")						\
	X(RX_NOMEM, "rx_nomem",						\
	  "no memory for the translated frame")

enum eipoib_reason {
#define EIPOIB_REASON_ENUM(symbol, name, meaning) EIPOIB_REASON_##symbol,
	EIPOIB_REASONS(EIPOIB_REASON_ENUM)
#undef EIPOIB_REASON_ENUM
	EIPOIB_REASON_COUNT
};

/* EIPOIB_REASONS(EIPOIB_REASON_NAME) initialises an array of the names. */
#define EIPOIB_REASON_NAME(symbol, name, meaning) name,

/*
 * What is worth counting and is no drop: X(symbol, ethtool name, meaning).
 */
#define EIPOIB_NOTES(X)							\
	X(TX_FLOODED, "tx_flooded",					\
	  "frames to an unknown MAC that were flooded")			\
	X(TX_HELD, "tx_held",						\
	  "frames that waited for their destination to be known")	\
	X(TX_ND_SIGNED, "tx_nd_signed",					\
	  "signed neighbour discovery that was sent as it is")		\
	X(TX_FRAGMENTED, "tx_fragmented",				\
	  "packets sent in pieces, as their destination takes no longer ones") \
	X(TX_PMTU, "tx_pmtu",						\
	  "times a sender was told that its packet was too big")	\
	X(TX_REALLOC, "tx_realloc",					\
	  "frames without room for the IPoIB header")			\
	X(RX_REALLOC, "rx_realloc",					\
	  "frames without room for the Ethernet header")		\
	X(RX_ANNOUNCE_BAD, "rx_announce_bad",				\
	  "announcements that were ignored")				\
	X(RX_MOVED_AWAY, "rx_moved_away",				\
	  "times a peer claimed the MAC of a VIF")			\
	X(PEER_EVICTED, "peer_evicted",					\
	  "peers forgotten for want of room")				\
	X(GROUP_LIMIT, "group_limit",					\
	  "group reports beyond what is remembered")

enum eipoib_note {
#define EIPOIB_NOTE_ENUM(symbol, name, meaning) EIPOIB_NOTE_##symbol,
	EIPOIB_NOTES(EIPOIB_NOTE_ENUM)
#undef EIPOIB_NOTE_ENUM
	EIPOIB_NOTE_COUNT
};

/* eipoib_binding.flags */
#define EIPOIB_VIF_ANY		0x01	/* for every MAC that has no VIF */
#define EIPOIB_VIF_STICKY	0x02	/* no peer may take its MAC over */

/**
 * struct eipoib_tx_frame - a frame on its way from ethX to the fabric
 * @head: the Ethernet header and what follows
 * @head_len: bytes at @head, min(@len, EIPOIB_HEAD_MAX) at least
 * @len: length of the whole frame in bytes
 * @vlan_tci: the VLAN tag, which is not in the frame, as in skb->vlan_tci;
 *	EIPOIB_TCI_NONE without one.  A tag at @head is an inner one.
 * @gso_len: length of the longest frame that it will be segmented into below,
 *	for @is_gso; 0 if that is not known
 * @is_gso: the frame will be segmented below; its length does not count
 * @is_checksum_pending: the transport checksum is still to be computed
 * @is_held: its verdict was EIPOIB_HOLD before
 * @is_flooded: with EIPOIB_PLAN_FLOOD
 */
struct eipoib_tx_frame {
	const u8 *head;
	u32 head_len;
	u32 len;
	u32 vlan_tci;
	u32 gso_len;
	bool is_gso;
	bool is_checksum_pending;
	bool is_held;
	bool is_flooded;
};

/**
 * struct eipoib_edit - two bytes to write into a frame
 * @offset: where, from the start of the frame
 * @bytes: what
 */
struct eipoib_edit {
	u16 offset;
	u8 bytes[2];
};

#define EIPOIB_EDITS_MAX	2

/* eipoib_tx_plan.flags */
#define EIPOIB_PLAN_SNOOP	0x01	/* give it to eipoib_tx_snoop() first */
#define EIPOIB_PLAN_TEB		0x02	/* transparent: resolve checksums */
#define EIPOIB_PLAN_FLOOD	0x04	/* send a copy before it is held */

/**
 * struct eipoib_tx_plan - what to do with an eipoib_tx_frame
 * @verdict: enum eipoib_verdict
 * @reason: enum eipoib_reason, for EIPOIB_DROP
 * @flags: EIPOIB_PLAN_*, for EIPOIB_FORWARD, EIPOIB_HOLD and EIPOIB_FRAGMENT
 * @pull: bytes to take off the front, for EIPOIB_FORWARD
 * @edit_count: members of @edits to carry out first, for EIPOIB_FORWARD and
 *	EIPOIB_FRAGMENT
 * @mtu: the longest IP packet that its way takes, for EIPOIB_SEGMENT and
 *	EIPOIB_FRAGMENT
 * @payload_len: bytes written by eipoib_tx_rewrite()
 * @capacity: room that eipoib_tx_rewrite() needs, for EIPOIB_REWRITE
 * @edits: see @edit_count
 * @dev: the VIF's netdevice as given to eipoib_vif_create(); NULL if the frame
 *	is dropped because there is none
 * @held: to be given to eipoib_tx_released(), for a frame that was held
 * @header: destination address and encapsulation header to put in front
 *
 * @dev and @held are always written, of the others those that the verdict
 * names.  @header is for EIPOIB_FORWARD and EIPOIB_FRAGMENT, and for
 * EIPOIB_REWRITE after eipoib_tx_rewrite().  With EIPOIB_PLAN_FLOOD the copy is
 * sent as with EIPOIB_FORWARD.
 */
struct eipoib_tx_plan {
	u8 verdict;
	u8 reason;
	u8 flags;
	u8 pull;
	u8 edit_count;
	u32 mtu;
	u32 payload_len;
	u32 capacity;
	struct eipoib_edit edits[EIPOIB_EDITS_MAX];
	void *dev;
	void *held;
	u8 header[EIPOIB_LINK_HLEN];
};

/* An Ethernet header and the longest one of IPv4. */
#define EIPOIB_FRAGMENT_HLEN_MAX	(EIPOIB_ETH_HLEN + 60)

/**
 * struct eipoib_fragment - a piece of a frame
 * @offset: where in the frame the piece is taken from, 0 for the first one
 * @len: bytes to take from there
 * @next: the @offset of the piece after it, 0 if there is none
 * @header_len: bytes of @header to put in front
 * @header: what the piece begins with
 */
struct eipoib_fragment {
	u32 offset;
	u32 len;
	u32 next;
	u32 header_len;
	u8 header[EIPOIB_FRAGMENT_HLEN_MAX];
};

/**
 * struct eipoib_flow - how the frames of one sender to one receiver go on
 * @dev: TX: the VIF's netdevice as given to eipoib_vif_create()
 * @header: what takes the place of a frame's link header: on TX
 *	EIPOIB_LINK_HLEN bytes, on RX EIPOIB_ETH_HLEN
 * @vlan: RX: VLAN ID to tag the frame with, EIPOIB_VLAN_NONE for none
 */
struct eipoib_flow {
	void *dev;
	u8 header[EIPOIB_LINK_HLEN];
	u32 vlan;
};

/**
 * struct eipoib_rx_frame - a frame that a VIF received
 * @link: EIPOIB_LINK_HLEN bytes, struct e_ipoib_rx_link and the encapsulation
 *	header
 * @head: what follows the encapsulation header
 * @head_len: bytes at @head, min(@len, EIPOIB_HEAD_MAX) at least
 * @len: length of the payload in bytes
 * @is_group: it was sent to a multicast GID
 * @is_gso: merged by GRO; its length does not count
 */
struct eipoib_rx_frame {
	const u8 *link;
	const u8 *head;
	u32 head_len;
	u32 len;
	bool is_group;
	bool is_gso;
};

/**
 * struct eipoib_rx_plan - what to do with an eipoib_rx_frame
 * @verdict: enum eipoib_verdict
 * @reason: enum eipoib_reason, for EIPOIB_DROP
 * @header_len: bytes of @header to put in front of the payload: all of them,
 *	or 0 for a transparent frame, which brings its own
 * @vlan: VLAN ID to tag the frame with, EIPOIB_VLAN_NONE for none
 * @payload_len: bytes written by eipoib_rx_rewrite()
 * @capacity: room that eipoib_rx_rewrite() needs, for EIPOIB_REWRITE
 * @header: the Ethernet header
 *
 * Only the members that the verdict names are written.
 */
struct eipoib_rx_plan {
	u8 verdict;
	u8 reason;
	u8 header_len;
	u16 vlan;
	u32 payload_len;
	u32 capacity;
	u8 header[EIPOIB_ETH_HLEN];
};

#endif /* EIPOIB_ABI_TYPES_H */
