/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * mock_ipoib.ko: IPoIB interfaces without a fabric, with an e_ipoib_ops table
 * of their own.  They keep what they are to send, fail on request, and count
 * what eth_ipoib may not do.
 */
#ifndef EIPOIB_GLUE_MOCK_H
#define EIPOIB_GLUE_MOCK_H

#include <linux/completion.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <rdma/e_ipoib.h>

#define MOCK_LINK_HLEN 24

/* As long a datagram as the link layer has. */
#define MOCK_DATAGRAM_MTU 4092

/**
 * struct mock_ipoib - private data of an interface
 * @parent: the main interface of a clone, NULL for a main interface
 * @pkey: its P_Key
 * @is_vif: between vif_start and vif_stop
 * @is_attached: by vif_attach
 * @is_deaf: the SA lets it join no group
 * @is_datagram: it is not in connected mode
 * @stats: by vif_show_stats
 * @sent: what it was given to send
 * @is_congested: it drops that instead
 * @start_error: what vif_start returns
 * @attach_error: what vif_attach returns
 * @lid_error: what lid_to_gid returns; at first that the SA does not know
 * @lid_count: how often it was asked
 * @lid_gate: if not NULL, lid_to_gid waits for it
 * @attach_count: how often it was attached
 */
struct mock_ipoib {
	struct net_device *parent;
	u16 pkey;
	bool is_vif;
	bool is_attached;
	bool is_deaf;
	bool is_datagram;
	const struct e_ipoib_stats *stats;
	struct sk_buff_head sent;
	bool is_congested;
	int start_error;
	int attach_error;
	int lid_error;
	atomic_t lid_count;
	struct completion *lid_gate;
	unsigned int attach_count;
};

struct net_device *mock_ipoib_create(struct net_device *parent, u32 qpn,
				     u16 pkey);
void mock_ipoib_destroy(struct net_device *dev);
void mock_ipoib_set_gid(struct net_device *dev, u8 last);
void mock_ipoib_set_carrier(struct net_device *dev, bool on);
struct sk_buff *mock_ipoib_take(struct net_device *dev, u16 protocol);
unsigned int mock_ipoib_take_breaches(void);

#endif /* EIPOIB_GLUE_MOCK_H */
