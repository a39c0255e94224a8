// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// A scalar that management writes while the data path reads it. Relaxed: each value stands for
// itself, and a packet that races with a subnet manager may see the old or the new one.
#pragma once

#include "types.hpp"

namespace vib {

using kxx::size_t;
using kxx::u16;
using kxx::u32;
using kxx::u64;
using kxx::u8;

template <typename T> class Shared {
public:
	T load() const
	{
		return __atomic_load_n(&value_, __ATOMIC_RELAXED);
	}

	void store(T value)
	{
		__atomic_store_n(&value_, value, __ATOMIC_RELAXED);
	}

	// What it was before.
	T add(T value)
	{
		return __atomic_fetch_add(&value_, value, __ATOMIC_RELAXED);
	}

private:
	T value_;
};

} // namespace vib
