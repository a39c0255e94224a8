// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * What a test may look at and do: /sys/kernel/debug/vib/vibN/.
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include "vib.h"

#define DELAY_MAX	10000000	/* us */

static const char * const fault_names[] = {
#define FAULT_NAME(symbol, name) name,
	VIB_FAULTS(FAULT_NAME)
#undef FAULT_NAME
};

static int get_fault(void *data, u64 *value)
{
	const struct vib_knob *knob = data;
	const struct vib_line *line = knob->line;

	*value = vib_fault_get(line->net->core, line->index, line->direction,
			       knob->fault);
	return 0;
}

static int set_fault(void *data, u64 value)
{
	const struct vib_knob *knob = data;
	const struct vib_line *line = knob->line;
	struct vib_net *net = line->net;

	if (value > (knob->fault == VIB_FAULT_DELAY ? DELAY_MAX :
						      VIB_FAULT_SCALE))
		return -ERANGE;
	spin_lock_irq(&net->lock);
	vib_fault_set(net->core, line->index, line->direction, knob->fault,
		      value);
	spin_unlock_irq(&net->lock);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(fault_fops, get_fault, set_fault, "%llu\n");

static int set_seed(void *data, u64 seed)
{
	struct vib_line *line = data;

	vib_fault_seed(line->net->core, line->index, line->direction, seed);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(seed_fops, NULL, set_seed, "%llu\n");

static int counters_show(struct seq_file *file, void *unused)
{
	struct vib_line *line = file->private;
	u32 fault;

	for (fault = 0; fault < VIB_FAULT_COUNT; fault++)
		seq_printf(file, "%s %llu\n", fault_names[fault],
			   vib_fault_count(line->net->core, line->index,
					   line->direction, fault));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(counters);

static int get_plugged(void *data, u64 *value)
{
	struct vib_line *line = data;

	*value = READ_ONCE(line->link->plugged);
	return 0;
}

static int set_plugged(void *data, u64 value)
{
	struct vib_line *line = data;

	return vib_hca_plug(line->net, line->index, value);
}
DEFINE_DEBUGFS_ATTRIBUTE(plugged_fops, get_plugged, set_plugged, "%llu\n");

static int get_present(void *data, u64 *value)
{
	struct vib_line *line = data;

	*value = !!rcu_access_pointer(line->net->hca[line->index]);
	return 0;
}

static int set_present(void *data, u64 value)
{
	struct vib_line *line = data;

	return vib_hca_make_present(line->net, line->index, value);
}
DEFINE_DEBUGFS_ATTRIBUTE(present_fops, get_present, set_present, "%llu\n");

static int set_lid(void *data, u64 lid)
{
	struct vib_line *line = data;
	struct vib_net *net = line->net;
	struct vib_effects effects;
	bool done;

	if (lid > U16_MAX)
		return -EINVAL;
	spin_lock_irq(&net->lock);
	done = vib_assign_lid(net->core, line->index, lid, &effects);
	spin_unlock_irq(&net->lock);
	vib_apply_effects(net, &effects);
	return done ? 0 : -EINVAL;
}
DEFINE_DEBUGFS_ATTRIBUTE(lid_fops, NULL, set_lid, "%llu\n");

static int remove_pkey(void *data, u64 pkey)
{
	struct vib_line *line = data;
	struct vib_net *net = line->net;
	struct vib_effects effects;
	bool done;

	if (pkey > U16_MAX)
		return -EINVAL;
	spin_lock_irq(&net->lock);
	done = vib_remove_pkey(net->core, line->index, pkey, &effects);
	spin_unlock_irq(&net->lock);
	vib_apply_effects(net, &effects);
	return done ? 0 : -ENOENT;
}
DEFINE_DEBUGFS_ATTRIBUTE(remove_pkey_fops, NULL, remove_pkey, "%llu\n");

static void add_direction(struct dentry *parent, const char *name,
			  struct vib_line *line)
{
	struct dentry *dir = debugfs_create_dir(name, parent);
	u32 fault;

	for (fault = 0; fault < VIB_FAULT_COUNT; fault++) {
		struct vib_knob *knob = &line->knob[fault];

		knob->line = line;
		knob->fault = fault;
		debugfs_create_file_unsafe(fault_names[fault], 0600, dir, knob,
					   &fault_fops);
	}
	debugfs_create_file_unsafe("seed", 0200, dir, line, &seed_fops);
	debugfs_create_file("counters", 0400, dir, line, &counters_fops);
}

static void add_hca(struct dentry *dir, struct vib_link *link)
{
	struct vib_line *line = link->line;

	debugfs_create_file("capture", 0400, dir, &link->tap,
			    &vib_capture_fops);
	debugfs_create_file("capture_erf", 0400, dir, &link->tap,
			    &vib_capture_erf_fops);
	debugfs_create_file_unsafe("plugged", 0600, dir, line, &plugged_fops);
	debugfs_create_file_unsafe("present", 0600, dir, line, &present_fops);
	debugfs_create_file_unsafe("lid", 0200, dir, line, &lid_fops);
	debugfs_create_file_unsafe("remove_pkey", 0200, dir, line,
				   &remove_pkey_fops);
	add_direction(dir, "tx", &line[VIB_OUTBOUND]);
	add_direction(dir, "rx", &line[VIB_INBOUND]);
}

static struct dentry *root;

/**
 * vib_debugfs_create - make the files
 * @nets: the fabrics
 * @count: how many
 *
 * Context: may sleep.
 */
void vib_debugfs_create(struct vib_net **nets, u32 count)
{
	char name[16];
	u32 n, i;

	root = debugfs_create_dir("vib", NULL);
	for (n = 0; n < count; n++) {
		for (i = 0; i < nets[n]->hcas; i++) {
			snprintf(name, sizeof(name), "vib%u",
				 nets[n]->first + i);
			add_hca(debugfs_create_dir(name, root),
				&nets[n]->link[i]);
		}
		for (i = 0; i < nets[n]->trunks; i++)
			vib_debugfs_add_trunk(root, &nets[n]->trunk[i]);
	}
}

/**
 * vib_debugfs_remove - take them away
 *
 * Context: may sleep.
 */
void vib_debugfs_remove(void)
{
	debugfs_remove(root);
}
