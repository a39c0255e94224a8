// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Ports that get each other's LIDs. Look-ups by LID and by GID promise no common moment, so each
// LID and each GID is checked for itself.

#include "fibers.hpp"
#include "frames.hpp"
#include "history.hpp"
#include "linear.hpp"

#include "peers.hpp"

namespace races {

using namespace eipoib;

namespace {

constexpr u8 ports = 2;
constexpr u8 lids = 2; // 1 and 2
constexpr u8 nothing = 0xff;
constexpr wire::PartitionId partition = {0x7fff};
constexpr u8 qpn = 0x60;

// One LID: whose it is; or one GID: where it is.
struct Call {
	enum What : u8 { take, clear_others, clear_own, look };

	What what;
	u8 value;

	bool apply(u8 &state) const
	{
		switch (what) {
		case take:
			state = value;
			return true;
		case clear_others:
			if (state != nothing && state != value)
				state = nothing;
			return true;
		case clear_own:
			if (state == value)
				state = nothing;
			return true;
		default:
			return state == value;
		}
	}

	std::string text() const
	{
		static const char *const names[] = {"take", "clear others", "clear own", "look"};
		return std::string(names[what]) + " " + std::to_string(value);
	}
};

class Run {
public:
	explicit Run(u32 seed) : random_(seed * 40503u + 1), fibers_(seed)
	{
		table_.try_init(nullptr, 64, revision_);
	}

	~Run()
	{
		table_.destroy(ConfigUpdater::promised_by_caller());
	}

	bool has_order()
	{
		for (int fiber = 0; fiber < 3; fiber++)
			fibers_.add([this] {
				for (int i = 0; i < 6; i++)
					step();
			});
		fibers_.run();
		for (History<Call> &history : of_lid_) {
			wait_for_helpers(history);
			if (!is_linearizable(nothing, history))
				return false;
		}
		for (const History<Call> &history : of_port_)
			if (!is_linearizable(nothing, history))
				return false;
		return true;
	}

private:
	static RcuReader reader()
	{
		return RcuReader::promised_by_caller();
	}

	void step()
	{
		const u8 port = static_cast<u8>(random_() % ports);
		const u8 lid = static_cast<u8>(random_() % lids);
		const auto address = Peer{qpn, port, 0}.address();
		const u32 from = fibers_.moment();
		const Section section(fibers_);
		switch (random_() % 3) {
		case 0:
			table_.learn(reader(), partition, {static_cast<u16>(lid + 1)}, address,
				     true, true, 0);
			note_learnt(from, fibers_.moment(), port, lid);
			break;
		case 1: {
			const EndPoint *found = table_.find_source(reader(), partition, {qpn},
								   {static_cast<u16>(lid + 1)});
			const u8 whose =
				found ? static_cast<u8>(found->address_.gid_.interface_id_.get() &
							0xff)
				      : nothing;
			of_lid_[lid].push_back({from, fibers_.moment(), {Call::look, whose}});
			break;
		}
		default: {
			const EndPoint *found = table_.find_owner(reader(), partition, address);
			const u8 where = found && found->lid_.value
						 ? static_cast<u8>(found->lid_.value - 1)
						 : nothing;
			of_port_[port].push_back({from, fibers_.moment(), {Call::look, where}});
		}
		}
	}

	// An LID that changes hands is nobody's for a moment: a frame from there is one of a
	// stranger.
	void note_learnt(u32 from, u32 to, u8 port, u8 lid)
	{
		for (u8 other = 0; other < lids; other++) {
			if (other == lid) {
				of_lid_[lid].push_back({from, to, {Call::clear_others, port}});
				of_lid_[lid].push_back({from, to, {Call::take, port}});
			} else {
				of_lid_[other].push_back({from, to, {Call::clear_own, port}});
			}
		}
		for (u8 other = 0; other < ports; other++)
			of_port_[other].push_back(
				{from, to, {other == port ? Call::take : Call::clear_own, lid}});
	}

	// Whoever learns what another one is learning at the moment leaves the rest to it.
	static void wait_for_helpers(History<Call> &history)
	{
		for (auto &[from, to, call] : history)
			for (const auto &other : history)
				if (call.what == Call::clear_own && other.call.what == call.what &&
				    other.call.value == call.value && other.from < to &&
				    other.to > to)
					to = other.to;
	}

	std::minstd_rand random_;
	Fibers fibers_;
	Revision revision_;
	PeerTable table_{};
	History<Call> of_lid_[lids];
	History<Call> of_port_[ports];
};

} // namespace

bool check_lids(u32 seed)
{
	return Run(seed).has_order();
}

} // namespace races
