// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB

#include "platform.hpp"

#include "abi/kernel.h"

#include <urcu/urcu-memb.h>

#include <sanitizer/tsan_interface.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <utility>

struct eipoib_k_lock {
	std::mutex mutex;
};

namespace {

static_assert(sizeof(eipoib_k_deferred) >= sizeof(rcu_head));

// ThreadSanitizer does not see into liburcu: the end of a read-side section happens before the end
// of each grace period that waits for it.
char grace_period;

std::atomic<std::size_t> live;
std::atomic<std::size_t> spoken;
std::atomic<bool> is_release_wanted;
thread_local int locks_held;

std::mutex groups_mutex;
std::set<std::pair<void *, std::string>> groups;
std::size_t wrong_group_calls;

std::mutex queries_mutex;
std::deque<races::Query> queries;
constexpr std::size_t queries_max = 64;

// A second of the core passes in this many ms, so that all that ages does within a run.
constexpr u32 ms_of_second = 10;

} // namespace

// What it does with memory of its own is its affair.
extern "C" const char *__tsan_default_suppressions()
{
	return "called_from_lib:liburcu-memb.so";
}

namespace {

u32 look_at(const u8 *bytes, u32 len)
{
	u32 sum = 0;
	for (u32 i = 0; i < len; i++)
		sum += bytes[i];
	return sum;
}

void speak(const u8 *bytes, u32 len)
{
	races::must(!locks_held, "the core speaks without a lock");
	static std::atomic<u32> sum;
	sum.fetch_add(look_at(bytes, len), std::memory_order_relaxed);
	spoken.fetch_add(1, std::memory_order_relaxed);
}

void change_group(bool is_join, void *dev, const u8 *address)
{
	const std::string group(reinterpret_cast<const char *>(address), EIPOIB_IB_ADDR_LEN);
	const std::scoped_lock guard(groups_mutex);
	const bool is_changed =
		is_join ? groups.insert({dev, group}).second : groups.erase({dev, group}) == 1;
	wrong_group_calls += !is_changed;
}

void free_now(rcu_head *head)
{
	__tsan_acquire(&grace_period);
	eipoib_k_free(head);
}

} // namespace

namespace races {

Caller::Caller()
{
	urcu_memb_register_thread();
}

Caller::~Caller()
{
	urcu_memb_unregister_thread();
}

ReadSide::ReadSide()
{
	urcu_memb_read_lock();
}

ReadSide::~ReadSide()
{
	__tsan_release(&grace_period);
	urcu_memb_read_unlock();
}

void synchronize()
{
	urcu_memb_synchronize_rcu();
	__tsan_acquire(&grace_period);
}

void wait_for_callbacks()
{
	urcu_memb_barrier();
}

std::size_t live_allocations()
{
	return live;
}

std::size_t group_errors()
{
	const std::scoped_lock guard(groups_mutex);
	return wrong_group_calls;
}

std::size_t joined_groups()
{
	const std::scoped_lock guard(groups_mutex);
	return groups.size();
}

std::optional<Query> take_query()
{
	const std::scoped_lock guard(queries_mutex);
	if (queries.empty())
		return {};
	const Query query = queries.front();
	queries.pop_front();
	return query;
}

bool take_release()
{
	return is_release_wanted.exchange(false, std::memory_order_relaxed);
}

std::size_t said()
{
	return spoken;
}

void fail(const char *what)
{
	std::fprintf(stderr, "violated: %s\n", what);
	std::abort();
}

} // namespace races

extern "C" {

void *eipoib_k_alloc(unsigned long size, bool)
{
	thread_local std::minstd_rand random(1);
	// Memory is short now and then.
	if (random() % 64 == 0 && locks_held)
		return nullptr;
	live.fetch_add(1, std::memory_order_relaxed);
	return std::calloc(1, size);
}

void eipoib_k_free(void *memory)
{
	if (memory)
		live.fetch_sub(1, std::memory_order_relaxed);
	std::free(memory);
}

void eipoib_k_free_deferred(eipoib_k_deferred *deferred)
{
	__tsan_release(&grace_period);
	urcu_memb_call_rcu(reinterpret_cast<rcu_head *>(deferred), free_now);
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
	locks_held++;
}

void eipoib_k_lock_release(eipoib_k_lock *lock)
{
	locks_held--;
	lock->mutex.unlock();
}

u64 eipoib_k_random(void)
{
	static std::mt19937_64 generator(4755);
	return generator();
}

void eipoib_k_group_join(void *dev, const u8 *address)
{
	change_group(true, dev, address);
}

void eipoib_k_group_leave(void *dev, const u8 *address)
{
	change_group(false, dev, address);
}

u32 eipoib_k_now(void)
{
	using namespace std::chrono;
	static const auto start = steady_clock::now();
	const auto passed = duration_cast<microseconds>(steady_clock::now() - start).count();
	// It wraps in the first seconds.
	return 0xffff'0000 + static_cast<u32>(passed / ms_of_second);
}

void eipoib_k_count(void *, u32)
{
}

void eipoib_k_send(void *, const u8 *header, const u8 *payload, u32 len)
{
	speak(header, EIPOIB_LINK_HLEN);
	speak(payload, len);
}

void eipoib_k_deliver(void *, u32, const u8 *frame, u32 len)
{
	speak(frame, len);
}

void eipoib_k_query_lid(void *dev, u32 qpn, u16 lid)
{
	races::must(!locks_held, "the core asks without a lock");
	const std::scoped_lock guard(queries_mutex);
	if (queries.size() < queries_max)
		queries.push_back({dev, qpn, lid});
}

bool eipoib_k_is_watched(void *)
{
	return true;
}

void eipoib_k_report_source(void *, const u8 *mac, u32)
{
	speak(mac, EIPOIB_MAC_LEN);
}

void eipoib_k_release(void *)
{
	is_release_wanted.store(true, std::memory_order_relaxed);
}

void eipoib_k_vif_changed(void *)
{
	races::must(!locks_held, "the core tells without a lock");
}

void eipoib_k_vif_attach(void *, bool)
{
	races::must(!locks_held, "the core attaches without a lock");
}

void eipoib_k_vif_settle(void *)
{
	races::must(!locks_held, "the core waits without a lock");
}

} // extern "C"
