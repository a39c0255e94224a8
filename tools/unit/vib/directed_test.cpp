// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Directed routes: the rules of IBA C14-9 and C14-13 one by one, and whole ways over the fabric.

#include "core/directed.hpp"
#include "core/packet.hpp"
#include "fixture.hpp"

namespace unit {
namespace {

using Action = vib::DirectedStep::Action;

struct Case {
	const char *name;
	bool returning;
	bool lid_routed;
	u8 pointer;
	u8 count;
	u16 dr_slid;
	u16 dr_dlid;
	Action action;
	u8 port;	 // for OUT
	u8 pointer_then; // for all but DISCARD
};

constexpr u16 P = PERMISSIVE;

// The initial path is 11, 12, 13..., the return path 21, 22, 23...; the SMP comes in by port 7.
const Case CASES[] = {
	{"begins here but was not LID-routed", false, false, 0, 2, P, P, Action::DISCARD, 0, 0},
	{"begins here", false, true, 0, 2, 5, P, Action::OUT, 11, 1},
	{"first hop of two", false, false, 1, 2, P, P, Action::OUT, 12, 2},
	{"hop in the middle", false, false, 2, 5, P, P, Action::OUT, 13, 3},
	{"ends here", false, false, 2, 2, P, P, Action::AGENT, 0, 3},
	{"ends here, LID-routed from here on", false, false, 2, 2, P, 9, Action::LID, 0, 3},
	{"ended before", false, true, 3, 2, P, 9, Action::AGENT, 0, 3},
	{"empty route", false, true, 0, 0, 5, P, Action::AGENT, 0, 1},
	{"pointer beyond the end", false, false, 4, 2, P, P, Action::DISCARD, 0, 0},
	{"longest route", false, false, 62, 63, P, P, Action::OUT, 10 + 63, 63},
	{"end of the longest route", false, false, 63, 63, P, P, Action::AGENT, 0, 64},
	{"too long a route", false, false, 1, 64, P, P, Action::DISCARD, 0, 0},
	{"too long a route, returning", true, true, 65, 64, P, P, Action::DISCARD, 0, 0},
	{"returns, begins here", true, true, 3, 2, P, 5, Action::OUT, 22, 2},
	{"returns, cannot begin here", true, false, 3, 2, P, P, Action::DISCARD, 0, 0},
	{"returns, hop in between", true, false, 2, 2, P, P, Action::OUT, 21, 1},
	{"returns, ends here without a subnet manager", true, false, 1, 2, P, P, Action::DISCARD, 0,
	 0},
	{"returns, LID-routed from here on", true, false, 1, 2, 9, P, Action::LID, 0, 0},
	{"returned before", true, true, 0, 2, P, P, Action::DISCARD, 0, 0},
};

class DirectedRule : public ::testing::TestWithParam<Case> {};

TEST_P(DirectedRule, Transit)
{
	const Case &c = GetParam();
	Smp smp = make_smp(GET, Attribute::NODE_INFO);

	smp.header.mgmt_class = 0x81;
	smp.header.status = Be16::from(c.returning ? 0x8000 : 0);
	smp.header.hop_pointer = c.pointer;
	smp.header.hop_count = c.count;
	smp.dr_slid = Be16::from(c.dr_slid);
	smp.dr_dlid = Be16::from(c.dr_dlid);
	for (u8 i = 0; i < 64; i++) {
		smp.initial_path[i] = static_cast<u8>(10 + i);
		smp.return_path[i] = static_cast<u8>(20 + i);
	}

	const vib::DirectedStep step = vib::directed_transit(smp, 7, c.lid_routed);
	EXPECT_EQ(step.action, c.action);
	if (c.action == Action::DISCARD)
		return;
	EXPECT_EQ(smp.header.hop_pointer, c.pointer_then);
	EXPECT_EQ(step.port, c.port);
	EXPECT_EQ(step.lid, c.action == Action::LID ? 9 : 0);
	// Outbound, each switch notes where the SMP came in; a beginning or an end after the
	// directed part does not.
	const bool notes = !c.returning && c.pointer && c.pointer <= c.count;
	for (u8 i = 0; i < 64; i++)
		EXPECT_EQ(smp.return_path[i], notes && i == c.pointer ? 7 : 20 + i);
}

std::string name_of(const ::testing::TestParamInfo<Case> &tested)
{
	std::string name = tested.param.name;

	for (char &c : name)
		if (!std::isalnum(static_cast<unsigned char>(c)))
			c = '_';
	return name;
}

INSTANTIATE_TEST_SUITE_P(Rules, DirectedRule, ::testing::ValuesIn(CASES), name_of);

class DirectedWay : public FabricTest {
protected:
	// As ib_mad leaves it at the sender.
	Smp make(std::initializer_list<u8> path)
	{
		Smp smp = make_smp(GET, Attribute::NODE_INFO);
		smp.header.mgmt_class = 0x81;
		smp.header.hop_count = static_cast<u8>(path.size());
		smp.header.hop_pointer = 1;
		smp.dr_slid = Be16::from(PERMISSIVE);
		smp.dr_dlid = Be16::from(PERMISSIVE);
		u8 i = 1;
		for (u8 port : path)
			smp.initial_path[i++] = port;
		return smp;
	}
};

TEST_F(DirectedWay, ThereAndBackBeforeAnyLidIsKnown)
{
	Bytes wire = build_smp(0, PERMISSIVE, make({1, 3}));
	EXPECT_EQ(forward(0, wire).hcas, 1u << 2);
	Smp smp = smp_of(wire);
	EXPECT_EQ(smp.header.hop_pointer, 2);
	EXPECT_EQ(smp.return_path[1], 1);
	vib_rx rx;
	ASSERT_EQ(vib_port_receive(fabric(), 2, wire.data(), static_cast<u32>(wire.size()), &rx),
		  VIB_ACCEPT);
	EXPECT_EQ(rx.slid, PERMISSIVE);

	// HCA 2 answers: ib_mad does the hop pointer of both ends.
	const Answer answer = ask_hca(2, smp);
	EXPECT_EQ(answer.smp.header.status.get(), 0x8000);
	EXPECT_EQ(answer.as<vib::wire::NodeInfo>().port_guid.get(), GUID + 0x20);
	wire = build_smp(2, PERMISSIVE, answer.smp);
	EXPECT_EQ(forward(2, wire).hcas, 1u << 0);
	EXPECT_EQ(smp_of(wire).header.hop_pointer, 1);
}

TEST_F(DirectedWay, BackToTheSender)
{
	Bytes wire = build_smp(1, PERMISSIVE, make({1, 2}));
	EXPECT_EQ(forward(1, wire).hcas, 1u << 1) << "a directed route may turn round";
}

TEST_F(DirectedWay, DeadEnds)
{
	for (u8 port : {u8{0}, u8{4}, u8{255}}) {
		Bytes wire = build_smp(0, PERMISSIVE, make({1, port}));
		const vib_plan plan = forward(0, wire);
		EXPECT_EQ(plan.hcas, 0u);
		EXPECT_EQ(plan.drop, VIB_DROP_TX_NO_ROUTE) << "port " << int{port};
	}
	vib_effects effects;
	vib_link_plug(fabric(), 2, false, &effects);
	Bytes wire = build_smp(0, PERMISSIVE, make({1, 3}));
	EXPECT_EQ(forward(0, wire).drop, VIB_DROP_TX_LINK_DOWN);
	wire = build_smp(2, PERMISSIVE, make({1, 1}));
	EXPECT_EQ(forward(2, wire).drop, VIB_DROP_TX_LINK_DOWN);
	EXPECT_EQ(drops(2, VIB_DROP_TX_LINK_DOWN), 1u);
}

TEST_F(DirectedWay, LidRoutedAtTheEnd)
{
	bring_up();
	Smp smp = make({1});
	smp.dr_dlid = Be16::from(lid_of(2));
	Bytes wire = build_smp(0, PERMISSIVE, smp);
	EXPECT_EQ(forward(0, wire).hcas, 1u << 2);
	vib_rx rx;
	ASSERT_EQ(vib_port_receive(fabric(), 2, wire.data(), static_cast<u32>(wire.size()), &rx),
		  VIB_ACCEPT);
	EXPECT_EQ(rx.slid, SWITCH_LID) << "the answer is to come back here";
	EXPECT_EQ(rx.dlid, lid_of(2));
}

TEST_F(DirectedWay, LidRoutedAtTheBeginning)
{
	bring_up();
	Smp smp = make({3});
	smp.header.hop_pointer = 0;
	smp.dr_slid = Be16::from(lid_of(0));
	Bytes wire = build_smp(0, SWITCH_LID, smp);
	EXPECT_EQ(forward(0, wire).hcas, 1u << 2);
	Smp there = smp_of(wire);
	EXPECT_EQ(there.header.hop_pointer, 1);
	const auto lrh = vib::Packet::parse({wire.data(), wire.size()})->lrh;
	EXPECT_EQ(lrh.dlid.get(), PERMISSIVE);
	EXPECT_EQ(lrh.slid.get(), PERMISSIVE) << "the answer is to take the directed route";
	there.return_path[1] = 1; // HCA 2's own part

	Smp answer = ask_hca(2, there).smp;
	answer.header.hop_pointer = 1;
	wire = build_smp(2, PERMISSIVE, answer);
	EXPECT_EQ(forward(2, wire).hcas, 1u << 0);
	EXPECT_EQ(vib::Packet::parse({wire.data(), wire.size()})->lrh.dlid.get(), lid_of(0));
}

TEST_F(DirectedWay, LidRoutedAtTheBeginningAndBackToTheSender)
{
	bring_up();
	Smp smp = make({1});
	smp.header.status = Be16::from(0x8000);
	smp.header.hop_pointer = 1;
	smp.dr_slid = Be16::from(lid_of(0));
	Bytes wire = build_smp(0, PERMISSIVE, smp);
	EXPECT_EQ(forward(0, wire).hcas, 1u << 0) << "no echo: the switch sends it anew";
}

TEST_F(DirectedWay, WrongSizesAreDropped)
{
	Bytes wire = build_smp(0, PERMISSIVE, make({1, 2}));
	wire.resize(wire.size() - 4);
	wire[5] = static_cast<u8>(wire.size() / 4);
	EXPECT_EQ(forward(0, wire).drop, VIB_DROP_RX_MALFORMED);
}

} // namespace
} // namespace unit
