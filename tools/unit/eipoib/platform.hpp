// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What a unit test can ask of the user-space platform of the eipoib core.
#pragma once

#include "abi/types.h"

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace unit {

// Let @successes allocations succeed and every later one fail.
void fail_allocation_after(std::size_t successes);
void never_fail_allocation();

// End a grace period. Returns how many objects it freed.
std::size_t drain_deferred();

// Allocations that are not freed yet, deferred ones included.
std::size_t live_allocations();

// A call of eipoib_k_group_join() or eipoib_k_group_leave().
struct GroupCall {
	bool is_join;
	void *dev;
	std::string address; // 40 hex digits

	friend bool operator==(const GroupCall &, const GroupCall &) = default;
};

// The calls since the last take_group_calls(), in order.
std::vector<GroupCall> take_group_calls();

// The groups that @dev is joined to now.
std::set<std::string> joined_groups(void *dev);

// How many joins of what was joined and leaves of what was not there were.
std::size_t group_errors();

// Forget calls, groups and errors.
void reset_groups();

// What the core said by itself, in hex.
struct Sent {
	void *dev;
	std::string header; // 24 bytes
	std::string payload;
};

struct Delivered {
	u32 vlan;
	std::string frame;
};

struct LidQuery {
	void *dev;
	u32 qpn;
	u16 lid;

	friend bool operator==(const LidQuery &, const LidQuery &) = default;
};

// Since they were taken last, in order.
std::vector<Sent> take_sent();
std::vector<Delivered> take_delivered();
std::vector<LidQuery> take_lid_queries();
std::size_t take_releases();

// How often @note was counted since reset_calls().
std::size_t notes(eipoib_note note);

// "+48" for attach, "-48" for detach, "?48" for settle, "!48" for a change of the netdevice 0x48,
// since taken last.
std::vector<std::string> take_vif_calls();

// Whether anybody listens for MACs without a VIF.
void watch(bool on);

// Those MACs, ".3" behind them in VLAN 3, since taken last.
std::vector<std::string> take_reported();

// Let @ms pass.
void advance_clock(u32 ms);

// Forget all of the above but the time.
void reset_calls();

} // namespace unit
