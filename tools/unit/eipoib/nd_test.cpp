// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Neighbour discovery: the tables of kunit/cases/nd_cases.hpp, what holds for every message in
// them, and IPv6 groups.

#include "fixture.hpp"

#include "nd.hpp"
#include "wire/mapping.hpp"

#include "cases/nd_cases.hpp"

#include <cstring>

namespace unit {
namespace {

using namespace eipoib;
using namespace eipoib::cases;
using wire::Announced;
using wire::Announcement;
using wire::IbAddress;
using wire::Ipv6Address;
using wire::MacAddress;

ByteView view(const Bytes &bytes)
{
	return {bytes.data(), bytes.size()};
}

template <typename T> T value_of(const char *hex)
{
	const Bytes bytes = from_hex(hex);
	return view(bytes).load<T>().value();
}

template <typename T> std::string hex_of(const T &value)
{
	const ByteView bytes = bytes_of(value);
	return to_hex(bytes.data(), bytes.size());
}

const MacAddress mac_a = value_of<MacAddress>("52540067e9bd");
const MacAddress mac_b = value_of<MacAddress>("525400112233");
const IbAddress ib_a = value_of<IbAddress>("80000048 fe80000000000000 0002c90300433bf1");
const IbAddress ib_b = value_of<IbAddress>("80000050 fe80000000000000 0002c90300433c01");
const Announcement announcement = Announcement::make(Announcement::teb, mac_a, mac_b);

IbAddress other_form(const MacAddress &mac)
{
	EXPECT_TRUE(mac == mac_a || mac == mac_b);
	return mac == mac_a ? ib_a : ib_b;
}

MacAddress other_form(const IbAddress &address)
{
	EXPECT_TRUE(address == ib_a || address == ib_b);
	return address == ib_a ? mac_a : mac_b;
}

template <typename Address> auto other_form(const std::optional<Address> &address)
{
	return address ? std::optional(other_form(*address)) : std::nullopt;
}

template <typename Address> struct Other;
template <> struct Other<MacAddress> {
	using Type = IbAddress;
};
template <> struct Other<IbAddress> {
	using Type = MacAddress;
};

// @packet rewritten into @room bytes; empty if refused.
template <typename From>
Bytes rewritten(const Bytes &packet, const NdLinks<typename Other<From>::Type> &links,
		std::size_t room, const Announcement *append = nullptr)
{
	using To = typename Other<From>::Type;
	Bytes out(room);
	const std::size_t size =
		rewrite_nd<From, To>(view(packet), {out.data(), out.size()}, links, append);
	EXPECT_LE(size, room);
	out.resize(size);
	return out;
}

// The same with the other forms of its own links and enough room.
template <typename From> Bytes rewritten(const Bytes &packet, const Announcement *append = nullptr)
{
	NdLinks<typename Other<From>::Type> links;
	if (const auto message = parse_nd<From>(view(packet), true))
		links = {.source = other_form(message->source_link),
			 .target = other_form(message->target_link)};
	return rewritten<From>(packet, links, rewritten_nd_size_max(packet.size()), append);
}

std::string hex(const Bytes &bytes)
{
	return to_hex(bytes.data(), bytes.size());
}

template <typename Address> std::string flags_of(const NdMessage<Address> &message)
{
	return std::string(message.is_router ? "R" : "") + (message.is_solicited ? "S" : "") +
	       (message.is_override ? "O" : "");
}

std::string link_hex(const std::optional<MacAddress> &link)
{
	return link ? hex_of(*link) : "";
}

std::string link_hex(const std::optional<IbAddress> &link)
{
	return link_hex(other_form(link));
}

class NdCases : public testing::TestWithParam<NdCase> {
protected:
	template <typename Address> void expect_says(const char *packet_hex)
	{
		const NdSays &says = GetParam().says;
		const Bytes packet = from_hex(packet_hex);
		const auto message = parse_nd<Address>(view(packet), false);
		ASSERT_TRUE(message);
		EXPECT_EQ(static_cast<u8>(message->type), says.type);
		EXPECT_EQ(hex_of(message->source), hex(packet).substr(16, 32));
		EXPECT_EQ(hex_of(message->destination), hex(packet).substr(48, 32));
		EXPECT_EQ(hex_of(message->target),
			  *says.target ? says.target : std::string(32, '0'));
		EXPECT_EQ(flags_of(*message), says.flags);
		EXPECT_EQ(link_hex(message->source_link), says.source_link);
		EXPECT_EQ(link_hex(message->target_link), says.target_link);
		EXPECT_FALSE(message->is_signed);
		EXPECT_EQ(message->announced, Announced::nothing);
		EXPECT_FALSE(message->announcement);
	}

	// Cut at every byte; and with too little room for what becomes of it.
	template <typename From> void expect_cuts_refused(const char *packet_hex)
	{
		Bytes packet = from_hex(packet_hex);
		const std::size_t size = rewritten<From>(packet, &announcement).size();
		const auto message = parse_nd<From>(view(packet), false);
		const NdLinks<typename Other<From>::Type> links = {
			.source = other_form(message->source_link),
			.target = other_form(message->target_link)};
		EXPECT_EQ(rewritten<From>(packet, links, size, &announcement).size(), size);
		for (std::size_t room = 0; room < size; room++)
			EXPECT_TRUE(rewritten<From>(packet, links, room, &announcement).empty());
		while (!packet.empty()) {
			packet = Bytes(packet.begin(), packet.end() - 1);
			EXPECT_FALSE(parse_nd<From>(view(packet), true)) << packet.size();
			EXPECT_TRUE(rewritten<From>(packet).empty()) << packet.size();
			EXPECT_EQ(is_nd(view(packet)), packet.size() > 40);
		}
	}
};

TEST_P(NdCases, ethernet_says_what_it_says)
{
	expect_says<MacAddress>(GetParam().ethernet);
}

TEST_P(NdCases, infiniband_says_the_same)
{
	expect_says<IbAddress>(GetParam().infiniband);
}

TEST_P(NdCases, is_rewritten_both_ways)
{
	const Bytes ethernet = from_hex(GetParam().ethernet);
	const Bytes infiniband = from_hex(GetParam().infiniband);
	EXPECT_TRUE(is_nd(view(ethernet)));
	EXPECT_EQ(hex(rewritten<MacAddress>(ethernet)), hex(infiniband));
	EXPECT_EQ(hex(rewritten<IbAddress>(infiniband)), hex(ethernet));
}

TEST_P(NdCases, is_the_same_after_a_round_trip_with_an_announcement)
{
	const Bytes ethernet = from_hex(GetParam().ethernet);
	const Bytes fabric = rewritten<MacAddress>(ethernet, &announcement);
	const auto message = parse_nd<IbAddress>(view(fabric), false);
	ASSERT_TRUE(message);
	ASSERT_EQ(message->announced, Announced::valid);
	EXPECT_EQ(message->announcement, announcement);
	EXPECT_EQ(hex(rewritten<IbAddress>(fabric)), hex(ethernet));
}

TEST_P(NdCases, is_refused_when_cut)
{
	expect_cuts_refused<MacAddress>(GetParam().ethernet);
	expect_cuts_refused<IbAddress>(GetParam().infiniband);
}

// All that the checksum or a rule covers, which is everything but traffic class and flow label.
TEST_P(NdCases, is_refused_with_any_bit_flipped)
{
	Bytes packet = from_hex(GetParam().ethernet);
	for (std::size_t bit = 32; bit < packet.size() * 8; bit++) {
		const u8 mask = static_cast<u8>(1 << bit % 8);
		packet[bit / 8] ^= mask;
		EXPECT_FALSE(parse_nd<MacAddress>(view(packet), false)) << bit;
		packet[bit / 8] ^= mask;
	}
}

INSTANTIATE_TEST_SUITE_P(, NdCases, testing::ValuesIn(nd_cases),
			 [](const auto &test) { return std::string(test.param.name); });

template <typename Address> void expect_refused(const NdRefusal &refusal)
{
	const Bytes packet = from_hex(refusal.packet);
	EXPECT_FALSE(parse_nd<Address>(view(packet), false)) << refusal.name;
	const bool is_only_the_checksum = refusal.name == std::string_view("checksum_wrong");
	EXPECT_EQ(parse_nd<Address>(view(packet), true).has_value(), is_only_the_checksum)
		<< refusal.name;
	EXPECT_EQ(rewritten<Address>(packet).empty(), !is_only_the_checksum) << refusal.name;
}

TEST(Nd, malformed_messages_are_refused)
{
	for (const NdRefusal &refusal : nd_ethernet_refusals)
		expect_refused<MacAddress>(refusal);
	for (const NdRefusal &refusal : nd_infiniband_refusals)
		expect_refused<IbAddress>(refusal);
}

TEST(Nd, announcements_are_read_and_taken_off)
{
	for (const NdAnnouncedCase &c : nd_announced_cases) {
		const Bytes packet = from_hex(c.infiniband);
		const auto message = parse_nd<IbAddress>(view(packet), false);
		ASSERT_TRUE(message) << c.name;
		EXPECT_EQ(message->announced, Announced{c.announced}) << c.name;
		EXPECT_EQ(message->announcement.has_value(), message->announced == Announced::valid)
			<< c.name;
		EXPECT_EQ(hex(rewritten<IbAddress>(packet)), hex(from_hex(c.ethernet))) << c.name;
	}
}

// A guest cannot announce anything.
TEST(Nd, announcements_of_guests_are_taken_off)
{
	const Bytes forged = rewritten<IbAddress>(from_hex(nd_announced), &announcement);
	ASSERT_EQ(parse_nd<MacAddress>(view(forged), false)->announced, Announced::valid);
	const Bytes fabric = rewritten<MacAddress>(forged);
	EXPECT_EQ(parse_nd<IbAddress>(view(fabric), false)->announced, Announced::nothing);
	EXPECT_EQ(hex(rewritten<MacAddress>(forged, &announcement)), hex(from_hex(nd_announced)));
}

TEST(Nd, an_address_without_a_substitute_is_left_out)
{
	const Bytes packet = from_hex(nd_advertisement);
	EXPECT_EQ(hex(rewritten<MacAddress>(packet, {}, 200)),
		  hex(from_hex(nd_bare_advertisement)));
	// Nor does one come where none was, and a source is not a target.
	const NdLinks<IbAddress> source_only = {.source = ib_a, .target = {}};
	EXPECT_EQ(hex(rewritten<MacAddress>(packet, source_only, 200)),
		  hex(from_hex(nd_bare_advertisement)));
}

TEST(Nd, padding_is_ignored_and_not_copied)
{
	const Bytes packet = from_hex(nd_padded);
	EXPECT_TRUE(parse_nd<MacAddress>(view(packet), false));
	EXPECT_EQ(hex(rewritten<MacAddress>(packet, &announcement)), hex(from_hex(nd_announced)));
}

TEST(Nd, a_pending_checksum_is_not_checked_but_made)
{
	const Bytes packet = from_hex(nd_pending);
	EXPECT_FALSE(parse_nd<MacAddress>(view(packet), false));
	EXPECT_TRUE(parse_nd<MacAddress>(view(packet), true));
	EXPECT_EQ(hex(rewritten<MacAddress>(packet, &announcement)), hex(from_hex(nd_announced)));
}

TEST(Nd, signed_messages_are_read_but_never_rewritten)
{
	const Bytes packet = from_hex(nd_signed);
	const auto message = parse_nd<MacAddress>(view(packet), false);
	ASSERT_TRUE(message);
	EXPECT_TRUE(message->is_signed);
	EXPECT_EQ(message->target_link, mac_a);
	EXPECT_TRUE(rewritten<MacAddress>(packet).empty());
}

// Neither a nonce nor a timestamp nor a CGA option signs anything.
TEST(Nd, only_a_signature_signs)
{
	Bytes packet = from_hex(nd_signed);
	const std::size_t signature = packet.size() - 16;
	ASSERT_EQ(packet[signature], wire::nd_option_signature);
	packet[signature] = 200;
	EXPECT_FALSE(parse_nd<MacAddress>(view(packet), true)->is_signed);
	EXPECT_FALSE(rewritten<MacAddress>(packet).empty());
}

TEST(Nd, each_flag_of_an_advertisement_has_its_bit)
{
	Bytes packet = from_hex(nd_advertisement);
	auto flags = [&](u8 type, u8 bits) {
		packet[40] = type;
		packet[44] = bits;
		return flags_of(*parse_nd<MacAddress>(view(packet), true));
	};
	EXPECT_EQ(flags(136, 0x80), "R");
	EXPECT_EQ(flags(136, 0x40), "S");
	EXPECT_EQ(flags(136, 0x20), "O");
	EXPECT_EQ(flags(136, 0x1f), "");
	EXPECT_EQ(flags(135, 0xff), "");
}

TEST(Nd, what_is_reserved_beside_an_infiniband_address_is_ignored)
{
	Bytes packet = from_hex(nd_announced);
	packet[40 + 24 + 2] = 0xff;
	packet[40 + 24 + 3] = 0xff;
	EXPECT_EQ(parse_nd<IbAddress>(view(packet), true)->target_link, ib_a);
	EXPECT_EQ(hex(rewritten<IbAddress>(packet)), hex(from_hex(nd_advertisement)));
}

// A router solicitation with so many bytes of IPv6 payload, its first option a source address.
Bytes huge(std::size_t payload)
{
	Bytes packet = from_hex(nd_advertisement);
	packet.resize(40 + payload);
	packet[4] = static_cast<u8>(payload >> 8);
	packet[5] = static_cast<u8>(payload);
	packet[40] = 133;
	const Bytes link = from_hex("0101525400112233");
	std::copy(link.begin(), link.end(), packet.begin() + 48);
	for (std::size_t at = 56; at < packet.size(); at += 8) {
		packet[at] = 200;
		packet[at + 1] = 1;
	}
	return packet;
}

TEST(Nd, no_message_grows_beyond_an_ipv6_packet)
{
	EXPECT_EQ(rewritten<MacAddress>(huge(65512)).size(), 40u + 65528);
	EXPECT_TRUE(rewritten<MacAddress>(huge(65520)).empty());
	EXPECT_TRUE(rewritten<MacAddress>(huge(65512), &announcement).empty());
}

TEST(Nd, no_message_grows_beyond_its_bound)
{
	// Both addresses and nothing else: the worst case.
	Bytes packet = from_hex(nd_advertisement);
	const Bytes source = from_hex("0101525400112233");
	packet.insert(packet.end(), source.begin(), source.end());
	packet[5] = static_cast<u8>(packet[5] + source.size());
	EXPECT_EQ(rewritten<MacAddress>(packet, &announcement).size(),
		  rewritten_nd_size_max(packet.size()));
}

template <typename Address>
Bytes unsolicited(const Address &link, bool is_router, std::size_t room, const Announcement *append)
{
	const UnsolicitedNa<Address> na = {
		.address = value_of<Ipv6Address>("fe80000000000000505400fffe67e9bd"),
		.link = link,
		.is_router = is_router};
	Bytes out(room);
	out.resize(build_unsolicited_na(ByteSpan(out.data(), out.size()), na, append));
	return out;
}

TEST(Nd, an_unsolicited_advertisement_is_built)
{
	EXPECT_EQ(hex(unsolicited(mac_a, false, unsolicited_na_size_max, nullptr)),
		  hex(from_hex(nd_unsolicited_ethernet)));
	EXPECT_EQ(hex(unsolicited(ib_a, true, unsolicited_na_size_max, &announcement)),
		  hex(from_hex(nd_unsolicited_infiniband)));
	for (std::size_t room = 0; room < unsolicited_na_size_max; room++)
		EXPECT_TRUE(unsolicited(ib_a, true, room, &announcement).empty());
}

TEST(Ipv6Groups, are_mapped_from_the_low_80_bits)
{
	const auto group = value_of<Ipv6Address>("ff350123456789ab cdef0123456789ab");
	EXPECT_EQ(hex_of(wire::ipv6_group_address({0x0003}, group)),
		  "00ffffff"
		  "ff12601b800389abcdef0123456789ab");
	EXPECT_EQ(hex_of(wire::ipv6_group_mac(group)), "3333456789ab");
	EXPECT_EQ(hex_of(wire::ipv6_group_address({0x7fff}, Ipv6Address::all_nodes())),
		  "00ffffff"
		  "ff12601bffff00000000000000000001");
}

} // namespace
} // namespace unit
