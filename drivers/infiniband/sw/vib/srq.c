// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Shared receive queues.
 */
#include <linux/slab.h>

#include "vib.h"

static void report_limit(struct work_struct *work)
{
	struct vib_srq *srq = container_of(work, struct vib_srq, limit_work);
	struct ib_event event = {
		.device = srq->ib.device,
		.event = IB_EVENT_SRQ_LIMIT_REACHED,
		.element.srq = &srq->ib,
	};

	if (srq->ib.event_handler)
		srq->ib.event_handler(&event, srq->ib.srq_context);
}

static struct vib_wqe *entry(struct vib_srq *srq, u32 index)
{
	struct vib_wqe *wqe;

	return srq->ring + (size_t)index *
				   struct_size(wqe, sge, srq->max_sge);
}

static int make_user_ring(const struct vib_srq *srq, struct vib_user_ring *ring,
			  u32 entries, struct ib_udata *udata)
{
	return vib_user_ring_create(ring, udata, VIB_RING_RECV, entries,
				    srq->max_sge * sizeof(struct vib_user_sge));
}

static int create_user(struct vib_srq *srq, struct ib_srq_init_attr *attr,
		       struct ib_udata *udata)
{
	struct rxe_create_srq_resp resp = {};
	int err;

	if (udata->outlen < sizeof(resp))
		return -EINVAL;
	err = make_user_ring(srq, &srq->user, srq->size, udata);
	if (err)
		return err;
	srq->size = vib_ring_entries(&srq->user.queue);
	attr->attr.max_wr = srq->size;
	vib_user_ring_describe(&srq->user, &resp.mi);
	err = ib_copy_to_udata(udata, &resp, sizeof(resp));
	if (err)
		vib_user_ring_destroy(&srq->user);
	return err;
}

/* User space wants to know where the new queue is before it is in use. */
static int tell_where(const struct vib_user_ring *ring, struct ib_udata *udata)
{
	struct rxe_modify_srq_cmd cmd;
	struct mminfo info;

	if (udata->inlen < sizeof(cmd))
		return -EINVAL;
	if (ib_copy_from_udata(&cmd, udata, sizeof(cmd)))
		return -EFAULT;
	vib_user_ring_describe(ring, &info);
	if (copy_to_user(u64_to_user_ptr(cmd.mmap_info_addr), &info,
			 sizeof(info)))
		return -EFAULT;
	return 0;
}

static int resize(struct vib_srq *srq, u32 entries, struct ib_udata *udata)
{
	struct vib_user_ring ring = {};
	int err;

	if (!udata || !srq->user.mapping)
		return -EOPNOTSUPP;
	if (!entries || entries > VIB_MAX_SRQ_WR)
		return -EINVAL;
	err = make_user_ring(srq, &ring, entries, udata);
	if (err)
		return err;
	err = tell_where(&ring, udata);
	if (err)
		goto out;
	spin_lock_irq(&srq->lock);
	if (vib_ring_move(&srq->user.queue, &ring.queue, VIB_RING_RECV)) {
		swap(srq->user, ring);
		srq->size = vib_ring_entries(&srq->user.queue);
	} else {
		err = -EINVAL;
	}
	spin_unlock_irq(&srq->lock);
out:
	vib_user_ring_destroy(&ring);
	return err;
}

/**
 * vib_create_srq - ib_device_ops.create_srq
 * @ib: what ib_core allocated
 * @attr: what is wanted, and what is given
 * @udata: unused
 *
 * Context: may sleep.
 * Return: 0 or an errno.
 */
int vib_create_srq(struct ib_srq *ib, struct ib_srq_init_attr *attr,
		   struct ib_udata *udata)
{
	struct vib_srq *srq = to_vib_srq(ib);
	struct vib_wqe *wqe;
	u32 i;

	if ((!udata && !to_vib_hca(ib->device)->net->has_srqs) ||
	    attr->srq_type != IB_SRQT_BASIC)
		return -EOPNOTSUPP;
	if (!attr->attr.max_wr || attr->attr.max_wr > VIB_MAX_SRQ_WR ||
	    attr->attr.max_sge > VIB_MAX_SGE)
		return -EINVAL;

	spin_lock_init(&srq->lock);
	INIT_LIST_HEAD(&srq->free);
	INIT_LIST_HEAD(&srq->posted);
	INIT_WORK(&srq->limit_work, report_limit);
	srq->size = attr->attr.max_wr;
	srq->max_sge = attr->attr.max_sge;
	if (udata)
		return create_user(srq, attr, udata);
	srq->ring = kvcalloc(srq->size, struct_size(wqe, sge, srq->max_sge),
			     GFP_KERNEL);
	if (!srq->ring)
		return -ENOMEM;
	for (i = 0; i < srq->size; i++) {
		entry(srq, i)->cqe.srq = srq;
		list_add_tail(&entry(srq, i)->cqe.node, &srq->free);
	}
	return 0;
}

/**
 * vib_modify_srq - ib_device_ops.modify_srq
 * @ib: the queue
 * @attr: the limit, the size
 * @mask: which of them
 * @udata: for a new size
 *
 * Context: may sleep.
 * Return: 0 or an errno.
 */
int vib_modify_srq(struct ib_srq *ib, struct ib_srq_attr *attr,
		   enum ib_srq_attr_mask mask, struct ib_udata *udata)
{
	struct vib_srq *srq = to_vib_srq(ib);
	unsigned long flags;
	int err;

	if (mask & IB_SRQ_MAX_WR) {
		err = resize(srq, attr->max_wr, udata);
		if (err)
			return err;
	}
	if (!(mask & IB_SRQ_LIMIT))
		return 0;
	if (attr->srq_limit > srq->size)
		return -EINVAL;
	spin_lock_irqsave(&srq->lock, flags);
	WRITE_ONCE(srq->limit, attr->srq_limit);
	spin_unlock_irqrestore(&srq->lock, flags);
	return 0;
}

/**
 * vib_query_srq - ib_device_ops.query_srq
 * @ib: the queue
 * @attr: written
 *
 * Context: any.
 * Return: 0.
 */
int vib_query_srq(struct ib_srq *ib, struct ib_srq_attr *attr)
{
	struct vib_srq *srq = to_vib_srq(ib);

	attr->max_wr = srq->size;
	attr->max_sge = srq->max_sge;
	attr->srq_limit = READ_ONCE(srq->limit);
	return 0;
}

/**
 * vib_destroy_srq - ib_device_ops.destroy_srq
 * @ib: no queue pair uses it any more
 * @udata: unused
 *
 * Context: may sleep.
 * Return: 0.
 */
int vib_destroy_srq(struct ib_srq *ib, struct ib_udata *udata)
{
	struct vib_srq *srq = to_vib_srq(ib);

	cancel_work_sync(&srq->limit_work);
	vib_user_ring_destroy(&srq->user);
	kvfree(srq->ring);
	return 0;
}

static int post_one(struct vib_srq *srq, const struct ib_recv_wr *wr)
{
	struct vib_wqe *wqe;

	if (wr->num_sge > srq->max_sge || srq->user.mapping)
		return -EINVAL;
	wqe = list_first_entry_or_null(&srq->free, struct vib_wqe, cqe.node);
	if (!wqe)
		return -ENOMEM;
	list_del(&wqe->cqe.node);
	vib_wqe_fill(wqe, wr);
	wqe->cqe.srq = srq;
	list_add_tail(&wqe->cqe.node, &srq->posted);
	srq->count++;
	return 0;
}

/**
 * vib_post_srq_recv - ib_device_ops.post_srq_recv
 * @ib: the queue
 * @wr: buffers
 * @bad: the first that was not accepted, if any
 *
 * Context: any.
 * Return: 0 or an errno.
 */
int vib_post_srq_recv(struct ib_srq *ib, const struct ib_recv_wr *wr,
		      const struct ib_recv_wr **bad)
{
	struct vib_srq *srq = to_vib_srq(ib);
	unsigned long flags;
	int err = 0;

	spin_lock_irqsave(&srq->lock, flags);
	for (; wr; wr = wr->next) {
		err = post_one(srq, wr);
		if (err) {
			*bad = wr;
			break;
		}
	}
	spin_unlock_irqrestore(&srq->lock, flags);
	return err;
}

/**
 * vib_srq_check_limit - a buffer was taken: report it if the limit says so
 * @srq: the queue
 * @count: how many are left
 *
 * Context: any, under the queue's lock.
 */
void vib_srq_check_limit(struct vib_srq *srq, u32 count)
{
	if (count >= srq->limit)
		return;
	WRITE_ONCE(srq->limit, 0);
	schedule_work(&srq->limit_work);
}

/**
 * vib_srq_take - the oldest buffer
 * @srq: the queue
 *
 * Context: interrupts off.
 * Return: the buffer, or NULL.
 */
struct vib_wqe *vib_srq_take(struct vib_srq *srq)
{
	struct vib_wqe *wqe;

	spin_lock(&srq->lock);
	wqe = list_first_entry_or_null(&srq->posted, struct vib_wqe, cqe.node);
	if (wqe) {
		list_del(&wqe->cqe.node);
		srq->count--;
		vib_srq_check_limit(srq, srq->count);
	}
	spin_unlock(&srq->lock);
	return wqe;
}

/**
 * vib_srq_give_back - an entry can be posted again
 * @cqe: in no list
 *
 * Context: interrupts off.
 */
void vib_srq_give_back(struct vib_cqe *cqe)
{
	struct vib_srq *srq = cqe->srq;

	spin_lock(&srq->lock);
	list_add_tail(&cqe->node, &srq->free);
	spin_unlock(&srq->lock);
}
