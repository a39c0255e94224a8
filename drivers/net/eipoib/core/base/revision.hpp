// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Revision: whether something has changed since. Any number of CPUs read and advance it at once.
#pragma once

#include "types.hpp"

namespace eipoib {

using namespace kxx;

class Revision {
public:
	// To be read before what it is about: who then sees a change late has an old number.
	u64 get() const
	{
		return __atomic_load_n(&number_, __ATOMIC_ACQUIRE);
	}

	// To be called after a change, before anything of what was there is freed: what was
	// concluded from it does not hold any more.
	void advance()
	{
		__atomic_fetch_add(&number_, 1, __ATOMIC_ACQ_REL);
	}

private:
	u64 number_ = 0;
};

} // namespace eipoib
