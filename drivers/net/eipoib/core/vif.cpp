// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB

#include "vif.hpp"

#include "errno.hpp"

namespace eipoib {

namespace {

// How many VIFs the tables are made for; more only make the chains longer.
constexpr u32 expected_vifs = 4096;

} // namespace

bool VifTable::try_init()
{
	return bindings_.try_init(expected_vifs) && vifs_by_qpn_.try_init(expected_vifs);
}

void VifTable::destroy()
{
	bindings_.destroy();
	vifs_by_qpn_.destroy();
}

Vif *VifTable::create(const ConfigUpdater &config, const eipoib_vif_params &params)
{
	Vif *vif = try_create<Vif>(Context::config);
	if (!vif)
		return nullptr;
	vif->dev_ = params.dev;
	vif->partition_ = wire::PartitionId::of_pkey(params.pkey);
	vif->mtu_ = params.mtu;
	__builtin_memcpy(&vif->address_, params.address, sizeof(vif->address_));
	vif->qpn_ = vif->address_.qpn();
	vifs_by_qpn_.insert(config, *vif, vif->qpn_);
	vif->next_ = vifs_;
	vifs_ = vif;
	return vif;
}

void VifTable::destroy_vif(const ConfigUpdater &config, Vif &vif)
{
	vif.has_carrier_ = false;
	if (Binding *binding = vif.binding_.load(config)) {
		elect(config, *binding->partition_);
		vif.binding_.store(config, nullptr);
		withdraw(config, *binding);
	}
	vifs_by_qpn_.remove(config, vif, vif.qpn_);
	Vif **place = &vifs_;
	while (*place != &vif)
		place = &(*place)->next_;
	*place = vif.next_;
	free_deferred(&vif);
}

Refusal VifTable::check(const ConfigUpdater &config, const Vif &vif, wire::MacAddress mac,
			wire::VlanId vlan) const
{
	if (mac.is_zero() || mac.is_group())
		return {-einval, "MAC is no unicast address: give the guest's own MAC"};
	if (vlan != wire::VlanId::untagged() && (vlan.value < 1 || vlan.value > 4094))
		return {-einval, "VLAN out of range: give 1..4094, or none for untagged"};

	const Binding *taken = bindings_.find(config, {mac, vlan});
	if (taken && taken->vif_ != &vif)
		return {-einval, "Another VIF has this MAC and VLAN: change or release it first"};

	// A partition that only this VIF uses will not stand in the way once it has moved.
	const Binding *own = vif.binding_.load(config);
	for (const Partition *p = partitions_; p; p = p->next_) {
		if (own && own->partition_ == p && p->bindings_ == 1)
			continue;
		if (p->id_ == vif.partition_ && p->vlan_ != vlan)
			return {-einval, "This P_Key carries another VLAN of this interface: "
					 "use a clone with a P_Key of its own"};
		if (p->vlan_ == vlan && p->id_ != vif.partition_)
			return {-einval, "Another P_Key carries this VLAN of this interface: "
					 "use a clone with that P_Key"};
	}
	return {};
}

Refusal VifTable::bind(const ConfigUpdater &config, Vif &vif, wire::MacAddress mac,
		       wire::VlanId vlan)
{
	if (Refusal refusal = check(config, vif, mac, vlan); refusal.error)
		return refusal;
	if (publish(config, vif, mac, vlan))
		return {-enomem, "Out of memory"};
	return {};
}

int VifTable::set_address(const ConfigUpdater &config, Vif &vif, const wire::IbAddress &address)
{
	const wire::IbAddress old = vif.address_;
	vif.address_ = address;
	if (const Binding *binding = vif.binding_.load(config)) {
		if (int error = publish(config, vif, binding->mac_, binding->vlan_)) {
			vif.address_ = old;
			return error;
		}
	}
	return 0;
}

void VifTable::set_carrier(const ConfigUpdater &config, Vif &vif, bool has_carrier)
{
	vif.has_carrier_ = has_carrier;
	if (const Binding *binding = vif.binding_.load(config))
		elect(config, *binding->partition_);
}

// Put a new binding in the place of the old one. Readers see one of them at any time.
int VifTable::publish(const ConfigUpdater &config, Vif &vif, wire::MacAddress mac,
		      wire::VlanId vlan)
{
	Partition *partition = get_partition(vif.partition_, vlan);
	Binding *binding = try_create<Binding>(Context::config);
	if (!partition || !binding) {
		if (partition)
			put_partition(partition);
		eipoib_k_free(binding);
		return -enomem;
	}
	binding->vif_ = &vif;
	binding->partition_ = partition;
	binding->mac_ = mac;
	binding->vlan_ = vlan;
	binding->address_ = vif.address_;

	Binding *old = vif.binding_.load(config);
	bindings_.insert(config, *binding, {mac, vlan});
	vif.binding_.store(config, binding);
	elect(config, *partition);
	if (old) {
		elect(config, *old->partition_);
		withdraw(config, *old);
	}
	return 0;
}

// The partition with one more binding, or nullptr without memory.
Partition *VifTable::get_partition(wire::PartitionId id, wire::VlanId vlan)
{
	Partition *partition = partitions_;
	while (partition && !(partition->id_ == id && partition->vlan_ == vlan))
		partition = partition->next_;
	if (!partition) {
		partition = try_create<Partition>(Context::config);
		if (!partition)
			return nullptr;
		partition->id_ = id;
		partition->vlan_ = vlan;
		partition->next_ = partitions_;
		partitions_ = partition;
	}
	partition->bindings_++;
	return partition;
}

void VifTable::put_partition(Partition *partition)
{
	if (--partition->bindings_)
		return;
	Partition **place = &partitions_;
	while (*place != partition)
		place = &(*place)->next_;
	*place = partition->next_;
	free_deferred(partition);
}

void VifTable::withdraw(const ConfigUpdater &config, Binding &binding)
{
	bindings_.remove(config, binding, {binding.mac_, binding.vlan_});
	put_partition(binding.partition_);
	free_deferred(&binding);
}

// Keep the designated VIF while it is eligible, else choose another that is.
void VifTable::elect(const ConfigUpdater &config, Partition &partition)
{
	auto is_eligible = [&](const Vif &vif) {
		const Binding *binding = vif.binding_.load(config);
		return vif.has_carrier_ && binding && binding->partition_ == &partition;
	};

	const Vif *designated = partition.designated_.load(config);
	if (designated && is_eligible(*designated))
		return;
	const Vif *candidate = vifs_;
	while (candidate && !is_eligible(*candidate))
		candidate = candidate->next_;
	partition.designated_.store(config, candidate);
}

} // namespace eipoib
