// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What the core says by itself: announcements to peers, news for plain peers and for guests
// (Documentation/networking/eipoib-wire.rst). Context of all: packet, no lock held.
#pragma once

#include "plan.hpp"
#include "wire/announcement.hpp"

namespace eipoib {

// ARP or RARP of a VIF on the fabric.
struct AnnouncedArp {
	wire::InfinibandArp arp;
	wire::Announcement announcement;
};

static_assert(sizeof(AnnouncedArp) == 74 && alignof(AnnouncedArp) == 1);

// What @binding's VIF says of itself.
wire::Announcement own_announcement(const Binding &binding, u8 flags, wire::MacAddress target);

// The 24 bytes in front of a payload of @ethertype to @destination.
wire::IpoibTxHeader link_header(const wire::IbAddress &destination, u16 ethertype);

// A bare announcement from @binding's VIF to @to, with more @flags; @target for a request.
void send_announcement(const Binding &binding, const wire::IbAddress &to, u8 flags,
		       wire::MacAddress target = {});

// Tell @peer, but not too often, that @binding's VIF has its MAC.
void answer_peer(const Binding &binding, const EndPoint &peer, u32 now);

// Ask @peer, but not too often, what its MAC is.
void ask_peer(const Binding &binding, EndPoint &peer, u32 now);

// Tell plain peers that @address is behind @binding's VIF.
void tell_peers_ipv4(const Binding &binding, Be32 address);
void tell_peers_ipv6(const Binding &binding, const wire::Ipv6Address &address);

// Tell guests on @vlan the MAC that @peer is shown under now.
void tell_guests(Core &core, wire::VlanId vlan, const EndPoint &peer);

} // namespace eipoib
