// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB

#include "too_big.hpp"

#include "wire/icmp.hpp"

namespace eipoib {

namespace {

// How often the guest of a VIF is told: enough for many connections to begin at once.
constexpr u32 tell_interval = 100; // ms
constexpr u32 tells_max = 50;

// How much of the packet is quoted: all headers, and it is all that is visible of most frames.
constexpr size_t quoted_max = EIPOIB_HEAD_MAX - sizeof(wire::EthernetHeader);

bool may_tell(const TxWork &work)
{
	return work.binding->vif_->too_big_.allow(work.now, tell_interval, tells_max);
}

// To the sender of a frame: @ip, an ICMP message and what it quotes. It comes from whom the packet
// was for: an Ethernet has no router, and that address needs no route and passes every filter
// that the answers of that peer pass.
template <typename Ip, typename Icmp>
void tell(const TxWork &work, const Ip &ip, const Icmp &icmp, ByteView quoted)
{
	u8 frame[sizeof(wire::EthernetHeader) + sizeof(ip) + sizeof(icmp) + quoted_max];
	ByteWriter out(ByteSpan(frame, sizeof(frame)));
	out.put(wire::EthernetHeader{.destination_ = work.ethernet.source_,
				     .source_ = work.ethernet.destination_,
				     .ethertype_ = work.ethernet.ethertype_});
	out.put(ip);
	out.put(icmp);
	out.put(quoted);
	eipoib_k_count(work.core.pif_, EIPOIB_NOTE_TX_PMTU);
	eipoib_k_deliver(work.core.pif_, work.vlan.value, frame,
			 static_cast<u32>(out.written().size()));
}

// RFC 1122 section 3.2.2: whom, and of what, an error may be told.
bool may_tell_ipv4(const TxWork &work, const wire::Ipv4Header &ip)
{
	u8 type;
	if (work.ethernet.destination_.is_group() || ip.is_to_multicast() || !ip.is_from_host() ||
	    ip.fragment_.get() & wire::Ipv4Header::fragment_offset)
		return false;
	if (ip.protocol_ == wire::ipv4_protocol_icmp &&
	    (!work.packet().read(type, ip.length()) || wire::is_icmp_error(type)))
		return false;
	return may_tell(work);
}

void tell_ipv4(const TxWork &work, const wire::Ipv4Header &about, u32 mtu)
{
	if (!may_tell_ipv4(work, about))
		return;
	const ByteView quoted = work.packet().first(quoted_max);
	wire::IcmpFragmentationNeeded icmp = {.type_ = 3,
					      .code_ = 4,
					      .checksum_ = {},
					      .unused_ = {},
					      .mtu_ = Be16::from(static_cast<u16>(mtu))};
	wire::InternetSum icmp_sum;
	icmp_sum.add(bytes_of(icmp));
	icmp_sum.add(quoted);
	icmp.checksum_ = icmp_sum.checksum();

	const size_t length = sizeof(about) + sizeof(icmp) + quoted.size();
	wire::Ipv4Header ip = {.version_ihl_ = 0x45,
			       .tos_ = 0xc0, // RFC 1812 section 4.3.2.5
			       .total_length_ = Be16::from(static_cast<u16>(length)),
			       .identification_ = {},
			       .fragment_ = Be16::from(wire::Ipv4Header::dont_fragment),
			       .ttl_ = 64,
			       .protocol_ = wire::ipv4_protocol_icmp,
			       .checksum_ = {},
			       .source_ = about.destination_,
			       .destination_ = about.source_};
	wire::InternetSum sum;
	sum.add(bytes_of(ip));
	ip.checksum_ = sum.checksum();
	tell(work, ip, icmp, quoted);
}

Decision plan_ipv4_too_big(TxWork &work, u32 mtu)
{
	wire::Ipv4Header ip;
	if (!work.packet().read(ip) || !ip.is_plausible() ||
	    ip.total_length_.get() > work.payload_length())
		return Decision::drop(EIPOIB_REASON_TX_IP);
	// Or it is not the packet that is too long, but what stands behind it.
	if (!(ip.fragment_.get() & wire::Ipv4Header::dont_fragment) ||
	    ip.total_length_.get() <= mtu) {
		work.plan.mtu = mtu;
		return Verdict::fragment;
	}
	tell_ipv4(work, ip, mtu);
	return Decision::drop(EIPOIB_REASON_TX_TOO_BIG);
}

// RFC 4443 section 2.4 (e). Who asks for a group's answer has no address that could tell it.
bool may_tell_ipv6(const TxWork &work, const wire::Ipv6Header &ip)
{
	u8 type;
	if (work.ethernet.destination_.is_group() || ip.is_to_multicast() || !ip.is_from_host())
		return false;
	if (ip.next_header_ == wire::next_header_icmp6 &&
	    (!work.packet().read(type, sizeof(ip)) || wire::is_icmp6_error(type)))
		return false;
	return may_tell(work);
}

Decision plan_ipv6_too_big(TxWork &work, u32 mtu)
{
	wire::Ipv6Header about;
	if (!work.packet().read(about) || !about.is_plausible())
		return Decision::drop(EIPOIB_REASON_TX_IP);
	if (!may_tell_ipv6(work, about))
		return Decision::drop(EIPOIB_REASON_TX_TOO_BIG);

	const ByteView quoted = work.packet().first(quoted_max);
	wire::Icmp6PacketTooBig icmp = {.header_ = {.type_ = 2, .code_ = 0, .checksum_ = {}},
					.mtu_ = Be32::from(mtu)};
	const size_t length = sizeof(icmp) + quoted.size();
	const wire::Ipv6Header ip = {.version_class_flow_ = Be32::from(u32{6} << 28),
				     .payload_length_ = Be16::from(static_cast<u16>(length)),
				     .next_header_ = wire::next_header_icmp6,
				     .hop_limit_ = 64,
				     .source_ = about.destination_,
				     .destination_ = about.source_};
	wire::InternetSum sum = wire::sum_with_pseudo_header(ip, bytes_of(icmp), length);
	sum.add(quoted);
	icmp.header_.checksum_ = sum.checksum();
	tell(work, ip, icmp, quoted);
	return Decision::drop(EIPOIB_REASON_TX_TOO_BIG);
}

// RFC 791 section 3.1: an option without the copied flag is in the first fragment only. In others
// no-operations take its place, so that the header keeps its length.
void drop_options(ByteSpan options)
{
	u8 *bytes = options.data();
	for (size_t i = 0; i < options.size() && bytes[i] != 0;) {
		size_t length = 1;
		if (bytes[i] != 1)
			length = i + 1 < options.size() ? bytes[i + 1] : 0;
		if (length == 0 || length > options.size() - i || (bytes[i] != 1 && length < 2))
			return;
		if (!(bytes[i] & 0x80))
			__builtin_memset(bytes + i, 1, length);
		i += length;
	}
}

} // namespace

Decision plan_too_big(TxWork &work, u32 mtu, eipoib_reason otherwise)
{
	if (work.frame.is_gso) {
		work.plan.mtu = mtu;
		return Verdict::segment;
	}
	switch (work.ethernet.ethertype_.get()) {
	case wire::ethertype_ipv4:
		return plan_ipv4_too_big(work, mtu);
	case wire::ethertype_ipv6:
		return plan_ipv6_too_big(work, mtu);
	default:
		return Decision::drop(otherwise);
	}
}

Decision plan_long(TxWork &work, u32 mtu)
{
	if (work.longest() <= sizeof(wire::EthernetHeader) + mtu)
		return Verdict::forward;
	return plan_too_big(work, mtu, EIPOIB_REASON_TX_TOO_BIG);
}

bool cut_ipv4(ByteView head, u32 length, const eipoib_tx_plan &plan, eipoib_fragment &fragment)
{
	constexpr u32 ethernet = sizeof(wire::EthernetHeader);
	wire::Ipv4Header ip;
	if (!head.read(ip, ethernet) || !ip.is_plausible() || !head.contains(ethernet, ip.length()))
		return false;
	const u32 start = ethernet + static_cast<u32>(ip.length());
	const u32 end = ethernet + ip.total_length_.get();
	if (fragment.offset == 0)
		fragment.offset = start;
	if (end > length || end <= start || fragment.offset < start || fragment.offset >= end ||
	    ethernet + plan.mtu < start + 8)
		return false;

	const u32 room = ethernet + plan.mtu - start;
	const u32 done = fragment.offset - start;
	const u32 left = end - fragment.offset;
	const bool is_last = left <= room;
	const u32 place = (ip.fragment_.get() & wire::Ipv4Header::fragment_offset) + done / 8;
	if (place > wire::Ipv4Header::fragment_offset)
		return false;
	fragment.len = is_last ? left : room & ~7u;
	fragment.next = is_last ? 0 : fragment.offset + fragment.len;

	const u16 more = is_last ? ip.fragment_.get() & wire::Ipv4Header::more_fragments
				 : wire::Ipv4Header::more_fragments;
	ip.fragment_ = Be16::from(static_cast<u16>(place | more));
	ip.total_length_ = Be16::from(static_cast<u16>(ip.length() + fragment.len));
	ip.checksum_ = {};

	// A transparent frame keeps its Ethernet header.
	const u32 link = plan.pull ? 0 : ethernet;
	u8 *out = fragment.header;
	__builtin_memcpy(out, head.data(), link);
	__builtin_memcpy(out + link, head.data() + ethernet, ip.length());
	__builtin_memcpy(out + link, &ip, sizeof(ip));
	if (place)
		drop_options(ByteSpan(out + link + sizeof(ip), ip.length() - sizeof(ip)));
	wire::InternetSum sum;
	sum.add(ByteView(out + link, ip.length()));
	ip.checksum_ = sum.checksum();
	__builtin_memcpy(out + link, &ip, sizeof(ip));
	fragment.header_len = link + static_cast<u32>(ip.length());
	return true;
}

} // namespace eipoib
