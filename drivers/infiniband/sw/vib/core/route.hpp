// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The steps of a way through the switch, for who forwards and who answers there.
#pragma once

#include "directed.hpp"
#include "forward.hpp"

namespace vib {

constexpr vib_plan FOR_SWITCH{
	.hcas = 0, .looped = 0, .trunks = 0, .to_switch = true, .drop = VIB_ACCEPT};

constexpr vib_plan dropped(vib_drop reason)
{
	return {.hcas = 0,
		.looped = 0,
		.trunks = 0,
		.to_switch = false,
		.drop = static_cast<u8>(reason)};
}

constexpr vib_plan delivered(u64 hcas, u64 looped = 0, u32 trunks = 0)
{
	return {.hcas = hcas,
		.looped = looped,
		.trunks = trunks,
		.to_switch = false,
		.drop = VIB_ACCEPT};
}

// Out by @port of the switch.
vib_plan by_port(const Fabric &fabric, u32 port, bool smp);

// By the switch's table. @in_port 0 is the switch itself.
vib_plan by_lid(const Fabric &fabric, u16 dlid, u32 in_port, bool smp);

// What a directed route wants next.
vib_plan follow(Fabric &fabric, ByteSpan bytes, const DirectedStep &step);

inline void set_lids(ByteSpan bytes, u16 dlid, u16 slid)
{
	auto lrh = *bytes.view().load<wire::Lrh>();
	lrh.dlid = wire::Be16::from(dlid);
	lrh.slid = wire::Be16::from(slid);
	(void)bytes.store(lrh);
}

inline std::optional<wire::Smp> load_mad(ByteView bytes, const Packet &packet)
{
	if (packet.payload_len != VIB_MAD_LEN)
		return std::nullopt;
	return bytes.load<wire::Smp>(packet.payload);
}

} // namespace vib
