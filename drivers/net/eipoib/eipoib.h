/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * What the files of the C glue share.  The glue owns time and lifetime: when
 * something exists, who may touch it and who frees it.  What a frame means is
 * the core's business (abi/core.h).
 *
 * Everything below is protected by RTNL unless it says otherwise.
 */
#ifndef EIPOIB_H
#define EIPOIB_H

#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/u64_stats_sync.h>
#include <net/netlink.h>
#include <linux/eipoib.h>

#include "abi/core.h"

struct attribute_group;
struct e_ipoib_ops;
struct rtnl_link_ops;

/**
 * struct eipoib_stats - what a PIF counts, per CPU
 * @rx_packets: frames that entered the PIF
 * @rx_bytes: their bytes, Ethernet header included
 * @rx_multicast: how many of them went to a group
 * @tx_packets: frames that a VIF took
 * @tx_bytes: their bytes, Ethernet header included
 * @dropped: the others, by enum eipoib_reason
 * @syncp: makes the 64-bit counters readable on 32-bit machines
 */
struct eipoib_stats {
	u64_stats_t rx_packets;
	u64_stats_t rx_bytes;
	u64_stats_t rx_multicast;
	u64_stats_t tx_packets;
	u64_stats_t tx_bytes;
	u64_stats_t dropped[EIPOIB_REASON_COUNT];
	struct u64_stats_sync syncp;
};

/**
 * struct eipoib_pif - private data of an ethX
 * @dev: ethX itself
 * @lower: the IPoIB main interface below; never changes
 * @lower_tracker: the reference to it, held from ndo_init to ndo_uninit
 * @iflink: its ifindex, still valid when @lower is not
 * @core: translation state, from ndo_init to ndo_uninit
 * @stats: counters, from ndo_init to ndo_uninit
 * @admin_mtu: the MTU that the administrator asked for; 0 follows the VIFs
 * @node: in the list of all PIFs
 *
 * The slaves are the lower devices of @dev, a struct eipoib_slave each.
 */
struct eipoib_pif {
	struct net_device *dev;
	struct net_device *lower;
	netdevice_tracker lower_tracker;
	int iflink;
	struct eipoib_core *core;
	struct eipoib_stats __percpu *stats;
	unsigned int admin_mtu;
	struct list_head node;
};

/**
 * struct eipoib_slave - an enslaved clone
 * @pif: its PIF, which outlives it
 * @dev: the clone; the link between @dev and the PIF holds a reference
 * @vif: what the core knows of it
 * @ops: how to talk to its ib_ipoib; valid while @dev is registered
 * @address: the link-layer address that the core knows; RTNL only
 * @rcu: readers of the PIF's lower devices may still be at it
 *
 * What the rx handler and RCU readers look at is set before they can see it,
 * and never changes.
 */
struct eipoib_slave {
	struct eipoib_pif *pif;
	struct net_device *dev;
	struct eipoib_vif *vif;
	const struct e_ipoib_ops *ops;
	u8 address[EIPOIB_IB_ADDR_LEN];
	struct rcu_head rcu;
};

/* How many remote end points a PIF remembers at most. */
#define EIPOIB_MAX_PEERS 16384

/* Iterate over the slaves of a PIF, under RTNL or in an RCU section. */
#define eipoib_for_each_slave(pif, slave, iter) \
	netdev_for_each_lower_private((pif)->dev, slave, iter)
#define eipoib_for_each_slave_rcu(pif, slave, iter) \
	netdev_for_each_lower_private_rcu((pif)->dev, slave, iter)

/* pif.c */
#define EIPOIB_NAME_FORMAT "eth%d"

bool eipoib_is_ipoib(const struct net_device *dev);
bool eipoib_pif_accepts(const struct net_device *lower);
struct eipoib_pif *eipoib_pif_find(const struct net_device *lower);
void eipoib_pif_setup(struct net_device *dev);
void eipoib_pif_place(struct net_device *dev, struct net_device *lower);
void eipoib_pif_set_default_mac(struct net_device *dev);
void eipoib_pif_create(struct net_device *lower);
void eipoib_pif_destroy(struct eipoib_pif *pif);
int eipoib_pif_init(struct eipoib_pif *pif);
void eipoib_pif_uninit(struct eipoib_pif *pif);

/* pif_follow.c */
void eipoib_pif_update_mtu(struct eipoib_pif *pif);
void eipoib_pif_update_carrier(struct eipoib_pif *pif);
unsigned int eipoib_pif_count_slaves(const struct eipoib_pif *pif);

/* netdev.c */
extern const struct net_device_ops eipoib_netdev_ops;

/* slave.c */
int eipoib_slave_add(struct net_device *pif_dev, struct net_device *dev,
		     struct netlink_ext_ack *extack);
int eipoib_slave_del(struct net_device *pif_dev, struct net_device *dev);
void eipoib_slave_release(struct eipoib_slave *slave);

/* slave_state.c */
struct eipoib_slave *eipoib_slave_get(const struct net_device *dev);
struct eipoib_slave *eipoib_slave_find(const struct eipoib_pif *pif,
				       int ifindex);
bool eipoib_slave_is_ready(const struct net_device *dev);
void eipoib_slave_update_link(struct eipoib_slave *slave, bool is_going_down);
void eipoib_slave_update_mtu(struct eipoib_slave *slave);

/* rx.c */
rx_handler_result_t eipoib_rx_handle(struct sk_buff **pskb);

/* tx.c */
netdev_tx_t eipoib_tx_start(struct sk_buff *skb, struct net_device *dev);

/* stats.c */
extern const char eipoib_reason_names[EIPOIB_REASON_COUNT][ETH_GSTRING_LEN];

void eipoib_stats_add_rx(struct eipoib_pif *pif, unsigned int bytes,
			 bool is_group);
void eipoib_stats_add_tx(struct eipoib_pif *pif, unsigned int bytes);
void eipoib_stats_add_drop(struct eipoib_pif *pif, enum eipoib_reason reason);
void eipoib_stats_drop(struct eipoib_pif *pif, struct sk_buff *skb,
		       enum eipoib_reason reason);
void eipoib_stats_sum_drops(const struct eipoib_pif *pif, u64 *dropped);
void eipoib_stats_get(struct net_device *dev, struct rtnl_link_stats64 *sum);

/* netlink.c */
extern struct rtnl_link_ops eipoib_link_ops;

/* netlink_vif.c */

/* Whether a nest carries NLA_F_NESTED depends on who sent it, not on what. */
#define EIPOIB_NETLINK_STRICTNESS (NL_VALIDATE_STRICT & ~NL_VALIDATE_NESTED)

extern const struct nla_policy
	eipoib_vif_policy[IFLA_EIPOIB_VIF_MAX + 1];

int eipoib_netlink_change_vif(struct eipoib_pif *pif,
			      const struct nlattr *nest,
			      struct netlink_ext_ack *extack);
size_t eipoib_netlink_slave_size(const struct net_device *dev,
				 const struct net_device *slave_dev);
int eipoib_netlink_fill_slave(struct sk_buff *skb,
			      const struct net_device *dev,
			      const struct net_device *slave_dev);

/* notifier.c */
extern struct notifier_block eipoib_notifier;

/* ethtool.c */
extern const struct ethtool_ops eipoib_ethtool_ops;

/* sysfs.c */
extern const struct attribute_group eipoib_sysfs_group;

#endif /* EIPOIB_H */
