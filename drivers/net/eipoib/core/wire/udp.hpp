// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// UDP, and of DHCPv4 what is looked into.
#pragma once

#include "address.hpp"

namespace eipoib::wire {

inline constexpr u8 ipv4_protocol_udp = 17; // IANA protocol numbers

// RFC 768.
struct UdpHeader {
	Be16 source_port_;
	Be16 destination_port_;
	Be16 length_;
	Be16 checksum_;
};

static_assert(sizeof(UdpHeader) == 8 && alignof(UdpHeader) == 1);

// RFC 2131 section 2, up to the Ethernet address in chaddr.
struct DhcpHeader {
	u8 op_;
	u8 htype_;
	u8 hlen_;
	u8 hops_;
	Be32 xid_;
	Be16 secs_;
	Be16 flags_;
	Be32 ciaddr_;
	Be32 yiaddr_;
	Be32 siaddr_;
	Be32 giaddr_;
	MacAddress chaddr_;

	static constexpr u16 server_port = 67;
	static constexpr u16 client_port = 68;
	static constexpr u8 bootrequest = 1;
	static constexpr u8 htype_ethernet = 1;
	static constexpr u16 broadcast = 0x8000; // in flags_
};

static_assert(sizeof(DhcpHeader) == 34 && alignof(DhcpHeader) == 1);

} // namespace eipoib::wire
