/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Peers as an administrator sees and makes them: which MAC is at which IPoIB
 * address.  Belongs to abi/core.h, which says what the contexts are.
 */
#ifndef EIPOIB_ABI_PEER_H
#define EIPOIB_ABI_PEER_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct eipoib_core;

/* eipoib_peer.flags */
#define EIPOIB_PEER_STATIC	0x01	/* the administrator's, not learnt */
#define EIPOIB_PEER_PERMANENT	0x02	/* what he called a static one */
#define EIPOIB_PEER_FRESH	0x04	/* heard within the last minute */

/**
 * struct eipoib_peer - a MAC and the remote end point that it leads to
 * @mac: 6 bytes
 * @flags: EIPOIB_PEER_*
 * @vlan: 1..4094, or EIPOIB_VLAN_NONE for untagged
 * @address: the end point's link-layer address
 * @used: milliseconds since a frame went there or came from there
 * @heard: milliseconds since a frame came from there
 * @dev: a VIF's netdevice that receives from there, or NULL if none is ready
 */
struct eipoib_peer {
	u8 mac[EIPOIB_MAC_LEN];
	u8 flags;
	u32 vlan;
	u8 address[EIPOIB_IB_ADDR_LEN];
	u32 used;
	u32 heard;
	void *dev;
};

/**
 * eipoib_peers_read - read some of the peers
 * @core: the PIF's state
 * @position: where to begin, 0 at first; where to go on
 * @peers: filled
 * @capacity: how many there is room for at @peers; should there be more at a
 *	position, which takes very many, they are read in pieces
 *
 * Peers that stay what they are between the first call and the last one are
 * read once.
 *
 * Context: RCU read-side section.
 * Return: how many were read, 0 at the end.
 */
u32 eipoib_peers_read(const struct eipoib_core *core, u64 *position,
		      struct eipoib_peer *peers, u32 capacity);

/**
 * eipoib_peer_find - read one of them
 * @core: the PIF's state
 * @peer: its MAC and VLAN; the rest is filled
 *
 * Context: Config, RCU read-side section.
 * Return: 0 or -ENOENT.
 */
int eipoib_peer_find(const struct eipoib_core *core, struct eipoib_peer *peer);

/* How eipoib_peer_set() treats what is there. */
#define EIPOIB_PEER_CREATE	0x01	/* make it if it is not there */
#define EIPOIB_PEER_EXCLUSIVE	0x02	/* but do not change it */

/**
 * eipoib_peer_set - make a static entry, or lead it elsewhere
 * @core: the PIF's state
 * @peer: its MAC, VLAN, address and whether it is EIPOIB_PEER_PERMANENT; the
 *	rest is not read
 * @how: EIPOIB_PEER_CREATE, EIPOIB_PEER_EXCLUSIVE
 * @why: set on error to a sentence for the administrator
 *
 * What was learnt of the MAC gives way.  All or nothing.
 *
 * Context: Config.
 * Return: 0; -EINVAL for addresses that no peer can have, -ENODEV for a VLAN
 * without a VIF, -EBUSY for a MAC or an address of a VIF of this PIF,
 * -EEXIST, -ENOENT, -ENOSPC, -ENOMEM.
 */
int eipoib_peer_set(struct eipoib_core *core, const struct eipoib_peer *peer,
		    u32 how, const char **why);

/**
 * eipoib_peer_forget - forget where a MAC is, static or learnt
 * @core: the PIF's state
 * @peer: its MAC and VLAN; the rest is not read
 * @why: set on error to a sentence for the administrator
 *
 * Context: Config.
 * Return: 0, -ENOENT, or -EBUSY for the REMAC of a peer that other MACs lead
 * to.
 */
int eipoib_peer_forget(struct eipoib_core *core,
		       const struct eipoib_peer *peer, const char **why);

#ifdef __cplusplus
}
#endif

#endif /* EIPOIB_ABI_PEER_H */
