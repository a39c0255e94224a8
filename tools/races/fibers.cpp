// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB

#include "fibers.hpp"

#include "abi/kernel.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <utility>

struct eipoib_k_lock {
	bool is_held;
};

namespace {

constexpr std::size_t stack_size = 256 * 1024;

// The one that exists.
races::Fibers *fibers;

} // namespace

namespace races {

Fibers::Fibers(u32 seed) : random_(seed * 2654435761u), patience_(1u << seed % 6)
{
	fibers = this;
}

Fibers::~Fibers()
{
	for (const Deferred &deferred : deferred_)
		eipoib_k_free(deferred.memory);
	fibers = nullptr;
}

void Fibers::begin()
{
	Fibers &all = *fibers;
	Fiber &self = *all.fibers_[all.current_];
	self.what();
	self.is_done = true;
	all.must_switch();
}

void Fibers::add(std::function<void()> what)
{
	auto fiber = std::make_unique<Fiber>();
	fiber->what = std::move(what);
	fiber->stack.reset(new char[stack_size]);
	getcontext(&fiber->context);
	fiber->context.uc_stack.ss_sp = fiber->stack.get();
	fiber->context.uc_stack.ss_size = stack_size;
	fiber->context.uc_link = &main_;
	makecontext(&fiber->context, begin, 0);
	fibers_.push_back(std::move(fiber));
}

void Fibers::run()
{
	is_running_ = true;
	current_ = random_() % fibers_.size();
	swapcontext(&main_, &fibers_[current_]->context);
	is_running_ = false;
}

void Fibers::switch_to(std::size_t next)
{
	if (next == current_)
		return;
	const std::size_t before = std::exchange(current_, next);
	swapcontext(&fibers_[before]->context, &fibers_[next]->context);
}

void Fibers::may_switch()
{
	if (is_running_ && random_() % patience_ == 0)
		must_switch();
}

void Fibers::must_switch()
{
	if (!is_running_)
		return;
	std::vector<std::size_t> others;
	for (std::size_t i = 0; i < fibers_.size(); i++)
		if (i != current_ && !fibers_[i]->is_done)
			others.push_back(i);
	if (!others.empty())
		switch_to(others[random_() % others.size()]);
	else if (fibers_[current_]->is_done)
		setcontext(&main_);
}

void Fibers::enter()
{
	fibers_[current_]->section++;
	may_switch();
}

void Fibers::leave()
{
	fibers_[current_]->section++;
	free_what_can_go();
}

void Fibers::free_deferred(void *memory)
{
	Deferred deferred = {.memory = memory, .readers = {}};
	for (std::size_t i = 0; i < fibers_.size(); i++)
		if (fibers_[i]->section % 2)
			deferred.readers.emplace_back(i, fibers_[i]->section);
	deferred_.push_back(std::move(deferred));
}

void Fibers::free_what_can_go()
{
	std::erase_if(deferred_, [&](const Deferred &deferred) {
		const bool is_seen = std::ranges::any_of(deferred.readers, [&](const auto &reader) {
			return fibers_[reader.first]->section == reader.second;
		});
		if (!is_seen)
			eipoib_k_free(deferred.memory);
		return !is_seen;
	});
}

} // namespace races

extern "C" {

// The compiler puts a call of this in front of every block of the core.
void __sanitizer_cov_trace_pc_guard(u32 *)
{
	if (fibers)
		fibers->may_switch();
}

void __sanitizer_cov_trace_pc_guard_init(u32 *, u32 *)
{
}

// The size stands in front, so that what was freed can be made unreadable.
void *eipoib_k_alloc(unsigned long size, bool)
{
	auto *memory =
		static_cast<unsigned long *>(std::calloc(1, sizeof(std::max_align_t) + size));
	*memory = size;
	return reinterpret_cast<char *>(memory) + sizeof(std::max_align_t);
}

void eipoib_k_free(void *memory)
{
	if (!memory)
		return;
	char *const start = static_cast<char *>(memory) - sizeof(std::max_align_t);
	std::memset(memory, 0xdd, *reinterpret_cast<unsigned long *>(start));
	std::free(start);
}

void eipoib_k_free_deferred(eipoib_k_deferred *deferred)
{
	fibers->free_deferred(deferred);
}

eipoib_k_lock *eipoib_k_lock_create(void)
{
	return new eipoib_k_lock{};
}

void eipoib_k_lock_destroy(eipoib_k_lock *lock)
{
	delete lock;
}

void eipoib_k_lock_acquire(eipoib_k_lock *lock)
{
	while (lock->is_held)
		fibers->must_switch();
	lock->is_held = true;
}

void eipoib_k_lock_release(eipoib_k_lock *lock)
{
	lock->is_held = false;
}

u64 eipoib_k_random(void)
{
	static std::mt19937_64 generator(4391);
	return generator();
}

u32 eipoib_k_now(void)
{
	return 0;
}

bool eipoib_k_is_watched(void *)
{
	return false;
}

void eipoib_k_group_join(void *, const u8 *)
{
}

void eipoib_k_group_leave(void *, const u8 *)
{
}

void eipoib_k_count(void *, u32)
{
}

void eipoib_k_send(void *, const u8 *, const u8 *, u32)
{
}

void eipoib_k_deliver(void *, u32, const u8 *, u32)
{
}

void eipoib_k_query_lid(void *, u32, u16)
{
}

void eipoib_k_report_source(void *, const u8 *, u32)
{
}

void eipoib_k_release(void *)
{
}

void eipoib_k_vif_changed(void *)
{
}

void eipoib_k_vif_attach(void *, bool)
{
}

void eipoib_k_vif_settle(void *)
{
}

} // extern "C"
