// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// A frame from ethX while it is being decided on, and what the files of the TX planner share.
#pragma once

#include "plan.hpp"

namespace eipoib {

struct TxWork {
	const RcuReader &reader;
	Core &core;
	const eipoib_tx_frame &frame;
	ByteView head;
	u32 now;
	u64 revision; // of what is decided by, or an earlier one
	wire::EthernetHeader ethernet;
	wire::VlanId vlan;
	const Binding *binding;
	eipoib_tx_plan &plan;
	u8 *payload; // null until the whole frame is visible and there is room for a new payload
	bool is_long = false; // too long for a datagram

	wire::PartitionId partition() const
	{
		return binding->partition_->id_;
	}

	u32 payload_length() const
	{
		return frame.len - static_cast<u32>(sizeof(wire::EthernetHeader));
	}

	// What follows the Ethernet header, as far as it is visible.
	ByteView packet() const
	{
		return head.from(sizeof(wire::EthernetHeader));
	}

	// The longest frame that it will be below.
	u32 longest() const
	{
		return frame.is_gso ? frame.gso_len : frame.len;
	}

	// The longest packet that can be sent to @destination.
	u32 mtu_to(const EndPoint &destination) const
	{
		return destination.takes_connections() ? binding->vif_->mtu()
						       : binding->vif_->short_mtu();
	}

	// Whether it can go to all as it is: with the Ethernet header.
	bool fits_transparent() const
	{
		return frame.len <= binding->vif_->short_mtu();
	}

	void write_header(const wire::IbAddress &destination, u16 ethertype)
	{
		__builtin_memcpy(plan.header, &destination, sizeof(destination));
		write_encapsulation(ethertype);
	}

	void write_header(const EndPoint &destination, u16 ethertype)
	{
		destination.write_address(plan.header);
		write_encapsulation(ethertype);
	}

	// The encapsulation header behind the address, RFC 4391 section 6.
	void write_encapsulation(u16 ethertype)
	{
		const Be32 header = Be32::from(u32{ethertype} << 16);
		static_assert(sizeof(wire::IbAddress) + sizeof(header) == sizeof(plan.header));
		__builtin_memcpy(plan.header + sizeof(wire::IbAddress), &header, sizeof(header));
	}
};

// What a guest said of its groups was not taken, or not all.
inline void count_limit(const Core &core, SnoopResult result)
{
	if (result == SnoopResult::limit || result == SnoopResult::no_memory)
		eipoib_k_count(core.pif_, EIPOIB_NOTE_GROUP_LIMIT);
}

// The same as find_route(), if it is not known or others wait for it. @route is what was found.
[[gnu::cold]] std::optional<Decision> find_route_slowly(TxWork &work, Route &route);

// Find where a unicast frame goes, or decide what else becomes of it.
[[gnu::always_inline]] inline std::optional<Decision> find_route(TxWork &work, Route &route)
{
	const PeerTable &peers = work.core.peers_;
	route = peers.find(work.reader, work.partition(), work.ethernet.destination_, work.now);
	if (route.end_point && !work.frame.is_held &&
	    !(route.station && peers.is_holding(*route.station))) [[likely]]
		return {};
	return find_route_slowly(work, route);
}

// A translated frame cannot say which of several stations it is for. Of a fixed one nothing but its
// end point tells: a plain host takes what comes, a VIF what is for its own MAC.
[[gnu::always_inline]] inline bool needs_transparent(const Route &route)
{
	if (!route.station)
		return false;
	const StationKind kind = route.station->kind();
	if (kind != StationKind::fixed) [[likely]]
		return kind == StationKind::transparent;
	const Identity identity = route.end_point->identity();
	return identity.takes_transparent() &&
	       !(identity.is_announced() && identity.mac() == route.station->mac());
}

// A frame that stays what it is, to @end_point or, without one, to all.
Decision send_transparent(TxWork &work, const EndPoint *end_point);

// The same, to whom it is addressed.
Decision plan_transparent(TxWork &work);

// A long frame whose header is written: it goes if @mtu is enough for its packet.
[[gnu::cold]] Decision plan_long(TxWork &work, u32 mtu);

// ARP and RARP.
Decision plan_arp(TxWork &work);

// IPv6 neighbour discovery.
Decision plan_nd(TxWork &work);

} // namespace eipoib
