// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Packets that are longer than their way takes: they are segmented or cut, or their sender is told
// how long they may be. A bridge has no route whose MTU the network stack could have looked at.
#pragma once

#include "tx_work.hpp"

namespace eipoib {

// What is left of the MTU of a way for a packet that is sent with its Ethernet header.
constexpr u32 without_ethernet(u32 mtu)
{
	constexpr u32 length = sizeof(wire::EthernetHeader);
	return mtu > length ? mtu - length : 0;
}

// What becomes of a frame, whose link header is written, because its packet is longer than @mtu.
// What can neither be cut nor told is dropped for @otherwise.
[[gnu::cold]] Decision plan_too_big(TxWork &work, u32 mtu, eipoib_reason otherwise);

// The next piece of the frame @head, @length bytes of an IPv4 packet behind an Ethernet header.
// False if it cannot be cut.
[[gnu::cold]] bool cut_ipv4(ByteView head, u32 length, const eipoib_tx_plan &plan,
			    eipoib_fragment &fragment);

} // namespace eipoib
