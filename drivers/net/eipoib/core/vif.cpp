// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB

#include "vif.hpp"

#include "errno.hpp"
#include "peers.hpp"

namespace eipoib {

namespace {

// How many VIFs the tables are made for; more only make the chains longer.
constexpr u32 expected_vifs = 4096;
constexpr u32 expected_partitions = 256;

constexpr Refusal out_of_memory = {-enomem, "Out of memory"};

// Call @visit for each binding of a chain; it may reuse the link that chains them.
template <typename Visit>
void for_each_of_chain(const ConfigUpdater &config, Binding *binding, Visit visit)
{
	while (binding) {
		Binding *next = binding->by_mac_.next_.load(config);
		visit(*binding);
		binding = next;
	}
}

} // namespace

bool VifTable::try_init(GroupTable &groups, const PeerTable &peers, Revision &revision)
{
	groups_ = &groups;
	peers_ = &peers;
	revision_ = &revision;
	return overlap_lock_.try_init() && bindings_.try_init(expected_vifs) &&
	       vifs_by_qpn_.try_init(expected_vifs) &&
	       partitions_by_id_.try_init(expected_partitions) &&
	       partitions_by_vlan_.try_init(expected_partitions);
}

void VifTable::destroy()
{
	bindings_.destroy();
	vifs_by_qpn_.destroy();
	partitions_by_id_.destroy();
	partitions_by_vlan_.destroy();
	overlap_lock_.destroy();
}

Vif *VifTable::create(const ConfigUpdater &config, const eipoib_vif_params &params)
{
	Vif *vif = try_create<Vif>(Context::config);
	if (!vif)
		return nullptr;
	vif->dev_ = params.dev;
	vif->revision_ = revision_;
	vif->partition_ = wire::PartitionId::of_pkey(params.pkey);
	vif->set_mtu(params.mtu, ~u32{0});
	vif->set_lmc(params.lmc);
	__builtin_memcpy(&vif->address_, params.address, sizeof(vif->address_));
	vif->qpn_ = vif->address_.qpn();
	vifs_by_qpn_.insert(config, *vif, vif->qpn_);
	// In front: who takes over is chosen from there, and is not the one to go next.
	vifs_.push_front(*vif);
	return vif;
}

void VifTable::destroy_vif(const ConfigUpdater &config, Vif &vif)
{
	unbind(config, vif);
	vifs_by_qpn_.remove(config, vif, vif.qpn_);
	vifs_.remove(vif);
	free_deferred(&vif);
}

Refusal VifTable::check(const ConfigUpdater &config, const Vif &vif, BindingKey key, u8 flags) const
{
	if (flags & ~(EIPOIB_VIF_ANY | EIPOIB_VIF_STICKY))
		return {-einval, "Unknown VIF flag"};
	if (flags == (EIPOIB_VIF_ANY | EIPOIB_VIF_STICKY))
		return {-einval, "A VIF for any MAC has none to stick to"};
	if (!(flags & EIPOIB_VIF_ANY) && !key.mac().is_usable())
		return {-einval, "MAC is no unicast address: give the guest's own MAC"};
	const wire::VlanId vlan = key.domain();
	if (vlan != wire::VlanId::untagged() && (vlan.value < 1 || vlan.value > 4094))
		return {-einval, "VLAN out of range: give 1..4094, or none for untagged"};

	const Binding *taken = bindings_.find(config, key);
	if (taken && taken->vif_ != &vif)
		return {-einval, "Another VIF has this MAC and VLAN: change or release it first"};
	if (peers_->is_fixed(vif.partition_, key.mac()))
		return {-einval,
			"A static entry leads this MAC to a peer: bridge fdb del it first"};

	// A partition that only this VIF uses will not stand in the way once it has moved.
	const Binding *own = vif.binding_.load(config);
	auto will_stay = [&](const Partition *p) {
		return p && !(own && own->partition_ == p && p->bindings_ == 1);
	};
	const Partition *of_pkey = partitions_by_id_.find(config, vif.partition_);
	if (will_stay(of_pkey) && of_pkey->vlan_ != vlan)
		return {-einval, "This P_Key carries another VLAN of this interface: "
				 "use a clone with a P_Key of its own"};
	const Partition *of_vlan = partitions_by_vlan_.find(config, vlan);
	if (will_stay(of_vlan) && of_vlan->id_ != vif.partition_)
		return {-einval, "Another P_Key carries this VLAN of this interface: "
				 "use a clone with that P_Key"};
	return {};
}

Refusal VifTable::bind(const ConfigUpdater &config, Vif &vif, BindingKey key, u8 flags)
{
	if (Refusal refusal = check(config, vif, key, flags); refusal.error)
		return refusal;
	Binding *binding = prepare(config, vif, key, flags);
	if (!binding)
		return out_of_memory;
	install(config, *binding);
	return {};
}

Refusal VifTable::check_move(const ConfigUpdater &config, wire::MacAddress from,
			     wire::MacAddress to) const
{
	if (!to.is_usable())
		return {-einval, "The address must be a unicast MAC"};
	if (from == to)
		return {};
	for (const Vif *vif = vifs_.front(); vif; vif = vifs_.next(*vif)) {
		const Binding *binding = vif->binding_.load(config);
		if (!binding || !binding->is_for(from))
			continue;
		if (bindings_.find(config, {binding->vlan(), to}))
			return {-einval, "Another VIF has that MAC: change or release it first"};
		if (peers_->is_fixed(vif->partition_, to))
			return {-einval,
				"A static entry leads that MAC to a peer: bridge fdb del it first"};
	}
	return {};
}

Refusal VifTable::move(const ConfigUpdater &config, wire::MacAddress from, wire::MacAddress to)
{
	if (Refusal refusal = check_move(config, from, to); refusal.error || from == to)
		return refusal;

	// Until a binding is installed its link is free to chain it.
	Binding *fresh = nullptr;
	for (Vif *vif = vifs_.front(); vif; vif = vifs_.next(*vif)) {
		const Binding *old = vif->binding_.load(config);
		if (!old || !old->is_for(from))
			continue;
		Binding *binding = prepare(config, *vif, {old->vlan(), to}, old->flags_);
		if (!binding) {
			for_each_of_chain(config, fresh, [&](Binding &b) { discard(config, b); });
			return out_of_memory;
		}
		binding->by_mac_.next_.store(config, fresh);
		fresh = binding;
	}
	for_each_of_chain(config, fresh, [&](Binding &b) { install(config, b); });
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
		Binding *fresh = prepare(config, vif, binding->key_, binding->flags_);
		if (!fresh) {
			vif.address_ = old;
			return -enomem;
		}
		install(config, *fresh);
	}
	// Peers go by what they remember, and what they send may be too long for it by now.
	if (address.flags_ != old.flags_) {
		vif.arrival_.begin(eipoib_k_now());
		vif.demand(attention::arrived);
	}
	return 0;
}

void VifTable::set_carrier(const ConfigUpdater &config, Vif &vif, bool has_carrier)
{
	vif.has_carrier_ = has_carrier;
	if (const Binding *binding = vif.binding_.load(config))
		elect(config, *binding->partition_);
}

// All of a new binding that can fail; install() or discard() is next.
Binding *VifTable::prepare(const ConfigUpdater &config, Vif &vif, BindingKey key, u8 flags)
{
	Partition *partition = get_partition(config, vif.partition_, key.domain());
	auto *binding = try_create<Binding>(Context::config);
	if (!partition || !binding) {
		if (partition)
			put_partition(config, partition);
		eipoib_k_free(binding);
		return nullptr;
	}
	binding->vif_ = &vif;
	binding->partition_ = partition;
	binding->key_ = key;
	binding->flags_ = flags;
	binding->address_ = vif.address_;
	return binding;
}

void VifTable::discard(const ConfigUpdater &config, Binding &binding)
{
	put_partition(config, binding.partition_);
	eipoib_k_free(&binding);
}

// Put a binding in the place of the one that its VIF has. Readers see one of them at any time.
void VifTable::install(const ConfigUpdater &config, Binding &binding)
{
	Vif &vif = *binding.vif_;
	Binding *old = vif.binding_.load(config);
	bindings_.insert(config, binding, binding.key_);
	any_count_ += binding.is_any();
	vif.binding_.store(config, &binding);
	if (old)
		elect(config, *old->partition_);
	elect(config, *binding.partition_);
	if (old)
		withdraw(config, *old);
	// Its guest may still be at a peer. Its first frame here will tell that it has arrived.
	if (peers_->is_claimed(vif.partition_, binding.mac()))
		vif.demand(attention::contested);
}

// The partition with one more binding, or nullptr without memory.
Partition *VifTable::get_partition(const ConfigUpdater &config, wire::PartitionId id,
				   wire::VlanId vlan)
{
	Partition *partition = partitions_by_vlan_.find(config, vlan);
	if (!partition) {
		partition = try_create<Partition>(Context::config);
		if (!partition || !groups_->try_add_partition(id)) {
			eipoib_k_free(partition);
			return nullptr;
		}
		partition->id_ = id;
		partition->vlan_ = vlan;
		partitions_by_id_.insert(config, *partition, id);
		partitions_by_vlan_.insert(config, *partition, vlan);
	}
	partition->bindings_++;
	return partition;
}

void VifTable::put_partition(const ConfigUpdater &config, Partition *partition)
{
	if (--partition->bindings_)
		return;
	partitions_by_id_.remove(config, *partition, partition->id_);
	partitions_by_vlan_.remove(config, *partition, partition->vlan_);
	groups_->remove_partition(partition->id_);
	if (Overlap *overlap = partition->overlap_.load(config))
		free_deferred(overlap);
	free_deferred(partition);
}

// Take a binding out that its VIF does not have any more.
void VifTable::withdraw(const ConfigUpdater &config, Binding &binding)
{
	bindings_.remove(config, binding, binding.key_);
	any_count_ -= binding.is_any();
	if (!bindings_.find(config, binding.key_)) {
		groups_->forget_reporter(binding.partition_->id_, binding.mac());
		binding.vif_->attend(0xff);
	}
	put_partition(config, binding.partition_);
	revision_->advance();
	free_deferred(&binding);
}

} // namespace eipoib
