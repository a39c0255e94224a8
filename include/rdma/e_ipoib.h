/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * The contract between ib_ipoib and eth_ipoib.
 *
 * Neither module needs the other to load: eth_ipoib looks e_ipoib_get_ops()
 * up with symbol_get() when it has a use for it, and gives the reference back
 * at once.  The table it returns is valid for as long as ib_ipoib has a
 * registered netdevice, so whoever holds an enslaved clone may keep it.
 */
#ifndef _RDMA_E_IPOIB_H
#define _RDMA_E_IPOIB_H

#include <linux/types.h>

struct net_device;
struct netlink_ext_ack;

/*
 * Raised whenever a member changes its meaning or its place.  New members go
 * to the end and do not raise it; a user checks @size before it uses one.
 */
#define E_IPOIB_VERSION	1

/*
 * What a receive of a clone in VIF mode finds in the 20 bytes before the
 * IPoIB encapsulation header, where other interfaces have zeroes.  Without
 * E_IPOIB_RX_GRH @sgid is zero.  The sender's LID (the SLID of the local route
 * header, path bits included, big-endian) stands in the second half of the
 * encapsulation header, the field that RFC 4391 section 6 reserves.
 *
 * What came by a connection has the QPN of the sender's datagram queue pair,
 * as it said itself when it asked for the connection, and GID and LID of the
 * connection's path.
 *
 * A frame whose source is not known has a source QPN of 0, which no IPoIB
 * interface can have; the reserved field is then what the peer sent.  An LID of
 * more than 16 bits reads as 0.
 *
 * A runt, shorter than its encapsulation header, arrives with skb->data at the
 * link header and not 24 bytes behind it.
 */
struct e_ipoib_rx_link {
	__u8	flags;		/* E_IPOIB_RX_* */
	__u8	src_qpn[3];	/* big-endian */
	__u8	sgid[16];
};

#define E_IPOIB_RX_GRH		0x01	/* @sgid is valid */
#define E_IPOIB_RX_CONNECTED	0x02	/* came by a connection */

/* Frames to one address that wait for its path. */
#define E_IPOIB_HOLD_MAX	256

/**
 * struct e_ipoib_stats - counters that ib_ipoib does not keep itself
 * @count: how many
 * @names: of @count times ETH_GSTRING_LEN bytes
 * @get: write their values to @data.  Context: RTNL, @dev is a VIF.
 */
struct e_ipoib_stats {
	u32		count;
	const char	*names;
	void		(*get)(const struct net_device *dev, u64 *data);
};

/**
 * struct e_ipoib_ops - what ib_ipoib does for eth_ipoib
 * @version: E_IPOIB_VERSION of the ib_ipoib that is loaded
 * @size: sizeof(struct e_ipoib_ops) there
 * @owns: whether @dev is an IPoIB netdevice of this ib_ipoib.  Context: any
 *	with RTNL or RCU held.
 * @parent: the main interface of clone @dev, NULL if @dev is no clone.
 *	Context: RTNL.
 * @pkey: the P_Key of @dev, host byte order.  Context: RTNL.
 * @vif_start: put clone @dev into VIF mode (below).  Context: RTNL, @dev
 *	down.  Return: 0, -EOPNOTSUPP if @dev is no clone or receives without
 *	ib_ipoib's help, -EBUSY if it is up or a VIF already.
 * @vif_stop: take clone @dev out of VIF mode.  Context: RTNL, @dev down; the
 *	caller has removed its receive handler.  Idempotent.
 * @vif_attach: let VIF @dev receive the frames of the groups it has joined and
 *	of those it will join, or stop that.  Off after @vif_start; whether
 *	@dev is up does not matter and changes nothing.  Context: RTNL, sleeps.
 *	Idempotent.  Return: 0, -EINVAL if @dev is no VIF, or another negative
 *	errno; then nothing changed.
 * @vif_is_attached: whether VIF @dev receives every group on its list and the
 *	broadcast group by now.  It never does while it is down or the SA
 *	refuses one of them.  Context: RTNL, sleeps.
 * @lmc: the LMC of the port of @dev: how many low bits of its LIDs select a
 *	path.  Context: any that owns a reference to @dev.  Return: 0 if it is
 *	not known.
 * @lid_to_gid: ask the SA which port has @lid (host byte order).  Context:
 *	process, sleeps for seconds at worst; without RTNL, between @vif_start
 *	and @vif_stop.  Return: 0 and @gid, -ENOENT if the SA knows no such LID
 *	in the partition of @dev, -EINVAL if @dev is no VIF, another negative
 *	errno if it did not answer.
 * @vif_show_stats: let ethtool show @stats of VIF @dev, behind ib_ipoib's own,
 *	until @vif_stop.  Context: RTNL.
 * @is_connected: whether VIF @dev is in connected mode: frames to addresses
 *	with the RC flag go by connections and may be as long as its
 *	MTU.  Context: RTNL.
 * @datagram_mtu: the longest packet that VIF @dev sends to groups and to
 *	addresses without that flag; longer ones are dropped without a
 *	word.  Context: RTNL.
 *
 * When one of the last two has changed there is a NETDEV_CHANGE or a
 * NETDEV_CHANGEMTU of @dev while it is up.
 *
 * In VIF mode a clone
 *	- writes the source of its receives (struct e_ipoib_rx_link);
 *	- joins the groups that were added with dev_mc_add_global(), and none of
 *	  those that an IP stack adds by itself;
 *	- takes group frames only while @vif_attach says so.  Joined, but not
 *	  attached, it can send to its groups;
 *	- sends frames of ethertype ETH_P_TEB like those of IP;
 *	- holds up to E_IPOIB_HOLD_MAX frames for an address whose path is not
 *	  known yet, and sends them in order before any later one;
 *	- gives connections that it makes shorter times, and some repetitions;
 *	- sends to at most 256 groups without being a member.  What is for
 *	  others goes to the broadcast group;
 *	- asks the SA for at most 256 addresses at a time.  Frames to others are
 *	  dropped, and what the SA does not know is forgotten.
 */
struct e_ipoib_ops {
	u32	version;
	u32	size;
	bool	(*owns)(const struct net_device *dev);
	struct net_device *(*parent)(const struct net_device *dev);
	u16	(*pkey)(const struct net_device *dev);
	int	(*vif_start)(struct net_device *dev,
			     struct netlink_ext_ack *extack);
	void	(*vif_stop)(struct net_device *dev);
	int	(*vif_attach)(struct net_device *dev, bool on);
	bool	(*vif_is_attached)(const struct net_device *dev);
	u8	(*lmc)(const struct net_device *dev);
	int	(*lid_to_gid)(struct net_device *dev, u16 lid, u8 *gid);
	void	(*vif_show_stats)(struct net_device *dev,
				  const struct e_ipoib_stats *stats);
	bool	(*is_connected)(const struct net_device *dev);
	u32	(*datagram_mtu)(const struct net_device *dev);
};

/**
 * e_ipoib_get_ops - find the table
 *
 * Exported by a patched ib_ipoib; a stock one does not have it.
 *
 * Context: any.
 * Return: the table, never NULL.
 */
const struct e_ipoib_ops *e_ipoib_get_ops(void);

#endif /* _RDMA_E_IPOIB_H */
