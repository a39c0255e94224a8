// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Construction of a fabric and the life of its links.

#include "fabric.hpp"

namespace vib {

namespace {

// "<text><number>" in the 64 bytes of a NodeDescription.
void describe(u8 *description, const char *text, int number)
{
	size_t at = 0;

	while (*text)
		description[at++] = static_cast<u8>(*text++);
	if (number >= 10)
		description[at++] = static_cast<u8>('0' + number / 10);
	if (number >= 0)
		description[at] = static_cast<u8>('0' + number % 10);
}

// IBA's code of a payload size, or 0.
u8 mtu_code(u32 bytes)
{
	for (u8 code = 1; code <= 5; code++)
		if (bytes == 128u << code)
			return code;
	return 0;
}

} // namespace

u64 Switch::members(u16 dlid) const
{
	const Shared<u16> *row = multicast[dlid - wire::FIRST_MULTICAST_LID];
	// Bit p of the row is port p; HCA i is on port i + 1.
	u64 hcas = row[0].load() >> 1;

	for (u32 position = 1; position <= VIB_MAX_HCAS / 16; position++)
		hcas |= static_cast<u64>(row[position].load()) << (position * 16 - 1);
	return hcas;
}

bool Switch::is_member(u16 dlid, u32 port) const
{
	return multicast[dlid - wire::FIRST_MULTICAST_LID][port / 16].load() >> port % 16 & 1;
}

bool Fabric::init(const vib_fabric_config &config)
{
	if (!config.hcas || config.hcas > VIB_MAX_HCAS || !mtu_code(config.mtu))
		return false;
	if (config.trunks > VIB_MAX_TRUNKS)
		return false;

	hcas = config.hcas;
	trunks = config.trunks;
	mtu = mtu_code(config.mtu);
	for (u32 i = 0; i < hcas; i++) {
		const u64 guid = config.guid + u64{0x10} * i;
		hca[i].node_guid = guid - 1;
		hca[i].port.init(PortKind::HCA, 1, mtu, guid);
		describe(hca[i].description, "vib", static_cast<int>(i));
		for (u32 direction = 0; direction < VIB_DIRECTIONS; direction++)
			hca[i].faults[direction].seed(i * VIB_DIRECTIONS + direction);
		switch_port(i).init(PortKind::SWITCH_EXTERNAL, static_cast<u8>(i + 1), mtu, 0);
	}

	for (u32 i = 0; i < trunks; i++)
		trunk_port(i).init(PortKind::SWITCH_EXTERNAL,
				   static_cast<u8>(port_on(VIB_TRUNK_LINK + i)), mtu, 0);

	sw.guid = config.guid + u64{0x10} * hcas - 1;
	sw.ports[0].init(PortKind::SWITCH_MANAGEMENT, 0, mtu, sw.guid);
	describe(sw.description, "vib switch", -1);
	sw.info.linear_cap = wire::Be16::from(UNICAST_LIDS);
	sw.info.multicast_cap = wire::Be16::from(MULTICAST_LIDS);
	for (auto &entry : sw.linear)
		entry.store(NO_PORT);
	return true;
}

void Fabric::replace(u32 index)
{
	Port &port = hca[index].port;
	const u64 guid = port.guids[0].load();

	port = Port{};
	port.init(PortKind::HCA, 1, mtu, guid);
}

bool Fabric::assign_lid(u32 index, u16 lid, vib_effects &effects)
{
	Port &port = hca[index].port;

	if (!lid || lid >= UNICAST_LIDS || port.lmc.load() || sw.linear[lid].load() != NO_PORT)
		return false;
	if (const u16 old = port.lid.load(); old < UNICAST_LIDS)
		sw.linear[old].store(NO_PORT);
	sw.linear[lid].store(static_cast<u8>(index + 1));
	port.info.lid = wire::Be16::from(lid);
	port.lid.store(lid);
	effects.hca = index;
	effects.events |= VIB_EVENT_LID_CHANGE;
	tell_manager(effects);
	return true;
}

bool Fabric::remove_pkey(u32 index, u16 pkey, vib_effects &effects)
{
	bool found = false;

	for (Shared<u16> &entry : hca[index].port.pkeys) {
		if (!pkey || entry.load() != pkey)
			continue;
		entry.store(0);
		found = true;
	}
	if (found) {
		effects.hca = index;
		effects.events |= VIB_EVENT_PKEY_CHANGE;
	}
	return found;
}

void Fabric::tell_manager(vib_effects &effects)
{
	sw.info.lifetime_change |= wire::SwitchInfo::STATE_CHANGE;
	effects.trap = sw.ports[0].lid.load() && sw.ports[0].info.sm_lid.get();
}

void Fabric::retrain(u32 index, vib_effects &effects)
{
	Port &near = hca[index].port;
	Port &far = switch_port(index);
	const bool up = hca[index].plugged && !near.disabled && !far.disabled;
	const bool was_up = near.state.load() != STATE_DOWN;

	if (near.state.load() == STATE_ACTIVE) {
		effects.hca = index;
		effects.events |= VIB_EVENT_PORT_ERR;
	}
	for (Port *end : {&near, &far}) {
		end->state.store(up ? STATE_INIT : STATE_DOWN);
		end->phys = up ? PHYS_LINK_UP : end->disabled ? PHYS_DISABLED : PHYS_POLLING;
	}
	if (!up && !was_up)
		return;

	tell_manager(effects);
}

void Fabric::retrain_trunk(u32 index, vib_effects &effects)
{
	Port &port = trunk_port(index);
	const bool up = trunk[index].is_up() && !port.disabled;
	const bool was_up = port.state.load() != STATE_DOWN;

	port.state.store(up ? STATE_INIT : STATE_DOWN);
	port.phys = up ? PHYS_LINK_UP : port.disabled ? PHYS_DISABLED : PHYS_POLLING;
	if (was_up)
		trunk[index].count(VIB_TRUNK_LOST);
	if (up || was_up)
		tell_manager(effects);
}

void Fabric::train(u32 index, vib_effects &effects)
{
	if (index < hcas) {
		retrain(index, effects);
		return;
	}
	trunk[index - hcas].restart(trunk_port(index - hcas).disabled);
	retrain_trunk(index - hcas, effects);
}

void Fabric::command(u32 index, Port &port, const PortChange &change, vib_effects &effects)
{
	if (change.phys != PHYS_NO_CHANGE || change.state == STATE_DOWN) {
		// Sleep is Polling here: the link comes back as soon as both ends want it.
		if (change.phys != PHYS_NO_CHANGE)
			port.disabled = change.phys == PHYS_DISABLED;
		train(index, effects);
		return;
	}
	if (change.state == STATE_NO_CHANGE || change.state == port.state.load())
		return;
	port.state.store(change.state);
	if (change.state == STATE_ACTIVE && port.kind == PortKind::HCA) {
		effects.hca = index;
		effects.events |= VIB_EVENT_PORT_ACTIVE;
	}
}

} // namespace vib
