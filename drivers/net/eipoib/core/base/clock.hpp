// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Points in time that any number of CPUs read and write at once. Milliseconds that wrap.
#pragma once

#include "abi/kernel.h"
#include "types.hpp"

namespace eipoib {

using namespace kxx;

// When something happened last. Racing writers are writing the same moment.
class Stamp {
public:
	Stamp() = default;

	Stamp(const Stamp &) = delete;

	Stamp &operator=(const Stamp &other)
	{
		set(other.get());
		return *this;
	}

	void set(u32 now)
	{
		// Not for nothing: a frame per stamp and not a cache line per frame.
		if (__atomic_load_n(&at_, __ATOMIC_RELAXED) != now)
			__atomic_store_n(&at_, now, __ATOMIC_RELAXED);
	}

	u32 get() const
	{
		return __atomic_load_n(&at_, __ATOMIC_RELAXED);
	}

	// Milliseconds since then.
	u32 age(u32 now) const
	{
		return now - get();
	}

private:
	u32 at_ = 0;
};

// Lets something happen once an interval. Two CPUs may both be let through, and more than one in
// the millisecond that is 0; that is harmless for what it is used for.
class RateLimit {
public:
	bool allow(u32 now, u32 interval)
	{
		if (last_.get() && last_.age(now) < interval)
			return false;
		last_.set(now);
		return true;
	}

private:
	Stamp last_; // 0 for never
};

// Lets something happen so many times an interval, or a few more where CPUs meet.
class BurstLimit {
public:
	bool allow(u32 now, u32 interval, u32 most)
	{
		if (began_.age(now) >= interval) {
			began_.set(now);
			__atomic_store_n(&count_, 0, __ATOMIC_RELAXED);
		}
		return __atomic_fetch_add(&count_, 1, __ATOMIC_RELAXED) < most;
	}

private:
	Stamp began_;
	u32 count_ = 0;
};

} // namespace eipoib
