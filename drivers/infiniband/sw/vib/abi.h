/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * The boundary between vib's C glue and its C++ core.  Compiles as C11 in
 * the kernel and as C++20 anywhere.  The core decides: what an SMP is
 * answered, where a packet goes, who may receive it, which events follow.
 * The glue owns memory, time, queues and the verbs objects.
 *
 * CONTRACT: the functions under "Management" are serialised by the caller
 * for one fabric; those under "Data path" may run at any time, on any CPU,
 * beside each other and beside management.  No function allocates, sleeps
 * or keeps a pointer, save the fabric itself.
 */
#ifndef VIB_ABI_H
#define VIB_ABI_H

#ifdef __cplusplus
#include "types.hpp"
using kxx::u16;
using kxx::u32;
using kxx::u64;
using kxx::u8;
extern "C" {
#else
#include <linux/types.h>
#endif

#define VIB_MAX_HCAS	64	/* one bit each in a u64 */
#define VIB_MAX_TRUNKS	15	/* port 79 is the last of a table's block */
#define VIB_TRUNK_LINK	VIB_MAX_HCAS	/* trunk T's link; HCA I is on link I */
#define VIB_PKEYS	128	/* P_Key table entries of a port */
#define VIB_GUIDS	8	/* GUIDInfo entries of a port: one block */
#define VIB_MAD_LEN	256
#define VIB_DESC_LEN	64	/* NodeDescription */
#define VIB_GID_LEN	16
#define VIB_GRH_LEN	40
#define VIB_HEADER_MAX	72	/* LRH, GRH, BTH, DETH, ImmDt */
#define VIB_TAIL_MAX	7	/* padding and ICRC */
#define VIB_VCRC_LEN	2	/* behind the ICRC, where a packet is seen */
#define VIB_PCAP_HEAD	24	/* of a capture file */
#define VIB_PCAP_RECORD	32	/* at most, before each packet of it */

/*
 * Why a packet was dropped: X(symbol, counter name).  This list makes the
 * enum and the hw_counters of each port.
 */
#define VIB_DROPS(X)						\
	X(TX_LINK_DOWN, "tx_drop_link_down")			\
	X(TX_PKEY, "tx_drop_invalid_pkey")			\
	X(TX_TOO_LONG, "tx_drop_too_long")			\
	X(TX_NO_ROUTE, "tx_drop_no_route")			\
	X(TX_ECHO, "tx_drop_route_to_ingress")			\
	X(TX_DIRECTED_ROUTE, "tx_drop_directed_route")		\
	X(TX_QUEUE_FULL, "tx_drop_queue_full")			\
	X(TX_CLOSING, "tx_drop_closing")			\
	X(TX_CRC, "tx_drop_crc")				\
	X(RX_CRC, "rx_drop_crc")				\
	X(RX_LINK_DOWN, "rx_drop_link_down")			\
	X(RX_MALFORMED, "rx_drop_malformed")			\
	X(RX_DLID, "rx_drop_foreign_dlid")			\
	X(RX_DGID, "rx_drop_foreign_dgid")			\
	X(RX_NO_QP, "rx_drop_no_qp")				\
	X(RX_NO_GROUP, "rx_drop_no_group")			\
	X(RX_QP_STATE, "rx_drop_qp_state")			\
	X(RX_PKEY, "rx_drop_pkey")				\
	X(RX_QKEY, "rx_drop_qkey")				\
	X(RX_CONNECTION, "rx_drop_foreign_connection")		\
	X(RX_NO_WQE, "rx_drop_no_wqe")				\
	X(RX_TOO_LONG, "rx_drop_too_long")			\
	X(RX_MAD, "rx_drop_mad")

enum vib_drop {
	VIB_ACCEPT,	/* not dropped */
#define VIB_DROP_ENUM(symbol, name) VIB_DROP_##symbol,
	VIB_DROPS(VIB_DROP_ENUM)
#undef VIB_DROP_ENUM
	VIB_DROP_COUNT
};

/* What a port counts besides drops. */
enum vib_counter {
	VIB_TX_PACKETS,
	VIB_TX_WORDS,
	VIB_RX_PACKETS,
	VIB_RX_WORDS,
	VIB_COUNTER_COUNT
};

/*
 * What can go wrong on a link, each way: X(symbol, file name).  All but the
 * delay, which is in microseconds, strike so many of a million packets.
 */
#define VIB_FAULTS(X)						\
	X(LOSS, "loss")						\
	X(DUPLICATE, "duplicate")				\
	X(REORDER, "reorder")					\
	X(CORRUPT, "corrupt")					\
	X(DELAY, "delay")

enum vib_fault {
#define VIB_FAULT_ENUM(symbol, name) VIB_FAULT_##symbol,
	VIB_FAULTS(VIB_FAULT_ENUM)
#undef VIB_FAULT_ENUM
	VIB_FAULT_COUNT
};

#define VIB_FAULT_SCALE		1000000
#define VIB_REORDER_NS		10000000	/* for others to overtake */

/* As the HCA sees its link. */
enum vib_direction {
	VIB_OUTBOUND,
	VIB_INBOUND,
	VIB_DIRECTIONS
};

/* Asynchronous events of an HCA port, as bits. */
#define VIB_EVENT_PORT_ACTIVE		(1u << 0)
#define VIB_EVENT_PORT_ERR		(1u << 1)
#define VIB_EVENT_LID_CHANGE		(1u << 2)
#define VIB_EVENT_PKEY_CHANGE		(1u << 3)
#define VIB_EVENT_SM_CHANGE		(1u << 4)
#define VIB_EVENT_CLIENT_REREGISTER	(1u << 5)
#define VIB_EVENT_GID_CHANGE		(1u << 6)

enum vib_qp_kind {
	VIB_QP_SMI,
	VIB_QP_GSI,
	VIB_QP_UD,
	VIB_QP_RC,
};

enum vib_mad_verdict {
	VIB_MAD_PASS,		/* not for the agent: give it to the clients */
	VIB_MAD_REPLY,		/* the answer was written */
	VIB_MAD_CONSUMED,	/* done, no answer */
};

struct vib_fabric;

/**
 * struct vib_fabric_config - what a fabric looks like
 * @guid: port GUID of HCA 0; HCA i has @guid + 0x10 * i, the switch follows
 * @hcas: number of HCAs, 1..VIB_MAX_HCAS
 * @trunks: ports to other switches, 0..VIB_MAX_TRUNKS, behind those of HCAs
 * @mtu: largest payload: 256, 512, 1024, 2048 or 4096
 */
struct vib_fabric_config {
	u64 guid;
	u32 hcas;
	u32 trunks;
	u32 mtu;
};

/**
 * struct vib_port_attr - an HCA port as verbs show it, IBA encodings
 * @subnet_prefix: GID prefix
 * @cap_mask: PortInfo.CapabilityMask
 * @lid: base LID, 0 without one
 * @sm_lid: master SM's LID
 * @pkey_violations: bad P_Key counter
 * @qkey_violations: bad Q_Key counter
 * @lmc: LID mask control
 * @state: PortState
 * @phys_state: PortPhysicalState
 * @max_mtu: MTUCap
 * @active_mtu: NeighborMTU
 * @max_vl: VLCap
 * @sm_sl: master SM's SL
 * @subnet_timeout: SubnetTimeOut
 * @init_type_reply: InitTypeReply
 * @link_width: LinkWidthActive
 * @link_speed: LinkSpeedActive
 */
struct vib_port_attr {
	u64 subnet_prefix;
	u32 cap_mask;
	u16 lid;
	u16 sm_lid;
	u16 pkey_violations;
	u16 qkey_violations;
	u8 lmc;
	u8 state;
	u8 phys_state;
	u8 max_mtu;
	u8 active_mtu;
	u8 max_vl;
	u8 sm_sl;
	u8 subnet_timeout;
	u8 init_type_reply;
	u8 link_width;
	u8 link_speed;
};

/**
 * struct vib_effects - what follows from a management call
 * @events: VIB_EVENT_* bits that HCA @hca must report
 * @hca: whose events
 * @trap: the switch has a trap to send, see vib_switch_trap()
 */
struct vib_effects {
	u32 events;
	u32 hca;
	bool trap;
};

/**
 * struct vib_plan - where a packet goes
 * @hcas: one bit per HCA that gets it
 * @looped: those of them that get it without a link: the sender itself
 * @trunks: one bit per trunk that gets it
 * @to_switch: it is addressed to the switch itself: vib_switch_receive()
 * @drop: enum vib_drop if it goes nowhere, else VIB_ACCEPT
 */
struct vib_plan {
	u64 hcas;
	u64 looped;
	u32 trunks;
	bool to_switch;
	u8 drop;
};

/**
 * struct vib_fate - what becomes of a packet on a link
 * @delay: nanoseconds until it arrives
 * @flip: the bit that is wrong if @is_damaged, of a packet with checksums
 * @copies: how many arrive: 0, 1 or 2
 * @is_damaged: a bit is wrong
 */
struct vib_fate {
	u64 delay;
	u32 flip;
	u8 copies;
	bool is_damaged;
};

/**
 * struct vib_av - an address vector
 * @flow_label: GRH flow label
 * @dlid: destination LID
 * @sl: service level
 * @path_bits: low bits of the source LID
 * @has_grh: send a GRH; the members below @has_grh are for it
 * @sgid_index: source GID
 * @hop_limit: GRH hop limit
 * @traffic_class: GRH traffic class
 * @dgid: destination GID
 */
struct vib_av {
	u32 flow_label;
	u16 dlid;
	u8 sl;
	u8 path_bits;
	bool has_grh;
	u8 sgid_index;
	u8 hop_limit;
	u8 traffic_class;
	u8 dgid[VIB_GID_LEN];
};

/**
 * struct vib_qp_attr - what the core needs to know of a queue pair
 * @qpn: its number
 * @qkey: its Q_Key
 * @pkey_index: its P_Key
 * @kind: enum vib_qp_kind
 * @can_receive: it is in a state in which it receives
 */
struct vib_qp_attr {
	u32 qpn;
	u32 qkey;
	u16 pkey_index;
	u8 kind;
	bool can_receive;
};

/**
 * struct vib_send - a datagram to be sent
 * @av: destination
 * @qp: sending queue pair
 * @dest_qpn: destination queue pair
 * @remote_qkey: Q_Key of the work request
 * @psn: packet sequence number
 * @payload_len: bytes of payload
 * @imm: immediate data as it lies in memory
 * @pkey_index: P_Key of the work request, for the GSI
 * @has_imm: send @imm
 * @solicited: set the solicited event bit
 */
struct vib_send {
	const struct vib_av *av;
	const struct vib_qp_attr *qp;
	u32 dest_qpn;
	u32 remote_qkey;
	u32 psn;
	u32 payload_len;
	u32 imm;
	u16 pkey_index;
	bool has_imm;
	bool solicited;
};

/**
 * struct vib_layout - where the bytes of a packet lie
 * @header_len: bytes in front of the payload
 * @tail_len: bytes behind it: padding and ICRC
 * @drop: enum vib_drop if it must not be sent, else VIB_ACCEPT
 */
struct vib_layout {
	u16 header_len;
	u8 tail_len;
	u8 drop;
};

/**
 * struct vib_rx - a packet as a port received it
 * @size: bytes of the packet
 * @transport: offset of the BTH
 * @payload: offset of the payload
 * @payload_len: its bytes
 * @grh: offset of the GRH if @has_grh
 * @dest_qpn: destination queue pair
 * @src_qpn: source queue pair
 * @qkey: DETH Q_Key
 * @imm: immediate data as it lies in memory if @has_imm
 * @slid: source LID
 * @dlid: destination LID
 * @pkey: BTH P_Key
 * @pkey_index: P_Key table entry, set by vib_qp_receive()
 * @sl: service level
 * @path_bits: low bits of the destination LID
 * @has_grh: there is a GRH
 * @has_imm: there is immediate data
 * @connected: of a reliable connection: for vib_rc_receive()
 * @multicast: for all queue pairs attached to @mgid and @dlid
 * @solicited: solicited event bit
 * @has_right_checksums: for the glue, see vib_has_right_checksums(); false
 * @mgid: multicast GID if @multicast
 */
struct vib_rx {
	u32 size;
	u32 transport;
	u32 payload;
	u32 payload_len;
	u32 grh;
	u32 dest_qpn;
	u32 src_qpn;
	u32 qkey;
	u32 imm;
	u16 slid;
	u16 dlid;
	u16 pkey;
	u16 pkey_index;
	u8 sl;
	u8 path_bits;
	bool has_grh;
	bool has_imm;
	bool connected;
	bool multicast;
	bool solicited;
	bool has_right_checksums;
	u8 mgid[VIB_GID_LEN];
};

/* Management */

/**
 * vib_fabric_size - bytes of zeroed memory that a fabric needs
 *
 * Context: any.
 * Return: the size.
 */
unsigned long vib_fabric_size(void);

/**
 * vib_fabric_init - make a fabric, all links down
 * @fabric: vib_fabric_size() zeroed bytes
 * @config: what it looks like
 *
 * Context: any.
 * Return: false if @config makes no sense; nothing was written.
 */
bool vib_fabric_init(struct vib_fabric *fabric,
		     const struct vib_fabric_config *config);

/**
 * vib_link_plug - connect an HCA's cable, or pull it
 * @fabric: the fabric
 * @hca: the HCA
 * @plugged: connect it
 * @effects: written
 *
 * Context: any, serialised.
 */
void vib_link_plug(struct vib_fabric *fabric, u32 hca, bool plugged,
		   struct vib_effects *effects);

/**
 * vib_hca_replace - put another HCA in the place of one
 * @fabric: the fabric
 * @hca: the HCA, whose cable is not plugged in
 *
 * Context: any, serialised.
 */
void vib_hca_replace(struct vib_fabric *fabric, u32 hca);

/**
 * vib_assign_lid - give a port another LID behind the subnet manager's back
 * @fabric: the fabric
 * @hca: the HCA; its LMC is 0
 * @lid: a unicast LID that the switch knows no way to
 * @effects: written
 *
 * Context: any, serialised.
 * Return: false if that makes no sense.
 */
bool vib_assign_lid(struct vib_fabric *fabric, u32 hca, u16 lid,
		    struct vib_effects *effects);

/**
 * vib_remove_pkey - take a P_Key from a port's table
 * @fabric: the fabric
 * @hca: the HCA
 * @pkey: the P_Key with its membership bit
 * @effects: written
 *
 * Context: any, serialised.
 * Return: false if it is not there.
 */
bool vib_remove_pkey(struct vib_fabric *fabric, u32 hca, u16 pkey,
		     struct vib_effects *effects);

/**
 * vib_port_query - what verbs show of a port
 * @fabric: the fabric
 * @hca: the HCA
 * @attr: written
 *
 * Context: any, serialised.
 */
void vib_port_query(const struct vib_fabric *fabric, u32 hca,
		    struct vib_port_attr *attr);

/**
 * vib_port_gid - an entry of a port's GID table
 * @fabric: the fabric
 * @hca: the HCA
 * @index: the entry
 * @gid: written
 *
 * Context: any.
 * Return: false if there is no such entry.
 */
bool vib_port_gid(const struct vib_fabric *fabric, u32 hca, u32 index,
		  u8 gid[VIB_GID_LEN]);

/**
 * vib_port_pkey - an entry of a port's P_Key table
 * @fabric: the fabric
 * @hca: the HCA
 * @index: the entry
 * @pkey: written
 *
 * Context: any.
 * Return: false if there is no such entry.
 */
bool vib_port_pkey(const struct vib_fabric *fabric, u32 hca, u32 index,
		   u16 *pkey);

/**
 * vib_port_modify - change a port's capability mask
 * @fabric: the fabric
 * @hca: the HCA
 * @set: bits to set
 * @clear: bits to clear
 *
 * Context: any, serialised.
 */
void vib_port_modify(struct vib_fabric *fabric, u32 hca, u32 set, u32 clear);

/**
 * vib_node_guid - an HCA's node GUID, which is its system image GUID too
 * @fabric: the fabric
 * @hca: the HCA
 *
 * Context: any.
 * Return: the GUID in host order.
 */
u64 vib_node_guid(const struct vib_fabric *fabric, u32 hca);

/**
 * vib_node_describe - set an HCA's NodeDescription
 * @fabric: the fabric
 * @hca: the HCA
 * @text: VIB_DESC_LEN bytes
 *
 * Context: any, serialised.
 */
void vib_node_describe(struct vib_fabric *fabric, u32 hca, const u8 *text);

/**
 * vib_hca_mad - an HCA's management agents (SMA, PMA)
 * @fabric: the fabric
 * @hca: the HCA
 * @in: VIB_MAD_LEN bytes
 * @out: VIB_MAD_LEN bytes, written for VIB_MAD_REPLY
 * @effects: written
 *
 * Context: any, serialised.
 * Return: enum vib_mad_verdict.
 */
int vib_hca_mad(struct vib_fabric *fabric, u32 hca, const u8 *in, u8 *out,
		struct vib_effects *effects);

/**
 * vib_switch_receive - the switch's own management agents
 * @fabric: the fabric
 * @link: whose link the packet came in by: see VIB_TRUNK_LINK
 * @wire: the packet, turned into the answer
 * @len: its length
 * @plan: where the answer goes
 * @effects: written
 *
 * Context: any, serialised.
 */
void vib_switch_receive(struct vib_fabric *fabric, u32 link, u8 *wire, u32 len,
			struct vib_plan *plan, struct vib_effects *effects);

/**
 * vib_switch_trap - the trap that @effects.trap announced
 * @fabric: the fabric
 * @wire: VIB_HEADER_MAX + VIB_MAD_LEN + VIB_TAIL_MAX bytes, written
 * @plan: where it goes
 *
 * Context: any, serialised.
 * Return: length of the packet.
 */
u32 vib_switch_trap(struct vib_fabric *fabric, u8 *wire,
		    struct vib_plan *plan);

/* Data path */

/**
 * vib_send_build - write the headers of a datagram
 * @fabric: the fabric
 * @hca: sending HCA
 * @send: what to send
 * @wire: VIB_HEADER_MAX bytes, written
 *
 * Context: any.
 * Return: the layout.  Its lengths are valid even if it must not be sent.
 */
struct vib_layout vib_send_build(struct vib_fabric *fabric, u32 hca,
				 const struct vib_send *send, u8 *wire);

/**
 * vib_forward - route a packet that an HCA sends, or that came by a trunk
 * @fabric: the fabric
 * @link: whose link it is on: see VIB_TRUNK_LINK
 * @wire: the packet; directed-route SMPs are changed in place
 * @len: its length
 * @plan: written
 *
 * Context: any.
 */
void vib_forward(struct vib_fabric *fabric, u32 link, u8 *wire, u32 len,
		 struct vib_plan *plan);

/**
 * vib_port_receive - a packet arrives at an HCA's port
 * @fabric: the fabric
 * @hca: receiving HCA
 * @wire: the packet
 * @len: its length
 * @rx: written if accepted
 *
 * Context: any.
 * Return: VIB_ACCEPT or enum vib_drop (counted).
 */
int vib_port_receive(struct vib_fabric *fabric, u32 hca, const u8 *wire,
		     u32 len, struct vib_rx *rx);

/**
 * vib_qp_receive - may this queue pair have the packet
 * @fabric: the fabric
 * @hca: receiving HCA
 * @qp: the queue pair
 * @rx: from vib_port_receive(); pkey_index is written
 *
 * Context: any.
 * Return: VIB_ACCEPT or enum vib_drop (counted).
 */
int vib_qp_receive(struct vib_fabric *fabric, u32 hca,
		   const struct vib_qp_attr *qp, struct vib_rx *rx);

/**
 * vib_count_drop - count a drop that the glue had to make
 * @fabric: the fabric
 * @link: whose link it would have been on: see VIB_TRUNK_LINK
 * @drop: enum vib_drop
 *
 * Context: any.
 */
void vib_count_drop(struct vib_fabric *fabric, u32 link, u32 drop);

/**
 * vib_read_drop - how many packets a port dropped for a reason
 * @fabric: the fabric
 * @hca: the HCA
 * @drop: enum vib_drop
 *
 * Context: any.
 * Return: the count.
 */
u64 vib_read_drop(const struct vib_fabric *fabric, u32 hca, u32 drop);

/**
 * vib_fault_set - let things go wrong on a link
 * @fabric: the fabric
 * @hca: the HCA on the link
 * @direction: enum vib_direction
 * @fault: enum vib_fault
 * @value: how much: see VIB_FAULTS
 *
 * Context: any, serialised.
 */
void vib_fault_set(struct vib_fabric *fabric, u32 hca, u32 direction,
		   u32 fault, u32 value);

/**
 * vib_fault_get - what vib_fault_set() was told
 * @fabric: the fabric
 * @hca: the HCA on the link
 * @direction: enum vib_direction
 * @fault: enum vib_fault
 *
 * Context: any.
 * Return: the value.
 */
u32 vib_fault_get(const struct vib_fabric *fabric, u32 hca, u32 direction,
		  u32 fault);

/**
 * vib_fault_count - how many packets it has befallen
 * @fabric: the fabric
 * @hca: the HCA on the link
 * @direction: enum vib_direction
 * @fault: enum vib_fault
 *
 * Context: any.
 * Return: the count.
 */
u64 vib_fault_count(const struct vib_fabric *fabric, u32 hca, u32 direction,
		    u32 fault);

/**
 * vib_fault_seed - begin the sequence of faults that belongs to a seed
 * @fabric: the fabric
 * @hca: the HCA on the link
 * @direction: enum vib_direction
 * @seed: any number
 *
 * Context: any.
 */
void vib_fault_seed(struct vib_fabric *fabric, u32 hca, u32 direction,
		    u64 seed);

/**
 * vib_link_fate - what becomes of a packet
 * @fabric: the fabric
 * @hca: the HCA on the link
 * @direction: enum vib_direction
 * @wire: the packet
 * @len: its length
 * @fate: written
 *
 * Context: any.
 */
void vib_link_fate(struct vib_fabric *fabric, u32 hca, u32 direction,
		   const u8 *wire, u32 len, struct vib_fate *fate);

/**
 * vib_damage - flip a bit of a packet
 * @wire: the packet, with room for VIB_VCRC_LEN bytes more
 * @len: its length without them
 * @flip: from the packet's fate
 *
 * Context: any.
 */
void vib_damage(u8 *wire, u32 len, u32 flip);

/**
 * vib_seal - write the checksums of a packet
 * @wire: the packet, with room for VIB_VCRC_LEN bytes more
 * @len: its length without them
 *
 * In memory nothing gets lost, so packets carry their checksums only where
 * somebody can see them: in a capture, and where one is damaged.
 *
 * Context: any.
 */
void vib_seal(u8 *wire, u32 len);

/**
 * vib_is_intact - are the checksums right
 * @wire: a packet with ICRC and VCRC
 * @len: its length
 *
 * Context: any.
 * Return: whether they are.
 */
bool vib_is_intact(const u8 *wire, u32 len);

/**
 * vib_pcap_head - what a capture file begins with
 * @erf: packets have heads of the ERF format
 * @out: VIB_PCAP_HEAD bytes, written
 *
 * Context: any.
 */
void vib_pcap_head(bool erf, u8 *out);

/**
 * vib_pcap_record - what stands before a packet in a capture file
 * @erf: as in the file's head
 * @now: nanoseconds since 1970
 * @len: bytes of the packet
 * @out: VIB_PCAP_RECORD bytes, written
 *
 * Context: any.
 * Return: how many bytes of @out are used.
 */
u32 vib_pcap_record(bool erf, u64 now, u32 len, u8 *out);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* VIB_ABI_H */
