/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * VIF mode: what the distribution's files call in ours.  Nothing here changes
 * what an interface does that is not in VIF mode.
 */
#ifndef _IPOIB_VIF_H
#define _IPOIB_VIF_H

#include <linux/atomic.h>
#include <linux/hashtable.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <rdma/e_ipoib.h>
#include <rdma/ib_verbs.h>

struct ib_cm_event;
struct ib_cm_req_param;
struct ipoib_dev_priv;
struct ipoib_neigh;

/* What a clone remembers for VIF mode; part of ipoib_dev_priv. */
struct ipoib_vif {
	struct mutex		groups_lock;	/* of the next two */
	DECLARE_HASHTABLE(groups, 6);
	bool			attach;

	/* Groups that are only sent to; frames to others, to all. */
	atomic_t		send_only;
	atomic_long_t		flooded;

	/* Paths without a record. */
	atomic_t		unresolved;
	struct delayed_work	reap_task;

	/* Neighs with frames and a path.  Protected by priv->lock. */
	struct list_head	ready;
	struct work_struct	drain_task;

	/* Behind ours in ethtool -S, or NULL.  Protected by RTNL. */
	const struct e_ipoib_stats *stats;
};

/* Who is at the other end of a connection; part of ipoib_cm_rx. */
struct ipoib_vif_source {
	struct e_ipoib_rx_link	link;
	__be16			slid;
};

/* ipoib_main.c */
int __ipoib_intf_init(struct ib_device *hca, u32 port, const char *name,
		      struct net_device *dev, bool accelerated);

/* ipoib_vif.c */
void ipoib_vif_init(struct ipoib_dev_priv *priv);
void ipoib_vif_cleanup(struct ipoib_dev_priv *priv);
void ipoib_vif_add_source_hdr(struct sk_buff *skb, const struct ib_wc *wc);
bool ipoib_vif_sends(const struct ipoib_dev_priv *priv, __be16 proto);

/* ipoib_vif_connections.c */
void ipoib_vif_set_source(struct ipoib_vif_source *source,
			  const struct ib_cm_event *event);
void ipoib_vif_add_connected_hdr(struct sk_buff *skb,
				 const struct ipoib_vif_source *source);
void ipoib_vif_limits_changed(struct ipoib_dev_priv *priv);
void ipoib_vif_tune(const struct ipoib_dev_priv *priv,
		    struct ib_cm_req_param *req);
void ipoib_vif_connection_failed(struct ipoib_neigh *neigh);

/* ipoib_vif_groups.c */
bool ipoib_vif_joins(const struct ipoib_dev_priv *priv,
		     const struct netdev_hw_addr *ha);
int ipoib_vif_group_joined(struct ipoib_dev_priv *priv, union ib_gid *mgid,
			   u16 mlid);
int ipoib_vif_group_left(struct ipoib_dev_priv *priv, union ib_gid *mgid,
			 u16 mlid);
int ipoib_vif_attach(struct ipoib_dev_priv *priv, bool on);
bool ipoib_vif_is_attached(struct ipoib_dev_priv *priv);

/* ipoib_vif_hold.c */
unsigned int ipoib_vif_hold_max(const struct ipoib_dev_priv *priv);
bool ipoib_vif_must_wait(struct ipoib_neigh *neigh);
void ipoib_vif_held(struct ipoib_neigh *neigh);
bool ipoib_vif_release(struct ipoib_neigh *neigh);
void ipoib_vif_forget(struct ipoib_neigh *neigh);
void ipoib_vif_wake_queue(struct ipoib_dev_priv *priv);
void ipoib_vif_drain_task(struct work_struct *work);

/* ipoib_vif_paths.c */
bool ipoib_vif_may_search(struct ipoib_dev_priv *priv);
void ipoib_vif_reap_task(struct work_struct *work);

/* ipoib_vif_send_only.c */
bool ipoib_vif_floods(struct ipoib_dev_priv *priv);
void ipoib_vif_reap_groups(struct ipoib_dev_priv *priv, unsigned long obsolete,
			   struct list_head *remove_list);

/* ipoib_vif_sa.c */
int ipoib_vif_lid_to_gid(struct ipoib_dev_priv *priv, u16 lid, u8 *gid);

/* ipoib_vif_stats.c */
unsigned int ipoib_vif_count_stats(const struct net_device *dev);
void ipoib_vif_get_stat_names(const struct net_device *dev, u8 *names);
void ipoib_vif_get_stats(const struct net_device *dev, u64 *data);

#endif /* _IPOIB_VIF_H */
