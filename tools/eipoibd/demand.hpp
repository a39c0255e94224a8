// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Which VIFs there should be: one for everything that sends through a PIF.
#pragma once

#include "config.hpp"
#include "topology.hpp"

namespace eipoibd {

// A source that a PIF had no VIF for, where no Linux bridge has learnt it.
struct Sighting {
	Time checked;		      // when it was last known to be in use
	std::uint64_t tx_packets = 0; // of its VIF, at that time
};

using Sightings = std::map<Binding, Sighting>;

// Why a VIF is wanted.
struct Want {
	Ifindex source;		   // the port or device that sends
	bool is_own;		   // the host's own device, which nobody else can have made up
	std::optional<FdbKey> fdb; // what a bridge has learnt
	std::uint64_t order = 0;   // those that came first are served first
};

using Demand = std::map<Binding, Want>;

Demand demand(const Model &model, const Topology &topology, const Config &config,
	      const Sightings &sightings);

} // namespace eipoibd
