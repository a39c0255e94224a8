// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// IGMP, versions 1 (RFC 1112), 2 (RFC 2236) and 3 (RFC 3376).
#pragma once

#include "address.hpp"

namespace eipoib::wire {

inline constexpr u8 ip_protocol_igmp = 2;

inline constexpr u8 igmp_query = 0x11;
inline constexpr u8 igmp_v1_report = 0x12;
inline constexpr u8 igmp_v2_report = 0x16;
inline constexpr u8 igmp_v2_leave = 0x17;
inline constexpr u8 igmp_v3_report = 0x22;

// Every message of versions 1 and 2, and how a query of version 3 begins.
struct IgmpMessage {
	u8 type_;
	u8 maximum_response_;
	Be16 checksum_;
	Be32 group_;
};

static_assert(sizeof(IgmpMessage) == 8 && alignof(IgmpMessage) == 1);

// What a query of version 3 has behind that, RFC 3376 section 4.1; the sources follow.
struct IgmpQueryRest {
	u8 flags_;
	u8 interval_;
	Be16 source_count_;
};

static_assert(sizeof(IgmpQueryRest) == 4 && alignof(IgmpQueryRest) == 1);

// How a report of version 3 begins, section 4.2; the records follow.
struct IgmpReport {
	u8 type_;
	u8 reserved_;
	Be16 checksum_;
	Be16 reserved2_;
	Be16 record_count_;
};

static_assert(sizeof(IgmpReport) == 8 && alignof(IgmpReport) == 1);

// The types of a group record of IGMPv3 and MLDv2, section 4.2.12.
inline constexpr u8 record_mode_is_include = 1;
inline constexpr u8 record_mode_is_exclude = 2;
inline constexpr u8 record_change_to_include = 3;
inline constexpr u8 record_change_to_exclude = 4;
inline constexpr u8 record_allow_new_sources = 5;

// What one report of IGMPv3 (section 4.2.4) or MLDv2 (RFC 3810 section 5.2.4) says of a group;
// the sources and the auxiliary data follow.
template <typename Address> struct GroupRecord {
	u8 type_;
	u8 auxiliary_length_; // in words of 4 bytes
	Be16 source_count_;
	Address group_;

	// With all that follows.
	constexpr size_t size() const
	{
		return sizeof(*this) + size_t{source_count_.get()} * sizeof(Address) +
		       size_t{auxiliary_length_} * 4;
	}
};

static_assert(sizeof(GroupRecord<Be32>) == 8 && alignof(GroupRecord<Be32>) == 1);

} // namespace eipoib::wire
