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
	return cpumask_local_spread(hca->index % num_online_cpus(),
				    NUMA_NO_NODE);
}

/**
 * vib_create_cq - ib_device_ops.create_cq, see compat.h
 * @ib: what ib_core allocated
 * @attr: what is wanted
 *
 * Context: may sleep.
 * Return: 0 or an errno.
 */
int vib_create_cq(struct ib_cq *ib, const struct ib_cq_init_attr *attr)
{
	struct vib_cq *cq = to_vib_cq(ib);

	if (attr->flags)
		return -EOPNOTSUPP;
	if (!attr->cqe || attr->cqe > VIB_MAX_CQE)
		return -EINVAL;
	ib->cqe = attr->cqe;
	spin_lock_init(&cq->lock);
	INIT_LIST_HEAD(&cq->done);
	init_waitqueue_head(&cq->idle);
	cq->cpu = pick_cpu(to_vib_hca(ib->device));
	INIT_CSD(&cq->interrupt, handle_interrupt, cq);
	return 0;
}

/**
 * vib_cq_push - add a completion
 * @cq: the completion queue
 * @cqe: the entry; belongs to @cq until polled
 *
 * Context: any; the caller holds the lock of the work queue.
 * Return: true if the caller must call vib_cq_notify() after it let go of
 * its locks.
 */
bool vib_cq_push(struct vib_cq *cq, struct vib_cqe *cqe)
{
	bool notify;

	spin_lock(&cq->lock);
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
