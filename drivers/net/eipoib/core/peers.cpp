// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB

#include "peers.hpp"

namespace eipoib {

namespace {

EndPointByLid::Key lid_key(const EndPoint &e)
{
	return {e.partition_, e.address_.qpn(), e.lid_};
}

EndPointByGid::Key gid_key(const EndPoint &e)
{
	return {e.partition_, e.address_.qpn(), e.address_.gid_};
}

} // namespace

bool PeerTable::try_init(u32 max_end_points)
{
	max_end_points_ = max_end_points;
	lock_ = eipoib_k_lock_create();
	return lock_ && by_lid_.try_init(max_end_points) && by_gid_.try_init(max_end_points) &&
	       stations_.try_init(max_end_points);
}

void PeerTable::destroy(const ConfigUpdater &config)
{
	if (end_point_count_)
		by_lid_.for_each(config, [](EndPoint &e) { free_deferred(&e); });
	if (station_count_)
		stations_.for_each(config, [](Station &s) { free_deferred(&s); });
	by_lid_.destroy();
	by_gid_.destroy();
	stations_.destroy();
	eipoib_k_lock_destroy(lock_);
}

const wire::IbAddress *PeerTable::find_address(const RcuReader &reader, wire::PartitionId partition,
					       wire::MacAddress mac) const
{
	const Station *station = stations_.find(reader, {partition, mac});
	return station ? &station->end_point_.load(reader)->address_ : nullptr;
}

wire::MacAddress PeerTable::mac_of_source(const RcuReader &reader, wire::PartitionId partition,
					  wire::Qpn qpn, wire::Lid lid) const
{
	const EndPoint *e = by_lid_.find(reader, {partition, qpn, lid});
	return e ? e->primary_ : wire::remac(qpn, lid);
}

const wire::MacAddress *PeerTable::mac_of_address(const RcuReader &reader,
						  wire::PartitionId partition,
						  const wire::IbAddress &address) const
{
	const EndPoint *e = by_gid_.find(reader, {partition, address.qpn(), address.gid_});
	return e ? &e->primary_ : nullptr;
}

void PeerTable::learn(const RcuReader &reader, wire::PartitionId partition, wire::Lid lid,
		      const wire::IbAddress &address)
{
	const EndPoint *known = by_lid_.find(reader, {partition, address.qpn(), lid});
	if (known && known->address_ == address)
		return;

	EndPoint *fresh = try_create<EndPoint>(Context::packet);
	if (!fresh)
		return;
	fresh->partition_ = partition;
	fresh->lid_ = lid;
	fresh->address_ = address;
	fresh->primary_ = wire::remac(address.qpn(), lid);
	LockGuard guard(lock_);
	replace(guard, *fresh);
}

void PeerTable::learn_source(const RcuReader &reader, wire::PartitionId partition, wire::Lid lid,
			     wire::Qpn qpn, const wire::Gid &gid)
{
	const EndPoint *known = by_lid_.find(reader, {partition, qpn, lid});
	if (!known || known->address_.gid_ != gid)
		learn(reader, partition, lid,
		      {.flags_ = 0, .qpn_ = Be24::from(qpn.value), .gid_ = gid});
}

bool PeerTable::has_room(const EndPoint *same_peer, const EndPoint *same_lid) const
{
	u32 leaving = (same_peer ? 1 : 0) + (same_lid && same_lid != same_peer ? 1 : 0);
	return end_point_count_ - leaving < max_end_points_ &&
	       station_count_ < 2 * u64{max_end_points_};
}

// Publish @fresh in the place of what it contradicts: the same peer under another LID, whose
// stations (REMACs that guests may still use) it inherits, and another peer that had this LID.
// A reader sees the old state or the new one of each look-up, and never a gap.
void PeerTable::replace(const LockGuard &guard, EndPoint &fresh)
{
	EndPoint *same_lid = by_lid_.find(guard, lid_key(fresh));
	EndPoint *same_peer = by_gid_.find(guard, gid_key(fresh));
	const bool is_known = same_lid && same_lid->address_ == fresh.address_;
	Station *station =
		!is_known && has_room(same_peer, same_lid) ? get_station(guard, fresh) : nullptr;
	if (!station) {
		eipoib_k_free(&fresh);
		return;
	}

	by_lid_.insert(guard, fresh, lid_key(fresh));
	by_gid_.insert(guard, fresh, gid_key(fresh));
	end_point_count_++;
	adopt(guard, *station, fresh);
	if (same_peer) {
		while (Station *inherited = same_peer->stations_)
			adopt(guard, *inherited, fresh);
		forget(guard, *same_peer);
	}
	if (same_lid && same_lid != same_peer)
		forget(guard, *same_lid);
}

// The station of @owner's primary MAC, new or taken over; nullptr without memory.
Station *PeerTable::get_station(const LockGuard &guard, const EndPoint &owner)
{
	StationByMac::Key key = {owner.partition_, owner.primary_};
	Station *station = stations_.find(guard, key);
	if (station)
		return station;
	station = try_create<Station>(Context::packet);
	if (!station)
		return nullptr;
	station->partition_ = owner.partition_;
	station->mac_ = owner.primary_;
	station_count_++;
	return station;
}

// Make @station lead to @owner, whomever it led to before.
void PeerTable::adopt(const LockGuard &guard, Station &station, EndPoint &owner)
{
	EndPoint *before = station.end_point_.load(guard);
	if (before) {
		Station **place = &before->stations_;
		while (*place != &station)
			place = &(*place)->next_;
		*place = station.next_;
	}
	station.next_ = owner.stations_;
	owner.stations_ = &station;
	station.end_point_.store(guard, &owner);
	if (!before)
		stations_.insert(guard, station, {station.partition_, station.mac_});
}

// Take an end point out with the stations it still has.
void PeerTable::forget(const LockGuard &guard, EndPoint &end_point)
{
	while (Station *station = end_point.stations_) {
		end_point.stations_ = station->next_;
		stations_.remove(guard, *station, {station->partition_, station->mac_});
		station_count_--;
		free_deferred(station);
	}
	by_lid_.remove(guard, end_point, lid_key(end_point));
	by_gid_.remove(guard, end_point, gid_key(end_point));
	end_point_count_--;
	free_deferred(&end_point);
}

} // namespace eipoib
