// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB

#include "vif.hpp"

#include "errno.hpp"

namespace eipoib {

namespace {

// How many VIFs the tables are made for; more only make the chains longer.
constexpr u32 expected_vifs = 4096;

} // namespace

bool VifTable::try_init(GroupTable &groups)
{
	groups_ = &groups;
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
	vif->lid_mask_ = static_cast<u16>(0xffff << (params.lmc & 7));
	__builtin_memcpy(&vif->address_, params.address, sizeof(vif->address_));
	vif->qpn_ = vif->address_.qpn();
	vifs_by_qpn_.insert(config, *vif, vif->qpn_);
	vif->next_ = vifs_;
	vifs_ = vif;
	return vif;
}

void VifTable::destroy_vif(const ConfigUpdater &config, Vif &vif)
{
	unbind(config, vif);
	vifs_by_qpn_.remove(config, vif, vif.qpn_);
	Vif **place = &vifs_;
	while (*place != &vif)
		place = &(*place)->next_;
	*place = vif.next_;
	free_deferred(&vif);
}

Refusal VifTable::check(const ConfigUpdater &config, const Vif &vif, const BindingKey &key,
			u8 flags) const
{
	if (flags & ~(EIPOIB_VIF_ANY | EIPOIB_VIF_STICKY))
		return {-einval, "Unknown VIF flag"};
	if (flags == (EIPOIB_VIF_ANY | EIPOIB_VIF_STICKY))
		return {-einval, "A VIF for any MAC has none to stick to"};
	if (!(flags & EIPOIB_VIF_ANY) && !key.mac.is_usable())
		return {-einval, "MAC is no unicast address: give the guest's own MAC"};
	const wire::VlanId vlan = key.vlan;
	if (vlan != wire::VlanId::untagged() && (vlan.value < 1 || vlan.value > 4094))
		return {-einval, "VLAN out of range: give 1..4094, or none for untagged"};

	const Binding *taken = bindings_.find(config, key);
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

Refusal VifTable::bind(const ConfigUpdater &config, Vif &vif, const BindingKey &key, u8 flags)
{
	if (Refusal refusal = check(config, vif, key, flags); refusal.error)
		return refusal;
	if (publish(config, vif, key, flags))
		return {-enomem, "Out of memory"};
	return {};
}

void VifTable::unbind(const ConfigUpdater &config, Vif &vif)
{
	Binding *binding = vif.binding_.load(config);
	if (!binding)
		return;
	elect(config, *binding->partition_, &vif);
	vif.binding_.store(config, nullptr);
	withdraw(config, *binding);
}

int VifTable::set_address(const ConfigUpdater &config, Vif &vif, const wire::IbAddress &address)
{
	const wire::IbAddress old = vif.address_;
	vif.address_ = address;
	if (const Binding *binding = vif.binding_.load(config)) {
		if (int error = publish(config, vif, {binding->mac_, binding->vlan_},
					binding->flags_)) {
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
int VifTable::publish(const ConfigUpdater &config, Vif &vif, const BindingKey &key, u8 flags)
{
	Partition *partition = get_partition(vif.partition_, key.vlan);
	Binding *binding = try_create<Binding>(Context::config);
	if (!partition || !binding) {
		if (partition)
			put_partition(config, partition);
		eipoib_k_free(binding);
		return -enomem;
	}
	binding->vif_ = &vif;
	binding->partition_ = partition;
	binding->mac_ = key.mac;
	binding->vlan_ = key.vlan;
	binding->flags_ = flags;
	binding->address_ = vif.address_;

	Binding *old = vif.binding_.load(config);
	bindings_.insert(config, *binding, key);
	vif.binding_.store(config, binding);
	if (old)
		elect(config, *old->partition_);
	elect(config, *partition);
	if (old)
		withdraw(config, *old);
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
		if (!partition || !groups_->try_add_partition(id)) {
			eipoib_k_free(partition);
			return nullptr;
		}
		partition->id_ = id;
		partition->vlan_ = vlan;
		partition->next_ = partitions_;
		partitions_ = partition;
	}
	partition->bindings_++;
	return partition;
}

void VifTable::put_partition(const ConfigUpdater &config, Partition *partition)
{
	if (--partition->bindings_)
		return;
	Partition **place = &partitions_;
	while (*place != partition)
		place = &(*place)->next_;
	*place = partition->next_;
	groups_->remove_partition(partition->id_);
	if (Overlap *overlap = partition->overlap_.load(config))
		free_deferred(overlap);
	free_deferred(partition);
}

// Take a binding out that its VIF does not have any more.
void VifTable::withdraw(const ConfigUpdater &config, Binding &binding)
{
	bindings_.remove(config, binding, {binding.mac_, binding.vlan_});
	if (!bindings_.find(config, {binding.mac_, binding.vlan_})) {
		groups_->forget_reporter(binding.partition_->id_, binding.mac_);
		binding.vif_->attend(0xff);
	}
	put_partition(config, binding.partition_);
	free_deferred(&binding);
}

// Keep the designated VIF while it is eligible and not @leaving, else choose another that is.
void VifTable::elect(const ConfigUpdater &config, Partition &partition, const Vif *leaving)
{
	auto is_eligible = [&](const Vif &vif) {
		const Binding *binding = vif.binding_.load(config);
		return &vif != leaving && vif.has_carrier_ && binding &&
		       binding->partition_ == &partition;
	};

	const Vif *designated = partition.designated_.load(config);
	if (designated && is_eligible(*designated))
		return;
	const Vif *heir = vifs_;
	while (heir && !is_eligible(*heir))
		heir = heir->next_;
	if (heir != designated)
		hand_over(config, partition, heir);
}

// Make before break: the new VIF receives before the old one stops, and of each frame the copy
// that is seen first counts.
void VifTable::hand_over(const ConfigUpdater &config, Partition &partition, const Vif *heir)
{
	const Vif *old = partition.designated_.load(config);
	// Without memory for it some frames may come twice.
	Overlap *overlap = heir && old ? try_create<Overlap>(Context::config) : nullptr;
	if (overlap)
		overlap->begin(old, heir);
	Overlap *former = partition.overlap_.load(config);
	partition.overlap_.store(config, overlap);
	if (former)
		free_deferred(former);

	if (heir)
		eipoib_k_vif_attach(heir->dev_, true);
	groups_->designate(partition.id_, heir ? heir->dev_ : nullptr);
	if (heir && old)
		eipoib_k_vif_settle(heir->dev_);
	partition.designated_.store(config, heir);
	if (old) {
		groups_->retire(partition.id_, old->dev_);
		eipoib_k_vif_attach(old->dev_, false);
	}
	if (overlap)
		overlap->end(config, eipoib_k_now());
}

bool VifTable::counts(const RcuReader &reader, const Partition &partition, const Vif &vif,
		      const eipoib_rx_frame &frame, u32 now)
{
	Overlap *overlap = partition.overlap_.load(reader);
	if (!overlap || overlap->is_over(now))
		return partition.designated_.load(reader) == &vif;
	return overlap->concerns(&vif) &&
	       overlap->is_first(&vif, ByteView(frame.link, EIPOIB_LINK_HLEN),
				 ByteView(frame.head, frame.head_len), frame.len);
}

} // namespace eipoib
