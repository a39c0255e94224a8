// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Bugs that the debug kernel must report. tools/suites/debug appends this to the core, which only
// reports them if it is instrumented as the glue is; proof.c calls them.

#include "abi/proof.h"

namespace {

volatile int sink;

volatile char *proof_bytes()
{
	return static_cast<volatile char *>(eipoib_k_alloc(13, true));
}

} // namespace

void eipoib_core_proof_heap(unsigned past)
{
	volatile char *bytes = proof_bytes();

	sink = bytes[13 + past];
	eipoib_k_free(const_cast<char *>(bytes));
}

void eipoib_core_proof_stack(unsigned past)
{
	volatile char bytes[13] = {};
	volatile char *pointer = bytes;

	asm volatile("" : "+r"(pointer));
	sink = pointer[13 + past];
}

void eipoib_core_proof_freed(unsigned past)
{
	volatile char *bytes = proof_bytes();

	eipoib_k_free(const_cast<char *>(bytes));
	sink = bytes[past];
}

void eipoib_core_proof_bounds(unsigned past)
{
	volatile int words[4] = {};

	sink = words[4 + past];
}

void eipoib_core_proof_shift(unsigned past)
{
	sink = 1 << (32 + past);
}

void eipoib_core_proof_sleep(unsigned)
{
	eipoib_k_lock *lock = eipoib_k_lock_create();

	eipoib_k_lock_acquire(lock);
	eipoib_k_free(const_cast<char *>(proof_bytes()));
	eipoib_k_lock_release(lock);
	eipoib_k_lock_destroy(lock);
}

void eipoib_core_proof_leak(unsigned)
{
	sink = *proof_bytes();
}

void eipoib_core_proof_race(unsigned rounds)
{
	static unsigned word;

	for (unsigned i = 0; i < rounds; i++) {
		word++;
		asm volatile("" ::: "memory");
	}
}

// The lock is given back by a store that lets what was done under it be seen later.
void eipoib_core_proof_order(unsigned rounds)
{
	static unsigned word;
	static bool is_taken;

	for (unsigned i = 0; i < rounds; i++) {
		if (__atomic_exchange_n(&is_taken, true, __ATOMIC_ACQUIRE))
			continue;
		word++;
		__atomic_store_n(&is_taken, false, __ATOMIC_RELAXED);
	}
}
