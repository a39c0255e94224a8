// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Binding VIFs: what is refused, why, and that a refusal changes nothing.

#include "fixture.hpp"

#include <cerrno>

namespace unit {
namespace {

constexpr const char *mac_a = "0002c9433bf1";
constexpr const char *mac_b = "52540067e9bd";

class VifTest : public CoreTest {
protected:
	eipoib_vif_info info(const eipoib_vif *vif)
	{
		eipoib_vif_info info = {};
		eipoib_vif_get_info(vif, &info);
		return info;
	}

	void expect_bound(const eipoib_vif *vif, const char *mac, u32 vlan)
	{
		const eipoib_vif_info got = info(vif);
		ASSERT_TRUE(got.is_bound);
		EXPECT_EQ(to_hex(got.binding.mac, 6), mac);
		EXPECT_EQ(got.binding.vlan, vlan);
	}

	void expect_refused(eipoib_vif *vif, const char *mac, u32 vlan, const char *word)
	{
		why_ = nullptr;
		EXPECT_EQ(bind(vif, mac, vlan), -EINVAL);
		ASSERT_NE(why_, nullptr);
		EXPECT_NE(std::string(why_).find(word), std::string::npos) << why_;
	}

	// The queue pair of the VIF that sends for @mac, or the reason why none does.
	std::string sender(const char *mac, u32 tci = EIPOIB_TCI_NONE)
	{
		const auto plan = tx(from_hex(std::string("ffffffffffff") + mac +
					      "0800 4500001400000000 40010000 0a000001 ffffffff"),
				     {.tci = tci});
		if (plan.verdict == EIPOIB_DROP)
			return outcome(plan);
		return std::to_string(reinterpret_cast<uintptr_t>(plan.dev));
	}
};

TEST_F(VifTest, a_new_vif_is_not_bound)
{
	eipoib_vif *vif = add_vif(72);
	EXPECT_FALSE(info(vif).is_bound);
	EXPECT_EQ(info(vif).qpn, 72u);
	EXPECT_EQ(info(vif).binding.vlan, EIPOIB_VLAN_NONE);
	EXPECT_EQ(sender(mac_a), "tx_vif_miss");
}

TEST_F(VifTest, binding_and_rebinding)
{
	eipoib_vif *vif = add_bound(72, mac_a);
	expect_bound(vif, mac_a, EIPOIB_VLAN_NONE);
	EXPECT_EQ(sender(mac_a), "72");

	EXPECT_EQ(bind(vif, mac_a), 0); // what it has already
	EXPECT_EQ(sender(mac_a), "72");

	EXPECT_EQ(bind(vif, mac_b), 0);
	expect_bound(vif, mac_b, EIPOIB_VLAN_NONE);
	EXPECT_EQ(sender(mac_a), "tx_vif_miss");
	EXPECT_EQ(sender(mac_b), "72");

	// Alone on its P_Key, it may move to another VLAN.
	EXPECT_EQ(bind(vif, mac_b, 7), 0);
	EXPECT_EQ(sender(mac_b), "tx_vif_miss");
	EXPECT_EQ(sender(mac_b, 7), "72");
}

TEST_F(VifTest, bad_macs_are_refused)
{
	eipoib_vif *vif = add_bound(72, mac_a);
	expect_refused(vif, "000000000000", EIPOIB_VLAN_NONE, "MAC");
	expect_refused(vif, "ffffffffffff", EIPOIB_VLAN_NONE, "MAC");
	expect_refused(vif, "01005e000001", EIPOIB_VLAN_NONE, "MAC");
	expect_bound(vif, mac_a, EIPOIB_VLAN_NONE);
	EXPECT_EQ(sender(mac_a), "72");
}

TEST_F(VifTest, bad_vlans_are_refused)
{
	eipoib_vif *vif = add_bound(72, mac_a);
	for (u32 vlan : {0u, 4095u, 4097u, 65536u, 65539u, 0xffffffffu})
		expect_refused(vif, mac_a, vlan, "VLAN");
	expect_bound(vif, mac_a, EIPOIB_VLAN_NONE);
	EXPECT_EQ(bind(vif, mac_a, 1), 0);
	EXPECT_EQ(bind(vif, mac_a, 4094), 0);
}

TEST_F(VifTest, a_mac_and_vlan_belong_to_one_vif)
{
	add_bound(72, mac_a);
	eipoib_vif *second = add_bound(73, mac_b);
	expect_refused(second, mac_a, EIPOIB_VLAN_NONE, "Another VIF");
	expect_bound(second, mac_b, EIPOIB_VLAN_NONE);
	EXPECT_EQ(sender(mac_a), "72");
	EXPECT_EQ(sender(mac_b), "73");

	// The same MAC on another VLAN is another VIF's.
	add_bound(74, mac_a, 3, 0x8003);
	EXPECT_EQ(sender(mac_a, 3), "74");
	EXPECT_EQ(sender(mac_a), "72");
}

TEST_F(VifTest, a_p_key_carries_one_vlan)
{
	add_bound(72, mac_a, 3, 0x8003);
	eipoib_vif *second = add_vif(73, 0x8003);
	expect_refused(second, mac_b, 4, "P_Key");
	expect_refused(second, mac_b, EIPOIB_VLAN_NONE, "P_Key");
	EXPECT_FALSE(info(second).is_bound);
	EXPECT_EQ(bind(second, mac_b, 3), 0);
}

TEST_F(VifTest, the_membership_bit_makes_no_other_partition)
{
	add_bound(72, mac_a, 3, 0x8003);
	eipoib_vif *limited = add_vif(73, 0x0003);
	expect_refused(limited, mac_b, 4, "P_Key");
	EXPECT_EQ(bind(limited, mac_b, 3), 0);
}

TEST_F(VifTest, a_vlan_is_carried_by_one_p_key)
{
	add_bound(72, mac_a, 3, 0x8003);
	eipoib_vif *second = add_vif(73, 0x8004);
	expect_refused(second, mac_b, 3, "VLAN");
	EXPECT_EQ(bind(second, mac_b, 4), 0);
	add_bound(74, mac_a);
	eipoib_vif *untagged = add_vif(75, 0x8005);
	expect_refused(untagged, mac_b, EIPOIB_VLAN_NONE, "VLAN");
}

TEST_F(VifTest, with_company_on_its_p_key_a_vif_cannot_move)
{
	eipoib_vif *first = add_bound(72, mac_a, 3, 0x8003);
	add_bound(73, mac_b, 3, 0x8003);
	expect_refused(first, mac_a, 4, "P_Key");
	expect_bound(first, mac_a, 3);
	EXPECT_EQ(sender(mac_a, 3), "72");
}

TEST_F(VifTest, a_destroyed_vif_frees_what_it_had)
{
	eipoib_vif *vif = add_bound(72, mac_a, 3, 0x8003);
	eipoib_vif_destroy(core_, vif);
	vifs_.clear();
	EXPECT_EQ(sender(mac_a, 3), "tx_vif_miss");
	EXPECT_EQ(drain_deferred(), 3u); // VIF, binding, partition
	add_bound(73, mac_a, 3, 0x8004);
	EXPECT_EQ(sender(mac_a, 3), "73");
}

TEST_F(VifTest, a_changed_address_is_used_and_a_failed_change_is_not)
{
	eipoib_vif *vif = add_bound(72, mac_a);
	Bytes address = from_hex("80000048 fe80000000000000 0002c90300430000");
	ASSERT_EQ(eipoib_vif_set_address(core_, vif, address.data()), 0);
	const Bytes request = from_hex("ffffffffffff 0002c9433bf1 0806 0001 0800 06 04 0001"
				       "0002c9433bf1 0a000001 000000000000 0a000002");
	auto plan = tx(request);
	ASSERT_EQ(outcome(plan), "rewrite");
	EXPECT_EQ(to_hex(plan.payload.data() + 8, 20), to_hex(address.data(), 20));

	const Bytes other = from_hex("80000048 fe80000000000000 0002c9030043ffff");
	fail_allocation_after(0);
	EXPECT_EQ(eipoib_vif_set_address(core_, vif, other.data()), -ENOMEM);
	never_fail_allocation();
	plan = tx(request);
	EXPECT_EQ(to_hex(plan.payload.data() + 8, 20), to_hex(address.data(), 20));

	// Nor by the next binding.
	ASSERT_EQ(bind(vif, mac_a), 0);
	plan = tx(request);
	EXPECT_EQ(to_hex(plan.payload.data() + 8, 20), to_hex(address.data(), 20));
}

// Every allocation of a bind fails once; each time nothing has changed, and the next try works.
TEST_F(VifTest, a_bind_without_memory_changes_nothing)
{
	eipoib_vif *vif = add_bound(72, mac_a);
	size_t successes = 0;
	for (;; successes++) {
		fail_allocation_after(successes);
		const int error = bind(vif, mac_b, 9);
		never_fail_allocation();
		if (!error)
			break;
		EXPECT_EQ(error, -ENOMEM);
		expect_bound(vif, mac_a, EIPOIB_VLAN_NONE);
		EXPECT_EQ(sender(mac_a), "72");
		EXPECT_EQ(sender(mac_b, 9), "tx_vif_miss");
	}
	EXPECT_EQ(successes, 3u); // partition, its groups, binding
	expect_bound(vif, mac_b, 9);
}

// The PIF's own MAC changes.
class MoveTest : public VifTest {
protected:
	void SetUp() override
	{
		VifTest::SetUp();
		untagged_ = add_bound(72, mac_a);
		tagged_ = add_bound(73, mac_a, 3, 0x8003);
		other_ = add_bound(74, mac_b);
	}

	int move(const char *from, const char *to)
	{
		why_ = nullptr;
		const int checked = eipoib_core_check_move(core_, from_hex(from).data(),
							   from_hex(to).data(), &why_);
		const char *first = why_;
		const int moved =
			eipoib_core_move(core_, from_hex(from).data(), from_hex(to).data(), &why_);
		EXPECT_TRUE(moved == checked || moved == -ENOMEM);
		EXPECT_TRUE(why_ == first || moved == -ENOMEM);
		return moved;
	}

	// They have @mac, and what is not theirs is as it was.
	void expect_own(const char *mac)
	{
		expect_bound(untagged_, mac, EIPOIB_VLAN_NONE);
		expect_bound(tagged_, mac, 3);
		expect_bound(other_, mac_b, EIPOIB_VLAN_NONE);
		EXPECT_EQ(sender(mac), "72");
		EXPECT_EQ(sender(mac, 3), "73");
		EXPECT_EQ(sender(mac_b), "74");
	}

	static constexpr const char *mac_c = "020000000077";

	eipoib_vif *untagged_ = nullptr;
	eipoib_vif *tagged_ = nullptr;
	eipoib_vif *other_ = nullptr;
};

TEST_F(MoveTest, all_vifs_of_the_mac_follow)
{
	const auto before = info(tagged_).binding.flags;
	EXPECT_EQ(move(mac_a, mac_c), 0);
	expect_own(mac_c);
	EXPECT_EQ(sender(mac_a), "tx_vif_miss");
	EXPECT_EQ(sender(mac_a, 3), "tx_vif_miss");
	EXPECT_EQ(info(tagged_).binding.flags, before);
	EXPECT_EQ(move(mac_c, mac_c), 0);
	EXPECT_EQ(move(mac_c, mac_a), 0);
	expect_own(mac_a);
}

TEST_F(MoveTest, sticky_vifs_stay_sticky)
{
	ASSERT_EQ(bind(untagged_, mac_a, EIPOIB_VLAN_NONE, EIPOIB_VIF_STICKY), 0);
	EXPECT_EQ(move(mac_a, mac_c), 0);
	EXPECT_EQ(info(untagged_).binding.flags, EIPOIB_VIF_STICKY);
	EXPECT_EQ(info(tagged_).binding.flags, 0);
}

TEST_F(MoveTest, none_follows_if_one_cannot)
{
	// Wherever the one that cannot stands in the list.
	EXPECT_EQ(move(mac_a, mac_b), -EINVAL);
	ASSERT_NE(why_, nullptr);
	EXPECT_NE(std::string(why_).find("Another VIF"), std::string::npos) << why_;
	expect_own(mac_a);
	ASSERT_EQ(bind(other_, mac_b), 0);
	eipoib_vif *tagged = add_bound(75, mac_c, 3, 0x8003);
	EXPECT_EQ(move(mac_a, mac_c), -EINVAL);
	expect_own(mac_a);
	expect_bound(tagged, mac_c, 3);
}

TEST_F(MoveTest, a_mac_that_is_none_is_refused)
{
	EXPECT_EQ(move(mac_a, "000000000000"), -EINVAL);
	EXPECT_EQ(move(mac_a, "01005e000001"), -EINVAL);
	EXPECT_EQ(move("020000000099", "ffffffffffff"), -EINVAL);
	expect_own(mac_a);
}

TEST_F(MoveTest, without_vifs_there_is_nothing_to_refuse)
{
	EXPECT_EQ(move("020000000099", mac_a), 0);
	expect_own(mac_a);
}

TEST_F(MoveTest, a_vif_for_any_mac_stays)
{
	eipoib_vif *any = add_bound(75, "any");
	EXPECT_EQ(move(mac_a, mac_c), 0);
	EXPECT_EQ(info(any).binding.flags, EIPOIB_VIF_ANY);
	EXPECT_EQ(move("000000000000", mac_a), 0);
	EXPECT_EQ(info(any).binding.flags, EIPOIB_VIF_ANY);
	expect_own(mac_c);
}

TEST_F(MoveTest, without_memory_nothing_changes)
{
	size_t successes = 0;
	for (;; successes++) {
		fail_allocation_after(successes);
		const int error = move(mac_a, mac_c);
		never_fail_allocation();
		if (!error)
			break;
		EXPECT_EQ(error, -ENOMEM);
		expect_own(mac_a);
	}
	EXPECT_EQ(successes, 2u);
	expect_own(mac_c);
}

TEST_F(VifTest, whether_one_is_for_any_mac)
{
	EXPECT_FALSE(eipoib_core_has_any(core_));
	eipoib_vif *first = add_bound(72, "any");
	eipoib_vif *second = add_bound(73, "any", 3, 0x8003);
	EXPECT_TRUE(eipoib_core_has_any(core_));
	ASSERT_EQ(bind(first, "any"), 0);
	ASSERT_EQ(bind(second, mac_a, 3), 0);
	EXPECT_TRUE(eipoib_core_has_any(core_));
	eipoib_vif_unbind(core_, first);
	eipoib_vif_unbind(core_, first);
	EXPECT_FALSE(eipoib_core_has_any(core_));
}

TEST(Core, creation_without_memory_leaves_nothing)
{
	size_t successes = 0;
	for (;; successes++) {
		fail_allocation_after(successes);
		eipoib_core *core = eipoib_core_create(nullptr, 16);
		never_fail_allocation();
		if (core) {
			eipoib_core_destroy(core);
			break;
		}
		drain_deferred();
		EXPECT_EQ(live_allocations(), 0u);
	}
	EXPECT_GE(successes, 6u);
	EXPECT_EQ(live_allocations(), 0u);
}

TEST_F(VifTest, four_thousand_vifs)
{
	for (u32 i = 0; i < 4096; i++) {
		const u8 mac[6] = {0x52, 0x54, 0, 0, static_cast<u8>(i >> 8), static_cast<u8>(i)};
		add_bound(0x1000 + i, to_hex(mac, 6));
	}
	for (u32 i = 0; i < 4096; i++) {
		const u8 mac[6] = {0x52, 0x54, 0, 0, static_cast<u8>(i >> 8), static_cast<u8>(i)};
		EXPECT_EQ(sender(to_hex(mac, 6).c_str()), std::to_string(0x1000 + i));
	}
}

} // namespace
} // namespace unit
