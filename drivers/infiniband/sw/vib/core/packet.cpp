// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Taking packets apart and writing their headers.

#include "packet.hpp"
#include "rc_wire.hpp"

namespace vib {

namespace {

// Appends wire structures, counting.
class Writer {
public:
	explicit Writer(u8 *bytes) : bytes_(bytes)
	{
	}

	template <kxx::WireType T> void put(const T &value)
	{
		put(kxx::bytes_of(value));
	}

	void put(ByteView view)
	{
		if (view.size())
			__builtin_memcpy(bytes_ + size_, view.data(), view.size());
		size_ += view.size();
	}

	size_t size() const
	{
		return size_;
	}

private:
	u8 *bytes_;
	size_t size_ = 0;
};

// What lies between BTH and payload; nothing for a transport service that is not known.
std::optional<size_t> extension_len(u8 opcode)
{
	switch (opcode) {
	case wire::OPCODE_UD_SEND:
		return sizeof(wire::Deth);
	case wire::OPCODE_UD_SEND_IMM:
		return sizeof(wire::Deth) + sizeof(wire::Imm);
	default:
		if (!rc_opcode(opcode))
			return std::nullopt;
		return rc_extension_len(opcode);
	}
}

} // namespace

std::optional<Packet> Packet::parse(ByteView bytes)
{
	const auto lrh = bytes.load<wire::Lrh>();
	if (!lrh || lrh->bytes() != bytes.size() || lrh->lnh() < wire::LNH_LOCAL)
		return std::nullopt;

	Packet packet;
	packet.lrh = *lrh;
	packet.has_grh = lrh->lnh() == wire::LNH_GLOBAL;
	size_t at = GRH_OFFSET;
	if (packet.has_grh) {
		const auto grh = bytes.load<wire::Grh>(at);
		if (!grh || grh->next_header != wire::GRH_NEXT_BTH)
			return std::nullopt;
		at += sizeof(wire::Grh);
	}

	const auto bth = bytes.load<wire::Bth>(at);
	if (!bth || bth->version() != 0)
		return std::nullopt;
	const auto extension = extension_len(bth->opcode);
	if (!extension)
		return std::nullopt;
	packet.bth = *bth;
	packet.transport = at;
	packet.is_datagram = !rc_opcode(bth->opcode);
	packet.has_imm = bth->opcode == wire::OPCODE_UD_SEND_IMM;
	packet.payload = at + sizeof(wire::Bth) + *extension;
	packet.deth = {};
	if (packet.is_datagram)
		packet.deth = bytes.load<wire::Deth>(at + sizeof(wire::Bth)).value_or(packet.deth);

	const size_t tail = bth->pad() + wire::ICRC_LEN;
	if (!bytes.contains(packet.payload, tail))
		return std::nullopt;
	packet.payload_len = bytes.size() - packet.payload - tail;
	return packet;
}

std::optional<Packet> Packet::parse_datagram(ByteView bytes)
{
	const auto packet = parse(bytes);
	return packet && packet->is_datagram ? packet : std::nullopt;
}

Lengths write_headers(u8 *bytes, const Headers &headers, ByteView extension)
{
	const size_t pad = -headers.payload_len & 3;
	const size_t behind_grh =
		sizeof(wire::Bth) + extension.size() + headers.payload_len + pad + wire::ICRC_LEN;
	const size_t all = sizeof(wire::Lrh) + (headers.grh ? sizeof(wire::Grh) : 0) + behind_grh;
	Writer writer(bytes);

	writer.put(wire::Lrh{
		.vl_lver = static_cast<u8>(headers.vl << 4),
		.sl_lnh = static_cast<u8>(headers.sl << 4 |
					  (headers.grh ? wire::LNH_GLOBAL : wire::LNH_LOCAL)),
		.dlid = wire::Be16::from(headers.dlid),
		.length = wire::Be16::from(static_cast<u16>(all / 4)),
		.slid = wire::Be16::from(headers.slid),
	});
	if (headers.grh) {
		wire::Grh grh = *headers.grh;
		grh.payload_length = wire::Be16::from(static_cast<u16>(behind_grh));
		grh.next_header = wire::GRH_NEXT_BTH;
		writer.put(grh);
	}
	writer.put(wire::Bth{
		.opcode = headers.opcode,
		.flags = static_cast<u8>((headers.solicited ? 0x80 : 0) | pad << 4),
		.pkey = wire::Be16::from(headers.pkey),
		.reserved = 0,
		.dest_qpn = wire::Be24::from(headers.dest_qpn),
		.ack_request = headers.ack_request ? wire::ACK_REQUEST : u8{0},
		.psn = wire::Be24::from(headers.psn),
	});
	writer.put(extension);
	return {writer.size(), pad + wire::ICRC_LEN};
}

Lengths write_headers(u8 *bytes, const DatagramHeaders &headers)
{
	u8 extension[sizeof(wire::Deth) + sizeof(wire::Imm)];
	Writer writer(extension);
	Headers common = static_cast<const Headers &>(headers);

	common.opcode = headers.imm ? wire::OPCODE_UD_SEND_IMM : wire::OPCODE_UD_SEND;
	writer.put(wire::Deth{
		.qkey = wire::Be32::from(headers.qkey),
		.reserved = 0,
		.src_qpn = wire::Be24::from(headers.src_qpn),
	});
	if (headers.imm)
		writer.put(*headers.imm);
	return write_headers(bytes, common, {extension, writer.size()});
}

} // namespace vib
