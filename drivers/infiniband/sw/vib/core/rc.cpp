// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// A reliable connection as a whole: packets written, taken apart and handed to its halves.

#include "rc.hpp"

namespace vib {

std::optional<RcPacket> RcPacket::parse(ByteView bytes, size_t transport, size_t payload,
					size_t payload_len)
{
	const auto bth = bytes.load<wire::Bth>(transport);
	if (!bth || !bytes.contains(payload, payload_len))
		return std::nullopt;
	const auto opcode = rc_opcode(bth->opcode);
	if (!opcode)
		return std::nullopt;

	RcPacket packet{};
	packet.code = bth->opcode;
	packet.opcode = *opcode;
	packet.psn = Psn::from(bth->psn.get());
	packet.solicited = bth->solicited();
	packet.ack_request = bth->ack_request & wire::ACK_REQUEST;
	packet.payload = bytes.from(payload).first(payload_len);

	size_t at = transport + sizeof(*bth);
	const auto take = [&]<typename T>(T &header) {
		header = bytes.load<T>(at).value_or(T{});
		at += sizeof(T);
	};
	if (opcode->has_reth())
		take(packet.reth);
	if (opcode->verb == RcVerb::ATOMIC)
		take(packet.atomic);
	if (opcode->has_aeth())
		take(packet.aeth);
	if (opcode->verb == RcVerb::ATOMIC_ACK)
		take(packet.original);
	if (opcode->has_imm || opcode->invalidates)
		take(packet.imm);
	return packet;
}

namespace {

ByteSpan write_extension(ByteSpan room, const RcOutgoing &out)
{
	const RcOpcode opcode = *rc_opcode(out.code);
	kxx::ByteWriter writer(room);

	if (opcode.has_reth())
		writer.put(out.reth);
	if (opcode.verb == RcVerb::ATOMIC)
		writer.put(out.atomic);
	if (opcode.has_aeth())
		writer.put(out.aeth);
	if (opcode.verb == RcVerb::ATOMIC_ACK)
		writer.put(out.original);
	if (opcode.has_imm || opcode.invalidates)
		writer.put(out.imm);
	return writer.written();
}

} // namespace

void Connection::init(void *host, Fabric &fabric, u32 hca, Request *ring, u32 requests)
{
	host_ = host;
	port_ = &fabric.hca[hca].port;
	attr_ = {};
	is_broken_ = false;
	was_drained_ = false;
	requester_.init(host, ring, requests);
	responder_.init(host);
}

void Connection::set_attr(const vib_rc_attr &attr)
{
	attr_ = attr;
	if (!attr_.draining)
		was_drained_ = false;
	note_drained();
}

void Connection::note_drained()
{
	if (!attr_.draining || was_drained_ || !requester_.is_drained())
		return;
	was_drained_ = true;
	vib_k_rc_drained(host_);
}

void Connection::flush()
{
	is_broken_ = true;
	requester_.flush();
	responder_.flush();
}

void Connection::break_down(vib_rc_event event)
{
	flush();
	vib_k_rc_broken(host_, event);
}

void Connection::after_request(vib_rc_status status)
{
	if (status == VIB_RC_OK) {
		note_drained();
		return;
	}
	requester_.fail(status);
	break_down(VIB_RC_NO_EVENT);
}

// Answers first: they are what the other end waits for.
std::optional<RcOutgoing> Connection::next(u64 now)
{
	auto out = responder_.next(attr_);

	if (!out && attr_.can_send && !is_broken_)
		after_request(requester_.next(attr_, now, out));
	return out;
}

bool Connection::fill(const RcOutgoing &out, u8 *payload)
{
	if (!out.payload_len)
		return true;
	if (out.is_response) {
		if (vib_k_rc_read(host_, out.rkey, out.address, payload, out.payload_len))
			return true;
		responder_.refuse(out);
		break_down(VIB_RC_ACCESS_ERROR);
		return false;
	}
	const int status = vib_k_rc_gather(host_, out.seq, out.offset, payload, out.payload_len);
	if (status != VIB_RC_OK)
		requester_.refuse(out, static_cast<vib_rc_status>(status));
	return status == VIB_RC_OK;
}

// The length of the packet, 0 if it cannot be made.
size_t Connection::write(const RcOutgoing &out, u8 *wire)
{
	u8 room[sizeof(wire::AtomicEth)];
	const ByteSpan extension = write_extension({room, sizeof(room)}, out);
	Headers headers{};
	headers.sl = attr_.av.sl;
	headers.dlid = attr_.av.dlid;
	headers.slid = slid_of(*port_, attr_.av);
	headers.opcode = out.code;
	headers.pkey = port_->pkeys[attr_.pkey_index % VIB_PKEYS].load();
	headers.dest_qpn = attr_.dest_qpn;
	headers.psn = out.psn.value;
	headers.payload_len = out.payload_len;
	headers.solicited = out.solicited;
	headers.ack_request = out.ack_request;
	if (attr_.av.has_grh)
		headers.grh = make_grh(*port_, attr_.av);

	const Lengths lengths = write_headers(wire, headers, extension.view());
	u8 *payload = wire + lengths.header;
	if (!fill(out, payload))
		return 0;
	__builtin_memset(payload + out.payload_len, 0, lengths.tail);
	if (!(headers.pkey & 0x7fff)) {
		port_->drop(VIB_DROP_TX_PKEY);
		return 0;
	}
	return lengths.header + out.payload_len + lengths.tail;
}

size_t Connection::transmit(u64 now, u8 *wire)
{
	// One that could not be made has changed what is next.
	while (const auto out = next(now))
		if (const size_t size = write(*out, wire))
			return size;
	return 0;
}

vib_drop Connection::receive(u64 now, ByteView bytes, const vib_rx &rx)
{
	const vib_drop drop = take(now, bytes, rx);

	if (drop != VIB_ACCEPT)
		port_->drop(drop);
	return drop;
}

vib_drop Connection::take(u64 now, ByteView bytes, const vib_rx &rx)
{
	if (!attr_.can_receive || is_broken_)
		return VIB_DROP_RX_QP_STATE;
	if (!pkeys_match(port_->pkeys[attr_.pkey_index % VIB_PKEYS].load(), rx.pkey)) {
		port_->violate_pkey();
		return VIB_DROP_RX_PKEY;
	}
	if (rx.slid != attr_.av.dlid)
		return VIB_DROP_RX_CONNECTION;
	const auto packet = RcPacket::parse(bytes, rx.transport, rx.payload, rx.payload_len);
	if (!packet)
		return VIB_DROP_RX_MALFORMED;

	if (!packet->opcode.is_request()) {
		if (attr_.can_send)
			after_request(requester_.receive(attr_, now, *packet));
		return VIB_ACCEPT;
	}
	if (const auto event = responder_.receive(attr_, *packet))
		break_down(*event);
	return VIB_ACCEPT;
}

void Connection::expire(u64 now)
{
	if (attr_.can_send && !is_broken_)
		after_request(requester_.expire(attr_, now));
}

} // namespace vib
