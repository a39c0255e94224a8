// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// MLD, versions 1 (RFC 2710) and 2 (RFC 3810): IGMP's messages within ICMPv6, behind a hop-by-hop
// options header that holds a router alert.
#pragma once

#include "igmp.hpp"
#include "ipv6.hpp"

namespace eipoib::wire {

inline constexpr u8 mld_query = 130;
inline constexpr u8 mld_v1_report = 131;
inline constexpr u8 mld_v1_done = 132;
inline constexpr u8 mld_v2_report = 143;

// Every message of version 1, and how a query of version 2 begins.
struct MldMessage {
	Icmp6Header icmp6_;
	Be16 maximum_response_;
	Be16 reserved_;
	Ipv6Address group_;
};

static_assert(sizeof(MldMessage) == 24 && alignof(MldMessage) == 1);

// What a query of version 2 has behind that, RFC 3810 section 5.1; the sources follow.
using MldQueryRest = IgmpQueryRest;

// How a report of version 2 begins, section 5.2; the records follow.
struct MldReport {
	Icmp6Header icmp6_;
	Be16 reserved_;
	Be16 record_count_;
};

static_assert(sizeof(MldReport) == 8 && alignof(MldReport) == 1);
static_assert(sizeof(GroupRecord<Ipv6Address>) == 20 && alignof(GroupRecord<Ipv6Address>) == 1);

// RFC 8200 section 4.3; the options follow.
struct HopByHopHeader {
	u8 next_header_;
	u8 length_; // in units of 8 bytes, not counting the first

	constexpr size_t size() const
	{
		return (size_t{length_} + 1) * 8;
	}
};

static_assert(sizeof(HopByHopHeader) == 2 && alignof(HopByHopHeader) == 1);

} // namespace eipoib::wire
