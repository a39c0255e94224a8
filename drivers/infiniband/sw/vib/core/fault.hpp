// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What goes wrong on a link, one way. The fate of the n-th packet depends on the seed and on n
// only, and each kind of fault has a die of its own: one more kind changes nothing for the others.
#pragma once

#include "abi.h"
#include "shared.hpp"

namespace vib {

constexpr vib_fate UNHARMED{.delay = 0, .flip = 0, .copies = 1, .is_damaged = false};

class Faults {
public:
	void set(u32 fault, u32 value);

	u32 get(u32 fault) const
	{
		return settings_[fault].load();
	}

	// How many packets it has befallen.
	u64 count(u32 fault) const
	{
		return counts_[fault].load();
	}

	// The same faults again, from the first packet on.
	void seed(u64 seed);

	// @size bytes are on their way.
	vib_fate fate(size_t size);

private:
	u64 draw(u64 packet, u32 fault) const;
	bool strikes(u64 packet, u32 fault);

	Shared<bool> any_;
	Shared<u32> settings_[VIB_FAULT_COUNT];
	Shared<u64> counts_[VIB_FAULT_COUNT];
	Shared<u64> seed_;
	Shared<u64> packets_;
};

} // namespace vib
