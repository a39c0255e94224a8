// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Overlap: while one VIF takes over the group receives of a partition from another, both get a
// copy of most frames, in no particular order. Whichever copy is seen first enters ethX.
#pragma once

#include "base/clock.hpp"
#include "base/rcu.hpp"
#include "bytes.hpp"

namespace eipoib {

class Overlap {
public:
	// @old and @heir are compared, and never looked into.
	void begin(const void *old, const void *heir)
	{
		old_ = old;
		heir_ = heir;
	}

	bool concerns(const void *vif) const
	{
		return vif == old_ || vif == heir_;
	}

	// Both receive until end(); then for as long as copies may still wait in a queue.
	bool is_over(u32 now) const
	{
		return __atomic_load_n(&is_ending_, __ATOMIC_ACQUIRE) && ended_.age(now) >= drain;
	}

	void end(const Updater &, u32 now)
	{
		ended_.set(now);
		__atomic_store_n(&is_ending_, true, __ATOMIC_RELEASE);
	}

	// Whether this is the first copy of a frame. Two frames that look alike are taken for
	// copies of one only if a copy of the other was lost.
	bool is_first(const void *vif, ByteView link, ByteView head, u32 length)
	{
		int &balance = balance_[fingerprint(link, head, length) % count];
		if (vif == heir_)
			return __atomic_fetch_sub(&balance, 1, __ATOMIC_RELAXED) <= 0;
		return __atomic_fetch_add(&balance, 1, __ATOMIC_RELAXED) >= 0;
	}

private:
	template <typename T> friend void free_deferred(T *object);

	static constexpr u32 drain = 200; // ms
	static constexpr u32 count = 509;

	// FNV-1a.
	static u32 fingerprint(ByteView link, ByteView head, u32 length)
	{
		u32 hash = 0x811c9dc5 ^ length;
		for (ByteView bytes : {link, head}) {
			for (size_t i = 0; i < bytes.size(); i++)
				hash = (hash ^ bytes.data()[i]) * 0x01000193;
		}
		return hash;
	}

	eipoib_k_deferred deferred_;
	const void *old_;
	const void *heir_;
	int balance_[count]; // copies that only the old VIF has had, minus those only its heir
	bool is_ending_;
	Stamp ended_;
};

} // namespace eipoib
