// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * What the core asks of the network stack and of ib_ipoib (abi/kernel.h).
 * Its other needs are in platform.c, questions to the SA in query.c.
 */

#include <linux/delay.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>
#include <rdma/e_ipoib.h>

#include "abi/kernel.h"
#include "hot.h"

/* How long a VIF may take to join its groups, and how often it is asked. */
#define SETTLE_MS 100
#define SETTLE_POLL_US 1000

/**
 * eipoib_k_now - a coarse clock
 *
 * Context: any.
 * Return: milliseconds; wraps.
 */
u32 eipoib_k_now(void)
{
	return eipoib_now();
}

/**
 * eipoib_k_count - count what is no drop
 * @pif: as given to eipoib_core_create()
 * @note: enum eipoib_note
 *
 * Context: bottom halves off.
 */
void eipoib_k_count(void *pif, u32 note)
{
	eipoib_stats_add_note(pif, note);
}

/**
 * eipoib_k_send - send a frame that the core made
 * @dev: the VIF's netdevice
 * @header: EIPOIB_LINK_HLEN bytes, destination and encapsulation header
 * @payload: what follows
 * @len: bytes at @payload
 *
 * Context: bottom halves off, RCU read-side section, no lock of the core held.
 */
void eipoib_k_send(void *dev, const u8 *header, const u8 *payload, u32 len)
{
	struct sk_buff *skb;

	if (!eipoib_slave_is_ready(dev))
		return;

	skb = eipoib_tx_alloc(dev, len);
	if (!skb)
		return;

	skb_put_data(skb, payload, len);
	eipoib_tx_push_header(skb, dev, header, 0);
	dev_queue_xmit(skb);
}

/**
 * eipoib_k_deliver - let a frame that the core made enter ethX
 * @pif: as given to eipoib_core_create()
 * @vlan: VLAN ID or EIPOIB_VLAN_NONE
 * @frame: from the Ethernet header on
 * @len: bytes at @frame
 *
 * Context: bottom halves off, no lock of the core held.
 */
void eipoib_k_deliver(void *pif, u32 vlan, const u8 *frame, u32 len)
{
	struct net_device *dev = ((struct eipoib_pif *)pif)->dev;
	struct sk_buff *skb;

	if (!netif_running(dev))
		return;

	skb = __netdev_alloc_skb_ip_align(dev, len, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return;

	skb_put_data(skb, frame, len);
	eipoib_rx_finish(skb, dev, vlan);
	eipoib_stats_add_rx(pif, len, skb->pkt_type == PACKET_MULTICAST);
	netif_rx(skb);
}

/**
 * eipoib_k_release - ask for all held frames to be planned again, soon
 * @pif: as given to eipoib_core_create()
 *
 * Context: bottom halves off; the core may hold a lock.
 */
void eipoib_k_release(void *pif)
{
	eipoib_hold_replay(pif);
}

/**
 * eipoib_k_vif_attach - whether a VIF takes group frames
 * @dev: the VIF's netdevice
 * @on: it does
 *
 * Context: Config.
 */
void eipoib_k_vif_attach(void *dev, bool on)
{
	const struct eipoib_slave *slave = eipoib_slave_get(dev);
	int err;

	ASSERT_RTNL();

	/* One that is being released stops by itself. */
	if (!slave)
		return;

	err = slave->ops->vif_attach(dev, on);
	if (err && net_ratelimit())
		netdev_err(dev, "cannot %s group frames: error %d\n",
			   on ? "receive" : "stop receiving", err);
}

/* Nothing is worth waiting for where the fabric or the PIF is going. */
static bool is_settling(const struct eipoib_slave *slave)
{
	const struct eipoib_pif *pif = slave->pif;

	return pif->dev->reg_state == NETREG_REGISTERED &&
	       netif_running(pif->lower) && netif_carrier_ok(pif->lower) &&
	       eipoib_slave_is_ready(slave->dev) &&
	       !slave->ops->vif_is_attached(slave->dev);
}

/**
 * eipoib_k_vif_settle - wait until a VIF takes the frames of all groups it is
 * to join, for a tenth of a second at most
 * @dev: the VIF's netdevice
 *
 * Context: Config.
 */
void eipoib_k_vif_settle(void *dev)
{
	const struct eipoib_slave *slave = eipoib_slave_get(dev);
	unsigned long deadline = jiffies + msecs_to_jiffies(SETTLE_MS);

	ASSERT_RTNL();

	if (!slave)
		return;

	while (is_settling(slave) && time_before(jiffies, deadline))
		usleep_range(SETTLE_POLL_US, 2 * SETTLE_POLL_US);
}

/**
 * eipoib_k_group_join - a VIF is to receive what is sent to a group
 * @dev: the VIF's netdevice
 * @address: the group, EIPOIB_IB_ADDR_LEN bytes
 *
 * ib_ipoib joins in its own time and tries again by itself.
 *
 * Context: packet or config call, never sleeps.
 */
void eipoib_k_group_join(void *dev, const u8 *address)
{
	/* Global: without memory nothing is added, and then the leave must not
	 * take away what somebody else has added.
	 */
	dev_mc_add_global(dev, address);
}

/**
 * eipoib_k_group_leave - take an eipoib_k_group_join() back
 * @dev: the VIF's netdevice
 * @address: the group, EIPOIB_IB_ADDR_LEN bytes
 *
 * Context: packet or config call, never sleeps.
 */
void eipoib_k_group_leave(void *dev, const u8 *address)
{
	dev_mc_del_global(dev, address);
}

#ifdef EIPOIB_PROVE_CALLS
/**
 * eipoib_k_prove_call - complain if a caller of the core broke its promise
 * @contexts: EIPOIB_CALL_... that would do
 *
 * Context: any.
 */
void eipoib_k_prove_call(u32 contexts)
{
	bool is_config = contexts & EIPOIB_CALL_CONFIG &&
			 lockdep_rtnl_is_held();
	bool is_packet = contexts & EIPOIB_CALL_PACKET &&
			 rcu_read_lock_any_held();

	RCU_LOCKDEP_WARN(!is_config && !is_packet,
			 "the core is called in a context it is not made for");
}
#endif
