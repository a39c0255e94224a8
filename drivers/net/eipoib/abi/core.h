/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * What the C++ core offers the C glue: eipoib_<noun>_<verb>().
 *
 * Three contexts occur.  "Config" calls come one at a time (the glue holds
 * RTNL) and may sleep.  "Packet" calls come on any CPU at once inside an RCU
 * read-side section and never sleep.  What a config call unlinks is freed
 * after a grace period, so a packet call that still sees it is safe.
 *
 * Errors are negative errno values.  Where a function takes @why it is set,
 * on error only, to a constant sentence for the administrator.
 */
#ifndef EIPOIB_ABI_CORE_H
#define EIPOIB_ABI_CORE_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct eipoib_core;	/* all translation state of one PIF */
struct eipoib_vif;	/* one enslaved clone */

/**
 * eipoib_core_create - state for one PIF
 * @pif: opaque, comes back in calls of abi/kernel.h
 * @max_peers: how many remote end points, and how many MACs behind them, to
 *	remember at most
 *
 * Context: Config.
 * Return: the state, or NULL without memory.
 */
struct eipoib_core *eipoib_core_create(void *pif, u32 max_peers);

/**
 * eipoib_core_destroy - free it
 * @core: without VIFs; no packet call can start any more and none is running
 *
 * Context: Config.
 */
void eipoib_core_destroy(struct eipoib_core *core);

/**
 * eipoib_core_count_peers - how many end points are remembered now
 * @core: the PIF's state
 *
 * Context: any but hard interrupts.
 * Return: the number; it may differ by the time it is looked at.
 */
u32 eipoib_core_count_peers(const struct eipoib_core *core);

/**
 * struct eipoib_vif_params - what the core needs to know of a clone
 * @dev: opaque, comes back in eipoib_tx_plan.dev
 * @pkey: its P_Key; bit 15 is not significant
 * @lmc: the LMC of its port: low bits of an LID that select a path
 * @mtu: its MTU in bytes, without the encapsulation header
 * @address: its own 20-byte link-layer address
 */
struct eipoib_vif_params {
	void *dev;
	u16 pkey;
	u8 lmc;
	u32 mtu;
	u8 address[EIPOIB_IB_ADDR_LEN];
};

/**
 * eipoib_vif_create - add a clone; it carries no traffic until it is bound
 * @core: the PIF's state
 * @params: copied
 *
 * Context: Config.
 * Return: the VIF, or NULL without memory.
 */
struct eipoib_vif *eipoib_vif_create(struct eipoib_core *core,
				     const struct eipoib_vif_params *params);

/**
 * eipoib_vif_destroy - take a clone away, bound or not
 * @core: the PIF's state
 * @vif: freed after a grace period; another VIF of its partition takes over
 *	group receives before it goes
 *
 * Context: Config.
 */
void eipoib_vif_destroy(struct eipoib_core *core, struct eipoib_vif *vif);

/**
 * struct eipoib_binding - whom a VIF sends and receives for
 * @mac: 6 bytes; not read with EIPOIB_VIF_ANY
 * @flags: EIPOIB_VIF_*
 * @vlan: 1..4094, or EIPOIB_VLAN_NONE for untagged
 */
struct eipoib_binding {
	u8 mac[EIPOIB_MAC_LEN];
	u8 flags;
	u32 vlan;
};

/**
 * eipoib_vif_bind - give a VIF its MAC and VLAN, or other ones
 * @core: the PIF's state
 * @vif: the VIF
 * @binding: copied
 * @why: see above
 *
 * All or nothing: on error the VIF keeps what it had.
 *
 * Context: Config.
 * Return: 0; -EINVAL for a MAC that is not a unicast address, a VLAN out of
 * range, flags that are not known or do not go together, a (MAC, VLAN) that
 * another VIF has or that a static entry leads to a peer, a P_Key that carries
 * another VLAN already or a VLAN that another P_Key carries; -ENOMEM.
 */
int eipoib_vif_bind(struct eipoib_core *core, struct eipoib_vif *vif,
		    const struct eipoib_binding *binding, const char **why);

/**
 * eipoib_vif_unbind - take a VIF's MAC and VLAN away
 * @core: the PIF's state
 * @vif: the VIF; carries no traffic any more
 *
 * Context: Config.
 */
void eipoib_vif_unbind(struct eipoib_core *core, struct eipoib_vif *vif);

/**
 * eipoib_core_check_move - whether eipoib_core_move() would be refused
 * @core: the PIF's state
 * @from: 6 bytes
 * @to: 6 bytes
 * @why: see above
 *
 * Context: Config.
 * Return: 0; -EINVAL if @to is no unicast address or one of the VIFs that are
 * bound to it has the VLAN of one that is bound to @from.
 */
int eipoib_core_check_move(const struct eipoib_core *core, const u8 *from,
			   const u8 *to, const char **why);

/**
 * eipoib_core_move - all VIFs bound to one MAC get another, whatever their VLAN
 * @core: the PIF's state
 * @from: 6 bytes
 * @to: 6 bytes
 * @why: see above
 *
 * All or nothing.
 *
 * Context: Config.
 * Return: 0; -EINVAL as eipoib_core_check_move(); -ENOMEM.
 */
int eipoib_core_move(struct eipoib_core *core, const u8 *from, const u8 *to,
		     const char **why);

/**
 * eipoib_core_has_any - whether a VIF is bound to any MAC
 * @core: the PIF's state
 *
 * Context: Config.
 * Return: true if there is at least one, on whatever VLAN.
 */
bool eipoib_core_has_any(const struct eipoib_core *core);

/**
 * eipoib_vif_set_address - the clone's own link-layer address changed
 * @core: the PIF's state
 * @vif: the VIF
 * @address: EIPOIB_IB_ADDR_LEN bytes
 *
 * Context: Config.
 * Return: 0 or -ENOMEM (the old address stays in use).
 */
int eipoib_vif_set_address(struct eipoib_core *core, struct eipoib_vif *vif,
			   const u8 *address);

/**
 * eipoib_vif_set_lmc - the LMC of the clone's port may have changed
 * @vif: the VIF
 * @lmc: as in eipoib_vif_params
 *
 * Context: Config.
 */
void eipoib_vif_set_lmc(struct eipoib_vif *vif, u8 lmc);

/**
 * eipoib_vif_set_mtu - the clone's MTU changed
 * @vif: the VIF
 * @mtu: bytes, without the encapsulation header
 *
 * Context: Config.
 */
void eipoib_vif_set_mtu(struct eipoib_vif *vif, u32 mtu);

/**
 * eipoib_vif_set_datagram_mtu - how long a datagram of the clone may be
 * @vif: the VIF; created with no other limit than its MTU
 * @mtu: bytes, without the encapsulation header.  What goes to a group, or to
 *	a peer without the RC flag in its address, is no longer, whatever the
 *	MTU of the clone is
 *
 * Context: Config.
 */
void eipoib_vif_set_datagram_mtu(struct eipoib_vif *vif, u32 mtu);

/**
 * eipoib_vif_set_carrier - the clone gained or lost its carrier
 * @core: the PIF's state
 * @vif: the VIF; created without carrier
 * @has_carrier: only a VIF with carrier is chosen for group receives
 *
 * Context: Config.
 */
void eipoib_vif_set_carrier(struct eipoib_core *core, struct eipoib_vif *vif,
			    bool has_carrier);

/**
 * struct eipoib_vif_info - a VIF as an administrator sees it
 * @qpn: its UD queue pair number
 * @is_bound: @binding is valid
 * @is_contested: a peer has announced its MAC; frames to it go there
 * @binding: whom it sends and receives for
 */
struct eipoib_vif_info {
	u32 qpn;
	bool is_bound;
	bool is_contested;
	struct eipoib_binding binding;
};

/**
 * eipoib_vif_get_info - read a VIF's configuration
 * @vif: the VIF
 * @info: filled
 *
 * Context: Config or Packet.
 */
void eipoib_vif_get_info(const struct eipoib_vif *vif,
			 struct eipoib_vif_info *info);

/**
 * eipoib_tx_find_flow - whether a frame from ethX goes the way of others
 * @core: the PIF's state
 * @head: the Ethernet header and what follows
 * @head_len: bytes at @head; with fewer than some it is not found
 * @len: length of the whole frame in bytes, or eipoib_tx_frame.gso_len
 * @tci: as eipoib_tx_frame.vlan_tci
 * @now: eipoib_k_now()
 *
 * Says of a frame that was not held before what eipoib_tx_plan_frame() would
 * say, if that is to forward it without its Ethernet header and nothing else,
 * and has been said before.
 *
 * Context: Packet.
 * Return: the way of the frame, valid until the read-side section ends, or NULL
 * if it is to be planned.
 */
const struct eipoib_flow *eipoib_tx_find_flow(struct eipoib_core *core,
					      const u8 *head, u32 head_len,
					      u32 len, u32 tci, u32 now);

/**
 * eipoib_tx_plan_frame - decide on a frame from ethX
 * @core: the PIF's state
 * @frame: the frame
 * @plan: filled
 *
 * Context: Packet.
 */
void eipoib_tx_plan_frame(struct eipoib_core *core,
			  const struct eipoib_tx_frame *frame,
			  struct eipoib_tx_plan *plan);

/**
 * eipoib_tx_rewrite - the new payload of a frame whose verdict is
 * EIPOIB_REWRITE
 * @core: the PIF's state
 * @frame: the frame, all of it at @frame->head
 * @plan: from eipoib_tx_plan_frame(); the verdict is then final: still
 *	EIPOIB_REWRITE, or any other
 * @payload: @plan->capacity bytes, filled with @plan->payload_len
 *
 * Context: Packet, in the same read-side section as eipoib_tx_plan_frame().
 */
void eipoib_tx_rewrite(struct eipoib_core *core,
		       const struct eipoib_tx_frame *frame,
		       struct eipoib_tx_plan *plan, u8 *payload);

/**
 * eipoib_tx_fragment - the next piece of a frame whose verdict is
 * EIPOIB_FRAGMENT
 * @frame: the frame; what @plan says of edits has been done
 * @plan: from eipoib_tx_plan_frame()
 * @fragment: @fragment->offset says where to go on; the rest is filled
 *
 * Context: any.
 * Return: false if the frame cannot be cut.
 */
bool eipoib_tx_fragment(const struct eipoib_tx_frame *frame,
			const struct eipoib_tx_plan *plan,
			struct eipoib_fragment *fragment);

/**
 * eipoib_tx_snoop - learn group memberships from a frame that is to be
 * forwarded with EIPOIB_PLAN_SNOOP
 * @core: the PIF's state
 * @frame: the frame, all of it at @frame->head
 *
 * Context: Packet.
 */
void eipoib_tx_snoop(struct eipoib_core *core,
		     const struct eipoib_tx_frame *frame);

/**
 * eipoib_tx_released - a held frame is not held any more
 * @core: the PIF's state
 * @held: eipoib_tx_plan.held of its last plan
 *
 * Frames to the same MAC go on being held until this was called for all that
 * were held before them: it is to be called after the frame was sent.
 *
 * Context: Packet, in the same read-side section as eipoib_tx_plan_frame().
 */
void eipoib_tx_released(struct eipoib_core *core, void *held);

/**
 * eipoib_rx_find_flow - whether a frame from the fabric goes the way of others
 * @core: the PIF's state
 * @vif: the VIF that received it
 * @link: as eipoib_rx_frame.link, with the payload right behind it
 * @head_len: bytes of the payload there; with fewer than some it is not found
 * @len: length of the payload in bytes; 0 if it was merged by GRO
 * @now: eipoib_k_now()
 *
 * Says of a frame that was not sent to a group what eipoib_rx_plan_frame()
 * would say, if that is to forward it with another header and nothing else, and
 * has been said before.
 *
 * Context: Packet.
 * Return: the way of the frame, valid until the read-side section ends, or NULL
 * if it is to be planned.
 */
const struct eipoib_flow *eipoib_rx_find_flow(struct eipoib_core *core,
					      struct eipoib_vif *vif,
					      const u8 *link, u32 head_len,
					      u32 len, u32 now);

/**
 * eipoib_rx_plan_frame - decide on a frame from the fabric, and learn from it
 * @core: the PIF's state
 * @vif: the VIF that received it
 * @frame: the frame
 * @plan: filled
 *
 * Context: Packet.
 */
void eipoib_rx_plan_frame(struct eipoib_core *core, struct eipoib_vif *vif,
			  const struct eipoib_rx_frame *frame,
			  struct eipoib_rx_plan *plan);

/**
 * eipoib_rx_rewrite - the new payload of a frame whose verdict is
 * EIPOIB_REWRITE
 * @core: the PIF's state
 * @vif: the VIF that received it
 * @frame: the frame, all of it at @frame->head
 * @plan: from eipoib_rx_plan_frame(); the verdict is then final: still
 *	EIPOIB_REWRITE, or EIPOIB_DROP, EIPOIB_FORWARD or EIPOIB_CONSUME
 * @payload: @plan->capacity bytes, filled with @plan->payload_len
 *
 * Context: Packet, in the same read-side section as eipoib_rx_plan_frame().
 */
void eipoib_rx_rewrite(struct eipoib_core *core, struct eipoib_vif *vif,
		       const struct eipoib_rx_frame *frame,
		       struct eipoib_rx_plan *plan, u8 *payload);

/**
 * eipoib_core_answer_lid - the answer to eipoib_k_query_lid()
 * @core: the PIF's state
 * @vif: the VIF that was asked
 * @qpn: as it was in the question
 * @lid: as it was in the question
 * @gid: 16 bytes, the GID of the port that has the LID
 *
 * Not called if there is no answer.
 *
 * Context: bottom halves off, RCU read-side section.
 */
void eipoib_core_answer_lid(struct eipoib_core *core, struct eipoib_vif *vif,
			    u32 qpn, u16 lid, const u8 *gid);

/**
 * eipoib_core_set_listeners - the PIF's own multicast list
 * @core: the PIF's state
 * @macs: @count times 6 bytes, copied
 * @count: how many
 *
 * Context: bottom halves off.
 */
void eipoib_core_set_listeners(struct eipoib_core *core, const u8 *macs,
			       u32 count);

/**
 * eipoib_core_tick - let old entries go
 * @core: the PIF's state
 *
 * To be called about every second.
 *
 * Context: bottom halves off, RCU read-side section.
 */
void eipoib_core_tick(struct eipoib_core *core);

/**
 * eipoib_mac_from_guid - the default MAC of a PIF
 * @guid: 8 bytes, the port GUID of the IPoIB interface below
 * @mac: 6 bytes, filled with GUID bytes 0, 1, 2, 5, 6, 7
 *
 * Context: any.
 */
void eipoib_mac_from_guid(const u8 *guid, u8 *mac);

#ifdef __cplusplus
}
#endif

#endif /* EIPOIB_ABI_CORE_H */
