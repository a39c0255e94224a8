// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// abi/kernel.h in user space. Grace periods are explicit: what was given to
// eipoib_k_free_deferred() stays readable until drain_deferred(), and a test asks how much waits.

#include "platform.hpp"

#include "abi/kernel.h"

#include <cstdlib>
#include <map>
#include <mutex>
#include <random>
#include <utility>

struct eipoib_k_lock {
	std::mutex mutex;
};

namespace {

std::vector<eipoib_k_deferred *> deferred;
size_t allocations_until_failure = SIZE_MAX;
size_t live;

std::vector<unit::GroupCall> group_calls;
std::map<void *, std::set<std::string>> groups;
size_t wrong_group_calls;

void record_group_call(bool is_join, void *dev, const u8 *address)
{
	static const char digits[] = "0123456789abcdef";
	std::string hex;
	for (size_t i = 0; i < EIPOIB_IB_ADDR_LEN; i++) {
		hex += digits[address[i] >> 4];
		hex += digits[address[i] & 15];
	}
	std::set<std::string> &joined = groups[dev];
	if (is_join ? !joined.insert(hex).second : !joined.erase(hex))
		wrong_group_calls++;
	group_calls.push_back({is_join, dev, hex});
}

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

std::vector<GroupCall> take_group_calls()
{
	return std::exchange(group_calls, {});
}

std::set<std::string> joined_groups(void *dev)
{
	return groups[dev];
}

size_t group_errors()
{
	return wrong_group_calls;
}

void reset_groups()
{
	group_calls.clear();
	groups.clear();
	wrong_group_calls = 0;
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

void eipoib_k_group_join(void *dev, const u8 *address)
{
	record_group_call(true, dev, address);
}

void eipoib_k_group_leave(void *dev, const u8 *address)
{
	record_group_call(false, dev, address);
}

} // extern "C"
