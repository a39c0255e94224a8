// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Directed routes: the hop pointer rules of a switch.

#include "directed.hpp"

namespace vib {

using wire::Smp;
using Action = DirectedStep::Action;

namespace {

constexpr DirectedStep DISCARD{Action::DISCARD, 0, 0};

constexpr DirectedStep out(u8 port)
{
	return {Action::OUT, port, 0};
}

// C14-9: outbound.
DirectedStep outbound(Smp &smp, u8 in_port, bool lid_routed)
{
	const u8 count = smp.header.hop_count;
	u8 &pointer = smp.header.hop_pointer;

	// 1: the directed part begins here, after a LID-routed one.
	if (count && pointer == 0)
		return lid_routed ? out(smp.initial_path[++pointer]) : DISCARD;
	// 2: one of the hops in between.
	if (pointer && pointer < count) {
		smp.return_path[pointer] = in_port;
		return out(smp.initial_path[++pointer]);
	}
	// 3: the directed part ends here.
	if (pointer == count) {
		if (count)
			smp.return_path[pointer] = in_port;
		pointer++;
		if (smp.dr_dlid.get() == wire::PERMISSIVE_LID)
			return {Action::AGENT, 0, 0};
		return {Action::LID, 0, smp.dr_dlid.get()};
	}
	// 4: it ended before, this is the end of the LID-routed part. 5: nonsense.
	return pointer == count + 1 ? DirectedStep{Action::AGENT, 0, 0} : DISCARD;
}

// C14-13: on the way back.
DirectedStep returning(Smp &smp)
{
	const u8 count = smp.header.hop_count;
	u8 &pointer = smp.header.hop_pointer;

	// 1 and 2: here begins the directed part, or it goes on.
	if (count && pointer >= 2 && pointer <= count + 1)
		return out(smp.return_path[--pointer]);
	// 3: it ends. A subnet manager on the switch itself does not exist.
	if (pointer == 1) {
		pointer--;
		if (smp.dr_slid.get() == wire::PERMISSIVE_LID)
			return DISCARD;
		return {Action::LID, 0, smp.dr_slid.get()};
	}
	return DISCARD;
}

} // namespace

DirectedStep directed_transit(Smp &smp, u8 in_port, bool lid_routed)
{
	// C14-6
	if (smp.header.hop_count >= Smp::MAX_HOPS)
		return DISCARD;
	if (!smp.is_returning())
		return outbound(smp, in_port, lid_routed);
	// Where an answer comes in by a directed route, it cannot begin one.
	if (!lid_routed && smp.header.hop_pointer > smp.header.hop_count)
		return DISCARD;
	return returning(smp);
}

DirectedStep directed_originate(Smp &smp)
{
	if (smp.header.hop_count >= Smp::MAX_HOPS)
		return DISCARD;
	return returning(smp);
}

} // namespace vib
