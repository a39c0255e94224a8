// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Translated unicast frames from ethX that go the way of those before them.
#pragma once

#include "inspect.hpp"
#include "tx_work.hpp"

namespace eipoib {

// @head: at least an Ethernet header. What the planner makes of a frame depends on both MACs, on
// the VLAN, where priority tags and none are the same, and on the ethertype.
[[gnu::always_inline]] inline FlowKey tx_flow_key(const u8 *head, u32 tci)
{
	u64 first;
	u32 middle;
	u16 last;
	__builtin_memcpy(&first, head, sizeof(first));
	__builtin_memcpy(&middle, head + sizeof(first), sizeof(middle));
	__builtin_memcpy(&last, head + sizeof(first) + sizeof(middle), sizeof(last));
	static_assert(sizeof(first) + sizeof(middle) + sizeof(last) ==
		      sizeof(wire::EthernetHeader));
	return {first, middle | u64{last} << 32 | u64{tci & 0xfff} << 48};
}

[[gnu::cold]] inline void use_tx_flow(Flow &flow, u32 now)
{
	flow.used_.set(now);
	if (flow.course_.station)
		flow.course_.station->used_.set(now);
	flow.course_.end_point->used_.set(now);
}

// The arguments are those of eipoib_tx_find_flow().
[[gnu::always_inline]] inline const Flow *find_tx_flow(const RcuReader &reader, const Core &core,
						       ByteView head, u32 length, u32 tci, u32 now)
{
	const u64 revision = core.revision_.get();
	if (head.size() < sizeof(wire::EthernetHeader) ||
	    !is_plain(ethertype_at(head.data() +
				   __builtin_offsetof(wire::EthernetHeader, ethertype_)),
		      head.from(sizeof(wire::EthernetHeader))))
		return nullptr;
	Flow *flow = core.tx_flows_.find(reader, tx_flow_key(head.data(), tci), revision);
	if (!flow || length > flow->course_.length_max)
		return nullptr;
	if (flow->used_.get() != now) [[unlikely]]
		use_tx_flow(*flow, now);
	return flow;
}

// The planner found that @work's frame, translated and unicast, goes to @route.
[[gnu::cold]] inline void remember_tx_flow(TxWork &work, const Route &route)
{
	// What still has to be done with the next frame is done by the planner.
	if (work.frame.is_held || work.binding->vif_->attention())
		return;
	Course course = {.flow = {.dev = work.binding->vif_->dev_, .header = {}, .vlan = 0},
			 .length_max = work.mtu_to(*route.end_point) +
				       static_cast<u32>(sizeof(wire::EthernetHeader)),
			 .station = route.station,
			 .end_point = route.end_point};
	__builtin_memcpy(course.flow.header, work.plan.header, sizeof(course.flow.header));
	work.core.tx_flows_.remember(work.reader,
				     tx_flow_key(work.head.data(), work.frame.vlan_tci), course,
				     work.revision, work.now);
}

} // namespace eipoib
