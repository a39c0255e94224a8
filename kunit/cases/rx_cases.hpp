// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What the VIFs of scene.hpp receive: frame in, plan out.
#pragma once

#include "scene.hpp"

namespace eipoib::cases {

struct RxCase {
	const char *name;
	u32 vif_qpn; // of the VIF that receives it
	bool is_group;
	const char *frame;   // hex, 24 bytes of link header first
	const char *outcome; // "forward", "rewrite", or a reason's ethtool name
	u16 vlan = EIPOIB_VLAN_NONE;
	const char *header = "";  // hex of the Ethernet header put in front
	const char *payload = ""; // hex, for "rewrite"
};

// clang-format off
inline constexpr RxCase rx_cases[] = {
	{.name = "ipv4_unicast_from_peer", .vif_qpn = 0x49, .is_group = false,
	 .frame = "00 000050 0000000000000000 0000000000000000 0800 0002"
		  "4500001400000000 40010000 0a000002 0a000003",
	 .outcome = "forward", .header = "52540067e9bd 020000500002 0800"},
	{.name = "ipv4_unicast_from_stranger_shows_its_remac", .vif_qpn = 0x48, .is_group = false,
	 .frame = "00 abcdef 0000000000000000 0000000000000000 0800 1234"
		  "4500001400000000 40010000 0a000009 0a000001",
	 .outcome = "forward", .header = "0002c9433bf1 02abcdef1234 0800"},
	{.name = "ipv4_broadcast", .vif_qpn = 0x48, .is_group = true,
	 .frame = "01 000050 fe80000000000000 0002c90300433c01 0800 0002"
		  "4500001400000000 40110000 0a000002 0affffff",
	 .outcome = "forward", .header = "ffffffffffff 020000500002 0800"},
	{.name = "ipv4_multicast_gets_its_group_mac", .vif_qpn = 0x48, .is_group = true,
	 .frame = "01 000050 fe80000000000000 0002c90300433c01 0800 0002"
		  "4500001400000000 40110000 0a000002 e1810203",
	 .outcome = "forward", .header = "01005e010203 020000500002 0800"},
	{.name = "ipv4_on_a_p_key_is_tagged", .vif_qpn = 0x4a, .is_group = false,
	 .frame = "00 000051 0000000000000000 0000000000000000 0800 0002"
		  "4500001400000000 40010000 0a030002 0a030001",
	 .outcome = "forward", .vlan = 3, .header = "0002c9433bf1 020000510002 0800"},
	{.name = "arp_request", .vif_qpn = 0x48, .is_group = true,
	 .frame = "01 000050 fe80000000000000 0002c90300433c01 0806 0002"
		  "0020 0800 14 04 0001"
		  "80000050 fe80000000000000 0002c90300433c01 0a000002"
		  "00000000 0000000000000000 0000000000000000 0a000001",
	 .outcome = "rewrite", .header = "ffffffffffff 020000500002 0806",
	 .payload = "0001 0800 06 04 0001 020000500002 0a000002 000000000000 0a000001"},
	{.name = "arp_reply_names_the_vif", .vif_qpn = 0x49, .is_group = false,
	 .frame = "00 000050 0000000000000000 0000000000000000 0806 0002"
		  "0020 0800 14 04 0002"
		  "80000050 fe80000000000000 0002c90300433c01 0a000002"
		  "80000049 fe80000000000000 0002c90300433bf1 0a000003",
	 .outcome = "rewrite", .header = "52540067e9bd 020000500002 0806",
	 .payload = "0001 0800 06 04 0002 020000500002 0a000002 52540067e9bd 0a000003"},
	{.name = "arp_with_trailing_bytes_of_a_later_version", .vif_qpn = 0x49, .is_group = false,
	 .frame = "00 000050 0000000000000000 0000000000000000 0806 0002"
		  "0020 0800 14 04 0002"
		  "80000050 fe80000000000000 0002c90300433c01 0a000002"
		  "80000049 fe80000000000000 0002c90300433bf1 0a000003 01020304",
	 .outcome = "rewrite", .header = "52540067e9bd 020000500002 0806",
	 .payload = "0001 0800 06 04 0002 020000500002 0a000002 52540067e9bd 0a000003"},
	{.name = "gratuitous_arp_names_its_sender", .vif_qpn = 0x48, .is_group = true,
	 .frame = "01 000050 fe80000000000000 0002c90300433c01 0806 0002"
		  "0020 0800 14 04 0001"
		  "80000050 fe80000000000000 0002c90300433c01 0a000002"
		  "80000050 fe80000000000000 0002c90300433c01 0a000002",
	 .outcome = "rewrite", .header = "ffffffffffff 020000500002 0806",
	 .payload = "0001 0800 06 04 0001 020000500002 0a000002 020000500002 0a000002"},

	{.name = "copy_for_a_vif_that_is_not_designated", .vif_qpn = 0x49, .is_group = true,
	 .frame = "01 000050 fe80000000000000 0002c90300433c01 0800 0002"
		  "4500001400000000 40110000 0a000002 0affffff",
	 .outcome = "rx_copy"},
	{.name = "echo_of_a_sibling", .vif_qpn = 0x48, .is_group = true,
	 .frame = "01 000049 fe80000000000000 0002c90300433bf1 0800 0001"
		  "4500001400000000 40110000 0a000003 0affffff",
	 .outcome = "rx_own"},
	{.name = "same_qpn_on_another_port_is_no_echo", .vif_qpn = 0x48, .is_group = true,
	 .frame = "01 000049 fe80000000000000 0002c90300433c01 0800 0002"
		  "4500001400000000 40110000 0a000003 0affffff",
	 .outcome = "forward", .header = "ffffffffffff 020000490002 0800"},
	{.name = "group_frame_of_the_native_interface_of_this_host", .vif_qpn = 0x48,
	 .is_group = true,
	 .frame = "01 000047 fe80000000000000 0002c90300433bf1 0800 0001"
		  "4500001400000000 40110000 0a000003 0affffff",
	 .outcome = "forward", .header = "ffffffffffff 020000470001 0800"},
	{.name = "source_not_known", .vif_qpn = 0x48, .is_group = false,
	 .frame = "00 000000 0000000000000000 0000000000000000 0800 0000"
		  "4500001400000000 40010000 0a000002 0a000003",
	 .outcome = "rx_no_source"},
	{.name = "ipv4_cut_in_its_header", .vif_qpn = 0x48, .is_group = false,
	 .frame = "00 000050 0000000000000000 0000000000000000 0800 0002"
		  "4500001400000000 40010000 0a000002 0a0000",
	 .outcome = "rx_ip"},
	{.name = "ipv4_version_5", .vif_qpn = 0x48, .is_group = false,
	 .frame = "00 000050 0000000000000000 0000000000000000 0800 0002"
		  "5500001400000000 40010000 0a000002 0a000003",
	 .outcome = "rx_ip"},
	{.name = "arp_cut", .vif_qpn = 0x48, .is_group = true,
	 .frame = "01 000050 fe80000000000000 0002c90300433c01 0806 0002"
		  "0020 0800 14 04 0001"
		  "80000050 fe80000000000000 0002c90300433c01 0a000002"
		  "00000000 0000000000000000 0000000000000000 0a0000",
	 .outcome = "rx_arp"},
	{.name = "arp_hardware_type_1", .vif_qpn = 0x48, .is_group = true,
	 .frame = "01 000050 fe80000000000000 0002c90300433c01 0806 0002"
		  "0001 0800 14 04 0001"
		  "80000050 fe80000000000000 0002c90300433c01 0a000002"
		  "00000000 0000000000000000 0000000000000000 0a000001",
	 .outcome = "rx_arp"},
	{.name = "arp_hardware_length_6", .vif_qpn = 0x48, .is_group = true,
	 .frame = "01 000050 fe80000000000000 0002c90300433c01 0806 0002"
		  "0020 0800 06 04 0001"
		  "80000050 fe80000000000000 0002c90300433c01 0a000002"
		  "00000000 0000000000000000 0000000000000000 0a000001",
	 .outcome = "rx_arp"},
	{.name = "arp_protocol_length_6", .vif_qpn = 0x48, .is_group = true,
	 .frame = "01 000050 fe80000000000000 0002c90300433c01 0806 0002"
		  "0020 0800 14 06 0001"
		  "80000050 fe80000000000000 0002c90300433c01 0a000002"
		  "00000000 0000000000000000 0000000000000000 0a000001",
	 .outcome = "rx_arp"},
	{.name = "arp_sender_qpn_contradicts_completion", .vif_qpn = 0x48, .is_group = true,
	 .frame = "01 000050 fe80000000000000 0002c90300433c01 0806 0002"
		  "0020 0800 14 04 0001"
		  "80000051 fe80000000000000 0002c90300433c01 0a000002"
		  "00000000 0000000000000000 0000000000000000 0a000001",
	 .outcome = "rx_spoof"},
	{.name = "arp_sender_gid_contradicts_grh", .vif_qpn = 0x48, .is_group = true,
	 .frame = "01 000050 fe80000000000000 0002c90300433c01 0806 0002"
		  "0020 0800 14 04 0001"
		  "80000050 fe80000000000000 0002c90300433c11 0a000002"
		  "00000000 0000000000000000 0000000000000000 0a000001",
	 .outcome = "rx_spoof"},
	{.name = "ipv6", .vif_qpn = 0x48, .is_group = false,
	 .frame = "00 000050 0000000000000000 0000000000000000 86dd 0002 60000000",
	 .outcome = "rx_proto"},
};
// clang-format on

} // namespace eipoib::cases
