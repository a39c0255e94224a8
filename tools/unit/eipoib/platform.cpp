// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// abi/kernel.h in user space. Grace periods are explicit: what was given to
// eipoib_k_free_deferred() stays readable until drain_deferred(), and a test asks how much waits.

#include "platform.hpp"

#include "abi/kernel.h"

#include <cstdlib>
#include <mutex>
#include <random>
#include <vector>

struct eipoib_k_lock {
	std::mutex mutex;
};

namespace {

std::vector<eipoib_k_deferred *> deferred;
size_t allocations_until_failure = SIZE_MAX;
size_t live;

} // namespace

namespace unit {

void fail_allocation_after(size_t successes)
{
	allocations_until_failure = successes;
}

void never_fail_allocation()
{
	allocations_until_failure = SIZE_MAX;
}

size_t drain_deferred()
{
	const size_t count = deferred.size();
	for (eipoib_k_deferred *d : deferred)
		eipoib_k_free(d);
	deferred.clear();
	return count;
}

size_t live_allocations()
{
	return live;
}

} // namespace unit

extern "C" {

void *eipoib_k_alloc(unsigned long size, bool)
{
	if (allocations_until_failure == 0)
		return nullptr;
	if (allocations_until_failure != SIZE_MAX)
		allocations_until_failure--;
	live++;
	return std::calloc(1, size);
}

void eipoib_k_free(void *memory)
{
	if (memory)
		live--;
	std::free(memory);
}

void eipoib_k_free_deferred(eipoib_k_deferred *d)
{
	deferred.push_back(d);
}

eipoib_k_lock *eipoib_k_lock_create(void)
{
	return new eipoib_k_lock;
}

void eipoib_k_lock_destroy(eipoib_k_lock *lock)
{
	delete lock;
}

void eipoib_k_lock_acquire(eipoib_k_lock *lock)
{
	lock->mutex.lock();
}

void eipoib_k_lock_release(eipoib_k_lock *lock)
{
	lock->mutex.unlock();
}

u64 eipoib_k_random(void)
{
	static std::mt19937_64 generator(0x65'69'70'6f'69'62);
	return generator();
}

} // extern "C"
