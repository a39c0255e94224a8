// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Queue pairs of user space: what it posts comes from queues that it has
 * mapped, and goes the way of what the kernel posts.
 */
#include <linux/slab.h>
#include <rdma/uverbs_ioctl.h>

#include "vib.h"

static int check_udata(struct ib_qp_init_attr *attr, struct ib_udata *udata)
{
	if (attr->qp_type != IB_QPT_RC && attr->qp_type != IB_QPT_UD)
		return -EOPNOTSUPP;
	return udata->outlen < sizeof(struct rxe_create_qp_resp) ? -EINVAL : 0;
}

static void describe(const struct vib_qp *qp, struct rxe_create_qp_resp *resp)
{
	memset(resp, 0, sizeof(*resp));
	vib_user_ring_describe(&qp->user->sq, &resp->sq_mi);
	if (qp->user->rq.mapping)
		vib_user_ring_describe(&qp->user->rq, &resp->rq_mi);
}

static u32 recv_pieces(const struct ib_qp_init_attr *attr)
{
	return attr->srq ? to_vib_srq(attr->srq)->max_sge :
			   attr->cap.max_recv_sge;
}

/**
 * vib_user_qp_create - make a queue pair one of user space
 * @qp: the queue pair
 * @attr: what is wanted, and what is given
 * @udata: where the answer goes
 *
 * Context: may sleep.
 * Return: 0 or an errno.
 */
int vib_user_qp_create(struct vib_qp *qp, struct ib_qp_init_attr *attr,
		       struct ib_udata *udata)
{
	struct ib_qp_cap *cap = &attr->cap;
	struct rxe_create_qp_resp resp;
	struct vib_user_qp *user;
	struct vib_wqe *wqe;
	u32 room;
	int err;

	err = check_udata(attr, udata);
	if (err)
		return err;
	user = kzalloc(sizeof(*user), GFP_KERNEL);
	if (!user)
		return -ENOMEM;
	qp->user = user;
	user->limits.kind = qp->attr.kind;
	user->limits.max_sge = cap->max_send_sge;
	user->limits.max_inline = cap->max_inline_data;
	room = vib_user_tail(cap);
	user->tail = kzalloc(max(room, 1U), GFP_KERNEL);
	user->recv = kzalloc(struct_size(wqe, sge, recv_pieces(attr)),
			     GFP_KERNEL);
	err = -ENOMEM;
	if (!user->tail || !user->recv)
		goto err_destroy;

	err = vib_user_ring_create(&user->sq, udata, VIB_RING_SEND,
				   max(cap->max_send_wr, 1U), room);
	if (!err && !attr->srq)
		err = vib_user_ring_create(&user->rq, udata, VIB_RING_RECV,
					   max(cap->max_recv_wr, 1U),
					   cap->max_recv_sge *
						   sizeof(struct vib_user_sge));
	if (err)
		goto err_destroy;
	cap->max_send_wr = vib_ring_entries(&user->sq.queue);
	cap->max_recv_wr = attr->srq ? 0 : vib_ring_entries(&user->rq.queue);

	describe(qp, &resp);
	err = ib_copy_to_udata(udata, &resp, sizeof(resp));
	if (!err)
		return 0;
err_destroy:
	vib_user_qp_destroy(qp);
	return err;
}

/**
 * vib_user_qp_destroy - the end of what vib_user_qp_create() made
 * @qp: the queue pair, dead or never alive
 *
 * Context: may sleep.
 */
void vib_user_qp_destroy(struct vib_qp *qp)
{
	struct vib_user_qp *user = qp->user;

	if (!user)
		return;
	vib_user_ring_destroy(&user->sq);
	vib_user_ring_destroy(&user->rq);
	kfree(user->recv);
	kfree(user->tail);
	kfree(user);
	qp->user = NULL;
}

/**
 * vib_user_qp_empty - forget all that was posted
 * @qp: the queue pair
 *
 * Context: any, under both locks.
 */
void vib_user_qp_empty(struct vib_qp *qp)
{
	vib_ring_empty(&qp->user->sq.queue);
	if (qp->user->rq.mapping)
		vib_ring_empty(&qp->user->rq.queue);
}

/**
 * vib_user_doorbell - user space has added requests to its send queue
 * @qp: the queue pair
 *
 * Context: any, under sq.lock.
 * Return: 0 or an errno.
 */
int vib_user_doorbell(struct vib_qp *qp)
{
	struct vib_user_qp *user = qp->user;
	struct vib_ring *ring = &user->sq.queue;
	struct vib_user_send send;
	u32 left;
	int err = 0;

	if (qp->state != IB_QPS_RTS && qp->state != IB_QPS_ERR &&
	    !(qp->rc && qp->state == IB_QPS_SQD))
		return -EINVAL;
	for (left = vib_ring_waiting(ring); left && !err; left--) {
		vib_ring_peek_send(ring, &user->limits, user->tail, &send);
		if (qp->rc)
			vib_rc_post_user(qp, &send, user->tail);
		else
			err = vib_post_user_datagram(qp, &send, user->tail);
		if (!err)
			vib_ring_take(ring);
	}
	return err;
}

/* The next buffer, its private copy, of a queue whose lock is held. */
static struct vib_wqe *peek(struct vib_qp *qp, const struct vib_ring *ring,
			    u32 max_sge)
{
	struct vib_wqe *wqe = qp->user->recv;
	struct vib_user_recv recv;

	BUILD_BUG_ON(sizeof(struct ib_sge) != sizeof(struct vib_user_sge));
	if (!vib_ring_waiting(ring))
		return NULL;
	vib_ring_peek_recv(ring, max_sge, (struct vib_user_sge *)wqe->sge,
			   &recv);
	memset(&wqe->cqe, 0, sizeof(wqe->cqe));
	wqe->cqe.qp = qp;
	wqe->cqe.wr.wr_id = recv.wr_id;
	wqe->cqe.opcode = IB_WC_RECV;
	wqe->num_sge = recv.num_sge;
	return wqe;
}

static void take(struct vib_ring *ring)
{
	vib_ring_take(ring);
	vib_ring_release(ring);
}

/**
 * vib_user_peek_recv - the next receive buffer of a queue pair's own
 * @qp: the queue pair
 *
 * Context: any, under rq.lock.
 * Return: a copy that is valid until the next call, or NULL.
 */
struct vib_wqe *vib_user_peek_recv(struct vib_qp *qp)
{
	return peek(qp, &qp->user->rq.queue, qp->rq.max_sge);
}

/**
 * vib_user_take_recv - take the buffer that was shown
 * @qp: the queue pair
 *
 * Context: any, under rq.lock.
 */
void vib_user_take_recv(struct vib_qp *qp)
{
	take(&qp->user->rq.queue);
}

/**
 * vib_user_take - take the next receive buffer, whosever it is
 * @qp: the queue pair of a connection
 *
 * Context: any, under sq.lock.
 * Return: a copy that is valid until the next call, or NULL.
 */
struct vib_wqe *vib_user_take(struct vib_qp *qp)
{
	struct vib_srq *srq = qp->srq;
	struct vib_wqe *wqe;

	if (!srq) {
		spin_lock(&qp->rq.lock);
		wqe = vib_user_peek_recv(qp);
		if (wqe)
			vib_user_take_recv(qp);
		spin_unlock(&qp->rq.lock);
		return wqe;
	}
	spin_lock(&srq->lock);
	wqe = peek(qp, &srq->user.queue, srq->max_sge);
	if (wqe) {
		take(&srq->user.queue);
		vib_srq_check_limit(srq, vib_ring_waiting(&srq->user.queue));
	}
	spin_unlock(&srq->lock);
	return wqe;
}
