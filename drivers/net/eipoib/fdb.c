// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Peers as forwarding entries of ethX: `bridge fdb`.  NDA_DST is the GID of a
 * peer, NDA_VNI its queue pair number.
 */

#include <linux/etherdevice.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/netlink.h>

#include "eipoib.h"

#define AT_ONCE 16

#define STATES_STATIC (NUD_PERMANENT | NUD_NOARP)
/* bridge(8) has "static" mean NUD_NOARP and this one. */
#define STATES_IGNORED NUD_REACHABLE

/* Where a dump goes on; rtnetlink itself uses the first three. */
enum { ARG_IFINDEX = 3, ARG_BUCKET, ARG_SKIP };

static u32 to_vlan(u16 vid)
{
	return vid ?: EIPOIB_VLAN_NONE;
}

static struct eipoib_peer get_station(const u8 *mac, u16 vid)
{
	struct eipoib_peer peer = { .vlan = to_vlan(vid) };

	ether_addr_copy(peer.mac, mac);

	return peer;
}

/* NL_SET_ERR_MSG() takes nothing but literals. */
static int refuse(struct netlink_ext_ack *extack, const char *why, int err)
{
	if (err && extack)
		extack->_msg = why;

	return err;
}

/* The attributes that rtnetlink has not looked at. */
static int check_attributes(struct nlattr *const *tb, u64 known,
			    const char *why, struct netlink_ext_ack *extack)
{
	int i;

	for (i = 1; i <= NDA_MAX; i++) {
		if (!tb[i] || known & BIT_ULL(i))
			continue;
		NL_SET_BAD_ATTR(extack, tb[i]);
		return refuse(extack, why, -EINVAL);
	}

	return 0;
}

static int check_new(const struct ndmsg *ndm, u16 flags,
		     struct netlink_ext_ack *extack)
{
	if (flags & NLM_F_APPEND) {
		NL_SET_ERR_MSG(extack, "A MAC is at one peer: use replace");
		return -EOPNOTSUPP;
	}

	if (!(ndm->ndm_state & STATES_STATIC) ||
	    ndm->ndm_state & ~(STATES_STATIC | STATES_IGNORED)) {
		NL_SET_ERR_MSG(extack,
			       "Only static and permanent entries can be made: the others are learnt");
		return -EINVAL;
	}

	if (ndm->ndm_flags & ~NTF_SELF || ndm->ndm_type > RTN_UNICAST) {
		NL_SET_ERR_MSG(extack, "Entries have no flags but self");
		return -EINVAL;
	}

	return 0;
}

static int get_end_point(struct nlattr *const *tb, u8 *address,
			 struct netlink_ext_ack *extack)
{
	const struct nlattr *gid = tb[NDA_DST];
	const struct nlattr *qpn = tb[NDA_VNI];
	u32 number;

	if (!gid || !qpn) {
		NL_SET_ERR_MSG(extack,
			       "Say where the MAC is: dst GID vni QPN of the peer");
		return -EINVAL;
	}

	if (nla_len(gid) != EIPOIB_IB_ADDR_LEN - 4) {
		NL_SET_ERR_MSG_ATTR(extack, gid,
				    "dst is the 16 bytes of a GID, written as an IPv6 address");
		return -EINVAL;
	}

	if (nla_len(qpn) != sizeof(u32) || nla_get_u32(qpn) > 0xffffff) {
		NL_SET_ERR_MSG_ATTR(extack, qpn,
				    "vni is the 24 bits of a queue pair number");
		return -EINVAL;
	}

	number = nla_get_u32(qpn);
	address[1] = number >> 16;
	address[2] = number >> 8;
	address[3] = number;
	memcpy(address + 4, nla_data(gid), nla_len(gid));

	return 0;
}

/* As it is now, if it is; else as it was asked for. */
static void notify(const struct eipoib_pif *pif, struct eipoib_peer *peer,
		   u16 type)
{
	rcu_read_lock();
	eipoib_peer_find(pif->core, peer);
	rcu_read_unlock();
	eipoib_fdb_notify(pif->dev, peer, type);
}

/**
 * eipoib_fdb_add - make a static entry
 * @ndm: the request
 * @tb: its attributes
 * @dev: the PIF
 * @addr: the MAC
 * @vid: the VLAN, 0 for none
 * @flags: NLM_F_*
 * @extack: says what to do if it is refused
 *
 * Refused means that nothing changed.
 *
 * Context: RTNL (ndo_fdb_add).
 * Return: 0; see eipoib_peer_set(); -EOPNOTSUPP for NLM_F_APPEND.
 */
int eipoib_fdb_add(struct ndmsg *ndm, struct nlattr *tb[],
		   struct net_device *dev, const unsigned char *addr, u16 vid,
		   u16 flags, struct netlink_ext_ack *extack)
{
	const u64 known = BIT_ULL(NDA_LLADDR) | BIT_ULL(NDA_VLAN) |
			  BIT_ULL(NDA_DST) | BIT_ULL(NDA_VNI);
	struct eipoib_peer peer = get_station(addr, vid);
	struct eipoib_pif *pif = netdev_priv(dev);
	const char *why = NULL;
	u32 how = 0;
	int err;

	ASSERT_RTNL();

	err = check_new(ndm, flags, extack);
	if (err)
		return err;

	err = check_attributes(tb, known,
			       "An entry has a MAC, a VLAN, dst and vni, nothing else",
			       extack);
	if (err)
		return err;

	err = get_end_point(tb, peer.address, extack);
	if (err)
		return err;

	if (ndm->ndm_state & NUD_PERMANENT)
		peer.flags = EIPOIB_PEER_PERMANENT;
	if (flags & NLM_F_CREATE)
		how |= EIPOIB_PEER_CREATE;
	if (flags & NLM_F_EXCL)
		how |= EIPOIB_PEER_EXCLUSIVE;

	err = eipoib_peer_set(pif->core, &peer, how, &why);
	if (err)
		return refuse(extack, why, err);
	notify(pif, &peer, RTM_NEWNEIGH);

	return 0;
}

static int forget(struct eipoib_pif *pif, struct eipoib_peer *peer,
		  const char **why)
{
	int err;

	rcu_read_lock();
	eipoib_peer_find(pif->core, peer);
	rcu_read_unlock();

	err = eipoib_peer_forget(pif->core, peer, why);
	/* As with learning, nobody is told of what was learnt. */
	if (!err && peer->flags & EIPOIB_PEER_STATIC)
		eipoib_fdb_notify(pif->dev, peer, RTM_DELNEIGH);

	return err;
}

/**
 * eipoib_fdb_del - delete an entry, static or learnt
 * @ndm: the request
 * @tb: its attributes
 * @dev: the PIF
 * @addr: the MAC
 * @vid: the VLAN, 0 for none
 * @extack: says what to do if it is refused
 *
 * Context: RTNL (ndo_fdb_del).
 * Return: 0, -EINVAL, or see eipoib_peer_forget().
 */
int eipoib_fdb_del(struct ndmsg *ndm, struct nlattr *tb[],
		   struct net_device *dev, const unsigned char *addr, u16 vid,
		   struct netlink_ext_ack *extack)
{
	struct eipoib_peer peer = get_station(addr, vid);
	const char *why = NULL;
	int err;

	ASSERT_RTNL();

	err = check_attributes(tb, BIT_ULL(NDA_LLADDR) | BIT_ULL(NDA_VLAN),
			       "A MAC and a VLAN say which entry it is, nothing else does",
			       extack);
	if (err)
		return err;

	err = forget(netdev_priv(dev), &peer, &why);

	return refuse(extack, why, err);
}

/* Return: how many there are, or 0 at the end. */
static u32 read_some(const struct eipoib_pif *pif, u64 *position,
		     struct eipoib_peer *peers)
{
	u32 count;

	rcu_read_lock();
	count = eipoib_peers_read(pif->core, position, peers, AT_ONCE);
	rcu_read_unlock();

	return count;
}

/* What a flush is about: state and flags count where a mask has bits. */
struct selection {
	u32 vlan;	/* 0 for all */
	u16 state_mask;
	u16 state;
	u8 flags_mask;
	u8 flags;
};

static bool is_selected(const struct selection *selection,
			const struct eipoib_peer *peer)
{
	u16 state = eipoib_fdb_state(peer) ^ selection->state;
	u8 flags = eipoib_fdb_flags(peer) ^ selection->flags;

	return (!selection->vlan || peer->vlan == selection->vlan) &&
	       !(state & selection->state_mask) &&
	       !(flags & selection->flags_mask);
}

/**
 * eipoib_fdb_flush - delete the entries that a request describes
 * @dev: the PIF
 * @ndm: their state and flags, as far as the masks tell
 * @tb: NDA_VLAN, NDA_NDM_STATE_MASK, NDA_NDM_FLAGS_MASK, of the right sizes
 * @extack: says what to do if it is refused
 *
 * Context: RTNL.
 * Return: 0 or -EINVAL.
 */
int eipoib_fdb_flush(struct net_device *dev, const struct ndmsg *ndm,
		     struct nlattr *tb[], struct netlink_ext_ack *extack)
{
	const u64 known = BIT_ULL(NDA_VLAN) | BIT_ULL(NDA_NDM_STATE_MASK) |
			  BIT_ULL(NDA_NDM_FLAGS_MASK);
	struct selection selection = {
		.state = ndm->ndm_state,
		.flags = ndm->ndm_flags,
	};
	struct eipoib_pif *pif = netdev_priv(dev);
	struct eipoib_peer peers[AT_ONCE];
	u64 position = 0;
	const char *why;
	u32 count, i;
	int err;

	ASSERT_RTNL();

	err = check_attributes(tb, known,
			       "A VLAN, a state and flags say what to flush, nothing else does",
			       extack);
	if (err)
		return err;

	if (tb[NDA_VLAN])
		selection.vlan = nla_get_u16(tb[NDA_VLAN]);
	if (tb[NDA_NDM_STATE_MASK])
		selection.state_mask = nla_get_u16(tb[NDA_NDM_STATE_MASK]);
	if (tb[NDA_NDM_FLAGS_MASK])
		selection.flags_mask = nla_get_u8(tb[NDA_NDM_FLAGS_MASK]);

	while ((count = read_some(pif, &position, peers))) {
		for (i = 0; i < count; i++) {
			if (is_selected(&selection, &peers[i]))
				forget(pif, &peers[i], &why);
		}
		cond_resched();
	}

	return 0;
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
	struct eipoib_peer peers[AT_ONCE];
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
		count = read_some(pif, &next, peers);
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
	struct eipoib_peer peer = get_station(addr, vid);
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
