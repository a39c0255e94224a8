// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// A packet taken apart, and its headers written.
#pragma once

#include "wire.hpp"

#include <optional>

namespace vib {

using kxx::ByteSpan;
using kxx::ByteView;

struct Packet {
	wire::Lrh lrh;
	wire::Bth bth;
	bool has_grh;
	bool is_datagram; // else of a reliable connection
	wire::Deth deth;  // of a datagram
	bool has_imm;	  // of a datagram
	size_t transport; // where the BTH lies
	size_t payload;
	size_t payload_len;

	static constexpr size_t GRH_OFFSET = sizeof(wire::Lrh);

	// Nothing if it is not a well-formed packet of exactly these bytes.
	static std::optional<Packet> parse(ByteView bytes);

	static std::optional<Packet> parse_datagram(ByteView bytes);
};

// LRH, GRH and BTH.
struct Headers {
	u8 vl;
	u8 sl;
	u16 dlid;
	u16 slid;
	u8 opcode;
	u16 pkey;
	u32 dest_qpn;
	u32 psn;
	size_t payload_len;
	bool solicited;
	bool ack_request;
	std::optional<wire::Grh> grh; // payload length and next header are filled in
};

struct DatagramHeaders : Headers {
	u32 src_qpn;
	u32 qkey;
	std::optional<wire::Imm> imm;
};

struct Lengths {
	size_t header;
	size_t tail;
};

// Writes the headers, of which @extension comes last, to the start of @bytes.
Lengths write_headers(u8 *bytes, const Headers &headers, ByteView extension);

// Those of a datagram: VIB_HEADER_MAX bytes at most. The opcode is filled in.
Lengths write_headers(u8 *bytes, const DatagramHeaders &headers);

} // namespace vib
