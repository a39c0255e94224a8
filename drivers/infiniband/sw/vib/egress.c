// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The egress of an HCA: one queue and one task that carries the packets in
 * order to their receivers and then completes the work requests.  So a send
 * queue bounds what its queue pair has under way, and a slow fabric stops its
 * senders.  Connections are asked for their packets, one at a time and in
 * turn.
 */
#include <linux/slab.h>

#include "vib.h"

#define BUDGET		64
#define BUDGET_JIFFIES	2

/**
 * vib_egress_add - queue a packet
 * @hca: sending HCA
 * @packet: belongs to the egress from here on
 *
 * Context: any, interrupts off.  The caller schedules the task.
 */
void vib_egress_add(struct vib_hca *hca, struct vib_packet *packet)
{
	spin_lock(&hca->egress_lock);
	list_add_tail(&packet->node, &hca->egress);
	WRITE_ONCE(hca->egress_len, hca->egress_len + 1);
	spin_unlock(&hca->egress_lock);
}

/* The sender gets its completion, unless it was reset or destroyed. */
static void complete_send(struct vib_packet *packet)
{
	struct vib_qp *qp = packet->qp;
	struct vib_cq *cq = NULL;
	struct vib_cqe *cqe;
	unsigned long flags;

	spin_lock_irqsave(&qp->sq.lock, flags);
	if (packet->completes && !qp->dead && packet->epoch == qp->epoch) {
		cqe = vib_wq_entry(&qp->sq, qp->sq.next);
		if (vib_sq_done(qp, cqe, packet->status))
			cq = qp->sq.cq;
	}
	spin_unlock_irqrestore(&qp->sq.lock, flags);
	if (cq)
		vib_cq_notify(cq);
	vib_qp_put(qp);
	kfree(packet);
}

/**
 * vib_deliver - hand a packet to the HCAs and trunks of a plan
 * @net: the fabric
 * @plan: from the core
 * @wire: the packet
 * @len: its length
 *
 * Context: any.
 */
void vib_deliver(struct vib_net *net, const struct vib_plan *plan,
		 const u8 *wire, u32 len)
{
	u64 left;

	rcu_read_lock();
	for (left = plan->hcas; left; left &= left - 1) {
		u32 index = __ffs64(left);

		if (plan->looped >> index & 1)
			vib_receive(net, index, wire, len);
		else
			vib_link_receive(net, index, wire, len);
	}
	rcu_read_unlock();
	for (left = plan->trunks; left; left &= left - 1)
		vib_trunk_send(&net->trunk[__ffs64(left)], wire, len);
}

/**
 * vib_carry - bring a packet to its receivers
 * @net: the fabric
 * @link: whose link it is on: see VIB_TRUNK_LINK
 * @wire: the packet
 * @len: its length
 *
 * Context: softirq or process.
 */
void vib_carry(struct vib_net *net, u32 link, u8 *wire, u32 len)
{
	struct vib_effects effects;
	struct vib_plan plan;
	unsigned long flags;

	vib_forward(net->core, link, wire, len, &plan);
	if (plan.to_switch) {
		spin_lock_irqsave(&net->lock, flags);
		vib_switch_receive(net->core, link, wire, len, &plan,
				   &effects);
		spin_unlock_irqrestore(&net->lock, flags);
		vib_apply_effects(net, &effects);
	}
	vib_deliver(net, &plan, wire, len);
}

static struct vib_packet *next_packet(struct vib_hca *hca)
{
	struct vib_packet *packet;
	unsigned long flags;

	spin_lock_irqsave(&hca->egress_lock, flags);
	packet = list_first_entry_or_null(&hca->egress, struct vib_packet,
					  node);
	if (packet) {
		list_del(&packet->node);
		WRITE_ONCE(hca->egress_len, hca->egress_len - 1);
	}
	spin_unlock_irqrestore(&hca->egress_lock, flags);
	return packet;
}

/**
 * vib_egress_ready - a connection may have something to send
 * @qp: its queue pair, alive
 *
 * Context: any, interrupts off.
 */
void vib_egress_ready(struct vib_qp *qp)
{
	struct vib_hca *hca = qp->hca;

	spin_lock(&hca->egress_lock);
	if (!qp->is_ready) {
		qp->is_ready = true;
		refcount_inc(&qp->refs);
		list_add_tail(&qp->ready, &hca->ready);
	}
	spin_unlock(&hca->egress_lock);
	tasklet_schedule(&hca->egress_task);
}

static struct vib_qp *next_ready(struct vib_hca *hca)
{
	struct vib_qp *qp;
	unsigned long flags;

	spin_lock_irqsave(&hca->egress_lock, flags);
	qp = list_first_entry_or_null(&hca->ready, struct vib_qp, ready);
	if (qp) {
		list_del(&qp->ready);
		qp->is_ready = false;
	}
	spin_unlock_irqrestore(&hca->egress_lock, flags);
	return qp;
}

static bool carry_datagram(struct vib_hca *hca)
{
	struct vib_packet *packet = next_packet(hca);

	if (!packet)
		return false;
	if (packet->send)
		vib_link_send(hca->net, hca->index, packet->wire,
			      packet->len);
	complete_send(packet);
	return true;
}

static bool carry_of_connection(struct vib_hca *hca)
{
	struct vib_qp *qp = next_ready(hca);
	unsigned long flags;
	u32 len;

	if (!qp)
		return false;
	len = vib_rc_make_packet(qp, hca->rc_wire);
	if (len) {
		local_irq_save(flags);
		vib_egress_ready(qp);
		local_irq_restore(flags);
		vib_link_send(hca->net, hca->index, hca->rc_wire, len);
	}
	vib_qp_put(qp);
	return true;
}

static void egress_run(struct tasklet_struct *task)
{
	struct vib_hca *hca = from_tasklet(hca, task, egress_task);
	unsigned long end = jiffies + BUDGET_JIFFIES;
	bool found = true;
	int budget;

	/* A broadcast to thousands of queue pairs takes its time as well. */
	for (budget = BUDGET; budget && found && time_before(jiffies, end);
	     budget--) {
		found = carry_datagram(hca);
		found |= carry_of_connection(hca);
	}
	if (found)
		tasklet_schedule(task);
}

/**
 * vib_egress_init - make an HCA ready to send
 * @hca: the HCA
 *
 * Context: any.
 */
void vib_egress_init(struct vib_hca *hca)
{
	spin_lock_init(&hca->egress_lock);
	INIT_LIST_HEAD(&hca->egress);
	INIT_LIST_HEAD(&hca->ready);
	tasklet_setup(&hca->egress_task, egress_run);
}

/**
 * vib_egress_stop - stop sending and throw away what is left
 * @hca: the HCA; no queue pair is left
 *
 * Context: may sleep.
 */
void vib_egress_stop(struct vib_hca *hca)
{
	struct vib_packet *packet;
	struct vib_qp *qp;

	tasklet_kill(&hca->egress_task);
	while ((packet = next_packet(hca)))
		complete_send(packet);
	while ((qp = next_ready(hca)))
		vib_qp_put(qp);
}
