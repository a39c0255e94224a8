// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include "topology.hpp"

#include <algorithm>

namespace eipoibd {

namespace {

// The kernel stacks no more devices than that.
constexpr int max_depth = 8;

} // namespace

Topology::Topology(const Model &model) : model_(model)
{
	for (const auto &[index, link] : model.links()) {
		if (link.master)
			slaves_[link.master].push_back(index);
	}
}

const std::vector<Ifindex> &Topology::slaves(Ifindex master) const
{
	static const std::vector<Ifindex> none;
	const auto at = slaves_.find(master);
	return at == slaves_.end() ? none : at->second;
}

std::vector<Outlet> Topology::egress(Ifindex link, VlanId tag) const
{
	Outlets out;
	collect(out, link, tag, 0);
	std::sort(out.begin(), out.end());
	out.erase(std::unique(out.begin(), out.end()), out.end());
	return out;
}

std::vector<Outlet> Topology::forwarded(Ifindex bridge, Ifindex port, VlanId vlan) const
{
	Outlets out;
	if (const Link *link = model_.find(bridge))
		collect_ports(out, *link, port, vlan, 0);
	return out;
}

void Topology::collect(Outlets &out, Ifindex index, VlanId tag, int depth) const
{
	const Link *link = model_.find(index);
	if (!link || depth > max_depth)
		return;
	switch (link->kind) {
	case Kind::pif:
		out.push_back({index, tag});
		break;
	case Kind::vlan:
		// A second tag is more than a VIF can have.
		if (!tag && link->is_8021q)
			collect(out, link->lower, link->vlan, depth + 1);
		break;
	case Kind::macvlan:
		collect(out, link->lower, tag, depth + 1);
		break;
	case Kind::bond:
		collect_bond(out, *link, tag, depth);
		break;
	case Kind::bridge:
		collect_own(out, *link, tag, depth);
		break;
	case Kind::ipoib:
	case Kind::other:
		break;
	}
}

void Topology::collect_bond(Outlets &out, const Link &bond, VlanId tag, int depth) const
{
	for (const Ifindex slave : slaves(bond.index)) {
		if (!bond.has_one_active || bond.active == slave)
			collect(out, slave, tag, depth + 1);
	}
}

// What the host itself sends through a bridge.
void Topology::collect_own(Outlets &out, const Link &bridge, VlanId tag, int depth) const
{
	const PortVlans &own = model_.vlans(bridge.index);
	VlanId vlan = tag;
	if (bridge.is_vlan_aware) {
		vlan = tag ? tag : own.pvid;
		if (!vlan || !own.members[vlan.value])
			return;
	}
	collect_ports(out, bridge, {}, vlan, depth);
}

void Topology::collect_ports(Outlets &out, const Link &bridge, Ifindex from, VlanId vlan,
			     int depth) const
{
	Outlets found;
	for (const Ifindex port : slaves(bridge.index)) {
		const Link *link = model_.find(port);
		if (port == from || !link->is_forwarding)
			continue;
		VlanId tag = vlan;
		if (bridge.is_vlan_aware) {
			const PortVlans &vlans = model_.vlans(port);
			if (!vlans.members[vlan.value])
				continue;
			if (vlans.untagged[vlan.value])
				tag = {};
			else if (!bridge.is_8021q)
				continue;
		}
		collect(found, port, tag, depth + 1);
	}
	keep_one_of_a_fabric(found);
	out.insert(out.end(), found.begin(), found.end());
}

// Two PIFs of one fabric in one bridge are two ways to the same stations, and a MAC can be at one
// end point of a fabric only: the PIF that was made first has them.
void Topology::keep_one_of_a_fabric(Outlets &outlets) const
{
	std::sort(outlets.begin(), outlets.end());
	Outlets kept;
	for (const Outlet outlet : outlets) {
		const auto is_same = [&](const Outlet &other) {
			return other.vlan == outlet.vlan && fabric(other.pif) &&
			       fabric(other.pif) == fabric(outlet.pif);
		};
		if (std::none_of(kept.begin(), kept.end(), is_same))
			kept.push_back(outlet);
	}
	outlets = std::move(kept);
}

std::optional<std::uint64_t> Topology::fabric(Ifindex pif) const
{
	const Link *link = model_.find(pif);
	const Link *lower = link ? model_.find(link->lower) : nullptr;
	return lower ? lower->subnet : std::nullopt;
}

bool Topology::is_uplink(Ifindex port) const
{
	return !egress(port).empty();
}

bool Topology::is_bridged(Outlet outlet) const
{
	bool has_device = false;
	for (const auto &[index, link] : model_.links()) {
		const std::vector<Outlet> ways = egress(index);
		if (std::find(ways.begin(), ways.end(), outlet) == ways.end())
			continue;
		const Link *master = model_.find(link.master);
		if (master && master->kind == Kind::bridge)
			return true;
		has_device = true;
	}
	// A bridge right above a PIF has the VLANs that no device takes.
	return outlet.vlan && !has_device && is_bridged({outlet.pif, {}});
}

} // namespace eipoibd
