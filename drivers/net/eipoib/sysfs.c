// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * /sys/class/net/ethX/eth/vifs: a line per VIF, read-only.
 *
 * An ordinary attribute ends at one page.  A binary one is read piece by
 * piece, so the text is made anew for each piece and only the piece is kept.
 * Who changes VIFs between two pieces may see a line torn at the joint.
 */

#include <linux/netdevice.h>
#include <linux/sysfs.h>

#include "eipoib.h"

/* Names have at most 15 characters; the rest of a line is shorter than 48. */
#define LINE_SIZE (IFNAMSIZ + 48)
#define MAC_SIZE 18
#define VLAN_SIZE 6

/**
 * struct piece - the part of a text that a reader asked for
 * @to: where it goes
 * @size: how long it may get
 * @length: how long it is
 * @skip: how much of the text comes before it and is still to come
 */
struct piece {
	char *to;
	size_t size;
	size_t length;
	loff_t skip;
};

static void add(struct piece *piece, const char *text, size_t length)
{
	if (piece->skip >= length) {
		piece->skip -= length;
		return;
	}
	text += piece->skip;
	length -= piece->skip;
	piece->skip = 0;

	length = min(length, piece->size - piece->length);
	memcpy(piece->to + piece->length, text, length);
	piece->length += length;
}

static void format_binding(const struct eipoib_binding *binding, char *mac,
			   char *vlan)
{
	if (binding->flags & EIPOIB_VIF_ANY)
		strscpy(mac, "any", MAC_SIZE);
	else
		snprintf(mac, MAC_SIZE, "%pM", binding->mac);

	if (binding->vlan != EIPOIB_VLAN_NONE)
		snprintf(vlan, VLAN_SIZE, "%u", binding->vlan);
}

static int format_vif(char *line, const struct eipoib_slave *slave)
{
	struct eipoib_vif_info info;
	char mac[MAC_SIZE] = "N/A";
	char vlan[VLAN_SIZE] = "N/A";

	eipoib_vif_get_info(slave->vif, &info);
	if (info.is_bound)
		format_binding(&info.binding, mac, vlan);

	return scnprintf(line, LINE_SIZE, "SLAVE=%-10s MAC=%-17s VLAN=%s\n",
			 slave->dev->name, mac, vlan);
}

/* RCU and not RTNL, for which an attribute of a netdevice cannot wait. */
static ssize_t vifs_read(struct file *file, struct kobject *kobj,
			 struct bin_attribute *attr, char *buf, loff_t off,
			 size_t count)
{
	struct eipoib_pif *pif = netdev_priv(to_net_dev(kobj_to_dev(kobj)));
	struct piece piece = { .to = buf, .size = count, .skip = off };
	struct eipoib_slave *slave;
	char line[LINE_SIZE];
	struct list_head *iter;

	rcu_read_lock();
	eipoib_for_each_slave_rcu(pif, slave, iter) {
		add(&piece, line, format_vif(line, slave));
		if (piece.length == piece.size)
			break;
	}
	rcu_read_unlock();

	return piece.length;
}

static BIN_ATTR_RO(vifs, 0);

static struct bin_attribute *attributes[] = {
	&bin_attr_vifs,
	NULL,
};

const struct attribute_group eipoib_sysfs_group = {
	.name = "eth",
	.bin_attrs = attributes,
};
