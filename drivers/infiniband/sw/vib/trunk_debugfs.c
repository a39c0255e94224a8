// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * What a trunk is cabled to: /sys/kernel/debug/vib/trunkN/.
 */
#include <linux/debugfs.h>
#include <linux/nsproxy.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <net/net_namespace.h>

#include "vib.h"

#define LINE_MAX	64

static int netdev_show(struct seq_file *file, void *unused)
{
	const struct vib_trunk *trunk = file->private;

	rtnl_lock();
	if (*trunk->name)
		seq_printf(file, "%s %u\n", trunk->name, trunk->link);
	rtnl_unlock();
	return 0;
}

static int netdev_open(struct inode *inode, struct file *file)
{
	return single_open(file, netdev_show, inode->i_private);
}

/* "eth1", "eth1 7" (link 7 there), or an empty line. */
static ssize_t netdev_write(struct file *file, const char __user *from,
			    size_t size, loff_t *pos)
{
	struct seq_file *seq = file->private_data;
	char line[LINE_MAX], *rest, *name;
	u16 link = 0;
	int err;

	if (size >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, from, size))
		return -EFAULT;
	line[size] = '\0';
	rest = strim(line);
	name = strsep(&rest, " \t");
	if (rest && kstrtou16(skip_spaces(rest), 0, &link))
		return -EINVAL;
	if (strlen(name) >= IFNAMSIZ)
		return -EINVAL;
	err = vib_trunk_cable(seq->private, current->nsproxy->net_ns, name,
			      link);
	return err ? err : size;
}

static const struct file_operations netdev_fops = {
	.owner = THIS_MODULE,
	.open = netdev_open,
	.release = single_release,
	.read = seq_read,
	.llseek = seq_lseek,
	.write = netdev_write,
};

static int state_show(struct seq_file *file, void *unused)
{
	static const char * const states[] = { "?", "DOWN", "INIT", "ARMED",
					       "ACTIVE" };
	const struct vib_trunk *trunk = file->private;
	struct vib_net *net = trunk->net;
	struct vib_trunk_attr attr;

	spin_lock_irq(&net->lock);
	vib_trunk_query(net->core, trunk->index, &attr);
	spin_unlock_irq(&net->lock);
	seq_printf(file, "%s\nport %u of switch 0x%016llx\n",
		   states[attr.state < ARRAY_SIZE(states) ? attr.state : 0],
		   attr.port, attr.guid);
	if (attr.peer_guid)
		seq_printf(file, "peer: port %u of switch 0x%016llx\n",
			   attr.peer_port, attr.peer_guid);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(state);

static int counters_show(struct seq_file *file, void *unused)
{
	static const char * const names[] = {
#define COUNTER_NAME(symbol, name) name,
		VIB_TRUNK_COUNTERS(COUNTER_NAME)
#undef COUNTER_NAME
	};
	static const char * const drops[] = {
#define DROP_NAME(symbol, name) name,
		VIB_DROPS(DROP_NAME)
#undef DROP_NAME
	};
	const struct vib_trunk *trunk = file->private;
	const struct vib_fabric *core = trunk->net->core;
	u64 count;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		seq_printf(file, "%s %llu\n", names[i],
			   vib_trunk_count(core, trunk->index, i));
	/* Reason 0 is no drop. */
	for (i = 0; i < ARRAY_SIZE(drops); i++) {
		count = vib_trunk_drops(core, trunk->index, i + 1);
		if (count)
			seq_printf(file, "switch: %s %llu\n", drops[i], count);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(counters);

/**
 * vib_debugfs_add_trunk - make a trunk's files
 * @parent: /sys/kernel/debug/vib
 * @trunk: the trunk
 *
 * Context: may sleep.
 */
void vib_debugfs_add_trunk(struct dentry *parent, struct vib_trunk *trunk)
{
	struct dentry *dir;
	char name[16];

	snprintf(name, sizeof(name), "trunk%u", vib_trunk_number(trunk));
	dir = debugfs_create_dir(name, parent);
	debugfs_create_file("netdev", 0600, dir, trunk, &netdev_fops);
	debugfs_create_file("state", 0400, dir, trunk, &state_fops);
	debugfs_create_file("counters", 0400, dir, trunk, &counters_fops);
	debugfs_create_file("capture", 0400, dir, &trunk->tap,
			    &vib_capture_fops);
	debugfs_create_file("capture_erf", 0400, dir, &trunk->tap,
			    &vib_capture_erf_fops);
}
