// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What can happen to a PIF in the target "core": Event::what modulo `count`.
#pragma once

#include "bytes.hpp"

namespace fuzz {

namespace happens {
enum What : std::uint8_t {
	tx,	// how: 1 GSO, 2 checksum pending, the rest VLAN tag
	rx,	// how: 3 which VIF, 4 to a group, 8 merged
	pass,	// how: 8 ms, from 0x80 on 2 s
	answer, // the GID, or that of P
	replay,
	tick,
	bind,	   // how: 3 which VIF, 0x1c to what, 0x20 sticky
	unbind,	   // how: 3 which VIF
	carrier,   // how: 3 which VIF, 4 on
	listen,	   // MACs
	no_memory, // how: so many allocations later, until the next
	recreate,  // how: 3 which VIF
	mtu,	   // how: 3 which VIF, the rest 32 bytes
	address,   // how: 3 which VIF, the rest QPN
	fix,	   // how: 7 which MAC, the rest QPN; the GID, or that of P
	unfix,	   // how: 7 which MAC
	count,
};
} // namespace happens

// The same of the target "groups". how: 1 which partition, 0x0e which reporter.
namespace group_happens {
enum What : std::uint8_t {
	report,	   // how: 0x80 checksum pending
	hear,	   // from the fabric
	add,	   // a partition
	drop,	   // a partition
	designate, // how: 2 which netdevice, 8 none
	forget,	   // how: 0x80 reporters that are nobody
	tick,	   // how: s
	listen,	   // MACs
	no_memory, // how: so many allocations later, once
	count,
};
} // namespace group_happens

} // namespace fuzz
