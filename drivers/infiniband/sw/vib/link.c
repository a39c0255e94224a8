// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The cable between an HCA and the switch.
 */
#include "vib.h"

static void look(struct vib_link *link, const u8 *wire, u32 len)
{
	if (!hlist_empty(&link->captures))
		vib_capture(link, wire, len, false);
}

/**
 * vib_link_send - an HCA puts a packet on its link
 * @net: the fabric
 * @index: the HCA
 * @wire: the packet
 * @len: its length
 *
 * Context: softirq.
 */
void vib_link_send(struct vib_net *net, u32 index, u8 *wire, u32 len)
{
	look(&net->link[index], wire, len);
	vib_carry(net, index, wire, len);
}

/**
 * vib_link_receive - the switch puts a packet on an HCA's link
 * @net: the fabric
 * @index: the HCA
 * @wire: the packet
 * @len: its length
 *
 * Context: RCU read side.
 */
void vib_link_receive(struct vib_net *net, u32 index, const u8 *wire, u32 len)
{
	look(&net->link[index], wire, len);
	vib_receive(net, index, wire, len);
}

/**
 * vib_link_init - make a link
 * @link: zeroed
 *
 * Context: any.
 */
void vib_link_init(struct vib_link *link)
{
	spin_lock_init(&link->captures_lock);
	INIT_HLIST_HEAD(&link->captures);
}
