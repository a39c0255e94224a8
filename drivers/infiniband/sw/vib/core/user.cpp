// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Work requests that user space wrote: taken apart, and checked.

#include "ring.hpp"

namespace vib {
namespace {

using user::SendWqe;

struct Meaning {
	u8 verb;
	u8 flags;
	u8 completion;
	bool is_known;
};

// By user::Opcode. User space registers no memory here, and has none that it may invalidate.
constexpr Meaning MEANINGS[] = {
	{VIB_RC_WRITE, 0, user::WC_WRITE, true},
	{VIB_RC_WRITE, VIB_RC_IMM, user::WC_WRITE, true},
	{VIB_RC_SEND, 0, user::WC_SEND, true},
	{VIB_RC_SEND, VIB_RC_IMM, user::WC_SEND, true},
	{VIB_RC_READ, 0, user::WC_READ, true},
	{VIB_RC_CMP_SWAP, 0, user::WC_COMPARE_SWAP, true},
	{VIB_RC_FETCH_ADD, 0, user::WC_FETCH_ADD, true},
	{VIB_RC_LOCAL, 0, user::WC_LOCAL_INVALIDATE, false},
	{VIB_RC_LOCAL, 0, user::WC_BIND_WINDOW, false},
	{VIB_RC_SEND, VIB_RC_INVALIDATE, user::WC_SEND, true},
};
static_assert(sizeof(MEANINGS) / sizeof(MEANINGS[0]) == user::SEND_WITH_INVALIDATE + 1);

bool is_atomic(u8 verb)
{
	return verb == VIB_RC_CMP_SWAP || verb == VIB_RC_FETCH_ADD;
}

bool is_possible(const vib_rc_request &request, const vib_user_send &send, u8 kind)
{
	if (kind == VIB_QP_UD)
		return request.verb == VIB_RC_SEND && !(request.flags & VIB_RC_INVALIDATE);
	// What comes back needs a place to go to.
	return !send.is_inline || request.verb == VIB_RC_SEND || request.verb == VIB_RC_WRITE;
}

void set_target(const SendWqe &wqe, u8 kind, vib_user_send &send)
{
	vib_rc_request &request = send.request;

	if (kind == VIB_QP_UD) {
		send.ah = wqe.datagram.ah;
		send.remote_qpn = wqe.datagram.qpn;
		send.remote_qkey = wqe.datagram.qkey;
	} else if (is_atomic(request.verb)) {
		const bool swaps = request.verb == VIB_RC_CMP_SWAP;
		request.remote_addr = wqe.atomic.address;
		request.rkey = wqe.atomic.rkey;
		request.compare = swaps ? wqe.atomic.compare_or_add : 0;
		request.swap_or_add = swaps ? wqe.atomic.swap : wqe.atomic.compare_or_add;
	} else if (request.verb != VIB_RC_SEND) {
		request.remote_addr = wqe.rdma.address;
		request.rkey = wqe.rdma.rkey;
	}
}

// The sum of their lengths, of a copy of the pieces at @from.
u64 copy_pieces(const u8 *from, u32 count, vib_user_sge *to)
{
	u64 length = 0;

	for (u32 i = 0; i < count; i++) {
		to[i] = snapshot<vib_user_sge>(from + i * sizeof(vib_user_sge));
		length += to[i].length;
	}
	return length;
}

vib_rc_status copy_tail(const u8 *entry, const SendWqe &wqe, const vib_user_limits &limits,
			void *tail, vib_user_send &send)
{
	const u8 *from = entry + sizeof(SendWqe);
	u64 length = wqe.dma.length;

	if (send.is_inline) {
		if (length > limits.max_inline)
			return VIB_RC_LOCAL_LENGTH;
		__builtin_memcpy(tail, from, length);
	} else {
		if (wqe.dma.num_sge > limits.max_sge)
			return VIB_RC_LOCAL_QP_OPERATION;
		send.num_sge = wqe.dma.num_sge;
		length = copy_pieces(from, send.num_sge, static_cast<vib_user_sge *>(tail));
	}
	if (length > VIB_RC_MAX_MESSAGE || (is_atomic(send.request.verb) && length != sizeof(u64)))
		return VIB_RC_LOCAL_LENGTH;
	send.request.length = static_cast<u32>(length);
	return VIB_RC_OK;
}

vib_rc_status translate(const u8 *entry, const vib_user_limits &limits, void *tail,
			vib_user_send &send)
{
	const auto wqe = snapshot<SendWqe>(entry);

	send.wr_id = wqe.wr_id;
	send.is_signaled = wqe.flags & user::SIGNALED;
	send.is_inline = wqe.flags & user::INLINE;
	if (wqe.opcode > user::SEND_WITH_INVALIDATE)
		return VIB_RC_LOCAL_QP_OPERATION;
	const Meaning &meaning = MEANINGS[wqe.opcode];
	vib_rc_request &request = send.request;

	send.opcode = meaning.completion;
	request.verb = meaning.verb;
	request.flags = static_cast<u8>(meaning.flags |
					(wqe.flags & user::SOLICITED ? VIB_RC_SOLICITED : 0) |
					(wqe.flags & user::FENCE ? VIB_RC_FENCE : 0));
	if (!meaning.is_known || !is_possible(request, send, limits.kind))
		return VIB_RC_LOCAL_QP_OPERATION;
	if (request.flags & (VIB_RC_IMM | VIB_RC_INVALIDATE))
		request.imm = wqe.imm;
	set_target(wqe, limits.kind, send);
	return copy_tail(entry, wqe, limits, tail, send);
}

} // namespace
} // namespace vib

void vib_ring_peek_send(const vib_ring *ring, const vib_user_limits *limits, void *tail,
			vib_user_send *send)
{
	const u8 *entry = vib::Ring(*ring).entry(ring->next);

	*send = {};
	send->status = static_cast<u8>(vib::translate(entry, *limits, tail, *send));
	if (send->status == VIB_RC_OK)
		return;
	// It fails when its turn comes, and has nothing else to it.
	send->request = {};
	send->request.verb = VIB_RC_LOCAL;
	send->num_sge = 0;
	send->is_inline = false;
}

void vib_ring_peek_recv(const vib_ring *ring, u32 max_sge, vib_user_sge *sge, vib_user_recv *recv)
{
	const u8 *entry = vib::Ring(*ring).entry(ring->next);
	const auto wqe = vib::snapshot<vib::user::RecvWqe>(entry);

	*recv = {};
	recv->wr_id = wqe.wr_id;
	// Nothing fits into one that is wrong: the message fails.
	if (wqe.dma.num_sge <= max_sge &&
	    vib::copy_pieces(entry + sizeof(wqe), wqe.dma.num_sge, sge) <= VIB_RC_MAX_MESSAGE)
		recv->num_sge = wqe.dma.num_sge;
}
