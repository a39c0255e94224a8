/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * VIF mode: what the distribution's files call in ours.  Nothing here changes
 * what an interface does that is not in VIF mode.
 */
#ifndef _IPOIB_VIF_H
#define _IPOIB_VIF_H

#include <linux/skbuff.h>
#include <linux/types.h>
#include <rdma/ib_verbs.h>

struct ipoib_dev_priv;

/* ipoib_vif.c */
void ipoib_vif_add_source_hdr(struct sk_buff *skb, const struct ib_wc *wc);
bool ipoib_vif_sends(const struct ipoib_dev_priv *priv, __be16 proto);

#endif /* _IPOIB_VIF_H */
