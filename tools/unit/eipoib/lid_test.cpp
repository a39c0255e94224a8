// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// LIDs that change hands, and what guests are told (eipoib-wire.rst, "REMAC").

#include "peer_fixture.hpp"

namespace unit {
namespace {

constexpr Peer x2 = {0x50, 0xc01, 2};
constexpr Peer x7 = {0x50, 0xc01, 7};
constexpr Peer y2 = {0x50, 0xc02, 2};

class Lids : public PeerFixture {
protected:
	// Nothing stays held.
	std::string way_to(const std::string &mac)
	{
		const auto plan = tx(ipv4_to(mac));
		if (plan.verdict == EIPOIB_HOLD)
			eipoib_tx_released(core_, plan.held);
		return way(plan);
	}

	// An unsolicited neighbour advertisement for fe80::b of @peer, checksum @checksum.
	std::string advertise(const Peer &peer, const char *flags, const char *checksum)
	{
		return outcome(rx(vif_,
				  from_hex(peer.link("86dd", true) +
					   "6000000000303aff fe80000000000000000000000000000b"
					   "ff020000000000000000000000000001 8800" +
					   checksum + flags +
					   "000000 fe80000000000000000000000000000b"
					   "02030000" +
					   peer.address()),
				  true));
	}
};

// No GRH, no ARP: only the completion says who sent it.
TEST_F(Lids, guests_are_told_the_new_remac)
{
	arp(x2);
	EXPECT_TRUE(take_delivered().empty());
	arp(x7);
	EXPECT_EQ(source_of(x7), "020000500007");
	const auto told = take_delivered();
	ASSERT_EQ(told.size(), 1u);
	EXPECT_EQ(told[0].vlan, u32{EIPOIB_VLAN_NONE});
	EXPECT_EQ(told[0].frame, plain("ffffffffffff 020000500007 0806 0001 0800 06 04 0001"
				       "020000500007 0a000002 000000000000 0a000002"));

	// Frames to the old one still reach it.
	EXPECT_EQ(way_to("020000500002"), x2.address());
	EXPECT_EQ(way_to("020000500007"), x2.address());
	arp(x7);
	EXPECT_TRUE(take_delivered().empty());
}

TEST_F(Lids, a_peer_that_comes_back_gets_its_remac_back)
{
	arp(x2);
	arp(x7);
	arp(x2);
	EXPECT_EQ(source_of(x2), "020000500002");
	EXPECT_EQ(way_to("020000500007"), x2.address());
}

TEST_F(Lids, a_peer_is_not_asked_again_because_it_moved)
{
	arp(x2);
	EXPECT_EQ(take_sent().size(), 1u);
	arp(x7);
	EXPECT_TRUE(take_sent().empty());
}

TEST_F(Lids, guests_are_told_on_their_vlan)
{
	vif_ = add_bound(0x4a, "52540067e9bd", 3, 0x8003);
	arp(x2);
	arp(x7);
	const auto told = take_delivered();
	ASSERT_EQ(told.size(), 1u);
	EXPECT_EQ(told[0].vlan, 3u);
}

TEST_F(Lids, guests_are_told_where_the_ipv6_router_is)
{
	EXPECT_EQ(advertise(x2, "a0", "4ea3"), "rewrite");
	arp(Peer{0x50, 0xc01, 7}, "", true);
	const auto told = take_delivered();
	ASSERT_EQ(told.size(), 1u); // its ARP comes later than the change
	EXPECT_EQ(told[0].frame.substr(0, 108),
		  plain("333300000001 020000500007 86dd 6000000000203aff"
			"fe80000000000000000000000000000b ff020000000000000000000000000001"));
	EXPECT_EQ(told[0].frame.substr(108, 4), "8800");
	EXPECT_EQ(told[0].frame.substr(116), plain("a0000000 fe80000000000000000000000000000b"
						   "0201 020000500007"));
}

TEST_F(Lids, a_router_advertisement_tells_who_is_a_router)
{
	const std::string frame =
		x2.link("86dd", true) +
		"6000000000283aff fe80000000000000000000000000000b"
		"ff020000000000000000000000000001"
		"8600b02b4000000c00000000000000000103000080000050fe800000000000000000000000000c01";
	EXPECT_EQ(outcome(rx(vif_, from_hex(frame), true)), "rewrite");
	arp(x7);
	const auto told = take_delivered();
	ASSERT_EQ(told.size(), 1u);
	EXPECT_EQ(told[0].frame.substr(116),
		  plain("a0000000 fe80000000000000000000000000000b 0201 020000500007"));
}

// Its link-layer address stands in the message; there is no GRH.
TEST_F(Lids, a_peer_is_learnt_from_neighbour_discovery)
{
	const std::string frame = x2.link("86dd", false) +
				  "6000000000303aff fe80000000000000000000000000000b"
				  "fe80000000000000000000000000000a"
				  "88008f1c60000000fe80000000000000000000000000000b0203000080000050"
				  "fe800000000000000000000000000c01";
	EXPECT_EQ(outcome(rx(vif_, from_hex(frame))), "rewrite");
	EXPECT_EQ(way_to("020000500002"), x2.address());
}

// It has no address yet and asks whether another has one.
TEST_F(Lids, an_arp_probe_does_not_make_an_address_forgotten)
{
	arp(x2);
	const std::string probe = x2.link("0806", true) + x2.arp("0001", "00000000", nobody, "");
	EXPECT_EQ(outcome(rx(vif_, from_hex(probe), true)), "rewrite");
	arp(x7);
	const auto told = take_delivered();
	ASSERT_EQ(told.size(), 1u);
	EXPECT_EQ(told[0].frame.substr(56, 8), "0a000002");
}

TEST_F(Lids, a_host_is_no_router)
{
	EXPECT_EQ(advertise(x2, "20", "cea3"), "rewrite");
	arp(x7);
	const auto told = take_delivered();
	ASSERT_EQ(told.size(), 1u);
	EXPECT_EQ(told[0].frame.substr(116, 8), "20000000");
}

TEST_F(Lids, who_announces_its_mac_keeps_it)
{
	arp(x2, announcement(teb, "5254000000e1"));
	arp(x7);
	EXPECT_TRUE(take_delivered().empty());
	EXPECT_EQ(source_of(x7), "5254000000e1");
	EXPECT_EQ(way_to("5254000000e1"), x2.address());
}

TEST_F(Lids, stations_behind_a_peer_move_with_it)
{
	arp(x2);
	transparent(x2, "5254000000f1");
	arp(x7);
	EXPECT_EQ(way_to("5254000000f1"), "teb " + x2.address());
}

TEST_F(Lids, a_displaced_peer_is_told_of_when_it_comes_back)
{
	arp(x2);
	arp(y2);
	take_delivered();
	EXPECT_EQ(source_of(y2), "060000500002");
	arp(x7);
	const auto told = take_delivered();
	ASSERT_EQ(told.size(), 1u);
	EXPECT_EQ(told[0].frame.substr(12, 12), "020000500007");
}

TEST_F(Lids, the_fifth_owner_takes_the_last_remac_over)
{
	for (u64 guid = 1; guid <= 6; guid++)
		arp({0x50, guid, 2});
	EXPECT_EQ(way_to("020000500002").substr(8), gid(1));
	EXPECT_EQ(way_to("060000500002").substr(8), gid(2));
	EXPECT_EQ(way_to("0a0000500002").substr(8), gid(3));
	EXPECT_EQ(way_to("0e0000500002").substr(8), gid(6));
	EXPECT_EQ(source_of({0x50, 6, 2}), "0e0000500002");

	// The fourth shows up elsewhere and does not take it back.
	arp({0x50, 4, 9});
	EXPECT_EQ(way_to("0e0000500002").substr(8), gid(6));
	EXPECT_EQ(way_to("020000500009").substr(8), gid(4));
}

TEST_F(Lids, path_bits_are_no_part_of_the_lid)
{
	eipoib_vif_params params = {.dev = reinterpret_cast<void *>(uintptr_t{0x49}),
				    .pkey = 0x8003,
				    .lmc = 5,
				    .mtu = 2044,
				    .address = {0x80, 0, 0, 0x49, 0xfe, 0x80}};
	vif_ = eipoib_vif_create(core_, &params);
	vifs_.push_back(vif_);
	ASSERT_EQ(bind(vif_, "52540067e9bd", 3), 0);
	eipoib_vif_set_carrier(core_, vif_, true);
	arp(Peer{0x50, 0xc01, 0x1235});
	EXPECT_EQ(source_of({0x50, 0xc01, 0x1220}), "020000501220");
	EXPECT_EQ(source_of({0x50, 0xc01, 0x123f}), "020000501220");
	EXPECT_TRUE(take_lid_queries().empty());
	EXPECT_EQ(source_of({0x50, 0xc01, 0x1240}), "020000501240");
	EXPECT_EQ(take_lid_queries().size(), 1u);

	// A subnet manager may change it under a VIF.
	eipoib_vif_set_lmc(vif_, 2);
	EXPECT_EQ(source_of({0x50, 0xc01, 0x123f}), "02000050123c");
	eipoib_vif_set_lmc(vif_, 0);
	EXPECT_EQ(source_of({0x50, 0xc01, 0x123f}), "02000050123f");
}

// Without a GRH the completion says nothing of the GID.
TEST_F(Lids, a_stranger_without_a_grh_is_asked_for_at_the_sa)
{
	EXPECT_EQ(source_of(x2), "020000500002");
	auto asked = take_lid_queries();
	ASSERT_EQ(asked.size(), 1u);
	EXPECT_EQ(asked[0], (LidQuery{reinterpret_cast<void *>(0x48), 0x50, 2}));
	advance_clock(9'999);
	source_of(x2);
	EXPECT_TRUE(take_lid_queries().empty());
	advance_clock(1);
	source_of(x2);
	EXPECT_EQ(take_lid_queries().size(), 1u);
	EXPECT_TRUE(take_sent().empty());

	const Bytes gid_x = from_hex(gid(0xc01));
	eipoib_core_answer_lid(core_, vif_, 0x50, 2, gid_x.data());
	EXPECT_EQ(take_sent().size(), 1u);
	EXPECT_EQ(way_to("020000500002").substr(2), x2.address().substr(2));
	advance_clock(20'000);
	source_of(x2);
	EXPECT_TRUE(take_lid_queries().empty());
}

TEST_F(Lids, a_sender_without_lid_is_not_asked_for)
{
	EXPECT_EQ(source_of({0x50, 0xc01, 0}), "020000500000");
	EXPECT_TRUE(take_lid_queries().empty());
}

// The SA says that the LID is another's by now.
TEST_F(Lids, the_sas_answer_moves_a_peer_as_well)
{
	arp(x2);
	const Bytes gid_x = from_hex(gid(0xc01));
	eipoib_core_answer_lid(core_, vif_, 0x50, 7, gid_x.data());
	EXPECT_EQ(take_delivered().size(), 1u);
	EXPECT_EQ(way_to("020000500007"), x2.address());
	EXPECT_EQ(way_to("020000500002"), x2.address());
}

TEST_F(Lids, an_answer_for_a_vif_that_is_free_by_now_is_ignored)
{
	eipoib_vif_unbind(core_, vif_);
	drain_deferred();
	const size_t before = live_allocations();
	const Bytes gid_x = from_hex(gid(0xc01));
	eipoib_core_answer_lid(core_, vif_, 0x50, 2, gid_x.data());
	EXPECT_EQ(live_allocations(), before);
}

// The ARP of a peer whose LID has changed: without memory it is forgotten, not misplaced.
TEST_F(Lids, without_memory_a_peer_that_moves_is_forgotten)
{
	arp(x2);
	fail_allocation_after(0);
	EXPECT_EQ(arp(x7), "rewrite");
	never_fail_allocation();
	EXPECT_EQ(way_to("020000500002"), "flooded and held");
	arp(x7);
	EXPECT_EQ(way_to("020000500007"), x2.address());
}

TEST_F(Lids, each_allocation_may_fail_while_a_lid_changes_hands)
{
	for (size_t successes = 0; successes < 8; successes++) {
		arp(x2);
		arp(Peer{0x50, 0xc02, 3});
		fail_allocation_after(successes);
		EXPECT_EQ(arp(y2), "rewrite");
		EXPECT_EQ(arp(x7), "rewrite");
		never_fail_allocation();
		arp(y2);
		arp(x7);
		EXPECT_EQ(way_to(source_of(y2)), y2.address());
		EXPECT_EQ(way_to(source_of(x7)), x2.address());
	}
}

} // namespace
} // namespace unit
