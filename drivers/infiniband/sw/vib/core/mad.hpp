// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Management datagrams: the common header, SMPs and the attributes that the agents here know
// (IBA 13.4, 14.2, 16.1), as they lie on the wire.
#pragma once

#include "abi.h"
#include "wire.hpp"

namespace vib::wire {

constexpr u8 CLASS_SMP_LID = 0x01;
constexpr u8 CLASS_PERF = 0x04;
constexpr u8 CLASS_SMP_DIRECTED = 0x81;

constexpr u8 METHOD_GET = 0x01;
constexpr u8 METHOD_SET = 0x02;
constexpr u8 METHOD_TRAP = 0x05;
constexpr u8 METHOD_TRAP_REPRESS = 0x07;
constexpr u8 METHOD_GET_RESP = 0x81;

// IBA 13.4.7. The D bit of directed-route SMPs lies in the same field.
constexpr u16 STATUS_OK = 0;
constexpr u16 STATUS_BAD_VERSION = 1 << 2;
constexpr u16 STATUS_BAD_METHOD = 2 << 2;
constexpr u16 STATUS_BAD_ATTRIBUTE = 3 << 2;
constexpr u16 STATUS_BAD_VALUE = 7 << 2;
constexpr u16 STATUS_DIRECTION = 0x8000;

enum class Attribute : u16 {
	CLASS_PORT_INFO = 0x0001,
	NOTICE = 0x0002,
	NODE_DESCRIPTION = 0x0010,
	NODE_INFO = 0x0011,
	SWITCH_INFO = 0x0012,
	GUID_INFO = 0x0014,
	PORT_INFO = 0x0015,
	PKEY_TABLE = 0x0016,
	SL_TO_VL = 0x0017,
	VL_ARBITRATION = 0x0018,
	LINEAR_FORWARDING = 0x0019,
	MULTICAST_FORWARDING = 0x001b,
	PERF_COUNTERS = 0x0012,
	PERF_COUNTERS_EXTENDED = 0x001d,
};

// Common MAD header, IBA 13.4.2.
struct MadHeader {
	u8 base_version;
	u8 mgmt_class;
	u8 class_version;
	u8 method;
	Be16 status;
	u8 hop_pointer; // directed-route SMPs only
	u8 hop_count;
	Be64 tid;
	Be16 attribute;
	Be16 reserved;
	Be32 modifier;
};
static_assert(sizeof(MadHeader) == 24 && alignof(MadHeader) == 1);

// Subnet management packet, IBA 14.2.1.1 and 14.2.1.2.
struct Smp {
	static constexpr size_t MAX_HOPS = 64;

	MadHeader header;
	Be64 mkey;
	Be16 dr_slid;
	Be16 dr_dlid;
	u8 reserved[28];
	u8 data[64];
	u8 initial_path[MAX_HOPS];
	u8 return_path[MAX_HOPS];

	constexpr bool is_directed() const
	{
		return header.mgmt_class == CLASS_SMP_DIRECTED;
	}

	constexpr bool is_returning() const
	{
		return header.status.get() & STATUS_DIRECTION;
	}
};
static_assert(sizeof(Smp) == VIB_MAD_LEN && alignof(Smp) == 1);

// Performance management MAD, IBA 16.1.1.
struct PerfMad {
	MadHeader header;
	u8 reserved[40];
	u8 data[192];
};
static_assert(sizeof(PerfMad) == VIB_MAD_LEN && alignof(PerfMad) == 1);

// IBA 14.2.5.3.
struct NodeInfo {
	static constexpr u8 TYPE_HCA = 1;
	static constexpr u8 TYPE_SWITCH = 2;

	u8 base_version;
	u8 class_version;
	u8 node_type;
	u8 num_ports;
	Be64 system_image_guid;
	Be64 node_guid;
	Be64 port_guid;
	Be16 partition_cap;
	Be16 device_id;
	Be32 revision;
	u8 local_port;
	Be24 vendor_id;
};
static_assert(sizeof(NodeInfo) == 40 && alignof(NodeInfo) == 1);

// IBA 14.2.5.4.
struct SwitchInfo {
	static constexpr u8 STATE_CHANGE = 1 << 2;

	Be16 linear_cap;
	Be16 random_cap;
	Be16 multicast_cap;
	Be16 linear_top;
	u8 default_port;
	u8 default_primary_port;
	u8 default_other_port;
	u8 lifetime_change; // LifeTimeValue (5), PortStateChange, OptimizedSLtoVL (2)
	Be16 lids_per_port;
	Be16 enforcement_cap;
	u8 flags;
	u8 reserved;
	Be16 multicast_top;
};
static_assert(sizeof(SwitchInfo) == 20 && alignof(SwitchInfo) == 1);

// IBA 14.2.5.6. Fields of less than a byte are named from the high bits down.
struct PortInfo {
	Be64 mkey;
	Be64 gid_prefix;
	Be16 lid;
	Be16 sm_lid;
	Be32 cap_mask;
	Be16 diag_code;
	Be16 mkey_lease;
	u8 local_port;
	u8 width_enabled;
	u8 width_supported;
	u8 width_active;
	u8 speed_supported_state;
	u8 phys_down_default;
	u8 mkey_protect_lmc;
	u8 speed_active_enabled;
	u8 mtu_sm_sl;
	u8 vl_cap_init_type;
	u8 vl_high_limit;
	u8 vl_arb_high_cap;
	u8 vl_arb_low_cap;
	u8 reply_mtu_cap;
	u8 vl_stall_hoq_life;
	u8 operational_vl_enforce;
	Be16 mkey_violations;
	Be16 pkey_violations;
	Be16 qkey_violations;
	u8 guid_cap;
	u8 rereg_timeout;
	u8 response_time;
	u8 errors;
	Be16 credit_hint;
	u8 reserved;
	Be24 latency;
	Be16 cap_mask2;
	u8 speed_ext_active_supported;
	u8 speed_ext_enabled;
};
static_assert(sizeof(PortInfo) == 64 && alignof(PortInfo) == 1);

// Generic notice with the details of traps 128..131, IBA 13.4.8.2 and 14.2.5.1.
struct Notice {
	u8 generic_type;
	Be24 producer;
	Be16 trap;
	Be16 issuer_lid;
	Be16 toggle_count;
	Be16 lid;
};
static_assert(sizeof(Notice) == 12 && alignof(Notice) == 1);

// IBA 13.4.8.1.
struct ClassPortInfo {
	u8 base_version;
	u8 class_version;
	Be16 cap_mask;
	Be32 cap_mask2_response_time;
	u8 redirect_and_trap[64];
};
static_assert(sizeof(ClassPortInfo) == 72 && alignof(ClassPortInfo) == 1);

// IBA 16.1.3.5; all errors are one array here, none can happen on this fabric.
struct PerfCounters {
	u8 reserved;
	u8 port_select;
	Be16 counter_select;
	u8 errors[20];
	Be32 tx_words;
	Be32 rx_words;
	Be32 tx_packets;
	Be32 rx_packets;
	Be32 tx_wait;
};
static_assert(sizeof(PerfCounters) == 44 && alignof(PerfCounters) == 1);

// IBA 16.1.4.11.
struct PerfCountersExtended {
	u8 reserved;
	u8 port_select;
	Be16 counter_select;
	Be32 counter_select2;
	Be64 tx_words;
	Be64 rx_words;
	Be64 tx_packets;
	Be64 rx_packets;
	Be64 unicast_multicast[4];
};
static_assert(sizeof(PerfCountersExtended) == 72 && alignof(PerfCountersExtended) == 1);

} // namespace vib::wire
