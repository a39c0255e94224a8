// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Frames of a small world: a few peers that swap LIDs and MACs, and the VIFs of one PIF.
#pragma once

#include "abi/types.h"
#include "wire/announcement.hpp"
#include "wire/headers.hpp"

#include <string_view>
#include <vector>

namespace races {

using Bytes = std::vector<u8>;
using eipoib::wire::MacAddress;

Bytes from_hex(std::string_view text);

// Where @number's guest is to be found; the first few are those of VIFs.
constexpr MacAddress mac_of(u8 number)
{
	return {{0x52, 0x54, 0, 0, 0, number}};
}

// A remote queue pair: @port tells its GID.
struct Peer {
	u8 qpn;
	u8 port;
	u8 lid;

	eipoib::wire::IbAddress address() const;
	MacAddress remac() const;
};

// What ib_ipoib says of a frame from @peer; then the payload follows.
Bytes link_of(const Peer &peer, u16 ethertype, bool has_grh);

// A bare announcement of @mac.
Bytes announcement_of(const Peer &peer, MacAddress mac, u8 flags);

// A transparent frame from @mac.
Bytes transparent_of(const Peer &peer, MacAddress mac, MacAddress to, bool has_grh);

Bytes ipv4_of(const Peer &peer, bool has_grh);

// From ethX.
Bytes ipv4_to(MacAddress to, MacAddress from);

} // namespace races
