// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What the core remembers of peers: LIDs that change hands, limits, memory.

#include "fixture.hpp"

namespace unit {
namespace {

class PeerTest : public CoreTest {
protected:
	void SetUp() override
	{
		max_peers_ = 4;
		CoreTest::SetUp();
		vif_ = add_bound(0x48, "0002c9433bf1");
	}

	static std::string hex(u64 value, int digits)
	{
		char text[20];
		snprintf(text, sizeof(text), "%0*llx", digits,
			 static_cast<unsigned long long>(value));
		return text;
	}

	static std::string gid(u64 guid)
	{
		return "fe80000000000000" + hex(guid, 16);
	}

	// A broadcast ARP from (@qpn, @guid) at @lid.
	std::string teach(u32 qpn, u64 guid, u16 lid, const char *flags = "80")
	{
		return outcome(
			rx(vif_,
			   from_hex("01" + hex(qpn, 6) + gid(guid) + "0806" + hex(lid, 4) +
				    "0020 0800 14 04 0001" + flags + hex(qpn, 6) + gid(guid) +
				    "0a000002" + std::string(40, '0') + "0a000001"),
			   true));
	}

	// The 20-byte address that a frame to @mac leaves for, or why it does not leave.
	std::string address_of(const std::string &mac)
	{
		const auto plan = tx(from_hex(mac + "0002c9433bf1 0800 4500001400000000 40010000"
						    "0a000001 0a000002"));
		if (plan.verdict == EIPOIB_HOLD)
			eipoib_tx_released(core_, plan.held);
		if (plan.flags & EIPOIB_PLAN_TEB)
			return "flooded";
		return plan.verdict == EIPOIB_FORWARD ? to_hex(plan.header, 20) : outcome(plan);
	}

	// The source MAC that a unicast frame from (@qpn, @lid) enters ethX with.
	std::string source_of(u32 qpn, u16 lid)
	{
		const auto plan = rx(vif_, from_hex("00" + hex(qpn, 6) + std::string(32, '0') +
						    "0800" + hex(lid, 4) +
						    "4500001400000000 40010000 0a000002 0a000001"));
		return plan.verdict == EIPOIB_FORWARD ? to_hex(plan.header + 6, 6) : outcome(plan);
	}

	eipoib_vif *vif_ = nullptr;
};

TEST_F(PeerTest, are_counted)
{
	EXPECT_EQ(eipoib_core_count_peers(core_), 0u);
	for (u16 i = 1; i <= 6; i++) {
		teach(0x50u + i, 0xau + i, i);
		EXPECT_EQ(eipoib_core_count_peers(core_), std::min<u32>(i, max_peers_));
	}
}

TEST_F(PeerTest, a_peer_is_learnt_from_arp)
{
	EXPECT_EQ(address_of("020000500002"), "flooded");
	EXPECT_EQ(teach(0x50, 0xa, 2), "rewrite");
	EXPECT_EQ(address_of("020000500002"), "80000050" + gid(0xa));
	EXPECT_EQ(source_of(0x50, 2), "020000500002");
}

TEST_F(PeerTest, a_peer_is_learnt_from_the_grh_of_a_group_frame)
{
	const std::string frame =
		"01 000050" + gid(0xa) + "0800 0002 4500001400000000 40010000 0a000002 0affffff";
	EXPECT_EQ(outcome(rx(vif_, from_hex(frame), true)), "forward");
	EXPECT_EQ(address_of("020000500002"), "00000050" + gid(0xa));

	// ARP tells the flags as well; the next group frame does not take them back.
	teach(0x50, 0xa, 2);
	EXPECT_EQ(address_of("020000500002"), "80000050" + gid(0xa));
	EXPECT_EQ(outcome(rx(vif_, from_hex(frame), true)), "forward");
	EXPECT_EQ(address_of("020000500002"), "80000050" + gid(0xa));
}

TEST_F(PeerTest, learning_what_is_known_costs_no_memory)
{
	teach(0x50, 0xa, 2);
	drain_deferred();
	const size_t before = live_allocations();
	for (int i = 0; i < 100; i++)
		teach(0x50, 0xa, 2);
	EXPECT_EQ(live_allocations(), before);
	EXPECT_EQ(drain_deferred(), 0u);
}

// Guests that know a peer under its old REMAC still reach it after its LID changed.
TEST_F(PeerTest, a_changed_lid_keeps_the_old_remac_alive)
{
	teach(0x50, 0xa, 2);
	teach(0x50, 0xa, 7);
	EXPECT_EQ(address_of("020000500002"), "80000050" + gid(0xa));
	EXPECT_EQ(address_of("020000500007"), "80000050" + gid(0xa));
	EXPECT_EQ(source_of(0x50, 7), "020000500007");
}

// Another host now has the LID and by chance the QPN: it gets another REMAC, and neither is reached
// under that of the other.
TEST_F(PeerTest, a_reused_lid_makes_another_remac)
{
	teach(0x50, 0xa, 2);
	teach(0x50, 0xb, 2);
	EXPECT_EQ(source_of(0x50, 2), "060000500002");
	EXPECT_EQ(address_of("060000500002"), "80000050" + gid(0xb));
	EXPECT_EQ(address_of("020000500002"), "80000050" + gid(0xa));

	// The old owner shows up elsewhere.
	teach(0x50, 0xa, 3);
	EXPECT_EQ(source_of(0x50, 3), "020000500003");
	EXPECT_EQ(address_of("020000500003"), "80000050" + gid(0xa));
	EXPECT_EQ(address_of("020000500002"), "80000050" + gid(0xa));
	EXPECT_EQ(address_of("060000500002"), "80000050" + gid(0xb));
}

// There are four REMACs for a queue pair number and an LID: the newest owner always has one.
TEST_F(PeerTest, the_newest_owner_of_a_lid_is_reached_under_the_mac_it_is_shown_under)
{
	for (u64 guid = 1; guid < 100; guid++) {
		teach(0x50, guid, 2);
		EXPECT_EQ(address_of(source_of(0x50, 2)), "80000050" + gid(guid));
	}
}

TEST_F(PeerTest, two_hosts_exchange_their_lids)
{
	teach(0x50, 0xa, 2);
	teach(0x50, 0xb, 3);
	teach(0x50, 0xa, 3);
	teach(0x50, 0xb, 2);
	EXPECT_EQ(address_of("020000500002"), "80000050" + gid(0xa)); // as guests know it
	EXPECT_EQ(address_of("020000500003"), "80000050" + gid(0xb));
	EXPECT_EQ(source_of(0x50, 3), "060000500003");
	EXPECT_EQ(source_of(0x50, 2), "060000500002");
	EXPECT_EQ(address_of("060000500003"), "80000050" + gid(0xa));
	EXPECT_EQ(address_of("060000500002"), "80000050" + gid(0xb));
}

// Of too many the one that was idle for longest goes, and is counted.
TEST_F(PeerTest, the_table_is_bounded)
{
	for (u16 lid = 1; lid <= 4; lid++) {
		teach(0x50, lid, lid);
		advance_clock(10);
	}
	drain_deferred();
	const size_t full = live_allocations();
	EXPECT_EQ(address_of("020000500001"), "80000050" + gid(1)); // counts as use
	for (u16 lid = 5; lid < 100; lid++) {
		advance_clock(10);
		EXPECT_EQ(source_of(0x50, 1), "020000500001"); // so does this
		advance_clock(10);
		EXPECT_EQ(teach(0x50, lid, lid), "rewrite");
		EXPECT_EQ(source_of(0x50, lid), "02000050" + hex(lid, 4));
	}
	EXPECT_EQ(notes(EIPOIB_NOTE_PEER_EVICTED), 95u);
	for (u16 lid : {u16{1}, u16{97}, u16{98}, u16{99}})
		EXPECT_EQ(address_of("02000050" + hex(lid, 4)), "80000050" + gid(lid));
	// The ways that their frames went are remembered for a while.
	advance_clock(20'000);
	for (int i = 0; i < 60; i++)
		eipoib_core_tick(core_);
	drain_deferred();
	EXPECT_EQ(live_allocations(), full);
	EXPECT_EQ(address_of("020000500060"), "flooded");

	// A known peer may move.
	teach(0x50, 98, 9);
	EXPECT_EQ(address_of("020000500009"), "80000050" + gid(98));
	EXPECT_EQ(notes(EIPOIB_NOTE_PEER_EVICTED), 95u);
}

// A peer whose LID changes for ever does not fill the memory with its old REMACs.
TEST_F(PeerTest, old_remacs_are_bounded)
{
	for (u16 lid = 1; lid < 1000; lid++)
		teach(0x50, 0xa, lid);
	drain_deferred();
	EXPECT_LT(live_allocations(), 40u);
}

TEST_F(PeerTest, partitions_do_not_mix)
{
	add_bound(0x49, "0002c9433bf1", 3, 0x8003);
	teach(0x50, 0xa, 2);
	const auto plan = tx(from_hex("020000500002 0002c9433bf1 0800 4500001400000000 40010000"
				      "0a000001 0a000002"),
			     {.tci = 3});
	EXPECT_EQ(plan.flags, EIPOIB_PLAN_TEB | EIPOIB_PLAN_FLOOD);
}

TEST_F(PeerTest, without_memory_the_frame_is_delivered_and_nothing_is_learnt)
{
	fail_allocation_after(0);
	EXPECT_EQ(teach(0x50, 0xa, 2), "rewrite");
	EXPECT_EQ(address_of("020000500002"), "flooded");
	never_fail_allocation();
	EXPECT_EQ(address_of("020000500002"), "flooded");
	teach(0x50, 0xa, 2);
	EXPECT_EQ(address_of("020000500002"), "80000050" + gid(0xa));
}

} // namespace
} // namespace unit
