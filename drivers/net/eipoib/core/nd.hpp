// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// IPv6 neighbour discovery: what a message says about link-layer addresses, and the same message
// with those of the other kind of link. An Address is a wire::MacAddress on the Ethernet side and a
// wire::IbAddress on the fabric; a packet starts with its IPv6 header. Who owns which address is
// not known here.
#pragma once

#include "wire/announcement.hpp"
#include "wire/nd.hpp"

#include <optional>

namespace eipoib {

using namespace kxx;

// Whether @packet, of which the first 41 bytes will do, is a neighbour discovery message: IPv6, and
// ICMPv6 of type 133 to 137 directly behind its header. Behind extension headers it is none
// for us: hosts have no reason to send that.
[[gnu::always_inline]] inline bool is_nd(ByteView packet)
{
	const u8 *ip = packet.data();
	return packet.contains(sizeof(wire::Ipv6Header), sizeof(wire::NdType)) &&
	       wire::Ipv6Header::is_plausible(ip[0]) &&
	       ip[__builtin_offsetof(wire::Ipv6Header, next_header_)] == wire::next_header_icmp6 &&
	       wire::is_nd_type(ip[sizeof(wire::Ipv6Header)]);
}

// What a message says. Numbers and addresses are as on the wire.
template <typename Address> struct NdMessage {
	wire::NdType type;
	wire::Ipv6Address source;
	wire::Ipv6Address destination;
	wire::Ipv6Address target; // of a neighbour message or redirect, else ::

	// Flags of a neighbour advertisement, elsewhere false.
	bool is_router;
	bool is_solicited;
	bool is_override;

	bool is_signed; // holds an RSA signature option (RFC 3971): must not be changed

	std::optional<Address> source_link;
	std::optional<Address> target_link;

	// Of several announcements the first counts, whether it is understood or not.
	wire::Announced announced;
	std::optional<wire::Announcement> announcement; // if announced is valid
};

// Read the whole message @packet. Bytes behind the IPv6 payload are padding and not looked at.
// @is_checksum_pending: the ICMPv6 checksum has yet to be filled in, so do not check it.
//
// Nothing, if RFC 4861 sections 6.1, 7.1 and 8.1 tell a host to discard it for its form: hop
// limit, code, checksum, length, an option of length 0 or beyond the end. Nothing either if a
// source or target link-layer address has not the length of an Address, or is there twice: hosts
// differ in which one they believe, so neither can be exchanged for the truth.
template <typename Address>
std::optional<NdMessage<Address>> parse_nd(ByteView packet, bool is_checksum_pending);

// The link-layer addresses to put in place of those that a message has. One without a value is
// left out, option and all; none is put where there was none.
template <typename Address> struct NdLinks {
	std::optional<Address> source;
	std::optional<Address> target;
};

// At most so many bytes become of a packet of @length bytes: there is at most one source and one
// target link-layer address, each grows from 8 to 24 bytes, and an announcement may come.
constexpr size_t rewritten_nd_size_max(size_t length)
{
	return length +
	       2 * (sizeof(wire::NdLinkOption<wire::IbAddress>) -
		    sizeof(wire::NdLinkOption<wire::MacAddress>)) +
	       sizeof(wire::AnnouncementOption);
}

// Write the message @packet with @links to @out, which must not overlap it. Announcements in it, of
// any version, are taken off and @append, if not null, is put at the end; all other options stay
// as they are and in their order. IPv6 payload length and ICMPv6 checksum are made anew, the latter
// complete whether or not it was pending; padding is not copied.
//
// Returns the number of bytes written; 0 if @packet is signed or, but for its checksum, no message
// to parse_nd<From>(), or if the result does not fit into @out or into an IPv6 packet. What @out
// then holds is not defined.
template <typename From, typename To>
size_t rewrite_nd(ByteView packet, ByteSpan out, const NdLinks<To> &links,
		  const wire::Announcement *append);

// An unsolicited neighbour advertisement to all nodes, RFC 4861 section 7.2.6.
template <typename Address> struct UnsolicitedNa {
	wire::Ipv6Address address; // whose link-layer address changed: source and target
	Address link;		   // the new one
	bool is_router;		   // hosts forget their default router if it says that it is none
};

// Write it to @out, @append if not null as its last option. Returns the number of bytes written,
// at most unsolicited_na_size_max, or 0 if it does not fit.
template <typename Address>
size_t build_unsolicited_na(ByteSpan out, const UnsolicitedNa<Address> &na,
			    const wire::Announcement *append);

inline constexpr size_t unsolicited_na_size_max =
	sizeof(wire::Ipv6Header) + sizeof(wire::NdTargetHeader) +
	sizeof(wire::NdLinkOption<wire::IbAddress>) + sizeof(wire::AnnouncementOption);

} // namespace eipoib
