// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Unreliable datagrams: headers of what is sent, P_Key and Q_Key checks of what arrives.

#include "transport.hpp"

namespace vib {

namespace {

constexpr u32 QKEY_OF_QP = 0x80000000; // IBA 10.2.5: a controlled Q_Key, use the queue pair's own

u16 pkey_of(const Port &port, const vib_send &send)
{
	if (send.qp->kind == VIB_QP_SMI)
		return DEFAULT_PKEY; // not checked for SMPs
	const u16 index = send.qp->kind == VIB_QP_GSI ? send.pkey_index : send.qp->pkey_index;
	return index < VIB_PKEYS ? port.pkeys[index].load() : 0;
}

vib_drop may_send(const Port &port, const vib_send &send, u16 pkey)
{
	if (send.payload_len > 128u << port.neighbor_mtu.load())
		return VIB_DROP_TX_TOO_LONG;
	return pkey & 0x7fff ? VIB_ACCEPT : VIB_DROP_TX_PKEY;
}

// Is the link up for this packet, and is it for this port?
vib_drop check_local(const Port &port, const Packet &packet, vib_rx &rx)
{
	const bool smp = packet.lrh.vl() == wire::SMP_VL;

	if (smp ? !port.can_carry_smp() : !port.can_receive())
		return VIB_DROP_RX_LINK_DOWN;
	rx.dlid = packet.lrh.dlid.get();
	rx.dest_qpn = packet.bth.dest_qpn.get();
	rx.multicast = wire::is_multicast(rx.dlid);
	// SMPs travel on VL 15 and nothing else does (IBA 7.6.3).
	if (smp != (rx.dest_qpn == 0))
		return VIB_DROP_RX_MALFORMED;
	if (rx.multicast && !packet.is_datagram)
		return VIB_DROP_RX_MALFORMED;
	if (rx.dlid == wire::PERMISSIVE_LID ? !smp : !rx.multicast && !port.owns(rx.dlid))
		return VIB_DROP_RX_DLID;
	return VIB_ACCEPT;
}

// Does the GRH, or that there is none, agree with the rest?
vib_drop check_global(const Port &port, ByteView bytes, const Packet &packet, vib_rx &rx)
{
	if (rx.multicast && (!packet.has_grh || rx.dest_qpn != wire::MULTICAST_QPN))
		return VIB_DROP_RX_MALFORMED;
	if (!packet.has_grh)
		return VIB_ACCEPT;

	const auto grh = bytes.load<wire::Grh>(Packet::GRH_OFFSET);
	if (grh->dgid.is_multicast() != rx.multicast)
		return VIB_DROP_RX_MALFORMED;
	if (!rx.multicast && !port.owns(grh->dgid))
		return VIB_DROP_RX_DGID;
	rx.has_grh = true;
	rx.grh = Packet::GRH_OFFSET;
	__builtin_memcpy(rx.mgid, &grh->dgid, sizeof(rx.mgid));
	return VIB_ACCEPT;
}

} // namespace

wire::Grh make_grh(const Port &port, const vib_av &av)
{
	wire::Grh grh{};
	grh.version_class_flow = wire::Be32::from(
		6u << 28 | static_cast<u32>(av.traffic_class) << 20 | (av.flow_label & 0xfffff));
	grh.hop_limit = av.hop_limit;
	grh.sgid = port.gid(av.sgid_index % VIB_GUIDS);
	__builtin_memcpy(&grh.dgid, av.dgid, sizeof(grh.dgid));
	return grh;
}

u16 slid_of(const Port &port, const vib_av &av)
{
	// An SMP that goes by a directed route only has no LIDs.
	if (av.dlid == wire::PERMISSIVE_LID)
		return wire::PERMISSIVE_LID;
	const unsigned mask = (1u << port.lmc.load()) - 1;
	return static_cast<u16>(port.lid.load() | (av.path_bits & mask));
}

vib_layout build_send(Fabric &fabric, u32 hca, const vib_send &send, u8 *bytes)
{
	Port &port = fabric.hca[hca].port;
	const vib_av &av = *send.av;
	const bool smp = send.qp->kind == VIB_QP_SMI;
	DatagramHeaders headers{};
	headers.vl = smp ? wire::SMP_VL : u8{0};
	headers.sl = av.sl;
	headers.dlid = av.dlid;
	headers.slid = slid_of(port, av);
	headers.pkey = pkey_of(port, send);
	headers.dest_qpn = send.dest_qpn;
	headers.src_qpn = send.qp->qpn;
	headers.qkey = send.remote_qkey & QKEY_OF_QP ? send.qp->qkey : send.remote_qkey;
	headers.psn = send.psn;
	headers.payload_len = send.payload_len;
	headers.solicited = send.solicited;
	if (send.has_imm)
		headers.imm = __builtin_bit_cast(wire::Imm, send.imm);
	if (av.has_grh)
		headers.grh = make_grh(port, av);

	const vib_drop drop = may_send(port, send, headers.pkey);
	if (drop != VIB_ACCEPT)
		headers.payload_len = 0;
	const Lengths lengths = write_headers(bytes, headers);
	return {static_cast<u16>(lengths.header), static_cast<u8>(lengths.tail),
		static_cast<u8>(drop)};
}

vib_drop receive_at_port(Port &port, ByteView bytes, vib_rx &rx)
{
	const auto packet = Packet::parse(bytes);
	if (!packet)
		return VIB_DROP_RX_MALFORMED;
	rx = {};
	if (const vib_drop drop = check_local(port, *packet, rx))
		return drop;
	if (const vib_drop drop = check_global(port, bytes, *packet, rx))
		return drop;

	rx.connected = !packet->is_datagram;
	rx.size = static_cast<u32>(bytes.size());
	rx.transport = static_cast<u32>(packet->transport);
	rx.payload = static_cast<u32>(packet->payload);
	rx.payload_len = static_cast<u32>(packet->payload_len);
	rx.has_imm = packet->has_imm;
	if (rx.has_imm)
		__builtin_memcpy(&rx.imm, bytes.data() + packet->payload - sizeof(rx.imm),
				 sizeof(rx.imm));
	rx.src_qpn = packet->deth.src_qpn.get();
	rx.qkey = packet->deth.qkey.get();
	rx.slid = packet->lrh.slid.get();
	rx.sl = packet->lrh.sl();
	rx.path_bits = static_cast<u8>(rx.dlid & ((1u << port.lmc.load()) - 1));
	rx.pkey = packet->bth.pkey.get();
	rx.solicited = packet->bth.solicited();
	port.counters[VIB_RX_PACKETS].add(1);
	port.counters[VIB_RX_WORDS].add(bytes.size() / 4);
	return VIB_ACCEPT;
}

vib_drop receive_at_qp(Port &port, const vib_qp_attr &qp, vib_rx &rx)
{
	if (rx.connected || qp.kind == VIB_QP_RC)
		return VIB_DROP_RX_CONNECTION;
	if (!qp.can_receive)
		return VIB_DROP_RX_QP_STATE;
	rx.pkey_index = qp.pkey_index;
	if (qp.kind == VIB_QP_SMI)
		return VIB_ACCEPT;

	if (qp.kind == VIB_QP_GSI) {
		// Any entry will do for the GSI (IBA 10.9.4); the answer is to use the same.
		u16 index = 0;
		while (index < VIB_PKEYS && !pkeys_match(port.pkeys[index].load(), rx.pkey))
			index++;
		rx.pkey_index = index;
	}
	if (rx.pkey_index >= VIB_PKEYS || !pkeys_match(port.pkeys[rx.pkey_index].load(), rx.pkey)) {
		port.violate_pkey();
		return VIB_DROP_RX_PKEY;
	}
	if (rx.qkey != (qp.kind == VIB_QP_GSI ? wire::GSI_QKEY : qp.qkey)) {
		port.violate_qkey();
		return VIB_DROP_RX_QKEY;
	}
	return VIB_ACCEPT;
}

} // namespace vib
