// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Frames that are longer than a datagram, in connected mode.

#include "cases/long_cases.hpp"
#include "platform.hpp"
#include "scene_fixture.hpp"

namespace unit {
namespace {

using namespace eipoib::cases;

class LongTest : public SceneTest {
protected:
	void SetUp() override
	{
		SceneTest::SetUp();
		for (const Teaching &t : long_teachings)
			ASSERT_EQ(outcome(rx(vif_[t.vif_qpn], from_hex(t.frame), true)), t.outcome);
		for (const auto &[qpn, vif] : vif_) {
			eipoib_vif_set_mtu(vif, 65520);
			eipoib_vif_set_datagram_mtu(vif, 2044);
		}
		reset_calls();
	}

	static Bytes frame_of(const LongCase &c)
	{
		Bytes frame = from_hex(c.frame);
		frame.resize(c.length);
		return frame;
	}

	static eipoib_tx_frame describe(const Bytes &frame)
	{
		return {.head = frame.data(),
			.head_len = static_cast<u32>(
				std::min<std::size_t>(frame.size(), EIPOIB_HEAD_MAX)),
			.len = static_cast<u32>(frame.size()),
			.vlan_tci = EIPOIB_TCI_NONE,
			.gso_len = 0,
			.is_gso = false,
			.is_checksum_pending = false,
			.is_held = false,
			.is_flooded = false};
	}

	// Its pieces, as the table writes them, until there are no more or one cannot be made.
	static std::vector<std::string> fragments(const Bytes &frame, const eipoib_tx_plan &plan)
	{
		const eipoib_tx_frame input = describe(frame);
		std::vector<std::string> pieces;
		eipoib_fragment fragment;
		fragment.next = 0;
		do {
			fragment.offset = fragment.next;
			if (!eipoib_tx_fragment(&input, &plan, &fragment)) {
				pieces.emplace_back("none");
				break;
			}
			const u8 place[] = {static_cast<u8>(fragment.offset >> 8),
					    static_cast<u8>(fragment.offset),
					    static_cast<u8>(fragment.len >> 8),
					    static_cast<u8>(fragment.len)};
			pieces.push_back(to_hex(place, sizeof(place)) +
					 to_hex(fragment.header, fragment.header_len));
		} while (fragment.next);
		return pieces;
	}

	void expect(const LongCase &c)
	{
		const Bytes frame = frame_of(c);
		const TxResult plan = tx(frame, {.gso_len = c.gso_len, .is_gso = c.gso_len > 0});
		ASSERT_EQ(outcome(plan), c.outcome);
		if (plan.verdict == EIPOIB_FORWARD || plan.verdict == EIPOIB_FRAGMENT) {
			EXPECT_EQ(plan.pull, c.pull);
			EXPECT_EQ(plan.flags, c.flags);
			EXPECT_EQ(to_hex(plan.header, sizeof(plan.header)), normal(c.header));
		}
		if (plan.verdict == EIPOIB_SEGMENT || plan.verdict == EIPOIB_FRAGMENT) {
			EXPECT_EQ(plan.mtu, c.mtu);
		}
		std::vector<std::string> want;
		for (const char *hex : c.fragments)
			if (hex)
				want.push_back(normal(hex));
		if (plan.verdict == EIPOIB_FRAGMENT) {
			EXPECT_EQ(fragments(frame, plan), want);
		}
		std::string told;
		for (const Delivered &one : take_delivered()) {
			told += one.frame;
			EXPECT_EQ(one.vlan, u32{EIPOIB_VLAN_NONE});
		}
		EXPECT_EQ(told, normal(c.told));
		EXPECT_EQ(notes(EIPOIB_NOTE_TX_PMTU), told.empty() ? 0u : 1u);
	}

	// An IPv4 packet to a peer that takes datagrams only.
	Bytes to_datagram_peer(const char *more = "45000bb812344000 40110000 0a000001 0a000008")
	{
		Bytes frame = from_hex(std::string("020000550008 0002c9433bf1 0800") + more);
		frame.resize(14 + 3000);
		return frame;
	}
};

class LongCases : public LongTest, public testing::WithParamInterface<LongCase> {};

TEST_P(LongCases, plan)
{
	expect(GetParam());
}

INSTANTIATE_TEST_SUITE_P(connected, LongCases, testing::ValuesIn(long_cases),
			 [](const auto &at) { return std::string(at.param.name); });

TEST_F(LongTest, it_is_told_on_the_vlan_it_came_from)
{
	// F, on the partition of VLAN 5, takes connections no more.
	ASSERT_EQ(outcome(rx(vif_[0x4d],
			     from_hex("01 000053 fe80000000000000 0002c90300433c06 8035 0006"
				      "0020 0800 14 04 0003"
				      "00000053 fe80000000000000 0002c90300433c06 00000000"
				      "00000053 fe80000000000000 0002c90300433c06 00000000"
				      "65495042 01 05 000000000000 000000000000"),
			     true)),
		  "consume");
	Bytes frame = from_hex("5254000005f1 525400000099 0800 45000bb812344000 40110000"
			       "0a050001 0a050002");
	frame.resize(14 + 3000);
	take_delivered();
	EXPECT_EQ(outcome(tx(frame, {.tci = 5})), "tx_too_big");
	const auto told = take_delivered();
	ASSERT_EQ(told.size(), 1u);
	EXPECT_EQ(told[0].vlan, 5u);
}

TEST_F(LongTest, it_is_told_fifty_times_in_a_tenth_of_a_second)
{
	for (int i = 0; i < 60; i++)
		EXPECT_EQ(outcome(tx(to_datagram_peer())), "tx_too_big");
	EXPECT_EQ(take_delivered().size(), 50u);
	EXPECT_EQ(notes(EIPOIB_NOTE_TX_PMTU), 50u);
	advance_clock(100);
	tx(to_datagram_peer());
	EXPECT_EQ(take_delivered().size(), 1u);
}

// What is unknown is held, however long, and told of when it is known.
TEST_F(LongTest, what_was_held_is_told)
{
	Bytes frame = to_datagram_peer();
	const Bytes mac = from_hex("5254000009e1");
	std::copy(mac.begin(), mac.end(), frame.begin());
	ASSERT_EQ(outcome(tx(frame)), "hold");
	ASSERT_EQ(outcome(rx(vif_[0x48],
			     from_hex("01 000059 fe80000000000000 0002c90300433c0c 8035 000c"
				      "0020 0800 14 04 0003"
				      "00000059 fe80000000000000 0002c90300433c0c 00000000"
				      "00000059 fe80000000000000 0002c90300433c0c 00000000"
				      "65495042 01 05 5254000009e1 000000000000"),
			     true)),
		  "consume");
	const TxResult plan = tx(frame, {.is_held = true});
	EXPECT_EQ(outcome(plan), "tx_too_big");
	eipoib_tx_released(core_, plan.held);
	EXPECT_EQ(take_delivered().size(), 1u);
}

TEST_F(LongTest, a_peer_that_takes_connections_no_more_gets_datagrams)
{
	Bytes frame = from_hex("020000500002 0002c9433bf1 0800 45000bb812344000 40110000"
			       "0a000001 0a000002");
	frame.resize(14 + 3000);
	EXPECT_EQ(outcome(tx(frame)), "forward");
	std::string arp = teach_peer;
	const std::size_t flags = arp.find("80000050");
	ASSERT_EQ(outcome(rx(vif_[0x48], from_hex(arp.replace(flags, 2, "00")), true)), "rewrite");
	EXPECT_EQ(outcome(tx(frame)), "tx_too_big");
}

// What came by a connection has shown that there can be one.
TEST_F(LongTest, who_is_known_from_a_connection_takes_connections)
{
	const char *data = "03 000061 fe80000000000000 0002c90300433c11 0800 0011"
			   "4500001400000000 40110000 0a000011 0a000001";
	ASSERT_EQ(outcome(rx(vif_[0x48], from_hex(data))), "forward");
	Bytes frame = from_hex("020000610011 0002c9433bf1 0800 45000bb812344000 40110000"
			       "0a000001 0a000011");
	frame.resize(14 + 3000);
	const TxResult plan = tx(frame);
	EXPECT_EQ(outcome(plan), "forward");
	EXPECT_EQ(plan.header[0], 0x80);
}

// A VIF that went back to datagram mode says so to who does not know.
TEST_F(LongTest, who_sends_too_much_by_a_connection_is_corrected)
{
	eipoib_vif_set_mtu(vif_[0x48], 2044);
	Bytes data = from_hex("03 000052 fe80000000000000 0002c90300433c05 0800 0005"
			      "45000bb800000000 40110000 0a000005 0a000001");
	data.resize(EIPOIB_LINK_HLEN + 3000);
	EXPECT_EQ(outcome(rx(vif_[0x48], data)), "rx_giant");
	EXPECT_EQ(take_sent().size(), 1u);
	data[0] = 1;
	advance_clock(2000);
	EXPECT_EQ(outcome(rx(vif_[0x48], data)), "rx_giant");
	EXPECT_TRUE(take_sent().empty());
}

// Peers remember whether a VIF takes connections: its guest's next packet tells them.
TEST_F(LongTest, a_change_of_mode_is_told_to_peers)
{
	Bytes address = from_hex("00000048 fe80000000000000 0002c90300433bf1");
	const Bytes frame = from_hex("020000500002 0002c9433bf1 0800 4500001400000000 40010000"
				     "0a000001 0a000002");
	tx(frame);
	EXPECT_TRUE(take_sent().empty());
	ASSERT_EQ(eipoib_vif_set_address(core_, vif_[0x48], address.data()), 0);
	tx(frame);
	const auto sent = take_sent();
	ASSERT_EQ(sent.size(), 1u);
	EXPECT_EQ(sent[0].header, normal("00ffffff ff12401bffff0000 00000000ffffffff 0806 0000"));
	EXPECT_EQ(sent[0].payload.substr(16, 8), "00000048");
	tx(frame);
	EXPECT_TRUE(take_sent().empty());
}

// The MTU of datagrams is no more than that of the VIF, whichever is set last.
TEST_F(LongTest, the_smaller_mtu_counts)
{
	Bytes frame = to_datagram_peer();
	eipoib_vif_set_mtu(vif_[0x48], 1500);
	frame.resize(14 + 1501);
	EXPECT_EQ(outcome(tx(frame)), "tx_giant");
	eipoib_vif_set_datagram_mtu(vif_[0x48], 4092);
	EXPECT_EQ(outcome(tx(frame)), "tx_giant");
	eipoib_vif_set_mtu(vif_[0x48], 65520);
	EXPECT_EQ(outcome(tx(frame)), "forward");
	frame = to_datagram_peer();
	EXPECT_EQ(outcome(tx(frame)), "forward");
	eipoib_vif_set_datagram_mtu(vif_[0x48], 2999);
	EXPECT_EQ(outcome(tx(frame)), "tx_too_big");
}

// Whatever the header says: what is cut lies inside, and never goes on for ever.
TEST_F(LongTest, nonsense_cannot_be_cut)
{
	eipoib_tx_plan plan = {};
	plan.pull = 14;
	plan.mtu = 2044;
	EXPECT_EQ(fragments(to_datagram_peer("45000bb912340000 40110000"), plan),
		  std::vector<std::string>{"none"}); // longer than the frame
	EXPECT_EQ(fragments(to_datagram_peer("4500001412340000 40110000"), plan),
		  std::vector<std::string>{"none"}); // no payload
	EXPECT_EQ(fragments(to_datagram_peer("4400010012340000 40110000"), plan),
		  std::vector<std::string>{"none"}); // no header
	EXPECT_EQ(fragments(to_datagram_peer("65000bb812340000 40110000"), plan),
		  std::vector<std::string>{"none"}); // no IPv4
	EXPECT_EQ(fragments(to_datagram_peer("45000bb812341fff 40110000"), plan).back(), "none");
	plan.mtu = 27;
	EXPECT_EQ(fragments(to_datagram_peer("45000bb812340000 40110000"), plan),
		  std::vector<std::string>{"none"}); // no room for eight bytes
	plan.mtu = 28;
	EXPECT_EQ(fragments(to_datagram_peer("45000bb812340000 40110000"), plan).size(), 373u);
}

} // namespace
} // namespace unit
