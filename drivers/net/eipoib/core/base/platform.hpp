// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The kernel's primitives as C++ types: memory that is freed after a grace period, a lock guard,
// and the two witnesses that make an unlocked access fail to compile.
#pragma once

#include "abi/kernel.h"
#include "thread_safety.hpp"
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

// A lock that is taken with bottom halves off; only by LockGuard.
class EIPOIB_CAPABILITY("lock") Lock {
public:
	// False without memory. Context: config.
	bool try_init()
	{
		handle_ = eipoib_k_lock_create();
		return handle_ != nullptr;
	}

	// Whether try_init() succeeded.
	bool is_made() const
	{
		return handle_ != nullptr;
	}

	// Nobody holds it. Does nothing unless try_init() succeeded.
	void destroy()
	{
		eipoib_k_lock_destroy(handle_);
	}

	// For a lambda, which clang does not know to be called by who holds it.
	void assert_held(const class LockGuard &) const EIPOIB_ASSERTS_HELD
	{
	}

private:
	friend LockGuard;

	eipoib_k_lock *handle_ = nullptr;
};

// Holds a lock, and is the proof of holding it.
class EIPOIB_SCOPED_CAPABILITY LockGuard : public Updater {
public:
	explicit LockGuard(const Lock &lock) EIPOIB_ACQUIRES(lock) : lock_(lock.handle_)
	{
		eipoib_k_lock_acquire(lock_);
	}

	~LockGuard() EIPOIB_RELEASES
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
