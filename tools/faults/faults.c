// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * faults: makes one call of a module fail, once.
 *
 * A site is a call instruction of a module under test.  A breakpoint on it, and
 * not on the function it calls, hits no other caller, and sees the calls that
 * the compiler made jumps of.  Sites wait for their module and are ready before
 * its init function runs.  In .init.text the breakpoint is on the called
 * function after all, and looks where it would return to: the kernel decodes
 * all of the function around a breakpoint, and the last one there has no end
 * that it knows.
 *
 * In debugfs:
 *   faults/sites   write "MODULE:FUNCTION OFFSET HOW CALLED SECTION" to add
 *                  one; reads as one line of hits for each, in that order
 *   faults/events  reads as hits and name, a line each, of the netdev events
 *                  that somebody may refuse
 *   faults/arm     write "site N" or "event N": its next hit fails; reads as 1
 *                  if that has happened; write "none", and nothing fails
 * As long as a site is armed, a module that is loaded gets no other breakpoint.
 * HOW is what the call returns instead, or drop1 or drop2: it frees its first
 * or second argument, a frame.
 */
#include <linux/debugfs.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <net/rtnetlink.h>

#include <asm/text-patching.h>

#define SITES 1024
#define LINE 160

struct site {
	struct kprobe probe;
	bool is_placed;
	atomic_t hits;
	char symbol[LINE];
	unsigned int offset;
	char called[LINE];
	bool is_init;
	const struct module *module;
	unsigned long value;
	void *instead;
};

static DEFINE_MUTEX(lock);
static struct site *sites[SITES];
static unsigned int count;
static struct site *armed_site;

#define EVENT(device, event) \
	{ .kind = device, .number = NETDEV_##event, .name = #event }

/* All others are told to everybody, whatever is answered. */
static struct event {
	const char *kind;
	unsigned long number;
	const char *name;
	atomic_t hits;
} events[] = {
	EVENT("eipoib", POST_INIT),
	EVENT("eipoib", REGISTER),
	EVENT("eipoib", PRE_UP),
	EVENT("eipoib", PRE_TYPE_CHANGE),
	EVENT("eipoib", PRECHANGEMTU),
	EVENT("eipoib", CHANGEMTU),
	EVENT("eipoib", PRE_CHANGEADDR),
	EVENT("eipoib", CHANGENAME),
	EVENT("eipoib", PRECHANGEUPPER),
	EVENT("eipoib", CHANGEUPPER),
	EVENT("ipoib", POST_INIT),
	EVENT("ipoib", REGISTER),
	EVENT("ipoib", PRE_UP),
	EVENT("ipoib", PRE_TYPE_CHANGE),
	EVENT("ipoib", PRECHANGEMTU),
	EVENT("ipoib", CHANGEMTU),
	EVENT("ipoib", PRE_CHANGEADDR),
	EVENT("ipoib", CHANGENAME),
	EVENT("ipoib", PRECHANGEUPPER),
	EVENT("ipoib", CHANGEUPPER),
};

static struct event *armed_event;
static atomic_t fuse;
static struct dentry *directory;

static unsigned long value;

static unsigned long return_value(void)
{
	return READ_ONCE(value);
}

static int drop_first(struct sk_buff *skb)
{
	dev_kfree_skb_any(skb);
	return NET_XMIT_DROP;
}

static int drop_second(void *unused, struct sk_buff *skb)
{
	return drop_first(skb);
}

static bool site_fails(struct site *site)
{
	atomic_inc(&site->hits);
	return READ_ONCE(armed_site) == site && !atomic_dec_if_positive(&fuse);
}

static int call_hit(struct kprobe *probe, struct pt_regs *regs)
{
	struct site *site = container_of(probe, struct site, probe);

	if (!site_fails(site))
		return 0;
	if (probe->opcode == CALL_INSN_OPCODE)
		int3_emulate_push(regs, (unsigned long)probe->addr +
					CALL_INSN_SIZE);
	int3_emulate_jmp(regs, (unsigned long)site->instead);
	return 1;
}

static int entry_hit(struct kprobe *probe, struct pt_regs *regs)
{
	struct site *site = container_of(probe, struct site, probe);
	unsigned long caller = *(unsigned long *)regs->sp;

	if (!within_module_init(caller, site->module) || !site_fails(site))
		return 0;
	instruction_pointer_set(regs, (unsigned long)site->instead);
	return 1;
}

/* Having one keeps a breakpoint from being optimised into a jump. */
static void site_passed(struct kprobe *probe, struct pt_regs *regs,
			unsigned long flags)
{
}

static int site_place(struct site *site, const struct module *module)
{
	int err;

	site->module = module;
	memset(&site->probe, 0, sizeof(site->probe));
	site->probe.post_handler = site_passed;
	if (site->is_init) {
		site->probe.symbol_name = site->called;
		site->probe.pre_handler = entry_hit;
	} else {
		site->probe.symbol_name = site->symbol;
		site->probe.offset = site->offset;
		site->probe.pre_handler = call_hit;
	}
	err = register_kprobe(&site->probe);
	site->is_placed = !err;
	if (!err && !site->is_init &&
	    site->probe.opcode != CALL_INSN_OPCODE &&
	    site->probe.opcode != JMP32_INSN_OPCODE)
		err = -EOPNOTSUPP;
	return err;
}

static bool site_is_of(const struct site *site, const char *module)
{
	size_t length = strlen(module);

	return !strncmp(site->symbol, module, length) &&
	       site->symbol[length] == ':';
}

/* remove_sites() - take away the breakpoints of a module, or of all of them. */
static void remove_sites(const char *module)
{
	static struct kprobe *probes[SITES];
	unsigned int i, n = 0;

	for (i = 0; i < count; i++) {
		if (!sites[i]->is_placed ||
		    (module && !site_is_of(sites[i], module)))
			continue;
		sites[i]->is_placed = false;
		probes[n++] = &sites[i]->probe;
	}
	if (n)
		unregister_kprobes(probes, n);
}

static int module_event(struct notifier_block *block, unsigned long event,
			void *data)
{
	const struct module *module = data;
	unsigned int i;

	mutex_lock(&lock);
	if (event == MODULE_STATE_GOING)
		remove_sites(module->name);
	for (i = 0; event == MODULE_STATE_COMING && i < count; i++)
		if ((!armed_site || armed_site == sites[i]) &&
		    site_is_of(sites[i], module->name) &&
		    site_place(sites[i], module))
			pr_warn("WARNING: no breakpoint at %s+%#x\n",
				sites[i]->symbol, sites[i]->offset);
	mutex_unlock(&lock);
	return NOTIFY_DONE;
}

static struct notifier_block module_block = { .notifier_call = module_event };

/* netdev_event() - the last one to be asked refuses. */
static int netdev_event(struct notifier_block *block, unsigned long number,
			void *data)
{
	const struct net_device *dev = netdev_notifier_info_to_dev(data);
	const struct rtnl_link_ops *ops = dev->rtnl_link_ops;
	struct event *event;

	for (event = events; ops && event < events + ARRAY_SIZE(events);
	     event++) {
		if (event->number != number || strcmp(event->kind, ops->kind))
			continue;
		atomic_inc(&event->hits);
		if (READ_ONCE(armed_event) == event &&
		    !atomic_dec_if_positive(&fuse))
			return notifier_from_errno(-ENOMEM);
	}
	return NOTIFY_DONE;
}

static struct notifier_block netdev_block = {
	.notifier_call = netdev_event,
	.priority = INT_MIN,
};

/* copy_line() - what a process wrote, as a string. */
static int copy_line(char *to, const char __user *from, size_t size)
{
	if (size >= LINE)
		return -E2BIG;
	if (copy_from_user(to, from, size))
		return -EFAULT;
	to[size] = 0;
	return 0;
}

static int parse_site(struct site *site, const char *line)
{
	char how[LINE], section[LINE];

	if (sscanf(line, "%159s %i %159s %159s %159s", site->symbol,
		   &site->offset, how, site->called, section) != 5)
		return -EINVAL;
	site->is_init = !strcmp(section, ".init.text");
	site->instead = return_value;
	if (!strcmp(how, "drop1"))
		site->instead = drop_first;
	else if (!strcmp(how, "drop2"))
		site->instead = drop_second;
	else
		return kstrtol(how, 0, (long *)&site->value);
	return 0;
}

static ssize_t sites_write(struct file *file, const char __user *from,
			   size_t size, loff_t *pos)
{
	struct site *site = kzalloc(sizeof(*site), GFP_KERNEL);
	char line[LINE];
	int err;

	if (!site)
		return -ENOMEM;
	err = copy_line(line, from, size);
	if (!err)
		err = parse_site(site, line);
	mutex_lock(&lock);
	if (!err && count == SITES)
		err = -ENOSPC;
	if (!err)
		sites[count++] = site;
	mutex_unlock(&lock);
	if (err)
		kfree(site);
	return err ? err : size;
}

static int sites_show(struct seq_file *seq, void *unused)
{
	unsigned int i;

	mutex_lock(&lock);
	for (i = 0; i < count; i++)
		seq_printf(seq, "%d\n", atomic_read(&sites[i]->hits));
	mutex_unlock(&lock);
	return 0;
}

static int sites_open(struct inode *inode, struct file *file)
{
	return single_open_size(file, sites_show, NULL, SITES * 12);
}

static const struct file_operations sites_file = {
	.owner = THIS_MODULE,
	.open = sites_open,
	.read = seq_read,
	.write = sites_write,
	.release = single_release,
};

static int events_show(struct seq_file *seq, void *unused)
{
	const struct event *event;

	for (event = events; event < events + ARRAY_SIZE(events); event++)
		seq_printf(seq, "%d %s of %s\n", atomic_read(&event->hits),
			   event->name, event->kind);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(events);

static ssize_t arm_write(struct file *file, const char __user *from,
			 size_t size, loff_t *pos)
{
	unsigned int number;
	char line[LINE];
	int err = copy_line(line, from, size);

	if (err)
		return err;
	mutex_lock(&lock);
	atomic_set(&fuse, 0);
	WRITE_ONCE(armed_site, NULL);
	WRITE_ONCE(armed_event, NULL);
	if (sscanf(line, "site %u", &number) == 1 && number < count) {
		WRITE_ONCE(value, sites[number]->value);
		WRITE_ONCE(armed_site, sites[number]);
	} else if (sscanf(line, "event %u", &number) == 1 &&
		   number < ARRAY_SIZE(events)) {
		WRITE_ONCE(armed_event, &events[number]);
	} else if (strcmp(line, "none")) {
		err = -EINVAL;
	}
	if (armed_site || armed_event)
		atomic_set(&fuse, 1);
	mutex_unlock(&lock);
	return err ? err : size;
}

static int arm_show(struct seq_file *seq, void *unused)
{
	seq_printf(seq, "%d\n", !atomic_read(&fuse));
	return 0;
}

static int arm_open(struct inode *inode, struct file *file)
{
	return single_open(file, arm_show, NULL);
}

static const struct file_operations arm_file = {
	.owner = THIS_MODULE,
	.open = arm_open,
	.read = seq_read,
	.write = arm_write,
	.release = single_release,
};

static int __init faults_init(void)
{
	int err = register_module_notifier(&module_block);

	if (err)
		return err;
	err = register_netdevice_notifier(&netdev_block);
	if (err) {
		unregister_module_notifier(&module_block);
		return err;
	}
	directory = debugfs_create_dir("faults", NULL);
	debugfs_create_file("sites", 0600, directory, NULL, &sites_file);
	debugfs_create_file("events", 0400, directory, NULL, &events_fops);
	debugfs_create_file("arm", 0600, directory, NULL, &arm_file);
	return 0;
}

static void __exit faults_exit(void)
{
	unsigned int i;

	debugfs_remove(directory);
	unregister_netdevice_notifier(&netdev_block);
	unregister_module_notifier(&module_block);
	remove_sites(NULL);
	for (i = 0; i < count; i++)
		kfree(sites[i]);
}

module_init(faults_init);
module_exit(faults_exit);

MODULE_DESCRIPTION("Makes single calls of modules fail");
MODULE_LICENSE("Dual BSD/GPL");
