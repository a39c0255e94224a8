/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Read by the compiler before each file of the glue (Kbuild: -include), so that
 * the tests see what it takes and gives back, and can let it fail.  The glue's
 * own text stays as it is.
 */
#ifndef EIPOIB_GLUE_SPY_H
#define EIPOIB_GLUE_SPY_H

/* All that the glue includes comes first, and knows nothing of the spy. */
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rcupdate.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/tracepoint.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/rtnetlink.h>
#include <rdma/ib_verbs.h>

#include "compat.h"

/* What the tests can let fail. */
enum spy_call {
	SPY_kvzalloc, SPY_kzalloc, SPY_kmalloc, SPY_kmalloc_array,
	SPY_alloc_skb, SPY_netdev_alloc_skb, SPY_skb_copy,
	SPY_skb_share_check, SPY_skb_cow_head, SPY_skb_linearize,
	SPY_pskb_may_pull, SPY_skb_ensure_writable, SPY_skb_checksum_help,
	SPY_skb_gso_segment, SPY_skb_vlan_pop,
	SPY_rx_handler_register, SPY_upper_dev_link, SPY_dev_open,
	SPY_sysfs_create_link,
	SPY_NOTHING
};

void spy_fail(enum spy_call call, unsigned int nth);
bool spy_has_failed(void);
bool spy_is_to_fail(enum spy_call call);
void *spy_add(void *memory);
const void *spy_remove(const void *memory);
void spy_free_slave_rcu(struct eipoib_slave *slave);
long spy_live(void);
long spy_freed(void);
enum skb_drop_reason spy_note(enum skb_drop_reason reason);
enum skb_drop_reason spy_take_reason(void);
u32 spy_now(void);
void spy_pass(u32 ms);

#ifndef EIPOIB_GLUE_TEST
#define SPY_ON(call, failure, real)					\
	(spy_is_to_fail(SPY_##call) ? (failure) : (real))

/* Functions, because some of these are macros already. */
static inline void *spy_kvzalloc(size_t size, gfp_t gfp)
{
	return SPY_ON(kvzalloc, NULL, spy_add(kvzalloc(size, gfp)));
}

static inline void *spy_kzalloc(size_t size, gfp_t gfp)
{
	return SPY_ON(kzalloc, NULL, spy_add(kzalloc(size, gfp)));
}

static inline void *spy_kmalloc(size_t size, gfp_t gfp)
{
	return SPY_ON(kmalloc, NULL, spy_add(kmalloc(size, gfp)));
}

static inline void *spy_kmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	return SPY_ON(kmalloc_array, NULL,
		      spy_add(kmalloc_array(n, size, gfp)));
}

static inline struct sk_buff *spy_share_check(struct sk_buff *skb, gfp_t gfp)
{
	if (!spy_is_to_fail(SPY_skb_share_check))
		return skb_share_check(skb, gfp);

	kfree_skb(skb);
	return NULL;
}

#undef kvzalloc
#undef kzalloc
#undef kmalloc
#undef kmalloc_array
#undef kfree_rcu
#define kvzalloc(...) spy_kvzalloc(__VA_ARGS__)
#define kzalloc(...) spy_kzalloc(__VA_ARGS__)
#define kmalloc(...) spy_kmalloc(__VA_ARGS__)
#define kmalloc_array(...) spy_kmalloc_array(__VA_ARGS__)
#define kfree(memory) kfree(spy_remove(memory))
#define kvfree(memory) kvfree(spy_remove(memory))
#define kfree_rcu(slave, member) spy_free_slave_rcu(slave)

#define alloc_skb(...) SPY_ON(alloc_skb, NULL, alloc_skb(__VA_ARGS__))
#define __netdev_alloc_skb_ip_align(...)				\
	SPY_ON(netdev_alloc_skb, NULL,					\
	       __netdev_alloc_skb_ip_align(__VA_ARGS__))
#define skb_copy(...) SPY_ON(skb_copy, NULL, skb_copy(__VA_ARGS__))
#define skb_share_check(...) spy_share_check(__VA_ARGS__)
#define skb_cow_head(...)						\
	SPY_ON(skb_cow_head, -ENOMEM, skb_cow_head(__VA_ARGS__))
#define skb_linearize(...)						\
	SPY_ON(skb_linearize, -ENOMEM, skb_linearize(__VA_ARGS__))
#define pskb_may_pull(...)						\
	SPY_ON(pskb_may_pull, false, pskb_may_pull(__VA_ARGS__))
#define skb_ensure_writable(...)					\
	SPY_ON(skb_ensure_writable, -ENOMEM,				\
	       skb_ensure_writable(__VA_ARGS__))
#define skb_checksum_help(...)						\
	SPY_ON(skb_checksum_help, -ENOMEM, skb_checksum_help(__VA_ARGS__))
#define skb_gso_segment(...)						\
	SPY_ON(skb_gso_segment, ERR_PTR(-ENOMEM),			\
	       skb_gso_segment(__VA_ARGS__))
#define __skb_vlan_pop(...)						\
	SPY_ON(skb_vlan_pop, -ENOMEM, __skb_vlan_pop(__VA_ARGS__))
#define netdev_rx_handler_register(...)					\
	SPY_ON(rx_handler_register, -EBUSY,				\
	       netdev_rx_handler_register(__VA_ARGS__))
#define netdev_master_upper_dev_link(...)				\
	SPY_ON(upper_dev_link, -ENOMEM,					\
	       netdev_master_upper_dev_link(__VA_ARGS__))
#define dev_open(...) SPY_ON(dev_open, -EIO, dev_open(__VA_ARGS__))
#define sysfs_create_link(...)						\
	SPY_ON(sysfs_create_link, -ENOMEM, sysfs_create_link(__VA_ARGS__))
/* The core's clock, eipoib_k_now(): it stands still but for spy_pass(). */
#define jiffies_to_msecs(time) ((void)(time), spy_now())
#define kfree_skb_reason(skb, reason)					\
	kfree_skb_reason(skb, spy_note(reason))
#endif /* EIPOIB_GLUE_TEST */

#endif /* EIPOIB_GLUE_SPY_H */
