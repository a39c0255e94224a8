// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// From the fabric to ethX: whether a VIF's frame enters, under which Ethernet addresses, in which
// form, and what it teaches about its sender.

#include "rx_flow.hpp"

namespace eipoib {

namespace {

// One copy of a group frame enters ethX, and none of what ethX sent.
Objection check_group(const RxWork &work)
{
	if (work.link.has_grh() && work.link.source_gid_ == work.binding.address_.gid_ &&
	    work.core.vifs_.owns(work.reader, work.source_qpn()))
		return EIPOIB_REASON_RX_OWN;
	if (!work.core.vifs_.counts(work.reader, *work.binding.partition_, work.vif, work.frame,
				    work.now))
		return EIPOIB_REASON_RX_COPY;
	return {};
}

// Who sent it. A GRH tells the whole address; without one it must be known already.
[[gnu::always_inline]] inline void identify(RxWork &work)
{
	PeerTable &peers = work.core.peers_;
	const wire::Qpn qpn = work.source_qpn();
	work.sender = peers.find_source(work.reader, work.partition(), qpn, work.lid);
	if (work.link.has_grh()) {
		if (!work.sender || work.sender->address_.gid_ != work.link.source_gid_ ||
		    work.sender->is_hearsay())
			learn_sender(work,
				     {.flags_ = work.link.is_connected()
							? wire::IbAddress::connected
							: u8{0},
				      .qpn_ = Be24::from(qpn.value),
				      .gid_ = work.link.source_gid_},
				     work.link.is_connected());
	} else if (work.sender && work.sender->is_hearsay()) {
		learn_sender(work, work.sender->address(), false);
	} else if (!work.sender && work.lid.value &&
		   work.core.lid_queries_.allow(work.partition(), qpn, work.lid, work.now)) {
		eipoib_k_query_lid(work.vif.dev_, qpn.value, work.lid.value);
	}
	if (work.sender) {
		work.sender->used_.set(work.now);
		work.sender->heard_.set(work.now);
	}
}

// Who sends too long a frame by a connection does not know that the VIF has none any more.
[[gnu::cold]] void correct_sender(RxWork &work)
{
	identify(work);
	if (work.sender && work.link.is_connected())
		answer_peer(work.binding, *work.sender, work.now);
}

Decision forward_to_group(RxWork &work, const wire::MacAddress &mac)
{
	ask_stranger(work.binding, work.sender, work.now);
	work.write_header(mac);
	return Verdict::forward;
}

[[gnu::always_inline]] inline Decision forward_to_vif(RxWork &work)
{
	// A translated frame cannot say which of the MACs behind it is meant.
	if (work.binding.is_any())
		return Decision::drop(EIPOIB_REASON_RX_NOT_OURS);
	ask_stranger(work.binding, work.sender, work.now);
	work.write_header(work.binding.mac());
	remember_rx_flow(work);
	return Verdict::forward;
}

// A client that has no address yet: its hardware address is that of its VIF.
void learn_client(RxWork &work)
{
	const auto request = parse_dhcp_request(work.head, false);
	if (request && request->is_direct && request->is_from_unspecified &&
	    request->chaddr.is_usable() && work.sender &&
	    !work.core.vifs_.find(work.reader, request->chaddr, work.binding.vlan()))
		work.core.peers_.see_client(work.reader, *work.sender, request->chaddr, work.now);
}

Decision plan_ipv4_group(RxWork &work, const wire::Ipv4Header &ip)
{
	if (ip.protocol_ == wire::ipv4_protocol_udp && ip.source_ == Be32{})
		learn_client(work);
	if (may_be_membership(work.head))
		work.core.groups_.snoop_rx(work.partition(), work.head, work.now);
	return forward_to_group(work, ip.is_to_multicast()
					      ? wire::ipv4_group_mac(ip.destination_.get())
					      : wire::MacAddress::broadcast());
}

// What becomes of an IPv4 packet; nothing if it is for this VIF alone.
[[gnu::always_inline]] inline std::optional<Decision> plan_ipv4(RxWork &work)
{
	wire::Ipv4Header ip;
	if (!work.head.read(ip) || !ip.is_plausible())
		return Decision::drop(EIPOIB_REASON_RX_IP);
	if (work.frame.is_group)
		return plan_ipv4_group(work, ip);
	return {};
}

// The same of an IPv6 packet.
[[gnu::always_inline]] inline std::optional<Decision> plan_ipv6(RxWork &work)
{
	wire::Ipv6Header ip;
	const Content content = inspect_ipv6(work.head);
	if (content == Content::bad || !work.head.read(ip))
		return Decision::drop(EIPOIB_REASON_RX_IP);
	if (content == Content::nd)
		return plan_nd(work);
	if (!work.frame.is_group)
		return {};
	if (may_be_membership(work.head))
		work.core.groups_.snoop_rx(work.partition(), work.head, work.now);
	return forward_to_group(work, ip.is_to_multicast() ? wire::ipv6_group_mac(ip.destination_)
							   : wire::MacAddress::broadcast());
}

// Whether somebody behind ethX may have @mac. The owner of a flooded frame's destination says so.
bool is_for_us(RxWork &work, const wire::MacAddress &mac)
{
	if (mac.is_group())
		return true;
	const VifTable &vifs = work.core.vifs_;
	if (const Binding *owner = vifs.find(work.reader, mac, work.binding.vlan())) {
		if (work.frame.is_group && work.sender)
			answer_peer(*owner, *work.sender, work.now);
		return true;
	}
	return vifs.find_any(work.reader, work.binding.vlan());
}

Decision plan_transparent(RxWork &work)
{
	const auto ethernet = work.head.load<wire::EthernetHeader>();
	if (!ethernet || !ethernet->source_.is_usable())
		return Decision::drop(EIPOIB_REASON_RX_TEB);
	if (work.sender) {
		if (Objection objection = check_claim(work, ethernet->source_))
			return Decision::drop(*objection);
		work.core.peers_.see_transparent(work.reader, *work.sender, ethernet->source_,
						 work.now);
	}
	if (!is_for_us(work, ethernet->destination_))
		return Decision::drop(EIPOIB_REASON_RX_NOT_OURS);
	work.plan.header_len = 0;
	return Verdict::forward;
}

} // namespace

void learn_sender(RxWork &work, const wire::IbAddress &address, bool are_flags_known)
{
	const PeerTable::Learnt learnt = work.core.peers_.learn(
		work.reader, work.partition(), work.lid, address, are_flags_known, true, work.now);
	work.sender = learnt.end_point;
	if (learnt.is_renamed)
		tell_guests(work.core, work.binding.vlan(), *work.sender);
}

Objection check_claim(RxWork &work, const wire::MacAddress &mac)
{
	const Binding *own = work.core.vifs_.find(work.reader, mac, work.binding.vlan());
	if (!own)
		return {};
	if (own->is_sticky())
		return EIPOIB_REASON_RX_CONTESTED;
	if (!(own->vif_->attention() & attention::contested)) {
		eipoib_k_count(work.core.pif_, EIPOIB_NOTE_RX_MOVED_AWAY);
		own->vif_->demand(attention::contested);
		eipoib_k_vif_changed(own->vif_->dev_);
	}
	return {};
}

[[gnu::always_inline]] inline Decision plan_rx(const RcuReader &reader, Core &core, const Vif &vif,
					       const eipoib_rx_frame &frame, eipoib_rx_plan &plan,
					       u8 *payload)
{
	const u64 revision = core.revision_.get();
	const Binding *binding = vif.binding_.load(reader);
	if (!binding)
		return Decision::drop(EIPOIB_REASON_RX_UNBOUND);
	wire::IpoibRxHeader link;
	__builtin_memcpy(&link, frame.link, sizeof(link));
	const wire::Qpn qpn = link.source_qpn();
	if (qpn.value == 0)
		return Decision::drop(EIPOIB_REASON_RX_NO_SOURCE);
	RxWork work = {.reader = reader,
		       .core = core,
		       .vif = vif,
		       .binding = *binding,
		       .frame = frame,
		       .head = ByteView(frame.head, frame.head_len),
		       .now = eipoib_k_now(),
		       .revision = revision,
		       .link = link,
		       .lid = {static_cast<u16>(link.source_lid_.get() & vif.lid_mask())},
		       .sender = nullptr,
		       .plan = plan,
		       .payload = payload};
	// Once for each frame: copies are counted.
	if (frame.is_group && !payload) {
		if (Objection objection = check_group(work))
			return Decision::drop(*objection);
	}
	if (!frame.is_gso && frame.len > vif.mtu()) {
		correct_sender(work);
		return Decision::drop(EIPOIB_REASON_RX_GIANT);
	}

	identify(work);
	plan.vlan = binding->vlan().value;
	plan.header_len = sizeof(plan.header);
	switch (work.link.ethertype_.get()) {
	case wire::ethertype_ipv4:
		if (auto decision = plan_ipv4(work))
			return *decision;
		break;
	case wire::ethertype_ipv6:
		if (auto decision = plan_ipv6(work))
			return *decision;
		break;
	case wire::ethertype_arp:
	case wire::ethertype_rarp:
		return plan_arp(work);
	case wire::ethertype_teb:
		return plan_transparent(work);
	default:
		return Decision::drop(EIPOIB_REASON_RX_PROTO);
	}
	return forward_to_vif(work);
}

void answer_lid(const RcuReader &reader, Core &core, const Vif &vif, wire::Qpn qpn, wire::Lid lid,
		const wire::Gid &gid)
{
	const Binding *binding = vif.binding_.load(reader);
	if (!binding)
		return;
	const wire::PartitionId partition = binding->partition_->id_;
	const PeerTable::Learnt learnt = core.peers_.learn(
		reader, partition, lid, {.flags_ = 0, .qpn_ = Be24::from(qpn.value), .gid_ = gid},
		false, false, eipoib_k_now());
	if (!learnt.end_point)
		return;
	if (learnt.is_renamed)
		tell_guests(core, binding->vlan(), *learnt.end_point);
	for (u8 variant = 0; variant < wire::remac_variants; variant++)
		core.peers_.answer(reader, partition, wire::remac(qpn, lid, variant));
	ask_peer(*binding, *learnt.end_point, eipoib_k_now());
}

} // namespace eipoib
