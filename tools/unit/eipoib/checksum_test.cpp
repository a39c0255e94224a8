// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The Internet checksum, and the views and writer it and the rewriters build on.

#include "fixture.hpp"

#include "wire/checksum.hpp"

namespace unit {
namespace {

using namespace eipoib::wire;

ByteView view(const Bytes &bytes)
{
	return {bytes.data(), bytes.size()};
}

InternetSum sum_of(std::initializer_list<const char *> pieces)
{
	InternetSum sum;
	for (const char *piece : pieces) {
		const Bytes bytes = from_hex(piece);
		sum.add(view(bytes));
	}
	return sum;
}

// RFC 1071 section 3 has this example.
TEST(Checksum, is_that_of_the_rfc)
{
	EXPECT_EQ(sum_of({"0001f203f4f5f6f7"}).folded(), 0xddf2);
	EXPECT_EQ(sum_of({"0001f203f4f5f6f7"}).checksum().get(), 0x220d);
}

TEST(Checksum, does_not_depend_on_where_pieces_end)
{
	EXPECT_EQ(sum_of({"00", "01f203f4f5f6f7"}).folded(), 0xddf2);
	EXPECT_EQ(sum_of({"0001f2", "", "03f4f5", "f6f7"}).folded(), 0xddf2);
	EXPECT_EQ(sum_of({"00", "01", "f2", "03", "f4", "f5", "f6", "f7"}).folded(), 0xddf2);
}

TEST(Checksum, pads_an_odd_end_with_zero)
{
	EXPECT_EQ(sum_of({"000102"}).folded(), 0x0201);
	EXPECT_EQ(sum_of({"00010200"}).folded(), 0x0201);
}

TEST(Checksum, of_nothing_is_that_of_zero)
{
	EXPECT_EQ(InternetSum().folded(), 0);
	EXPECT_EQ(InternetSum().checksum().get(), 0xffff);
	EXPECT_FALSE(InternetSum().is_intact());
}

TEST(Checksum, carries_until_nothing_is_left_to_carry)
{
	// 0xffff times 0x10001 folds to 0x1fffe, which has to be folded once more.
	const Bytes ones(2 * 0x10001, 0xff);
	InternetSum sum;
	sum.add(view(ones));
	EXPECT_EQ(sum.folded(), 0xffff);
	EXPECT_EQ(sum.checksum().get(), 0);
	EXPECT_TRUE(sum.is_intact());
}

TEST(Checksum, covers_the_pseudo_header)
{
	const Bytes bytes = from_hex("6000000000083aff fe80000000000000505400fffe67e9bd"
				     "ff020000000000000000000000000002 850043be00000000");
	const auto header = *view(bytes).load<Ipv6Header>();
	EXPECT_TRUE(sum_with_pseudo_header(header, view(bytes).from(40)).is_intact());
	EXPECT_FALSE(sum_with_pseudo_header(header, view(bytes).from(40).first(7)).is_intact());
}

// For every checksum, word before and word after of a sample: what is adjusted is what is made.
TEST(Checksum, adjusted_is_as_if_made_anew)
{
	constexpr u16 sample[] = {0x0000, 0x0001, 0x7fff, 0x8000, 0x8001, 0xfffe, 0xffff, 0x1234};
	for (u16 rest : sample)
		for (u16 before : sample)
			for (u16 after : sample) {
				InternetSum was, is;
				for (u16 word : {u16{0x4500}, rest, before})
					was.add(bytes_of(Be16::from(word)));
				for (u16 word : {u16{0x4500}, rest, after})
					is.add(bytes_of(Be16::from(word)));
				EXPECT_EQ(adjusted_checksum(was.checksum(), Be16::from(before),
							    Be16::from(after))
						  .get(),
					  is.checksum().get())
					<< rest << " " << before << " " << after;
			}
}

// RFC 1624 section 4 has this example, where RFC 1141 went wrong.
TEST(Checksum, adjusted_is_that_of_the_rfc)
{
	EXPECT_EQ(
		adjusted_checksum(Be16::from(0xdd2f), Be16::from(0x5555), Be16::from(0x3285)).get(),
		0x0000);
}

TEST(Checksum, of_udp_is_never_zero_by_accident)
{
	const Be16 before = Be16::from(0x5555), after = Be16::from(0x3285);
	EXPECT_EQ(adjusted_udp_checksum(Be16::from(0xdd2f), before, after).get(), 0xffff);
	EXPECT_EQ(adjusted_udp_checksum(Be16::from(0), before, after).get(), 0);
	EXPECT_EQ(adjusted_udp_checksum(Be16::from(0xdd30), before, after).get(), 0x0001);
}

TEST(Bytes, a_view_is_never_longer_than_what_it_is_taken_from)
{
	const Bytes bytes = from_hex("010203");
	EXPECT_EQ(view(bytes).first(2).size(), 2u);
	EXPECT_EQ(view(bytes).first(3).size(), 3u);
	EXPECT_EQ(view(bytes).first(4).size(), 3u);
	EXPECT_EQ(view(bytes).from(3).size(), 0u);
	EXPECT_EQ(view(bytes).from(4).size(), 0u);
}

TEST(Bytes, a_writer_stops_for_good_at_what_does_not_fit)
{
	Bytes room(3);
	ByteWriter out(ByteSpan(room.data(), room.size()));
	out.put(Be16::from(0x0102));
	EXPECT_FALSE(out.has_overflowed());
	out.put(Be16::from(0x0304));
	EXPECT_TRUE(out.has_overflowed());
	out.put(u8{5});
	EXPECT_TRUE(out.has_overflowed());
	EXPECT_EQ(out.written().size(), 2u);
	EXPECT_EQ(to_hex(room.data(), room.size()), "010200");
}

TEST(Bytes, a_writer_fills_its_room)
{
	Bytes room(3);
	ByteWriter out(ByteSpan(room.data(), room.size()));
	out.put(Be16::from(0x0102));
	out.put(u8{3});
	out.put(ByteView());
	EXPECT_FALSE(out.has_overflowed());
	EXPECT_EQ(to_hex(out.written().data(), out.written().size()), "010203");
}

} // namespace
} // namespace unit
