// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Flows: what a planner decided on a frame, for the next ones that differ from it in nothing that
// it looks at. A flow is good for as long as the revision is what it was before the planner began:
// whatever a decision depends on advances the revision when it changes.
#pragma once

#include "base/clock.hpp"
#include "base/list.hpp"
#include "base/rcu_hash.hpp"
#include "base/revision.hpp"
#include "peer.hpp"

namespace eipoib {

// What a frame is recognised by: tx_flow.cpp, rx_flow.cpp.
struct FlowKey {
	u64 first;
	u64 second;

	friend constexpr bool operator==(const FlowKey &, const FlowKey &) = default;
};

// Where the frames of a flow go.
struct Course {
	eipoib_flow flow;    // what the glue is told
	u32 length_max;	     // of a frame or a segment, as its planner measures it
	Station *station;    // TX: the destination's; may be null
	EndPoint *end_point; // TX: the destination, RX: the sender

	friend bool operator==(const Course &a, const Course &b)
	{
		return a.flow.dev == b.flow.dev && a.flow.vlan == b.flow.vlan &&
		       !__builtin_memcmp(a.flow.header, b.flow.header, sizeof(a.flow.header)) &&
		       a.length_max == b.length_max && a.station == b.station &&
		       a.end_point == b.end_point;
	}
};

struct Flow {
	union {
		eipoib_k_deferred deferred_; // once it is in no table
		ListLink<Flow> by_age_ = {}; // locked
	};
	HashLink<Flow> by_key_;
	FlowKey key_;
	Course course_; // never changes; what it points to may be gone unless the flow is current
	u64 revision_;	// of which it is known to be right; racing reads and writes are atomic
	Stamp used_;	// and its peers' stamps with it

	bool is_of(u64 revision) const
	{
		return __atomic_load_n(&revision_, __ATOMIC_RELAXED) == revision;
	}

	void confirm(u64 revision)
	{
		__atomic_store_n(&revision_, revision, __ATOMIC_RELAXED);
	}
};

// There may be max_flows of them: two cache lines each.
static_assert(sizeof(Flow) <= 128);

struct FlowTraits {
	using Key = FlowKey;

	static HashLink<Flow> &link(Flow &flow)
	{
		return flow.by_key_;
	}

	static bool matches(const Flow &flow, const Key &key)
	{
		return flow.key_ == key;
	}

	// The multiplier is odd: keys that differ in one half only have different fingerprints.
	static u64 fingerprint(const Key &key)
	{
		return key.first * 0x9e37'79b9'7f4a'7c15 + key.second;
	}
};

class FlowTable {
public:
	bool try_init() EIPOIB_UNSHARED;
	void destroy(const ConfigUpdater &config) EIPOIB_UNSHARED;

	// The flow of @key if it is right at @revision, or nullptr.
	[[gnu::always_inline]] Flow *find(const RcuReader &reader, const FlowKey &key,
					  u64 revision) const
	{
		Flow *flow = flows_.find(reader, key);
		return flow && flow->is_of(revision) ? flow : nullptr;
	}

	// A frame of @key was found to go @way by what was there at @revision, or later.
	void remember(const RcuReader &reader, const FlowKey &key, const Course &course,
		      u64 revision, u32 now);

	// Forget what was not used for a while. To be called about every second.
	void age(u32 now);

private:
	bool make_room(const LockGuard &guard, u64 revision, u32 now) EIPOIB_MUST_HOLD(lock_);
	void drop(const LockGuard &guard, Flow &flow) EIPOIB_MUST_HOLD(lock_);

	Lock lock_;
	RcuHash<Flow, FlowTraits> flows_;
	List<Flow, &Flow::by_age_> by_age_ EIPOIB_GUARDED_BY(lock_);
	u32 count_ EIPOIB_GUARDED_BY(lock_) = 0;
};

} // namespace eipoib
