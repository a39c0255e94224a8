// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The two ends of a datagram: how a queue pair sends one, and which port and queue pair takes it.
#pragma once

#include "fabric.hpp"
#include "packet.hpp"

namespace vib {

vib_layout build_send(Fabric &fabric, u32 hca, const vib_send &send, u8 *bytes);

vib_drop receive_at_port(Port &port, ByteView bytes, vib_rx &rx);

// For datagrams.
vib_drop receive_at_qp(Port &port, const vib_qp_attr &qp, vib_rx &rx);

wire::Grh make_grh(const Port &port, const vib_av &av);

u16 slid_of(const Port &port, const vib_av &av);

// Do two P_Keys match (IBA 10.9.3): same partition, not both limited members?
constexpr bool pkeys_match(u16 a, u16 b)
{
	return (a & 0x7fff) && !((a ^ b) & 0x7fff) && ((a | b) & 0x8000);
}

} // namespace vib
