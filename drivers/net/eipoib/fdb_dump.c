// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Peers as forwarding entries of ethX: what `bridge fdb` shows.
 */

#include <linux/etherdevice.h>
#include <linux/neighbour.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/netlink.h>

#include "eipoib.h"

/* Where a dump goes on; rtnetlink itself uses the first three. */
enum { ARG_IFINDEX = 3, ARG_BUCKET, ARG_SKIP };

/**
 * eipoib_fdb_station - a peer of which nothing is known yet but its name
 * @mac: its MAC
 * @vid: its VLAN, 0 for none
 *
 * Context: any.
 * Return: the peer.
 */
struct eipoib_peer eipoib_fdb_station(const u8 *mac, u16 vid)
{
	struct eipoib_peer peer = { .vlan = vid ?: EIPOIB_VLAN_NONE };

	ether_addr_copy(peer.mac, mac);

	return peer;
}

/**
 * eipoib_fdb_read - read some of the peers
 * @pif: the PIF
 * @position: where to begin, 0 at first; where to go on
 * @peers: filled, EIPOIB_FDB_AT_ONCE at most
 *
 * Context: any.
 * Return: how many there are, or 0 at the end.
 */
u32 eipoib_fdb_read(const struct eipoib_pif *pif, u64 *position,
		    struct eipoib_peer *peers)
{
	u32 count;

	rcu_read_lock();
	count = eipoib_peers_read(pif->core, position, peers,
				  EIPOIB_FDB_AT_ONCE);
	rcu_read_unlock();

	return count;
}

/**
 * eipoib_fdb_dump - show the entries
 * @skb: they are appended to it
 * @cb: says where to go on
 * @dev: the PIF
 * @filter_dev: not looked at
 * @idx: a bridge's; not ours, for a position in a table that changes is none
 *	in its entries
 *
 * A message holds whole buckets of the table, so that an entry that stays is
 * shown once, whatever comes and goes.
 *
 * Context: RTNL (ndo_fdb_dump).
 * Return: 0, or -EMSGSIZE if there are more.
 */
int eipoib_fdb_dump(struct sk_buff *skb, struct netlink_callback *cb,
		    struct net_device *dev, struct net_device *filter_dev,
		    int *idx)
{
	const struct eipoib_fdb_request request = {
		.type = RTM_NEWNEIGH,
		.portid = NETLINK_CB(cb->skb).portid,
		.seq = cb->nlh->nlmsg_seq,
		.flags = NLM_F_MULTI,
	};
	const struct eipoib_pif *pif = netdev_priv(dev);
	struct eipoib_peer peers[EIPOIB_FDB_AT_ONCE];
	u64 position = 0, next = 0;
	u32 count, i;
	void *mark;

	if (cb->args[ARG_IFINDEX] == dev->ifindex) {
		next = (u64)cb->args[ARG_BUCKET] << 32;
		next |= (u32)cb->args[ARG_SKIP];
	}

	for (;;) {
		position = next;
		mark = skb_tail_pointer(skb);
		count = eipoib_fdb_read(pif, &next, peers);
		if (!count)
			break;
		for (i = 0; i < count; i++) {
			if (eipoib_fdb_fill(skb, dev, &peers[i], &request))
				goto full;
		}
	}
	cb->args[ARG_IFINDEX] = 0;

	return 0;

full:
	nlmsg_trim(skb, mark);
	cb->args[ARG_IFINDEX] = dev->ifindex;
	cb->args[ARG_BUCKET] = upper_32_bits(position);
	cb->args[ARG_SKIP] = lower_32_bits(position);

	return -EMSGSIZE;
}

/**
 * eipoib_fdb_get - show one entry
 * @skb: it is appended to it
 * @tb: the attributes of the request
 * @dev: the PIF
 * @addr: the MAC
 * @vid: the VLAN, 0 for none
 * @portid: who asks
 * @seq: the number of the request
 * @extack: says why there is none
 *
 * Context: RTNL (ndo_fdb_get).
 * Return: 0, -ENOENT or -EMSGSIZE.
 */
int eipoib_fdb_get(struct sk_buff *skb, struct nlattr *tb[],
		   struct net_device *dev, const unsigned char *addr, u16 vid,
		   u32 portid, u32 seq, struct netlink_ext_ack *extack)
{
	const struct eipoib_fdb_request request = {
		.type = RTM_NEWNEIGH,
		.portid = portid,
		.seq = seq,
	};
	struct eipoib_peer peer = eipoib_fdb_station(addr, vid);
	const struct eipoib_pif *pif = netdev_priv(dev);
	int err;

	rcu_read_lock();
	err = eipoib_peer_find(pif->core, &peer);
	rcu_read_unlock();
	if (err) {
		NL_SET_ERR_MSG(extack,
			       "No peer is known to have this MAC on this VLAN");
		return err;
	}

	return eipoib_fdb_fill(skb, dev, &peer, &request);
}
