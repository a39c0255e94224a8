// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Reading DHCPv4 clients' messages.

#include "dhcp.hpp"

#include "wire/checksum.hpp"

#include <cstddef>

namespace eipoib {

namespace {

// How long the IPv4 header of unfragmented UDP is, 0 if it is anything else.
size_t udp_offset(const wire::Ipv4Header &ip)
{
	constexpr u16 fragment = 0x3fff; // more fragments, and offset: RFC 791 section 3.1
	if (!ip.is_plausible() || ip.protocol_ != wire::ipv4_protocol_udp ||
	    ip.fragment_.get() & fragment)
		return 0;
	return ip.version_ihl_ % 16 * size_t{4};
}

bool is_from_client(const wire::UdpHeader &udp, const wire::DhcpHeader &dhcp)
{
	return udp.source_port_.get() == dhcp.client_port &&
	       udp.destination_port_.get() == dhcp.server_port && dhcp.op_ == dhcp.bootrequest &&
	       dhcp.htype_ == dhcp.htype_ethernet && dhcp.hlen_ == sizeof(dhcp.chaddr_);
}

} // namespace

std::optional<DhcpRequest> parse_dhcp_request(ByteView packet, bool is_checksum_pending)
{
	const auto ip = packet.load<wire::Ipv4Header>();
	const size_t udp_at = ip ? udp_offset(*ip) : 0;
	if (!udp_at)
		return std::nullopt;
	const size_t dhcp_at = udp_at + sizeof(wire::UdpHeader);
	const auto udp = packet.load<wire::UdpHeader>(udp_at);
	const auto dhcp = packet.load<wire::DhcpHeader>(dhcp_at);
	if (!dhcp || !is_from_client(*udp, *dhcp))
		return std::nullopt;
	// What is visible may be padding of a datagram that is shorter.
	if (ip->total_length_.get() < udp_at + udp->length_.get() ||
	    udp->length_.get() < sizeof(*udp) + sizeof(*dhcp))
		return std::nullopt;

	const Be16 flags = Be16::from(static_cast<u16>(dhcp->flags_.get() | dhcp->broadcast));
	return DhcpRequest{
		.chaddr = dhcp->chaddr_,
		.is_direct = dhcp->hops_ == 0 && dhcp->giaddr_.get() == 0,
		.is_from_unspecified = ip->source_.get() == 0,
		.has_broadcast_flag = flags == dhcp->flags_,
		.flags_offset = dhcp_at + offsetof(wire::DhcpHeader, flags_),
		.broadcast_flags = flags,
		.checksum_offset = udp_at + offsetof(wire::UdpHeader, checksum_),
		.broadcast_checksum =
			is_checksum_pending
				? udp->checksum_
				: wire::adjusted_udp_checksum(udp->checksum_, dhcp->flags_, flags)};
}

} // namespace eipoib
