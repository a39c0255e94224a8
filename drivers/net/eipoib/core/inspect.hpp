// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What an IP packet is, as far as more than its addresses decides on its way.
#pragma once

#include "dhcp.hpp"
#include "nd.hpp"

namespace eipoib {

enum class Content : u8 {
	bad,	      // no IP header
	plain,	      // nothing to look into
	dhcp_request, // it may be one
	nd,	      // neighbour discovery
};

// @packet starts with its IPv4 header. Of all packets this is asked: it copies nothing.
[[gnu::always_inline]] inline Content inspect_ipv4(ByteView packet)
{
	if (!packet.contains(0, sizeof(wire::Ipv4Header)) ||
	    !wire::Ipv4Header::is_plausible(packet.data()[0]))
		return Content::bad;
	if (packet.data()[__builtin_offsetof(wire::Ipv4Header, protocol_)] ==
		    wire::ipv4_protocol_udp &&
	    may_be_dhcp_request(packet))
		return Content::dhcp_request;
	return Content::plain;
}

// The same of an IPv6 packet.
[[gnu::always_inline]] inline Content inspect_ipv6(ByteView packet)
{
	if (!packet.contains(0, sizeof(wire::Ipv6Header)) ||
	    !wire::Ipv6Header::is_plausible(packet.data()[0]))
		return Content::bad;
	return is_nd(packet) ? Content::nd : Content::plain;
}

inline Be16 ethertype_at(const u8 *bytes)
{
	Be16 ethertype;
	__builtin_memcpy(&ethertype, bytes, sizeof(ethertype));
	return ethertype;
}

// Whether nothing in @packet decides on its way. Only IP packets are looked into.
[[gnu::always_inline]] inline bool is_plain(Be16 ethertype, ByteView packet)
{
	if (ethertype == Be16::from(wire::ethertype_ipv4))
		return inspect_ipv4(packet) == Content::plain;
	return ethertype == Be16::from(wire::ethertype_ipv6) &&
	       inspect_ipv6(packet) == Content::plain;
}

} // namespace eipoib
