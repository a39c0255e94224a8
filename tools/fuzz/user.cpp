// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Queues of vib that user space has mapped: it writes anything anywhere, between any two calls.
// The memory, and that of each private copy, ends where it ends.

#include "events.hpp"
#include "input.hpp"

#include "abi_user.h"

#include <algorithm>
#include <memory>

using namespace fuzz;

namespace {

constexpr u32 max_sge = 4;
constexpr u32 max_inline = 64;
constexpr u32 room = max_sge * sizeof(vib_user_sge);

class Queue {
public:
	Queue(int kind, u32 entries) : kind_(kind), size_(plan(entries))
	{
		memory_ = std::make_unique<u64[]>(size_ / sizeof(u64));
		vib_ring_begin(&ring_, memory());
	}

	// What user space does.
	void scribble(std::size_t at, const Bytes &bytes)
	{
		at %= size_;
		std::copy_n(bytes.begin(), std::min(bytes.size(), size_ - at), memory() + at);
	}

	void take_one(u8 qp_kind)
	{
		if (is_cq() || !vib_ring_waiting(&ring_))
			return;
		if (kind_ == VIB_RING_SEND)
			peek_send(qp_kind);
		else
			peek_recv();
		vib_ring_take(&ring_);
		taken_++;
	}

	void release_one()
	{
		if (!taken_)
			return;
		vib_ring_release(&ring_);
		taken_--;
	}

	void put(u64 wr_id)
	{
		vib_user_cqe cqe{};

		cqe.wr_id = wr_id;
		if (is_cq())
			vib_ring_put(&ring_, &cqe);
	}

	void forget()
	{
		if (is_cq())
			return;
		vib_ring_empty(&ring_);
		taken_ = 0;
	}

	void resize(u32 entries)
	{
		Queue other(kind_, entries);

		// As the glue has it: what was taken was released at once.
		if (!taken_ && vib_ring_move(&ring_, &other.ring_, kind_))
			std::swap(*this, other);
	}

	void check() const
	{
		must(ring_.next <= ring_.mask && ring_.released <= ring_.mask, "positions inside");
		if (is_cq())
			return;
		must(((ring_.next - ring_.released) & ring_.mask) == taken_, "what was taken");
		must(taken_ + vib_ring_waiting(&ring_) <= vib_ring_entries(&ring_),
		     "never too many");
	}

private:
	bool is_cq() const
	{
		return kind_ == VIB_RING_CQ;
	}

	u8 *memory() const
	{
		return reinterpret_cast<u8 *>(memory_.get());
	}

	std::size_t plan(u32 entries)
	{
		return vib_ring_plan(&ring_, kind_, entries, is_cq() ? 0 : room);
	}

	void peek_send(u8 qp_kind) const
	{
		const vib_user_limits limits{
			.kind = qp_kind, .max_sge = max_sge, .max_inline = max_inline};
		const auto tail = std::make_unique<u64[]>(room / sizeof(u64));
		vib_user_send send;

		vib_ring_peek_send(&ring_, &limits, tail.get(), &send);
		must(send.num_sge <= max_sge, "not too many pieces");
		must(!send.is_inline || send.request.length <= max_inline, "not too many bytes");
		must(send.request.length <= VIB_RC_MAX_MESSAGE, "not too long");
		if (send.status != VIB_RC_OK)
			must(send.request.verb == VIB_RC_LOCAL && !send.num_sge, "nothing to do");
		else
			must(send.is_inline || sum(tail.get(), send.num_sge) == send.request.length,
			     "as long as its pieces");
		if (send.status == VIB_RC_OK && qp_kind == VIB_QP_UD)
			must(send.request.verb == VIB_RC_SEND, "a datagram");
	}

	void peek_recv() const
	{
		const auto tail = std::make_unique<u64[]>(room / sizeof(u64));
		vib_user_recv recv;

		vib_ring_peek_recv(&ring_, max_sge, reinterpret_cast<vib_user_sge *>(tail.get()),
				   &recv);
		must(recv.num_sge <= max_sge, "not too many pieces");
		must(sum(tail.get(), recv.num_sge) <= VIB_RC_MAX_MESSAGE, "not too much room");
	}

	static u64 sum(const u64 *tail, u32 count)
	{
		const auto *sge = reinterpret_cast<const vib_user_sge *>(tail);
		u64 length = 0;

		for (u32 i = 0; i < count; i++)
			length += sge[i].length;
		return length;
	}

	vib_ring ring_{};
	int kind_;
	std::size_t size_;
	std::unique_ptr<u64[]> memory_;
	u32 taken_ = 0;
};

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
	if (size < 2)
		return 0;
	Queue queue(data[0] % 3, 1 + data[1] % 16);
	Events events(data + 2, size - 2);

	while (const auto event = events.next()) {
		switch (event->what % user_happens::count) {
		case user_happens::position:
			queue.scribble(event->how & 1 ? 128 : 256, event->bytes);
			break;
		case user_happens::entry:
			queue.scribble(384 + std::size_t{event->how} * 64, event->bytes);
			break;
		case user_happens::header:
			queue.scribble(event->how, event->bytes);
			break;
		case user_happens::take:
			queue.take_one(event->how & 1 ? VIB_QP_UD : VIB_QP_RC);
			break;
		case user_happens::release:
			queue.release_one();
			break;
		case user_happens::put:
			queue.put(event->how);
			break;
		case user_happens::forget:
			queue.forget();
			break;
		default:
			queue.resize(1 + event->how % 16);
		}
		queue.check();
	}
	return 0;
}
