// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// IPv6 and ICMPv6 headers, as far as the translation looks into them.
#pragma once

#include "address.hpp"

namespace eipoib::wire {

inline constexpr u16 ethertype_ipv6 = 0x86dd; // RFC 2464 section 3

// Next header values, IANA protocol numbers.
inline constexpr u8 next_header_hop_by_hop = 0;
inline constexpr u8 next_header_udp = 17;
inline constexpr u8 next_header_icmp6 = 58;

struct Ipv6Address {
	u8 bytes_[16];

	// ff02::1, RFC 4291 section 2.7.1.
	static constexpr Ipv6Address all_nodes()
	{
		return {{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
	}

	// The group that who has this address is a member of, RFC 4291 section 2.7.1.
	constexpr Ipv6Address solicited_node() const
	{
		return {{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, bytes_[13], bytes_[14],
			 bytes_[15]}};
	}

	// RFC 4291 section 2.7.
	constexpr bool is_multicast() const
	{
		return bytes_[0] == 0xff;
	}

	constexpr bool is_unspecified() const
	{
		return *this == Ipv6Address{};
	}

	// Somebody's own.
	constexpr bool is_unicast() const
	{
		return !is_multicast() && !is_unspecified();
	}

	friend constexpr bool operator==(const Ipv6Address &, const Ipv6Address &) = default;
};

static_assert(sizeof(Ipv6Address) == 16 && alignof(Ipv6Address) == 1);

// RFC 8200 section 3.
struct Ipv6Header {
	Be32 version_class_flow_;
	Be16 payload_length_;
	u8 next_header_;
	u8 hop_limit_;
	Ipv6Address source_;
	Ipv6Address destination_;

	static constexpr bool is_plausible(u8 first)
	{
		return first >> 4 == 6;
	}

	constexpr bool is_plausible() const
	{
		return is_plausible(version_class_flow_.bytes_[0]);
	}

	constexpr bool is_to_multicast() const
	{
		return destination_.is_multicast();
	}

	// Somebody's own address.
	constexpr bool is_from_host() const
	{
		return source_.is_unicast();
	}
};

static_assert(sizeof(Ipv6Header) == 40 && alignof(Ipv6Header) == 1);

// RFC 4443 section 2.1.
struct Icmp6Header {
	u8 type_;
	u8 code_;
	Be16 checksum_;
};

static_assert(sizeof(Icmp6Header) == 4 && alignof(Icmp6Header) == 1);

} // namespace eipoib::wire
