/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * What differs between the kernels we build for (6.1 and 6.12), and nowhere
 * else.  What can be asked of the headers is not asked of the version.
 */
#ifndef EIPOIB_COMPAT_H
#define EIPOIB_COMPAT_H

#include <linux/netdevice.h>
/* skb_gso_segment(), which moved to a header of its own, comes with it. */
#include <net/udp.h>

/* The driver needs no lock around transmit: a feature bit until 6.12. */
static inline void eipoib_compat_set_lltx(struct net_device *dev)
{
#ifdef NETIF_F_LLTX
	dev->features |= NETIF_F_LLTX;
#else
	dev->lltx = true;
#endif
}

#endif /* EIPOIB_COMPAT_H */
