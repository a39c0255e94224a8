// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Frames that go the way of others before them, both from ethX and from the
 * fabric: nearly all.  What is to become of the rest, tx.c and rx.c ask the
 * core's planners.
 */

#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "hot.h"

static __always_inline const struct eipoib_flow *
find_tx_flow(const struct eipoib_pif *pif, const struct sk_buff *skb)
{
	u32 tci = EIPOIB_TCI_NONE;

	if (unlikely(skb_shared(skb)))
		return NULL;

	if (skb_vlan_tag_present(skb)) {
		if (!eipoib_has_tag(skb))
			return NULL;
		tci = skb_vlan_tag_get(skb);
	}

	return eipoib_tx_find_flow(pif->core, skb->data, skb_headlen(skb),
				   skb_is_gso(skb) ? eipoib_tx_gso_len(skb) :
						     skb->len,
				   tci, eipoib_now());
}

/**
 * eipoib_tx_start - send a frame
 * @skb: consumed
 * @dev: the PIF
 *
 * Context: rcu_read_lock_bh() (ndo_start_xmit), on any number of CPUs at once.
 * Return: NETDEV_TX_OK, whatever became of the frame.
 */
netdev_tx_t eipoib_tx_start(struct sk_buff *skb, struct net_device *dev)
{
	struct eipoib_pif *pif = netdev_priv(dev);
	const struct eipoib_flow *flow = find_tx_flow(pif, skb);

	if (likely(flow))
		eipoib_tx_leave(pif, skb, flow->dev, flow->header,
				EIPOIB_ETH_HLEN);
	else
		eipoib_tx_start_slowly(pif, skb);

	return NETDEV_TX_OK;
}

static __always_inline const struct eipoib_flow *
find_rx_flow(const struct eipoib_slave *slave, const struct sk_buff *skb)
{
	const struct eipoib_pif *pif = slave->pif;

	/* A packet socket may hold a clone that shows the IPoIB header. */
	if (unlikely(skb->pkt_type != PACKET_HOST || skb_shared(skb) ||
		     skb_header_cloned(skb) || !eipoib_rx_has_header(skb) ||
		     !netif_running(pif->dev) ||
		     !net_eq(dev_net(slave->dev), dev_net(pif->dev))))
		return NULL;

	/* CONTRACT: an rx handler runs in an RCU read-side section. */
	return eipoib_rx_find_flow(pif->core, slave->vif, skb_mac_header(skb),
				   skb_headlen(skb),
				   skb_is_gso(skb) ? 0 : skb->len,
				   eipoib_now());
}

/* Where the link header was is room for the Ethernet header. */
static __always_inline void enter(struct sk_buff *skb, struct eipoib_pif *pif,
				  const struct eipoib_flow *flow)
{
	u8 *header = skb->data - EIPOIB_ETH_HLEN;

	BUILD_BUG_ON(EIPOIB_ETH_HLEN > EIPOIB_LINK_HLEN);
	memcpy(header, flow->header, EIPOIB_ETH_HLEN);
	/* The protocol is the same in both headers. */
	skb->dev = pif->dev;
	skb_set_mac_header(skb, -EIPOIB_ETH_HLEN);
	skb_reset_network_header(skb);
	skb_reset_mac_len(skb);
	if (!ether_addr_equal(header, pif->dev->dev_addr))
		skb->pkt_type = PACKET_OTHERHOST;

	if (flow->vlan == EIPOIB_VLAN_NONE)
		__vlan_hwaccel_clear_tag(skb);
	else
		__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q), flow->vlan);

	eipoib_stats_add_rx(pif, skb->len + EIPOIB_ETH_HLEN, false);
}

/**
 * eipoib_rx_handle - receive a frame of a clone (rx_handler)
 * @pskb: consumed, or exchanged for the frame that enters the PIF
 *
 * Context: softirq, RCU read-side section; on any number of CPUs at once.
 * Return: RX_HANDLER_ANOTHER if a frame enters the PIF, RX_HANDLER_PASS for
 * what the clone sent itself, else RX_HANDLER_CONSUMED.
 */
rx_handler_result_t eipoib_rx_handle(struct sk_buff **pskb)
{
	const struct eipoib_flow *flow;
	struct sk_buff *skb = *pskb;
	struct eipoib_slave *slave;

	if (unlikely(skb->pkt_type == PACKET_LOOPBACK))
		return RX_HANDLER_PASS;

	slave = rcu_dereference(skb->dev->rx_handler_data);
	flow = find_rx_flow(slave, skb);
	if (likely(flow)) {
		enter(skb, slave->pif, flow);
		return RX_HANDLER_ANOTHER;
	}

	skb = eipoib_rx_receive_slowly(skb, slave);
	if (!skb)
		return RX_HANDLER_CONSUMED;

	eipoib_stats_add_rx(slave->pif, skb->len + EIPOIB_ETH_HLEN,
			    skb->pkt_type == PACKET_MULTICAST);
	*pskb = skb;

	return RX_HANDLER_ANOTHER;
}
