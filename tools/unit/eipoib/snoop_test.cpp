// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What packets say about membership: the table of cases, and every way to cut them short.

#include "fixture.hpp"

#include "cases/snoop_cases.hpp"
#include "snoop.hpp"

namespace unit {
namespace {

using namespace eipoib;
using cases::snoop_cases;
using cases::SnoopCase;

std::string name_group(const IpGroup &group)
{
	const u8 *bytes = group.address_.bytes_;
	return group.is_ipv6() ? to_hex(bytes, 16) : to_hex(bytes + 12, 4);
}

std::string says(const Bytes &packet, bool checksum_pending = false)
{
	// On the heap and of this size, so that the sanitizer sees a read beyond the end.
	const Bytes copy(packet);
	auto message =
		MembershipMessage::read(ByteView(copy.data(), copy.size()), checksum_pending);
	switch (message.kind()) {
	case MembershipMessage::Kind::other:
		return "other";
	case MembershipMessage::Kind::malformed:
		return "malformed";
	case MembershipMessage::Kind::query:
		return message.is_ipv6() ? "query6" : "query4";
	case MembershipMessage::Kind::report:
		break;
	}
	std::string text = "report";
	while (const auto change = message.next()) {
		EXPECT_EQ(change->group.is_ipv6(), message.is_ipv6());
		text += (change->is_join ? " +" : " -") + name_group(change->group);
	}
	return text;
}

bool silences_others(const Bytes &packet)
{
	return MembershipMessage::read(ByteView(packet.data(), packet.size()), false)
		.silences_others();
}

bool may_be(const Bytes &packet)
{
	const Bytes copy(packet);
	return may_be_membership(ByteView(copy.data(), copy.size()));
}

bool is_ipv4(const Bytes &packet)
{
	return packet[0] >> 4 == 4;
}

// The length that the IP header of a case tells, padding not counted.
std::size_t told_length(const Bytes &packet)
{
	const auto u16_at = [&](std::size_t at) {
		return std::size_t{packet[at]} << 8 | packet[at + 1];
	};
	return is_ipv4(packet) ? u16_at(2) : 40 + u16_at(4);
}

void tell_length(Bytes &packet, std::size_t length)
{
	const std::size_t value = is_ipv4(packet) ? length : length - 40;
	u8 *field = &packet[is_ipv4(packet) ? 2 : 4];
	field[0] = static_cast<u8>(value >> 8);
	field[1] = static_cast<u8>(value);
}

class SnoopCases : public testing::TestWithParam<SnoopCase> {};

TEST_P(SnoopCases, says)
{
	const Bytes packet = from_hex(GetParam().packet);
	EXPECT_EQ(says(packet), GetParam().says);
	EXPECT_EQ(silences_others(packet), GetParam().silences_others);
	if (std::string(GetParam().says) != "other") {
		EXPECT_TRUE(may_be(packet));
	}
}

// Cut anywhere it says nothing at all, not even what stands before the cut.
TEST_P(SnoopCases, truncated)
{
	Bytes packet = from_hex(GetParam().packet);
	packet.resize(std::min(packet.size(), told_length(packet)));
	while (!packet.empty()) {
		packet.pop_back();
		const std::string said = says(packet, true);
		EXPECT_TRUE(said == "malformed" || said == "other") << said << packet.size();
	}
}

// With IP headers that tell the truth about it: what is cut away was not needed, or it is noticed.
TEST_P(SnoopCases, shortened)
{
	Bytes packet = from_hex(GetParam().packet);
	const std::string whole = says(packet);
	packet.resize(std::min(packet.size(), told_length(packet)));
	while (packet.size() > (is_ipv4(packet) ? 20 : 40)) {
		packet.pop_back();
		tell_length(packet, packet.size());
		const std::string said = says(packet, true);
		if (whole != "malformed") {
			EXPECT_TRUE(said == "malformed" || said == "other" || said == whole)
				<< said;
		}
	}
}

template <typename Case> std::string case_name(const testing::TestParamInfo<Case> &info)
{
	return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(, SnoopCases, testing::ValuesIn(snoop_cases), case_name<SnoopCase>);

const SnoopCase &find_case(std::string_view name)
{
	for (const SnoopCase &c : snoop_cases)
		if (name == c.name)
			return c;
	ADD_FAILURE() << "no case " << name;
	return snoop_cases[0];
}

// Every bit of a message is covered by its checksum, unless that is still to be filled in.
TEST(Snoop, every_flipped_bit_is_noticed)
{
	for (const char *name :
	     {"igmpv2_report", "igmpv3_answer_of_a_member_of_two", "igmpv3_query", "mldv1_report",
	      "mldv2_query", "mldv2_answer_of_a_member_of_two"}) {
		const Bytes whole = from_hex(find_case(name).packet);
		const std::size_t body = is_ipv4(whole) ? 24 : 48;
		for (std::size_t bit = 8 * body; bit < 8 * whole.size(); bit++) {
			Bytes packet = whole;
			packet[bit / 8] ^= static_cast<u8>(1 << bit % 8);
			const std::string said = says(packet);
			EXPECT_TRUE(said == "malformed" || said == "other") << name << bit;
		}
	}
}

TEST(Snoop, a_checksum_that_hardware_fills_in_is_not_looked_at)
{
	for (const char *name : {"igmp_checksum_wrong", "mld_checksum_wrong"})
		EXPECT_EQ(says(from_hex(find_case(name).packet), true).substr(0, 8), "report +");
}

TEST(Snoop, the_hot_path_looks_at_one_byte)
{
	EXPECT_FALSE(may_be({}));
	EXPECT_FALSE(may_be(from_hex("45")));
	EXPECT_FALSE(may_be(from_hex(find_case("udp_over_ipv4").packet)));
	EXPECT_FALSE(may_be(from_hex(find_case("mld_without_options").packet)));
	EXPECT_FALSE(may_be(from_hex(find_case("ip_of_version_5").packet)));
	EXPECT_TRUE(may_be(from_hex(find_case("udp_behind_options").packet)));
}

std::string group_of(const char *hex)
{
	const Bytes bytes = from_hex(hex);
	IpGroup group = {};
	if (bytes.size() == 4) {
		group = IpGroup::of(Be32{{bytes[0], bytes[1], bytes[2], bytes[3]}});
	} else {
		std::copy(bytes.begin(), bytes.end(), group.address_.bytes_);
	}
	const wire::IbAddress address = group.on(wire::PartitionId::of_pkey(0x8003));
	return to_hex(reinterpret_cast<const u8 *>(&address), sizeof(address));
}

TEST(Snoop, groups_of_the_fabric)
{
	EXPECT_EQ(group_of("e0010203"), "00ffffffff12401b80030000"
					"0000000000010203");
	EXPECT_EQ(group_of("e1010203"), "00ffffffff12401b80030000"
					"0000000001010203");
	EXPECT_EQ(group_of("ff0e0000000000001122334455667788"), "00ffffffff12601b80030000"
								"1122334455667788");
}

} // namespace
} // namespace unit
