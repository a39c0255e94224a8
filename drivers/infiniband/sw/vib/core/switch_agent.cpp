// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The switch as a receiver and a sender of its own: its management agents, and its traps.

#include "route.hpp"
#include "sma.hpp"

namespace vib {

namespace {

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

vib_plan receive_at_switch(Fabric &fabric, u32 in_port, ByteSpan bytes, vib_effects &effects)
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

	switch (answer_mad(fabric, {.is_switch = true, .hca = 0}, static_cast<u8>(in_port), *mad,
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
