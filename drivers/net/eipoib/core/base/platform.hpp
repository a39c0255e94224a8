// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The kernel's primitives as C++ types: memory that is freed after a grace period, a lock guard,
// and the two witnesses that make an unlocked access fail to compile.
#pragma once

#include "abi/kernel.h"
#include "types.hpp"

#include <type_traits>

namespace eipoib {

using namespace kxx;

// Proof that the caller is inside an RCU read-side section. Built once, by the ABI entry point.
class RcuReader {
public:
	// CONTRACT: abi/core.h says that packet calls come inside a read-side section.
	static RcuReader promised_by_caller()
	{
		return {};
	}

private:
	RcuReader() = default;
};

// Proof that the caller is the only one who changes what it is about to change.
class Updater {
protected:
	Updater() = default;
};

// The proof of config calls.
class ConfigUpdater : public Updater {
public:
	// CONTRACT: abi/core.h says that config calls come one at a time.
	static ConfigUpdater promised_by_caller()
	{
		return {};
	}

private:
	ConfigUpdater() = default;
};

// Holds a lock, and is the proof of holding it.
class LockGuard : public Updater {
public:
	explicit LockGuard(eipoib_k_lock *lock) : lock_(lock)
	{
		eipoib_k_lock_acquire(lock_);
	}

	~LockGuard()
	{
		eipoib_k_lock_release(lock_);
	}

	LockGuard(const LockGuard &) = delete;
	LockGuard &operator=(const LockGuard &) = delete;

private:
	eipoib_k_lock *lock_;
};

enum class Context : bool { packet = false, config = true };

// A zeroed and default-initialised T, or nullptr. T is trivially destructible: nothing but its
// memory goes when it is freed.
template <typename T> T *try_create(Context context)
{
	static_assert(std::is_trivially_destructible_v<T>);
	return static_cast<T *>(eipoib_k_alloc(sizeof(T), context == Context::config));
}

// Free @object, which starts with its Deferred, once no reader can see it any more.
template <typename T> void free_deferred(T *object)
{
	static_assert(__builtin_offsetof(T, deferred_) == 0);
	eipoib_k_free_deferred(&object->deferred_);
}

} // namespace eipoib
