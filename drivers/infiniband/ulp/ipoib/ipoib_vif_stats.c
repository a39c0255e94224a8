// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * VIF mode: counters that ethtool shows behind those of the interface.  Most of
 * them somebody else keeps.
 */

#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/string.h>
#include <rdma/e_ipoib.h>

#include "ipoib.h"

static const char own_names[][ETH_GSTRING_LEN] = {
	"tx_group_flooded",
};

static bool is_vif(const struct net_device *dev)
{
	return test_bit(IPOIB_FLAG_VIF, &ipoib_priv(dev)->flags);
}

static const struct e_ipoib_stats *stats_of(const struct net_device *dev)
{
	ASSERT_RTNL();

	return ipoib_priv(dev)->vif.stats;
}

/**
 * ipoib_vif_count_stats - how many there are
 * @dev: any IPoIB interface
 *
 * Context: RTNL.
 * Return: the number, 0 outside VIF mode.
 */
unsigned int ipoib_vif_count_stats(const struct net_device *dev)
{
	const struct e_ipoib_stats *stats = stats_of(dev);

	if (!is_vif(dev))
		return 0;

	return ARRAY_SIZE(own_names) + (stats ? stats->count : 0);
}

/**
 * ipoib_vif_get_stat_names - what they are called
 * @dev: any IPoIB interface
 * @names: filled, ETH_GSTRING_LEN bytes for each
 *
 * Context: RTNL.
 */
void ipoib_vif_get_stat_names(const struct net_device *dev, u8 *names)
{
	const struct e_ipoib_stats *stats = stats_of(dev);

	if (!is_vif(dev))
		return;

	memcpy(names, own_names, sizeof(own_names));
	if (stats)
		memcpy(names + sizeof(own_names), stats->names,
		       stats->count * ETH_GSTRING_LEN);
}

/**
 * ipoib_vif_get_stats - their values
 * @dev: any IPoIB interface
 * @data: filled
 *
 * Context: RTNL.
 */
void ipoib_vif_get_stats(const struct net_device *dev, u64 *data)
{
	const struct e_ipoib_stats *stats = stats_of(dev);

	if (!is_vif(dev))
		return;

	data[0] = atomic_long_read(&ipoib_priv(dev)->vif.flooded);
	if (stats)
		stats->get(dev, data + ARRAY_SIZE(own_names));
}
