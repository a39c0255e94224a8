// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * VIF mode, groups: a VIF is a member of its groups, which lets it send to
 * them, but its queue pair receives their frames only if it is asked to.
 */

#include <linux/jhash.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "ipoib.h"

/*
 * A group that the SA let us into.  The multicast code may join a group anew
 * before it has left it, with another MLID even: each pair of both counts.
 */
struct group {
	struct hlist_node	node;
	union ib_gid		mgid;
	u16			mlid;
	bool			attached;
	unsigned int		joins;
};

static u32 key_of(const union ib_gid *mgid)
{
	return jhash(mgid, sizeof(*mgid), 0);
}

static struct group *find(struct ipoib_vif *vif, const union ib_gid *mgid,
			  u16 mlid)
{
	struct group *group;

	hash_for_each_possible(vif->groups, group, node, key_of(mgid)) {
		if (group->mlid == mlid &&
		    !memcmp(&group->mgid, mgid, sizeof(*mgid)))
			return group;
	}

	return NULL;
}

static struct group *add(struct ipoib_vif *vif, const union ib_gid *mgid,
			 u16 mlid)
{
	struct group *group = kzalloc(sizeof(*group), GFP_KERNEL);

	if (!group)
		return NULL;

	group->mgid = *mgid;
	group->mlid = mlid;
	hash_add(vif->groups, &group->node, key_of(mgid));

	return group;
}

static void del(struct group *group)
{
	hash_del(&group->node);
	kfree(group);
}

static int set_attached(struct ipoib_dev_priv *priv, struct group *group,
			bool on)
{
	int err;

	if (group->attached == on)
		return 0;

	if (on)
		err = ib_attach_mcast(priv->qp, &group->mgid, group->mlid);
	else
		err = ib_detach_mcast(priv->qp, &group->mgid, group->mlid);
	if (err) {
		/* Which groups there are is up to guests. */
		if (net_ratelimit())
			ipoib_warn(priv, "cannot %s group %pI6: %d\n",
				   on ? "attach to" : "detach from",
				   group->mgid.raw, err);
		return err;
	}

	group->attached = on;

	return 0;
}

static int joined(struct ipoib_dev_priv *priv, const union ib_gid *mgid,
		  u16 mlid)
{
	struct ipoib_vif *vif = &priv->vif;
	struct group *group = find(vif, mgid, mlid);
	int err;

	if (!group)
		group = add(vif, mgid, mlid);
	if (!group)
		return -ENOMEM;

	err = set_attached(priv, group, vif->attach);
	if (!err)
		group->joins++;
	else if (!group->joins)
		del(group);

	return err;
}

/**
 * ipoib_vif_joins - whether an entry of the multicast list is to be joined
 * @priv: the interface
 * @ha: the entry
 *
 * What an IP stack on a VIF adds for itself is of no use: its packets go
 * elsewhere.
 *
 * Context: the list's lock held.
 * Return: true if it is.
 */
bool ipoib_vif_joins(const struct ipoib_dev_priv *priv,
		     const struct netdev_hw_addr *ha)
{
	return !test_bit(IPOIB_FLAG_VIF, &priv->flags) || ha->global_use;
}

/**
 * ipoib_vif_group_joined - take the place of ib_attach_mcast()
 * @priv: the interface; it has joined the group
 * @mgid: the group
 * @mlid: its LID
 *
 * Context: process, sleeps.
 * Return: 0 or a negative errno; then the join is to be tried again.
 */
int ipoib_vif_group_joined(struct ipoib_dev_priv *priv, union ib_gid *mgid,
			   u16 mlid)
{
	int err;

	if (!test_bit(IPOIB_FLAG_VIF, &priv->flags))
		return ib_attach_mcast(priv->qp, mgid, mlid);

	mutex_lock(&priv->vif.groups_lock);
	err = joined(priv, mgid, mlid);
	mutex_unlock(&priv->vif.groups_lock);

	return err;
}

/**
 * ipoib_vif_group_left - take the place of ib_detach_mcast()
 * @priv: the interface; it leaves the group
 * @mgid: the group
 * @mlid: its LID
 *
 * Context: process, sleeps.
 * Return: 0 or a negative errno; the group is left in any case.
 */
int ipoib_vif_group_left(struct ipoib_dev_priv *priv, union ib_gid *mgid,
			 u16 mlid)
{
	struct group *group;
	int err = 0;

	mutex_lock(&priv->vif.groups_lock);
	group = find(&priv->vif, mgid, mlid);
	if (!group) {
		err = ib_detach_mcast(priv->qp, mgid, mlid);
	} else if (!--group->joins) {
		err = set_attached(priv, group, false);
		del(group);
	}
	mutex_unlock(&priv->vif.groups_lock);

	return err;
}

static int set_all_attached(struct ipoib_dev_priv *priv, bool on)
{
	struct group *group;
	int bucket, err;

	hash_for_each(priv->vif.groups, bucket, group, node) {
		err = set_attached(priv, group, on);
		if (err)
			return err;
	}

	return 0;
}

/**
 * ipoib_vif_attach - receive the frames of all groups, present and future
 * @priv: a VIF
 * @on: or stop that
 *
 * Context: RTNL, sleeps.
 * Return: 0 or a negative errno; then nothing changed.
 */
int ipoib_vif_attach(struct ipoib_dev_priv *priv, bool on)
{
	struct ipoib_vif *vif = &priv->vif;
	int err;

	ASSERT_RTNL();

	mutex_lock(&vif->groups_lock);
	err = set_all_attached(priv, on);
	if (err)
		set_all_attached(priv, vif->attach);
	else
		vif->attach = on;
	mutex_unlock(&vif->groups_lock);

	return err;
}

static bool is_attached(struct ipoib_vif *vif, const u8 *address)
{
	const union ib_gid *mgid = (const union ib_gid *)(address + 4);
	struct group *group;

	hash_for_each_possible(vif->groups, group, node, key_of(mgid)) {
		if (group->attached &&
		    !memcmp(&group->mgid, mgid, sizeof(*mgid)))
			return true;
	}

	return false;
}

static bool is_list_attached(struct ipoib_dev_priv *priv)
{
	struct net_device *dev = priv->dev;
	struct netdev_hw_addr *ha;
	bool all = true;

	netif_addr_lock_bh(dev);
	netdev_for_each_mc_addr(ha, dev) {
		if (ipoib_vif_joins(priv, ha))
			all = all && is_attached(&priv->vif, ha->addr);
	}
	netif_addr_unlock_bh(dev);

	return all;
}

/**
 * ipoib_vif_is_attached - whether a VIF receives the frames of all its groups
 * @priv: a VIF
 *
 * Context: RTNL, sleeps.
 * Return: true if it does by now.
 */
bool ipoib_vif_is_attached(struct ipoib_dev_priv *priv)
{
	struct ipoib_vif *vif = &priv->vif;
	bool all;

	ASSERT_RTNL();

	mutex_lock(&vif->groups_lock);
	all = is_attached(vif, priv->dev->broadcast) && is_list_attached(priv);
	mutex_unlock(&vif->groups_lock);

	return all;
}
