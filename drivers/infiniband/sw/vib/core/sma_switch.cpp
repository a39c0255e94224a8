// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// SMA: the attributes that only a switch has: SwitchInfo and the forwarding tables.

#include "sma.hpp"

namespace vib {

using wire::Smp;

u16 Sma::switch_info(Smp &smp, bool is_set)
{
	if (!node_.is_switch)
		return wire::STATUS_BAD_ATTRIBUTE;
	wire::SwitchInfo &info = fabric_.sw.info;

	if (is_set) {
		wire::SwitchInfo wanted;
		__builtin_memcpy(&wanted, smp.data, sizeof(wanted));
		// Writing 1 to PortStateChange clears it (IBA 14.2.5.4).
		const u8 change = info.lifetime_change & ~wanted.lifetime_change &
				  wire::SwitchInfo::STATE_CHANGE;
		info.linear_top = wanted.linear_top;
		info.default_port = wanted.default_port;
		info.default_primary_port = wanted.default_primary_port;
		info.default_other_port = wanted.default_other_port;
		info.lifetime_change = (wanted.lifetime_change & 0xf8) | change;
		info.multicast_top = wanted.multicast_top;
	}
	__builtin_memcpy(smp.data, &info, sizeof(info));
	return wire::STATUS_OK;
}

u16 Sma::linear_forwarding(Smp &smp, bool is_set)
{
	const u32 block = smp.header.modifier.get();

	if (!node_.is_switch)
		return wire::STATUS_BAD_ATTRIBUTE;
	if (block >= UNICAST_LIDS / sizeof(smp.data))
		return wire::STATUS_BAD_VALUE;
	Shared<u8> *entries = fabric_.sw.linear + block * sizeof(smp.data);
	for (size_t i = 0; i < sizeof(smp.data); i++) {
		if (is_set)
			entries[i].store(smp.data[i]);
		else
			smp.data[i] = entries[i].load();
	}
	return wire::STATUS_OK;
}

u16 Sma::multicast_forwarding(Smp &smp, bool is_set)
{
	constexpr u32 PER_BLOCK = 32;
	const u32 first = (smp.header.modifier.get() & 0x1ff) * PER_BLOCK;
	const u32 position = smp.header.modifier.get() >> 28;

	if (!node_.is_switch)
		return wire::STATUS_BAD_ATTRIBUTE;
	if (position >= MULTICAST_POSITIONS || first >= MULTICAST_LIDS)
		return wire::STATUS_BAD_VALUE;
	// The last block is one short: 0xffff is no multicast LID.
	for (size_t i = 0; i < PER_BLOCK && first + i < MULTICAST_LIDS; i++) {
		Shared<u16> &entry = fabric_.sw.multicast[first + i][position];
		wire::Be16 ports;
		__builtin_memcpy(&ports, smp.data + i * 2, sizeof(ports));
		if (is_set)
			entry.store(ports.get());
		ports = wire::Be16::from(entry.load());
		__builtin_memcpy(smp.data + i * 2, &ports, sizeof(ports));
	}
	return wire::STATUS_OK;
}

} // namespace vib
