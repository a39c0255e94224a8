// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Peers as rtnetlink's neighbour messages, and what listeners of RTNLGRP_NEIGH
 * are told.
 */

#include <linux/neighbour.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/netlink.h>

#include "abi/kernel.h"
#include "eipoib.h"

/* Where the queue pair number and the GID stand in a link-layer address. */
#define QPN_OFFSET 1
#define GID_OFFSET 4
#define GID_LEN 16

static size_t message_size(void)
{
	return NLMSG_ALIGN(sizeof(struct ndmsg)) +
	       nla_total_size(ETH_ALEN) +	/* NDA_LLADDR */
	       nla_total_size(sizeof(u16)) +	/* NDA_VLAN */
	       nla_total_size(GID_LEN) +	/* NDA_DST */
	       nla_total_size(sizeof(u32)) +	/* NDA_VNI */
	       nla_total_size(sizeof(struct nda_cacheinfo));
}

/**
 * eipoib_fdb_state - what kind of entry a peer is
 * @peer: the peer
 *
 * Context: any.
 * Return: ndm_state.
 */
u16 eipoib_fdb_state(const struct eipoib_peer *peer)
{
	if (peer->flags & EIPOIB_PEER_PERMANENT)
		return NUD_PERMANENT;
	if (peer->flags & EIPOIB_PEER_STATIC)
		return NUD_NOARP;

	return peer->flags & EIPOIB_PEER_FRESH ? NUD_REACHABLE : NUD_STALE;
}

/**
 * eipoib_fdb_flags - where an entry comes from
 * @peer: the peer
 *
 * Context: any.
 * Return: ndm_flags.
 */
u8 eipoib_fdb_flags(const struct eipoib_peer *peer)
{
	if (peer->flags & EIPOIB_PEER_STATIC)
		return NTF_SELF;

	return NTF_SELF | NTF_EXT_LEARNED;
}

static struct nlmsghdr *put_header(struct sk_buff *skb,
				   const struct net_device *dev,
				   const struct eipoib_fdb_request *request,
				   u16 state, u8 flags)
{
	struct nlmsghdr *nlh;
	struct ndmsg *ndm;

	nlh = nlmsg_put(skb, request->portid, request->seq, request->type,
			sizeof(*ndm), request->flags);
	if (!nlh)
		return NULL;

	ndm = nlmsg_data(nlh);
	memset(ndm, 0, sizeof(*ndm));
	ndm->ndm_family = AF_BRIDGE;
	ndm->ndm_ifindex = dev->ifindex;
	ndm->ndm_state = state;
	ndm->ndm_flags = flags;
	ndm->ndm_type = RTN_UNICAST;

	return nlh;
}

static int put_station(struct sk_buff *skb, const u8 *mac, u32 vlan)
{
	if (nla_put(skb, NDA_LLADDR, ETH_ALEN, mac))
		return -EMSGSIZE;

	if (vlan != EIPOIB_VLAN_NONE && nla_put_u16(skb, NDA_VLAN, vlan))
		return -EMSGSIZE;

	return 0;
}

static int put_end_point(struct sk_buff *skb, const struct eipoib_peer *peer)
{
	const u8 *qpn = peer->address + QPN_OFFSET;
	u32 vni = qpn[0] << 16 | qpn[1] << 8 | qpn[2];

	if (nla_put(skb, NDA_DST, GID_LEN, peer->address + GID_OFFSET))
		return -EMSGSIZE;

	return nla_put_u32(skb, NDA_VNI, vni);
}

/* Not by way of jiffies, which take 25 days of milliseconds for infinity. */
static u32 to_clock(u32 ms)
{
	return ms / (MSEC_PER_SEC / USER_HZ);
}

/**
 * eipoib_fdb_fill - a peer as a message
 * @skb: it is appended to that
 * @dev: the PIF
 * @peer: the peer
 * @request: to whom and why
 *
 * Context: any.
 * Return: 0, or -EMSGSIZE and nothing is appended.
 */
int eipoib_fdb_fill(struct sk_buff *skb, const struct net_device *dev,
		    const struct eipoib_peer *peer,
		    const struct eipoib_fdb_request *request)
{
	const struct nda_cacheinfo ages = {
		.ndm_used = to_clock(peer->used),
		.ndm_confirmed = to_clock(peer->heard),
		.ndm_updated = to_clock(peer->heard),
	};
	struct nlmsghdr *nlh;

	nlh = put_header(skb, dev, request, eipoib_fdb_state(peer),
			 eipoib_fdb_flags(peer));
	if (!nlh)
		return -EMSGSIZE;

	if (put_station(skb, peer->mac, peer->vlan) ||
	    put_end_point(skb, peer) ||
	    nla_put(skb, NDA_CACHEINFO, sizeof(ages), &ages)) {
		nlmsg_cancel(skb, nlh);
		return -EMSGSIZE;
	}
	nlmsg_end(skb, nlh);

	return 0;
}

/**
 * eipoib_fdb_notify - tell listeners of an entry that was made or deleted
 * @dev: the PIF
 * @peer: the entry
 * @type: RTM_NEWNEIGH or RTM_DELNEIGH
 *
 * Context: RTNL.
 */
void eipoib_fdb_notify(const struct net_device *dev,
		       const struct eipoib_peer *peer, u16 type)
{
	const struct eipoib_fdb_request request = { .type = type };
	struct net *net = dev_net(dev);
	struct sk_buff *skb;

	skb = nlmsg_new(message_size(), GFP_KERNEL);
	if (!skb) {
		rtnl_set_sk_err(net, RTNLGRP_NEIGH, -ENOBUFS);
		return;
	}

	/* CONTRACT: message_size() is what it takes. */
	if (WARN_ON_ONCE(eipoib_fdb_fill(skb, dev, peer, &request))) {
		kfree_skb(skb);
		return;
	}

	rtnl_notify(skb, net, 0, RTNLGRP_NEIGH, NULL, GFP_KERNEL);
}

/**
 * eipoib_k_is_watched - whether eipoib_k_report_source() reaches anybody
 * @pif: as given to eipoib_core_create()
 *
 * Context: RCU read-side section.
 * Return: true if somebody listens.
 */
bool eipoib_k_is_watched(void *pif)
{
	const struct eipoib_pif *p = pif;

	return rtnl_has_listeners(dev_net(p->dev), RTNLGRP_NEIGH);
}

/**
 * eipoib_k_report_source - a frame from ethX came from a MAC without a VIF
 * @pif: as given to eipoib_core_create()
 * @mac: 6 bytes
 * @vlan: VLAN ID or EIPOIB_VLAN_NONE
 *
 * As vxlan does it for a destination that it does not know ("l2miss").
 *
 * Context: bottom halves off, RCU read-side section.
 */
void eipoib_k_report_source(void *pif, const u8 *mac, u32 vlan)
{
	const struct eipoib_fdb_request request = { .type = RTM_GETNEIGH };
	const struct net_device *dev = ((struct eipoib_pif *)pif)->dev;
	struct nlmsghdr *nlh;
	struct sk_buff *skb;

	skb = nlmsg_new(message_size(), GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return;

	nlh = put_header(skb, dev, &request, NUD_STALE, NTF_SELF);
	if (WARN_ON_ONCE(!nlh || put_station(skb, mac, vlan))) {
		kfree_skb(skb);
		return;
	}
	nlmsg_end(skb, nlh);
	rtnl_notify(skb, dev_net(dev), 0, RTNLGRP_NEIGH, NULL, GFP_ATOMIC);
}
