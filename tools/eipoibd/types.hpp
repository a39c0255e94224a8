// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Numbers that must not be taken for each other.
#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

namespace eipoibd {

// Of these zero means: there is none.
template <typename Tag, typename Number> struct Id {
	Number value{};

	explicit operator bool() const
	{
		return value != 0;
	}

	friend auto operator<=>(const Id &, const Id &) = default;
};

using Ifindex = Id<struct IfindexTag, int>;
using VlanId = Id<struct VlanTag, std::uint16_t>; // none: untagged
using PKey = Id<struct PKeyTag, std::uint16_t>;	  // none: that of the interface below

inline constexpr std::uint16_t max_vlan = 4094;

// The membership bit makes no other partition.
inline PKey partition(PKey pkey)
{
	return {static_cast<std::uint16_t>(pkey.value & 0x7fff)};
}

struct Mac {
	std::array<std::uint8_t, 6> bytes{};

	bool is_unicast() const
	{
		return !(bytes[0] & 1) && bytes != decltype(bytes){};
	}

	std::string text() const
	{
		char text[18];
		std::snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", bytes[0],
			      bytes[1], bytes[2], bytes[3], bytes[4], bytes[5]);
		return text;
	}

	friend auto operator<=>(const Mac &, const Mac &) = default;
};

// A VLAN of a PIF.
struct Outlet {
	Ifindex pif;
	VlanId vlan;

	friend auto operator<=>(const Outlet &, const Outlet &) = default;
};

// What a VIF is bound to. No two VIFs of a PIF have the same.
struct Binding {
	Ifindex pif;
	Mac mac;
	VlanId vlan;

	Outlet outlet() const
	{
		return {pif, vlan};
	}

	friend auto operator<=>(const Binding &, const Binding &) = default;
};

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;

} // namespace eipoibd
