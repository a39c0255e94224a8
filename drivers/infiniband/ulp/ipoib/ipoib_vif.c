// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * VIF mode: its life, and what it does to single frames.  On the receive side
 * it tells whoever reads the link header where a frame came from.  Who uses VIF
 * mode and why is not known here.
 */

#include <linux/build_bug.h>
#include <linux/if_ether.h>
#include <linux/limits.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <rdma/e_ipoib.h>

#include "ipoib.h"

/**
 * ipoib_vif_init - prepare a new interface, which is not in VIF mode yet
 * @priv: the interface
 *
 * Context: process.
 */
void ipoib_vif_init(struct ipoib_dev_priv *priv)
{
	struct ipoib_vif *vif = &priv->vif;

	mutex_init(&vif->groups_lock);
	hash_init(vif->groups);
	INIT_LIST_HEAD(&vif->ready);
	INIT_WORK(&vif->drain_task, ipoib_vif_drain_task);
	INIT_DELAYED_WORK(&vif->reap_task, ipoib_vif_reap_task);
}

/**
 * ipoib_vif_cleanup - an interface goes away
 * @priv: the interface; it has left its groups and has no neighs any more
 *
 * Context: process, sleeps.
 */
void ipoib_vif_cleanup(struct ipoib_dev_priv *priv)
{
	cancel_work_sync(&priv->vif.drain_task);
	cancel_delayed_work_sync(&priv->vif.reap_task);
}

/**
 * ipoib_vif_sends - whether VIF mode allows an ethertype that IPoIB has not
 * @priv: the interface
 * @proto: the ethertype
 *
 * Context: any.
 * Return: true if frames with it are to be sent like those of IP.
 */
bool ipoib_vif_sends(const struct ipoib_dev_priv *priv, __be16 proto)
{
	return proto == htons(ETH_P_TEB) &&
	       test_bit(IPOIB_FLAG_VIF, &priv->flags);
}

static void set_source(struct e_ipoib_rx_link *link, const struct sk_buff *skb,
		       const struct ib_wc *wc)
{
	const struct ib_grh *grh;

	memset(link, 0, sizeof(*link));
	link->src_qpn[0] = wc->src_qp >> 16;
	link->src_qpn[1] = wc->src_qp >> 8;
	link->src_qpn[2] = wc->src_qp;

	if (!(wc->wc_flags & IB_WC_GRH))
		return;

	grh = (const struct ib_grh *)(skb->data - IB_GRH_BYTES);
	link->flags = E_IPOIB_RX_GRH;
	memcpy(link->sgid, grh->sgid.raw, sizeof(link->sgid));
}

/**
 * ipoib_vif_add_source_hdr - what skb_add_pseudo_hdr() does, with the source
 * @skb: frame of a datagram QP; starts at the encapsulation header, with the
 *	room for the GRH (where the link header will stand) before it
 * @wc: its completion
 *
 * A runt gets its link header like any other frame, and like in
 * skb_add_pseudo_hdr() @skb->data is left at the link header then.
 *
 * Context: NAPI poll.
 */
void ipoib_vif_add_source_hdr(struct sk_buff *skb, const struct ib_wc *wc)
{
	struct ipoib_header *encap = (struct ipoib_header *)skb->data;
	struct e_ipoib_rx_link link;
	u16 slid;

	BUILD_BUG_ON(sizeof(link) != IPOIB_PSEUDO_LEN);

	/* The link header takes the place of the GRH: read before writing. */
	set_source(&link, skb, wc);

	skb_add_pseudo_hdr(skb);
	memcpy(skb_mac_header(skb), &link, sizeof(link));

	/* An extended LID of OPA does not fit: 0, which is no one's LID. */
	slid = wc->slid <= U16_MAX ? wc->slid : 0;
	encap->reserved = (__force u16)cpu_to_be16(slid);
}
