// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Frames to MACs that no peer is known to have: when they are flooded, when they wait, and when the
// waiting ends.

#include "peers.hpp"

namespace eipoib {

namespace {

constexpr u32 patience = 200;		// ms that a search waits for an answer
constexpr u32 sa_delay = 50;		// ms that the SA's answer waits for a better one
constexpr u32 search_interval = 10'000; // ms until an unanswered search is repeated
constexpr u32 max_held = 1024;
constexpr u32 max_held_for_one = 128;

} // namespace

Search PeerTable::search(const RcuReader &, wire::PartitionId partition, wire::MacAddress mac,
			 bool is_held, bool can_be_flooded, bool is_first_flooded, u32 now)
{
	LockGuard guard(lock_);
	Station *station = stations_.find(guard, {partition, mac});
	if (station && (station->end_point_.load(guard) || is_answered(guard, *station, now)))
		return {Way::known, false, station};

	bool is_first = !station || station->wanted_.age(now) >= search_interval;
	if (!station)
		station = add_station(guard, partition, mac, now);
	if (!station)
		return {can_be_flooded ? Way::flood : Way::giveup, true, nullptr};
	if (is_first) {
		station->wanted_.set(now);
		station->is_answered_ = false;
	}

	const bool is_waiting = station->wanted_.age(now) < patience;
	if (can_be_flooded && ((is_first && is_first_flooded) || !is_waiting))
		return {Way::flood, is_first, station};
	if (!is_waiting)
		return {Way::giveup, false, station};
	if (is_held)
		return {Way::hold, false, station};
	if (!try_hold(guard, *station))
		return {Way::full, false, station};
	return {is_first ? Way::ask : Way::hold, is_first, station};
}

// The SA's answer is as good as any if nothing better came in time.
bool PeerTable::is_answered(const LockGuard &guard, Station &station, u32 now)
{
	if (!station.is_answered_ || station.wanted_.age(now) < sa_delay)
		return false;
	const wire::RemacParts parts = wire::remac_parts(station.mac());
	EndPoint *owner = by_lid_.find(guard, {station.partition(), parts.qpn, parts.lid});
	if (!owner)
		return false;
	set_station(guard, *owner, station.mac(), StationKind::alias, now);
	return true;
}

bool PeerTable::hold(Station &station)
{
	LockGuard guard(lock_);
	return try_hold(guard, station);
}

bool PeerTable::try_hold(const LockGuard &, Station &station)
{
	if (station.hold_epoch_ != hold_epoch_) {
		__atomic_store_n(&station.held_, 0, __ATOMIC_RELAXED);
		__atomic_store_n(&station.hold_epoch_, hold_epoch_, __ATOMIC_RELAXED);
	}
	if (held_count_ >= max_held || station.held_ >= max_held_for_one)
		return false;
	held_count_++;
	__atomic_store_n(&station.held_, station.held_ + 1, __ATOMIC_RELAXED);
	return true;
}

void PeerTable::release(Station *station)
{
	LockGuard guard(lock_);
	// It may be another one than the frame was held for: that one was forgotten meanwhile.
	if (station && station->hold_epoch_ == hold_epoch_ && station->held_)
		__atomic_store_n(&station->held_, station->held_ - 1, __ATOMIC_RELAXED);
	if (--held_count_ == 0)
		__atomic_store_n(&hold_epoch_, hold_epoch_ + 1, __ATOMIC_RELAXED);
}

void PeerTable::answer(const RcuReader &, wire::PartitionId partition, wire::MacAddress mac)
{
	LockGuard guard(lock_);
	Station *station = stations_.find(guard, {partition, mac});
	if (station && station->kind() == StationKind::wanted)
		station->is_answered_ = true;
}

} // namespace eipoib
