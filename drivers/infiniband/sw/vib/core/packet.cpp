// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Taking datagrams apart and writing their headers.

#include "packet.hpp"

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
		__builtin_memcpy(bytes_ + size_, &value, sizeof(T));
		size_ += sizeof(T);
	}

	size_t size() const
	{
		return size_;
	}

private:
	u8 *bytes_;
	size_t size_ = 0;
};

constexpr size_t TRANSPORT_LEN = sizeof(wire::Bth) + sizeof(wire::Deth);

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
	const auto deth = bytes.load<wire::Deth>(at + sizeof(wire::Bth));
	if (!bth || !deth || bth->version() != 0)
		return std::nullopt;
	if (bth->opcode != wire::OPCODE_UD_SEND && bth->opcode != wire::OPCODE_UD_SEND_IMM)
		return std::nullopt;
	packet.bth = *bth;
	packet.deth = *deth;
	packet.has_imm = bth->opcode == wire::OPCODE_UD_SEND_IMM;
	packet.payload = at + TRANSPORT_LEN + (packet.has_imm ? sizeof(wire::Imm) : 0);

	const size_t tail = bth->pad() + wire::ICRC_LEN;
	if (!bytes.contains(packet.payload, tail))
		return std::nullopt;
	packet.payload_len = bytes.size() - packet.payload - tail;
	return packet;
}

Lengths write_headers(u8 *bytes, const Headers &headers)
{
	const size_t pad = -headers.payload_len & 3;
	const size_t behind_grh = TRANSPORT_LEN + (headers.imm ? sizeof(wire::Imm) : 0) +
				  headers.payload_len + pad + wire::ICRC_LEN;
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
		.opcode = headers.imm ? wire::OPCODE_UD_SEND_IMM : wire::OPCODE_UD_SEND,
		.flags = static_cast<u8>((headers.solicited ? 0x80 : 0) | pad << 4),
		.pkey = wire::Be16::from(headers.pkey),
		.reserved = 0,
		.dest_qpn = wire::Be24::from(headers.dest_qpn),
		.ack_request = 0,
		.psn = wire::Be24::from(headers.psn),
	});
	writer.put(wire::Deth{
		.qkey = wire::Be32::from(headers.qkey),
		.reserved = 0,
		.src_qpn = wire::Be24::from(headers.src_qpn),
	});
	if (headers.imm)
		writer.put(*headers.imm);
	return {writer.size(), pad + wire::ICRC_LEN};
}

} // namespace vib
