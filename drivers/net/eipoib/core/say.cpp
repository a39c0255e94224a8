// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB

#include "say.hpp"

#include "nd.hpp"

namespace eipoib {

namespace {

constexpr u32 answer_interval = 1'000; // ms
constexpr u32 ask_interval = 60'000;   // ms

void send(const Binding &binding, const wire::IbAddress &to, u16 ethertype, ByteView payload)
{
	const wire::IpoibTxHeader header = link_header(to, ethertype);
	eipoib_k_send(binding.vif_->dev_, bytes_of(header).data(), payload.data(),
		      static_cast<u32>(payload.size()));
}

// An ARP packet in which @binding's VIF is sender and target.
AnnouncedArp self_arp(const Binding &binding, u16 operation, Be32 ip,
		      const wire::Announcement &announcement)
{
	auto arp = wire::InfinibandArp::with_operation(Be16::from(operation));
	arp.sender_ = arp.target_ = binding.address_;
	arp.sender_ip_ = arp.target_ip_ = ip;
	return {.arp = arp, .announcement = announcement};
}

// That it sends transparent frames does not tell which MAC is its own: until it says so, frames
// to it are transparent and cannot be as long as others.
bool is_stranger(Identity identity)
{
	return !identity.is_announced();
}

} // namespace

wire::Announcement own_announcement(const Binding &binding, u8 flags, wire::MacAddress target)
{
	return wire::Announcement::make(flags | wire::Announcement::teb, binding.mac(), target);
}

wire::IpoibTxHeader link_header(const wire::IbAddress &destination, u16 ethertype)
{
	return {.destination_ = destination, .ethertype_ = Be16::from(ethertype), .reserved_ = {}};
}

void send_announcement(const Binding &binding, const wire::IbAddress &to, u8 flags,
		       wire::MacAddress target)
{
	const AnnouncedArp packet =
		self_arp(binding, wire::rarp_request, {},
			 own_announcement(binding, flags | wire::Announcement::bare, target));
	send(binding, to, wire::ethertype_rarp, bytes_of(packet));
}

void answer_peer(const Binding &binding, const EndPoint &peer, u32 now)
{
	Vif &vif = *binding.vif_;
	const u64 whom = u64{peer.qpn().value} << 16 | peer.lid_.value;
	// Whose MAC is elsewhere has nothing to say.
	if (vif.attention() & attention::contested)
		return;
	if (!vif.told_.allow(now, answer_interval) &&
	    __atomic_load_n(&vif.told_whom_, __ATOMIC_RELAXED) == whom)
		return;
	__atomic_store_n(&vif.told_whom_, whom, __ATOMIC_RELAXED);
	send_announcement(binding, peer.address(),
			  is_stranger(peer.identity()) ? wire::Announcement::request : 0);
}

void ask_peer(const Binding &binding, EndPoint &peer, u32 now)
{
	if (!is_stranger(peer.identity()) || binding.vif_->attention() & attention::contested ||
	    !peer.asked_.allow(now, ask_interval))
		return;
	send_announcement(binding, peer.address(), wire::Announcement::request);
}

void tell_peers_ipv4(const Binding &binding, Be32 address)
{
	const AnnouncedArp packet =
		self_arp(binding, wire::arp_request, address, own_announcement(binding, 0, {}));
	send(binding, wire::broadcast_address(binding.partition_->id_), wire::ethertype_arp,
	     bytes_of(packet));
}

void tell_peers_ipv6(const Binding &binding, const wire::Ipv6Address &address)
{
	const wire::Announcement announcement = own_announcement(binding, 0, {});
	u8 packet[unsolicited_na_size_max];
	const size_t size =
		build_unsolicited_na<wire::IbAddress>(ByteSpan(packet, sizeof(packet)),
						      {.address = address,
						       .link = binding.address_,
						       .is_router = binding.vif_->is_router()},
						      &announcement);
	send(binding,
	     wire::ipv6_group_address(binding.partition_->id_, wire::Ipv6Address::all_nodes()),
	     wire::ethertype_ipv6, ByteView(packet, size));
}

namespace {

void deliver(Core &core, wire::VlanId vlan, const wire::EthernetHeader &header, ByteView payload)
{
	u8 frame[sizeof(header) + unsolicited_na_size_max];
	__builtin_memcpy(frame, &header, sizeof(header));
	__builtin_memcpy(frame + sizeof(header), payload.data(), payload.size());
	eipoib_k_deliver(core.pif_, vlan.value, frame,
			 static_cast<u32>(sizeof(header) + payload.size()));
}

} // namespace

void tell_guests(Core &core, wire::VlanId vlan, const EndPoint &peer)
{
	const PeerTable::LastSeen seen = core.peers_.last_seen(peer);
	const wire::MacAddress mac = peer.identity().mac();

	if (seen.ipv4 != Be32{}) {
		auto arp = wire::EthernetArp::with_operation(Be16::from(wire::arp_request));
		arp.sender_ = mac;
		arp.sender_ip_ = arp.target_ip_ = seen.ipv4;
		deliver(core, vlan,
			{.destination_ = wire::MacAddress::broadcast(),
			 .source_ = mac,
			 .ethertype_ = Be16::from(wire::ethertype_arp)},
			bytes_of(arp));
	}
	if (!seen.ipv6.is_unspecified()) {
		u8 packet[unsolicited_na_size_max];
		const size_t size = build_unsolicited_na<wire::MacAddress>(
			ByteSpan(packet, sizeof(packet)),
			{.address = seen.ipv6, .link = mac, .is_router = seen.is_router}, nullptr);
		deliver(core, vlan,
			{.destination_ = wire::ipv6_group_mac(wire::Ipv6Address::all_nodes()),
			 .source_ = mac,
			 .ethertype_ = Be16::from(wire::ethertype_ipv6)},
			ByteView(packet, size));
	}
}

} // namespace eipoib
