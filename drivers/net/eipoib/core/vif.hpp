// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// VIFs: which enslaved clone sends for which (MAC, VLAN), and which clone of a partition receives
// its group frames. Changed by config calls, read by packet calls.
#pragma once

#include "abi/core.h"
#include "base/rcu_hash.hpp"
#include "wire/mapping.hpp"

namespace eipoib {

struct Binding;

// A partition that at least one bound VIF belongs to. Within a PIF a partition carries one VLAN
// and a VLAN one partition: else "one copy of a group frame" would have no meaning.
struct Partition {
	eipoib_k_deferred deferred_;
	wire::PartitionId id_;
	wire::VlanId vlan_;
	u32 bindings_;			      // config only
	RcuPtr<const eipoib_vif> designated_; // receives group frames; null if none has carrier
	Partition *next_;		      // config only
};

// What a bound VIF is bound to: never changed once published, exchanged as a whole.
struct Binding {
	eipoib_k_deferred deferred_;
	eipoib_vif *vif_;
	Partition *partition_;
	wire::MacAddress mac_;
	wire::VlanId vlan_;
	wire::IbAddress address_; // the clone's own
	HashLink<Binding> by_mac_;
};

struct BindingTraits {
	struct Key {
		wire::MacAddress mac;
		wire::VlanId vlan;
	};

	static HashLink<Binding> &link(Binding &binding)
	{
		return binding.by_mac_;
	}

	static bool matches(const Binding &binding, Key key)
	{
		return binding.mac_ == key.mac && binding.vlan_ == key.vlan;
	}

	static u64 fingerprint(Key key)
	{
		return key.mac.bits() | u64{key.vlan.value} << 48;
	}
};

} // namespace eipoib

// The opaque type of abi/core.h.
struct eipoib_vif {
	eipoib_k_deferred deferred_;
	void *dev_;		// the glue's
	eipoib::wire::Qpn qpn_; // the clone's UD queue pair, the same for its whole life
	eipoib::RcuPtr<eipoib::Binding> binding_; // null until bound
	eipoib::wire::PartitionId partition_;
	eipoib::wire::IbAddress address_; // config only; readers use the binding's copy
	u32 mtu_;			  // racing reads and writes are atomic
	bool has_carrier_;		  // config only
	eipoib::HashLink<eipoib_vif> by_qpn_;
	eipoib_vif *next_; // config only

	u32 mtu() const
	{
		return __atomic_load_n(&mtu_, __ATOMIC_RELAXED);
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
	bool try_init();
	void destroy();

	Vif *create(const ConfigUpdater &config, const eipoib_vif_params &params);
	void destroy_vif(const ConfigUpdater &config, Vif &vif);
	Refusal bind(const ConfigUpdater &config, Vif &vif, wire::MacAddress mac,
		     wire::VlanId vlan);
	int set_address(const ConfigUpdater &config, Vif &vif, const wire::IbAddress &address);
	void set_carrier(const ConfigUpdater &config, Vif &vif, bool has_carrier);

	// The VIF that sends for @mac on @vlan, or nullptr.
	const Binding *find(const RcuReader &reader, wire::MacAddress mac, wire::VlanId vlan) const
	{
		return bindings_.find(reader, {mac, vlan});
	}

	// Whether one of this PIF's clones, bound or not, has queue pair @qpn.
	bool owns(const RcuReader &reader, wire::Qpn qpn) const
	{
		return vifs_by_qpn_.find(reader, qpn) != nullptr;
	}

private:
	Refusal check(const ConfigUpdater &config, const Vif &vif, wire::MacAddress mac,
		      wire::VlanId vlan) const;
	int publish(const ConfigUpdater &config, Vif &vif, wire::MacAddress mac, wire::VlanId vlan);
	Partition *get_partition(wire::PartitionId id, wire::VlanId vlan);
	void put_partition(Partition *partition);
	void withdraw(const ConfigUpdater &config, Binding &binding);
	void elect(const ConfigUpdater &config, Partition &partition);

	RcuHash<Binding, BindingTraits> bindings_;
	RcuHash<Vif, VifTraits> vifs_by_qpn_;
	Partition *partitions_ = nullptr;
	Vif *vifs_ = nullptr;
};

} // namespace eipoib
