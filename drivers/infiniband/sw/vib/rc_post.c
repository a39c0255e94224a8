// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Reliable connections: work requests for the send queue.
 */
#include "vib.h"

static const struct {
	u8 verb;
	u8 flags;
	u8 wc;
	bool ok;
} opcodes[] = {
	[IB_WR_SEND] = { VIB_RC_SEND, 0, IB_WC_SEND, true },
	[IB_WR_SEND_WITH_IMM] = { VIB_RC_SEND, VIB_RC_IMM, IB_WC_SEND, true },
	[IB_WR_SEND_WITH_INV] = { VIB_RC_SEND, VIB_RC_INVALIDATE, IB_WC_SEND,
				  true },
	[IB_WR_RDMA_WRITE] = { VIB_RC_WRITE, 0, IB_WC_RDMA_WRITE, true },
	[IB_WR_RDMA_WRITE_WITH_IMM] = { VIB_RC_WRITE, VIB_RC_IMM,
					IB_WC_RDMA_WRITE, true },
	[IB_WR_RDMA_READ] = { VIB_RC_READ, 0, IB_WC_RDMA_READ, true },
	[IB_WR_ATOMIC_CMP_AND_SWP] = { VIB_RC_CMP_SWAP, 0, IB_WC_COMP_SWAP,
				       true },
	[IB_WR_ATOMIC_FETCH_AND_ADD] = { VIB_RC_FETCH_ADD, 0, IB_WC_FETCH_ADD,
					 true },
	[IB_WR_LOCAL_INV] = { VIB_RC_LOCAL, 0, IB_WC_LOCAL_INV, true },
	[IB_WR_REG_MR] = { VIB_RC_LOCAL, 0, IB_WC_REG_MR, true },
};

static bool is_atomic(const struct vib_rc_request *request)
{
	return request->verb == VIB_RC_CMP_SWAP ||
	       request->verb == VIB_RC_FETCH_ADD;
}

static bool translate(const struct ib_send_wr *wr,
		      struct vib_rc_request *request)
{
	u64 length = 0;
	int i;

	if (wr->opcode >= ARRAY_SIZE(opcodes) || !opcodes[wr->opcode].ok)
		return false;
	memset(request, 0, sizeof(*request));
	request->verb = opcodes[wr->opcode].verb;
	request->flags = opcodes[wr->opcode].flags;
	if (wr->send_flags & IB_SEND_SOLICITED)
		request->flags |= VIB_RC_SOLICITED;
	if (wr->send_flags & IB_SEND_FENCE)
		request->flags |= VIB_RC_FENCE;
	if (request->flags & VIB_RC_IMM)
		request->imm = (__force u32)wr->ex.imm_data;
	if (request->flags & VIB_RC_INVALIDATE)
		request->imm = wr->ex.invalidate_rkey;
	if (request->verb == VIB_RC_LOCAL)
		return true;

	for (i = 0; i < wr->num_sge; i++)
		length += wr->sg_list[i].length;
	request->length = length;
	if (is_atomic(request)) {
		const struct ib_atomic_wr *atomic = atomic_wr(wr);
		bool swap = request->verb == VIB_RC_CMP_SWAP;

		request->remote_addr = atomic->remote_addr;
		request->rkey = atomic->rkey;
		request->compare = swap ? atomic->compare_add : 0;
		request->swap_or_add = swap ? atomic->swap :
					      atomic->compare_add;
		return length == sizeof(u64);
	}
	if (request->verb != VIB_RC_SEND) {
		request->remote_addr = rdma_wr(wr)->remote_addr;
		request->rkey = rdma_wr(wr)->rkey;
	}
	return length <= VIB_RC_MAX_MESSAGE;
}

static struct vib_wqe *begin_wqe(struct vib_qp *qp)
{
	struct vib_wqe *wqe = vib_wq_entry(&qp->sq, qp->sq.head);

	memset(wqe, 0, sizeof(*wqe));
	wqe->cqe.qp = qp;
	wqe->cqe.seq = qp->sq.head++;
	return wqe;
}

static void fill_wqe(struct vib_qp *qp, const struct ib_send_wr *wr, u32 length)
{
	struct vib_wqe *wqe = begin_wqe(qp);

	wqe->cqe.wr.wr_id = wr->wr_id;
	wqe->cqe.opcode = opcodes[wr->opcode].wc;
	wqe->cqe.byte_len = length;
	wqe->cqe.signaled = qp->signal_all ||
			    (wr->send_flags & IB_SEND_SIGNALED);
	if (wr->opcode == IB_WR_REG_MR) {
		wqe->mr = reg_wr(wr)->mr;
		wqe->key = reg_wr(wr)->key;
		wqe->access = reg_wr(wr)->access;
	} else if (wr->opcode == IB_WR_LOCAL_INV) {
		wqe->key = wr->ex.invalidate_rkey;
	} else {
		wqe->num_sge = wr->num_sge;
		memcpy(wqe->sge, wr->sg_list,
		       wr->num_sge * sizeof(*wqe->sge));
	}
}

static int post_one(struct vib_qp *qp, const struct ib_send_wr *wr)
{
	struct vib_rc_request request;

	if (wr->num_sge > qp->sq.max_sge ||
	    (qp->state != IB_QPS_RTS && qp->state != IB_QPS_SQD &&
	     qp->state != IB_QPS_ERR) ||
	    !translate(wr, &request))
		return -EINVAL;
	if (vib_wq_is_full(&qp->sq))
		return -ENOMEM;
	fill_wqe(qp, wr, request.length);
	vib_rc_post(qp->rc, &request);
	return 0;
}

/**
 * vib_rc_post_user - a send request of user space
 * @qp: the queue pair
 * @send: the request
 * @tail: its pieces or bytes
 *
 * Context: any, under sq.lock.
 */
void vib_rc_post_user(struct vib_qp *qp, const struct vib_user_send *send,
		      const void *tail)
{
	struct vib_wqe *wqe = begin_wqe(qp);

	wqe->cqe.wr.wr_id = send->wr_id;
	wqe->cqe.opcode = send->opcode;
	wqe->cqe.byte_len = send->request.length;
	wqe->cqe.signaled = qp->signal_all || send->is_signaled;
	wqe->status = send->status;
	wqe->is_inline = send->is_inline;
	wqe->num_sge = send->num_sge;
	memcpy(wqe->sge, tail, send->is_inline ?
				       send->request.length :
				       send->num_sge * sizeof(*wqe->sge));
	vib_rc_post(qp->rc, &send->request);
}

/**
 * vib_rc_post_send - ib_device_ops.post_send for a connection
 * @qp: the queue pair
 * @wr: requests
 * @bad: the first that was not accepted, if any
 *
 * Context: any.
 * Return: 0 or an errno.
 */
int vib_rc_post_send(struct vib_qp *qp, const struct ib_send_wr *wr,
		     const struct ib_send_wr **bad)
{
	unsigned long flags;
	int err = 0;

	spin_lock_irqsave(&qp->sq.lock, flags);
	for (; wr; wr = wr->next) {
		err = post_one(qp, wr);
		if (err) {
			*bad = wr;
			break;
		}
	}
	vib_qp_changed(qp, flags);
	return err;
}
