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

	// The 48 bits as a number, first byte highest.
	constexpr u64 bits() const
	{
		const Words words = __builtin_bit_cast(Words, *this);
		return u64{detail::host_to_big(words.high)} << 16 | detail::host_to_big(words.low);
	}

	// The reverse of bits(); what is above 48 bits is cut off.
	static constexpr MacAddress from_bits(u64 bits)
	{
		return __builtin_bit_cast(
			MacAddress, Words{.high = detail::host_to_big(static_cast<u32>(bits >> 16)),
					  .low = detail::host_to_big(static_cast<u16>(bits))});
	}

	// The 48 bits as some number, which differs between hosts: cheaper, to tell MACs apart.
	constexpr u64 raw() const
	{
		const Words words = __builtin_bit_cast(Words, *this);
		return words.high | u64{words.low} << 32;
	}

	// The reverse of raw(); what is above 48 bits is cut off.
	static constexpr MacAddress from_raw(u64 raw)
	{
		return __builtin_bit_cast(MacAddress, Words{.high = static_cast<u32>(raw),
							    .low = static_cast<u16>(raw >> 32)});
	}

	constexpr bool is_zero() const
	{
		return raw() == 0;
	}

	friend constexpr bool operator==(const MacAddress &a, const MacAddress &b)
	{
		return a.raw() == b.raw();
	}

private:
	// Read at once: compilers do not make one load of six.
	struct [[gnu::packed]] Words {
		u32 high;
		u16 low;
	};
};

// IBA 4.1.1.
struct Gid {
	Be64 prefix_;
	Be64 interface_id_;

	friend constexpr bool operator==(const Gid &, const Gid &) = default;
};

// The IPoIB link-layer address, RFC 4391 section 9.1.1.
struct IbAddress {
	static constexpr u8 connected = 0x80; // in flags_: RC

	u8 flags_; // reserved there; RFC 4755 section 5.1 gave bit 7 (RC) and bit 6 (UC) a meaning
	Be24 qpn_;
	Gid gid_;

	// Read with the flags: compilers do not make one load of three.
	Qpn qpn() const
	{
		Be32 word;
		__builtin_memcpy(&word, this, sizeof(word));
		return {word.get() & 0xffffff};
	}

	friend constexpr bool operator==(const IbAddress &, const IbAddress &) = default;
};

// A MAC in a VLAN or a partition, as one number: made and compared in a few instructions.
template <typename Domain> class MacIn {
public:
	constexpr MacIn() = default;

	constexpr MacIn(Domain domain, const MacAddress &mac)
		: number_(mac.raw() | u64{domain.value} << 48)
	{
	}

	constexpr MacAddress mac() const
	{
		return MacAddress::from_raw(number_);
	}

	constexpr Domain domain() const
	{
		return {static_cast<u16>(number_ >> 48)};
	}

	constexpr u64 number() const
	{
		return number_;
	}

	friend constexpr bool operator==(MacIn, MacIn) = default;

private:
	u64 number_ = 0;
};

static_assert(sizeof(MacAddress) == 6 && alignof(MacAddress) == 1);
static_assert(sizeof(Gid) == 16 && alignof(Gid) == 1);
static_assert(sizeof(IbAddress) == 20 && alignof(IbAddress) == 1);

} // namespace eipoib::wire
