// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * IPoIB in the HCA, as mlx5 and hfi1 have it (rdma_netdev): ib_ipoib keeps
 * addresses, paths and groups, and the frames are ours.  As there, nobody is
 * told where a frame came from.
 */
#include <linux/if_packet.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "vib.h"

#define RING		256	/* buffers each way, a power of two */
#define ENCAP_LEN	4	/* RFC 4391, section 6 */
#define PSEUDO_LEN	20	/* the link address, before it */

/**
 * struct buffer - a frame that was posted
 * @cqe: for its completion
 * @netdev: whose it is
 * @skb: the frame, or NULL
 */
struct buffer {
	struct ib_cqe cqe;
	struct vib_netdev *netdev;
	struct sk_buff *skb;
};

/**
 * struct vib_netdev - an interface
 * @rn: what ib_ipoib sees
 * @dev: the interface
 * @pd: its protection domain
 * @cq: its completions, which come in softirqs
 * @qp: its queue pair, as long as it is registered
 * @pkey_index: P_Key of its partition
 * @tx_head: next to be posted; under the interface's TX lock
 * @tx_tail: next to be completed
 * @idle: woken when something has been sent
 * @tx: what is being sent
 * @rx: what is posted to receive
 */
struct vib_netdev {
	struct rdma_netdev rn;
	struct net_device *dev;
	struct ib_pd *pd;
	struct ib_cq *cq;
	struct ib_qp *qp;
	u16 pkey_index;
	u32 tx_head;
	u32 tx_tail;
	wait_queue_head_t idle;
	struct buffer tx[RING];
	struct buffer rx[RING];
};

static int post_recv(struct buffer *buffer)
{
	struct vib_netdev *netdev = buffer->netdev;
	struct ib_recv_wr wr = {
		.wr_cqe = &buffer->cqe,
		.num_sge = 1,
	};
	struct ib_sge sge = {
		.length = VIB_GRH_LEN + ib_mtu_enum_to_int(IB_MTU_4096),
		.lkey = netdev->pd->local_dma_lkey,
	};
	int err;

	buffer->skb = netdev_alloc_skb(netdev->dev, PSEUDO_LEN + sge.length);
	if (!buffer->skb)
		return -ENOMEM;
	skb_reserve(buffer->skb, PSEUDO_LEN);
	/* No DMA device. */
	sge.addr = (uintptr_t)buffer->skb->data;
	wr.sg_list = &sge;
	err = ib_post_recv(netdev->qp, &wr, NULL);
	if (err) {
		dev_kfree_skb_any(buffer->skb);
		buffer->skb = NULL;
	}
	return err;
}

static void give(struct vib_netdev *netdev, struct sk_buff *skb,
		 const struct ib_wc *wc)
{
	static const u8 types[] = {
		[VIB_FRAME_HOST] = PACKET_HOST,
		[VIB_FRAME_BROADCAST] = PACKET_BROADCAST,
		[VIB_FRAME_MULTICAST] = PACKET_MULTICAST,
	};
	struct net_device *dev = netdev->dev;
	const struct vib_frame_context context = {
		.own = dev->dev_addr,
		.broadcast = dev->broadcast,
		.src_qpn = wc->src_qp,
		.has_grh = wc->wc_flags & IB_WC_GRH,
	};
	struct vib_frame frame;

	skb_put(skb, wc->byte_len);
	frame = vib_frame_describe(&context, skb->data, skb->len);
	if (frame.kind == VIB_FRAME_NONE) {
		dev_kfree_skb_any(skb);
		return;
	}
	skb->pkt_type = types[frame.kind];
	skb->protocol = (__force __be16)frame.protocol;
	skb_pull(skb, VIB_GRH_LEN);
	memset(skb_push(skb, PSEUDO_LEN), 0, PSEUDO_LEN);
	skb_reset_mac_header(skb);
	skb_pull(skb, PSEUDO_LEN + ENCAP_LEN);
	skb->dev = dev;
	dev->stats.rx_packets++;
	dev->stats.rx_bytes += skb->len;
	netif_receive_skb(skb);
}

static void received(struct ib_cq *cq, struct ib_wc *wc)
{
	struct buffer *buffer = container_of(wc->wr_cqe, struct buffer, cqe);
	struct vib_netdev *netdev = buffer->netdev;
	struct sk_buff *skb = buffer->skb;

	buffer->skb = NULL;
	if (wc->status != IB_WC_SUCCESS) {
		dev_kfree_skb_any(skb);
		return;
	}
	give(netdev, skb, wc);
	if (post_recv(buffer))
		netdev->dev->stats.rx_missed_errors++;
}

static void sent(struct ib_cq *cq, struct ib_wc *wc)
{
	struct buffer *buffer = container_of(wc->wr_cqe, struct buffer, cqe);
	struct vib_netdev *netdev = buffer->netdev;
	struct net_device *dev = netdev->dev;

	dev->stats.tx_packets++;
	dev->stats.tx_bytes += buffer->skb->len;
	dev_kfree_skb_any(buffer->skb);
	buffer->skb = NULL;

	netif_tx_lock(dev);
	WRITE_ONCE(netdev->tx_tail, netdev->tx_tail + 1);
	if (netif_queue_stopped(dev) && wc->status == IB_WC_SUCCESS)
		netif_wake_queue(dev);
	netif_tx_unlock(dev);
	wake_up(&netdev->idle);
}

/* Nobody sends any more. */
static bool is_idle(struct vib_netdev *netdev)
{
	return READ_ONCE(netdev->tx_tail) == netdev->tx_head;
}

/* From ib_ipoib's ndo_start_xmit, without the link address. */
static int send(struct net_device *dev, struct sk_buff *skb, struct ib_ah *ah,
		u32 qpn)
{
	struct vib_netdev *netdev = netdev_priv(dev);
	struct buffer *buffer = &netdev->tx[netdev->tx_head % RING];
	struct ib_sge sge = { .lkey = netdev->pd->local_dma_lkey };
	struct ib_ud_wr wr = {
		.wr = {
			.wr_cqe = &buffer->cqe,
			.sg_list = &sge,
			.num_sge = 1,
			.opcode = IB_WR_SEND,
			.send_flags = IB_SEND_SIGNALED,
		},
		.ah = ah,
		.remote_qpn = qpn,
		/* That of the queue pair. */
		.remote_qkey = 0x80000000,
	};

	if (netdev->tx_head - netdev->tx_tail == RING || skb_linearize(skb))
		goto drop;
	sge.addr = (uintptr_t)skb->data;
	sge.length = skb->len;
	buffer->skb = skb;
	if (ib_post_send(netdev->qp, &wr.wr, NULL))
		goto drop;
	if (++netdev->tx_head - netdev->tx_tail == RING)
		netif_stop_queue(dev);
	return 0;

drop:
	buffer->skb = NULL;
	dev->stats.tx_dropped++;
	dev_kfree_skb_any(skb);
	return 0;
}

static int attach_mcast(struct net_device *dev, struct ib_device *ib,
			union ib_gid *gid, u16 mlid, int set_qkey, u32 qkey)
{
	struct vib_netdev *netdev = netdev_priv(dev);
	struct ib_qp_attr attr = { .qkey = qkey };
	int err = 0;

	if (set_qkey)
		err = ib_modify_qp(netdev->qp, &attr, IB_QP_QKEY);
	return err ?: ib_attach_mcast(netdev->qp, gid, mlid);
}

static int detach_mcast(struct net_device *dev, struct ib_device *ib,
			union ib_gid *gid, u16 mlid)
{
	struct vib_netdev *netdev = netdev_priv(dev);

	return ib_detach_mcast(netdev->qp, gid, mlid);
}

static void set_id(struct net_device *dev, int id)
{
	struct vib_netdev *netdev = netdev_priv(dev);

	netdev->pkey_index = id;
}

static int ready(struct vib_netdev *netdev)
{
	struct ib_qp_attr attr = {
		.qp_state = IB_QPS_INIT,
		.pkey_index = netdev->pkey_index,
		.port_num = 1,
	};
	int err;

	err = ib_modify_qp(netdev->qp, &attr, IB_QP_STATE | IB_QP_PKEY_INDEX |
						      IB_QP_PORT | IB_QP_QKEY);
	attr.qp_state = IB_QPS_RTR;
	err = err ?: ib_modify_qp(netdev->qp, &attr, IB_QP_STATE);
	attr.qp_state = IB_QPS_RTS;
	return err ?: ib_modify_qp(netdev->qp, &attr,
				   IB_QP_STATE | IB_QP_SQ_PSN);
}

static int stop(struct net_device *dev)
{
	struct vib_netdev *netdev = netdev_priv(dev);
	struct ib_qp_attr attr = { .qp_state = IB_QPS_RESET };

	netif_stop_queue(dev);
	ib_drain_rq(netdev->qp);
	wait_event(netdev->idle, is_idle(netdev));
	ib_modify_qp(netdev->qp, &attr, IB_QP_STATE);
	return 0;
}

static int open(struct net_device *dev)
{
	struct vib_netdev *netdev = netdev_priv(dev);
	int err = ready(netdev);
	int i;

	for (i = 0; i < RING && !err; i++)
		err = post_recv(&netdev->rx[i]);
	if (err)
		stop(dev);
	return err;
}

static void uninit(struct net_device *dev)
{
	struct vib_netdev *netdev = netdev_priv(dev);

	ib_destroy_qp(netdev->qp);
	ib_free_cq(netdev->cq);
	ib_dealloc_pd(netdev->pd);
}

static void set_buffers(struct vib_netdev *netdev)
{
	int i;

	for (i = 0; i < RING; i++) {
		netdev->tx[i].cqe.done = sent;
		netdev->tx[i].netdev = netdev;
		netdev->rx[i].cqe.done = received;
		netdev->rx[i].netdev = netdev;
	}
}

static int init(struct net_device *dev)
{
	struct vib_netdev *netdev = netdev_priv(dev);
	struct ib_device *ib = netdev->rn.hca;
	struct ib_qp_init_attr attr = {
		.cap = {
			.max_send_wr = RING,
			/* And one to be drained. */
			.max_recv_wr = RING + 1,
			.max_send_sge = 1,
			.max_recv_sge = 1,
		},
		.qp_type = IB_QPT_UD,
	};
	u8 qpn[3];
	int err;

	netdev->pd = ib_alloc_pd(ib, 0);
	if (IS_ERR(netdev->pd))
		return PTR_ERR(netdev->pd);
	netdev->cq = ib_alloc_cq(ib, netdev, 2 * RING + 1, 0,
				 IB_POLL_SOFTIRQ);
	if (IS_ERR(netdev->cq)) {
		err = PTR_ERR(netdev->cq);
		goto err_pd;
	}
	attr.send_cq = netdev->cq;
	attr.recv_cq = netdev->cq;
	netdev->qp = ib_create_qp(netdev->pd, &attr);
	if (IS_ERR(netdev->qp)) {
		err = PTR_ERR(netdev->qp);
		goto err_cq;
	}
	set_buffers(netdev);
	qpn[0] = netdev->qp->qp_num >> 16;
	qpn[1] = netdev->qp->qp_num >> 8;
	qpn[2] = netdev->qp->qp_num;
	dev_addr_mod(dev, 1, qpn, sizeof(qpn));
	return 0;

err_cq:
	ib_free_cq(netdev->cq);
err_pd:
	ib_dealloc_pd(netdev->pd);
	return err;
}

static const struct net_device_ops netdev_ops = {
	.ndo_init = init,
	.ndo_uninit = uninit,
	.ndo_open = open,
	.ndo_stop = stop,
};

static int initialize(struct ib_device *ib, u32 port, struct net_device *dev,
		      void *param)
{
	struct vib_netdev *netdev = netdev_priv(dev);
	int err;

	err = netif_set_real_num_tx_queues(dev, 1);
	err = err ?: netif_set_real_num_rx_queues(dev, 1);
	if (err)
		return err;
	init_waitqueue_head(&netdev->idle);
	netdev->dev = dev;
	netdev->rn.hca = ib;
	netdev->rn.port_num = port;
	netdev->rn.set_id = set_id;
	netdev->rn.send = send;
	netdev->rn.attach_mcast = attach_mcast;
	netdev->rn.detach_mcast = detach_mcast;
	dev->netdev_ops = &netdev_ops;
	return 0;
}

/**
 * vib_netdev_params - ib_device_ops.rdma_netdev_get_params
 * @ib: the device
 * @port: 1
 * @type: what it is to carry
 * @params: written
 *
 * Context: any.
 * Return: 0, or -EOPNOTSUPP for anything but IPoIB, or without acceleration.
 */
int vib_netdev_params(struct ib_device *ib, u32 port, enum rdma_netdev_t type,
		      struct rdma_netdev_alloc_params *params)
{
	if (type != RDMA_NETDEV_IPOIB || !to_vib_hca(ib)->net->is_accelerated)
		return -EOPNOTSUPP;
	*params = (struct rdma_netdev_alloc_params) {
		.sizeof_priv = sizeof(struct vib_netdev),
		.txqs = 1,
		.rxqs = 1,
		.initialize_rdma_netdev = initialize,
	};
	return 0;
}
