// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// ARP, RARP and neighbour discovery from the fabric: what they teach, and their Ethernet form.

#include "nd.hpp"
#include "rx_work.hpp"
#include "say.hpp"

namespace eipoib {

namespace {

Decision ask_for_payload(RxWork &work, size_t capacity)
{
	work.plan.capacity = static_cast<u32>(capacity);
	return Verdict::rewrite;
}

// The address in the payload must be that of the queue pair that sent it.
bool is_true(const RxWork &work, const wire::IbAddress &sender)
{
	if (sender.qpn() != work.source_qpn())
		return false;
	return !work.link.has_grh() || sender.gid_ == work.link.source_gid_;
}

void answer_request(RxWork &work, const wire::Announcement &announcement)
{
	const Binding *asked = announcement.target_.is_zero()
				       ? &work.binding
				       : work.core.vifs_.find(work.reader, announcement.target_,
							      work.binding.vlan());
	if (asked)
		answer_peer(*asked, *work.sender, work.now);
}

// Believe what the sender, whose address is established, says of itself.
Objection take_announcement(RxWork &work, wire::Announced announced,
			    const std::optional<wire::Announcement> &announcement)
{
	if (announced == wire::Announced::ignored)
		eipoib_k_count(work.core.pif_, EIPOIB_NOTE_RX_ANNOUNCE_BAD);
	if (announced != wire::Announced::valid || !work.sender)
		return {};
	if (Objection objection = check_claim(work, announcement->sender_))
		return objection;
	work.core.peers_.announce(work.reader, *work.sender, announcement->sender_,
				  announcement->takes_teb(), work.now);
	if (announcement->is_request())
		answer_request(work, *announcement);
	return {};
}

// The MAC of the owner of @address: of the VIF, of a peer, or nothing if it is not known.
std::optional<wire::MacAddress> mac_of(const RxWork &work, const wire::IbAddress &address)
{
	if (address.qpn() == work.vif.qpn_ && address.gid_ == work.binding.address_.gid_)
		return work.binding.mac();
	const EndPoint *owner = work.core.peers_.find_owner(work.reader, work.partition(), address);
	if (!owner)
		return {};
	return owner->identity().mac();
}

std::optional<wire::IbAddress> sender_of(const NdMessage<wire::IbAddress> &message)
{
	if (message.type == wire::NdType::neighbour_advertisement)
		return message.target_link;
	if (message.type == wire::NdType::redirect)
		return {};
	return message.source_link;
}

NdLinks<wire::MacAddress> translate_links(const RxWork &work,
					  const NdMessage<wire::IbAddress> &message)
{
	NdLinks<wire::MacAddress> links;
	if (message.source_link)
		links.source = work.source_mac();
	if (message.target_link)
		links.target = message.type == wire::NdType::redirect
				       ? mac_of(work, *message.target_link)
				       : work.source_mac();
	return links;
}

// Where the sender of @message can be found by those who were told its former MAC.
void see_addresses(RxWork &work, const NdMessage<wire::IbAddress> &message)
{
	if (!work.sender)
		return;
	if (message.type == wire::NdType::neighbour_advertisement)
		work.core.peers_.see_ipv6(*work.sender, message.target, message.is_router);
	else if (message.type == wire::NdType::router_advertisement)
		work.core.peers_.see_ipv6(*work.sender, message.source, true);
}

} // namespace

Decision plan_arp(RxWork &work)
{
	if (!work.payload)
		return ask_for_payload(work, sizeof(wire::EthernetArp));
	const auto in = work.head.load<wire::InfinibandArp>();
	if (!in || !in->is_for_ipv4())
		return Decision::drop(EIPOIB_REASON_RX_ARP);
	if (!is_true(work, in->sender_))
		return Decision::drop(EIPOIB_REASON_RX_SPOOF);

	learn_sender(work, in->sender_, true);
	const ByteView trailer = work.head.from(sizeof(wire::InfinibandArp));
	const auto announcement = wire::read_announcement(trailer);
	if (Objection objection =
		    take_announcement(work, wire::inspect_announcement(trailer), announcement))
		return Decision::drop(*objection);
	if (announcement && announcement->is_bare())
		return Verdict::consume;
	if (work.sender && in->sender_ip_ != Be32{})
		work.core.peers_.see_ipv4(*work.sender, in->sender_ip_);
	if (!work.frame.is_group && work.binding.is_any())
		return Decision::drop(EIPOIB_REASON_RX_NOT_OURS);
	if (work.sender)
		ask_peer(work.binding, *work.sender, work.now);

	auto out = wire::EthernetArp::with_operation(in->operation_);
	out.sender_ = work.source_mac();
	out.sender_ip_ = in->sender_ip_;
	out.target_ = mac_of(work, in->target_).value_or(wire::MacAddress{});
	out.target_ip_ = in->target_ip_;
	__builtin_memcpy(work.payload, &out, sizeof(out));
	work.plan.payload_len = sizeof(out);
	work.write_header(work.frame.is_group ? wire::MacAddress::broadcast() : work.binding.mac());
	return Verdict::rewrite;
}

Decision plan_nd(RxWork &work)
{
	if (!work.payload)
		return ask_for_payload(work, work.frame.len);
	const auto message = parse_nd<wire::IbAddress>(work.head, false);
	if (!message)
		return Decision::drop(EIPOIB_REASON_RX_ND);
	if (message->is_signed && (message->source_link || message->target_link))
		return Decision::drop(EIPOIB_REASON_RX_ND_SIGNED);
	const auto sender = sender_of(*message);
	if (sender && !is_true(work, *sender))
		return Decision::drop(EIPOIB_REASON_RX_SPOOF);

	if (sender)
		learn_sender(work, *sender, true);
	if (sender || work.link.has_grh()) {
		if (Objection objection =
			    take_announcement(work, message->announced, message->announcement))
			return Decision::drop(*objection);
	}
	see_addresses(work, *message);
	if (!work.frame.is_group && work.binding.is_any())
		return Decision::drop(EIPOIB_REASON_RX_NOT_OURS);
	if (work.sender)
		ask_peer(work.binding, *work.sender, work.now);

	const wire::MacAddress group_mac = message->destination.is_multicast()
						   ? wire::ipv6_group_mac(message->destination)
						   : wire::MacAddress::broadcast();
	work.write_header(work.frame.is_group ? group_mac : work.binding.mac());
	if (message->is_signed)
		return Verdict::forward;
	const size_t size =
		rewrite_nd<wire::IbAddress>(work.head, ByteSpan(work.payload, work.frame.len),
					    translate_links(work, *message), nullptr);
	if (!size)
		return Decision::drop(EIPOIB_REASON_RX_ND);
	work.plan.payload_len = static_cast<u32>(size);
	return Verdict::rewrite;
}

} // namespace eipoib
