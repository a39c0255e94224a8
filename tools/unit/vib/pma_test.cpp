// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The performance management agents.

#include "fixture.hpp"

namespace unit {
namespace {

using vib::wire::PerfCounters;
using vib::wire::PerfCountersExtended;
using vib::wire::PerfMad;

class PmaTest : public FabricTest {
protected:
	void SetUp() override
	{
		make(2);
		bring_up();
		clear(0);
		clear(1);
	}

	static Smp request(u8 method, Attribute attribute, u8 port)
	{
		Smp smp = make_smp(method, attribute);
		smp.header.mgmt_class = vib::wire::CLASS_PERF;
		auto mad = __builtin_bit_cast(PerfMad, smp);
		mad.data[1] = port;
		return __builtin_bit_cast(Smp, mad);
	}

	void clear(u32 hca)
	{
		ask_hca(hca, request(SET, Attribute::PERF_COUNTERS, 1));
	}

	// From HCA 0 to the switch's QP 1, as perfquery does it.
	Smp ask_switch_pma(Smp smp, u32 qkey = GSI_QKEY)
	{
		vib_av av{};
		av.dlid = SWITCH_LID;
		const vib_qp_attr gsi{.qpn = 1,
				      .qkey = GSI_QKEY,
				      .pkey_index = 0,
				      .kind = VIB_QP_GSI,
				      .can_receive = true};
		vib_send send{};
		send.av = &av;
		send.qp = &gsi;
		send.dest_qpn = 1;
		send.remote_qkey = qkey;
		const u8 *bytes = reinterpret_cast<const u8 *>(&smp);
		Bytes wire = build(0, send, Bytes(bytes, bytes + sizeof(smp)));
		vib_plan plan = forward(0, wire);
		EXPECT_TRUE(plan.to_switch);
		vib_effects effects;
		vib_switch_receive(fabric(), 0, wire.data(), static_cast<u32>(wire.size()), &plan,
				   &effects);
		if (plan.drop)
			return {};
		EXPECT_EQ(plan.hcas, 1u);
		return smp_of(wire);
	}

	template <typename T> static T data_of(const Smp &smp)
	{
		T value;
		const auto mad = __builtin_bit_cast(PerfMad, smp);
		__builtin_memcpy(&value, mad.data, sizeof(value));
		return value;
	}

	// @count empty datagrams from HCA 0 to HCA 1: 32 bytes each.
	void traffic(u32 count)
	{
		vib_av av{};
		av.dlid = lid_of(1);
		const vib_qp_attr qp{.qpn = 0x48,
				     .qkey = 1,
				     .pkey_index = 0,
				     .kind = VIB_QP_UD,
				     .can_receive = true};
		vib_send send{};
		send.av = &av;
		send.qp = &qp;
		send.dest_qpn = 0x49;
		for (u32 i = 0; i < count; i++) {
			Bytes wire = build(0, send, {});
			forward(0, wire);
			vib_rx rx;
			vib_port_receive(fabric(), 1, wire.data(), static_cast<u32>(wire.size()),
					 &rx);
		}
	}
};

TEST_F(PmaTest, CountersOfBothEnds)
{
	traffic(3);
	auto sender =
		data_of<PerfCounters>(ask_hca(0, request(GET, Attribute::PERF_COUNTERS, 1)).smp);
	EXPECT_EQ(sender.tx_packets.get(), 3u);
	EXPECT_EQ(sender.tx_words.get(), 24u);
	EXPECT_EQ(sender.rx_packets.get(), 0u);
	auto receiver =
		data_of<PerfCounters>(ask_hca(1, request(GET, Attribute::PERF_COUNTERS, 1)).smp);
	EXPECT_EQ(receiver.rx_packets.get(), 3u);
	EXPECT_EQ(receiver.rx_words.get(), 24u);
	EXPECT_EQ(receiver.tx_packets.get(), 0u);
}

TEST_F(PmaTest, SetClears)
{
	traffic(2);
	clear(0);
	traffic(1);
	const auto counters =
		data_of<PerfCounters>(ask_hca(0, request(GET, Attribute::PERF_COUNTERS, 1)).smp);
	EXPECT_EQ(counters.tx_packets.get(), 1u);
}

TEST_F(PmaTest, SwitchPortsMirrorTheirHcas)
{
	ask_switch_pma(request(SET, Attribute::PERF_COUNTERS_EXTENDED, 0xff));
	traffic(5);
	const auto to = data_of<PerfCountersExtended>(
		ask_switch_pma(request(GET, Attribute::PERF_COUNTERS_EXTENDED, 2)));
	EXPECT_EQ(to.port_select, 2);
	EXPECT_EQ(to.tx_packets.get(), 5u);
	EXPECT_EQ(to.rx_packets.get(), 0u);
	EXPECT_EQ(to.tx_words.get(), 40u);
	EXPECT_EQ(to.rx_words.get(), 0u);
	const auto all = data_of<PerfCountersExtended>(
		ask_switch_pma(request(GET, Attribute::PERF_COUNTERS_EXTENDED, 0xff)));
	EXPECT_EQ(all.tx_packets.get(), 5u);
	EXPECT_EQ(all.rx_packets.get(), 5u + 2u) << "and these two requests";
}

TEST_F(PmaTest, ClassPortInfo)
{
	const auto info = data_of<vib::wire::ClassPortInfo>(
		ask_hca(0, request(GET, Attribute::CLASS_PORT_INFO, 0)).smp);
	EXPECT_EQ(info.base_version, 1);
	EXPECT_EQ(info.cap_mask.get(), 0x0300);
}

TEST_F(PmaTest, Refusals)
{
	EXPECT_EQ(ask_hca(0, request(GET, Attribute::PERF_COUNTERS, 2)).status(), 0x1c);
	EXPECT_EQ(ask_hca(0, request(GET, Attribute::PERF_COUNTERS, 0)).status(), 0x1c);
	EXPECT_EQ(ask_hca(0, request(GET, Attribute{0x77}, 1)).status(), 0x0c);
	EXPECT_EQ(ask_hca(0, request(0x81, Attribute::PERF_COUNTERS, 1)).verdict, VIB_MAD_PASS);
	ask_switch_pma(request(GET, Attribute::PERF_COUNTERS, 1), 0x1234);
	EXPECT_EQ(drops(0, VIB_DROP_RX_QKEY), 1u);
}

} // namespace
} // namespace unit
