// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What leaves ethX in the scene of scene.hpp: frame in, plan out.
#pragma once

#include "scene.hpp"

namespace eipoib::cases {

// clang-format off
inline constexpr TxCase tx_cases[] = {
	{.name = "ipv4_unicast",
	 .frame = "020000500002 0002c9433bf1 0800"
		  "4500001400000000 40010000 0a000001 0a000002",
	 .outcome = "forward", .vif_qpn = 0x48, .pull = 14,
	 .header = "80000050 fe80000000000000 0002c90300433c01 0800 0000"},
	{.name = "ipv4_unicast_from_second_vif",
	 .frame = "020000500002 52540067e9bd 0800"
		  "4500001400000000 40010000 0a000003 0a000002",
	 .outcome = "forward", .vif_qpn = 0x49, .pull = 14,
	 .header = "80000050 fe80000000000000 0002c90300433c01 0800 0000"},
	{.name = "ipv4_broadcast",
	 .frame = "ffffffffffff 0002c9433bf1 0800"
		  "4500001400000000 40010000 0a000001 ffffffff",
	 .outcome = "forward", .vif_qpn = 0x48, .pull = 14,
	 .header = "00ffffff ff12401bffff0000 00000000ffffffff 0800 0000"},
	{.name = "ipv4_multicast_group_from_ip_header",
	 .frame = "01005e010203 0002c9433bf1 0800"
		  "4500001400000000 40110000 0a000001 e0010203",
	 .outcome = "forward", .vif_qpn = 0x48, .pull = 14,
	 .header = "00ffffff ff12401bffff0000 0000000000010203 0800 0000"},
	{.name = "ipv4_multicast_same_mac_other_group",
	 .frame = "01005e010203 0002c9433bf1 0800"
		  "4500001400000000 40110000 0a000001 e1010203",
	 .outcome = "forward", .vif_qpn = 0x48, .pull = 14,
	 .header = "00ffffff ff12401bffff0000 0000000001010203 0800 0000"},
	{.name = "ipv4_on_p_key_clone_by_tag",
	 .frame = "ffffffffffff 0002c9433bf1 0800"
		  "4500001400000000 40010000 0a000001 ffffffff",
	 .outcome = "forward", .vif_qpn = 0x4a, .pull = 14,
	 .header = "00ffffff ff12401b80030000 00000000ffffffff 0800 0000", .tci = 0xf003},
	{.name = "priority_tag_counts_as_untagged",
	 .frame = "020000500002 0002c9433bf1 0800"
		  "4500001400000000 40010000 0a000001 0a000002",
	 .outcome = "forward", .vif_qpn = 0x48, .pull = 14,
	 .header = "80000050 fe80000000000000 0002c90300433c01 0800 0000", .tci = 0xa000},
	{.name = "tag_with_only_dei_set",
	 .frame = "020000500002 0002c9433bf1 0800"
		  "4500001400000000 40010000 0a000001 0a000002",
	 .outcome = "forward", .vif_qpn = 0x48, .pull = 14,
	 .header = "80000050 fe80000000000000 0002c90300433c01 0800 0000", .tci = 0x1000},
	{.name = "peer_of_another_partition_is_not_known",
	 .frame = "020000500002 0002c9433bf1 0800"
		  "4500001400000000 40010000 0a000001 0a000002",
	 .outcome = "hold", .tci = 3},
	{.name = "ipv4_to_an_announced_mac",
	 .frame = "5254000000e1 0002c9433bf1 0800"
		  "4500001400000000 40010000 0a000001 0a000005",
	 .outcome = "forward", .vif_qpn = 0x48, .pull = 14,
	 .header = "80000052 fe80000000000000 0002c90300433c05 0800 0000"},
	{.name = "ipv4_to_the_remac_of_an_announced_peer",
	 .frame = "020000520005 0002c9433bf1 0800"
		  "4500001400000000 40010000 0a000001 0a000005",
	 .outcome = "forward", .vif_qpn = 0x48, .pull = 14,
	 .header = "80000052 fe80000000000000 0002c90300433c05 0800 0000"},
	{.name = "ipv4_multicast_to_the_broadcast_mac",
	 .frame = "ffffffffffff 0002c9433bf1 0800"
		  "4500001400000000 40110000 0a000001 e0010203",
	 .outcome = "forward", .vif_qpn = 0x48, .pull = 14,
	 .header = "00ffffff ff12401bffff0000 00000000ffffffff 0800 0000"},
	{.name = "ipv4_gso_stays_whole",
	 .frame = "020000500002 0002c9433bf1 0800"
		  "4500001400000000 40060000 0a000001 0a000002",
	 .outcome = "forward", .vif_qpn = 0x48, .pull = 14,
	 .header = "80000050 fe80000000000000 0002c90300433c01 0800 0000", .is_gso = true},
	{.name = "igmp_report_is_snooped",
	 .frame = "01005e010203 0002c9433bf1 0800"
		  "4600002000000000 01020000 0a000001 e0010203 94040000"
		  "1600 07fb e0010203",
	 .outcome = "forward", .vif_qpn = 0x48, .pull = 14,
	 .header = "00ffffff ff12401bffff0000 0000000000010203 0800 0000",
	 .flags = EIPOIB_PLAN_SNOOP},
	{.name = "ipv6_unicast",
	 .frame = "020000500002 0002c9433bf1 86dd 6000000000003b40"
		  "20010db8000000000000000000000001 20010db8000000000000000000000002",
	 .outcome = "forward", .vif_qpn = 0x48, .pull = 14,
	 .header = "80000050 fe80000000000000 0002c90300433c01 86dd 0000"},
	{.name = "ipv6_multicast_group_from_ip_header",
	 .frame = "333300010203 0002c9433bf1 86dd 6000000000003b40"
		  "20010db8000000000000000000000001 ff0e0000000000001122334400010203",
	 .outcome = "forward", .vif_qpn = 0x48, .pull = 14,
	 .header = "00ffffff ff12601bffff0000 1122334400010203 86dd 0000"},
	{.name = "ipv6_multicast_same_mac_other_group",
	 .frame = "333300010203 0002c9433bf1 86dd 6000000000003b40"
		  "20010db8000000000000000000000001 ff02000000005566112233ff00010203",
	 .outcome = "forward", .vif_qpn = 0x48, .pull = 14,
	 .header = "00ffffff ff12601bffff5566 112233ff00010203 86dd 0000"},
	{.name = "ipv6_multicast_on_a_p_key",
	 .frame = "333300000001 0002c9433bf1 86dd 6000000000003b40"
		  "20010db8000000000000000000000001 ff020000000000000000000000000001",
	 .outcome = "forward", .vif_qpn = 0x4a, .pull = 14,
	 .header = "00ffffff ff12601b80030000 0000000000000001 86dd 0000", .tci = 3},
	{.name = "ipv6_to_the_broadcast_mac",
	 .frame = "ffffffffffff 0002c9433bf1 86dd 6000000000003b40"
		  "20010db8000000000000000000000001 ff020000000000000000000000000001",
	 .outcome = "forward", .vif_qpn = 0x48, .pull = 14,
	 .header = "00ffffff ff12401bffff0000 00000000ffffffff 86dd 0000"},
	{.name = "mld_report_is_snooped",
	 .frame = "333300010203 0002c9433bf1 86dd 6000000000200001"
		  "fe800000000000000000000000000001 ff0e0000000000000000000000010203"
		  "3a00050200000000"
		  "8300 0000 0000 0000 ff0e0000000000000000000000010203",
	 .outcome = "forward", .vif_qpn = 0x48, .pull = 14,
	 .header = "00ffffff ff12601bffff0000 0000000000010203 86dd 0000",
	 .flags = EIPOIB_PLAN_SNOOP},
	{.name = "arp_request",
	 .frame = "ffffffffffff 0002c9433bf1 0806 0001 0800 06 04 0001"
		  "0002c9433bf1 0a000001 000000000000 0a000002",
	 .outcome = "rewrite", .vif_qpn = 0x48, .pull = 14,
	 .header = "00ffffff ff12401bffff0000 00000000ffffffff 0806 0000",
	 .payload = "0020 0800 14 04 0001"
		    "80000048 fe80000000000000 0002c90300433bf1 0a000001"
		    "00000000 0000000000000000 0000000000000000 0a000002"
		    "65495042 01 01 0002c9433bf1 000000000000"},
	{.name = "arp_request_padded_to_60_bytes",
	 .frame = "ffffffffffff 0002c9433bf1 0806 0001 0800 06 04 0001"
		  "0002c9433bf1 0a000001 000000000000 0a000002"
		  "000000000000000000000000000000000000",
	 .outcome = "rewrite", .vif_qpn = 0x48, .pull = 14,
	 .header = "00ffffff ff12401bffff0000 00000000ffffffff 0806 0000",
	 .payload = "0020 0800 14 04 0001"
		    "80000048 fe80000000000000 0002c90300433bf1 0a000001"
		    "00000000 0000000000000000 0000000000000000 0a000002"
		    "65495042 01 01 0002c9433bf1 000000000000"},
	{.name = "arp_reply_to_known_peer",
	 .frame = "020000500002 52540067e9bd 0806 0001 0800 06 04 0002"
		  "52540067e9bd 0a000003 020000500002 0a000002",
	 .outcome = "rewrite", .vif_qpn = 0x49, .pull = 14,
	 .header = "80000050 fe80000000000000 0002c90300433c01 0806 0000",
	 .payload = "0020 0800 14 04 0002"
		    "80000049 fe80000000000000 0002c90300433bf1 0a000003"
		    "80000050 fe80000000000000 0002c90300433c01 0a000002"
		    "65495042 01 01 52540067e9bd 020000500002"},
	{.name = "gratuitous_arp_names_itself_as_target",
	 .frame = "ffffffffffff 52540067e9bd 0806 0001 0800 06 04 0002"
		  "52540067e9bd 0a000003 52540067e9bd 0a000003",
	 .outcome = "rewrite", .vif_qpn = 0x49, .pull = 14,
	 .header = "00ffffff ff12401bffff0000 00000000ffffffff 0806 0000",
	 .payload = "0020 0800 14 04 0002"
		    "80000049 fe80000000000000 0002c90300433bf1 0a000003"
		    "80000049 fe80000000000000 0002c90300433bf1 0a000003"
		    "65495042 01 01 52540067e9bd 52540067e9bd"},
	{.name = "rarp_announcement",
	 .frame = "ffffffffffff 52540067e9bd 8035 0001 0800 06 04 0003"
		  "52540067e9bd 00000000 52540067e9bd 00000000",
	 .outcome = "rewrite", .vif_qpn = 0x49, .pull = 14,
	 .header = "00ffffff ff12401bffff0000 00000000ffffffff 8035 0000",
	 .payload = "0020 0800 14 04 0003"
		    "80000049 fe80000000000000 0002c90300433bf1 00000000"
		    "80000049 fe80000000000000 0002c90300433bf1 00000000"
		    "65495042 01 01 52540067e9bd 52540067e9bd"},

	{.name = "empty", .frame = "", .outcome = "tx_runt"},
	{.name = "one_byte_less_than_a_header",
	 .frame = "ffffffffffff 0002c9433bf1 08", .outcome = "tx_runt"},
	{.name = "reserved_vlan_4095",
	 .frame = "ffffffffffff 0002c9433bf1 0800", .outcome = "tx_vlan", .tci = 0x0fff},
	{.name = "vlan_without_vif",
	 .frame = "ffffffffffff 0002c9433bf1 0800", .outcome = "tx_vif_miss", .tci = 4},
	{.name = "source_without_vif",
	 .frame = "ffffffffffff 525400000001 0806", .outcome = "tx_vif_miss"},
	{.name = "ipv4_cut_in_its_header",
	 .frame = "ffffffffffff 0002c9433bf1 0800 45000014000000004001000 00a000001 ffffff",
	 .outcome = "tx_ip"},
	{.name = "ipv4_version_6",
	 .frame = "ffffffffffff 0002c9433bf1 0800"
		  "6500001400000000 40010000 0a000001 ffffffff",
	 .outcome = "tx_ip"},
	{.name = "ipv4_header_length_4_words",
	 .frame = "ffffffffffff 0002c9433bf1 0800"
		  "4400001400000000 40010000 0a000001 ffffffff",
	 .outcome = "tx_ip"},
	{.name = "arp_cut",
	 .frame = "ffffffffffff 0002c9433bf1 0806 0001 0800 06 04 0001"
		  "0002c9433bf1 0a000001 000000000000 0a0000",
	 .outcome = "tx_arp"},
	{.name = "arp_hardware_type_32",
	 .frame = "ffffffffffff 0002c9433bf1 0806 0020 0800 06 04 0001"
		  "0002c9433bf1 0a000001 000000000000 0a000002",
	 .outcome = "tx_arp"},
	{.name = "arp_hardware_length_20",
	 .frame = "ffffffffffff 0002c9433bf1 0806 0001 0800 14 04 0001"
		  "0002c9433bf1 0a000001 000000000000 0a000002",
	 .outcome = "tx_arp"},
	{.name = "arp_protocol_length_16",
	 .frame = "ffffffffffff 0002c9433bf1 0806 0001 0800 06 10 0001"
		  "0002c9433bf1 0a000001 000000000000 0a000002",
	 .outcome = "tx_arp"},
	{.name = "arp_for_ipv6",
	 .frame = "ffffffffffff 0002c9433bf1 0806 0001 86dd 06 04 0001"
		  "0002c9433bf1 0a000001 000000000000 0a000002",
	 .outcome = "tx_arp"},
	{.name = "arp_sender_is_somebody_else",
	 .frame = "ffffffffffff 0002c9433bf1 0806 0001 0800 06 04 0001"
		  "52540067e9bd 0a000001 000000000000 0a000002",
	 .outcome = "tx_spoof"},
	{.name = "ipv6_cut_in_its_header",
	 .frame = "333300000001 0002c9433bf1 86dd 60000000", .outcome = "tx_ip"},
	{.name = "ipv6_version_4",
	 .frame = "020000500002 0002c9433bf1 86dd 4000000000003b40"
		  "20010db8000000000000000000000001 20010db8000000000000000000000002",
	 .outcome = "tx_ip"},
	{.name = "rarp_sender_is_somebody_else",
	 .frame = "ffffffffffff 0002c9433bf1 8035 0001 0800 06 04 0003"
		  "52540067e9bd 00000000 52540067e9bd 00000000",
	 .outcome = "tx_spoof"},
	{.name = "to_a_vif_of_this_pif",
	 .frame = "52540067e9bd 0002c9433bf1 0800"
		  "4500001400000000 40010000 0a000001 0a000003",
	 .outcome = "tx_own"},
	{.name = "group_source",
	 .frame = "ffffffffffff 01005e000001 0800"
		  "4500001400000000 40010000 0a000001 ffffffff",
	 .outcome = "tx_vif_miss", .tci = 5},
};
// clang-format on

} // namespace eipoib::cases
