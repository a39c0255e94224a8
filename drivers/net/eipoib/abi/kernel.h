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

/**
 * eipoib_k_now - a coarse clock
 *
 * Context: any.
 * Return: milliseconds; wraps.
 */
u32 eipoib_k_now(void);

/**
 * eipoib_k_count - count what is no drop
 * @pif: as given to eipoib_core_create()
 * @note: enum eipoib_note
 *
 * Context: bottom halves off.
 */
void eipoib_k_count(void *pif, u32 note);

/**
 * eipoib_k_send - send a frame that the core made
 * @dev: the VIF's netdevice
 * @header: EIPOIB_LINK_HLEN bytes, destination and encapsulation header
 * @payload: what follows
 * @len: bytes at @payload
 *
 * Lost silently without memory or carrier: whoever needs it asks again.
 *
 * Context: bottom halves off, RCU read-side section, no lock of the core held.
 */
void eipoib_k_send(void *dev, const u8 *header, const u8 *payload, u32 len);

/**
 * eipoib_k_deliver - let a frame that the core made enter ethX
 * @pif: as given to eipoib_core_create()
 * @vlan: VLAN ID or EIPOIB_VLAN_NONE
 * @frame: from the Ethernet header on
 * @len: bytes at @frame
 *
 * Context: bottom halves off, no lock of the core held.
 */
void eipoib_k_deliver(void *pif, u32 vlan, const u8 *frame, u32 len);

/**
 * eipoib_k_query_lid - ask the SA who has an LID
 * @dev: the VIF's netdevice that asks
 * @qpn: comes back in the answer
 * @lid: the LID
 *
 * The answer, if there is one, comes by eipoib_core_answer_lid().
 *
 * Context: bottom halves off, RCU read-side section.
 */
void eipoib_k_query_lid(void *dev, u32 qpn, u16 lid);

/**
 * eipoib_k_is_watched - whether eipoib_k_report_source() reaches anybody
 * @pif: as given to eipoib_core_create()
 *
 * Context: bottom halves off, RCU read-side section.
 * Return: true if somebody listens.
 */
bool eipoib_k_is_watched(void *pif);

/**
 * eipoib_k_report_source - a frame from ethX came from a MAC without a VIF
 * @pif: as given to eipoib_core_create()
 * @mac: 6 bytes
 * @vlan: VLAN ID or EIPOIB_VLAN_NONE
 *
 * Lost silently without memory: the MAC is reported again.
 *
 * Context: bottom halves off, RCU read-side section, no lock of the core held.
 */
void eipoib_k_report_source(void *pif, const u8 *mac, u32 vlan);

/**
 * eipoib_k_release - ask for all held frames to be planned again, soon
 * @pif: as given to eipoib_core_create()
 *
 * Context: bottom halves off; the core may hold a lock.
 */
void eipoib_k_release(void *pif);

/**
 * eipoib_k_vif_changed - a packet changed what eipoib_vif_get_info() says
 * @dev: the VIF's netdevice
 *
 * Context: bottom halves off, RCU read-side section.
 */
void eipoib_k_vif_changed(void *dev);

/**
 * eipoib_k_vif_attach - whether a VIF takes group frames
 * @dev: the VIF's netdevice
 * @on: it does
 *
 * Context: Config.
 */
void eipoib_k_vif_attach(void *dev, bool on);

/**
 * eipoib_k_vif_settle - wait until a VIF takes the frames of all groups it is
 * to join, for a tenth of a second at most
 * @dev: the VIF's netdevice
 *
 * Context: Config.
 */
void eipoib_k_vif_settle(void *dev);

/* The contexts of abi/core.h, of which a caller promises one. */
#define EIPOIB_CALL_CONFIG	1
#define EIPOIB_CALL_PACKET	2

#ifdef EIPOIB_PROVE_CALLS
/**
 * eipoib_k_prove_call - complain if a caller of the core broke its promise
 * @contexts: EIPOIB_CALL_... that would do
 *
 * Context: any.
 */
void eipoib_k_prove_call(u32 contexts);
#else
static inline void eipoib_k_prove_call(u32 contexts)
{
	(void)contexts;
}
#endif

#ifdef __cplusplus
}
#endif

#endif /* EIPOIB_ABI_KERNEL_H */
