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

static uint switches = 1;
module_param(switches, uint, 0444);
MODULE_PARM_DESC(switches, "Switches that share them (1..8), not connected");

static uint trunks;
module_param(trunks, uint, 0444);
MODULE_PARM_DESC(trunks, "Ports of each switch to others, over Ethernet (0..15)");

static unsigned long long guid = 0x0002c90300433bf1;
module_param(guid, ullong, 0444);
MODULE_PARM_DESC(guid, "Port GUID of HCA 0; HCA i has guid + 0x10 * i");

static uint mtu = 2048;
module_param(mtu, uint, 0444);
MODULE_PARM_DESC(mtu, "Largest payload: 256, 512, 1024, 2048 or 4096");

static bool srqs;
module_param(srqs, bool, 0444);
MODULE_PARM_DESC(srqs, "Shared receive queues for the kernel, too");

static bool offloads;
module_param(offloads, bool, 0444);
MODULE_PARM_DESC(offloads, "Checksums and large sends of IPoIB in the HCA");

static bool accelerated;
module_param(accelerated, bool, 0444);
MODULE_PARM_DESC(accelerated, "IPoIB in the HCA, as mlx5 and hfi1 have it");

static struct vib_net *nets[VIB_MAX_SWITCHES];

/* HCA @first and those that follow are on switch @number. */
static struct vib_net *net_create(u32 number, u32 first, u32 count)
{
	const struct vib_fabric_config config = {
		/* A switch takes a number as well: that before the next HCA. */
		.guid = guid + 0x10ULL * (first + number),
		.hcas = count,
		.trunks = trunks,
		.mtu = mtu,
	};
	struct vib_net *net = kzalloc(sizeof(*net), GFP_KERNEL);
	u32 i;

	if (!net)
		return ERR_PTR(-ENOMEM);
	spin_lock_init(&net->lock);
	mutex_init(&net->hotplug);
	net->has_srqs = srqs;
	net->has_offloads = offloads;
	net->is_accelerated = accelerated;
	net->number = number;
	net->first = first;
	net->hcas = config.hcas;
	net->trunks = config.trunks;
	net->core = kvzalloc(vib_fabric_size(), GFP_KERNEL);
	if (!net->core) {
		kfree(net);
		return ERR_PTR(-ENOMEM);
	}
	if (!vib_fabric_init(net->core, &config)) {
		kvfree(net->core);
		kfree(net);
		pr_err("vib: hcas must be 1..%d, trunks 0..%d, mtu a power of two 256..4096\n",
		       VIB_MAX_HCAS, VIB_MAX_TRUNKS);
		return ERR_PTR(-EINVAL);
	}
	for (i = 0; i < net->hcas; i++)
		vib_link_init(net, i);
	for (i = 0; i < net->trunks; i++)
		vib_trunk_init(net, i);
	return net;
}

static void net_destroy(struct vib_net *net)
{
	u32 i;

	for (i = 0; i < net->hcas; i++)
		vib_link_stop(&net->link[i]);
	mutex_destroy(&net->hotplug);
	kvfree(net->core);
	kfree(net);
}

static void destroy_all(u32 count)
{
	while (count--)
		net_destroy(nets[count]);
}

static int create_all(void)
{
	u32 first, next, n;

	if (switches < 1 || switches > VIB_MAX_SWITCHES || hcas < switches ||
	    hcas > VIB_MAX_HCAS) {
		pr_err("vib: hcas must be 1..%d, switches 1..%d and not more than hcas\n",
		       VIB_MAX_HCAS, VIB_MAX_SWITCHES);
		return -EINVAL;
	}
	for (n = 0; n < switches; n++) {
		first = hcas * n / switches;
		next = hcas * (n + 1) / switches;
		nets[n] = net_create(n, first, next - first);
		if (IS_ERR(nets[n])) {
			destroy_all(n);
			return PTR_ERR(nets[n]);
		}
	}
	return 0;
}

/* In order: device and interface names count up with the HCAs. */
static int add_hcas(void)
{
	u32 n, i;
	int err;

	for (n = 0; n < switches; n++) {
		for (i = 0; i < nets[n]->hcas; i++) {
			err = vib_hca_add(nets[n], i);
			if (err)
				return err;
		}
	}
	return 0;
}

static int __init vib_init(void)
{
	int err;

	err = create_all();
	if (err)
		return err;
	err = add_hcas();
	if (err)
		goto err_remove;
	err = vib_trunks_start(nets, switches);
	if (err)
		goto err_remove;
	vib_debugfs_create(nets, switches);
	return 0;

err_remove:
	vib_hca_remove_all(nets, switches);
	destroy_all(switches);
	return err;
}

static void __exit vib_exit(void)
{
	vib_debugfs_remove();
	vib_trunks_stop();
	vib_hca_remove_all(nets, switches);
	destroy_all(switches);
}

module_init(vib_init);
module_exit(vib_exit);

MODULE_DESCRIPTION("Software InfiniBand HCAs and switch");
MODULE_LICENSE("Dual BSD/GPL");
