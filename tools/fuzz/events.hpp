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

// The same of the target "fabric". how: 3 which HCA, 1 which trunk.
namespace fabric_happens {
enum What : std::uint8_t {
	smp,	// sent by queue pair 0: the DLID, then the MAD; how: 4 by a directed route
	mad,	// for the agents of an HCA
	packet, // sent as it is
	send,	// how: 0x0c kind of queue pair, 0x10 GRH, 0x20 immediate; address vector, payload
	plug,	// how: 4 in
	arrive, // from the link
	modify, // the capability mask
	frame,	// of a trunk's Ethernet
	trunk,	// a packet from its other end, with right checksums
	cable,	// how: 4 in
	tick,
	count,
};
} // namespace fabric_happens

// The same of the target "netlink": attributes. how, for entries: ndm_state and, in between, flags.
namespace netlink_happens {
enum What : std::uint8_t {
	create,
	change,
	add,
	del,
	flush,
	count,
};
} // namespace netlink_happens

// The same of the target "rc".
namespace rc_happens {
enum What : std::uint8_t {
	packet,	  // how: PSN beside the expected one; opcode, flags, headers and payload
	post,	  // how: 7 verb, the rest flags; length, address
	provide,  // how: 0x0f how many buffers; their size in 64 bytes
	transmit, // how many
	timer,
	attr,	// how: 1 send, 2 receive, 4 drain, 8 WRITE, 0x10 READ, 0x20 atomics, 0x40 GRH
	memory, // how: 1 own, 2 that the other end may use
	flush,
	count,
};
} // namespace rc_happens

// The same of the target "user", after a byte each for the kind of queue and its entries.
namespace user_happens {
enum What : std::uint8_t {
	position, // how: 1 the producer's; else the consumer's
	entry,	  // how: which 64 bytes
	header,	  // how: where
	take,	  // how: 1 as a datagram
	release,
	put,
	forget,
	resize, // how: entries
	count,
};
} // namespace user_happens

} // namespace fuzz
