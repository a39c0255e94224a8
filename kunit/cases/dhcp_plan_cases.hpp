// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// DHCPv4 from guests through the planner, in the scene of scene.hpp.
#pragma once

#include "scene.hpp"

namespace eipoib::cases {

// clang-format off
inline constexpr TxCase tx_dhcp_cases[] = {
	{.name = "discover_gets_the_broadcast_flag",
	 .frame = "ffffffffffff 0002c9433bf1 0800"
		  "4500003e00000000 40110000 00000000 ffffffff"
		  "00440043002a8a2f"
		  "01010600123456780000000000000000000000000000000000000000"
		  "0002c9433bf1",
	 .outcome = "forward", .vif_qpn = 0x48, .pull = 14,
	 .header = "00ffffff ff12401bffff0000 00000000ffffffff 0800 0000",
	 .edits = "0034 8000 0028 0a2f"},
	{.name = "discover_that_has_the_broadcast_flag",
	 .frame = "ffffffffffff 0002c9433bf1 0800"
		  "4500003e00000000 40110000 00000000 ffffffff"
		  "00440043002a0a2f"
		  "01010600123456780000800000000000000000000000000000000000"
		  "0002c9433bf1",
	 .outcome = "forward", .vif_qpn = 0x48, .pull = 14,
	 .header = "00ffffff ff12401bffff0000 00000000ffffffff 0800 0000"},
	{.name = "discover_without_checksum",
	 .frame = "ffffffffffff 0002c9433bf1 0800"
		  "4500003e00000000 40110000 00000000 ffffffff"
		  "00440043002a0000"
		  "01010600123456780000000000000000000000000000000000000000"
		  "0002c9433bf1",
	 .outcome = "forward", .vif_qpn = 0x48, .pull = 14,
	 .header = "00ffffff ff12401bffff0000 00000000ffffffff 0800 0000",
	 .edits = "0034 8000 0028 0000"},
	{.name = "discover_whose_checksum_is_pending",
	 .frame = "ffffffffffff 0002c9433bf1 0800"
		  "4500003e00000000 40110000 00000000 ffffffff"
		  "00440043002aabcd"
		  "01010600123456780000000000000000000000000000000000000000"
		  "0002c9433bf1",
	 .outcome = "forward", .vif_qpn = 0x48, .pull = 14,
	 .header = "00ffffff ff12401bffff0000 00000000ffffffff 0800 0000",
	 .edits = "0034 8000 0028 abcd",
	 .is_checksum_pending = true},
	{.name = "relayed_from_the_client_port_may_name_another",
	 .frame = "ffffffffffff 0002c9433bf1 0800"
		  "4500003e00000000 40110000 00000000 ffffffff"
		  "00440043002a3299"
		  "0101060112345678000000000000000000000000000000000a000001"
		  "525400000077",
	 .outcome = "forward", .vif_qpn = 0x48, .pull = 14,
	 .header = "00ffffff ff12401bffff0000 00000000ffffffff 0800 0000",
	 .edits = "0034 8000 0028 b298"},
	{.name = "renewal_to_the_server",
	 .frame = "020000500002 0002c9433bf1 0800"
		  "4500003e00000000 40110000 0a000001 0a000002"
		  "00440043002a762c"
		  "01010600123456780000000000000000000000000000000000000000"
		  "0002c9433bf1",
	 .outcome = "forward", .vif_qpn = 0x48, .pull = 14,
	 .header = "80000050 fe80000000000000 0002c90300433c01 0800 0000",
	 .edits = "0034 8000 0028 f62b"},
	{.name = "chaddr_is_somebody_else",
	 .frame = "ffffffffffff 0002c9433bf1 0800"
		  "4500003e00000000 40110000 00000000 ffffffff"
		  "00440043002a3c9b"
		  "01010600123456780000000000000000000000000000000000000000"
		  "525400000077",
	 .outcome = "tx_spoof"},
	{.name = "relay_is_left_alone",
	 .frame = "ffffffffffff 0002c9433bf1 0800"
		  "4500003e00000000 40110000 00000000 ffffffff"
		  "00430043002a329a"
		  "0101060112345678000000000000000000000000000000000a000001"
		  "525400000077",
	 .outcome = "forward", .vif_qpn = 0x48, .pull = 14,
	 .header = "00ffffff ff12401bffff0000 00000000ffffffff 0800 0000"},
	{.name = "reply_is_left_alone",
	 .frame = "ffffffffffff 0002c9433bf1 0800"
		  "4500003e00000000 40110000 00000000 ffffffff"
		  "00440043002a3b9b"
		  "02010600123456780000000000000000000000000000000000000000"
		  "525400000077",
	 .outcome = "forward", .vif_qpn = 0x48, .pull = 14,
	 .header = "00ffffff ff12401bffff0000 00000000ffffffff 0800 0000"},
	{.name = "fragment_is_left_alone",
	 .frame = "ffffffffffff 0002c9433bf1 0800"
		  "4500003e00002000 40110000 00000000 ffffffff"
		  "00440043002a3c9b"
		  "01010600123456780000000000000000000000000000000000000000"
		  "525400000077",
	 .outcome = "forward", .vif_qpn = 0x48, .pull = 14,
	 .header = "00ffffff ff12401bffff0000 00000000ffffffff 0800 0000"},
};
// clang-format on

} // namespace eipoib::cases
