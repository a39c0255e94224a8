// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Sending: a work request becomes a packet at once, in whatever context posts
 * it.  The egress (egress.c) does the rest.
 */
#include <linux/slab.h>

#include "vib.h"

/**
 * vib_send_length - how long a message is
 * @wr: the request
 *
 * Context: any.
 * Return: bytes.
 */
u32 vib_send_length(const struct ib_send_wr *wr)
{
	u32 len = 0;
	int i;

	for (i = 0; i < wr->num_sge; i++)
		len += wr->sg_list[i].length;
	return len;
}

static void gather(u8 *to, const struct ib_send_wr *wr)
{
	int i;

	for (i = 0; i < wr->num_sge; i++) {
		/* No DMA device: ib_dma_map_*() give kernel addresses. */
		memcpy(to, (void *)(uintptr_t)wr->sg_list[i].addr,
		       wr->sg_list[i].length);
		to += wr->sg_list[i].length;
	}
}

static u8 status_of(const struct vib_qp *qp, u8 drop)
{
	if (drop == VIB_DROP_TX_TOO_LONG)
		return IB_WC_LOC_LEN_ERR;
	if (drop != VIB_DROP_TX_CLOSING)
		return IB_WC_SUCCESS;
	/* ib_mad would post a flushed request once more. */
	return qp->attr.kind == VIB_QP_UD ? IB_WC_WR_FLUSH_ERR :
					    IB_WC_GENERAL_ERR;
}

/* Reasons of the glue's own not to send. */
static u8 check_egress(const struct vib_qp *qp)
{
	const struct vib_hca *hca = qp->hca;

	if (READ_ONCE(hca->closing))
		return VIB_DROP_TX_CLOSING;
	/* The queues of the SMI and the GSI are limit enough. */
	if (qp->attr.kind == VIB_QP_UD &&
	    READ_ONCE(hca->egress_len) >= VIB_EGRESS_MAX)
		return VIB_DROP_TX_QUEUE_FULL;
	return VIB_ACCEPT;
}

/**
 * vib_packet_make - a packet without its payload
 * @qp: sender
 * @send: the headers
 * @payload: written: where the payload goes if it is sent at all
 *
 * Context: any, under sq.lock.
 * Return: the packet or NULL.
 */
struct vib_packet *vib_packet_make(struct vib_qp *qp,
				   const struct vib_send *send, u8 **payload)
{
	struct vib_net *net = qp->hca->net;
	u8 drop = check_egress(qp);
	struct vib_packet *packet;
	struct vib_layout layout;
	u32 room = send->payload_len;

	if (drop || room > ib_mtu_enum_to_int(IB_MTU_4096))
		room = 0;	/* the core refuses a longer one */
	packet = kmalloc(struct_size(packet, wire,
				     VIB_HEADER_MAX + room + VIB_TAIL_MAX),
			 GFP_ATOMIC | __GFP_NOWARN);
	if (!packet)
		return NULL;

	layout = vib_send_build(net->core, qp->hca->index, send, packet->wire);
	if (drop)
		vib_count_drop(net->core, qp->hca->index, drop);
	else
		drop = layout.drop;
	packet->send = !drop;
	packet->status = status_of(qp, drop);
	packet->completes = false;
	packet->len = layout.header_len + room + layout.tail_len;
	*payload = packet->wire + layout.header_len;
	if (packet->send)
		memset(*payload + room, 0, layout.tail_len);
	return packet;
}

static void fail(struct vib_packet *packet, u8 status)
{
	packet->send = false;
	packet->status = status;
}

/**
 * vib_packet_enqueue - a packet leaves, in order
 * @qp: sender
 * @packet: belongs to the egress from here on
 *
 * Context: any, under sq.lock.
 */
void vib_packet_enqueue(struct vib_qp *qp, struct vib_packet *packet)
{
	if (qp->state == IB_QPS_ERR)
		fail(packet, IB_WC_WR_FLUSH_ERR);
	qp->psn++;
	refcount_inc(&qp->refs);
	packet->qp = qp;
	packet->epoch = qp->epoch;
	vib_egress_add(qp->hca, packet);
}

/**
 * vib_send_enqueue - the last packet of a send request
 * @qp: sender
 * @packet: it leaves, or at least completes, in the order of the ring
 * @wr_id: the consumer's cookie
 * @signaled: it makes a completion
 *
 * Context: any, under sq.lock.
 */
void vib_send_enqueue(struct vib_qp *qp, struct vib_packet *packet, u64 wr_id,
		      bool signaled)
{
	struct vib_cqe *cqe = vib_wq_entry(&qp->sq, qp->sq.head);

	memset(cqe, 0, sizeof(*cqe));
	cqe->qp = qp;
	cqe->wr.wr_id = wr_id;
	cqe->seq = qp->sq.head++;
	cqe->opcode = IB_WC_SEND;
	cqe->signaled = qp->signal_all || signaled;
	packet->completes = true;
	vib_packet_enqueue(qp, packet);
}

/**
 * vib_datagram - what a send request says of its packet or packets
 * @qp: sender
 * @ud: the request
 *
 * Context: any, under sq.lock.
 * Return: all but the length of the payload and immediate data.
 */
struct vib_send vib_datagram(struct vib_qp *qp, const struct ib_ud_wr *ud)
{
	return (struct vib_send) {
		.av = &to_vib_ah(ud->ah)->av,
		.qp = &qp->attr,
		.dest_qpn = ud->remote_qpn,
		.remote_qkey = ud->remote_qkey,
		.psn = qp->psn & 0xffffff,
		.pkey_index = ud->pkey_index,
		.solicited = ud->wr.send_flags & IB_SEND_SOLICITED,
	};
}

static int send_one(struct vib_qp *qp, const struct ib_send_wr *wr)
{
	struct vib_send send = vib_datagram(qp, ud_wr(wr));
	struct vib_packet *packet;
	u8 *payload;

	send.payload_len = vib_send_length(wr);
	send.has_imm = wr->opcode == IB_WR_SEND_WITH_IMM;
	if (send.has_imm)
		send.imm = (__force u32)wr->ex.imm_data;
	packet = vib_packet_make(qp, &send, &payload);
	if (!packet)
		return -ENOMEM;
	if (packet->send) {
		gather(payload, wr);
		if (wr->send_flags & IB_SEND_IP_CSUM)
			vib_fill_checksums(payload, send.payload_len);
	}
	vib_send_enqueue(qp, packet, wr->wr_id,
			 wr->send_flags & IB_SEND_SIGNALED);
	return 0;
}

/* What this queue pair can do. */
static bool is_possible(const struct vib_qp *qp, const struct ib_send_wr *wr)
{
	if ((wr->send_flags & IB_SEND_IP_CSUM) && !qp->hca->net->has_offloads)
		return false;
	return wr->opcode == IB_WR_SEND || wr->opcode == IB_WR_SEND_WITH_IMM ||
	       (wr->opcode == IB_WR_LSO && qp->has_lso);
}

static int post_one(struct vib_qp *qp, const struct ib_send_wr *wr)
{
	if (wr->num_sge > qp->sq.max_sge || !is_possible(qp, wr))
		return -EINVAL;
	if (qp->state != IB_QPS_RTS && qp->state != IB_QPS_ERR)
		return -EINVAL;
	if (vib_wq_is_full(&qp->sq))
		return -ENOMEM;
	return wr->opcode == IB_WR_LSO ? vib_lso_post(qp, ud_wr(wr)) :
					 send_one(qp, wr);
}

/* The same of a request of user space. */
static bool gather_user(struct vib_qp *qp, u8 *to,
			const struct vib_user_send *send, const void *tail)
{
	const struct vib_user_sge *sge = tail;
	u32 i;

	if (send->is_inline)
		memcpy(to, tail, send->request.length);
	for (i = 0; i < send->num_sge; to += sge[i++].length)
		if (!vib_mr_copy(qp, sge[i].lkey, sge[i].addr, to,
				 sge[i].length, 0, false))
			return false;
	return true;
}

/**
 * vib_post_user_datagram - a send request of user space
 * @qp: the queue pair
 * @from: the request
 * @tail: its pieces or bytes
 *
 * Context: any, under sq.lock.
 * Return: 0 or an errno.
 */
int vib_post_user_datagram(struct vib_qp *qp, const struct vib_user_send *from,
			   const void *tail)
{
	const struct vib_rc_request *request = &from->request;
	struct vib_av av = {};
	bool ok = !from->status && vib_user_av(qp, from->ah, &av);
	struct vib_send send = {
		.av = &av,
		.qp = &qp->attr,
		.dest_qpn = from->remote_qpn,
		.remote_qkey = from->remote_qkey,
		.psn = qp->psn & 0xffffff,
		.payload_len = request->length,
		.imm = request->imm,
		.has_imm = request->flags & VIB_RC_IMM,
		.solicited = request->flags & VIB_RC_SOLICITED,
	};
	struct vib_packet *packet;
	u8 *payload;

	packet = vib_packet_make(qp, &send, &payload);
	if (!packet)
		return -ENOMEM;
	if (from->status == VIB_RC_LOCAL_LENGTH)
		fail(packet, IB_WC_LOC_LEN_ERR);
	else if (!ok)
		fail(packet, IB_WC_LOC_QP_OP_ERR);
	else if (packet->send && !gather_user(qp, payload, from, tail))
		fail(packet, IB_WC_LOC_PROT_ERR);
	vib_send_enqueue(qp, packet, from->wr_id, from->is_signaled);
	return 0;
}

static int post_user(struct vib_qp *qp)
{
	unsigned long flags;
	int err;

	spin_lock_irqsave(&qp->sq.lock, flags);
	err = vib_user_doorbell(qp);
	vib_qp_changed(qp, flags);
	if (!qp->rc)
		tasklet_schedule(&qp->hca->egress_task);
	return err;
}

/**
 * vib_post_send - ib_device_ops.post_send
 * @ib: the queue pair
 * @wr: what to send; NULL says that user space has written it itself
 * @bad: the first that was not accepted, if any
 *
 * Context: any; ib_mad calls it with interrupts off and a spinlock held.
 * Return: 0 or an errno.
 */
int vib_post_send(struct ib_qp *ib, const struct ib_send_wr *wr,
		  const struct ib_send_wr **bad)
{
	struct vib_qp *qp = to_vib_qp(ib);
	unsigned long flags;
	int err = 0;

	*bad = wr;
	if (qp->user)
		return wr ? -EINVAL : post_user(qp);
	if (qp->rc)
		return vib_rc_post_send(qp, wr, bad);
	spin_lock_irqsave(&qp->sq.lock, flags);
	for (; wr; wr = wr->next) {
		err = post_one(qp, wr);
		if (err) {
			*bad = wr;
			break;
		}
	}
	spin_unlock_irqrestore(&qp->sq.lock, flags);
	tasklet_schedule(&qp->hca->egress_task);
	return err;
}
