// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB

#include "flow.hpp"

namespace eipoib {

namespace {

constexpr u32 max_flows = 4096;
constexpr u32 busy_limit = 1000;	// ms without a frame until others may have its place
constexpr u32 flow_idle_limit = 10'000; // ms until it is forgotten

} // namespace

bool FlowTable::try_init()
{
	return lock_.try_init() && flows_.try_init(max_flows);
}

void FlowTable::destroy(const ConfigUpdater &)
{
	if (lock_.is_made()) {
		LockGuard guard(lock_);
		while (Flow *flow = by_age_.front())
			drop(guard, *flow);
	}
	flows_.destroy();
	lock_.destroy();
}

void FlowTable::remember(const RcuReader &reader, const FlowKey &key, const Course &course,
			 u64 revision, u32 now)
{
	// Most changes concern others.
	Flow *known = flows_.find(reader, key);
	if (known && known->course_ == course) {
		known->used_.set(now);
		known->confirm(revision);
		return;
	}

	LockGuard guard(lock_);
	if ((known = flows_.find(guard, key)))
		drop(guard, *known);
	else if (!make_room(guard, revision, now))
		return;
	auto *fresh = try_create<Flow>(Context::packet);
	if (!fresh)
		return;
	fresh->key_ = key;
	fresh->course_ = course;
	fresh->used_.set(now);
	fresh->confirm(revision);
	flows_.insert(guard, *fresh, key);
	by_age_.push_back(*fresh);
	count_++;
}

// Whether there is a place for one more. Flows that take turns in one place would cost more than
// the planner: one that is in use stays.
bool FlowTable::make_room(const LockGuard &guard, u64 revision, u32 now)
{
	if (count_ < max_flows)
		return true;
	Flow &flow = *by_age_.front();
	if (flow.is_of(revision) && flow.used_.age(now) < busy_limit) {
		by_age_.move_to_back(flow);
		return false;
	}
	drop(guard, flow);
	return true;
}

void FlowTable::drop(const LockGuard &guard, Flow &flow)
{
	flows_.remove(guard, flow, flow.key_);
	by_age_.remove(flow);
	count_--;
	free_deferred(&flow);
}

void FlowTable::age(u32 now)
{
	LockGuard guard(lock_);
	for (u32 left = count_ / 10 + 1; left && by_age_.front(); left--) {
		Flow &flow = *by_age_.front();
		by_age_.move_to_back(flow);
		if (flow.used_.age(now) >= flow_idle_limit)
			drop(guard, flow);
	}
}

} // namespace eipoib
