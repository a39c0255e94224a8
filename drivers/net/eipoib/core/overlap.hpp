// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Overlap: while one VIF takes over the group receives of a partition from another, both get a
// copy of most frames, in no particular order. Whichever copy is seen first enters ethX.
#pragma once

#include "base/clock.hpp"
#include "base/platform.hpp"
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
	bool is_first(const LockGuard &, const void *vif, ByteView link, ByteView head, u32 length)
	{
		Lead &lead = find(fingerprint(link, head, length));
		const s32 copy = vif == heir_ ? -1 : 1;
		lead.copies_ += copy;
		// If it still had to come, the lead has not shrunk.
		return lead.copies_ * copy > 0;
	}

private:
	template <typename T> friend void free_deferred(T *object);

	static constexpr u32 drain = 200; // ms
	static constexpr u32 count = 512;
	static constexpr u32 reach = 16; // places where a frame may be

	// A frame of which one VIF has had more copies than the other.
	struct Lead {
		u32 fingerprint_;
		u32 since_;
		s32 copies_; // of the old VIF, minus those of its heir; 0: the place is free
	};

	// The place of a frame: the one it has, or a free one, or that of the oldest frame there:
	// what came before the heir received, or after the old VIF did, has no other copy.
	Lead &find(u32 fingerprint)
	{
		Lead *best = nullptr;
		for (u32 i = 0; i < reach; i++) {
			Lead &lead = leads_[(fingerprint + i) % count];
			if (lead.copies_ && lead.fingerprint_ == fingerprint)
				return lead;
			if (!best || age(lead) > age(*best))
				best = &lead;
		}
		*best = {fingerprint, ++frames_, 0};
		return *best;
	}

	u32 age(const Lead &lead) const
	{
		return lead.copies_ ? frames_ - lead.since_ : ~0U;
	}

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
	Lead leads_[count];
	u32 frames_;
	bool is_ending_;
	Stamp ended_;
};

} // namespace eipoib
