// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Checksums and large sends.

#include "offload.hpp"

namespace vib {

namespace {

constexpr size_t IP_AT = sizeof(inet::Ipoib);

// An IPv4 packet inside a payload: where things lie.
struct Inet {
	inet::Ipv4 ip;
	size_t upper; // offset of what is above IPv4
	size_t upper_len;

	static std::optional<Inet> parse(ByteView payload)
	{
		const auto ipoib = payload.load<inet::Ipoib>();
		const auto ip = payload.load<inet::Ipv4>(IP_AT);
		if (!ip || ipoib->type.get() != inet::TYPE_IPV4 || ip->version() != 4)
			return std::nullopt;
		const size_t header_len = ip->header_len();
		const size_t length = ip->length.get();
		// There may be padding behind it.
		if (header_len < sizeof(inet::Ipv4) || length < header_len ||
		    !payload.contains(IP_AT, length))
			return std::nullopt;
		return Inet{*ip, IP_AT + header_len, length - header_len};
	}

	ByteView header(ByteView payload) const
	{
		return payload.from(IP_AT).first(upper - IP_AT);
	}

	// Where the checksum of the protocol above lies; nothing if there is none to speak of.
	std::optional<size_t> upper_checksum() const
	{
		if (ip.is_fragment())
			return std::nullopt;
		if (ip.protocol == inet::PROTOCOL_TCP && upper_len >= sizeof(inet::Tcp))
			return upper + __builtin_offsetof(inet::Tcp, checksum);
		if (ip.protocol == inet::PROTOCOL_UDP && upper_len >= sizeof(inet::Udp))
			return upper + __builtin_offsetof(inet::Udp, checksum);
		return std::nullopt;
	}

	InternetSum sum_of_upper(ByteView payload) const
	{
		const inet::PseudoHeader pseudo = {
			.source = ip.source,
			.destination = ip.destination,
			.zero = 0,
			.protocol = ip.protocol,
			.length = inet::Be16::from(static_cast<u16>(upper_len)),
		};
		InternetSum sum;

		sum.add(kxx::bytes_of(pseudo));
		sum.add(payload.from(upper).first(upper_len));
		return sum;
	}
};

void put_checksum(ByteSpan payload, size_t at, u16 value)
{
	__builtin_memcpy(payload.data() + at, &value, sizeof(value));
}

} // namespace

void fill_checksums(ByteSpan payload)
{
	const auto inet = Inet::parse(payload.view());
	if (!inet)
		return;

	const size_t in_ip = IP_AT + __builtin_offsetof(inet::Ipv4, checksum);
	InternetSum header;
	put_checksum(payload, in_ip, 0);
	header.add(inet->header(payload.view()));
	put_checksum(payload, in_ip, header.checksum());

	const auto in_upper = inet->upper_checksum();
	if (!in_upper)
		return;
	put_checksum(payload, *in_upper, 0);
	const u16 value = inet->sum_of_upper(payload.view()).checksum();
	// Zero would say that there is no checksum (RFC 768); in TCP the two are the same.
	put_checksum(payload, *in_upper,
		     value || inet->ip.protocol != inet::PROTOCOL_UDP ? value : u16{0xffff});
}

bool has_right_checksums(ByteView payload)
{
	const auto inet = Inet::parse(payload);
	if (!inet)
		return false;
	const auto in_upper = inet->upper_checksum();
	if (!in_upper)
		return false;
	if (inet->ip.protocol == inet::PROTOCOL_UDP) {
		const auto udp = payload.load<inet::Udp>(inet->upper);
		if (!udp->checksum.get() || udp->length.get() != inet->upper_len)
			return false;
	}
	InternetSum header;
	header.add(inet->header(payload));
	return header.is_intact() && inet->sum_of_upper(payload).is_intact();
}

std::optional<LsoMessage> LsoMessage::parse(const vib_lso &lso)
{
	const ByteView header(lso.header, lso.header_len);
	const auto ipoib = header.load<inet::Ipoib>();
	LsoMessage message(lso);

	if (!lso.mss || lso.payload_len > VIB_LSO_MAX || !header.read(message.ip_, IP_AT) ||
	    ipoib->type.get() != inet::TYPE_IPV4)
		return std::nullopt;
	const inet::Ipv4 &ip = message.ip_;
	if (ip.version() != 4 || ip.header_len() < sizeof(ip) || ip.is_fragment() ||
	    ip.protocol != inet::PROTOCOL_TCP)
		return std::nullopt;
	message.tcp_at_ = IP_AT + ip.header_len();
	if (!header.read(message.tcp_, message.tcp_at_))
		return std::nullopt;
	const size_t tcp_len = message.tcp_.header_len();
	if (tcp_len < sizeof(inet::Tcp) || message.tcp_at_ + tcp_len != header.size())
		return std::nullopt;
	return message;
}

u32 LsoMessage::segments() const
{
	// A message without payload is its headers.
	return lso_.payload_len ? (lso_.payload_len - 1) / lso_.mss + 1 : 1;
}

u32 LsoMessage::payload_of(u32 index) const
{
	return is_last(index) ? lso_.payload_len - index * lso_.mss : lso_.mss;
}

void LsoMessage::write_headers(u32 index, u8 *to) const
{
	const ByteSpan out(to, lso_.header_len);
	inet::Ipv4 ip = ip_;
	inet::Tcp tcp = tcp_;

	ip.length = inet::Be16::from(static_cast<u16>(lso_.header_len - IP_AT + payload_of(index)));
	ip.id = inet::Be16::from(static_cast<u16>(ip_.id.get() + index));
	tcp.sequence = inet::Be32::from(tcp_.sequence.get() + index * lso_.mss);
	// What ends a message ends its last segment; the window is reduced once (RFC 3168).
	if (!is_last(index))
		tcp.flags &= static_cast<u8>(~(inet::Tcp::FIN | inet::Tcp::PSH));
	if (index)
		tcp.flags &= static_cast<u8>(~inet::Tcp::CWR);

	__builtin_memcpy(to, lso_.header, lso_.header_len);
	(void)out.store(ip, IP_AT);
	(void)out.store(tcp, tcp_at_);
}

} // namespace vib

using vib::LsoMessage;

u32 vib_lso_segments(const vib_lso *lso)
{
	const auto message = LsoMessage::parse(*lso);

	return message ? message->segments() : 0;
}

u32 vib_lso_payload(const vib_lso *lso, u32 index)
{
	return LsoMessage::parse(*lso)->payload_of(index);
}

void vib_lso_headers(const vib_lso *lso, u32 index, u8 *to)
{
	LsoMessage::parse(*lso)->write_headers(index, to);
}

void vib_fill_checksums(u8 *payload, u32 len)
{
	vib::fill_checksums({payload, len});
}

bool vib_has_right_checksums(const u8 *payload, u32 len)
{
	return vib::has_right_checksums({payload, len});
}
