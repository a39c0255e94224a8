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

TEST_F(PeerTest, a_peer_is_learnt_from_arp)
{
	EXPECT_EQ(address_of("020000500002"), "tx_peer_miss");
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

// Another host now has the LID (and by chance the QPN): frames go to it, not to the old one.
TEST_F(PeerTest, a_reused_lid_belongs_to_its_new_owner)
{
	teach(0x50, 0xa, 2);
	teach(0x50, 0xb, 2);
	EXPECT_EQ(address_of("020000500002"), "80000050" + gid(0xb));

	// The old owner shows up elsewhere.
	teach(0x50, 0xa, 3);
	EXPECT_EQ(address_of("020000500003"), "80000050" + gid(0xa));
	EXPECT_EQ(address_of("020000500002"), "80000050" + gid(0xb));
}

TEST_F(PeerTest, former_owners_of_a_lid_take_no_room)
{
	for (u64 guid = 1; guid < 100; guid++) {
		teach(0x50, guid, 2);
		EXPECT_EQ(address_of("020000500002"), "80000050" + gid(guid));
	}
}

TEST_F(PeerTest, two_hosts_exchange_their_lids)
{
	teach(0x50, 0xa, 2);
	teach(0x50, 0xb, 3);
	teach(0x50, 0xa, 3);
	teach(0x50, 0xb, 2);
	EXPECT_EQ(address_of("020000500003"), "80000050" + gid(0xa));
	EXPECT_EQ(address_of("020000500002"), "80000050" + gid(0xb));
}

TEST_F(PeerTest, the_table_is_bounded)
{
	for (u16 lid = 1; lid <= 4; lid++)
		teach(0x50, lid, lid);
	drain_deferred();
	const size_t full = live_allocations();
	for (u16 lid = 5; lid < 100; lid++) {
		// Delivered all the same, under the REMAC that needs no memory.
		EXPECT_EQ(teach(0x50, lid, lid), "rewrite");
		EXPECT_EQ(source_of(0x50, lid), "02000050" + hex(lid, 4));
	}
	EXPECT_EQ(live_allocations(), full);
	EXPECT_EQ(address_of("020000500004"), "80000050" + gid(4));
	EXPECT_EQ(address_of("020000500005"), "tx_peer_miss");

	// A known peer may still move.
	teach(0x50, 4, 9);
	EXPECT_EQ(address_of("020000500009"), "80000050" + gid(4));
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
	eipoib_vif *other = add_bound(0x49, "0002c9433bf1", 3, 0x8003);
	teach(0x50, 0xa, 2);
	EXPECT_EQ(outcome(tx(from_hex("020000500002 0002c9433bf1 0800 4500001400000000 40010000"
				      "0a000001 0a000002"),
			     3)),
		  "tx_peer_miss");
	(void)other;
}

TEST_F(PeerTest, without_memory_the_frame_is_delivered_and_nothing_is_learnt)
{
	for (size_t successes = 0; successes < 2; successes++) {
		fail_allocation_after(successes);
		EXPECT_EQ(teach(0x50, 0xa, 2), "rewrite");
		never_fail_allocation();
		EXPECT_EQ(address_of("020000500002"), "tx_peer_miss");
	}
	teach(0x50, 0xa, 2);
	EXPECT_EQ(address_of("020000500002"), "80000050" + gid(0xa));
}

} // namespace
} // namespace unit
