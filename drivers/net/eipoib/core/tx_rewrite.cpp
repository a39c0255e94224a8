// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// ARP, RARP and neighbour discovery from ethX: link-layer addresses become those of IPoIB, and the
// sender's MAC goes along in an announcement.

#include "nd.hpp"
#include "say.hpp"
#include "tx_work.hpp"

namespace eipoib {

namespace {

Decision ask_for_payload(TxWork &work, size_t capacity)
{
	work.plan.capacity = static_cast<u32>(capacity);
	return Verdict::rewrite;
}

// The 20-byte form of @mac: our own, that of a peer or of another guest here, or nothing if it is
// not known.
std::optional<wire::IbAddress> address_of(const TxWork &work, const wire::MacAddress &mac)
{
	if (mac == work.ethernet.source_)
		return work.binding->address_;
	const Route route = work.core.peers_.find(work.reader, work.partition(), mac, work.now);
	if (route.end_point)
		return route.end_point->address();
	if (const Binding *sibling = work.core.vifs_.find(work.reader, mac, work.binding->vlan()))
		return sibling->address_;
	return {};
}

// Find the way of a frame that goes to @group if it does not go to one. What is decided otherwise
// is returned.
std::optional<Decision> find_way(TxWork &work, const wire::IbAddress &group)
{
	const u16 ethertype = work.ethernet.ethertype_.get();
	if (work.ethernet.destination_.is_group()) {
		work.write_header(group, ethertype);
		return {};
	}
	Route route;
	if (auto decision = find_route(work, route))
		return decision;
	if (needs_transparent(route))
		return send_transparent(work, route.end_point);
	work.write_header(*route.end_point, ethertype);
	return {};
}

// A neighbour advertisement without the override flag may speak for somebody else.
bool may_be_proxy(const NdMessage<wire::MacAddress> &message)
{
	return message.type == wire::NdType::neighbour_advertisement && !message.is_override;
}

// The link-layer address that the sender of @message gives as its own.
std::optional<wire::MacAddress> sender_of(const NdMessage<wire::MacAddress> &message)
{
	if (message.type == wire::NdType::neighbour_advertisement)
		return message.target_link;
	return message.source_link;
}

// What takes the place of the link-layer addresses of @message.
NdLinks<wire::IbAddress> translate_links(const TxWork &work,
					 const NdMessage<wire::MacAddress> &message)
{
	NdLinks<wire::IbAddress> links;
	if (message.source_link)
		links.source = work.binding->address_;
	if (message.target_link)
		links.target = message.type == wire::NdType::redirect
				       ? address_of(work, *message.target_link)
				       : work.binding->address_;
	return links;
}

// Where a message to a group MAC goes. A solicitation goes where an ARP request does: OpenSM makes
// the way to its own group after the sender was told that it has joined, and what is lost then is
// asked again after a second.
wire::IbAddress group_of(const TxWork &work, const NdMessage<wire::MacAddress> &message)
{
	if (!message.destination.is_multicast() ||
	    message.type == wire::NdType::neighbour_solicitation ||
	    work.ethernet.destination_ == wire::MacAddress::broadcast())
		return wire::broadcast_address(work.partition());
	return wire::ipv6_group_address(work.partition(), message.destination);
}

// Where its neighbours look for the sender of @message.
void listen(const TxWork &work, const NdMessage<wire::MacAddress> &message)
{
	const wire::Ipv6Address &address = message.type == wire::NdType::neighbour_advertisement
						   ? message.target
						   : message.source;
	if (address.is_unicast())
		count_limit(work.core, work.core.groups_.infer(
					       work.partition(), work.ethernet.source_,
					       IpGroup::of(address.solicited_node()), work.now));
}

void note_router(const TxWork &work, const NdMessage<wire::MacAddress> &message)
{
	if (message.type == wire::NdType::router_advertisement)
		work.binding->vif_->set_router(true);
	else if (message.type == wire::NdType::neighbour_advertisement && message.is_override)
		work.binding->vif_->set_router(message.is_router);
}

} // namespace

Decision plan_arp(TxWork &work)
{
	if (!work.payload)
		return ask_for_payload(work, sizeof(AnnouncedArp));
	const auto in = work.packet().load<wire::EthernetArp>();
	if (!in || !in->is_for_ipv4())
		return Decision::drop(EIPOIB_REASON_TX_ARP);
	if (in->sender_ != work.ethernet.source_)
		return Decision::drop(EIPOIB_REASON_TX_SPOOF);
	if (auto decision = find_way(work, wire::broadcast_address(work.partition())))
		return *decision;

	// QEMU announces a guest that has arrived like this, and does not know its addresses.
	if (work.ethernet.ethertype_.get() == wire::ethertype_rarp &&
	    in->operation_.get() == wire::rarp_request && in->target_ == in->sender_) {
		work.binding->vif_->arrival_.begin(work.now);
		work.binding->vif_->demand(attention::arrived);
	}

	AnnouncedArp out = {.arp = wire::InfinibandArp::with_operation(in->operation_),
			    .announcement = own_announcement(*work.binding, 0, in->target_)};
	out.arp.sender_ = work.binding->address_;
	out.arp.sender_ip_ = in->sender_ip_;
	out.arp.target_ = address_of(work, in->target_).value_or(wire::IbAddress{});
	out.arp.target_ip_ = in->target_ip_;
	__builtin_memcpy(work.payload, &out, sizeof(out));
	work.plan.payload_len = sizeof(out);
	return Verdict::rewrite;
}

Decision plan_nd(TxWork &work)
{
	const size_t capacity = rewritten_nd_size_max(work.payload_length());
	if (!work.payload)
		return ask_for_payload(work, capacity);
	const auto message =
		parse_nd<wire::MacAddress>(work.packet(), work.frame.is_checksum_pending);
	if (!message)
		return Decision::drop(EIPOIB_REASON_TX_ND);
	if (message->is_signed) {
		eipoib_k_count(work.core.pif_, EIPOIB_NOTE_TX_ND_SIGNED);
		return plan_transparent(work);
	}
	const auto sender = sender_of(*message);
	if (sender && *sender != work.ethernet.source_ && !may_be_proxy(*message))
		return Decision::drop(EIPOIB_REASON_TX_SPOOF);
	if (auto decision = find_way(work, group_of(work, *message)))
		return *decision;

	listen(work, *message);
	note_router(work, *message);
	const wire::Announcement announcement = own_announcement(*work.binding, 0, {});
	const size_t size =
		rewrite_nd<wire::MacAddress>(work.packet(), ByteSpan(work.payload, capacity),
					     translate_links(work, *message), &announcement);
	if (!size)
		return Decision::drop(EIPOIB_REASON_TX_ND);
	// It has grown, and ib_ipoib would drop it without a word.
	if (size > work.binding->vif_->short_mtu())
		return Decision::drop(EIPOIB_REASON_TX_GIANT);
	work.plan.payload_len = static_cast<u32>(size);
	return Verdict::rewrite;
}

} // namespace eipoib
