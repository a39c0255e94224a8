// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The kernel's primitives for the core (abi/kernel.h).
 */

#include <linux/build_bug.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "abi/kernel.h"

struct eipoib_k_lock {
	spinlock_t lock;	/* what it protects is the core's to say */
};

/**
 * eipoib_k_alloc - zeroed memory
 * @size: bytes
 * @may_sleep: false inside a packet call
 *
 * Context: any, see @may_sleep.
 * Return: the memory or NULL.
 */
void *eipoib_k_alloc(unsigned long size, bool may_sleep)
{
	if (may_sleep)
		return kvzalloc(size, GFP_KERNEL);

	return kzalloc(size, GFP_ATOMIC | __GFP_NOWARN);
}

/**
 * eipoib_k_free - free memory that no reader can see
 * @memory: from eipoib_k_alloc(), or NULL
 *
 * Context: any but NMI.
 */
void eipoib_k_free(void *memory)
{
	kvfree(memory);
}

static void free_after_grace_period(struct rcu_head *head)
{
	/* CONTRACT: a struct eipoib_k_deferred is what it stands in first. */
	kvfree(head);
}

/**
 * eipoib_k_free_deferred - free memory after a grace period
 * @deferred: the first member of the allocation
 *
 * Context: any.
 */
void eipoib_k_free_deferred(struct eipoib_k_deferred *deferred)
{
	BUILD_BUG_ON(sizeof(*deferred) != sizeof(struct rcu_head));
	BUILD_BUG_ON(__alignof__(*deferred) != __alignof__(struct rcu_head));

	/* Pairs with rcu_barrier() in main.c. */
	call_rcu((struct rcu_head *)deferred, free_after_grace_period);
}

/**
 * eipoib_k_lock_create - a lock
 *
 * Context: may sleep.
 * Return: the lock or NULL.
 */
struct eipoib_k_lock *eipoib_k_lock_create(void)
{
	struct eipoib_k_lock *lock = kmalloc(sizeof(*lock), GFP_KERNEL);

	if (lock)
		spin_lock_init(&lock->lock);

	return lock;
}

/**
 * eipoib_k_lock_destroy - free a lock that nobody holds
 * @lock: the lock, or NULL
 *
 * Context: any.
 */
void eipoib_k_lock_destroy(struct eipoib_k_lock *lock)
{
	kfree(lock);
}

/**
 * eipoib_k_lock_acquire - take a lock with bottom halves off
 * @lock: the lock
 *
 * Context: process or softirq.
 */
void eipoib_k_lock_acquire(struct eipoib_k_lock *lock)
	__acquires(&lock->lock)
{
	spin_lock_bh(&lock->lock);
}

/**
 * eipoib_k_lock_release - give a lock back
 * @lock: held
 *
 * Context: process or softirq.
 */
void eipoib_k_lock_release(struct eipoib_k_lock *lock)
	__releases(&lock->lock)
{
	spin_unlock_bh(&lock->lock);
}

/**
 * eipoib_k_random - 64 random bits, for hash keys
 *
 * Context: any.
 * Return: the bits.
 */
u64 eipoib_k_random(void)
{
	return get_random_u64();
}
