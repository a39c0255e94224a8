// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// A frame from the fabric while it is being decided on, and what the files of the RX planner share.
#pragma once

#include "plan.hpp"

namespace eipoib {

struct RxWork {
	const RcuReader &reader;
	Core &core;
	const Vif &vif;
	const Binding &binding;
	const eipoib_rx_frame &frame;
	ByteView head;
	u32 now;
	u64 revision; // of what is decided by, or an earlier one
	wire::IpoibRxHeader link;
	wire::Lid lid;	  // base LID of the sender
	EndPoint *sender; // null if it is not known
	eipoib_rx_plan &plan;
	u8 *payload; // null until the whole frame is visible and there is room for a new payload

	wire::PartitionId partition() const
	{
		return binding.partition_->id_;
	}

	wire::Qpn source_qpn() const
	{
		return link.source_qpn();
	}

	// The MAC under which guests see the sender.
	wire::MacAddress source_mac() const
	{
		// As a number, of which a choice is made in one instruction.
		return wire::MacAddress::from_bits(sender ? sender->identity().mac().bits()
							  : wire::remac(source_qpn(), lid).bits());
	}

	[[gnu::always_inline]] void write_header(const wire::MacAddress &destination)
	{
		const wire::MacAddress source = source_mac();
		u8 *at = plan.header;
		static_assert(sizeof(wire::EthernetHeader) == sizeof(plan.header));
		__builtin_memcpy(at, &destination, sizeof(destination));
		__builtin_memcpy(at + sizeof(destination), &source, sizeof(source));
		__builtin_memcpy(at + 2 * sizeof(source), &link.ethertype_,
				 sizeof(link.ethertype_));
	}
};

// The sender has @address; RxWork::sender is set.
void learn_sender(RxWork &work, const wire::IbAddress &address, bool are_flags_known);

// A peer claims to have @mac. If it is one of our own it has moved away, or must not be believed.
Objection check_claim(RxWork &work, const wire::MacAddress &mac);

// ARP and RARP.
Decision plan_arp(RxWork &work);

// IPv6 neighbour discovery.
Decision plan_nd(RxWork &work);

} // namespace eipoib
