// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Sources that PIFs report, where no Linux bridge says who is there.
#include <algorithm>

#include "scene.hpp"

namespace eipoibd {
namespace {

class SightingTest : public Scene {
protected:
	SightingTest()
	{
		add_vif("ib0.1", eth4, 1, pif_mac);
	}

	static Config config()
	{
		Config config;
		config.linger = 10s;
		config.idle = 100s;
		return config;
	}

	Binding source(int n, std::uint16_t vlan = 0) const
	{
		return {eth4, guest_mac(n), {vlan}};
	}

	// As the daemon does; @tx_packets is what the kernel says.
	Steps settle_and_probe(Planner &planner, std::uint64_t tx_packets)
	{
		const Plan plan = planner.plan(model_, now_);
		Steps steps;
		for (const Step &step : plan.steps) {
			steps.push_back(std::visit([&](const auto &s) { return apply(s); }, step));
			if (const auto *probe = std::get_if<ProbeVif>(&step))
				planner.observe(probe->binding, tx_packets, now_);
		}
		last_ = planner.plan(model_, now_);
		return steps;
	}

	Ifindex ib0 = add_ib("ib0");
	Ifindex eth4 = add_pif("eth4", ib0);
};

TEST_F(SightingTest, it_has_a_vif_as_long_as_it_sends)
{
	Planner planner(config());
	planner.see(source(1), now_);
	EXPECT_EQ(settle(planner), Steps{"+ib0.2 eth4 52:54:00:00:00:01"});
	EXPECT_EQ(last_.deadline, now_ + 100s);

	now_ += 100s;
	EXPECT_EQ(settle_and_probe(planner, 5), Steps{"?ib0.2"});
	EXPECT_EQ(last_.deadline, now_ + 100s);
	now_ += 100s;
	EXPECT_EQ(settle_and_probe(planner, 5), Steps{"?ib0.2"}); // nothing since
	EXPECT_EQ(last_.deadline, now_ + 10s);
	now_ += 10s;
	EXPECT_EQ(settle(planner), Steps{"-ib0.2"});
	EXPECT_EQ(last_.deadline, std::nullopt);
}

TEST_F(SightingTest, on_a_vlan)
{
	Planner planner(config());
	planner.see(source(1, 3), now_);
	EXPECT_EQ(settle(planner), Steps{"+ib0.8003.1 eth4 52:54:00:00:00:01 3"});
}

TEST_F(SightingTest, after_a_restart_it_has_its_time)
{
	add_vif("ib0.2", eth4, 2, guest_mac(1));
	Planner planner(config());
	EXPECT_EQ(settle(planner), Steps{});
	now_ += 99s;
	EXPECT_EQ(settle(planner), Steps{});
	now_ += 1s;
	EXPECT_EQ(settle_and_probe(planner, 7), Steps{"?ib0.2"});
	now_ += 99s;
	EXPECT_EQ(settle(planner), Steps{});
}

TEST_F(SightingTest, where_there_is_a_bridge_that_knows_better)
{
	const Ifindex br = add_bridge("br");
	enslave(eth4, br);
	Planner planner(config());
	settle(planner);
	planner.see(source(1), now_);
	planner.see(source(2, 3), now_);
	EXPECT_EQ(settle(planner), Steps{});
	learn(br, eth4, guest_mac(2)); // a remote station that came back through another port
	planner.see(source(2, 3), now_);
	EXPECT_EQ(settle(planner), Steps{});
}

TEST_F(SightingTest, a_guest_that_sends_tags_through_a_bridge_that_does_not_care)
{
	const Ifindex br = add_bridge("br");
	enslave(eth4, br);
	learn(br, add_port("vnet1", br), guest_mac(1));
	Planner planner(config());
	settle(planner);
	planner.see(source(1, 3), now_);
	EXPECT_EQ(settle(planner), Steps{"+ib0.8003.1 eth4 52:54:00:00:00:01 3"});
	now_ += 1000s;
	EXPECT_EQ(settle(planner), Steps{});
	model_.forget({br, guest_mac(1), {}});
	settle(planner);
	now_ += 10s;
	EXPECT_EQ(settle(planner), (Steps{"-ib0.3", "-ib0.8003.1"}));
}

TEST_F(SightingTest, a_vlan_device_beside_the_bridge_is_not_the_bridges)
{
	const Ifindex br = add_bridge("br");
	enslave(eth4, br);
	add_vlan("eth4.3", eth4, 3);
	Planner planner(config());
	settle(planner);
	planner.see(source(1, 3), now_);
	EXPECT_EQ(settle(planner), Steps{"+ib0.8003.2 eth4 52:54:00:00:00:01 3"});
}

TEST_F(SightingTest, a_flood)
{
	Config small = config();
	small.max_per_port = 2;
	Planner planner(small);
	for (int i = 1; i < 1000; i++)
		planner.see(source(i), now_);
	EXPECT_EQ(settle(planner).size(), 2u);
	EXPECT_EQ(last_.capped, std::set<Capped>{}); // what has no VIF is not remembered
	planner.see(source(5000), now_);
	EXPECT_EQ(settle(planner), Steps{});
}

TEST_F(SightingTest, what_a_flood_leaves_is_bounded)
{
	Config large = config();
	large.max_per_port = 10'000;
	Planner planner(large);
	for (int i = 1; i <= 5000; i++)
		planner.see(source(i), now_);
	EXPECT_EQ(planner.plan(model_, now_).steps.size(), 4096u);
}

TEST_F(SightingTest, no_unicast_source)
{
	Planner planner(config());
	planner.see({eth4, Mac{{1, 0, 0x5e, 0, 0, 1}}, {}}, now_);
	planner.see({eth4, Mac{}, {}}, now_);
	EXPECT_EQ(settle(planner), Steps{});
}

} // namespace
} // namespace eipoibd
