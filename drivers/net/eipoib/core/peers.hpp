// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Peers: the end points frames come from and go to, and the stations (MACs) behind them. Learnt
// and read by packet calls on any CPU; changes are serialised by a lock of this table.
#pragma once

#include "base/rcu_hash.hpp"
#include "wire/mapping.hpp"

namespace eipoib {

struct Station;

// One remote queue pair on one partition: never changed once published but for its station list.
struct EndPoint {
	eipoib_k_deferred deferred_;
	wire::PartitionId partition_;
	wire::Lid lid_;
	wire::IbAddress address_;
	wire::MacAddress primary_; // the MAC guests see it under
	HashLink<EndPoint> by_lid_;
	HashLink<EndPoint> by_gid_;
	Station *stations_; // locked
};

// A MAC that an end point answers to on a partition.
struct Station {
	eipoib_k_deferred deferred_;
	wire::PartitionId partition_;
	wire::MacAddress mac_;
	RcuPtr<EndPoint> end_point_;
	HashLink<Station> by_mac_;
	Station *next_; // of the same end point; locked
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

class PeerTable {
public:
	// Remember at most @max_end_points end points, and twice as many stations.
	bool try_init(u32 max_end_points);
	void destroy(const ConfigUpdater &config);

	// The 20-byte address of the station @mac, or nullptr.
	const wire::IbAddress *find_address(const RcuReader &reader, wire::PartitionId partition,
					    wire::MacAddress mac) const;

	// The MAC under which guests see the end point that sent from (@qpn, @lid).
	wire::MacAddress mac_of_source(const RcuReader &reader, wire::PartitionId partition,
				       wire::Qpn qpn, wire::Lid lid) const;

	// The MAC under which guests see the owner of @address, or nullptr if it is not known.
	const wire::MacAddress *mac_of_address(const RcuReader &reader, wire::PartitionId partition,
					       const wire::IbAddress &address) const;

	// @address was seen to send from LID @lid. Nothing happens if that is known already, or
	// if the table is full.
	void learn(const RcuReader &reader, wire::PartitionId partition, wire::Lid lid,
		   const wire::IbAddress &address);

	// The same, from a frame's GRH: it does not tell the flags of the address, so what is
	// known already is not changed for their sake.
	void learn_source(const RcuReader &reader, wire::PartitionId partition, wire::Lid lid,
			  wire::Qpn qpn, const wire::Gid &gid);

private:
	void replace(const LockGuard &guard, EndPoint &fresh);
	Station *get_station(const LockGuard &guard, const EndPoint &owner);
	void adopt(const LockGuard &guard, Station &station, EndPoint &owner);
	void forget(const LockGuard &guard, EndPoint &end_point);
	bool has_room(const EndPoint *same_peer, const EndPoint *same_lid) const;

	eipoib_k_lock *lock_ = nullptr;
	RcuHash<EndPoint, EndPointByLid> by_lid_;
	RcuHash<EndPoint, EndPointByGid> by_gid_;
	RcuHash<Station, StationByMac> stations_;
	u32 max_end_points_ = 0;
	u32 end_point_count_ = 0;
	u32 station_count_ = 0;
};

} // namespace eipoib
