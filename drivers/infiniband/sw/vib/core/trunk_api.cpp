// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The C face of trunks: see abi_trunk.h.

#include "abi_rc.h"
#include "fabric.hpp"

using vib::Trunk;
using vib::wire::TrunkHello;

namespace {

void write_hello(vib_fabric *fabric, u32 trunk, u8 *out)
{
	const TrunkHello hello =
		fabric->trunk[trunk].say(fabric->sw.guid, fabric->trunk_port(trunk).number);

	__builtin_memcpy(out, &hello, sizeof(hello));
}

} // namespace

void vib_trunk_plug(vib_fabric *fabric, u32 trunk, const vib_trunk_cable *cable,
		    vib_effects *effects)
{
	Trunk &end = fabric->trunk[trunk];

	*effects = {};
	if (cable)
		end.plug(*cable, fabric->trunk_port(trunk).disabled);
	else
		end.unplug();
	fabric->retrain_trunk(trunk, *effects);
}

u32 vib_trunk_tick(vib_fabric *fabric, u32 trunk, u8 *hello, vib_effects *effects)
{
	Trunk &end = fabric->trunk[trunk];

	*effects = {};
	if (!end.is_cabled())
		return 0;
	if (end.tick())
		fabric->retrain_trunk(trunk, *effects);
	write_hello(fabric, trunk, hello);
	return VIB_TRUNK_HELLO;
}

u32 vib_trunk_hello(vib_fabric *fabric, u32 trunk, const u8 *frame, u32 len, u8 *answer,
		    vib_effects *effects)
{
	Trunk &end = fabric->trunk[trunk];
	const auto hello = kxx::ByteView(frame, len).load<TrunkHello>();
	bool changed;

	*effects = {};
	if (!hello || !end.is_cabled())
		return 0;
	if (hello->guid.get() == fabric->sw.guid) {
		end.count(VIB_TRUNK_OWN_GUID);
		return VIB_HELLO_OWN_GUID;
	}
	const u32 outcome = end.hear(*hello, changed);
	if (changed)
		fabric->retrain_trunk(trunk, *effects);
	if (outcome & VIB_HELLO_ANSWER)
		write_hello(fabric, trunk, answer);
	return outcome;
}

void vib_trunk_query(const vib_fabric *fabric, u32 trunk, vib_trunk_attr *attr)
{
	const Trunk &end = fabric->trunk[trunk];
	const vib::Port &port = fabric->sw.ports[fabric->port_on(VIB_TRUNK_LINK + trunk)];

	*attr = {
		.guid = fabric->sw.guid,
		.peer_guid = end.peer_guid(),
		.port = port.number,
		.peer_port = end.peer_port(),
		.state = port.state.load(),
	};
}

u32 vib_trunk_mtu(const vib_fabric *fabric)
{
	return VIB_TRUNK_HEAD + VIB_RC_HEADER_MAX + (128u << fabric->mtu) + VIB_TAIL_MAX +
	       VIB_VCRC_LEN;
}

int vib_trunk_sort(vib_fabric *fabric, u32 trunk, const u8 *frame, u32 len,
		   vib_trunk_packet *packet)
{
	return fabric->trunk[trunk].sort({frame, len}, *packet);
}

u32 vib_trunk_wrap(vib_fabric *fabric, u32 trunk, u8 *frame, u32 len)
{
	Trunk &end = fabric->trunk[trunk];
	const auto head = end.head();

	if (!head)
		return 0;
	__builtin_memcpy(frame, &*head, sizeof(*head));
	vib_seal(frame + sizeof(*head), len);
	end.count(VIB_TRUNK_TX);
	vib::Port &port = fabric->trunk_port(trunk);
	port.counters[VIB_TX_PACKETS].add(1);
	port.counters[VIB_TX_WORDS].add(len / 4);
	return static_cast<u32>(sizeof(*head)) + len + VIB_VCRC_LEN;
}

u64 vib_trunk_count(const vib_fabric *fabric, u32 trunk, u32 counter)
{
	return counter < VIB_TRUNK_COUNTER_COUNT ? fabric->trunk[trunk].counted(counter) : 0;
}

u64 vib_trunk_drops(const vib_fabric *fabric, u32 trunk, u32 drop)
{
	const u32 port = fabric->port_on(VIB_TRUNK_LINK + trunk);

	return drop < VIB_DROP_COUNT ? fabric->sw.ports[port].drops[drop].load() : 0;
}
