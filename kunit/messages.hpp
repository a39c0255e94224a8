// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Messages through the parsers and rewriters, and what differs from a case.
#pragma once

#include "cases/dhcp_cases.hpp"
#include "cases/nd_cases.hpp"
#include "cases/snoop_cases.hpp"
#include "dhcp.hpp"
#include "hex.hpp"
#include "nd.hpp"
#include "snoop.hpp"

namespace kunit {

using namespace eipoib;
using namespace eipoib::cases;
using wire::IbAddress;
using wire::MacAddress;

// A few words, put together.
class Text {
public:
	void add(char c)
	{
		if (size_ + 1 < sizeof(text_))
			text_[size_++] = c;
	}

	void add(const char *word)
	{
		while (*word)
			add(*word++);
	}

	void add(ByteView bytes)
	{
		for (size_t i = 0; i < bytes.size(); i++) {
			add("0123456789abcdef"[bytes.data()[i] >> 4]);
			add("0123456789abcdef"[bytes.data()[i] & 15]);
		}
	}

	const char *c_str() const
	{
		return text_;
	}

private:
	char text_[512] = {};
	size_t size_ = 0;
};

// The two end points of nd_cases.hpp.
struct Forms {
	const char *mac;
	const char *ib;
};

inline constexpr Forms end_points[] = {
	{"52540067e9bd", "80000048 fe80000000000000 0002c90300433bf1"},
	{"525400112233", "80000050 fe80000000000000 0002c90300433c01"},
};

template <typename Address> Address address_of(const char *hex)
{
	u8 bytes[sizeof(Address)];
	for (u8 &byte : bytes)
		byte = static_cast<u8>(next_byte(hex));
	Address address;
	__builtin_memcpy(&address, bytes, sizeof(bytes));
	return address;
}

inline std::optional<IbAddress> other_form(const std::optional<MacAddress> &mac)
{
	for (const Forms &e : end_points)
		if (mac && equals(bytes_of(*mac), e.mac))
			return address_of<IbAddress>(e.ib);
	return {};
}

inline std::optional<MacAddress> other_form(const std::optional<IbAddress> &ib)
{
	for (const Forms &e : end_points)
		if (ib && equals(bytes_of(*ib), e.ib))
			return address_of<MacAddress>(e.mac);
	return {};
}

inline std::optional<MacAddress> mac_form(const std::optional<MacAddress> &mac)
{
	return mac;
}

inline std::optional<MacAddress> mac_form(const std::optional<IbAddress> &ib)
{
	return other_form(ib);
}

template <typename Address> bool is_link(const std::optional<Address> &link, const char *hex)
{
	const std::optional<MacAddress> mac = mac_form(link);
	return link.has_value() == mac.has_value() &&
	       equals(mac ? bytes_of(*mac) : ByteView(), hex);
}

// Whether @from, with the other forms of its link-layer addresses, becomes @to.
template <typename From, typename To> bool becomes(const char *from, const char *to)
{
	if (!input.set(from))
		return false;
	const auto message = parse_nd<From>(input.view(), false);
	if (!message)
		return false;
	const NdLinks<To> links = {.source = other_form(message->source_link),
				   .target = other_form(message->target_link)};
	output.size = rewrite_nd<From, To>(input.view(), output.room(), links, nullptr);
	return equals(output.view(), to);
}

template <typename Address> bool is_said(const NdSays &says, const char *hex)
{
	if (!input.set(hex))
		return false;
	const auto message = parse_nd<Address>(input.view(), false);
	if (!message)
		return false;
	Text flags;
	flags.add(message->is_router ? "R" : "");
	flags.add(message->is_solicited ? "S" : "");
	flags.add(message->is_override ? "O" : "");
	return static_cast<u8>(message->type) == says.type && equals(flags.c_str(), says.flags) &&
	       (*says.target ? equals(bytes_of(message->target), says.target)
			     : message->target == wire::Ipv6Address{}) &&
	       is_link(message->source_link, says.source_link) &&
	       is_link(message->target_link, says.target_link) && !message->is_signed &&
	       message->announced == wire::Announced::nothing;
}

inline const char *difference(const NdCase &c)
{
	if (!is_said<MacAddress>(c.says, c.ethernet))
		return "what the Ethernet form says";
	if (!is_said<IbAddress>(c.says, c.infiniband))
		return "what the InfiniBand form says";
	if (!becomes<MacAddress, IbAddress>(c.ethernet, c.infiniband))
		return "the InfiniBand form";
	return becomes<IbAddress, MacAddress>(c.infiniband, c.ethernet) ? nullptr
									: "the Ethernet form";
}

inline const char *difference(const NdAnnouncedCase &c)
{
	if (!becomes<IbAddress, MacAddress>(c.infiniband, c.ethernet))
		return "the Ethernet form";
	const auto message = parse_nd<IbAddress>(input.view(), false);
	return static_cast<u8>(message->announced) == c.announced ? nullptr : "announced";
}

template <typename Address> const char *acceptance(const NdRefusal &c)
{
	if (!input.set(c.packet))
		return "too long";
	return parse_nd<Address>(input.view(), false) ? "accepted" : nullptr;
}

inline const char *difference(const NdRefusal &c)
{
	for (const NdRefusal &refusal : nd_ethernet_refusals)
		if (&refusal == &c)
			return acceptance<MacAddress>(c);
	return acceptance<IbAddress>(c);
}

inline bool says(const DhcpCase &c, const char *word)
{
	return __builtin_strstr(c.says, word);
}

inline const char *difference(const DhcpCase &c)
{
	if (!input.set(c.packet))
		return "too long";
	const auto request = parse_dhcp_request(input.view(), says(c, "pending"));
	if (!request)
		return "refused";
	if (!equals(bytes_of(request->chaddr), c.chaddr))
		return "chaddr";
	if (request->is_direct != says(c, "direct") ||
	    request->is_from_unspecified != says(c, "unspecified") ||
	    request->has_broadcast_flag != says(c, "broadcast"))
		return "what it says";
	const ByteSpan packet(input.bytes, input.size);
	const bool fits = packet.store(request->broadcast_flags, request->flags_offset) &&
			  packet.store(request->broadcast_checksum, request->checksum_offset);
	return fits && equals(packet.view(), c.broadcast) ? nullptr : "the broadcast";
}

inline const char *difference(const DhcpRefusal &c)
{
	if (!input.set(c.packet))
		return "too long";
	return parse_dhcp_request(input.view(), false) ? "accepted" : nullptr;
}

inline Text summary(MembershipMessage &message)
{
	static constexpr const char *kinds[] = {"other", "malformed", "query", "report"};
	Text text;
	text.add(kinds[static_cast<u8>(message.kind())]);
	if (message.kind() == MembershipMessage::Kind::query)
		text.add(message.is_ipv6() ? '6' : '4');
	if (message.kind() != MembershipMessage::Kind::report)
		return text;
	while (const auto change = message.next()) {
		text.add(change->is_join ? " +" : " -");
		const ByteView group = bytes_of(change->group.address_);
		text.add(message.is_ipv6() ? group : group.from(12));
	}
	return text;
}

inline const char *difference(const SnoopCase &c)
{
	if (!input.set(c.packet))
		return "too long";
	MembershipMessage message = MembershipMessage::read(input.view(), false);
	if (message.silences_others() != c.silences_others)
		return "whether it silences others";
	const Text text = summary(message);
	if (!equals(text.c_str(), c.says))
		return "what it says";
	return may_be_membership(input.view()) || equals(c.says, "other") ? nullptr
									  : "whether it is read";
}

} // namespace kunit
