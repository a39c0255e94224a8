// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB

#include "fixture.hpp"
#include "core/packet.hpp"

namespace unit {

namespace {

constexpr u8 with_state(u8 byte, u8 state)
{
	return static_cast<u8>((byte & 0xf0) | state);
}

} // namespace

Smp make_smp(u8 method, Attribute attribute, u32 modifier)
{
	Smp smp{};

	smp.header.base_version = 1;
	smp.header.mgmt_class = vib::wire::CLASS_SMP_LID;
	smp.header.class_version = 1;
	smp.header.method = method;
	smp.header.tid = Be64::from(0x1122334455667788);
	smp.header.attribute = Be16::from(static_cast<u16>(attribute));
	smp.header.modifier = vib::wire::Be32::from(modifier);
	return smp;
}

std::string to_hex(const u8 *data, std::size_t size)
{
	static const char digits[] = "0123456789abcdef";
	std::string text;

	for (std::size_t i = 0; i < size; i++) {
		text += digits[data[i] >> 4];
		text += digits[data[i] & 15];
	}
	return text;
}

Smp smp_of(const Bytes &wire)
{
	const auto packet = vib::Packet::parse({wire.data(), wire.size()});
	Smp smp{};

	EXPECT_TRUE(packet);
	if (!packet || packet->payload_len != sizeof(smp))
		return smp;
	__builtin_memcpy(&smp, wire.data() + packet->payload, sizeof(smp));
	return smp;
}

void FabricTest::make(u32 hcas, u32 mtu)
{
	const vib_fabric_config config{.guid = GUID, .hcas = hcas, .trunks = 0, .mtu = mtu};
	vib_effects effects;

	hcas_ = hcas;
	memory_ = std::make_unique<u8[]>(vib_fabric_size());
	ASSERT_TRUE(vib_fabric_init(fabric(), &config));
	for (u32 i = 0; i < hcas; i++)
		vib_link_plug(fabric(), i, true, &effects);
}

Answer FabricTest::ask_hca(u32 hca, const Smp &smp)
{
	Answer answer;

	answer.verdict = vib_hca_mad(fabric(), hca, reinterpret_cast<const u8 *>(&smp),
				     reinterpret_cast<u8 *>(&answer.smp), &answer.effects);
	return answer;
}

Answer FabricTest::ask_switch(const Smp &request, u32 from)
{
	Smp smp = request;
	Answer answer;

	smp.header.mgmt_class = vib::wire::CLASS_SMP_DIRECTED;
	smp.header.hop_pointer = 1; // the sender's part is done by ib_mad
	smp.header.hop_count = 1;
	smp.initial_path[1] = 1;
	smp.dr_slid = Be16::from(PERMISSIVE);
	smp.dr_dlid = Be16::from(PERMISSIVE);

	Bytes wire = build_smp(from, PERMISSIVE, smp);
	vib_plan plan = forward(from, wire);
	EXPECT_TRUE(plan.to_switch);
	vib_switch_receive(fabric(), from, wire.data(), static_cast<u32>(wire.size()), &plan,
			   &answer.effects);
	if (plan.drop)
		return answer;
	EXPECT_EQ(plan.hcas, u64{1} << from);
	answer.verdict = VIB_MAD_REPLY;
	answer.smp = smp_of(wire);
	return answer;
}

PortInfo FabricTest::hca_info(u32 hca)
{
	return ask_hca(hca, make_smp(GET, Attribute::PORT_INFO)).as<PortInfo>();
}

PortInfo FabricTest::switch_info(u32 port)
{
	return ask_switch(make_smp(GET, Attribute::PORT_INFO, port)).as<PortInfo>();
}

Answer FabricTest::set_hca(u32 hca, const PortInfo &info)
{
	Smp smp = make_smp(SET, Attribute::PORT_INFO);
	put(smp, info);
	return ask_hca(hca, smp);
}

Answer FabricTest::set_switch(u32 port, const PortInfo &info)
{
	Smp smp = make_smp(SET, Attribute::PORT_INFO, port);
	put(smp, info);
	return ask_switch(smp);
}

Answer FabricTest::set_hca_state(u32 hca, u8 state, u8 phys)
{
	PortInfo info = hca_info(hca);
	info.speed_supported_state = with_state(info.speed_supported_state, state);
	info.phys_down_default = static_cast<u8>(phys << 4);
	return set_hca(hca, info);
}

Answer FabricTest::set_switch_state(u32 port, u8 state, u8 phys)
{
	PortInfo info = switch_info(port);
	info.speed_supported_state = with_state(info.speed_supported_state, state);
	info.phys_down_default = static_cast<u8>(phys << 4);
	return set_switch(port, info);
}

void FabricTest::bring_up()
{
	PortInfo info = switch_info(0);
	info.lid = Be16::from(SWITCH_LID);
	info.sm_lid = Be16::from(lid_of(0));
	info.phys_down_default = 0;
	ASSERT_EQ(set_switch(0, info).status(), 0);
	set_route(SWITCH_LID, 0);

	for (u32 i = 0; i < hcas_; i++) {
		info = hca_info(i);
		info.lid = Be16::from(lid_of(i));
		info.sm_lid = Be16::from(lid_of(0));
		info.speed_supported_state = with_state(info.speed_supported_state, 0);
		info.phys_down_default = 0;
		ASSERT_EQ(set_hca(i, info).status(), 0);
		for (u8 state : {vib::STATE_ARMED, vib::STATE_ACTIVE}) {
			ASSERT_EQ(set_hca_state(i, state).status(), 0);
			ASSERT_EQ(set_switch_state(i + 1, state).status(), 0);
		}
		set_route(lid_of(i), static_cast<u8>(i + 1));
	}
}

void FabricTest::set_pkey(u32 hca, u32 index, u16 pkey)
{
	const u32 block = index / 32;
	const Smp now = ask_hca(hca, make_smp(GET, Attribute::PKEY_TABLE, block)).smp;
	Smp smp = make_smp(SET, Attribute::PKEY_TABLE, block);

	__builtin_memcpy(smp.data, now.data, sizeof(smp.data));
	put(smp, Be16::from(pkey), index % 32 * 2);
	ASSERT_EQ(ask_hca(hca, smp).status(), 0);
}

void FabricTest::set_route(u16 lid, u8 port)
{
	const Smp now = ask_switch(make_smp(GET, Attribute::LINEAR_FORWARDING, lid / 64u)).smp;
	Smp smp = make_smp(SET, Attribute::LINEAR_FORWARDING, lid / 64u);

	__builtin_memcpy(smp.data, now.data, sizeof(smp.data));
	smp.data[lid % 64] = port;
	ASSERT_EQ(ask_switch(smp).status(), 0);
}

void FabricTest::set_group(u16 mlid, const std::vector<u32> &ports)
{
	const u32 entry = mlid - 0xc000u;

	for (u32 position = 0; position * 16 <= VIB_MAX_HCAS; position++) {
		u16 mask = 0;
		for (u32 port : ports)
			if (port / 16 == position)
				mask = static_cast<u16>(mask | 1u << port % 16);
		Smp smp =
			make_smp(SET, Attribute::MULTICAST_FORWARDING, position << 28 | entry / 32);
		put(smp, Be16::from(mask), entry % 32 * 2);
		ASSERT_EQ(ask_switch(smp).status(), 0);
	}
}

Bytes FabricTest::build(u32 hca, const vib_send &send, const Bytes &payload)
{
	Bytes wire(VIB_HEADER_MAX);
	vib_send sized = send;

	sized.payload_len = static_cast<u32>(payload.size());
	const vib_layout layout = vib_send_build(fabric(), hca, &sized, wire.data());
	EXPECT_EQ(layout.drop, VIB_ACCEPT);
	wire.resize(layout.header_len);
	wire.insert(wire.end(), payload.begin(), payload.end());
	wire.insert(wire.end(), layout.tail_len, 0);
	return wire;
}

Bytes FabricTest::build_smp(u32 hca, u16 dlid, const Smp &smp)
{
	const vib_av av{.flow_label = 0,
			.dlid = dlid,
			.sl = 0,
			.path_bits = 0,
			.has_grh = false,
			.sgid_index = 0,
			.hop_limit = 0,
			.traffic_class = 0,
			.dgid = {}};
	const vib_qp_attr qp{
		.qpn = 0, .qkey = 0, .pkey_index = 0, .kind = VIB_QP_SMI, .can_receive = true};
	const u8 *bytes = reinterpret_cast<const u8 *>(&smp);
	vib_send send{};

	send.av = &av;
	send.qp = &qp;
	return build(hca, send, Bytes(bytes, bytes + sizeof(smp)));
}

vib_plan FabricTest::forward(u32 hca, Bytes &wire)
{
	vib_plan plan;

	vib_forward(fabric(), hca, wire.data(), static_cast<u32>(wire.size()), &plan);
	return plan;
}

} // namespace unit
