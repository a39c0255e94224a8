// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What the administrator says of peers: entries that nothing learnt changes, and that go when he
// says so. They and their end points are in no list that ages, and take no room from what is
// learnt.

#include "errno.hpp"
#include "peers.hpp"

namespace eipoib {

int PeerTable::fix(const ConfigUpdater &, wire::PartitionId partition, wire::MacAddress mac,
		   const wire::IbAddress &address, bool is_permanent, u32 now)
{
	LockGuard guard(lock_);
	const Station *known = stations_.find(guard, {partition, mac});
	if (!(known && known->is_fixed()) && fixed_count_ >= max_peers_)
		return -enospc;
	EndPoint *owner = by_gid_.find(guard, {partition, address.qpn(), address.gid_});
	if (!owner)
		owner = add_end_point(guard, {partition, address.qpn(), address.gid_}, {0}, now);
	if (!owner)
		return -enomem;
	Station *station = stations_.find(guard, {partition, mac});
	EndPoint *former = nullptr;
	if (station) {
		former = station->end_point_.load(guard);
	} else {
		former = find_by_remac(guard, partition, mac);
		station = add_station(guard, partition, mac, now);
	}
	if (!station) {
		drop_if_useless(guard, *owner);
		return -enomem;
	}

	detach(guard, *station);
	__atomic_store_n(&station->is_permanent_, is_permanent, __ATOMIC_RELAXED);
	station->used_.set(now);
	join(guard, *station, *owner, StationKind::fixed);
	revision_->advance();
	// What guests answered would not come to it.
	if (former && former != owner) {
		hide(guard, *former, mac);
		drop_if_useless(guard, *former);
	}
	return 0;
}

// Nothing came from @end_point, and nothing leads there any more.
void PeerTable::drop_if_useless(const LockGuard &guard, EndPoint &end_point)
{
	if (end_point.is_hearsay() && !end_point.lid_.value && !end_point.stations_.front())
		drop_end_point(guard, end_point);
}

bool PeerTable::is_fixed(wire::PartitionId partition, wire::MacAddress mac) const
{
	LockGuard guard(lock_);
	const Station *station = stations_.find(guard, {partition, mac});
	return station && station->is_fixed();
}

PeerTable::Forgotten PeerTable::forget(const ConfigUpdater &, wire::PartitionId partition,
				       wire::MacAddress mac)
{
	LockGuard guard(lock_);
	Station *station = stations_.find(guard, {partition, mac});
	EndPoint *owner =
		station ? station->end_point_.load(guard) : find_by_remac(guard, partition, mac);
	if (!owner)
		return Forgotten::unknown;
	// What its end point says of itself counts again.
	const Identity identity = owner->identity();
	if (station && station->is_fixed() && identity.is_announced() && identity.mac() == mac) {
		detach(guard, *station);
		join(guard, *station, *owner, StationKind::announced);
		return Forgotten::yes;
	}
	const bool is_own_remac = has_own_remac(*owner) && identity.mac() == mac;
	if (station)
		drop_station(guard, *station);
	if (!is_own_remac) {
		hide(guard, *owner, mac);
		drop_if_useless(guard, *owner);
	} else if (!owner->stations_.front()) {
		drop_end_point(guard, *owner);
	} else if (!station) {
		return Forgotten::in_use;
	}
	return Forgotten::yes;
}

// Whether the administrator says that @mac is at another end point than @end_point.
bool PeerTable::is_fixed_elsewhere(const LockGuard &guard, const EndPoint &end_point,
				   wire::MacAddress mac) const
{
	const Station *station = stations_.find(guard, {end_point.partition_, mac});
	return station && station->is_fixed() && station->end_point_.load(guard) != &end_point;
}

} // namespace eipoib
