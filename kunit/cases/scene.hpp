// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The scene that the case tables play in. Whoever runs them sets it up first:
//
//   VIF   QPN     P_Key   MAC                VLAN
//   A     000048  ffff    00:02:c9:43:3b:f1  untagged, designated
//   B     000049  ffff    52:54:00:67:e9:bd  untagged
//   C     00004a  8003    00:02:c9:43:3b:f1  3
//   D     00004d  8005    any                5
//
// all with carrier and MTU 2044 on GID fe80::2:c903:43:3bf1, flags 80; and what `teachings` tells:
//
//   peer  P_Key  QPN     LID   GID                   is
//   P     ffff   000050  0002  fe80::2:c903:43:3c01  plain; its REMAC is 02:00:00:50:00:02
//   E     ffff   000052  0005  fe80::2:c903:43:3c05  eIPoIB, 52:54:00:00:00:e1; behind it the
//                                                    station 52:54:00:00:00:f1
//   F     8005   000053  0006  fe80::2:c903:43:3c06  eIPoIB for any MAC; behind it the station
//                                                    52:54:00:00:05:f1
//   G     8005   000054  0007  fe80::2:c903:43:3c07  plain; its REMAC is 02:00:00:54:00:07
#pragma once

#include "abi/types.h"

namespace eipoib::cases {

struct Teaching {
	u32 vif_qpn;	     // of the VIF that receives it, as a group frame
	const char *frame;   // hex, 24 bytes of link header first
	const char *outcome; // its final verdict
};

// clang-format off

// A broadcast ARP request of 10.0.0.2 for 10.0.0.1, as ib_ipoib hands it to A.
inline constexpr const char *teach_peer = "01 000050 fe80000000000000 0002c90300433c01 0806 0002"
					  "0020 0800 14 04 0001"
					  "80000050 fe80000000000000 0002c90300433c01 0a000002"
					  "00000000 0000000000000000 0000000000000000 0a000001";

inline constexpr Teaching teachings[] = {
	{0x48, teach_peer, "rewrite"},
	// Bare announcements.
	{0x48, "01 000052 fe80000000000000 0002c90300433c05 8035 0005"
	       "0020 0800 14 04 0003"
	       "80000052 fe80000000000000 0002c90300433c05 00000000"
	       "80000052 fe80000000000000 0002c90300433c05 00000000"
	       "65495042 01 05 5254000000e1 000000000000", "consume"},
	{0x4d, "01 000053 fe80000000000000 0002c90300433c06 8035 0006"
	       "0020 0800 14 04 0003"
	       "80000053 fe80000000000000 0002c90300433c06 00000000"
	       "80000053 fe80000000000000 0002c90300433c06 00000000"
	       "65495042 01 05 000000000000 000000000000", "consume"},
	// Transparent frames.
	{0x48, "01 000052 fe80000000000000 0002c90300433c05 6558 0005"
	       "ffffffffffff 5254000000f1 88b5 01", "forward"},
	{0x4d, "01 000053 fe80000000000000 0002c90300433c06 6558 0006"
	       "ffffffffffff 5254000005f1 88b5 01", "forward"},
	{0x4d, "01 000054 fe80000000000000 0002c90300433c07 0800 0007"
	       "4500001400000000 40110000 0a050002 0a05ffff", "forward"},
};

// clang-format on

// A frame from ethX, and the plan for it.
struct TxCase {
	const char *name;
	const char *frame;	  // hex, from the Ethernet header on
	const char *outcome;	  // a verdict, or a reason's ethtool name
	u32 vif_qpn = 0;	  // of the VIF that sends it
	u8 pull = 0;		  // for "forward"
	const char *header = "";  // hex of the 24 bytes put in front
	const char *payload = ""; // hex, for "rewrite"
	u32 tci = EIPOIB_TCI_NONE;
	u8 flags = 0;		// EIPOIB_PLAN_*, for "forward"
	const char *edits = ""; // hex, for "forward": offset (2), bytes (2), ...
	bool is_gso = false;
	bool is_checksum_pending = false;
};

// A frame that a VIF receives, and the plan for it.
struct RxCase {
	const char *name;
	u32 vif_qpn; // of the VIF that receives it
	bool is_group;
	const char *frame;   // hex, 24 bytes of link header first
	const char *outcome; // a verdict, or a reason's ethtool name
	u32 vlan = EIPOIB_VLAN_NONE;
	const char *header = "";  // hex of the Ethernet header put in front
	const char *payload = ""; // hex, for "rewrite"
};

} // namespace eipoib::cases
