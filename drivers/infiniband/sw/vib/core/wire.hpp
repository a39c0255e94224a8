// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The packet headers of the InfiniBand architecture specification, volume 1 ("IBA"), chapters 7
// to 9: LRH, GRH, BTH, DETH and immediate data, as they lie on the wire.
#pragma once

#include "bytes.hpp"
#include "endian.hpp"
#include "shared.hpp"

namespace vib::wire {

using kxx::Be16;
using kxx::Be24;
using kxx::Be32;
using kxx::Be64;

constexpr u16 PERMISSIVE_LID = 0xffff; // IBA 4.1.3
constexpr u16 FIRST_MULTICAST_LID = 0xc000;
constexpr u32 MULTICAST_QPN = 0xffffff; // IBA 10.5.2.2
constexpr u32 GSI_QKEY = 0x80010000;	// IBA 10.2.5
constexpr u8 SMP_VL = 15;
constexpr u8 LNH_LOCAL = 2;  // IBA 7.7.5: BTH follows
constexpr u8 LNH_GLOBAL = 3; // GRH follows
constexpr u8 OPCODE_UD_SEND = 0x64;
constexpr u8 OPCODE_UD_SEND_IMM = 0x65;
constexpr u8 GRH_NEXT_BTH = 0x1b;
constexpr size_t ICRC_LEN = 4;
constexpr u8 ACK_REQUEST = 0x80; // of Bth::ack_request

constexpr bool is_multicast(u16 lid)
{
	return lid >= FIRST_MULTICAST_LID && lid != PERMISSIVE_LID;
}

// Local route header, IBA 7.7.
struct Lrh {
	u8 vl_lver;
	u8 sl_lnh;
	Be16 dlid;
	Be16 length; // 11 bits: words from here to the ICRC
	Be16 slid;

	constexpr u8 vl() const
	{
		return vl_lver >> 4;
	}

	constexpr u8 sl() const
	{
		return sl_lnh >> 4;
	}

	constexpr u8 lnh() const
	{
		return sl_lnh & 3;
	}

	constexpr size_t bytes() const
	{
		return size_t{length.get() & 0x7ffu} * 4;
	}
};
static_assert(sizeof(Lrh) == 8 && alignof(Lrh) == 1);

struct Gid {
	Be64 prefix;
	Be64 guid;

	constexpr bool is_multicast() const
	{
		return prefix.bytes_[0] == 0xff;
	}
};
static_assert(sizeof(Gid) == 16 && alignof(Gid) == 1);

// Global route header, IBA 8.3.
struct Grh {
	Be32 version_class_flow;
	Be16 payload_length;
	u8 next_header;
	u8 hop_limit;
	Gid sgid;
	Gid dgid;
};
static_assert(sizeof(Grh) == 40 && alignof(Grh) == 1);

// Base transport header, IBA 9.2.
struct Bth {
	u8 opcode;
	u8 flags; // solicited event, migration, pad count (2), transport version (4)
	Be16 pkey;
	u8 reserved;
	Be24 dest_qpn;
	u8 ack_request;
	Be24 psn;

	constexpr bool solicited() const
	{
		return flags & 0x80;
	}

	constexpr size_t pad() const
	{
		return flags >> 4 & 3;
	}

	constexpr u8 version() const
	{
		return flags & 15;
	}
};
static_assert(sizeof(Bth) == 12 && alignof(Bth) == 1);

// Datagram extended transport header, IBA 9.3.3.
struct Deth {
	Be32 qkey;
	u8 reserved;
	Be24 src_qpn;
};
static_assert(sizeof(Deth) == 8 && alignof(Deth) == 1);

// Immediate data: handed through as it lies in memory.
struct Imm {
	u8 bytes[4];
};
static_assert(sizeof(Imm) == 4 && alignof(Imm) == 1);

} // namespace vib::wire
