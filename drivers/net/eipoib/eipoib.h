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

#include <linux/atomic.h>
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/u64_stats_sync.h>
#include <linux/workqueue.h>
#include <net/netlink.h>
#include <linux/eipoib.h>

#include "abi/core.h"
#include "abi/peer.h"

struct attribute_group;
struct e_ipoib_ops;
struct e_ipoib_stats;
struct rtnl_link_ops;

/* A counter for each enum eipoib_reason, then one for each enum eipoib_note. */
#define EIPOIB_COUNTERS (EIPOIB_REASON_COUNT + EIPOIB_NOTE_COUNT)

/**
 * struct eipoib_stats - what a PIF counts, per CPU
 * @rx_packets: frames that entered the PIF
 * @rx_bytes: their bytes, Ethernet header included
 * @rx_multicast: how many of them went to a group
 * @tx_packets: frames that a VIF took
 * @tx_bytes: their bytes, Ethernet header included
 * @counters: the others by enum eipoib_reason, and what else happened
 * @syncp: makes the 64-bit counters readable on 32-bit machines
 */
struct eipoib_stats {
	u64_stats_t rx_packets;
	u64_stats_t rx_bytes;
	u64_stats_t rx_multicast;
	u64_stats_t tx_packets;
	u64_stats_t tx_bytes;
	u64_stats_t counters[EIPOIB_COUNTERS];
	struct u64_stats_sync syncp;
};

/**
 * struct eipoib_changes - VIFs that packets changed and nobody was told of
 * @lock: protects @slaves; taken with bottom halves off
 * @slaves: those that have waited for longest first
 * @work: tells
 */
struct eipoib_changes {
	spinlock_t lock;	/* of @slaves */
	struct list_head slaves;
	struct delayed_work work;
};

/**
 * struct eipoib_pif - private data of an ethX
 * @dev: ethX itself
 * @lower: the IPoIB main interface below; never changes
 * @lower_tracker: the reference to it, held from ndo_init to ndo_uninit
 * @iflink: its ifindex, still valid when @lower is not
 * @max_peers: how many end points, and MACs behind them, it remembers at most;
 *	never changes
 * @core: translation state, from ndo_init to ndo_uninit
 * @stats: counters, from ndo_init to ndo_uninit
 * @held: frames that wait for their destination to be known
 * @replay: decides on them again
 * @changes: what listeners are to be told
 * @tick: lets old entries of the core go, from ndo_init to ndo_uninit
 * @slave_count: how many clones are enslaved
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
	unsigned int max_peers;
	struct eipoib_core *core;
	struct eipoib_stats __percpu *stats;
	struct sk_buff_head held;
	struct delayed_work replay;
	struct eipoib_changes changes;
	struct delayed_work tick;
	unsigned int slave_count;
	unsigned int admin_mtu;
	struct list_head node;
};

/**
 * struct eipoib_query - which port has an LID?
 * @qpn: the core's, for the answer
 * @lid: the LID
 */
struct eipoib_query {
	u32 qpn;
	u16 lid;
};

#define EIPOIB_QUERIES_MAX 16

/* "slave_" and a name */
#define EIPOIB_SYSFS_LINK_SIZE (6 + IFNAMSIZ)

/**
 * struct eipoib_queries - questions that wait for the SA
 * @lock: protects @list and @count; taken with bottom halves off
 * @list: the oldest first
 * @count: how many
 * @work: asks them
 */
struct eipoib_queries {
	spinlock_t lock;	/* of @list and @count */
	struct eipoib_query list[EIPOIB_QUERIES_MAX];
	unsigned int count;
	struct work_struct work;
};

/**
 * struct eipoib_slave - an enslaved clone
 * @pif: its PIF, which outlives it
 * @dev: the clone; the link between @dev and the PIF holds a reference
 * @vif: what the core knows of it
 * @ops: how to talk to its ib_ipoib; valid while @dev is registered
 * @address: the link-layer address that the core knows; RTNL only
 * @sysfs_link: the PIF's link to it in sysfs, or empty; RTNL only
 * @queries: what its ib_ipoib is to ask the SA
 * @changed: in struct eipoib_changes, or empty
 * @drops: frames it was to send or has received, by enum eipoib_reason
 * @rcu: readers of the PIF's lower devices may still be at it
 *
 * What the rx handler and RCU readers look at is set before they can see it,
 * and never changes, except for @sysfs_link, @queries, @changed and @drops.
 */
struct eipoib_slave {
	struct eipoib_pif *pif;
	struct net_device *dev;
	struct eipoib_vif *vif;
	const struct e_ipoib_ops *ops;
	u8 address[EIPOIB_IB_ADDR_LEN];
	char sysfs_link[EIPOIB_SYSFS_LINK_SIZE];
	struct eipoib_queries queries;
	struct list_head changed;
	atomic_long_t drops[EIPOIB_REASON_COUNT];
	struct rcu_head rcu;
};

/**
 * struct eipoib_held_cb - what is kept with a held frame
 * @is_flooded: a copy of it was sent to all
 */
struct eipoib_held_cb {
	bool is_flooded;
};

#define EIPOIB_HELD_CB(skb) ((struct eipoib_held_cb *)(skb)->cb)

/* Iterate over the slaves of a PIF, under RTNL or in an RCU section. */
#define eipoib_for_each_slave(pif, slave, iter) \
	netdev_for_each_lower_private((pif)->dev, slave, iter)
#define eipoib_for_each_slave_rcu(pif, slave, iter) \
	netdev_for_each_lower_private_rcu((pif)->dev, slave, iter)

/* main.c */

/* A table of that many buckets, and entries of about 200 bytes each. */
#define EIPOIB_PEERS_MIN 16
#define EIPOIB_PEERS_MAX 1048576

extern unsigned int eipoib_max_peers;
extern bool eipoib_automatic;

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

/* features.c */
void eipoib_features_setup(struct net_device *dev);
netdev_features_t eipoib_features_fix(struct net_device *dev,
				      netdev_features_t features);
int eipoib_features_set(struct net_device *dev, netdev_features_t features);
void eipoib_features_update(struct eipoib_pif *pif);
void eipoib_features_join(struct eipoib_slave *slave);

/* netdev.c */
extern const struct net_device_ops eipoib_netdev_ops;

/* slave.c */
int eipoib_slave_add(struct net_device *pif_dev, struct net_device *dev,
		     struct netlink_ext_ack *extack);
int eipoib_slave_del(struct net_device *pif_dev, struct net_device *dev);
void eipoib_slave_release(struct eipoib_slave *slave);

/* slave_state.c */
struct eipoib_slave *eipoib_slave_get(const struct net_device *dev);
struct eipoib_slave *eipoib_slave_get_rcu(const struct net_device *dev);
struct eipoib_slave *eipoib_slave_find(const struct eipoib_pif *pif,
				       int ifindex);
void eipoib_slave_update_link(struct eipoib_slave *slave, bool is_going_down);
void eipoib_slave_update_mtu(struct eipoib_slave *slave);
void eipoib_slave_read_address(const struct eipoib_slave *slave, u8 *address);

/* flow.c */
rx_handler_result_t eipoib_rx_handle(struct sk_buff **pskb);
netdev_tx_t eipoib_tx_start(struct sk_buff *skb, struct net_device *dev);

/* rx.c */
struct sk_buff *eipoib_rx_receive_slowly(struct sk_buff *skb,
					 struct eipoib_slave *slave);
void eipoib_rx_finish(struct sk_buff *skb, struct net_device *dev, u32 vlan);

/* tx.c */
void eipoib_tx_start_slowly(struct eipoib_pif *pif, struct sk_buff *skb);
struct sk_buff *eipoib_tx_decide(struct eipoib_pif *pif, struct sk_buff *skb,
				 bool is_held, struct eipoib_tx_plan *plan);
void eipoib_tx_carry_out(struct eipoib_pif *pif, struct sk_buff *skb,
			 struct sk_buff *fresh,
			 const struct eipoib_tx_plan *plan, bool is_held);

/* tx_send.c */
struct sk_buff *eipoib_tx_alloc(const struct net_device *dev,
				unsigned int size);
int eipoib_tx_prepare(struct eipoib_pif *pif, struct sk_buff *skb,
		      const struct eipoib_tx_plan *plan);
void eipoib_tx_forward(struct eipoib_pif *pif, struct sk_buff *skb,
		       const struct eipoib_tx_plan *plan);
void eipoib_tx_exchange(struct eipoib_pif *pif, struct sk_buff *skb,
			struct sk_buff *fresh,
			const struct eipoib_tx_plan *plan);

/* tx_cut.c */
u32 eipoib_tx_gso_len(const struct sk_buff *skb);
int eipoib_tx_shrink(struct sk_buff *skb, u32 mtu);
void eipoib_tx_cut(struct eipoib_pif *pif, struct sk_buff *skb,
		   const struct eipoib_tx_plan *plan);

/* hold.c */
void eipoib_hold_init(struct eipoib_pif *pif);
void eipoib_hold_add(struct eipoib_pif *pif, struct sk_buff *skb);
void eipoib_hold_replay(struct eipoib_pif *pif);
void eipoib_hold_flush(struct eipoib_pif *pif);
void eipoib_hold_stop(struct eipoib_pif *pif);

/* tick.c */
void eipoib_tick_start(struct eipoib_pif *pif);
void eipoib_tick_stop(struct eipoib_pif *pif);

/* query.c */
void eipoib_query_init(struct eipoib_slave *slave);
void eipoib_query_stop(struct eipoib_slave *slave);

/* stats.c */
extern const char eipoib_counter_names[EIPOIB_COUNTERS][ETH_GSTRING_LEN];

void eipoib_stats_add_note(struct eipoib_pif *pif, enum eipoib_note note);
void eipoib_stats_drop_rx(struct eipoib_slave *slave, struct sk_buff *skb,
			  enum eipoib_reason reason);
void eipoib_stats_drop_tx(struct eipoib_pif *pif, const struct net_device *vif,
			  struct sk_buff *skb, enum eipoib_reason reason);
void eipoib_stats_sum_counters(const struct eipoib_pif *pif, u64 *counters);
void eipoib_stats_get(struct net_device *dev, struct rtnl_link_stats64 *sum);
void eipoib_stats_sum_drops(const struct eipoib_slave *slave, u64 *rx,
			    u64 *tx);

/* netlink.c */
extern struct rtnl_link_ops eipoib_link_ops;

/* netlink_vif.c */

/* Whether a nest carries NLA_F_NESTED depends on who sent it, not on what. */
#define EIPOIB_NETLINK_STRICTNESS (NL_VALIDATE_STRICT & ~NL_VALIDATE_NESTED)

#define EIPOIB_NETLINK_DUMP_ONLY \
	{ .type = NLA_REJECT, .reject_message = "This is only shown" }

extern const struct nla_policy
	eipoib_vif_policy[IFLA_EIPOIB_VIF_MAX + 1];

int eipoib_netlink_check_once(const struct nlattr *nest,
			      struct netlink_ext_ack *extack);

int eipoib_netlink_change_vif(struct eipoib_pif *pif,
			      const struct nlattr *nest,
			      struct netlink_ext_ack *extack);
size_t eipoib_netlink_slave_size(const struct net_device *dev,
				 const struct net_device *slave_dev);
int eipoib_netlink_fill_slave(struct sk_buff *skb,
			      const struct net_device *dev,
			      const struct net_device *slave_dev);

/* notify.c */
void eipoib_notify_pif(struct eipoib_pif *pif);
void eipoib_notify_slave(struct eipoib_slave *slave);
void eipoib_notify_init(struct eipoib_pif *pif);
void eipoib_notify_forget(struct eipoib_slave *slave);
void eipoib_notify_stop(struct eipoib_pif *pif);

/* fdb.c */
int eipoib_fdb_add(struct ndmsg *ndm, struct nlattr *tb[],
		   struct net_device *dev, const unsigned char *addr, u16 vid,
		   u16 flags, struct netlink_ext_ack *extack);
int eipoib_fdb_del(struct ndmsg *ndm, struct nlattr *tb[],
		   struct net_device *dev, const unsigned char *addr, u16 vid,
		   struct netlink_ext_ack *extack);
int eipoib_fdb_flush(struct net_device *dev, const struct ndmsg *ndm,
		     struct nlattr *tb[], struct netlink_ext_ack *extack);

/* fdb_dump.c */
#define EIPOIB_FDB_AT_ONCE 16

struct eipoib_peer eipoib_fdb_station(const u8 *mac, u16 vid);
u32 eipoib_fdb_read(const struct eipoib_pif *pif, u64 *position,
		    struct eipoib_peer *peers);
int eipoib_fdb_dump(struct sk_buff *skb, struct netlink_callback *cb,
		    struct net_device *dev, struct net_device *filter_dev,
		    int *idx);
int eipoib_fdb_get(struct sk_buff *skb, struct nlattr *tb[],
		   struct net_device *dev, const unsigned char *addr, u16 vid,
		   u32 portid, u32 seq, struct netlink_ext_ack *extack);

/* fdb_message.c */

/**
 * struct eipoib_fdb_request - the head of a message about a peer
 * @type: RTM_*
 * @flags: NLM_F_*
 * @portid: who asked; 0 for nobody
 * @seq: the number of the request
 */
struct eipoib_fdb_request {
	u16 type;
	u16 flags;
	u32 portid;
	u32 seq;
};

u16 eipoib_fdb_state(const struct eipoib_peer *peer);
u8 eipoib_fdb_flags(const struct eipoib_peer *peer);
int eipoib_fdb_fill(struct sk_buff *skb, const struct net_device *dev,
		    const struct eipoib_peer *peer,
		    const struct eipoib_fdb_request *request);
void eipoib_fdb_notify(const struct net_device *dev,
		       const struct eipoib_peer *peer, u16 type);

/* notifier.c */
extern struct notifier_block eipoib_notifier;

/* ethtool.c */
extern const struct ethtool_ops eipoib_ethtool_ops;
extern const struct e_ipoib_stats eipoib_ethtool_vif_stats;

/* sysfs.c */
extern const struct attribute_group eipoib_sysfs_group;

/* sysfs_links.c */
extern struct pernet_operations eipoib_sysfs_net_ops;

void eipoib_sysfs_link(struct eipoib_slave *slave);
void eipoib_sysfs_unlink(struct eipoib_slave *slave);

#endif /* EIPOIB_H */
