/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * What differs between the kernels we build for (6.1 and 6.12), and nowhere
 * else.  What can be asked of the headers is not asked of the version.
 */
#ifndef EIPOIB_COMPAT_H
#define EIPOIB_COMPAT_H

#include <linux/neighbour.h>
#include <linux/netdevice.h>
#include <linux/version.h>
#include <net/netlink.h>
/* skb_gso_segment(), which moved to a header of its own, comes with it. */
#include <net/udp.h>

#include "eipoib.h"

/* The driver needs no lock around transmit: a feature bit until 6.12. */
static inline void eipoib_compat_set_lltx(struct net_device *dev)
{
#ifdef NETIF_F_LLTX
	dev->features |= NETIF_F_LLTX;
#else
	dev->lltx = true;
#endif
}

/* What a class attribute is shown of itself is constant since 6.4. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
#define EIPOIB_COMPAT_CONST
#else
#define EIPOIB_COMPAT_CONST const
#endif

/* ndo_fdb_del_bulk parses its own message since 6.7. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
static inline int
eipoib_compat_fdb_del_bulk(struct ndmsg *ndm, struct nlattr *tb[],
			   struct net_device *dev, u16 vid,
			   struct netlink_ext_ack *extack)
{
	return eipoib_fdb_flush(dev, ndm, tb, extack);
}
#else
static inline int
eipoib_compat_fdb_del_bulk(struct nlmsghdr *nlh, struct net_device *dev,
			   struct netlink_ext_ack *extack)
{
	static const struct nla_policy policy[NDA_MAX + 1] = {
		[NDA_VLAN]		= NLA_POLICY_RANGE(NLA_U16, 1, 4094),
		[NDA_IFINDEX]		= { .type = NLA_U32 },
		[NDA_NDM_STATE_MASK]	= { .type = NLA_U16 },
		[NDA_NDM_FLAGS_MASK]	= { .type = NLA_U8 },
	};
	struct nlattr *tb[NDA_MAX + 1];
	int err;

	err = nlmsg_parse(nlh, sizeof(struct ndmsg), tb, NDA_MAX, policy,
			  extack);
	if (err)
		return err;

	return eipoib_fdb_flush(dev, nlmsg_data(nlh), tb, extack);
}
#endif

#endif /* EIPOIB_COMPAT_H */
