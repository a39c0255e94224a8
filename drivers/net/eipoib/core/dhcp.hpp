// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// DHCPv4 clients' messages: whom they come from and how the answer is made a broadcast.
#pragma once

#include "wire/headers.hpp"
#include "wire/udp.hpp"

#include <optional>

namespace eipoib {

using namespace kxx;

// So many bytes from the IPv4 header on must be visible, less if it has fewer options.
inline constexpr size_t dhcp_head_size_max =
	60 + sizeof(wire::UdpHeader) + sizeof(wire::DhcpHeader);

// A message of a client on this link, or one that a relay sends from the client's port.
struct DhcpRequest {
	wire::MacAddress chaddr;
	bool is_direct;		  // no relay touched it: hops and giaddr are 0
	bool is_from_unspecified; // IPv4 source 0.0.0.0
	bool has_broadcast_flag;

	// Where to write, in bytes from the IPv4 header, and what, to set the BROADCAST flag.
	size_t flags_offset;
	Be16 broadcast_flags;
	size_t checksum_offset; // UDP checksum
	Be16 broadcast_checksum;
};

// Whether @packet, which starts with a plausible IPv4 header and is UDP, goes to a DHCP server: all
// others cost no more than this.
[[gnu::always_inline]] inline bool may_be_dhcp_request(ByteView packet)
{
	const size_t udp_at = packet.data()[0] % 16 * size_t{4};
	if (!packet.contains(udp_at, sizeof(wire::UdpHeader)))
		return false;
	Be16 port;
	__builtin_memcpy(&port,
			 packet.data() + udp_at +
				 __builtin_offsetof(wire::UdpHeader, destination_port_),
			 sizeof(port));
	return port == Be16::from(wire::DhcpHeader::server_port);
}

// Read @packet, which starts with its IPv4 header and may be cut behind chaddr: an unfragmented
// UDP datagram from port 68 to 67 with op 1, htype 1 and hlen 6. Else nothing; a relay's message to
// a server goes from port 67 to 67. @is_checksum_pending: the UDP checksum field holds the sum of
// the pseudo header only, which the flags are no part of.
std::optional<DhcpRequest> parse_dhcp_request(ByteView packet, bool is_checksum_pending);

} // namespace eipoib
