// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The scene that the case tables play in. Whoever runs them sets it up first:
//
//   VIF   QPN     P_Key   MAC                VLAN
//   A     000048  ffff    00:02:c9:43:3b:f1  untagged, designated
//   B     000049  ffff    52:54:00:67:e9:bd  untagged
//   C     00004a  8003    00:02:c9:43:3b:f1  3
//
// all with carrier and MTU 2044 on GID fe80::2:c903:43:3bf1, flags 80; and one peer on partition
// ffff, QPN 000050, LID 0002, GID fe80::2:c903:43:3c01, flags 80, learnt from `teach_peer`
// received by A. Its REMAC is 02:00:00:50:00:02.
#pragma once

#include "abi/types.h"

namespace eipoib::cases {

// A broadcast ARP request of 10.0.0.2 for 10.0.0.1, as ib_ipoib hands it to A.
inline constexpr const char *teach_peer = "01 000050 fe80000000000000 0002c90300433c01 0806 0002"
					  "0020 0800 14 04 0001"
					  "80000050 fe80000000000000 0002c90300433c01 0a000002"
					  "00000000 0000000000000000 0000000000000000 0a000001";

} // namespace eipoib::cases
