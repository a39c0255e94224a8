// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Queue pairs: creation and end.  Only SMI, GSI, UD and RC.
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
	case IB_QPT_RC:
		return VIB_QP_RC;
	default:
		return -EOPNOTSUPP;
	}
}

static bool flags_are_ok(const struct vib_net *net,
			 const struct ib_qp_init_attr *attr, bool is_user)
{
	int known = 0;

	if (net->has_offloads && attr->qp_type == IB_QPT_UD && !is_user)
		known = IB_QP_CREATE_IPOIB_UD_LSO;
	return !(attr->create_flags & ~known);
}

static int check_init_attr(const struct vib_net *net,
			   const struct ib_qp_init_attr *attr, bool is_user)
{
	if ((attr->srq && attr->qp_type != IB_QPT_RC) ||
	    !flags_are_ok(net, attr, is_user))
		return -EOPNOTSUPP;
	if (attr->cap.max_send_wr > VIB_MAX_WR ||
	    attr->cap.max_recv_wr > VIB_MAX_WR ||
	    attr->cap.max_send_sge > VIB_MAX_SGE ||
	    attr->cap.max_recv_sge > VIB_MAX_SGE ||
	    attr->cap.max_inline_data > (is_user ? VIB_MAX_INLINE : 0))
		return -EINVAL;
	return kind_of(attr->qp_type);
}

/* The special queue pairs have fixed numbers, the others count up. */
static int number(struct vib_qp *qp)
{
	struct vib_hca *hca = qp->hca;
	u32 limit_min = VIB_FIRST_QPN;
	int ret;

	if (qp->attr.kind == VIB_QP_SMI || qp->attr.kind == VIB_QP_GSI) {
		qp->attr.qpn = qp->attr.kind == VIB_QP_GSI;
		return xa_insert(&hca->qps, qp->attr.qpn, qp, GFP_KERNEL);
	}
	ret = xa_alloc_cyclic(&hca->qps, &qp->attr.qpn, qp,
			      XA_LIMIT(limit_min, 0xfffffe), &hca->next_qpn,
			      GFP_KERNEL);
	return ret < 0 ? ret : 0;
}

static struct vib_qp *qp_alloc(struct ib_qp *ib, struct ib_qp_init_attr *attr,
			       int kind)
{
	struct vib_qp *qp;

	qp = kzalloc(sizeof(*qp), GFP_KERNEL);
	if (!qp)
		return NULL;
	qp->hca = to_vib_hca(ib->device);
	qp->ib = ib;
	qp->attr.kind = kind;
	qp->state = IB_QPS_RESET;
	qp->signal_all = attr->sq_sig_type == IB_SIGNAL_ALL_WR;
	qp->has_lso = attr->create_flags & IB_QP_CREATE_IPOIB_UD_LSO;
	refcount_set(&qp->refs, 1);
	INIT_LIST_HEAD(&qp->memberships);
	/* Apart, so that lockdep knows them from each other. */
	spin_lock_init(&qp->sq.lock);
	spin_lock_init(&qp->rq.lock);
	return qp;
}

static int alloc_queues(struct vib_qp *qp, struct ib_qp_init_attr *attr)
{
	struct ib_qp_cap *cap = &attr->cap;
	size_t sqe_size = sizeof(struct vib_cqe);
	size_t tail = vib_user_tail(cap);
	struct vib_wqe *wqe;
	int err;

	/* A datagram is copied when it is posted. */
	if (qp->attr.kind == VIB_QP_RC)
		sqe_size = ALIGN(sizeof(*wqe) + tail, __alignof__(*wqe));
	err = wq_alloc(&qp->sq, attr->send_cq, cap->max_send_wr,
		       cap->max_send_sge, sqe_size);
	if (err)
		return err;
	/* User space's has its buffers itself. */
	err = wq_alloc(&qp->rq, attr->recv_cq, qp->user ? 1 : cap->max_recv_wr,
		       cap->max_recv_sge,
		       struct_size(wqe, sge, cap->max_recv_sge));
	if (!err && !qp->user) {
		cap->max_send_wr = qp->sq.size;
		cap->max_recv_wr = qp->rq.size;
	}
	qp->cap = *cap;
	return err;
}

static void qp_free(struct vib_qp *qp)
{
	vib_rc_free(qp);
	wq_free(&qp->rq);
	wq_free(&qp->sq);
	vib_user_qp_destroy(qp);
}

/**
 * vib_create_qp - ib_device_ops.create_qp
 * @ib: what ib_core allocated
 * @attr: what is wanted, and what is given
 * @udata: NULL for one of the kernel
 *
 * Context: may sleep.
 * Return: 0 or an errno.
 */
int vib_create_qp(struct ib_qp *ib, struct ib_qp_init_attr *attr,
		  struct ib_udata *udata)
{
	int kind = check_init_attr(to_vib_hca(ib->device)->net, attr, udata);
	struct vib_qp *qp;
	int err;

	if (kind < 0)
		return kind;
	qp = qp_alloc(ib, attr, kind);
	if (!qp)
		return -ENOMEM;
	container_of(ib, struct vib_verbs_qp, ib)->qp = qp;
	err = udata ? vib_user_qp_create(qp, attr, udata) : 0;
	if (!err)
		err = alloc_queues(qp, attr);
	if (!err && kind == VIB_QP_RC)
		err = vib_rc_create(qp, attr);
	if (!err)
		err = number(qp);
	if (err)
		goto err_free;
	ib->qp_num = qp->attr.qpn;
	return 0;

err_free:
	qp_free(qp);
	kfree(qp);
	return err;
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
	vib_qp_empty(qp);
	spin_unlock(&qp->rq.lock);
	if (qp->taken && qp->taken->cqe.srq)
		vib_srq_give_back(&qp->taken->cqe);
	spin_unlock_irq(&qp->sq.lock);

	vib_rc_stop(qp);
	qp_free(qp);
	vib_qp_put(qp);
	return 0;
}
