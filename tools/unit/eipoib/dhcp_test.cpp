// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// DHCPv4 clients' messages: the tables of kunit/cases/dhcp_cases.hpp.

#include "fixture.hpp"

#include "dhcp.hpp"
#include "wire/checksum.hpp"

#include "cases/dhcp_cases.hpp"

namespace unit {
namespace {

using namespace eipoib;
using namespace eipoib::cases;

ByteView view(const Bytes &bytes)
{
	return {bytes.data(), bytes.size()};
}

bool says(const DhcpCase &c, std::string_view word)
{
	return std::string_view(c.says).find(word) != std::string_view::npos;
}

std::optional<DhcpRequest> parse(const DhcpCase &c, const Bytes &packet)
{
	return parse_dhcp_request(view(packet), says(c, "pending"));
}

// Whether the UDP checksum of the complete @packet, without IPv4 options, is right.
bool is_intact(const Bytes &packet)
{
	const ByteView udp = view(packet).from(20);
	wire::InternetSum sum;
	sum.add(view(packet).from(12).first(8));
	sum.add(bytes_of(Be16::from(wire::ipv4_protocol_udp)));
	sum.add(bytes_of(Be16::from(static_cast<u16>(udp.size()))));
	sum.add(udp);
	return sum.is_intact();
}

class DhcpCases : public testing::TestWithParam<DhcpCase> {};

TEST_P(DhcpCases, says_what_it_says)
{
	const DhcpCase &c = GetParam();
	const auto request = parse(c, from_hex(c.packet));
	ASSERT_TRUE(request);
	EXPECT_EQ(to_hex(request->chaddr.bytes_, 6), c.chaddr);
	EXPECT_EQ(request->is_direct, says(c, "direct"));
	EXPECT_EQ(request->is_from_unspecified, says(c, "unspecified"));
	EXPECT_EQ(request->has_broadcast_flag, says(c, "broadcast"));
}

TEST_P(DhcpCases, becomes_a_broadcast)
{
	const DhcpCase &c = GetParam();
	Bytes packet = from_hex(c.packet);
	const auto request = parse(c, packet);
	ASSERT_TRUE(request);
	const ByteSpan span(packet.data(), packet.size());
	ASSERT_TRUE(span.store(request->broadcast_flags, request->flags_offset));
	ASSERT_TRUE(span.store(request->broadcast_checksum, request->checksum_offset));
	const Bytes broadcast = from_hex(c.broadcast);
	EXPECT_EQ(to_hex(packet.data(), packet.size()), to_hex(broadcast.data(), broadcast.size()));
	EXPECT_TRUE(parse(c, packet)->has_broadcast_flag);
	// Only the captures are whole.
	if (packet.size() > dhcp_head_size_max) {
		EXPECT_EQ(is_intact(packet), !says(c, "pending"));
	}
}

// It is read from as many bytes as are promised to do, and from no fewer than reach to chaddr.
TEST_P(DhcpCases, is_refused_when_cut)
{
	const DhcpCase &c = GetParam();
	Bytes packet = from_hex(c.packet);
	packet.resize(std::min(packet.size(), dhcp_head_size_max));
	EXPECT_TRUE(parse(c, packet));
	packet.resize(std::size_t{packet[0]} % 16 * 4 + 8 + 34);
	EXPECT_TRUE(parse(c, packet));
	while (!packet.empty()) {
		packet = Bytes(packet.begin(), packet.end() - 1);
		EXPECT_FALSE(parse(c, packet)) << packet.size();
	}
}

INSTANTIATE_TEST_SUITE_P(, DhcpCases, testing::ValuesIn(dhcp_cases),
			 [](const auto &test) { return std::string(test.param.name); });

TEST(Dhcp, everything_else_is_no_request)
{
	for (const DhcpRefusal &refusal : dhcp_refusals) {
		const Bytes packet = from_hex(refusal.packet);
		EXPECT_FALSE(parse_dhcp_request(view(packet), false)) << refusal.name;
	}
}

TEST(Dhcp, the_longest_header_fits_the_promise)
{
	EXPECT_EQ(dhcp_head_size_max, 102u);
}

} // namespace
} // namespace unit
