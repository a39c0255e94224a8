// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// VIFs: which enslaved clone sends for which (MAC, VLAN), and which clone of a partition receives
// its group frames. Changed by config calls, read by packet calls.
#pragma once

#include "abi/core.h"
#include "arrival.hpp"
#include "base/clock.hpp"
#include "base/list.hpp"
#include "base/rcu_hash.hpp"
#include "base/revision.hpp"
#include "groups.hpp"
#include "overlap.hpp"
#include "wire/mapping.hpp"

namespace eipoib {

struct Binding;
class PeerTable;

// A partition that at least one bound VIF belongs to. Within a PIF a partition carries one VLAN
// and a VLAN one partition: else "one copy of a group frame" would have no meaning.
struct Partition {
	eipoib_k_deferred deferred_;
	wire::PartitionId id_;
	wire::VlanId vlan_;
	u32 bindings_;			      // config only
	RcuPtr<const eipoib_vif> designated_; // receives group frames; null if none has carrier
	RcuPtr<Overlap> overlap_;	      // of the last hand-over; null if there was none
	HashLink<Partition> by_id_;
	HashLink<Partition> by_vlan_;
};

struct PartitionById {
	using Key = wire::PartitionId;

	static HashLink<Partition> &link(Partition &partition)
	{
		return partition.by_id_;
	}

	static bool matches(const Partition &partition, Key id)
	{
		return partition.id_ == id;
	}

	static u64 fingerprint(Key id)
	{
		return id.value;
	}
};

struct PartitionByVlan {
	using Key = wire::VlanId;

	static HashLink<Partition> &link(Partition &partition)
	{
		return partition.by_vlan_;
	}

	static bool matches(const Partition &partition, Key vlan)
	{
		return partition.vlan_ == vlan;
	}

	static u64 fingerprint(Key vlan)
	{
		return vlan.value;
	}
};

// The MAC is zero with EIPOIB_VIF_ANY.
using BindingKey = wire::MacIn<wire::VlanId>;

// What a bound VIF is bound to: never changed once published, exchanged as a whole.
struct Binding {
	eipoib_k_deferred deferred_;
	eipoib_vif *vif_;
	Partition *partition_;
	BindingKey key_;
	u8 flags_;		  // EIPOIB_VIF_*
	wire::IbAddress address_; // the clone's own
	HashLink<Binding> by_mac_;

	wire::MacAddress mac() const
	{
		return key_.mac();
	}

	wire::VlanId vlan() const
	{
		return key_.domain();
	}

	bool is_any() const
	{
		return flags_ & EIPOIB_VIF_ANY;
	}

	bool is_for(wire::MacAddress mac) const
	{
		return !is_any() && key_.mac() == mac;
	}

	bool is_sticky() const
	{
		return flags_ & EIPOIB_VIF_STICKY;
	}
};

struct BindingTraits {
	using Key = BindingKey;

	static HashLink<Binding> &link(Binding &binding)
	{
		return binding.by_mac_;
	}

	static bool matches(const Binding &binding, Key key)
	{
		return binding.key_ == key;
	}

	static u64 fingerprint(Key key)
	{
		return key.number();
	}
};

} // namespace eipoib

// Why the next frame of a VIF's guest needs more than forwarding.
namespace eipoib::attention {
inline constexpr u8 arrived = 1;   // plain peers do not know yet where its addresses are
inline constexpr u8 contested = 2; // a peer has announced its MAC
} // namespace eipoib::attention

// The opaque type of abi/core.h.
struct eipoib_vif {
	eipoib_k_deferred deferred_;
	void *dev_;		     // the glue's
	eipoib::Revision *revision_; // of the PIF
	eipoib::wire::Qpn qpn_;	     // the clone's UD queue pair, the same for its whole life
	eipoib::RcuPtr<eipoib::Binding> binding_; // null until bound
	eipoib::wire::PartitionId partition_;
	eipoib::wire::IbAddress address_; // config only; readers use the binding's copy
	u32 mtu_;			  // racing reads and writes are atomic
	u32 short_mtu_;			  // the smaller one of both; the same
	u32 datagram_mtu_;		  // config only
	u16 lid_mask_;			  // use lid_mask(); racing reads and writes are atomic
	bool has_carrier_;		  // config only
	u8 attention_;			  // eipoib::attention; racing reads and writes are atomic
	bool is_router_;		  // its guest; use is_router()
	eipoib::Arrival arrival_;	  // while attention::arrived
	eipoib::RateLimit told_;	  // a peer that it has its MAC
	u64 told_whom_;			  // its QPN and LID; races are harmless
	eipoib::BurstLimit too_big_;	  // its guest's packets
	eipoib::HashLink<eipoib_vif> by_qpn_;
	eipoib::ListLink<eipoib_vif> all_; // config only

	// What goes by a connection may be as long as that.
	u32 mtu() const
	{
		return __atomic_load_n(&mtu_, __ATOMIC_RELAXED);
	}

	// And what goes as a datagram.
	u32 short_mtu() const
	{
		return __atomic_load_n(&short_mtu_, __ATOMIC_RELAXED);
	}

	// What the LMC leaves of an LID.
	u16 lid_mask() const
	{
		return __atomic_load_n(&lid_mask_, __ATOMIC_RELAXED);
	}

	void set_lmc(u8 lmc)
	{
		__atomic_store_n(&lid_mask_, static_cast<u16>(0xffff << (lmc & 7)),
				 __ATOMIC_RELAXED);
		revision_->advance();
	}

	void set_mtu(u32 mtu, u32 datagram_mtu)
	{
		datagram_mtu_ = datagram_mtu;
		__atomic_store_n(&mtu_, mtu, __ATOMIC_RELAXED);
		__atomic_store_n(&short_mtu_, mtu < datagram_mtu ? mtu : datagram_mtu,
				 __ATOMIC_RELAXED);
		revision_->advance();
	}

	// Whether its guest said that it is an IPv6 router.
	bool is_router() const
	{
		return __atomic_load_n(&is_router_, __ATOMIC_RELAXED);
	}

	void set_router(bool is_router)
	{
		__atomic_store_n(&is_router_, is_router, __ATOMIC_RELAXED);
	}

	// What is to be done with its next frame: eipoib::attention.
	u8 attention() const
	{
		return __atomic_load_n(&attention_, __ATOMIC_RELAXED);
	}

	void demand(u8 what)
	{
		__atomic_fetch_or(&attention_, what, __ATOMIC_RELAXED);
		revision_->advance();
	}

	// Whether @what was demanded. True once for each demand.
	bool attend(u8 what)
	{
		return __atomic_fetch_and(&attention_, static_cast<u8>(~what), __ATOMIC_RELAXED) &
		       what;
	}
};

namespace eipoib {

using Vif = ::eipoib_vif;

struct VifTraits {
	using Key = wire::Qpn;

	static HashLink<Vif> &link(Vif &vif)
	{
		return vif.by_qpn_;
	}

	static bool matches(const Vif &vif, Key qpn)
	{
		return vif.qpn_ == qpn;
	}

	static u64 fingerprint(Key qpn)
	{
		return qpn.value;
	}
};

// Why a request was refused: for the program and for the administrator.
struct Refusal {
	int error = 0; // negative errno, 0 if it was not refused
	const char *why = nullptr;
};

class VifTable {
public:
	// @revision advances with every change that a planner would notice.
	bool try_init(GroupTable &groups, const PeerTable &peers, Revision &revision);
	void destroy();

	Vif *create(const ConfigUpdater &config, const eipoib_vif_params &params);
	void destroy_vif(const ConfigUpdater &config, Vif &vif);
	Refusal bind(const ConfigUpdater &config, Vif &vif, BindingKey key, u8 flags);
	void unbind(const ConfigUpdater &config, Vif &vif);
	// Whether all VIFs that have @from could have @to instead, and let them.
	Refusal check_move(const ConfigUpdater &config, wire::MacAddress from,
			   wire::MacAddress to) const;
	Refusal move(const ConfigUpdater &config, wire::MacAddress from, wire::MacAddress to);
	int set_address(const ConfigUpdater &config, Vif &vif, const wire::IbAddress &address);
	void set_carrier(const ConfigUpdater &config, Vif &vif, bool has_carrier);

	// The VIF of @mac on @vlan, or nullptr.
	template <typename Proof>
	const Binding *find(const Proof &proof, const wire::MacAddress &mac,
			    wire::VlanId vlan) const
	{
		const Binding *binding = bindings_.find(proof, {vlan, mac});
		return binding && !binding->is_any() ? binding : nullptr;
	}

	// The VIF for any MAC of @vlan, or nullptr.
	const Binding *find_any(const RcuReader &reader, wire::VlanId vlan) const
	{
		return bindings_.find(reader, {vlan, wire::MacAddress{}});
	}

	// Whether a VIF is for any MAC, of whatever VLAN. Context: config.
	bool has_any() const
	{
		return any_count_ > 0;
	}

	// Whether it is @vif's copy of a group frame that counts.
	bool counts(const RcuReader &reader, const Partition &partition, const Vif &vif,
		    const eipoib_rx_frame &frame, u32 now) const;

	// The partition @id if a bound VIF belongs to it, or nullptr.
	const Partition *find_partition(const RcuReader &reader, wire::PartitionId id) const
	{
		return partitions_by_id_.find(reader, id);
	}

	// The partition that carries @vlan, or nullptr.
	const Partition *find_partition(const ConfigUpdater &config, wire::VlanId vlan) const
	{
		return partitions_by_vlan_.find(config, vlan);
	}

	// Whether @address is that of one of this PIF's clones, bound or not.
	bool owns(const ConfigUpdater &config, const wire::IbAddress &address) const
	{
		const Vif *vif = vifs_by_qpn_.find(config, address.qpn());
		return vif && vif->address_.gid_ == address.gid_;
	}

	// Whether one of this PIF's clones, bound or not, has queue pair @qpn.
	bool owns(const RcuReader &reader, wire::Qpn qpn) const
	{
		return vifs_by_qpn_.find(reader, qpn) != nullptr;
	}

private:
	Refusal check(const ConfigUpdater &config, const Vif &vif, BindingKey key, u8 flags) const;
	Binding *prepare(const ConfigUpdater &config, Vif &vif, BindingKey key, u8 flags);
	void discard(const ConfigUpdater &config, Binding &binding);
	void install(const ConfigUpdater &config, Binding &binding);
	Partition *get_partition(const ConfigUpdater &config, wire::PartitionId id,
				 wire::VlanId vlan);
	void put_partition(const ConfigUpdater &config, Partition *partition);
	void withdraw(const ConfigUpdater &config, Binding &binding);
	void elect(const ConfigUpdater &config, Partition &partition, const Vif *leaving = nullptr);
	void hand_over(const ConfigUpdater &config, Partition &partition, const Vif *heir);

	GroupTable *groups_ = nullptr;
	const PeerTable *peers_ = nullptr;
	Revision *revision_ = nullptr;
	Lock overlap_lock_; // taken only while a partition changes hands
	RcuHash<Binding, BindingTraits> bindings_;
	RcuHash<Vif, VifTraits> vifs_by_qpn_;
	RcuHash<Partition, PartitionById> partitions_by_id_;
	RcuHash<Partition, PartitionByVlan> partitions_by_vlan_; // config only
	List<Vif, &Vif::all_> vifs_;
	u32 any_count_ = 0;
};

} // namespace eipoib
