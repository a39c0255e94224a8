// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What user space and the kernel write for each other, in memory both have mapped: the structures
// of <rdma/rdma_user_rxe.h> and <rdma/ib_user_verbs.h>. In the machine's byte order.
#pragma once

#include "types.hpp"

#include <cstddef>

namespace vib::user {

using kxx::u16;
using kxx::u32;
using kxx::u64;
using kxx::u8;

// In front of the entries. The indexes are alone on their cache lines.
struct Header {
	u32 log2_entry;
	u32 mask;
	u32 pad1[30];
	u32 producer;
	u32 pad2[31];
	u32 consumer;
	u32 pad3[31];
};

// The numbers of enum ibv_wr_opcode.
enum Opcode : u32 {
	WRITE,
	WRITE_WITH_IMM,
	SEND,
	SEND_WITH_IMM,
	READ,
	COMPARE_SWAP,
	FETCH_ADD,
	LOCAL_INVALIDATE,
	BIND_WINDOW,
	SEND_WITH_INVALIDATE,
};

// The bits of enum ibv_send_flags.
constexpr u32 FENCE = 1u << 0;
constexpr u32 SIGNALED = 1u << 1;
constexpr u32 SOLICITED = 1u << 2;
constexpr u32 INLINE = 1u << 3;

// The numbers of enum ib_uverbs_wc_opcode, of those that a send request makes.
enum Completion : u8 {
	WC_SEND,
	WC_WRITE,
	WC_READ,
	WC_COMPARE_SWAP,
	WC_FETCH_ADD,
	WC_BIND_WINDOW,
	WC_LOCAL_INVALIDATE,
};

// The bits of enum ibv_wc_flags.
constexpr u32 WC_GRH = 1u << 0;
constexpr u32 WC_WITH_IMM = 1u << 1;
constexpr u32 WC_WITH_INVALIDATE = 1u << 3;

struct Dma {
	u32 length; // of an inline request
	u32 resid;
	u32 cur_sge;
	u32 num_sge;
	u32 sge_offset;
	u32 reserved;
};

struct SendWqe {
	u64 wr_id;
	u32 reserved;
	u32 opcode;
	u32 flags;
	u32 imm; // or an R_Key
	union {
		struct {
			u64 address;
			u32 rkey;
		} rdma;
		struct {
			u64 address;
			u64 compare_or_add;
			u64 swap;
			u32 rkey;
		} atomic;
		struct {
			u32 qpn;
			u32 qkey;
			u16 pkey_index;
			u16 reserved;
			u32 ah;
		} datagram;
		u8 size[120];
	};
	u8 private_[40]; // of the kernel's rxe
	Dma dma;
};

struct RecvWqe {
	u64 wr_id;
	u64 reserved;
	Dma dma;
};

struct Cqe {
	u64 wr_id;
	u32 status;
	u32 opcode;
	u32 vendor_error;
	u32 byte_len;
	u32 imm; // or an R_Key
	u32 qpn;
	u32 src_qpn;
	u32 flags;
	u16 pkey_index;
	u16 slid;
	u8 sl;
	u8 path_bits;
	u8 port;
	u8 reserved;
};

static_assert(offsetof(Header, producer) == 128 && offsetof(Header, consumer) == 256);
static_assert(sizeof(Header) == 384 && sizeof(Dma) == 24);
static_assert(offsetof(SendWqe, rdma) == 24 && offsetof(SendWqe, dma) == 184);
static_assert(sizeof(SendWqe) == 208 && sizeof(RecvWqe) == 40 && sizeof(Cqe) == 48);

} // namespace vib::user
