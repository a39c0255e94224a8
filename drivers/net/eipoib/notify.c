// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * RTM_NEWLINK for what is ours of a link.  rtnetlink itself tells of all that
 * it changes; here is what only we know of.
 *
 * What packets change they can change at any rate, so it is told in batches:
 * at most NOTIFY_BATCH VIFs of a PIF every NOTIFY_DELAY, those first that have
 * waited for longest, and each as it is by then.
 */

#include <linux/list.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/workqueue.h>

#include "abi/kernel.h"
#include "eipoib.h"

#define NOTIFY_DELAY (HZ / 10)
#define NOTIFY_BATCH 64

/**
 * eipoib_notify_pif - tell that a PIF's IFLA_INFO_DATA changed
 * @pif: the PIF; nobody hears of one that is not, or no longer, registered
 *
 * Context: RTNL.
 */
void eipoib_notify_pif(struct eipoib_pif *pif)
{
	ASSERT_RTNL();

	if (pif->dev->reg_state == NETREG_REGISTERED)
		call_netdevice_notifiers(NETDEV_CHANGEINFODATA, pif->dev);
}

/**
 * eipoib_notify_slave - tell that a VIF's IFLA_INFO_SLAVE_DATA changed
 * @slave: the slave
 *
 * Context: RTNL.
 */
void eipoib_notify_slave(struct eipoib_slave *slave)
{
	ASSERT_RTNL();

	call_netdevice_notifiers(NETDEV_CHANGEINFODATA, slave->dev);
}

/**
 * eipoib_k_vif_changed - a packet changed what eipoib_vif_get_info() says
 * @dev: the VIF's netdevice
 *
 * Context: bottom halves off, RCU read-side section.
 */
void eipoib_k_vif_changed(void *dev)
{
	struct eipoib_slave *slave = eipoib_slave_get_rcu(dev);
	struct eipoib_changes *changes;

	if (!slave)
		return;

	changes = &slave->pif->changes;
	spin_lock(&changes->lock);
	if (list_empty(&slave->changed))
		list_add_tail(&slave->changed, &changes->slaves);
	spin_unlock(&changes->lock);
	schedule_delayed_work(&changes->work, NOTIFY_DELAY);
}

/* RTNL keeps the slave from being released.  Return: NULL if there is none. */
static struct eipoib_slave *take_first(struct eipoib_changes *changes)
{
	struct eipoib_slave *slave;

	spin_lock_bh(&changes->lock);
	slave = list_first_entry_or_null(&changes->slaves, struct eipoib_slave,
					 changed);
	if (slave)
		list_del_init(&slave->changed);
	spin_unlock_bh(&changes->lock);

	return slave;
}

/* It must not wait for RTNL: who stops it holds RTNL. */
static void notify(struct work_struct *work)
{
	struct eipoib_changes *changes = container_of(to_delayed_work(work),
						      struct eipoib_changes,
						      work);
	struct eipoib_slave *slave;
	int room = NOTIFY_BATCH;

	if (rtnl_trylock()) {
		while (room && (slave = take_first(changes))) {
			eipoib_notify_slave(slave);
			room--;
		}
		rtnl_unlock();
		if (room)
			return;
	}

	schedule_delayed_work(&changes->work, NOTIFY_DELAY);
}

/**
 * eipoib_notify_init - no changes yet
 * @pif: the PIF
 *
 * Context: any.
 */
void eipoib_notify_init(struct eipoib_pif *pif)
{
	spin_lock_init(&pif->changes.lock);
	INIT_LIST_HEAD(&pif->changes.slaves);
	INIT_DELAYED_WORK(&pif->changes.work, notify);
}

/**
 * eipoib_notify_forget - a slave's changes concern nobody any more
 * @slave: has no receive handler any more, by which it is found
 *
 * Context: RTNL.
 */
void eipoib_notify_forget(struct eipoib_slave *slave)
{
	struct eipoib_changes *changes = &slave->pif->changes;

	ASSERT_RTNL();

	spin_lock_bh(&changes->lock);
	list_del_init(&slave->changed);
	spin_unlock_bh(&changes->lock);
}

/**
 * eipoib_notify_stop - no changes any more
 * @pif: without slaves
 *
 * Context: RTNL.
 */
void eipoib_notify_stop(struct eipoib_pif *pif)
{
	ASSERT_RTNL();

	cancel_delayed_work_sync(&pif->changes.work);
}
