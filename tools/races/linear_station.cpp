// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// One MAC and three end points that may have it: what any of them says and does, and what an
// administrator says, against three words of state.

#include "fibers.hpp"
#include "frames.hpp"
#include "history.hpp"
#include "linear.hpp"

#include "peers.hpp"

namespace races {

using namespace eipoib;

namespace {

constexpr u8 end_points = 3;
constexpr u8 nobody = end_points;
constexpr wire::PartitionId partition = {0x7fff};
constexpr MacAddress mac = mac_of(1);

struct State {
	StationKind kind = StationKind::wanted; // there is none
	u8 owner = nobody;
	u8 said = 0; // bit N: end point N is shown under the MAC

	auto operator<=>(const State &) const = default;

	bool has_said(u8 who) const
	{
		return said >> who & 1;
	}

	void lead_to(u8 who, StationKind how)
	{
		owner = who;
		kind = how;
	}

	void vanish()
	{
		hide(owner);
		lead_to(nobody, StationKind::wanted);
	}

	void hide(u8 who)
	{
		said = static_cast<u8>(said & ~(1u << who));
	}
};

struct Call {
	enum What : u8 {
		announce,
		transparent,
		client,
		reclaim,
		fix,
		forget,
		look,
		claimed,
		count
	};

	What what;
	u8 who;
	u8 result = 0;

	bool apply(State &state) const
	{
		const bool is_fixed = state.kind == StationKind::fixed;
		switch (what) {
		case announce:
			if (is_fixed && state.owner != who)
				break;
			state.said = static_cast<u8>(state.said | 1u << who);
			if (!is_fixed)
				state.lead_to(who, StationKind::announced);
			break;
		case transparent:
			if (!is_fixed &&
			    !(state.owner == who && state.kind == StationKind::announced))
				state.lead_to(who, state.has_said(who) ? StationKind::announced
								       : StationKind::transparent);
			break;
		case client:
			if (state.kind <= StationKind::client)
				state.lead_to(who, StationKind::client);
			break;
		case reclaim:
			if (state.owner != nobody && !is_fixed)
				state.vanish();
			break;
		case fix:
			if (state.owner != nobody && state.owner != who)
				state.hide(state.owner);
			state.lead_to(who, StationKind::fixed);
			break;
		case forget:
			return apply_forget(state);
		case look:
			return result == state.owner;
		case claimed:
			return result == (state.kind == StationKind::announced ||
					  state.kind == StationKind::transparent);
		case count:
			break;
		}
		return true;
	}

	std::string text() const
	{
		static const char *const names[] = {"announce", "transparent", "client", "reclaim",
						    "fix",	"forget",      "look",	 "claimed"};
		return std::string(names[what]) + " " + std::to_string(who) + ": " +
		       std::to_string(result);
	}

private:
	bool apply_forget(State &state) const
	{
		if (result != (state.owner != nobody))
			return false;
		if (state.kind == StationKind::fixed && state.has_said(state.owner))
			state.kind = StationKind::announced;
		else if (state.owner != nobody)
			state.vanish();
		return true;
	}
};

constexpr Peer peer_of(u8 who)
{
	return {static_cast<u8>(0x60 + who), who, static_cast<u8>(1 + who)};
}

class Run {
public:
	explicit Run(u32 seed) : random_(seed * 40503u + 1), fibers_(seed)
	{
		table_.try_init(nullptr, 64, revision_);
		for (u8 who = 0; who < end_points; who++)
			table_.learn(reader(), partition, {peer_of(who).lid},
				     peer_of(who).address(), true, true, 0);
	}

	~Run()
	{
		table_.destroy(config());
	}

	bool has_order()
	{
		for (int fiber = 0; fiber < 3; fiber++)
			fibers_.add([this, fiber] {
				for (int i = 0; i < 8; i++)
					step(fiber == 0);
			});
		fibers_.run();
		return is_linearizable(State{}, history_);
	}

private:
	static RcuReader reader()
	{
		return RcuReader::promised_by_caller();
	}

	static ConfigUpdater config()
	{
		return ConfigUpdater::promised_by_caller();
	}

	// Only one fiber configures.
	void step(bool may_configure)
	{
		Call call = {.what = static_cast<Call::What>(random_() % Call::count),
			     .who = static_cast<u8>(random_() % end_points)};
		if (!may_configure && (call.what == Call::fix || call.what == Call::forget))
			call.what = Call::look;
		const u32 from = fibers_.moment();
		{
			const Section section(fibers_);
			call.result = carry_out(call);
		}
		history_.push_back({.from = from, .to = fibers_.moment(), .call = call});
	}

	u8 carry_out(const Call &call)
	{
		EndPoint *who = table_.find_owner(reader(), partition, peer_of(call.who).address());
		switch (call.what) {
		case Call::announce:
			table_.announce(reader(), *who, mac, true, 0);
			return 0;
		case Call::transparent:
			table_.see_transparent(reader(), *who, mac, 0);
			return 0;
		case Call::client:
			table_.see_client(reader(), *who, mac, 0);
			return 0;
		case Call::reclaim:
			table_.reclaim(reader(), partition, mac);
			return 0;
		case Call::fix:
			table_.fix(config(), partition, mac, peer_of(call.who).address(), false, 0);
			return 0;
		case Call::forget:
			return table_.forget(config(), partition, mac) == PeerTable::Forgotten::yes;
		case Call::claimed:
			return table_.is_claimed(partition, mac);
		default:
			return look();
		}
	}

	u8 look() const
	{
		const EndPoint *owner = table_.peek(reader(), partition, mac).end_point;
		return owner ? static_cast<u8>(owner->address_.qpn().value - peer_of(0).qpn)
			     : nobody;
	}

	std::minstd_rand random_;
	Fibers fibers_;
	Revision revision_;
	PeerTable table_{};
	History<Call> history_;
};

} // namespace

bool check_station(u32 seed)
{
	return Run(seed).has_order();
}

} // namespace races
