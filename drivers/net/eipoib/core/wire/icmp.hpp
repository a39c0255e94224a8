// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// ICMP for IPv4 and IPv6: what tells a sender that its packet was too big, and what it quotes.
#pragma once

#include "checksum.hpp"
#include "headers.hpp"

namespace eipoib::wire {

inline constexpr u8 ipv4_protocol_icmp = 1;

// RFC 792 and RFC 1191 section 4: "fragmentation needed and DF set". The quoted packet follows.
struct IcmpFragmentationNeeded {
	u8 type_;
	u8 code_;
	Be16 checksum_;
	Be16 unused_;
	Be16 mtu_;
};

static_assert(sizeof(IcmpFragmentationNeeded) == 8 && alignof(IcmpFragmentationNeeded) == 1);

// RFC 4443 section 3.2. The quoted packet follows.
struct Icmp6PacketTooBig {
	Icmp6Header header_;
	Be32 mtu_;
};

static_assert(sizeof(Icmp6PacketTooBig) == 8 && alignof(Icmp6PacketTooBig) == 1);

// Messages about errors, which must not cause another: RFC 1122 section 3.2.2.
constexpr bool is_icmp_error(u8 type)
{
	return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

// RFC 4443 section 2.4 (e): errors have the lower numbers; redirects count as one.
constexpr bool is_icmp6_error(u8 type)
{
	return type < 128 || type == 137;
}

} // namespace eipoib::wire
