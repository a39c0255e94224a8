// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What goes wrong on a link: as often as asked for, and the same again with the same seed. What a
// test does behind a subnet manager's back.

#include "fixture.hpp"

namespace unit {
namespace {

class FaultTest : public FabricTest {
protected:
	void SetUp() override
	{
		make(3);
		bring_up();
	}

	vib_fate fate(u32 hca = 1, u32 direction = VIB_INBOUND)
	{
		vib_fate fate;
		vib_link_fate(fabric(), hca, direction, wire_.data(),
			      static_cast<u32>(wire_.size()), &fate);
		return fate;
	}

	void set(vib_fault fault, u32 value)
	{
		vib_fault_set(fabric(), 1, VIB_INBOUND, fault, value);
	}

	u64 count(vib_fault fault)
	{
		return vib_fault_count(fabric(), 1, VIB_INBOUND, fault);
	}

	// Which of @packets get lost, as bits.
	std::vector<bool> losses(u64 seed, std::size_t packets = 1000)
	{
		std::vector<bool> lost;
		vib_fault_seed(fabric(), 1, VIB_INBOUND, seed);
		while (lost.size() < packets)
			lost.push_back(!fate().copies);
		return lost;
	}

	static bool is_unharmed(const vib_fate &fate)
	{
		return fate.copies == 1 && !fate.delay && !fate.is_damaged;
	}

	// From HCA 0 to HCA 1.
	Bytes wire_ = {0, 2,	0, 2, 0, 10, 0, 1, 0x64, 0x30, 0xff, 0xff, 0, 0,
		       0, 0x49, 0, 0, 0, 0,  0, 0, 0x0b, 0x1b, 0,    0,	   0, 0x48,
		       0, 0,	0, 0, 0, 0,  0, 0, 0,	 0,    0,    0};
};

TEST_F(FaultTest, NothingUnlessAskedFor)
{
	for (int i = 0; i < 1000; i++)
		ASSERT_TRUE(is_unharmed(fate()));
	for (u32 fault = 0; fault < VIB_FAULT_COUNT; fault++)
		EXPECT_EQ(vib_fault_count(fabric(), 1, VIB_INBOUND, fault), 0u);
}

TEST_F(FaultTest, AsOftenAsAskedFor)
{
	constexpr int packets = 100000;
	set(VIB_FAULT_LOSS, 100000);
	set(VIB_FAULT_DUPLICATE, 50000);
	set(VIB_FAULT_CORRUPT, 20000);
	set(VIB_FAULT_REORDER, 10000);
	int lost = 0, twice = 0, damaged = 0, late = 0;
	for (int i = 0; i < packets; i++) {
		const vib_fate f = fate();
		lost += f.copies == 0;
		twice += f.copies == 2;
		damaged += f.is_damaged;
		late += f.delay == VIB_REORDER_NS;
	}
	EXPECT_NEAR(lost, 10000, 500);
	EXPECT_NEAR(twice, 4500, 300);
	EXPECT_NEAR(damaged, 1800, 200);
	EXPECT_NEAR(late, 900, 150);
	EXPECT_EQ(count(VIB_FAULT_LOSS), static_cast<u64>(lost));
	EXPECT_EQ(count(VIB_FAULT_DUPLICATE), static_cast<u64>(twice));
	EXPECT_EQ(count(VIB_FAULT_CORRUPT), static_cast<u64>(damaged));
	EXPECT_EQ(count(VIB_FAULT_REORDER), static_cast<u64>(late));
}

TEST_F(FaultTest, AllAndNone)
{
	set(VIB_FAULT_LOSS, VIB_FAULT_SCALE);
	for (int i = 0; i < 1000; i++)
		ASSERT_EQ(fate().copies, 0);
	set(VIB_FAULT_LOSS, 0);
	ASSERT_TRUE(is_unharmed(fate()));
	EXPECT_EQ(vib_fault_get(fabric(), 1, VIB_INBOUND, VIB_FAULT_LOSS), 0u);
}

TEST_F(FaultTest, TheSameAgainWithTheSameSeed)
{
	set(VIB_FAULT_LOSS, 200000);
	const auto one = losses(1);
	EXPECT_EQ(losses(1), one);
	EXPECT_NE(losses(2), one);
	set(VIB_FAULT_DUPLICATE, 500000);
	set(VIB_FAULT_CORRUPT, 500000);
	set(VIB_FAULT_REORDER, 500000);
	set(VIB_FAULT_DELAY, 7);
	EXPECT_EQ(losses(1), one) << "other faults have other dice";
}

TEST_F(FaultTest, LinksAndDirectionsOfTheirOwn)
{
	set(VIB_FAULT_LOSS, VIB_FAULT_SCALE);
	EXPECT_EQ(fate(1, VIB_INBOUND).copies, 0);
	EXPECT_EQ(fate(1, VIB_OUTBOUND).copies, 1);
	EXPECT_EQ(fate(2, VIB_INBOUND).copies, 1);
}

TEST_F(FaultTest, WhatAnHcaSendsToItselfIsOnNoLink)
{
	vib_fault_set(fabric(), 1, VIB_OUTBOUND, VIB_FAULT_LOSS, VIB_FAULT_SCALE);
	EXPECT_EQ(fate(1, VIB_OUTBOUND).copies, 1);
	wire_[3] = 1;
	EXPECT_EQ(fate(1, VIB_OUTBOUND).copies, 0);
}

TEST_F(FaultTest, Delay)
{
	set(VIB_FAULT_DELAY, 1500);
	EXPECT_EQ(fate().delay, 1500000u);
	set(VIB_FAULT_REORDER, VIB_FAULT_SCALE);
	EXPECT_EQ(fate().delay, 1500000u + VIB_REORDER_NS);
	EXPECT_EQ(count(VIB_FAULT_DELAY), 2u);
}

TEST_F(FaultTest, DamageIsSeen)
{
	const u32 size = static_cast<u32>(wire_.size());
	set(VIB_FAULT_CORRUPT, VIB_FAULT_SCALE);
	u32 lowest = size * 8, highest = 0;
	for (int i = 0; i < 5000; i++) {
		const vib_fate f = fate();
		ASSERT_TRUE(f.is_damaged);
		ASSERT_LT(f.flip, (size + VIB_VCRC_LEN) * 8);
		lowest = std::min(lowest, f.flip);
		highest = std::max(highest, f.flip);
		Bytes copy = wire_;
		copy.resize(size + VIB_VCRC_LEN);
		vib_damage(copy.data(), size, f.flip);
		ASSERT_FALSE(vib_is_intact(copy.data(), size + VIB_VCRC_LEN)) << f.flip;
	}
	EXPECT_EQ(lowest, 0u);
	EXPECT_EQ(highest, (size + VIB_VCRC_LEN) * 8 - 1);
}

TEST_F(FaultTest, AnotherLid)
{
	vib_effects effects;
	ASSERT_TRUE(vib_assign_lid(fabric(), 1, 77, &effects));
	EXPECT_EQ(effects.events, VIB_EVENT_LID_CHANGE);
	EXPECT_EQ(effects.hca, 1u);
	EXPECT_TRUE(effects.trap) << "the subnet manager looks at the fabric";
	EXPECT_EQ(hca_info(1).lid.get(), 77);

	Bytes wire = wire_;
	EXPECT_EQ(forward(0, wire).drop, VIB_DROP_TX_NO_ROUTE) << "the old one";
	wire[3] = 77;
	EXPECT_EQ(forward(0, wire).hcas, 1u << 1);
	vib_rx rx;
	EXPECT_EQ(vib_port_receive(fabric(), 1, wire.data(), static_cast<u32>(wire.size()), &rx),
		  VIB_ACCEPT);

	for (u16 lid : {u16{0}, lid_of(0), SWITCH_LID, u16{0xc000}, PERMISSIVE}) {
		EXPECT_FALSE(vib_assign_lid(fabric(), 1, lid, &effects)) << lid;
		EXPECT_EQ(effects.events, 0u);
	}
}

TEST_F(FaultTest, PKeyThatGoes)
{
	vib_effects effects;
	u16 pkey;
	set_pkey(1, 3, 0x8003);
	ASSERT_TRUE(vib_remove_pkey(fabric(), 1, 0x8003, &effects));
	EXPECT_EQ(effects.events, VIB_EVENT_PKEY_CHANGE);
	EXPECT_EQ(effects.hca, 1u);
	ASSERT_TRUE(vib_port_pkey(fabric(), 1, 3, &pkey));
	EXPECT_EQ(pkey, 0);
	EXPECT_FALSE(vib_remove_pkey(fabric(), 1, 0x8003, &effects));
	EXPECT_FALSE(vib_remove_pkey(fabric(), 1, 0, &effects)) << "that is none";
	EXPECT_EQ(effects.events, 0u);
}

TEST_F(FaultTest, AnotherHcaInItsPlace)
{
	vib_effects effects;
	set_pkey(1, 3, 0x8003);
	vib_count_drop(fabric(), 1, VIB_DROP_RX_NO_WQE);
	const u64 guid = hca_info(1).gid_prefix.get();
	vib_link_plug(fabric(), 1, false, &effects);
	vib_hca_replace(fabric(), 1);
	vib_link_plug(fabric(), 1, true, &effects);

	vib_port_attr attr;
	vib_port_query(fabric(), 1, &attr);
	EXPECT_EQ(attr.lid, 0);
	EXPECT_EQ(attr.state, vib::STATE_INIT);
	EXPECT_EQ(attr.max_mtu, 4);
	EXPECT_EQ(attr.subnet_prefix, guid);
	EXPECT_EQ(drops(1, VIB_DROP_RX_NO_WQE), 0u);
	u16 pkey;
	ASSERT_TRUE(vib_port_pkey(fabric(), 1, 3, &pkey));
	EXPECT_EQ(pkey, 0);
	u8 gid[VIB_GID_LEN];
	ASSERT_TRUE(vib_port_gid(fabric(), 1, 0, gid));
	EXPECT_EQ(to_hex(gid, 16), "fe800000000000000002c90300433c01");
}

} // namespace
} // namespace unit
