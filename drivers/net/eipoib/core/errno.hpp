// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The errno values that cross the ABI; Linux has the same ones on every architecture we run on
// (include/uapi/asm-generic/errno-base.h).
#pragma once

namespace eipoib {

inline constexpr int enoent = 2;
inline constexpr int enomem = 12;
inline constexpr int ebusy = 16;
inline constexpr int eexist = 17;
inline constexpr int enodev = 19;
inline constexpr int einval = 22;
inline constexpr int enospc = 28;

} // namespace eipoib
