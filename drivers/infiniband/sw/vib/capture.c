// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Captures: a file of debugfs per port from which whoever opens it reads, as
 * pcap, what passes on the port's link from then on.
 */
#include <linux/debugfs.h>
#include <linux/kfifo.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include "vib.h"

#define CAPTURE_BYTES	(8 << 20)	/* a power of two */
#define FRAME_MAX	(VIB_RC_PACKET_MAX + VIB_VCRC_LEN)

/**
 * struct capture - an open file
 * @node: in vib_tap.readers
 * @tap: where it listens
 * @lock: for the writer's end of @bytes, and @record
 * @reading: for the reader's end
 * @wait: woken when there is something to read
 * @bytes: what is to be read
 * @erf: packets have heads of the ERF format
 * @record: the packet that is being added, with its head
 */
struct capture {
	struct hlist_node node;
	struct vib_tap *tap;
	spinlock_t lock;	/* writers */
	struct mutex reading;
	wait_queue_head_t wait;
	struct kfifo bytes;
	bool erf;
	u8 record[VIB_PCAP_RECORD + FRAME_MAX];
};

static void add(struct capture *capture, const u8 *wire, u32 len, bool sealed)
{
	const u32 size = sealed ? len : len + VIB_VCRC_LEN;
	u8 *record = capture->record;
	unsigned long flags;
	u32 head;

	if (size > FRAME_MAX)
		return;
	spin_lock_irqsave(&capture->lock, flags);
	head = vib_pcap_record(capture->erf, ktime_get_real_ns(), size, record);
	/* Half a record would spoil all that follow. */
	if (kfifo_avail(&capture->bytes) >= head + size) {
		memcpy(record + head, wire, len);
		if (!sealed)
			vib_seal(record + head, len);
		kfifo_in(&capture->bytes, record, head + size);
	}
	spin_unlock_irqrestore(&capture->lock, flags);
	wake_up_interruptible(&capture->wait);
}

/**
 * vib_capture - a packet passes on a link that somebody looks at
 * @tap: there
 * @wire: the packet
 * @len: its length
 * @sealed: it has its checksums, right or wrong
 *
 * Context: any.
 */
void vib_capture(struct vib_tap *tap, const u8 *wire, u32 len, bool sealed)
{
	struct capture *capture;

	rcu_read_lock();
	hlist_for_each_entry_rcu(capture, &tap->readers, node)
		add(capture, wire, len, sealed);
	rcu_read_unlock();
}

/**
 * vib_tap_init - nobody looks yet
 * @tap: where somebody may
 *
 * Context: any.
 */
void vib_tap_init(struct vib_tap *tap)
{
	spin_lock_init(&tap->lock);
	INIT_HLIST_HEAD(&tap->readers);
}

static void capture_free(struct capture *capture)
{
	mutex_destroy(&capture->reading);
	kvfree(capture->bytes.kfifo.data);
	kfree(capture);
}

static struct capture *capture_create(struct vib_tap *tap, bool erf)
{
	struct capture *capture = kzalloc(sizeof(*capture), GFP_KERNEL);
	u8 head[VIB_PCAP_HEAD];
	void *bytes;

	if (!capture)
		return NULL;
	bytes = kvmalloc(CAPTURE_BYTES, GFP_KERNEL);
	if (!bytes || kfifo_init(&capture->bytes, bytes, CAPTURE_BYTES)) {
		kvfree(bytes);
		kfree(capture);
		return NULL;
	}
	capture->tap = tap;
	capture->erf = erf;
	spin_lock_init(&capture->lock);
	mutex_init(&capture->reading);
	init_waitqueue_head(&capture->wait);
	vib_pcap_head(erf, head);
	kfifo_in(&capture->bytes, head, sizeof(head));
	return capture;
}

static int capture_open(struct inode *inode, struct file *file, bool erf)
{
	struct vib_tap *tap = inode->i_private;
	struct capture *capture = capture_create(tap, erf);

	if (!capture)
		return -ENOMEM;
	file->private_data = capture;
	spin_lock(&tap->lock);
	hlist_add_head_rcu(&capture->node, &tap->readers);
	spin_unlock(&tap->lock);
	return stream_open(inode, file);
}

static int open_bare(struct inode *inode, struct file *file)
{
	return capture_open(inode, file, false);
}

static int open_erf(struct inode *inode, struct file *file)
{
	return capture_open(inode, file, true);
}

static int capture_release(struct inode *inode, struct file *file)
{
	struct capture *capture = file->private_data;
	struct vib_tap *tap = capture->tap;

	spin_lock(&tap->lock);
	hlist_del_rcu(&capture->node);
	spin_unlock(&tap->lock);
	synchronize_rcu();
	capture_free(capture);
	return 0;
}

static ssize_t capture_read(struct file *file, char __user *to, size_t size,
			    loff_t *pos)
{
	struct capture *capture = file->private_data;
	unsigned int copied = 0;
	int err;

	if (kfifo_is_empty(&capture->bytes) && file->f_flags & O_NONBLOCK)
		return -EAGAIN;
	err = mutex_lock_interruptible(&capture->reading);
	if (err)
		return err;
	err = wait_event_interruptible(capture->wait,
				       !kfifo_is_empty(&capture->bytes));
	if (!err)
		err = kfifo_to_user(&capture->bytes, to, size, &copied);
	mutex_unlock(&capture->reading);
	return err ? err : copied;
}

static __poll_t capture_poll(struct file *file, poll_table *table)
{
	struct capture *capture = file->private_data;

	poll_wait(file, &capture->wait, table);
	return kfifo_is_empty(&capture->bytes) ? 0 : EPOLLIN | EPOLLRDNORM;
}

/* The module cannot go away while one is open. */
#define CAPTURE_FOPS(opener) {			\
	.owner = THIS_MODULE,			\
	.open = opener,				\
	.release = capture_release,		\
	.read = capture_read,			\
	.poll = capture_poll,			\
}

const struct file_operations vib_capture_fops = CAPTURE_FOPS(open_bare);
const struct file_operations vib_capture_erf_fops = CAPTURE_FOPS(open_erf);
