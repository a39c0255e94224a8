// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// ICRC and VCRC. Both are computed least significant bit first, so their polynomials are written
// the other way round, and their bytes go out as on a little-endian machine.

#include "crc.hpp"
#include "abi.h"

namespace vib {

namespace {

template <typename T, T POLYNOMIAL> class Crc {
public:
	void add(ByteView bytes)
	{
		const u8 *at = bytes.data();
		size_t left = bytes.size();

		for (; left >= STEP; left -= STEP, at += STEP)
			add_step(at);
		for (; left; left--, at++)
			value_ = static_cast<T>(value_ >> 8 ^
						TABLES.entry[0][(value_ ^ *at) & 0xff]);
	}

	// As it lies on the wire.
	void put(u8 *out) const
	{
		for (size_t i = 0; i < sizeof(T); i++)
			out[i] = static_cast<u8>(static_cast<T>(~value_) >> 8 * i);
	}

private:
	static constexpr size_t STEP = 4;

	// entry[n][b]: byte b with n zero bytes behind it.
	struct Tables {
		T entry[STEP][256];

		constexpr Tables() : entry{}
		{
			for (u32 byte = 0; byte < 256; byte++)
				for (size_t n = 0; n < STEP; n++)
					entry[n][byte] = advance(n ? entry[n - 1][byte]
								   : static_cast<T>(byte));
		}

		static constexpr T advance(T value)
		{
			for (int bit = 0; bit < 8; bit++)
				value = static_cast<T>(value & 1 ? value >> 1 ^ POLYNOMIAL
								 : value >> 1);
			return value;
		}
	};
	static constexpr Tables TABLES{};

	void add_step(const u8 *at)
	{
		T sum = 0;

		for (size_t i = 0; i < STEP; i++) {
			const u8 byte =
				i < sizeof(T) ? static_cast<u8>(at[i] ^ value_ >> 8 * i) : at[i];
			sum = static_cast<T>(sum ^ TABLES.entry[STEP - 1 - i][byte]);
		}
		value_ = sum;
	}

	T value_ = static_cast<T>(~T{0});
};

using Icrc = Crc<u32, 0xedb88320>; // IBA 7.8.1: 0x04c11db7
using Vcrc = Crc<u16, 0xd008>;	   // IBA 7.8.2: 0x100b

constexpr size_t HEADERS = sizeof(wire::Lrh) + sizeof(wire::Grh) + sizeof(wire::Bth);

// What a switch or a router may change counts as ones (IBA 7.8.1).
size_t mask_variant(ByteView packet, u8 (&masked)[HEADERS])
{
	const bool global = (packet.data()[1] & 3) == wire::LNH_GLOBAL;
	const size_t bth = sizeof(wire::Lrh) + (global ? sizeof(wire::Grh) : 0);
	const size_t size = packet.first(bth + sizeof(wire::Bth)).size();

	__builtin_memcpy(masked, packet.data(), size);
	masked[0] |= 0xf0; // VL
	if (global) {
		__builtin_memset(masked, 0xff, sizeof(wire::Lrh));
		masked[sizeof(wire::Lrh)] |= 0x0f; // traffic class, flow label
		__builtin_memset(masked + sizeof(wire::Lrh) + 1, 0xff, 3);
		masked[sizeof(wire::Lrh) + offsetof(wire::Grh, hop_limit)] = 0xff;
	}
	masked[bth + offsetof(wire::Bth, reserved)] = 0xff;
	return size;
}

struct Sums {
	u8 icrc[wire::ICRC_LEN];
	u8 vcrc[VIB_VCRC_LEN];
};

// Those of what covered() gave.
Sums sums_of(ByteView packet)
{
	u8 masked[HEADERS];
	const size_t headers = mask_variant(packet, masked);
	Sums sums;
	Icrc invariant;
	Vcrc variant;

	invariant.add({masked, headers});
	invariant.add(packet.from(headers));
	invariant.put(sums.icrc);
	variant.add(packet);
	variant.add({sums.icrc, sizeof(sums.icrc)});
	variant.put(sums.vcrc);
	return sums;
}

constexpr size_t SUMS = wire::ICRC_LEN + VIB_VCRC_LEN;

// What the ICRC covers, or nothing if the headers are not all there.
ByteView covered(ByteView frame)
{
	if (frame.size() < SUMS + sizeof(wire::Lrh) + sizeof(wire::Bth))
		return {};
	const ByteView packet = frame.first(frame.size() - SUMS);
	if ((packet.data()[1] & 3) == wire::LNH_GLOBAL && packet.size() < HEADERS)
		return {};
	return packet;
}

} // namespace

void seal(ByteSpan frame)
{
	const ByteView packet = covered(frame.view());

	if (packet.size())
		(void)frame.store(sums_of(packet), packet.size());
}

bool is_intact(ByteView frame)
{
	const ByteView packet = covered(frame);

	if (!packet.size())
		return false;
	const Sums sums = sums_of(packet);
	return !__builtin_memcmp(&sums, packet.data() + packet.size(), sizeof(sums));
}

} // namespace vib
