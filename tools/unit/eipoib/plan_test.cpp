// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The case tables of kunit/cases, and what is not one frame in, one plan out.

#include "fixture.hpp"

#include "cases/rx_cases.hpp"
#include "cases/tx_cases.hpp"

#include <map>

namespace unit {
namespace {

using namespace eipoib::cases;

class SceneTest : public CoreTest {
protected:
	void SetUp() override
	{
		CoreTest::SetUp();
		vif_[0x48] = add_bound(0x48, "0002c9433bf1");
		vif_[0x49] = add_bound(0x49, "52540067e9bd");
		vif_[0x4a] = add_bound(0x4a, "0002c9433bf1", 3, 0x8003);
		ASSERT_EQ(outcome(rx(vif_[0x48], from_hex(teach_peer), true)), "rewrite");
	}

	void expect_tx(const TxCase &c)
	{
		const eipoib_tx_plan plan = tx(from_hex(c.frame), c.tci);
		ASSERT_EQ(outcome(plan), c.outcome);
		if (plan.verdict == EIPOIB_DROP)
			return;
		EXPECT_EQ(reinterpret_cast<uintptr_t>(plan.dev), c.vif_qpn);
		EXPECT_EQ(plan.pull, c.pull);
		EXPECT_EQ(to_hex(plan.header, sizeof(plan.header)), normal(c.header));
		EXPECT_EQ(plan.protocol, plan.header[20] << 8 | plan.header[21]);
		if (plan.verdict == EIPOIB_REWRITE) {
			EXPECT_EQ(to_hex(plan.payload, plan.payload_len), normal(c.payload));
		}
	}

	void expect_rx(const RxCase &c)
	{
		const eipoib_rx_plan plan = rx(vif_[c.vif_qpn], from_hex(c.frame), c.is_group);
		ASSERT_EQ(outcome(plan), c.outcome);
		if (plan.verdict == EIPOIB_DROP)
			return;
		EXPECT_EQ(plan.vlan, c.vlan);
		EXPECT_EQ(to_hex(plan.header, sizeof(plan.header)), normal(c.header));
		if (plan.verdict == EIPOIB_REWRITE) {
			EXPECT_EQ(to_hex(plan.payload, plan.payload_len), normal(c.payload));
		}
	}

	static std::string normal(const char *hex)
	{
		const Bytes bytes = from_hex(hex);
		return to_hex(bytes.data(), bytes.size());
	}

	std::map<u32, eipoib_vif *> vif_;
};

class TxCases : public SceneTest, public testing::WithParamInterface<TxCase> {};
class RxCases : public SceneTest, public testing::WithParamInterface<RxCase> {};

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

INSTANTIATE_TEST_SUITE_P(, TxCases, testing::ValuesIn(tx_cases), case_name<TxCase>);
INSTANTIATE_TEST_SUITE_P(, RxCases, testing::ValuesIn(rx_cases), case_name<RxCase>);

// Every frame of the tables, cut at every byte, is decided on without reading beyond its end.
TEST_F(SceneTest, every_truncation_has_a_verdict)
{
	for (const TxCase &c : tx_cases) {
		Bytes frame = from_hex(c.frame);
		while (!frame.empty()) {
			frame.pop_back();
			EXPECT_NE(outcome(tx(frame, c.tci)), "no reason") << c.name;
		}
	}
	for (const RxCase &c : rx_cases) {
		Bytes frame = from_hex(c.frame);
		while (frame.size() > EIPOIB_LINK_HLEN) {
			frame.pop_back();
			EXPECT_NE(outcome(rx(vif_[c.vif_qpn], frame, c.is_group)), "no reason")
				<< c.name;
		}
	}
}

Bytes padded(const char *hex, std::size_t size)
{
	Bytes frame = from_hex(hex);
	frame.resize(size);
	return frame;
}

TEST_F(SceneTest, tx_length_limit_is_the_vifs_mtu)
{
	const char *ip = "020000500002 0002c9433bf1 0800 4500001400000000 40010000 0a000001"
			 "0a000002";
	EXPECT_EQ(outcome(tx(padded(ip, 14 + 2044))), "forward");
	EXPECT_EQ(outcome(tx(padded(ip, 14 + 2045))), "tx_giant");
	EXPECT_EQ(outcome(tx(padded(ip, 14 + 60000), EIPOIB_TCI_NONE, true)), "forward");
	eipoib_vif_set_mtu(vif_[0x48], 4092);
	EXPECT_EQ(outcome(tx(padded(ip, 14 + 2045))), "forward");
}

TEST_F(SceneTest, tx_length_limit_does_not_count_the_tag)
{
	const char *ip = "ffffffffffff 0002c9433bf1 8100 0003 0800 4500001400000000 40010000"
			 "0a000001 ffffffff";
	EXPECT_EQ(outcome(tx(padded(ip, 18 + 2044))), "forward");
	EXPECT_EQ(outcome(tx(padded(ip, 18 + 2045))), "tx_giant");
}

TEST_F(SceneTest, rx_length_limit_is_the_vifs_mtu)
{
	const char *ip = "00 000050 0000000000000000 0000000000000000 0800 0002"
			 "4500001400000000 40010000 0a000002 0a000003";
	EXPECT_EQ(outcome(rx(vif_[0x48], padded(ip, 24 + 2044))), "forward");
	EXPECT_EQ(outcome(rx(vif_[0x48], padded(ip, 24 + 2045))), "rx_giant");
	EXPECT_EQ(outcome(rx(vif_[0x48], padded(ip, 24 + 60000), false, true)), "forward");
}

TEST_F(SceneTest, an_unbound_vif_carries_nothing)
{
	eipoib_vif *vif = add_vif(0x60);
	EXPECT_EQ(outcome(rx(vif, from_hex(teach_peer), true)), "rx_unbound");
}

// A spoofed ARP is dropped before it can teach anything.
TEST_F(SceneTest, a_contradicted_arp_teaches_nothing)
{
	const Bytes spoof = from_hex("01 000066 fe80000000000000 0002c90300433c11 0806 0009"
				     "0020 0800 14 04 0002"
				     "80000066 fe80000000000000 0002c90300433c01 0a000002"
				     "00000000 0000000000000000 0000000000000000 0a000001");
	EXPECT_EQ(outcome(rx(vif_[0x48], spoof, true)), "rx_spoof");
	EXPECT_EQ(outcome(tx(from_hex("020000660009 0002c9433bf1 0800 4500001400000000 40010000"
				      "0a000001 0a000002"))),
		  "tx_peer_miss");
}

// How many of @vifs a group frame enters ethX through.
TEST_F(SceneTest, a_group_frame_enters_once)
{
	const Bytes frame = from_hex(teach_peer);
	auto copies = [&] {
		int count = 0;
		for (auto [qpn, vif] : vif_)
			count += outcome(rx(vif, frame, true)) == "rewrite" && qpn != 0x4a;
		return count;
	};
	EXPECT_EQ(copies(), 1);

	// The designated VIF loses its carrier: the other one takes over.
	eipoib_vif_set_carrier(core_, vif_[0x48], false);
	EXPECT_EQ(copies(), 1);
	EXPECT_EQ(outcome(rx(vif_[0x49], frame, true)), "rewrite");

	// It comes back and does not take over again.
	eipoib_vif_set_carrier(core_, vif_[0x48], true);
	EXPECT_EQ(outcome(rx(vif_[0x49], frame, true)), "rewrite");
	EXPECT_EQ(copies(), 1);

	// No VIF has carrier: nothing is designated.
	eipoib_vif_set_carrier(core_, vif_[0x48], false);
	eipoib_vif_set_carrier(core_, vif_[0x49], false);
	EXPECT_EQ(copies(), 0);
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
