// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB

#include "frames.hpp"

#include "wire/mapping.hpp"

namespace races {

using namespace eipoib;
using namespace kxx;

namespace {

constexpr std::string_view ipv4_packet = "4500001400000000 40010000 0a000002 0a000001";

template <typename T> void put(Bytes &bytes, const T &what)
{
	const auto *from = reinterpret_cast<const u8 *>(&what);
	bytes.insert(bytes.end(), from, from + sizeof(what));
}

void put_hex(Bytes &bytes, std::string_view hex)
{
	const Bytes more = from_hex(hex);
	bytes.insert(bytes.end(), more.begin(), more.end());
}

int digit_of(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

} // namespace

Bytes from_hex(std::string_view text)
{
	Bytes bytes;
	int high = -1;
	for (char c : text) {
		if (c == ' ')
			continue;
		if (high >= 0)
			bytes.push_back(static_cast<u8>(high << 4 | digit_of(c)));
		high = high < 0 ? digit_of(c) : -1;
	}

	return bytes;
}

wire::IbAddress Peer::address() const
{
	return {.flags_ = 0x80,
		.qpn_ = Be24::from(qpn),
		.gid_ = {Be64::from(0xfe80'0000'0000'0000), Be64::from(0xc00u | port)}};
}

MacAddress Peer::remac() const
{
	return wire::remac({qpn}, {lid}, 0);
}

Bytes link_of(const Peer &peer, u16 ethertype, bool has_grh)
{
	Bytes bytes;
	put(bytes, wire::IpoibRxHeader{.flags_ = has_grh,
				       .source_qpn_ = Be24::from(peer.qpn),
				       .source_gid_ = has_grh ? peer.address().gid_ : wire::Gid{},
				       .ethertype_ = Be16::from(ethertype),
				       .source_lid_ = Be16::from(peer.lid)});
	return bytes;
}

Bytes announcement_of(const Peer &peer, MacAddress mac, u8 flags)
{
	Bytes bytes = link_of(peer, wire::ethertype_rarp, true);
	auto arp = wire::InfinibandArp::with_operation(Be16::from(wire::rarp_request));
	arp.sender_ = arp.target_ = peer.address();
	put(bytes, arp);
	put(bytes, wire::Announcement::make(flags | wire::Announcement::bare, mac, {}));
	return bytes;
}

Bytes transparent_of(const Peer &peer, MacAddress mac, MacAddress to, bool has_grh)
{
	Bytes bytes = link_of(peer, wire::ethertype_teb, has_grh);
	put(bytes, to);
	put(bytes, mac);
	put_hex(bytes, "88b5 01");
	return bytes;
}

Bytes ipv4_of(const Peer &peer, bool has_grh)
{
	Bytes bytes = link_of(peer, wire::ethertype_ipv4, has_grh);
	put_hex(bytes, ipv4_packet);
	return bytes;
}

Bytes ipv4_to(MacAddress to, MacAddress from)
{
	Bytes bytes;
	put(bytes, to);
	put(bytes, from);
	put_hex(bytes, "0800");
	put_hex(bytes, ipv4_packet);
	return bytes;
}

} // namespace races
