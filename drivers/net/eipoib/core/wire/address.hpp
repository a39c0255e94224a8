// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Addresses: what identifies whom. Each is a type of its own so that none is taken for another.
#pragma once

#include "bytes.hpp"
#include "endian.hpp"

namespace eipoib::wire {

using namespace kxx;

// Host-order numbers.
struct Qpn {
	u32 value; // 24 bits, IBA 10.2.4

	friend constexpr bool operator==(Qpn, Qpn) = default;
};

struct Lid {
	u16 value; // IBA 4.1.3

	friend constexpr bool operator==(Lid, Lid) = default;
};

// A partition: a P_Key without its membership bit, IBA 10.9.
struct PartitionId {
	u16 value;

	static constexpr PartitionId of_pkey(u16 pkey)
	{
		return {static_cast<u16>(pkey & 0x7fff)};
	}

	friend constexpr bool operator==(PartitionId, PartitionId) = default;
};

// IEEE 802.1Q VLAN ID, or untagged.
struct VlanId {
	u16 value;

	static constexpr u16 untagged_value = 4096;

	static constexpr VlanId untagged()
	{
		return {untagged_value};
	}

	friend constexpr bool operator==(VlanId, VlanId) = default;
};

struct MacAddress {
	u8 bytes_[6];

	static constexpr MacAddress broadcast()
	{
		return {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
	}

	constexpr bool is_group() const
	{
		return bytes_[0] & 1;
	}

	// A unicast address that somebody can have.
	constexpr bool is_usable() const
	{
		return !is_group() && !is_zero();
	}

	// The reverse of bits(); what is above 48 bits is cut off.
	static constexpr MacAddress from_bits(u64 bits)
	{
		MacAddress mac = {};
		for (int i = 5; i >= 0; i--, bits >>= 8)
			mac.bytes_[i] = static_cast<u8>(bits);
		return mac;
	}

	// The 48 bits as a number, first byte highest.
	constexpr u64 bits() const
	{
		u64 value = 0;
		for (u8 byte : bytes_)
			value = value << 8 | byte;
		return value;
	}

	constexpr bool is_zero() const
	{
		return bits() == 0;
	}

	friend constexpr bool operator==(const MacAddress &, const MacAddress &) = default;
};

// IBA 4.1.1.
struct Gid {
	Be64 prefix_;
	Be64 interface_id_;

	friend constexpr bool operator==(const Gid &, const Gid &) = default;
};

// The IPoIB link-layer address, RFC 4391 section 9.1.1.
struct IbAddress {
	u8 flags_; // reserved there; RFC 4755 section 5.1 gave bit 7 (RC) and bit 6 (UC) a meaning
	Be24 qpn_;
	Gid gid_;

	constexpr Qpn qpn() const
	{
		return {qpn_.get()};
	}

	friend constexpr bool operator==(const IbAddress &, const IbAddress &) = default;
};

static_assert(sizeof(MacAddress) == 6 && alignof(MacAddress) == 1);
static_assert(sizeof(Gid) == 16 && alignof(Gid) == 1);
static_assert(sizeof(IbAddress) == 20 && alignof(IbAddress) == 1);

} // namespace eipoib::wire
