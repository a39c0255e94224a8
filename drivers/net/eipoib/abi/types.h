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

/* Room for a payload the core writes anew. */
#define EIPOIB_PAYLOAD_MAX	128

enum eipoib_verdict {
	EIPOIB_DROP,	/* free the frame, count @reason */
	EIPOIB_FORWARD,	/* exchange the link header */
	EIPOIB_REWRITE,	/* a new frame: @header, then @payload */
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
	  "nested or reserved VLAN tag")				\
	X(TX_VIF_MISS, "tx_vif_miss",					\
	  "no VIF has this source MAC and VLAN")			\
	X(TX_SPOOF, "tx_spoof",						\
	  "ARP sender MAC differs from the Ethernet source")		\
	X(TX_ARP, "tx_arp",						\
	  "ARP too short or not Ethernet/IPv4")				\
	X(TX_IP, "tx_ip",						\
	  "IPv4 header too short or of another version")		\
	X(TX_PROTO, "tx_proto",						\
	  "ethertype that is not translated")				\
	X(TX_PEER_MISS, "tx_peer_miss",					\
	  "unicast to a MAC that is not known")				\
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
	  "ARP sender address contradicts the completion")		\
	X(RX_ARP, "rx_arp",						\
	  "ARP too short or not InfiniBand/IPv4")			\
	X(RX_IP, "rx_ip",						\
	  "IPv4 header too short or of another version")		\
	X(RX_PROTO, "rx_proto",						\
	  "ethertype that is not translated")				\
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

/**
 * struct eipoib_tx_frame - a frame on its way from ethX to the fabric
 * @head: the Ethernet header and what follows
 * @head_len: bytes at @head, min(@len, EIPOIB_HEAD_MAX) at least
 * @len: length of the whole frame in bytes
 * @vlan_tci: accelerated tag as in skb->vlan_tci, EIPOIB_TCI_NONE without
 *	one.  Only TCIs of ethertype 0x8100.
 * @is_gso: the frame will be segmented below; its length does not count
 */
struct eipoib_tx_frame {
	const u8 *head;
	u32 head_len;
	u32 len;
	u32 vlan_tci;
	bool is_gso;
};

/**
 * struct eipoib_tx_plan - what to do with an eipoib_tx_frame
 * @verdict: enum eipoib_verdict
 * @reason: enum eipoib_reason, for EIPOIB_DROP
 * @pull: bytes to take off the front (Ethernet header and in-band tag)
 * @payload_len: bytes at @payload, for EIPOIB_REWRITE
 * @protocol: ethertype of what follows the encapsulation header, host order
 * @dev: the VIF's netdevice as given to eipoib_vif_create()
 * @header: destination address and encapsulation header to put in front
 * @payload: the whole new payload, for EIPOIB_REWRITE
 *
 * Only the members that the verdict names are written.
 */
struct eipoib_tx_plan {
	u8 verdict;
	u8 reason;
	u8 pull;
	u8 payload_len;
	u16 protocol;
	void *dev;
	u8 header[EIPOIB_LINK_HLEN];
	u8 payload[EIPOIB_PAYLOAD_MAX];
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
 * @payload_len: bytes at @payload, for EIPOIB_REWRITE
 * @vlan: VLAN ID to tag the frame with, EIPOIB_VLAN_NONE for none
 * @header: the Ethernet header to put in front of the payload
 * @payload: the whole new payload, for EIPOIB_REWRITE
 *
 * Only the members that the verdict names are written.
 */
struct eipoib_rx_plan {
	u8 verdict;
	u8 reason;
	u8 payload_len;
	u16 vlan;
	u8 header[EIPOIB_ETH_HLEN];
	u8 payload[EIPOIB_PAYLOAD_MAX];
};

#endif /* EIPOIB_ABI_TYPES_H */
