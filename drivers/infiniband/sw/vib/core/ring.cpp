// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Queues that user space has mapped: their size, their positions, completions.

#include "ring.hpp"

#include <bit>

namespace vib {
namespace {

size_t head_of_entry(int kind)
{
	switch (kind) {
	case VIB_RING_SEND:
		return sizeof(user::SendWqe);
	case VIB_RING_RECV:
		return sizeof(user::RecvWqe);
	default:
		return sizeof(user::Cqe);
	}
}

user::Cqe translate(const vib_user_cqe &from)
{
	user::Cqe cqe{};

	cqe.wr_id = from.wr_id;
	cqe.status = from.status;
	cqe.opcode = from.opcode;
	cqe.byte_len = from.byte_len;
	cqe.imm = from.imm;
	cqe.qpn = from.qpn;
	cqe.src_qpn = from.src_qpn;
	cqe.flags = (from.has_grh ? user::WC_GRH : 0) | (from.has_imm ? user::WC_WITH_IMM : 0) |
		    (from.has_invalidated ? user::WC_WITH_INVALIDATE : 0);
	cqe.pkey_index = from.pkey_index;
	cqe.slid = from.slid;
	cqe.sl = from.sl;
	cqe.path_bits = from.path_bits;
	cqe.port = 1;
	return cqe;
}

} // namespace
} // namespace vib

using vib::Ring;

u64 vib_ring_plan(vib_ring *ring, int kind, u32 entries, u32 room)
{
	const auto size = static_cast<u32>(vib::head_of_entry(kind)) + room;

	*ring = {};
	// One stays free, so that full is not empty.
	ring->mask = std::bit_ceil(entries + 1) - 1;
	ring->shift = static_cast<u32>(std::bit_width(size - 1));
	return sizeof(vib::user::Header) + (u64{ring->mask} + 1) * (u64{1} << ring->shift);
}

void vib_ring_begin(vib_ring *ring, u8 *memory)
{
	ring->memory = memory;
	Ring(*ring).header().log2_entry = ring->shift;
	Ring(*ring).header().mask = ring->mask;
}

u32 vib_ring_entries(const vib_ring *ring)
{
	return ring->mask;
}

u32 vib_ring_waiting(const vib_ring *ring)
{
	const Ring view(*ring);
	const u32 waiting = view.distance(ring->next, view.produced());
	const u32 room = ring->mask - view.distance(ring->released, ring->next);

	return waiting < room ? waiting : room;
}

void vib_ring_take(vib_ring *ring)
{
	ring->next = Ring(*ring).after(ring->next);
}

void vib_ring_release(vib_ring *ring)
{
	ring->released = Ring(*ring).after(ring->released);
	Ring(*ring).consume(ring->released);
}

void vib_ring_empty(vib_ring *ring)
{
	ring->next = Ring(*ring).produced();
	ring->released = ring->next;
	Ring(*ring).consume(ring->released);
}

bool vib_ring_put(vib_ring *ring, const vib_user_cqe *cqe)
{
	const Ring view(*ring);
	const u32 after = view.after(ring->next);

	if (after == view.consumed())
		return false;
	const auto entry = vib::translate(*cqe);
	__builtin_memcpy(view.entry(ring->next), &entry, sizeof(entry));
	ring->next = after;
	view.produce(after);
	return true;
}

bool vib_ring_move(const vib_ring *from, vib_ring *to, int kind)
{
	const Ring source(*from);
	const Ring target(*to);
	const bool is_cq = kind == VIB_RING_CQ;
	const u32 begin = is_cq ? source.consumed() : from->next;
	const u32 count = is_cq ? source.distance(begin, from->next) : vib_ring_waiting(from);

	if (count > to->mask || from->shift != to->shift)
		return false;
	for (u32 i = 0; i < count; i++)
		__builtin_memcpy(target.entry(i), source.entry(begin + i), source.entry_size());
	if (is_cq)
		to->next = count;
	target.produce(count);
	return true;
}
