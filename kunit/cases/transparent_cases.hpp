// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Frames that stay what they are, and the VIF for any MAC, in the scene of scene.hpp.
#pragma once

#include "scene.hpp"

namespace eipoib::cases {

// clang-format off
#define TO_ALL "00ffffff ff12401bffff0000 00000000ffffffff 6558 0000"
#define TO_ALL_OF_8005 "00ffffff ff12401b80050000 00000000ffffffff 6558 0000"
#define TO_E "80000052 fe80000000000000 0002c90300433c05 6558 0000"
#define TO_F "80000053 fe80000000000000 0002c90300433c06 6558 0000"
#define IPV4 "4500001400000000 40010000 0a000001 0a000002"

inline constexpr TxCase tx_transparent_cases[] = {
	{.name = "lldp", .frame = "0180c200000e 0002c9433bf1 88cc 02070400",
	 .outcome = "forward", .vif_qpn = 0x48, .header = TO_ALL, .flags = EIPOIB_PLAN_TEB},
	{.name = "stp_with_llc", .frame = "0180c2000000 0002c9433bf1 0026 424203 0000",
	 .outcome = "forward", .vif_qpn = 0x48, .header = TO_ALL, .flags = EIPOIB_PLAN_TEB},
	{.name = "pppoe_discovery", .frame = "ffffffffffff 0002c9433bf1 8863 1109 0000 0004 01010000",
	 .outcome = "forward", .vif_qpn = 0x48, .header = TO_ALL, .flags = EIPOIB_PLAN_TEB},
	{.name = "eapol", .frame = "0180c2000003 0002c9433bf1 888e 01010000",
	 .outcome = "forward", .vif_qpn = 0x48, .header = TO_ALL, .flags = EIPOIB_PLAN_TEB},
	{.name = "inner_tag_on_a_p_key", .frame = "ffffffffffff 0002c9433bf1 8100 0007 0800" IPV4,
	 .outcome = "forward", .vif_qpn = 0x4a,
	 .header = "00ffffff ff12401b80030000 00000000ffffffff 6558 0000", .tci = 3,
	 .flags = EIPOIB_PLAN_TEB},
	{.name = "inner_tag_to_an_eipoib_peer",
	 .frame = "5254000000e1 0002c9433bf1 88a8 0007 8100 0008 0800" IPV4,
	 .outcome = "forward", .vif_qpn = 0x48, .header = TO_E, .flags = EIPOIB_PLAN_TEB},
	{.name = "invented_ethertype_to_an_eipoib_peer", .frame = "5254000000e1 0002c9433bf1 88b5 01",
	 .outcome = "forward", .vif_qpn = 0x48, .header = TO_E, .flags = EIPOIB_PLAN_TEB},
	{.name = "invented_ethertype_to_a_station_behind_it",
	 .frame = "5254000000f1 52540067e9bd 88b5 01",
	 .outcome = "forward", .vif_qpn = 0x49, .header = TO_E, .flags = EIPOIB_PLAN_TEB},
	{.name = "invented_ethertype_to_a_plain_peer", .frame = "020000500002 0002c9433bf1 88b5 01",
	 .outcome = "tx_teb_plain"},
	{.name = "inner_tag_to_a_plain_peer",
	 .frame = "020000500002 0002c9433bf1 8100 0007 0800" IPV4, .outcome = "tx_teb_plain"},
	{.name = "invented_ethertype_to_a_vif_of_this_pif",
	 .frame = "52540067e9bd 0002c9433bf1 88b5 01", .outcome = "tx_own"},
	{.name = "ipv4_to_a_station_behind_a_peer", .frame = "5254000000f1 0002c9433bf1 0800" IPV4,
	 .outcome = "forward", .vif_qpn = 0x48, .header = TO_E, .flags = EIPOIB_PLAN_TEB},
	{.name = "ipv6_to_a_station_behind_a_peer",
	 .frame = "5254000000f1 0002c9433bf1 86dd 6000000000003b40"
		  "20010db8000000000000000000000001 20010db8000000000000000000000002",
	 .outcome = "forward", .vif_qpn = 0x48, .header = TO_E, .flags = EIPOIB_PLAN_TEB},
	{.name = "gso_to_a_station_behind_a_peer", .frame = "5254000000f1 0002c9433bf1 0800" IPV4,
	 .outcome = "segment", .vif_qpn = 0x48, .is_gso = true},
	{.name = "arp_to_a_station_behind_a_peer",
	 .frame = "5254000000f1 0002c9433bf1 0806 0001 0800 06 04 0002"
		  "0002c9433bf1 0a000001 5254000000f1 0a000002",
	 .outcome = "forward", .vif_qpn = 0x48, .header = TO_E, .flags = EIPOIB_PLAN_TEB},
	{.name = "arp_to_an_unknown_mac_is_flooded",
	 .frame = "52540012ab34 0002c9433bf1 0806 0001 0800 06 04 0002"
		  "0002c9433bf1 0a000001 52540012ab34 0a000002",
	 .outcome = "forward", .vif_qpn = 0x48, .header = TO_ALL, .flags = EIPOIB_PLAN_TEB},
	{.name = "unknown_unicast_is_flooded", .frame = "52540012ab34 0002c9433bf1 0800" IPV4,
	 .outcome = "forward", .vif_qpn = 0x48, .header = TO_ALL, .flags = EIPOIB_PLAN_TEB},
	{.name = "group_mac_without_group_ip", .frame = "01005e010203 0002c9433bf1 0800" IPV4,
	 .outcome = "forward", .vif_qpn = 0x48, .header = TO_ALL, .flags = EIPOIB_PLAN_TEB},
	{.name = "group_mac_without_group_ipv6",
	 .frame = "333300000001 0002c9433bf1 86dd 6000000000003b40"
		  "20010db8000000000000000000000001 20010db8000000000000000000000002",
	 .outcome = "forward", .vif_qpn = 0x48, .header = TO_ALL, .flags = EIPOIB_PLAN_TEB},

	// From MACs without a VIF of their own.
	{.name = "any_ipv4_broadcast", .frame = "ffffffffffff 525400001234 0800" IPV4,
	 .outcome = "forward", .vif_qpn = 0x4d, .header = TO_ALL_OF_8005, .tci = 5,
	 .flags = EIPOIB_PLAN_TEB},
	{.name = "any_ipv4_multicast_goes_to_all",
	 .frame = "01005e010203 525400001234 0800"
		  "4500001400000000 40110000 0a000001 e0010203",
	 .outcome = "forward", .vif_qpn = 0x4d, .header = TO_ALL_OF_8005, .tci = 5,
	 .flags = EIPOIB_PLAN_TEB},
	{.name = "any_ipv6_multicast_goes_to_all",
	 .frame = "333300000001 525400001234 86dd 6000000000003b40"
		  "20010db8000000000000000000000001 ff020000000000000000000000000001",
	 .outcome = "forward", .vif_qpn = 0x4d, .header = TO_ALL_OF_8005, .tci = 5,
	 .flags = EIPOIB_PLAN_TEB},
	{.name = "any_arp_stays_ethernet",
	 .frame = "ffffffffffff 525400001234 0806 0001 0800 06 04 0001"
		  "525400001234 0a000001 000000000000 0a000002",
	 .outcome = "forward", .vif_qpn = 0x4d, .header = TO_ALL_OF_8005, .tci = 5,
	 .flags = EIPOIB_PLAN_TEB},
	{.name = "any_to_a_known_station", .frame = "5254000005f1 525400001234 0800" IPV4,
	 .outcome = "forward", .vif_qpn = 0x4d, .header = TO_F, .tci = 5,
	 .flags = EIPOIB_PLAN_TEB},
	{.name = "any_to_a_plain_peer", .frame = "020000540007 525400001234 0800" IPV4,
	 .outcome = "tx_teb_plain", .tci = 5},
	{.name = "any_gso", .frame = "5254000005f1 525400001234 0800" IPV4,
	 .outcome = "segment", .vif_qpn = 0x4d, .tci = 5, .is_gso = true},
	{.name = "any_from_a_mac_that_a_peer_has_just_sent_from",
	 .frame = "ffffffffffff 5254000005f1 0800" IPV4, .outcome = "tx_loop", .tci = 5},
	{.name = "any_is_not_for_other_vlans", .frame = "ffffffffffff 525400001234 0800" IPV4,
	 .outcome = "tx_vif_miss"},
};

#define FROM_E "01 000052 fe80000000000000 0002c90300433c05 6558 0005"
#define FROM_F "01 000053 fe80000000000000 0002c90300433c06 6558 0006"

inline constexpr RxCase rx_transparent_cases[] = {
	{.name = "lldp", .vif_qpn = 0x48, .is_group = true,
	 .frame = FROM_E "0180c200000e 5254000000e1 88cc 02070400", .outcome = "forward"},
	{.name = "inner_tag", .vif_qpn = 0x48, .is_group = true,
	 .frame = FROM_E "ffffffffffff 5254000000e1 8100 0007 0800" IPV4, .outcome = "forward"},
	{.name = "unicast", .vif_qpn = 0x49, .is_group = false,
	 .frame = "00 000052 0000000000000000 0000000000000000 6558 0005"
		  "52540067e9bd 5254000000e1 88b5 01",
	 .outcome = "forward"},
	{.name = "flooded_for_the_other_vif", .vif_qpn = 0x48, .is_group = true,
	 .frame = FROM_E "52540067e9bd 5254000000e1 0800" IPV4, .outcome = "forward"},
	{.name = "flooded_for_nobody_here", .vif_qpn = 0x48, .is_group = true,
	 .frame = FROM_E "525400004321 5254000000e1 0800" IPV4, .outcome = "rx_not_ours"},
	{.name = "stale_unicast", .vif_qpn = 0x49, .is_group = false,
	 .frame = "00 000052 0000000000000000 0000000000000000 6558 0005"
		  "525400004321 5254000000e1 88b5 01",
	 .outcome = "rx_not_ours"},
	{.name = "flooded_and_there_is_a_vif_for_any_mac", .vif_qpn = 0x4d, .is_group = true,
	 .frame = FROM_F "525400004321 5254000005f1 0800" IPV4, .outcome = "forward", .vlan = 5},
	{.name = "unicast_to_any_mac", .vif_qpn = 0x4d, .is_group = false,
	 .frame = "00 000053 0000000000000000 0000000000000000 6558 0006"
		  "525400004321 5254000005f1 0800" IPV4,
	 .outcome = "forward", .vlan = 5},
	{.name = "copy_of_a_flooded_frame", .vif_qpn = 0x49, .is_group = true,
	 .frame = FROM_E "ffffffffffff 5254000000e1 88b5 01", .outcome = "rx_copy"},
	{.name = "cut_in_its_header", .vif_qpn = 0x48, .is_group = true,
	 .frame = FROM_E "ffffffffffff 5254000000e1 88", .outcome = "rx_teb"},
	{.name = "group_source", .vif_qpn = 0x48, .is_group = true,
	 .frame = FROM_E "ffffffffffff 5354000000e1 88b5 01", .outcome = "rx_teb"},
	{.name = "zero_source", .vif_qpn = 0x48, .is_group = true,
	 .frame = FROM_E "ffffffffffff 000000000000 88b5 01", .outcome = "rx_teb"},
};

#undef TO_ALL
#undef TO_ALL_OF_8005
#undef TO_E
#undef TO_F
#undef IPV4
#undef FROM_E
#undef FROM_F
// clang-format on

} // namespace eipoib::cases
