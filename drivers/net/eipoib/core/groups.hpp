// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Which multicast groups the designated VIF of each partition is joined to: those that guests
// report membership in, those that ethX itself listens to, and those of all hosts.
//
// A membership is that of one reporter (MAC) in one IP group, so that no guest's leave takes a
// group from another. IP groups that share a group of the fabric share its join.
//
// Everything is under one lock: reports are rare, and eipoib_k_group_join() and _leave() are
// called with it held, so that the last call is always the right one.
#pragma once

#include "base/rcu_hash.hpp"
#include "snoop.hpp"

namespace eipoib {

// What the report of a guest came to.
enum class SnoopResult : u8 {
	nothing, // it is none
	taken,
	malformed, // ignored as a whole
	limit,	   // some of it is ignored: there are too many memberships
	no_memory, // some of it is ignored
};

// RcuHash traits of a Node with a key_ and a link_.
template <typename Node> struct ByKey {
	using Key = typename Node::Key;

	static HashLink<Node> &link(Node &node)
	{
		return node.link_;
	}

	static bool matches(const Node &node, const Key &key)
	{
		return node.key_ == key;
	}

	static u64 fingerprint(const Key &key)
	{
		return key.fingerprint();
	}
};

// Something that counts for a while after it was last heard. All times are in milliseconds that
// wrap.
struct Heard {
	bool is_recent_;
	u32 at_;

	void hear(u32 now_ms);
	void forget_after(u32 life_ms, u32 now_ms);
};

// A partition and the netdevices that are joined to its groups: the designated one, and those
// that were and are not retired yet.
struct GroupDomain {
	struct Key {
		wire::PartitionId partition;

		u64 fingerprint() const
		{
			return partition.value;
		}

		friend bool operator==(const Key &, const Key &) = default;
	};

	static constexpr u8 max_devices = 4;

	Key key_;
	HashLink<GroupDomain> link_;
	u32 users_;
	void *devices_[max_devices];
	u8 designated_;	    // index of devices_, or max_devices
	Heard queriers_[2]; // of IPv4, of IPv6
};

// A group of the fabric.
struct Group {
	struct Key {
		wire::PartitionId partition;
		wire::IbAddress address;

		u64 fingerprint() const
		{
			return address.gid_.prefix_.get() << 48 ^ address.gid_.prefix_.get() ^
			       address.gid_.interface_id_.get();
		}

		friend bool operator==(const Key &, const Key &) = default;
	};

	Key key_;
	HashLink<Group> link_;
	GroupDomain *domain_;
	u32 members_;
	Heard silencing_; // a report that keeps others from sending theirs
	u8 joined_on_;	  // bit N: joined on domain_->devices_[N]
};

// A guest that reports.
struct Reporter {
	struct Key {
		wire::PartitionId partition;
		wire::MacAddress mac;

		u64 fingerprint() const
		{
			return mac.bits() | u64{partition.value} << 48;
		}

		friend bool operator==(const Key &, const Key &) = default;
	};

	Key key_;
	HashLink<Reporter> link_;
	u32 memberships_;
};

struct Membership {
	struct Key {
		wire::PartitionId partition;
		wire::MacAddress reporter;
		IpGroup group;

		// That of ethX: it neither leaves nor ages, and no limit counts it.
		bool is_own() const
		{
			return reporter.is_zero();
		}

		u64 fingerprint() const
		{
			const auto [high, low] = __builtin_bit_cast(wire::Gid, group.address_);
			return (reporter.bits() << 16 | partition.value) ^ low.get() ^
			       (high.get() << 32 | high.get() >> 32);
		}

		friend bool operator==(const Key &, const Key &) = default;
	};

	Key key_;
	HashLink<Membership> link_;
	Group *group_;
	Reporter *reporter_;
	u32 reported_;
	u32 left_;
	bool is_leaving_; // since left_; of ethX's own: not in its list any more
};

class GroupTable {
public:
	static constexpr u32 max_memberships = 4096;
	static constexpr u32 max_memberships_of_reporter = 256;
	static constexpr u32 max_listeners = 512;

	static constexpr u32 leave_delay_ms = 2'000;	   // RFC 3376 section 8.11 and before
	static constexpr u32 membership_life_ms = 260'000; // section 8.4
	static constexpr u32 querier_life_ms = 255'000;	   // section 8.5

	bool try_init() EIPOIB_UNSHARED;

	// Leave every group. Context: config, without packet calls.
	void destroy(const ConfigUpdater &config) EIPOIB_UNSHARED;

	// From now on (a VIF of) @partition exists; each success is taken back by one
	// remove_partition(). False without memory. Context: config.
	bool try_add_partition(wire::PartitionId partition);

	// With the last user, its memberships go. Context: config.
	void remove_partition(wire::PartitionId partition);

	// @device receives the groups of @partition from now on (nullptr: nobody): join it to them.
	// The one before stays joined until retire(). Context: config.
	void designate(wire::PartitionId partition, void *device);

	// Take @device, unless it is the designated one, out of every group. To be called before
	// the netdevice goes. Context: config.
	void retire(wire::PartitionId partition, void *device);

	// @reporter is gone (zero: nobody is). Context: config.
	void forget_reporter(wire::PartitionId partition, wire::MacAddress reporter);

	// The multicast list of ethX, in the place of the one before. Ethernet addresses do not
	// tell the IP group; taken are those where one is likely: 224.0.0.0/24 and the link-local
	// IPv6 groups with 24 or 32 significant bits. The host's own reports tell the rest.
	// False if some were too many. Context: bottom halves off.
	bool set_listeners(const wire::MacAddress *macs, u32 count);

	// A packet of the guest @reporter. Context: packet.
	SnoopResult snoop_tx(wire::PartitionId partition, wire::MacAddress reporter,
			     ByteView packet, bool checksum_pending, u32 now_ms);

	// What @reporter says shows that it is a member of @group, whose report may have come
	// before there was a VIF to hear it. Its leave counts for more. Context: packet.
	SnoopResult infer(wire::PartitionId partition, wire::MacAddress reporter,
			  const IpGroup &group, u32 now_ms);

	// A packet from the fabric: there may be a querier, and another host's report may silence
	// guests. Context: packet.
	void snoop_rx(wire::PartitionId partition, ByteView packet, u32 now_ms);

	// Ageing. To be called about once a second. Context: packet.
	void tick(u32 now_ms);

private:
	void hear_query(const LockGuard &guard, GroupDomain &domain, bool is_ipv6, u32 now_ms)
		EIPOIB_MUST_HOLD(lock_);
	void hear_silencing(const LockGuard &guard, const GroupDomain &domain, const IpGroup &group,
			    u32 now_ms) EIPOIB_MUST_HOLD(lock_);
	SnoopResult take_report(const LockGuard &guard, GroupDomain &domain,
				wire::MacAddress reporter, MembershipMessage &message, u32 now_ms)
		EIPOIB_MUST_HOLD(lock_);
	SnoopResult join(const LockGuard &guard, GroupDomain &domain, const Membership::Key &key,
			 u32 now_ms) EIPOIB_MUST_HOLD(lock_);
	SnoopResult create(const LockGuard &guard, GroupDomain &domain, const Membership::Key &key,
			   u32 now_ms) EIPOIB_MUST_HOLD(lock_);
	void leave(const LockGuard &guard, const Membership::Key &key, u32 now_ms)
		EIPOIB_MUST_HOLD(lock_);
	void drop(const LockGuard &guard, Membership &membership) EIPOIB_MUST_HOLD(lock_);
	template <typename Predicate>
	void drop_if(const LockGuard &guard, Predicate predicate) EIPOIB_MUST_HOLD(lock_);

	Group *get_group(const LockGuard &guard, GroupDomain &domain, const IpGroup &group)
		EIPOIB_MUST_HOLD(lock_);
	void put_group(const LockGuard &guard, Group &group) EIPOIB_MUST_HOLD(lock_);
	Reporter *get_reporter(const LockGuard &guard, const Reporter::Key &key)
		EIPOIB_MUST_HOLD(lock_);
	void put_reporter(const LockGuard &guard, Reporter &reporter) EIPOIB_MUST_HOLD(lock_);
	void clear_device(const LockGuard &guard, GroupDomain &domain, u8 index)
		EIPOIB_MUST_HOLD(lock_);

	void listen(const LockGuard &guard) EIPOIB_MUST_HOLD(lock_);
	bool listen_on(const LockGuard &guard, GroupDomain &domain) EIPOIB_MUST_HOLD(lock_);

	Lock lock_;
	RcuHash<GroupDomain, ByKey<GroupDomain>> domains_ EIPOIB_GUARDED_BY(lock_);
	RcuHash<Group, ByKey<Group>> groups_ EIPOIB_GUARDED_BY(lock_);
	RcuHash<Reporter, ByKey<Reporter>> reporters_ EIPOIB_GUARDED_BY(lock_);
	RcuHash<Membership, ByKey<Membership>> memberships_ EIPOIB_GUARDED_BY(lock_);
	u32 domain_count_ EIPOIB_GUARDED_BY(lock_) = 0;
	u32 membership_count_ EIPOIB_GUARDED_BY(lock_) = 0; // of guests
	wire::MacAddress listeners_[max_listeners] EIPOIB_GUARDED_BY(lock_);
	u32 listener_count_ EIPOIB_GUARDED_BY(lock_) = 0;
	// For want of memory: tick() tries again.
	bool is_listening_incomplete_ EIPOIB_GUARDED_BY(lock_) = false;
};

template <typename Predicate> void GroupTable::drop_if(const LockGuard &guard, Predicate predicate)
{
	memberships_.for_each(guard, [&](Membership &membership) {
		lock_.assert_held(guard);
		if (predicate(membership))
			drop(guard, membership);
	});
}

} // namespace eipoib
