// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Reliable connections: calls of the core, and what follows from them.
 */
#include <linux/slab.h>

#include "vib.h"

static void report_events(struct work_struct *work)
{
	struct vib_qp *qp = container_of(work, struct vib_qp, event_work);
	struct ib_event event = {
		.device = &qp->hca->ib,
		.element.qp = qp->ib,
	};
	unsigned long events;
	unsigned int bit;

	spin_lock_irq(&qp->sq.lock);
	events = qp->events;
	qp->events = 0;
	spin_unlock_irq(&qp->sq.lock);

	/* Cancelled before the queue pair goes away. */
	for_each_set_bit(bit, &events, BITS_PER_LONG) {
		event.event = bit;
		if (qp->ib->event_handler)
			qp->ib->event_handler(&event, qp->ib->qp_context);
	}
}

/* One that comes too early looks again: an answer costs no timer. */
static void set_timer(struct vib_qp *qp)
{
	u64 deadline = vib_rc_deadline(qp->rc);

	if (deadline == VIB_RC_NO_DEADLINE ||
	    (qp->timer_at && qp->timer_at <= deadline))
		return;
	qp->timer_at = deadline;
	hrtimer_start(&qp->timer, ns_to_ktime(deadline), HRTIMER_MODE_ABS_SOFT);
}

/* The core was called: arrange for what follows, and let go of the lock. */
static void leave(struct vib_qp *qp, unsigned long flags)
	__releases(&qp->sq.lock)
{
	struct vib_cq *send_cq = qp->sq.cq;
	struct vib_cq *recv_cq = qp->rq.cq;
	int notify_send = qp->notify_send;
	int notify_recv = qp->notify_recv;

	qp->notify_send = 0;
	qp->notify_recv = 0;
	if (qp->rc && !qp->dead) {
		set_timer(qp);
		if (qp->events)
			schedule_work(&qp->event_work);
	}
	spin_unlock_irqrestore(&qp->sq.lock, flags);

	/* A completion queue waits for the calls that are due. */
	while (notify_send--)
		vib_cq_notify(send_cq);
	while (notify_recv--)
		vib_cq_notify(recv_cq);
}

/**
 * vib_qp_changed - work is done or due: do what follows
 * @qp: the queue pair, whose sq.lock is held and let go of
 * @flags: of spin_lock_irqsave()
 *
 * Context: any.
 */
void vib_qp_changed(struct vib_qp *qp, unsigned long flags)
	__releases(&qp->sq.lock)
{
	if (qp->rc && !qp->dead)
		vib_egress_ready(qp);
	leave(qp, flags);
}

static enum hrtimer_restart expire(struct hrtimer *timer)
{
	struct vib_qp *qp = container_of(timer, struct vib_qp, timer);
	unsigned long flags;

	spin_lock_irqsave(&qp->sq.lock, flags);
	qp->timer_at = 0;
	if (!qp->dead)
		vib_rc_timer(qp->rc, ktime_get_ns());
	vib_qp_changed(qp, flags);
	return HRTIMER_NORESTART;
}

/**
 * vib_rc_make_packet - the next packet of a connection
 * @qp: the queue pair, maybe dead
 * @wire: VIB_RC_PACKET_MAX bytes, written
 *
 * Context: any.
 * Return: its length, 0 if there is none.
 */
u32 vib_rc_make_packet(struct vib_qp *qp, u8 *wire)
{
	unsigned long flags;
	u32 len = 0;

	spin_lock_irqsave(&qp->sq.lock, flags);
	if (!qp->dead) {
		/* Here, for no handler may be called in vib_post_send(). */
		if (qp->state == IB_QPS_ERR)
			vib_rc_flush(qp->rc);
		len = vib_rc_transmit(qp->rc, ktime_get_ns(), wire);
	}
	leave(qp, flags);
	return len;
}

/**
 * vib_rc_deliver - a packet for a connection
 * @qp: the queue pair, maybe dead
 * @wire: the packet
 * @rx: what the port made of it
 *
 * Context: RCU read side.
 */
void vib_rc_deliver(struct vib_qp *qp, const u8 *wire, const struct vib_rx *rx)
{
	unsigned long flags;
	int drop = VIB_DROP_RX_QP_STATE;

	spin_lock_irqsave(&qp->sq.lock, flags);
	if (!qp->dead)
		drop = vib_rc_receive(qp->rc, ktime_get_ns(), wire, rx);
	if (!drop && qp->state == IB_QPS_RTR && !qp->is_established) {
		qp->is_established = true;
		__set_bit(IB_EVENT_COMM_EST, &qp->events);
	}
	vib_qp_changed(qp, flags);
}

/**
 * vib_rc_create - make a queue pair one of a connection
 * @qp: the queue pair
 * @attr: what is wanted
 *
 * Context: may sleep.
 * Return: 0 or an errno.
 */
int vib_rc_create(struct vib_qp *qp, struct ib_qp_init_attr *attr)
{
	qp->rc = kvzalloc(vib_rc_size(qp->sq.size), GFP_KERNEL);
	if (!qp->rc)
		return -ENOMEM;
	vib_rc_init(qp->rc, qp, qp->hca->net->core, qp->hca->index,
		    qp->sq.size);
	qp->srq = attr->srq ? to_vib_srq(attr->srq) : NULL;
	INIT_LIST_HEAD(&qp->ready);
	INIT_WORK(&qp->event_work, report_events);
	hrtimer_init(&qp->timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	qp->timer.function = expire;
	return 0;
}

/**
 * vib_rc_stop - nothing happens by itself any more
 * @qp: the queue pair, which is dead
 *
 * Context: may sleep.
 */
void vib_rc_stop(struct vib_qp *qp)
{
	if (!qp->rc)
		return;
	hrtimer_cancel(&qp->timer);
	cancel_work_sync(&qp->event_work);
}

/**
 * vib_rc_free - free the connection of a queue pair
 * @qp: the queue pair, stopped
 *
 * Context: may sleep.
 */
void vib_rc_free(struct vib_qp *qp)
{
	kvfree(qp->rc);
	qp->rc = NULL;
}
