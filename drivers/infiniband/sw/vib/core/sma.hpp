// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Subnet management agent of an HCA or of the switch: Get and Set of the attributes in IBA 14.2.5.
#pragma once

#include "fabric.hpp"

namespace vib {

class Sma {
public:
	// @arrival_port: the port of @node by which the SMP came in.
	Sma(Fabric &fabric, NodeRef node, u8 arrival_port, vib_effects &effects)
		: fabric_(fabric), node_(node), arrival_port_(arrival_port), effects_(effects)
	{
	}

	// Turn a Get or Set into its answer. VIB_MAD_PASS leaves it as it is.
	vib_mad_verdict answer(wire::Smp &smp);

private:
	using Handler = u16 (Sma::*)(wire::Smp &smp, bool is_set);

	static Handler find(wire::Attribute attribute);
	u16 execute(wire::Smp &smp, bool is_set);

	u16 node_description(wire::Smp &smp, bool is_set);
	u16 node_info(wire::Smp &smp, bool is_set);
	u16 switch_info(wire::Smp &smp, bool is_set);
	u16 guid_info(wire::Smp &smp, bool is_set);
	u16 port_info(wire::Smp &smp, bool is_set);
	u16 pkey_table(wire::Smp &smp, bool is_set);
	u16 sl_to_vl(wire::Smp &smp, bool is_set);
	u16 vl_arbitration(wire::Smp &smp, bool is_set);
	u16 linear_forwarding(wire::Smp &smp, bool is_set);
	u16 multicast_forwarding(wire::Smp &smp, bool is_set);

	// The port that has the tables of the whole node.
	Port &management_port()
	{
		return node_.is_switch ? fabric_.sw.ports[0] : fabric_.hca[node_.hca].port;
	}

	// The port that the low byte of a modifier names. An HCA has one.
	Port *named_port(u32 number)
	{
		return node_.is_switch ? fabric_.port(node_, number) : &management_port();
	}

	void raise(u32 events);
	void apply(Port &port, const PortChange &change);

	Fabric &fabric_;
	NodeRef node_;
	u8 arrival_port_;
	vib_effects &effects_;
};

// The agents of @node for any MAD: SMA and PMA.
vib_mad_verdict answer_mad(Fabric &fabric, NodeRef node, u8 arrival_port, wire::Smp &mad,
			   vib_effects &effects);

// Performance management agent, IBA 16.1.
vib_mad_verdict answer_perf(Fabric &fabric, NodeRef node, wire::PerfMad &mad);

} // namespace vib
