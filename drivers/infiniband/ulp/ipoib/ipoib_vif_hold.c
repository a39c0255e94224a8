// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * VIF mode, frames that wait for the path to their address.  They stay in the
 * queue of their neigh, and as long as there are any, later frames go behind
 * them.  Once the path is known, a work item sends them.
 *
 * A neigh's queue is changed with the TX lock held.  A neigh is on the list
 * of those ready if it has frames and a path; priv->lock protects the list.
 */

#include <linux/netdevice.h>
#include <rdma/e_ipoib.h>

#include "ipoib.h"

static bool has_path(struct ipoib_neigh *neigh)
{
	struct ipoib_ah *ah = READ_ONCE(neigh->ah);

	if (ipoib_cm_get(neigh))
		return ipoib_cm_up(neigh);

	return ah && ah->valid;
}

static bool has_room(const struct ipoib_dev_priv *priv)
{
	return priv->global_tx_head - READ_ONCE(priv->global_tx_tail) <
	       ipoib_sendq_size;
}

/**
 * ipoib_vif_hold_max - how many frames may wait for a path
 * @priv: the interface
 *
 * Context: any.
 * Return: the number.
 */
unsigned int ipoib_vif_hold_max(const struct ipoib_dev_priv *priv)
{
	if (test_bit(IPOIB_FLAG_VIF, &priv->flags))
		return E_IPOIB_HOLD_MAX;

	return IPOIB_MAX_PATH_REC_QUEUE;
}

/* Whoever waits for a path must not wait for ever. */
static void ensure_query(struct ipoib_neigh *neigh)
{
	if (!has_path(neigh) && !ipoib_cm_get(neigh))
		neigh_refresh_path(neigh, neigh->daddr, neigh->dev);
}

/**
 * ipoib_vif_must_wait - whether a frame would overtake others
 * @neigh: its neigh, which has frames waiting
 *
 * Context: TX lock, priv->lock not held.
 * Return: true if it must be queued, even if there is a path by now.
 */
bool ipoib_vif_must_wait(struct ipoib_neigh *neigh)
{
	if (!test_bit(IPOIB_FLAG_VIF, &ipoib_priv(neigh->dev)->flags))
		return false;

	ensure_query(neigh);

	return true;
}

/**
 * ipoib_vif_release - let the frames of a neigh go, in VIF mode
 * @neigh: its path is known now
 *
 * Context: priv->lock.
 * Return: false if the interface is not in VIF mode: then nothing was done.
 */
bool ipoib_vif_release(struct ipoib_neigh *neigh)
{
	struct ipoib_dev_priv *priv = ipoib_priv(neigh->dev);

	lockdep_assert_held(&priv->lock);

	if (!test_bit(IPOIB_FLAG_VIF, &priv->flags))
		return false;

	if (!skb_queue_empty(&neigh->queue) && list_empty(&neigh->vif_ready)) {
		list_add_tail(&neigh->vif_ready, &priv->vif.ready);
		queue_work(system_highpri_wq, &priv->vif.drain_task);
	}

	return true;
}

/**
 * ipoib_vif_held - a frame was appended to the queue of a neigh
 * @neigh: the neigh; its path may have become known a moment before
 *
 * Context: TX lock and priv->lock.
 */
void ipoib_vif_held(struct ipoib_neigh *neigh)
{
	if (has_path(neigh))
		ipoib_vif_release(neigh);
}

/**
 * ipoib_vif_forget - a neigh goes away, with the frames it has
 * @neigh: nobody else knows it any more
 *
 * Context: any, priv->lock not held.
 */
void ipoib_vif_forget(struct ipoib_neigh *neigh)
{
	struct ipoib_dev_priv *priv = ipoib_priv(neigh->dev);
	unsigned long flags;

	spin_lock_irqsave(&priv->lock, flags);
	list_del_init(&neigh->vif_ready);
	spin_unlock_irqrestore(&priv->lock, flags);
}

/**
 * ipoib_vif_wake_queue - there is room in the send ring again
 * @priv: the interface
 *
 * Frames that wait come first: netif_wake_queue() would let others take the
 * room, again and again.
 *
 * Context: any.
 */
void ipoib_vif_wake_queue(struct ipoib_dev_priv *priv)
{
	if (list_empty(&priv->vif.ready))
		netif_wake_queue(priv->dev);
	else
		queue_work(system_highpri_wq, &priv->vif.drain_task);
}

/* The next neigh that may send, with a reference.  Deleted ones may not. */
static struct ipoib_neigh *next_ready(struct ipoib_dev_priv *priv)
{
	struct ipoib_neigh *neigh;
	unsigned long flags;

	spin_lock_irqsave(&priv->lock, flags);
	while ((neigh = list_first_entry_or_null(&priv->vif.ready,
						 struct ipoib_neigh,
						 vif_ready))) {
		/* The table, which it is in, has a reference, too. */
		if (!list_empty(&neigh->list)) {
			refcount_inc(&neigh->refcnt);
			break;
		}
		list_del_init(&neigh->vif_ready);
	}
	spin_unlock_irqrestore(&priv->lock, flags);

	return neigh;
}

static void send_one(struct ipoib_neigh *neigh, struct sk_buff *skb)
{
	struct rdma_netdev *rn = netdev_priv(neigh->dev);
	struct ipoib_ah *ah = READ_ONCE(neigh->ah);

	skb_pull(skb, sizeof(struct ipoib_pseudo_header));

	if (ipoib_cm_get(neigh))
		ipoib_cm_send(neigh->dev, skb, ipoib_cm_get(neigh));
	else
		ah->last_send = rn->send(neigh->dev, skb, ah->ah,
					 IPOIB_QPN(neigh->daddr));
}

/* Take a neigh off the list unless it has just the ring to wait for. */
static void retire(struct ipoib_dev_priv *priv, struct ipoib_neigh *neigh)
{
	unsigned long flags;

	spin_lock_irqsave(&priv->lock, flags);
	if (!has_path(neigh) || skb_queue_empty(&neigh->queue))
		list_del_init(&neigh->vif_ready);
	spin_unlock_irqrestore(&priv->lock, flags);

	if (!skb_queue_empty(&neigh->queue))
		ensure_query(neigh);
}

static void drain(struct ipoib_dev_priv *priv)
{
	struct ipoib_neigh *neigh;
	struct sk_buff *skb;

	while (has_room(priv) && (neigh = next_ready(priv))) {
		while (has_room(priv) && has_path(neigh) &&
		       (skb = __skb_dequeue(&neigh->queue)))
			send_one(neigh, skb);

		retire(priv, neigh);
		ipoib_neigh_put(neigh);
	}
}

/* What the completion of a send left to us if anything was waiting. */
static void wake_queue(struct ipoib_dev_priv *priv)
{
	unsigned int used = priv->global_tx_head -
			    READ_ONCE(priv->global_tx_tail);

	if (netif_queue_stopped(priv->dev) && used <= ipoib_sendq_size >> 1 &&
	    test_bit(IPOIB_FLAG_ADMIN_UP, &priv->flags))
		netif_wake_queue(priv->dev);
}

/**
 * ipoib_vif_drain_task - send what waited for a path or for room in the ring
 * @work: of the interface
 *
 * The TX lock keeps all senders out until the last waiting frame is gone.
 *
 * Context: process.
 */
void ipoib_vif_drain_task(struct work_struct *work)
{
	struct ipoib_dev_priv *priv =
		container_of(work, struct ipoib_dev_priv, vif.drain_task);

	netif_tx_lock_bh(priv->dev);
	/* Not set: the neighs are going, and the queue pair may be. */
	if (test_bit(IPOIB_FLAG_OPER_UP, &priv->flags)) {
		drain(priv);
		wake_queue(priv);
	}
	netif_tx_unlock_bh(priv->dev);
}
