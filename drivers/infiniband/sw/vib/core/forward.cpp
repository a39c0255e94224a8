// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Routing: loop-back inside an HCA, forwarding tables of the switch, directed routes.

#include "route.hpp"

namespace vib {

vib_plan by_port(const Fabric &fabric, u32 port, bool smp)
{
	if (port < 1 || port > fabric.hcas + fabric.trunks)
		return dropped(VIB_DROP_TX_NO_ROUTE);
	const Port &out = fabric.sw.ports[port];
	if (smp ? !out.can_carry_smp() : !out.can_send())
		return dropped(VIB_DROP_TX_LINK_DOWN);
	if (port <= fabric.hcas)
		return delivered(u64{1} << (port - 1));
	return delivered(0, 0, 1u << (port - 1 - fabric.hcas));
}

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

namespace {

// The members of a group, but not who sent it here. A port that does not exist is never active.
vib_plan by_group(Fabric &fabric, u16 dlid, u32 in_port)
{
	u64 to = 0;
	u32 trunks = 0;

	for (u64 left = fabric.sw.members(dlid); left; left &= left - 1) {
		const u32 port = static_cast<u32>(__builtin_ctzll(left)) + 1;
		if (port <= fabric.hcas && port != in_port && fabric.sw.ports[port].can_send())
			to |= u64{1} << (port - 1);
	}
	for (u32 trunk = 0; trunk < fabric.trunks; trunk++) {
		const u32 port = fabric.port_on(VIB_TRUNK_LINK + trunk);
		if (port != in_port && fabric.sw.ports[port].can_send() &&
		    fabric.sw.is_member(dlid, port))
			trunks |= 1u << trunk;
	}
	return delivered(to, 0, trunks);
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

vib_plan forward_smp(Fabric &fabric, u32 in_port, u16 dlid, ByteSpan bytes)
{
	if (dlid == wire::PERMISSIVE_LID)
		return smp_at_switch(fabric, in_port, bytes, false);
	const vib_plan plan = by_lid(fabric, dlid, in_port, true);
	return plan.to_switch ? smp_at_switch(fabric, in_port, bytes, true) : plan;
}

// What came to the switch by @in_port.
vib_plan transit(Fabric &fabric, u32 in_port, u16 dlid, bool smp, ByteSpan bytes)
{
	if (smp)
		return forward_smp(fabric, in_port, dlid, bytes);
	if (wire::is_multicast(dlid))
		return by_group(fabric, dlid, in_port);
	return by_lid(fabric, dlid, in_port, false);
}

void count(Port &port, u32 packets, const wire::Lrh &lrh)
{
	port.counters[packets].add(1);
	// The counter of words follows that of packets.
	port.counters[packets + 1].add(lrh.bytes() / 4);
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
	const u64 own = u64{1} << hca;

	if (smp ? !port.can_carry_smp() : !port.can_send())
		return dropped(VIB_DROP_TX_LINK_DOWN);
	count(port, VIB_TX_PACKETS, *lrh);
	if (port.owns(dlid))
		return delivered(own, own);
	vib_plan plan = transit(fabric, hca + 1, dlid, smp, bytes);
	// The HCA itself hands it to its own queue pairs, whether the switch knows it as a member
	// or not; the switch does not echo, so nobody gets it twice.
	if (!smp && wire::is_multicast(dlid)) {
		plan.hcas |= own;
		plan.looped |= own;
	}
	return plan;
}

vib_plan forward_from_trunk(Fabric &fabric, u32 trunk, ByteSpan bytes)
{
	const auto packet = Packet::parse(bytes.view());
	if (!packet)
		return dropped(VIB_DROP_RX_MALFORMED);
	Port &port = fabric.trunk_port(trunk);
	const bool smp = packet->lrh.vl() == wire::SMP_VL;

	if (smp ? !port.can_carry_smp() : !port.can_receive())
		return dropped(VIB_DROP_RX_LINK_DOWN);
	count(port, VIB_RX_PACKETS, packet->lrh);
	return transit(fabric, port.number, packet->lrh.dlid.get(), smp, bytes);
}

} // namespace vib
