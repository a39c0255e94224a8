// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The VIF for any MAC: what it may be bound to, whom it sends for, and that it loops nothing.

#include "peer_fixture.hpp"

#include <cerrno>

namespace unit {
namespace {

constexpr Peer x = {0x52, 0xc05, 5};
constexpr Peer y = {0x53, 0xc06, 6};
constexpr const char *roamer = "5254000000f1";

class AnyVif : public PeerFixture {
protected:
	void SetUp() override
	{
		PeerFixture::SetUp();
		any_ = add_bound(0x4d, "any");
	}

	TxResult from(const char *mac, const char *to = "ffffffffffff")
	{
		return tx(ipv4_to(to, 34, mac));
	}

	eipoib_vif *any_ = nullptr;
};

TEST_F(AnyVif, its_binding_is_what_was_asked_for)
{
	eipoib_vif_info info = {};
	eipoib_vif_get_info(any_, &info);
	EXPECT_TRUE(info.is_bound);
	EXPECT_EQ(info.binding.flags, EIPOIB_VIF_ANY);
	EXPECT_EQ(to_hex(info.binding.mac, 6), "000000000000");

	// The MAC is not read.
	eipoib_binding binding = {
		.mac = {1, 2, 3, 4, 5, 6}, .flags = EIPOIB_VIF_ANY, .vlan = EIPOIB_VLAN_NONE};
	EXPECT_EQ(eipoib_vif_bind(core_, any_, &binding, &why_), 0);
	EXPECT_EQ(way(from(roamer)), "flooded");
}

TEST_F(AnyVif, there_is_one_for_a_vlan)
{
	eipoib_vif *second = add_vif(0x4e);
	EXPECT_EQ(bind(second, "any"), -EINVAL);
	EXPECT_NE(std::string(why_).find("Another VIF"), std::string::npos);
	add_bound(0x4f, "any", 5, 0x8005);
}

TEST_F(AnyVif, it_cannot_be_sticky_and_flags_must_be_known)
{
	EXPECT_EQ(bind(any_, "any", EIPOIB_VLAN_NONE, EIPOIB_VIF_STICKY), -EINVAL);
	EXPECT_NE(std::string(why_).find("stick"), std::string::npos);
	EXPECT_EQ(bind(any_, roamer, EIPOIB_VLAN_NONE, 4), -EINVAL);
	EXPECT_NE(std::string(why_).find("flag"), std::string::npos);
	EXPECT_EQ(way(from(roamer)), "flooded");
}

TEST_F(AnyVif, a_mac_with_a_vif_of_its_own_uses_that)
{
	EXPECT_EQ(from(roamer).dev, reinterpret_cast<void *>(0x4d));
	EXPECT_EQ(from(mac_of_vif).dev, reinterpret_cast<void *>(0x48));
	eipoib_vif_unbind(core_, vif_);
	EXPECT_EQ(from(mac_of_vif).dev, reinterpret_cast<void *>(0x4d));
	eipoib_vif_unbind(core_, any_);
	EXPECT_EQ(outcome(from(roamer)), "tx_vif_miss");
}

TEST_F(AnyVif, sources_that_nobody_can_have_are_dropped)
{
	EXPECT_EQ(outcome(from("000000000000")), "tx_vif_miss");
	EXPECT_EQ(outcome(from("01005e000001")), "tx_vif_miss");
}

TEST_F(AnyVif, its_frames_do_not_come_back)
{
	transparent(x, roamer);
	EXPECT_EQ(outcome(from(roamer)), "tx_loop");
	advance_clock(499);
	EXPECT_EQ(outcome(from(roamer)), "tx_loop");
	EXPECT_EQ(way_to(roamer).substr(0, 4), "teb "); // it is still there

	// What comes later comes from a station that has moved here.
	advance_clock(1);
	EXPECT_EQ(way(from(roamer)), "flooded");
	EXPECT_EQ(way_to(roamer), "flooded");
}

// A bridge returns what a peer's guest has just sent.
TEST_F(AnyVif, frames_of_an_announced_mac_and_of_a_remac_do_not_come_back)
{
	announce(x, "5254000000e1");
	arp(y);
	EXPECT_EQ(outcome(from("5254000000e1")), "tx_loop");
	EXPECT_EQ(outcome(from(y.remac().c_str())), "tx_loop");
	advance_clock(500);
	EXPECT_EQ(way(from("5254000000e1")), "flooded");
}

TEST_F(AnyVif, a_station_roams_between_peers)
{
	transparent(x, roamer);
	EXPECT_EQ(way_to(roamer).substr(10), x.address().substr(8 - 2));
	transparent(y, roamer);
	EXPECT_EQ(way_to(roamer).substr(10), y.address().substr(8 - 2));
}

TEST_F(AnyVif, flooded_frames_for_anybody_are_delivered)
{
	EXPECT_EQ(transparent(x, roamer, "525400009999"), "forward");
	take_sent();
	transparent(x, roamer, "525400009999");
	EXPECT_TRUE(take_sent().empty()); // it does not know whose MAC that is
	eipoib_vif_unbind(core_, any_);
	EXPECT_EQ(transparent(x, roamer, "525400009999"), "rx_not_ours");
}

TEST_F(AnyVif, it_announces_no_mac)
{
	const std::string frame =
		x.link("8035", false) + x.arp("0003", "00000000", x.address(),
					      announcement(teb | bare | request, "5254000000e1"));
	EXPECT_EQ(outcome(rx(any_, from_hex(frame))), "consume");
	const auto sent = take_sent();
	ASSERT_EQ(sent.size(), 1u);
	EXPECT_EQ(sent[0].dev, reinterpret_cast<void *>(0x4d));
	EXPECT_EQ(said(sent[0]), plain(announcement(teb | bare, "000000000000")));
}

TEST_F(AnyVif, a_long_frame_asks_on_its_behalf)
{
	EXPECT_EQ(way(tx(ipv4_to("525400009999", 2045, roamer))), "hold");
	const auto sent = take_sent();
	ASSERT_EQ(sent.size(), 1u);
	EXPECT_EQ(said(sent[0]),
		  plain(announcement(teb | bare | request, "000000000000", "525400009999")));
	announce(x, "525400009999");
	EXPECT_EQ(way(tx(ipv4_to("525400009999", 2045, roamer), {.is_held = true})), "fragment");
}

// Hosts with VIFs of their own send to the group of the fabric.
TEST_F(AnyVif, a_report_through_it_joins_the_group)
{
	const std::string report = std::string("01005e010203") + roamer +
				   "0800 4600002000000000 01020000 0a000001 e0010203 94040000"
				   "1600 07fb e0010203";
	EXPECT_EQ(way(tx(from_hex(report))), "flooded");
	EXPECT_EQ(joined_groups(reinterpret_cast<void *>(0x48))
			  .count("00ffffffff12401bffff00000000000000010203"),
		  1u);
}

TEST_F(AnyVif, a_vif_of_this_pif_is_on_this_side)
{
	EXPECT_EQ(outcome(from(roamer, mac_of_vif)), "tx_own");
}

} // namespace
} // namespace unit
