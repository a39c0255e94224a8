// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// PortInfo: what a port is, and what a subnet manager may make of it.

#include "port.hpp"

namespace vib {

using wire::PortInfo;

namespace {

constexpr u8 WIDTH_1X_4X = 3;
constexpr u8 WIDTH_4X = 2;
constexpr u8 SPEED_SDR_DDR_QDR = 7;
constexpr u8 SPEED_QDR = 4;
constexpr u8 VL0_ONLY = 1;
constexpr u8 VL_ARB_ENTRIES = 8;
constexpr u8 TIMEOUT_1S = 18; // 4.096 us * 2^18

constexpr u32 CAP_TRAP = 1 << 3;
constexpr u32 CAP_SL_MAP = 1 << 6;
constexpr u32 CAP_SYSTEM_IMAGE_GUID = 1 << 11;
constexpr u32 CAP_CLIENT_REREGISTER = 1 << 25;

constexpr u8 REREGISTER = 0x80;

constexpr u32 capabilities(PortKind kind)
{
	switch (kind) {
	case PortKind::HCA:
		return CAP_SL_MAP | CAP_SYSTEM_IMAGE_GUID | CAP_CLIENT_REREGISTER;
	case PortKind::SWITCH_MANAGEMENT:
		return CAP_TRAP | CAP_SL_MAP | CAP_SYSTEM_IMAGE_GUID;
	default:
		return 0;
	}
}

} // namespace

void Port::init(PortKind port_kind, u8 port_number, u8 mtu_code, u64 guid)
{
	kind = port_kind;
	number = port_number;
	prefix.store(DEFAULT_GID_PREFIX);
	guids[0].store(guid);
	pkeys[0].store(DEFAULT_PKEY);
	neighbor_mtu.store(mtu_code);
	// Port 0 has no link: it is there as long as the switch is.
	phys = kind == PortKind::SWITCH_MANAGEMENT ? PHYS_LINK_UP : PHYS_POLLING;
	state.store(kind == PortKind::SWITCH_MANAGEMENT ? STATE_ACTIVE : STATE_DOWN);

	info.gid_prefix = wire::Be64::from(DEFAULT_GID_PREFIX);
	info.cap_mask = wire::Be32::from(capabilities(kind));
	info.width_enabled = WIDTH_1X_4X;
	info.width_supported = WIDTH_1X_4X;
	info.width_active = WIDTH_4X;
	info.speed_supported_state = nibbles(SPEED_SDR_DDR_QDR, 0);
	info.phys_down_default = PHYS_POLLING;
	info.speed_active_enabled = nibbles(SPEED_QDR, SPEED_SDR_DDR_QDR);
	info.mtu_sm_sl = nibbles(mtu_code, 0);
	info.vl_cap_init_type = nibbles(VL0_ONLY, 0);
	info.vl_arb_high_cap = VL_ARB_ENTRIES;
	info.vl_arb_low_cap = VL_ARB_ENTRIES;
	info.reply_mtu_cap = mtu_code;
	info.operational_vl_enforce = nibbles(VL0_ONLY, 0);
	info.guid_cap = kind == PortKind::SWITCH_EXTERNAL ? 0 : VIB_GUIDS;
	info.rereg_timeout = TIMEOUT_1S;
	info.response_time = TIMEOUT_1S - 2;
}

PortInfo Port::get_info() const
{
	PortInfo now = info;
	now.speed_supported_state = nibbles(high(info.speed_supported_state), state.load());
	now.phys_down_default = nibbles(phys, low(info.phys_down_default));
	now.mkey_violations = wire::Be16::from(mkey_violations);
	now.pkey_violations = wire::Be16::from(pkey_violations.load());
	now.qkey_violations = wire::Be16::from(qkey_violations.load());
	return now;
}

u16 Port::check(const PortInfo &wanted) const
{
	const u8 wanted_state = low(wanted.speed_supported_state);
	const u8 now = state.load();
	const u8 wanted_phys = high(wanted.phys_down_default);

	if (kind != PortKind::SWITCH_EXTERNAL && wanted.lid.get() >= wire::FIRST_MULTICAST_LID)
		return wire::STATUS_BAD_VALUE;
	if (high(wanted.mtu_sm_sl) > low(info.reply_mtu_cap))
		return wire::STATUS_BAD_VALUE;
	if (wanted_phys > PHYS_DISABLED)
		return wire::STATUS_BAD_VALUE;
	if (kind == PortKind::SWITCH_MANAGEMENT)
		return wire::STATUS_OK;
	// IBA 14.2.5.6: Init can only be reached by the link, Armed from Init, Active from Armed.
	if (wanted_state == STATE_INIT || wanted_state > STATE_ACTIVE)
		return wire::STATUS_BAD_VALUE;
	if (wanted_state >= STATE_ARMED && wanted_state != now && wanted_state != now + 1)
		return wire::STATUS_BAD_VALUE;
	return wire::STATUS_OK;
}

void Port::store_addresses(const PortInfo &wanted, PortChange &change)
{
	const u8 new_lmc = wanted.mkey_protect_lmc & 7;
	const bool hca = kind == PortKind::HCA;

	change.lid = wanted.lid.get() != lid.load() || (hca && new_lmc != lmc.load());
	change.sm = !(wanted.sm_lid == info.sm_lid) || low(wanted.mtu_sm_sl) != low(info.mtu_sm_sl);
	change.prefix = !(wanted.gid_prefix == info.gid_prefix);
	change.reregister = wanted.rereg_timeout & REREGISTER;

	info.mkey = wanted.mkey;
	info.mkey_lease = wanted.mkey_lease;
	info.gid_prefix = wanted.gid_prefix;
	info.lid = wanted.lid;
	info.sm_lid = wanted.sm_lid;
	info.mkey_protect_lmc =
		hca ? wanted.mkey_protect_lmc & 0xc7 : wanted.mkey_protect_lmc & 0xc0;
	info.mtu_sm_sl = nibbles(high(info.mtu_sm_sl), low(wanted.mtu_sm_sl));
	info.rereg_timeout = wanted.rereg_timeout & 0x1f;

	lid.store(wanted.lid.get());
	lmc.store(hca ? new_lmc : 0);
	prefix.store(wanted.gid_prefix.get());
}

void Port::store_link(const PortInfo &wanted)
{
	if (wanted.width_enabled)
		info.width_enabled = wanted.width_enabled & info.width_supported;
	if (low(wanted.speed_active_enabled))
		info.speed_active_enabled = nibbles(high(info.speed_active_enabled),
						    low(wanted.speed_active_enabled) &
							    high(info.speed_supported_state));
	if (high(wanted.mtu_sm_sl)) {
		info.mtu_sm_sl = nibbles(high(wanted.mtu_sm_sl), low(info.mtu_sm_sl));
		neighbor_mtu.store(high(wanted.mtu_sm_sl));
	}
	if (low(wanted.phys_down_default))
		info.phys_down_default = low(wanted.phys_down_default);
	if (high(wanted.operational_vl_enforce))
		info.operational_vl_enforce = nibbles(VL0_ONLY, low(wanted.operational_vl_enforce));
	info.vl_high_limit = wanted.vl_high_limit;
	info.vl_stall_hoq_life = wanted.vl_stall_hoq_life;
	info.errors = wanted.errors;
}

u16 Port::set_info(const PortInfo &wanted, PortChange &change)
{
	change = {};
	if (const u16 status = check(wanted))
		return status;

	if (kind != PortKind::SWITCH_EXTERNAL)
		store_addresses(wanted, change);
	if (kind != PortKind::SWITCH_MANAGEMENT) {
		store_link(wanted);
		change.state = low(wanted.speed_supported_state);
		change.phys = high(wanted.phys_down_default);
	}
	// Violation counters stop at their limit until they are written.
	mkey_violations = wanted.mkey_violations.get();
	pkey_violations.store(wanted.pkey_violations.get());
	qkey_violations.store(wanted.qkey_violations.get());
	return wire::STATUS_OK;
}

bool Port::admits_mkey(u64 mkey, bool is_set)
{
	const bool reads_are_free = info.mkey_protect_lmc >> 6 < 2;

	if (!info.mkey.get() || mkey == info.mkey.get() || (!is_set && reads_are_free))
		return true;
	if (mkey_violations != 0xffff)
		mkey_violations++;
	return false;
}

} // namespace vib
