// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Why packets were dropped, in hw_counters of the port.
 */
#include "vib.h"

static const struct rdma_stat_desc descs[] = {
#define VIB_DROP_DESC(symbol, text) { .name = text },
	VIB_DROPS(VIB_DROP_DESC)
#undef VIB_DROP_DESC
};

/**
 * vib_alloc_port_stats - ib_device_ops.alloc_hw_port_stats
 * @ib: the device
 * @port: 1
 *
 * Context: may sleep.
 * Return: the counters, or NULL.
 */
struct rdma_hw_stats *vib_alloc_port_stats(struct ib_device *ib, u32 port)
{
	return rdma_alloc_hw_stats_struct(descs, ARRAY_SIZE(descs),
					  RDMA_HW_STATS_DEFAULT_LIFESPAN);
}

/**
 * vib_get_port_stats - ib_device_ops.get_hw_stats
 * @ib: the device
 * @stats: from vib_alloc_port_stats()
 * @port: 1
 * @index: which counter is wanted; all are given
 *
 * Context: may sleep.
 * Return: how many were written.
 */
int vib_get_port_stats(struct ib_device *ib, struct rdma_hw_stats *stats,
		       u32 port, int index)
{
	struct vib_hca *hca = to_vib_hca(ib);
	int i;

	for (i = 0; i < ARRAY_SIZE(descs); i++)
		/* Reason 0 is no drop. */
		stats->value[i] = vib_read_drop(hca->net->core, hca->index,
						i + 1);
	return ARRAY_SIZE(descs);
}
