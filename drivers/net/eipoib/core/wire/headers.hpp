// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The headers that the translation reads and writes.
#pragma once

#include "address.hpp"

namespace eipoib::wire {

// Ethertypes, IEEE 802 numbers.
inline constexpr u16 ethertype_ipv4 = 0x0800;
inline constexpr u16 ethertype_arp = 0x0806;
inline constexpr u16 ethertype_rarp = 0x8035;
inline constexpr u16 ethertype_teb = 0x6558; // Transparent Ethernet Bridging

struct EthernetHeader {
	MacAddress destination_;
	MacAddress source_;
	Be16 ethertype_;
};

static_assert(sizeof(EthernetHeader) == 14 && alignof(EthernetHeader) == 1);

// What ib_ipoib takes: the destination, then the encapsulation header of RFC 4391 section 6.
struct IpoibTxHeader {
	IbAddress destination_;
	Be16 ethertype_;
	Be16 reserved_;
};

static_assert(sizeof(IpoibTxHeader) == 24 && alignof(IpoibTxHeader) == 1);

// What a VIF's receives carry: struct e_ipoib_rx_link and the encapsulation header, whose
// reserved half holds the SLID (include/rdma/e_ipoib.h).
struct IpoibRxHeader {
	u8 flags_;
	Be24 source_qpn_;
	Gid source_gid_;
	Be16 ethertype_;
	Be16 source_lid_;

	static constexpr bool has_grh(u8 flags)
	{
		return flags & 0x01;
	}

	constexpr bool has_grh() const
	{
		return has_grh(flags_);
	}

	// It came by a connection.
	constexpr bool is_connected() const
	{
		return flags_ & 0x02;
	}

	// As IbAddress::qpn().
	Qpn source_qpn() const
	{
		Be32 word;
		__builtin_memcpy(&word, this, sizeof(word));
		return {word.get() & 0xffffff};
	}
};

static_assert(sizeof(IpoibRxHeader) == 24 && alignof(IpoibRxHeader) == 1);

// Operations of ARP and RARP.
inline constexpr u16 arp_request = 1;  // RFC 826
inline constexpr u16 rarp_request = 3; // RFC 903

// ARP and RARP, RFC 826 and 903, with link-layer addresses of type Address.
template <typename Address, u16 hardware_type> struct ArpPacket {
	Be16 hardware_type_;
	Be16 protocol_type_;
	u8 hardware_length_;
	u8 protocol_length_;
	Be16 operation_;
	Address sender_;
	Be32 sender_ip_;
	Address target_;
	Be32 target_ip_;

	// A packet of this kind for IPv4 with everything but the addresses filled in.
	static constexpr ArpPacket with_operation(Be16 operation)
	{
		return {.hardware_type_ = Be16::from(hardware_type),
			.protocol_type_ = Be16::from(ethertype_ipv4),
			.hardware_length_ = sizeof(Address),
			.protocol_length_ = sizeof(Be32),
			.operation_ = operation,
			.sender_ = {},
			.sender_ip_ = {},
			.target_ = {},
			.target_ip_ = {}};
	}

	constexpr bool is_for_ipv4() const
	{
		return hardware_type_.get() == hardware_type &&
		       protocol_type_.get() == ethertype_ipv4 &&
		       hardware_length_ == sizeof(Address) && protocol_length_ == sizeof(Be32);
	}
};

using EthernetArp = ArpPacket<MacAddress, 1>;
using InfinibandArp = ArpPacket<IbAddress, 32>; // RFC 4391 section 9.1.1

static_assert(sizeof(EthernetArp) == 28 && alignof(EthernetArp) == 1);
static_assert(sizeof(InfinibandArp) == 56 && alignof(InfinibandArp) == 1);

// RFC 791 section 3.1, without options.
struct Ipv4Header {
	u8 version_ihl_;
	u8 tos_;
	Be16 total_length_;
	Be16 identification_;
	Be16 fragment_;
	u8 ttl_;
	u8 protocol_;
	Be16 checksum_;
	Be32 source_;
	Be32 destination_;

	static constexpr u16 dont_fragment = 0x4000; // in fragment_, as are the next two
	static constexpr u16 more_fragments = 0x2000;
	static constexpr u16 fragment_offset = 0x1fff; // in units of eight bytes

	static constexpr bool is_plausible(u8 version_ihl)
	{
		return version_ihl >> 4 == 4 && (version_ihl & 0xf) >= 5;
	}

	constexpr bool is_plausible() const
	{
		return is_plausible(version_ihl_);
	}

	// Of the header, with its options.
	constexpr size_t length() const
	{
		return size_t{4} * (version_ihl_ & 0xf);
	}

	constexpr bool is_to_multicast() const
	{
		return destination_.get() >> 28 == 0xe; // RFC 1112 section 4
	}

	// Somebody's own address: not zero, group, broadcast or of class E.
	constexpr bool is_from_host() const
	{
		return source_.get() != 0 && source_.get() >> 29 != 7;
	}
};

static_assert(sizeof(Ipv4Header) == 20 && alignof(Ipv4Header) == 1);

} // namespace eipoib::wire
