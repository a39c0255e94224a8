// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * What the core asks of the network (abi/kernel.h), where there is none: a
 * case is judged by its plan.  Memory, locks and RCU are the module's own
 * platform.c.
 */

#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>

#include "abi/kernel.h"
#include "abi/kunit.h"

/**
 * eipoib_k_now - a clock that stands still, however slow the machine is
 *
 * Context: any.
 * Return: milliseconds.
 */
u32 eipoib_k_now(void)
{
	return 0;
}

/**
 * eipoib_k_group_join - nothing
 * @dev: not looked at
 * @address: not looked at
 *
 * Context: any.
 */
void eipoib_k_group_join(void *dev, const u8 *address)
{
}

/**
 * eipoib_k_group_leave - nothing
 * @dev: not looked at
 * @address: not looked at
 *
 * Context: any.
 */
void eipoib_k_group_leave(void *dev, const u8 *address)
{
}

/**
 * eipoib_k_count - nothing
 * @pif: not looked at
 * @note: not looked at
 *
 * Context: any.
 */
void eipoib_k_count(void *pif, u32 note)
{
}

/**
 * eipoib_k_send - nothing
 * @dev: not looked at
 * @header: not looked at
 * @payload: not looked at
 * @len: not looked at
 *
 * Context: any.
 */
void eipoib_k_send(void *dev, const u8 *header, const u8 *payload, u32 len)
{
}

struct eipoib_kunit_delivered eipoib_kunit_delivered;

/**
 * eipoib_k_deliver - remember what would enter ethX
 * @pif: not looked at
 * @vlan: not looked at
 * @frame: copied
 * @len: bytes at @frame
 *
 * Context: a case is running, or nothing else is.
 */
void eipoib_k_deliver(void *pif, u32 vlan, const u8 *frame, u32 len)
{
	struct eipoib_kunit_delivered *delivered = &eipoib_kunit_delivered;

	delivered->len = len;
	memcpy(delivered->frame, frame,
	       min_t(u32, len, sizeof(delivered->frame)));
}

/**
 * eipoib_k_query_lid - nothing
 * @dev: not looked at
 * @qpn: not looked at
 * @lid: not looked at
 *
 * Context: any.
 */
void eipoib_k_query_lid(void *dev, u32 qpn, u16 lid)
{
}

/**
 * eipoib_k_is_watched - nobody is there
 * @pif: not looked at
 *
 * Context: any.
 * Return: false.
 */
bool eipoib_k_is_watched(void *pif)
{
	return false;
}

/**
 * eipoib_k_report_source - nothing
 * @pif: not looked at
 * @mac: not looked at
 * @vlan: not looked at
 *
 * Context: any.
 */
void eipoib_k_report_source(void *pif, const u8 *mac, u32 vlan)
{
}

/**
 * eipoib_k_vif_changed - nothing
 * @dev: not looked at
 *
 * Context: any.
 */
void eipoib_k_vif_changed(void *dev)
{
}

/**
 * eipoib_k_release - nothing
 * @pif: not looked at
 *
 * Context: any.
 */
void eipoib_k_release(void *pif)
{
}

/**
 * eipoib_k_vif_attach - nothing
 * @dev: not looked at
 * @on: not looked at
 *
 * Context: any.
 */
void eipoib_k_vif_attach(void *dev, bool on)
{
}

/**
 * eipoib_k_vif_settle - nothing
 * @dev: not looked at
 *
 * Context: any.
 */
void eipoib_k_vif_settle(void *dev)
{
}
