// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Reading and writing announcements.

#include "fixture.hpp"

#include "wire/announcement.hpp"

namespace unit {
namespace {

using namespace eipoib::wire;

ByteView view(const Bytes &bytes)
{
	return {bytes.data(), bytes.size()};
}

constexpr MacAddress guest = {{0x52, 0x54, 0x00, 0x67, 0xe9, 0xbd}};
constexpr MacAddress other = {{0x52, 0x54, 0x00, 0x11, 0x22, 0x33}};
constexpr const char *guest_to_other = "65495042 01 03 52540067e9bd 525400112233";

struct AnnouncementCase {
	const char *name;
	const char *trailer;
	Announced status;
};

constexpr AnnouncementCase cases[] = {
	{"plain", guest_to_other, Announced::valid},
	{"longer_in_a_later_form", "65495042 01 01 52540067e9bd 525400112233 0102030405",
	 Announced::valid},
	{"flags_of_a_later_form", "65495042 01 f9 52540067e9bd 525400112233", Announced::valid},
	{"from_a_vif_for_any_mac", "65495042 01 01 000000000000 525400112233", Announced::valid},
	{"target_not_known", "65495042 01 01 52540067e9bd 000000000000", Announced::valid},
	{"empty", "", Announced::nothing},
	{"ethernet_padding", "000000000000000000000000000000000000", Announced::nothing},
	{"magic_cut", "654950", Announced::nothing},
	{"another_magic", "65495043 01 01 52540067e9bd 525400112233", Announced::nothing},
	{"magic_one_byte_late", "00 65495042 01 01 52540067e9bd 525400112233", Announced::nothing},
	{"magic_only", "65495042", Announced::ignored},
	{"cut_by_a_byte", "65495042 01 01 52540067e9bd 5254001122", Announced::ignored},
	{"version_0", "65495042 00 01 52540067e9bd 525400112233", Announced::ignored},
	{"version_2", "65495042 02 01 52540067e9bd 525400112233", Announced::ignored},
	{"group_sender", "65495042 01 01 01005e010203 525400112233", Announced::ignored},
	{"broadcast_sender", "65495042 01 01 ffffffffffff 525400112233", Announced::ignored},
};

TEST(Announcement, every_trailer_is_told_apart)
{
	for (const AnnouncementCase &c : cases) {
		const Bytes trailer = from_hex(c.trailer);
		EXPECT_EQ(inspect_announcement(view(trailer)), c.status) << c.name;
		EXPECT_EQ(read_announcement(view(trailer)).has_value(),
			  c.status == Announced::valid)
			<< c.name;
	}
}

TEST(Announcement, has_the_bytes_that_are_written_down)
{
	const auto made =
		Announcement::make(Announcement::teb | Announcement::request, guest, other);
	EXPECT_EQ(to_hex(reinterpret_cast<const u8 *>(&made), sizeof(made)),
		  "6549504201035254"
		  "0067e9bd525400112233");
	const auto option = AnnouncementOption::make(made);
	EXPECT_EQ(to_hex(reinterpret_cast<const u8 *>(&option), sizeof(option)),
		  "fd0365495042010352540067e9bd52540011223300000000");
}

TEST(Announcement, is_read_as_it_was_written)
{
	const Bytes trailer = from_hex(guest_to_other);
	const auto read = read_announcement(view(trailer));
	ASSERT_TRUE(read);
	EXPECT_EQ(read->sender_, guest);
	EXPECT_EQ(read->target_, other);
	EXPECT_TRUE(read->takes_teb());
	EXPECT_TRUE(read->is_request());
	EXPECT_FALSE(read->is_bare());
	EXPECT_EQ(*read, Announcement::make(0x03, guest, other));
}

TEST(Announcement, has_one_bit_for_each_flag)
{
	EXPECT_TRUE(Announcement::make(0x01, guest, other).takes_teb());
	EXPECT_FALSE(Announcement::make(0xfe, guest, other).takes_teb());
	EXPECT_TRUE(Announcement::make(0x02, guest, other).is_request());
	EXPECT_FALSE(Announcement::make(0xfd, guest, other).is_request());
	EXPECT_TRUE(Announcement::make(0x04, guest, other).is_bare());
	EXPECT_FALSE(Announcement::make(0xfb, guest, other).is_bare());
}

} // namespace
} // namespace unit
