// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The coming and going of HCAs and of their cables.
 */
#include "vib.h"

static void plug(struct vib_net *net, u32 index, bool plugged,
		 struct vib_effects *effects)
{
	spin_lock_irq(&net->lock);
	vib_link_plug(net->core, index, plugged, effects);
	spin_unlock_irq(&net->lock);
	WRITE_ONCE(net->link[index].plugged, plugged);
}

/**
 * vib_hca_add - put an HCA in
 * @net: the fabric
 * @index: where there is none
 *
 * Context: may sleep; no other HCA comes or goes.
 * Return: 0 or an errno.
 */
int vib_hca_add(struct vib_net *net, u32 index)
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
	net->all[index] = hca;
	rcu_assign_pointer(net->hca[index], hca);
	plug(net, index, true, &effects);
	vib_apply_effects(net, &effects);
	return 0;
}

/*
 * Whatever consumers send while they leave fails at once: nobody waits for
 * answers that cannot come.
 */
static void disconnect(struct vib_net *net, u32 index,
		       struct vib_effects *effects)
{
	WRITE_ONCE(net->all[index]->closing, true);
	plug(net, index, false, effects);
	RCU_INIT_POINTER(net->hca[index], NULL);
}

static void remove_disconnected(struct vib_net *net, u32 index)
{
	vib_hca_unregister(net->all[index]);
	vib_hca_destroy(net->all[index]);
	net->all[index] = NULL;
}

static void remove_one(struct vib_net *net, u32 index)
{
	struct vib_effects effects;

	disconnect(net, index, &effects);
	synchronize_rcu();
	vib_apply_effects(net, &effects);
	remove_disconnected(net, index);
}

/**
 * vib_hca_remove_all - take all HCAs out
 * @nets: the fabrics
 * @count: how many
 *
 * A subnet manager leaves with them: it is told nothing.
 *
 * Context: may sleep; no other HCA comes or goes.
 */
void vib_hca_remove_all(struct vib_net **nets, u32 count)
{
	struct vib_effects effects;
	u32 n, i;

	for (n = 0; n < count; n++)
		for (i = 0; i < nets[n]->hcas; i++)
			if (nets[n]->all[i])
				disconnect(nets[n], i, &effects);
	synchronize_rcu();
	for (n = count; n--;)
		for (i = nets[n]->hcas; i--;)
			if (nets[n]->all[i])
				remove_disconnected(nets[n], i);
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
	if (!net->all[index])
		err = -ENODEV;
	else if (net->link[index].plugged != plugged)
		plug(net, index, plugged, &effects);
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
	if (present && !net->all[index])
		err = vib_hca_add(net, index);
	else if (!present && net->all[index])
		remove_one(net, index);
	mutex_unlock(&net->hotplug);
	return err;
}
