// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The subnet management agents: what Get answers, what Set changes and refuses.

#include "fixture.hpp"

#include <cstring>

namespace unit {
namespace {

using vib::wire::NodeInfo;
using vib::wire::SwitchInfo;

constexpr u16 BAD_ATTRIBUTE = 0x0c;
constexpr u16 BAD_VALUE = 0x1c;
constexpr u16 BAD_VERSION = 0x04;

class SmaTest : public FabricTest {
protected:
	std::string description(const Answer &answer)
	{
		const auto *text = reinterpret_cast<const char *>(answer.smp.data);
		return {text, strnlen(text, VIB_DESC_LEN)};
	}
};

TEST_F(SmaTest, NodeInfoOfAnHca)
{
	const Answer answer = ask_hca(1, make_smp(GET, Attribute::NODE_INFO));
	const auto info = answer.as<NodeInfo>();

	EXPECT_EQ(answer.verdict, VIB_MAD_REPLY);
	EXPECT_EQ(answer.smp.header.method, 0x81);
	EXPECT_EQ(answer.smp.header.tid.get(), 0x1122334455667788u);
	EXPECT_EQ(answer.status(), 0);
	EXPECT_EQ(info.node_type, 1);
	EXPECT_EQ(info.num_ports, 1);
	EXPECT_EQ(info.port_guid.get(), GUID + 0x10);
	EXPECT_EQ(info.node_guid.get(), GUID + 0x10 - 1);
	EXPECT_EQ(info.system_image_guid.get(), GUID + 0x10 - 1);
	EXPECT_EQ(info.partition_cap.get(), VIB_PKEYS);
	EXPECT_EQ(info.local_port, 1);
}

TEST_F(SmaTest, NodeInfoOfTheSwitchTellsTheArrivalPort)
{
	for (u32 from = 0; from < hcas(); from++) {
		const Answer answer = ask_switch(make_smp(GET, Attribute::NODE_INFO), from);
		const auto info = answer.as<NodeInfo>();
		EXPECT_TRUE(answer.smp.header.status.get() & 0x8000) << "direction bit";
		EXPECT_EQ(info.node_type, 2);
		EXPECT_EQ(info.num_ports, hcas());
		EXPECT_EQ(info.local_port, from + 1);
	}
}

TEST_F(SmaTest, NodeDescriptions)
{
	EXPECT_EQ(description(ask_hca(2, make_smp(GET, Attribute::NODE_DESCRIPTION))), "vib2");
	EXPECT_EQ(description(ask_switch(make_smp(GET, Attribute::NODE_DESCRIPTION))),
		  "vib switch");

	u8 text[VIB_DESC_LEN] = "hypervisor A";
	vib_node_describe(fabric(), 2, text);
	EXPECT_EQ(description(ask_hca(2, make_smp(GET, Attribute::NODE_DESCRIPTION))),
		  "hypervisor A");
	EXPECT_EQ(ask_hca(2, make_smp(SET, Attribute::NODE_DESCRIPTION)).status(), BAD_ATTRIBUTE);
}

TEST_F(SmaTest, TwoDigitDescriptions)
{
	make(64);
	EXPECT_EQ(description(ask_hca(63, make_smp(GET, Attribute::NODE_DESCRIPTION))), "vib63");
}

TEST_F(SmaTest, OtherMadsAreNotForTheAgent)
{
	Smp trap = make_smp(0x05, Attribute::NOTICE);
	EXPECT_EQ(ask_hca(0, trap).verdict, VIB_MAD_PASS);
	// SMInfo is the subnet manager's.
	EXPECT_EQ(ask_hca(0, make_smp(GET, Attribute{0x20})).verdict, VIB_MAD_PASS);
	Smp sa = make_smp(GET, Attribute::NODE_INFO);
	sa.header.mgmt_class = 0x03;
	EXPECT_EQ(ask_hca(0, sa).verdict, VIB_MAD_PASS);
	Smp response = make_smp(0x81, Attribute::NODE_INFO);
	EXPECT_EQ(ask_hca(0, response).verdict, VIB_MAD_PASS);
}

TEST_F(SmaTest, UnknownThingsAreRefused)
{
	EXPECT_EQ(ask_hca(0, make_smp(GET, Attribute{0x30})).status(), BAD_ATTRIBUTE);
	EXPECT_EQ(ask_hca(0, make_smp(GET, Attribute::SWITCH_INFO)).status(), BAD_ATTRIBUTE);
	EXPECT_EQ(ask_hca(0, make_smp(GET, Attribute::LINEAR_FORWARDING)).status(), BAD_ATTRIBUTE);
	EXPECT_EQ(ask_hca(0, make_smp(GET, Attribute::MULTICAST_FORWARDING)).status(),
		  BAD_ATTRIBUTE);
	EXPECT_EQ(ask_hca(0, make_smp(GET, Attribute::PKEY_TABLE, VIB_PKEYS / 32)).status(),
		  BAD_VALUE);
	EXPECT_EQ(ask_hca(0, make_smp(GET, Attribute::GUID_INFO, 1)).status(), BAD_VALUE);
	EXPECT_EQ(ask_hca(0, make_smp(GET, Attribute::VL_ARBITRATION, 5 << 16)).status(),
		  BAD_VALUE);
	EXPECT_EQ(ask_switch(make_smp(GET, Attribute::PORT_INFO, hcas() + 1)).status(), BAD_VALUE);
	EXPECT_EQ(ask_switch(make_smp(GET, Attribute::LINEAR_FORWARDING, 768)).status(), BAD_VALUE);
	EXPECT_EQ(ask_switch(make_smp(GET, Attribute::MULTICAST_FORWARDING, 5u << 28)).status(),
		  BAD_VALUE);
	EXPECT_EQ(ask_switch(make_smp(SET, Attribute::NODE_INFO)).status(), BAD_ATTRIBUTE);
	Smp old = make_smp(GET, Attribute::NODE_INFO);
	old.header.class_version = 2;
	EXPECT_EQ(ask_hca(0, old).status(), BAD_VERSION);
}

TEST_F(SmaTest, PortInfoOfAnHca)
{
	const PortInfo info = hca_info(0);

	EXPECT_EQ(info.gid_prefix.get(), 0xfe80000000000000u);
	EXPECT_EQ(info.lid.get(), 0);
	EXPECT_EQ(info.speed_supported_state & 15, vib::STATE_INIT);
	EXPECT_EQ(info.phys_down_default >> 4, vib::PHYS_LINK_UP);
	EXPECT_EQ(info.reply_mtu_cap & 15, 4) << "2048";
	EXPECT_EQ(info.local_port, 1);
	make(1, 4096);
	EXPECT_EQ(hca_info(0).reply_mtu_cap & 15, 5) << "4096";
}

TEST_F(SmaTest, PortInfoTellsTheArrivalPortNotTheNamedOne)
{
	const Answer answer = ask_switch(make_smp(GET, Attribute::PORT_INFO, 3), 1);
	EXPECT_EQ(answer.as<PortInfo>().local_port, 2);
}

TEST_F(SmaTest, ValuesThatPortInfoRefuses)
{
	const PortInfo before = hca_info(0);
	PortInfo good = before;
	good.phys_down_default = 0;
	good.speed_supported_state &= 0xf0;
	ASSERT_EQ(set_hca(0, good).status(), 0);
	PortInfo bad = good;
	bad.lid = Be16::from(0xc000);
	EXPECT_EQ(set_hca(0, bad).status(), BAD_VALUE) << "multicast LID";
	bad = good;
	bad.mtu_sm_sl = 0x50;
	EXPECT_EQ(set_hca(0, bad).status(), BAD_VALUE) << "MTU beyond MTUCap";
	bad = good;
	bad.phys_down_default = 0x40;
	EXPECT_EQ(set_hca(0, bad).status(), BAD_VALUE) << "Training is no command";
	EXPECT_EQ(set_hca_state(0, vib::STATE_ACTIVE).status(), BAD_VALUE) << "not from Init";
	EXPECT_EQ(set_hca_state(0, vib::STATE_INIT).status(), BAD_VALUE);
	EXPECT_EQ(to_hex(reinterpret_cast<const u8 *>(&before), sizeof(before)), [this] {
		const PortInfo now = hca_info(0);
		return to_hex(reinterpret_cast<const u8 *>(&now), sizeof(now));
	}()) << "nothing may have changed";
}

TEST_F(SmaTest, PKeyTable)
{
	EXPECT_EQ(ask_hca(0, make_smp(GET, Attribute::PKEY_TABLE)).as<Be16>().get(), 0xffff);
	set_pkey(0, 33, 0x8003);
	EXPECT_EQ(ask_hca(0, make_smp(GET, Attribute::PKEY_TABLE, 1)).as<Be16>(2).get(), 0x8003);
	u16 pkey;
	ASSERT_TRUE(vib_port_pkey(fabric(), 0, 33, &pkey));
	EXPECT_EQ(pkey, 0x8003);
	ASSERT_TRUE(vib_port_pkey(fabric(), 1, 33, &pkey));
	EXPECT_EQ(pkey, 0) << "of another HCA";
	EXPECT_FALSE(vib_port_pkey(fabric(), 0, VIB_PKEYS, &pkey));
}

TEST_F(SmaTest, GuidInfo)
{
	Smp smp = make_smp(SET, Attribute::GUID_INFO);
	put(smp, Be64::from(0xdead), 0);
	put(smp, Be64::from(0xbeef), 8);
	const Answer answer = ask_hca(0, smp);
	EXPECT_EQ(answer.as<Be64>(0).get(), GUID) << "entry 0 cannot be written";
	EXPECT_EQ(answer.as<Be64>(8).get(), 0xbeefu);

	u8 gid[VIB_GID_LEN];
	ASSERT_TRUE(vib_port_gid(fabric(), 0, 1, gid));
	EXPECT_EQ(to_hex(gid, sizeof(gid)), "fe80000000000000000000000000beef");
	ASSERT_TRUE(vib_port_gid(fabric(), 0, 2, gid));
	EXPECT_EQ(to_hex(gid, sizeof(gid)), std::string(32, '0'));
	EXPECT_FALSE(vib_port_gid(fabric(), 0, VIB_GUIDS, gid));
}

TEST_F(SmaTest, TablesWithoutEffectAreKept)
{
	Smp smp = make_smp(SET, Attribute::SL_TO_VL, 2);
	put(smp, Be64::from(0x0011223344556677));
	EXPECT_EQ(ask_switch(smp).status(), 0);
	EXPECT_EQ(ask_switch(make_smp(GET, Attribute::SL_TO_VL, 2)).as<Be64>().get(),
		  0x0011223344556677u);
	EXPECT_EQ(ask_switch(make_smp(GET, Attribute::SL_TO_VL, 1)).as<Be64>().get(), 0u);

	smp = make_smp(SET, Attribute::VL_ARBITRATION, 3 << 16);
	put(smp, Be64::from(42), 56);
	EXPECT_EQ(ask_hca(0, smp).status(), 0);
	EXPECT_EQ(ask_hca(0, make_smp(GET, Attribute::VL_ARBITRATION, 3 << 16)).as<Be64>(56).get(),
		  42u);
}

TEST_F(SmaTest, SwitchInfo)
{
	auto info = ask_switch(make_smp(GET, Attribute::SWITCH_INFO)).as<SwitchInfo>();
	EXPECT_EQ(info.linear_cap.get(), 0xc000);
	EXPECT_EQ(info.multicast_cap.get(), 0x3fff);
	EXPECT_TRUE(info.lifetime_change & 4) << "links came up";

	Smp smp = make_smp(SET, Attribute::SWITCH_INFO);
	info.lifetime_change = 18 << 3 | 4; // writing 1 clears it
	info.linear_top = Be16::from(7);
	info.linear_cap = Be16::from(1);
	put(smp, info);
	ask_switch(smp);
	info = ask_switch(make_smp(GET, Attribute::SWITCH_INFO)).as<SwitchInfo>();
	EXPECT_EQ(info.lifetime_change, 18 << 3);
	EXPECT_EQ(info.linear_top.get(), 7);
	EXPECT_EQ(info.linear_cap.get(), 0xc000) << "cannot be written";
}

TEST_F(SmaTest, ForwardingTables)
{
	set_route(0xbfff, 3);
	EXPECT_EQ(ask_switch(make_smp(GET, Attribute::LINEAR_FORWARDING, 767)).smp.data[63], 3);
	EXPECT_EQ(ask_switch(make_smp(GET, Attribute::LINEAR_FORWARDING, 0)).smp.data[0], 0xff);

	set_group(0xfffe, {1, 3, 17});
	const u32 block = (0xfffe - 0xc000) / 32;
	EXPECT_EQ(ask_switch(make_smp(GET, Attribute::MULTICAST_FORWARDING, block))
			  .as<Be16>(0x1e * 2)
			  .get(),
		  0x000a);
	EXPECT_EQ(ask_switch(make_smp(GET, Attribute::MULTICAST_FORWARDING, 1u << 28 | block))
			  .as<Be16>(0x1e * 2)
			  .get(),
		  0x0002);
}

TEST_F(SmaTest, MKey)
{
	PortInfo info = hca_info(0);
	info.phys_down_default = 0;
	info.speed_supported_state = 0;
	info.mkey = Be64::from(0x1234);
	ASSERT_EQ(set_hca(0, info).status(), 0);

	EXPECT_EQ(set_hca(0, info).verdict, VIB_MAD_CONSUMED) << "Set without the key";
	EXPECT_EQ(hca_info(0).mkey.get(), 0x1234u) << "protection 0 shows it";
	EXPECT_EQ(hca_info(0).mkey_violations.get(), 1);

	Smp smp = make_smp(SET, Attribute::PORT_INFO);
	smp.mkey = Be64::from(0x1234);
	info.mkey_protect_lmc = 1 << 6;
	put(smp, info);
	EXPECT_EQ(ask_hca(0, smp).status(), 0);
	EXPECT_EQ(hca_info(0).mkey.get(), 0u) << "protection 1 hides it";

	info.mkey_protect_lmc = 2 << 6;
	put(smp, info);
	EXPECT_EQ(ask_hca(0, smp).status(), 0);
	EXPECT_EQ(ask_hca(0, make_smp(GET, Attribute::PORT_INFO)).verdict, VIB_MAD_CONSUMED)
		<< "protection 2 admits nobody";
	EXPECT_EQ(drops(0, VIB_DROP_RX_MAD), 2u);
}

TEST_F(SmaTest, FabricsThatMakeNoSense)
{
	auto memory = std::make_unique<u8[]>(vib_fabric_size());
	auto *none = reinterpret_cast<vib_fabric *>(memory.get());

	for (const vib_fabric_config &config : {vib_fabric_config{GUID, 0, 0, 2048},
						{GUID, VIB_MAX_HCAS + 1, 0, 2048},
						{GUID, 2, VIB_MAX_TRUNKS + 1, 2048},
						{GUID, 2, 0, 0},
						{GUID, 2, 0, 1500},
						{GUID, 2, 0, 8192}})
		EXPECT_FALSE(vib_fabric_init(none, &config));
	for (std::size_t i = 0; i < vib_fabric_size(); i++)
		ASSERT_EQ(memory[i], 0) << "something was written";
}

} // namespace
} // namespace unit
