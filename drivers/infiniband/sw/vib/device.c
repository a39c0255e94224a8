// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The ib_device: what it is, its table of operations, its life.
 */
#include <linux/platform_device.h>
#include <rdma/ib_mad.h>

#include "compat.h"
#include "vib.h"

#define CA_ACK_DELAY	12	/* 4096 ns << 12: 17 ms, for a busy machine */

static int query_device(struct ib_device *ib, struct ib_device_attr *attr,
			struct ib_udata *udata)
{
	if (udata && (udata->inlen || udata->outlen))
		return -EINVAL;
	memset(attr, 0, sizeof(*attr));
	attr->sys_image_guid = ib->node_guid;
	attr->max_mr_size = ~0ULL;
	/* The owner of the GUID's first 24 bits. */
	attr->vendor_id = be64_to_cpu(ib->node_guid) >> 40;
	attr->page_size_cap = PAGE_SIZE;
	attr->max_qp = 1 << 20;
	attr->max_qp_wr = VIB_MAX_WR;
	attr->kernel_cap_flags = IBK_LOCAL_DMA_LKEY;
	attr->device_cap_flags = IB_DEVICE_BAD_PKEY_CNTR |
				 IB_DEVICE_BAD_QKEY_CNTR |
				 IB_DEVICE_CHANGE_PHY_PORT |
				 IB_DEVICE_SYS_IMAGE_GUID |
				 IB_DEVICE_RC_RNR_NAK_GEN |
				 IB_DEVICE_PORT_ACTIVE_EVENT |
				 IB_DEVICE_SRQ_RESIZE;
	if (to_vib_hca(ib)->net->has_offloads) {
		attr->device_cap_flags |= IB_DEVICE_UD_IP_CSUM;
		attr->kernel_cap_flags |= IBK_UD_TSO;
	}
	attr->max_send_sge = VIB_MAX_SGE;
	attr->max_recv_sge = VIB_MAX_SGE;
	attr->max_cq = 1 << 20;
	attr->max_cqe = VIB_MAX_CQE;
	attr->max_mr = 1 << 20;
	attr->max_pd = 1 << 20;
	attr->max_ah = VIB_MAX_AH;
	attr->max_qp_rd_atom = VIB_RC_RESOURCES;
	attr->max_qp_init_rd_atom = VIB_RC_RESOURCES;
	attr->max_res_rd_atom = VIB_RC_RESOURCES << 20;
	attr->atomic_cap = IB_ATOMIC_GLOB;
	attr->max_sge_rd = VIB_MAX_SGE;
	attr->max_fast_reg_page_list_len = VIB_MAX_MR_PAGES;
	attr->max_srq = 1 << 20;
	attr->max_srq_wr = VIB_MAX_SRQ_WR;
	attr->max_srq_sge = VIB_MAX_SGE;
	attr->local_ca_ack_delay = CA_ACK_DELAY;
	attr->max_mcast_grp = 1 << 14;
	attr->max_mcast_qp_attach = 1 << 16;
	attr->max_total_mcast_qp_attach = 1 << 20;
	attr->max_pkeys = VIB_PKEYS;
	return 0;
}

static int query_port(struct ib_device *ib, u32 port, struct ib_port_attr *attr)
{
	struct vib_hca *hca = to_vib_hca(ib);
	struct vib_port_attr now;
	unsigned long flags;

	spin_lock_irqsave(&hca->net->lock, flags);
	vib_port_query(hca->net->core, hca->index, &now);
	spin_unlock_irqrestore(&hca->net->lock, flags);

	attr->subnet_prefix = now.subnet_prefix;
	attr->port_cap_flags = now.cap_mask;
	attr->lid = now.lid;
	attr->sm_lid = now.sm_lid;
	attr->bad_pkey_cntr = now.pkey_violations;
	attr->qkey_viol_cntr = now.qkey_violations;
	attr->lmc = now.lmc;
	attr->state = now.state;
	attr->phys_state = now.phys_state;
	attr->max_mtu = now.max_mtu;
	attr->active_mtu = now.active_mtu;
	attr->max_vl_num = now.max_vl;
	attr->sm_sl = now.sm_sl;
	attr->subnet_timeout = now.subnet_timeout;
	attr->init_type_reply = now.init_type_reply;
	attr->active_width = now.link_width;
	attr->active_speed = now.link_speed;
	attr->gid_tbl_len = VIB_GUIDS;
	attr->pkey_tbl_len = VIB_PKEYS;
	attr->max_msg_sz = VIB_RC_MAX_MESSAGE;
	return 0;
}

static int get_port_immutable(struct ib_device *ib, u32 port,
			      struct ib_port_immutable *immutable)
{
	immutable->core_cap_flags = RDMA_CORE_PORT_IBA_IB;
	immutable->max_mad_size = IB_MGMT_MAD_SIZE;
	immutable->pkey_tbl_len = VIB_PKEYS;
	immutable->gid_tbl_len = VIB_GUIDS;
	return 0;
}

static int query_gid(struct ib_device *ib, u32 port, int index,
		     union ib_gid *gid)
{
	struct vib_hca *hca = to_vib_hca(ib);

	return vib_port_gid(hca->net->core, hca->index, index, gid->raw) ?
		       0 : -EINVAL;
}

static int query_pkey(struct ib_device *ib, u32 port, u16 index, u16 *pkey)
{
	struct vib_hca *hca = to_vib_hca(ib);

	return vib_port_pkey(hca->net->core, hca->index, index, pkey) ?
		       0 : -EINVAL;
}

static int modify_port(struct ib_device *ib, u32 port, int mask,
		       struct ib_port_modify *modify)
{
	struct vib_hca *hca = to_vib_hca(ib);
	unsigned long flags;

	spin_lock_irqsave(&hca->net->lock, flags);
	vib_port_modify(hca->net->core, hca->index,
			modify->set_port_cap_mask, modify->clr_port_cap_mask);
	spin_unlock_irqrestore(&hca->net->lock, flags);
	return 0;
}

static int modify_device(struct ib_device *ib, int mask,
			 struct ib_device_modify *modify)
{
	struct vib_hca *hca = to_vib_hca(ib);
	unsigned long flags;

	if (mask & ~IB_DEVICE_MODIFY_NODE_DESC)
		return -EOPNOTSUPP;
	if (mask & IB_DEVICE_MODIFY_NODE_DESC) {
		spin_lock_irqsave(&hca->net->lock, flags);
		memcpy(ib->node_desc, modify->node_desc, VIB_DESC_LEN);
		vib_node_describe(hca->net->core, hca->index,
				  (const u8 *)ib->node_desc);
		spin_unlock_irqrestore(&hca->net->lock, flags);
	}
	return 0;
}

static void get_fw_str(struct ib_device *ib, char *str)
{
	strscpy(str, "1.0", IB_FW_VERSION_NAME_MAX);
}

static const struct ib_device_ops ops = {
	.owner = THIS_MODULE,
	/* Whose user space library it is that drives vib. */
	.driver_id = RDMA_DRIVER_RXE,
	.uverbs_abi_ver = VIB_USER_ABI,

	.query_device = query_device,
	.modify_device = modify_device,
	.get_dev_fw_str = get_fw_str,
	.query_port = query_port,
	.modify_port = modify_port,
	.get_port_immutable = get_port_immutable,
	.query_gid = query_gid,
	.query_pkey = query_pkey,
	.process_mad = vib_process_mad,
	.rdma_netdev_get_params = vib_netdev_params,
	.alloc_hw_port_stats = vib_alloc_port_stats,
	.get_hw_stats = vib_get_port_stats,

	.alloc_ucontext = vib_alloc_ucontext,
	.dealloc_ucontext = vib_dealloc_ucontext,
	.disassociate_ucontext = vib_disassociate_ucontext,
	.mmap = vib_mmap,
	.mmap_free = vib_mmap_free,

	.alloc_pd = vib_alloc_pd,
	.dealloc_pd = vib_dealloc_pd,
	.create_ah = vib_create_ah,
	.create_user_ah = vib_create_user_ah,
	.query_ah = vib_query_ah,
	.destroy_ah = vib_destroy_ah,
	.get_dma_mr = vib_get_dma_mr,
	.reg_user_mr = vib_reg_user_mr,
	.alloc_mr = vib_alloc_mr,
	.map_mr_sg = vib_map_mr_sg,
	.dereg_mr = vib_dereg_mr,

	.create_srq = vib_create_srq,
	.modify_srq = vib_modify_srq,
	.query_srq = vib_query_srq,
	.destroy_srq = vib_destroy_srq,
	.post_srq_recv = vib_post_srq_recv,

	.create_cq = VIB_COMPAT_CREATE_CQ,
	.resize_cq = vib_resize_cq,
	.destroy_cq = vib_destroy_cq,
	.poll_cq = vib_poll_cq,
	.req_notify_cq = vib_req_notify_cq,

	.create_qp = vib_create_qp,
	.modify_qp = vib_modify_qp,
	.query_qp = vib_query_qp,
	.destroy_qp = vib_destroy_qp,
	.post_send = vib_post_send,
	.post_recv = vib_post_recv,
	.attach_mcast = vib_attach_mcast,
	.detach_mcast = vib_detach_mcast,

	INIT_RDMA_OBJ_SIZE(ib_pd, vib_pd, ib),
	INIT_RDMA_OBJ_SIZE(ib_ah, vib_ah, ib),
	INIT_RDMA_OBJ_SIZE(ib_cq, vib_cq, ib),
	INIT_RDMA_OBJ_SIZE(ib_qp, vib_verbs_qp, ib),
	INIT_RDMA_OBJ_SIZE(ib_srq, vib_srq, ib),
	INIT_RDMA_OBJ_SIZE(ib_ucontext, vib_ucontext, ib),
};

/**
 * vib_hca_create - an HCA that nobody knows yet
 * @net: the fabric
 * @index: its number
 *
 * Context: may sleep.
 * Return: the HCA or an ERR_PTR().
 */
struct vib_hca *vib_hca_create(struct vib_net *net, u32 index)
{
	struct platform_device *parent;
	struct vib_hca *hca;

	parent = platform_device_register_simple("vib", net->first + index,
						 NULL, 0);
	if (IS_ERR(parent))
		return ERR_CAST(parent);
	hca = ib_alloc_device(vib_hca, ib);
	if (!hca) {
		platform_device_unregister(parent);
		return ERR_PTR(-ENOMEM);
	}

	hca->net = net;
	hca->index = index;
	hca->parent = parent;
	hca->next_qpn = VIB_FIRST_QPN;
	hca->next_key = 1;
	hca->next_ah = 1;
	xa_init_flags(&hca->qps, XA_FLAGS_ALLOC);
	xa_init_flags(&hca->mrs, XA_FLAGS_ALLOC);
	xa_init_flags(&hca->ahs, XA_FLAGS_ALLOC | XA_FLAGS_LOCK_IRQ);
	mutex_init(&hca->group_lock);
	vib_egress_init(hca);

	hca->ib.dev.parent = &parent->dev;
	hca->ib.node_type = RDMA_NODE_IB_CA;
	hca->ib.node_guid = cpu_to_be64(vib_node_guid(net->core, index));
	hca->ib.phys_port_cnt = 1;
	hca->ib.num_comp_vectors = 1;
	hca->ib.local_dma_lkey = VIB_LOCAL_LKEY;
	snprintf(hca->ib.node_desc, sizeof(hca->ib.node_desc), "vib%u",
		 net->first + index);
	spin_lock_irq(&net->lock);
	vib_node_describe(net->core, index, (const u8 *)hca->ib.node_desc);
	spin_unlock_irq(&net->lock);
	/* A doorbell, and what a completion channel needs. */
	hca->ib.uverbs_cmd_mask |=
		BIT_ULL(IB_USER_VERBS_CMD_POST_SEND) |
		BIT_ULL(IB_USER_VERBS_CMD_REQ_NOTIFY_CQ);
	ib_set_device_ops(&hca->ib, &ops);
	return hca;
}

/**
 * vib_hca_register - give an HCA to ib_core
 * @hca: the HCA
 *
 * Context: may sleep.
 * Return: 0 or an errno.
 */
int vib_hca_register(struct vib_hca *hca)
{
	return ib_register_device(&hca->ib, "vib%d", NULL);
}

/**
 * vib_hca_unregister - take an HCA away from ib_core
 * @hca: the HCA; nothing can be delivered to it any more
 *
 * Context: may sleep.
 */
void vib_hca_unregister(struct vib_hca *hca)
{
	ib_unregister_device(&hca->ib);
	vib_egress_stop(hca);
}

/**
 * vib_hca_destroy - free an HCA
 * @hca: not registered
 *
 * Context: may sleep.
 */
void vib_hca_destroy(struct vib_hca *hca)
{
	struct platform_device *parent = hca->parent;

	mutex_destroy(&hca->group_lock);
	xa_destroy(&hca->ahs);
	xa_destroy(&hca->mrs);
	xa_destroy(&hca->qps);
	ib_dealloc_device(&hca->ib);
	platform_device_unregister(parent);
}
