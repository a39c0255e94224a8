// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Receiving: posted buffers, and packets that are copied into them.
 */
#include "vib.h"

/**
 * vib_wqe_fill - write a receive buffer into its entry
 * @wqe: the entry
 * @wr: the buffer, which has not too many pieces
 *
 * Context: any.
 */
void vib_wqe_fill(struct vib_wqe *wqe, const struct ib_recv_wr *wr)
{
	memset(&wqe->cqe, 0, sizeof(wqe->cqe));
	wqe->cqe.wr.wr_id = wr->wr_id;
	wqe->cqe.opcode = IB_WC_RECV;
	wqe->num_sge = wr->num_sge;
	memcpy(wqe->sge, wr->sg_list, wr->num_sge * sizeof(*wqe->sge));
}

/**
 * vib_wqe_room - how much fits into a buffer
 * @wqe: the buffer
 *
 * Context: any.
 * Return: bytes.
 */
u32 vib_wqe_room(const struct vib_wqe *wqe)
{
	u32 room = 0;
	u32 i;

	for (i = 0; i < wqe->num_sge; i++)
		room += wqe->sge[i].length;
	return room;
}

static int post_one(struct vib_qp *qp, const struct ib_recv_wr *wr)
{
	struct vib_wqe *rqe;

	if (wr->num_sge > qp->rq.max_sge || qp->state == IB_QPS_RESET ||
	    qp->srq || qp->user)
		return -EINVAL;
	if (vib_wq_is_full(&qp->rq))
		return -ENOMEM;

	rqe = vib_wq_entry(&qp->rq, qp->rq.head);
	vib_wqe_fill(rqe, wr);
	rqe->cqe.qp = qp;
	rqe->cqe.seq = qp->rq.head++;
	return 0;
}

/* A queue pair in error completes what is posted at once. */
static int flush_one(struct vib_qp *qp)
{
	struct vib_wqe *rqe;

	if (qp->state != IB_QPS_ERR)
		return 0;
	rqe = vib_wq_entry(&qp->rq, qp->rq.next++);
	rqe->cqe.status = IB_WC_WR_FLUSH_ERR;
	return vib_cq_push(qp->rq.cq, &rqe->cqe);
}

/* The other end of a connection may be waiting for them. */
static void tell_of_buffers(struct vib_qp *qp)
{
	unsigned long flags;

	spin_lock_irqsave(&qp->sq.lock, flags);
	if (vib_rc_buffers_posted(qp->rc))
		vib_qp_changed(qp, flags);
	else
		spin_unlock_irqrestore(&qp->sq.lock, flags);
}

/**
 * vib_post_recv - ib_device_ops.post_recv
 * @ib: the queue pair
 * @wr: buffers
 * @bad: the first that was not accepted, if any
 *
 * Context: any.
 * Return: 0 or an errno.
 */
int vib_post_recv(struct ib_qp *ib, const struct ib_recv_wr *wr,
		  const struct ib_recv_wr **bad)
{
	struct vib_qp *qp = to_vib_qp(ib);
	unsigned long flags;
	int notify = 0;
	int err = 0;

	spin_lock_irqsave(&qp->rq.lock, flags);
	for (; wr; wr = wr->next) {
		err = post_one(qp, wr);
		if (err) {
			*bad = wr;
			break;
		}
		notify += flush_one(qp);
	}
	spin_unlock_irqrestore(&qp->rq.lock, flags);

	while (notify--)
		vib_cq_notify(qp->rq.cq);
	if (qp->rc)
		tell_of_buffers(qp);
	return err;
}

/* Copy to @offset of a buffer that has room for it. */
static bool scatter(struct vib_qp *qp, const struct vib_wqe *rqe, u32 offset,
		    const u8 *from, u32 len)
{
	const struct ib_sge *sge = rqe->sge;
	u32 part;

	for (; offset >= sge->length; sge++)
		offset -= sge->length;
	for (; len; sge++, offset = 0) {
		part = min(len, sge->length - offset);
		/* No DMA device: ib_dma_map_*() give kernel addresses. */
		if (!qp->user)
			memcpy((void *)(uintptr_t)(sge->addr + offset), from,
			       part);
		else if (!vib_mr_copy(qp, sge->lkey, sge->addr + offset,
				      (void *)from, part, IB_ACCESS_LOCAL_WRITE,
				      true))
			return false;
		from += part;
		len -= part;
	}
	return true;
}

static void fill_cqe(struct vib_cqe *cqe, const struct vib_rx *rx)
{
	cqe->byte_len = VIB_GRH_LEN + rx->payload_len;
	cqe->src_qpn = rx->src_qpn;
	cqe->imm = (__force __be32)rx->imm;
	cqe->slid = rx->slid;
	cqe->pkey_index = rx->pkey_index;
	cqe->flags = (rx->has_grh ? IB_WC_GRH : 0) |
		     (rx->has_imm ? IB_WC_WITH_IMM : 0) |
		     (rx->has_right_checksums ? IB_WC_IP_CSUM_OK : 0);
	cqe->sl = rx->sl;
	cqe->path_bits = rx->path_bits;
	cqe->solicited = rx->solicited;
}

static struct vib_wqe *peek(struct vib_qp *qp)
{
	if (qp->user)
		return vib_user_peek_recv(qp);
	return qp->rq.next == qp->rq.head ?
		       NULL : vib_wq_entry(&qp->rq, qp->rq.next);
}

static u32 take(struct vib_qp *qp, const u8 *wire, const struct vib_rx *rx,
		struct vib_cqe **done)
{
	struct vib_wqe *rqe = peek(qp);
	bool ok = true;

	if (!rqe)
		return VIB_DROP_RX_NO_WQE;
	if (vib_wqe_room(rqe) < VIB_GRH_LEN + rx->payload_len)
		return VIB_DROP_RX_TOO_LONG;

	if (qp->user)
		vib_user_take_recv(qp);
	else
		qp->rq.next++;
	if (rx->has_grh)
		ok = scatter(qp, rqe, 0, wire + rx->grh, VIB_GRH_LEN);
	if (ok && rx->payload_len)
		ok = scatter(qp, rqe, VIB_GRH_LEN, wire + rx->payload,
			     rx->payload_len);
	fill_cqe(&rqe->cqe, rx);
	rqe->cqe.status = ok ? IB_WC_SUCCESS : IB_WC_LOC_PROT_ERR;
	*done = &rqe->cqe;
	return VIB_ACCEPT;
}

/**
 * vib_qp_receive_one - a packet for a queue pair
 * @qp: the queue pair, maybe dead
 * @wire: the packet
 * @rx: what the port made of it
 *
 * Context: RCU read side.
 */
void vib_qp_receive_one(struct vib_qp *qp, const u8 *wire, struct vib_rx *rx)
{
	struct vib_hca *hca = qp->hca;
	struct vib_cqe *cqe = NULL;
	struct vib_cq *cq = NULL;
	unsigned long flags;
	u32 drop;

	/* The lock is held while copying: whoever flushes owns the buffers. */
	spin_lock_irqsave(&qp->rq.lock, flags);
	if (vib_qp_receive(hca->net->core, hca->index, &qp->attr, rx))
		goto out;
	drop = take(qp, wire, rx, &cqe);
	if (drop)
		vib_count_drop(hca->net->core, hca->index, drop);
	else if (vib_cq_push(qp->rq.cq, cqe))
		cq = qp->rq.cq;
out:
	spin_unlock_irqrestore(&qp->rq.lock, flags);
	if (cq)
		vib_cq_notify(cq);
}

/**
 * vib_receive - a packet arrives at an HCA
 * @net: the fabric
 * @index: the HCA
 * @wire: the packet
 * @len: its length
 *
 * Context: RCU read side.
 */
void vib_receive(struct vib_net *net, u32 index, const u8 *wire, u32 len)
{
	struct vib_hca *hca = rcu_dereference(net->hca[index]);
	struct vib_fabric *core = net->core;
	struct vib_qp *qp;
	struct vib_rx rx;

	if (!hca || vib_port_receive(core, index, wire, len, &rx))
		return;
	if (net->has_offloads && !rx.connected)
		rx.has_right_checksums =
			vib_has_right_checksums(wire + rx.payload,
						rx.payload_len);
	if (rx.multicast) {
		vib_mcast_receive(hca, wire, &rx);
		return;
	}
	qp = xa_load(&hca->qps, rx.dest_qpn);
	if (qp && qp->rc && rx.connected)
		vib_rc_deliver(qp, wire, &rx);
	else if (qp)
		vib_qp_receive_one(qp, wire, &rx);
	else
		vib_count_drop(core, index, VIB_DROP_RX_NO_QP);
}
