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
		vib_link_init(&made->link[i]);
	vib_debugfs_create(made);
	return made;
}

static void net_destroy(struct vib_net *old)
{
	vib_debugfs_remove(old);
	kvfree(old->core);
	kfree(old);
}

/*
 * Whatever consumers send while they leave fails at once: nobody waits for
 * answers of a subnet manager that leaves as well.
 */
static void remove_all(struct vib_hca **hca, u32 count)
{
	struct vib_effects effects;
	u32 i;

	WRITE_ONCE(net->closing, true);
	for (i = 0; i < count; i++) {
		spin_lock_irq(&net->lock);
		vib_link_plug(net->core, hca[i]->index, false, &effects);
		spin_unlock_irq(&net->lock);
		RCU_INIT_POINTER(net->hca[hca[i]->index], NULL);
	}
	synchronize_rcu();

	while (count--) {
		vib_hca_unregister(hca[count]);
		vib_hca_destroy(hca[count]);
	}
}

static struct vib_hca *all[VIB_MAX_HCAS];

static int add_one(u32 index)
{
	struct vib_hca *hca = vib_hca_create(net, index);
	int err;

	if (IS_ERR(hca))
		return PTR_ERR(hca);
	err = vib_hca_register(hca);
	if (err) {
		vib_hca_destroy(hca);
		return err;
	}
	all[index] = hca;
	return 0;
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
	return 0;

err_remove:
	remove_all(all, index);
	net_destroy(net);
	return err;
}

static void __exit vib_exit(void)
{
	remove_all(all, net->hcas);
	net_destroy(net);
}

module_init(vib_init);
module_exit(vib_exit);

MODULE_DESCRIPTION("Software InfiniBand HCAs and switch");
MODULE_LICENSE("Dual BSD/GPL");
