// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Peers as forwarding entries of ethX: what `bridge fdb` asks for.  NDA_DST is
 * the GID of a peer, NDA_VNI its queue pair number.
 */

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/netlink.h>

#include "eipoib.h"

#define STATES_STATIC (NUD_PERMANENT | NUD_NOARP)
/* bridge(8) has "static" mean NUD_NOARP and this one. */
#define STATES_IGNORED NUD_REACHABLE

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
	struct eipoib_peer peer = eipoib_fdb_station(addr, vid);
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
	struct eipoib_peer peer = eipoib_fdb_station(addr, vid);
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
	struct eipoib_peer peers[EIPOIB_FDB_AT_ONCE];
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

	while ((count = eipoib_fdb_read(pif, &position, peers))) {
		for (i = 0; i < count; i++) {
			if (is_selected(&selection, &peers[i]))
				forget(pif, &peers[i], &why);
		}
		cond_resched();
	}

	return 0;
}
