// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Queue pairs: their states.
 */
#include "vib.h"

/**
 * vib_qp_empty - forget all that was posted
 * @qp: the queue pair
 *
 * Context: any, under both locks.
 */
void vib_qp_empty(struct vib_qp *qp)
{
	vib_cq_forget(qp->sq.cq, qp);
	if (qp->rq.cq != qp->sq.cq)
		vib_cq_forget(qp->rq.cq, qp);
	qp->epoch++;
	qp->sq.head = 0;
	qp->sq.next = 0;
	qp->sq.tail = 0;
	qp->rq.head = 0;
	qp->rq.next = 0;
	qp->rq.tail = 0;
	if (qp->user)
		vib_user_qp_empty(qp);
}

static int flush_user(struct vib_qp *qp)
{
	u32 left = vib_ring_waiting(&qp->user->rq.queue);
	struct vib_wqe *rqe;
	int notify = 0;

	/* As many as there were: user space may go on posting. */
	for (; left && (rqe = vib_user_peek_recv(qp)); left--) {
		vib_user_take_recv(qp);
		rqe->cqe.status = IB_WC_WR_FLUSH_ERR;
		notify += vib_cq_push(qp->rq.cq, &rqe->cqe);
	}
	return notify;
}

/**
 * vib_qp_flush - complete what was posted to receive
 * @qp: the queue pair, which is in error
 *
 * Sends complete by themselves when the egress gets to them; those of a
 * connection are the core's.
 *
 * Context: any, under both locks.
 * Return: how often vib_cq_notify() is due.
 */
int vib_qp_flush(struct vib_qp *qp)
{
	struct vib_wqe *rqe;
	int notify = 0;

	while (qp->rq.next != qp->rq.head) {
		rqe = vib_wq_entry(&qp->rq, qp->rq.next++);
		rqe->cqe.status = IB_WC_WR_FLUSH_ERR;
		notify += vib_cq_push(qp->rq.cq, &rqe->cqe);
	}
	if (qp->user && !qp->srq)
		notify += flush_user(qp);
	if (qp->srq && !qp->is_flushed)
		__set_bit(IB_EVENT_QP_LAST_WQE_REACHED, &qp->events);
	qp->is_flushed = true;
	return notify;
}

static void set_attr(struct vib_qp *qp, const struct ib_qp_attr *attr, int mask)
{
	if (mask & IB_QP_PKEY_INDEX)
		qp->attr.pkey_index = attr->pkey_index;
	if (mask & IB_QP_QKEY)
		qp->attr.qkey = attr->qkey;
	if (mask & IB_QP_SQ_PSN)
		qp->psn = attr->sq_psn;
}

static void set_state(struct vib_qp *qp, enum ib_qp_state state)
{
	qp->state = state;
	qp->attr.can_receive = state == IB_QPS_RTR || state == IB_QPS_RTS ||
			       state == IB_QPS_SQD || state == IB_QPS_SQE;
	if (state == IB_QPS_RESET)
		vib_qp_empty(qp);
}

static bool modify_is_ok(const struct vib_qp *qp, const struct ib_qp_attr *attr,
			 int mask)
{
	enum ib_qp_state from = qp->state;
	enum ib_qp_state to;

	if (mask & IB_QP_CUR_STATE)
		from = attr->cur_qp_state;
	to = mask & IB_QP_STATE ? attr->qp_state : from;
	if ((mask & IB_QP_PKEY_INDEX) && attr->pkey_index >= VIB_PKEYS)
		return false;
	if ((mask & IB_QP_PORT) && attr->port_num != 1)
		return false;
	if (qp->rc && !vib_rc_attr_is_ok(attr, mask))
		return false;
	return ib_modify_qp_is_ok(from, to, qp->ib->qp_type, mask);
}

/**
 * vib_modify_qp - ib_device_ops.modify_qp
 * @ib: the queue pair
 * @attr: new values
 * @mask: which of them
 * @udata: unused
 *
 * Context: may sleep.
 * Return: 0 or an errno.
 */
int vib_modify_qp(struct ib_qp *ib, struct ib_qp_attr *attr, int mask,
		  struct ib_udata *udata)
{
	struct vib_qp *qp = to_vib_qp(ib);
	unsigned long flags;
	bool ok;

	spin_lock_irqsave(&qp->sq.lock, flags);
	spin_lock(&qp->rq.lock);
	ok = modify_is_ok(qp, attr, mask);
	if (ok) {
		set_attr(qp, attr, mask);
		if (mask & IB_QP_STATE)
			set_state(qp, attr->qp_state);
	}
	spin_unlock(&qp->rq.lock);
	/* What had begun to arrive is older than what waits for more. */
	if (ok && qp->rc)
		vib_rc_modify(qp, attr, mask);
	if (ok && (mask & IB_QP_STATE) && qp->state == IB_QPS_ERR) {
		spin_lock(&qp->rq.lock);
		qp->notify_recv += vib_qp_flush(qp);
		spin_unlock(&qp->rq.lock);
	}
	vib_qp_changed(qp, flags);
	return ok ? 0 : -EINVAL;
}

/**
 * vib_query_qp - ib_device_ops.query_qp
 * @ib: the queue pair
 * @attr: written
 * @mask: what is wanted; all is given
 * @init_attr: written
 *
 * Context: any.
 * Return: 0.
 */
int vib_query_qp(struct ib_qp *ib, struct ib_qp_attr *attr, int mask,
		 struct ib_qp_init_attr *init_attr)
{
	struct vib_qp *qp = to_vib_qp(ib);
	unsigned long flags;

	memset(attr, 0, sizeof(*attr));
	if (qp->rc) {
		spin_lock_irqsave(&qp->sq.lock, flags);
		vib_rc_query(qp, attr);
		spin_unlock_irqrestore(&qp->sq.lock, flags);
	} else {
		attr->qkey = qp->attr.qkey;
		attr->pkey_index = qp->attr.pkey_index;
		attr->sq_psn = qp->psn & 0xffffff;
	}
	attr->qp_state = qp->state;
	attr->cur_qp_state = qp->state;
	attr->port_num = 1;
	attr->cap = qp->cap;

	memset(init_attr, 0, sizeof(*init_attr));
	init_attr->event_handler = ib->event_handler;
	init_attr->qp_context = ib->qp_context;
	init_attr->send_cq = ib->send_cq;
	init_attr->recv_cq = ib->recv_cq;
	init_attr->srq = ib->srq;
	init_attr->qp_type = ib->qp_type;
	init_attr->cap = attr->cap;
	init_attr->sq_sig_type =
		qp->signal_all ? IB_SIGNAL_ALL_WR : IB_SIGNAL_REQ_WR;
	init_attr->port_num = 1;
	return 0;
}
