// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Reading and rewriting neighbour discovery.

#include "nd.hpp"

#include "wire/checksum.hpp"

namespace eipoib {

namespace {

constexpr u8 nd_hop_limit = 255; // no router forwarded it, RFC 4861 section 3.1

// A message in its packet.
struct NdLayout {
	wire::Ipv6Header ip;
	wire::NdType type;
	ByteView message; // ICMPv6 header, fixed part and options, without padding

	// How many bytes precede the options, RFC 4861 sections 4.1 to 4.5.
	constexpr size_t fixed_size() const
	{
		switch (type) {
		case wire::NdType::router_solicitation:
			return 8;
		case wire::NdType::router_advertisement:
			return 16;
		case wire::NdType::redirect:
			return sizeof(wire::NdTargetHeader) + sizeof(wire::Ipv6Address);
		default:
			return sizeof(wire::NdTargetHeader);
		}
	}
};

std::optional<NdLayout> lay_out(ByteView packet)
{
	const auto ip = packet.load<wire::Ipv6Header>();
	if (!ip || !is_nd(packet) || ip->hop_limit_ != nd_hop_limit)
		return std::nullopt;
	const size_t size = ip->payload_length_.get();
	if (!packet.contains(sizeof(*ip), size))
		return std::nullopt;

	const ByteView message = packet.from(sizeof(*ip)).first(size);
	const auto icmp = message.load<wire::Icmp6Header>();
	if (!icmp || icmp->code_ != 0)
		return std::nullopt;
	const NdLayout layout = {.ip = *ip, .type = wire::NdType{icmp->type_}, .message = message};
	if (message.size() < layout.fixed_size())
		return std::nullopt;
	return layout;
}

// Call @visit(type, bytes) for each option. False if they do not add up or it objected.
template <typename Visitor> bool visit_options(const NdLayout &layout, Visitor visit)
{
	ByteView rest = layout.message.from(layout.fixed_size());
	while (rest.size()) {
		const auto header = rest.load<wire::NdOptionHeader>();
		if (!header || header->length_ == 0)
			return false;
		const size_t size = header->length_ * size_t{8};
		if (rest.size() < size || !visit(header->type_, rest.first(size)))
			return false;
		rest = rest.from(size);
	}
	return true;
}

template <typename Address> bool read_link(ByteView option, std::optional<Address> &link)
{
	using Option = wire::NdLinkOption<Address>;
	if (link || option.size() != sizeof(Option))
		return false;
	link = option.load<Option>()->address_;
	return true;
}

ByteView option_body(ByteView option)
{
	return option.from(sizeof(wire::NdOptionHeader));
}

template <typename Address> bool read_option(NdMessage<Address> &message, u8 type, ByteView option)
{
	switch (type) {
	case wire::nd_option_source_link:
		return read_link(option, message.source_link);
	case wire::nd_option_target_link:
		return read_link(option, message.target_link);
	case wire::nd_option_signature:
		message.is_signed = true;
		break;
	case wire::AnnouncementOption::type:
		if (message.announced == wire::Announced::nothing) {
			message.announced = wire::inspect_announcement(option_body(option));
			message.announcement = wire::read_announcement(option_body(option));
		}
		break;
	}
	return true;
}

// Everything but the options.
template <typename Address> NdMessage<Address> read_fixed(const NdLayout &layout)
{
	NdMessage<Address> message = {};
	message.type = layout.type;
	message.source = layout.ip.source_;
	message.destination = layout.ip.destination_;
	// Router messages have no target: their fixed parts are shorter.
	if (layout.fixed_size() < sizeof(wire::NdTargetHeader))
		return message;
	const auto header = *layout.message.load<wire::NdTargetHeader>();
	message.target = header.target_;
	if (message.type == wire::NdType::neighbour_advertisement) {
		message.is_router = header.flags_ & wire::NdTargetHeader::router;
		message.is_solicited = header.flags_ & wire::NdTargetHeader::solicited;
		message.is_override = header.flags_ & wire::NdTargetHeader::override_;
	}
	return message;
}

template <typename Address>
void put_link(ByteWriter &out, u8 type, const std::optional<Address> &link)
{
	if (link)
		out.put(wire::NdLinkOption<Address>::make(type, *link));
}

template <typename Address>
void put_option(ByteWriter &out, u8 type, ByteView option, const NdLinks<Address> &links)
{
	switch (type) {
	case wire::nd_option_source_link:
		return put_link(out, type, links.source);
	case wire::nd_option_target_link:
		return put_link(out, type, links.target);
	case wire::AnnouncementOption::type:
		if (wire::inspect_announcement(option_body(option)) != wire::Announced::nothing)
			return;
		break;
	}
	out.put(option);
}

// Append the announcement and make payload length and checksum true. The number of bytes written
// to @out, or 0.
size_t finish_nd(ByteWriter &out, wire::Ipv6Header ip, const wire::Announcement *append)
{
	if (append)
		out.put(wire::AnnouncementOption::make(*append));
	const ByteSpan packet = out.written();
	const ByteView message = packet.view().from(sizeof(ip));
	if (out.has_overflowed() || message.size() > 0xffff)
		return 0;

	ip.payload_length_ = Be16::from(static_cast<u16>(message.size()));
	auto icmp = *message.load<wire::Icmp6Header>();
	icmp.checksum_ = {};
	if (!packet.store(ip) || !packet.store(icmp, sizeof(ip)))
		return 0;
	icmp.checksum_ = wire::sum_with_pseudo_header(ip, message).checksum();
	return packet.store(icmp, sizeof(ip)) ? packet.size() : 0;
}

} // namespace

template <typename Address>
std::optional<NdMessage<Address>> parse_nd(ByteView packet, bool is_checksum_pending)
{
	const auto layout = lay_out(packet);
	if (!layout)
		return std::nullopt;
	if (!is_checksum_pending &&
	    !wire::sum_with_pseudo_header(layout->ip, layout->message).is_intact())
		return std::nullopt;

	NdMessage<Address> message = read_fixed<Address>(*layout);
	if (!visit_options(*layout, [&](u8 type, ByteView option) {
		    return read_option(message, type, option);
	    }))
		return std::nullopt;
	return message;
}

template <typename From, typename To>
size_t rewrite_nd(ByteView packet, ByteSpan out, const NdLinks<To> &links,
		  const wire::Announcement *append)
{
	const auto message = parse_nd<From>(packet, true);
	if (!message || message->is_signed)
		return 0;

	const NdLayout layout = *lay_out(packet);
	ByteWriter writer(out);
	writer.put(layout.ip);
	writer.put(layout.message.first(layout.fixed_size()));
	visit_options(layout, [&](u8 type, ByteView option) {
		put_option(writer, type, option, links);
		return true;
	});
	return finish_nd(writer, layout.ip, append);
}

template <typename Address>
size_t build_unsolicited_na(ByteSpan out, const UnsolicitedNa<Address> &na,
			    const wire::Announcement *append)
{
	const wire::Ipv6Header ip = {.version_class_flow_ = Be32::from(6u << 28),
				     .payload_length_ = {},
				     .next_header_ = wire::next_header_icmp6,
				     .hop_limit_ = nd_hop_limit,
				     .source_ = na.address,
				     .destination_ = wire::Ipv6Address::all_nodes()};
	const u8 router = na.is_router ? wire::NdTargetHeader::router : 0;
	const wire::NdTargetHeader header = {
		.icmp_ = {.type_ = static_cast<u8>(wire::NdType::neighbour_advertisement),
			  .code_ = 0,
			  .checksum_ = {}},
		.flags_ = static_cast<u8>(router | wire::NdTargetHeader::override_),
		.reserved_ = {},
		.target_ = na.address};
	ByteWriter writer(out);
	writer.put(ip);
	writer.put(header);
	put_link(writer, wire::nd_option_target_link, std::optional(na.link));
	return finish_nd(writer, ip, append);
}

template std::optional<NdMessage<wire::MacAddress>> parse_nd(ByteView, bool);
template std::optional<NdMessage<wire::IbAddress>> parse_nd(ByteView, bool);
template size_t rewrite_nd<wire::MacAddress, wire::IbAddress>(ByteView, ByteSpan,
							      const NdLinks<wire::IbAddress> &,
							      const wire::Announcement *);
template size_t rewrite_nd<wire::IbAddress, wire::MacAddress>(ByteView, ByteSpan,
							      const NdLinks<wire::MacAddress> &,
							      const wire::Announcement *);
template size_t build_unsolicited_na(ByteSpan, const UnsolicitedNa<wire::MacAddress> &,
				     const wire::Announcement *);
template size_t build_unsolicited_na(ByteSpan, const UnsolicitedNa<wire::IbAddress> &,
				     const wire::Announcement *);

} // namespace eipoib
