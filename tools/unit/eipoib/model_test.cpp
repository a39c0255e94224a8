// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Random events against a model of the tables that is a few maps: where each MAC leads, and under
// which each peer is shown. Nothing is forgotten here, and no LID changes hands.

#include "peer_fixture.hpp"

#include <map>
#include <random>

namespace unit {
namespace {

class Model : public PeerFixture {
protected:
	static constexpr u32 peer_count = 8;
	static constexpr u32 mac_count = 12;

	Model()
	{
		max_peers_ = 64;
	}

	static Peer peer(u32 i)
	{
		return {0x50 + i / 2, 0xc00 + i, static_cast<u16>(i + 1)};
	}

	static std::string mac(u32 i)
	{
		return hex(0x525400000100 + i, 12);
	}

	struct Known {
		std::string mac; // announced, or empty
		bool is_seen = false;
		bool takes_transparent = false;
	};

	struct Place {
		u32 peer;
		bool is_announced;
	};

	void do_announce(u32 from, u32 what, bool takes_transparent)
	{
		Known &known = peers_[from];
		if (!known.mac.empty() && known.mac != mac(what)) {
			const auto old = places_.find(known.mac);
			if (old != places_.end() && old->second.peer == from)
				places_.erase(old);
		}
		known = {mac(what), true, takes_transparent};
		places_[mac(what)] = {from, true};
		EXPECT_EQ(announce(peer(from), mac(what), takes_transparent ? teb : 0), "consume");
	}

	void do_transparent(u32 from, u32 what)
	{
		Known &known = peers_[from];
		known.is_seen = true;
		known.takes_transparent = true;
		const auto place = places_.find(mac(what));
		const bool is_its_own = place != places_.end() && place->second.peer == from &&
					place->second.is_announced;
		if (!is_its_own)
			places_[mac(what)] = {from, known.mac == mac(what)};
		EXPECT_EQ(transparent(peer(from), mac(what)), "forward");
	}

	void do_arp(u32 from)
	{
		peers_[from].is_seen = true;
		EXPECT_EQ(arp(peer(from)), "rewrite");
	}

	void expect_way(u32 what)
	{
		const auto plan = tx(ipv4_to(mac(what)));
		if (plan.verdict == EIPOIB_HOLD)
			eipoib_tx_released(core_, plan.held);
		const auto place = places_.find(mac(what));
		if (place == places_.end()) {
			EXPECT_TRUE(way(plan) == "flooded" || way(plan) == "hold") << way(plan);
			return;
		}
		// The flags of an address that only a GRH told are not known.
		const std::string address = peer(place->second.peer).address().substr(2);
		if (place->second.is_announced) {
			EXPECT_EQ(way(plan).substr(2), address);
		} else if (peers_[place->second.peer].takes_transparent) {
			EXPECT_EQ(way(plan).substr(0, 4), "teb ");
			EXPECT_EQ(way(plan).substr(6), address);
		} else {
			EXPECT_EQ(way(plan), "tx_teb_plain");
		}
	}

	void expect_source(u32 from)
	{
		const Known &known = peers_[from];
		EXPECT_EQ(source_of(peer(from)),
			  known.mac.empty() ? peer(from).remac() : known.mac);
	}

	void expect_remac(u32 to)
	{
		if (peers_[to].is_seen) {
			EXPECT_EQ(way(tx(ipv4_to(peer(to).remac()))).substr(2),
				  peer(to).address().substr(2));
		}
	}

	// What the glue does with held frames.
	void replay()
	{
		std::vector<std::string> waiting;
		for (const std::string &to : held_) {
			const auto plan = tx(ipv4_to(to), {.is_held = true});
			if (plan.verdict == EIPOIB_HOLD)
				waiting.push_back(to);
			else
				eipoib_tx_released(core_, plan.held);
		}
		held_ = waiting;
	}

	std::vector<std::string> held_;
	std::map<u32, Known> peers_;
	std::map<std::string, Place> places_;
};

TEST_F(Model, the_tables_agree_with_it)
{
	std::mt19937 random(4391);
	const auto below = [&](u32 limit) { return static_cast<u32>(random() % limit); };
	for (int step = 0; step < 5000 && !HasFailure(); step++) {
		SCOPED_TRACE(step);
		const u32 who = below(peer_count);
		const u32 what = below(mac_count);
		switch (below(8)) {
		case 0:
			do_announce(who, what, below(4));
			break;
		case 1:
			do_transparent(who, what);
			break;
		case 2:
			do_arp(who);
			break;
		case 3:
			expect_source(who);
			break;
		case 4:
			expect_remac(who);
			break;
		default:
			expect_way(what);
		}
		advance_clock(below(100));
		reset_calls();
		drain_deferred();
	}
}

// The same events with peers that move about, few places in the tables and little memory: the
// sanitizers watch, every frame has a verdict, and all memory comes back.
TEST_F(Model, nothing_breaks_under_pressure)
{
	std::mt19937 random(4755);
	const auto below = [&](u32 limit) { return static_cast<u32>(random() % limit); };
	for (int step = 0; step < 20000; step++) {
		Peer from = peer(below(peer_count));
		from.lid = static_cast<u16>(1 + below(5));
		const std::string some_mac =
			below(3) ? mac(below(mac_count))
				 : from.remac(static_cast<u8>(2 + 4 * below(4)));
		if (below(16) == 0)
			fail_allocation_after(below(4));
		switch (below(8)) {
		case 0:
			announce(from, some_mac, static_cast<u8>(below(4)), some_mac);
			break;
		case 1:
			transparent(from, some_mac, mac_of_vif);
			break;
		case 2:
			arp(from, below(2) ? "" : announcement(teb, some_mac), below(2));
			break;
		case 3:
			source_of(from);
			break;
		case 4: {
			const Bytes whose = from_hex(gid(from.guid));
			eipoib_core_answer_lid(core_, vif_, from.qpn, from.lid, whose.data());
			break;
		}
		case 5:
			eipoib_core_tick(core_);
			break;
		default: {
			const auto plan = tx(ipv4_to(some_mac, below(2) ? 34 : 2058));
			EXPECT_NE(outcome(plan), "no verdict");
			if (plan.verdict == EIPOIB_HOLD)
				held_.push_back(some_mac);
		}
		}
		never_fail_allocation();
		advance_clock(below(64) ? below(40) : 100'000);
		if (below(8) == 0)
			replay();
		reset_calls();
		if (below(4) == 0)
			drain_deferred();
	}
	advance_clock(10'000);
	replay();
	advance_clock(200);
	replay();
	EXPECT_EQ(held_, std::vector<std::string>{});

	// Nothing is counted as held any more.
	announce(peer(0), mac(0));
	EXPECT_EQ(way_to(mac(0)), peer(0).address());
}

} // namespace
} // namespace unit
