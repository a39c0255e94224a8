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

std::vector<unit::Sent> sent;
std::vector<unit::Delivered> delivered;
std::vector<unit::LidQuery> lid_queries;
std::vector<std::string> vif_calls;
std::vector<std::string> reported;
bool is_watched;
size_t releases;
size_t note_counts[EIPOIB_NOTE_COUNT];
u32 clock_ms = 0xffff'fff0; // so that it wraps in many a test
int locks_held;

std::string hex_of(const u8 *data, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	std::string hex;
	for (size_t i = 0; i < size; i++) {
		hex += digits[data[i] >> 4];
		hex += digits[data[i] & 15];
	}
	return hex;
}

void record_vif_call(char what, void *dev)
{
	char text[32];
	snprintf(text, sizeof(text), "%c%llx", what,
		 static_cast<unsigned long long>(reinterpret_cast<uintptr_t>(dev)));
	vif_calls.push_back(text);
}

// What the core promises: it sends, delivers and asks without a lock.
void expect_no_lock()
{
	if (locks_held)
		std::abort();
}

void record_group_call(bool is_join, void *dev, const u8 *address)
{
	const std::string hex = hex_of(address, EIPOIB_IB_ADDR_LEN);
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

std::vector<Sent> take_sent()
{
	return std::exchange(sent, {});
}

std::vector<Delivered> take_delivered()
{
	return std::exchange(delivered, {});
}

std::vector<LidQuery> take_lid_queries()
{
	return std::exchange(lid_queries, {});
}

size_t take_releases()
{
	return std::exchange(releases, 0);
}

size_t notes(eipoib_note note)
{
	return note_counts[note];
}

std::vector<std::string> take_vif_calls()
{
	return std::exchange(vif_calls, {});
}

std::vector<std::string> take_reported()
{
	return std::exchange(reported, {});
}

void watch(bool on)
{
	is_watched = on;
}

void advance_clock(u32 ms)
{
	clock_ms += ms;
}

void reset_calls()
{
	sent.clear();
	delivered.clear();
	lid_queries.clear();
	vif_calls.clear();
	reported.clear();
	is_watched = false;
	releases = 0;
	for (size_t &count : note_counts)
		count = 0;
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
	locks_held++;
}

void eipoib_k_lock_release(eipoib_k_lock *lock)
{
	locks_held--;
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

u32 eipoib_k_now(void)
{
	return clock_ms;
}

void eipoib_k_count(void *, u32 note)
{
	note_counts[note]++;
}

void eipoib_k_send(void *dev, const u8 *header, const u8 *payload, u32 len)
{
	expect_no_lock();
	sent.push_back({dev, hex_of(header, EIPOIB_LINK_HLEN), hex_of(payload, len)});
}

void eipoib_k_deliver(void *, u32 vlan, const u8 *frame, u32 len)
{
	expect_no_lock();
	delivered.push_back({vlan, hex_of(frame, len)});
}

void eipoib_k_query_lid(void *dev, u32 qpn, u16 lid)
{
	expect_no_lock();
	lid_queries.push_back({dev, qpn, lid});
}

bool eipoib_k_is_watched(void *)
{
	return is_watched;
}

void eipoib_k_report_source(void *, const u8 *mac, u32 vlan)
{
	expect_no_lock();
	const std::string tag = vlan == EIPOIB_VLAN_NONE ? "" : "." + std::to_string(vlan);
	reported.push_back(hex_of(mac, EIPOIB_MAC_LEN) + tag);
}

void eipoib_k_release(void *)
{
	releases++;
}

void eipoib_k_vif_changed(void *dev)
{
	expect_no_lock();
	record_vif_call('!', dev);
}

void eipoib_k_vif_attach(void *dev, bool on)
{
	expect_no_lock();
	record_vif_call(on ? '+' : '-', dev);
}

void eipoib_k_vif_settle(void *dev)
{
	expect_no_lock();
	record_vif_call('?', dev);
}

} // extern "C"
