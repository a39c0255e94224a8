// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Management datagrams and what follows from them: events and traps.
 */
#include <rdma/ib_mad.h>

#include "vib.h"

/* In the order in which they are reported. */
static const struct {
	u32 bit;
	enum ib_event_type type;
} events[] = {
	{ VIB_EVENT_PORT_ERR, IB_EVENT_PORT_ERR },
	{ VIB_EVENT_GID_CHANGE, IB_EVENT_GID_CHANGE },
	{ VIB_EVENT_LID_CHANGE, IB_EVENT_LID_CHANGE },
	{ VIB_EVENT_SM_CHANGE, IB_EVENT_SM_CHANGE },
	{ VIB_EVENT_PKEY_CHANGE, IB_EVENT_PKEY_CHANGE },
	{ VIB_EVENT_PORT_ACTIVE, IB_EVENT_PORT_ACTIVE },
	{ VIB_EVENT_CLIENT_REREGISTER, IB_EVENT_CLIENT_REREGISTER },
};

static void report(struct vib_hca *hca, u32 bits)
{
	struct ib_event event = {
		.device = &hca->ib,
		.element.port_num = 1,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(events); i++) {
		if (!(bits & events[i].bit))
			continue;
		event.event = events[i].type;
		ib_dispatch_event(&event);
	}
}

static void send_trap(struct vib_net *net)
{
	u8 wire[VIB_HEADER_MAX + VIB_MAD_LEN + VIB_TAIL_MAX];
	struct vib_plan plan;
	unsigned long flags;
	u32 len;

	spin_lock_irqsave(&net->lock, flags);
	len = vib_switch_trap(net->core, wire, &plan);
	spin_unlock_irqrestore(&net->lock, flags);
	vib_deliver(net, &plan, wire, len);
}

/**
 * vib_apply_effects - do what a management call asked for
 * @net: the fabric
 * @effects: from the core
 *
 * Context: any, without vib_net.lock.
 */
void vib_apply_effects(struct vib_net *net, const struct vib_effects *effects)
{
	struct vib_hca *hca;

	if (effects->events) {
		rcu_read_lock();
		hca = rcu_dereference(net->hca[effects->hca]);
		if (hca)
			report(hca, effects->events);
		rcu_read_unlock();
	}
	if (effects->trap)
		send_trap(net);
}

/**
 * vib_process_mad - ib_device_ops.process_mad
 * @ib: the device
 * @flags: unused
 * @port: 1
 * @wc: unused
 * @grh: unused
 * @in: the MAD
 * @out: the answer
 * @out_size: its size, which is always the same
 * @out_pkey_index: unused
 *
 * Context: any.
 * Return: IB_MAD_RESULT_* bits.
 */
int vib_process_mad(struct ib_device *ib, int flags, u32 port,
		    const struct ib_wc *wc, const struct ib_grh *grh,
		    const struct ib_mad *in, struct ib_mad *out,
		    size_t *out_size, u16 *out_pkey_index)
{
	struct vib_hca *hca = to_vib_hca(ib);
	struct vib_net *net = hca->net;
	struct vib_effects effects;
	unsigned long irq;
	int verdict;

	BUILD_BUG_ON(sizeof(*in) != VIB_MAD_LEN);
	spin_lock_irqsave(&net->lock, irq);
	verdict = vib_hca_mad(net->core, hca->index, (const u8 *)in, (u8 *)out,
			      &effects);
	spin_unlock_irqrestore(&net->lock, irq);
	vib_apply_effects(net, &effects);

	switch (verdict) {
	case VIB_MAD_REPLY:
		return IB_MAD_RESULT_SUCCESS | IB_MAD_RESULT_REPLY;
	case VIB_MAD_CONSUMED:
		return IB_MAD_RESULT_SUCCESS | IB_MAD_RESULT_CONSUMED;
	default:
		return IB_MAD_RESULT_SUCCESS;
	}
}
