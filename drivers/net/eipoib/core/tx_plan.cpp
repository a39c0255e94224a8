// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// From ethX to the fabric: which VIF sends a frame, to which IPoIB address, in which form.

#include "tx_flow.hpp"

#include "say.hpp"

namespace eipoib {

namespace {

// How long a frame that a peer sent may take to come back through ethX: what returns later comes
// from a station that has moved here.
constexpr u32 loop_interval = 500; // ms

// IEEE 802.1Q table 9-2: VID 0 is a priority tag, the frame belongs to no VLAN.
wire::VlanId vlan_of(const eipoib_tx_frame &frame)
{
	const u16 vid = frame.vlan_tci == EIPOIB_TCI_NONE ? 0 : frame.vlan_tci & 0xfff;
	return vid ? wire::VlanId{vid} : wire::VlanId::untagged();
}

// Whoever makes VIFs on demand wants to know who has none.
[[gnu::cold]] void report_stranger(const TxWork &work)
{
	const wire::MacAddress &source = work.ethernet.source_;
	if (source.is_usable() && eipoib_k_is_watched(work.core.pif_) &&
	    work.core.strangers_.is_news(source, work.vlan, work.now))
		eipoib_k_report_source(work.core.pif_, source.bytes_, work.vlan.value);
}

[[gnu::always_inline]] inline Objection find_vif(TxWork &work)
{
	const wire::MacAddress &source = work.ethernet.source_;
	if (work.vlan.value == 0xfff)
		return EIPOIB_REASON_TX_VLAN;
	work.binding = work.core.vifs_.find(work.reader, source, work.vlan);
	if (!work.binding && source.is_usable())
		work.binding = work.core.vifs_.find_any(work.reader, work.vlan);
	if (!work.binding) {
		report_stranger(work);
		return EIPOIB_REASON_TX_VIF_MISS;
	}
	work.plan.dev = work.binding->vif_->dev_;
	if (work.longest() > sizeof(wire::EthernetHeader) + work.binding->vif_->short_mtu())
		[[unlikely]] {
		if (!work.frame.is_gso && work.payload_length() > work.binding->vif_->mtu())
			return EIPOIB_REASON_TX_GIANT;
		work.is_long = true;
	}
	return {};
}

// Its MAC was announced by a peer, but its guest is still, or again, here.
[[gnu::cold]] void reclaim(TxWork &work)
{
	if (!work.binding->vif_->attend(attention::contested))
		return;
	eipoib_k_vif_changed(work.binding->vif_->dev_);
	work.core.peers_.reclaim(work.reader, work.partition(), work.binding->mac());
	send_announcement(*work.binding, wire::broadcast_address(work.partition()), 0);
}

Decision forward(TxWork &work, const wire::IbAddress &destination)
{
	work.write_header(destination, work.ethernet.ethertype_.get());
	if (work.is_long) [[unlikely]]
		return plan_long(work, work.binding->vif_->short_mtu());
	return Verdict::forward;
}

void edit(eipoib_tx_plan &plan, size_t offset, Be16 value)
{
	eipoib_edit &edit = plan.edits[plan.edit_count++];
	edit.offset = static_cast<u16>(offset);
	edit.bytes[0] = value.bytes_[0];
	edit.bytes[1] = value.bytes_[1];
}

// Servers shall answer a guest's client to all: they may not know the way to its MAC.
[[gnu::cold]] Objection plan_dhcp(TxWork &work)
{
	const auto request = parse_dhcp_request(work.packet(), work.frame.is_checksum_pending);
	if (!request)
		return {};
	if (request->is_direct && request->chaddr != work.ethernet.source_)
		return EIPOIB_REASON_TX_SPOOF;
	if (!request->has_broadcast_flag) {
		edit(work.plan, sizeof(wire::EthernetHeader) + request->flags_offset,
		     request->broadcast_flags);
		edit(work.plan, sizeof(wire::EthernetHeader) + request->checksum_offset,
		     request->broadcast_checksum);
	}
	return {};
}

// Whether plain peers must be told that the source of @ip is here now.
template <typename IpHeader>
[[gnu::cold]] bool is_arrival_news(const TxWork &work, const IpHeader &ip)
{
	Vif &vif = *work.binding->vif_;
	if (!ip.is_from_host())
		return false;
	if (!vif.arrival_.is_over(work.now))
		return vif.arrival_.is_news(ip.source_);
	vif.attend(attention::arrived);
	return false;
}

// What becomes of an IPv4 packet; nothing if it goes where its MAC says.
[[gnu::always_inline]] inline std::optional<Decision> plan_ipv4(TxWork &work)
{
	wire::Ipv4Header ip;
	const Content content = inspect_ipv4(work.packet());
	if (content == Content::bad || !work.packet().read(ip))
		return Decision::drop(EIPOIB_REASON_TX_IP);
	if (work.binding->vif_->attention() & attention::arrived && is_arrival_news(work, ip))
		tell_peers_ipv4(*work.binding, ip.source_);
	if (content == Content::dhcp_request) {
		if (Objection objection = plan_dhcp(work))
			return Decision::drop(*objection);
	}

	const wire::MacAddress &to = work.ethernet.destination_;
	if (!to.is_group()) [[likely]]
		return {};
	if (to == wire::MacAddress::broadcast())
		return forward(work, wire::broadcast_address(work.partition()));
	// 32 groups share a MAC: only the IP header says which one is meant.
	if (!ip.is_to_multicast())
		return send_transparent(work, nullptr);
	if (may_be_membership(work.packet()))
		work.plan.flags = EIPOIB_PLAN_SNOOP;
	return forward(work, wire::multicast_address(work.partition(), ip.destination_.get()));
}

// The same of an IPv6 packet.
[[gnu::always_inline]] inline std::optional<Decision> plan_ipv6(TxWork &work)
{
	wire::Ipv6Header ip;
	const Content content = inspect_ipv6(work.packet());
	if (content == Content::bad || !work.packet().read(ip))
		return Decision::drop(EIPOIB_REASON_TX_IP);
	if (work.binding->vif_->attention() & attention::arrived && is_arrival_news(work, ip))
		tell_peers_ipv6(*work.binding, ip.source_);
	if (content == Content::nd)
		return plan_nd(work);

	const wire::MacAddress &to = work.ethernet.destination_;
	if (!to.is_group()) [[likely]]
		return {};
	if (to == wire::MacAddress::broadcast())
		return forward(work, wire::broadcast_address(work.partition()));
	if (!ip.is_to_multicast())
		return send_transparent(work, nullptr);
	if (may_be_membership(work.packet()))
		work.plan.flags = EIPOIB_PLAN_SNOOP;
	return forward(work, wire::ipv6_group_address(work.partition(), ip.destination_));
}

// A frame that is translated, and addressed to one.
[[gnu::always_inline]] inline Decision plan_unicast(TxWork &work)
{
	Route route;
	if (auto decision = find_route(work, route))
		return *decision;
	if (needs_transparent(route))
		return send_transparent(work, route.end_point);
	work.write_header(*route.end_point, work.ethernet.ethertype_.get());
	remember_tx_flow(work, route);
	if (work.is_long) [[unlikely]]
		return plan_long(work, work.mtu_to(*route.end_point));
	return Verdict::forward;
}

// Whether a frame may say that its sender joins or leaves groups.
bool is_report(const TxWork &work)
{
	const u16 ethertype = work.ethernet.ethertype_.get();
	return work.ethernet.destination_.is_group() &&
	       (ethertype == wire::ethertype_ipv4 || ethertype == wire::ethertype_ipv6) &&
	       may_be_membership(work.packet());
}

// From a MAC without a VIF of its own: what it says cannot be put into IPoIB terms.
Decision plan_any(TxWork &work)
{
	const wire::MacAddress &source = work.ethernet.source_;
	PeerTable &peers = work.core.peers_;
	if (peers.was_heard(work.reader, work.partition(), source, work.now, loop_interval))
		return Decision::drop(EIPOIB_REASON_TX_LOOP);
	peers.reclaim(work.reader, work.partition(), source);
	const Decision decision = plan_transparent(work);
	// Hosts send to groups of the fabric all the same.
	if (decision.verdict == Verdict::forward && is_report(work))
		work.plan.flags |= EIPOIB_PLAN_SNOOP;
	return decision;
}

[[gnu::always_inline]] inline TxWork begin(const RcuReader &reader, Core &core,
					   const eipoib_tx_frame &frame, eipoib_tx_plan &plan,
					   u8 *payload, const wire::EthernetHeader &ethernet)
{
	return {.reader = reader,
		.core = core,
		.frame = frame,
		.head = ByteView(frame.head, frame.head_len),
		.now = eipoib_k_now(),
		.revision = core.revision_.get(),
		.ethernet = ethernet,
		.vlan = vlan_of(frame),
		.binding = nullptr,
		.plan = plan,
		.payload = payload};
}

} // namespace

void snoop_tx(const RcuReader &reader, Core &core, const eipoib_tx_frame &frame)
{
	eipoib_tx_plan plan;
	wire::EthernetHeader ethernet;
	if (!ByteView(frame.head, frame.head_len).read(ethernet))
		return;
	TxWork work = begin(reader, core, frame, plan, nullptr, ethernet);
	if (find_vif(work))
		return;
	const SnoopResult result =
		core.groups_.snoop_tx(work.partition(), work.ethernet.source_, work.packet(),
				      frame.is_checksum_pending, work.now);
	count_limit(core, result);
}

[[gnu::always_inline]] inline Decision plan_tx(const RcuReader &reader, Core &core,
					       const eipoib_tx_frame &frame, eipoib_tx_plan &plan,
					       u8 *payload)
{
	plan.dev = nullptr;
	plan.held = nullptr;
	wire::EthernetHeader ethernet;
	if (!ByteView(frame.head, frame.head_len).read(ethernet))
		return Decision::drop(EIPOIB_REASON_TX_RUNT);
	TxWork work = begin(reader, core, frame, plan, payload, ethernet);
	if (Objection objection = find_vif(work))
		return Decision::drop(*objection);

	plan.flags = 0;
	plan.edit_count = 0;
	plan.pull = sizeof(wire::EthernetHeader);
	if (work.binding->is_any())
		return plan_any(work);
	if (work.binding->vif_->attention() & attention::contested)
		reclaim(work);
	switch (work.ethernet.ethertype_.get()) {
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
	default:
		return plan_transparent(work);
	}
	return plan_unicast(work);
}

} // namespace eipoib
