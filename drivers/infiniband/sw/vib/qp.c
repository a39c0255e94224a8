// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Queue pairs: creation, states, end.  Only SMI, GSI and UD.
 */
#include <linux/log2.h>
#include <linux/slab.h>

#include "vib.h"

static void wq_free(struct vib_wq *wq)
{
	kvfree(wq->ring);
}

static int wq_alloc(struct vib_wq *wq, struct ib_cq *cq, u32 size, u32 max_sge,
		    u32 stride)
{
	wq->cq = to_vib_cq(cq);
	wq->size = roundup_pow_of_two(max(size, 1U));
	wq->max_sge = max_sge;
	wq->stride = stride;
	wq->ring = kvcalloc(wq->size, stride, GFP_KERNEL);
	return wq->ring ? 0 : -ENOMEM;
}

static int kind_of(enum ib_qp_type type)
{
	switch (type) {
	case IB_QPT_SMI:
		return VIB_QP_SMI;
	case IB_QPT_GSI:
		return VIB_QP_GSI;
	case IB_QPT_UD:
		return VIB_QP_UD;
	default:
		return -EOPNOTSUPP;
	}
}

static int check_init_attr(const struct ib_qp_init_attr *attr)
{
	if (attr->srq || attr->create_flags)
		return -EOPNOTSUPP;
	if (attr->cap.max_send_wr > VIB_MAX_WR ||
	    attr->cap.max_recv_wr > VIB_MAX_WR ||
	    attr->cap.max_send_sge > VIB_MAX_SGE ||
	    attr->cap.max_recv_sge > VIB_MAX_SGE ||
	    attr->cap.max_inline_data)
		return -EINVAL;
	return kind_of(attr->qp_type);
}

/* The special queue pairs have fixed numbers, the others count up. */
static int number(struct vib_qp *qp)
{
	struct vib_hca *hca = qp->hca;
	u32 limit_min = VIB_FIRST_QPN;
	int ret;

	if (qp->attr.kind != VIB_QP_UD) {
		qp->attr.qpn = qp->attr.kind == VIB_QP_GSI;
		return xa_insert(&hca->qps, qp->attr.qpn, qp, GFP_KERNEL);
	}
	ret = xa_alloc_cyclic(&hca->qps, &qp->attr.qpn, qp,
			      XA_LIMIT(limit_min, 0xfffffe), &hca->next_qpn,
			      GFP_KERNEL);
	return ret < 0 ? ret : 0;
}

static struct vib_qp *qp_alloc(struct ib_qp *ib, struct ib_qp_init_attr *attr)
{
	struct ib_qp_cap *cap = &attr->cap;
	struct vib_rqe *rqe;
	struct vib_qp *qp;

	qp = kzalloc(sizeof(*qp), GFP_KERNEL);
	if (!qp)
		return NULL;
	qp->hca = to_vib_hca(ib->device);
	qp->ib = ib;
	qp->state = IB_QPS_RESET;
	qp->signal_all = attr->sq_sig_type == IB_SIGNAL_ALL_WR;
	refcount_set(&qp->refs, 1);
	INIT_LIST_HEAD(&qp->memberships);
	/* Apart, so that lockdep knows them from each other. */
	spin_lock_init(&qp->sq.lock);
	spin_lock_init(&qp->rq.lock);

	if (wq_alloc(&qp->sq, attr->send_cq, cap->max_send_wr,
		     cap->max_send_sge, sizeof(struct vib_cqe)) ||
	    wq_alloc(&qp->rq, attr->recv_cq, cap->max_recv_wr,
		     cap->max_recv_sge,
		     struct_size(rqe, sge, cap->max_recv_sge))) {
		wq_free(&qp->sq);
		kfree(qp);
		return NULL;
	}
	cap->max_send_wr = qp->sq.size;
	cap->max_recv_wr = qp->rq.size;
	return qp;
}

/**
 * vib_create_qp - ib_device_ops.create_qp
 * @ib: what ib_core allocated
 * @attr: what is wanted, and what is given
 * @udata: unused, there is no user space interface
 *
 * Context: may sleep.
 * Return: 0 or an errno.
 */
int vib_create_qp(struct ib_qp *ib, struct ib_qp_init_attr *attr,
		  struct ib_udata *udata)
{
	int kind = check_init_attr(attr);
	struct vib_qp *qp;
	int err;

	if (kind < 0)
		return kind;
	qp = qp_alloc(ib, attr);
	if (!qp)
		return -ENOMEM;
	qp->attr.kind = kind;
	container_of(ib, struct vib_verbs_qp, ib)->qp = qp;
	err = number(qp);
	if (err)
		goto err_free;
	ib->qp_num = qp->attr.qpn;
	return 0;

err_free:
	wq_free(&qp->rq);
	wq_free(&qp->sq);
	kfree(qp);
	return err;
}

/* Both work queues become empty.  Under both locks. */
static void qp_empty(struct vib_qp *qp)
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
}

/*
 * Complete what was posted to receive.  Sends complete by themselves when the
 * egress gets to them.  Under both locks.
 */
static int qp_flush(struct vib_qp *qp)
{
	struct vib_rqe *rqe;
	int notify = 0;

	while (qp->rq.next != qp->rq.head) {
		rqe = vib_wq_entry(&qp->rq, qp->rq.next++);
		rqe->cqe.status = IB_WC_WR_FLUSH_ERR;
		notify += vib_cq_push(qp->rq.cq, &rqe->cqe);
	}
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

static int set_state(struct vib_qp *qp, enum ib_qp_state state)
{
	qp->state = state;
	qp->attr.can_receive = state == IB_QPS_RTR || state == IB_QPS_RTS ||
			       state == IB_QPS_SQD || state == IB_QPS_SQE;
	if (state == IB_QPS_RESET)
		qp_empty(qp);
	return state == IB_QPS_ERR ? qp_flush(qp) : 0;
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
	int notify = 0;
	bool ok;

	spin_lock_irqsave(&qp->sq.lock, flags);
	spin_lock(&qp->rq.lock);
	ok = modify_is_ok(qp, attr, mask);
	if (ok) {
		set_attr(qp, attr, mask);
		if (mask & IB_QP_STATE)
			notify = set_state(qp, attr->qp_state);
	}
	spin_unlock(&qp->rq.lock);
	spin_unlock_irqrestore(&qp->sq.lock, flags);

	while (notify--)
		vib_cq_notify(qp->rq.cq);
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

	memset(attr, 0, sizeof(*attr));
	attr->qp_state = qp->state;
	attr->cur_qp_state = qp->state;
	attr->qkey = qp->attr.qkey;
	attr->pkey_index = qp->attr.pkey_index;
	attr->port_num = 1;
	attr->sq_psn = qp->psn & 0xffffff;
	attr->cap.max_send_wr = qp->sq.size;
	attr->cap.max_recv_wr = qp->rq.size;
	attr->cap.max_send_sge = qp->sq.max_sge;
	attr->cap.max_recv_sge = qp->rq.max_sge;

	memset(init_attr, 0, sizeof(*init_attr));
	init_attr->event_handler = ib->event_handler;
	init_attr->qp_context = ib->qp_context;
	init_attr->send_cq = ib->send_cq;
	init_attr->recv_cq = ib->recv_cq;
	init_attr->qp_type = ib->qp_type;
	init_attr->cap = attr->cap;
	init_attr->sq_sig_type =
		qp->signal_all ? IB_SIGNAL_ALL_WR : IB_SIGNAL_REQ_WR;
	init_attr->port_num = 1;
	return 0;
}

/**
 * vib_qp_put - drop a reference
 * @qp: the queue pair
 *
 * Context: any.
 */
void vib_qp_put(struct vib_qp *qp)
{
	if (refcount_dec_and_test(&qp->refs))
		kfree_rcu(qp, rcu);
}

/**
 * vib_destroy_qp - ib_device_ops.destroy_qp
 * @ib: the queue pair
 * @udata: unused
 *
 * Whoever still holds the vib_qp finds it dead under its locks.
 *
 * Context: may sleep.
 * Return: 0.
 */
int vib_destroy_qp(struct ib_qp *ib, struct ib_udata *udata)
{
	struct vib_qp *qp = to_vib_qp(ib);

	vib_mcast_leave_all(qp);
	xa_erase(&qp->hca->qps, qp->attr.qpn);

	spin_lock_irq(&qp->sq.lock);
	spin_lock(&qp->rq.lock);
	qp->dead = true;
	qp->attr.can_receive = false;
	qp_empty(qp);
	spin_unlock(&qp->rq.lock);
	spin_unlock_irq(&qp->sq.lock);

	wq_free(&qp->rq);
	wq_free(&qp->sq);
	vib_qp_put(qp);
	return 0;
}
