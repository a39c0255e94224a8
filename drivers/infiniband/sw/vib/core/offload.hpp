// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What an HCA does for IPoIB besides carrying it: the checksums of IPv4, TCP and UDP, and the
// cutting up of long TCP messages. Nothing here is about packets of InfiniBand: it is their
// payload.
#pragma once

#include "abi_offload.h"
#include "checksum.hpp"
#include "inet_wire.hpp"

#include <optional>

namespace vib {

using kxx::ByteSpan;
using kxx::ByteView;

// Writes the checksums of an IPv4 packet; of a fragment or another protocol only the header's. What
// is no IPv4 packet stays as it is.
void fill_checksums(ByteSpan payload);

// Has it an IPv4 packet, whole, of TCP or of UDP with a checksum, and are both checksums right?
bool has_right_checksums(ByteView payload);

// A message that is to be cut up: the headers of IPoIB, IPv4 and TCP that stand before its payload.
class LsoMessage {
public:
	// Nothing if that is not what these headers are, or if they are not all.
	static std::optional<LsoMessage> parse(const vib_lso &lso);

	u32 segments() const;

	// Bytes of payload in segment @index, which exists.
	u32 payload_of(u32 index) const;

	// Its headers but for the checksums, header_len bytes.
	void write_headers(u32 index, u8 *to) const;

private:
	explicit LsoMessage(const vib_lso &lso) : lso_(lso)
	{
	}

	bool is_last(u32 index) const
	{
		return index + 1 == segments();
	}

	const vib_lso &lso_;
	inet::Ipv4 ip_{};
	inet::Tcp tcp_{};
	size_t tcp_at_ = 0;
};

} // namespace vib
