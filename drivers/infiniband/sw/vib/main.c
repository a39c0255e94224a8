// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * vib: a software InfiniBand fabric.  The module's parameters, its start and
 * its end.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "vib.h"

static uint hcas = 2;
module_param(hcas, uint, 0444);
MODULE_PARM_DESC(hcas, "Number of one-port HCAs (1..64)");

static unsigned long long guid = 0x0002c90300433bf1;
module_param(guid, ullong, 0444);
MODULE_PARM_DESC(guid, "Port GUID of HCA 0; HCA i has guid + 0x10 * i");

static uint mtu = 2048;
module_param(mtu, uint, 0444);
MODULE_PARM_DESC(mtu, "Largest payload: 256, 512, 1024, 2048 or 4096");

static bool srqs;
module_param(srqs, bool, 0444);
MODULE_PARM_DESC(srqs, "Shared receive queues for the kernel, too");

static struct vib_net *net;

static struct vib_net *net_create(const struct vib_fabric_config *config)
{
	struct vib_net *made = kzalloc(sizeof(*made), GFP_KERNEL);
	u32 i;

	if (!made)
		return ERR_PTR(-ENOMEM);
	spin_lock_init(&made->lock);
	mutex_init(&made->hotplug);
	made->has_srqs = srqs;
	made->hcas = config->hcas;
	made->core = kvzalloc(vib_fabric_size(), GFP_KERNEL);
	if (!made->core) {
		kfree(made);
		return ERR_PTR(-ENOMEM);
	}
	if (!vib_fabric_init(made->core, config)) {
		kvfree(made->core);
		kfree(made);
		pr_err("vib: hcas must be 1..%d, mtu a power of two 256..4096\n",
		       VIB_MAX_HCAS);
		return ERR_PTR(-EINVAL);
	}
	for (i = 0; i < made->hcas; i++)
		vib_link_init(made, i);
	return made;
}

static void net_destroy(struct vib_net *old)
{
	u32 i;

	for (i = 0; i < old->hcas; i++)
		vib_link_stop(&old->link[i]);
	mutex_destroy(&old->hotplug);
	kvfree(old->core);
	kfree(old);
}

static struct vib_hca *all[VIB_MAX_HCAS];

static void plug(u32 index, bool plugged, struct vib_effects *effects)
{
	spin_lock_irq(&net->lock);
	vib_link_plug(net->core, index, plugged, effects);
	spin_unlock_irq(&net->lock);
	WRITE_ONCE(net->link[index].plugged, plugged);
}

static int add_one(u32 index)
{
	struct vib_hca *hca = vib_hca_create(net, index);
	struct vib_effects effects;
	int err;

	if (IS_ERR(hca))
		return PTR_ERR(hca);
	spin_lock_irq(&net->lock);
	vib_hca_replace(net->core, index);
	spin_unlock_irq(&net->lock);
	err = vib_hca_register(hca);
	if (err) {
		vib_hca_destroy(hca);
		return err;
	}
	all[index] = hca;
	rcu_assign_pointer(net->hca[index], hca);
	plug(index, true, &effects);
	vib_apply_effects(net, &effects);
	return 0;
}

/*
 * Whatever consumers send while they leave fails at once: nobody waits for
 * answers that cannot come.
 */
static void disconnect(u32 index, struct vib_effects *effects)
{
	WRITE_ONCE(all[index]->closing, true);
	plug(index, false, effects);
	RCU_INIT_POINTER(net->hca[index], NULL);
}

static void remove_disconnected(u32 index)
{
	vib_hca_unregister(all[index]);
	vib_hca_destroy(all[index]);
	all[index] = NULL;
}

static void remove_one(u32 index)
{
	struct vib_effects effects;

	disconnect(index, &effects);
	synchronize_rcu();
	vib_apply_effects(net, &effects);
	remove_disconnected(index);
}

/* A subnet manager leaves with them: it is told nothing. */
static void remove_all(u32 count)
{
	struct vib_effects effects;
	u32 i;

	for (i = 0; i < count; i++)
		if (all[i])
			disconnect(i, &effects);
	synchronize_rcu();
	while (count--)
		if (all[count])
			remove_disconnected(count);
}

/**
 * vib_hca_plug - connect an HCA's cable, or pull it
 * @net: the fabric
 * @index: the HCA
 * @plugged: connect it
 *
 * Context: may sleep.
 * Return: 0, or -ENODEV if there is no such HCA now.
 */
int vib_hca_plug(struct vib_net *net, u32 index, bool plugged)
{
	struct vib_effects effects = {};
	int err = 0;

	mutex_lock(&net->hotplug);
	if (!all[index])
		err = -ENODEV;
	else if (net->link[index].plugged != plugged)
		plug(index, plugged, &effects);
	mutex_unlock(&net->hotplug);
	vib_apply_effects(net, &effects);
	return err;
}

/**
 * vib_hca_make_present - put an HCA in, or take it out
 * @net: the fabric
 * @index: the HCA
 * @present: put it in
 *
 * Context: may sleep.
 * Return: 0 or an errno.
 */
int vib_hca_make_present(struct vib_net *net, u32 index, bool present)
{
	int err = 0;

	mutex_lock(&net->hotplug);
	if (present && !all[index])
		err = add_one(index);
	else if (!present && all[index])
		remove_one(index);
	mutex_unlock(&net->hotplug);
	return err;
}

static int __init vib_init(void)
{
	const struct vib_fabric_config config = {
		.guid = guid,
		.hcas = hcas,
		.mtu = mtu,
	};
	u32 index;
	int err;

	net = net_create(&config);
	if (IS_ERR(net))
		return PTR_ERR(net);
	/* In order: device and interface names count up with the HCAs. */
	for (index = 0; index < net->hcas; index++) {
		err = add_one(index);
		if (err)
			goto err_remove;
	}
	vib_debugfs_create(net);
	return 0;

err_remove:
	remove_all(index);
	net_destroy(net);
	return err;
}

static void __exit vib_exit(void)
{
	vib_debugfs_remove(net);
	remove_all(net->hcas);
	net_destroy(net);
}

module_init(vib_init);
module_exit(vib_exit);

MODULE_DESCRIPTION("Software InfiniBand HCAs and switch");
MODULE_LICENSE("Dual BSD/GPL");
