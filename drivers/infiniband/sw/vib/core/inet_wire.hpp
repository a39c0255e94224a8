// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What the offloads of an HCA know of a datagram's payload: IPoIB (RFC 4391 section 6), IPv4
// (RFC 791), TCP (RFC 9293) and UDP (RFC 768), as they lie on the wire.
#pragma once

#include "bytes.hpp"
#include "endian.hpp"
#include "shared.hpp"

namespace vib::inet {

using kxx::Be16;
using kxx::Be32;

constexpr u16 TYPE_IPV4 = 0x0800;
constexpr u8 PROTOCOL_TCP = 6;
constexpr u8 PROTOCOL_UDP = 17;

struct Ipoib {
	Be16 type;
	Be16 reserved;
};
static_assert(sizeof(Ipoib) == 4 && alignof(Ipoib) == 1);

struct Ipv4 {
	u8 version_words;
	u8 service;
	Be16 length; // of header and payload
	Be16 id;
	Be16 fragment; // reserved, don't fragment, more fragments, offset (13)
	u8 ttl;
	u8 protocol;
	Be16 checksum;
	Be32 source;
	Be32 destination;

	constexpr u8 version() const
	{
		return version_words >> 4;
	}

	constexpr size_t header_len() const
	{
		return size_t{version_words & 15u} * 4;
	}

	constexpr bool is_fragment() const
	{
		return fragment.get() & 0x3fff;
	}
};
static_assert(sizeof(Ipv4) == 20 && alignof(Ipv4) == 1);

struct Tcp {
	static constexpr u8 FIN = 0x01;
	static constexpr u8 PSH = 0x08;
	static constexpr u8 CWR = 0x80;

	Be16 source;
	Be16 destination;
	Be32 sequence;
	Be32 acknowledged;
	u8 words_reserved;
	u8 flags;
	Be16 window;
	Be16 checksum;
	Be16 urgent;

	constexpr size_t header_len() const
	{
		return static_cast<size_t>(words_reserved >> 4) * 4;
	}
};
static_assert(sizeof(Tcp) == 20 && alignof(Tcp) == 1);

struct Udp {
	Be16 source;
	Be16 destination;
	Be16 length;   // of header and payload
	Be16 checksum; // 0: there is none
};
static_assert(sizeof(Udp) == 8 && alignof(Udp) == 1);

// What TCP and UDP sum up in front of themselves.
struct PseudoHeader {
	Be32 source;
	Be32 destination;
	u8 zero;
	u8 protocol;
	Be16 length;
};
static_assert(sizeof(PseudoHeader) == 12 && alignof(PseudoHeader) == 1);

} // namespace vib::inet
