// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// RcuPtr: a pointer that readers follow while an updater exchanges it. What it pointed to is
// given to free_deferred().
#pragma once

#include "platform.hpp"

namespace eipoib {

template <typename T> class RcuPtr {
public:
	// For readers. Pairs with store(): the pointed-to object is seen as it was published.
	T *load(const RcuReader &) const
	{
		return __atomic_load_n(&pointer_, __ATOMIC_ACQUIRE);
	}

	// For the updater, who published it.
	T *load(const Updater &) const
	{
		return __atomic_load_n(&pointer_, __ATOMIC_RELAXED);
	}

	// Publish @value. Pairs with load().
	void store(const Updater &, T *value)
	{
		__atomic_store_n(&pointer_, value, __ATOMIC_RELEASE);
	}

private:
	T *pointer_ = nullptr;
};

} // namespace eipoib
