// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Which LIDs the SA was asked about lately because a frame came from them: once is enough.
#pragma once

#include "base/clock.hpp"
#include "wire/address.hpp"

namespace eipoib {

class LidQueries {
public:
	// Whether to ask who sends from (@qpn, @lid). A few are remembered; of two that share a
	// place both may be asked for more often.
	bool allow(wire::PartitionId partition, wire::Qpn qpn, wire::Lid lid, u32 now)
	{
		const u64 key = u64{partition.value} << 40 | u64{qpn.value} << 16 | lid.value;
		Slot &slot = slots_[key % count];
		if (__atomic_load_n(&slot.key, __ATOMIC_RELAXED) == key)
			return slot.limit.allow(now, interval);
		__atomic_store_n(&slot.key, key, __ATOMIC_RELAXED);
		slot.limit = {};
		return slot.limit.allow(now, interval);
	}

private:
	static constexpr u32 count = 61;
	static constexpr u32 interval = 10'000; // ms

	struct Slot {
		u64 key;
		RateLimit limit;
	};

	Slot slots_[count];
};

} // namespace eipoib
