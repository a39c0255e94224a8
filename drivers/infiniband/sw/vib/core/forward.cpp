// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Routing: loop-back inside an HCA, forwarding tables of the switch, directed routes.

#include "forward.hpp"
#include "directed.hpp"
#include "sma.hpp"

namespace vib {

namespace {

constexpr vib_plan FOR_SWITCH{.hcas = 0, .looped = 0, .to_switch = true, .drop = VIB_ACCEPT};

constexpr vib_plan dropped(vib_drop reason)
{
	return {.hcas = 0, .looped = 0, .to_switch = false, .drop = static_cast<u8>(reason)};
}

constexpr vib_plan delivered(u64 hcas, u64 looped = 0)
{
	return {.hcas = hcas, .looped = looped, .to_switch = false, .drop = VIB_ACCEPT};
}

vib_plan by_port(const Fabric &fabric, u32 port, bool smp)
{
	if (port < 1 || port > fabric.hcas)
		return dropped(VIB_DROP_TX_NO_ROUTE);
	const Port &out = fabric.sw.ports[port];
	if (smp ? !out.can_carry_smp() : !out.can_send())
		return dropped(VIB_DROP_TX_LINK_DOWN);
	return delivered(u64{1} << (port - 1));
}

// @in_port 0 is the switch itself.
vib_plan by_lid(const Fabric &fabric, u16 dlid, u32 in_port, bool smp)
{
	if (dlid == fabric.sw.ports[0].lid.load())
		return FOR_SWITCH;
	const u32 out = dlid < UNICAST_LIDS ? fabric.sw.linear[dlid].load() : NO_PORT;
	if (out == 0)
		return FOR_SWITCH;
	if (out == in_port)
		return dropped(VIB_DROP_TX_ECHO);
	return by_port(fabric, out, smp);
}

vib_plan by_group(Fabric &fabric, u16 dlid, u32 hca)
{
	// The HCA itself hands it to its own queue pairs, whether the switch knows it as a member
	// or not; the switch does not echo, so nobody gets it twice.
	const u64 own = u64{1} << hca;
	u64 to = own;

	for (u64 left = fabric.sw.members(dlid); left; left &= left - 1) {
		const u32 member = static_cast<u32>(__builtin_ctzll(left));
		// A port that does not exist is never active.
		if (fabric.switch_port(member).can_send())
			to |= u64{1} << member;
	}
	return delivered(to, own);
}

void set_lids(ByteSpan bytes, u16 dlid, u16 slid)
{
	auto lrh = *bytes.view().load<wire::Lrh>();
	lrh.dlid = wire::Be16::from(dlid);
	lrh.slid = wire::Be16::from(slid);
	(void)bytes.store(lrh);
}

vib_plan follow(Fabric &fabric, ByteSpan bytes, const DirectedStep &step)
{
	switch (step.action) {
	case DirectedStep::Action::OUT:
		set_lids(bytes, wire::PERMISSIVE_LID, wire::PERMISSIVE_LID);
		return by_port(fabric, step.port, true);
	case DirectedStep::Action::LID:
		set_lids(bytes, step.lid, fabric.sw.ports[0].lid.load());
		// The switch sends it anew, so it may leave by the port it came in by.
		return by_lid(fabric, step.lid, 0, true);
	case DirectedStep::Action::AGENT:
		return FOR_SWITCH;
	default:
		return dropped(VIB_DROP_TX_DIRECTED_ROUTE);
	}
}

std::optional<wire::Smp> load_mad(ByteView bytes, const Packet &packet)
{
	if (packet.payload_len != VIB_MAD_LEN)
		return std::nullopt;
	return bytes.load<wire::Smp>(packet.payload);
}

// An SMP that reached the switch, by a directed route or by a LID of the switch.
vib_plan smp_at_switch(Fabric &fabric, u32 in_port, ByteSpan bytes, bool lid_routed)
{
	const auto packet = Packet::parse_datagram(bytes.view());
	if (!packet)
		return dropped(VIB_DROP_RX_MALFORMED);
	auto smp = load_mad(bytes.view(), *packet);
	if (!smp)
		return dropped(VIB_DROP_RX_MALFORMED);
	if (!smp->is_directed())
		return FOR_SWITCH;

	const DirectedStep step = directed_transit(*smp, static_cast<u8>(in_port), lid_routed);
	(void)bytes.store(*smp, packet->payload);
	return follow(fabric, bytes, step);
}

vib_plan forward_smp(Fabric &fabric, u32 hca, u16 dlid, ByteSpan bytes)
{
	if (dlid == wire::PERMISSIVE_LID)
		return smp_at_switch(fabric, hca + 1, bytes, false);
	const vib_plan plan = by_lid(fabric, dlid, hca + 1, true);
	return plan.to_switch ? smp_at_switch(fabric, hca + 1, bytes, true) : plan;
}

// Make @packet a packet back to where it came from.
void turn_round(ByteSpan bytes, const Packet &packet, u16 slid)
{
	wire::Bth bth = packet.bth;
	wire::Deth deth = packet.deth;

	set_lids(bytes, packet.lrh.slid.get(), slid);
	if (packet.has_grh) {
		auto grh = *bytes.view().load<wire::Grh>(Packet::GRH_OFFSET);
		const wire::Gid gid = grh.sgid;
		grh.sgid = grh.dgid;
		grh.dgid = gid;
		(void)bytes.store(grh, Packet::GRH_OFFSET);
	}
	bth.dest_qpn = packet.deth.src_qpn;
	deth.src_qpn = packet.bth.dest_qpn;
	(void)bytes.store(bth, packet.transport);
	(void)bytes.store(deth, packet.transport + sizeof(bth));
}

// The QP that a MAD of this class is to be sent to.
constexpr u32 agent_qpn(const wire::Smp &mad)
{
	return mad.header.mgmt_class == wire::CLASS_PERF ? 1 : 0;
}

} // namespace

vib_plan forward(Fabric &fabric, u32 hca, ByteSpan bytes)
{
	const auto lrh = bytes.view().load<wire::Lrh>();
	if (!lrh)
		return dropped(VIB_DROP_RX_MALFORMED);
	Port &port = fabric.hca[hca].port;
	const u16 dlid = lrh->dlid.get();
	const bool smp = lrh->vl() == wire::SMP_VL;

	if (smp ? !port.can_carry_smp() : !port.can_send())
		return dropped(VIB_DROP_TX_LINK_DOWN);
	port.counters[VIB_TX_PACKETS].add(1);
	port.counters[VIB_TX_WORDS].add(lrh->bytes() / 4);
	if (port.owns(dlid))
		return delivered(u64{1} << hca, u64{1} << hca);
	if (smp)
		return forward_smp(fabric, hca, dlid, bytes);
	if (wire::is_multicast(dlid))
		return by_group(fabric, dlid, hca);
	return by_lid(fabric, dlid, hca + 1, false);
}

vib_plan receive_at_switch(Fabric &fabric, u32 hca, ByteSpan bytes, vib_effects &effects)
{
	const auto packet = Packet::parse_datagram(bytes.view());
	if (!packet)
		return dropped(VIB_DROP_RX_MALFORMED);
	auto mad = load_mad(bytes.view(), *packet);
	const bool smp = packet->lrh.vl() == wire::SMP_VL;
	if (!mad || packet->bth.dest_qpn.get() != agent_qpn(*mad) || smp == !!agent_qpn(*mad))
		return dropped(VIB_DROP_RX_MAD);
	if (!smp && packet->deth.qkey.get() != wire::GSI_QKEY)
		return dropped(VIB_DROP_RX_QKEY);

	switch (answer_mad(fabric, {.is_switch = true, .hca = 0}, static_cast<u8>(hca + 1), *mad,
			   effects)) {
	case VIB_MAD_REPLY:
		break;
	case VIB_MAD_CONSUMED:
		return delivered(0);
	default:
		return dropped(VIB_DROP_RX_MAD);
	}

	turn_round(bytes, *packet, fabric.sw.ports[0].lid.load());
	const bool by_route = smp && mad->is_directed() && mad->header.hop_count &&
			      mad->dr_dlid.get() == wire::PERMISSIVE_LID;
	const DirectedStep step = by_route ? directed_originate(*mad) : DirectedStep{};
	(void)bytes.store(*mad, packet->payload);
	if (by_route)
		return follow(fabric, bytes, step);
	return by_lid(fabric, packet->lrh.slid.get(), 0, smp);
}

size_t write_trap(Fabric &fabric, u8 *bytes, vib_plan &plan)
{
	Switch &sw = fabric.sw;
	const wire::PortInfo &info = sw.ports[0].info;
	DatagramHeaders headers{};
	headers.vl = wire::SMP_VL;
	headers.sl = low(info.mtu_sm_sl);
	headers.dlid = info.sm_lid.get();
	headers.slid = info.lid.get();
	headers.pkey = DEFAULT_PKEY;
	headers.payload_len = VIB_MAD_LEN;
	const Lengths lengths = write_headers(bytes, headers);

	wire::Smp smp{};
	smp.header.base_version = 1;
	smp.header.mgmt_class = wire::CLASS_SMP_LID;
	smp.header.class_version = 1;
	smp.header.method = wire::METHOD_TRAP;
	smp.header.tid = wire::Be64::from(++sw.trap_tid);
	smp.header.attribute = wire::Be16::from(static_cast<u16>(wire::Attribute::NOTICE));
	smp.mkey = info.mkey;
	const wire::Notice notice{
		.generic_type = 0x80 | 1, // generic, urgent
		.producer = wire::Be24::from(wire::NodeInfo::TYPE_SWITCH),
		.trap = wire::Be16::from(128), // link state of a port changed
		.issuer_lid = info.lid,
		.toggle_count = {},
		.lid = info.lid,
	};
	__builtin_memcpy(smp.data, &notice, sizeof(notice));
	__builtin_memcpy(bytes + lengths.header, &smp, sizeof(smp));
	__builtin_memset(bytes + lengths.header + sizeof(smp), 0, lengths.tail);
	plan = by_lid(fabric, headers.dlid, 0, true);
	return lengths.header + sizeof(smp) + lengths.tail;
}

} // namespace vib
