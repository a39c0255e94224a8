// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Neighbour discovery messages and the options that are looked into, RFC 4861 section 4.
#pragma once

#include "ipv6.hpp"

namespace eipoib::wire {

// The ICMPv6 types.
enum class NdType : u8 {
	router_solicitation = 133,
	router_advertisement = 134,
	neighbour_solicitation = 135,
	neighbour_advertisement = 136,
	redirect = 137,
};

constexpr bool is_nd_type(u8 icmp6_type)
{
	return icmp6_type >= static_cast<u8>(NdType::router_solicitation) &&
	       icmp6_type <= static_cast<u8>(NdType::redirect);
}

// How neighbour solicitations and advertisements and redirects begin.
struct NdTargetHeader {
	Icmp6Header icmp_;
	u8 flags_; // of an advertisement; reserved elsewhere
	u8 reserved_[3];
	Ipv6Address target_;

	// Section 4.4.
	static constexpr u8 router = 0x80;
	static constexpr u8 solicited = 0x40;
	static constexpr u8 override_ = 0x20;
};

static_assert(sizeof(NdTargetHeader) == 24 && alignof(NdTargetHeader) == 1);

// Option types.
inline constexpr u8 nd_option_source_link = 1;
inline constexpr u8 nd_option_target_link = 2;
inline constexpr u8 nd_option_signature = 12; // RFC 3971 section 5.2

struct NdOptionHeader {
	u8 type_;
	u8 length_; // in units of 8 bytes, these two included
};

static_assert(sizeof(NdOptionHeader) == 2 && alignof(NdOptionHeader) == 1);

// Source or target link-layer address.
template <typename Address> struct NdLinkOption;

// RFC 2464 section 6.
template <> struct NdLinkOption<MacAddress> {
	NdOptionHeader header_;
	MacAddress address_;

	static constexpr NdLinkOption make(u8 type, const MacAddress &address)
	{
		return {.header_ = {.type_ = type, .length_ = sizeof(NdLinkOption) / 8},
			.address_ = address};
	}
};

// RFC 4391 section 9.3.
template <> struct NdLinkOption<IbAddress> {
	NdOptionHeader header_;
	u8 reserved_[2];
	IbAddress address_;

	static constexpr NdLinkOption make(u8 type, const IbAddress &address)
	{
		return {.header_ = {.type_ = type, .length_ = sizeof(NdLinkOption) / 8},
			.reserved_ = {},
			.address_ = address};
	}
};

static_assert(sizeof(NdLinkOption<MacAddress>) == 8 && alignof(NdLinkOption<MacAddress>) == 1);
static_assert(sizeof(NdLinkOption<IbAddress>) == 24 && alignof(NdLinkOption<IbAddress>) == 1);

} // namespace eipoib::wire
