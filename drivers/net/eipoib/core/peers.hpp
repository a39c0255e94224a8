// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Peers: the end points frames come from and go to, and the stations (MACs) behind them. Learnt
// and read by packet calls on any CPU; changes are serialised by a lock of this table.
#pragma once

#include "base/clock.hpp"
#include "base/list.hpp"
#include "base/rcu_hash.hpp"
#include "wire/ipv6.hpp"
#include "wire/mapping.hpp"

namespace eipoib {

struct EndPoint;

// The MAC an end point is shown under and what is known of it. One word, so that a reader never
// sees half of a change.
class Identity {
public:
	static constexpr u64 announced = u64{1} << 48;	 // it said itself that this is its MAC
	static constexpr u64 transparent = u64{1} << 49; // it takes transparent frames

	constexpr Identity() = default;

	constexpr Identity(wire::MacAddress mac, u64 flags) : word_(mac.bits() | flags)
	{
	}

	constexpr wire::MacAddress mac() const
	{
		return wire::MacAddress::from_bits(word_);
	}

	constexpr bool is_announced() const
	{
		return word_ & announced;
	}

	constexpr bool takes_transparent() const
	{
		return word_ & transparent;
	}

	friend constexpr bool operator==(Identity, Identity) = default;

private:
	friend struct EndPoint;

	u64 word_ = 0;
};

// How a station came to be.
enum class StationKind : u8 {
	wanted,	     // asked for; no end point yet
	alias,	     // a REMAC that its end point has no more, or that the SA resolved
	client,	     // from a DHCP client's message
	announced,   // by the end point itself: it is the MAC of the VIF
	transparent, // seen as source of a transparent frame
};

// A MAC that an end point answers to on a partition.
struct Station {
	eipoib_k_deferred deferred_;
	HashLink<Station> by_mac_;
	RcuPtr<EndPoint> end_point_; // null while it is wanted
	ListLink<Station> by_age_;   // locked
	ListLink<Station> siblings_; // locked; in EndPoint::stations_
	wire::PartitionId partition_;
	wire::MacAddress mac_;
	u8 kind_;	   // StationKind; use kind()
	bool is_answered_; // locked; the SA knows who has its LID
	Stamp used_;
	Stamp heard_;	 // as source of a transparent frame
	Stamp wanted_;	 // since when
	u32 held_;	 // frames that wait for it; read by anybody, changed under the lock
	u32 hold_epoch_; // of PeerTable; what was counted in an earlier one does not count

	StationKind kind() const
	{
		return static_cast<StationKind>(__atomic_load_n(&kind_, __ATOMIC_RELAXED));
	}

	void set_kind(const Updater &, StationKind kind)
	{
		__atomic_store_n(&kind_, static_cast<u8>(kind), __ATOMIC_RELAXED);
	}
};

// One remote queue pair on one partition.
struct EndPoint {
	eipoib_k_deferred deferred_;
	HashLink<EndPoint> by_lid_;
	HashLink<EndPoint> by_gid_;
	ListLink<EndPoint> by_age_;		      // locked
	List<Station, &Station::siblings_> stations_; // locked
	Identity identity_;			      // use identity() and set_identity()
	wire::PartitionId partition_;
	wire::Lid lid_;		  // base LID; 0 while another peer has the one it had
	wire::IbAddress address_; // only the flags ever change
	Stamp used_;
	Stamp heard_;		 // when it sent something
	RateLimit asked_;	 // who it is
	Be32 ipv4_;		 // locked; what it was last seen with, zero for nothing
	wire::Ipv6Address ipv6_; // locked; the same
	bool is_router_;	 // locked; said so with that
	bool is_hearsay_;	 // only the SA told of it; use is_hearsay()

	Identity identity() const
	{
		Identity value;
		value.word_ = __atomic_load_n(&identity_.word_, __ATOMIC_RELAXED);
		return value;
	}

	void set_identity(const Updater &, Identity value)
	{
		__atomic_store_n(&identity_.word_, value.word_, __ATOMIC_RELAXED);
	}

	bool is_hearsay() const
	{
		return __atomic_load_n(&is_hearsay_, __ATOMIC_RELAXED);
	}

	void set_heard(const Updater &)
	{
		__atomic_store_n(&is_hearsay_, false, __ATOMIC_RELAXED);
	}
};

struct EndPointByLid {
	struct Key {
		wire::PartitionId partition;
		wire::Qpn qpn;
		wire::Lid lid;
	};

	static HashLink<EndPoint> &link(EndPoint &end_point)
	{
		return end_point.by_lid_;
	}

	static bool matches(const EndPoint &e, Key key)
	{
		return e.partition_ == key.partition && e.address_.qpn() == key.qpn &&
		       e.lid_ == key.lid;
	}

	static u64 fingerprint(Key key)
	{
		return u64{key.partition.value} << 40 | u64{key.qpn.value} << 16 | key.lid.value;
	}
};

struct EndPointByGid {
	struct Key {
		wire::PartitionId partition;
		wire::Qpn qpn;
		wire::Gid gid;
	};

	static HashLink<EndPoint> &link(EndPoint &end_point)
	{
		return end_point.by_gid_;
	}

	static bool matches(const EndPoint &e, const Key &key)
	{
		return e.partition_ == key.partition && e.address_.qpn() == key.qpn &&
		       e.address_.gid_ == key.gid;
	}

	// Ports of one fabric differ in the interface ID; the queue pair tells its owners apart.
	static u64 fingerprint(const Key &key)
	{
		return key.gid.interface_id_.get() ^ u64 { key.qpn.value } << 40;
	}
};

struct StationByMac {
	struct Key {
		wire::PartitionId partition;
		wire::MacAddress mac;
	};

	static HashLink<Station> &link(Station &station)
	{
		return station.by_mac_;
	}

	static bool matches(const Station &station, Key key)
	{
		return station.partition_ == key.partition && station.mac_ == key.mac;
	}

	static u64 fingerprint(Key key)
	{
		return key.mac.bits() | u64{key.partition.value} << 48;
	}
};

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
	bool try_init(void *pif, u32 max_peers);
	void destroy(const ConfigUpdater &config);

	// Where frames to @mac go. Counts as use.
	Route find(const RcuReader &reader, wire::PartitionId partition, wire::MacAddress mac,
		   u32 now) const;

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
	bool is_holding(const Station &station) const
	{
		return __atomic_load_n(&station.held_, __ATOMIC_RELAXED) &&
		       station.hold_epoch_ == __atomic_load_n(&hold_epoch_, __ATOMIC_RELAXED);
	}

	// One more frame waits for @station, behind those that do. False if too many do.
	bool hold(Station &station);

	// A frame that was held for @station is not any more. @station may be nullptr.
	void release(Station *station);

	// The SA knows who has the LID in REMAC @mac, and the owner was learnt.
	void answer(const RcuReader &reader, wire::PartitionId partition, wire::MacAddress mac);

	// How many end points are remembered now.
	u32 count() const
	{
		const LockGuard guard(lock_);
		return end_point_count_;
	}

	// Forget what was not used for long. To be called about every second.
	void age(u32 now);

private:
	using EndPointList = List<EndPoint, &EndPoint::by_age_>;
	using StationList = List<Station, &Station::by_age_>;

	EndPoint *relearn(const LockGuard &guard, const EndPointByGid::Key &key, wire::Lid lid,
			  u32 now);
	EndPoint *move(const LockGuard &guard, EndPoint &old, wire::Lid lid, u32 now);
	EndPoint *add_end_point(const LockGuard &guard, const EndPointByGid::Key &key,
				wire::Lid lid, u32 now);
	void publish(const LockGuard &guard, EndPoint &fresh, u32 now);
	void end_search(const LockGuard &guard, EndPoint &end_point, u32 now);
	wire::MacAddress pick_remac(const LockGuard &guard, const EndPoint &end_point,
				    const EndPoint *before) const;
	static bool may_take(const LockGuard &guard, const Station &station,
			     const EndPoint &end_point, StationKind kind);
	void set_station(const LockGuard &guard, EndPoint &end_point, wire::MacAddress mac,
			 StationKind kind, u32 now);
	Station *add_station(const LockGuard &guard, wire::PartitionId partition,
			     wire::MacAddress mac, u32 now);
	void attach(const LockGuard &guard, Station &station, EndPoint &owner);
	void detach(const LockGuard &guard, Station &station);
	void drop_station(const LockGuard &guard, Station &station);
	void drop_end_point(const LockGuard &guard, EndPoint &end_point);
	bool is_answered(const LockGuard &guard, Station &station, u32 now);
	bool try_hold(const LockGuard &guard, Station &station);

	// What the table knows about the end point of a packet call by now, or nullptr.
	EndPoint *again(const LockGuard &guard, const EndPoint &end_point) const
	{
		return by_gid_.find(guard, key_of(end_point));
	}

	static EndPointByGid::Key key_of(const EndPoint &e)
	{
		return {e.partition_, e.address_.qpn(), e.address_.gid_};
	}

	eipoib_k_lock *lock_ = nullptr;
	void *pif_ = nullptr;
	RcuHash<EndPoint, EndPointByLid> by_lid_;
	RcuHash<EndPoint, EndPointByGid> by_gid_;
	RcuHash<Station, StationByMac> stations_;
	EndPointList end_points_by_age_;
	StationList stations_by_age_; // those with an end point
	StationList wanted_by_age_;   // those without
	u32 max_peers_ = 0;
	u32 end_point_count_ = 0;
	u32 station_count_ = 0;
	u32 wanted_count_ = 0;
	u32 held_count_ = 0;
	u32 hold_epoch_ = 1; // ends when nothing is held any more
};

} // namespace eipoib
