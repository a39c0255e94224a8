// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Reliable connections: attributes and states of their queue pairs.
 */
#include "vib.h"

/**
 * vib_rc_attr_is_ok - are these values possible?
 * @attr: new values
 * @mask: which of them
 *
 * Context: any.
 * Return: see above.
 */
bool vib_rc_attr_is_ok(const struct ib_qp_attr *attr, int mask)
{
	const struct rdma_ah_attr *ah = &attr->ah_attr;

	/* No automatic path migration. */
	if (mask & IB_QP_ALT_PATH)
		return false;
	if ((mask & IB_QP_PATH_MIG_STATE) &&
	    attr->path_mig_state != IB_MIG_MIGRATED)
		return false;
	if ((mask & IB_QP_AV) && (ah->type != RDMA_AH_ATTR_TYPE_IB ||
				  rdma_ah_get_port_num(ah) != 1))
		return false;
	if ((mask & IB_QP_PATH_MTU) &&
	    (attr->path_mtu < IB_MTU_256 || attr->path_mtu > IB_MTU_4096))
		return false;
	if ((mask & IB_QP_DEST_QPN) && attr->dest_qp_num > 0xffffff)
		return false;
	if ((mask & IB_QP_TIMEOUT) && attr->timeout > 31)
		return false;
	if ((mask & IB_QP_RETRY_CNT) && attr->retry_cnt > 7)
		return false;
	if ((mask & IB_QP_RNR_RETRY) && attr->rnr_retry > 7)
		return false;
	if ((mask & IB_QP_MIN_RNR_TIMER) && attr->min_rnr_timer > 31)
		return false;
	if ((mask & IB_QP_MAX_QP_RD_ATOMIC) &&
	    attr->max_rd_atomic > VIB_RC_RESOURCES)
		return false;
	return !(mask & IB_QP_MAX_DEST_RD_ATOMIC) ||
	       attr->max_dest_rd_atomic <= VIB_RC_RESOURCES;
}

static void set_values(struct vib_rc_attr *rc, const struct ib_qp_attr *attr,
		       int mask)
{
	if (mask & IB_QP_AV)
		vib_av_from(&rc->av, &attr->ah_attr);
	if (mask & IB_QP_PKEY_INDEX)
		rc->pkey_index = attr->pkey_index;
	if (mask & IB_QP_DEST_QPN)
		rc->dest_qpn = attr->dest_qp_num;
	if (mask & IB_QP_PATH_MTU)
		rc->path_mtu = attr->path_mtu;
	if (mask & IB_QP_TIMEOUT)
		rc->timeout = attr->timeout;
	if (mask & IB_QP_RETRY_CNT)
		rc->retry_count = attr->retry_cnt;
	if (mask & IB_QP_RNR_RETRY)
		rc->rnr_retry = attr->rnr_retry;
	if (mask & IB_QP_MIN_RNR_TIMER)
		rc->min_rnr_timer = attr->min_rnr_timer;
	if (mask & IB_QP_MAX_QP_RD_ATOMIC)
		rc->max_rd_atomic = attr->max_rd_atomic;
	if (mask & IB_QP_MAX_DEST_RD_ATOMIC)
		rc->max_dest_rd_atomic = attr->max_dest_rd_atomic;
	if (mask & IB_QP_ACCESS_FLAGS)
		rc->access = attr->qp_access_flags &
			     (VIB_ACCESS_WRITE | VIB_ACCESS_READ |
			      VIB_ACCESS_ATOMIC);
}

static void reset(struct vib_qp *qp)
{
	memset(&qp->rc_attr, 0, sizeof(qp->rc_attr));
	vib_rc_init(qp->rc, qp, qp->hca->net->core, qp->hca->index,
		    qp->sq.size);
	if (qp->taken && qp->taken->cqe.srq)
		vib_srq_give_back(&qp->taken->cqe);
	qp->taken = NULL;
	qp->is_established = false;
	qp->is_flushed = false;
	qp->wants_drained = false;
	qp->events = 0;
}

/**
 * vib_rc_modify - the core learns of new values
 * @qp: the queue pair, whose state is the new one already
 * @attr: new values
 * @mask: which of them
 *
 * Context: any, under sq.lock only.
 */
void vib_rc_modify(struct vib_qp *qp, const struct ib_qp_attr *attr, int mask)
{
	struct vib_rc_attr *rc = &qp->rc_attr;
	enum ib_qp_state state = qp->state;

	if ((mask & IB_QP_STATE) && state == IB_QPS_RESET)
		reset(qp);
	set_values(rc, attr, mask);
	rc->qpn = qp->attr.qpn;
	rc->can_receive = qp->attr.can_receive;
	rc->can_send = state == IB_QPS_RTS || state == IB_QPS_SQD;
	rc->draining = state == IB_QPS_SQD;
	if (mask & IB_QP_EN_SQD_ASYNC_NOTIFY)
		qp->wants_drained = attr->en_sqd_async_notify;
	if (mask & IB_QP_RQ_PSN)
		vib_rc_expect(qp->rc, attr->rq_psn);
	if (mask & IB_QP_SQ_PSN)
		vib_rc_begin(qp->rc, attr->sq_psn);
	vib_rc_set_attr(qp->rc, rc);
	if (state == IB_QPS_ERR)
		vib_rc_flush(qp->rc);
}

/**
 * vib_rc_query - attributes of a connection
 * @qp: the queue pair
 * @attr: its part of it is written
 *
 * Context: any, under sq.lock.
 */
void vib_rc_query(struct vib_qp *qp, struct ib_qp_attr *attr)
{
	const struct vib_rc_attr *rc = &qp->rc_attr;
	struct rdma_ah_attr *ah = &attr->ah_attr;
	union ib_gid dgid;

	vib_rc_psns(qp->rc, &attr->sq_psn, &attr->rq_psn);
	attr->path_mtu = rc->path_mtu;
	attr->path_mig_state = IB_MIG_MIGRATED;
	attr->pkey_index = rc->pkey_index;
	attr->dest_qp_num = rc->dest_qpn;
	attr->qp_access_flags = rc->access;
	attr->timeout = rc->timeout;
	attr->retry_cnt = rc->retry_count;
	attr->rnr_retry = rc->rnr_retry;
	attr->min_rnr_timer = rc->min_rnr_timer;
	attr->max_rd_atomic = rc->max_rd_atomic;
	attr->max_dest_rd_atomic = rc->max_dest_rd_atomic;
	attr->sq_draining = rc->draining && !vib_rc_is_drained(qp->rc);

	ah->type = RDMA_AH_ATTR_TYPE_IB;
	rdma_ah_set_port_num(ah, 1);
	rdma_ah_set_dlid(ah, rc->av.dlid);
	rdma_ah_set_sl(ah, rc->av.sl);
	rdma_ah_set_path_bits(ah, rc->av.path_bits);
	if (rc->av.has_grh) {
		memcpy(dgid.raw, rc->av.dgid, sizeof(dgid));
		rdma_ah_set_grh(ah, &dgid, rc->av.flow_label, rc->av.sgid_index,
				rc->av.hop_limit, rc->av.traffic_class);
	}
}
