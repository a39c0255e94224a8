// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The state of one PIF, and the two planners that decide on its frames.
#pragma once

#include <optional>

#include "peers.hpp"
#include "vif.hpp"

// The opaque type of abi/core.h.
struct eipoib_core {
	eipoib::VifTable vifs_;
	eipoib::PeerTable peers_;
};

namespace eipoib {

using Core = ::eipoib_core;

// A planner's answer: what it wrote into the plan is valid, or the frame is dropped.
enum class Verdict : u8 { drop = EIPOIB_DROP, forward = EIPOIB_FORWARD, rewrite = EIPOIB_REWRITE };

struct Decision {
	Verdict verdict;
	eipoib_reason reason;

	static constexpr Decision drop(eipoib_reason reason)
	{
		return {Verdict::drop, reason};
	}

	static constexpr Decision forward()
	{
		return {Verdict::forward, EIPOIB_REASON_COUNT};
	}

	static constexpr Decision rewrite()
	{
		return {Verdict::rewrite, EIPOIB_REASON_COUNT};
	}
};

// Why a frame is to be dropped, if it is.
using Objection = std::optional<eipoib_reason>;

Decision plan_tx(const RcuReader &reader, const Core &core, const eipoib_tx_frame &frame,
		 eipoib_tx_plan &plan);

Decision plan_rx(const RcuReader &reader, Core &core, const Vif &vif, const eipoib_rx_frame &frame,
		 eipoib_rx_plan &plan);

} // namespace eipoib
