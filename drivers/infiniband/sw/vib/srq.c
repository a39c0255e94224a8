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

	if (!to_vib_hca(ib->device)->net->srqs ||
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
 * @attr: the limit
 * @mask: IB_SRQ_LIMIT
 * @udata: unused
 *
 * Context: may sleep.
 * Return: 0 or an errno.
 */
int vib_modify_srq(struct ib_srq *ib, struct ib_srq_attr *attr,
		   enum ib_srq_attr_mask mask, struct ib_udata *udata)
{
	struct vib_srq *srq = to_vib_srq(ib);
	unsigned long flags;

	if (mask != IB_SRQ_LIMIT)
		return -EOPNOTSUPP;
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
	kvfree(srq->ring);
	return 0;
}

static int post_one(struct vib_srq *srq, const struct ib_recv_wr *wr)
{
	struct vib_wqe *wqe;

	if (wr->num_sge > srq->max_sge)
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
		if (srq->count < srq->limit) {
			WRITE_ONCE(srq->limit, 0);
			schedule_work(&srq->limit_work);
		}
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
