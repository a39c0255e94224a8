// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Performance management agent: traffic counters. There are no link errors to count here.

#include "sma.hpp"

namespace vib {

using wire::Attribute;
using wire::PerfMad;

namespace {

constexpr u8 ALL_PORTS = 0xff;
constexpr u16 CAP_ALL_PORT_SELECT = 1 << 8;
constexpr u16 CAP_EXTENDED_WIDTH = 1 << 9;
constexpr u8 COUNTERS_OFFSET_SELECT = 1; // PortSelect lies here in every counter attribute

struct Traffic {
	u64 values[VIB_COUNTER_COUNT];
};

// A switch port sends what its HCA receives and receives what it sends.
constexpr u32 mirrored(u32 counter)
{
	switch (counter) {
	case VIB_TX_PACKETS:
		return VIB_RX_PACKETS;
	case VIB_TX_WORDS:
		return VIB_RX_WORDS;
	case VIB_RX_PACKETS:
		return VIB_TX_PACKETS;
	default:
		return VIB_TX_WORDS;
	}
}

u64 raw(Fabric &fabric, NodeRef node, u32 number, u32 counter)
{
	if (!node.is_switch)
		return fabric.hca[node.hca].port.counters[counter].load();
	if (!number)
		return 0;
	if (number > fabric.hcas)
		return fabric.sw.ports[number].counters[counter].load();
	return fabric.hca[number - 1].port.counters[mirrored(counter)].load();
}

class Selection {
public:
	Selection(Fabric &fabric, NodeRef node, u8 select)
		: fabric_(fabric), node_(node), first_(select == ALL_PORTS ? 1u : select)
	{
		const u32 last = fabric.num_ports(node);
		last_ = select == ALL_PORTS ? last : select;
		valid_ = last_ <= last && (first_ || node.is_switch);
	}

	bool is_valid() const
	{
		return valid_;
	}

	Traffic read()
	{
		Traffic sum{};
		for (u32 number = first_; number <= last_; number++)
			for (u32 i = 0; i < VIB_COUNTER_COUNT; i++)
				sum.values[i] += raw(fabric_, node_, number, i) -
						 fabric_.port(node_, number)->cleared[i];
		return sum;
	}

	void clear()
	{
		for (u32 number = first_; number <= last_; number++)
			for (u32 i = 0; i < VIB_COUNTER_COUNT; i++)
				fabric_.port(node_, number)->cleared[i] =
					raw(fabric_, node_, number, i);
	}

private:
	Fabric &fabric_;
	NodeRef node_;
	u32 first_;
	u32 last_;
	bool valid_;
};

// The 32-bit counters stop at their end, they do not wrap (IBA 16.1.3.5).
wire::Be32 saturated(u64 value)
{
	return wire::Be32::from(value > 0xffffffff ? 0xffffffff : static_cast<u32>(value));
}

void fill(PerfMad &mad, const Traffic &traffic, bool extended)
{
	const u64 *v = traffic.values;

	if (extended) {
		wire::PerfCountersExtended out{};
		out.port_select = mad.data[COUNTERS_OFFSET_SELECT];
		out.tx_words = wire::Be64::from(v[VIB_TX_WORDS]);
		out.rx_words = wire::Be64::from(v[VIB_RX_WORDS]);
		out.tx_packets = wire::Be64::from(v[VIB_TX_PACKETS]);
		out.rx_packets = wire::Be64::from(v[VIB_RX_PACKETS]);
		__builtin_memcpy(mad.data, &out, sizeof(out));
		return;
	}
	wire::PerfCounters out{};
	out.port_select = mad.data[COUNTERS_OFFSET_SELECT];
	out.tx_words = saturated(v[VIB_TX_WORDS]);
	out.rx_words = saturated(v[VIB_RX_WORDS]);
	out.tx_packets = saturated(v[VIB_TX_PACKETS]);
	out.rx_packets = saturated(v[VIB_RX_PACKETS]);
	__builtin_memcpy(mad.data, &out, sizeof(out));
}

u16 class_port_info(PerfMad &mad)
{
	wire::ClassPortInfo info{};
	info.base_version = 1;
	info.class_version = 1;
	info.cap_mask = wire::Be16::from(CAP_ALL_PORT_SELECT | CAP_EXTENDED_WIDTH);
	info.cap_mask2_response_time = wire::Be32::from(16);
	__builtin_memcpy(mad.data, &info, sizeof(info));
	return wire::STATUS_OK;
}

u16 execute(Fabric &fabric, NodeRef node, PerfMad &mad, bool is_set)
{
	const auto attribute = static_cast<Attribute>(mad.header.attribute.get());

	if (mad.header.base_version != 1 || mad.header.class_version != 1)
		return wire::STATUS_BAD_VERSION;
	if (attribute == Attribute::CLASS_PORT_INFO)
		return class_port_info(mad);
	if (attribute != Attribute::PERF_COUNTERS && attribute != Attribute::PERF_COUNTERS_EXTENDED)
		return wire::STATUS_BAD_ATTRIBUTE;

	Selection ports(fabric, node, mad.data[COUNTERS_OFFSET_SELECT]);
	if (!ports.is_valid())
		return wire::STATUS_BAD_VALUE;
	if (is_set)
		ports.clear();
	fill(mad, ports.read(), attribute == Attribute::PERF_COUNTERS_EXTENDED);
	return wire::STATUS_OK;
}

} // namespace

vib_mad_verdict answer_perf(Fabric &fabric, NodeRef node, PerfMad &mad)
{
	const bool is_set = mad.header.method == wire::METHOD_SET;

	if (!is_set && mad.header.method != wire::METHOD_GET)
		return VIB_MAD_PASS;
	mad.header.status = wire::Be16::from(execute(fabric, node, mad, is_set));
	mad.header.method = wire::METHOD_GET_RESP;
	return VIB_MAD_REPLY;
}

} // namespace vib
