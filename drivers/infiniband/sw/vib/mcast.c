// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Multicast groups of an HCA: which queue pairs are attached to which.
 */
#include <linux/jhash.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include "vib.h"

struct vib_group {
	struct hlist_node node;
	struct list_head members;
	struct rcu_head rcu;
	u8 mgid[VIB_GID_LEN];
	u16 mlid;
};

struct vib_member {
	struct list_head in_group;
	struct list_head in_qp;
	struct vib_group *group;
	struct vib_qp *qp;
	struct rcu_head rcu;
};

static struct hlist_head *bucket(struct vib_hca *hca, const u8 *mgid)
{
	return &hca->groups[jhash(mgid, VIB_GID_LEN, 0) % VIB_GROUP_BUCKETS];
}

static struct vib_group *find_group(struct vib_hca *hca, const u8 *mgid,
				    u16 mlid)
{
	struct vib_group *group;

	hlist_for_each_entry_rcu(group, bucket(hca, mgid), node,
				 lockdep_is_held(&hca->group_lock))
		if (group->mlid == mlid &&
		    !memcmp(group->mgid, mgid, VIB_GID_LEN))
			return group;
	return NULL;
}

static struct vib_group *make_group(struct vib_hca *hca, const u8 *mgid,
				    u16 mlid)
{
	struct vib_group *group = kzalloc(sizeof(*group), GFP_KERNEL);

	if (!group)
		return NULL;
	INIT_LIST_HEAD(&group->members);
	memcpy(group->mgid, mgid, VIB_GID_LEN);
	group->mlid = mlid;
	hlist_add_head_rcu(&group->node, bucket(hca, mgid));
	return group;
}

static void drop_group_if_empty(struct vib_group *group)
{
	if (!list_empty(&group->members))
		return;
	hlist_del_rcu(&group->node);
	kfree_rcu(group, rcu);
}

static struct vib_member *find_member(struct vib_qp *qp, const u8 *mgid,
				      u16 mlid)
{
	struct vib_member *member;

	list_for_each_entry(member, &qp->memberships, in_qp)
		if (member->group->mlid == mlid &&
		    !memcmp(member->group->mgid, mgid, VIB_GID_LEN))
			return member;
	return NULL;
}

static void leave(struct vib_member *member)
{
	list_del(&member->in_qp);
	list_del_rcu(&member->in_group);
	drop_group_if_empty(member->group);
	kfree_rcu(member, rcu);
}

static int join(struct vib_qp *qp, const u8 *mgid, u16 mlid)
{
	struct vib_hca *hca = qp->hca;
	struct vib_member *member;

	if (find_member(qp, mgid, mlid))
		return 0;
	member = kzalloc(sizeof(*member), GFP_KERNEL);
	if (!member)
		return -ENOMEM;
	member->qp = qp;
	member->group = find_group(hca, mgid, mlid);
	if (!member->group)
		member->group = make_group(hca, mgid, mlid);
	if (!member->group) {
		kfree(member);
		return -ENOMEM;
	}
	list_add_tail(&member->in_qp, &qp->memberships);
	list_add_tail_rcu(&member->in_group, &member->group->members);
	return 0;
}

/**
 * vib_attach_mcast - ib_device_ops.attach_mcast
 * @ib: the queue pair
 * @gid: multicast GID
 * @lid: multicast LID
 *
 * Context: may sleep.
 * Return: 0, also if it is attached already, or an errno.
 */
int vib_attach_mcast(struct ib_qp *ib, union ib_gid *gid, u16 lid)
{
	struct vib_qp *qp = to_vib_qp(ib);
	int err;

	mutex_lock(&qp->hca->group_lock);
	err = join(qp, gid->raw, lid);
	mutex_unlock(&qp->hca->group_lock);
	return err;
}

/**
 * vib_detach_mcast - ib_device_ops.detach_mcast
 * @ib: the queue pair
 * @gid: multicast GID
 * @lid: multicast LID
 *
 * Context: may sleep.
 * Return: 0, or -EINVAL if it is not attached.
 */
int vib_detach_mcast(struct ib_qp *ib, union ib_gid *gid, u16 lid)
{
	struct vib_qp *qp = to_vib_qp(ib);
	struct vib_member *member;

	mutex_lock(&qp->hca->group_lock);
	member = find_member(qp, gid->raw, lid);
	if (member)
		leave(member);
	mutex_unlock(&qp->hca->group_lock);
	return member ? 0 : -EINVAL;
}

/**
 * vib_mcast_leave_all - a queue pair goes away
 * @qp: the queue pair
 *
 * Context: may sleep.
 */
void vib_mcast_leave_all(struct vib_qp *qp)
{
	struct vib_member *member, *next;

	mutex_lock(&qp->hca->group_lock);
	list_for_each_entry_safe(member, next, &qp->memberships, in_qp)
		leave(member);
	mutex_unlock(&qp->hca->group_lock);
}

/**
 * vib_mcast_receive - a packet for a group
 * @hca: the HCA
 * @wire: the packet
 * @rx: what the port made of it
 *
 * Context: RCU read side.
 */
void vib_mcast_receive(struct vib_hca *hca, const u8 *wire, struct vib_rx *rx)
{
	struct vib_group *group = find_group(hca, rx->mgid, rx->dlid);
	struct vib_member *member;

	if (!group) {
		vib_count_drop(hca->net->core, hca->index,
			       VIB_DROP_RX_NO_GROUP);
		return;
	}
	list_for_each_entry_rcu(member, &group->members, in_group)
		vib_qp_receive_one(member->qp, wire, rx);
}
