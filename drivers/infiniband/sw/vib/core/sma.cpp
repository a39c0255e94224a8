// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// SMA: the frame around every attribute, and the attributes of nodes and ports.

#include "sma.hpp"

namespace vib {

using wire::Attribute;
using wire::Smp;

namespace {

// The value of an attribute that is @data's first sizeof(T) bytes.
template <kxx::WireType T> T load(const u8 *data)
{
	T value;
	__builtin_memcpy(&value, data, sizeof(T));
	return value;
}

template <kxx::WireType T> void store(u8 *data, const T &value)
{
	__builtin_memcpy(data, &value, sizeof(T));
}

} // namespace

Sma::Handler Sma::find(Attribute attribute)
{
	switch (attribute) {
	case Attribute::NODE_DESCRIPTION:
		return &Sma::node_description;
	case Attribute::NODE_INFO:
		return &Sma::node_info;
	case Attribute::SWITCH_INFO:
		return &Sma::switch_info;
	case Attribute::GUID_INFO:
		return &Sma::guid_info;
	case Attribute::PORT_INFO:
		return &Sma::port_info;
	case Attribute::PKEY_TABLE:
		return &Sma::pkey_table;
	case Attribute::SL_TO_VL:
		return &Sma::sl_to_vl;
	case Attribute::VL_ARBITRATION:
		return &Sma::vl_arbitration;
	case Attribute::LINEAR_FORWARDING:
		return &Sma::linear_forwarding;
	case Attribute::MULTICAST_FORWARDING:
		return &Sma::multicast_forwarding;
	default:
		return nullptr;
	}
}

u16 Sma::execute(Smp &smp, bool is_set)
{
	if (smp.header.base_version != 1 || smp.header.class_version != 1)
		return wire::STATUS_BAD_VERSION;
	const Handler handler = find(static_cast<Attribute>(smp.header.attribute.get()));
	return handler ? (this->*handler)(smp, is_set) : wire::STATUS_BAD_ATTRIBUTE;
}

vib_mad_verdict Sma::answer(Smp &smp)
{
	const bool is_set = smp.header.method == wire::METHOD_SET;

	// The switch's own traps are sent once, there is nothing to repress.
	if (node_.is_switch && smp.header.method == wire::METHOD_TRAP_REPRESS)
		return VIB_MAD_CONSUMED;
	if (!is_set && smp.header.method != wire::METHOD_GET)
		return VIB_MAD_PASS;
	// SMInfo belongs to the subnet manager, if there is one.
	if (smp.header.attribute.get() == 0x0020)
		return VIB_MAD_PASS;
	if (!management_port().admits_mkey(smp.mkey.get(), is_set)) {
		management_port().drop(VIB_DROP_RX_MAD);
		return VIB_MAD_CONSUMED;
	}

	u16 status = execute(smp, is_set);
	if (smp.is_directed())
		status |= wire::STATUS_DIRECTION;
	smp.header.method = wire::METHOD_GET_RESP;
	smp.header.status = wire::Be16::from(status);
	return VIB_MAD_REPLY;
}

void Sma::raise(u32 events)
{
	if (node_.is_switch || !events)
		return;
	effects_.hca = node_.hca;
	effects_.events |= events;
}

u16 Sma::node_description(Smp &smp, bool is_set)
{
	if (is_set)
		return wire::STATUS_BAD_ATTRIBUTE;
	const u8 *text =
		node_.is_switch ? fabric_.sw.description : fabric_.hca[node_.hca].description;
	__builtin_memcpy(smp.data, text, VIB_DESC_LEN);
	return wire::STATUS_OK;
}

u16 Sma::node_info(Smp &smp, bool is_set)
{
	if (is_set)
		return wire::STATUS_BAD_ATTRIBUTE;
	const u64 node_guid = node_.is_switch ? fabric_.sw.guid : fabric_.hca[node_.hca].node_guid;
	wire::NodeInfo info{};
	info.base_version = 1;
	info.class_version = 1;
	info.node_type = node_.is_switch ? wire::NodeInfo::TYPE_SWITCH : wire::NodeInfo::TYPE_HCA;
	info.num_ports = static_cast<u8>(fabric_.num_ports(node_));
	info.system_image_guid = wire::Be64::from(node_guid);
	info.node_guid = wire::Be64::from(node_guid);
	info.port_guid = wire::Be64::from(management_port().guids[0].load());
	info.partition_cap = wire::Be16::from(VIB_PKEYS);
	info.local_port = arrival_port_;
	store(smp.data, info);
	return wire::STATUS_OK;
}

u16 Sma::guid_info(Smp &smp, bool is_set)
{
	Port &port = management_port();

	if (smp.header.modifier.get())
		return wire::STATUS_BAD_VALUE;
	bool changed = false;
	// Entry 0 is the port GUID, which cannot be written (IBA 14.2.5.5).
	for (size_t i = 1; is_set && i < VIB_GUIDS; i++) {
		const u64 guid = load<wire::Be64>(smp.data + i * 8).get();
		changed |= guid != port.guids[i].load();
		port.guids[i].store(guid);
	}
	for (size_t i = 0; i < VIB_GUIDS; i++)
		store(smp.data + i * 8, wire::Be64::from(port.guids[i].load()));
	if (changed)
		raise(VIB_EVENT_GID_CHANGE);
	return wire::STATUS_OK;
}

void Sma::apply(Port &port, const PortChange &change)
{
	raise((change.lid ? VIB_EVENT_LID_CHANGE : 0) | (change.sm ? VIB_EVENT_SM_CHANGE : 0) |
	      (change.prefix ? VIB_EVENT_GID_CHANGE : 0) |
	      (change.reregister ? VIB_EVENT_CLIENT_REREGISTER : 0));
	if (port.kind == PortKind::HCA)
		fabric_.command(node_.hca, port, change, effects_);
	else if (port.kind == PortKind::SWITCH_EXTERNAL)
		fabric_.command(port.number - 1u, port, change, effects_);
}

u16 Sma::port_info(Smp &smp, bool is_set)
{
	// Bit 31 says that the subnet manager knows extended speeds.
	Port *port = named_port(smp.header.modifier.get() & 0xff);
	if (!port)
		return wire::STATUS_BAD_VALUE;

	if (is_set) {
		PortChange change;
		if (const u16 status = port->set_info(load<wire::PortInfo>(smp.data), change))
			return status;
		apply(*port, change);
	}
	wire::PortInfo info = port->get_info();
	// LocalPortNum tells the way the SMP came, not which port this is (IBA 14.2.5.6).
	info.local_port = arrival_port_;
	// Only who knows the M_Key may see a protected one (IBA 14.2.4.1).
	if (info.mkey_protect_lmc >> 6 && !(smp.mkey == info.mkey))
		info.mkey = {};
	store(smp.data, info);
	return wire::STATUS_OK;
}

u16 Sma::pkey_table(Smp &smp, bool is_set)
{
	constexpr size_t PER_BLOCK = 32;
	const u32 modifier = smp.header.modifier.get();
	Port *port = named_port(modifier >> 16);
	const size_t first = (modifier & 0xffff) * PER_BLOCK;

	if (!port || first >= VIB_PKEYS)
		return wire::STATUS_BAD_VALUE;
	bool changed = false;
	for (size_t i = 0; i < PER_BLOCK; i++) {
		Shared<u16> &entry = port->pkeys[first + i];
		if (is_set) {
			const u16 pkey = load<wire::Be16>(smp.data + i * 2).get();
			changed |= pkey != entry.load();
			entry.store(pkey);
		}
		store(smp.data + i * 2, wire::Be16::from(entry.load()));
	}
	if (changed)
		raise(VIB_EVENT_PKEY_CHANGE);
	return wire::STATUS_OK;
}

u16 Sma::sl_to_vl(Smp &smp, bool is_set)
{
	// One table for all input ports.
	Port *port = named_port(smp.header.modifier.get() & 0xff);
	if (!port)
		return wire::STATUS_BAD_VALUE;
	if (is_set)
		__builtin_memcpy(port->sl_to_vl, smp.data, sizeof(port->sl_to_vl));
	else
		__builtin_memcpy(smp.data, port->sl_to_vl, sizeof(port->sl_to_vl));
	return wire::STATUS_OK;
}

u16 Sma::vl_arbitration(Smp &smp, bool is_set)
{
	const u32 block = smp.header.modifier.get() >> 16;
	Port *port = named_port(smp.header.modifier.get() & 0xff);
	if (!port || block < 1 || block > 4)
		return wire::STATUS_BAD_VALUE;
	u8 *table = port->vl_arbitration[block - 1];
	if (is_set)
		__builtin_memcpy(table, smp.data, sizeof(smp.data));
	else
		__builtin_memcpy(smp.data, table, sizeof(smp.data));
	return wire::STATUS_OK;
}

vib_mad_verdict answer_mad(Fabric &fabric, NodeRef node, u8 arrival_port, Smp &mad,
			   vib_effects &effects)
{
	switch (mad.header.mgmt_class) {
	case wire::CLASS_SMP_LID:
	case wire::CLASS_SMP_DIRECTED:
		return Sma(fabric, node, arrival_port, effects).answer(mad);
	case wire::CLASS_PERF: {
		auto perf = __builtin_bit_cast(wire::PerfMad, mad);
		const vib_mad_verdict verdict = answer_perf(fabric, node, perf);
		mad = __builtin_bit_cast(Smp, perf);
		return verdict;
	}
	default:
		return VIB_MAD_PASS;
	}
}

} // namespace vib
