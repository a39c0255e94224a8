// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// How one kind of address is made from another.
#pragma once

#include "headers.hpp"
#include "ipv6.hpp"

namespace eipoib::wire {

// REMAC: the MAC under which guests see a peer whose own MAC is not known: 02, QPN, base LID.
// Every hypervisor makes the same one, so it outlives a guest's migration and a reload. Where two
// peers would get the same one, @variant 1 to 3 gives another first byte.
constexpr MacAddress remac(Qpn qpn, Lid lid, u8 variant = 0)
{
	return {{static_cast<u8>(0x02 + 4 * variant), static_cast<u8>(qpn.value >> 16),
		 static_cast<u8>(qpn.value >> 8), static_cast<u8>(qpn.value),
		 static_cast<u8>(lid.value >> 8), static_cast<u8>(lid.value)}};
}

inline constexpr u8 remac_variants = 4;

// What a REMAC stands for.
struct RemacParts {
	Qpn qpn;
	Lid lid;
};

// Whether @mac has the form of a REMAC. Other people's MACs may have it, too.
constexpr bool looks_like_remac(const MacAddress &mac)
{
	return (mac.bytes_[0] & ~0x0c) == 0x02;
}

constexpr RemacParts remac_parts(const MacAddress &mac)
{
	const u64 bits = mac.bits();
	return {.qpn = {static_cast<u32>(bits >> 16 & 0xffffff)}, .lid = {static_cast<u16>(bits)}};
}

// The group of @partition that IPv4 address @low_bits stands for, RFC 4391 section 4: link-local
// scope, signature 0x401b, the full-member P_Key, and the low 28 bits of the group.
constexpr IbAddress ipv4_group_address(PartitionId partition, u32 low_bits)
{
	const u64 prefix = 0xff12'401b'0000'0000 | u64{0x8000u | partition.value} << 16;
	return {.flags_ = 0,
		.qpn_ = Be24::from(0xffffff),
		.gid_ = {.prefix_ = Be64::from(prefix), .interface_id_ = Be64::from(low_bits)}};
}

// RFC 4391 section 5: the broadcast group is that of 255.255.255.255, all 32 bits of it.
constexpr IbAddress broadcast_address(PartitionId partition)
{
	return ipv4_group_address(partition, 0xffffffff);
}

// The group address of IPv4 multicast address @group.
constexpr IbAddress multicast_address(PartitionId partition, u32 group)
{
	return ipv4_group_address(partition, group & 0x0fffffff);
}

// The Ethernet address of IPv4 multicast address @group, RFC 1112 section 6.4.
constexpr MacAddress ipv4_group_mac(u32 group)
{
	return {{0x01, 0x00, 0x5e, static_cast<u8>(group >> 16 & 0x7f), static_cast<u8>(group >> 8),
		 static_cast<u8>(group)}};
}

// The group address of IPv6 multicast address @group, RFC 4391 section 4: link-local scope,
// signature 0x601b, the full-member P_Key, and the low 80 bits of the group.
constexpr IbAddress ipv6_group_address(PartitionId partition, const Ipv6Address &group)
{
	const auto [high, low] = __builtin_bit_cast(Gid, group);
	const u64 prefix = 0xff12'601b'0000'0000 | u64{0x8000u | partition.value} << 16 |
			   (high.get() & 0xffff);
	return {.flags_ = 0,
		.qpn_ = Be24::from(0xffffff),
		.gid_ = {.prefix_ = Be64::from(prefix), .interface_id_ = low}};
}

// The Ethernet address of IPv6 multicast address @group, RFC 2464 section 7.
constexpr MacAddress ipv6_group_mac(const Ipv6Address &group)
{
	const u8 *low = group.bytes_ + 12;
	return {{0x33, 0x33, low[0], low[1], low[2], low[3]}};
}

} // namespace eipoib::wire
