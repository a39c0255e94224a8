// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Frames that wait for two MACs nobody has shown: each is counted until it is let go, no matter who
// else holds or lets go, and no more than may be wait for one.

#include "fibers.hpp"
#include "frames.hpp"
#include "history.hpp"
#include "linear.hpp"

#include "peers.hpp"

#include <array>

namespace races {

using namespace eipoib;

namespace {

constexpr u8 macs = 2;
constexpr u32 held_for_one_max = 128;
constexpr wire::PartitionId partition = {0x7fff};

using State = std::array<u32, macs>; // how many wait

struct Call {
	enum What : u8 { hold, release, look };

	What what;
	u8 mac;
	bool result;

	bool apply(State &state) const
	{
		u32 &held = state[mac];
		switch (what) {
		case hold:
			if (result != (held < held_for_one_max))
				return false;
			held += result;
			return true;
		case release:
			held--;
			return true;
		default:
			return result == (held > 0);
		}
	}

	std::string text() const
	{
		static const char *const names[] = {"hold", "release", "look"};
		return std::string(names[what]) + " " + std::to_string(mac) + ": " +
		       std::to_string(result);
	}
};

class Run {
public:
	// Every other run begins with a full queue.
	explicit Run(u32 seed) : random_(seed * 40503u + 1), fibers_(seed)
	{
		table_.try_init(nullptr, 64, revision_);
		for (u8 mac = 0; mac < macs; mac++) {
			station_[mac] = search(mac).station;
			table_.release(station_[mac]);
		}
		for (u32 i = 0; seed % 2 && i < held_for_one_max - 1; i++)
			start_[0] += search(0).way == Way::hold;
	}

	~Run()
	{
		table_.destroy(ConfigUpdater::promised_by_caller());
	}

	bool has_order()
	{
		for (int fiber = 0; fiber < 3; fiber++)
			fibers_.add([this] {
				State own = {};
				for (int i = 0; i < 7; i++)
					step(own);
			});
		fibers_.run();
		return is_linearizable(start_, history_);
	}

private:
	eipoib::Search search(u8 mac)
	{
		return table_.search(RcuReader::promised_by_caller(), partition, mac_of(mac), false,
				     false, false, 0);
	}

	// Only what it holds itself does a fiber let go.
	void step(State &own)
	{
		Call call = {.what = static_cast<Call::What>(random_() % 3),
			     .mac = static_cast<u8>(random_() % macs),
			     .result = true};
		if (call.what == Call::release && !own[call.mac])
			call.what = Call::look;
		const u32 from = fibers_.moment();
		const Section section(fibers_);
		switch (call.what) {
		case Call::hold:
			call.result = search(call.mac).way != Way::full;
			own[call.mac] += call.result;
			break;
		case Call::release:
			table_.release(station_[call.mac]);
			own[call.mac]--;
			break;
		default:
			call.result = table_.is_holding(*station_[call.mac]);
		}
		history_.push_back({from, fibers_.moment(), call});
	}

	std::minstd_rand random_;
	Fibers fibers_;
	Revision revision_;
	PeerTable table_{};
	Station *station_[macs];
	State start_ = {};
	History<Call> history_;
};

} // namespace

bool check_holds(u32 seed)
{
	return Run(seed).has_order();
}

} // namespace races
