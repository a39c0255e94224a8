// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Protection domains and address handles: the verbs with little to do.
 */
#include "vib.h"

/**
 * vib_alloc_pd - ib_device_ops.alloc_pd
 * @ib: what ib_core allocated
 * @udata: unused
 *
 * Context: may sleep.
 * Return: 0.
 */
int vib_alloc_pd(struct ib_pd *ib, struct ib_udata *udata)
{
	return 0;
}

/**
 * vib_dealloc_pd - ib_device_ops.dealloc_pd
 * @ib: the protection domain
 * @udata: unused
 *
 * Context: may sleep.
 * Return: 0.
 */
int vib_dealloc_pd(struct ib_pd *ib, struct ib_udata *udata)
{
	return 0;
}

/**
 * vib_av_from - an address in the core's words
 * @av: written
 * @attr: the address
 *
 * Context: any.
 */
void vib_av_from(struct vib_av *av, const struct rdma_ah_attr *attr)
{
	const struct ib_global_route *grh;

	memset(av, 0, sizeof(*av));
	av->dlid = rdma_ah_get_dlid(attr);
	av->sl = rdma_ah_get_sl(attr);
	av->path_bits = rdma_ah_get_path_bits(attr);
	av->has_grh = rdma_ah_get_ah_flags(attr) & IB_AH_GRH;
	if (!av->has_grh)
		return;

	grh = rdma_ah_read_grh(attr);
	av->flow_label = grh->flow_label;
	av->sgid_index = grh->sgid_index;
	av->hop_limit = grh->hop_limit;
	av->traffic_class = grh->traffic_class;
	memcpy(av->dgid, grh->dgid.raw, VIB_GID_LEN);
}

/**
 * vib_create_ah - ib_device_ops.create_ah
 * @ib: what ib_core allocated
 * @attr: the address
 * @udata: unused
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int vib_create_ah(struct ib_ah *ib, struct rdma_ah_init_attr *attr,
		  struct ib_udata *udata)
{
	struct rdma_ah_attr *from = attr->ah_attr;
	struct vib_ah *ah = to_vib_ah(ib);

	if (from->type != RDMA_AH_ATTR_TYPE_IB ||
	    rdma_ah_get_port_num(from) != 1)
		return -EINVAL;
	ah->attr = *from;
	ah->attr.grh.sgid_attr = NULL;
	vib_av_from(&ah->av, from);
	return 0;
}

/**
 * vib_query_ah - ib_device_ops.query_ah
 * @ib: the address handle
 * @attr: written
 *
 * Context: any.
 * Return: 0.
 */
int vib_query_ah(struct ib_ah *ib, struct rdma_ah_attr *attr)
{
	*attr = to_vib_ah(ib)->attr;
	return 0;
}

/**
 * vib_destroy_ah - ib_device_ops.destroy_ah
 * @ib: the address handle
 * @flags: unused
 *
 * Context: any.
 * Return: 0.
 */
int vib_destroy_ah(struct ib_ah *ib, u32 flags)
{
	return 0;
}
