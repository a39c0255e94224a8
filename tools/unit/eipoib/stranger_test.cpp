// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// MACs without a VIF: who listens is told of each, and not too often.

#include "peer_fixture.hpp"

#include "strangers.hpp"

#include <set>

namespace unit {
namespace {

using Reports = std::vector<std::string>;

class StrangerTest : public PeerFixture {
protected:
	void SetUp() override
	{
		PeerFixture::SetUp();
		watch(true);
	}

	// What is told when @mac sends a frame.
	Reports reports(const std::string &mac, u32 tci = EIPOIB_TCI_NONE)
	{
		tx(ipv4_to("ffffffffffff", 34, mac), {.tci = tci});
		return take_reported();
	}

	static std::string stranger(u32 number)
	{
		return "5254" + hex(number, 8);
	}
};

TEST_F(StrangerTest, is_told_of_once_a_second)
{
	EXPECT_EQ(reports(stranger(1)), Reports{stranger(1)});
	for (int i = 0; i < 10; i++) {
		EXPECT_EQ(reports(stranger(1)), Reports{});
		advance_clock(99);
	}
	advance_clock(9);
	EXPECT_EQ(reports(stranger(1)), Reports{});
	advance_clock(1);
	EXPECT_EQ(reports(stranger(1)), Reports{stranger(1)});
	EXPECT_EQ(reports(stranger(1)), Reports{});
}

TEST_F(StrangerTest, is_told_of_in_each_vlan)
{
	EXPECT_EQ(reports(stranger(1)), Reports{stranger(1)});
	EXPECT_EQ(reports(stranger(1), 3), Reports{stranger(1) + ".3"});
	EXPECT_EQ(reports(stranger(1), 4094), Reports{stranger(1) + ".4094"});
	// A priority tag is none.
	EXPECT_EQ(reports(stranger(1), 0xe000), Reports{});
	EXPECT_EQ(reports(stranger(2), 0xe000), Reports{stranger(2)});
	EXPECT_EQ(reports(stranger(2), 0xe003), Reports{stranger(2) + ".3"});
	EXPECT_EQ(reports(stranger(2), 4095), Reports{});
}

TEST_F(StrangerTest, is_nobody_with_a_vif)
{
	EXPECT_EQ(reports(mac_of_vif), Reports{});
	EXPECT_EQ(reports(mac_of_vif, 3), Reports{plain(mac_of_vif) + ".3"});
	add_bound(0x4d, "any", 3, 0x8003);
	EXPECT_EQ(reports(stranger(1), 3), Reports{});
	EXPECT_EQ(reports(stranger(1)), Reports{stranger(1)});
}

TEST_F(StrangerTest, has_a_mac_that_somebody_can_have)
{
	EXPECT_EQ(reports("000000000000"), Reports{});
	EXPECT_EQ(reports("01005e000001"), Reports{});
	EXPECT_EQ(reports("ffffffffffff"), Reports{});
}

TEST_F(StrangerTest, is_not_missed_by_who_comes_late)
{
	watch(false);
	EXPECT_EQ(reports(stranger(1)), Reports{});
	watch(true);
	EXPECT_EQ(reports(stranger(1)), Reports{stranger(1)});
}

// As many guests as start at once are told of, each of them, whatever the keys of the hash are.
TEST(Strangers, are_not_missed_among_a_hundred)
{
	for (int boot = 0; boot < 1000; boot++) {
		eipoib::Strangers strangers = {};
		strangers.init();
		for (u8 i = 0; i < 100; i++)
			EXPECT_TRUE(strangers.is_news({{0x52, 0x54, 0, 0, 0, i}},
						      eipoib::wire::VlanId::untagged(), 5000))
				<< boot << " " << int{i};
	}
}

TEST_F(StrangerTest, cannot_flood_who_listens)
{
	const size_t memory = live_allocations();
	for (int second = 0; second < 3; second++) {
		size_t count = 0;
		for (u32 i = 0; i < 10'000; i++)
			count += reports(stranger(i)).size();
		EXPECT_GE(count, 128u);
		EXPECT_LE(count, 256u);
		EXPECT_EQ(live_allocations(), memory);
		advance_clock(1000);
	}
	// And is not drowned by others for longer than a second.
	EXPECT_EQ(reports(stranger(1)), Reports{stranger(1)});
}

} // namespace
} // namespace unit
