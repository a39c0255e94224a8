// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Which VIF of a partition receives group frames: election, hand-over, what is joined on it.

#include "peer_fixture.hpp"

namespace unit {
namespace {

using Calls = std::vector<std::string>;

constexpr Peer x = {0x52, 0xc05, 5};

const std::string all_hosts = "00ffffffff12401bffff00000000000000000001";
const std::string all_nodes = "00ffffffff12601bffff00000000000000000001";

void *dev(uintptr_t qpn)
{
	return reinterpret_cast<void *>(qpn);
}

// 224.@series.x.y in hex.
std::string group(u8 series, u16 number)
{
	const u8 address[] = {224, series, u8(number >> 8), u8(number)};
	return to_hex(address, sizeof(address));
}

class Receiving : public PeerFixture {
protected:
	std::string group_frame(eipoib_vif *vif, const std::string &ip = "0affffff")
	{
		return outcome(rx(
			vif,
			from_hex(x.link("0800", true) + "4500001400000000 40110000 0a000002" + ip),
			true));
	}
};

// Its report may have come before there was a PIF.
TEST_F(Receiving, who_speaks_for_an_ipv6_address_is_found_by_it)
{
	const auto solicited = [](const char *low) {
		return std::string("00ffffffff12601bffff000000000001ff") + low;
	};
	const auto say = [&](const char *type, const char *source, const char *target) {
		return outcome(tx(from_hex(std::string("333300000001") + mac_of_vif +
					   "86dd 6000000000183aff" + source +
					   "ff020000000000000000000000000001" + type +
					   "00 0000 00000000" + target),
				  {.is_checksum_pending = true}));
	};
	std::set<std::string> groups = {all_hosts, all_nodes};
	EXPECT_EQ(say("87", "00000000000000000000000000000000", "fd000000000000000000000000aabbcc"),
		  "rewrite");
	EXPECT_EQ(joined_groups(dev(0x48)), groups); // it has no address yet
	EXPECT_EQ(say("87", "fe800000000000000000000000123456", "fd000000000000000000000000aabbcc"),
		  "rewrite");
	groups.insert(solicited("123456"));
	EXPECT_EQ(joined_groups(dev(0x48)), groups);
	EXPECT_EQ(say("88", "fe800000000000000000000000987654", "fd000000000000000000000000aabbcc"),
		  "rewrite");
	groups.insert(solicited("aabbcc"));
	EXPECT_EQ(joined_groups(dev(0x48)), groups);
}

TEST_F(Receiving, the_first_with_carrier_is_attached)
{
	eipoib_vif *vif = add_vif(0x60, 0x8003);
	EXPECT_EQ(bind(vif, "525400000060", 3), 0);
	EXPECT_EQ(take_vif_calls(), Calls{});
	EXPECT_EQ(group_frame(vif), "rx_copy");
	eipoib_vif_set_carrier(core_, vif, true);
	EXPECT_EQ(take_vif_calls(), Calls{"+60"});
	EXPECT_EQ(group_frame(vif), "forward");
	eipoib_vif_set_carrier(core_, vif, true);
	add_bound(0x61, "525400000061", 3, 0x8003);
	EXPECT_EQ(take_vif_calls(), Calls{});
	EXPECT_EQ(joined_groups(dev(0x61)).size(), 0u);
}

TEST_F(Receiving, its_heir_receives_before_it_stops)
{
	eipoib_vif *second = add_bound(0x49, "52540067e9bd");
	take_group_calls();
	eipoib_vif_set_carrier(core_, vif_, false);
	EXPECT_EQ(take_vif_calls(), (Calls{"+49", "?49", "-48"}));
	const auto calls = take_group_calls();
	ASSERT_EQ(calls.size(), 4u);
	EXPECT_TRUE(calls[0].is_join && calls[1].is_join);
	EXPECT_EQ(calls[0].dev, dev(0x49));
	EXPECT_FALSE(calls[2].is_join || calls[3].is_join);
	EXPECT_EQ(calls[2].dev, dev(0x48));
	EXPECT_EQ(joined_groups(dev(0x49)), (std::set<std::string>{all_hosts, all_nodes}));
	advance_clock(200);
	EXPECT_EQ(group_frame(second), "forward");
	EXPECT_EQ(group_frame(vif_), "rx_copy");
}

// Copies of a frame may come on both while one takes over. One counts, whichever comes first.
TEST_F(Receiving, while_one_takes_over_a_frame_enters_once)
{
	eipoib_vif *second = add_bound(0x49, "52540067e9bd");
	eipoib_vif_set_carrier(core_, vif_, false);
	EXPECT_EQ(group_frame(vif_, "e0000009"), "forward");
	EXPECT_EQ(group_frame(second, "e0000009"), "rx_copy");
	EXPECT_EQ(group_frame(second, "e000000a"), "forward");
	EXPECT_EQ(group_frame(vif_, "e000000a"), "rx_copy");
	EXPECT_EQ(group_frame(second, "e000000a"), "forward"); // another one, that looks the same
	eipoib_vif *third = add_bound(0x4a, "525400000001");
	EXPECT_EQ(group_frame(third), "rx_copy");
}

// What came before the heir received, or after the old one did, has no copy: that must not let a
// frame be taken for the copy of another.
TEST_F(Receiving, while_one_takes_over_frames_that_come_once_enter)
{
	eipoib_vif *second = add_bound(0x49, "52540067e9bd");
	eipoib_vif_set_carrier(core_, vif_, false);
	for (u16 i = 0; i < 1000; i++)
		ASSERT_EQ(group_frame(vif_, group(1, i)), "forward") << i;
	for (u16 i = 0; i < 1000; i++)
		ASSERT_EQ(group_frame(second, group(2, i)), "forward") << i;
}

// As many as a receive queue holds.
TEST_F(Receiving, while_one_takes_over_bursts_enter_once)
{
	eipoib_vif *second = add_bound(0x49, "52540067e9bd");
	eipoib_vif_set_carrier(core_, vif_, false);
	for (u16 i = 0; i < 1000; i++)
		ASSERT_EQ(group_frame(vif_, group(1, i)), "forward") << i;
	for (u32 round = 0; round < 10; round++) {
		for (u16 i = 0; i < 256; i++)
			ASSERT_EQ(group_frame(vif_, group(2, i)), "forward") << i;
		for (u16 i = 0; i < 256; i++)
			ASSERT_EQ(group_frame(second, group(2, i)), "rx_copy") << i;
	}
}

// ARP is planned twice and is one frame all the same.
TEST_F(Receiving, a_rewritten_copy_counts_once)
{
	eipoib_vif *second = add_bound(0x49, "52540067e9bd");
	eipoib_vif_set_carrier(core_, vif_, false);
	eipoib_vif *first = vif_;
	for (int i = 0; i < 3; i++) {
		vif_ = first;
		EXPECT_EQ(arp(x), "rewrite");
		vif_ = second;
		EXPECT_EQ(arp(x), "rx_copy");
	}
	EXPECT_EQ(arp(x), "rewrite");
	vif_ = first;
	EXPECT_EQ(arp(x), "rx_copy");
	EXPECT_EQ(arp(x), "rewrite");
}

TEST_F(Receiving, without_memory_for_the_overlap_the_heir_receives)
{
	eipoib_vif *second = add_bound(0x49, "52540067e9bd");
	fail_allocation_after(0);
	eipoib_vif_set_carrier(core_, vif_, false);
	never_fail_allocation();
	EXPECT_EQ(group_frame(second), "forward");
	EXPECT_EQ(group_frame(vif_), "rx_copy");
}

TEST_F(Receiving, a_vif_that_goes_hands_over)
{
	eipoib_vif *second = add_bound(0x49, "52540067e9bd");
	eipoib_vif_unbind(core_, vif_);
	EXPECT_EQ(take_vif_calls(), (Calls{"+49", "?49", "-48"}));
	EXPECT_EQ(group_frame(vif_), "rx_unbound");
	EXPECT_EQ(joined_groups(dev(0x48)).size(), 0u);

	eipoib_vif *third = add_bound(0x4a, "525400000001");
	eipoib_vif_destroy(core_, second);
	std::erase(vifs_, second);
	EXPECT_EQ(take_vif_calls(), (Calls{"+4a", "?4a", "-49"}));
	advance_clock(200);
	EXPECT_EQ(group_frame(third), "forward");

	// It comes back.
	ASSERT_EQ(bind(vif_, mac_of_vif), 0);
	EXPECT_EQ(take_vif_calls(), Calls{});
	EXPECT_EQ(group_frame(vif_), "rx_copy");
}

TEST_F(Receiving, the_last_one_stops)
{
	eipoib_vif_set_carrier(core_, vif_, false);
	EXPECT_EQ(take_vif_calls(), Calls{"-48"});
	EXPECT_EQ(joined_groups(dev(0x48)).size(), 0u);
	EXPECT_EQ(group_frame(vif_), "rx_copy");
	eipoib_vif_unbind(core_, vif_);
	EXPECT_EQ(take_vif_calls(), Calls{});
}

TEST_F(Receiving, a_vif_that_is_bound_to_another_mac_goes_on)
{
	ASSERT_EQ(bind(vif_, "525400000001"), 0);
	EXPECT_EQ(take_vif_calls(), Calls{});
	EXPECT_EQ(group_frame(vif_), "forward");
}

TEST_F(Receiving, a_vif_that_moves_to_another_vlan_receives_there)
{
	ASSERT_EQ(bind(vif_, mac_of_vif, 7), 0);
	EXPECT_EQ(group_frame(vif_), "forward");
	EXPECT_EQ(joined_groups(dev(0x48)), (std::set<std::string>{all_hosts, all_nodes}));
}

TEST_F(Receiving, ethx_listens_to_its_groups)
{
	const Bytes macs = from_hex("01005e0000fb 33330000fb00");
	eipoib_core_set_listeners(core_, macs.data(), 2);
	EXPECT_EQ(joined_groups(dev(0x48)).count("00ffffffff12401bffff000000000000000000fb"), 1u);
	EXPECT_EQ(joined_groups(dev(0x48)).size(), 4u);
	eipoib_core_set_listeners(core_, nullptr, 0);
	EXPECT_EQ(joined_groups(dev(0x48)).size(), 2u);

	Bytes many;
	for (u32 i = 0; i < 513; i++) {
		const Bytes mac = from_hex("01005e0000" + hex(i & 0xff, 2));
		many.insert(many.end(), mac.begin(), mac.end());
	}
	eipoib_core_set_listeners(core_, many.data(), 513);
	EXPECT_EQ(notes(EIPOIB_NOTE_GROUP_LIMIT), 1u);
}

TEST_F(Receiving, a_guests_report_joins_its_group)
{
	const std::string report = std::string("01005e010203") + mac_of_vif +
				   "0800 4600002000000000 01020000 0a000001 e0010203 94040000"
				   "1600 07fb e0010203";
	EXPECT_EQ(way(tx(from_hex(report))), "00ffffffff12401bffff00000000000000010203");
	EXPECT_EQ(joined_groups(dev(0x48)).count("00ffffffff12401bffff00000000000000010203"), 1u);

	// It moves to another MAC: what it reported under the old one goes.
	ASSERT_EQ(bind(vif_, "525400000001"), 0);
	EXPECT_EQ(joined_groups(dev(0x48)), (std::set<std::string>{all_hosts, all_nodes}));
}

TEST_F(Receiving, reports_beyond_the_limit_are_counted)
{
	for (u32 i = 0; i < 257; i++) {
		EXPECT_EQ(notes(EIPOIB_NOTE_GROUP_LIMIT), 0u);
		tx(from_hex(std::string("01005e020000") + mac_of_vif +
			    "0800 4600002000000000 01020000 0a000001 e0020000 94040000"
			    "1600" +
			    hex(0x09fd - i, 4) + "e002" + hex(i, 4)));
	}
	EXPECT_EQ(notes(EIPOIB_NOTE_GROUP_LIMIT), 1u);
}

// A querier on the fabric makes silent memberships age.
TEST_F(Receiving, queries_of_the_fabric_are_heard)
{
	const std::string group = "00ffffffff12401bffff00000000000000010203";
	const std::string report = std::string("01005e010203") + mac_of_vif +
				   "0800 4600002000000000 01020000 0a000001 e0010203 94040000"
				   "1600 07fb e0010203";
	tx(from_hex(report));
	for (int i = 0; i < 30; i++) {
		const std::string query = x.link("0800", true) +
					  "4600002000000000 01020000 0a000002 e0000001 94040000"
					  "1164 ee9b 00000000";
		rx(vif_, from_hex(query), true);
		advance_clock(10'000);
		eipoib_core_tick(core_);
	}
	EXPECT_EQ(joined_groups(dev(0x48)).count(group), 0u);
}

} // namespace
} // namespace unit
