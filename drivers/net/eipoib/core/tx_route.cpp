// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Where a frame from ethX goes: to a known station, to all, or nowhere yet.

#include "say.hpp"
#include "too_big.hpp"
#include "tx_work.hpp"

namespace eipoib {

namespace {

// Each segment is to fit with its Ethernet header.
Decision segment_transparent(TxWork &work, u32 mtu)
{
	work.plan.mtu = without_ethernet(mtu);
	return Verdict::segment;
}

} // namespace

Decision send_transparent(TxWork &work, const EndPoint *end_point)
{
	if (end_point && !end_point->identity().takes_transparent())
		return Decision::drop(EIPOIB_REASON_TX_TEB_PLAIN);
	const u32 mtu = end_point ? work.mtu_to(*end_point) : work.binding->vif_->short_mtu();
	if (work.frame.is_gso)
		return segment_transparent(work, mtu);
	work.plan.pull = 0;
	work.plan.flags = EIPOIB_PLAN_TEB;
	if (end_point)
		work.write_header(*end_point, wire::ethertype_teb);
	else
		work.write_header(wire::broadcast_address(work.partition()), wire::ethertype_teb);
	if (work.frame.len > mtu)
		return plan_too_big(work, without_ethernet(mtu), EIPOIB_REASON_TX_TEB_GIANT);
	return Verdict::forward;
}

namespace {

Decision hold(TxWork &work, Station *station)
{
	work.plan.held = station;
	return Verdict::hold;
}

// Ask all who has the MAC. A plain peer does not answer and takes no flooded frame either, so one
// that may go to it by its REMAC is kept for the SA to answer; others may get a copy meanwhile.
Decision ask(TxWork &work, Station *station, bool can_be_flooded)
{
	if (!can_be_flooded) {
		send_announcement(*work.binding, wire::broadcast_address(work.partition()),
				  wire::Announcement::request, work.ethernet.destination_);
		return hold(work, station);
	}
	eipoib_k_count(work.core.pif_, EIPOIB_NOTE_TX_FLOODED);
	send_transparent(work, nullptr);
	work.plan.flags |= EIPOIB_PLAN_FLOOD;
	return hold(work, station);
}

// To a MAC that nobody is known to have.
Decision plan_unknown(TxWork &work)
{
	const wire::MacAddress &to = work.ethernet.destination_;
	if (work.core.vifs_.find(work.reader, to, work.vlan))
		return Decision::drop(EIPOIB_REASON_TX_OWN);

	const bool can_be_flooded = !work.frame.is_gso && work.fits_transparent();
	const bool may_be_remac = wire::looks_like_remac(to);
	const Search search =
		work.core.peers_.search(work.reader, work.partition(), to, work.frame.is_held,
					can_be_flooded, !may_be_remac, work.now);
	if (work.frame.is_held)
		work.plan.held = search.station;
	if (search.is_first && may_be_remac) {
		const wire::RemacParts parts = wire::remac_parts(to);
		eipoib_k_query_lid(work.binding->vif_->dev_, parts.qpn.value, parts.lid.value);
	}
	switch (search.way) {
	case Way::ask:
		return ask(work, search.station, can_be_flooded);
	case Way::hold:
		return hold(work, search.station);
	case Way::full:
		return Decision::drop(EIPOIB_REASON_TX_HOLD);
	case Way::flood:
		if (work.frame.is_flooded)
			return Verdict::consume;
		eipoib_k_count(work.core.pif_, EIPOIB_NOTE_TX_FLOODED);
		return send_transparent(work, nullptr);
	case Way::giveup:
		// Its segments can be short enough to be flooded.
		if (work.frame.is_gso)
			return segment_transparent(work, work.binding->vif_->short_mtu());
		break;
	case Way::known: // and forgotten again since then
		break;
	}
	return Decision::drop(EIPOIB_REASON_TX_UNRESOLVED);
}

} // namespace

std::optional<Decision> find_route_slowly(TxWork &work, Route &route)
{
	const wire::MacAddress &to = work.ethernet.destination_;
	PeerTable &peers = work.core.peers_;
	if (!route.end_point) {
		const Decision decision = plan_unknown(work);
		if (decision.verdict != Verdict::drop ||
		    decision.reason != EIPOIB_REASON_TX_UNRESOLVED)
			return decision;
		// It may have become known just now.
		route = peers.find(work.reader, work.partition(), to, work.now);
		if (!route.end_point)
			return decision;
	}
	if (!route.station)
		return {};
	if (work.frame.is_held) {
		work.plan.held = route.station;
		// Its owner has had the copy.
		if (work.frame.is_flooded && route.station->is_first_hand())
			return Verdict::consume;
	} else if (peers.is_holding(*route.station)) {
		if (!peers.hold(*route.station))
			return Decision::drop(EIPOIB_REASON_TX_HOLD);
		return hold(work, route.station);
	}
	return {};
}

Decision plan_transparent(TxWork &work)
{
	if (work.ethernet.destination_.is_group())
		return send_transparent(work, nullptr);
	Route route;
	if (auto decision = find_route(work, route))
		return *decision;
	return send_transparent(work, route.end_point);
}

} // namespace eipoib
