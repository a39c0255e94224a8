// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Reliable connections: what the core asks of the glue, see abi_rc.h.  All of
 * it runs under sq.lock.
 */
#include "vib.h"

static const u8 wc_status[] = {
	[VIB_RC_OK] = IB_WC_SUCCESS,
	[VIB_RC_FLUSHED] = IB_WC_WR_FLUSH_ERR,
	[VIB_RC_LOCAL_LENGTH] = IB_WC_LOC_LEN_ERR,
	[VIB_RC_LOCAL_PROTECTION] = IB_WC_LOC_PROT_ERR,
	[VIB_RC_LOCAL_OPERATION] = IB_WC_MW_BIND_ERR,
	[VIB_RC_LOCAL_QP_OPERATION] = IB_WC_LOC_QP_OP_ERR,
	[VIB_RC_REMOTE_INVALID_REQUEST] = IB_WC_REM_INV_REQ_ERR,
	[VIB_RC_REMOTE_ACCESS] = IB_WC_REM_ACCESS_ERR,
	[VIB_RC_REMOTE_OPERATION] = IB_WC_REM_OP_ERR,
	[VIB_RC_BAD_RESPONSE] = IB_WC_BAD_RESP_ERR,
	[VIB_RC_RETRIES_EXCEEDED] = IB_WC_RETRY_EXC_ERR,
	[VIB_RC_RNR_RETRIES_EXCEEDED] = IB_WC_RNR_RETRY_EXC_ERR,
};

/* Copy to or from @offset of the buffer of a work request. */
static int copy(struct vib_qp *qp, const struct vib_wqe *wqe, u32 offset,
		void *bytes, u32 len, bool to_wqe)
{
	int access = to_wqe ? IB_ACCESS_LOCAL_WRITE : 0;
	const struct ib_sge *sge = wqe->sge;
	const struct ib_sge *end = sge + wqe->num_sge;
	void *at;
	u32 part;

	if (wqe->is_inline) {
		memcpy(bytes, (const void *)sge + offset, len);
		return VIB_RC_OK;
	}
	for (; sge != end && offset >= sge->length; sge++)
		offset -= sge->length;
	for (; len; sge++, offset = 0) {
		if (sge == end)
			return VIB_RC_LOCAL_LENGTH;
		part = min(len, sge->length - offset);
		at = (void *)(uintptr_t)(sge->addr + offset);
		if (sge->lkey != VIB_LOCAL_LKEY || qp->user) {
			if (!vib_mr_copy(qp, sge->lkey, sge->addr + offset,
					 bytes, part, access, to_wqe))
				return VIB_RC_LOCAL_PROTECTION;
		} else if (to_wqe) {
			memcpy(at, bytes, part);
		} else {
			memcpy(bytes, at, part);
		}
		bytes += part;
		len -= part;
	}
	return VIB_RC_OK;
}

int vib_k_rc_gather(void *host, u32 seq, u32 offset, u8 *to, u32 len)
{
	struct vib_qp *qp = host;

	return copy(qp, vib_wq_entry(&qp->sq, seq), offset, to, len, false);
}

int vib_k_rc_scatter(void *host, u32 seq, u32 offset, const u8 *from, u32 len)
{
	struct vib_qp *qp = host;

	return copy(qp, vib_wq_entry(&qp->sq, seq), offset, (void *)from, len,
		    true);
}

int vib_k_rc_local(void *host, u32 seq)
{
	struct vib_qp *qp = host;
	struct vib_wqe *wqe = vib_wq_entry(&qp->sq, seq);
	bool ok;

	if (wqe->status)
		return wqe->status;
	if (wqe->mr)
		ok = vib_mr_register(qp, wqe->mr, wqe->key, wqe->access);
	else
		ok = vib_mr_invalidate(qp, wqe->key);
	return ok ? VIB_RC_OK : VIB_RC_LOCAL_OPERATION;
}

void vib_k_rc_sent(void *host, u32 seq, int status)
{
	struct vib_qp *qp = host;
	struct vib_cqe *cqe = vib_wq_entry(&qp->sq, seq);

	qp->notify_send += vib_sq_done(qp, cqe, wc_status[status]);
}

u32 vib_k_rc_buffers(void *host)
{
	struct vib_qp *qp = host;
	u32 count;

	/* User space tells nobody when it posts more. */
	if (qp->srq || qp->user)
		return VIB_RC_SHARED;
	spin_lock(&qp->rq.lock);
	count = qp->rq.head - qp->rq.next;
	spin_unlock(&qp->rq.lock);
	return count;
}

bool vib_k_rc_take(void *host)
{
	struct vib_qp *qp = host;

	if (qp->user) {
		qp->taken = vib_user_take(qp);
		return qp->taken;
	}
	if (qp->srq) {
		qp->taken = vib_srq_take(qp->srq);
		return qp->taken;
	}
	qp->taken = NULL;
	spin_lock(&qp->rq.lock);
	if (qp->rq.next != qp->rq.head)
		qp->taken = vib_wq_entry(&qp->rq, qp->rq.next++);
	spin_unlock(&qp->rq.lock);
	return qp->taken;
}

int vib_k_rc_fill(void *host, u32 offset, const u8 *from, u32 len)
{
	struct vib_qp *qp = host;

	if (offset + len > vib_wqe_room(qp->taken))
		return VIB_RC_LOCAL_LENGTH;
	return copy(qp, qp->taken, offset, (void *)from, len, true);
}

void vib_k_rc_received(void *host, const struct vib_rc_received *received)
{
	struct vib_qp *qp = host;
	struct vib_cqe *cqe = &qp->taken->cqe;

	qp->taken = NULL;
	cqe->qp = qp;
	cqe->status = wc_status[received->status];
	cqe->opcode = received->is_write ? IB_WC_RECV_RDMA_WITH_IMM :
					   IB_WC_RECV;
	cqe->byte_len = received->byte_len;
	cqe->src_qpn = qp->rc_attr.dest_qpn;
	cqe->slid = qp->rc_attr.av.dlid;
	cqe->sl = qp->rc_attr.av.sl;
	cqe->path_bits = qp->rc_attr.av.path_bits;
	cqe->pkey_index = qp->rc_attr.pkey_index;
	cqe->imm = (__force __be32)received->imm;
	cqe->flags =
		(received->flags & VIB_RC_IMM ? IB_WC_WITH_IMM : 0) |
		(received->flags & VIB_RC_INVALIDATE ? IB_WC_WITH_INVALIDATE :
						       0);
	cqe->solicited = received->flags & VIB_RC_SOLICITED;
	qp->notify_recv += vib_cq_push(qp->rq.cq, cqe);
}

bool vib_k_rc_may_access(void *host, u32 rkey, u64 addr, u32 len, u8 access)
{
	BUILD_BUG_ON(IB_ACCESS_LOCAL_WRITE != VIB_ACCESS_LOCAL_WRITE);
	BUILD_BUG_ON(IB_ACCESS_REMOTE_WRITE != VIB_ACCESS_WRITE);
	BUILD_BUG_ON(IB_ACCESS_REMOTE_READ != VIB_ACCESS_READ);
	BUILD_BUG_ON(IB_ACCESS_REMOTE_ATOMIC != VIB_ACCESS_ATOMIC);
	return vib_mr_permits(host, rkey, addr, len, access);
}

bool vib_k_rc_write(void *host, u32 rkey, u64 addr, const u8 *from, u32 len)
{
	return vib_mr_copy(host, rkey, addr, (void *)from, len,
			   IB_ACCESS_REMOTE_WRITE, true);
}

bool vib_k_rc_read(void *host, u32 rkey, u64 addr, u8 *to, u32 len)
{
	return vib_mr_copy(host, rkey, addr, to, len, IB_ACCESS_REMOTE_READ,
			   false);
}

bool vib_k_rc_atomic(void *host, u32 rkey, u64 addr, u64 swap_or_add,
		     const u64 *compare, u64 *old)
{
	u64 *word;

	/* Atomic beside other connections and the CPUs, too. */
	rcu_read_lock();
	word = vib_mr_word(host, rkey, addr);
	if (word && compare)
		*old = cmpxchg64(word, *compare, swap_or_add);
	else if (word)
		*old = atomic64_fetch_add(swap_or_add, (atomic64_t *)word);
	rcu_read_unlock();
	return word;
}

bool vib_k_rc_invalidate(void *host, u32 rkey)
{
	return vib_mr_invalidate(host, rkey);
}

void vib_k_rc_broken(void *host, int event)
{
	struct vib_qp *qp = host;

	spin_lock(&qp->rq.lock);
	qp->state = IB_QPS_ERR;
	qp->rc_attr.can_receive = false;
	qp->rc_attr.can_send = false;
	qp->notify_recv += vib_qp_flush(qp);
	spin_unlock(&qp->rq.lock);

	if (event == VIB_RC_REQUEST_ERROR)
		__set_bit(IB_EVENT_QP_REQ_ERR, &qp->events);
	else if (event == VIB_RC_ACCESS_ERROR)
		__set_bit(IB_EVENT_QP_ACCESS_ERR, &qp->events);
	else if (event == VIB_RC_FATAL)
		__set_bit(IB_EVENT_QP_FATAL, &qp->events);
}

void vib_k_rc_drained(void *host)
{
	struct vib_qp *qp = host;

	if (qp->wants_drained)
		__set_bit(IB_EVENT_SQ_DRAINED, &qp->events);
}
