// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * /sys/class/net/ethX/eth/: a line per VIF, per slave and per peer, read-only.
 *
 * An ordinary attribute ends at one page.  A binary one is read piece by piece
 * and is not told of opening and closing, so where a reader goes on is kept
 * for those who read last; others begin from the start, which costs time and
 * nothing else.  When entries come and go between two pieces, a line may be
 * torn at the joint.
 */

#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/sysfs.h>

#include "eipoib.h"

/* Names have at most 15 characters; the rest of a line is shorter than 112. */
#define LINE_SIZE (IFNAMSIZ + 112)
#define MAC_SIZE 18
#define VLAN_SIZE 6

/* How many lines a chunk of text can have, and how many readers are known. */
#define LINES_MAX 16
#define CURSORS 16

/*
 * Makes the chunk at @position, which is 0 at first, and moves that on.
 * Returns its length, 0 at the end.
 */
typedef size_t (*next_t)(const struct eipoib_pif *pif, u64 *position,
			 char *chunk);

/**
 * struct cursor - where a reader goes on
 * @file: the reader; never looked into
 * @pif: of the text; never looked into
 * @next: which text
 * @offset: where in the text the chunk at @position begins
 * @position: what @next knows
 */
struct cursor {
	const struct file *file;
	const struct eipoib_pif *pif;
	next_t next;
	loff_t offset;
	u64 position;
};

/* Protects what follows. */
static DEFINE_MUTEX(reading);
static struct cursor cursors[CURSORS];
static unsigned int newest;
static char chunk[LINES_MAX * LINE_SIZE];

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

static struct cursor *get_cursor(const struct file *file,
				 const struct eipoib_pif *pif, next_t next,
				 loff_t offset)
{
	const struct cursor start = { .file = file, .pif = pif, .next = next };
	struct cursor *cursor;
	unsigned int i;

	for (i = 0; i < CURSORS; i++) {
		cursor = &cursors[i];
		if (cursor->file != file || cursor->pif != pif ||
		    cursor->next != next)
			continue;
		if (cursor->offset > offset)
			*cursor = start;
		return cursor;
	}

	newest = (newest + 1) % CURSORS;
	cursors[newest] = start;

	return &cursors[newest];
}

static ssize_t read_text(const struct file *file, struct kobject *kobj,
			 next_t next, char *buf, loff_t offset, size_t size)
{
	struct eipoib_pif *pif = netdev_priv(to_net_dev(kobj_to_dev(kobj)));
	struct piece piece = { .to = buf, .size = size };
	struct cursor *cursor;
	size_t length;
	u64 position;

	mutex_lock(&reading);
	cursor = get_cursor(file, pif, next, offset);
	piece.skip = offset - cursor->offset;
	for (;;) {
		position = cursor->position;
		length = next(pif, &position, chunk);
		add(&piece, chunk, length);
		/* The chunk may not be used up: it comes once more. */
		if (!length || piece.length == size)
			break;
		cursor->position = position;
		cursor->offset += length;
	}
	mutex_unlock(&reading);

	return piece.length;
}

/* RCU and not RTNL, for which an attribute of a netdevice cannot wait. */
static size_t next_slave(const struct eipoib_pif *pif, u64 *position,
			 char *text,
			 size_t (*format)(char *, const struct eipoib_slave *))
{
	struct eipoib_slave *slave;
	struct list_head *iter;
	size_t length = 0;
	u64 i = 0;

	rcu_read_lock();
	eipoib_for_each_slave_rcu(pif, slave, iter) {
		if (i++ < *position)
			continue;
		length += format(text + length, slave);
		if (i == *position + LINES_MAX)
			break;
	}
	rcu_read_unlock();
	*position = i;

	return length;
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

static size_t format_vif(char *line, const struct eipoib_slave *slave)
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

static size_t next_vif(const struct eipoib_pif *pif, u64 *position, char *text)
{
	return next_slave(pif, position, text, format_vif);
}

static size_t format_name(char *line, const struct eipoib_slave *slave)
{
	return scnprintf(line, LINE_SIZE, "%s\n", slave->dev->name);
}

static size_t next_name(const struct eipoib_pif *pif, u64 *position,
			char *text)
{
	return next_slave(pif, position, text, format_name);
}

static size_t format_peer(char *line, const struct eipoib_peer *peer)
{
	const struct net_device *dev = peer->dev;

	return scnprintf(line, LINE_SIZE, "SLAVE=%-10s EMAC=%pM IMAC=%*phC\n",
			 dev ? dev->name : "N/A", peer->mac,
			 EIPOIB_IB_ADDR_LEN, peer->address);
}

static size_t next_peers(const struct eipoib_pif *pif, u64 *position,
			 char *text)
{
	struct eipoib_peer peers[LINES_MAX];
	size_t length = 0;
	u32 count = 0, i;

	rcu_read_lock();
	/* CONTRACT: the core outlives this state by a grace period. */
	if (pif->dev->reg_state == NETREG_REGISTERED)
		count = eipoib_peers_read(pif->core, position, peers,
					  LINES_MAX);
	for (i = 0; i < count; i++)
		length += format_peer(text + length, &peers[i]);
	rcu_read_unlock();

	return length;
}

static ssize_t vifs_read(struct file *file, struct kobject *kobj,
			 struct bin_attribute *attr, char *buf, loff_t off,
			 size_t count)
{
	return read_text(file, kobj, next_vif, buf, off, count);
}

static ssize_t slaves_read(struct file *file, struct kobject *kobj,
			   struct bin_attribute *attr, char *buf, loff_t off,
			   size_t count)
{
	return read_text(file, kobj, next_name, buf, off, count);
}

static ssize_t neighs_read(struct file *file, struct kobject *kobj,
			   struct bin_attribute *attr, char *buf, loff_t off,
			   size_t count)
{
	return read_text(file, kobj, next_peers, buf, off, count);
}

static BIN_ATTR_RO(vifs, 0);
static BIN_ATTR_RO(slaves, 0);
static BIN_ATTR_RO(neighs, 0);

static struct bin_attribute *attributes[] = {
	&bin_attr_vifs,
	&bin_attr_slaves,
	&bin_attr_neighs,
	NULL,
};

const struct attribute_group eipoib_sysfs_group = {
	.name = "eth",
	.bin_attrs = attributes,
};
