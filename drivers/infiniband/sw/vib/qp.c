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

static int check_init_attr(const struct ib_qp_init_attr *attr)
{
	if ((attr->srq && attr->qp_type != IB_QPT_RC) || attr->create_flags)
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

	if (qp->attr.kind == VIB_QP_SMI || qp->attr.kind == VIB_QP_GSI) {
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
	struct vib_wqe *wqe;
	size_t sqe_size = sizeof(struct vib_cqe);
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

	/* A datagram is copied when it is posted. */
	if (attr->qp_type == IB_QPT_RC)
		sqe_size = struct_size(wqe, sge, cap->max_send_sge);
	if (wq_alloc(&qp->sq, attr->send_cq, cap->max_send_wr,
		     cap->max_send_sge, sqe_size) ||
	    wq_alloc(&qp->rq, attr->recv_cq, cap->max_recv_wr,
		     cap->max_recv_sge,
		     struct_size(wqe, sge, cap->max_recv_sge))) {
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
	if (kind == VIB_QP_RC) {
		err = vib_rc_create(qp, attr);
		if (err)
			goto err_free;
	}
	err = number(qp);
	if (err)
		goto err_free_rc;
	ib->qp_num = qp->attr.qpn;
	return 0;

err_free_rc:
	vib_rc_free(qp);
err_free:
	wq_free(&qp->rq);
	wq_free(&qp->sq);
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
	if (qp->taken && qp->srq)
		vib_srq_give_back(&qp->taken->cqe);
	spin_unlock_irq(&qp->sq.lock);

	vib_rc_stop(qp);
	vib_rc_free(qp);
	wq_free(&qp->rq);
	wq_free(&qp->sq);
	vib_qp_put(qp);
	return 0;
}
