/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * The boundary between glue and core: what an HCA does for IPoIB on IPv4
 * besides carrying it.  A payload begins with the header of IPoIB.
 *
 * CONTRACT: any context, on any CPU; nothing is kept.
 */
#ifndef VIB_ABI_OFFLOAD_H
#define VIB_ABI_OFFLOAD_H

#include "abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VIB_LSO_MAX	65536	/* bytes of payload in a large send */

/**
 * struct vib_lso - a large send: a TCP message to be cut up
 * @header: the headers of IPoIB, IPv4 and TCP
 * @header_len: bytes of them
 * @payload_len: bytes that follow
 * @mss: bytes of them that go into one packet
 */
struct vib_lso {
	const u8 *header;
	u32 header_len;
	u32 payload_len;
	u32 mss;
};

/**
 * vib_lso_segments - how many packets a large send becomes
 * @lso: the message
 *
 * Return: how many, or 0 if it cannot be cut up: no segment size, more than
 * VIB_LSO_MAX bytes, or headers that are not IPoIB, IPv4 and TCP, or not all
 * of these, or of a fragment.
 */
u32 vib_lso_segments(const struct vib_lso *lso);

/**
 * vib_lso_payload - how much of the payload a packet has
 * @lso: a message that can be cut up
 * @index: the packet
 *
 * Return: bytes.
 */
u32 vib_lso_payload(const struct vib_lso *lso, u32 index);

/**
 * vib_lso_headers - the headers of a packet, except for their checksums
 * @lso: a message that can be cut up
 * @index: the packet
 * @to: header_len bytes, written
 */
void vib_lso_headers(const struct vib_lso *lso, u32 index, u8 *to);

/**
 * vib_fill_checksums - write the checksums of IPv4 and of TCP or UDP above it
 * @payload: of a datagram; one of another kind stays as it is
 * @len: bytes of it
 */
void vib_fill_checksums(u8 *payload, u32 len);

/**
 * vib_has_right_checksums - is the payload IPv4 with TCP or UDP and intact
 * @payload: of a datagram
 * @len: bytes of it
 *
 * Return: whether both checksums are there and right.
 */
bool vib_has_right_checksums(const u8 *payload, u32 len);

enum vib_frame_kind {
	VIB_FRAME_NONE,		/* a runt, or our own that came back */
	VIB_FRAME_HOST,
	VIB_FRAME_BROADCAST,
	VIB_FRAME_MULTICAST,
};

/**
 * struct vib_frame_context - where a frame of IPoIB has arrived, and how
 * @own: the interface's address: flags, queue pair number, GID
 * @broadcast: that of its broadcast group
 * @src_qpn: sending queue pair
 * @has_grh: there is a GRH
 */
struct vib_frame_context {
	const u8 *own;
	const u8 *broadcast;
	u32 src_qpn;
	bool has_grh;
};

/**
 * struct vib_frame - what it is
 * @kind: enum vib_frame_kind
 * @protocol: ethertype, as it lies in memory
 */
struct vib_frame {
	u8 kind;
	u16 protocol;
};

/**
 * vib_frame_describe - look at a frame that an accelerated interface got
 * @context: where and how
 * @bytes: the frame behind the room of a GRH
 * @len: bytes of both
 *
 * Return: what it is.
 */
struct vib_frame vib_frame_describe(const struct vib_frame_context *context,
				    const u8 *bytes, u32 len);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* VIB_ABI_OFFLOAD_H */
