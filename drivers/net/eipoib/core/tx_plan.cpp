// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// From ethX to the fabric: which VIF sends a frame, to which IPoIB address, in which form.

#include "plan.hpp"

namespace eipoib {

namespace {

// A frame while it is being decided on.
struct TxWork {
	const RcuReader &reader;
	const Core &core;
	ByteView head;
	wire::EthernetHeader ethernet;
	u16 ethertype;	    // of the payload, behind an in-band tag if there is one
	size_t link_length; // Ethernet header and in-band tag
	wire::VlanId vlan;
	const Binding *binding;
	eipoib_tx_plan &plan;
};

// Read the Ethernet header and at most one tag.
Objection parse_link(TxWork &work, const eipoib_tx_frame &frame)
{
	auto ethernet = work.head.load<wire::EthernetHeader>();
	if (!ethernet)
		return EIPOIB_REASON_TX_RUNT;
	work.ethernet = *ethernet;
	work.ethertype = ethernet->ethertype_.get();
	work.link_length = sizeof(wire::EthernetHeader);

	u16 tci = 0;
	if (frame.vlan_tci != EIPOIB_TCI_NONE) {
		tci = static_cast<u16>(frame.vlan_tci);
	} else if (work.ethertype == wire::ethertype_vlan) {
		auto tag = work.head.load<wire::VlanTag>(work.link_length);
		if (!tag)
			return EIPOIB_REASON_TX_RUNT;
		tci = tag->tci_.get();
		work.ethertype = tag->ethertype_.get();
		work.link_length += sizeof(wire::VlanTag);
	}
	// IEEE 802.1Q table 9-2: VID 0 is a priority tag, the frame belongs to no VLAN.
	const u16 vid = tci & 0xfff;
	work.vlan = vid ? wire::VlanId{vid} : wire::VlanId::untagged();
	if (vid == 0xfff)
		return EIPOIB_REASON_TX_VLAN;
	return {};
}

void write_header(TxWork &work, const wire::IbAddress &destination)
{
	const wire::IpoibTxHeader header = {.destination_ = destination,
					    .ethertype_ = Be16::from(work.ethertype),
					    .reserved_ = {}};
	static_assert(sizeof(header) == sizeof(work.plan.header));
	__builtin_memcpy(work.plan.header, &header, sizeof(header));
}

// Where a frame to unicast address @mac goes, or nullptr.
const wire::IbAddress *find_station(const TxWork &work, const wire::MacAddress &mac)
{
	return work.core.peers_.find_address(work.reader, work.binding->partition_->id_, mac);
}

Decision plan_ipv4(TxWork &work)
{
	auto ip = work.head.load<wire::Ipv4Header>(work.link_length);
	if (!ip || !ip->is_plausible())
		return Decision::drop(EIPOIB_REASON_TX_IP);

	const wire::PartitionId partition = work.binding->partition_->id_;
	const wire::MacAddress &to = work.ethernet.destination_;
	if (to == wire::MacAddress::broadcast()) {
		write_header(work, wire::broadcast_address(partition));
	} else if (to.is_group()) {
		// 32 groups share a MAC: only the IP header says which one is meant.
		if (!ip->is_to_multicast())
			return Decision::drop(EIPOIB_REASON_TX_PROTO);
		write_header(work, wire::multicast_address(partition, ip->destination_.get()));
	} else if (const wire::IbAddress *address = find_station(work, to)) {
		write_header(work, *address);
	} else {
		return Decision::drop(EIPOIB_REASON_TX_PEER_MISS);
	}
	return Decision::forward();
}

// The 20-byte form of an ARP target: our own, a known station's, or zero for "not known".
wire::IbAddress arp_target(const TxWork &work, const wire::MacAddress &target)
{
	if (target == work.ethernet.source_)
		return work.binding->address_;
	const wire::IbAddress *address = find_station(work, target);
	return address ? *address : wire::IbAddress{};
}

Decision plan_arp(TxWork &work)
{
	auto in = work.head.load<wire::EthernetArp>(work.link_length);
	if (!in || !in->is_for_ipv4())
		return Decision::drop(EIPOIB_REASON_TX_ARP);
	if (in->sender_ != work.ethernet.source_)
		return Decision::drop(EIPOIB_REASON_TX_SPOOF);

	const wire::MacAddress &to = work.ethernet.destination_;
	if (to.is_group()) {
		write_header(work, wire::broadcast_address(work.binding->partition_->id_));
	} else if (const wire::IbAddress *address = find_station(work, to)) {
		write_header(work, *address);
	} else {
		return Decision::drop(EIPOIB_REASON_TX_PEER_MISS);
	}

	auto out = wire::InfinibandArp::with_operation(in->operation_);
	out.sender_ = work.binding->address_;
	out.sender_ip_ = in->sender_ip_;
	out.target_ = arp_target(work, in->target_);
	out.target_ip_ = in->target_ip_;
	static_assert(sizeof(out) <= sizeof(work.plan.payload));
	__builtin_memcpy(work.plan.payload, &out, sizeof(out));
	work.plan.payload_len = sizeof(out);
	return Decision::rewrite();
}

} // namespace

Decision plan_tx(const RcuReader &reader, const Core &core, const eipoib_tx_frame &frame,
		 eipoib_tx_plan &plan)
{
	TxWork work = {.reader = reader,
		       .core = core,
		       .head = ByteView(frame.head, frame.head_len),
		       .ethernet = {},
		       .ethertype = 0,
		       .link_length = 0,
		       .vlan = wire::VlanId::untagged(),
		       .binding = nullptr,
		       .plan = plan};

	if (Objection objection = parse_link(work, frame))
		return Decision::drop(*objection);
	work.binding = core.vifs_.find(reader, work.ethernet.source_, work.vlan);
	if (!work.binding)
		return Decision::drop(EIPOIB_REASON_TX_VIF_MISS);
	if (!frame.is_gso && frame.len - work.link_length > work.binding->vif_->mtu())
		return Decision::drop(EIPOIB_REASON_TX_GIANT);

	plan.pull = static_cast<u8>(work.link_length);
	plan.protocol = work.ethertype;
	plan.dev = work.binding->vif_->dev_;
	switch (work.ethertype) {
	case wire::ethertype_ipv4:
		return plan_ipv4(work);
	case wire::ethertype_arp:
	case wire::ethertype_rarp:
		return plan_arp(work);
	default:
		return Decision::drop(EIPOIB_REASON_TX_PROTO);
	}
}

} // namespace eipoib
