// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What a switch does with a directed-route SMP (IBA 14.2.2.2 to 14.2.2.4).
#pragma once

#include "mad.hpp"

namespace vib {

struct DirectedStep {
	enum class Action : u8 {
		DISCARD,
		OUT,   // send by port @port
		AGENT, // for the switch's own agent
		LID,   // LID-routed from here on, to @lid
	};

	Action action;
	u8 port;
	u16 lid;
};

// An SMP that came in by @in_port. Its hop pointer and return path are updated.
DirectedStep directed_transit(wire::Smp &smp, u8 in_port, bool lid_routed);

// An answer of the switch's own agent that starts its way back.
DirectedStep directed_originate(wire::Smp &smp);

} // namespace vib
