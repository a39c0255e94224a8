// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Forwarding: which HCAs get a packet, and why it is dropped.

#include "core/packet.hpp"
#include "fixture.hpp"

namespace unit {
namespace {

class ForwardTest : public FabricTest {
protected:
	void SetUp() override
	{
		make(3);
		bring_up();
	}

	Bytes datagram(u32 hca, u16 dlid)
	{
		vib_av av{};
		av.dlid = dlid;
		av.has_grh = dlid >= 0xc000;
		av.dgid[0] = 0xff;
		const vib_qp_attr qp{.qpn = 0x48,
				     .qkey = 1,
				     .pkey_index = 0,
				     .kind = VIB_QP_UD,
				     .can_receive = true};
		vib_send send{};
		send.av = &av;
		send.qp = &qp;
		send.dest_qpn = dlid >= 0xc000 ? 0xffffff : 0x49;
		return build(hca, send, Bytes(100));
	}

	vib_plan plan(u32 hca, u16 dlid)
	{
		Bytes wire = datagram(hca, dlid);
		const Bytes before = wire;
		const vib_plan result = forward(hca, wire);
		EXPECT_EQ(wire, before) << "data packets are not changed";
		return result;
	}
};

TEST_F(ForwardTest, Unicast)
{
	EXPECT_EQ(plan(0, lid_of(1)).hcas, 1u << 1);
	EXPECT_EQ(plan(0, lid_of(2)).hcas, 1u << 2);
	EXPECT_EQ(plan(2, lid_of(0)).hcas, 1u << 0);
	EXPECT_TRUE(plan(2, SWITCH_LID).to_switch);
}

TEST_F(ForwardTest, OwnLidLoopsBack)
{
	EXPECT_EQ(plan(1, lid_of(1)).hcas, 1u << 1);
	set_route(lid_of(1), 0xff);
	EXPECT_EQ(plan(1, lid_of(1)).hcas, 1u << 1) << "without the switch";
}

TEST_F(ForwardTest, Lmc)
{
	PortInfo info = hca_info(1);
	info.lid = Be16::from(8);
	info.mkey_protect_lmc = 2;
	info.speed_supported_state &= 0xf0;
	info.phys_down_default = 0;
	ASSERT_EQ(set_hca(1, info).status(), 0);
	EXPECT_EQ(plan(1, 11).hcas, 1u << 1);
	EXPECT_EQ(plan(1, 12).drop, VIB_DROP_TX_NO_ROUTE);
	set_route(11, 2);
	Bytes wire = datagram(0, 11);
	ASSERT_EQ(forward(0, wire).hcas, 1u << 1);
	vib_rx rx;
	ASSERT_EQ(vib_port_receive(fabric(), 1, wire.data(), static_cast<u32>(wire.size()), &rx),
		  VIB_ACCEPT);
	EXPECT_EQ(rx.path_bits, 3);
}

TEST_F(ForwardTest, NoRoute)
{
	EXPECT_EQ(plan(0, 77).drop, VIB_DROP_TX_NO_ROUTE);
	set_route(77, 4); // there are ports 1 to 3
	EXPECT_EQ(plan(0, 77).drop, VIB_DROP_TX_NO_ROUTE);
	EXPECT_EQ(drops(0, VIB_DROP_TX_NO_ROUTE), 2u);
	EXPECT_EQ(plan(0, PERMISSIVE).drop, VIB_DROP_TX_NO_ROUTE);
}

TEST_F(ForwardTest, NeverBackToTheIngressPort)
{
	set_route(77, 1);
	EXPECT_EQ(plan(0, 77).drop, VIB_DROP_TX_ECHO);
	EXPECT_EQ(plan(1, 77).hcas, 1u << 0);
}

TEST_F(ForwardTest, Multicast)
{
	set_group(0xc001, {1, 2, 3});
	EXPECT_EQ(plan(0, 0xc001).hcas, 0b111u) << "the sender's own other queue pairs too";
	set_group(0xc001, {2});
	EXPECT_EQ(plan(0, 0xc001).hcas, 0b011u);
	EXPECT_EQ(plan(1, 0xc001).hcas, 0b010u) << "only by itself, not echoed";
	EXPECT_EQ(plan(2, 0xc002).hcas, 0b100u) << "no member elsewhere";
	EXPECT_EQ(plan(2, 0xc001).drop, VIB_ACCEPT);
	set_group(0xc001, {0, 4, 64});
	EXPECT_EQ(plan(0, 0xc001).hcas, 0b001u) << "the switch itself and ports that are not";
}

TEST_F(ForwardTest, AllPortsOfTheLargestFabric)
{
	make(64);
	bring_up();
	std::vector<u32> all;
	for (u32 port = 1; port <= 64; port++)
		all.push_back(port);
	set_group(0xfffe, all);
	EXPECT_EQ(plan(0, 0xfffe).hcas, ~u64{0});
	set_group(0xfffe, {15, 16, 17, 63, 64});
	EXPECT_EQ(plan(15, 0xfffe).hcas, u64{1} << 14 | 1u << 15 | 1u << 16 | u64{3} << 62);
	EXPECT_EQ(plan(0, lid_of(63)).hcas, u64{1} << 63);
}

TEST_F(ForwardTest, OnlyActiveLinksCarryData)
{
	set_group(0xc001, {1, 2, 3});
	set_hca_state(1, vib::STATE_DOWN); // both ends are in Init now
	EXPECT_EQ(plan(0, lid_of(1)).drop, VIB_DROP_TX_LINK_DOWN);
	EXPECT_EQ(plan(1, lid_of(0)).drop, VIB_DROP_TX_LINK_DOWN);
	EXPECT_EQ(plan(0, 0xc001).hcas, 0b101u);

	Bytes wire = datagram(0, lid_of(1));
	vib_rx rx;
	EXPECT_EQ(vib_port_receive(fabric(), 1, wire.data(), static_cast<u32>(wire.size()), &rx),
		  VIB_DROP_RX_LINK_DOWN);
	// Armed ports receive but do not send.
	set_hca_state(1, vib::STATE_ARMED);
	EXPECT_EQ(vib_port_receive(fabric(), 1, wire.data(), static_cast<u32>(wire.size()), &rx),
		  VIB_ACCEPT);
	EXPECT_EQ(plan(1, lid_of(0)).drop, VIB_DROP_TX_LINK_DOWN);
}

TEST_F(ForwardTest, SmpsPassInInit)
{
	set_hca_state(1, vib::STATE_DOWN);
	Bytes wire = build_smp(0, lid_of(1), make_smp(GET, Attribute::NODE_INFO));
	EXPECT_EQ(forward(0, wire).hcas, 1u << 1);
	vib_rx rx;
	EXPECT_EQ(vib_port_receive(fabric(), 1, wire.data(), static_cast<u32>(wire.size()), &rx),
		  VIB_ACCEPT);
	wire = build_smp(1, lid_of(1), make_smp(GET, Attribute::NODE_INFO));
	EXPECT_EQ(forward(1, wire).hcas, 1u << 1) << "to itself";
}

class SwitchAgentTest : public ForwardTest {
protected:
	vib_plan receive(u32 hca, Bytes &wire)
	{
		vib_effects effects;
		vib_plan result;
		vib_switch_receive(fabric(), hca, wire.data(), static_cast<u32>(wire.size()),
				   &result, &effects);
		return result;
	}
};

TEST_F(SwitchAgentTest, AnswersLidRoutedSmps)
{
	Bytes wire = build_smp(1, SWITCH_LID, make_smp(GET, Attribute::NODE_INFO));
	ASSERT_TRUE(forward(1, wire).to_switch);
	EXPECT_EQ(receive(1, wire).hcas, 1u << 1);
	const auto packet = vib::Packet::parse({wire.data(), wire.size()});
	ASSERT_TRUE(packet);
	EXPECT_EQ(packet->lrh.dlid.get(), lid_of(1));
	EXPECT_EQ(packet->lrh.slid.get(), SWITCH_LID);
	EXPECT_EQ(smp_of(wire).header.method, 0x81);
	EXPECT_EQ(smp_of(wire).header.status.get(), 0) << "no direction bit";
}

TEST_F(SwitchAgentTest, AnswersTheQueuePairThatAsked)
{
	vib_av av{};
	av.dlid = SWITCH_LID;
	av.has_grh = true;
	av.dgid[15] = 7;
	const vib_qp_attr qp{
		.qpn = 0x50, .qkey = 0, .pkey_index = 0, .kind = VIB_QP_UD, .can_receive = true};
	vib_send send{};
	send.av = &av;
	send.qp = &qp;
	send.dest_qpn = 1;
	send.remote_qkey = 0x80010000;
	vib_qp_attr well_known = qp;
	well_known.qkey = send.remote_qkey;
	send.qp = &well_known;
	Smp mad = make_smp(GET, Attribute::CLASS_PORT_INFO);
	mad.header.mgmt_class = vib::wire::CLASS_PERF;
	const u8 *bytes = reinterpret_cast<const u8 *>(&mad);
	Bytes wire = build(1, send, Bytes(bytes, bytes + sizeof(mad)));
	ASSERT_TRUE(forward(1, wire).to_switch);
	EXPECT_EQ(receive(1, wire).hcas, 1u << 1);

	const auto packet = vib::Packet::parse({wire.data(), wire.size()});
	ASSERT_TRUE(packet);
	EXPECT_EQ(packet->bth.dest_qpn.get(), 0x50u);
	EXPECT_EQ(packet->deth.src_qpn.get(), 1u);
	EXPECT_EQ(to_hex(wire.data() + 16, 32),
		  "00000000000000000000000000000007fe800000000000000002c90300433c01");
}

TEST_F(SwitchAgentTest, AnswersBeforeItHasALid)
{
	make(2);
	EXPECT_EQ(ask_switch(make_smp(GET, Attribute::NODE_INFO), 1).verdict, VIB_MAD_REPLY);
}

TEST_F(SwitchAgentTest, IgnoresWhatIsNoRequest)
{
	Bytes wire = build_smp(0, SWITCH_LID, make_smp(0x81, Attribute::NODE_INFO));
	ASSERT_TRUE(forward(0, wire).to_switch);
	const vib_plan result = receive(0, wire);
	EXPECT_EQ(result.drop, VIB_DROP_RX_MAD);
	EXPECT_EQ(result.hcas, 0u);
	EXPECT_EQ(drops(0, VIB_DROP_RX_MAD), 1u);
}

TEST_F(SwitchAgentTest, TakesTrapRepress)
{
	Bytes wire = build_smp(0, SWITCH_LID, make_smp(0x07, Attribute::NOTICE));
	ASSERT_TRUE(forward(0, wire).to_switch);
	const vib_plan result = receive(0, wire);
	EXPECT_EQ(result.drop, VIB_ACCEPT);
	EXPECT_EQ(result.hcas, 0u);
}

TEST_F(SwitchAgentTest, IgnoresData)
{
	Bytes wire = datagram(0, SWITCH_LID);
	ASSERT_TRUE(forward(0, wire).to_switch);
	EXPECT_EQ(receive(0, wire).drop, VIB_DROP_RX_MAD);
}

} // namespace
} // namespace unit
