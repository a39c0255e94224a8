// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Big-endian integers as types of their own: byte storage, alignment 1, conversion only by name,
// so that a wire structure made of them has the layout that is written down and nothing is
// swapped twice or not at all.
#pragma once

#include "types.hpp"

#include <bit>

namespace kxx {

namespace detail {

constexpr u16 swap(u16 v)
{
	return __builtin_bswap16(v);
}

constexpr u32 swap(u32 v)
{
	return __builtin_bswap32(v);
}

constexpr u64 swap(u64 v)
{
	return __builtin_bswap64(v);
}

template <typename T> constexpr T host_to_big(T v)
{
	if constexpr (std::endian::native == std::endian::little)
		return swap(v);
	else
		return v;
}

} // namespace detail

// A big-endian T as it lies on the wire.
template <typename T> struct Big {
	u8 bytes_[sizeof(T)];

	// The wire form of host-order @v.
	static constexpr Big from(T v)
	{
		return __builtin_bit_cast(Big, detail::host_to_big(v));
	}

	// The value in host order.
	constexpr T get() const
	{
		return detail::host_to_big(__builtin_bit_cast(T, *this));
	}

	friend constexpr bool operator==(Big a, Big b)
	{
		return __builtin_bit_cast(T, a) == __builtin_bit_cast(T, b);
	}
};

using Be16 = Big<u16>;
using Be32 = Big<u32>;
using Be64 = Big<u64>;

static_assert(sizeof(Be16) == 2 && alignof(Be16) == 1);
static_assert(sizeof(Be32) == 4 && alignof(Be32) == 1);
static_assert(sizeof(Be64) == 8 && alignof(Be64) == 1);

// A 24-bit big-endian integer: queue pair numbers and the like (IBA 9.2.4).
struct Be24 {
	u8 bytes_[3];

	// The wire form of the low 24 bits of @v.
	static constexpr Be24 from(u32 v)
	{
		return {{static_cast<u8>(v >> 16), static_cast<u8>(v >> 8), static_cast<u8>(v)}};
	}

	constexpr u32 get() const
	{
		return static_cast<u32>(bytes_[0]) << 16 | static_cast<u32>(bytes_[1]) << 8 |
		       bytes_[2];
	}

	friend constexpr bool operator==(const Be24 &, const Be24 &) = default;
};

static_assert(sizeof(Be24) == 3 && alignof(Be24) == 1);

} // namespace kxx
