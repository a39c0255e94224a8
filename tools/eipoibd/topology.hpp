// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Where frames go: through which PIFs, and on which VLAN of them, what a link sends leaves the
// host.
#pragma once

#include <map>
#include <vector>

#include "model.hpp"

namespace eipoibd {

class Topology {
public:
	// @model must outlive it and not change.
	explicit Topology(const Model &model);

	// What @link sends, with @tag or without one, leaves there.
	std::vector<Outlet> egress(Ifindex link, VlanId tag = {}) const;

	// What a bridge forwards from @port, in @vlan of a VLAN-aware bridge or with that tag
	// through another one, leaves there.
	std::vector<Outlet> forwarded(Ifindex bridge, Ifindex port, VlanId vlan) const;

	// Whether the port leads to a PIF, now or after a change of the spanning tree.
	bool is_uplink(Ifindex port) const;

	// Whether a Linux bridge decides what leaves there.
	bool is_bridged(Outlet outlet) const;

	// Links whose master it is.
	const std::vector<Ifindex> &slaves(Ifindex master) const;

private:
	using Outlets = std::vector<Outlet>;

	void collect(Outlets &out, Ifindex index, VlanId tag, int depth) const;
	void collect_bond(Outlets &out, const Link &bond, VlanId tag, int depth) const;
	void collect_own(Outlets &out, const Link &bridge, VlanId tag, int depth) const;
	void collect_ports(Outlets &out, const Link &bridge, Ifindex from, VlanId vlan,
			   int depth) const;
	void keep_one_of_a_fabric(Outlets &outlets) const;
	std::optional<std::uint64_t> fabric(Ifindex pif) const;

	const Model &model_;
	std::map<Ifindex, std::vector<Ifindex>> slaves_;
};

} // namespace eipoibd
