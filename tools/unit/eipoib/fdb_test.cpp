// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Peers as an administrator sees them, and what he says of them: abi/peer.h.

#include "abi/peer.h"

#include "peer_fixture.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace unit {
namespace {

constexpr Peer x = {0x52, 0xc05, 5};
constexpr Peer y = {0x53, 0xc06, 6};
constexpr Peer z = {0x54, 0xc07, 7};
const std::string fixed_mac = "5254000000aa";
const std::string x_mac = "5254000000e1";

class FdbTest : public PeerFixture {
protected:
	static eipoib_peer entry(const std::string &mac, const Peer &peer = x,
				 u32 vlan = EIPOIB_VLAN_NONE)
	{
		eipoib_peer entry = {};
		std::memcpy(entry.mac, from_hex(mac).data(), sizeof(entry.mac));
		std::memcpy(entry.address, from_hex(peer.address()).data(), sizeof(entry.address));
		entry.vlan = vlan;
		return entry;
	}

	int set(const eipoib_peer &peer, u32 how = EIPOIB_PEER_CREATE)
	{
		why_ = nullptr;
		const int error = eipoib_peer_set(core_, &peer, how, &why_);
		EXPECT_EQ(error != 0, why_ != nullptr);
		return error;
	}

	int fix(const std::string &mac, const Peer &peer = x)
	{
		return set(entry(mac, peer));
	}

	int forget(const std::string &mac, u32 vlan = EIPOIB_VLAN_NONE)
	{
		why_ = nullptr;
		const eipoib_peer peer = entry(mac, x, vlan);
		const int error = eipoib_peer_forget(core_, &peer, &why_);
		EXPECT_EQ(error != 0, why_ != nullptr);
		return error;
	}

	// All entries, read with room for @capacity.
	std::vector<std::string> dump(u32 capacity = 32)
	{
		std::vector<std::string> all;
		u64 position = 0;
		std::vector<eipoib_peer> peers(capacity);
		while (u32 count = eipoib_peers_read(core_, &position, peers.data(), capacity)) {
			EXPECT_LE(count, capacity);
			for (u32 i = 0; i < count; i++)
				all.push_back(text(peers[i]));
		}
		std::sort(all.begin(), all.end());
		return all;
	}

	static std::string text(const eipoib_peer &peer)
	{
		std::string text = to_hex(peer.mac, 6);
		if (peer.vlan != EIPOIB_VLAN_NONE)
			text += "." + std::to_string(peer.vlan);
		text += " " + to_hex(peer.address + 1, 3);
		if (peer.flags & EIPOIB_PEER_STATIC)
			text += peer.flags & EIPOIB_PEER_PERMANENT ? " permanent" : " static";
		return text;
	}

	// Where frames to @mac go: the queue pair, or what else becomes of them.
	std::string qpn_of(const std::string &mac)
	{
		const auto plan = tx(ipv4_to(mac));
		const std::string way = PeerFixture::way(plan);
		if (plan.verdict == EIPOIB_HOLD)
			eipoib_tx_released(core_, plan.held);
		if (plan.verdict != EIPOIB_FORWARD || way.size() < 40)
			return way;
		return (way[0] == 't' ? "teb " : "") + way.substr(way.size() - 38, 6);
	}

	// A request of the client @mac, from the IP header to chaddr.
	static std::string dhcp_of(const std::string &mac)
	{
		return "4500012000000000 40110000 00000000 ffffffff 00440043010c0000 01010600" +
		       std::string(8 + 8 + 32, '0') + mac + std::string(2 * 210, '0');
	}

	using Lines = std::vector<std::string>;
};

TEST_F(FdbTest, shows_plain_and_announced_peers_and_those_behind_them)
{
	EXPECT_EQ(dump(), Lines{});
	arp(y);
	announce(x, x_mac);
	transparent(z, "525400000001");
	transparent(z, "525400000002");
	EXPECT_EQ(dump(), (Lines{y.remac() + " 000053", z.remac() + " 000054",
				 "525400000001 000054", "525400000002 000054", x_mac + " 000052"}));
	// What is only looked for is not there.
	way_to("525400000099");
	EXPECT_EQ(dump().size(), 5u);
}

TEST_F(FdbTest, shows_an_old_remac_beside_the_new_one)
{
	arp(x);
	Peer moved = x;
	moved.lid = 9;
	arp(moved);
	EXPECT_EQ(dump(), (Lines{x.remac() + " 000052", moved.remac() + " 000052"}));
}

TEST_F(FdbTest, shows_the_vlan_of_a_partition_that_has_a_vif)
{
	eipoib_vif *vif = add_bound(0x4a, mac_of_vif, 3, 0x8003);
	rx(vif, from_hex(x.link("0806", true) + x.arp("0001", "0a030002", nobody, "")), true);
	EXPECT_EQ(dump(), Lines{x.remac() + ".3 000052"});
	eipoib_vif_unbind(core_, vif);
	EXPECT_EQ(dump(), Lines{});
	EXPECT_EQ(bind(vif, mac_of_vif, 5), 0);
	EXPECT_EQ(dump(), Lines{x.remac() + ".5 000052"});
}

TEST_F(FdbTest, tells_how_old_an_entry_is)
{
	arp(x);
	advance_clock(1000);
	qpn_of(x.remac());
	advance_clock(500);
	eipoib_peer peer = entry(x.remac());
	ASSERT_EQ(eipoib_peer_find(core_, &peer), 0);
	EXPECT_EQ(peer.used, 500u);
	EXPECT_EQ(peer.heard, 1500u);
	EXPECT_EQ(peer.flags, EIPOIB_PEER_FRESH);
	EXPECT_EQ(peer.dev, reinterpret_cast<void *>(0x48));
	advance_clock(58'500);
	ASSERT_EQ(eipoib_peer_find(core_, &peer), 0);
	EXPECT_EQ(peer.flags, 0);
	peer = entry("525400000099");
	EXPECT_EQ(eipoib_peer_find(core_, &peer), -ENOENT);
}

// To look is not to use.
TEST_F(FdbTest, looking_keeps_nothing_alive)
{
	arp(x);
	for (int i = 0; i < 600; i++) {
		eipoib_peer peer = entry(x.remac());
		eipoib_peer_find(core_, &peer);
		dump();
		advance_clock(1000);
		eipoib_core_tick(core_);
	}
	EXPECT_EQ(dump(), Lines{});
}

class BigFdbTest : public FdbTest {
protected:
	void SetUp() override
	{
		max_peers_ = 1024;
		FdbTest::SetUp();
	}
};

TEST_F(BigFdbTest, is_read_in_pieces_and_misses_nothing_that_stays)
{
	Lines stay;
	for (u16 i = 0; i < 500; i++) {
		const Peer peer = {0x1000u + i, 0xd000u + i, static_cast<u16>(0x100 + i)};
		if (i % 2)
			announce(peer, "525401" + hex(i, 6));
		else
			arp(peer);
		stay.push_back((i % 2 ? "525401" + hex(i, 6) : peer.remac()) + " " +
			       hex(peer.qpn, 6));
	}
	std::sort(stay.begin(), stay.end());
	EXPECT_EQ(dump(), stay);
	EXPECT_EQ(dump(1), stay);
	EXPECT_EQ(dump(3), stay);

	// Others come and go meanwhile.
	Lines seen;
	u64 position = 0;
	eipoib_peer peers[32];
	u32 other = 0;
	while (u32 count = eipoib_peers_read(core_, &position, peers, 32)) {
		for (u32 i = 0; i < count; i++)
			seen.push_back(text(peers[i]));
		const Peer peer = {0x5000 + other % 100, 0xe000 + other % 100, 0x3000};
		if (other++ % 3)
			fix("525402" + hex(other % 50, 6), peer);
		else
			forget("525402" + hex(other % 50, 6));
	}
	std::erase_if(seen, [](const std::string &line) { return line.starts_with("525402"); });
	std::sort(seen.begin(), seen.end());
	EXPECT_EQ(seen, stay);
}

TEST_F(FdbTest, a_static_entry_leads_to_a_peer_nobody_has_heard_of)
{
	EXPECT_EQ(fix(fixed_mac), 0);
	EXPECT_EQ(dump(), Lines{fixed_mac + " 000052 static"});
	EXPECT_EQ(qpn_of(fixed_mac), "000052");
	EXPECT_EQ(eipoib_core_count_peers(core_), 1u);

	// It speaks: its REMAC is one more MAC that leads to it, the static one stays.
	arp(x);
	EXPECT_EQ(dump(), (Lines{x.remac() + " 000052", fixed_mac + " 000052 static"}));
	EXPECT_EQ(source_of(x), x.remac());
	EXPECT_EQ(qpn_of(fixed_mac), "000052");
	EXPECT_EQ(eipoib_core_count_peers(core_), 1u);
}

TEST_F(FdbTest, a_static_entry_can_be_replaced_and_deleted)
{
	EXPECT_EQ(set(entry(fixed_mac), 0), -ENOENT);
	EXPECT_EQ(set(entry(fixed_mac), EIPOIB_PEER_CREATE | EIPOIB_PEER_EXCLUSIVE), 0);
	EXPECT_EQ(set(entry(fixed_mac, y), EIPOIB_PEER_CREATE | EIPOIB_PEER_EXCLUSIVE), -EEXIST);
	EXPECT_EQ(qpn_of(fixed_mac), "000052");
	eipoib_peer permanent = entry(fixed_mac, y);
	permanent.flags = EIPOIB_PEER_PERMANENT;
	EXPECT_EQ(set(permanent, 0), 0);
	EXPECT_EQ(dump(), Lines{fixed_mac + " 000053 permanent"});
	EXPECT_EQ(qpn_of(fixed_mac), "000053");
	EXPECT_EQ(forget(fixed_mac), 0);
	EXPECT_EQ(forget(fixed_mac), -ENOENT);
	EXPECT_EQ(dump(), Lines{});
	EXPECT_EQ(qpn_of(fixed_mac), "flooded");
}

TEST_F(FdbTest, learning_never_changes_a_static_entry)
{
	fix(fixed_mac);
	const auto holds = [&](const char *what) {
		EXPECT_EQ(qpn_of(fixed_mac).substr(0, 6), "000052") << what;
		const Lines all = dump();
		EXPECT_EQ(std::count(all.begin(), all.end(), fixed_mac + " 000052 static"), 1)
			<< what;
	};
	transparent(z, fixed_mac);
	holds("the first transparent frame of another");
	announce(y, fixed_mac);
	holds("announced by another");
	EXPECT_EQ(source_of(y), y.remac());
	transparent(y, fixed_mac);
	holds("a transparent frame of another");
	rx(vif_, from_hex(y.link("0800", true) + dhcp_of(fixed_mac)), true);
	holds("a DHCP client of another");
	announce(z, x_mac);
	announce(z, fixed_mac);
	holds("announced by one that had another MAC");
	EXPECT_EQ(source_of(z), x_mac);
	EXPECT_EQ(qpn_of(x_mac), "000054");
	for (u16 lid = 20; lid < 40; lid++) {
		Peer moved = x;
		moved.lid = lid;
		arp(moved);
		holds("its LID changed");
	}
	Peer rival = {x.qpn, 0xbad, 39};
	arp(rival);
	holds("another has its LID");
	EXPECT_EQ(qpn_of(fixed_mac), "000052");
	for (u32 i = 0; i < 1000; i++)
		arp({0x1000 + i, 0xd000 + i, static_cast<u16>(0x100 + i)});
	holds("many others came");
	for (int i = 0; i < 1200; i++) {
		advance_clock(1000);
		eipoib_core_tick(core_);
	}
	holds("twenty minutes passed");
	EXPECT_EQ(dump(), Lines{fixed_mac + " 000052 static"});
}

// It had announced the MAC before, and is a mere client of it now: that it says so again counts.
TEST_F(FdbTest, an_announcement_counts_more_than_what_a_client_says)
{
	const auto ask = [&](const Peer &peer) {
		return outcome(rx(vif_, from_hex(peer.link("0800", true) + dhcp_of(x_mac)), true));
	};
	arp(y);
	announce(x, x_mac);
	transparent(z, x_mac);
	EXPECT_EQ(forget(x_mac), 0);
	EXPECT_EQ(ask(x), "forward");
	EXPECT_EQ(qpn_of(x_mac), "000052");
	announce(x, x_mac);
	EXPECT_EQ(ask(y), "forward");
	EXPECT_EQ(qpn_of(x_mac), "000052");
}

TEST_F(FdbTest, shows_the_client_of_a_dhcp_request)
{
	rx(vif_, from_hex(y.link("0800", true) + dhcp_of(fixed_mac)), true);
	EXPECT_EQ(dump(), (Lines{y.remac() + " 000053", fixed_mac + " 000053"}));
}

TEST_F(FdbTest, what_was_learnt_gives_way_to_a_static_entry)
{
	announce(y, fixed_mac);
	EXPECT_EQ(source_of(y), fixed_mac);
	EXPECT_EQ(fix(fixed_mac), 0);
	EXPECT_EQ(qpn_of(fixed_mac), "000052");
	EXPECT_EQ(source_of(y), y.remac()); // what guests answered would come to x

	// A REMAC, too.
	arp(z);
	EXPECT_EQ(fix(z.remac()), 0);
	EXPECT_EQ(qpn_of(z.remac()), "000052");
	EXPECT_EQ(source_of(z), z.remac(6));
	EXPECT_EQ(qpn_of(z.remac(6)), "000054");
}

TEST_F(FdbTest, what_its_own_peer_says_counts_again_when_a_static_entry_goes)
{
	announce(x, fixed_mac);
	fix(fixed_mac);
	EXPECT_EQ(forget(fixed_mac), 0);
	EXPECT_EQ(dump(), Lines{fixed_mac + " 000052"});
	EXPECT_EQ(qpn_of(fixed_mac), "000052");
	announce(y, fixed_mac);
	EXPECT_EQ(qpn_of(fixed_mac), "000053");
}

TEST_F(FdbTest, what_waits_for_a_mac_goes_to_its_static_entry)
{
	EXPECT_EQ(way_to(fixed_mac), "flooded");
	const auto plan = tx(ipv4_to(fixed_mac));
	ASSERT_EQ(plan.verdict, EIPOIB_HOLD);
	take_releases();
	fix(fixed_mac);
	EXPECT_EQ(take_releases(), 1u);
	EXPECT_EQ(way_to(fixed_mac, true).substr(2, 6), "000052");
	EXPECT_EQ(way(tx(ipv4_to(fixed_mac))), "hold"); // none overtakes
	eipoib_tx_released(core_, plan.held);
	eipoib_tx_released(core_, plan.held);
	EXPECT_EQ(qpn_of(fixed_mac), "000052");
}

// A plain host takes what comes, a VIF what is for its own MAC, one for any MAC whole frames.
TEST_F(FdbTest, a_static_entry_is_translated_unless_its_peer_has_another_mac)
{
	fix(fixed_mac);
	EXPECT_EQ(qpn_of(fixed_mac), "000052");
	arp(x);
	EXPECT_EQ(qpn_of(fixed_mac), "000052");
	announce(x, x_mac);
	EXPECT_EQ(qpn_of(fixed_mac), "teb 000052");
	announce(x, fixed_mac);
	EXPECT_EQ(qpn_of(fixed_mac), "000052");
	EXPECT_EQ(source_of(x), fixed_mac);
	announce(x, "000000000000");
	EXPECT_EQ(qpn_of(fixed_mac), "teb 000052");
}

TEST_F(FdbTest, static_entries_and_learning_take_no_room_from_each_other)
{
	for (u32 i = 0; i < 16; i++)
		arp({0x1000 + i, 0xd000 + i, static_cast<u16>(0x100 + i)});
	for (u32 i = 0; i < 16; i++)
		EXPECT_EQ(fix("525402" + hex(i, 6), {0x2000 + i, 0xe000 + i, 1}), 0);
	EXPECT_EQ(fix("525402000010"), -ENOSPC);
	EXPECT_EQ(notes(EIPOIB_NOTE_PEER_EVICTED), 0u);
	EXPECT_EQ(eipoib_core_count_peers(core_), 32u);
	EXPECT_EQ(dump().size(), 32u);
	drain_deferred();
	const size_t full = live_allocations();
	for (u32 i = 100; i < 200; i++) {
		arp({0x1000 + i, 0xd000 + i, static_cast<u16>(0x100 + i)});
		EXPECT_EQ(fix("525402" + hex(i % 16, 6), {0x2000 + i % 16, 0xe000 + i % 16, 1}), 0);
		drain_deferred();
		EXPECT_EQ(live_allocations(), full);
	}
	// Ordinary again, there are too many of them; learning brings that down.
	for (u32 i = 0; i < 16; i++)
		EXPECT_EQ(forget("525402" + hex(i, 6)), 0);
	for (u32 i = 300; i < 340; i++)
		arp({0x1000 + i, 0xd000 + i, static_cast<u16>(0x100 + i)});
	EXPECT_EQ(eipoib_core_count_peers(core_), 16u);
	EXPECT_EQ(dump().size(), 16u);
}

// However often an administrator changes his mind, nothing is left of peers that only he knew.
TEST_F(FdbTest, what_nobody_has_heard_of_goes_with_its_last_entry)
{
	drain_deferred();
	const size_t empty = live_allocations();
	for (u32 i = 0; i < 100; i++) {
		EXPECT_EQ(fix(fixed_mac, {0x2000 + i, 0xe000 + i, 1}), 0);
		EXPECT_EQ(eipoib_core_count_peers(core_), 1u);
	}
	EXPECT_EQ(forget(fixed_mac), 0);
	EXPECT_EQ(eipoib_core_count_peers(core_), 0u);
	drain_deferred();
	EXPECT_EQ(live_allocations(), empty);

	fail_allocation_after(1);
	EXPECT_EQ(fix(fixed_mac), -ENOMEM);
	never_fail_allocation();
	EXPECT_EQ(eipoib_core_count_peers(core_), 0u);

	// Two MACs lead there: it goes with the second.
	EXPECT_EQ(fix(fixed_mac), 0);
	EXPECT_EQ(fix("5254000000ab"), 0);
	EXPECT_EQ(forget(fixed_mac), 0);
	EXPECT_EQ(qpn_of("5254000000ab"), "000052");
	EXPECT_EQ(forget("5254000000ab"), 0);
	EXPECT_EQ(eipoib_core_count_peers(core_), 0u);
}

TEST_F(FdbTest, a_static_entry_survives_a_lack_of_memory)
{
	fix(fixed_mac);
	fail_allocation_after(0);
	arp(x);
	EXPECT_EQ(qpn_of(fixed_mac), "000052");
	EXPECT_EQ(fix("5254000000ab"), -ENOMEM);
	EXPECT_EQ(fix(fixed_mac), 0);
	EXPECT_EQ(fix(fixed_mac, y), -ENOMEM);
	never_fail_allocation();
	EXPECT_EQ(dump(), Lines{fixed_mac + " 000052 static"});
	arp(x);
	EXPECT_EQ(source_of(x), x.remac());
	fail_allocation_after(1);
	EXPECT_EQ(fix("5254000000ab", y), -ENOMEM);
	never_fail_allocation();
	EXPECT_EQ(qpn_of("5254000000ab"), "flooded");
}

TEST_F(FdbTest, what_was_learnt_can_be_forgotten)
{
	arp(x);
	announce(y, x_mac);
	transparent(y, "525400000001");
	transparent(z, "525400000002");
	EXPECT_EQ(forget(x.remac()), 0);
	EXPECT_EQ(forget(x.remac()), -ENOENT);
	EXPECT_EQ(forget(x_mac), 0);
	EXPECT_EQ(dump(), (Lines{y.remac() + " 000053", z.remac() + " 000054",
				 "525400000001 000053", "525400000002 000054"}));
	EXPECT_EQ(forget(y.remac()), -EBUSY);
	EXPECT_EQ(forget("525400000001"), 0);
	EXPECT_EQ(forget(y.remac()), 0);
	EXPECT_EQ(forget("525400000002"), 0);
	EXPECT_EQ(forget(z.remac()), 0);
	EXPECT_EQ(dump(), Lines{});
	EXPECT_EQ(eipoib_core_count_peers(core_), 0u);
}

TEST_F(FdbTest, refuses_what_makes_no_sense)
{
	eipoib_vif *other = add_bound(0x4a, "525400000011", 3, 0x8003);
	const auto refused = [&](int error, const eipoib_peer &peer, const char *word) {
		EXPECT_EQ(set(peer), error);
		EXPECT_TRUE(why_ && std::strstr(why_, word)) << why_;
		EXPECT_EQ(dump(), Lines{});
	};
	const Peer self = {0x48, 0x0002c90300433bf1, 1};
	refused(-EINVAL, entry("000000000000"), "MAC");
	refused(-EINVAL, entry("01005e000001"), "MAC");
	refused(-EINVAL, entry("ffffffffffff"), "MAC");
	refused(-EINVAL, entry(fixed_mac, {0, 1, 1}), "queue pair");
	refused(-EINVAL, entry(fixed_mac, {1, 1, 1}), "queue pair");
	refused(-EINVAL, entry(fixed_mac, {0xffffff, 1, 1}), "queue pair");
	eipoib_peer bad = entry(fixed_mac);
	std::memset(bad.address + 4, 0, 16);
	refused(-EINVAL, bad, "GID");
	bad.address[4] = 0xff;
	refused(-EINVAL, bad, "GID");
	refused(-ENODEV, entry(fixed_mac, x, 4), "VLAN");
	refused(-EBUSY, entry(mac_of_vif), "VIF");
	refused(-EBUSY, entry(fixed_mac, self), "clone");
	EXPECT_EQ(forget(fixed_mac, 4), -ENOENT);

	// The same MAC on another VLAN is another one; and the other way round.
	EXPECT_EQ(set(entry(mac_of_vif, x, 3)), 0);
	eipoib_vif_unbind(core_, other);
	EXPECT_EQ(bind(other, mac_of_vif, 3), -EINVAL);
	EXPECT_NE(std::string(why_).find("static"), std::string::npos);
	EXPECT_EQ(bind(other, "525400000011", 3), 0);
	EXPECT_EQ(forget(mac_of_vif, 3), 0);
	EXPECT_EQ(bind(other, mac_of_vif, 3), 0);
}

// A switch does not let a port take over what is fixed elsewhere either, and forwards all the same.
TEST_F(FdbTest, a_frame_from_this_side_does_not_take_a_static_entry_away)
{
	add_bound(0x4d, "any");
	fix(fixed_mac);
	EXPECT_EQ(way(tx(ipv4_to("ffffffffffff", 34, fixed_mac))), "flooded");
	EXPECT_EQ(qpn_of(fixed_mac), "000052");
}

} // namespace
} // namespace unit
