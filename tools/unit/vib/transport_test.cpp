// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Datagrams on the wire, byte for byte, and who may receive them.

#include "core/rc_wire.hpp"
#include "core/transport.hpp"
#include "fixture.hpp"

namespace unit {
namespace {

class TransportTest : public FabricTest {
protected:
	void SetUp() override
	{
		make(2);
		bring_up();
		av_.dlid = lid_of(1);
		send_.av = &av_;
		send_.qp = &qp_;
		send_.dest_qpn = 0x49;
		send_.remote_qkey = 0x0b1b;
		send_.psn = 0x123456;
	}

	void make_group()
	{
		av_.has_grh = true;
		av_.dlid = 0xc001;
		send_.dest_qpn = 0xffffff;
		const u8 mgid[] = {0xff, 0x12, 0x40, 0x1b, 0xff, 0xff, 0,    0,
				   0,	 0,    0,    0,	   0xff, 0xff, 0xff, 0xff};
		__builtin_memcpy(av_.dgid, mgid, sizeof(mgid));
	}

	int arrive(const Bytes &wire, u32 hca = 1)
	{
		return vib_port_receive(fabric(), hca, wire.data(), static_cast<u32>(wire.size()),
					&rx_);
	}

	int accept(const vib_qp_attr &qp, u32 hca = 1)
	{
		return vib_qp_receive(fabric(), hca, &qp, &rx_);
	}

	vib_av av_{};
	vib_qp_attr qp_{.qpn = 0x48,
			.qkey = 0xd0d0,
			.pkey_index = 0,
			.kind = VIB_QP_UD,
			.can_receive = true};
	vib_send send_{};
	vib_rx rx_{};
};

TEST_F(TransportTest, LocalHeaders)
{
	av_.sl = 3;
	const Bytes wire = build(0, send_, {0xaa, 0xbb, 0xcc, 0xdd, 0xee});
	EXPECT_EQ(to_hex(wire.data(), wire.size()), "00320002000a0001"
						    "6430ffff0000004900123456"
						    "00000b1b00000048"
						    "aabbccddee000000"
						    "00000000");
}

TEST_F(TransportTest, GlobalHeadersAndImmediate)
{
	make_group();
	av_.traffic_class = 0xab;
	av_.flow_label = 0xfcdef;
	av_.hop_limit = 0x40;
	send_.has_imm = true;
	send_.solicited = true;
	const u8 imm[] = {1, 2, 3, 4};
	__builtin_memcpy(&send_.imm, imm, sizeof(imm));
	const Bytes wire = build(0, send_, {0xaa, 0xbb, 0xcc, 0xdd});
	EXPECT_EQ(to_hex(wire.data(), wire.size()),
		  "0003c00100140001"
		  "6abfcdef00201b40fe800000000000000002c90300433bf1ff12401bffff000000000000ffffffff"
		  "6580ffff00ffffff00123456"
		  "00000b1b00000048"
		  "01020304"
		  "aabbccdd00000000");

	ASSERT_EQ(arrive(wire), VIB_ACCEPT);
	EXPECT_TRUE(rx_.multicast);
	EXPECT_TRUE(rx_.solicited);
	EXPECT_TRUE(rx_.has_imm);
	EXPECT_EQ(rx_.imm, send_.imm);
	EXPECT_EQ(to_hex(rx_.mgid, 16), "ff12401bffff000000000000ffffffff");
	EXPECT_EQ(to_hex(wire.data() + rx_.grh, 4), "6abfcdef");
	EXPECT_EQ(to_hex(wire.data() + rx_.payload, rx_.payload_len), "aabbccdd");
}

TEST_F(TransportTest, WhatAReceiverLearns)
{
	av_.sl = 5;
	ASSERT_EQ(arrive(build(0, send_, Bytes(7))), VIB_ACCEPT);
	EXPECT_EQ(rx_.payload_len, 7u);
	EXPECT_EQ(rx_.dest_qpn, 0x49u);
	EXPECT_EQ(rx_.src_qpn, 0x48u);
	EXPECT_EQ(rx_.slid, lid_of(0));
	EXPECT_EQ(rx_.dlid, lid_of(1));
	EXPECT_EQ(rx_.sl, 5);
	EXPECT_FALSE(rx_.has_grh);
	EXPECT_FALSE(rx_.multicast);
	EXPECT_FALSE(rx_.solicited);
	EXPECT_FALSE(rx_.has_imm);
}

TEST_F(TransportTest, EmptyPayload)
{
	ASSERT_EQ(arrive(build(0, send_, {})), VIB_ACCEPT);
	EXPECT_EQ(rx_.payload_len, 0u);
}

TEST_F(TransportTest, MtuIsTheLimit)
{
	u8 wire[VIB_HEADER_MAX];
	send_.payload_len = 2048;
	EXPECT_EQ(vib_send_build(fabric(), 0, &send_, wire).drop, VIB_ACCEPT);
	send_.payload_len = 2049;
	EXPECT_EQ(vib_send_build(fabric(), 0, &send_, wire).drop, VIB_DROP_TX_TOO_LONG);
	send_.payload_len = 0xffffffff;
	EXPECT_EQ(vib_send_build(fabric(), 0, &send_, wire).drop, VIB_DROP_TX_TOO_LONG);

	PortInfo info = hca_info(0);
	info.speed_supported_state &= 0xf0;
	info.phys_down_default = 0;
	info.mtu_sm_sl = 0x10;
	ASSERT_EQ(set_hca(0, info).status(), 0);
	send_.payload_len = 257;
	EXPECT_EQ(vib_send_build(fabric(), 0, &send_, wire).drop, VIB_DROP_TX_TOO_LONG)
		<< "NeighborMTU 256";
	EXPECT_EQ(drops(0, VIB_DROP_TX_TOO_LONG), 3u);
}

TEST_F(TransportTest, PKeysThatMatch)
{
	struct {
		u16 a, b;
		bool match;
	} const cases[] = {
		{0xffff, 0xffff, true},	 {0xffff, 0x7fff, true},  {0x7fff, 0xffff, true},
		{0x7fff, 0x7fff, false}, {0x8003, 0x8003, true},  {0x8003, 0x0003, true},
		{0x8003, 0x8004, false}, {0x8003, 0xffff, false}, {0x8000, 0x8000, false},
		{0x0000, 0x8000, false}, {0x0000, 0x0000, false},
	};
	for (const auto &c : cases)
		EXPECT_EQ(vib::pkeys_match(c.a, c.b), c.match) << std::hex << c.a << ' ' << c.b;
}

TEST_F(TransportTest, PKeyOfTheQueuePair)
{
	set_pkey(0, 5, 0x8003);
	set_pkey(1, 9, 0x0003);
	qp_.pkey_index = 5;
	ASSERT_EQ(arrive(build(0, send_, Bytes(4))), VIB_ACCEPT);
	EXPECT_EQ(rx_.pkey, 0x8003);

	vib_qp_attr receiver = qp_;
	receiver.qkey = 0x0b1b;
	receiver.pkey_index = 9;
	EXPECT_EQ(accept(receiver), VIB_ACCEPT);
	EXPECT_EQ(rx_.pkey_index, 9);
	receiver.pkey_index = 0;
	EXPECT_EQ(accept(receiver), VIB_DROP_RX_PKEY);
	receiver.pkey_index = 0xffff;
	EXPECT_EQ(accept(receiver), VIB_DROP_RX_PKEY);
	EXPECT_EQ(hca_info(1).pkey_violations.get(), 2);
	EXPECT_EQ(drops(1, VIB_DROP_RX_PKEY), 2u);
}

TEST_F(TransportTest, InvalidPKeyIsNotSent)
{
	u8 wire[VIB_HEADER_MAX];
	qp_.pkey_index = 7;
	EXPECT_EQ(vib_send_build(fabric(), 0, &send_, wire).drop, VIB_DROP_TX_PKEY);
	qp_.pkey_index = 0xffff;
	EXPECT_EQ(vib_send_build(fabric(), 0, &send_, wire).drop, VIB_DROP_TX_PKEY);
}

TEST_F(TransportTest, QKeys)
{
	vib_qp_attr receiver = qp_;
	receiver.qkey = 0x0b1b;
	ASSERT_EQ(arrive(build(0, send_, Bytes(4))), VIB_ACCEPT);
	EXPECT_EQ(accept(receiver), VIB_ACCEPT);
	receiver.qkey = 0x0b1c;
	EXPECT_EQ(accept(receiver), VIB_DROP_RX_QKEY);
	EXPECT_EQ(hca_info(1).qkey_violations.get(), 1);

	// A controlled Q_Key in the request stands for the queue pair's own.
	send_.remote_qkey = 0x80000000;
	ASSERT_EQ(arrive(build(0, send_, Bytes(4))), VIB_ACCEPT);
	EXPECT_EQ(rx_.qkey, 0xd0d0u);
}

TEST_F(TransportTest, Gsi)
{
	set_pkey(0, 3, 0x8003);
	set_pkey(1, 40, 0x8003);
	vib_qp_attr gsi{.qpn = 1,
			.qkey = GSI_QKEY,
			.pkey_index = 0,
			.kind = VIB_QP_GSI,
			.can_receive = true};
	send_.qp = &gsi;
	send_.dest_qpn = 1;
	send_.remote_qkey = GSI_QKEY;
	send_.pkey_index = 3;
	ASSERT_EQ(arrive(build(0, send_, Bytes(256))), VIB_ACCEPT);
	EXPECT_EQ(rx_.pkey, 0x8003) << "the work request's, not the queue pair's";
	EXPECT_EQ(rx_.qkey, GSI_QKEY);
	EXPECT_EQ(accept(gsi), VIB_ACCEPT) << "any entry of the table";
	EXPECT_EQ(rx_.pkey_index, 40);

	rx_.qkey = 1;
	EXPECT_EQ(accept(gsi), VIB_DROP_RX_QKEY);
	rx_.qkey = GSI_QKEY;
	rx_.pkey = 0x8004;
	EXPECT_EQ(accept(gsi), VIB_DROP_RX_PKEY);
}

TEST_F(TransportTest, QueuePairsThatDoNotReceive)
{
	qp_.can_receive = false;
	ASSERT_EQ(arrive(build(0, send_, Bytes(4))), VIB_ACCEPT);
	EXPECT_EQ(accept(qp_), VIB_DROP_RX_QP_STATE);
}

TEST_F(TransportTest, ForeignLid)
{
	EXPECT_EQ(arrive(build(0, send_, Bytes(4)), 0), VIB_DROP_RX_DLID);
	av_.dlid = PERMISSIVE;
	EXPECT_EQ(arrive(build(0, send_, Bytes(4))), VIB_DROP_RX_DLID);
}

TEST_F(TransportTest, ForeignGid)
{
	av_.has_grh = true;
	ASSERT_TRUE(vib_port_gid(fabric(), 1, 0, av_.dgid));
	ASSERT_EQ(arrive(build(0, send_, Bytes(4))), VIB_ACCEPT);
	EXPECT_TRUE(rx_.has_grh);
	EXPECT_FALSE(rx_.multicast);
	av_.dgid[15] ^= 1;
	EXPECT_EQ(arrive(build(0, send_, Bytes(4))), VIB_DROP_RX_DGID);
	ASSERT_TRUE(vib_port_gid(fabric(), 1, 0, av_.dgid));
	av_.dgid[7] ^= 1;
	EXPECT_EQ(arrive(build(0, send_, Bytes(4))), VIB_DROP_RX_DGID) << "another subnet";
	__builtin_memset(av_.dgid + 8, 0, 8);
	av_.dgid[7] ^= 1;
	EXPECT_EQ(arrive(build(0, send_, Bytes(4))), VIB_DROP_RX_DGID) << "an empty entry";
}

TEST_F(TransportTest, MulticastMustBeConsistent)
{
	make_group();
	ASSERT_EQ(arrive(build(0, send_, Bytes(4))), VIB_ACCEPT);
	av_.dgid[0] = 0xfe;
	EXPECT_EQ(arrive(build(0, send_, Bytes(4))), VIB_DROP_RX_MALFORMED) << "unicast GID";
	make_group();
	send_.dest_qpn = 0x49;
	EXPECT_EQ(arrive(build(0, send_, Bytes(4))), VIB_DROP_RX_MALFORMED) << "unicast QPN";
	make_group();
	av_.has_grh = false;
	EXPECT_EQ(arrive(build(0, send_, Bytes(4))), VIB_DROP_RX_MALFORMED) << "no GRH";
	make_group();
	av_.dlid = lid_of(1);
	EXPECT_EQ(arrive(build(0, send_, Bytes(4))), VIB_DROP_RX_MALFORMED) << "unicast LID";
}

TEST_F(TransportTest, OnlySmpsOnVl15)
{
	Bytes wire = build(0, send_, Bytes(4));
	wire[0] = 0xf0;
	EXPECT_EQ(arrive(wire), VIB_DROP_RX_MALFORMED);
	wire = build_smp(0, lid_of(1), make_smp(GET, Attribute::NODE_INFO));
	EXPECT_EQ(wire[0], 0xf0);
	wire[0] = 0;
	EXPECT_EQ(arrive(wire), VIB_DROP_RX_MALFORMED);
}

TEST_F(TransportTest, TruncatedPacketsAreRefused)
{
	make_group();
	const Bytes whole = build(0, send_, Bytes(4));
	for (std::size_t size = 0; size < whole.size(); size++) {
		// Allocated to size, so that the sanitizer sees a read beyond it.
		Bytes wire(whole.begin(), whole.begin() + static_cast<long>(size));
		wire.shrink_to_fit();
		EXPECT_EQ(arrive(wire), VIB_DROP_RX_MALFORMED) << size;
		vib_plan plan;
		vib_forward(fabric(), 0, wire.data(), static_cast<u32>(size), &plan);
		if (size < 8) {
			EXPECT_EQ(plan.drop, VIB_DROP_RX_MALFORMED) << size;
		}

		// Even if the length field agrees.
		if (size < 8 || size % 4)
			continue;
		wire[4] = 0;
		wire[5] = static_cast<u8>(size / 4);
		if (size < 8 + 40 + 12 + 8 + 4) {
			EXPECT_EQ(arrive(wire), VIB_DROP_RX_MALFORMED) << size;
		}
	}
}

TEST_F(TransportTest, GarbageIsRefused)
{
	const Bytes good = build(0, send_, Bytes(4));
	struct {
		std::size_t at;
		u8 value;
		const char *what;
	} const cases[] = {
		{1, 0x00, "raw packet"},
		{8, 0x24, "UC opcode"},
		{8, 0x15, "reserved opcode"},
		{9, 0x01, "transport version"},
	};
	for (const auto &c : cases) {
		Bytes wire = good;
		wire[c.at] = c.value;
		EXPECT_EQ(arrive(wire), VIB_DROP_RX_MALFORMED) << c.what;
	}
	make_group();
	Bytes wire = build(0, send_, Bytes(4));
	wire[8 + 6] = 17;
	EXPECT_EQ(arrive(wire), VIB_DROP_RX_MALFORMED) << "GRH without BTH";
}

TEST_F(TransportTest, DatagramsOnlyForQueuePairsOfDatagrams)
{
	Bytes wire = build(0, send_, Bytes(4));
	wire[8] = vib::rc_code(vib::RcVerb::SEND, true, true);
	ASSERT_EQ(arrive(wire), VIB_ACCEPT);
	EXPECT_TRUE(rx_.connected);
	EXPECT_EQ(accept(qp_), VIB_DROP_RX_CONNECTION);

	make_group();
	wire = build(0, send_, Bytes(4));
	wire[48] = vib::rc_code(vib::RcVerb::SEND, true, true);
	EXPECT_EQ(arrive(wire), VIB_DROP_RX_MALFORMED) << "there are no connections of groups";
}

TEST_F(TransportTest, Counters)
{
	EXPECT_EQ(vib_read_drop(fabric(), 0, VIB_DROP_COUNT), 0u);
	vib_count_drop(fabric(), 0, VIB_DROP_RX_NO_WQE);
	vib_count_drop(fabric(), 0, VIB_DROP_COUNT);
	EXPECT_EQ(drops(0, VIB_DROP_RX_NO_WQE), 1u);
	EXPECT_EQ(drops(1, VIB_DROP_RX_NO_WQE), 0u);
}

} // namespace
} // namespace unit
