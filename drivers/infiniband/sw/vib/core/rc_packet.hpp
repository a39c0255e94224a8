// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Packets of a reliable connection: what arrived, taken apart, and what is to be sent.
#pragma once

#include "abi_rc.h"
#include "packet.hpp"
#include "rc_wire.hpp"

namespace vib {

struct RcPacket {
	u8 code;
	RcOpcode opcode;
	Psn psn;
	bool solicited;
	bool ack_request;
	wire::Reth reth;
	wire::AtomicEth atomic;
	wire::Aeth aeth;
	wire::Be64 original; // of an atomic's answer
	wire::Imm imm;	     // or the R_Key to invalidate
	ByteView payload;

	// @bytes is what vib_port_receive() accepted, @transport where its BTH lies.
	static std::optional<RcPacket> parse(ByteView bytes, size_t transport, size_t payload,
					     size_t payload_len);

	u32 invalidated_rkey() const
	{
		return __builtin_bit_cast(wire::Be32, imm).get();
	}
};

struct RcOutgoing {
	u8 code;
	Psn psn;
	bool solicited;
	bool ack_request;
	wire::Reth reth;
	wire::AtomicEth atomic;
	wire::Aeth aeth;
	wire::Be64 original;
	wire::Imm imm;

	// The payload: of a request of the send queue, or from memory that @rkey stands for.
	u32 payload_len;
	bool is_response;
	u32 seq;
	u32 offset;
	u32 rkey;
	u64 address;
};

// How many packets a message takes. One without a payload takes one.
constexpr u32 packets_of(u32 length, u32 mtu)
{
	return length ? (length + mtu - 1) / mtu : 1;
}

constexpr u32 mtu_of(const vib_rc_attr &attr)
{
	return 128u << attr.path_mtu;
}

} // namespace vib
