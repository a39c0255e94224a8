// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// A port: one end of a link, or the switch's management port 0. What the data path reads is
// Shared; everything else belongs to management.
#pragma once

#include "abi.h"
#include "mad.hpp"
#include "shared.hpp"

namespace vib {

// PortState and PortPhysicalState, IBA 14.2.5.6.
constexpr u8 STATE_NO_CHANGE = 0;
constexpr u8 STATE_DOWN = 1;
constexpr u8 STATE_INIT = 2;
constexpr u8 STATE_ARMED = 3;
constexpr u8 STATE_ACTIVE = 4;
constexpr u8 PHYS_NO_CHANGE = 0;
constexpr u8 PHYS_POLLING = 2;
constexpr u8 PHYS_DISABLED = 3;
constexpr u8 PHYS_LINK_UP = 5;

constexpr u64 DEFAULT_GID_PREFIX = 0xfe80000000000000;
constexpr u16 DEFAULT_PKEY = 0xffff;

constexpr u8 low(u8 byte)
{
	return byte & 15;
}

constexpr u8 high(u8 byte)
{
	return byte >> 4;
}

constexpr u8 nibbles(u8 high_part, u8 low_part)
{
	return static_cast<u8>(high_part << 4 | low_part);
}

// What a Set(PortInfo) asks for beyond the values it stores.
struct PortChange {
	u8 state;
	u8 phys;
	bool lid;
	bool sm;
	bool prefix;
	bool reregister;
};

enum class PortKind : u8 {
	HCA,
	SWITCH_MANAGEMENT, // port 0
	SWITCH_EXTERNAL,
};

struct Port {
	void init(PortKind port_kind, u8 port_number, u8 mtu_code, u64 guid);

	// The stored values with state and violation counters of now.
	wire::PortInfo get_info() const;

	// Store what may be stored. An SMP status; nothing is stored unless it is STATUS_OK.
	u16 set_info(const wire::PortInfo &wanted, PortChange &change);

	// Does a request with this M_Key pass (IBA 14.2.4)? Counts a violation.
	bool admits_mkey(u64 mkey, bool is_set);

	// May packets be received and sent (IBA 7.2.7)?
	bool can_carry_smp() const
	{
		return state.load() >= STATE_INIT;
	}

	bool can_receive() const
	{
		return state.load() >= STATE_ARMED;
	}

	bool can_send() const
	{
		return state.load() == STATE_ACTIVE;
	}

	bool owns(u16 dlid) const
	{
		const u16 base = lid.load();
		return base && (dlid ^ base) >> lmc.load() == 0;
	}

	wire::Gid gid(size_t index) const
	{
		return {wire::Be64::from(prefix.load()), wire::Be64::from(guids[index].load())};
	}

	bool owns(const wire::Gid &gid) const
	{
		if (gid.prefix.get() != prefix.load() && gid.prefix.get() != DEFAULT_GID_PREFIX)
			return false;
		for (const Shared<u64> &guid : guids)
			if (guid.load() && guid.load() == gid.guid.get())
				return true;
		return false;
	}

	void violate_pkey()
	{
		count_to_limit(pkey_violations);
	}

	void violate_qkey()
	{
		count_to_limit(qkey_violations);
	}

	void drop(u32 reason)
	{
		drops[reason].add(1);
	}

	Shared<u8> state;
	Shared<u8> lmc;
	Shared<u8> neighbor_mtu;
	Shared<u16> lid;
	Shared<u16> pkey_violations;
	Shared<u16> qkey_violations;
	Shared<u64> prefix;
	Shared<u64> guids[VIB_GUIDS];
	Shared<u16> pkeys[VIB_PKEYS];
	Shared<u64> counters[VIB_COUNTER_COUNT];
	Shared<u64> drops[VIB_DROP_COUNT];

	PortKind kind;
	u8 number;
	u8 phys;
	bool disabled; // by Set(PortInfo)
	u16 mkey_violations;
	wire::PortInfo info;
	u8 sl_to_vl[8];
	u8 vl_arbitration[4][64];
	u64 cleared[VIB_COUNTER_COUNT]; // what the counters were when last cleared

private:
	u16 check(const wire::PortInfo &wanted) const;
	void store_addresses(const wire::PortInfo &wanted, PortChange &change);
	void store_link(const wire::PortInfo &wanted);

	static void count_to_limit(Shared<u16> &counter)
	{
		const u16 now = counter.load();
		if (now != 0xffff)
			counter.store(now + 1);
	}
};

} // namespace vib
