// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Who announces what and when, and what is believed (eipoib-wire.rst, "Announcement").

#include "peer_fixture.hpp"

namespace unit {
namespace {

constexpr Peer x = {0x52, 0xc05, 5};
constexpr Peer y = {0x52, 0xc06, 6}; // the same QPN on another host
constexpr const char *mac_x = "5254000000e1";
constexpr const char *mac_y = "5254000000e2";

class Announcing : public PeerFixture {
protected:
	void expect_said(const Sent &sent, const Peer &to, u8 flags, const char *target = "")
	{
		EXPECT_EQ(sent.dev, reinterpret_cast<void *>(0x48));
		EXPECT_EQ(sent.header.substr(2, 38), to.address().substr(2));
		EXPECT_EQ(said(sent), plain(announcement(flags, mac_of_vif,
							 *target ? target : "000000000000")));
		EXPECT_EQ(sent.payload.substr(16, 96),
			  plain("80000048 fe80000000000000 0002c90300433bf1 00000000"
				"80000048 fe80000000000000 0002c90300433bf1 00000000"));
	}

	bool is_contested()
	{
		eipoib_vif_info info = {};
		eipoib_vif_get_info(vif_, &info);
		return info.is_contested;
	}
};

TEST_F(Announcing, an_announced_mac_is_shown_and_reached)
{
	EXPECT_EQ(announce(x, mac_x), "consume");
	EXPECT_EQ(source_of(x), mac_x);
	EXPECT_EQ(way_to(mac_x), x.address());
	EXPECT_TRUE(take_sent().empty()); // nothing is left to ask
}

TEST_F(Announcing, a_mac_moves_to_another_peer_at_once)
{
	announce(x, mac_x);
	announce(y, mac_x);
	EXPECT_EQ(way_to(mac_x), y.address());
	arp(x, announcement(teb, mac_x));
	EXPECT_EQ(way_to(mac_x), x.address());
}

TEST_F(Announcing, a_peer_that_announces_another_mac_gives_up_the_first)
{
	announce(x, mac_x);
	announce(x, mac_y);
	EXPECT_EQ(way_to(mac_y), x.address());
	EXPECT_EQ(way_to(mac_x), "flooded");
	EXPECT_EQ(source_of(x), mac_y);
}

TEST_F(Announcing, a_mac_that_has_moved_on_is_not_given_up_by_its_former_owner)
{
	announce(x, mac_x);
	announce(y, mac_x);
	announce(x, mac_y);
	EXPECT_EQ(way_to(mac_x), y.address());
	EXPECT_EQ(way_to(mac_y), x.address());
}

// Its VIF is for any MAC now, which drops translated unicast.
TEST_F(Announcing, a_peer_that_takes_its_mac_back_does_not_keep_it)
{
	announce(x, mac_x);
	announce(x, "000000000000");
	EXPECT_EQ(way_to(mac_x), "flooded");
	EXPECT_EQ(way_to("000000000000"), "flooded"); // nobody's
	transparent(x, mac_x);
	EXPECT_EQ(way_to(mac_x), "teb " + x.address());
}

TEST_F(Announcing, what_is_transparent_only_becomes_its_own_once_announced)
{
	transparent(x, mac_x);
	EXPECT_EQ(way_to(mac_x).substr(0, 4), "teb ");
	announce(x, mac_x);
	EXPECT_EQ(way_to(mac_x), x.address());
	transparent(x, mac_x);
	EXPECT_EQ(way_to(mac_x), x.address());
	transparent(x, mac_y);
	EXPECT_EQ(way_to(mac_y), "teb " + x.address());
}

TEST_F(Announcing, a_peer_without_the_flag_takes_no_transparent_frames)
{
	const Bytes lldp = from_hex(std::string(mac_x) + mac_of_vif + "88cc 0200");
	announce(x, mac_x, 0);
	EXPECT_EQ(outcome(tx(lldp)), "tx_teb_plain");
	announce(x, mac_x, teb);
	EXPECT_EQ(outcome(tx(lldp)), "forward");
	announce(x, mac_x, 0);
	EXPECT_EQ(outcome(tx(lldp)), "tx_teb_plain");
	transparent(x, mac_x); // it sends them: so it takes them
	EXPECT_EQ(outcome(tx(lldp)), "forward");
}

TEST_F(Announcing, bad_announcements_are_counted_and_ignored)
{
	arp(x, "65495042 02 01 5254000000e1 000000000000");
	EXPECT_EQ(notes(EIPOIB_NOTE_RX_ANNOUNCE_BAD), 1u);
	arp(x, "65495042 01 01 5254000000e1 0000000000");
	arp(x, "65495042 01 01 5354000000e1 000000000000");
	EXPECT_EQ(notes(EIPOIB_NOTE_RX_ANNOUNCE_BAD), 3u);
	arp(x, "65495043 01 01 5254000000e1 000000000000");
	arp(x, "654950");
	EXPECT_EQ(notes(EIPOIB_NOTE_RX_ANNOUNCE_BAD), 3u);
	EXPECT_EQ(source_of(x), x.remac());
}

// Whose bare announcement is of another version is a plain peer with a RARP request.
TEST_F(Announcing, a_bare_one_of_another_version_is_delivered)
{
	const std::string frame =
		x.link("8035", true) +
		x.arp("0003", "00000000", x.address(), "65495042 02 05 5254000000e1 000000000000");
	EXPECT_EQ(outcome(rx(vif_, from_hex(frame), true)), "rewrite");
}

TEST_F(Announcing, a_stranger_is_asked_once_a_minute)
{
	arp(x);
	auto sent = take_sent();
	ASSERT_EQ(sent.size(), 1u);
	expect_said(sent[0], x, teb | request | bare);

	advance_clock(59'999);
	source_of(x);
	EXPECT_TRUE(take_sent().empty());
	advance_clock(1);
	source_of(x);
	EXPECT_EQ(take_sent().size(), 1u);

	announce(x, mac_x);
	advance_clock(60'000);
	source_of(x);
	arp(x);
	EXPECT_TRUE(take_sent().empty());
}

TEST_F(Announcing, a_request_is_answered_by_the_owner_of_the_target)
{
	const char *other = "52540067e9bd";
	add_bound(0x49, other);
	announce(x, mac_x, teb | request, other);
	auto sent = take_sent();
	ASSERT_EQ(sent.size(), 1u);
	EXPECT_EQ(sent[0].dev, reinterpret_cast<void *>(0x49));
	EXPECT_EQ(sent[0].header.substr(0, 40), x.address());
	EXPECT_EQ(said(sent[0]), plain(announcement(teb | bare, other)));

	announce(x, mac_x, teb | request);
	sent = take_sent();
	ASSERT_EQ(sent.size(), 1u);
	expect_said(sent[0], x, teb | bare);

	announce(x, mac_x, teb | request, "525400009999");
	EXPECT_TRUE(take_sent().empty());
}

TEST_F(Announcing, a_peer_is_answered_once_a_second)
{
	announce(x, mac_x, teb | request);
	EXPECT_EQ(take_sent().size(), 1u);
	advance_clock(999);
	announce(x, mac_x, teb | request);
	EXPECT_TRUE(take_sent().empty());
	announce(y, mac_y, teb | request); // another peer
	EXPECT_EQ(take_sent().size(), 1u);
	advance_clock(1'000);
	announce(y, mac_y, teb | request);
	EXPECT_EQ(take_sent().size(), 1u);
}

TEST_F(Announcing, the_addressee_of_a_flooded_frame_says_where_it_is)
{
	announce(x, mac_x);
	EXPECT_EQ(transparent(x, mac_x, mac_of_vif), "forward");
	auto sent = take_sent();
	ASSERT_EQ(sent.size(), 1u);
	expect_said(sent[0], x, teb | bare);

	// Not if it was not flooded, and not for others' MACs.
	advance_clock(5'000);
	transparent(x, mac_x, mac_of_vif, false);
	transparent(x, mac_x);
	EXPECT_EQ(transparent(x, mac_x, "525400009999"), "rx_not_ours");
	EXPECT_TRUE(take_sent().empty());
}

// Both sides have forgotten each other: one flooded frame each way must do.
TEST_F(Announcing, a_stranger_that_floods_is_asked_in_the_answer)
{
	EXPECT_EQ(transparent(x, mac_x, mac_of_vif), "forward");
	const auto sent = take_sent();
	ASSERT_EQ(sent.size(), 1u);
	expect_said(sent[0], x, teb | bare | request);
	EXPECT_EQ(way_to(mac_x).substr(0, 4), "teb ");
	announce(x, mac_x, teb, "000000000000", false);
	EXPECT_EQ(way_to(mac_x), x.address());
	EXPECT_TRUE(take_sent().empty());
}

TEST_F(Announcing, who_is_only_known_by_transparent_frames_is_asked_when_it_sends_others)
{
	transparent(x, mac_x);
	EXPECT_TRUE(take_sent().empty());
	source_of(x);
	EXPECT_EQ(take_sent().size(), 1u);
}

// The ARP sender address is not that of the queue pair: nothing of it is believed.
TEST_F(Announcing, a_claim_without_its_address_is_not_believed)
{
	const std::string frame =
		y.link("0806", true) + x.arp("0001", "0a000002", nobody, announcement(teb, mac_x));
	EXPECT_EQ(outcome(rx(vif_, from_hex(frame), true)), "rx_spoof");
	EXPECT_EQ(way_to(mac_x), "flooded");
	EXPECT_NE(source_of(y), mac_x);
}

TEST_F(Announcing, a_contested_mac_follows_the_peer_until_its_guest_speaks)
{
	const char *other = "52540067e9bd";
	add_bound(0x49, other);
	EXPECT_EQ(way(tx(ipv4_to(mac_of_vif, 34, other))), "tx_own");
	EXPECT_EQ(arp(x, announcement(teb, mac_of_vif)), "rewrite"); // its guest is to know
	EXPECT_TRUE(is_contested());
	EXPECT_EQ(notes(EIPOIB_NOTE_RX_MOVED_AWAY), 1u);
	EXPECT_EQ(take_vif_calls(), std::vector<std::string>{"!48"});
	EXPECT_EQ(way(tx(ipv4_to(mac_of_vif, 34, other))), x.address());
	take_sent();

	// Neither does it answer for its MAC, nor ask.
	announce(y, mac_y, teb | request, mac_of_vif);
	transparent(y, mac_y, mac_of_vif);
	arp(Peer{0x60, 0xd01, 9});
	EXPECT_TRUE(take_sent().empty());
	arp(x, announcement(teb, mac_of_vif));
	EXPECT_EQ(notes(EIPOIB_NOTE_RX_MOVED_AWAY), 1u);
	EXPECT_TRUE(take_vif_calls().empty());

	EXPECT_EQ(way_to("ffffffffffff"), "broadcast");
	EXPECT_FALSE(is_contested());
	EXPECT_EQ(take_vif_calls(), std::vector<std::string>{"!48"});
	auto sent = take_sent();
	ASSERT_EQ(sent.size(), 1u);
	EXPECT_EQ(sent[0].header.substr(0, 40), to_all);
	EXPECT_EQ(said(sent[0]), plain(announcement(teb | bare, mac_of_vif)));
	EXPECT_EQ(way(tx(ipv4_to(mac_of_vif, 34, other))), "tx_own");
	EXPECT_EQ(source_of(x), x.remac());
	EXPECT_EQ(take_sent().size(), 1u); // it is a stranger again, and asked

	way_to("ffffffffffff");
	EXPECT_TRUE(take_sent().empty());
	EXPECT_TRUE(take_vif_calls().empty());
}

TEST_F(Announcing, a_transparent_frame_contests_as_well)
{
	EXPECT_EQ(transparent(x, mac_of_vif), "forward");
	EXPECT_TRUE(is_contested());
	EXPECT_EQ(notes(EIPOIB_NOTE_RX_MOVED_AWAY), 1u);
}

// The guest migrates here: its VIF is made while the other host still announces it.
TEST_F(Announcing, a_vif_for_an_announced_mac_is_contested_from_the_start)
{
	announce(x, mac_x);
	vif_ = add_bound(0x49, mac_x);
	EXPECT_TRUE(is_contested());
	EXPECT_EQ(way_to(mac_x), x.address());
	take_sent();
	EXPECT_EQ(way(tx(ipv4_to("ffffffffffff", 34, mac_x))), "broadcast");
	EXPECT_FALSE(is_contested());
	EXPECT_EQ(take_sent().size(), 1u);
	EXPECT_EQ(way_to(mac_x), "tx_own");
}

TEST_F(Announcing, a_mac_that_was_only_asked_for_is_not_contested)
{
	way_to(mac_x);
	vif_ = add_bound(0x49, mac_x);
	EXPECT_FALSE(is_contested());
}

TEST_F(Announcing, a_vif_with_another_mac_is_contested_no_more)
{
	arp(x, announcement(teb, mac_of_vif));
	ASSERT_EQ(bind(vif_, mac_of_vif), 0);
	EXPECT_TRUE(is_contested()); // it is the same
	ASSERT_EQ(bind(vif_, mac_y), 0);
	EXPECT_FALSE(is_contested());
}

TEST_F(Announcing, nobody_takes_the_mac_of_a_sticky_vif)
{
	ASSERT_EQ(bind(vif_, mac_of_vif, EIPOIB_VLAN_NONE, EIPOIB_VIF_STICKY), 0);
	EXPECT_EQ(arp(x, announcement(teb, mac_of_vif)), "rx_contested");
	EXPECT_EQ(announce(x, mac_of_vif), "rx_contested");
	EXPECT_EQ(transparent(x, mac_of_vif), "rx_contested");
	EXPECT_FALSE(is_contested());
	EXPECT_EQ(notes(EIPOIB_NOTE_RX_MOVED_AWAY), 0u);
	EXPECT_NE(source_of(x), mac_of_vif);
	EXPECT_EQ(announce(x, mac_x), "consume");
}

// QEMU sends RARP for a guest that has arrived; plain peers learn from the guest's first frames.
TEST_F(Announcing, after_rarp_plain_peers_are_told_once)
{
	const std::string rarp = std::string("ffffffffffff") + mac_of_vif +
				 "8035 0001 0800 06 04 0003" + mac_of_vif + "00000000" +
				 mac_of_vif + "00000000";
	EXPECT_EQ(outcome(tx(from_hex(rarp))), "rewrite");
	EXPECT_TRUE(take_sent().empty());

	tx(from_hex(std::string("ffffffffffff") + mac_of_vif +
		    "0800 4500001400000000 40110000 00000000 ffffffff"));
	EXPECT_TRUE(take_sent().empty()); // that is no address
	way_to("ffffffffffff");
	way_to("ffffffffffff");
	auto sent = take_sent();
	ASSERT_EQ(sent.size(), 1u);
	EXPECT_EQ(sent[0].header, to_all + "08060000");
	EXPECT_EQ(sent[0].payload, plain("0020 0800 14 04 0001"
					 "80000048 fe80000000000000 0002c90300433bf1 0a000001"
					 "80000048 fe80000000000000 0002c90300433bf1 0a000001" +
					 announcement(teb, mac_of_vif)));

	const std::string ipv6 = std::string("333300000001") + mac_of_vif +
				 "86dd 6000000000003b40"
				 "20010db8000000000000000000000001"
				 "ff020000000000000000000000000001";
	tx(from_hex(ipv6));
	tx(from_hex(ipv6));
	sent = take_sent();
	ASSERT_EQ(sent.size(), 1u);
	EXPECT_EQ(sent[0].header, "00ffffffff12601bffff0000000000000000000186dd0000");
	EXPECT_EQ(sent[0].payload.substr(0, 80),
		  plain("6000000000483aff 20010db8000000000000000000000001"
			"ff020000000000000000000000000001"));
	EXPECT_EQ(sent[0].payload.substr(88, 8), "20000000"); // override, no router
	EXPECT_EQ(sent[0].payload.substr(96, 32), "20010db8000000000000000000000001");
	EXPECT_EQ(sent[0].payload.substr(128),
		  plain("02030000 80000048 fe80000000000000 0002c90300433bf1 fd03" +
			announcement(teb, mac_of_vif) + "00000000"));
}

// IPv6 hosts have several addresses, and speak from the link-local one first.
TEST_F(Announcing, after_rarp_plain_peers_are_told_of_each_address)
{
	const std::string rarp = std::string("ffffffffffff") + mac_of_vif +
				 "8035 0001 0800 06 04 0003" + mac_of_vif + "00000000" +
				 mac_of_vif + "00000000";
	auto told_of = [&](u32 number) {
		tx(from_hex(std::string("333300000001") + mac_of_vif +
			    "86dd 6000000000003b40 20010db80000000000000000" + hex(number, 8) +
			    "ff020000000000000000000000000001"));
		return take_sent().size();
	};
	EXPECT_EQ(told_of(1), 0u);
	tx(from_hex(rarp));
	for (u32 number = 0; number < 16; number++) {
		EXPECT_EQ(told_of(number), 1u);
		EXPECT_EQ(told_of(number), 0u);
	}
	EXPECT_EQ(told_of(16), 0u); // a router's, or a forger's

	tx(from_hex(rarp));
	advance_clock(9'999);
	EXPECT_EQ(told_of(1), 1u);
	advance_clock(1);
	EXPECT_EQ(told_of(2), 0u);
}

// Hosts would forget their default router if the advertisement said that it is none.
TEST_F(Announcing, a_router_is_told_of_as_one)
{
	const std::string rarp = std::string("ffffffffffff") + mac_of_vif +
				 "8035 0001 0800 06 04 0003" + mac_of_vif + "00000000" +
				 mac_of_vif + "00000000";
	const std::string ethernet = std::string("333300000001") + mac_of_vif + "86dd";
	const char *router_advertisement = "6000000000183aff"
					   "fe80000000000000000000000000000a"
					   "ff020000000000000000000000000001"
					   "860035da4000000c000000000000000001010002c9433bf1";
	const char *host_advertisement =
		"6000000000203aff"
		"fe80000000000000000000000000000a"
		"ff020000000000000000000000000001"
		"8800545320000000fe80000000000000000000000000000a02010002c9433bf1";
	const char *proxy_advertisement =
		"6000000000203aff"
		"fe80000000000000000000000000000a"
		"ff020000000000000000000000000001"
		"8800745300000000fe80000000000000000000000000000a02010002c9433bf1";
	const char *data = "6000000000003b40 20010db8000000000000000000000001"
			   "ff020000000000000000000000000001";
	auto flags_told = [&] {
		take_sent();
		EXPECT_EQ(outcome(tx(from_hex(rarp))), "rewrite");
		EXPECT_EQ(outcome(tx(from_hex(ethernet + data))), "forward");
		const auto sent = take_sent();
		return sent.size() == 1 ? sent[0].payload.substr(88, 8) : "nothing";
	};
	EXPECT_EQ(flags_told(), "20000000");
	EXPECT_EQ(outcome(tx(from_hex(ethernet + router_advertisement))), "rewrite");
	EXPECT_EQ(flags_told(), "a0000000");
	EXPECT_EQ(outcome(tx(from_hex(ethernet + proxy_advertisement))), "rewrite");
	EXPECT_EQ(flags_told(), "a0000000");
	EXPECT_EQ(outcome(tx(from_hex(ethernet + host_advertisement))), "rewrite");
	EXPECT_EQ(flags_told(), "20000000");
}

// A RARP request for another host's address asks; it announces nothing.
TEST_F(Announcing, rarp_for_another_tells_nobody)
{
	tx(from_hex(std::string("ffffffffffff") + mac_of_vif + "8035 0001 0800 06 04 0003" +
		    mac_of_vif + "00000000" + mac_x + "00000000"));
	way_to("ffffffffffff");
	EXPECT_TRUE(take_sent().empty());
}

TEST_F(Announcing, a_dhcp_client_is_a_station_until_something_better_is_known)
{
	auto discover = [&](const Peer &peer, const char *hops, const char *source) {
		return outcome(rx(vif_,
				  from_hex(peer.link("0800", true) + "4500003e00000000 40110000" +
					   source + "ffffffff 0044 0043 002a 0000 010106" + hops +
					   "12345678 0000 8000 00000000 00000000 00000000"
					   "00000000" +
					   mac_x),
				  true));
	};
	EXPECT_EQ(discover(x, "01", "00000000"), "forward");
	EXPECT_EQ(discover(x, "00", "0a000005"), "forward");
	EXPECT_EQ(way_to(mac_x), "flooded");
	EXPECT_EQ(discover(x, "00", "00000000"), "forward");
	EXPECT_EQ(way_to(mac_x).substr(2), x.address().substr(2));
	discover(y, "00", "00000000"); // it has moved
	EXPECT_EQ(way_to(mac_x).substr(2), y.address().substr(2));
	announce(x, mac_x);
	discover(y, "00", "00000000"); // hearsay
	EXPECT_EQ(way_to(mac_x), x.address());
	EXPECT_EQ(source_of(y), y.remac());
}

TEST_F(Announcing, no_dhcp_client_takes_the_mac_of_a_vif)
{
	const std::string discover = x.link("0800", true) +
				     "4500003e00000000 40110000 00000000 ffffffff"
				     "0044 0043 002a 0000 01010600 12345678 0000 8000"
				     "00000000 00000000 00000000 00000000" +
				     mac_of_vif;
	EXPECT_EQ(outcome(rx(vif_, from_hex(discover), true)), "forward");
	EXPECT_FALSE(is_contested());
	EXPECT_EQ(way_to(mac_of_vif), "tx_own");
}

} // namespace
} // namespace unit
