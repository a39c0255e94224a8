// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The state of one PIF, and the two planners that decide on its frames.
#pragma once

#include <optional>

#include "flow.hpp"
#include "groups.hpp"
#include "lid_queries.hpp"
#include "peers.hpp"
#include "strangers.hpp"
#include "vif.hpp"

// The opaque type of abi/core.h.
struct eipoib_core {
	void *pif_; // the glue's
	// Of all that planners look at. Every frame reads from here to the flows.
	eipoib::Revision revision_;
	eipoib::FlowTable tx_flows_;
	eipoib::FlowTable rx_flows_;
	eipoib::GroupTable groups_;
	eipoib::VifTable vifs_;
	eipoib::PeerTable peers_;
	eipoib::LidQueries lid_queries_;
	eipoib::Strangers strangers_;
};

namespace eipoib {

using Core = ::eipoib_core;

// A planner's answer: what it wrote into the plan is valid, or the frame is dropped.
enum class Verdict : u8 {
	drop = EIPOIB_DROP,
	forward = EIPOIB_FORWARD,
	rewrite = EIPOIB_REWRITE,
	hold = EIPOIB_HOLD,
	segment = EIPOIB_SEGMENT,
	consume = EIPOIB_CONSUME,
	fragment = EIPOIB_FRAGMENT,
};

struct Decision {
	Verdict verdict;
	u8 reason = EIPOIB_REASON_COUNT; // eipoib_reason, as narrow as in the plans

	constexpr Decision(Verdict what) : verdict(what)
	{
	}

	static constexpr Decision drop(eipoib_reason why)
	{
		Decision decision(Verdict::drop);
		decision.reason = static_cast<u8>(why);
		return decision;
	}
};

// Why a frame is to be dropped, if it is.
using Objection = std::optional<eipoib_reason>;

// @payload: where to write the new payload, or nullptr if it is not known yet that there is one.
inline Decision plan_tx(const RcuReader &reader, Core &core, const eipoib_tx_frame &frame,
			eipoib_tx_plan &plan, u8 *payload);

void snoop_tx(const RcuReader &reader, Core &core, const eipoib_tx_frame &frame);

inline Decision plan_rx(const RcuReader &reader, Core &core, const Vif &vif,
			const eipoib_rx_frame &frame, eipoib_rx_plan &plan, u8 *payload);

// The SA says that the port with @lid has @gid.
void answer_lid(const RcuReader &reader, Core &core, const Vif &vif, wire::Qpn qpn, wire::Lid lid,
		const wire::Gid &gid);

} // namespace eipoib
