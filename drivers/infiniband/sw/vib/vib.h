/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * The objects of the C glue and who may touch them.  The glue carries out
 * what the core (abi.h) decides; it looks at no header of a packet.
 *
 * datum                  protection
 * ---------------------  ------------------------------------------------
 * management state       vib_net.lock
 * vib_net.hca[],         vib_net.hotplug for writers, RCU for readers
 *   vib_link.plugged
 * vib_net.all[]          vib_net.hotplug
 * vib_trunk.dev          RTNL for writers, RCU for readers
 * vib_trunk.name,        RTNL
 *   .netns, .link,
 *   .is_connected
 * vib_trunk.peer         vib_trunk.lock
 * vib_line.late          vib_line.lock
 * vib_hca.egress,        vib_hca.egress_lock
 *   .ready, vib_qp.ready
 * vib_hca.qps, .mrs      xa_lock for writers, RCU for readers
 * vib_tap.readers        vib_tap.lock for writers, RCU for readers
 * vib_hca.ahs            xa_lock, for as long as what was found is used
 * vib_hca.groups, their  vib_hca.group_lock for writers, RCU for readers
 *   members
 * vib_qp.sq, .attr,      vib_qp.sq.lock
 *   .state, .epoch, .rc
 *   and all that is for
 *   connections only
 * vib_qp.rq              vib_qp.rq.lock; state and attr are written under
 *                        both
 * vib_qp.user            its halves as vib_qp.sq and vib_qp.rq
 * vib_cq                 vib_cq.lock
 * vib_srq                vib_srq.lock
 *
 * Order: vib_net.lock, vib_trunk.lock; sq.lock, rq.lock, vib_cq.lock,
 * vib_srq.lock.  No handler of a consumer is called under any of them.  A
 * vib_qp is freed after a grace period and when the last packet that it sent is
 * gone.
 */
#ifndef VIB_H
#define VIB_H

#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/list.h>
#include <linux/netdevice.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <rdma/ib_verbs.h>
#include <rdma/rdma_user_rxe.h>

#include "abi_offload.h"
#include "abi_trunk.h"
#include "abi_user.h"

#define VIB_FIRST_QPN		0x48
#define VIB_LOCAL_LKEY		0x76696200	/* any would do */
#define VIB_MAX_WR		16384
#define VIB_MAX_SGE		32
#define VIB_MAX_CQE		1048576
#define VIB_MAX_SRQ_WR		32768
#define VIB_MAX_MR_PAGES	512
#define VIB_MAX_AH		1048576
#define VIB_USER_ABI		2	/* of rdma_user_rxe.h */
#define VIB_GROUP_BUCKETS	256
#define VIB_EGRESS_MAX		8192	/* packets, besides management's */
#define VIB_MAX_SWITCHES	8

struct dentry;
struct platform_device;
struct vib_hca;
struct vib_qp;
struct vib_srq;
struct vib_mapping;

/**
 * struct vib_knob - a fault, for its file in debugfs
 * @line: where
 * @fault: enum vib_fault
 */
struct vib_knob {
	struct vib_line *line;
	u32 fault;
};

/**
 * struct vib_line - one direction of a link
 * @net: the fabric
 * @link: the link
 * @index: the HCA on it
 * @direction: enum vib_direction
 * @lock: for what follows
 * @late: packets that are held back, in the order in which they are due
 * @late_count: how many
 * @timer: when the first of them is due
 * @knob: its faults
 */
struct vib_line {
	struct vib_net *net;
	struct vib_link *link;
	u32 index;
	u32 direction;
	spinlock_t lock;	/* late */
	struct list_head late;
	u32 late_count;
	struct hrtimer timer;
	struct vib_knob knob[VIB_FAULT_COUNT];
};

/**
 * struct vib_tap - where a link can be looked at
 * @lock: for writers of @readers
 * @readers: who wants to see each packet, under RCU
 */
struct vib_tap {
	spinlock_t lock;	/* writers of readers */
	struct hlist_head readers;
};

/**
 * struct vib_link - the cable between an HCA and the switch
 * @tap: where it can be looked at
 * @plugged: it is connected, under vib_net.hotplug
 * @line: its directions
 */
struct vib_link {
	struct vib_tap tap;
	bool plugged;
	struct vib_line line[VIB_DIRECTIONS];
};

/**
 * struct vib_trunk - a port of the switch whose cable is an Ethernet device
 * @net: the fabric
 * @index: its number there
 * @link: which of the links on that Ethernet
 * @name: the device's name, or an empty string
 * @netns: cookie of the network namespace where it has that name
 * @dev: the device, NULL while there is none
 * @tracker: of its reference
 * @is_connected: the core thinks that the cable is in
 * @type: what the device receives for us
 * @tap: where it can be looked at
 * @lock: for @peer
 * @peer: Ethernet address of the other end
 * @frames: what is to be sent
 * @task: sends it
 * @timer: when to say hello again
 */
struct vib_trunk {
	struct vib_net *net;
	u32 index;
	u16 link;
	char name[IFNAMSIZ];
	u64 netns;
	struct net_device __rcu *dev;
	netdevice_tracker tracker;
	bool is_connected;
	struct packet_type type;
	struct vib_tap tap;
	spinlock_t lock;	/* peer */
	u8 peer[ETH_ALEN];
	struct sk_buff_head frames;
	struct tasklet_struct task;
	struct timer_list timer;
};

/**
 * struct vib_net - a switch and the HCAs on it
 * @core: the core's fabric
 * @lock: serialises management calls on @core
 * @hotplug: serialises the coming and going of HCAs and cables
 * @has_srqs: the kernel gets shared receive queues, too
 * @has_offloads: checksums and large sends of IPoIB
 * @is_accelerated: IPoIB is the HCA's own
 * @number: which of the switches
 * @first: number of its first HCA among those of all switches
 * @hcas: number of HCAs
 * @trunks: number of trunks
 * @all: the HCAs, NULL where there is none
 * @hca: the same for those that send to them, NULL earlier
 * @link: their links
 * @trunk: the trunks
 */
struct vib_net {
	struct vib_fabric *core;
	spinlock_t lock;	/* management */
	struct mutex hotplug;		/* HCAs and cables */
	bool has_srqs;
	bool has_offloads;
	bool is_accelerated;
	u32 number;
	u32 first;
	u32 hcas;
	u32 trunks;
	struct vib_hca *all[VIB_MAX_HCAS];
	struct vib_hca __rcu *hca[VIB_MAX_HCAS];
	struct vib_link link[VIB_MAX_HCAS];
	struct vib_trunk trunk[VIB_MAX_TRUNKS];
};

/**
 * struct vib_hca - a one-port HCA
 * @ib: what ib_core sees
 * @net: the fabric
 * @index: its number there
 * @closing: it goes away: whatever it sends fails at once
 * @parent: its parent device
 * @next_qpn: where xa_alloc_cyclic() goes on
 * @qps: queue pairs by number
 * @group_lock: for writers of @groups
 * @groups: multicast groups by GID
 * @egress_lock: for @egress
 * @egress: packets on their way out, in order
 * @egress_len: how many
 * @ready: connections that have something to send, referenced
 * @egress_task: takes them from there to their receivers
 * @rc_wire: a packet of a connection, made and carried by @egress_task
 * @next_key: where xa_alloc_cyclic() goes on
 * @mrs: memory regions by the upper 24 bits of their keys
 * @next_ah: where xa_alloc_cyclic_irq() goes on
 * @ahs: address handles of user space by their numbers
 */
struct vib_hca {
	struct ib_device ib;
	struct vib_net *net;
	u32 index;
	bool closing;
	struct platform_device *parent;

	u32 next_qpn;
	struct xarray qps;
	struct mutex group_lock;	/* writers of groups */
	struct hlist_head groups[VIB_GROUP_BUCKETS];

	spinlock_t egress_lock;	/* egress */
	struct list_head egress;
	u32 egress_len;
	struct list_head ready;
	struct tasklet_struct egress_task;
	u8 rc_wire[VIB_RC_PACKET_MAX];

	u32 next_key;
	struct xarray mrs;
	u32 next_ah;
	struct xarray ahs;
};

struct vib_ucontext {
	struct ib_ucontext ib;
};

/**
 * struct vib_user_ring - a queue that user space can map
 * @queue: what the core knows
 * @mapping: its memory, NULL if there is no queue
 * @size: bytes of it
 */
struct vib_user_ring {
	struct vib_ring queue;
	struct vib_mapping *mapping;
	u32 size;
};

/**
 * struct vib_cq - a completion queue
 * @ib: what ib_core sees
 * @lock: for everything below
 * @done: completions, oldest first
 * @armed: report the next completion
 * @solicited_only: but only if it is solicited or an error
 * @notifying: handler calls that are under way
 * @idle: woken when @notifying becomes 0
 * @cpu: where the handler is called
 * @interrupt: the call there
 * @user: completions of user space, instead of @done
 * @is_overrun: one of them was lost
 * @overrun_work: reports it
 *
 * The entries of @done are work queue entries.  The queue pair cannot reuse
 * one before it is polled, so a completion queue of the kernel needs no memory
 * of its own and cannot overflow.
 */
struct vib_cq {
	struct ib_cq ib;
	spinlock_t lock;	/* all below */
	struct list_head done;
	bool armed;
	bool solicited_only;
	u32 notifying;
	wait_queue_head_t idle;
	int cpu;
	call_single_data_t interrupt;
	struct vib_user_ring user;
	bool is_overrun;
	struct work_struct overrun_work;
};

/**
 * struct vib_cqe - a work request from its posting to its being polled
 * @node: in vib_cq.done, or in one of the lists of @srq
 * @qp: the queue pair
 * @srq: the shared receive queue that it belongs to, or NULL
 * @wr: the consumer's cookie
 * @seq: its position in the work queue
 * @byte_len: received bytes
 * @src_qpn: sender
 * @imm: immediate data, or the invalidated R_Key as it lies in memory
 * @slid: sender
 * @pkey_index: P_Key it came with
 * @status: enum ib_wc_status
 * @opcode: enum ib_wc_opcode
 * @flags: enum ib_wc_flags
 * @sl: service level
 * @path_bits: low bits of the destination LID
 * @signaled: it makes a completion
 * @solicited: the sender asked for an event
 */
struct vib_cqe {
	struct list_head node;
	struct vib_qp *qp;
	struct vib_srq *srq;
	union {
		u64 wr_id;
		struct ib_cqe *wr_cqe;
	} wr;
	u32 seq;
	u32 byte_len;
	u32 src_qpn;
	__be32 imm;
	u16 slid;
	u16 pkey_index;
	u8 status;
	u8 opcode;
	u8 flags;
	u8 sl;
	u8 path_bits;
	bool signaled;
	bool solicited;
};

/**
 * struct vib_wqe - a work request with its buffer
 * @cqe: its completion
 * @key: R_Key of a local request
 * @mr: memory region to be registered
 * @access: for what
 * @status: enum vib_rc_status: VIB_RC_OK, or why user space's cannot be done
 * @is_inline: @sge is the bytes themselves
 * @num_sge: entries of @sge
 * @sge: the pieces of the buffer
 */
struct vib_wqe {
	struct vib_cqe cqe;
	u32 key;
	struct ib_mr *mr;
	int access;
	u8 status;
	bool is_inline;
	u32 num_sge;
	struct ib_sge sge[];
};

/**
 * struct vib_srq - a shared receive queue
 * @ib: what ib_core sees
 * @lock: for everything below
 * @ring: its entries
 * @free: those that can be posted
 * @posted: those that are, oldest first
 * @count: entries of @posted
 * @size: entries of @ring
 * @max_sge: pieces of an entry
 * @limit: report when @count falls below; 0 if not wanted (any more)
 * @limit_work: the report
 * @user: buffers of user space, instead of @ring and its lists
 */
struct vib_srq {
	struct ib_srq ib;
	spinlock_t lock;	/* all below */
	void *ring;
	struct list_head free;
	struct list_head posted;
	u32 count;
	u32 size;
	u32 max_sge;
	u32 limit;
	struct work_struct limit_work;
	struct vib_user_ring user;
};

/**
 * struct vib_wq - a send or a receive queue: a ring
 * @lock: for @head, and see above
 * @cq: where its completions go
 * @ring: the entries
 * @stride: bytes of an entry
 * @size: number of entries, a power of two
 * @max_sge: pieces of an entry
 * @head: next to be posted
 * @next: next to be completed
 * @tail: next to be polled; written under the completion queue's lock
 */
struct vib_wq {
	spinlock_t lock;	/* head and next */
	struct vib_cq *cq;
	void *ring;
	u32 stride;
	u32 size;
	u32 max_sge;
	u32 head;
	u32 next;
	u32 tail;
};

/**
 * struct vib_user_qp - what a queue pair of user space has besides
 * @limits: of @sq
 * @sq: send requests; each is released when it completes
 * @rq: receive buffers, unless they are shared
 * @tail: pieces or bytes of the send request that is being looked at
 * @recv: the receive buffer in use
 */
struct vib_user_qp {
	struct vib_user_limits limits;
	struct vib_user_ring sq;
	struct vib_user_ring rq;
	void *tail;
	struct vib_wqe *recv;
};

/**
 * struct vib_qp - a queue pair as the data path knows it
 * @hca: where it is
 * @ib: what ib_core sees; not to be followed once @dead
 * @refs: the verbs object, and each packet under way
 * @rcu: for its end
 * @attr: what the core needs to know
 * @state: its state
 * @dead: destroyed
 * @signal_all: all send requests complete
 * @has_lso: was made for large sends
 * @psn: next packet sequence number
 * @epoch: changes with each reset; older packets do not complete
 * @sq: send queue
 * @rq: receive queue
 * @user: where user space posts, NULL if the kernel does
 * @cap: what it was made for
 * @memberships: multicast groups, under vib_hca.group_lock
 * @notify_send: calls of vib_cq_notify() that are due
 * @notify_recv: likewise
 * @rc: the connection, or NULL; what follows is for it only
 * @rc_attr: what the core knows
 * @srq: shared receive queue instead of @rq, or NULL
 * @taken: receive buffer in use
 * @is_ready: in vib_hca.ready
 * @ready: there
 * @is_established: has received a packet
 * @is_flushed: will take no more from @srq, as its owner was told
 * @wants_drained: IB_EVENT_SQ_DRAINED was asked for
 * @timer: for vib_rc_timer()
 * @timer_at: when it comes, or 0
 * @events: IB_EVENT_* bits that are to be reported
 * @event_work: reports them
 */
struct vib_qp {
	struct vib_hca *hca;
	struct ib_qp *ib;
	refcount_t refs;
	struct rcu_head rcu;
	struct vib_qp_attr attr;
	enum ib_qp_state state;
	bool dead;
	bool signal_all;
	bool has_lso;
	u32 psn;
	u32 epoch;
	struct vib_wq sq;
	struct vib_wq rq;
	struct vib_user_qp *user;
	struct ib_qp_cap cap;
	struct list_head memberships;
	int notify_send;
	int notify_recv;

	struct vib_rc *rc;
	struct vib_rc_attr rc_attr;
	struct vib_srq *srq;
	struct vib_wqe *taken;
	bool is_ready;
	struct list_head ready;
	bool is_established;
	bool is_flushed;
	bool wants_drained;
	struct hrtimer timer;
	u64 timer_at;
	unsigned long events;
	struct work_struct event_work;
};

struct vib_verbs_qp {
	struct ib_qp ib;
	struct vib_qp *qp;
};

/**
 * struct vib_ah - an address handle
 * @ib: what ib_core sees
 * @number: in vib_hca.ahs, or 0
 * @attr: as it was given
 * @av: as the core wants it
 */
struct vib_ah {
	struct ib_ah ib;
	u32 number;
	struct rdma_ah_attr attr;
	struct vib_av av;
};

struct vib_pd {
	struct ib_pd ib;
};

/**
 * struct vib_mr - a memory region
 * @ib: what ib_core sees
 * @rcu: for its end
 * @access: IB_ACCESS_* bits
 * @is_dma: all of memory
 * @is_valid: registered; written under RCU readers' eyes
 * @umem: memory of user space, or NULL
 * @first: address of the first byte of the first page
 * @max_pages: room in @pages
 * @num_pages: in use
 * @pages: where the pages are
 */
struct vib_mr {
	struct ib_mr ib;
	struct rcu_head rcu;
	int access;
	bool is_dma;
	bool is_valid;
	struct ib_umem *umem;
	u64 first;
	u32 max_pages;
	u32 num_pages;
	u64 pages[];
};

/**
 * struct vib_packet - a packet under way
 * @node: in vib_hca.egress
 * @qp: sender, referenced
 * @epoch: of the sender
 * @status: enum ib_wc_status for the sender
 * @send: whether it goes anywhere
 * @completes: it is the last one, or the only one, of its send request
 * @len: bytes at @wire
 * @wire: LRH to ICRC
 *
 * Nothing of @wire changes once vib_forward() is through with it.
 */
struct vib_packet {
	struct list_head node;
	struct vib_qp *qp;
	u32 epoch;
	u8 status;
	bool send;
	bool completes;
	u32 len;
	u8 wire[];
};

static inline struct vib_hca *to_vib_hca(struct ib_device *ib)
{
	return container_of(ib, struct vib_hca, ib);
}

static inline struct vib_cq *to_vib_cq(struct ib_cq *ib)
{
	return container_of(ib, struct vib_cq, ib);
}

static inline struct vib_ah *to_vib_ah(struct ib_ah *ib)
{
	return container_of(ib, struct vib_ah, ib);
}

static inline struct vib_srq *to_vib_srq(struct ib_srq *ib)
{
	return container_of(ib, struct vib_srq, ib);
}

static inline struct vib_mr *to_vib_mr(struct ib_mr *ib)
{
	return container_of(ib, struct vib_mr, ib);
}

static inline struct vib_qp *to_vib_qp(struct ib_qp *ib)
{
	return container_of(ib, struct vib_verbs_qp, ib)->qp;
}

static inline void *vib_wq_entry(struct vib_wq *wq, u32 seq)
{
	return wq->ring + (size_t)(seq & (wq->size - 1)) * wq->stride;
}

static inline bool vib_wq_is_full(const struct vib_wq *wq)
{
	/* Pairs with smp_store_release() in vib_poll_cq(). */
	return wq->head - smp_load_acquire(&wq->tail) >= wq->size;
}

/* Room for what comes behind a send request in its entry. */
static inline u32 vib_user_tail(const struct ib_qp_cap *cap)
{
	return max_t(u32, cap->max_send_sge * sizeof(struct vib_user_sge),
		     cap->max_inline_data);
}

/* A trunk's number among those of all switches. */
static inline u32 vib_trunk_number(const struct vib_trunk *trunk)
{
	return trunk->net->number * trunk->net->trunks + trunk->index;
}

/* hotplug.c */
int vib_hca_add(struct vib_net *net, u32 index);
void vib_hca_remove_all(struct vib_net **nets, u32 count);
int vib_hca_plug(struct vib_net *net, u32 index, bool plugged);
int vib_hca_make_present(struct vib_net *net, u32 index, bool present);

/* device.c */
struct vib_hca *vib_hca_create(struct vib_net *net, u32 index);
int vib_hca_register(struct vib_hca *hca);
void vib_hca_unregister(struct vib_hca *hca);
void vib_hca_destroy(struct vib_hca *hca);

/* mad.c */
int vib_process_mad(struct ib_device *ib, int flags, u32 port,
		    const struct ib_wc *wc, const struct ib_grh *grh,
		    const struct ib_mad *in, struct ib_mad *out,
		    size_t *out_size, u16 *out_pkey_index);
void vib_apply_effects(struct vib_net *net, const struct vib_effects *effects);

/* verbs.c */
void vib_av_from(struct vib_av *av, const struct rdma_ah_attr *attr);
int vib_alloc_pd(struct ib_pd *ib, struct ib_udata *udata);
int vib_dealloc_pd(struct ib_pd *ib, struct ib_udata *udata);
int vib_create_ah(struct ib_ah *ib, struct rdma_ah_init_attr *attr,
		  struct ib_udata *udata);
int vib_create_user_ah(struct ib_ah *ib, struct rdma_ah_init_attr *attr,
		       struct ib_udata *udata);
bool vib_user_av(const struct vib_qp *qp, u32 number, struct vib_av *av);
int vib_query_ah(struct ib_ah *ib, struct rdma_ah_attr *attr);
int vib_destroy_ah(struct ib_ah *ib, u32 flags);

/* mr.c */
struct ib_mr *vib_get_dma_mr(struct ib_pd *pd, int access);
struct ib_mr *vib_reg_user_mr(struct ib_pd *pd, u64 start, u64 length,
			      u64 virt_addr, int access,
			      struct ib_udata *udata);
struct ib_mr *vib_alloc_mr(struct ib_pd *pd, enum ib_mr_type type, u32 pages);
int vib_map_mr_sg(struct ib_mr *mr, struct scatterlist *sg, int count,
		  unsigned int *offset);
int vib_dereg_mr(struct ib_mr *mr, struct ib_udata *udata);
bool vib_mr_register(struct vib_qp *qp, struct ib_mr *mr, u32 key, int access);
bool vib_mr_invalidate(struct vib_qp *qp, u32 key);
bool vib_mr_permits(struct vib_qp *qp, u32 key, u64 addr, u32 len, int access);
bool vib_mr_copy(struct vib_qp *qp, u32 key, u64 addr, void *bytes, u32 len,
		 int access, bool to_mr);
u64 *vib_mr_word(struct vib_qp *qp, u32 key, u64 addr);

/* srq.c */
int vib_create_srq(struct ib_srq *ib, struct ib_srq_init_attr *attr,
		   struct ib_udata *udata);
int vib_modify_srq(struct ib_srq *ib, struct ib_srq_attr *attr,
		   enum ib_srq_attr_mask mask, struct ib_udata *udata);
int vib_query_srq(struct ib_srq *ib, struct ib_srq_attr *attr);
int vib_destroy_srq(struct ib_srq *ib, struct ib_udata *udata);
int vib_post_srq_recv(struct ib_srq *ib, const struct ib_recv_wr *wr,
		      const struct ib_recv_wr **bad);
void vib_srq_check_limit(struct vib_srq *srq, u32 count);
struct vib_wqe *vib_srq_take(struct vib_srq *srq);
void vib_srq_give_back(struct vib_cqe *cqe);

/* cq.c */
int vib_resize_cq(struct ib_cq *ib, int cqe, struct ib_udata *udata);
int vib_destroy_cq(struct ib_cq *ib, struct ib_udata *udata);
bool vib_cq_push(struct vib_cq *cq, struct vib_cqe *cqe);
bool vib_sq_done(struct vib_qp *qp, struct vib_cqe *cqe, u8 status);
void vib_cq_notify(struct vib_cq *cq);
void vib_cq_forget(struct vib_cq *cq, struct vib_qp *qp);
int vib_poll_cq(struct ib_cq *ib, int num, struct ib_wc *wc);
int vib_req_notify_cq(struct ib_cq *ib, enum ib_cq_notify_flags flags);

/* qp.c */
int vib_create_qp(struct ib_qp *ib, struct ib_qp_init_attr *attr,
		  struct ib_udata *udata);
int vib_destroy_qp(struct ib_qp *ib, struct ib_udata *udata);
void vib_qp_put(struct vib_qp *qp);

/* qp_state.c */
void vib_qp_empty(struct vib_qp *qp);
int vib_qp_flush(struct vib_qp *qp);
int vib_modify_qp(struct ib_qp *ib, struct ib_qp_attr *attr, int mask,
		  struct ib_udata *udata);
int vib_query_qp(struct ib_qp *ib, struct ib_qp_attr *attr, int mask,
		 struct ib_qp_init_attr *init_attr);

/* send.c */
u32 vib_send_length(const struct ib_send_wr *wr);
struct vib_packet *vib_packet_make(struct vib_qp *qp,
				   const struct vib_send *send, u8 **payload);
void vib_packet_enqueue(struct vib_qp *qp, struct vib_packet *packet);
void vib_send_enqueue(struct vib_qp *qp, struct vib_packet *packet, u64 wr_id,
		      bool signaled);
struct vib_send vib_datagram(struct vib_qp *qp, const struct ib_ud_wr *ud);
int vib_post_send(struct ib_qp *ib, const struct ib_send_wr *wr,
		  const struct ib_send_wr **bad);

int vib_post_user_datagram(struct vib_qp *qp, const struct vib_user_send *send,
			   const void *tail);

/* lso.c */
int vib_lso_post(struct vib_qp *qp, const struct ib_ud_wr *ud);

/* accel.c */
int vib_netdev_params(struct ib_device *ib, u32 port, enum rdma_netdev_t type,
		      struct rdma_netdev_alloc_params *params);

/* rc.c */
int vib_rc_create(struct vib_qp *qp, struct ib_qp_init_attr *attr);
void vib_rc_free(struct vib_qp *qp);
void vib_rc_stop(struct vib_qp *qp);
void vib_qp_changed(struct vib_qp *qp, unsigned long flags)
	__releases(&qp->sq.lock);
u32 vib_rc_make_packet(struct vib_qp *qp, u8 *wire);
void vib_rc_deliver(struct vib_qp *qp, const u8 *wire,
		    const struct vib_rx *rx);

/* rc_post.c */
int vib_rc_post_send(struct vib_qp *qp, const struct ib_send_wr *wr,
		     const struct ib_send_wr **bad);
void vib_rc_post_user(struct vib_qp *qp, const struct vib_user_send *send,
		      const void *tail);

/* rc_state.c */
bool vib_rc_attr_is_ok(const struct ib_qp_attr *attr, int mask);
void vib_rc_modify(struct vib_qp *qp, const struct ib_qp_attr *attr, int mask);
void vib_rc_query(struct vib_qp *qp, struct ib_qp_attr *attr);

/* egress.c */
void vib_carry(struct vib_net *net, u32 link, u8 *wire, u32 len);
void vib_egress_ready(struct vib_qp *qp);
void vib_egress_add(struct vib_hca *hca, struct vib_packet *packet);
void vib_deliver(struct vib_net *net, const struct vib_plan *plan,
		 const u8 *wire, u32 len);
void vib_egress_init(struct vib_hca *hca);
void vib_egress_stop(struct vib_hca *hca);

/* link.c */
void vib_link_send(struct vib_net *net, u32 index, u8 *wire, u32 len);
void vib_link_receive(struct vib_net *net, u32 index, const u8 *wire, u32 len);
void vib_link_init(struct vib_net *net, u32 index);
void vib_link_stop(struct vib_link *link);

/* capture.c */
extern const struct file_operations vib_capture_fops;
extern const struct file_operations vib_capture_erf_fops;
void vib_capture(struct vib_tap *tap, const u8 *wire, u32 len, bool sealed);
void vib_tap_init(struct vib_tap *tap);

/* What passes, with its checksums or without; see vib_capture(). */
static inline void vib_look(struct vib_tap *tap, const u8 *wire, u32 len,
			    bool sealed)
{
	if (!hlist_empty(&tap->readers))
		vib_capture(tap, wire, len, sealed);
}

/* debugfs.c */
void vib_debugfs_create(struct vib_net **nets, u32 count);
void vib_debugfs_remove(void);

/* trunk.c */
void vib_trunk_send(struct vib_trunk *trunk, const u8 *wire, u32 len);
void vib_trunk_connect(struct vib_trunk *trunk, bool connected);
void vib_trunk_flush(struct vib_trunk *trunk);
void vib_trunk_init(struct vib_net *net, u32 index);

/* trunk_dev.c */
int vib_trunk_cable(struct vib_trunk *trunk, struct net *netns,
		    const char *name, u16 link);
int vib_trunks_start(struct vib_net **nets, u32 count);
void vib_trunks_stop(void);

/* trunk_debugfs.c */
void vib_debugfs_add_trunk(struct dentry *parent, struct vib_trunk *trunk);

/* receive.c */
void vib_wqe_fill(struct vib_wqe *wqe, const struct ib_recv_wr *wr);
u32 vib_wqe_room(const struct vib_wqe *wqe);
int vib_post_recv(struct ib_qp *ib, const struct ib_recv_wr *wr,
		  const struct ib_recv_wr **bad);
void vib_receive(struct vib_net *net, u32 index, const u8 *wire, u32 len);
void vib_qp_receive_one(struct vib_qp *qp, const u8 *wire, struct vib_rx *rx);

/* mcast.c */
int vib_attach_mcast(struct ib_qp *ib, union ib_gid *gid, u16 lid);
int vib_detach_mcast(struct ib_qp *ib, union ib_gid *gid, u16 lid);
void vib_mcast_leave_all(struct vib_qp *qp);
void vib_mcast_receive(struct vib_hca *hca, const u8 *wire, struct vib_rx *rx);

/* stats.c */
struct rdma_hw_stats *vib_alloc_port_stats(struct ib_device *ib, u32 port);
int vib_get_port_stats(struct ib_device *ib, struct rdma_hw_stats *stats,
		       u32 port, int index);

/* user.c */
int vib_alloc_ucontext(struct ib_ucontext *ib, struct ib_udata *udata);
void vib_dealloc_ucontext(struct ib_ucontext *ib);
void vib_disassociate_ucontext(struct ib_ucontext *ib);
int vib_mmap(struct ib_ucontext *ib, struct vm_area_struct *vma);
void vib_mmap_free(struct rdma_user_mmap_entry *entry);
int vib_user_ring_create(struct vib_user_ring *ring, struct ib_udata *udata,
			 int kind, u32 entries, u32 room);
void vib_user_ring_destroy(struct vib_user_ring *ring);
void vib_user_ring_describe(const struct vib_user_ring *ring,
			    struct mminfo *info);

/* user_qp.c */
int vib_user_qp_create(struct vib_qp *qp, struct ib_qp_init_attr *attr,
		       struct ib_udata *udata);
void vib_user_qp_destroy(struct vib_qp *qp);
void vib_user_qp_empty(struct vib_qp *qp);
int vib_user_doorbell(struct vib_qp *qp);
struct vib_wqe *vib_user_peek_recv(struct vib_qp *qp);
void vib_user_take_recv(struct vib_qp *qp);
struct vib_wqe *vib_user_take(struct vib_qp *qp);

#endif /* VIB_H */
