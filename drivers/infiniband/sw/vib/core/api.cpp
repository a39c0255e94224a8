// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The C face of the core: see abi.h.

#include "forward.hpp"
#include "sma.hpp"
#include "transport.hpp"

using vib::Hca;
using vib::Port;

unsigned long vib_fabric_size(void)
{
	return sizeof(vib_fabric);
}

bool vib_fabric_init(vib_fabric *fabric, const vib_fabric_config *config)
{
	return fabric->init(*config);
}

void vib_link_plug(vib_fabric *fabric, u32 hca, bool plugged, vib_effects *effects)
{
	*effects = {};
	fabric->hca[hca].plugged = plugged;
	fabric->retrain(hca, *effects);
}

void vib_hca_replace(vib_fabric *fabric, u32 hca)
{
	fabric->replace(hca);
}

bool vib_assign_lid(vib_fabric *fabric, u32 hca, u16 lid, vib_effects *effects)
{
	*effects = {};
	return fabric->assign_lid(hca, lid, *effects);
}

bool vib_remove_pkey(vib_fabric *fabric, u32 hca, u16 pkey, vib_effects *effects)
{
	*effects = {};
	return fabric->remove_pkey(hca, pkey, *effects);
}

void vib_port_query(const vib_fabric *fabric, u32 hca, vib_port_attr *attr)
{
	const Port &port = fabric->hca[hca].port;
	const vib::wire::PortInfo info = port.get_info();

	*attr = {
		.subnet_prefix = info.gid_prefix.get(),
		.cap_mask = info.cap_mask.get(),
		.lid = info.lid.get(),
		.sm_lid = info.sm_lid.get(),
		.pkey_violations = info.pkey_violations.get(),
		.qkey_violations = info.qkey_violations.get(),
		.lmc = port.lmc.load(),
		.state = port.state.load(),
		.phys_state = port.phys,
		.max_mtu = vib::low(info.reply_mtu_cap),
		.active_mtu = vib::high(info.mtu_sm_sl),
		.max_vl = vib::high(info.vl_cap_init_type),
		.sm_sl = vib::low(info.mtu_sm_sl),
		.subnet_timeout = static_cast<u8>(info.rereg_timeout & 0x1f),
		.init_type_reply = vib::high(info.reply_mtu_cap),
		.link_width = info.width_active,
		.link_speed = vib::high(info.speed_active_enabled),
	};
}

bool vib_port_gid(const vib_fabric *fabric, u32 hca, u32 index, u8 gid[VIB_GID_LEN])
{
	if (index >= VIB_GUIDS)
		return false;
	const Port &port = fabric->hca[hca].port;
	// An entry without a GUID is no GID at all.
	const auto value = port.guids[index].load() ? port.gid(index) : vib::wire::Gid{};
	__builtin_memcpy(gid, &value, VIB_GID_LEN);
	return true;
}

bool vib_port_pkey(const vib_fabric *fabric, u32 hca, u32 index, u16 *pkey)
{
	if (index >= VIB_PKEYS)
		return false;
	*pkey = fabric->hca[hca].port.pkeys[index].load();
	return true;
}

void vib_port_modify(vib_fabric *fabric, u32 hca, u32 set, u32 clear)
{
	vib::wire::Be32 &mask = fabric->hca[hca].port.info.cap_mask;

	mask = vib::wire::Be32::from((mask.get() | set) & ~clear);
}

u64 vib_node_guid(const vib_fabric *fabric, u32 hca)
{
	return fabric->hca[hca].node_guid;
}

void vib_node_describe(vib_fabric *fabric, u32 hca, const u8 *text)
{
	__builtin_memcpy(fabric->hca[hca].description, text, VIB_DESC_LEN);
}

int vib_hca_mad(vib_fabric *fabric, u32 hca, const u8 *in, u8 *out, vib_effects *effects)
{
	vib::wire::Smp mad;

	*effects = {};
	__builtin_memcpy(&mad, in, sizeof(mad));
	const int verdict =
		vib::answer_mad(*fabric, {.is_switch = false, .hca = hca}, 1, mad, *effects);
	if (verdict == VIB_MAD_REPLY)
		__builtin_memcpy(out, &mad, sizeof(mad));
	return verdict;
}

void vib_switch_receive(vib_fabric *fabric, u32 link, u8 *wire, u32 len, vib_plan *plan,
			vib_effects *effects)
{
	*effects = {};
	*plan = vib::receive_at_switch(*fabric, fabric->port_on(link), {wire, len}, *effects);
	if (plan->drop)
		fabric->drop(link, plan->drop);
}

u32 vib_switch_trap(vib_fabric *fabric, u8 *wire, vib_plan *plan)
{
	return static_cast<u32>(vib::write_trap(*fabric, wire, *plan));
}

vib_layout vib_send_build(vib_fabric *fabric, u32 hca, const vib_send *send, u8 *wire)
{
	const vib_layout layout = vib::build_send(*fabric, hca, *send, wire);

	if (layout.drop)
		fabric->hca[hca].port.drop(layout.drop);
	return layout;
}

void vib_forward(vib_fabric *fabric, u32 link, u8 *wire, u32 len, vib_plan *plan)
{
	*plan = link < VIB_TRUNK_LINK
			? vib::forward(*fabric, link, {wire, len})
			: vib::forward_from_trunk(*fabric, link - VIB_TRUNK_LINK, {wire, len});
	if (plan->drop)
		fabric->drop(link, plan->drop);
}

int vib_port_receive(vib_fabric *fabric, u32 hca, const u8 *wire, u32 len, vib_rx *rx)
{
	Port &port = fabric->hca[hca].port;
	const vib_drop drop = vib::receive_at_port(port, {wire, len}, *rx);

	if (drop != VIB_ACCEPT)
		port.drop(drop);
	return drop;
}

int vib_qp_receive(vib_fabric *fabric, u32 hca, const vib_qp_attr *qp, vib_rx *rx)
{
	Port &port = fabric->hca[hca].port;
	const vib_drop drop = vib::receive_at_qp(port, *qp, *rx);

	if (drop != VIB_ACCEPT)
		port.drop(drop);
	return drop;
}

void vib_count_drop(vib_fabric *fabric, u32 link, u32 drop)
{
	if (drop < VIB_DROP_COUNT)
		fabric->drop(link, drop);
}

u64 vib_read_drop(const vib_fabric *fabric, u32 hca, u32 drop)
{
	return drop < VIB_DROP_COUNT ? fabric->hca[hca].port.drops[drop].load() : 0;
}
