// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What a unit test can ask of the user-space platform of the eipoib core.
#pragma once

#include <cstddef>

namespace unit {

// Let @successes allocations succeed and every later one fail.
void fail_allocation_after(std::size_t successes);
void never_fail_allocation();

// End a grace period. Returns how many objects it freed.
std::size_t drain_deferred();

// Allocations that are not freed yet, deferred ones included.
std::size_t live_allocations();

} // namespace unit
