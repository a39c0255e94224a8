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
 * vib_create_user_ah - ib_device_ops.create_user_ah
 * @ib: what ib_core allocated
 * @attr: the address
 * @udata: where its number goes
 *
 * The addresses that librxe knows are those of Ethernet: it is the number
 * that a send request has.
 *
 * Context: may sleep.
 * Return: 0 or an errno.
 */
int vib_create_user_ah(struct ib_ah *ib, struct rdma_ah_init_attr *attr,
		       struct ib_udata *udata)
{
	struct vib_hca *hca = to_vib_hca(ib->device);
	struct rxe_create_ah_resp resp = {};
	struct vib_ah *ah = to_vib_ah(ib);
	int err;

	if (udata->outlen < sizeof(resp))
		return -EINVAL;
	err = vib_create_ah(ib, attr, udata);
	if (err)
		return err;
	err = xa_alloc_cyclic_irq(&hca->ahs, &resp.ah_num, ah,
				  XA_LIMIT(1, VIB_MAX_AH), &hca->next_ah,
				  GFP_KERNEL);
	if (err < 0)
		return err;
	ah->number = resp.ah_num;
	err = ib_copy_to_udata(udata, &resp, sizeof(resp));
	if (err)
		xa_erase_irq(&hca->ahs, ah->number);
	return err;
}

/**
 * vib_user_av - the address behind a number that user space gave
 * @qp: the queue pair that is to use it
 * @number: the number
 * @av: written
 *
 * Context: any.
 * Return: false if there is no such address.
 */
bool vib_user_av(const struct vib_qp *qp, u32 number, struct vib_av *av)
{
	struct xarray *ahs = &qp->hca->ahs;
	unsigned long flags;
	struct vib_ah *ah;
	bool ok;

	xa_lock_irqsave(ahs, flags);
	ah = xa_load(ahs, number);
	ok = ah && ah->ib.pd == qp->ib->pd;
	if (ok)
		*av = ah->av;
	xa_unlock_irqrestore(ahs, flags);
	return ok;
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
	struct vib_ah *ah = to_vib_ah(ib);

	if (ah->number)
		xa_erase_irq(&to_vib_hca(ib->device)->ahs, ah->number);
	return 0;
}
