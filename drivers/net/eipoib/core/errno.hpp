// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The errno values that cross the ABI; Linux has the same ones on every architecture we run on
// (include/uapi/asm-generic/errno-base.h).
#pragma once

namespace eipoib {

inline constexpr int enomem = 12;
inline constexpr int einval = 22;

} // namespace eipoib
