// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Flows: which frames go the way of others before them, and that no way outlives what it was
// concluded from. That it is the way the planner finds is seen by tx() and rx() of every test.

#include "peer_fixture.hpp"

#include "abi/kernel.h"
#include "abi/peer.h"

#include <cstring>
#include <functional>

namespace unit {
namespace {

const Peer x = {0x52, 0xc01, 7};
const Peer y = {0x60, 0xd02, 9};
const std::string mac_x = "525400000001";
const std::string mac_y = "525400000002";
const std::string unknown = "525400000099";

class Flows : public PeerFixture {
protected:
	Flows()
	{
		max_peers_ = 4;
	}

	// Whether a frame goes the way of others.
	bool follows(const Bytes &frame, u32 tci = EIPOIB_TCI_NONE, bool is_gso = false)
	{
		const u32 length = static_cast<u32>(frame.size());
		return eipoib_tx_find_flow(core_, frame.data(),
					   std::min<u32>(length, EIPOIB_HEAD_MAX),
					   is_gso ? 0 : length, tci, eipoib_k_now());
	}

	bool follows(const std::string &mac)
	{
		return follows(ipv4_to(mac));
	}

	static Bytes from_peer(const Peer &peer, bool has_grh = false)
	{
		return from_hex(peer.link("0800", has_grh) +
				"4500001400000000 40010000 0a000002 0a000001");
	}

	bool rx_follows(const Bytes &frame)
	{
		const u32 length = static_cast<u32>(frame.size()) - EIPOIB_LINK_HLEN;
		return eipoib_rx_find_flow(core_, vif_, frame.data(), length, length,
					   eipoib_k_now());
	}

	bool rx_follows(const Peer &peer)
	{
		return rx_follows(from_peer(peer));
	}

	// Frames to @mac and from @peer go the way of others.
	void warm(const std::string &mac, const Peer &peer)
	{
		tx(ipv4_to(mac));
		source_of(peer);
		ASSERT_TRUE(follows(mac));
		ASSERT_TRUE(rx_follows(peer));
	}

	eipoib_peer entry(const std::string &mac, const Peer &peer)
	{
		eipoib_peer entry = {};
		std::memcpy(entry.mac, from_hex(mac).data(), sizeof(entry.mac));
		std::memcpy(entry.address, from_hex(peer.address()).data(), sizeof(entry.address));
		entry.vlan = EIPOIB_VLAN_NONE;
		return entry;
	}

	int fix(const std::string &mac, const Peer &peer)
	{
		const eipoib_peer it = entry(mac, peer);
		return eipoib_peer_set(core_, &it, EIPOIB_PEER_CREATE, &why_);
	}

	int forget(const std::string &mac)
	{
		const eipoib_peer it = entry(mac, x);
		return eipoib_peer_forget(core_, &it, &why_);
	}
};

TEST_F(Flows, the_second_frame_goes_the_way_of_the_first)
{
	announce(x, mac_x);
	EXPECT_FALSE(follows(mac_x));
	EXPECT_EQ(way_to(mac_x), x.address());
	EXPECT_TRUE(follows(mac_x));
	EXPECT_FALSE(follows(mac_y));

	EXPECT_FALSE(rx_follows(x));
	EXPECT_EQ(source_of(x), mac_x);
	EXPECT_TRUE(rx_follows(x));
	EXPECT_FALSE(rx_follows(y));
}

TEST_F(Flows, a_plain_peer_has_one_as_well)
{
	arp(x);
	warm(x.remac(), x);
}

TEST_F(Flows, a_priority_tag_is_no_vlan)
{
	announce(x, mac_x);
	tx(ipv4_to(mac_x));
	EXPECT_TRUE(follows(ipv4_to(mac_x), 0xe000));
	EXPECT_FALSE(follows(ipv4_to(mac_x), 3));
	EXPECT_FALSE(follows(ipv4_to(mac_x), 0xfff));
}

TEST_F(Flows, each_sender_has_its_own)
{
	add_bound(0x49, mac_y);
	announce(x, mac_x);
	tx(ipv4_to(mac_x));
	EXPECT_FALSE(follows(ipv4_to(mac_x, 34, mac_y)));
}

TEST_F(Flows, what_is_looked_into_is_planned)
{
	announce(x, mac_x);
	const std::string to = mac_x + mac_of_vif;
	const std::string ipv4 = "0800 45000020000000004011000000000000 0a000002";
	const std::string ipv6 = "86dd 6000000000043aff" + std::string(64, '1');
	const Bytes frames[] = {
		from_hex(to + ipv4 + "00440035 000c0000"),
		from_hex(to + ipv6 + "80000000"),
	};
	for (const Bytes &frame : frames) {
		tx(frame);
		EXPECT_TRUE(follows(frame));
	}
	EXPECT_FALSE(follows(from_hex(to + ipv4 + "00440043 000c0000"))); // DHCP
	for (const char *type : {"85", "86", "87", "88", "89"})
		EXPECT_FALSE(follows(from_hex(to + ipv6 + type + "000000")));
	EXPECT_TRUE(follows(from_hex(to + ipv6 + "8a000000")));
	EXPECT_FALSE(follows(from_hex(to + "0800 55" + std::string(38, '0'))));
	EXPECT_FALSE(follows(from_hex(to + "0800 44" + std::string(38, '0'))));
	EXPECT_FALSE(follows(from_hex(to + "0800 45" + std::string(36, '0'))));
	EXPECT_FALSE(follows(from_hex(to + "86dd 45" + std::string(78, '0'))));
	EXPECT_FALSE(follows(from_hex(to + "86dd 60" + std::string(76, '0'))));
	EXPECT_FALSE(follows(from_hex(to + "08")));
	EXPECT_FALSE(follows(from_hex(to + "88cc 4500" + std::string(76, '0'))));
}

TEST_F(Flows, what_is_looked_into_is_planned_on_its_way_in)
{
	const std::string ipv6 = "6000000000043aff" + std::string(64, '1');
	announce(x, mac_x);
	for (const char *ethertype : {"0800", "86dd", "6558"})
		rx(vif_, from_hex(x.link(ethertype, false) +
				  (ethertype[0] == '8' ? ipv6 + "80000000"
						       : "45" + std::string(38, '0'))));
	EXPECT_TRUE(rx_follows(from_hex(x.link("86dd", false) + ipv6 + "80000000")));
	EXPECT_FALSE(rx_follows(from_hex(x.link("86dd", false) + ipv6 + "88000000")));
	EXPECT_TRUE(rx_follows(from_peer(x)));
	EXPECT_FALSE(rx_follows(from_hex(x.link("0800", false) + "55" + std::string(38, '0'))));
	EXPECT_FALSE(rx_follows(from_hex(x.link("0800", false) + "45" + std::string(36, '0'))));
	EXPECT_FALSE(rx_follows(from_hex(x.link("6558", false) + "45" + std::string(38, '0'))));
}

// As each does that came by a connection.
TEST_F(Flows, a_frame_with_a_grh_follows_those_of_its_gid)
{
	announce(x, mac_x);
	rx(vif_, from_peer(x, true));
	EXPECT_TRUE(rx_follows(from_peer(x, true)));
	EXPECT_FALSE(rx_follows(x));
	Peer behind_a_router = x;
	behind_a_router.guid++;
	EXPECT_FALSE(rx_follows(from_peer(behind_a_router, true)));

	Bytes connected = from_peer(x, true);
	connected[0] = 0x03;
	EXPECT_FALSE(rx_follows(connected));
	rx(vif_, connected);
	EXPECT_TRUE(rx_follows(connected));
}

TEST_F(Flows, nor_do_giants_follow)
{
	announce(x, mac_x);
	tx(ipv4_to(mac_x));
	EXPECT_TRUE(follows(ipv4_to(mac_x, 2044 + 14)));
	EXPECT_FALSE(follows(ipv4_to(mac_x, 2044 + 15)));
	EXPECT_TRUE(follows(ipv4_to(mac_x, 9000), EIPOIB_TCI_NONE, true));

	source_of(x);
	Bytes giant = from_peer(x);
	giant.resize(EIPOIB_LINK_HLEN + 2044);
	EXPECT_TRUE(rx_follows(giant));
	giant.push_back(0);
	EXPECT_FALSE(rx_follows(giant));
}

// What happens between two frames, and whose way may be another then.
struct Event {
	const char *name;
	bool is_of_tx, is_of_rx;
	std::function<void()> happen;
};

TEST_F(Flows, none_outlives_what_it_was_concluded_from)
{
	const char *other = "52540067e9bd";
	const std::string rarp = std::string("ffffffffffff") + mac_of_vif +
				 "8035 0001 0800 06 04 0003" + mac_of_vif + "00000000" +
				 mac_of_vif + "00000000";
	const std::vector<Event> events = {
		{"the VIF is bound to another MAC", true, true, [&] { bind(vif_, other); }},
		{"the VIF changes its VLAN", true, true, [&] { bind(vif_, mac_of_vif, 3); }},
		{"the VIF is free", true, true, [&] { eipoib_vif_unbind(core_, vif_); }},
		{"the MTU shrinks", true, true, [&] { eipoib_vif_set_mtu(vif_, 33); }},
		{"its port has more LIDs", true, true, [&] { eipoib_vif_set_lmc(vif_, 3); }},
		{"datagrams shrink", true, true, [&] { eipoib_vif_set_datagram_mtu(vif_, 33); }},
		{"the PIF's MAC changes", true, true,
		 [&] {
			 eipoib_core_move(core_, from_hex(mac_of_vif).data(),
					  from_hex(other).data(), &why_);
		 }},
		{"the guest has arrived", true, false, [&] { tx(from_hex(rarp)); }},
		{"a peer has the VIF's MAC", true, true,
		 [&] { arp(y, announcement(teb, mac_of_vif)); }},
		{"a peer sends from the VIF's MAC", true, false,
		 [&] { transparent(y, mac_of_vif); }},
		{"the MAC moves to another peer", true, false, [&] { announce(y, mac_x); }},
		{"the MAC is seen at another peer", true, false, [&] { transparent(y, mac_x); }},
		{"the peer has another MAC", true, true, [&] { announce(x, mac_y); }},
		{"the peer takes back what it said", true, true,
		 [&] { announce(x, "000000000000"); }},
		{"the peer has another LID", true, true,
		 [&] {
			 arp(Peer{x.qpn, x.guid, 8}, announcement(teb, mac_x));
		 }},
		{"another peer has its LID", false, true,
		 [&] {
			 arp(Peer{x.qpn, y.guid, x.lid}, announcement(teb, mac_y));
		 }},
		{"the peer's flags change", true, false,
		 [&] {
			 rx(vif_,
			    from_hex(x.link("0806", true) + "0020 0800 14 04 0001 00" +
				     x.address().substr(2) + "0a000002" + nobody + "0a000001" +
				     announcement(teb, mac_x)),
			    true);
		 }},
		{"the administrator leads it elsewhere", true, false, [&] { fix(mac_x, y); }},
		{"the administrator forgets it", true, true, [&] { forget(mac_x); }},
		{"the guest has come here", true, true,
		 [&] {
			 add_bound(0x49, mac_x);
			 tx(ipv4_to("ffffffffffff", 34, mac_x));
		 }},
		{"nobody uses it for long", true, true,
		 [&] {
			 advance_clock(300'000);
			 for (int i = 0; i < 9; i++)
				 eipoib_core_tick(core_);
		 }},
		{"others are more than there is room for", true, true,
		 [&] {
			 for (u16 lid = 20; lid < 30; lid++) {
				 advance_clock(1);
				 arp(Peer{0x70, lid, lid});
			 }
		 }},
	};
	for (const Event &event : events) {
		SCOPED_TRACE(event.name);
		announce(x, mac_x);
		warm(mac_x, x);
		event.happen();
		drain_deferred();
		EXPECT_FALSE(event.is_of_tx && follows(mac_x));
		EXPECT_FALSE(event.is_of_rx && rx_follows(x));
		way_to(mac_x);
		source_of(x);
		// As it was.
		TearDown();
		vifs_.clear();
		SetUp();
	}
}

// Its REMAC leads to a plain peer without a station.
TEST_F(Flows, none_outlives_what_a_remac_stands_for)
{
	const std::vector<Event> events = {
		{"another peer has its LID", true, true,
		 [&] {
			 arp(Peer{x.qpn, y.guid, x.lid});
		 }},
		{"it has another LID", true, true,
		 [&] {
			 arp(Peer{x.qpn, x.guid, 8});
		 }},
		{"it has a MAC", true, true, [&] { announce(x, mac_x); }},
		{"the administrator leads it elsewhere", true, true, [&] { fix(x.remac(), y); }},
		{"the administrator forgets it", true, true, [&] { forget(x.remac()); }},
		{"somebody else announces it", true, false, [&] { announce(y, x.remac()); }},
	};
	for (const Event &event : events) {
		SCOPED_TRACE(event.name);
		arp(x);
		warm(x.remac(), x);
		event.happen();
		drain_deferred();
		EXPECT_FALSE(event.is_of_tx && follows(x.remac()));
		EXPECT_FALSE(event.is_of_rx && rx_follows(x));
		way_to(x.remac());
		source_of(x);
		TearDown();
		vifs_.clear();
		SetUp();
	}
}

// Whether its fixed MAC is its own decides on the form of frames to it.
TEST_F(Flows, a_fixed_mac_that_its_peer_turns_out_not_to_have_goes_transparent)
{
	fix(mac_x, x);
	arp(x);
	EXPECT_EQ(way_to(mac_x), x.address());
	ASSERT_TRUE(follows(mac_x));
	announce(x, mac_y);
	EXPECT_FALSE(follows(mac_x));
	EXPECT_EQ(way_to(mac_x), "teb " + x.address());
	EXPECT_FALSE(follows(mac_x));
}

// Nothing else changes in these.
TEST_F(Flows, a_mac_that_another_peer_sends_from_is_there)
{
	announce(y, mac_y);
	announce(x, mac_x);
	warm(mac_x, x);
	transparent(y, mac_x);
	EXPECT_FALSE(follows(mac_x));
	EXPECT_EQ(way_to(mac_x), "teb " + y.address());
}

TEST_F(Flows, nor_does_a_remac_outlive_a_peer_that_sends_from_it)
{
	announce(y, mac_y);
	arp(x);
	warm(x.remac(), x);
	transparent(y, x.remac());
	EXPECT_FALSE(follows(x.remac()));
	EXPECT_EQ(way_to(x.remac()), "teb " + y.address());
}

TEST_F(Flows, the_administrator_changes_his_mind)
{
	arp(x);
	fix(mac_x, x);
	warm(mac_x, x);
	fix(mac_x, y);
	EXPECT_FALSE(follows(mac_x));
	EXPECT_EQ(way_to(mac_x).substr(2), y.address().substr(2));
}

// Nothing else becomes of the peer: it was only the REMAC of its former LID.
TEST_F(Flows, a_mac_is_forgotten_behind_a_peer_that_is_not)
{
	const Peer moved = {x.qpn, x.guid, 8};
	arp(x);
	arp(moved);
	warm(x.remac(), moved);
	ASSERT_EQ(forget(x.remac()), 0);
	EXPECT_FALSE(follows(x.remac()));
	EXPECT_EQ(way_to(moved.remac()), moved.address());
}

TEST_F(Flows, none_is_made_while_a_guest_arrives)
{
	announce(x, mac_x);
	tx(from_hex(std::string("ffffffffffff") + mac_of_vif + "8035 0001 0800 06 04 0003" +
		    mac_of_vif + "00000000" + mac_of_vif + "00000000"));
	tx(ipv4_to(mac_x));
	EXPECT_FALSE(follows(mac_x));
	advance_clock(10'000);
	tx(ipv4_to(mac_x));
	tx(ipv4_to(mac_x));
	EXPECT_TRUE(follows(mac_x));
}

TEST_F(Flows, frames_do_not_overtake_those_that_wait)
{
	const Bytes frame = ipv4_to(unknown, 2058); // too long to be flooded
	const auto first = tx(frame);
	ASSERT_EQ(outcome(first), "hold");
	announce(x, unknown);
	EXPECT_FALSE(follows(unknown));
	const auto second = tx(frame);
	EXPECT_EQ(outcome(second), "hold");
	EXPECT_FALSE(follows(unknown));
	const auto again = tx(frame, {.is_held = true});
	EXPECT_NE(outcome(again), "hold");
	EXPECT_FALSE(follows(unknown));
	eipoib_tx_released(core_, again.held);
	EXPECT_FALSE(follows(unknown));
	eipoib_tx_released(core_, second.held);
	EXPECT_EQ(way_to(unknown), x.address());
	EXPECT_TRUE(follows(unknown));
}

// One that others searched for in vain, and that has gone since, starts a search again.
TEST_F(Flows, what_waits_for_a_mac_that_has_gone_is_waited_for)
{
	announce(x, mac_x);
	warm(mac_x, x);
	forget(mac_x);
	const auto held = tx(ipv4_to(mac_x, 2058));
	ASSERT_EQ(outcome(held), "hold");
	EXPECT_FALSE(follows(mac_x));
	eipoib_tx_released(core_, held.held);
}

TEST_F(Flows, frames_to_a_mac_count_as_use)
{
	announce(x, mac_x);
	tx(ipv4_to(mac_x));
	for (int i = 0; i < 70; i++) {
		advance_clock(9000);
		ASSERT_TRUE(follows(mac_x));
		eipoib_core_tick(core_);
	}
	EXPECT_EQ(way_to(mac_x), x.address());
}

TEST_F(Flows, frames_from_a_peer_count_as_use)
{
	arp(x);
	source_of(x);
	for (int i = 0; i < 70; i++) {
		advance_clock(9000);
		ASSERT_TRUE(rx_follows(x));
		eipoib_core_tick(core_);
	}
	EXPECT_EQ(eipoib_core_count_peers(core_), 1u);
}

// The rule against loops needs to know when a peer sent something.
TEST_F(Flows, a_frame_is_heard)
{
	bind(add_vif(0x49), "any");
	announce(x, mac_x);
	source_of(x);
	ASSERT_TRUE(rx_follows(x));
	advance_clock(10'000);
	ASSERT_TRUE(rx_follows(x));
	EXPECT_EQ(way(tx(ipv4_to(mac_of_vif, 34, mac_x))), "tx_loop");
}

TEST_F(Flows, a_stranger_is_asked_all_the_same)
{
	arp(x);
	source_of(x);
	ASSERT_TRUE(rx_follows(x));
	take_sent();
	advance_clock(60'000);
	ASSERT_TRUE(rx_follows(x));
	ASSERT_EQ(take_sent().size(), 1u);
	advance_clock(1);
	ASSERT_TRUE(rx_follows(x));
	EXPECT_TRUE(take_sent().empty());
}

TEST_F(Flows, without_memory_all_are_planned)
{
	announce(x, mac_x);
	source_of(x);
	fail_allocation_after(0);
	EXPECT_EQ(way_to(mac_x), x.address());
	EXPECT_EQ(source_of(x), mac_x);
	never_fail_allocation();
	EXPECT_FALSE(follows(mac_x));
	EXPECT_TRUE(rx_follows(x));
}

// Nothing is allocated again for one that only has to be looked at again.
TEST_F(Flows, what_changes_elsewhere_costs_no_memory)
{
	announce(x, mac_x);
	announce(y, mac_y);
	warm(mac_x, x);
	announce(y, "525400000003");
	EXPECT_FALSE(follows(mac_x));
	drain_deferred();
	fail_allocation_after(0);
	warm(mac_x, x);
	never_fail_allocation();
	EXPECT_EQ(drain_deferred(), 0u);
}

TEST_F(Flows, idle_ones_are_forgotten)
{
	announce(x, mac_x);
	const std::size_t before = live_allocations();
	warm(mac_x, x);
	EXPECT_EQ(live_allocations(), before + 2);
	advance_clock(9'999);
	eipoib_core_tick(core_);
	EXPECT_TRUE(rx_follows(x));
	advance_clock(1);
	eipoib_core_tick(core_);
	drain_deferred();
	EXPECT_EQ(live_allocations(), before + 1);
	EXPECT_FALSE(follows(mac_x));
	EXPECT_TRUE(rx_follows(x));
}

class ManyFlows : public Flows {
protected:
	static constexpr u32 max_flows = 4096;

	ManyFlows()
	{
		max_peers_ = max_flows + 8;
	}

	static std::string mac(u32 i)
	{
		return hex(0x525400100000 + i, 12);
	}
};

// Of more than there is room for those that are in use stay.
TEST_F(ManyFlows, they_are_bounded)
{
	for (u32 i = 0; i < max_flows + 2; i++)
		announce(Peer{0x100 + i, 0xc01, 7}, mac(i));
	drain_deferred();
	const std::size_t before = live_allocations();
	for (u32 i = 0; i < max_flows + 2; i++)
		tx(ipv4_to(mac(i)));
	EXPECT_EQ(live_allocations(), before + max_flows);
	EXPECT_TRUE(follows(mac(0)));
	EXPECT_FALSE(follows(mac(max_flows)));
	EXPECT_FALSE(follows(mac(max_flows + 1)));
	advance_clock(1000);
	tx(ipv4_to(mac(max_flows)));
	EXPECT_TRUE(follows(mac(max_flows)));
	drain_deferred();
	EXPECT_EQ(live_allocations(), before + max_flows);
}

} // namespace
} // namespace unit
