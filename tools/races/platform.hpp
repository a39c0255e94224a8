// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// abi/kernel.h for many threads: liburcu is the RCU, and ThreadSanitizer is told what it orders.
#pragma once

#include "abi/types.h"

#include <cstddef>
#include <optional>

namespace races {

// A thread that calls the core. It registers itself with RCU.
class Caller {
public:
	Caller();
	~Caller();
	Caller(const Caller &) = delete;
	Caller &operator=(const Caller &) = delete;
};

// A read-side section.
class ReadSide {
public:
	ReadSide();
	~ReadSide();
	ReadSide(const ReadSide &) = delete;
	ReadSide &operator=(const ReadSide &) = delete;
};

// Wait until every reader of now is done; and until what waits for that is freed.
void synchronize();
void wait_for_callbacks();

std::size_t live_allocations();

// Joins of what was joined, and leaves of what was not.
std::size_t group_errors();
std::size_t joined_groups();

// What eipoib_k_query_lid() was asked and nobody has answered.
struct Query {
	void *dev;
	u32 qpn;
	u16 lid;
};

std::optional<Query> take_query();

// Whether the core wanted held frames to be planned again since it was asked last.
bool take_release();

// What the core said by itself: frames sent, delivered and reported.
std::size_t said();

[[noreturn]] void fail(const char *what);

inline void must(bool holds, const char *what)
{
	if (!holds)
		fail(what);
}

} // namespace races
