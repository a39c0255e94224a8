// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Bridges, VLANs and bonds above PIFs: which VIFs they lead to.
#include <algorithm>

#include "scene.hpp"

namespace eipoibd {
namespace {

class TopologyTest : public Scene {
protected:
	// Which VIFs are made, without those of the host's own.
	Steps guests()
	{
		Planner planner{Config{}};
		Steps steps = settle(planner);
		std::erase_if(steps, [](const std::string &step) {
			return step.find("52:54:") == std::string::npos;
		});
		return steps;
	}

	Steps all()
	{
		Planner planner{Config{}};
		return settle(planner);
	}

	Ifindex ib0 = add_ib("ib0");
	Ifindex eth4 = add_pif("eth4", ib0);
};

TEST_F(TopologyTest, the_cover_letter)
{
	const Ifindex br2 = add_bridge("br2");
	const Ifindex eth4_3 = add_vlan("eth4.3", eth4, 3);
	const Ifindex br3 = add_bridge("br3");
	for (const Ifindex bridge : {br2, br3})
		change(bridge, [](Link &link) { link.mac = pif_mac; });
	enslave(eth4, br2);
	enslave(eth4_3, br3);
	learn(br2, add_port("vnet1", br2), guest_mac(1));
	learn(br3, add_port("vnet2", br3), guest_mac(2));
	EXPECT_EQ(all(), (Steps{"+ib0.1 eth4 00:02:c9:43:3b:f1", "+ib0.2 eth4 52:54:00:00:00:01",
				"+ib0.8003.1 eth4 00:02:c9:43:3b:f1 3",
				"+ib0.8003.2 eth4 52:54:00:00:00:02 3"}));
}

TEST_F(TopologyTest, a_bridge_with_a_mac_of_its_own)
{
	const Ifindex br2 = add_bridge("br2");
	enslave(eth4, br2);
	EXPECT_EQ(all(), (Steps{"+ib0.1 eth4 00:02:c9:43:3b:f1", "+ib0.2 eth4 02:00:00:00:00:b2"}));
}

TEST_F(TopologyTest, a_vlan_aware_bridge)
{
	const Ifindex br = add_bridge("br", true);
	const Ifindex port = add_port("vnet1", br);
	enslave(eth4, br);
	set_vlans(eth4, {3, 4}, {1});
	set_vlans(port, {}, {3});
	learn(br, port, guest_mac(1), 1);
	learn(br, port, guest_mac(2), 3);
	learn(br, port, guest_mac(3), 5); // eth4 is no member
	EXPECT_EQ(guests(),
		  (Steps{"+ib0.2 eth4 52:54:00:00:00:01", "+ib0.8003.1 eth4 52:54:00:00:00:02 3"}));
}

TEST_F(TopologyTest, the_host_itself_on_a_vlan_aware_bridge)
{
	const Ifindex br = add_bridge("br", true);
	enslave(eth4, br);
	set_vlans(eth4, {1, 3}, {});
	set_vlans(br, {3, 4}, {1});
	add_vlan("br.3", br, 3);
	add_vlan("br.4", br, 4); // eth4 is no member
	add_vlan("br.5", br, 5); // nor is the bridge
	EXPECT_EQ(all(),
		  (Steps{"+ib0.1 eth4 00:02:c9:43:3b:f1", "+ib0.8001.1 eth4 02:00:00:00:00:b2 1",
			 "+ib0.8003.1 eth4 02:00:00:00:00:b2 3"}));
}

TEST_F(TopologyTest, vlans_above_a_bridge_that_does_not_care)
{
	const Ifindex br = add_bridge("br");
	enslave(eth4, br);
	add_vlan("br.3", br, 3);
	EXPECT_EQ(all(), (Steps{"+ib0.1 eth4 00:02:c9:43:3b:f1", "+ib0.2 eth4 02:00:00:00:00:b2",
				"+ib0.8003.1 eth4 02:00:00:00:00:b2 3"}));
}

TEST_F(TopologyTest, what_it_remembers_of_vlans_does_not_count)
{
	const Ifindex br = add_bridge("br");
	enslave(eth4, br);
	learn(br, add_port("vnet1", br), guest_mac(1), 1);
	EXPECT_EQ(guests(), Steps{});
}

TEST_F(TopologyTest, two_tags_are_too_many)
{
	const Ifindex inner = add_vlan("eth4.3.5", add_vlan("eth4.3", eth4, 3), 5);
	const Ifindex br = add_bridge("br");
	enslave(inner, br);
	learn(br, add_port("vnet1", br), guest_mac(1));
	EXPECT_EQ(guests(), Steps{});
}

TEST_F(TopologyTest, service_tags_are_no_vlans)
{
	const Ifindex device = add_vlan("eth4.3", eth4, 3);
	change(device, [](Link &link) { link.is_8021q = false; });
	const Ifindex br = add_bridge("br");
	enslave(device, br);
	learn(br, add_port("vnet1", br), guest_mac(1));
	EXPECT_EQ(guests(), Steps{});
}

TEST_F(TopologyTest, a_macvlan)
{
	add_macvlan("mv0", eth4, guest_mac(1));
	add_macvlan("mv1", add_vlan("eth4.3", eth4, 3), guest_mac(2));
	EXPECT_EQ(guests(),
		  (Steps{"+ib0.2 eth4 52:54:00:00:00:01", "+ib0.8003.2 eth4 52:54:00:00:00:02 3"}));
}

TEST_F(TopologyTest, a_device_that_is_down_sends_nothing)
{
	const Ifindex device = add_macvlan("mv0", eth4, guest_mac(1));
	change(device, [](Link &link) { link.is_up = false; });
	EXPECT_EQ(guests(), Steps{});
}

TEST_F(TopologyTest, ports_to_ignore)
{
	const Ifindex br = add_bridge("br");
	enslave(eth4, br);
	learn(br, add_port("eno1", br), guest_mac(1));
	learn(br, add_port("vnet1", br), guest_mac(2));
	Config config;
	config.ignored_ports = {"en*", "wl*"};
	Planner planner(config);
	EXPECT_EQ(settle(planner).size(), 3u);
	EXPECT_EQ(model_.find("ib0.3")->vif->mac, guest_mac(2));
}

TEST_F(TopologyTest, a_port_that_does_not_forward)
{
	const Ifindex br = add_bridge("br");
	enslave(eth4, br);
	learn(br, add_port("vnet1", br), guest_mac(1));
	model_.set_forwarding(eth4, false);
	EXPECT_EQ(guests(), Steps{});
	model_.set_forwarding(eth4, true);
	EXPECT_EQ(guests(), Steps{"+ib0.3 eth4 52:54:00:00:00:01"});
}

class TwoUplinks : public TopologyTest {
protected:
	Ifindex add_eth5(std::uint64_t subnet)
	{
		return add_pif("eth5", add_ib("ib1", subnet),
			       Mac{{0x00, 0x02, 0xc9, 0x43, 0x3c, 0x01}});
	}
};

TEST_F(TwoUplinks, of_one_fabric)
{
	const Ifindex eth5 = add_eth5(one_fabric);
	const Ifindex br = add_bridge("br");
	enslave(eth4, br);
	enslave(eth5, br);
	learn(br, add_port("vnet1", br), guest_mac(1));
	learn(br, eth4, guest_mac(2)); // a remote station, and again the other way
	learn(br, eth5, guest_mac(3));
	EXPECT_EQ(guests(), Steps{"+ib0.3 eth4 52:54:00:00:00:01"});
}

TEST_F(TwoUplinks, the_spanning_tree_decides)
{
	const Ifindex eth5 = add_eth5(one_fabric);
	const Ifindex br = add_bridge("br");
	enslave(eth4, br);
	enslave(eth5, br);
	model_.set_forwarding(eth4, false);
	learn(br, add_port("vnet1", br), guest_mac(1));
	learn(br, eth4, guest_mac(2));
	EXPECT_EQ(guests(), Steps{"+ib1.3 eth5 52:54:00:00:00:01"});
}

TEST_F(TwoUplinks, of_two_fabrics)
{
	const Ifindex eth5 = add_eth5(other_fabric);
	const Ifindex br = add_bridge("br");
	enslave(eth4, br);
	enslave(eth5, br);
	learn(br, add_port("vnet1", br), guest_mac(1));
	EXPECT_EQ(guests(),
		  (Steps{"+ib0.3 eth4 52:54:00:00:00:01", "+ib1.3 eth5 52:54:00:00:00:01"}));
}

class BondTest : public TopologyTest {
protected:
	BondTest()
	{
		Link link;
		link.name = "bond0";
		link.kind = Kind::bond;
		link.mac = pif_mac;
		bond = add(link);
		enslave(eth4, bond);
		enslave(eth5, bond);
		enslave(bond, br);
		learn(br, add_port("vnet1", br), guest_mac(1));
	}

	void set_active(Ifindex slave)
	{
		change(bond, [&](Link &link) {
			link.has_one_active = true;
			link.active = slave;
		});
	}

	Ifindex eth5 = add_pif("eth5", add_ib("ib1", other_fabric), pif_mac);
	Ifindex br = add_bridge("br");
	Ifindex bond;
};

TEST_F(BondTest, the_active_slave_has_the_vif)
{
	set_active(eth5);
	EXPECT_EQ(guests(), Steps{"+ib1.3 eth5 52:54:00:00:00:01"});
}

TEST_F(BondTest, which_follows_the_fail_over)
{
	Planner planner{Config{}};
	set_active(eth5);
	settle(planner);
	set_active(eth4);
	Steps steps = settle(planner);
	EXPECT_NE(std::find(steps.begin(), steps.end(), "+ib0.3 eth4 52:54:00:00:00:01"),
		  steps.end());
	now_ += 300s;
	steps = settle(planner);
	EXPECT_NE(std::find(steps.begin(), steps.end(), "-ib1.3"), steps.end());
}

TEST_F(BondTest, all_slaves_have_it_where_all_send)
{
	EXPECT_EQ(guests(),
		  (Steps{"+ib0.3 eth4 52:54:00:00:00:01", "+ib1.3 eth5 52:54:00:00:00:01"}));
}

TEST_F(TopologyTest, a_p_key_that_a_vlan_has_already)
{
	const Ifindex vif = add_vif("ib0.8013", eth4, 0, guest_mac(9), 3, "");
	change(vif, [](Link &link) { link.pkey = {0x8013}; });
	const Ifindex br = add_bridge("br");
	enslave(add_vlan("eth4.3", eth4, 3), br);
	learn(br, add_port("vnet1", br), guest_mac(1));
	EXPECT_EQ(guests(), Steps{"+ib0.8013.3 eth4 52:54:00:00:00:01 3"});
}

TEST_F(TopologyTest, a_p_key_from_the_configuration)
{
	const Ifindex br = add_bridge("br");
	enslave(add_vlan("eth4.3", eth4, 3), br);
	learn(br, add_port("vnet1", br), guest_mac(1));
	Config config;
	config.pkeys[{3}] = {0x8113};
	Planner planner(config);
	settle(planner);
	ASSERT_TRUE(model_.find("ib0.8113.3"));
	EXPECT_EQ(model_.find("ib0.8113.3")->vif->mac, guest_mac(1));
}

} // namespace
} // namespace eipoibd
