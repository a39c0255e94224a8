// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * What listeners of RTNLGRP_NEIGH are told of a PIF's MACs.
 */

#include <linux/neighbour.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/netlink.h>

#include "abi/kernel.h"
#include "eipoib.h"

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

static int fill_miss(struct sk_buff *skb, const struct net_device *dev,
		     const u8 *mac, u32 vlan)
{
	struct nlmsghdr *nlh;
	struct ndmsg *ndm;

	nlh = nlmsg_put(skb, 0, 0, RTM_GETNEIGH, sizeof(*ndm), 0);
	if (!nlh)
		return -EMSGSIZE;

	ndm = nlmsg_data(nlh);
	memset(ndm, 0, sizeof(*ndm));
	ndm->ndm_family = AF_BRIDGE;
	ndm->ndm_ifindex = dev->ifindex;
	ndm->ndm_state = NUD_STALE;
	ndm->ndm_flags = NTF_SELF;
	ndm->ndm_type = RTN_UNICAST;

	if (nla_put(skb, NDA_LLADDR, ETH_ALEN, mac) ||
	    (vlan != EIPOIB_VLAN_NONE && nla_put_u16(skb, NDA_VLAN, vlan)))
		return -EMSGSIZE;

	nlmsg_end(skb, nlh);

	return 0;
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
	const struct net_device *dev = ((struct eipoib_pif *)pif)->dev;
	const size_t size = NLMSG_ALIGN(sizeof(struct ndmsg)) +
			    nla_total_size(ETH_ALEN) +
			    nla_total_size(sizeof(u16));
	struct sk_buff *skb;

	skb = nlmsg_new(size, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return;

	if (WARN_ON_ONCE(fill_miss(skb, dev, mac, vlan))) {
		kfree_skb(skb);
		return;
	}

	rtnl_notify(skb, dev_net(dev), 0, RTNLGRP_NEIGH, NULL, GFP_ATOMIC);
}
