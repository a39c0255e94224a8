/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * The boundary for reliable connections: IBA 9.7 is the core's, memory,
 * buffers, timers and completions are the glue's.
 *
 * CONTRACT: all calls for one connection are serialised by the caller, who
 * holds the lock of the queue pair; different connections may be used beside
 * each other.  The functions vib_k_rc_*() are the glue's; the core calls them
 * from inside vib_rc_*(), so under that lock.  @host is the glue's queue pair.
 * Times are in nanoseconds of a clock that does not go back.
 */
#ifndef VIB_ABI_RC_H
#define VIB_ABI_RC_H

#include "abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VIB_RC_HEADER_MAX	88	/* LRH, GRH, BTH, AtomicETH */
#define VIB_RC_PACKET_MAX	(VIB_RC_HEADER_MAX + 4096 + VIB_TAIL_MAX)
#define VIB_RC_RESOURCES	16	/* READs and atomics under way */
#define VIB_RC_MAX_MESSAGE	0x40000000u
#define VIB_RC_INFINITE		7	/* RNR retries */
#define VIB_RC_NO_DEADLINE	(~0ull)
#define VIB_RC_SHARED		(~0u)	/* receive buffers: nobody's own */

/* Kinds of access, of a queue pair and of memory. */
#define VIB_ACCESS_LOCAL_WRITE	0x1u
#define VIB_ACCESS_WRITE	0x2u
#define VIB_ACCESS_READ		0x4u
#define VIB_ACCESS_ATOMIC	0x8u

enum vib_rc_verb {
	VIB_RC_SEND,
	VIB_RC_WRITE,
	VIB_RC_READ,
	VIB_RC_CMP_SWAP,
	VIB_RC_FETCH_ADD,
	VIB_RC_LOCAL,		/* not for the wire, but in order */
};

#define VIB_RC_IMM		0x1u
#define VIB_RC_INVALIDATE	0x2u
#define VIB_RC_SOLICITED	0x4u
#define VIB_RC_FENCE		0x8u

/* How a work request ended. */
enum vib_rc_status {
	VIB_RC_OK,
	VIB_RC_FLUSHED,
	VIB_RC_LOCAL_LENGTH,
	VIB_RC_LOCAL_PROTECTION,
	VIB_RC_LOCAL_OPERATION,
	VIB_RC_LOCAL_QP_OPERATION,
	VIB_RC_REMOTE_INVALID_REQUEST,
	VIB_RC_REMOTE_ACCESS,
	VIB_RC_REMOTE_OPERATION,
	VIB_RC_BAD_RESPONSE,
	VIB_RC_RETRIES_EXCEEDED,
	VIB_RC_RNR_RETRIES_EXCEEDED,
};

/* Why a connection broke, as its owner is told beside the completions. */
enum vib_rc_event {
	VIB_RC_NO_EVENT,	/* a completion says it */
	VIB_RC_REQUEST_ERROR,
	VIB_RC_ACCESS_ERROR,
	VIB_RC_FATAL,
};

struct vib_rc;

/**
 * struct vib_rc_request - a posted send request
 * @remote_addr: for WRITE, READ and atomics
 * @compare: for CMP_SWAP
 * @swap_or_add: for atomics
 * @rkey: for @remote_addr
 * @length: bytes of the message, 8 for atomics
 * @imm: immediate data as it lies in memory, or the R_Key to invalidate
 * @verb: enum vib_rc_verb
 * @flags: VIB_RC_* bits
 */
struct vib_rc_request {
	u64 remote_addr;
	u64 compare;
	u64 swap_or_add;
	u32 rkey;
	u32 length;
	u32 imm;
	u8 verb;
	u8 flags;
};

/**
 * struct vib_rc_attr - attributes of a connection, IBA encodings
 * @av: the way to the other end
 * @qpn: own number
 * @dest_qpn: the other's number
 * @pkey_index: P_Key table entry
 * @path_mtu: MTU code, 1..5
 * @timeout: local ACK timeout, 0 for never
 * @retry_count: retries without an answer
 * @rnr_retry: retries when the receiver is not ready, or VIB_RC_INFINITE
 * @min_rnr_timer: what to tell a sender when there is no receive buffer
 * @max_rd_atomic: READs and atomics that may be under way
 * @max_dest_rd_atomic: those of the other end
 * @access: VIB_ACCESS_* bits that the other end may use
 * @can_receive: RTR, RTS or SQD
 * @can_send: RTS or SQD
 * @draining: SQD: begin no further request
 */
struct vib_rc_attr {
	struct vib_av av;
	u32 qpn;
	u32 dest_qpn;
	u16 pkey_index;
	u8 path_mtu;
	u8 timeout;
	u8 retry_count;
	u8 rnr_retry;
	u8 min_rnr_timer;
	u8 max_rd_atomic;
	u8 max_dest_rd_atomic;
	u8 access;
	bool can_receive;
	bool can_send;
	bool draining;
};

/**
 * struct vib_rc_received - how a receive buffer was used
 * @byte_len: bytes received, for a WRITE those of the WRITE
 * @imm: immediate data as it lies in memory, or the R_Key to invalidate
 * @status: enum vib_rc_status
 * @is_write: it was a WRITE with immediate data
 * @flags: VIB_RC_* bits
 */
struct vib_rc_received {
	u32 byte_len;
	u32 imm;
	u8 status;
	bool is_write;
	u8 flags;
};

/**
 * vib_rc_size - bytes of zeroed memory that a connection needs
 * @requests: entries of its send queue, a power of two
 *
 * Context: any.
 * Return: the size.
 */
unsigned long vib_rc_size(u32 requests);

/**
 * vib_rc_init - make a connection, or begin anew with one
 * @rc: vib_rc_size() bytes
 * @host: given back to vib_k_rc_*()
 * @fabric: the fabric
 * @hca: the HCA it is on
 * @requests: as given to vib_rc_size()
 *
 * Context: any.
 */
void vib_rc_init(struct vib_rc *rc, void *host, struct vib_fabric *fabric,
		 u32 hca, u32 requests);

/**
 * vib_rc_set_attr - new attributes
 * @rc: the connection
 * @attr: all of them
 *
 * Context: any.
 */
void vib_rc_set_attr(struct vib_rc *rc, const struct vib_rc_attr *attr);

/**
 * vib_rc_expect - the first PSN that will be received
 * @rc: the connection
 * @psn: the number
 *
 * Context: any.
 */
void vib_rc_expect(struct vib_rc *rc, u32 psn);

/**
 * vib_rc_begin - the first PSN that will be sent
 * @rc: the connection
 * @psn: the number
 *
 * Context: any.
 */
void vib_rc_begin(struct vib_rc *rc, u32 psn);

/**
 * vib_rc_psns - the next PSNs
 * @rc: the connection
 * @sq: written: to be sent
 * @rq: written: to be received
 *
 * Context: any.
 */
void vib_rc_psns(const struct vib_rc *rc, u32 *sq, u32 *rq);

/**
 * vib_rc_post - add a request to the send queue, which has room for it
 * @rc: the connection
 * @request: copied
 *
 * Context: any.
 */
void vib_rc_post(struct vib_rc *rc, const struct vib_rc_request *request);

/**
 * vib_rc_buffers_posted - receive buffers were posted
 * @rc: the connection
 *
 * Context: any.
 * Return: true if vib_rc_transmit() has something to send.
 */
bool vib_rc_buffers_posted(struct vib_rc *rc);

/**
 * vib_rc_flush - end all requests, and the message that is being received
 * @rc: the connection, which is in error
 *
 * Context: any.
 */
void vib_rc_flush(struct vib_rc *rc);

/**
 * vib_rc_is_drained - is no request under way?
 * @rc: the connection
 *
 * Context: any.
 * Return: see above.
 */
bool vib_rc_is_drained(const struct vib_rc *rc);

/**
 * vib_rc_transmit - the next packet to send
 * @rc: the connection
 * @now: the time
 * @wire: VIB_RC_PACKET_MAX bytes, written
 *
 * Context: any.
 * Return: length of the packet, 0 if there is none.
 */
u32 vib_rc_transmit(struct vib_rc *rc, u64 now, u8 *wire);

/**
 * vib_rc_receive - a packet arrived
 * @rc: the connection
 * @now: the time
 * @wire: the packet
 * @rx: from vib_port_receive()
 *
 * Context: any.  The caller looks at vib_rc_transmit() afterwards.
 * Return: VIB_ACCEPT or enum vib_drop (counted).
 */
int vib_rc_receive(struct vib_rc *rc, u64 now, const u8 *wire,
		   const struct vib_rx *rx);

/**
 * vib_rc_deadline - when vib_rc_timer() wants to be called
 * @rc: the connection
 *
 * Context: any.
 * Return: the time, or VIB_RC_NO_DEADLINE.
 */
u64 vib_rc_deadline(const struct vib_rc *rc);

/**
 * vib_rc_timer - time has passed
 * @rc: the connection
 * @now: the time
 *
 * Context: any.  The caller looks at vib_rc_transmit() afterwards.
 */
void vib_rc_timer(struct vib_rc *rc, u64 now);

/**
 * vib_k_rc_gather - bytes of a send request
 * @host: the queue pair
 * @seq: which request, counted from 0 since vib_rc_init()
 * @offset: where in its message
 * @to: written
 * @len: how many
 *
 * Return: enum vib_rc_status.
 */
int vib_k_rc_gather(void *host, u32 seq, u32 offset, u8 *to, u32 len);

/**
 * vib_k_rc_scatter - bytes that a READ or an atomic brought
 * @host: the queue pair
 * @seq: which request
 * @offset: where in its message
 * @from: the bytes
 * @len: how many
 *
 * Return: enum vib_rc_status.
 */
int vib_k_rc_scatter(void *host, u32 seq, u32 offset, const u8 *from, u32 len);

/**
 * vib_k_rc_local - carry out a request of VIB_RC_LOCAL
 * @host: the queue pair
 * @seq: which request
 *
 * Return: enum vib_rc_status.
 */
int vib_k_rc_local(void *host, u32 seq);

/**
 * vib_k_rc_sent - a send request is done; called in their order
 * @host: the queue pair
 * @seq: which request
 * @status: enum vib_rc_status
 */
void vib_k_rc_sent(void *host, u32 seq, int status);

/**
 * vib_k_rc_buffers - how many receive buffers are posted
 * @host: the queue pair
 *
 * Return: the number, or VIB_RC_SHARED.
 */
u32 vib_k_rc_buffers(void *host);

/**
 * vib_k_rc_take - take the next receive buffer
 * @host: the queue pair
 *
 * Return: false if there is none.
 */
bool vib_k_rc_take(void *host);

/**
 * vib_k_rc_fill - bytes for the buffer that was taken
 * @host: the queue pair
 * @offset: where
 * @from: the bytes
 * @len: how many
 *
 * Return: enum vib_rc_status.
 */
int vib_k_rc_fill(void *host, u32 offset, const u8 *from, u32 len);

/**
 * vib_k_rc_received - the buffer that was taken is done
 * @host: the queue pair
 * @received: how
 */
void vib_k_rc_received(void *host, const struct vib_rc_received *received);

/**
 * vib_k_rc_may_access - may the other end use this memory?
 * @host: the queue pair
 * @rkey: its key
 * @addr: where
 * @len: how many bytes
 * @access: one of VIB_ACCESS_*
 *
 * Return: see above.
 */
bool vib_k_rc_may_access(void *host, u32 rkey, u64 addr, u32 len, u8 access);

/**
 * vib_k_rc_write - write memory
 * @host: the queue pair
 * @rkey: its key
 * @addr: where
 * @from: the bytes
 * @len: how many
 *
 * Return: false if that is not allowed (any more).
 */
bool vib_k_rc_write(void *host, u32 rkey, u64 addr, const u8 *from, u32 len);

/**
 * vib_k_rc_read - read memory
 * @host: the queue pair
 * @rkey: its key
 * @addr: where
 * @to: written
 * @len: how many
 *
 * Return: false if that is not allowed (any more).
 */
bool vib_k_rc_read(void *host, u32 rkey, u64 addr, u8 *to, u32 len);

/**
 * vib_k_rc_atomic - change a u64 in memory, vib_k_rc_may_access() being true
 * @host: the queue pair
 * @addr: where
 * @swap_or_add: new value, or what to add
 * @compare: the old value it must have, or NULL for an addition
 * @rkey: its key
 * @old: written: what it was
 *
 * Return: false if that is not allowed (any more).
 */
bool vib_k_rc_atomic(void *host, u32 rkey, u64 addr, u64 swap_or_add,
		     const u64 *compare, u64 *old);

/**
 * vib_k_rc_invalidate - the other end invalidates an R_Key
 * @host: the queue pair
 * @rkey: the key
 *
 * Return: false if that is not allowed.
 */
bool vib_k_rc_invalidate(void *host, u32 rkey);

/**
 * vib_k_rc_broken - the connection is in error and flushed
 * @host: the queue pair
 * @event: enum vib_rc_event
 *
 * The glue flushes what only it knows of.  What vib_rc_transmit() still has
 * to say is to be sent.
 */
void vib_k_rc_broken(void *host, int event);

/**
 * vib_k_rc_drained - a draining send queue has no request under way any more
 * @host: the queue pair
 */
void vib_k_rc_drained(void *host);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* VIB_ABI_RC_H */
