// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Peers: the end points frames come from and go to, and the stations (MACs) behind them. Learnt
// and read by packet calls on any CPU; changes are serialised by a lock of this table.
#pragma once

#include "peer.hpp"

namespace eipoib {

// Where frames to a MAC go.
struct Route {
	EndPoint *end_point; // null if that is not known
	Station *station;    // may be null although the end point is known: by its REMAC
};

// What to do with a frame to a MAC that is not known.
enum class Way : u8 {
	known,	// it is known by now: look it up again
	flood,	// send it to all
	ask,	// hold it, and ask all who has the MAC
	hold,	// hold it
	full,	// too many are held already
	giveup, // nobody has answered, and it is too long to be flooded
};

struct Search {
	Way way;
	bool is_first;	  // of this search: the SA may be asked, too
	Station *station; // null without memory
};

class PeerTable {
public:
	// Remember at most @max_peers end points, and as many stations. @pif is for abi/kernel.h.
	// @revision advances with every change of what is found, but for new MACs and senders.
	bool try_init(void *pif, u32 max_peers, Revision &revision) EIPOIB_UNSHARED;
	void destroy(const ConfigUpdater &config) EIPOIB_UNSHARED;

	// Where frames to @mac go.
	[[gnu::always_inline]] Route peek(const RcuReader &reader, wire::PartitionId partition,
					  const wire::MacAddress &mac) const
	{
		if (Station *station = stations_.find(reader, {partition, mac}))
			return {station->end_point_.load(reader), station};
		return {find_by_remac(reader, partition, mac), nullptr};
	}

	// The same, and one goes there: it counts as use.
	[[gnu::always_inline]] Route find(const RcuReader &reader, wire::PartitionId partition,
					  const wire::MacAddress &mac, u32 now) const
	{
		const Route route = peek(reader, partition, mac);
		if (route.station)
			route.station->used_.set(now);
		if (route.end_point)
			route.end_point->used_.set(now);
		return route;
	}

	// Who sent from (@qpn, @lid), or nullptr.
	EndPoint *find_source(const RcuReader &reader, wire::PartitionId partition, wire::Qpn qpn,
			      wire::Lid lid) const
	{
		return by_lid_.find(reader, {partition, qpn, lid});
	}

	// The owner of @address, or nullptr.
	EndPoint *find_owner(const RcuReader &reader, wire::PartitionId partition,
			     const wire::IbAddress &address) const
	{
		return by_gid_.find(reader, {partition, address.qpn(), address.gid_});
	}

	// Whether a peer sent a frame from @mac within the last @interval ms.
	bool was_heard(const RcuReader &reader, wire::PartitionId partition, wire::MacAddress mac,
		       u32 now, u32 interval) const;

	struct Learnt {
		EndPoint *end_point; // null without memory
		bool is_renamed;     // it has another REMAC than it had before
	};

	// @address is at @lid: a frame came from there if @is_heard, else the SA says so. Its flags
	// count if @are_flags_known.
	Learnt learn(const RcuReader &reader, wire::PartitionId partition, wire::Lid lid,
		     const wire::IbAddress &address, bool are_flags_known, bool is_heard, u32 now);

	// @end_point says that its MAC is @mac (zero: it says none) and what it takes.
	void announce(const RcuReader &reader, EndPoint &end_point, wire::MacAddress mac,
		      bool takes_transparent, u32 now);

	// A transparent frame from @mac came from @end_point.
	void see_transparent(const RcuReader &reader, EndPoint &end_point, wire::MacAddress mac,
			     u32 now);

	// The DHCP client @mac sends from @end_point.
	void see_client(const RcuReader &reader, EndPoint &end_point, wire::MacAddress mac,
			u32 now);

	// What the end point was seen to have; the earlier value is replaced.
	void see_ipv4(EndPoint &end_point, Be32 address);
	void see_ipv6(EndPoint &end_point, const wire::Ipv6Address &address, bool is_router);

	struct LastSeen {
		Be32 ipv4;
		wire::Ipv6Address ipv6;
		bool is_router;
	};

	LastSeen last_seen(const EndPoint &end_point) const;

	// Whether a peer has said that it has @mac, or has sent from it. Context: config.
	bool is_claimed(wire::PartitionId partition, wire::MacAddress mac) const;

	// @mac is here and not at a peer.
	void reclaim(const RcuReader &reader, wire::PartitionId partition, wire::MacAddress mac);

	// What becomes of a frame to @mac, which was not found. One that starts a search is held
	// (Way::ask) unless @is_first_flooded. A frame that is to be held is counted unless it
	// @is_held already.
	Search search(const RcuReader &reader, wire::PartitionId partition, wire::MacAddress mac,
		      bool is_held, bool can_be_flooded, bool is_first_flooded, u32 now);

	// Whether frames wait for @station: others must not overtake them.
	[[gnu::always_inline]] bool is_holding(const Station &station) const
	{
		return __atomic_load_n(&station.held_, __ATOMIC_RELAXED) &&
		       __atomic_load_n(&station.hold_epoch_, __ATOMIC_RELAXED) ==
			       __atomic_load_n(&hold_epoch_, __ATOMIC_RELAXED);
	}

	// One more frame waits for @station, behind those that do. False if too many do.
	bool hold(Station &station);

	// A frame that was held for @station is not any more. @station may be nullptr.
	void release(Station *station);

	// The SA knows who has the LID in REMAC @mac, and the owner was learnt.
	void answer(const RcuReader &reader, wire::PartitionId partition, wire::MacAddress mac);

	// The administrator says that @mac is at @address, whatever anybody else says. 0,
	// -enospc or -enomem.
	int fix(const ConfigUpdater &config, wire::PartitionId partition, wire::MacAddress mac,
		const wire::IbAddress &address, bool is_permanent, u32 now);

	// Whether the administrator has said where @mac is. Context: config.
	bool is_fixed(wire::PartitionId partition, wire::MacAddress mac) const;

	enum class Forgotten : u8 {
		yes,
		unknown, // there is no such MAC
		in_use,	 // other MACs lead to the same end point
	};

	// Forget where @mac is, however it was known.
	Forgotten forget(const ConfigUpdater &config, wire::PartitionId partition,
			 wire::MacAddress mac);

	// Call @visit(end point, MAC, station or nullptr) for the MACs at @position, which is 0 at
	// first and goes on by one. False at the end. What stays as it is is visited once.
	template <typename Visit>
	bool walk(const RcuReader &reader, u32 &position, Visit visit) const;

	// How many end points are remembered now.
	u32 count() const
	{
		const LockGuard guard(lock_);
		return end_point_count_ + fixed_end_point_count_;
	}

	// Forget what was not used for long. To be called about every second.
	void age(u32 now);

private:
	EndPoint *relearn(const LockGuard &guard, const EndPointByGid::Key &key, wire::Lid lid,
			  u32 now) EIPOIB_MUST_HOLD(lock_);
	EndPoint *move(const LockGuard &guard, EndPoint &old, wire::Lid lid, u32 now)
		EIPOIB_MUST_HOLD(lock_);
	void make_room(const LockGuard &guard, u32 now) EIPOIB_MUST_HOLD(lock_);
	EndPoint *add_end_point(const LockGuard &guard, const EndPointByGid::Key &key,
				wire::Lid lid, u32 now) EIPOIB_MUST_HOLD(lock_);
	void publish(const LockGuard &guard, EndPoint &fresh, u32 now) EIPOIB_MUST_HOLD(lock_);
	void end_search(const LockGuard &guard, EndPoint &end_point, u32 now)
		EIPOIB_MUST_HOLD(lock_);
	wire::MacAddress pick_remac(const LockGuard &guard, const EndPoint &end_point,
				    const EndPoint *before) const EIPOIB_MUST_HOLD(lock_);
	bool is_fixed_elsewhere(const LockGuard &guard, const EndPoint &end_point,
				wire::MacAddress mac) const EIPOIB_MUST_HOLD(lock_);
	static bool may_take(const LockGuard &guard, const Station &station,
			     const EndPoint &end_point, StationKind kind);
	void set_station(const LockGuard &guard, EndPoint &end_point, wire::MacAddress mac,
			 StationKind kind, u32 now) EIPOIB_MUST_HOLD(lock_);
	Station *add_station(const LockGuard &guard, wire::PartitionId partition,
			     wire::MacAddress mac, u32 now) EIPOIB_MUST_HOLD(lock_);
	void attach(const LockGuard &guard, Station &station, EndPoint &owner, StationKind kind)
		EIPOIB_MUST_HOLD(lock_);
	void join(const LockGuard &guard, Station &station, EndPoint &owner, StationKind kind)
		EIPOIB_MUST_HOLD(lock_);
	void detach(const LockGuard &guard, Station &station) EIPOIB_MUST_HOLD(lock_);
	void hide(const LockGuard &guard, EndPoint &end_point, wire::MacAddress mac)
		EIPOIB_MUST_HOLD(lock_);
	void identify(const LockGuard &guard, EndPoint &end_point, Identity identity)
		EIPOIB_MUST_HOLD(lock_);
	void drop_station(const LockGuard &guard, Station &station) EIPOIB_MUST_HOLD(lock_);
	void drop_end_point(const LockGuard &guard, EndPoint &end_point) EIPOIB_MUST_HOLD(lock_);
	void drop_if_useless(const LockGuard &guard, EndPoint &end_point) EIPOIB_MUST_HOLD(lock_);
	bool is_answered(const LockGuard &guard, Station &station, u32 now) EIPOIB_MUST_HOLD(lock_);
	bool try_hold(const LockGuard &guard, Station &station) EIPOIB_MUST_HOLD(lock_);

	// What the table knows about the end point of a packet call by now, or nullptr.
	EndPoint *again(const LockGuard &guard, const EndPoint &end_point) const
		EIPOIB_MUST_HOLD(lock_)
	{
		return by_gid_.find(guard, key_of(end_point));
	}

	// The end point that @mac leads to without a station, or nullptr.
	template <typename Proof>
	EndPoint *find_by_remac(const Proof &proof, wire::PartitionId partition,
				wire::MacAddress mac) const
	{
		if (!wire::looks_like_remac(mac))
			return nullptr;
		const wire::RemacParts parts = wire::remac_parts(mac);
		return by_lid_.find(proof, {partition, parts.qpn, parts.lid});
	}

	// Whether its REMAC leads to it without a station.
	static bool has_own_remac(const EndPoint &e)
	{
		return e.lid_.value && !e.identity().is_announced();
	}

	static EndPointByGid::Key key_of(const EndPoint &e)
	{
		return {e.partition_, e.qpn(), e.address_.gid_};
	}

	Lock lock_;
	void *pif_ = nullptr;
	Revision *revision_ = nullptr;
	RcuHash<EndPoint, EndPointByLid> by_lid_;
	RcuHash<EndPoint, EndPointByGid> by_gid_;
	RcuHash<Station, StationByMac> stations_;
	List<Station, &Station::siblings_> wanted_ EIPOIB_GUARDED_BY(lock_); // without an end point
	u32 end_point_position_ EIPOIB_GUARDED_BY(lock_) = 0; // in by_gid_: where ageing goes on
	u32 station_position_ EIPOIB_GUARDED_BY(lock_) = 0;   // in stations_: the same
	u32 max_peers_ = 0;
	u32 end_point_count_ EIPOIB_GUARDED_BY(lock_) = 0; // those that age
	u32 station_count_ EIPOIB_GUARDED_BY(lock_) = 0;   // those that age and are not wanted
	u32 wanted_count_ EIPOIB_GUARDED_BY(lock_) = 0;
	u32 fixed_count_ EIPOIB_GUARDED_BY(lock_) = 0;
	// Those with fixed stations, which do not age either.
	u32 fixed_end_point_count_ EIPOIB_GUARDED_BY(lock_) = 0;
	u32 held_count_ EIPOIB_GUARDED_BY(lock_) = 0;
	u32 hold_epoch_ = 1; // ends when nothing is held any more
};

template <typename Visit>
bool PeerTable::walk(const RcuReader &reader, u32 &position, Visit visit) const
{
	const u32 at = position++;
	if (at < stations_.size()) {
		stations_.visit_bucket(reader, at, [&](const Station &station) {
			if (const EndPoint *owner = station.end_point_.load(reader))
				visit(*owner, station.mac(), &station);
		});
		return true;
	}
	if (at - stations_.size() >= by_gid_.size())
		return false;
	by_gid_.visit_bucket(reader, at - stations_.size(), [&](const EndPoint &end_point) {
		const wire::MacAddress mac = end_point.identity().mac();
		if (has_own_remac(end_point) &&
		    !stations_.find(reader, {end_point.partition_, mac}))
			visit(end_point, mac, nullptr);
	});
	return true;
}

} // namespace eipoib
