// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * VIF mode, groups that a VIF sends to without being a member: there are as
 * many as a guest likes to send to, so their number is limited.
 */

#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/rbtree.h>

#include "ipoib.h"

/* As many as one reporter of eth_ipoib's may be a member of. */
#define GROUPS_MAX	256

/**
 * ipoib_vif_floods - whether a frame to a new group goes to all instead
 * @priv: the interface
 *
 * The broadcast group has the same members and more: who is not in the group
 * that the IP header names does not take the frame.
 *
 * Context: priv->lock.
 * Return: true if the VIF sends to as many groups as it may already.
 */
bool ipoib_vif_floods(struct ipoib_dev_priv *priv)
{
	struct ipoib_vif *vif = &priv->vif;

	lockdep_assert_held(&priv->lock);

	if (!test_bit(IPOIB_FLAG_VIF, &priv->flags) ||
	    atomic_read(&vif->send_only) < GROUPS_MAX)
		return false;

	atomic_long_inc(&vif->flooded);

	return true;
}

/*
 * A group goes with its neigh, when nothing was sent there for long.  It has
 * none if the SA did not let us in, or if the frames that waited were lost.
 */
static bool is_idle(const struct ipoib_mcast *mcast, unsigned long obsolete)
{
	return test_bit(IPOIB_MCAST_FLAG_SENDONLY, &mcast->flags) &&
	       !test_bit(IPOIB_MCAST_FLAG_BUSY, &mcast->flags) &&
	       list_empty(&mcast->neigh_list) &&
	       time_after(obsolete, mcast->created);
}

/**
 * ipoib_vif_reap_groups - find groups that go although they have no neigh
 * @priv: the interface
 * @obsolete: those that are older than this
 * @remove_list: where they go
 *
 * Context: priv->lock.
 */
void ipoib_vif_reap_groups(struct ipoib_dev_priv *priv, unsigned long obsolete,
			   struct list_head *remove_list)
{
	struct ipoib_mcast *mcast, *next;

	lockdep_assert_held(&priv->lock);

	if (!test_bit(IPOIB_FLAG_VIF, &priv->flags))
		return;

	list_for_each_entry_safe(mcast, next, &priv->multicast_list, list) {
		if (is_idle(mcast, obsolete)) {
			rb_erase(&mcast->rb_node, &priv->multicast_tree);
			list_move_tail(&mcast->list, remove_list);
		}
	}
}
