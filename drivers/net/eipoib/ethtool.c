// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * What ethtool(8) shows of a PIF, and of a VIF besides what ib_ipoib does.
 */

#include <linux/ethtool.h>
#include <linux/rtnetlink.h>
#include <rdma/e_ipoib.h>

#include "hot.h"

static const char vif_count_name[ETH_GSTRING_LEN] = "vifs";

/* Daemons find the interface below by both the driver and the bus. */
static void get_drvinfo(struct net_device *dev, struct ethtool_drvinfo *info)
{
	const struct eipoib_pif *pif = netdev_priv(dev);

	snprintf(info->driver, sizeof(info->driver), "eth_ipoib:%s",
		 pif->lower->name);
	strscpy(info->bus_info, pif->lower->name, sizeof(info->bus_info));
}

static int get_sset_count(struct net_device *dev, int set)
{
	return set == ETH_SS_STATS ? 1 + EIPOIB_COUNTERS : -EOPNOTSUPP;
}

static void get_strings(struct net_device *dev, u32 set, u8 *data)
{
	if (set != ETH_SS_STATS)
		return;

	memcpy(data, vif_count_name, ETH_GSTRING_LEN);
	memcpy(data + ETH_GSTRING_LEN, eipoib_counter_names,
	       sizeof(eipoib_counter_names));
}

static void get_stats(struct net_device *dev, struct ethtool_stats *stats,
		      u64 *data)
{
	const struct eipoib_pif *pif = netdev_priv(dev);

	ASSERT_RTNL();

	data[0] = pif->slave_count;
	eipoib_stats_sum_counters(pif, data + 1);
}

/*
 * All VIFs share the port.  ib_ipoib tells nothing of it without carrier, and
 * the interface below may have none although one of its clones has.
 */
static int get_link_ksettings(struct net_device *dev,
			      struct ethtool_link_ksettings *settings)
{
	const struct eipoib_pif *pif = netdev_priv(dev);
	struct eipoib_slave *slave;
	struct list_head *iter;

	ASSERT_RTNL();

	eipoib_for_each_slave(pif, slave, iter) {
		if (eipoib_slave_is_ready(slave->dev))
			return __ethtool_get_link_ksettings(slave->dev,
							    settings);
	}

	settings->base.speed = SPEED_UNKNOWN;
	settings->base.duplex = DUPLEX_UNKNOWN;
	settings->base.port = PORT_OTHER;

	return 0;
}

/* The one through which all CPUs send and receive at once. */
static void get_channels(struct net_device *dev,
			 struct ethtool_channels *channels)
{
	channels->max_combined = 1;
	channels->combined_count = 1;
}

const struct ethtool_ops eipoib_ethtool_ops = {
	.cap_link_lanes_supported = true,
	.get_drvinfo		= get_drvinfo,
	.get_link		= ethtool_op_get_link,
	.get_link_ksettings	= get_link_ksettings,
	.get_sset_count		= get_sset_count,
	.get_strings		= get_strings,
	.get_ethtool_stats	= get_stats,
	.get_channels		= get_channels,
	.get_ts_info		= ethtool_op_get_ts_info,
};

static void get_vif_stats(const struct net_device *dev, u64 *data)
{
	const struct eipoib_slave *slave = eipoib_slave_get(dev);
	unsigned int i;

	for (i = 0; i < EIPOIB_REASON_COUNT; i++)
		data[i] = atomic_long_read(&slave->drops[i]);
}

/* CONTRACT: only a slave is a VIF, so there is one in get_vif_stats(). */
const struct e_ipoib_stats eipoib_ethtool_vif_stats = {
	.count	= EIPOIB_REASON_COUNT,
	.names	= eipoib_counter_names[0],
	.get	= get_vif_stats,
};
