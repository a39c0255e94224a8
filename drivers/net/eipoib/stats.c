// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Counters of a PIF.  A frame is counted once: as sent, as received, or as
 * dropped for one reason.  Notes count what happens besides.  Drops are also
 * counted for the VIF.
 */

#include <linux/etherdevice.h>
#include <linux/skbuff.h>

#include "eipoib.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

const char eipoib_counter_names[EIPOIB_COUNTERS][ETH_GSTRING_LEN] = {
	EIPOIB_REASONS(EIPOIB_REASON_NAME)
	EIPOIB_NOTES(EIPOIB_REASON_NAME)
};

/* The kernel's own reasons, where one fits. */
static const u16 kernel_reasons[EIPOIB_REASON_COUNT] = {
	[EIPOIB_REASON_TX_RUNT]		= SKB_DROP_REASON_PKT_TOO_SMALL,
	[EIPOIB_REASON_TX_GIANT]	= SKB_DROP_REASON_PKT_TOO_BIG,
	[EIPOIB_REASON_TX_IP]		= SKB_DROP_REASON_IP_INHDR,
	[EIPOIB_REASON_TX_TEB_PLAIN]	= SKB_DROP_REASON_UNHANDLED_PROTO,
	[EIPOIB_REASON_TX_TEB_GIANT]	= SKB_DROP_REASON_PKT_TOO_BIG,
	[EIPOIB_REASON_TX_TOO_BIG]	= SKB_DROP_REASON_PKT_TOO_BIG,
	[EIPOIB_REASON_TX_HOLD]		= SKB_DROP_REASON_NEIGH_QUEUEFULL,
	[EIPOIB_REASON_TX_UNRESOLVED]	= SKB_DROP_REASON_NEIGH_FAILED,
	[EIPOIB_REASON_TX_SLAVE_DOWN]	= SKB_DROP_REASON_DEV_READY,
	[EIPOIB_REASON_TX_NOMEM]	= SKB_DROP_REASON_NOMEM,
	[EIPOIB_REASON_RX_RUNT]		= SKB_DROP_REASON_PKT_TOO_SMALL,
	[EIPOIB_REASON_RX_GIANT]	= SKB_DROP_REASON_PKT_TOO_BIG,
	[EIPOIB_REASON_RX_IP]		= SKB_DROP_REASON_IP_INHDR,
	[EIPOIB_REASON_RX_NOT_OURS]	= SKB_DROP_REASON_OTHERHOST,
	[EIPOIB_REASON_RX_PROTO]	= SKB_DROP_REASON_UNHANDLED_PROTO,
	[EIPOIB_REASON_RX_PIF_DOWN]	= SKB_DROP_REASON_DEV_READY,
	[EIPOIB_REASON_RX_NOMEM]	= SKB_DROP_REASON_NOMEM,
};

static void count(struct eipoib_pif *pif, unsigned int counter)
{
	struct eipoib_stats *stats = this_cpu_ptr(pif->stats);

	u64_stats_update_begin(&stats->syncp);
	u64_stats_inc(&stats->counters[counter]);
	u64_stats_update_end(&stats->syncp);
}

static void drop(struct eipoib_pif *pif, struct eipoib_slave *slave,
		 struct sk_buff *skb, enum eipoib_reason reason)
{
	count(pif, reason);
	if (slave)
		atomic_long_inc(&slave->drops[reason]);

	trace_drop(pif->dev, slave ? slave->dev : NULL, skb,
		   eipoib_counter_names[reason]);
	kfree_skb_reason(skb, kernel_reasons[reason] ?:
			      SKB_DROP_REASON_NOT_SPECIFIED);
}

/**
 * eipoib_stats_drop_rx - free a frame from the fabric and count it
 * @slave: has received it
 * @skb: consumed; NULL if somebody else has freed it
 * @reason: why it is dropped
 *
 * Context: bottom halves off.
 */
void eipoib_stats_drop_rx(struct eipoib_slave *slave, struct sk_buff *skb,
			  enum eipoib_reason reason)
{
	drop(slave->pif, slave, skb, reason);
}

/**
 * eipoib_stats_drop_tx - free a frame from ethX and count it
 * @pif: the PIF
 * @vif: the clone that it was to leave through; NULL if none was found
 * @skb: consumed; NULL if somebody else has freed it
 * @reason: why it is dropped
 *
 * Context: bottom halves off, RCU read-side section.
 */
void eipoib_stats_drop_tx(struct eipoib_pif *pif, const struct net_device *vif,
			  struct sk_buff *skb, enum eipoib_reason reason)
{
	drop(pif, eipoib_slave_get_rcu(vif), skb, reason);
}

/**
 * eipoib_stats_add_note - count what is no drop
 * @pif: the PIF
 * @note: what happened
 *
 * Context: bottom halves off.
 */
void eipoib_stats_add_note(struct eipoib_pif *pif, enum eipoib_note note)
{
	count(pif, EIPOIB_REASON_COUNT + note);
}

static void add_cpu_counters(const struct eipoib_stats *stats, u64 *sum)
{
	u64 counters[EIPOIB_COUNTERS];
	unsigned int start, i;

	do {
		start = u64_stats_fetch_begin(&stats->syncp);
		for (i = 0; i < EIPOIB_COUNTERS; i++)
			counters[i] = u64_stats_read(&stats->counters[i]);
	} while (u64_stats_fetch_retry(&stats->syncp, start));

	for (i = 0; i < EIPOIB_COUNTERS; i++)
		sum[i] += counters[i];
}

/**
 * eipoib_stats_sum_counters - all CPUs' counters
 * @pif: the PIF
 * @counters: filled, EIPOIB_COUNTERS of them
 *
 * Context: any, while the PIF is registered.
 */
void eipoib_stats_sum_counters(const struct eipoib_pif *pif, u64 *counters)
{
	int cpu;

	memset(counters, 0, EIPOIB_COUNTERS * sizeof(*counters));
	for_each_possible_cpu(cpu)
		add_cpu_counters(per_cpu_ptr(pif->stats, cpu), counters);
}

static void add_cpu_traffic(const struct eipoib_stats *stats,
			    struct rtnl_link_stats64 *sum)
{
	u64 rx_packets, rx_bytes, rx_multicast, tx_packets, tx_bytes;
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&stats->syncp);
		rx_packets = u64_stats_read(&stats->rx_packets);
		rx_bytes = u64_stats_read(&stats->rx_bytes);
		rx_multicast = u64_stats_read(&stats->rx_multicast);
		tx_packets = u64_stats_read(&stats->tx_packets);
		tx_bytes = u64_stats_read(&stats->tx_bytes);
	} while (u64_stats_fetch_retry(&stats->syncp, start));

	sum->rx_packets += rx_packets;
	sum->rx_bytes += rx_bytes;
	sum->multicast += rx_multicast;
	sum->tx_packets += tx_packets;
	sum->tx_bytes += tx_bytes;
}

static bool is_of_tx(enum eipoib_reason reason)
{
	return eipoib_counter_names[reason][0] == 't';
}

/**
 * eipoib_stats_sum_drops - how many frames of a VIF were dropped
 * @slave: the VIF
 * @rx: of those that it received
 * @tx: of those that were to leave through it
 *
 * Context: RTNL.
 */
void eipoib_stats_sum_drops(const struct eipoib_slave *slave, u64 *rx, u64 *tx)
{
	unsigned int i;

	*rx = 0;
	*tx = 0;
	for (i = 0; i < EIPOIB_REASON_COUNT; i++)
		*(is_of_tx(i) ? tx : rx) += atomic_long_read(&slave->drops[i]);
}

/**
 * eipoib_stats_get - the counters of a PIF
 * @dev: the PIF
 * @sum: filled
 *
 * Context: any (ndo_get_stats64).
 */
void eipoib_stats_get(struct net_device *dev, struct rtnl_link_stats64 *sum)
{
	struct eipoib_pif *pif = netdev_priv(dev);
	u64 counters[EIPOIB_COUNTERS];
	unsigned int i;
	int cpu;

	for_each_possible_cpu(cpu)
		add_cpu_traffic(per_cpu_ptr(pif->stats, cpu), sum);

	eipoib_stats_sum_counters(pif, counters);
	for (i = 0; i < EIPOIB_REASON_COUNT; i++) {
		if (is_of_tx(i))
			sum->tx_dropped += counters[i];
		else
			sum->rx_dropped += counters[i];
	}
}
