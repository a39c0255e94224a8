/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * As much of a kernel as the netlink code of eth_ipoib sees: what it takes
 * apart is real, what it calls beyond that is counted or does nothing.
 * Attributes are those of <linux/netlink.h>; how they are checked is written
 * down here once more, from what the kernel's documentation promises.
 */
#ifndef FUZZ_NETLINK_KERNEL_H
#define FUZZ_NETLINK_KERNEL_H

#include <asm/types.h>
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

/* The kernel has no sockets API. */
#define bind kernel_bind

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef u64 netdev_features_t;
typedef int netdev_tx_t, rx_handler_result_t, netdevice_tracker, spinlock_t;
typedef u64 u64_stats_t;
typedef long atomic_long_t;

#define IFNAMSIZ 16
#define ETH_GSTRING_LEN 32
#define __percpu
#define __read_mostly
#define BIT(n) (1u << (n))
#define BIT_ULL(n) (1ull << (n))
#define ASSERT_RTNL() ((void)0)
#define strscpy(to, from, size) snprintf(to, size, "%s", from)

struct list_head {
	struct list_head *next, *prev;
};

struct work_struct {
	int unused;
};

struct delayed_work {
	int unused;
};

struct u64_stats_sync {
	int unused;
};

struct rcu_head {
	int unused;
};

struct sk_buff_head {
	int unused;
};

struct net {
	int unused;
};

struct sk_buff {
	char cb[48];
};

struct netlink_callback {
	int unused;
};

struct net_device {
	char name[IFNAMSIZ];
	int ifindex;
	unsigned int mtu, max_mtu;
	void *priv;
};

static inline void *netdev_priv(const struct net_device *dev)
{
	return dev->priv;
}

static inline struct net *dev_net(const struct net_device *dev)
{
	static struct net net;

	(void)dev;
	return &net;
}

static inline bool is_valid_ether_addr(const u8 *mac)
{
	static const u8 zero[ETH_ALEN];

	return !(mac[0] & 1) && memcmp(mac, zero, sizeof(zero));
}

static inline void ether_addr_copy(u8 *to, const u8 *from)
{
	memcpy(to, from, ETH_ALEN);
}

static inline void rcu_read_lock(void)
{
}

static inline void rcu_read_unlock(void)
{
}

static inline void cond_resched(void)
{
}

#define ERR_PTR(err) ((void *)(intptr_t)(err))
#define PTR_ERR(ptr) ((int)(intptr_t)(ptr))
#define IS_ERR(ptr) ((uintptr_t)(ptr) >= (uintptr_t)-4095)

/* Netlink */

struct netlink_ext_ack {
	const char *_msg;
	const struct nlattr *bad_attr;
};

#define NL_SET_ERR_MSG(extack, text) ((extack)->_msg = (text))
#define NL_SET_BAD_ATTR(extack, attr) ((extack)->bad_attr = (attr))
#define NL_SET_ERR_MSG_ATTR(extack, attr, text) \
	(NL_SET_BAD_ATTR(extack, attr), NL_SET_ERR_MSG(extack, text))

enum {
	NLA_UNSPEC,
	NLA_U8,
	NLA_U16,
	NLA_U32,
	NLA_FLAG,
	NLA_BINARY,
	NLA_NESTED,
	NLA_REJECT,
};

struct nla_policy {
	u8 type;
	u32 mask;	/* 0 for all */
	const struct nla_policy *nested;
	u16 nested_max;
	const char *reject_message;
};

#define NLA_POLICY_MASK(kind, bits) { .type = kind, .mask = bits }
#define NLA_POLICY_NESTED(policy_) \
	{ .type = NLA_NESTED, .nested = policy_, \
	  .nested_max = IFLA_EIPOIB_VIF_MAX }

#define NL_VALIDATE_LIBERAL 0
#define NL_VALIDATE_NESTED BIT(4)
#define NL_VALIDATE_STRICT (BIT(0) | NL_VALIDATE_NESTED)

static inline int nla_type(const struct nlattr *attr)
{
	return attr->nla_type & NLA_TYPE_MASK;
}

static inline int nla_len(const struct nlattr *attr)
{
	return attr->nla_len - NLA_HDRLEN;
}

static inline void *nla_data(const struct nlattr *attr)
{
	return (char *)attr + NLA_HDRLEN;
}

static inline bool nla_ok(const struct nlattr *attr, int rest)
{
	return rest >= (int)sizeof(*attr) && attr->nla_len >= sizeof(*attr) &&
	       attr->nla_len <= rest;
}

static inline const struct nlattr *nla_next(const struct nlattr *attr,
					    int *rest)
{
	int total = NLA_ALIGN(attr->nla_len);

	*rest -= total;
	return (const struct nlattr *)((const char *)attr + total);
}

#define nla_for_each_attr(attr, head, len, rest) \
	for (attr = head, rest = len; nla_ok(attr, rest); \
	     attr = nla_next(attr, &(rest)))
#define nla_for_each_nested(attr, nest, rest) \
	nla_for_each_attr(attr, nla_data(nest), nla_len(nest), rest)

static inline const struct nlattr *nla_find_nested(const struct nlattr *nest,
						   int type)
{
	const struct nlattr *attr;
	int rest;

	nla_for_each_nested(attr, nest, rest) {
		if (nla_type(attr) == type)
			return attr;
	}
	return NULL;
}

/* The padding behind an attribute is none of it. */
#define NLA_GET(kind) \
	static inline kind nla_get_##kind(const struct nlattr *attr) \
	{ \
		kind value; \
\
		assert(nla_len(attr) >= (int)sizeof(value)); \
\
		memcpy(&value, nla_data(attr), sizeof(value)); \
		return value; \
	}
NLA_GET(u8)
NLA_GET(u16)
NLA_GET(u32)

static inline void nla_memcpy(void *to, const struct nlattr *attr, int size)
{
	memcpy(to, nla_data(attr), nla_len(attr) < size ? nla_len(attr) : size);
}

static inline int nla_strcmp(const struct nlattr *attr, const char *text)
{
	size_t len = strnlen(nla_data(attr), nla_len(attr));

	return strlen(text) != len || memcmp(nla_data(attr), text, len);
}

static inline int nla_total_size(int size)
{
	return NLA_ALIGN(NLA_HDRLEN + size);
}

#define nla_total_size_64bit(size) nla_total_size(size)

int __nla_parse(struct nlattr **tb, int max, const struct nlattr *head, int len,
		const struct nla_policy *policy, u32 validate,
		struct netlink_ext_ack *extack);

static inline int __nla_validate(const struct nlattr *head, int len, int max,
				 const struct nla_policy *policy, u32 validate,
				 struct netlink_ext_ack *extack)
{
	return __nla_parse(NULL, max, head, len, policy, validate, extack);
}

/* What is shown is another matter. */
static inline int nla_put_any(int unused, ...)
{
	(void)unused;
	return -EMSGSIZE;
}

#define nla_put(...) nla_put_any(0, __VA_ARGS__)
#define nla_put_u16(...) nla_put_any(0, __VA_ARGS__)
#define nla_put_u32(...) nla_put_any(0, __VA_ARGS__)
#define nla_put_u64_64bit(...) nla_put_any(0, __VA_ARGS__)

struct rtnl_link_ops {
	const char *kind;
	size_t priv_size;
	void (*setup)(struct net_device *dev);
	unsigned int maxtype;
	const struct nla_policy *policy;
	int (*validate)(struct nlattr *tb[], struct nlattr *data[],
			struct netlink_ext_ack *extack);
	int (*newlink)(struct net *net, struct net_device *dev,
		       struct nlattr *tb[], struct nlattr *data[],
		       struct netlink_ext_ack *extack);
	int (*changelink)(struct net_device *dev, struct nlattr *tb[],
			  struct nlattr *data[],
			  struct netlink_ext_ack *extack);
	void (*dellink)(struct net_device *dev, struct list_head *head);
	int (*slave_changelink)(struct net_device *dev,
				struct net_device *slave_dev,
				struct nlattr *tb[], struct nlattr *data[],
				struct netlink_ext_ack *extack);
	size_t (*get_size)(const struct net_device *dev);
	int (*fill_info)(struct sk_buff *skb, const struct net_device *dev);
	size_t (*get_slave_size)(const struct net_device *dev,
				 const struct net_device *slave_dev);
	int (*fill_slave_info)(struct sk_buff *skb,
			       const struct net_device *dev,
			       const struct net_device *slave_dev);
	struct net *(*get_link_net)(const struct net_device *dev);
};

struct net_device *__dev_get_by_index(struct net *net, int ifindex);
int register_netdevice(struct net_device *dev);
void unregister_netdevice_queue(struct net_device *dev,
				struct list_head *head);

#endif /* FUZZ_NETLINK_KERNEL_H */
