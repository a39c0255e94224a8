// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Strangers: MACs that send frames through ethX and have no VIF. Whoever waits for them is told of
// each once a second, and of no more than find room here.
#pragma once

#include "abi/kernel.h"
#include "types.hpp"
#include "wire/address.hpp"

namespace eipoib {

class Strangers {
public:
	void init()
	{
		multiplier_ = eipoib_k_random() | 1;
		offset_ = eipoib_k_random();
	}

	// Whether @mac on @vlan is to be told of now. True once a second.
	bool is_news(wire::MacAddress mac, wire::VlanId vlan, u32 now)
	{
		const u64 hash = hash_of(mac, vlan);
		const u32 tag = static_cast<u32>(hash);
		u64 *place = nullptr;
		u64 seen = 0;
		// The second set takes what the first has no room for: neighbouring MACs, as those
		// of guests are, must not crowd each other out.
		for (u32 shift : {64 - set_bits, 64 - 2 * set_bits}) {
			for (u64 &slot : sets_[hash >> shift & (set_count - 1)]) {
				const u64 word = __atomic_load_n(&slot, __ATOMIC_RELAXED);
				const bool is_old =
					!word || now - static_cast<u32>(word) >= interval;
				if (word >> 32 == tag && !is_old)
					return false;
				if (is_old && !place) {
					place = &slot;
					seen = word;
				}
			}
		}
		// Another CPU that is faster is telling of the same MAC, or leaves no room for it.
		return place &&
		       __atomic_compare_exchange_n(place, &seen, u64{tag} << 32 | now, false,
						   __ATOMIC_RELAXED, __ATOMIC_RELAXED);
	}

private:
	// Two rounds: one leaves a pattern in those of consecutive MACs.
	u64 hash_of(wire::MacAddress mac, wire::VlanId vlan) const
	{
		u64 hash = ((mac.bits() | u64{vlan.value} << 48) + offset_) * multiplier_;
		hash ^= hash >> 32;
		return hash * multiplier_;
	}

	// 256 messages find room in a socket of ordinary size.
	static constexpr u32 set_bits = 4;
	static constexpr u32 set_count = 1 << set_bits;
	static constexpr u32 ways = 16;
	static constexpr u32 interval = 1000; // ms

	// Half a hash and the time. Which MACs share it is nobody's to choose.
	u64 sets_[set_count][ways];
	u64 multiplier_;
	u64 offset_;
};

} // namespace eipoib
