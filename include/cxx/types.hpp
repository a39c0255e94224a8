// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Fixed-width integers under their kernel names, for every freestanding C++ core of this tree.
// No kernel or libc header may be included from here: see Documentation/internals.rst.
#pragma once

#include <cstddef>
#include <cstdint>

namespace kxx {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using s32 = std::int32_t;
using s64 = std::int64_t;
using std::size_t;

} // namespace kxx
