// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The Internet checksum (RFC 1071) of whole packets, four bytes at a time. The sum is the same in
// either byte order as long as the result is used as it lies in memory.
#pragma once

#include "bytes.hpp"
#include "shared.hpp"

namespace vib {

// The one's complement sum of pieces of even length; only the last one may be odd.
class InternetSum {
public:
	void add(kxx::ByteView bytes)
	{
		const u8 *at = bytes.data();
		size_t left = bytes.size();
		u32 word = 0;

		// 2^32 words would be too many.
		for (; left >= sizeof(word); left -= sizeof(word), at += sizeof(word)) {
			__builtin_memcpy(&word, at, sizeof(word));
			sum_ += word;
		}
		word = 0;
		if (left)
			__builtin_memcpy(&word, at, left);
		sum_ += word;
	}

	// What belongs into a checksum field that was summed up as zero, as it lies in memory.
	u16 checksum() const
	{
		return static_cast<u16>(~folded());
	}

	// Is what was summed up, its checksum field included, as it was sent?
	bool is_intact() const
	{
		return folded() == 0xffff;
	}

private:
	u16 folded() const
	{
		u64 sum = sum_;

		while (sum >> 16)
			sum = (sum & 0xffff) + (sum >> 16);
		return static_cast<u16>(sum);
	}

	u64 sum_ = 0;
};

} // namespace vib
