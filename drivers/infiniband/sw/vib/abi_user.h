/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * The boundary for user verbs: queues that user space has mapped and writes
 * as <rdma/rdma_user_rxe.h> has it, so that the librxe of a distribution can
 * drive vib.
 *
 * CONTRACT: the glue owns the memory of a queue and serialises the calls for
 * it.  User space may write to all of that memory at any time.  The core
 * believes none of it: positions are the struct vib_ring's own, an entry is
 * copied once, and what is looked at is the copy.
 */
#ifndef VIB_ABI_USER_H
#define VIB_ABI_USER_H

#include "abi_rc.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VIB_MAX_INLINE	512	/* bytes of a send request */

/* Which of rdma_user_rxe.h's structures a queue holds. */
enum vib_ring_kind {
	VIB_RING_SEND,
	VIB_RING_RECV,
	VIB_RING_CQ,
};

/**
 * struct vib_ring - a queue in memory that user space has mapped
 * @memory: header and entries
 * @mask: number of entries, a power of two, minus one
 * @shift: an entry has 1 << @shift bytes
 * @next: the entry that the kernel takes or puts next
 * @released: of what it takes, the first that user space cannot use again
 */
struct vib_ring {
	u8 *memory;
	u32 mask;
	u32 shift;
	u32 next;
	u32 released;
};

/**
 * struct vib_user_sge - a piece of a buffer
 * @addr: where
 * @length: bytes
 * @lkey: its key
 */
struct vib_user_sge {
	u64 addr;
	u32 length;
	u32 lkey;
};

/**
 * struct vib_user_limits - what a send queue was made for
 * @kind: enum vib_qp_kind
 * @max_sge: pieces of a request
 * @max_inline: bytes in a request
 */
struct vib_user_limits {
	u8 kind;
	u32 max_sge;
	u32 max_inline;
};

/**
 * struct vib_user_send - a send request, all of it possible
 * @request: what to do; of a datagram: verb, flags, length and imm
 * @wr_id: the consumer's cookie
 * @ah: number of the address handle, for a datagram
 * @remote_qpn: likewise
 * @remote_qkey: likewise
 * @num_sge: pieces
 * @status: enum vib_rc_status: VIB_RC_OK, or why it cannot be carried out
 * @opcode: enum ib_uverbs_wc_opcode
 * @is_signaled: it makes a completion
 * @is_inline: its bytes were given instead of pieces
 */
struct vib_user_send {
	struct vib_rc_request request;
	u64 wr_id;
	u32 ah;
	u32 remote_qpn;
	u32 remote_qkey;
	u32 num_sge;
	u8 status;
	u8 opcode;
	bool is_signaled;
	bool is_inline;
};

/**
 * struct vib_user_recv - a receive buffer
 * @wr_id: the consumer's cookie
 * @num_sge: pieces; none of one that cannot be used
 */
struct vib_user_recv {
	u64 wr_id;
	u32 num_sge;
};

/**
 * struct vib_user_cqe - a completion
 * @wr_id: the consumer's cookie
 * @status: enum ib_uverbs_wc status
 * @opcode: enum ib_uverbs_wc_opcode
 * @byte_len: received bytes
 * @imm: immediate data as it lies in memory, or the invalidated R_Key
 * @qpn: whose it is
 * @src_qpn: sender
 * @slid: sender
 * @pkey_index: P_Key it came with
 * @sl: service level
 * @path_bits: low bits of the destination LID
 * @has_grh: there was a GRH
 * @has_imm: @imm is immediate data
 * @has_invalidated: @imm is an R_Key
 */
struct vib_user_cqe {
	u64 wr_id;
	u32 status;
	u32 opcode;
	u32 byte_len;
	u32 imm;
	u32 qpn;
	u32 src_qpn;
	u16 slid;
	u16 pkey_index;
	u8 sl;
	u8 path_bits;
	bool has_grh;
	bool has_imm;
	bool has_invalidated;
};

/**
 * vib_ring_plan - how large a queue is going to be
 * @ring: written
 * @kind: enum vib_ring_kind
 * @entries: how many are to fit in, not more than 1 << 24
 * @room: bytes of each for pieces or data, not more than 4096
 *
 * Context: any.
 * Return: bytes of memory for vib_ring_begin().
 */
u64 vib_ring_plan(struct vib_ring *ring, int kind, u32 entries, u32 room);

/**
 * vib_ring_begin - make a queue of its memory
 * @ring: from vib_ring_plan()
 * @memory: zeroed, aligned like a u64
 *
 * Context: any.
 */
void vib_ring_begin(struct vib_ring *ring, u8 *memory);

/**
 * vib_ring_entries - how many entries fit in
 * @ring: the queue
 *
 * Context: any.
 * Return: the number.
 */
u32 vib_ring_entries(const struct vib_ring *ring);

/**
 * vib_ring_waiting - how many entries user space has added
 * @ring: a queue to take from
 *
 * Context: any.
 * Return: the number, with what was taken and not released never more than
 * vib_ring_entries().
 */
u32 vib_ring_waiting(const struct vib_ring *ring);

/**
 * vib_ring_peek_send - the next send request
 * @ring: the queue, in which one is waiting
 * @limits: of the queue
 * @tail: written: the pieces, or the bytes of an inline request; has room for
 *	what @limits say, aligned like a u64
 * @send: written
 *
 * Context: any.
 */
void vib_ring_peek_send(const struct vib_ring *ring,
			const struct vib_user_limits *limits, void *tail,
			struct vib_user_send *send);

/**
 * vib_ring_peek_recv - the next receive buffer
 * @ring: the queue, in which one is waiting
 * @max_sge: room for pieces
 * @sge: written: the pieces
 * @recv: written
 *
 * Context: any.
 */
void vib_ring_peek_recv(const struct vib_ring *ring, u32 max_sge,
			struct vib_user_sge *sge, struct vib_user_recv *recv);

/**
 * vib_ring_take - take what vib_ring_peek_*() has shown
 * @ring: the queue
 *
 * Context: any.
 */
void vib_ring_take(struct vib_ring *ring);

/**
 * vib_ring_release - the oldest entry that was taken can be used again
 * @ring: the queue
 *
 * Context: any.
 */
void vib_ring_release(struct vib_ring *ring);

/**
 * vib_ring_empty - take and release all there is
 * @ring: a queue to take from
 *
 * Context: any.
 */
void vib_ring_empty(struct vib_ring *ring);

/**
 * vib_ring_put - add a completion
 * @ring: a completion queue
 * @cqe: the completion
 *
 * Context: any.
 * Return: false if there is no room.
 */
bool vib_ring_put(struct vib_ring *ring, const struct vib_user_cqe *cqe);

/**
 * vib_ring_move - move what waits to another queue
 * @from: the queue
 * @to: a fresh one of the same kind
 * @kind: enum vib_ring_kind
 *
 * Context: any.
 * Return: false if there is not enough room; nothing was moved.
 */
bool vib_ring_move(const struct vib_ring *from, struct vib_ring *to, int kind);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* VIB_ABI_USER_H */
