// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The responding half of a reliable connection: requests are carried out.

#include "responder.hpp"

namespace vib {

void Responder::init(void *host)
{
	*this = {};
	host_ = host;
}

void Responder::expect(Psn psn)
{
	expected_ = psn;
}

std::optional<vib_rc_event> Responder::refuse(Syndrome syndrome, vib_rc_event event)
{
	nak_ = syndrome;
	nak_psn_ = expected_;
	has_refused_ = true;
	return event;
}

void Responder::not_ready(const vib_rc_attr &attr)
{
	refuse(Syndrome::rnr_nak(attr.min_rnr_timer), VIB_RC_NO_EVENT);
}

// Does the packet go on with the message that is under way, or begin one, and has it the right
// length (IBA 9.7.4.1.4 to 9.7.4.1.6)?
bool Responder::is_well_formed(const vib_rc_attr &attr, const RcPacket &packet) const
{
	const RcOpcode &opcode = packet.opcode;
	const size_t size = packet.payload.size();

	if (opcode.first != (message_ == RcVerb::NONE) ||
	    (!opcode.first && opcode.verb != message_))
		return false;
	if (opcode.verb == RcVerb::READ_REQUEST || opcode.verb == RcVerb::ATOMIC)
		return size == 0;
	if (!opcode.last)
		return size == mtu_of(attr);
	return size <= mtu_of(attr) && (opcode.first || size > 0);
}

void Responder::accept(const RcPacket &packet, u32 packets)
{
	expected_ = expected_ + packets;
	owes_ack_ = owes_ack_ || packet.ack_request;
	message_ = packet.opcode.last ? RcVerb::NONE : packet.opcode.verb;
	if (packet.opcode.last)
		msn_++;
}

void Responder::finish(const RcPacket &packet, u32 byte_len, bool is_write)
{
	vib_rc_received received{};

	received.byte_len = byte_len;
	received.is_write = is_write;
	received.flags = static_cast<u8>((packet.opcode.has_imm ? VIB_RC_IMM : 0) |
					 (packet.opcode.invalidates ? VIB_RC_INVALIDATE : 0) |
					 (packet.solicited ? VIB_RC_SOLICITED : 0));
	received.imm = packet.opcode.invalidates ? packet.invalidated_rkey()
						 : __builtin_bit_cast(u32, packet.imm);
	has_buffer_ = false;
	vib_k_rc_received(host_, &received);
}

std::optional<vib_rc_event> Responder::send(const vib_rc_attr &attr, const RcPacket &packet)
{
	if (packet.opcode.first) {
		if (!vib_k_rc_take(host_)) {
			not_ready(attr);
			return std::nullopt;
		}
		has_buffer_ = true;
		received_ = 0;
	}
	const u32 size = static_cast<u32>(packet.payload.size());
	const int status = vib_k_rc_fill(host_, received_, packet.payload.data(), size);
	if (status != VIB_RC_OK) {
		vib_rc_received received{};
		received.status = static_cast<u8>(status);
		has_buffer_ = false;
		vib_k_rc_received(host_, &received);
		return refuse(status == VIB_RC_LOCAL_LENGTH ? NAK_INVALID_REQUEST : NAK_OPERATION,
			      VIB_RC_NO_EVENT);
	}
	if (packet.opcode.invalidates && !vib_k_rc_invalidate(host_, packet.invalidated_rkey()))
		return refuse(NAK_ACCESS, VIB_RC_ACCESS_ERROR);
	received_ += size;
	accept(packet);
	if (packet.opcode.last)
		finish(packet, received_, false);
	return std::nullopt;
}

std::optional<vib_rc_event> Responder::write(const vib_rc_attr &attr, const RcPacket &packet)
{
	const u32 size = static_cast<u32>(packet.payload.size());

	if (packet.opcode.first) {
		received_ = packet.reth.length.get();
		remaining_ = received_;
		rkey_ = packet.reth.rkey.get();
		address_ = packet.reth.address.get();
		if (!(attr.access & VIB_ACCESS_WRITE) || received_ > VIB_RC_MAX_MESSAGE)
			return refuse(NAK_INVALID_REQUEST, VIB_RC_REQUEST_ERROR);
		if (received_ &&
		    !vib_k_rc_may_access(host_, rkey_, address_, received_, VIB_ACCESS_WRITE))
			return refuse(NAK_ACCESS, VIB_RC_ACCESS_ERROR);
	}
	if (packet.opcode.last ? size != remaining_ : size > remaining_)
		return refuse(NAK_INVALID_REQUEST, VIB_RC_REQUEST_ERROR);
	if (packet.opcode.has_imm && !vib_k_rc_take(host_)) {
		not_ready(attr);
		return std::nullopt;
	}
	has_buffer_ = packet.opcode.has_imm;
	if (size && !vib_k_rc_write(host_, rkey_, address_, packet.payload.data(), size))
		return refuse(NAK_ACCESS, VIB_RC_ACCESS_ERROR);
	address_ += size;
	remaining_ -= size;
	accept(packet);
	if (packet.opcode.has_imm)
		finish(packet, received_, true);
	return std::nullopt;
}

bool Responder::has_room(const vib_rc_attr &attr) const
{
	return tail_ - fresh_ < attr.max_dest_rd_atomic;
}

void Responder::remember(const vib_rc_attr &attr, const Resource &now)
{
	resource(tail_++) = now;
	if (count_ < attr.max_dest_rd_atomic)
		count_++;
	// Whoever asks for more has the answers to the older ones: they need no repetition.
	if (tail_ - next_ > count_)
		answer_from(tail_ - count_, 0);
}

std::optional<vib_rc_event> Responder::read(const vib_rc_attr &attr, const RcPacket &packet)
{
	const Resource resource{
		.first = packet.psn,
		.packets = packets_of(packet.reth.length.get(), mtu_of(attr)),
		.length = packet.reth.length.get(),
		.rkey = packet.reth.rkey.get(),
		.address = packet.reth.address.get(),
		.original = 0,
		.is_atomic = false,
	};
	if (!(attr.access & VIB_ACCESS_READ) || !has_room(attr) ||
	    resource.length > VIB_RC_MAX_MESSAGE)
		return refuse(NAK_INVALID_REQUEST, VIB_RC_REQUEST_ERROR);
	if (resource.length && !vib_k_rc_may_access(host_, resource.rkey, resource.address,
						    resource.length, VIB_ACCESS_READ))
		return refuse(NAK_ACCESS, VIB_RC_ACCESS_ERROR);
	remember(attr, resource);
	accept(packet, resource.packets);
	return std::nullopt;
}

std::optional<vib_rc_event> Responder::atomic(const vib_rc_attr &attr, const RcPacket &packet)
{
	const u64 compare = packet.atomic.compare.get();
	const bool is_swap = packet.code == wire::OPCODE_RC_CMP_SWAP;
	Resource resource{
		.first = packet.psn,
		.packets = 1,
		.length = sizeof(u64),
		.rkey = packet.atomic.rkey.get(),
		.address = packet.atomic.address.get(),
		.original = 0,
		.is_atomic = true,
	};
	if (!(attr.access & VIB_ACCESS_ATOMIC) || !has_room(attr) || resource.address % sizeof(u64))
		return refuse(NAK_INVALID_REQUEST, VIB_RC_REQUEST_ERROR);
	if (!vib_k_rc_may_access(host_, resource.rkey, resource.address, sizeof(u64),
				 VIB_ACCESS_ATOMIC) ||
	    !vib_k_rc_atomic(host_, resource.rkey, resource.address,
			     packet.atomic.swap_or_add.get(), is_swap ? &compare : nullptr,
			     &resource.original))
		return refuse(NAK_ACCESS, VIB_RC_ACCESS_ERROR);
	remember(attr, resource);
	accept(packet);
	return std::nullopt;
}

std::optional<vib_rc_event> Responder::carry_out(const vib_rc_attr &attr, const RcPacket &packet)
{
	if (!is_well_formed(attr, packet))
		return refuse(NAK_INVALID_REQUEST, VIB_RC_REQUEST_ERROR);
	switch (packet.opcode.verb) {
	case RcVerb::SEND:
		return send(attr, packet);
	case RcVerb::WRITE:
		return write(attr, packet);
	case RcVerb::READ_REQUEST:
		return read(attr, packet);
	default:
		return atomic(attr, packet);
	}
}

std::optional<vib_rc_event> Responder::receive(const vib_rc_attr &attr, const RcPacket &packet)
{
	const s32 ahead = packet.psn - expected_;

	if (ahead < 0) {
		repeat(attr, packet);
		return std::nullopt;
	}
	if (ahead > 0) {
		// Said once; what is sent again begins with the packet that is missing.
		if (!has_refused_)
			refuse(NAK_SEQUENCE, VIB_RC_NO_EVENT);
		return std::nullopt;
	}
	has_refused_ = false;
	nak_.reset();
	return carry_out(attr, packet);
}

void Responder::flush()
{
	vib_rc_received received{};

	message_ = RcVerb::NONE;
	if (!has_buffer_)
		return;
	has_buffer_ = false;
	received.status = VIB_RC_FLUSHED;
	vib_k_rc_received(host_, &received);
}

} // namespace vib
