// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The way of a packet from a port to ports, and the switch's own agents as a packet sees them.
#pragma once

#include "fabric.hpp"
#include "packet.hpp"

namespace vib {

// What HCA @hca sends: back to itself, through the switch, or to the switch.
vib_plan forward(Fabric &fabric, u32 hca, ByteSpan bytes);

// What came by a trunk: through the switch, or to it.
vib_plan forward_from_trunk(Fabric &fabric, u32 trunk, ByteSpan bytes);

// A packet for the switch, by @in_port, becomes its answer.
vib_plan receive_at_switch(Fabric &fabric, u32 in_port, ByteSpan bytes, vib_effects &effects);

// The trap about a link that changed. The length of the packet.
size_t write_trap(Fabric &fabric, u8 *bytes, vib_plan &plan);

} // namespace vib
