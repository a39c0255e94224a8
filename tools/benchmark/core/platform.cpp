// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What the core asks of a kernel, for one thread that nothing is done for: as cheap as it can be.
#include "abi/kernel.h"

#include <cstddef>
#include <cstdlib>
#include <random>

struct eipoib_k_lock {
	char unused;
};

namespace {

// eipoib_k_deferred comes first in all that is freed like this, and nobody reads it any more.
eipoib_k_lock lock;

// The same every time.
std::mt19937_64 random_bits(1);

} // namespace

extern "C" {

void *eipoib_k_alloc(unsigned long size, bool)
{
	return std::calloc(1, size);
}

void eipoib_k_free(void *memory)
{
	std::free(memory);
}

void eipoib_k_free_deferred(eipoib_k_deferred *deferred)
{
	std::free(deferred);
}

eipoib_k_lock *eipoib_k_lock_create(void)
{
	return &lock;
}

void eipoib_k_lock_destroy(eipoib_k_lock *)
{
}

void eipoib_k_lock_acquire(eipoib_k_lock *)
{
}

void eipoib_k_lock_release(eipoib_k_lock *)
{
}

u64 eipoib_k_random(void)
{
	return random_bits();
}

void eipoib_k_group_join(void *, const u8 *)
{
}

void eipoib_k_group_leave(void *, const u8 *)
{
}

u32 eipoib_k_now(void)
{
	return 1000;
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

bool eipoib_k_is_watched(void *)
{
	return false;
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
