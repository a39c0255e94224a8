// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * VIF mode, addresses that the SA does not know: whoever sends to a guest may
 * claim to be at as many as he likes, so there is a limit on paths to them.
 */

#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/workqueue.h>

#include "ipoib.h"

/* Paths without a record: asked for, or asked for in vain. */
#define UNRESOLVED_MAX	256

/* How often the latter are looked for, as long as there are any. */
#define REAP_INTERVAL	(HZ / 10)

/**
 * ipoib_vif_may_search - whether one more path may be asked for
 * @priv: the interface
 *
 * Context: priv->lock.
 * Return: false if a VIF has as many as it may.
 */
bool ipoib_vif_may_search(struct ipoib_dev_priv *priv)
{
	struct ipoib_vif *vif = &priv->vif;

	lockdep_assert_held(&priv->lock);

	if (!test_bit(IPOIB_FLAG_VIF, &priv->flags))
		return true;

	schedule_delayed_work(&vif->reap_task, REAP_INTERVAL);

	return atomic_read(&vif->unresolved) < UNRESOLVED_MAX;
}

/* Nobody uses a path without a record once priv->lock is given back. */
static void reap(struct ipoib_dev_priv *priv)
{
	struct ipoib_path *path, *next;
	LIST_HEAD(in_vain);

	spin_lock_irq(&priv->lock);
	list_for_each_entry_safe(path, next, &priv->path_list, list) {
		if (!path->query && !path->ah) {
			rb_erase(&path->rb_node, &priv->path_tree);
			list_move_tail(&path->list, &in_vain);
		}
	}
	spin_unlock_irq(&priv->lock);

	list_for_each_entry_safe(path, next, &in_vain, list)
		path_free(priv->dev, path);
}

/**
 * ipoib_vif_reap_task - forget the paths that were asked for in vain
 * @work: of the interface
 *
 * Context: process.
 */
void ipoib_vif_reap_task(struct work_struct *work)
{
	struct ipoib_dev_priv *priv =
		container_of(work, struct ipoib_dev_priv, vif.reap_task.work);

	if (!test_bit(IPOIB_FLAG_VIF, &priv->flags))
		return;

	reap(priv);
	if (atomic_read(&priv->vif.unresolved))
		schedule_delayed_work(&priv->vif.reap_task, REAP_INTERVAL);
}
