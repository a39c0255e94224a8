// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// A queue that user space has mapped: positions and entries. See abi_user.h for whom to believe.
#pragma once

#include "abi_user.h"
#include "user_wire.hpp"

namespace vib {

using kxx::size_t;

// A copy of what user space may be writing to. Whoever looks at it twice sees the same.
template <typename T> T snapshot(const u8 *from)
{
	T value;

	__builtin_memcpy(&value, from, sizeof(T));
	// The compiler must not go back to @from.
	__asm__ volatile("" : "+m"(value));
	return value;
}

class Ring {
public:
	explicit Ring(const vib_ring &ring) : ring_(ring)
	{
	}

	u32 produced() const
	{
		return __atomic_load_n(&header().producer, __ATOMIC_ACQUIRE) & ring_.mask;
	}

	u32 consumed() const
	{
		return __atomic_load_n(&header().consumer, __ATOMIC_ACQUIRE) & ring_.mask;
	}

	void produce(u32 to) const
	{
		__atomic_store_n(&header().producer, to, __ATOMIC_RELEASE);
	}

	void consume(u32 to) const
	{
		__atomic_store_n(&header().consumer, to, __ATOMIC_RELEASE);
	}

	u32 after(u32 index) const
	{
		return (index + 1) & ring_.mask;
	}

	u32 distance(u32 from, u32 to) const
	{
		return (to - from) & ring_.mask;
	}

	u8 *entry(u32 index) const
	{
		return ring_.memory + sizeof(user::Header) +
		       (static_cast<size_t>(index & ring_.mask) << ring_.shift);
	}

	size_t entry_size() const
	{
		return size_t{1} << ring_.shift;
	}

	user::Header &header() const
	{
		return *reinterpret_cast<user::Header *>(ring_.memory);
	}

private:
	const vib_ring &ring_;
};

} // namespace vib
