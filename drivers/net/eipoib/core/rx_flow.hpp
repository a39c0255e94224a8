// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Translated unicast frames from the fabric that come from where those before them came.
#pragma once

#include "inspect.hpp"
#include "rx_work.hpp"
#include "say.hpp"

namespace eipoib {

// All of the link header but the GID: the flags, the source queue pair and LID, and the ethertype.
[[gnu::always_inline]] inline FlowKey rx_flow_key(const Vif &vif, const u8 *link)
{
	u32 source, rest;
	__builtin_memcpy(&source, link, sizeof(source));
	__builtin_memcpy(&rest, link + sizeof(wire::IpoibRxHeader) - sizeof(rest), sizeof(rest));
	return {reinterpret_cast<u64>(&vif), source | u64{rest} << 32};
}

// What was sent with a GRH, or by a connection, says itself who sent it.
[[gnu::noinline]] inline bool is_of_gid(const EndPoint &sender, const u8 *link)
{
	wire::IpoibRxHeader header;
	__builtin_memcpy(&header, link, sizeof(header));
	return sender.address_.gid_ == header.source_gid_;
}

// A frame that tells nothing of its sender: who is it?
inline void ask_stranger(const Binding &binding, EndPoint *sender, u32 now)
{
	if (sender && !sender->identity().is_announced())
		ask_peer(binding, *sender, now);
}

[[gnu::cold]] inline void use_rx_flow(const RcuReader &reader, const Vif &vif, Flow &flow, u32 now)
{
	EndPoint *sender = flow.course_.end_point;
	flow.used_.set(now);
	sender->used_.set(now);
	sender->heard_.set(now);
	if (const Binding *binding = vif.binding_.load(reader))
		ask_stranger(*binding, sender, now);
}

// The arguments are those of eipoib_rx_find_flow().
[[gnu::always_inline]] inline const Flow *find_rx_flow(const RcuReader &reader, const Core &core,
						       const Vif &vif, const u8 *link,
						       ByteView head, u32 length, u32 now)
{
	const u64 revision = core.revision_.get();
	if (!is_plain(ethertype_at(link + __builtin_offsetof(wire::IpoibRxHeader, ethertype_)),
		      head))
		return nullptr;
	Flow *flow = core.rx_flows_.find(reader, rx_flow_key(vif, link), revision);
	if (!flow || length > flow->course_.length_max ||
	    (wire::IpoibRxHeader::has_grh(*link) && !is_of_gid(*flow->course_.end_point, link)))
		return nullptr;
	if (flow->used_.get() != now) [[unlikely]]
		use_rx_flow(reader, vif, *flow, now);
	return flow;
}

// The planner found that @work's frame, translated and unicast, is for the guest of @work's VIF.
[[gnu::cold]] inline void remember_rx_flow(RxWork &work)
{
	if (!work.sender)
		return;
	Course course = {.flow = {.dev = nullptr, .header = {}, .vlan = work.plan.vlan},
			 .length_max = work.vif.mtu(),
			 .station = nullptr,
			 .end_point = work.sender};
	__builtin_memcpy(course.flow.header, work.plan.header, sizeof(work.plan.header));
	work.core.rx_flows_.remember(work.reader, rx_flow_key(work.vif, work.frame.link), course,
				     work.revision, work.now);
}

} // namespace eipoib
