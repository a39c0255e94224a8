// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Trunks: packets of the switch in frames of an Ethernet device, hellos, and
 * what comes back.  What a frame means is the core's business (abi_trunk.h),
 * which device it is that of trunk_dev.c.
 */
#include <linux/etherdevice.h>
#include <linux/jiffies.h>
#include <linux/random.h>
#include <linux/skbuff.h>

#include "vib.h"

#define BUDGET	64

static struct sk_buff *alloc_frame(const struct net_device *dev, u32 size)
{
	struct sk_buff *skb = alloc_skb(LL_RESERVED_SPACE(dev) + size +
					dev->needed_tailroom, GFP_ATOMIC);

	if (skb)
		skb_reserve(skb, LL_RESERVED_SPACE(dev));
	return skb;
}

/*
 * It leaves by the task: whoever has something to send may hold a lock and have
 * interrupts off.
 */
static void queue_frame(struct vib_trunk *trunk, struct net_device *dev,
			struct sk_buff *skb, const u8 *to)
{
	skb_reset_network_header(skb);
	skb->dev = dev;
	skb->protocol = htons(VIB_TRUNK_ETHERTYPE);
	if (dev_hard_header(skb, dev, VIB_TRUNK_ETHERTYPE, to, NULL,
			    skb->len) < 0) {
		dev_kfree_skb_any(skb);
		return;
	}
	skb_queue_tail(&trunk->frames, skb);
	tasklet_schedule(&trunk->task);
}

static void leave(struct tasklet_struct *task)
{
	struct vib_trunk *trunk = from_tasklet(trunk, task, task);
	struct sk_buff *skb;
	int budget = BUDGET;

	while (budget-- && (skb = skb_dequeue(&trunk->frames)))
		dev_queue_xmit(skb);
	if (!skb_queue_empty(&trunk->frames))
		tasklet_schedule(task);
}

static void say_hello(struct vib_trunk *trunk, const u8 *hello, u32 len)
{
	struct net_device *dev;
	struct sk_buff *skb;

	rcu_read_lock();
	dev = rcu_dereference(trunk->dev);
	skb = dev ? alloc_frame(dev, len) : NULL;
	if (skb) {
		skb_put_data(skb, hello, len);
		queue_frame(trunk, dev, skb, dev->broadcast);
	}
	rcu_read_unlock();
}

/**
 * vib_trunk_send - a packet leaves by a trunk
 * @trunk: the trunk
 * @wire: the packet
 * @len: its length
 *
 * Context: any.
 */
void vib_trunk_send(struct vib_trunk *trunk, const u8 *wire, u32 len)
{
	const u32 size = VIB_TRUNK_HEAD + len + VIB_VCRC_LEN;
	struct vib_fabric *core = trunk->net->core;
	struct net_device *dev;
	struct sk_buff *skb;
	unsigned long flags;
	u8 to[ETH_ALEN];
	u8 *frame;

	rcu_read_lock();
	dev = rcu_dereference(trunk->dev);
	if (!dev || skb_queue_len(&trunk->frames) >= VIB_EGRESS_MAX) {
		vib_count_drop(core, VIB_TRUNK_LINK + trunk->index,
			       dev ? VIB_DROP_TX_QUEUE_FULL :
				     VIB_DROP_TX_LINK_DOWN);
		goto unlock;
	}
	skb = alloc_frame(dev, size);
	if (!skb)
		goto unlock;
	frame = skb_put(skb, size);
	memcpy(frame + VIB_TRUNK_HEAD, wire, len);
	if (!vib_trunk_wrap(core, trunk->index, frame, len)) {
		dev_kfree_skb_any(skb);
		goto unlock;
	}
	vib_look(&trunk->tap, frame + VIB_TRUNK_HEAD, len + VIB_VCRC_LEN, true);
	spin_lock_irqsave(&trunk->lock, flags);
	ether_addr_copy(to, trunk->peer);
	spin_unlock_irqrestore(&trunk->lock, flags);
	queue_frame(trunk, dev, skb, to);
unlock:
	rcu_read_unlock();
}

static void hear_hello(struct vib_trunk *trunk, const struct sk_buff *skb)
{
	struct vib_net *net = trunk->net;
	u8 answer[VIB_TRUNK_HELLO];
	struct vib_effects effects;
	unsigned long flags;
	u32 outcome;

	spin_lock_irqsave(&net->lock, flags);
	outcome = vib_trunk_hello(net->core, trunk->index, skb->data, skb->len,
				  answer, &effects);
	if (outcome & VIB_HELLO_ACCEPTED) {
		spin_lock(&trunk->lock);
		dev_parse_header(skb, trunk->peer);
		spin_unlock(&trunk->lock);
	}
	spin_unlock_irqrestore(&net->lock, flags);
	if (outcome & VIB_HELLO_ANSWER)
		say_hello(trunk, answer, sizeof(answer));
	if (outcome & VIB_HELLO_OWN_GUID)
		pr_warn_ratelimited("vib: trunk%u: the switch there has our GUID: load vib with another guid= there\n",
				    vib_trunk_number(trunk));
	vib_apply_effects(net, &effects);
}

static void take(struct vib_trunk *trunk, struct sk_buff *skb)
{
	struct vib_trunk_packet packet;

	switch (vib_trunk_sort(trunk->net->core, trunk->index, skb->data,
			       skb->len, &packet)) {
	case VIB_TRUNK_IS_HELLO:
		hear_hello(trunk, skb);
		break;
	case VIB_TRUNK_IS_PACKET:
		vib_look(&trunk->tap, skb->data + packet.offset,
			 packet.len + VIB_VCRC_LEN, true);
		vib_carry(trunk->net, VIB_TRUNK_LINK + trunk->index,
			  skb->data + packet.offset, packet.len);
		break;
	}
}

/* packet_type.func: the core may write to what it is given. */
static int receive(struct sk_buff *skb, struct net_device *dev,
		   struct packet_type *type, struct net_device *orig)
{
	struct vib_trunk *trunk = container_of(type, struct vib_trunk, type);

	if (skb->pkt_type == PACKET_OTHERHOST ||
	    skb->pkt_type == PACKET_LOOPBACK) {
		kfree_skb(skb);
		return NET_RX_DROP;
	}
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (skb)
		skb = skb_unshare(skb, GFP_ATOMIC);
	if (!skb)
		return NET_RX_DROP;
	if (skb_linearize(skb)) {
		kfree_skb(skb);
		return NET_RX_DROP;
	}
	take(trunk, skb);
	consume_skb(skb);
	return NET_RX_SUCCESS;
}

static void tick(struct timer_list *timer)
{
	struct vib_trunk *trunk = from_timer(trunk, timer, timer);
	struct vib_net *net = trunk->net;
	struct vib_effects effects;
	u8 hello[VIB_TRUNK_HELLO];
	unsigned long flags;
	u32 len;

	spin_lock_irqsave(&net->lock, flags);
	len = vib_trunk_tick(net->core, trunk->index, hello, &effects);
	spin_unlock_irqrestore(&net->lock, flags);
	if (!len)
		return;
	vib_apply_effects(net, &effects);
	say_hello(trunk, hello, len);
	mod_timer(&trunk->timer,
		  jiffies + msecs_to_jiffies(VIB_TRUNK_TICK_MS));
}

/**
 * vib_trunk_connect - the cable is in, or out
 * @trunk: the trunk
 * @connected: in
 *
 * Context: may sleep, under RTNL.
 */
void vib_trunk_connect(struct vib_trunk *trunk, bool connected)
{
	const struct vib_trunk_cable cable = {
		.identity = get_random_u32() | 1,
		.link = trunk->link,
	};
	struct vib_net *net = trunk->net;
	struct vib_effects effects;

	if (trunk->is_connected == connected)
		return;
	trunk->is_connected = connected;
	spin_lock_irq(&net->lock);
	vib_trunk_plug(net->core, trunk->index, connected ? &cable : NULL,
		       &effects);
	spin_unlock_irq(&net->lock);
	vib_apply_effects(net, &effects);
	if (connected)
		mod_timer(&trunk->timer, jiffies);
	else
		del_timer_sync(&trunk->timer);
}

/**
 * vib_trunk_flush - throw away what was to be sent
 * @trunk: the trunk; nothing more can be sent by it
 *
 * Context: may sleep.
 */
void vib_trunk_flush(struct vib_trunk *trunk)
{
	tasklet_kill(&trunk->task);
	skb_queue_purge(&trunk->frames);
}

/**
 * vib_trunk_init - make a trunk
 * @net: the fabric
 * @index: its number there
 *
 * Context: any.
 */
void vib_trunk_init(struct vib_net *net, u32 index)
{
	struct vib_trunk *trunk = &net->trunk[index];

	trunk->net = net;
	trunk->index = index;
	vib_tap_init(&trunk->tap);
	spin_lock_init(&trunk->lock);
	skb_queue_head_init(&trunk->frames);
	tasklet_setup(&trunk->task, leave);
	timer_setup(&trunk->timer, tick, 0);
	trunk->type.type = htons(VIB_TRUNK_ETHERTYPE);
	trunk->type.func = receive;
}
