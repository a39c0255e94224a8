// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// ICRC and VCRC (IBA 7.8), and the capture files that show them.

#include "fixture.hpp"
#include "hex.hpp"

namespace unit {
namespace {

// IBA's own example of a local packet, volume 1 release 1.3, 7.8: VL 7, an RDMA WRITE of 14 bytes.
const char local_example[] = "7012375c000e17d2"
			     "0a20248700 87b1b3000dec2a"
			     "01710a1c015d400238f27a050000000e"
			     "bb884d85fd5cfba4728bc0690ed40000";

// What vib sends to a group: LRH, GRH, BTH, DETH, immediate data. The sums are from a program that
// divides bit by bit.
const char global_example[] =
	"0003c00100140001"
	"6abfcdef00201b40fe800000000000000002c90300433bf1ff12401bffff000000000000ffffffff"
	"6580ffff00ffffff00123456"
	"00000b1b00000048"
	"01020304"
	"aabbccdd";

// @hex and room for both sums, which are written.
Bytes sealed(const char *hex)
{
	Bytes wire;
	for (int byte; (byte = kunit::next_byte(hex)) >= 0;)
		wire.push_back(static_cast<u8>(byte));
	wire.insert(wire.end(), 4 + VIB_VCRC_LEN, 0);
	vib_seal(wire.data(), static_cast<u32>(wire.size() - VIB_VCRC_LEN));
	return wire;
}

std::string sums(const Bytes &wire)
{
	return to_hex(wire.data() + wire.size() - 6, 6);
}

bool is_intact(const Bytes &wire)
{
	return vib_is_intact(wire.data(), static_cast<u32>(wire.size()));
}

TEST(CrcTest, TheStandardsOwnExample)
{
	const Bytes wire = sealed(local_example);
	EXPECT_EQ(sums(wire), "9625b75a"
			      "45fa");
	EXPECT_TRUE(is_intact(wire));
}

TEST(CrcTest, AcrossSubnets)
{
	const Bytes wire = sealed(global_example);
	EXPECT_EQ(sums(wire), "b5ec26f6"
			      "97fd");
	EXPECT_TRUE(is_intact(wire));
}

TEST(CrcTest, EachFlippedBitIsSeen)
{
	for (const char *example : {local_example, global_example}) {
		Bytes wire = sealed(example);
		for (std::size_t bit = 0; bit < wire.size() * 8; bit++) {
			wire[bit / 8] ^= static_cast<u8>(1 << bit % 8);
			EXPECT_FALSE(is_intact(wire)) << bit;
			wire[bit / 8] ^= static_cast<u8>(1 << bit % 8);
		}
	}
}

// IBA 7.8.1: what a switch (local) or a router (global) changes is not covered by the ICRC.
TEST(CrcTest, WhatMayChangeOnTheWay)
{
	const std::string local = sums(sealed(local_example)).substr(0, 8);
	Bytes wire = sealed(local_example);
	wire[0] ^= 0xf0;  // VL
	wire[12] ^= 0xff; // BTH, reserved
	vib_seal(wire.data(), static_cast<u32>(wire.size() - VIB_VCRC_LEN));
	EXPECT_EQ(sums(wire).substr(0, 8), local);

	const std::string global = sums(sealed(global_example)).substr(0, 8);
	wire = sealed(global_example);
	wire[2] ^= 0xff;  // DLID
	wire[7] ^= 0xff;  // SLID
	wire[8] ^= 0x0f;  // traffic class
	wire[9] ^= 0xff;  // and flow label
	wire[15] ^= 0xff; // hop limit
	vib_seal(wire.data(), static_cast<u32>(wire.size() - VIB_VCRC_LEN));
	EXPECT_EQ(sums(wire).substr(0, 8), global);
	EXPECT_NE(sums(wire), sums(sealed(global_example))) << "the VCRC covers all";
}

TEST(CrcTest, TooShort)
{
	for (std::size_t size = 0; size < 26; size++) {
		Bytes wire(size);
		EXPECT_FALSE(vib_is_intact(wire.data(), static_cast<u32>(size))) << size;
	}
	Bytes wire = sealed(global_example);
	wire.resize(65);
	EXPECT_FALSE(is_intact(wire)) << "no room for a GRH and a BTH";
}

TEST(PcapTest, Head)
{
	u8 head[VIB_PCAP_HEAD];
	vib_pcap_head(false, head);
	EXPECT_EQ(to_hex(head, sizeof(head)), "a1b23c4d00020004"
					      "0000000000000000"
					      "0000ffff000000f7");
	vib_pcap_head(true, head);
	EXPECT_EQ(to_hex(head + 20, 4), "000000c5");
}

TEST(PcapTest, Records)
{
	u8 record[VIB_PCAP_RECORD];
	ASSERT_EQ(vib_pcap_record(false, 1700000000250000000, 0x124, record), 16u);
	EXPECT_EQ(to_hex(record, 16), "6553f1000ee6b280"
				      "0000012400000124");
	// A quarter of a second in binary is 0.01.
	ASSERT_EQ(vib_pcap_record(true, 1700000000250000000, 0x124, record), 32u);
	EXPECT_EQ(to_hex(record, 32), "6553f1000ee6b280"
				      "0000013400000134"
				      "0000004000f15365"
				      "1504013400000124");
}

} // namespace
} // namespace unit
