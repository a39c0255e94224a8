/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * What the kernel offers the C++ core: eipoib_k_<verb>(), one function per
 * primitive.  platform.c implements it in the module,
 * tools/unit/eipoib/platform.cpp in user space.
 */
#ifndef EIPOIB_ABI_KERNEL_H
#define EIPOIB_ABI_KERNEL_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct eipoib_k_lock;	/* a spinlock that is taken with bottom halves off */

/**
 * struct eipoib_k_deferred - the first member of what is freed after a grace
 * period
 * @opaque: the kernel's rcu_head
 */
struct eipoib_k_deferred {
	void *opaque[2];
};

/**
 * eipoib_k_alloc - zeroed memory
 * @size: bytes
 * @may_sleep: false inside a packet call
 *
 * Return: the memory or NULL.
 */
void *eipoib_k_alloc(unsigned long size, bool may_sleep);

/**
 * eipoib_k_free - free memory that no reader can see
 * @memory: from eipoib_k_alloc(), or NULL
 *
 * Context: any.
 */
void eipoib_k_free(void *memory);

/**
 * eipoib_k_free_deferred - free memory after a grace period
 * @deferred: the first member of the allocation
 *
 * Context: any.
 */
void eipoib_k_free_deferred(struct eipoib_k_deferred *deferred);

/**
 * eipoib_k_lock_create - a lock
 *
 * Context: may sleep.
 * Return: the lock or NULL.
 */
struct eipoib_k_lock *eipoib_k_lock_create(void);

/**
 * eipoib_k_lock_destroy - free a lock that nobody holds
 * @lock: the lock, or NULL
 */
void eipoib_k_lock_destroy(struct eipoib_k_lock *lock);

/**
 * eipoib_k_lock_acquire - take a lock with bottom halves off
 * @lock: the lock
 *
 * Context: process or softirq.
 */
void eipoib_k_lock_acquire(struct eipoib_k_lock *lock);

/**
 * eipoib_k_lock_release - give a lock back
 * @lock: held
 */
void eipoib_k_lock_release(struct eipoib_k_lock *lock);

/**
 * eipoib_k_random - 64 random bits, for hash keys
 *
 * Context: any.
 * Return: the bits.
 */
u64 eipoib_k_random(void);

/**
 * eipoib_k_group_join - a VIF is to receive what is sent to a group
 * @dev: the VIF's netdevice
 * @address: the group, EIPOIB_IB_ADDR_LEN bytes
 *
 * Context: packet or config call, never sleeps.
 */
void eipoib_k_group_join(void *dev, const u8 *address);

/**
 * eipoib_k_group_leave - take an eipoib_k_group_join() back
 * @dev: the VIF's netdevice
 * @address: the group, EIPOIB_IB_ADDR_LEN bytes
 *
 * Context: packet or config call, never sleeps.
 */
void eipoib_k_group_leave(void *dev, const u8 *address);

#ifdef __cplusplus
}
#endif

#endif /* EIPOIB_ABI_KERNEL_H */
