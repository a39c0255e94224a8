// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What leaves ethX in the scene of scene.hpp: frame in, plan out.
#pragma once

#include "scene.hpp"

namespace eipoib::cases {

struct TxCase {
	const char *name;
	const char *frame;   // hex, from the Ethernet header on
	const char *outcome; // "forward", "rewrite", or a reason's ethtool name
	u32 vif_qpn = 0;     // of the VIF that sends it
	u8 pull = 0;
	const char *header = "";  // hex of the 24 bytes put in front
	const char *payload = ""; // hex, for "rewrite"
	u32 tci = EIPOIB_TCI_NONE;
};

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
	{.name = "ipv4_on_p_key_clone_by_accelerated_tag",
	 .frame = "ffffffffffff 0002c9433bf1 0800"
		  "4500001400000000 40010000 0a000001 ffffffff",
	 .outcome = "forward", .vif_qpn = 0x4a, .pull = 14,
	 .header = "00ffffff ff12401b80030000 00000000ffffffff 0800 0000", .tci = 0x6003},
	{.name = "ipv4_on_p_key_clone_by_tag_in_the_frame",
	 .frame = "ffffffffffff 0002c9433bf1 8100 0003 0800"
		  "4500001400000000 40010000 0a000001 ffffffff",
	 .outcome = "forward", .vif_qpn = 0x4a, .pull = 18,
	 .header = "00ffffff ff12401b80030000 00000000ffffffff 0800 0000"},
	{.name = "priority_tag_counts_as_untagged",
	 .frame = "020000500002 0002c9433bf1 8100 a000 0800"
		  "4500001400000000 40010000 0a000001 0a000002",
	 .outcome = "forward", .vif_qpn = 0x48, .pull = 18,
	 .header = "80000050 fe80000000000000 0002c90300433c01 0800 0000"},
	{.name = "accelerated_tag_with_only_dei_set",
	 .frame = "020000500002 0002c9433bf1 0800"
		  "4500001400000000 40010000 0a000001 0a000002",
	 .outcome = "forward", .vif_qpn = 0x48, .pull = 14,
	 .header = "80000050 fe80000000000000 0002c90300433c01 0800 0000", .tci = 0x1000},
	{.name = "peer_of_another_partition_is_not_known",
	 .frame = "020000500002 0002c9433bf1 8100 0003 0800"
		  "4500001400000000 40010000 0a000001 0a000002",
	 .outcome = "tx_peer_miss"},
	{.name = "arp_request",
	 .frame = "ffffffffffff 0002c9433bf1 0806 0001 0800 06 04 0001"
		  "0002c9433bf1 0a000001 000000000000 0a000002",
	 .outcome = "rewrite", .vif_qpn = 0x48, .pull = 14,
	 .header = "00ffffff ff12401bffff0000 00000000ffffffff 0806 0000",
	 .payload = "0020 0800 14 04 0001"
		    "80000048 fe80000000000000 0002c90300433bf1 0a000001"
		    "00000000 0000000000000000 0000000000000000 0a000002"},
	{.name = "arp_request_padded_to_60_bytes",
	 .frame = "ffffffffffff 0002c9433bf1 0806 0001 0800 06 04 0001"
		  "0002c9433bf1 0a000001 000000000000 0a000002"
		  "000000000000000000000000000000000000",
	 .outcome = "rewrite", .vif_qpn = 0x48, .pull = 14,
	 .header = "00ffffff ff12401bffff0000 00000000ffffffff 0806 0000",
	 .payload = "0020 0800 14 04 0001"
		    "80000048 fe80000000000000 0002c90300433bf1 0a000001"
		    "00000000 0000000000000000 0000000000000000 0a000002"},
	{.name = "arp_reply_to_known_peer",
	 .frame = "020000500002 52540067e9bd 0806 0001 0800 06 04 0002"
		  "52540067e9bd 0a000003 020000500002 0a000002",
	 .outcome = "rewrite", .vif_qpn = 0x49, .pull = 14,
	 .header = "80000050 fe80000000000000 0002c90300433c01 0806 0000",
	 .payload = "0020 0800 14 04 0002"
		    "80000049 fe80000000000000 0002c90300433bf1 0a000003"
		    "80000050 fe80000000000000 0002c90300433c01 0a000002"},
	{.name = "gratuitous_arp_names_itself_as_target",
	 .frame = "ffffffffffff 52540067e9bd 0806 0001 0800 06 04 0002"
		  "52540067e9bd 0a000003 52540067e9bd 0a000003",
	 .outcome = "rewrite", .vif_qpn = 0x49, .pull = 14,
	 .header = "00ffffff ff12401bffff0000 00000000ffffffff 0806 0000",
	 .payload = "0020 0800 14 04 0002"
		    "80000049 fe80000000000000 0002c90300433bf1 0a000003"
		    "80000049 fe80000000000000 0002c90300433bf1 0a000003"},
	{.name = "rarp_announcement",
	 .frame = "ffffffffffff 52540067e9bd 8035 0001 0800 06 04 0003"
		  "52540067e9bd 00000000 52540067e9bd 00000000",
	 .outcome = "rewrite", .vif_qpn = 0x49, .pull = 14,
	 .header = "00ffffff ff12401bffff0000 00000000ffffffff 8035 0000",
	 .payload = "0020 0800 14 04 0003"
		    "80000049 fe80000000000000 0002c90300433bf1 00000000"
		    "80000049 fe80000000000000 0002c90300433bf1 00000000"},

	{.name = "empty", .frame = "", .outcome = "tx_runt"},
	{.name = "one_byte_less_than_a_header",
	 .frame = "ffffffffffff 0002c9433bf1 08", .outcome = "tx_runt"},
	{.name = "cut_in_its_tag",
	 .frame = "ffffffffffff 0002c9433bf1 8100 0003 08", .outcome = "tx_runt"},
	{.name = "reserved_vlan_4095",
	 .frame = "ffffffffffff 0002c9433bf1 8100 0fff 0800", .outcome = "tx_vlan"},
	{.name = "vlan_without_vif",
	 .frame = "ffffffffffff 0002c9433bf1 8100 0004 0800", .outcome = "tx_vif_miss"},
	{.name = "source_without_vif",
	 .frame = "ffffffffffff 525400000001 0806", .outcome = "tx_vif_miss"},
	{.name = "second_tag_is_not_translated",
	 .frame = "ffffffffffff 0002c9433bf1 8100 0003 0800"
		  "4500001400000000 40010000 0a000001 ffffffff",
	 .outcome = "tx_proto", .tci = 3},
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
	{.name = "multicast_mac_with_unicast_ip",
	 .frame = "01005e010203 0002c9433bf1 0800"
		  "4500001400000000 40110000 0a000001 0a000002",
	 .outcome = "tx_proto"},
	{.name = "unknown_unicast",
	 .frame = "52540012ab34 0002c9433bf1 0800"
		  "4500001400000000 40110000 0a000001 0a000002",
	 .outcome = "tx_peer_miss"},
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
	{.name = "arp_reply_to_unknown_station",
	 .frame = "52540012ab34 0002c9433bf1 0806 0001 0800 06 04 0002"
		  "0002c9433bf1 0a000001 52540012ab34 0a000002",
	 .outcome = "tx_peer_miss"},
	{.name = "ipv6", .frame = "333300000001 0002c9433bf1 86dd 60000000", .outcome = "tx_proto"},
	{.name = "llc_length_field",
	 .frame = "0180c2000000 0002c9433bf1 0026 424203", .outcome = "tx_proto"},
};
// clang-format on

} // namespace eipoib::cases
