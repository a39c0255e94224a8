// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Reliable connections on the wire (IBA 9.2 to 9.7): opcodes, the extended transport headers, and
// the codes of AETH syndromes.
#pragma once

#include "wire.hpp"

#include <optional>

namespace vib {

using kxx::s32;

// A packet sequence number: 24 bits that wrap (IBA 9.2.4). The difference is that of the nearer way
// round.
struct Psn {
	u32 value = 0;

	static constexpr Psn from(u32 value)
	{
		return {value & 0xffffff};
	}

	friend constexpr Psn operator+(Psn psn, u32 count)
	{
		return from(psn.value + count);
	}

	friend constexpr s32 operator-(Psn a, Psn b)
	{
		return static_cast<s32>((a.value - b.value) << 8) >> 8;
	}

	friend constexpr bool operator==(Psn, Psn) = default;
};

enum class RcVerb : u8 {
	NONE,
	SEND,
	WRITE,
	READ_REQUEST,
	READ_RESPONSE,
	ACK,
	ATOMIC_ACK,
	ATOMIC,
};

// What an opcode says of its packet, IBA 9.2.1 and table 38 of release 1.3.
struct RcOpcode {
	RcVerb verb = RcVerb::NONE;
	bool first = false; // of its message
	bool last = false;
	bool has_imm = false;
	bool invalidates = false;

	constexpr bool has_reth() const
	{
		return verb == RcVerb::READ_REQUEST || (verb == RcVerb::WRITE && first);
	}

	constexpr bool has_aeth() const
	{
		return verb == RcVerb::ACK || verb == RcVerb::ATOMIC_ACK ||
		       (verb == RcVerb::READ_RESPONSE && (first || last));
	}

	constexpr bool is_request() const
	{
		return verb == RcVerb::SEND || verb == RcVerb::WRITE ||
		       verb == RcVerb::READ_REQUEST || verb == RcVerb::ATOMIC;
	}
};

namespace wire {

constexpr u8 OPCODE_RC_READ_REQUEST = 0x0c;
constexpr u8 OPCODE_RC_ACK = 0x11;
constexpr u8 OPCODE_RC_ATOMIC_ACK = 0x12;
constexpr u8 OPCODE_RC_CMP_SWAP = 0x13;
constexpr u8 OPCODE_RC_FETCH_ADD = 0x14;

// Those of messages of more than one packet; the codes of each verb are consecutive.
constexpr u8 OPCODE_RC_SEND_FIRST = 0x00;
constexpr u8 OPCODE_RC_WRITE_FIRST = 0x06;
constexpr u8 OPCODE_RC_READ_RESPONSE_FIRST = 0x0d;
constexpr u8 OPCODE_RC_SEND_LAST_INV = 0x16;
constexpr u8 OPCODE_RC_SEND_ONLY_INV = 0x17;

// RDMA extended transport header, IBA 9.3.4.
struct Reth {
	Be64 address;
	Be32 rkey;
	Be32 length;
};
static_assert(sizeof(Reth) == 16 && alignof(Reth) == 1);

// Atomic extended transport header, IBA 9.3.5.
struct AtomicEth {
	Be64 address;
	Be32 rkey;
	Be64 swap_or_add;
	Be64 compare;
};
static_assert(sizeof(AtomicEth) == 28 && alignof(AtomicEth) == 1);

// ACK extended transport header, IBA 9.3.5.1.
struct Aeth {
	u8 syndrome;
	Be24 msn;
};
static_assert(sizeof(Aeth) == 4 && alignof(Aeth) == 1);

} // namespace wire

namespace detail {

using enum RcVerb;

constexpr RcOpcode rc_opcodes[] = {
	{SEND, true, false},
	{SEND, false, false},
	{SEND, false, true},
	{SEND, false, true, true},
	{SEND, true, true},
	{SEND, true, true, true},
	{WRITE, true, false},
	{WRITE, false, false},
	{WRITE, false, true},
	{WRITE, false, true, true},
	{WRITE, true, true},
	{WRITE, true, true, true},
	{READ_REQUEST, true, true},
	{READ_RESPONSE, true, false},
	{READ_RESPONSE, false, false},
	{READ_RESPONSE, false, true},
	{READ_RESPONSE, true, true},
	{ACK, true, true},
	{ATOMIC_ACK, true, true},
	{ATOMIC, true, true},
	{ATOMIC, true, true},
	{}, // reserved
	{SEND, false, true, false, true},
	{SEND, true, true, false, true},
};

// In units of 10 us.
constexpr u32 rnr_delays[32] = {65536, 1,    2,	   3,	  4,	 6,	8,     12,
				16,    24,   32,   48,	  64,	 96,	128,   192,
				256,   384,  512,  768,	  1024,	 1536,	2048,  3072,
				4096,  6144, 8192, 12288, 16384, 24576, 32768, 49152};

constexpr u32 credits[31] = {0,	   1,	 2,    3,    4,	   6,	  8,	 12,	16,   24,   32,
			     48,   64,	 96,   128,  192,  256,	  384,	 512,	768,  1024, 1536,
			     2048, 3072, 4096, 6144, 8192, 12288, 16384, 24576, 32768};

} // namespace detail

// Nothing for what is not of a reliable connection.
constexpr std::optional<RcOpcode> rc_opcode(u8 code)
{
	if (code >= sizeof(detail::rc_opcodes) / sizeof(detail::rc_opcodes[0]) ||
	    detail::rc_opcodes[code].verb == RcVerb::NONE)
		return std::nullopt;
	return detail::rc_opcodes[code];
}

constexpr size_t rc_extension_len(u8 code)
{
	const auto opcode = rc_opcode(code);
	if (!opcode)
		return 0;
	return (opcode->has_reth() ? sizeof(wire::Reth) : 0) +
	       (opcode->verb == RcVerb::ATOMIC ? sizeof(wire::AtomicEth) : 0) +
	       (opcode->has_aeth() ? sizeof(wire::Aeth) : 0) +
	       (opcode->verb == RcVerb::ATOMIC_ACK ? sizeof(wire::Be64) : 0) +
	       (opcode->has_imm || opcode->invalidates ? sizeof(wire::Imm) : 0);
}

// The code of a packet of a message: @verb is SEND, WRITE or READ_RESPONSE.
constexpr u8 rc_code(RcVerb verb, bool first, bool last, bool imm = false, bool invalidate = false)
{
	if (verb == RcVerb::READ_RESPONSE)
		return static_cast<u8>(wire::OPCODE_RC_READ_RESPONSE_FIRST +
				       (first ? (last ? 3 : 0) : (last ? 2 : 1)));
	if (last && invalidate)
		return first ? wire::OPCODE_RC_SEND_ONLY_INV : wire::OPCODE_RC_SEND_LAST_INV;
	const u8 base =
		verb == RcVerb::SEND ? wire::OPCODE_RC_SEND_FIRST : wire::OPCODE_RC_WRITE_FIRST;
	if (!last)
		return static_cast<u8>(base + !first);
	return static_cast<u8>(base + (first ? 4 : 2) + imm);
}

// AETH syndromes, IBA 9.7.5.2.
struct Syndrome {
	u8 code;

	enum class Kind : u8 {
		ACK = 0,
		RNR_NAK = 1,
		NAK = 3,
	};

	static constexpr u8 NO_CREDITS = 0x1f; // an ACK that says nothing of credits

	static constexpr Syndrome ack(u8 credits)
	{
		return {credits};
	}

	static constexpr Syndrome rnr_nak(u8 timer)
	{
		return {static_cast<u8>(0x20 | (timer & 0x1f))};
	}

	constexpr Kind kind() const
	{
		return static_cast<Kind>(code >> 5 & 3);
	}

	constexpr u8 value() const
	{
		return code & 0x1f;
	}

	friend constexpr bool operator==(Syndrome, Syndrome) = default;
};

constexpr Syndrome NAK_SEQUENCE{0x60};
constexpr Syndrome NAK_INVALID_REQUEST{0x61};
constexpr Syndrome NAK_ACCESS{0x62};
constexpr Syndrome NAK_OPERATION{0x63};

// How long a receiver that is not ready wants not to be asked, IBA 9.7.5.2.8.
constexpr u64 rnr_delay_ns(u8 timer)
{
	return detail::rnr_delays[timer & 0x1f] * u64{10000};
}

// How many receive buffers a credit code stands for, IBA 9.7.7.2.
constexpr u32 credits_of(u8 code)
{
	return detail::credits[code];
}

// The largest code that does not promise more than @count.
constexpr u8 credit_code(u32 count)
{
	u8 code = 0;

	while (code + 1 < Syndrome::NO_CREDITS && credits_of(code + 1) <= count)
		code++;
	return code;
}

} // namespace vib
