// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// A datagram taken apart, and its headers written.
#pragma once

#include "wire.hpp"

#include <optional>

namespace vib {

using kxx::ByteSpan;
using kxx::ByteView;

struct Packet {
	wire::Lrh lrh;
	wire::Bth bth;
	wire::Deth deth;
	bool has_grh;
	bool has_imm;
	size_t payload; // offset
	size_t payload_len;

	static constexpr size_t GRH_OFFSET = sizeof(wire::Lrh);

	// Nothing if it is not a well-formed UD packet of exactly these bytes.
	static std::optional<Packet> parse(ByteView bytes);
};

// What write_headers() needs. The GRH is there if @dgid is.
struct Headers {
	u8 vl;
	u8 sl;
	u16 dlid;
	u16 slid;
	u16 pkey;
	u32 dest_qpn;
	u32 src_qpn;
	u32 qkey;
	u32 psn;
	size_t payload_len;
	bool solicited;
	std::optional<wire::Imm> imm;
	std::optional<wire::Grh> grh; // payload length and next header are filled in
};

struct Lengths {
	size_t header;
	size_t tail;
};

// Writes the headers at the start of VIB_HEADER_MAX bytes.
Lengths write_headers(u8 *bytes, const Headers &headers);

} // namespace vib
