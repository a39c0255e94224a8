// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Both sides of a queue that user space has mapped. The memory ends where the queue does.
#pragma once

#include "abi_user.h"
#include "core/user_wire.hpp"
#include "fixture.hpp"

#include <cstring>

namespace unit {

using vib::user::Cqe;
using vib::user::Header;
using vib::user::RecvWqe;
using vib::user::SendWqe;

class UserQueue {
public:
	UserQueue(int kind, u32 entries, u32 room = 0)
	{
		memory_.resize(vib_ring_plan(&ring, kind, entries, room));
		vib_ring_begin(&ring, memory_.data());
	}

	Header &header()
	{
		return *reinterpret_cast<Header *>(memory_.data());
	}

	u8 *entry(u32 index)
	{
		return memory_.data() + sizeof(Header) +
		       (static_cast<size_t>(index & ring.mask) << ring.shift);
	}

	// What the library of user space does: write an entry, then move on.
	template <typename T> void post(const T &wqe, const void *tail = nullptr, size_t size = 0)
	{
		u8 *to = entry(header().producer);
		std::memcpy(to, &wqe, sizeof(wqe));
		if (size)
			std::memcpy(to + sizeof(wqe), tail, size);
		header().producer = (header().producer + 1) & ring.mask;
	}

	bool is_full()
	{
		return ((header().producer + 1 - header().consumer) & ring.mask) == 0;
	}

	// What a poll takes.
	Cqe poll()
	{
		Cqe cqe;
		std::memcpy(&cqe, entry(header().consumer), sizeof(cqe));
		header().consumer = (header().consumer + 1) & ring.mask;
		return cqe;
	}

	vib_ring ring{};

private:
	Bytes memory_;
};

} // namespace unit
