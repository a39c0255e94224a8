// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The two checksums of a packet (IBA 7.8): ICRC over what no switch changes, VCRC over all.
#pragma once

#include "wire.hpp"

namespace vib {

using kxx::ByteSpan;
using kxx::ByteView;

// Writes both; the ICRC is the last word of the packet, @frame has VIB_VCRC_LEN bytes more.
void seal(ByteSpan frame);

// Are both right?
bool is_intact(ByteView frame);

} // namespace vib
