// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The C face of the core: abi/core.h in terms of the classes behind it.

#include "rx_flow.hpp"
#include "too_big.hpp"
#include "tx_flow.hpp"

using namespace eipoib;

namespace {

ConfigUpdater config_call()
{
	eipoib_k_prove_call(EIPOIB_CALL_CONFIG);
	return ConfigUpdater::promised_by_caller();
}

RcuReader packet_call()
{
	eipoib_k_prove_call(EIPOIB_CALL_PACKET);
	return RcuReader::promised_by_caller();
}

RcuReader either_call()
{
	eipoib_k_prove_call(EIPOIB_CALL_CONFIG | EIPOIB_CALL_PACKET);
	return RcuReader::promised_by_caller();
}

template <typename Bytes> Bytes read_bytes(const u8 *from)
{
	Bytes value;
	__builtin_memcpy(&value, from, sizeof(value));
	return value;
}

int answer(const Refusal &refusal, const char **why)
{
	if (refusal.error)
		*why = refusal.why;
	return refusal.error;
}

template <typename Plan> void conclude(Plan &plan, Decision decision)
{
	plan.verdict = static_cast<u8>(decision.verdict);
	plan.reason = decision.reason;
}

} // namespace

extern "C" {

eipoib_core *eipoib_core_create(void *pif, u32 max_peers)
{
	auto *core = try_create<Core>(Context::config);
	if (!core)
		return nullptr;
	core->pif_ = pif;
	core->strangers_.init();
	if (core->groups_.try_init() &&
	    core->vifs_.try_init(core->groups_, core->peers_, core->revision_) &&
	    core->peers_.try_init(pif, max_peers, core->revision_) && core->tx_flows_.try_init() &&
	    core->rx_flows_.try_init())
		return core;
	eipoib_core_destroy(core);
	return nullptr;
}

void eipoib_core_destroy(eipoib_core *core)
{
	core->tx_flows_.destroy(config_call());
	core->rx_flows_.destroy(config_call());
	core->peers_.destroy(config_call());
	core->vifs_.destroy();
	core->groups_.destroy(config_call());
	eipoib_k_free(core);
}

u32 eipoib_core_count_peers(const eipoib_core *core)
{
	return core->peers_.count();
}

eipoib_vif *eipoib_vif_create(eipoib_core *core, const eipoib_vif_params *params)
{
	return core->vifs_.create(config_call(), *params);
}

void eipoib_vif_destroy(eipoib_core *core, eipoib_vif *vif)
{
	core->vifs_.destroy_vif(config_call(), *vif);
}

int eipoib_vif_bind(eipoib_core *core, eipoib_vif *vif, const eipoib_binding *binding,
		    const char **why)
{
	// What does not fit a VLAN ID must not be cut down to one that does.
	const u32 vlan = binding->vlan <= EIPOIB_VLAN_NONE ? binding->vlan : 0;
	wire::MacAddress mac = {};
	if (!(binding->flags & EIPOIB_VIF_ANY))
		mac = read_bytes<wire::MacAddress>(binding->mac);
	return answer(core->vifs_.bind(config_call(), *vif, {{static_cast<u16>(vlan)}, mac},
				       binding->flags),
		      why);
}

void eipoib_vif_unbind(eipoib_core *core, eipoib_vif *vif)
{
	core->vifs_.unbind(config_call(), *vif);
}

int eipoib_core_check_move(const eipoib_core *core, const u8 *from, const u8 *to, const char **why)
{
	return answer(core->vifs_.check_move(config_call(), read_bytes<wire::MacAddress>(from),
					     read_bytes<wire::MacAddress>(to)),
		      why);
}

int eipoib_core_move(eipoib_core *core, const u8 *from, const u8 *to, const char **why)
{
	return answer(core->vifs_.move(config_call(), read_bytes<wire::MacAddress>(from),
				       read_bytes<wire::MacAddress>(to)),
		      why);
}

bool eipoib_core_has_any(const eipoib_core *core)
{
	return core->vifs_.has_any();
}

int eipoib_vif_set_address(eipoib_core *core, eipoib_vif *vif, const u8 *address)
{
	return core->vifs_.set_address(config_call(), *vif, read_bytes<wire::IbAddress>(address));
}

void eipoib_vif_set_lmc(eipoib_vif *vif, u8 lmc)
{
	vif->set_lmc(lmc);
}

void eipoib_vif_set_mtu(eipoib_vif *vif, u32 mtu)
{
	vif->set_mtu(mtu, vif->datagram_mtu_);
}

void eipoib_vif_set_datagram_mtu(eipoib_vif *vif, u32 mtu)
{
	vif->set_mtu(vif->mtu_, mtu);
}

void eipoib_vif_set_carrier(eipoib_core *core, eipoib_vif *vif, bool has_carrier)
{
	core->vifs_.set_carrier(config_call(), *vif, has_carrier);
}

void eipoib_vif_get_info(const eipoib_vif *vif, eipoib_vif_info *info)
{
	const Binding *binding = vif->binding_.load(either_call());
	*info = {};
	info->qpn = vif->qpn_.value;
	info->binding.vlan = wire::VlanId::untagged_value;
	if (!binding)
		return;
	info->is_bound = true;
	info->is_contested = vif->attention() & attention::contested;
	info->binding.flags = binding->flags_;
	info->binding.vlan = binding->vlan().value;
	const wire::MacAddress mac = binding->mac();
	__builtin_memcpy(info->binding.mac, &mac, sizeof(mac));
}

void eipoib_tx_plan_frame(eipoib_core *core, const eipoib_tx_frame *frame, eipoib_tx_plan *plan)
{
	conclude(*plan, plan_tx(packet_call(), *core, *frame, *plan, nullptr));
}

const eipoib_flow *eipoib_tx_find_flow(eipoib_core *core, const u8 *head, u32 head_len, u32 len,
				       u32 tci, u32 now)
{
	const Flow *flow =
		find_tx_flow(packet_call(), *core, ByteView(head, head_len), len, tci, now);
	return flow ? &flow->course_.flow : nullptr;
}

void eipoib_tx_rewrite(eipoib_core *core, const eipoib_tx_frame *frame, eipoib_tx_plan *plan,
		       u8 *payload)
{
	conclude(*plan, plan_tx(packet_call(), *core, *frame, *plan, payload));
}

bool eipoib_tx_fragment(const eipoib_tx_frame *frame, const eipoib_tx_plan *plan,
			eipoib_fragment *fragment)
{
	return cut_ipv4(ByteView(frame->head, frame->head_len), frame->len, *plan, *fragment);
}

void eipoib_tx_snoop(eipoib_core *core, const eipoib_tx_frame *frame)
{
	snoop_tx(packet_call(), *core, *frame);
}

void eipoib_tx_released(eipoib_core *core, void *held)
{
	core->peers_.release(static_cast<Station *>(held));
}

void eipoib_rx_plan_frame(eipoib_core *core, eipoib_vif *vif, const eipoib_rx_frame *frame,
			  eipoib_rx_plan *plan)
{
	conclude(*plan, plan_rx(packet_call(), *core, *vif, *frame, *plan, nullptr));
}

const eipoib_flow *eipoib_rx_find_flow(eipoib_core *core, eipoib_vif *vif, const u8 *link,
				       u32 head_len, u32 len, u32 now)
{
	const Flow *flow = find_rx_flow(packet_call(), *core, *vif, link,
					ByteView(link + EIPOIB_LINK_HLEN, head_len), len, now);
	return flow ? &flow->course_.flow : nullptr;
}

void eipoib_rx_rewrite(eipoib_core *core, eipoib_vif *vif, const eipoib_rx_frame *frame,
		       eipoib_rx_plan *plan, u8 *payload)
{
	conclude(*plan, plan_rx(packet_call(), *core, *vif, *frame, *plan, payload));
}

void eipoib_core_answer_lid(eipoib_core *core, eipoib_vif *vif, u32 qpn, u16 lid, const u8 *gid)
{
	answer_lid(packet_call(), *core, *vif, {qpn}, {lid}, read_bytes<wire::Gid>(gid));
}

void eipoib_core_set_listeners(eipoib_core *core, const u8 *macs, u32 count)
{
	if (!core->groups_.set_listeners(reinterpret_cast<const wire::MacAddress *>(macs), count))
		eipoib_k_count(core->pif_, EIPOIB_NOTE_GROUP_LIMIT);
}

void eipoib_core_tick(eipoib_core *core)
{
	const u32 now = eipoib_k_now();
	core->peers_.age(now);
	core->groups_.tick(now);
	core->tx_flows_.age(now);
	core->rx_flows_.age(now);
}

void eipoib_mac_from_guid(const u8 *guid, u8 *mac)
{
	for (int i = 0; i < 3; i++) {
		mac[i] = guid[i];
		mac[3 + i] = guid[5 + i];
	}
}

} // extern "C"
