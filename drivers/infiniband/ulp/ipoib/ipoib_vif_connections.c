// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * VIF mode, connected: who is at the other end of a connection, and how soon
 * one is given up.  Whether there is one to a peer at all is ib_ipoib's own
 * decision, by the mode of the VIF and the flags of the peer's address.
 */

#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <rdma/ib_cm.h>
#include <rdma/ib_sa.h>

#include "ipoib.h"

/* Times of IBA 9.7.6.1.3: 4.096 us * 2^n. */
#define PACKET_LIFE_TIME	14	/* 67 ms; an ACK may take twice that */
#define RESPONSE_TIME		16	/* 268 ms */

#define RETRIES			3
#define RNR_RETRIES		6	/* the most that end at all */

/**
 * ipoib_vif_set_source - remember who asks for a connection
 * @source: filled
 * @event: IB_CM_REQ_RECEIVED of an IPoIB interface
 *
 * Nothing but the sender's word vouches for the QPN in the private data (RFC
 * 4755 section 5.1).  Its GID and LID are those that the queue pair answers to.
 *
 * Context: process.
 */
void ipoib_vif_set_source(struct ipoib_vif_source *source,
			  const struct ib_cm_event *event)
{
	struct sa_path_rec *path = event->param.req_rcvd.primary_path;
	const struct ipoib_cm_data *data = event->private_data;
	u32 lid = be32_to_cpu(sa_path_get_dlid(path));
	u32 qpn = be32_to_cpu(data->qpn);

	source->link.flags = E_IPOIB_RX_GRH | E_IPOIB_RX_CONNECTED;
	source->link.src_qpn[0] = qpn >> 16;
	source->link.src_qpn[1] = qpn >> 8;
	source->link.src_qpn[2] = qpn;
	memcpy(source->link.sgid, path->dgid.raw, sizeof(source->link.sgid));

	/* An extended LID of OPA does not fit: 0, which is no one's LID. */
	source->slid = cpu_to_be16(lid <= U16_MAX ? lid : 0);
}

/**
 * ipoib_vif_add_connected_hdr - what skb_add_pseudo_hdr() does, with the source
 * @skb: frame of a connection; starts at the encapsulation header
 * @source: whose it is, or NULL if that is not known
 *
 * Context: NAPI poll.
 */
void ipoib_vif_add_connected_hdr(struct sk_buff *skb,
				 const struct ipoib_vif_source *source)
{
	struct ipoib_header *encap = (struct ipoib_header *)skb->data;

	skb_add_pseudo_hdr(skb);
	if (!source)
		return;

	memcpy(skb_mac_header(skb), &source->link, sizeof(source->link));
	/* A runt, too, has the room in its buffer. */
	encap->reserved = (__force u16)source->slid;
}

/**
 * ipoib_vif_limits_changed - tell those above a VIF of its mode and its MTUs
 * @priv: the interface
 *
 * Context: RTNL.
 */
void ipoib_vif_limits_changed(struct ipoib_dev_priv *priv)
{
	ASSERT_RTNL();

	if (test_bit(IPOIB_FLAG_VIF, &priv->flags))
		netdev_state_change(priv->dev);
}

/**
 * ipoib_vif_tune - choose the times and repetitions of a connection
 * @priv: the interface that asks for it
 * @req: changed in VIF mode, as is the path that it points to
 *
 * Context: process.
 */
void ipoib_vif_tune(const struct ipoib_dev_priv *priv,
		    struct ib_cm_req_param *req)
{
	struct sa_path_rec *path = req->primary_path;

	if (!test_bit(IPOIB_FLAG_VIF, &priv->flags))
		return;

	path->packet_life_time = min_t(u8, path->packet_life_time,
				       PACKET_LIFE_TIME);
	req->remote_cm_response_timeout = RESPONSE_TIME;
	req->local_cm_response_timeout = RESPONSE_TIME;
	req->retry_count = RETRIES;
	req->rnr_retry_count = RNR_RETRIES;
}

/**
 * ipoib_vif_connection_failed - doubt the path to a peer
 * @neigh: its connection failed, or could not be made
 *
 * The next frame to the peer asks the SA for the path again.
 *
 * Context: priv->lock.
 */
void ipoib_vif_connection_failed(struct ipoib_neigh *neigh)
{
	struct ipoib_dev_priv *priv = ipoib_priv(neigh->dev);
	struct ipoib_path *path;

	lockdep_assert_held(&priv->lock);

	if (!test_bit(IPOIB_FLAG_VIF, &priv->flags))
		return;

	path = __path_find(neigh->dev, neigh->daddr + 4);
	if (path && path->ah)
		path->ah->valid = 0;
}
