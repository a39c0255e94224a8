// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include "demand.hpp"

#include <algorithm>

namespace eipoibd {

namespace {

class Collector {
public:
	Collector(const Model &model, const Topology &topology, const Config &config)
		: model_(model), topology_(topology), config_(config)
	{
	}

	void add_devices()
	{
		for (const auto &[index, link] : model_.links()) {
			// Without its own VIF a PIF has no carrier.
			if (!link.mac || (!link.is_up && link.kind != Kind::pif))
				continue;
			for (const Outlet outlet : topology_.egress(index))
				add(outlet, *link.mac,
				    {.source = index, .is_own = true, .fdb = {}});
		}
	}

	void add_guests()
	{
		// There may be many MACs, but there are few ports.
		std::map<std::tuple<Ifindex, Ifindex, VlanId>, std::vector<Outlet>> ways;
		for (const auto &[key, entry] : model_.fdb()) {
			const auto [way, is_new] =
				ways.try_emplace({key.bridge, entry.port, key.vlan});
			if (is_new)
				way->second = ways_of(key.bridge, entry.port, key.vlan);
			for (const Outlet outlet : way->second)
				add_guest(outlet, key, entry);
		}
	}

	void add_sightings(const Sightings &sightings)
	{
		for (const auto &[binding, sighting] : sightings) {
			const Outlet outlet = binding.outlet();
			if (topology_.is_bridged(outlet))
				add_tagged_guest(binding);
			else
				add(outlet, binding.mac,
				    {.source = binding.pif, .is_own = false, .fdb = {}});
		}
	}

	Demand take()
	{
		return std::move(demand_);
	}

private:
	void add(Outlet outlet, const Mac &mac, const Want &want)
	{
		const Link *pif = model_.find(outlet.pif);
		if (mac.is_unicast() && config_.has_pif(pif->name))
			demand_.try_emplace({outlet.pif, mac, outlet.vlan}, want);
	}

	void add_guest(Outlet outlet, const FdbKey &key, const FdbEntry &entry)
	{
		add(outlet, key.mac,
		    {.source = entry.port, .is_own = false, .fdb = key, .order = entry.order});
	}

	// Where frames of a guest behind @port leave, if guests are there.
	std::vector<Outlet> ways_of(Ifindex bridge, Ifindex port, VlanId vlan) const
	{
		const Link *link = model_.find(bridge);
		// What another one knows of VLANs is from before it ceased to care for them.
		if (!link || (vlan && !link->is_vlan_aware) || !is_guest_port(bridge, port))
			return {};
		return topology_.forwarded(bridge, port, vlan);
	}

	// A guest that sends tags of its own through a bridge that does not care for VLANs: the
	// bridge knows its MAC only.
	void add_tagged_guest(const Binding &binding)
	{
		for (const auto &[index, link] : model_.links()) {
			if (link.kind != Kind::bridge || link.is_vlan_aware)
				continue;
			const FdbKey key{index, binding.mac, {}};
			const FdbEntry *entry = model_.find(key);
			if (entry && is_guest_port(index, entry->port) &&
			    leads_to(index, entry->port, binding))
				add_guest(binding.outlet(), key, *entry);
		}
	}

	bool leads_to(Ifindex bridge, Ifindex port, const Binding &binding) const
	{
		const auto outlets = topology_.forwarded(bridge, port, binding.vlan);
		return std::find(outlets.begin(), outlets.end(), binding.outlet()) != outlets.end();
	}

	bool is_guest_port(Ifindex bridge, Ifindex port) const
	{
		const Link *link = model_.find(port);
		return link && link->master == bridge && !topology_.is_uplink(port) &&
		       !config_.is_ignored(link->name);
	}

	const Model &model_;
	const Topology &topology_;
	const Config &config_;
	Demand demand_;
};

} // namespace

Demand demand(const Model &model, const Topology &topology, const Config &config,
	      const Sightings &sightings)
{
	Collector collector(model, topology, config);
	collector.add_devices();
	collector.add_guests();
	collector.add_sightings(sightings);
	return collector.take();
}

} // namespace eipoibd
