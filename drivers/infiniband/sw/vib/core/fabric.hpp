// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The fabric: one-port HCAs, each cabled to one switch. HCA i is on switch port i + 1, and behind
// the last one are the trunks, which lead to other switches.
#pragma once

#include "fault.hpp"
#include "port.hpp"
#include "trunk.hpp"

namespace vib {

constexpr u32 UNICAST_LIDS = wire::FIRST_MULTICAST_LID;
constexpr u32 MULTICAST_LIDS = wire::PERMISSIVE_LID - wire::FIRST_MULTICAST_LID;
constexpr u32 MAX_PORTS = VIB_MAX_HCAS + VIB_MAX_TRUNKS + 1; // with port 0
constexpr u32 MULTICAST_POSITIONS = (MAX_PORTS + 15) / 16;   // 16 ports each, from port 0 on
constexpr u8 NO_PORT = 0xff;

struct Hca {
	Port port;
	u64 node_guid;
	bool plugged;
	Faults faults[VIB_DIRECTIONS];
	u8 description[VIB_DESC_LEN];
};

struct Switch {
	Port ports[MAX_PORTS];
	u64 guid;
	wire::SwitchInfo info;
	u64 trap_tid;
	u8 description[VIB_DESC_LEN];
	Shared<u8> linear[UNICAST_LIDS];
	Shared<u16> multicast[MULTICAST_LIDS][MULTICAST_POSITIONS];

	// Ports 1 to 64 that get packets to @dlid, one bit each.
	u64 members(u16 dlid) const;

	// Does @port get them?
	bool is_member(u16 dlid, u32 port) const;
};

// One of the nodes, for the management agents.
struct NodeRef {
	bool is_switch;
	u32 hca;
};

struct Fabric {
	u32 hcas;
	u32 trunks;
	u8 mtu;
	Hca hca[VIB_MAX_HCAS];
	Switch sw;
	Trunk trunk[VIB_MAX_TRUNKS];

	bool init(const vib_fabric_config &config);

	// HCA @index is exchanged for one of the same make.
	void replace(u32 index);

	// What a subnet manager that knows nothing of this one does to HCA @index. False if it
	// makes no sense.
	bool assign_lid(u32 index, u16 lid, vib_effects &effects);
	bool remove_pkey(u32 index, u16 pkey, vib_effects &effects);

	u32 num_ports(NodeRef node) const
	{
		return node.is_switch ? hcas + trunks : 1;
	}

	// The port of a node that an attribute modifier or a LID names, or null.
	Port *port(NodeRef node, u32 number)
	{
		if (number > num_ports(node))
			return nullptr;
		return node.is_switch ? &sw.ports[number] : &hca[node.hca].port;
	}

	Port &switch_port(u32 hca_index)
	{
		return sw.ports[hca_index + 1];
	}

	// The port of the switch at the end of a link: see VIB_TRUNK_LINK.
	u32 port_on(u32 link) const
	{
		return 1 + (link < VIB_TRUNK_LINK ? link : hcas + link - VIB_TRUNK_LINK);
	}

	Port &trunk_port(u32 index)
	{
		return sw.ports[port_on(VIB_TRUNK_LINK + index)];
	}

	// Count a drop of what came by @link.
	void drop(u32 link, u32 reason)
	{
		(link < VIB_TRUNK_LINK ? hca[link].port : sw.ports[port_on(link)]).drop(reason);
	}

	// Both ends of HCA @index's link lose it and, if nothing forbids, find it again.
	void retrain(u32 index, vib_effects &effects);

	// Trunk @index has lost its link, or found it again.
	void retrain_trunk(u32 index, vib_effects &effects);

	// Carry out the state commands of a Set(PortInfo) on @port, an end of the link of HCA
	// @index or, if there are not so many, of a trunk.
	void command(u32 index, Port &port, const PortChange &change, vib_effects &effects);

private:
	void train(u32 index, vib_effects &effects);

	// Something has changed at the switch: it says so, by a trap too if there is a manager.
	void tell_manager(vib_effects &effects);
};

} // namespace vib

// As abi.h names it.
struct vib_fabric : vib::Fabric {};
