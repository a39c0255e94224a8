// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Checksums of IPv4, TCP and UDP, and TCP messages that are cut up. What is right is computed here
// byte by byte.

#include "abi_offload.h"
#include "fixture.hpp"

namespace unit {
namespace {

constexpr std::size_t IP = 4; // behind the header of IPoIB
constexpr std::size_t TCP = IP + 20;

void put16(Bytes &bytes, std::size_t at, unsigned value)
{
	bytes[at] = static_cast<u8>(value >> 8);
	bytes[at + 1] = static_cast<u8>(value);
}

void put32(Bytes &bytes, std::size_t at, u32 value)
{
	put16(bytes, at, value >> 16);
	put16(bytes, at + 2, value);
}

unsigned get16(const Bytes &bytes, std::size_t at)
{
	return static_cast<unsigned>(bytes[at] << 8 | bytes[at + 1]);
}

u32 get32(const Bytes &bytes, std::size_t at)
{
	return get16(bytes, at) << 16 | get16(bytes, at + 2);
}

// The one's complement sum of what lies from @at to @end and of @begin.
unsigned sum(const Bytes &bytes, std::size_t at, std::size_t end, unsigned begin = 0)
{
	u32 total = begin;

	for (std::size_t i = at; i < end; i++)
		total += static_cast<u32>(bytes[i]) << ((i - at) % 2 ? 0 : 8);
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return total;
}

// IPoIB, IPv4 and @upper_len bytes of @protocol with some payload, without checksums.
Bytes make_packet(u8 protocol, std::size_t upper_len)
{
	Bytes bytes(TCP + upper_len);

	for (std::size_t i = TCP; i < bytes.size(); i++)
		bytes[i] = static_cast<u8>(i * 37);
	put16(bytes, 0, 0x0800);
	bytes[IP] = 0x45;
	put16(bytes, IP + 2, static_cast<unsigned>(20 + upper_len));
	put16(bytes, IP + 4, 0xfffe);
	put16(bytes, IP + 6, 0x4000);
	bytes[IP + 8] = 64;
	bytes[IP + 9] = protocol;
	put16(bytes, IP + 10, 0xaffe);
	put32(bytes, IP + 12, 0x0a000001);
	put32(bytes, IP + 16, 0x0a000002);
	if (protocol == 6) {
		bytes[TCP + 12] = 0x50;
		bytes[TCP + 13] = 0x99; // CWR, ACK, PSH, FIN
		put32(bytes, TCP + 4, 0xfffffff0);
	} else if (protocol == 17) {
		put16(bytes, TCP + 4, static_cast<unsigned>(upper_len));
	}
	return bytes;
}

unsigned pseudo_sum(const Bytes &bytes)
{
	const std::size_t upper = IP + (bytes[IP] & 15) * 4u;

	return sum(bytes, IP + 12, IP + 20,
		   bytes[IP + 9] + get16(bytes, IP + 2) - static_cast<unsigned>(upper - IP));
}

void expect_right(const Bytes &bytes)
{
	const std::size_t upper = IP + (bytes[IP] & 15) * 4u;
	const std::size_t end = IP + get16(bytes, IP + 2);

	EXPECT_EQ(sum(bytes, IP, upper), 0xffffu) << "header";
	EXPECT_EQ(sum(bytes, upper, end, pseudo_sum(bytes)), 0xffffu) << "payload";
}

bool is_right(const Bytes &bytes)
{
	return vib_has_right_checksums(bytes.data(), static_cast<u32>(bytes.size()));
}

void fill(Bytes &bytes)
{
	vib_fill_checksums(bytes.data(), static_cast<u32>(bytes.size()));
}

TEST(Offload, ChecksumsOfAnyLength)
{
	for (u8 protocol : {u8{6}, u8{17}})
		for (std::size_t len = 20; len < 90; len++) {
			Bytes bytes = make_packet(protocol, len);
			EXPECT_FALSE(is_right(bytes)) << len;
			fill(bytes);
			expect_right(bytes);
			EXPECT_TRUE(is_right(bytes)) << len;
		}
}

TEST(Offload, EveryBitMatters)
{
	Bytes bytes = make_packet(6, 41);
	fill(bytes);
	// Type and header of IPoIB are not IP's.
	for (std::size_t bit = IP * 8; bit < bytes.size() * 8; bit++) {
		Bytes wrong = bytes;
		wrong[bit / 8] ^= static_cast<u8>(1 << bit % 8);
		EXPECT_FALSE(is_right(wrong)) << bit;
	}
}

TEST(Offload, WhatStandsInTheFieldsDoesNotMatter)
{
	Bytes bytes = make_packet(6, 40);
	fill(bytes);
	const Bytes right = bytes;
	put16(bytes, IP + 10, 0x1234);
	put16(bytes, TCP + 16, 0x4321);
	fill(bytes);
	EXPECT_EQ(bytes, right);
}

TEST(Offload, OptionsAndPadding)
{
	Bytes bytes = make_packet(17, 30);
	bytes.insert(bytes.begin() + static_cast<long>(TCP), {7, 4, 1, 2});
	bytes[IP] = 0x46;
	put16(bytes, IP + 2, 54);
	bytes.insert(bytes.end(), 11, 0xee);
	fill(bytes);
	expect_right(bytes);
	EXPECT_TRUE(is_right(bytes));
}

TEST(Offload, UdpChecksumIsNeverZero)
{
	Bytes bytes = make_packet(17, 10);
	put16(bytes, TCP + 8, 0);
	fill(bytes);
	// Now the sum is 0 with this in the payload, since the checksum was its complement.
	put16(bytes, TCP + 8, get16(bytes, TCP + 6));
	fill(bytes);
	EXPECT_EQ(get16(bytes, TCP + 6), 0xffffu);
	EXPECT_TRUE(is_right(bytes));
	put16(bytes, TCP + 6, 0);
	EXPECT_FALSE(is_right(bytes)) << "no checksum is none that is right";
}

TEST(Offload, FragmentsHaveNoChecksumOfTheirOwn)
{
	for (unsigned fragment : {0x2000u, 0x0001u, 0x2100u}) {
		Bytes bytes = make_packet(17, 32);
		put16(bytes, IP + 6, fragment);
		const Bytes before = bytes;
		fill(bytes);
		EXPECT_EQ(sum(bytes, IP, TCP), 0xffffu);
		EXPECT_TRUE(std::equal(bytes.begin() + TCP, bytes.end(), before.begin() + TCP));
		EXPECT_FALSE(is_right(bytes));
	}
}

TEST(Offload, OtherProtocolsHaveNone)
{
	Bytes bytes = make_packet(1, 32);
	const Bytes before = bytes;
	fill(bytes);
	EXPECT_EQ(sum(bytes, IP, TCP), 0xffffu);
	EXPECT_TRUE(std::equal(bytes.begin() + TCP, bytes.end(), before.begin() + TCP));
	EXPECT_FALSE(is_right(bytes));
}

TEST(Offload, WhatIsNotIpv4StaysAsItIs)
{
	struct {
		std::size_t at;
		u8 value;
		const char *what;
	} const cases[] = {
		{0, 0x86, "IPv6"},	   {1, 0x06, "ARP"},
		{IP, 0x65, "version"},	   {IP, 0x44, "short header"},
		{IP, 0x4f, "long header"}, {IP + 2, 0xff, "longer than it is"},
		{IP + 3, 19, "too short"},
	};
	for (const auto &c : cases) {
		Bytes bytes = make_packet(6, 36);
		bytes[c.at] = c.value;
		const Bytes before = bytes;
		fill(bytes);
		EXPECT_EQ(bytes, before) << c.what;
		EXPECT_FALSE(is_right(bytes)) << c.what;
	}
}

TEST(Offload, UdpMustSayItsLength)
{
	Bytes bytes = make_packet(17, 32);
	put16(bytes, TCP + 4, 31);
	fill(bytes);
	EXPECT_FALSE(is_right(bytes));
}

TEST(Offload, TruncatedPackets)
{
	for (u8 protocol : {u8{6}, u8{17}}) {
		Bytes whole = make_packet(protocol, 28);
		fill(whole);
		for (std::size_t size = 0; size < whole.size(); size++) {
			// Allocated to size, so that the sanitizer sees an access beyond it.
			Bytes bytes(whole.begin(), whole.begin() + static_cast<long>(size));
			bytes.shrink_to_fit();
			EXPECT_FALSE(is_right(bytes)) << size;
			fill(bytes);
			if (size < TCP)
				continue;
			// Even if the length agrees.
			put16(bytes, IP + 2, static_cast<unsigned>(size - IP));
			fill(bytes);
			EXPECT_EQ(sum(bytes, IP, TCP), 0xffffu) << size;
		}
	}
}

class Lso : public testing::Test {
protected:
	// All that a large send of @payload_len bytes becomes.
	std::vector<Bytes> cut(u32 payload_len, u32 mss)
	{
		const vib_lso lso = describe(payload_len, mss);
		std::vector<Bytes> packets;
		u32 done = 0;

		for (u32 i = 0; i < vib_lso_segments(&lso); i++) {
			const u32 len = vib_lso_payload(&lso, i);
			Bytes packet(header_.size() + len);
			vib_lso_headers(&lso, i, packet.data());
			for (u32 j = 0; j < len; j++)
				packet[header_.size() + j] = static_cast<u8>((done + j) * 7);
			done += len;
			fill(packet);
			packets.push_back(packet);
		}
		EXPECT_EQ(done, packets.empty() ? 0 : payload_len);
		return packets;
	}

	u32 segments(u32 payload_len, u32 mss)
	{
		const vib_lso lso = describe(payload_len, mss);

		return vib_lso_segments(&lso);
	}

	Bytes header_ = make_packet(6, 20);

private:
	vib_lso describe(u32 payload_len, u32 mss)
	{
		header_.shrink_to_fit();
		return {.header = header_.data(),
			.header_len = static_cast<u32>(header_.size()),
			.payload_len = payload_len,
			.mss = mss};
	}
};

TEST_F(Lso, EachPacketIsASegment)
{
	const auto packets = cut(2500, 1000);

	ASSERT_EQ(packets.size(), 3u);
	const std::size_t sizes[] = {1000, 1000, 500};
	const unsigned ids[] = {0xfffe, 0xffff, 0x0000};
	const u32 sequences[] = {0xfffffff0, 0x000003d8, 0x000007c0};
	const u8 flags[] = {0x90, 0x10, 0x19}; // CWR in the first, PSH and FIN in the last
	for (std::size_t i = 0; i < 3; i++) {
		EXPECT_EQ(packets[i].size(), header_.size() + sizes[i]);
		EXPECT_EQ(get16(packets[i], IP + 2), 40 + sizes[i]);
		EXPECT_EQ(get16(packets[i], IP + 4), ids[i]);
		EXPECT_EQ(get32(packets[i], TCP + 4), sequences[i]);
		EXPECT_EQ(packets[i][TCP + 13], flags[i]);
		expect_right(packets[i]);
		EXPECT_TRUE(is_right(packets[i]));
	}
}

TEST_F(Lso, NothingElseChanges)
{
	header_ = make_packet(6, 32);
	header_[TCP + 12] = 0x80;
	const Bytes packet = cut(3000, 1000)[1];

	for (std::size_t at = 0; at < header_.size(); at++) {
		const bool changes = (at >= IP + 2 && at < IP + 6) ||
				     (at >= IP + 10 && at < IP + 12) ||
				     (at >= TCP + 4 && at < TCP + 8) || at == TCP + 13 ||
				     (at >= TCP + 16 && at < TCP + 18);
		if (!changes) {
			EXPECT_EQ(packet[at], header_[at]) << at;
		}
	}
}

TEST_F(Lso, HowManyPackets)
{
	EXPECT_EQ(segments(0, 1000), 1u);
	EXPECT_EQ(segments(1, 1000), 1u);
	EXPECT_EQ(segments(1000, 1000), 1u);
	EXPECT_EQ(segments(1001, 1000), 2u);
	EXPECT_EQ(segments(2000, 1000), 2u);
	EXPECT_EQ(segments(VIB_LSO_MAX, 1), u32{VIB_LSO_MAX});
	EXPECT_EQ(segments(VIB_LSO_MAX, 0xffffffff), 1u);
	EXPECT_EQ(segments(VIB_LSO_MAX + 1, 1000), 0u);
	EXPECT_EQ(segments(0xffffffff, 1000), 0u);
	EXPECT_EQ(segments(1000, 0), 0u) << "no segment size";
}

TEST_F(Lso, OnePacketKeepsItsFlags)
{
	const auto packets = cut(10, 1000);

	ASSERT_EQ(packets.size(), 1u);
	EXPECT_EQ(packets[0][TCP + 13], 0x99);
}

TEST_F(Lso, OptionsOfBothHeaders)
{
	header_ = make_packet(6, 32);
	header_.insert(header_.begin() + static_cast<long>(TCP), 8, 1);
	header_[IP] = 0x47;
	header_[TCP + 8 + 12] = 0x80;
	const auto packets = cut(100, 60);

	ASSERT_EQ(packets.size(), 2u);
	EXPECT_EQ(get16(packets[1], IP + 2), 28 + 32 + 40u);
	EXPECT_TRUE(is_right(packets[0]));
	EXPECT_TRUE(is_right(packets[1]));
}

TEST_F(Lso, HeadersThatAreNone)
{
	struct {
		std::size_t at;
		u8 value;
		const char *what;
	} const cases[] = {
		{0, 0x86, "not IPv4"},
		{IP, 0x65, "version"},
		{IP, 0x44, "short header"},
		{IP, 0x46, "IPv4 header goes into TCP's"},
		{IP, 0x4f, "IPv4 header goes beyond"},
		{IP + 6, 0x20, "fragment"},
		{IP + 7, 0x01, "fragment"},
		{IP + 9, 17, "UDP"},
		{TCP + 12, 0x40, "short TCP header"},
		{TCP + 12, 0x60, "TCP header goes beyond"},
	};
	ASSERT_EQ(segments(5000, 1000), 5u);
	for (const auto &c : cases) {
		const u8 before = header_[c.at];
		header_[c.at] = c.value;
		EXPECT_EQ(segments(5000, 1000), 0u) << c.what;
		header_[c.at] = before;
	}
	header_.push_back(0);
	EXPECT_EQ(segments(5000, 1000), 0u) << "longer than they are";
	for (std::size_t size = TCP + 20; size--;) {
		header_.resize(size);
		EXPECT_EQ(segments(5000, 1000), 0u) << size;
	}
}

} // namespace
} // namespace unit
