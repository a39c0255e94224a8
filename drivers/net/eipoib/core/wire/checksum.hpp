// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The Internet checksum: made anew (RFC 1071) and adjusted (RFC 1624).
#pragma once

#include "ipv6.hpp"

namespace eipoib::wire {

// The one's complement sum of 16-bit words over any number of pieces of any length; a piece goes
// on where the one before it ended, be that in the middle of a word.
class InternetSum {
public:
	constexpr void add(ByteView bytes)
	{
		for (size_t i = 0; i < bytes.size(); i++)
			sum_ += u64{bytes.data()[i]} << ((size_ + i) % 2 ? 0 : 8);
		size_ += bytes.size();
	}

	// The sum in host order.
	constexpr u16 folded() const
	{
		u64 sum = sum_;
		while (sum >> 16)
			sum = (sum & 0xffff) + (sum >> 16);
		return static_cast<u16>(sum);
	}

	// What belongs into a checksum field that was summed up as zero.
	constexpr Be16 checksum() const
	{
		return Be16::from(static_cast<u16>(~folded()));
	}

	// Whether what was summed up, its checksum field included, is intact.
	constexpr bool is_intact() const
	{
		return folded() == 0xffff;
	}

private:
	u64 sum_ = 0; // each byte adds less than 2^16, so 2^48 bytes may come
	size_t size_ = 0;
};

// What is summed up in front of an upper-layer packet, RFC 8200 section 8.1.
struct Ipv6PseudoHeader {
	Ipv6Address source_;
	Ipv6Address destination_;
	Be32 length_;
	u8 zero_[3];
	u8 next_header_;
};

static_assert(sizeof(Ipv6PseudoHeader) == 40 && alignof(Ipv6PseudoHeader) == 1);

// The sum over @begin, what a payload of @length bytes behind @header begins with, and the pseudo
// header.
inline InternetSum sum_with_pseudo_header(const Ipv6Header &header, ByteView begin, size_t length)
{
	const Ipv6PseudoHeader pseudo = {.source_ = header.source_,
					 .destination_ = header.destination_,
					 .length_ = Be32::from(static_cast<u32>(length)),
					 .zero_ = {},
					 .next_header_ = header.next_header_};
	InternetSum sum;
	sum.add(bytes_of(pseudo));
	sum.add(begin);
	return sum;
}

// The sum over @payload, which follows @header directly, and its pseudo header.
inline InternetSum sum_with_pseudo_header(const Ipv6Header &header, ByteView payload)
{
	return sum_with_pseudo_header(header, payload, payload.size());
}

// @checksum once a 16-bit word that it covers changes from @before to @after, RFC 1624 section 3.
constexpr Be16 adjusted_checksum(Be16 checksum, Be16 before, Be16 after)
{
	const u32 sum = (~checksum.get() & 0xffffu) + (~before.get() & 0xffffu) + after.get();
	const u32 once = (sum & 0xffff) + (sum >> 16);
	return Be16::from(static_cast<u16>(~(once + (once >> 16))));
}

// The same for UDP over IPv4, where 0 stands for "no checksum" and 0xffff for a sum of 0
// (RFC 768).
constexpr Be16 adjusted_udp_checksum(Be16 checksum, Be16 before, Be16 after)
{
	if (checksum.get() == 0)
		return checksum;
	const Be16 adjusted = adjusted_checksum(checksum, before, after);
	return adjusted.get() ? adjusted : Be16::from(0xffff);
}

} // namespace eipoib::wire
