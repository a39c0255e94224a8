// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The responding half of a reliable connection: answers, in the order of the requests, and once
// more if they are asked for.

#include "responder.hpp"

namespace vib {

wire::Aeth Responder::aeth(Syndrome syndrome) const
{
	return {.syndrome = syndrome.code, .msn = wire::Be24::from(msn_)};
}

Syndrome Responder::ack_syndrome()
{
	const u32 buffers = vib_k_rc_buffers(host_);
	if (buffers == VIB_RC_SHARED)
		return Syndrome::ack(Syndrome::NO_CREDITS);
	// The message that is being received has its buffer and is not in msn_ yet.
	const u8 code = credit_code(buffers + has_buffer_);
	told_no_credit_ = code == 0;
	return Syndrome::ack(code);
}

bool Responder::note_buffers()
{
	if (!told_no_credit_)
		return false;
	told_no_credit_ = false;
	owes_ack_ = true;
	return true;
}

RcOutgoing Responder::answer(const vib_rc_attr &attr)
{
	const Resource &from = resource(next_);
	RcOutgoing out{};

	out.is_response = true;
	out.psn = from.first + next_packet_;
	out.aeth = aeth(ack_syndrome());
	const bool last = next_packet_ + 1 == from.packets;
	if (from.is_atomic) {
		out.code = wire::OPCODE_RC_ATOMIC_ACK;
		out.original = wire::Be64::from(from.original);
	} else {
		const u32 offset = next_packet_ * mtu_of(attr);
		out.code = rc_code(RcVerb::READ_RESPONSE, next_packet_ == from_packet_, last);
		out.payload_len = last ? from.length - offset : mtu_of(attr);
		out.rkey = from.rkey;
		out.address = from.address + offset;
	}
	if (last) {
		answer_from(next_ + 1, 0);
		if (static_cast<s32>(next_ - fresh_) > 0)
			fresh_ = next_;
	} else {
		next_packet_++;
	}
	return out;
}

std::optional<RcOutgoing> Responder::next(const vib_rc_attr &attr)
{
	if (next_ != tail_)
		return answer(attr);
	if (!nak_ && !owes_ack_)
		return std::nullopt;

	RcOutgoing out{};
	out.is_response = true;
	out.code = wire::OPCODE_RC_ACK;
	out.psn = nak_ ? nak_psn_ : expected_ + 0xffffff;
	out.aeth = aeth(nak_ ? *nak_ : ack_syndrome());
	// A NAK acknowledges what came before it.
	nak_.reset();
	owes_ack_ = false;
	return out;
}

void Responder::answer_from(u32 seq, u32 packet)
{
	next_ = seq;
	next_packet_ = packet;
	from_packet_ = packet;
}

void Responder::refuse(const RcOutgoing &out)
{
	answer_from(tail_, 0);
	refuse(NAK_ACCESS, VIB_RC_NO_EVENT);
	nak_psn_ = out.psn;
}

void Responder::repeat_read(u32 seq, const vib_rc_attr &attr, const RcPacket &packet)
{
	const Resource &old = resource(seq);
	const u32 index = static_cast<u32>(packet.psn - old.first);
	const u32 offset = index * mtu_of(attr);

	// The same again, or its end (IBA 9.7.4.5.1.1).
	if (packet.reth.rkey.get() != old.rkey ||
	    packet.reth.address.get() != old.address + offset ||
	    packet.reth.length.get() != old.length - offset)
		return;
	if (static_cast<s32>(seq - next_) < 0 || (seq == next_ && index < next_packet_))
		answer_from(seq, index);
}

// A request that was carried out before: only its answer is due once more.
void Responder::repeat(const vib_rc_attr &attr, const RcPacket &packet)
{
	const bool is_atomic = packet.opcode.verb == RcVerb::ATOMIC;

	if (!is_atomic && packet.opcode.verb != RcVerb::READ_REQUEST) {
		owes_ack_ = owes_ack_ || packet.ack_request;
		return;
	}
	for (u32 seq = tail_ - count_; seq != tail_; seq++) {
		const Resource &old = resource(seq);
		const s32 index = packet.psn - old.first;
		if (index < 0 || index >= static_cast<s32>(old.packets) ||
		    old.is_atomic != is_atomic)
			continue;
		if (!is_atomic)
			repeat_read(seq, attr, packet);
		else if (static_cast<s32>(seq - next_) < 0)
			answer_from(seq, 0);
	}
}

} // namespace vib
