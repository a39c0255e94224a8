// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The case tables of kunit/cases, and what is not one frame in, one plan out.

#include "scene_fixture.hpp"

#include "cases/dhcp_plan_cases.hpp"
#include "cases/nd_plan_cases.hpp"
#include "cases/rx_cases.hpp"
#include "cases/transparent_cases.hpp"
#include "cases/tx_cases.hpp"

#include <cstring>
#include <random>

namespace unit {
namespace {

using namespace eipoib::cases;

class PlanTest : public SceneTest {
protected:
	static TxOptions options(const TxCase &c)
	{
		return {.tci = c.tci,
			.is_gso = c.is_gso,
			.is_checksum_pending = c.is_checksum_pending};
	}

	static std::string edits(const eipoib_tx_plan &plan)
	{
		std::string hex;
		for (u8 i = 0; i < plan.edit_count; i++) {
			const eipoib_edit &edit = plan.edits[i];
			const u8 bytes[] = {static_cast<u8>(edit.offset >> 8),
					    static_cast<u8>(edit.offset), edit.bytes[0],
					    edit.bytes[1]};
			hex += to_hex(bytes, sizeof(bytes));
		}
		return hex;
	}

	void expect_tx(const TxCase &c)
	{
		const TxResult plan = tx(from_hex(c.frame), options(c));
		ASSERT_EQ(outcome(plan), c.outcome);
		if (plan.verdict == EIPOIB_FORWARD) {
			EXPECT_EQ(plan.pull, c.pull);
			EXPECT_EQ(plan.flags, c.flags);
			EXPECT_EQ(edits(plan), normal(c.edits));
		}
		if (plan.verdict == EIPOIB_FORWARD || plan.verdict == EIPOIB_REWRITE) {
			EXPECT_EQ(reinterpret_cast<uintptr_t>(plan.dev), c.vif_qpn);
			EXPECT_EQ(to_hex(plan.header, sizeof(plan.header)), normal(c.header));
		}
		EXPECT_EQ(to_hex(plan.payload.data(), plan.payload.size()), normal(c.payload));
	}

	void expect_rx(const RxCase &c)
	{
		const RxResult plan = rx(vif_[c.vif_qpn], from_hex(c.frame), c.is_group);
		ASSERT_EQ(outcome(plan), c.outcome);
		if (plan.verdict == EIPOIB_FORWARD || plan.verdict == EIPOIB_REWRITE) {
			EXPECT_EQ(plan.vlan, c.vlan);
			EXPECT_EQ(to_hex(plan.header, plan.header_len), normal(c.header));
		}
		EXPECT_EQ(to_hex(plan.payload.data(), plan.payload.size()), normal(c.payload));
	}
};

class TxCases : public PlanTest, public testing::WithParamInterface<TxCase> {};
class RxCases : public PlanTest, public testing::WithParamInterface<RxCase> {};

TEST_P(TxCases, plan)
{
	expect_tx(GetParam());
}

TEST_P(RxCases, plan)
{
	expect_rx(GetParam());
}

template <typename Case> std::string case_name(const testing::TestParamInfo<Case> &info)
{
	return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(translated, TxCases, testing::ValuesIn(tx_cases), case_name<TxCase>);
INSTANTIATE_TEST_SUITE_P(transparent, TxCases, testing::ValuesIn(tx_transparent_cases),
			 case_name<TxCase>);
INSTANTIATE_TEST_SUITE_P(nd, TxCases, testing::ValuesIn(tx_nd_cases), case_name<TxCase>);
INSTANTIATE_TEST_SUITE_P(dhcp, TxCases, testing::ValuesIn(tx_dhcp_cases), case_name<TxCase>);
INSTANTIATE_TEST_SUITE_P(translated, RxCases, testing::ValuesIn(rx_cases), case_name<RxCase>);
INSTANTIATE_TEST_SUITE_P(transparent, RxCases, testing::ValuesIn(rx_transparent_cases),
			 case_name<RxCase>);
INSTANTIATE_TEST_SUITE_P(nd, RxCases, testing::ValuesIn(rx_nd_cases), case_name<RxCase>);

class EveryCase : public PlanTest {
protected:
	template <typename Visit> void for_each_tx(Visit visit)
	{
		for (const TxCase &c : tx_cases)
			visit(c);
		for (const TxCase &c : tx_transparent_cases)
			visit(c);
		for (const TxCase &c : tx_nd_cases)
			visit(c);
		for (const TxCase &c : tx_dhcp_cases)
			visit(c);
	}

	template <typename Visit> void for_each_rx(Visit visit)
	{
		for (const RxCase &c : rx_cases)
			visit(c);
		for (const RxCase &c : rx_transparent_cases)
			visit(c);
		for (const RxCase &c : rx_nd_cases)
			visit(c);
	}
};

// Every frame of the tables, cut at every byte, is decided on without reading beyond its end.
TEST_F(EveryCase, cut_at_every_byte_has_a_verdict)
{
	for_each_tx([&](const TxCase &c) {
		Bytes frame = from_hex(c.frame);
		while (!frame.empty()) {
			frame.pop_back();
			EXPECT_NE(outcome(tx(frame, options(c))), "no reason") << c.name;
		}
	});
	for_each_rx([&](const RxCase &c) {
		Bytes frame = from_hex(c.frame);
		while (frame.size() > EIPOIB_LINK_HLEN) {
			frame.pop_back();
			EXPECT_NE(outcome(rx(vif_[c.vif_qpn], frame, c.is_group)), "no reason")
				<< c.name;
		}
	});
}

// The planners read nothing beyond a frame and write nothing beyond what they asked for, whatever
// it holds: the sanitizers say so. Afterwards the core still works.
TEST_F(EveryCase, with_random_bytes_has_a_verdict)
{
	std::mt19937 random(20261122);
	auto below = [&](std::size_t limit) { return static_cast<u32>(random() % limit); };
	auto damage = [&](Bytes &frame, std::size_t from) {
		for (std::size_t n = below(8); n && frame.size() > from; n--)
			frame[from + below(frame.size() - from)] = static_cast<u8>(random());
		if (below(4) == 0)
			frame.resize(from + below(frame.size() - from + 40));
	};
	for (int round = 0; round < 150; round++) {
		for_each_tx([&](const TxCase &c) {
			Bytes frame = from_hex(c.frame);
			damage(frame, 0);
			TxOptions how = options(c);
			how.is_checksum_pending = below(2);
			how.is_gso = below(8) == 0;
			const TxResult plan = tx(frame, how);
			EXPECT_NE(outcome(plan), "no reason") << c.name;
			EXPECT_NE(outcome(plan), "no verdict") << c.name;
			if (plan.verdict == EIPOIB_HOLD)
				eipoib_tx_released(core_, plan.held);
		});
		for_each_rx([&](const RxCase &c) {
			Bytes frame = from_hex(c.frame);
			if (below(4) == 0)
				damage(frame, 0);
			if (frame.size() < EIPOIB_LINK_HLEN)
				return;
			damage(frame, EIPOIB_LINK_HLEN);
			const RxResult plan = rx(vif_[c.vif_qpn], frame, below(2));
			EXPECT_NE(outcome(plan), "no reason") << c.name;
			EXPECT_NE(outcome(plan), "no verdict") << c.name;
		});
		advance_clock(below(3000));
		eipoib_core_tick(core_);
		drain_deferred();
		reset_calls();
	}
	EXPECT_EQ(outcome(rx(vif_[0x48], from_hex(teach_peer), true)), "rewrite");
	EXPECT_LT(live_allocations(), 300u);
}

Bytes padded(const char *hex, std::size_t size)
{
	Bytes frame = from_hex(hex);
	frame.resize(size);
	return frame;
}

TEST_F(PlanTest, tx_length_limit_is_the_vifs_mtu)
{
	const char *ip = "020000500002 0002c9433bf1 0800 4500001400000000 40010000 0a000001"
			 "0a000002";
	EXPECT_EQ(outcome(tx(padded(ip, 14 + 2044))), "forward");
	EXPECT_EQ(outcome(tx(padded(ip, 14 + 2045))), "tx_giant");
	EXPECT_EQ(outcome(tx(padded(ip, 14 + 60000), {.is_gso = true})), "forward");
	eipoib_vif_set_mtu(vif_[0x48], 4092);
	EXPECT_EQ(outcome(tx(padded(ip, 14 + 2045))), "forward");
}

// 40 bytes of link-layer address and announcement come with it.
TEST_F(PlanTest, tx_length_limit_counts_what_neighbour_discovery_grows)
{
	const Bytes solicitation =
		from_hex("3333ff00000b 0002c9433bf1 86dd 6000000000203aff"
			 "fe80000000000000000000000000000a ff0200000000000000000001ff00000b"
			 "8700774600000000fe80000000000000000000000000000b 01010002c9433bf1");
	eipoib_vif_set_mtu(vif_[0x48], 112);
	EXPECT_EQ(outcome(tx(solicitation)), "rewrite");
	eipoib_vif_set_mtu(vif_[0x48], 111);
	EXPECT_EQ(outcome(tx(solicitation)), "tx_giant");
}

TEST_F(PlanTest, a_transparent_frame_takes_14_bytes_more)
{
	const char *frame = "5254000000e1 0002c9433bf1 88b5";
	EXPECT_EQ(outcome(tx(padded(frame, 14 + 2030))), "forward");
	EXPECT_EQ(outcome(tx(padded(frame, 14 + 2031))), "tx_teb_giant");
	EXPECT_EQ(outcome(tx(padded(frame, 14 + 2044))), "tx_teb_giant");
	EXPECT_EQ(outcome(tx(padded(frame, 14 + 2045))), "tx_giant");
	EXPECT_EQ(outcome(tx(padded(frame, 14 + 60000), {.is_gso = true})), "segment");

	// The inner tag counts.
	const char *tagged = "5254000000e1 0002c9433bf1 8100 0007 0800";
	EXPECT_EQ(outcome(tx(padded(tagged, 18 + 2026))), "forward");
	EXPECT_EQ(outcome(tx(padded(tagged, 18 + 2027))), "tx_teb_giant");
}

TEST_F(PlanTest, rx_length_limit_is_the_vifs_mtu)
{
	const char *ip = "00 000050 0000000000000000 0000000000000000 0800 0002"
			 "4500001400000000 40010000 0a000002 0a000003";
	EXPECT_EQ(outcome(rx(vif_[0x48], padded(ip, 24 + 2044))), "forward");
	EXPECT_EQ(outcome(rx(vif_[0x48], padded(ip, 24 + 2045))), "rx_giant");
	EXPECT_EQ(outcome(rx(vif_[0x48], padded(ip, 24 + 60000), false, true)), "forward");
}

TEST_F(PlanTest, an_unbound_vif_carries_nothing)
{
	eipoib_vif *vif = add_vif(0x60);
	EXPECT_EQ(outcome(rx(vif, from_hex(teach_peer), true)), "rx_unbound");
}

// A spoofed ARP is dropped before it can teach anything.
TEST_F(PlanTest, a_contradicted_arp_teaches_nothing)
{
	const char *to_victim = "020000660009 0002c9433bf1 88b5 01";
	const std::string arp = "0020 0800 14 04 0002"
				"80000066 fe80000000000000 0002c90300433c01 0a000002"
				"00000000 0000000000000000 0000000000000000 0a000001"
				"65495042 01 01 5254000000ee 000000000000";
	EXPECT_EQ(outcome(rx(vif_[0x48], from_hex("00 000067 0000000000000000 0000000000000000"
						  "0806 0009" +
						  arp))),
		  "rx_spoof");
	EXPECT_EQ(outcome(tx(from_hex(to_victim))), "hold");
	EXPECT_EQ(notes(EIPOIB_NOTE_TX_FLOODED), 1u);

	EXPECT_EQ(
		outcome(rx(vif_[0x48],
			   from_hex("01 000066 fe80000000000000 0002c90300433c11 0806 0009" + arp),
			   true)),
		"rx_spoof");
	const auto plan = tx(from_hex("5254000000ee 0002c9433bf1 0800 4500001400000000 40010000"
				      "0a000001 0a000002"));
	EXPECT_EQ(plan.flags, EIPOIB_PLAN_TEB);
	EXPECT_EQ(notes(EIPOIB_NOTE_TX_FLOODED), 2u);
}

// A group frame enters ethX through one VIF of the partition.
TEST_F(PlanTest, a_group_frame_enters_once)
{
	const Bytes frame = from_hex(teach_peer);
	auto takers = [&] {
		std::string qpns;
		for (u32 qpn : {0x48u, 0x49u})
			if (outcome(rx(vif_[qpn], frame, true)) == "rewrite")
				qpns += std::to_string(qpn) + " ";
		return qpns;
	};
	EXPECT_EQ(takers(), "72 ");
	const u32 overlap = 200; // ms that copies may wait in a queue

	// The designated VIF loses its carrier: the other one takes over.
	eipoib_vif_set_carrier(core_, vif_[0x48], false);
	advance_clock(overlap);
	EXPECT_EQ(takers(), "73 ");

	// It comes back and does not take over again.
	eipoib_vif_set_carrier(core_, vif_[0x48], true);
	EXPECT_EQ(takers(), "73 ");

	// No VIF has carrier: nothing is designated.
	eipoib_vif_set_carrier(core_, vif_[0x48], false);
	eipoib_vif_set_carrier(core_, vif_[0x49], false);
	advance_clock(overlap);
	EXPECT_EQ(takers(), "");
}

TEST(Mac, is_made_of_guid_bytes_0_1_2_5_6_7)
{
	const Bytes guid = from_hex("0002c90300433bf1");
	u8 mac[6];
	eipoib_mac_from_guid(guid.data(), mac);
	EXPECT_EQ(to_hex(mac, 6), "0002c9433bf1");
}

} // namespace
} // namespace unit
