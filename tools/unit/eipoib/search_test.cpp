// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Frames to MACs that are not known: flooded, held, released (eipoib-wire.rst, "Unknown unicast").

#include "peer_fixture.hpp"

namespace unit {
namespace {

constexpr Peer x = {0x52, 0xc05, 5};
constexpr const char *mac_x = "5254000000e1";
constexpr std::size_t longest = 14 + 2030;

class Searching : public PeerFixture {
protected:
	// What the glue does with held frames: plan again, and if it goes, tell so.
	std::string replay(const std::string &mac, bool is_flooded = false, std::size_t length = 34)
	{
		const auto plan =
			tx(ipv4_to(mac, length), {.is_held = true, .is_flooded = is_flooded});
		if (plan.verdict != EIPOIB_HOLD)
			eipoib_tx_released(core_, plan.held);
		return way(plan);
	}

	std::string send_long(const std::string &mac)
	{
		return way(tx(ipv4_to(mac, longest + 1)));
	}
};

TEST_F(Searching, the_first_frame_is_flooded_and_further_ones_wait)
{
	EXPECT_EQ(way_to(mac_x), "flooded");
	EXPECT_EQ(notes(EIPOIB_NOTE_TX_FLOODED), 1u);
	EXPECT_EQ(way_to(mac_x), "hold");
	advance_clock(199);
	EXPECT_EQ(way_to(mac_x), "hold");
	EXPECT_EQ(replay(mac_x), "hold");
	EXPECT_EQ(notes(EIPOIB_NOTE_TX_FLOODED), 1u);
	EXPECT_TRUE(take_sent().empty());
	EXPECT_TRUE(take_lid_queries().empty()); // it is no REMAC
}

TEST_F(Searching, an_announcement_lets_all_go_in_order)
{
	way_to(mac_x);
	EXPECT_EQ(way_to(mac_x), "hold");
	EXPECT_EQ(way_to(mac_x), "hold");
	EXPECT_EQ(take_releases(), 0u);
	announce(x, mac_x);
	EXPECT_EQ(take_releases(), 1u);

	// What comes now must not overtake those that wait.
	EXPECT_EQ(way_to(mac_x), "hold");
	EXPECT_EQ(replay(mac_x), x.address());
	EXPECT_EQ(replay(mac_x), x.address());
	EXPECT_EQ(way_to(mac_x), "hold");
	EXPECT_EQ(replay(mac_x), x.address());
	EXPECT_EQ(replay(mac_x), x.address());
	EXPECT_EQ(way_to(mac_x), x.address());

	announce(x, mac_x); // nothing waits: nothing to release
	EXPECT_EQ(take_releases(), 0u);
}

TEST_F(Searching, a_transparent_frame_from_the_mac_lets_all_go)
{
	way_to(mac_x);
	EXPECT_EQ(way_to(mac_x), "hold");
	transparent(x, mac_x);
	EXPECT_EQ(take_releases(), 1u);
	EXPECT_EQ(replay(mac_x).substr(0, 4), "teb ");
}

TEST_F(Searching, after_200_ms_all_are_flooded_for_10_s)
{
	way_to(mac_x);
	EXPECT_EQ(way_to(mac_x), "hold");
	advance_clock(200);
	EXPECT_EQ(replay(mac_x), "flooded");
	EXPECT_EQ(way_to(mac_x), "flooded");
	advance_clock(9'799);
	EXPECT_EQ(way_to(mac_x), "flooded");
	EXPECT_EQ(notes(EIPOIB_NOTE_TX_FLOODED), 4u);

	// A new search.
	advance_clock(1);
	EXPECT_EQ(way_to(mac_x), "flooded");
	EXPECT_EQ(way_to(mac_x), "hold");
}

TEST_F(Searching, a_long_frame_is_held_and_a_request_flooded)
{
	EXPECT_EQ(send_long(mac_x), "hold");
	const auto sent = take_sent();
	ASSERT_EQ(sent.size(), 1u);
	EXPECT_EQ(sent[0].header.substr(0, 40), to_all);
	EXPECT_EQ(said(sent[0]), plain(announcement(teb | request | bare, mac_of_vif, mac_x)));
	EXPECT_EQ(notes(EIPOIB_NOTE_TX_FLOODED), 0u);

	EXPECT_EQ(send_long(mac_x), "hold");
	EXPECT_EQ(way_to(mac_x), "hold");
	EXPECT_TRUE(take_sent().empty());
	announce(x, mac_x, teb, mac_of_vif, false);
	EXPECT_EQ(take_releases(), 1u);
	EXPECT_EQ(replay(mac_x, false, longest + 1), x.address());
}

TEST_F(Searching, what_is_just_short_enough_is_flooded)
{
	EXPECT_EQ(way(tx(ipv4_to(mac_x, longest))), "flooded");
}

TEST_F(Searching, a_long_frame_that_nobody_answers_for_is_dropped)
{
	EXPECT_EQ(send_long(mac_x), "hold");
	advance_clock(200);
	EXPECT_EQ(replay(mac_x, false, longest + 1), "tx_unresolved");
	EXPECT_EQ(send_long(mac_x), "tx_unresolved");
	EXPECT_EQ(way_to(mac_x), "flooded");
	take_sent();
	advance_clock(9'800);
	EXPECT_EQ(send_long(mac_x), "hold");
	EXPECT_EQ(take_sent().size(), 1u);
}

TEST_F(Searching, gso_waits_whole_and_is_flooded_in_segments)
{
	const Bytes frame = ipv4_to(mac_x, 60'000);
	EXPECT_EQ(way(tx(frame, {.is_gso = true})), "hold");
	EXPECT_EQ(take_sent().size(), 1u);
	EXPECT_EQ(way(tx(frame, {.is_gso = true, .is_held = true})), "hold");
	advance_clock(200);
	EXPECT_EQ(way(tx(frame, {.is_gso = true, .is_held = true})), "segment");
	EXPECT_EQ(replay(mac_x, false, 1'000), "flooded"); // a segment
}

TEST_F(Searching, gso_goes_whole_once_the_way_is_known)
{
	const Bytes frame = ipv4_to(mac_x, 60'000);
	EXPECT_EQ(way(tx(frame, {.is_gso = true})), "hold");
	announce(x, mac_x);
	EXPECT_EQ(way(tx(frame, {.is_gso = true, .is_held = true})), x.address());
}

TEST_F(Searching, up_to_128_wait_for_a_mac)
{
	way_to(mac_x);
	for (int i = 0; i < 128; i++)
		EXPECT_EQ(way_to(mac_x), "hold");
	EXPECT_EQ(way_to(mac_x), "tx_hold");
	EXPECT_EQ(replay(mac_x), "hold"); // already counted

	announce(x, mac_x);
	EXPECT_EQ(way_to(mac_x), "tx_hold"); // must not overtake either
	for (int i = 0; i < 128; i++)
		EXPECT_EQ(replay(mac_x), x.address());
	EXPECT_EQ(way_to(mac_x), x.address());
}

class SearchingMuch : public Searching {
protected:
	SearchingMuch()
	{
		max_peers_ = 1000;
	}
};

TEST_F(SearchingMuch, up_to_1024_wait_in_all)
{
	for (u64 mac = 0; mac < 8; mac++) {
		way_to(hex(0x525400001000 + mac, 12));
		for (int i = 0; i < 128; i++)
			EXPECT_EQ(way_to(hex(0x525400001000 + mac, 12)), "hold");
	}
	EXPECT_EQ(way_to(mac_x), "flooded");
	EXPECT_EQ(way_to(mac_x), "tx_hold");

	// One goes, one may come.
	announce(x, "525400001000");
	EXPECT_EQ(replay("525400001000"), x.address());
	EXPECT_EQ(way_to(mac_x), "hold");
	EXPECT_EQ(way_to(mac_x), "tx_hold");
}

// What waits for one MAC holds up no frames to another.
TEST_F(Searching, each_mac_waits_for_itself)
{
	way_to(mac_x);
	way_to("525400009999");
	EXPECT_EQ(way_to("525400009999"), "hold");
	EXPECT_EQ(way_to(mac_x), "hold");
	announce(x, mac_x);
	EXPECT_EQ(replay(mac_x), x.address());
	EXPECT_EQ(way_to(mac_x), x.address());
	EXPECT_EQ(replay("525400009999"), "hold");
}

// Its VIF has gone meanwhile.
TEST_F(Searching, a_held_frame_that_is_dropped_names_no_station)
{
	way_to(mac_x);
	EXPECT_EQ(way_to(mac_x), "hold");
	eipoib_vif_unbind(core_, vif_);
	const auto plan = tx(ipv4_to(mac_x), {.is_held = true});
	EXPECT_EQ(outcome(plan), "tx_vif_miss");
	EXPECT_EQ(plan.held, nullptr);
	eipoib_tx_released(core_, plan.held);
	ASSERT_EQ(bind(vif_, mac_of_vif), 0);
	announce(x, mac_x);
	EXPECT_EQ(way_to(mac_x), x.address());
}

TEST_F(Searching, stations_are_bounded)
{
	transparent(x, mac_x);
	for (u64 i = 0; i < 16; i++)
		transparent(x, hex(0x525400100000 + i, 12));
	drain_deferred();
	const size_t full = live_allocations();
	const size_t evicted = notes(EIPOIB_NOTE_PEER_EVICTED);
	for (u64 i = 0; i < 100; i++)
		transparent(x, hex(0x525400200000 + i, 12));
	drain_deferred();
	EXPECT_EQ(live_allocations(), full);
	EXPECT_EQ(notes(EIPOIB_NOTE_PEER_EVICTED), evicted + 100);
	EXPECT_EQ(way_to(hex(0x525400200000 + 99, 12)).substr(0, 4), "teb ");
}

// When nothing waits any more, nothing is counted as waiting.
TEST_F(Searching, a_wait_that_ended_holds_nothing_up)
{
	way_to(mac_x);
	EXPECT_EQ(way_to(mac_x), "hold");
	eipoib_tx_released(core_, nullptr); // of the MAC nothing was known when it went
	announce(x, mac_x);
	EXPECT_EQ(way_to(mac_x), x.address());
	EXPECT_EQ(take_releases(), 0u);
}

TEST_F(Searching, without_memory_a_frame_is_flooded_or_dropped)
{
	fail_allocation_after(0);
	EXPECT_EQ(way_to(mac_x), "flooded");
	EXPECT_EQ(way_to(mac_x), "flooded");
	EXPECT_EQ(send_long(mac_x), "tx_unresolved");
	never_fail_allocation();
	EXPECT_EQ(take_lid_queries().size(), 0u);
}

TEST_F(Searching, the_sa_is_asked_who_has_the_lid_of_a_remac)
{
	EXPECT_EQ(way_to("020000520005"), "flooded and held");
	EXPECT_EQ(notes(EIPOIB_NOTE_TX_FLOODED), 1u);
	const auto asked = take_lid_queries();
	ASSERT_EQ(asked.size(), 1u);
	EXPECT_EQ(asked[0], (LidQuery{reinterpret_cast<void *>(0x48), 0x52, 5}));
	EXPECT_EQ(way_to("020000520005"), "hold");
	EXPECT_TRUE(take_lid_queries().empty());

	const Bytes gid_x = from_hex(gid(0xc05));
	advance_clock(10);
	eipoib_core_answer_lid(core_, vif_, 0x52, 5, gid_x.data());
	EXPECT_EQ(take_sent().size(), 1u); // who are you?
	EXPECT_EQ(replay("020000520005"), "hold");
	advance_clock(39);
	EXPECT_EQ(replay("020000520005"), "hold");
	advance_clock(1);
	EXPECT_EQ(replay("020000520005").substr(2), x.address().substr(2));
	EXPECT_EQ(replay("020000520005").substr(2), x.address().substr(2));
	EXPECT_EQ(way_to("020000520005").substr(2), x.address().substr(2));
}

// A plain peer takes no flooded frames: what went to all is kept until it is known to be another.
TEST_F(Searching, what_was_flooded_is_not_flooded_again)
{
	EXPECT_EQ(way_to("020000520005"), "flooded and held");
	EXPECT_EQ(way_to("020000520005"), "hold");
	advance_clock(200);
	EXPECT_EQ(replay("020000520005", true), "consume");
	EXPECT_EQ(replay("020000520005"), "flooded");
	EXPECT_EQ(notes(EIPOIB_NOTE_TX_FLOODED), 2u);
}

TEST_F(Searching, a_long_frame_to_a_remac_is_held_and_a_request_flooded)
{
	EXPECT_EQ(send_long("020000520005"), "hold");
	EXPECT_EQ(take_sent().size(), 1u);
	EXPECT_EQ(take_lid_queries().size(), 1u);
}

TEST_F(Searching, a_late_answer_of_the_sa_counts_at_once)
{
	EXPECT_EQ(way_to("0a0000520005"), "flooded and held");
	advance_clock(60);
	const Bytes gid_x = from_hex(gid(0xc05));
	eipoib_core_answer_lid(core_, vif_, 0x52, 5, gid_x.data());
	EXPECT_EQ(replay("0a0000520005").substr(2), x.address().substr(2));
}

// A frame from the end point itself is better than the SA's word.
TEST_F(Searching, a_frame_from_the_remac_ends_the_wait)
{
	for (bool has_grh : {true, false}) {
		const Peer peer = {0x60u + has_grh, 0xd00u + has_grh, 9};
		const Bytes gid_x = from_hex(gid(peer.guid));
		EXPECT_EQ(way_to(peer.remac()), "flooded and held");
		eipoib_core_answer_lid(core_, vif_, peer.qpn, peer.lid, gid_x.data());
		EXPECT_EQ(take_releases(), 0u);
		arp(peer, "", has_grh);
		EXPECT_EQ(take_releases(), 1u);
		EXPECT_EQ(replay(peer.remac(), true), peer.address());
	}
}

TEST_F(Searching, so_does_data_without_a_grh)
{
	EXPECT_EQ(way_to(x.remac()), "flooded and held");
	const Bytes gid_x = from_hex(gid(x.guid));
	eipoib_core_answer_lid(core_, vif_, x.qpn, x.lid, gid_x.data());
	EXPECT_EQ(take_releases(), 0u);
	EXPECT_EQ(source_of(x), x.remac());
	EXPECT_EQ(take_releases(), 1u);
}

TEST_F(Searching, an_arp_of_a_stranger_ends_the_wait)
{
	EXPECT_EQ(way_to(x.remac()), "flooded and held");
	arp(x);
	EXPECT_EQ(take_releases(), 1u);
	EXPECT_EQ(replay(x.remac(), true), x.address());
}

// Docker's MACs look like REMACs. The SA knows who has LID 2; the MAC is another's.
TEST_F(Searching, a_real_mac_that_looks_like_a_remac)
{
	const char *docker = "0242ac110002";
	EXPECT_EQ(way_to(docker), "flooded and held");
	const auto asked = take_lid_queries();
	ASSERT_EQ(asked.size(), 1u);
	EXPECT_EQ(asked[0].qpn, 0x42ac11u);
	EXPECT_EQ(asked[0].lid, 2);
	EXPECT_EQ(way_to(docker), "hold");
	const Bytes wrong = from_hex(gid(0xbad));
	eipoib_core_answer_lid(core_, vif_, 0x42ac11, 2, wrong.data());
	announce(x, docker);
	EXPECT_EQ(replay(docker, true), "consume"); // its owner has had the copy
	EXPECT_EQ(replay(docker), x.address());
	advance_clock(100);
	EXPECT_EQ(way_to(docker), x.address());

	// Nor does a later answer change that.
	eipoib_core_answer_lid(core_, vif_, 0x42ac11, 2, wrong.data());
	EXPECT_EQ(way_to(docker), x.address());
}

TEST_F(Searching, a_transparent_frame_of_a_real_mac_comes_first_too)
{
	const char *docker = "0242ac110002";
	EXPECT_EQ(way_to(docker), "flooded and held");
	const Bytes wrong = from_hex(gid(0xbad));
	eipoib_core_answer_lid(core_, vif_, 0x42ac11, 2, wrong.data());
	advance_clock(50);
	EXPECT_EQ(replay(docker, true).substr(8), gid(0xbad));
	EXPECT_EQ(way_to(docker).substr(8), gid(0xbad));
	transparent(x, docker);
	EXPECT_EQ(way_to(docker).substr(0, 4), "teb ");
}

TEST_F(Searching, searches_are_bounded)
{
	drain_deferred();
	const size_t before = live_allocations();
	for (u64 i = 0; i < 5000; i++)
		way_to(hex(0x525400100000 + i, 12));
	drain_deferred();
	EXPECT_EQ(live_allocations(), before + max_peers_);
}

TEST_F(Searching, what_nobody_asks_for_is_forgotten)
{
	drain_deferred();
	const size_t before = live_allocations();
	way_to(mac_x);
	announce(x, mac_x);
	advance_clock(290'000);
	EXPECT_EQ(way_to(mac_x), x.address());
	way_to("525400009999");
	for (int i = 0; i < 61; i++) {
		advance_clock(1000);
		eipoib_core_tick(core_);
	}
	EXPECT_EQ(way_to(mac_x), x.address());
	for (int i = 0; i < 361; i++) {
		advance_clock(1000);
		eipoib_core_tick(core_);
	}
	drain_deferred();
	EXPECT_EQ(live_allocations(), before);
	EXPECT_EQ(way_to(mac_x), "flooded");
}

} // namespace
} // namespace unit
