// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The announcement: how a VIF tells its own MAC to other VIFs, as a trailer of ARP and RARP and as
// an option of neighbour discovery (Documentation/networking/eipoib-wire.rst).
#pragma once

#include "address.hpp"

#include <optional>

namespace eipoib::wire {

struct Announcement {
	Be32 magic_;
	u8 version_;
	u8 flags_;
	MacAddress sender_; // the MAC of the sending VIF; zero from a VIF for any MAC
	MacAddress target_; // zero if not known

	static constexpr u32 magic = 0x65495042; // "eIPB"
	static constexpr u8 version = 1;

	// Flags; a receiver ignores all others.
	static constexpr u8 teb = 0x01;	    // the sender takes transparent frames
	static constexpr u8 request = 0x02; // whoever owns target_ answers
	static constexpr u8 bare = 0x04;    // the frame carries nothing else

	static constexpr Announcement make(u8 flags, const MacAddress &sender,
					   const MacAddress &target)
	{
		return {.magic_ = Be32::from(magic),
			.version_ = version,
			.flags_ = flags,
			.sender_ = sender,
			.target_ = target};
	}

	constexpr bool takes_teb() const
	{
		return flags_ & teb;
	}

	constexpr bool is_request() const
	{
		return flags_ & request;
	}

	constexpr bool is_bare() const
	{
		return flags_ & bare;
	}

	friend constexpr bool operator==(const Announcement &, const Announcement &) = default;
};

static_assert(sizeof(Announcement) == 18 && alignof(Announcement) == 1);

// What stands where an announcement may stand. Whatever is not `valid` counts as if nothing stood
// there, but one that is not understood is worth counting.
enum class Announced : u8 {
	nothing, // too few bytes for the magic, or another one
	ignored, // the magic, but cut off, of another version, or with a group MAC as sender
	valid,
};

// Look at the announcement at the start of @trailer; what follows its 18 bytes does not matter.
inline Announced inspect_announcement(ByteView trailer)
{
	const auto magic = trailer.load<Be32>();
	if (!magic || magic->get() != Announcement::magic)
		return Announced::nothing;
	const auto read = trailer.load<Announcement>();
	if (!read || read->version_ != Announcement::version || read->sender_.is_group())
		return Announced::ignored;
	return Announced::valid;
}

// The announcement at the start of @trailer, if it is a valid one.
inline std::optional<Announcement> read_announcement(ByteView trailer)
{
	if (inspect_announcement(trailer) != Announced::valid)
		return std::nullopt;
	return trailer.load<Announcement>();
}

// The announcement as an option of neighbour discovery.
struct AnnouncementOption {
	u8 type_;
	u8 length_; // in units of 8 bytes
	Announcement announcement_;
	u8 reserved_[4];

	static constexpr u8 type = 253; // for experiments, RFC 4727 section 5.1.3

	static constexpr AnnouncementOption make(const Announcement &announcement)
	{
		return {.type_ = type,
			.length_ = sizeof(AnnouncementOption) / 8,
			.announcement_ = announcement,
			.reserved_ = {}};
	}
};

static_assert(sizeof(AnnouncementOption) == 24 && alignof(AnnouncementOption) == 1);

} // namespace eipoib::wire
