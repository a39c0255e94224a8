/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * The boundary for trunks: ports of the switch whose cable leads to a switch
 * of another machine, or to another switch of this one, over an Ethernet
 * device.  The core knows every byte of what passes there and whether the
 * link is up; the glue owns the device, its address and the time.
 *
 * CONTRACT: what is said in abi.h.  A trunk is link VIB_TRUNK_LINK + its
 * number for vib_forward() and vib_switch_receive().
 */
#ifndef VIB_ABI_TRUNK_H
#define VIB_ABI_TRUNK_H

#include "abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VIB_TRUNK_ETHERTYPE	0x88b5	/* IEEE 802: local experiments */
#define VIB_TRUNK_HEAD		12	/* before each packet */
#define VIB_TRUNK_HELLO		24	/* bytes of a hello */
#define VIB_TRUNK_TICK_MS	200	/* between two of them */
#define VIB_TRUNK_SILENCE	10	/* ticks after which nobody is there */

/*
 * What a trunk counts: X(symbol, name).  What comes in damaged, or is not
 * what the other end of this cable sends, goes no further.
 */
#define VIB_TRUNK_COUNTERS(X)					\
	X(TX, "tx_packets")					\
	X(RX, "rx_packets")					\
	X(HELLOS, "rx_hellos")					\
	X(MALFORMED, "rx_drop_malformed")			\
	X(CRC, "rx_drop_crc")					\
	X(STRANGER, "rx_drop_stranger")				\
	X(OWN_GUID, "rx_drop_own_guid")				\
	X(LOST, "link_losses")

enum vib_trunk_counter {
#define VIB_TRUNK_ENUM(symbol, name) VIB_TRUNK_##symbol,
	VIB_TRUNK_COUNTERS(VIB_TRUNK_ENUM)
#undef VIB_TRUNK_ENUM
	VIB_TRUNK_COUNTER_COUNT
};

enum vib_trunk_kind {
	VIB_TRUNK_NOTHING,	/* dropped and counted */
	VIB_TRUNK_OTHERS,	/* of another trunk, or the cable is out */
	VIB_TRUNK_IS_HELLO,	/* for vib_trunk_hello() */
	VIB_TRUNK_IS_PACKET,
};

/* What came of a hello, as bits. */
#define VIB_HELLO_ACCEPTED	(1u << 0)	/* it is of the other end */
#define VIB_HELLO_ANSWER	(1u << 1)	/* an answer was written */
#define VIB_HELLO_OWN_GUID	(1u << 2)	/* of a switch named as ours */

/**
 * struct vib_trunk_cable - how a trunk is cabled
 * @identity: any number but 0 that this end has not had for long
 * @link: which of the links on one Ethernet; the same at both ends
 */
struct vib_trunk_cable {
	u32 identity;
	u16 link;
};

/**
 * struct vib_trunk_packet - where a packet lies in a frame
 * @offset: of its LRH
 * @len: its bytes up to the ICRC; the VCRC follows
 */
struct vib_trunk_packet {
	u32 offset;
	u32 len;
};

/**
 * struct vib_trunk_attr - what a trunk shows of itself
 * @guid: the switch
 * @peer_guid: that at the other end, 0 if nobody is there
 * @port: number of the trunk's port
 * @peer_port: that of the port at the other end
 * @state: PortState
 */
struct vib_trunk_attr {
	u64 guid;
	u64 peer_guid;
	u8 port;
	u8 peer_port;
	u8 state;
};

/* Management */

/**
 * vib_trunk_plug - cable a trunk, or pull its cable
 * @fabric: the fabric
 * @trunk: the trunk
 * @cable: how, or NULL to pull it
 * @effects: written
 *
 * Context: any, serialised.
 */
void vib_trunk_plug(struct vib_fabric *fabric, u32 trunk,
		    const struct vib_trunk_cable *cable,
		    struct vib_effects *effects);

/**
 * vib_trunk_tick - VIB_TRUNK_TICK_MS are over
 * @fabric: the fabric
 * @trunk: the trunk
 * @hello: VIB_TRUNK_HELLO bytes, written if there is something to say
 * @effects: written
 *
 * Context: any, serialised.
 * Return: bytes of @hello to send, to all on the Ethernet; 0 without a cable.
 */
u32 vib_trunk_tick(struct vib_fabric *fabric, u32 trunk, u8 *hello,
		   struct vib_effects *effects);

/**
 * vib_trunk_hello - somebody said hello
 * @fabric: the fabric
 * @trunk: the trunk
 * @frame: what follows the Ethernet header, VIB_TRUNK_IS_HELLO
 * @len: its length
 * @answer: VIB_TRUNK_HELLO bytes, written for VIB_HELLO_ANSWER
 * @effects: written
 *
 * Context: any, serialised.
 * Return: VIB_HELLO_* bits.
 */
u32 vib_trunk_hello(struct vib_fabric *fabric, u32 trunk, const u8 *frame,
		    u32 len, u8 *answer, struct vib_effects *effects);

/**
 * vib_trunk_query - what a trunk shows of itself
 * @fabric: the fabric
 * @trunk: the trunk
 * @attr: written
 *
 * Context: any, serialised.
 */
void vib_trunk_query(const struct vib_fabric *fabric, u32 trunk,
		     struct vib_trunk_attr *attr);

/* Data path */

/**
 * vib_trunk_mtu - what an Ethernet device must be able to carry
 * @fabric: the fabric
 *
 * Context: any.
 * Return: bytes behind the Ethernet header.
 */
u32 vib_trunk_mtu(const struct vib_fabric *fabric);

/**
 * vib_trunk_sort - what a frame is
 * @fabric: the fabric
 * @trunk: the trunk
 * @frame: what follows the Ethernet header
 * @len: its length
 * @packet: written for VIB_TRUNK_IS_PACKET, whose checksums are right
 *
 * Context: any.
 * Return: enum vib_trunk_kind.
 */
int vib_trunk_sort(struct vib_fabric *fabric, u32 trunk, const u8 *frame,
		   u32 len, struct vib_trunk_packet *packet);

/**
 * vib_trunk_wrap - make a frame of a packet
 * @fabric: the fabric
 * @trunk: the trunk
 * @frame: VIB_TRUNK_HEAD bytes to write, the packet, and room for its VCRC
 * @len: bytes of the packet
 *
 * Context: any.
 * Return: bytes of the frame, 0 if nobody is at the other end.
 */
u32 vib_trunk_wrap(struct vib_fabric *fabric, u32 trunk, u8 *frame, u32 len);

/**
 * vib_trunk_count - one of VIB_TRUNK_COUNTERS
 * @fabric: the fabric
 * @trunk: the trunk
 * @counter: enum vib_trunk_counter
 *
 * Context: any.
 * Return: the count.
 */
u64 vib_trunk_count(const struct vib_fabric *fabric, u32 trunk, u32 counter);

/**
 * vib_trunk_drops - packets from a trunk that the switch dropped for a reason
 * @fabric: the fabric
 * @trunk: the trunk
 * @drop: enum vib_drop
 *
 * Context: any.
 * Return: the count.
 */
u64 vib_trunk_drops(const struct vib_fabric *fabric, u32 trunk, u32 drop);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* VIB_ABI_TRUNK_H */
