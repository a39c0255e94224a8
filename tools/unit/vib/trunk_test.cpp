// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Links between switches: how they come up and are lost, and what crosses them.

#include "core/packet.hpp"
#include "machines.hpp"

namespace unit {
namespace {

Bytes datagram(u16 dlid, u16 slid)
{
	Bytes wire(VIB_HEADER_MAX);
	vib::DatagramHeaders headers{};
	headers.dlid = dlid;
	headers.slid = slid;
	headers.pkey = 0xffff;
	headers.dest_qpn = dlid >= 0xc000 ? 0xffffff : 0x48;
	headers.src_qpn = 0x48;
	headers.payload_len = 100;
	const vib::Lengths lengths = vib::write_headers(wire.data(), headers);
	wire.resize(lengths.header + 100 + lengths.tail);
	return wire;
}

Bytes smp_packet(const Smp &smp, u16 dlid = PERMISSIVE)
{
	Bytes wire(VIB_HEADER_MAX);
	vib::DatagramHeaders headers{};
	headers.vl = vib::wire::SMP_VL;
	headers.dlid = dlid;
	headers.slid = PERMISSIVE;
	headers.pkey = 0xffff;
	headers.payload_len = sizeof(smp);
	const vib::Lengths lengths = vib::write_headers(wire.data(), headers);
	const u8 *bytes = reinterpret_cast<const u8 *>(&smp);
	wire.resize(lengths.header);
	wire.insert(wire.end(), bytes, bytes + sizeof(smp));
	wire.insert(wire.end(), lengths.tail, 0);
	return wire;
}

class TrunkTest : public MachinesTest {
protected:
	void SetUp() override
	{
		make(2);
	}

	u8 state(u32 machine)
	{
		return attr(machine, 1 - machine).state;
	}

	bool is_up()
	{
		return state(0) >= vib::STATE_INIT && state(1) >= vib::STATE_INIT;
	}

	bool is_down()
	{
		return state(0) == vib::STATE_DOWN && state(1) == vib::STATE_DOWN;
	}

	void set_port(u32 machine, u8 phys)
	{
		vib::PortChange change{};
		vib_effects effects{};
		change.phys = phys;
		fabric(machine)->command(HCAS + 1 - machine,
					 fabric(machine)->trunk_port(1 - machine), change, effects);
	}

	// What a frame that @change made of the last one is taken for, by who got that.
	template <typename F> int altered(u32 machine, F change)
	{
		Bytes frame = last_frame_;
		vib_trunk_packet packet;
		change(frame);
		return vib_trunk_sort(fabric(machine), 1 - machine, frame.data(),
				      static_cast<u32>(frame.size()), &packet);
	}
};

TEST_F(TrunkTest, OneHelloAndTheAnswersBringItUp)
{
	plug(0, 1, 7);
	plug(1, 0, 8);
	EXPECT_TRUE(is_down());
	tick(0, 1);
	EXPECT_TRUE(is_up());
	EXPECT_EQ(attr(0, 1).peer_guid, fabric(1)->sw.guid);
	EXPECT_EQ(attr(0, 1).port, HCAS + 2);
	EXPECT_EQ(attr(0, 1).peer_port, HCAS + 1);
	EXPECT_EQ(attr(1, 0).peer_guid, fabric(0)->sw.guid);
	EXPECT_TRUE(fabric(0)->sw.info.lifetime_change & vib::wire::SwitchInfo::STATE_CHANGE);
}

TEST_F(TrunkTest, WhoIsNotHeardIsNotThere)
{
	plug(0, 1, 7);
	plug(1, 0, 8);
	cut_ = true;
	tick(0, 1);
	cut_ = false;
	EXPECT_TRUE(is_down());

	// One way only: machine 1 hears, and is not heard.
	Bytes hello(VIB_TRUNK_HELLO);
	vib_effects effects;
	vib_trunk_tick(fabric(0), 1, hello.data(), &effects);
	EXPECT_EQ(vib_trunk_hello(fabric(1), 0, hello.data(), VIB_TRUNK_HELLO, hello.data(),
				  &effects),
		  VIB_HELLO_ACCEPTED | VIB_HELLO_ANSWER);
	EXPECT_TRUE(is_down());
}

TEST_F(TrunkTest, SilenceIsACut)
{
	train();
	for (int i = 0; i < VIB_TRUNK_SILENCE; i++) {
		tick(0, 1);
		tick(1, 0);
	}
	EXPECT_TRUE(is_up());
	bring_up();
	cut_ = true;
	for (int i = 0; i < VIB_TRUNK_SILENCE; i++)
		tick(0, 1);
	EXPECT_TRUE(is_up());
	tick(0, 1);
	EXPECT_EQ(state(0), vib::STATE_DOWN);
	EXPECT_EQ(counted(0, 1, VIB_TRUNK_LOST), 1u);
	EXPECT_EQ(machines_[0].traps, 1u) << "trap 128";
	// Before it is mended the other end has not noticed, but then it hears that it is not
	// heard.
	cut_ = false;
	tick(0, 1);
	EXPECT_TRUE(is_up());
	EXPECT_EQ(state(1), vib::STATE_INIT) << "lost and found";
	EXPECT_EQ(counted(1, 0, VIB_TRUNK_LOST), 1u);
	EXPECT_EQ(machines_[0].traps, 2u);
	EXPECT_EQ(machines_[1].traps, 2u);
}

TEST_F(TrunkTest, ACableThatIsPulled)
{
	train();
	unplug(1, 0);
	EXPECT_EQ(state(1), vib::STATE_DOWN);
	EXPECT_EQ(attr(1, 0).peer_guid, 0u);
	tick(1, 0);
	tick(0, 1);
	EXPECT_EQ(state(0), vib::STATE_INIT) << "silence is not yet over";
	plug(1, 0, 99);
	tick(1, 0);
	EXPECT_TRUE(is_up());
	EXPECT_EQ(counted(0, 1, VIB_TRUNK_LOST), 1u) << "another identity is another link";
}

TEST_F(TrunkTest, NothingComesByACableThatIsOut)
{
	train();
	bring_up();
	send(0, 0, datagram(4, 1));
	unplug(1, 0);
	EXPECT_EQ(altered(1, [](Bytes &) {}), VIB_TRUNK_OTHERS);
	EXPECT_EQ(altered(1, [](Bytes &frame) { frame.resize(3); }), VIB_TRUNK_OTHERS);
	EXPECT_EQ(counted(1, 0, VIB_TRUNK_MALFORMED), 0u);
}

TEST_F(TrunkTest, DisabledByTheSubnetManager)
{
	train();
	bring_up();
	set_port(0, vib::PHYS_DISABLED);
	EXPECT_EQ(state(0), vib::STATE_DOWN);
	EXPECT_EQ(fabric(0)->trunk_port(1).phys, vib::PHYS_DISABLED);
	tick(1, 0);
	EXPECT_EQ(state(0), vib::STATE_DOWN) << "it hears nobody";
	tick(0, 1);
	EXPECT_EQ(state(1), vib::STATE_DOWN) << "and says so";
	set_port(0, vib::PHYS_POLLING);
	tick(0, 1);
	EXPECT_TRUE(is_up());
}

TEST_F(TrunkTest, BothEndsLoseALinkThatOneTakesDown)
{
	train();
	bring_up();
	set_port(1, vib::PHYS_POLLING);
	tick(1, 0);
	EXPECT_EQ(state(0), vib::STATE_INIT);
	EXPECT_EQ(state(1), vib::STATE_INIT);
	EXPECT_EQ(counted(0, 1, VIB_TRUNK_LOST), 1u);
}

TEST_F(TrunkTest, AThirdEndIsAStranger)
{
	train();
	Bytes hello(VIB_TRUNK_HELLO);
	vib::Trunk third{};
	third.plug({.identity = 77, .link = 0}, false);
	const vib::wire::TrunkHello said = third.say(0x1234, 1);
	vib_effects effects;
	EXPECT_EQ(vib_trunk_hello(fabric(0), 1, reinterpret_cast<const u8 *>(&said), sizeof(said),
				  hello.data(), &effects),
		  0u);
	EXPECT_EQ(counted(0, 1, VIB_TRUNK_STRANGER), 1u);
	EXPECT_TRUE(is_up());
	EXPECT_EQ(attr(0, 1).peer_guid, fabric(1)->sw.guid);

	cut_ = true;
	for (int i = 0; i <= VIB_TRUNK_SILENCE; i++)
		tick(0, 1);
	EXPECT_EQ(vib_trunk_hello(fabric(0), 1, reinterpret_cast<const u8 *>(&said), sizeof(said),
				  hello.data(), &effects),
		  VIB_HELLO_ACCEPTED | VIB_HELLO_ANSWER)
		<< "nobody else is there any more";
}

TEST_F(TrunkTest, ASwitchOfOurOwnGuid)
{
	plug(0, 1, 7);
	Bytes answer(VIB_TRUNK_HELLO);
	const vib::wire::TrunkHello own = fabric(0)->trunk[1].say(fabric(0)->sw.guid, 4);
	vib_effects effects;
	EXPECT_EQ(vib_trunk_hello(fabric(0), 1, reinterpret_cast<const u8 *>(&own), sizeof(own),
				  answer.data(), &effects),
		  VIB_HELLO_OWN_GUID);
	EXPECT_EQ(counted(0, 1, VIB_TRUNK_OWN_GUID), 1u);
	EXPECT_EQ(attr(0, 1).peer_guid, 0u);
}

TEST_F(TrunkTest, SeveralLinksOnOneEthernet)
{
	plug(0, 1, 7, 5);
	plug(1, 0, 8, 6);
	tick(0, 1);
	tick(1, 0);
	EXPECT_TRUE(is_down());
	EXPECT_EQ(counted(1, 0, VIB_TRUNK_MALFORMED), 0u);
	EXPECT_EQ(altered(0, [](Bytes &) {}), VIB_TRUNK_OTHERS);
	plug(1, 0, 8, 5);
	tick(1, 0);
	EXPECT_TRUE(is_up());
}

TEST_F(TrunkTest, PacketsCrossByteForByte)
{
	train();
	bring_up();
	const Bytes wire = datagram(4, 1);
	send(0, 0, wire);
	ASSERT_EQ(delivered_.size(), 1u);
	EXPECT_EQ(delivered_[0].machine, 1u);
	EXPECT_EQ(delivered_[0].hca, 1u);
	Bytes sealed = wire;
	sealed.resize(wire.size() + VIB_VCRC_LEN);
	vib_seal(sealed.data(), static_cast<u32>(wire.size()));
	sealed.resize(wire.size());
	EXPECT_EQ(delivered_[0].wire, sealed) << "with its ICRC";
	EXPECT_EQ(counted(0, 1, VIB_TRUNK_TX), 1u);
	EXPECT_EQ(counted(1, 0, VIB_TRUNK_RX), 1u);
	EXPECT_EQ(fabric(1)->trunk_port(0).counters[VIB_RX_PACKETS].load(), 1u);
}

TEST_F(TrunkTest, OnlyActiveOnesCarryData)
{
	train();
	bring_up();
	fabric(1)->trunk_port(0).state.store(vib::STATE_INIT);
	send(0, 0, datagram(4, 1));
	EXPECT_TRUE(delivered_.empty());
	EXPECT_EQ(vib_trunk_drops(fabric(1), 0, VIB_DROP_RX_LINK_DOWN), 1u);
	fabric(1)->trunk_port(0).state.store(vib::STATE_ARMED);
	send(0, 0, datagram(4, 1));
	EXPECT_EQ(delivered_.size(), 1u) << "armed ones receive";
	send(1, 1, datagram(1, 4));
	EXPECT_TRUE(delivered_.empty()) << "but do not send";
	EXPECT_EQ(vib_read_drop(fabric(1), 1, VIB_DROP_TX_LINK_DOWN), 1u);
}

TEST_F(TrunkTest, WhatTheSwitchHasNoWayForIsCounted)
{
	train();
	bring_up();
	fabric(0)->sw.linear[50].store(HCAS + 2);
	fabric(1)->sw.linear[51].store(HCAS + 1);
	fabric(0)->sw.linear[51].store(HCAS + 2);
	send(0, 0, datagram(50, 1));
	EXPECT_EQ(vib_trunk_drops(fabric(1), 0, VIB_DROP_TX_NO_ROUTE), 1u);
	send(0, 0, datagram(51, 1));
	EXPECT_EQ(vib_trunk_drops(fabric(1), 0, VIB_DROP_TX_ECHO), 1u);
	EXPECT_TRUE(delivered_.empty());
}

TEST_F(TrunkTest, LyingFramesAreDroppedAndCounted)
{
	train();
	bring_up();
	send(0, 0, datagram(4, 1));
	const auto malformed = [this] { return counted(1, 0, VIB_TRUNK_MALFORMED); };

	for (std::size_t size = 0; size < last_frame_.size(); size++)
		EXPECT_EQ(altered(1, [size](Bytes &frame) { frame.resize(size); }),
			  VIB_TRUNK_NOTHING)
			<< size;
	EXPECT_EQ(malformed(), last_frame_.size());
	EXPECT_EQ(altered(1, [](Bytes &frame) { frame.push_back(0); }), VIB_TRUNK_NOTHING);
	EXPECT_EQ(altered(1, [](Bytes &frame) { frame[0] = 2; }), VIB_TRUNK_NOTHING);
	EXPECT_EQ(altered(1, [](Bytes &frame) { frame[1] = 3; }), VIB_TRUNK_NOTHING);
	EXPECT_EQ(altered(1, [](Bytes &frame) { frame.resize(VIB_TRUNK_HEAD), frame[1] = 1; }),
		  VIB_TRUNK_NOTHING);
	EXPECT_EQ(malformed(), last_frame_.size() + 4);
	for (std::size_t i = VIB_TRUNK_HEAD; i < last_frame_.size(); i++)
		EXPECT_EQ(altered(1, [i](Bytes &frame) { frame[i] ^= 0x10; }), VIB_TRUNK_NOTHING)
			<< i;
	EXPECT_GT(counted(1, 0, VIB_TRUNK_CRC), 0u);
	for (std::size_t i = 4; i < VIB_TRUNK_HEAD; i++)
		EXPECT_EQ(altered(1, [i](Bytes &frame) { frame[i] ^= 0x10; }), VIB_TRUNK_NOTHING)
			<< "of another identity, or for one";
	EXPECT_EQ(counted(1, 0, VIB_TRUNK_STRANGER), 8u);
	EXPECT_EQ(counted(1, 0, VIB_TRUNK_RX), 1u);
	EXPECT_EQ(altered(1, [](Bytes &) {}), VIB_TRUNK_IS_PACKET);
}

TEST_F(TrunkTest, EthernetFillsShortFrames)
{
	train();
	bring_up();
	Bytes wire = datagram(4, 1);
	// An acknowledgement of a connection, the shortest packet there is.
	vib::Headers headers{};
	headers.dlid = 4;
	headers.slid = 1;
	headers.opcode = 0x11;
	headers.pkey = 0xffff;
	wire.assign(VIB_HEADER_MAX, 0);
	const u8 aeth[4] = {};
	const vib::Lengths lengths = vib::write_headers(wire.data(), headers, {aeth, 4});
	wire.resize(lengths.header + lengths.tail);
	padding_ = 46 - VIB_TRUNK_HEAD - VIB_VCRC_LEN - wire.size();
	send(0, 0, wire);
	ASSERT_EQ(delivered_.size(), 1u);
	EXPECT_EQ(delivered_[0].wire.size(), wire.size());
	padding_++;
	send(0, 0, wire);
	EXPECT_TRUE(delivered_.empty()) << "not that far";
}

TEST_F(TrunkTest, LargestPacketsFitTheMtuItAsksFor)
{
	EXPECT_EQ(vib_trunk_mtu(fabric(0)), 12u + 88 + 2048 + 7 + 2);
}

TEST_F(TrunkTest, TheSwitchAnswersByTheTrunk)
{
	train();
	bring_up();
	Smp smp = make_smp(GET, Attribute::NODE_INFO);
	Bytes wire = smp_packet(smp, 101);
	vib::wire::Lrh lrh;
	__builtin_memcpy(&lrh, wire.data(), sizeof(lrh));
	lrh.slid = Be16::from(2);
	__builtin_memcpy(wire.data(), &lrh, sizeof(lrh));
	send(0, 1, wire);
	ASSERT_EQ(delivered_.size(), 1u);
	EXPECT_EQ(delivered_[0].machine, 0u);
	EXPECT_EQ(delivered_[0].hca, 1u);
	vib::wire::NodeInfo info;
	__builtin_memcpy(&info, smp_of(delivered_[0].wire).data, sizeof(info));
	EXPECT_EQ(info.node_guid.get(), fabric(1)->sw.guid);
	EXPECT_EQ(info.local_port, HCAS + 1) << "the port it came in by";
	EXPECT_EQ(info.num_ports, HCAS + TRUNKS);
}

class RowTest : public MachinesTest {
protected:
	void SetUp() override
	{
		make(3);
		train();
	}

	static Smp directed(std::initializer_list<u8> path)
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

TEST_F(RowTest, DirectedRoutesToEachSwitchBeforeAnyLidIsKnown)
{
	const std::initializer_list<u8> paths[] = {{1}, {1, 4}, {1, 4, 4}};
	u32 machine = 0;

	for (const auto &path : paths) {
		send(0, 0, smp_packet(directed(path)));
		ASSERT_EQ(delivered_.size(), 1u) << machine;
		EXPECT_EQ(delivered_[0].machine, 0u);
		EXPECT_EQ(delivered_[0].hca, 0u);
		const Smp answer = smp_of(delivered_[0].wire);
		EXPECT_EQ(answer.header.status.get(), 0x8000);
		EXPECT_EQ(answer.header.hop_pointer, 1);
		vib::wire::NodeInfo info;
		__builtin_memcpy(&info, answer.data, sizeof(info));
		EXPECT_EQ(info.node_guid.get(), fabric(machine)->sw.guid);
		EXPECT_EQ(info.local_port, machine ? HCAS + 1 : 1);
		machine++;
	}
}

TEST_F(RowTest, DirectedRouteThereAndBack)
{
	send(0, 1, smp_packet(directed({1, 4, 4, 2})));
	ASSERT_EQ(delivered_.size(), 1u);
	EXPECT_EQ(delivered_[0].machine, 2u);
	EXPECT_EQ(delivered_[0].hca, 1u);
	const Smp there = smp_of(delivered_[0].wire);
	EXPECT_EQ(there.header.hop_pointer, 4);
	EXPECT_EQ(there.return_path[1], 2) << "each switch notes where it came in";
	EXPECT_EQ(there.return_path[2], 3);
	EXPECT_EQ(there.return_path[3], 3);

	Smp answer = there;
	answer.header.method = 0x81;
	answer.header.status = Be16::from(0x8000);
	answer.header.hop_pointer = 4; // HCA's own part is done by ib_mad
	send(2, 1, smp_packet(answer));
	ASSERT_EQ(delivered_.size(), 1u);
	EXPECT_EQ(delivered_[0].machine, 0u);
	EXPECT_EQ(delivered_[0].hca, 1u);
	EXPECT_EQ(smp_of(delivered_[0].wire).header.hop_pointer, 1);
}

TEST_F(RowTest, UnicastOverAllSwitches)
{
	bring_up();
	for (u32 from = 0; from < 6; from++)
		for (u32 to = 0; to < 6; to++) {
			if (from == to)
				continue;
			send(from / 2, from % 2,
			     datagram(static_cast<u16>(1 + to), static_cast<u16>(1 + from)));
			ASSERT_EQ(delivered_.size(), 1u) << from << " to " << to;
			EXPECT_EQ(delivered_[0].machine * 2 + delivered_[0].hca, to);
		}
}

TEST_F(RowTest, GroupsReachEverybodyOnce)
{
	bring_up();
	for (u32 from = 0; from < 6; from++) {
		send(from / 2, from % 2, datagram(0xc000, static_cast<u16>(1 + from)));
		u32 seen = 0;
		for (const Delivery &delivery : delivered_)
			seen |= 1u << (delivery.machine * 2 + delivery.hca);
		EXPECT_EQ(seen, 0x3fu) << from;
		EXPECT_EQ(delivered_.size(), 6u) << from;
	}
}

TEST_F(RowTest, TrapsComeFromAfar)
{
	bring_up();
	delivered_.clear();
	vib_effects effects;
	vib_link_plug(fabric(2), 1, false, &effects);
	ASSERT_TRUE(effects.trap);
	Bytes wire(VIB_HEADER_MAX + VIB_MAD_LEN + VIB_TAIL_MAX);
	vib_plan plan;
	vib_switch_trap(fabric(2), wire.data(), &plan);
	EXPECT_EQ(plan.hcas, 0u);
	EXPECT_EQ(plan.trunks, 1u) << "by the trunk that leads to the subnet manager";
}

TEST_F(RowTest, CountersOfTrunkPorts)
{
	bring_up();
	send(0, 0, datagram(5, 1));
	vib::Port &port = fabric(1)->trunk_port(0);
	EXPECT_EQ(port.counters[VIB_RX_PACKETS].load(), 1u);
	EXPECT_EQ(port.counters[VIB_RX_WORDS].load(), (8 + 12 + 8 + 100 + 4) / 4u);
	EXPECT_EQ(fabric(1)->trunk_port(1).counters[VIB_TX_PACKETS].load(), 1u);
	EXPECT_EQ(fabric(1)->trunk_port(1).counters[VIB_TX_WORDS].load(),
		  (8 + 12 + 8 + 100 + 4) / 4u);
}

} // namespace
} // namespace unit
