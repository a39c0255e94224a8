// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Ethernet -> IPoIB -> Ethernet: what one PIF sends enters another as it was.

#include "mutate.hpp"
#include "port.hpp"

#include "nd.hpp"
#include "wire/checksum.hpp"
#include "wire/mapping.hpp"
#include "wire/udp.hpp"

#include <algorithm>
#include <cstring>

using namespace eipoib;
using namespace fuzz;
using wire::MacAddress;

namespace {

constexpr MacAddress nobody = {};

struct Host {
	Port port;
	u16 lid;
	const char *macs[2];

	Host(u64 guid, u16 lid_, u32 qpn, const char *first, const char *second)
		: port(guid), lid(lid_), macs{first, second}
	{
		port.add(qpn, 0xffff, first, EIPOIB_VLAN_NONE);
		port.add(qpn + 1, 0xffff, second, EIPOIB_VLAN_NONE);
		port.add(qpn + 2, 0x8003, first, 3);
	}

	// That of a VIF by its place.
	MacAddress mac(std::size_t vif) const
	{
		const Bytes bytes = from_hex(macs[vif & 1]);
		MacAddress mac;
		std::memcpy(&mac, bytes.data(), sizeof(mac));
		return mac;
	}
};

ByteView view(const Bytes &bytes)
{
	return {bytes.data(), bytes.size()};
}

template <typename T> void put(Bytes &bytes, const T &what)
{
	const auto *from = reinterpret_cast<const u8 *>(&what);
	bytes.insert(bytes.end(), from, from + sizeof(what));
}

// What @frame is to @to's ib_ipoib, which says who sent it.
Bytes presented(Host &from, const OnWire &frame, bool has_grh)
{
	const u32 qpn = from.port.find(frame.dev)->qpn;
	Bytes out = {static_cast<u8>(has_grh), static_cast<u8>(qpn >> 16),
		     static_cast<u8>(qpn >> 8), static_cast<u8>(qpn)};
	const auto gid = has_grh ? from.port.gid() : std::array<u8, 16>{};
	out.insert(out.end(), gid.begin(), gid.end());
	out.insert(out.end(), frame.frame.begin() + 20, frame.frame.begin() + 22);
	out.insert(out.end(), {static_cast<u8>(from.lid >> 8), static_cast<u8>(from.lid)});
	out.insert(out.end(), frame.frame.begin() + EIPOIB_LINK_HLEN, frame.frame.end());
	return out;
}

bool is_to_group(const OnWire &frame)
{
	return frame.frame[4] == 0xff;
}

// How many VIFs of @to took @frame.
unsigned arrive(Host &from, Host &to, const OnWire &frame, bool has_grh)
{
	const bool is_group = is_to_group(frame);
	const u32 qpn = u32{frame.frame[1]} << 16 | u32{frame.frame[2]} << 8 | frame.frame[3];
	const u16 pkey = from.port.find(frame.dev)->pkey;
	const Bytes bytes = presented(from, frame, has_grh || is_group);
	unsigned taken = 0;
	for (const Port::Vif &vif : to.port.vifs())
		if (vif.pkey == pkey && (is_group || vif.qpn == qpn))
			taken += to.port.rx(vif, bytes, is_group, false) != EIPOIB_DROP;
	return taken;
}

// What the two say to each other by themselves comes to an end.
void settle(Host &a, Host &b)
{
	for (int round = 0; round < 6; round++) {
		const auto of_a = a.port.take_sent(), of_b = b.port.take_sent();
		if (of_a.empty() && of_b.empty())
			return;
		for (const OnWire &frame : of_a)
			arrive(a, b, frame, true);
		for (const OnWire &frame : of_b)
			arrive(b, a, frame, true);
	}
	must(false, "two PIFs fall silent");
}

void announce(Host &from, Host &to)
{
	for (std::size_t i = 0; i < from.port.vifs().size(); i++) {
		Bytes frame;
		put(frame, MacAddress::broadcast());
		put(frame, from.mac(i));
		const Bytes start = from_hex("0806 0001 0800 06 04 0001");
		frame.insert(frame.end(), start.begin(), start.end());
		put(frame, from.mac(i));
		put(frame, Be32::from(0x0a000001));
		put(frame, nobody);
		put(frame, Be32::from(0x0a000001));
		from.port.tx(frame, {.tci = i == 2 ? u32{3} : u32{EIPOIB_TCI_NONE}});
		settle(from, to);
	}
	from.port.take_entered();
	to.port.take_entered();
}

// Nobody has said a word yet: a frame too long to be flooded waits until its owner has answered.
void seek(Host &from, Host &to)
{
	Bytes frame;
	put(frame, to.mac(0));
	put(frame, from.mac(0));
	const Bytes packet = from_hex("0800 4500001400000000 40010000 0a000001 0a000002");
	frame.insert(frame.end(), packet.begin(), packet.end());
	from.port.tx(frame, {.is_gso = true});
	must(from.port.last_verdict() == EIPOIB_HOLD, "it waits");
	settle(from, to);
	from.port.replay(true);
	const auto sent = from.port.take_sent();
	must(sent.size() == 1 && !is_to_group(sent[0]), "and goes to its owner");
	from.port.take_entered();
	to.port.take_entered();
}

// ARP loses its padding, and may lose a target that is neither its sender nor who receives it: the
// MAC of another VIF of the same PIF is not looked for.
Bytes arp_after(const MacAddress &source, const MacAddress &receiver, const Bytes &after,
		Bytes frame)
{
	constexpr std::size_t target_at = sizeof(wire::EthernetHeader) + 18;
	frame.resize(sizeof(wire::EthernetHeader) + sizeof(wire::EthernetArp));
	const auto target = *view(frame).load<MacAddress>(target_at);
	if (target != source && target != receiver &&
	    view(after).load<MacAddress>(target_at) == MacAddress{})
		std::memset(frame.data() + target_at, 0, sizeof(target));
	return frame;
}

// ND loses its padding and gets its checksum anew. What an option says is as true as it was; only
// what cannot be put in IPoIB terms makes a difference.
std::optional<Bytes> nd_after(const MacAddress &source, const Bytes &frame)
{
	const ByteView packet = view(frame).from(sizeof(wire::EthernetHeader));
	const auto message = parse_nd<MacAddress>(packet, true);
	must(message.has_value(), "only ND is rewritten");
	const bool is_redirect = message->type == wire::NdType::redirect;
	if ((message->source_link && *message->source_link != source) ||
	    (message->target_link && (is_redirect || *message->target_link != source)) ||
	    message->announced != wire::Announced::nothing)
		return {};
	const auto ip = *packet.load<wire::Ipv6Header>();
	const std::size_t size = sizeof(ip) + ip.payload_length_.get();
	Bytes after(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(
							   sizeof(wire::EthernetHeader) + size));
	u8 *const body = after.data() + sizeof(wire::EthernetHeader) + sizeof(ip);
	body[2] = body[3] = 0;
	const Be16 sum =
		wire::sum_with_pseudo_header(ip, ByteView(body, size - sizeof(ip))).checksum();
	body[2] = sum.bytes_[0];
	body[3] = sum.bytes_[1];
	return after;
}

// The group MAC that a translated frame gets at its end.
MacAddress group_mac_of(const Bytes &frame)
{
	const ByteView packet = view(frame).from(sizeof(wire::EthernetHeader));
	const u16 ethertype = view(frame).load<wire::EthernetHeader>()->ethertype_.get();
	if (ethertype == wire::ethertype_ipv4) {
		const auto ip = packet.load<wire::Ipv4Header>();
		if (ip->is_to_multicast())
			return wire::ipv4_group_mac(ip->destination_.get());
	}
	if (ethertype == wire::ethertype_ipv6) {
		const auto ip = packet.load<wire::Ipv6Header>();
		if (ip->is_to_multicast())
			return wire::ipv6_group_mac(ip->destination_);
	}
	return MacAddress::broadcast();
}

// What DHCP clients ask is changed on purpose: a flag, and the checksum. dhcp.cpp looks at them.
bool is_same_but_for_dhcp(const Bytes &before, const Bytes &after)
{
	constexpr std::size_t protocol = sizeof(wire::EthernetHeader) + 9;
	if (before.size() != after.size())
		return false;
	unsigned changed = 0;
	for (std::size_t i = 0; i < after.size(); i++)
		changed += after[i] != before[i];
	return changed == 0 || (changed <= 3 && before[protocol] == wire::ipv4_protocol_udp &&
				view(before).load<wire::EthernetHeader>()->ethertype_.get() ==
					wire::ethertype_ipv4);
}

void check_arrived(Host &b, std::size_t vif, const Bytes &sent, const OnWire &wire)
{
	const auto ethernet = *view(sent).load<wire::EthernetHeader>();
	const bool is_transparent = wire.frame[20] == 0x65 && wire.frame[21] == 0x58;
	const auto entered = b.port.take_entered();
	must(entered.size() == 1, "it enters once");
	Bytes after = entered[0].frame;
	must(entered[0].vlan == (vif == 2 ? u32{3} : u32{EIPOIB_VLAN_NONE}), "on its VLAN");
	must(after.size() >= sizeof(ethernet), "whole");
	must(std::memcmp(after.data() + 6, sent.data() + 6, 8) == 0, "source and type stay");
	if (is_transparent) {
		must(is_same_but_for_dhcp(sent, after), "a transparent frame stays what it is");
		return;
	}
	const MacAddress to = ethernet.destination_;
	const MacAddress expected_to = to.is_group() ? group_mac_of(sent) : to;
	must(std::memcmp(after.data(), &expected_to, sizeof(to)) == 0, "to whom it was sent");

	Bytes expected = sent;
	std::copy_n(after.begin(), sizeof(to), expected.begin());
	const u16 type = ethernet.ethertype_.get();
	const ByteView packet = view(sent).from(sizeof(ethernet));
	if (type == wire::ethertype_arp || type == wire::ethertype_rarp) {
		expected =
			arp_after(ethernet.source_, to.is_group() ? b.mac(0) : to, after, expected);
	} else if (type == wire::ethertype_ipv6 && is_nd(packet)) {
		const auto nd = nd_after(ethernet.source_, expected);
		if (!nd)
			return;
		expected = *nd;
	}
	must(is_same_but_for_dhcp(expected, after), "the same bytes come out");
}

// A tenth of the MTU is enough for all that is added to neighbour discovery.
constexpr std::size_t length_max = 1500;

void send(Host &a, Host &b, const Event &event)
{
	const std::size_t from = event.what % 3;
	const bool is_b = event.how & 8;
	const std::size_t to = from == 2 ? 2 : event.how >> 1 & 1;
	Bytes frame(event.bytes);
	if (frame.size() < sizeof(wire::EthernetHeader) || frame.size() > length_max)
		return;
	Host &sender = is_b ? b : a, &receiver = is_b ? a : b;
	const MacAddress source = sender.mac(from), destination = receiver.mac(to);
	std::memcpy(frame.data() + 6, &source, sizeof(source));
	if (!(frame[0] & 1))
		std::memcpy(frame.data(), &destination, sizeof(destination));

	sender.port.tx(frame, {.tci = from == 2 ? u32{3} : u32{EIPOIB_TCI_NONE},
			       .is_checksum_pending = !!(event.how & 4)});
	must(sender.port.last_verdict() != EIPOIB_HOLD, "who has announced itself is known");
	must(sender.port.last_reason() != EIPOIB_REASON_TX_VIF_MISS &&
		     sender.port.last_reason() != EIPOIB_REASON_TX_OWN &&
		     sender.port.last_reason() != EIPOIB_REASON_TX_TEB_PLAIN,
	     "who has announced itself can be sent to");
	const bool is_dropped = sender.port.last_verdict() == EIPOIB_DROP;
	const auto sent = sender.port.take_sent();
	for (std::size_t i = !is_dropped; i < sent.size(); i++)
		arrive(sender, receiver, sent[i], true);
	receiver.port.take_entered();
	if (is_dropped)
		return;
	const OnWire &wire = sent.front();
	must(arrive(sender, receiver, wire, event.how & 1) == 1, "one VIF takes it");
	check_arrived(receiver, from, frame, wire);
	settle(sender, receiver);
	sender.port.take_entered();
	receiver.port.take_entered();
}

} // namespace

static Form form_of(const Event &)
{
	return Form::ethernet;
}

FUZZ_EVENTS(form_of)

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
	unit::reset_groups();
	unit::reset_calls();
	{
		Host a(0x0002c90300433bf1, 1, 0x48, "0002c9433bf1", "52540067e9bd");
		Host b(0x0002c90300433c05, 2, 0x58, "5254000000e1", "0250000000e2");
		seek(a, b);
		announce(a, b);
		announce(b, a);
		Events events(data, size);
		while (const auto event = events.next())
			send(a, b, *event);
	}
	must(unit::live_allocations() == 0, "nothing is left");
	return 0;
}
