// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Completion queues: lists of completed work queue entries, and the calls of
 * the consumers' handlers.
 */
#include "compat.h"
#include "vib.h"

static void end_notify(struct vib_cq *cq)
{
	unsigned long flags;

	spin_lock_irqsave(&cq->lock, flags);
	if (!--cq->notifying)
		wake_up_all(&cq->idle);
	spin_unlock_irqrestore(&cq->lock, flags);
}

static void notify(struct vib_cq *cq)
{
	cq->ib.comp_handler(&cq->ib, cq->ib.cq_context);
	end_notify(cq);
}

static void handle_interrupt(void *cq)
{
	notify(cq);
}

/* One CPU for each HCA: their interrupts have an affinity, too. */
static int pick_cpu(const struct vib_hca *hca)
{
	return cpumask_local_spread((hca->net->first + hca->index) %
				    num_online_cpus(), NUMA_NO_NODE);
}

static void report_overrun(struct work_struct *work)
{
	struct vib_cq *cq = container_of(work, struct vib_cq, overrun_work);
	struct ib_event event = {
		.device = cq->ib.device,
		.event = IB_EVENT_CQ_ERR,
		.element.cq = &cq->ib,
	};

	if (cq->ib.event_handler)
		cq->ib.event_handler(&event, cq->ib.cq_context);
}

/* A queue for user space, and where it finds it. */
static int make_user_ring(struct vib_user_ring *ring, u32 entries,
			  struct ib_udata *udata)
{
	struct rxe_create_cq_resp resp;
	int err;

	BUILD_BUG_ON(sizeof(resp) != sizeof(struct rxe_resize_cq_resp));
	if (udata->outlen < sizeof(resp))
		return -EINVAL;
	err = vib_user_ring_create(ring, udata, VIB_RING_CQ, entries, 0);
	if (err)
		return err;
	vib_user_ring_describe(ring, &resp.mi);
	err = ib_copy_to_udata(udata, &resp, sizeof(resp));
	if (err)
		vib_user_ring_destroy(ring);
	return err;
}

/**
 * vib_create_cq - ib_device_ops.create_cq, see compat.h
 * @ib: what ib_core allocated
 * @attr: what is wanted
 * @udata: NULL for one of the kernel
 *
 * Context: may sleep.
 * Return: 0 or an errno.
 */
int vib_create_cq(struct ib_cq *ib, const struct ib_cq_init_attr *attr,
		  struct ib_udata *udata)
{
	struct vib_cq *cq = to_vib_cq(ib);
	int err;

	if (attr->flags)
		return -EOPNOTSUPP;
	if (!attr->cqe || attr->cqe > VIB_MAX_CQE)
		return -EINVAL;
	ib->cqe = attr->cqe;
	if (udata) {
		err = make_user_ring(&cq->user, attr->cqe, udata);
		if (err)
			return err;
		ib->cqe = vib_ring_entries(&cq->user.queue);
	}
	INIT_WORK(&cq->overrun_work, report_overrun);
	spin_lock_init(&cq->lock);
	INIT_LIST_HEAD(&cq->done);
	init_waitqueue_head(&cq->idle);
	cq->cpu = pick_cpu(to_vib_hca(ib->device));
	INIT_CSD(&cq->interrupt, handle_interrupt, cq);
	return 0;
}

/**
 * vib_resize_cq - ib_device_ops.resize_cq
 * @ib: the completion queue
 * @cqe: how many completions are to fit in
 * @udata: NULL for one of the kernel, which has no size
 *
 * Context: may sleep.
 * Return: 0 or an errno.
 */
int vib_resize_cq(struct ib_cq *ib, int cqe, struct ib_udata *udata)
{
	struct vib_cq *cq = to_vib_cq(ib);
	struct vib_user_ring ring = {};
	bool ok;
	int err;

	if (cqe < 1 || cqe > VIB_MAX_CQE)
		return -EINVAL;
	if (!udata)
		return 0;
	err = make_user_ring(&ring, cqe, udata);
	if (err)
		return err;
	spin_lock_irq(&cq->lock);
	ok = vib_ring_move(&cq->user.queue, &ring.queue, VIB_RING_CQ);
	if (ok) {
		swap(cq->user, ring);
		ib->cqe = vib_ring_entries(&cq->user.queue);
	}
	spin_unlock_irq(&cq->lock);
	vib_user_ring_destroy(&ring);
	return ok ? 0 : -EINVAL;
}

/* In the numbers of <rdma/ib_user_verbs.h>, which the kernel's mostly are. */
static void put_user_cqe(struct vib_cq *cq, const struct vib_cqe *cqe)
{
	const struct vib_user_cqe entry = {
		.wr_id = cqe->wr.wr_id,
		.status = cqe->status,
		.opcode = cqe->opcode,
		.byte_len = cqe->byte_len,
		.imm = (__force u32)cqe->imm,
		.qpn = cqe->qp->attr.qpn,
		.src_qpn = cqe->src_qpn,
		.slid = cqe->slid,
		.pkey_index = cqe->pkey_index,
		.sl = cqe->sl,
		.path_bits = cqe->path_bits,
		.has_grh = cqe->flags & IB_WC_GRH,
		.has_imm = cqe->flags & IB_WC_WITH_IMM,
		.has_invalidated = cqe->flags & IB_WC_WITH_INVALIDATE,
	};

	if (vib_ring_put(&cq->user.queue, &entry) || cq->is_overrun)
		return;
	cq->is_overrun = true;
	schedule_work(&cq->overrun_work);
}

/**
 * vib_cq_push - add a completion
 * @cq: the completion queue
 * @cqe: the entry; belongs to @cq until polled, unless it is user space's
 *
 * Context: any; the caller holds the lock of the work queue.
 * Return: true if the caller must call vib_cq_notify() after it let go of
 * its locks.
 */
bool vib_cq_push(struct vib_cq *cq, struct vib_cqe *cqe)
{
	bool notify;

	spin_lock(&cq->lock);
	if (cq->user.mapping)
		put_user_cqe(cq, cqe);
	else
		list_add_tail(&cqe->node, &cq->done);
	notify = cq->armed && (!cq->solicited_only || cqe->solicited ||
			       cqe->status != IB_WC_SUCCESS);
	if (notify) {
		cq->armed = false;
		cq->notifying++;
	}
	spin_unlock(&cq->lock);
	return notify;
}

/**
 * vib_sq_done - a send request is done
 * @qp: the queue pair
 * @cqe: its entry, the oldest
 * @status: enum ib_wc_status
 *
 * Context: any, under sq.lock.
 * Return: as vib_cq_push().
 */
bool vib_sq_done(struct vib_qp *qp, struct vib_cqe *cqe, u8 status)
{
	bool notify = false;

	qp->sq.next = cqe->seq + 1;
	cqe->status = status;
	if (cqe->signaled || status != IB_WC_SUCCESS)
		notify = vib_cq_push(qp->sq.cq, cqe);
	if (qp->user) {
		qp->sq.tail = qp->sq.next;
		vib_ring_release(&qp->user->sq.queue);
	}
	return notify;
}

/**
 * vib_cq_notify - have the consumer's handler called
 * @cq: vib_cq_push() asked for it
 *
 * On one CPU, whoever has sent: what is polled is then handled in its order.
 *
 * Context: any but hard interrupt, no lock of ours held.
 */
void vib_cq_notify(struct vib_cq *cq)
{
	int err = 0;

	if (get_cpu() == cq->cpu)
		notify(cq);
	else
		err = smp_call_function_single_async(cq->cpu, &cq->interrupt);
	put_cpu();

	if (err == -EBUSY)
		end_notify(cq);	/* it is about to be called */
	else if (err)
		notify(cq);	/* that CPU is gone */
}

static bool is_idle(struct vib_cq *cq)
{
	bool idle;

	/* Under the lock: vib_cq_notify() does not touch @cq after it. */
	spin_lock_irq(&cq->lock);
	idle = !cq->notifying;
	spin_unlock_irq(&cq->lock);
	return idle;
}

/**
 * vib_destroy_cq - ib_device_ops.destroy_cq
 * @ib: no queue pair uses it any more
 * @udata: unused
 *
 * Context: may sleep.
 * Return: 0.
 */
int vib_destroy_cq(struct ib_cq *ib, struct ib_udata *udata)
{
	struct vib_cq *cq = to_vib_cq(ib);

	/* The handler may still run. */
	wait_event(cq->idle, is_idle(cq));
	cancel_work_sync(&cq->overrun_work);
	vib_user_ring_destroy(&cq->user);
	return 0;
}

/**
 * vib_cq_forget - take out what a queue pair completed
 * @cq: the completion queue
 * @qp: is reset or destroyed; the caller holds the lock of its work queue
 *
 * Context: any.
 */
void vib_cq_forget(struct vib_cq *cq, struct vib_qp *qp)
{
	struct vib_cqe *cqe, *next;

	spin_lock(&cq->lock);
	list_for_each_entry_safe(cqe, next, &cq->done, node)
		if (cqe->qp == qp) {
			list_del(&cqe->node);
			if (cqe->srq)
				vib_srq_give_back(cqe);
		}
	spin_unlock(&cq->lock);
}

static void fill_wc(struct ib_wc *wc, const struct vib_cqe *cqe)
{
	memset(wc, 0, sizeof(*wc));
	wc->wr_id = cqe->wr.wr_id;
	wc->status = cqe->status;
	wc->opcode = cqe->opcode;
	wc->byte_len = cqe->byte_len;
	wc->qp = cqe->qp->ib;
	wc->ex.imm_data = cqe->imm;	/* or, in the union, the R_Key */
	wc->src_qp = cqe->src_qpn;
	wc->slid = cqe->slid;
	wc->wc_flags = cqe->flags;
	wc->pkey_index = cqe->pkey_index;
	wc->sl = cqe->sl;
	wc->dlid_path_bits = cqe->path_bits;
	wc->port_num = 1;
}

/* The entry may be posted again. */
static void release(struct vib_cqe *cqe)
{
	struct vib_wq *wq;

	if (cqe->srq) {
		vib_srq_give_back(cqe);
		return;
	}
	wq = cqe->opcode & IB_WC_RECV ? &cqe->qp->rq : &cqe->qp->sq;
	/* Pairs with smp_load_acquire() in vib_wq_is_full(). */
	smp_store_release(&wq->tail, cqe->seq + 1);
}

/**
 * vib_poll_cq - take completions
 * @ib: the completion queue
 * @num: room at @wc
 * @wc: written
 *
 * Context: any.
 * Return: how many.
 */
int vib_poll_cq(struct ib_cq *ib, int num, struct ib_wc *wc)
{
	struct vib_cq *cq = to_vib_cq(ib);
	struct vib_cqe *cqe;
	unsigned long flags;
	int n;

	spin_lock_irqsave(&cq->lock, flags);
	for (n = 0; n < num; n++) {
		cqe = list_first_entry_or_null(&cq->done, struct vib_cqe, node);
		if (!cqe)
			break;
		list_del(&cqe->node);
		fill_wc(&wc[n], cqe);
		release(cqe);
	}
	spin_unlock_irqrestore(&cq->lock, flags);
	return n;
}

/**
 * vib_req_notify_cq - ask for a call of the handler
 * @ib: the completion queue
 * @flags: for which completions
 *
 * Context: any.
 * Return: 1 if completions are there already and the caller wants to know.
 */
int vib_req_notify_cq(struct ib_cq *ib, enum ib_cq_notify_flags flags)
{
	struct vib_cq *cq = to_vib_cq(ib);
	unsigned long irq;
	int missed;

	spin_lock_irqsave(&cq->lock, irq);
	/* Asked twice, the wider wish counts. */
	if (!cq->armed || (flags & IB_CQ_NEXT_COMP))
		cq->solicited_only = !(flags & IB_CQ_NEXT_COMP);
	cq->armed = true;
	missed = (flags & IB_CQ_REPORT_MISSED_EVENTS) && !list_empty(&cq->done);
	spin_unlock_irqrestore(&cq->lock, irq);
	return missed;
}
