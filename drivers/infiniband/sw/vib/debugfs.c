// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * What a test may look at and do: /sys/kernel/debug/vib/vibN/.
 */
#include <linux/debugfs.h>

#include "vib.h"

/**
 * vib_debugfs_create - make the files
 * @net: the fabric
 *
 * Context: may sleep.
 */
void vib_debugfs_create(struct vib_net *net)
{
	struct dentry *dir;
	char name[16];
	u32 i;

	net->debug = debugfs_create_dir("vib", NULL);
	for (i = 0; i < net->hcas; i++) {
		snprintf(name, sizeof(name), "vib%u", i);
		dir = debugfs_create_dir(name, net->debug);
		debugfs_create_file("capture", 0400, dir, &net->link[i],
				    &vib_capture_fops);
		debugfs_create_file("capture_erf", 0400, dir, &net->link[i],
				    &vib_capture_erf_fops);
	}
}

/**
 * vib_debugfs_remove - take them away
 * @net: the fabric
 *
 * Context: may sleep.
 */
void vib_debugfs_remove(struct vib_net *net)
{
	debugfs_remove(net->debug);
}
