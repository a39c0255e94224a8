// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The C face of the core: abi/core.h in terms of the classes behind it.

#include "plan.hpp"

using namespace eipoib;

namespace {

ConfigUpdater config_call()
{
	return ConfigUpdater::promised_by_caller();
}

RcuReader packet_call()
{
	return RcuReader::promised_by_caller();
}

template <typename Bytes> Bytes read_bytes(const u8 *from)
{
	Bytes value;
	__builtin_memcpy(&value, from, sizeof(value));
	return value;
}

template <typename Plan> void conclude(Plan &plan, Decision decision)
{
	plan.verdict = static_cast<u8>(decision.verdict);
	plan.reason = static_cast<u8>(decision.reason);
}

} // namespace

extern "C" {

eipoib_core *eipoib_core_create(u32 max_peers)
{
	auto *core = try_create<Core>(Context::config);
	if (core && core->vifs_.try_init() && core->peers_.try_init(max_peers))
		return core;
	if (core)
		eipoib_core_destroy(core);
	return nullptr;
}

void eipoib_core_destroy(eipoib_core *core)
{
	core->peers_.destroy(config_call());
	core->vifs_.destroy();
	eipoib_k_free(core);
}

eipoib_vif *eipoib_vif_create(eipoib_core *core, const eipoib_vif_params *params)
{
	return core->vifs_.create(config_call(), *params);
}

void eipoib_vif_destroy(eipoib_core *core, eipoib_vif *vif)
{
	core->vifs_.destroy_vif(config_call(), *vif);
}

int eipoib_vif_bind(eipoib_core *core, eipoib_vif *vif, const u8 *mac, u32 vlan, const char **why)
{
	// What does not fit a VLAN ID must not be cut down to one that does.
	const wire::VlanId id = {vlan <= EIPOIB_VLAN_NONE ? static_cast<u16>(vlan) : u16{0}};
	const Refusal refusal =
		core->vifs_.bind(config_call(), *vif, read_bytes<wire::MacAddress>(mac), id);
	if (refusal.error)
		*why = refusal.why;
	return refusal.error;
}

int eipoib_vif_set_address(eipoib_core *core, eipoib_vif *vif, const u8 *address)
{
	return core->vifs_.set_address(config_call(), *vif, read_bytes<wire::IbAddress>(address));
}

void eipoib_vif_set_mtu(eipoib_vif *vif, u32 mtu)
{
	__atomic_store_n(&vif->mtu_, mtu, __ATOMIC_RELAXED);
}

void eipoib_vif_set_carrier(eipoib_core *core, eipoib_vif *vif, bool has_carrier)
{
	core->vifs_.set_carrier(config_call(), *vif, has_carrier);
}

void eipoib_vif_get_info(const eipoib_vif *vif, eipoib_vif_info *info)
{
	const Binding *binding = vif->binding_.load(packet_call());
	info->qpn = vif->qpn_.value;
	info->is_bound = binding != nullptr;
	info->vlan = binding ? binding->vlan_.value : wire::VlanId::untagged_value;
	if (binding)
		__builtin_memcpy(info->mac, &binding->mac_, sizeof(info->mac));
}

void eipoib_tx_plan_frame(eipoib_core *core, const eipoib_tx_frame *frame, eipoib_tx_plan *plan)
{
	conclude(*plan, plan_tx(packet_call(), *core, *frame, *plan));
}

void eipoib_rx_plan_frame(eipoib_core *core, eipoib_vif *vif, const eipoib_rx_frame *frame,
			  eipoib_rx_plan *plan)
{
	conclude(*plan, plan_rx(packet_call(), *core, *vif, *frame, *plan));
}

void eipoib_mac_from_guid(const u8 *guid, u8 *mac)
{
	for (int i = 0; i < 3; i++) {
		mac[i] = guid[i];
		mac[3 + i] = guid[5 + i];
	}
}

} // extern "C"
