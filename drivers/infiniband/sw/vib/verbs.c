// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Protection domains, address handles and memory regions: the verbs with
 * little to do where memory is always at hand.
 */
#include <linux/slab.h>

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
	const struct ib_global_route *grh;

	if (from->type != RDMA_AH_ATTR_TYPE_IB ||
	    rdma_ah_get_port_num(from) != 1)
		return -EINVAL;
	ah->attr = *from;
	ah->attr.grh.sgid_attr = NULL;
	ah->av.dlid = rdma_ah_get_dlid(from);
	ah->av.sl = rdma_ah_get_sl(from);
	ah->av.path_bits = rdma_ah_get_path_bits(from);
	ah->av.has_grh = rdma_ah_get_ah_flags(from) & IB_AH_GRH;
	if (!ah->av.has_grh)
		return 0;

	grh = rdma_ah_read_grh(from);
	ah->av.flow_label = grh->flow_label;
	ah->av.sgid_index = grh->sgid_index;
	ah->av.hop_limit = grh->hop_limit;
	ah->av.traffic_class = grh->traffic_class;
	memcpy(ah->av.dgid, grh->dgid.raw, VIB_GID_LEN);
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

/**
 * vib_get_dma_mr - ib_device_ops.get_dma_mr
 * @pd: unused
 * @access: unused
 *
 * Context: may sleep.
 * Return: a memory region for all of memory.
 */
struct ib_mr *vib_get_dma_mr(struct ib_pd *pd, int access)
{
	struct ib_mr *mr = kzalloc(sizeof(*mr), GFP_KERNEL);

	if (!mr)
		return ERR_PTR(-ENOMEM);
	mr->lkey = VIB_LOCAL_LKEY;
	mr->rkey = VIB_LOCAL_LKEY;
	return mr;
}

/**
 * vib_reg_user_mr - ib_device_ops.reg_user_mr; ib_core insists on one
 * @pd: unused
 * @start: unused
 * @length: unused
 * @virt_addr: unused
 * @access: unused
 * @udata: unused
 *
 * Context: any.
 * Return: -EOPNOTSUPP.
 */
struct ib_mr *vib_reg_user_mr(struct ib_pd *pd, u64 start, u64 length,
			      u64 virt_addr, int access,
			      struct ib_udata *udata)
{
	return ERR_PTR(-EOPNOTSUPP);
}

/**
 * vib_dereg_mr - ib_device_ops.dereg_mr
 * @mr: from vib_get_dma_mr()
 * @udata: unused
 *
 * Context: may sleep.
 * Return: 0.
 */
int vib_dereg_mr(struct ib_mr *mr, struct ib_udata *udata)
{
	kfree(mr);
	return 0;
}
