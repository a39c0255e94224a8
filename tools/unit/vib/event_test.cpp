// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Links that come and go, and which events and traps follow from what a subnet manager does.

#include "core/packet.hpp"
#include "fixture.hpp"

namespace unit {
namespace {

class EventTest : public FabricTest {
protected:
	u8 state(u32 hca)
	{
		vib_port_attr attr;
		vib_port_query(fabric(), hca, &attr);
		return attr.state;
	}

	u8 phys(u32 hca)
	{
		vib_port_attr attr;
		vib_port_query(fabric(), hca, &attr);
		return attr.phys_state;
	}

	// A Set(PortInfo) that changes nothing by itself.
	PortInfo idle(u32 hca)
	{
		PortInfo info = hca_info(hca);
		info.speed_supported_state &= 0xf0;
		info.phys_down_default = 0;
		return info;
	}

	u32 events(const Answer &answer, u32 hca)
	{
		EXPECT_EQ(answer.status(), 0);
		if (answer.effects.events) {
			EXPECT_EQ(answer.effects.hca, hca);
		}
		return answer.effects.events;
	}
};

TEST_F(EventTest, OneEventForEachThingThatChanges)
{
	PortInfo info = idle(1);
	EXPECT_EQ(events(set_hca(1, info), 1), 0u);
	info.lid = Be16::from(5);
	EXPECT_EQ(events(set_hca(1, info), 1), VIB_EVENT_LID_CHANGE);
	EXPECT_EQ(events(set_hca(1, info), 1), 0u) << "the same again";
	info.mkey_protect_lmc = 1;
	EXPECT_EQ(events(set_hca(1, info), 1), VIB_EVENT_LID_CHANGE) << "LMC";
	info.sm_lid = Be16::from(9);
	EXPECT_EQ(events(set_hca(1, info), 1), VIB_EVENT_SM_CHANGE);
	info.mtu_sm_sl = static_cast<u8>((info.mtu_sm_sl & 0xf0) | 3);
	EXPECT_EQ(events(set_hca(1, info), 1), VIB_EVENT_SM_CHANGE) << "SM's SL";
	info.gid_prefix = Be64::from(0xfec0000000000001);
	EXPECT_EQ(events(set_hca(1, info), 1), VIB_EVENT_GID_CHANGE);
	info.rereg_timeout |= 0x80;
	EXPECT_EQ(events(set_hca(1, info), 1), VIB_EVENT_CLIENT_REREGISTER);
	EXPECT_EQ(hca_info(1).rereg_timeout & 0x80, 0) << "it is no state";
}

TEST_F(EventTest, TablesMakeEventsOnlyWhenTheyChange)
{
	Smp smp = make_smp(SET, Attribute::PKEY_TABLE);
	put(smp, Be16::from(0xffff));
	EXPECT_EQ(events(ask_hca(0, smp), 0), 0u);
	put(smp, Be16::from(0x8003), 2);
	EXPECT_EQ(events(ask_hca(0, smp), 0), VIB_EVENT_PKEY_CHANGE);

	smp = make_smp(SET, Attribute::GUID_INFO);
	EXPECT_EQ(events(ask_hca(0, smp), 0), 0u);
	put(smp, Be64::from(0xbeef), 8);
	EXPECT_EQ(events(ask_hca(0, smp), 0), VIB_EVENT_GID_CHANGE);
}

TEST_F(EventTest, PortBecomesActive)
{
	EXPECT_EQ(state(2), vib::STATE_INIT);
	EXPECT_EQ(events(set_hca_state(2, vib::STATE_ARMED), 2), 0u);
	EXPECT_EQ(events(set_hca_state(2, vib::STATE_ACTIVE), 2), VIB_EVENT_PORT_ACTIVE);
	EXPECT_EQ(events(set_hca_state(2, vib::STATE_ACTIVE), 2), 0u);
	EXPECT_EQ(state(2), vib::STATE_ACTIVE);
	EXPECT_EQ(set_hca_state(2, vib::STATE_ARMED).status(), 0x1c) << "not back";
}

TEST_F(EventTest, SwitchPortsHaveNoEventsOfTheirOwn)
{
	EXPECT_EQ(set_switch_state(2, vib::STATE_ARMED).effects.events, 0u);
	EXPECT_EQ(set_switch_state(2, vib::STATE_ACTIVE).effects.events, 0u);
	PortInfo info = switch_info(0);
	info.lid = Be16::from(9);
	info.sm_lid = Be16::from(1);
	info.phys_down_default = 0;
	EXPECT_EQ(set_switch(0, info).effects.events, 0u);
	Smp smp = make_smp(SET, Attribute::PKEY_TABLE);
	put(smp, Be16::from(0x8003));
	EXPECT_EQ(ask_switch(smp).effects.events, 0u);
}

TEST_F(EventTest, DownTrainsTheLinkAgain)
{
	bring_up();
	const Answer answer = set_hca_state(1, vib::STATE_DOWN);
	EXPECT_EQ(events(answer, 1), VIB_EVENT_PORT_ERR);
	EXPECT_TRUE(answer.effects.trap);
	EXPECT_EQ(state(1), vib::STATE_INIT);
	EXPECT_EQ(switch_info(2).speed_supported_state & 15, vib::STATE_INIT) << "the far end";
	EXPECT_EQ(state(0), vib::STATE_ACTIVE) << "another link";
}

TEST_F(EventTest, DisabledAndEnabledAtTheSwitch)
{
	bring_up();
	Answer answer = set_switch_state(2, vib::STATE_DOWN, vib::PHYS_DISABLED);
	EXPECT_EQ(events(answer, 1), VIB_EVENT_PORT_ERR);
	EXPECT_TRUE(answer.effects.trap);
	EXPECT_EQ(state(1), vib::STATE_DOWN);
	EXPECT_EQ(phys(1), vib::PHYS_POLLING) << "it waits for the switch";
	EXPECT_EQ(switch_info(2).phys_down_default >> 4, vib::PHYS_DISABLED);
	EXPECT_EQ(set_hca_state(1, vib::STATE_ARMED).status(), 0x1c);

	answer = set_switch_state(2, 0, vib::PHYS_POLLING);
	EXPECT_EQ(answer.effects.events, 0u) << "active only by the subnet manager";
	EXPECT_TRUE(answer.effects.trap);
	EXPECT_EQ(state(1), vib::STATE_INIT);
	EXPECT_EQ(phys(1), vib::PHYS_LINK_UP);
}

TEST_F(EventTest, BothEndsMustWantTheLink)
{
	bring_up();
	set_switch_state(2, 0, vib::PHYS_DISABLED);
	set_hca_state(1, 0, vib::PHYS_DISABLED);
	EXPECT_EQ(phys(1), vib::PHYS_DISABLED);
	set_switch_state(2, 0, vib::PHYS_POLLING);
	EXPECT_EQ(state(1), vib::STATE_DOWN);
	set_hca_state(1, 0, vib::PHYS_POLLING);
	EXPECT_EQ(state(1), vib::STATE_INIT);
}

TEST_F(EventTest, PulledCable)
{
	bring_up();
	vib_effects effects;
	vib_link_plug(fabric(), 2, false, &effects);
	EXPECT_EQ(effects.events, VIB_EVENT_PORT_ERR);
	EXPECT_EQ(effects.hca, 2u);
	EXPECT_TRUE(effects.trap);
	EXPECT_EQ(state(2), vib::STATE_DOWN);
	vib_link_plug(fabric(), 2, false, &effects);
	EXPECT_EQ(effects.events, 0u);
	EXPECT_FALSE(effects.trap) << "nothing changed";
}

TEST_F(EventTest, NoTrapWithoutASubnetManager)
{
	vib_effects effects;
	vib_link_plug(fabric(), 2, false, &effects);
	EXPECT_FALSE(effects.trap);
}

TEST_F(EventTest, TrapGoesToTheSubnetManager)
{
	bring_up();
	Bytes wire(VIB_HEADER_MAX + VIB_MAD_LEN + VIB_TAIL_MAX);
	vib_plan plan;
	wire.resize(vib_switch_trap(fabric(), wire.data(), &plan));
	EXPECT_EQ(plan.hcas, 1u);
	EXPECT_FALSE(plan.to_switch);

	vib_rx rx;
	ASSERT_EQ(vib_port_receive(fabric(), 0, wire.data(), static_cast<u32>(wire.size()), &rx),
		  VIB_ACCEPT);
	EXPECT_EQ(rx.dest_qpn, 0u);
	EXPECT_EQ(rx.slid, SWITCH_LID);
	const Smp trap = smp_of(wire);
	EXPECT_EQ(trap.header.method, 0x05);
	EXPECT_EQ(trap.header.attribute.get(), 0x0002);
	EXPECT_NE(trap.header.tid.get(), 0u);
	EXPECT_EQ(to_hex(trap.data, 12), "810000020080006400000064")
		<< "generic urgent, switch, 128, LID 100, LID 100";
}

TEST_F(EventTest, PortStateChangeIsRemembered)
{
	bring_up();
	Smp smp = make_smp(SET, Attribute::SWITCH_INFO);
	vib::wire::SwitchInfo info{};
	info.lifetime_change = 4;
	put(smp, info);
	ask_switch(smp);
	set_hca_state(1, vib::STATE_DOWN);
	info = ask_switch(make_smp(GET, Attribute::SWITCH_INFO)).as<vib::wire::SwitchInfo>();
	EXPECT_TRUE(info.lifetime_change & 4);
}

TEST_F(EventTest, CapabilityMask)
{
	vib_port_modify(fabric(), 0, 1 << 1, 0);
	EXPECT_TRUE(hca_info(0).cap_mask.get() & (1 << 1));
	vib_port_modify(fabric(), 0, 0, 1 << 1);
	EXPECT_FALSE(hca_info(0).cap_mask.get() & (1 << 1));
}

TEST_F(EventTest, PortAttributes)
{
	bring_up();
	PortInfo info = idle(1);
	info.mkey_protect_lmc = 2;
	info.mtu_sm_sl = 0x35;
	info.rereg_timeout = 17;
	ASSERT_EQ(set_hca(1, info).status(), 0);
	vib_port_attr attr;
	vib_port_query(fabric(), 1, &attr);
	EXPECT_EQ(attr.lid, lid_of(1));
	EXPECT_EQ(attr.sm_lid, lid_of(0));
	EXPECT_EQ(attr.lmc, 2);
	EXPECT_EQ(attr.max_mtu, 4);
	EXPECT_EQ(attr.active_mtu, 3);
	EXPECT_EQ(attr.sm_sl, 5);
	EXPECT_EQ(attr.subnet_timeout, 17);
	EXPECT_EQ(attr.state, vib::STATE_ACTIVE);
	EXPECT_EQ(attr.link_width, 2) << "4x";
	EXPECT_EQ(attr.link_speed, 4) << "QDR";
	EXPECT_EQ(vib_node_guid(fabric(), 1), GUID + 0x10 - 1);
}

} // namespace
} // namespace unit
