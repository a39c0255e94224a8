// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What is made and removed, when, and what is left alone.
#include <algorithm>

#include "scene.hpp"

namespace eipoibd {
namespace {

class PlannerTest : public Scene {
protected:
	PlannerTest()
	{
		model_.erase_vlans({});
		change(br2, [](Link &link) { link.mac = pif_mac; });
		enslave(eth4, br2);
	}

	Planner make(Config config = {})
	{
		return Planner(std::move(config));
	}

	Ifindex ib0 = add_ib("ib0");
	Ifindex eth4 = add_pif("eth4", ib0);
	Ifindex br2 = add_bridge("br2");
	Ifindex vnet1 = add_port("vnet1", br2);
};

TEST_F(PlannerTest, a_pif_has_its_own_vif)
{
	Planner planner = make();
	EXPECT_EQ(settle(planner), Steps{"+ib0.1 eth4 00:02:c9:43:3b:f1"});
	EXPECT_EQ(settle(planner), Steps{});
}

TEST_F(PlannerTest, a_pif_that_is_down_has_it_too)
{
	change(eth4, [](Link &link) { link.is_up = false; });
	Planner planner = make();
	EXPECT_EQ(settle(planner), Steps{"+ib0.1 eth4 00:02:c9:43:3b:f1"});
}

TEST_F(PlannerTest, a_guest_comes_and_goes)
{
	Planner planner = make();
	settle(planner);
	learn(br2, vnet1, guest_mac(1));
	EXPECT_EQ(settle(planner), Steps{"+ib0.2 eth4 52:54:00:00:00:01"});

	model_.forget({br2, guest_mac(1), {}});
	EXPECT_EQ(settle(planner), Steps{});
	ASSERT_EQ(last_.deadline, now_ + 300s);
	now_ += 299s;
	EXPECT_EQ(settle(planner), Steps{});
	now_ += 1s;
	EXPECT_EQ(settle(planner), Steps{"-ib0.2"});
	EXPECT_EQ(last_.deadline, std::nullopt);
}

TEST_F(PlannerTest, one_that_comes_back_in_time_keeps_its_vif)
{
	Planner planner = make();
	learn(br2, vnet1, guest_mac(1));
	settle(planner);
	model_.forget({br2, guest_mac(1), {}});
	settle(planner);
	now_ += 250s;
	learn(br2, vnet1, guest_mac(1));
	settle(planner);
	model_.forget({br2, guest_mac(1), {}});
	settle(planner);
	now_ += 250s;
	EXPECT_EQ(settle(planner), Steps{});
}

TEST_F(PlannerTest, one_that_moves_to_another_port_keeps_it)
{
	const Ifindex vnet2 = add_port("vnet2", br2);
	Planner planner = make();
	learn(br2, vnet1, guest_mac(1));
	settle(planner);
	learn(br2, vnet2, guest_mac(1));
	EXPECT_EQ(settle(planner), Steps{});
	EXPECT_EQ(last_.deadline, std::nullopt);
}

TEST_F(PlannerTest, a_contested_vif_goes_at_once_when_nobody_is_here)
{
	Planner planner = make();
	learn(br2, vnet1, guest_mac(1));
	settle(planner);
	const Ifindex vif = model_.find("ib0.2")->index;
	change(vif, [](Link &link) { link.vif->is_contested = true; });
	EXPECT_EQ(settle(planner), Steps{}); // the bridge still knows the guest here
	learn(br2, eth4, guest_mac(1));
	EXPECT_EQ(settle(planner), Steps{"-ib0.2"});
}

TEST_F(PlannerTest, a_remote_station_gets_none)
{
	Planner planner = make();
	settle(planner);
	learn(br2, eth4, guest_mac(1));
	EXPECT_EQ(settle(planner), Steps{});
}

TEST_F(PlannerTest, a_vif_made_by_hand_is_left_alone)
{
	add_vif("mine", eth4, 7, guest_mac(1), 0, "");
	add_vif("idle", eth4, 8, guest_mac(2), 0, "");
	Planner planner = make();
	learn(br2, vnet1, guest_mac(1));
	EXPECT_EQ(settle(planner), Steps{"+ib0.1 eth4 00:02:c9:43:3b:f1"});
	now_ += 24h;
	EXPECT_EQ(settle(planner), Steps{});
}

TEST_F(PlannerTest, after_a_restart_vifs_stay)
{
	add_vif("ib0.1", eth4, 1, pif_mac);
	add_vif("ib0.2", eth4, 2, guest_mac(1));
	add_vif("ib0.3", eth4, 3, guest_mac(2));
	learn(br2, vnet1, guest_mac(1));
	Planner planner = make();
	EXPECT_EQ(settle(planner), Steps{});
	now_ += 300s;
	EXPECT_EQ(settle(planner), Steps{"-ib0.3"});
}

TEST_F(PlannerTest, what_was_left_half_made_is_removed)
{
	const Ifindex half = add_vif("ib0.9", eth4, 9, guest_mac(1));
	change(half, [](Link &link) { link.vif->mac.reset(); });
	Link loose;
	loose.name = "ib0.8";
	loose.kind = Kind::ipoib;
	loose.lower = ib0;
	loose.alias = "eipoibd, once";
	add(loose);
	Planner planner = make();
	EXPECT_EQ(settle(planner), (Steps{"+ib0.1 eth4 00:02:c9:43:3b:f1", "-ib0.8", "-ib0.9"}));
}

TEST_F(PlannerTest, numbers_and_names_are_free_ones)
{
	add_vif("ib0.1", eth4, 1, guest_mac(90), 0, "");
	add_vif("other", eth4, 2, guest_mac(91), 0, "");
	add_port("ib0.3", {}); // somebody's idea of a name
	Planner planner = make();
	EXPECT_EQ(settle(planner), Steps{"+ib0.4 eth4 00:02:c9:43:3b:f1"});
}

TEST_F(PlannerTest, an_index_that_is_taken_elsewhere_is_not_tried_again)
{
	Planner planner = make();
	Plan plan = planner.plan(model_, now_);
	ASSERT_EQ(plan.steps.size(), 1u);
	planner.set_taken(std::get<AddVif>(plan.steps[0]));
	EXPECT_EQ(settle(planner), Steps{"+ib0.2 eth4 00:02:c9:43:3b:f1"});
}

TEST_F(PlannerTest, a_port_has_no_more_than_it_may)
{
	Config config;
	config.max_per_port = 2;
	const Ifindex vnet2 = add_port("vnet2", br2);
	Planner planner = make(config);
	// Not in the order of their MACs: those that came first have them.
	for (int i = 9; i > 0; i--)
		learn(br2, vnet1, guest_mac(i));
	learn(br2, vnet2, guest_mac(100));
	EXPECT_EQ(settle(planner),
		  (Steps{"+ib0.1 eth4 00:02:c9:43:3b:f1", "+ib0.2 eth4 52:54:00:00:00:08",
			 "+ib0.3 eth4 52:54:00:00:00:09", "+ib0.4 eth4 52:54:00:00:00:64"}));
	EXPECT_EQ(last_.capped, (std::set<Capped>{{vnet1, eth4}}));

	// Those that have one keep it, whoever else comes.
	model_.forget({br2, guest_mac(9), {}});
	settle(planner);
	now_ += 300s;
	EXPECT_EQ(settle(planner), Steps{"-ib0.3"});
}

TEST_F(PlannerTest, what_failed_is_tried_later_and_later)
{
	Planner planner = make();
	const Binding own{eth4, pif_mac, {}};
	planner.plan(model_, now_);
	auto length = 250ms;
	for (int i = 0; i < 12; i++) {
		planner.put_off(own, Obstacle::failure, now_);
		Plan plan = planner.plan(model_, now_);
		EXPECT_TRUE(plan.steps.empty());
		EXPECT_EQ(plan.deadline, now_ + length);
		now_ += length;
		EXPECT_EQ(planner.plan(model_, now_).steps.size(), 1u);
		length = std::min<std::chrono::milliseconds>(length * 2, 60s);
	}
}

TEST_F(PlannerTest, a_mac_that_is_elsewhere_takes_nobodys_place)
{
	Config config;
	config.max_per_port = 1;
	Planner planner = make(config);
	settle(planner);
	learn(br2, vnet1, guest_mac(1));
	planner.plan(model_, now_);
	planner.put_off({eth4, guest_mac(1), {}}, Obstacle::elsewhere, now_);
	learn(br2, vnet1, guest_mac(2));
	EXPECT_EQ(settle(planner), Steps{"+ib0.2 eth4 52:54:00:00:00:02"});
}

TEST_F(PlannerTest, a_removal_that_failed_is_tried_later)
{
	const Ifindex vif = add_vif("ib0.5", eth4, 5, guest_mac(1));
	Config config;
	config.linger = 0s;
	Planner planner = make(config);
	EXPECT_EQ(planner.plan(model_, now_).steps.size(), 2u);
	planner.put_off({vif, {}, {}}, Obstacle::failure, now_);
	EXPECT_EQ(planner.plan(model_, now_).steps.size(), 1u);
	now_ += 250ms;
	EXPECT_EQ(planner.plan(model_, now_).steps.size(), 2u);
}

TEST_F(PlannerTest, pifs_that_are_not_ours_to_serve)
{
	Config config;
	config.pifs = {"eth[0-3]"};
	add_vif("ib0.5", eth4, 5, guest_mac(5));
	Planner planner = make(config);
	learn(br2, vnet1, guest_mac(1));
	EXPECT_EQ(settle(planner), Steps{});
	now_ += 24h;
	EXPECT_EQ(settle(planner), Steps{});
}

TEST(Moved, heard_here_after_it_was_heard_there)
{
	EXPECT_TRUE(has_moved_here(500ms, 0ms));
	EXPECT_TRUE(has_moved_here(10s, 9s));
	EXPECT_FALSE(has_moved_here(10ms, 0ms)); // our own copy of it
	EXPECT_FALSE(has_moved_here(200ms, 0ms));
	EXPECT_FALSE(has_moved_here(5s, 10s));
}

} // namespace
} // namespace eipoibd
