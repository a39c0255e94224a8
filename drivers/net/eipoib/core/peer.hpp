// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// A peer and the MACs behind it, and how they are found. Who changes them: peers.hpp.
#pragma once

#include "base/clock.hpp"
#include "base/list.hpp"
#include "base/rcu_hash.hpp"
#include "base/revision.hpp"
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
	fixed,	     // by the administrator: nothing that is learnt changes it
};

// A MAC that an end point answers to on a partition. In the kernel, a cache line.
struct Station {
	union {
		eipoib_k_deferred deferred_;	  // once it is in no table
		ListLink<Station> siblings_ = {}; // locked; EndPoint::stations_, or the wanted
	};
	HashLink<Station> by_mac_;
	RcuPtr<EndPoint> end_point_; // null while it is wanted
	wire::MacIn<wire::PartitionId> key_;
	u8 kind_;	    // StationKind; use kind()
	bool is_answered_;  // locked; the SA knows who has its LID
	bool is_permanent_; // what the administrator called it; use is_permanent()
	Stamp used_;
	Stamp heard_;	 // as source of a transparent frame
	Stamp wanted_;	 // since when
	u32 held_;	 // frames that wait for it; read by anybody, changed under the lock
	u32 hold_epoch_; // of PeerTable; what was counted in an earlier one does not count

	wire::MacAddress mac() const
	{
		return key_.mac();
	}

	wire::PartitionId partition() const
	{
		return key_.domain();
	}

	StationKind kind() const
	{
		return static_cast<StationKind>(__atomic_load_n(&kind_, __ATOMIC_ACQUIRE));
	}

	bool is_fixed() const
	{
		return kind() == StationKind::fixed;
	}

	bool is_permanent() const
	{
		return __atomic_load_n(&is_permanent_, __ATOMIC_RELAXED);
	}

	// Whether its end point has said, or shown, that it is there.
	bool is_first_hand() const
	{
		return kind() == StationKind::announced || kind() == StationKind::transparent;
	}

	void set_kind(const Updater &, StationKind kind)
	{
		__atomic_store_n(&kind_, static_cast<u8>(kind), __ATOMIC_RELEASE);
	}
};

// One remote queue pair on one partition.
struct EndPoint {
	union {
		eipoib_k_deferred deferred_; // once it is in no table
		// Locked; what it was last seen with, zero for nothing.
		wire::Ipv6Address ipv6_ = {};
	};
	HashLink<EndPoint> by_lid_;
	HashLink<EndPoint> by_gid_;
	Identity identity_; // use identity() and set_identity()
	wire::PartitionId partition_;
	wire::Lid lid_; // base LID; 0 while another peer has the one it had
	// Only the flags ever change; with them use address(), for the queue pair qpn().
	alignas(u32) wire::IbAddress address_;
	Stamp used_;
	Stamp heard_;				      // when it sent something
	RateLimit asked_;			      // who it is
	Be32 ipv4_;				      // locked; as ipv6_
	List<Station, &Station::siblings_> stations_; // locked
	u32 fixed_count_;			      // locked; of its stations
	bool is_router_;			      // locked; said so with ipv6_
	bool is_hearsay_;			      // nothing came from it yet; use is_hearsay()

	// The flags and the queue pair at once: the flags change.
	[[gnu::always_inline]] u32 first_word() const
	{
		using Word [[gnu::may_alias]] = u32;
		return __atomic_load_n(reinterpret_cast<const Word *>(&address_), __ATOMIC_RELAXED);
	}

	[[gnu::always_inline]] wire::Qpn qpn() const
	{
		return {__builtin_bit_cast(Be32, first_word()).get() & 0xffffff};
	}

	// Whether its address says so: RFC 4755 section 5.1.
	bool takes_connections() const
	{
		return __builtin_bit_cast(Be32, first_word()).get() >> 24 &
		       wire::IbAddress::connected;
	}

	// Write the address to @out, sizeof(IbAddress) bytes.
	[[gnu::always_inline]] void write_address(u8 *out) const
	{
		const u32 word = first_word();
		__builtin_memcpy(out, &word, sizeof(word));
		__builtin_memcpy(out + sizeof(word), &address_.gid_, sizeof(address_.gid_));
	}

	wire::IbAddress address() const
	{
		wire::IbAddress address;
		write_address(reinterpret_cast<u8 *>(&address));
		return address;
	}

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

// There may be a million: each of them fills a slab object of the kernel's.
static_assert(sizeof(Station) <= 64 && sizeof(EndPoint) <= 96);

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
		return e.partition_ == key.partition && e.qpn() == key.qpn && e.lid_ == key.lid;
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
		return e.partition_ == key.partition && e.qpn() == key.qpn &&
		       e.address_.gid_ == key.gid;
	}

	// Ports of one fabric differ in the interface ID; the queue pair tells its owners apart.
	static u64 fingerprint(const Key &key)
	{
		return key.gid.interface_id_.get() ^ u64 { key.qpn.value } << 40;
	}
};

struct StationByMac {
	using Key = wire::MacIn<wire::PartitionId>;

	static HashLink<Station> &link(Station &station)
	{
		return station.by_mac_;
	}

	static bool matches(const Station &station, Key key)
	{
		return station.key_ == key;
	}

	static u64 fingerprint(Key key)
	{
		return key.number();
	}
};

} // namespace eipoib
