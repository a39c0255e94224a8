// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * What the glue takes and gives back, and what fails on request.
 */

#define EIPOIB_GLUE_TEST
#include "spy.h"

static atomic_long_t live, freed;

/* Only in the task that asked for it: a tick may come at any time. */
static struct {
	const struct task_struct *task;
	enum spy_call call;
	unsigned int countdown;
	bool has_failed;
	enum skb_drop_reason reason;
} wanted;

static bool is_test(void)
{
	return in_task() && current == READ_ONCE(wanted.task);
}

/**
 * spy_fail - let a call of the glue fail, made by this task from now on
 * @call: which, or SPY_NOTHING
 * @nth: the first one, the second one, ...
 *
 * Context: process.
 */
void spy_fail(enum spy_call call, unsigned int nth)
{
	wanted.call = call;
	wanted.countdown = nth;
	wanted.has_failed = false;
	wanted.reason = SKB_NOT_DROPPED_YET;
	WRITE_ONCE(wanted.task, current);
}

/**
 * spy_has_failed - whether what spy_fail() asked for has happened
 *
 * Context: process.
 * Return: true if it has.
 */
bool spy_has_failed(void)
{
	return wanted.has_failed;
}

/**
 * spy_is_to_fail - asked before each call
 * @call: which
 *
 * Context: any.
 * Return: true if it is not to be made.
 */
bool spy_is_to_fail(enum spy_call call)
{
	if (!is_test() || wanted.call != call || !wanted.countdown ||
	    --wanted.countdown)
		return false;

	wanted.has_failed = true;
	return true;
}

/**
 * spy_add - count what was allocated
 * @memory: may be NULL
 *
 * Context: any.
 * Return: @memory.
 */
void *spy_add(void *memory)
{
	if (memory)
		atomic_long_inc(&live);

	return memory;
}

/**
 * spy_remove - count what is freed
 * @memory: may be NULL
 *
 * Context: any.
 * Return: @memory.
 */
const void *spy_remove(const void *memory)
{
	if (memory) {
		atomic_long_dec(&live);
		atomic_long_inc(&freed);
	}

	return memory;
}

static void free_slave(struct rcu_head *head)
{
	kfree(spy_remove(container_of(head, struct eipoib_slave, rcu)));
}

/**
 * spy_free_slave_rcu - kfree_rcu() that is counted when it is done
 * @slave: freed after a grace period
 *
 * Context: any.
 */
void spy_free_slave_rcu(struct eipoib_slave *slave)
{
	call_rcu(&slave->rcu, free_slave);
}

/**
 * spy_live - how much is allocated now
 *
 * Context: any.
 * Return: a number of objects.
 */
long spy_live(void)
{
	return atomic_long_read(&live);
}

/**
 * spy_freed - how much has been freed so far
 *
 * Context: any.
 * Return: a number of objects.
 */
long spy_freed(void)
{
	return atomic_long_read(&freed);
}

/**
 * spy_note - remember why a frame was dropped
 * @reason: what the kernel is told
 *
 * Context: any.
 * Return: @reason.
 */
enum skb_drop_reason spy_note(enum skb_drop_reason reason)
{
	if (is_test())
		wanted.reason = reason;

	return reason;
}

/**
 * spy_take_reason - the last one that this task gave
 *
 * Context: process.
 * Return: the reason; SKB_NOT_DROPPED_YET if there was none since the last
 * call or spy_fail().
 */
enum skb_drop_reason spy_take_reason(void)
{
	enum skb_drop_reason reason = wanted.reason;

	wanted.reason = SKB_NOT_DROPPED_YET;
	WRITE_ONCE(wanted.task, current);
	return reason;
}

static atomic_t clock = ATOMIC_INIT(1000000);

/**
 * spy_now - the core's clock
 *
 * Context: any.
 * Return: milliseconds.
 */
u32 spy_now(void)
{
	return atomic_read(&clock);
}

/**
 * spy_pass - let time pass
 * @ms: milliseconds
 *
 * Context: any.
 */
void spy_pass(u32 ms)
{
	atomic_add(ms, &clock);
}
