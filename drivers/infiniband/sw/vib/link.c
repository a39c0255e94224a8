// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The cable between an HCA and the switch: who looks at what passes, and the
 * faults that the core wants to befall it.
 */
#include <linux/slab.h>

#include "vib.h"

#define LATE_MAX	VIB_EGRESS_MAX

/**
 * struct late - a packet that is not to arrive yet, or as it was sent
 * @node: in vib_line.late
 * @due: when it arrives
 * @len: bytes at @wire, without VCRC
 * @is_damaged: has checksums, and a wrong bit
 * @wire: the packet
 */
struct late {
	struct list_head node;
	u64 due;
	u32 len;
	bool is_damaged;
	u8 wire[];
};

static void look(struct vib_line *line, const u8 *wire, u32 len, bool sealed)
{
	vib_look(&line->link->tap, wire, len, sealed);
}

/* The other end of the link has it. */
static void arrive(struct vib_line *line, u8 *wire, u32 len)
{
	if (line->direction == VIB_OUTBOUND) {
		vib_carry(line->net, line->index, wire, len);
		return;
	}
	look(line, wire, len, false);
	rcu_read_lock();
	vib_receive(line->net, line->index, wire, len);
	rcu_read_unlock();
}

static void arrive_late(struct vib_line *line, struct late *late)
{
	const bool outbound = line->direction == VIB_OUTBOUND;
	const u32 sealed_len = late->len + VIB_VCRC_LEN;

	if (!late->is_damaged || vib_is_intact(late->wire, sealed_len)) {
		arrive(line, late->wire, late->len);
	} else {
		if (!outbound)
			look(line, late->wire, sealed_len, true);
		vib_count_drop(line->net->core, line->index,
			       outbound ? VIB_DROP_TX_CRC : VIB_DROP_RX_CRC);
	}
	kfree(late);
}

static struct late *take_due(struct vib_line *line)
{
	struct late *late;
	unsigned long flags;

	spin_lock_irqsave(&line->lock, flags);
	late = list_first_entry_or_null(&line->late, struct late, node);
	if (late && late->due <= ktime_get_ns()) {
		list_del(&late->node);
		line->late_count--;
	} else {
		if (late)
			hrtimer_start(&line->timer, ns_to_ktime(late->due),
				      HRTIMER_MODE_ABS_SOFT);
		late = NULL;
	}
	spin_unlock_irqrestore(&line->lock, flags);
	return late;
}

static enum hrtimer_restart expire(struct hrtimer *timer)
{
	struct vib_line *line = container_of(timer, struct vib_line, timer);
	struct late *late;

	while ((late = take_due(line)))
		arrive_late(line, late);
	return HRTIMER_NORESTART;
}

/* In the order in which they are due, and in which they came. */
static bool put_late(struct vib_line *line, struct late *late)
{
	struct list_head *before;
	unsigned long flags;

	spin_lock_irqsave(&line->lock, flags);
	if (line->late_count >= LATE_MAX) {
		spin_unlock_irqrestore(&line->lock, flags);
		return false;
	}
	before = line->late.prev;
	while (before != &line->late &&
	       list_entry(before, struct late, node)->due > late->due)
		before = before->prev;
	list_add(&late->node, before);
	line->late_count++;
	if (before == &line->late)
		hrtimer_start(&line->timer, ns_to_ktime(late->due),
			      HRTIMER_MODE_ABS_SOFT);
	spin_unlock_irqrestore(&line->lock, flags);
	return true;
}

static void befall(struct vib_line *line, const struct vib_fate *fate,
		   const u8 *wire, u32 len)
{
	struct late *late;

	late = kmalloc(struct_size(late, wire, len + VIB_VCRC_LEN),
		       GFP_ATOMIC | __GFP_NOWARN);
	if (!late)
		return;
	late->due = ktime_get_ns() + fate->delay;
	late->len = len;
	late->is_damaged = fate->is_damaged;
	memcpy(late->wire, wire, len);
	if (late->is_damaged)
		vib_damage(late->wire, len, fate->flip);
	if (!fate->delay)
		arrive_late(line, late);
	else if (!put_late(line, late))
		kfree(late);
}

/**
 * vib_link_send - an HCA puts a packet on its link
 * @net: the fabric
 * @index: the HCA
 * @wire: the packet
 * @len: its length
 *
 * Context: softirq.
 */
void vib_link_send(struct vib_net *net, u32 index, u8 *wire, u32 len)
{
	struct vib_line *line = &net->link[index].line[VIB_OUTBOUND];
	struct vib_fate fate;

	look(line, wire, len, false);
	vib_link_fate(net->core, index, VIB_OUTBOUND, wire, len, &fate);
	if (fate.copies == 1 && !fate.is_damaged && !fate.delay) {
		arrive(line, wire, len);
		return;
	}
	while (fate.copies--)
		befall(line, &fate, wire, len);
}

/**
 * vib_link_receive - the switch puts a packet on an HCA's link
 * @net: the fabric
 * @index: the HCA
 * @wire: the packet
 * @len: its length
 *
 * Context: RCU read side.
 */
void vib_link_receive(struct vib_net *net, u32 index, const u8 *wire, u32 len)
{
	struct vib_line *line = &net->link[index].line[VIB_INBOUND];
	struct vib_fate fate;

	vib_link_fate(net->core, index, VIB_INBOUND, wire, len, &fate);
	if (fate.copies == 1 && !fate.is_damaged && !fate.delay) {
		look(line, wire, len, false);
		vib_receive(net, index, wire, len);
		return;
	}
	while (fate.copies--)
		befall(line, &fate, wire, len);
}

/**
 * vib_link_init - make a link
 * @net: the fabric
 * @index: the HCA on it
 *
 * Context: any.
 */
void vib_link_init(struct vib_net *net, u32 index)
{
	struct vib_link *link = &net->link[index];
	u32 direction;

	vib_tap_init(&link->tap);
	for (direction = 0; direction < VIB_DIRECTIONS; direction++) {
		struct vib_line *line = &link->line[direction];

		line->net = net;
		line->link = link;
		line->index = index;
		line->direction = direction;
		spin_lock_init(&line->lock);
		INIT_LIST_HEAD(&line->late);
		hrtimer_init(&line->timer, CLOCK_MONOTONIC,
			     HRTIMER_MODE_ABS_SOFT);
		line->timer.function = expire;
	}
}

/**
 * vib_link_stop - throw away what is under way
 * @link: the link; all links are down
 *
 * Context: may sleep.
 */
void vib_link_stop(struct vib_link *link)
{
	struct late *late, *next;
	u32 direction;

	for (direction = 0; direction < VIB_DIRECTIONS; direction++) {
		struct vib_line *line = &link->line[direction];

		hrtimer_cancel(&line->timer);
		list_for_each_entry_safe(late, next, &line->late, node)
			kfree(late);
		INIT_LIST_HEAD(&line->late);
	}
}
