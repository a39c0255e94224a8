// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB

#include "mutate.hpp"

#include "wire/checksum.hpp"
#include "wire/headers.hpp"
#include "wire/udp.hpp"

#include <algorithm>

namespace fuzz {

using namespace eipoib;

namespace {

constexpr u8 protocol_igmp = 2;

// Bytes of a frame from some place on.
class Repair {
public:
	Repair(ByteSpan bytes, std::minstd_rand &random) : bytes_(bytes), random_(random)
	{
	}

	void by_ethertype(u16 ethertype);
	void link();
	void ethernet();
	void ip();
	void wire();
	void mad();
	void attributes(unsigned depth);

	Repair from(std::size_t offset)
	{
		offset = std::min(offset, bytes_.size());
		return {{bytes_.data() + offset, bytes_.size() - offset}, random_};
	}

private:
	// Whether to tell the truth this time.
	bool is_true()
	{
		return random_() % 8;
	}

	void set(std::size_t offset, std::size_t value)
	{
		if (is_true())
			(void)bytes_.store(Be16::from(static_cast<u16>(value)), offset);
	}

	void set_byte(std::size_t offset, u8 value)
	{
		if (is_true())
			(void)bytes_.store(Be8{value}, offset);
	}

	// The checksum at @offset of what @sum and all from @begin on add up to.
	void set_checksum(std::size_t offset, wire::InternetSum sum, std::size_t begin)
	{
		if (!bytes_.view().contains(offset, 2) || !is_true())
			return;
		(void)bytes_.store(Be16{}, offset);
		sum.add(bytes_.view().from(begin));
		(void)bytes_.store(sum.checksum(), offset);
	}

	struct Be8 {
		u8 value;
	};

	void arp();
	void arp_of(const wire::IpoibRxHeader &link);
	void ipv4();
	void ipv6();
	void udp(std::size_t at, const wire::InternetSum &pseudo);
	void options(std::size_t at);

	ByteSpan bytes_;
	std::minstd_rand &random_;
};

void Repair::by_ethertype(u16 ethertype)
{
	switch (ethertype) {
	case wire::ethertype_ipv4:
		return ipv4();
	case wire::ethertype_ipv6:
		return ipv6();
	case wire::ethertype_arp:
	case wire::ethertype_rarp:
		return arp();
	}
}

void Repair::ethernet()
{
	if (const auto header = bytes_.view().load<wire::EthernetHeader>())
		from(sizeof(*header)).by_ethertype(header->ethertype_.get());
}

void Repair::arp()
{
	set(0, 1);
	set(2, wire::ethertype_ipv4);
	set(4, 6 << 8 | 4);
}

// Its sender is who sent the frame.
void Repair::arp_of(const wire::IpoibRxHeader &link)
{
	set(0, 32);
	set(2, wire::ethertype_ipv4);
	set(4, 20 << 8 | 4);
	if (is_true())
		(void)bytes_.store(link.source_qpn_, 9);
	if (link.has_grh() && is_true())
		(void)bytes_.store(link.source_gid_, 12);
}

void Repair::link()
{
	const auto header = bytes_.view().load<wire::IpoibRxHeader>();
	if (!header)
		return;
	const u16 ethertype = header->ethertype_.get();
	Repair rest = from(sizeof(*header));
	if (ethertype == wire::ethertype_arp || ethertype == wire::ethertype_rarp)
		rest.arp_of(*header);
	else if (ethertype == wire::ethertype_teb)
		rest.ethernet();
	else
		rest.by_ethertype(ethertype);
}

void Repair::ip()
{
	if (!bytes_.size())
		return;
	return bytes_.data()[0] >> 4 == 6 ? ipv6() : ipv4();
}

void Repair::ipv4()
{
	if (const auto header = bytes_.view().load<wire::Ipv4Header>(); !header)
		return;
	set_byte(0, static_cast<u8>(0x45 + (random_() % 8 == 0)));
	set(2, bytes_.size());
	const auto header = *bytes_.view().load<wire::Ipv4Header>();
	const std::size_t length = std::size_t{4} * (header.version_ihl_ & 15);
	if (is_true() && length <= bytes_.size()) {
		wire::InternetSum sum;
		(void)bytes_.store(Be16{}, 10);
		sum.add(bytes_.view().first(length));
		(void)bytes_.store(sum.checksum(), 10);
	}
	if (length > bytes_.size())
		return;
	if (header.protocol_ == wire::ipv4_protocol_udp) {
		wire::InternetSum sum;
		const std::size_t rest = bytes_.size() - length;
		sum.add(bytes_of(header.source_));
		sum.add(bytes_of(header.destination_));
		sum.add(bytes_of(Be16::from(header.protocol_)));
		sum.add(bytes_of(Be16::from(static_cast<u16>(rest))));
		udp(length, sum);
	} else if (header.protocol_ == protocol_igmp) {
		set_checksum(length + 2, {}, length);
	}
}

void Repair::udp(std::size_t at, const wire::InternetSum &pseudo)
{
	set(at + 4, bytes_.size() - at);
	set_checksum(at + 6, pseudo, at);
}

void Repair::ipv6()
{
	if (!bytes_.view().load<wire::Ipv6Header>())
		return;
	set_byte(0, 0x60);
	set(4, bytes_.size() - sizeof(wire::Ipv6Header));
	auto header = *bytes_.view().load<wire::Ipv6Header>();
	std::size_t at = sizeof(header);
	// Membership reports have one in front.
	if (header.next_header_ == wire::next_header_hop_by_hop && bytes_.view().contains(at, 8)) {
		header.next_header_ = bytes_.data()[at];
		at += 8 + std::size_t{8} * bytes_.data()[at + 1];
	}
	if (header.next_header_ != wire::next_header_icmp6 || at + 4 > bytes_.size())
		return;
	const u8 type = bytes_.data()[at];
	if (type >= 133 && type <= 137) {
		set_byte(7, 255);
		constexpr std::size_t fixed[] = {8, 16, 24, 24, 40};
		options(at + fixed[type - 133]);
	}
	if (is_true()) {
		(void)bytes_.store(Be16{}, at + 2);
		const ByteView rest = bytes_.view().from(at);
		(void)bytes_.store(wire::sum_with_pseudo_header(header, rest).checksum(), at + 2);
	}
}

// No option is longer than what is left, or has no length.
void Repair::options(std::size_t at)
{
	while (at + 8 <= bytes_.size()) {
		const std::size_t left = (bytes_.size() - at) / 8;
		const u8 length = bytes_.data()[at + 1];
		if (!length || length > left)
			set_byte(at + 1, static_cast<u8>(std::min<std::size_t>(left, 3)));
		at += std::size_t{8} * std::max<u8>(bytes_.data()[at + 1], 1);
	}
}

// LRH: the length; a GRH that leads to the BTH.
void Repair::wire()
{
	if (bytes_.size() < 8)
		return;
	set(4, bytes_.size() / 4);
	const u8 lnh = bytes_.data()[1] & 3;
	if (lnh < 2)
		set_byte(1, static_cast<u8>(bytes_.data()[1] | 2));
	std::size_t at = 8;
	if ((bytes_.data()[1] & 3) == 3) {
		set_byte(at + 6, 0x1b);
		at += 40;
	}
	if (bytes_.view().contains(at, 20)) {
		set_byte(at, bytes_.data()[at] % 2 ? 0x64 : 0x65);
		set_byte(at + 1, bytes_.data()[at + 1] & 0x80);
	}
}

void Repair::mad()
{
	if (bytes_.size() < 24)
		return;
	constexpr u8 classes[] = {0x01, 0x81, 0x04};
	set_byte(0, 1);
	set_byte(1, classes[bytes_.data()[1] % 3]);
	set_byte(2, 1);
	set_byte(3, 1 + bytes_.data()[3] % 2);
	constexpr u8 attributes[] = {0x01, 0x02, 0x10, 0x11, 0x12, 0x14, 0x15,
				     0x16, 0x17, 0x18, 0x19, 0x1b, 0x1d};
	set(16, attributes[bytes_.data()[17] % sizeof(attributes)]);
}

// No attribute is shorter than its header or longer than what is left; the same in those that may
// be nests.
void Repair::attributes(unsigned depth)
{
	constexpr std::size_t header = 4;
	for (std::size_t at = 0; at + header <= bytes_.size();) {
		// In the order of the host.
		u16 length;
		__builtin_memcpy(&length, bytes_.data() + at, sizeof(length));
		const std::size_t left = bytes_.size() - at;
		if ((length < header || length > left) && is_true()) {
			length = static_cast<u16>(length < header ? header : left);
			__builtin_memcpy(bytes_.data() + at, &length, sizeof(length));
		}
		if (length < header || length > left)
			return;
		if (depth && length > 2 * header)
			Repair({bytes_.data() + at + header, length - header}, random_)
				.attributes(depth - 1);
		at += (length + 3u) & ~3u;
	}
}

} // namespace

void repair(Bytes &bytes, Form form, std::minstd_rand &random)
{
	// InfiniBand has whole words.
	if (form == Form::wire)
		bytes.resize(bytes.size() & ~std::size_t{3});
	Repair all({bytes.data(), bytes.size()}, random);
	switch (form) {
	case Form::bytes:
		break;
	case Form::ethernet:
		all.ethernet();
		break;
	case Form::link:
		all.link();
		break;
	case Form::ip:
		all.ip();
		break;
	case Form::wire:
		all.wire();
		break;
	case Form::mad:
		all.mad();
		break;
	case Form::smp:
		all.from(2).mad();
		break;
	case Form::attributes:
		all.attributes(3);
		break;
	}
}

} // namespace fuzz
