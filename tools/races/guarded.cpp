// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What -Wthread-safety must refuse: reads of guarded members without a lock, with UNLOCKED, and
// with another one than theirs, with WRONG. Without these it is right.
#include "base/platform.hpp"

namespace eipoib {

class Table {
public:
	u32 count(const Lock &other) const
	{
#if defined(UNLOCKED)
		static_cast<void>(other);
#elif defined(WRONG)
		LockGuard guard(other);
#else
		static_cast<void>(other);
		LockGuard guard(lock_);
#endif
		return count_;
	}

private:
	Lock lock_;
	u32 count_ EIPOIB_GUARDED_BY(lock_) = 0;
};

u32 count(const Table &table, const Lock &other)
{
	return table.count(other);
}

} // namespace eipoib
