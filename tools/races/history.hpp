// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Is what concurrent calls returned what they return in some order, one after the other, that puts
// none before one that had ended when it began? By search, as Wing and Gong (1993), with the states
// that led nowhere remembered, as Lowe (2017).
#pragma once

#include "abi/types.h"

#include <cstdio>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace races {

template <typename Call> struct Entry {
	u32 from;
	u32 to;
	Call call;
};

template <typename Call> using History = std::vector<Entry<Call>>;

// State: copied, compared with <; Call::apply(State &) carries the call out and says whether it
// returns there what it returned.
template <typename State, typename Call> class OrderSearch {
public:
	explicit OrderSearch(const History<Call> &history) : history_(history)
	{
	}

	bool finds_order(const State &state, u64 done = 0)
	{
		if (done == (u64{1} << history_.size()) - 1)
			return true;
		if (!seen_.insert({done, state}).second)
			return false;
		const u32 limit = first_end(done);
		for (std::size_t i = 0; i < history_.size(); i++) {
			if (done >> i & 1 || history_[i].from > limit)
				continue;
			State next = state;
			if (history_[i].call.apply(next) && finds_order(next, done | u64{1} << i))
				return true;
		}
		return false;
	}

private:
	// Of those that are not done. What begins later must wait for it.
	u32 first_end(u64 done) const
	{
		u32 end = ~u32{0};
		for (std::size_t i = 0; i < history_.size(); i++)
			if (!(done >> i & 1) && history_[i].to < end)
				end = history_[i].to;
		return end;
	}

	const History<Call> &history_;
	std::set<std::pair<u64, State>> seen_;
};

// If there is none, what was called when is printed.
template <typename State, typename Call>
bool is_linearizable(const State &start, const History<Call> &history)
{
	if (OrderSearch<State, Call>(history).finds_order(start))
		return true;
	for (const auto &[from, to, call] : history)
		std::printf("%3u..%3u %s\n", from, to, call.text().c_str());
	return false;
}

} // namespace races
