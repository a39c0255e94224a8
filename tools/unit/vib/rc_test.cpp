// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Reliable connections over a link that does nothing wrong: messages, their packets byte for
// byte, and the limits that a sender keeps.

#include "rc_fixture.hpp"

#include "core/rc_wire.hpp"

namespace unit {
namespace {

using vib::Psn;

TEST(RcWire, PsnsWrap)
{
	EXPECT_EQ((Psn{0xffffff} + 1).value, 0u);
	EXPECT_EQ((Psn{5} + 0xffffff).value, 4u);
	EXPECT_EQ(Psn{0} - Psn{0xffffff}, 1);
	EXPECT_EQ(Psn{0xffffff} - Psn{0}, -1);
	EXPECT_EQ(Psn{0x7fffff} - Psn{0}, 0x7fffff);
	EXPECT_EQ(Psn{0x800000} - Psn{0}, -0x800000);
}

TEST(RcWire, Opcodes)
{
	for (unsigned code = 0; code < 256; code++)
		EXPECT_EQ(!!vib::rc_opcode(static_cast<u8>(code)), code < 0x18 && code != 0x15)
			<< code;
	EXPECT_EQ(vib::rc_code(vib::RcVerb::SEND, true, false), 0x00);
	EXPECT_EQ(vib::rc_code(vib::RcVerb::SEND, false, true, true), 0x03);
	EXPECT_EQ(vib::rc_code(vib::RcVerb::SEND, false, true, false, true), 0x16);
	EXPECT_EQ(vib::rc_code(vib::RcVerb::SEND, true, true, false, true), 0x17);
	EXPECT_EQ(vib::rc_code(vib::RcVerb::WRITE, false, false), 0x07);
	EXPECT_EQ(vib::rc_code(vib::RcVerb::WRITE, true, true, true), 0x0b);
	EXPECT_EQ(vib::rc_code(vib::RcVerb::READ_RESPONSE, false, false), 0x0e);
	EXPECT_EQ(vib::rc_code(vib::RcVerb::READ_RESPONSE, false, true), 0x0f);
	EXPECT_EQ(vib::rc_code(vib::RcVerb::READ_RESPONSE, true, true), 0x10);
}

TEST(RcWire, RnrTimers)
{
	EXPECT_EQ(vib::rnr_delay_ns(0), 655360000u);
	EXPECT_EQ(vib::rnr_delay_ns(1), 10000u);
	EXPECT_EQ(vib::rnr_delay_ns(12), 640000u);
	EXPECT_EQ(vib::rnr_delay_ns(31), 491520000u);
}

TEST(RcWire, Credits)
{
	EXPECT_EQ(vib::credit_code(0), 0);
	EXPECT_EQ(vib::credit_code(1), 1);
	EXPECT_EQ(vib::credit_code(5), 4);
	EXPECT_EQ(vib::credit_code(256), 16);
	EXPECT_EQ(vib::credit_code(1000000), 30);
	for (u32 count = 0; count < 40000; count++)
		ASSERT_LE(vib::credits_of(vib::credit_code(count)), count);
}

TEST_F(RcTest, SendOnly)
{
	connect();
	b.provide(1, 100);
	a.send({0xaa, 0xbb, 0xcc, 0xdd, 0xee}, VIB_RC_SOLICITED);
	ASSERT_TRUE(transmit(0));
	EXPECT_EQ(to_hex(link[0].wire.data(), link[0].wire.size()), "0002000200080001"
								    "04b0ffff0000006080fffffe"
								    "aabbccddee000000"
								    "00000000");
	EXPECT_FALSE(transmit(0));
	ASSERT_TRUE(deliver());
	ASSERT_EQ(b.received.size(), 1u);
	EXPECT_EQ(b.received[0].data, (Bytes{0xaa, 0xbb, 0xcc, 0xdd, 0xee}));
	EXPECT_EQ(b.received[0].how.flags, VIB_RC_SOLICITED);
	EXPECT_TRUE(a.done.empty()) << "before the ACK";

	ASSERT_TRUE(transmit(1));
	EXPECT_EQ(to_hex(link[0].wire.data(), link[0].wire.size()), "0002000100070002"
								    "1100ffff0000005000fffffe"
								    "00000001"
								    "00000000");
	ASSERT_TRUE(deliver());
	EXPECT_EQ(a.done, (std::vector<Completion>{{0, VIB_RC_OK}}));
	EXPECT_EQ(vib_rc_deadline(a.rc()), VIB_RC_NO_DEADLINE);
}

TEST_F(RcTest, HeadersOfRequests)
{
	connect();
	vib_rc_attr attr = a.attr;
	attr.av.has_grh = true;
	attr.av.hop_limit = 1;
	ASSERT_TRUE(vib_port_gid(fabric(), 1, 0, attr.av.dgid));
	a.set(attr);
	b.provide(1, 100);
	const u8 bytes[] = {1, 2, 3, 4};
	u32 imm;
	__builtin_memcpy(&imm, bytes, sizeof(imm));
	a.write(16, {9, 8, 7, 6}, VIB_RC_IMM, imm);
	ASSERT_TRUE(transmit(0));
	EXPECT_EQ(to_hex(link[0].wire.data() + 8, 8), "6000000000281b01");
	EXPECT_EQ(to_hex(link[0].wire.data() + 48, link[0].wire.size() - 48),
		  "0b00ffff0000006080fffffe"
		  "0000000000007010"
		  "0000123400000004"
		  "01020304"
		  "0908070600000000");
	ASSERT_TRUE(deliver());
	EXPECT_EQ(to_hex(b.memory.data() + 16, 4), "09080706");
	ASSERT_EQ(b.received.size(), 1u);
	EXPECT_TRUE(b.received[0].how.is_write);
	EXPECT_EQ(b.received[0].how.byte_len, 4u);
	EXPECT_EQ(b.received[0].how.imm, imm);

	a.set([&] {
		attr.av.has_grh = false;
		return attr;
	}());
	a.swap(8, 1, 0x1122334455667788);
	ASSERT_TRUE(transmit(0));
	EXPECT_EQ(to_hex(link[0].wire.data() + 8, link[0].wire.size() - 8),
		  "1300ffff0000006000ffffff"
		  "000000000000700800001234"
		  "11223344556677880000000000000001"
		  "00000000");
	ASSERT_TRUE(deliver());
	a.read(0, 600);
	ASSERT_TRUE(transmit(0));
	EXPECT_EQ(to_hex(link[0].wire.data() + 8, link[0].wire.size() - 8),
		  "0c00ffff0000006000000000"
		  "00000000000070000000123400000258"
		  "00000000");
}

TEST_F(RcTest, SizesAroundTheMtu)
{
	connect();
	for (u32 size : {0u, 1u, 255u, 256u, 257u, 511u, 512u, 513u, 5000u}) {
		const std::size_t before = b.received.size();
		const Bytes data = pattern(size);
		b.provide(1, 5000);
		a.send(data);
		run();
		ASSERT_EQ(b.received.size(), before + 1) << size;
		EXPECT_EQ(b.received.back().data, data) << size;

		a.write(0, data);
		const u32 seq = a.read(0, size);
		run();
		EXPECT_EQ(a.requests[seq], data) << size;
	}
	EXPECT_EQ(a.done.size(), 27u);
	EXPECT_FALSE(a.broken);
}

TEST_F(RcTest, PacketsOfAMessage)
{
	connect();
	b.provide(2, 1000);
	std::vector<u8> opcodes;
	filter = [&](u32 from, const Bytes &wire) {
		if (!from)
			opcodes.push_back(opcode_of(wire));
		return true;
	};
	a.send(pattern(600), VIB_RC_IMM);
	a.write(0, pattern(600));
	run();
	EXPECT_EQ(opcodes, (std::vector<u8>{0, 1, 3, 6, 7, 8}));
	EXPECT_EQ(b.received[0].how.flags, VIB_RC_IMM);
	EXPECT_EQ(b.received[0].how.byte_len, 600u);
}

TEST_F(RcTest, AcksAreCoalesced)
{
	connect();
	b.provide(10, 1000);
	for (int i = 0; i < 10; i++)
		a.send(pattern(300));
	while (transmit(0))
		;
	while (deliver())
		;
	ASSERT_TRUE(transmit(1));
	EXPECT_FALSE(transmit(1)) << "one ACK for all";
	ASSERT_TRUE(deliver());
	EXPECT_EQ(a.done.size(), 10u);
}

TEST_F(RcTest, Atomics)
{
	connect();
	a.atomic(8, 5);
	a.atomic(8, 7);
	a.swap(8, 12, 100);
	a.swap(8, 12, 200);
	run();
	EXPECT_EQ(b.word(8), 100u);
	const u64 expected[] = {0, 5, 12, 100};
	for (u32 seq = 0; seq < 4; seq++) {
		u64 old;
		__builtin_memcpy(&old, a.requests[seq].data(), sizeof(old));
		EXPECT_EQ(old, expected[seq]) << seq;
		EXPECT_EQ(a.done[seq].status, VIB_RC_OK);
	}
}

TEST_F(RcTest, ReadsUnderWayAreLimited)
{
	a.attr.max_rd_atomic = 2;
	connect();
	for (int i = 0; i < 5; i++)
		a.read(0, 300);
	EXPECT_TRUE(transmit(0));
	EXPECT_TRUE(transmit(0));
	EXPECT_FALSE(transmit(0));
	run();
	EXPECT_EQ(a.done.size(), 5u);
}

TEST_F(RcTest, AFenceWaitsForReads)
{
	connect();
	a.read(0, 10);
	a.write(0, pattern(10), VIB_RC_FENCE);
	EXPECT_TRUE(transmit(0));
	EXPECT_FALSE(transmit(0));
	run();
	EXPECT_EQ(a.done.size(), 2u);
	EXPECT_EQ(a.requests[0], Bytes(10)) << "it read what was there before";
}

TEST_F(RcTest, TheWindowIsLimited)
{
	connect();
	a.write(0, pattern(60000));
	a.write(0, pattern(60000));
	u32 sent = 0;
	while (transmit(0))
		sent++;
	EXPECT_EQ(sent, 256u);
	EXPECT_TRUE(link.back().wire[8 + 8] & 0x80) << "the last one asks for an ACK";
	run();
	EXPECT_EQ(a.done.size(), 2u);
}

TEST_F(RcTest, CreditsLimitASender)
{
	connect();
	b.provide(1, 100);
	a.send(pattern(1));
	run();
	b.provide(1, 100);
	a.send(pattern(1));
	a.send(pattern(1));
	settle();
	EXPECT_EQ(b.received.size(), 2u);
	EXPECT_EQ(b.buffers.size(), 0u);
	EXPECT_FALSE(transmit(0)) << "there is no buffer for the third";
	b.provide(1, 100);
	settle();
	EXPECT_EQ(b.received.size(), 3u) << "as soon as there is one";
	EXPECT_EQ(a.done.size(), 3u);
}

TEST_F(RcTest, WithoutCreditOnePacketMayTry)
{
	connect();
	b.provide(1, 2000);
	a.send(pattern(1));
	settle();
	filter = [](u32 from, const Bytes &) { return from == 0; };
	b.provide(1, 2000); // and the news of it gets lost
	const Bytes data = pattern(1000);
	a.send(data);
	settle();
	EXPECT_EQ(b.received.size(), 1u);
	filter = nullptr;
	ASSERT_TRUE(pass_time());
	ASSERT_TRUE(transmit(0));
	EXPECT_FALSE(transmit(0));
	EXPECT_TRUE(link.back().wire[8 + 8] & 0x80) << "asks for an ACK";
	EXPECT_EQ(vib_rc_deadline(a.rc()), now + (u64{4096} << 14));
	settle();
	ASSERT_EQ(b.received.size(), 2u);
	EXPECT_EQ(b.received[1].data, data);
	EXPECT_FALSE(a.broken);
}

TEST_F(RcTest, SharedBuffersHaveNoCredits)
{
	b.is_shared = true;
	connect();
	b.provide(1, 100);
	a.send(pattern(1));
	run();
	a.send(pattern(1));
	EXPECT_TRUE(transmit(0));
	ASSERT_TRUE(deliver());
	ASSERT_TRUE(transmit(1));
	EXPECT_EQ(syndrome_of(link[0].wire), 0x2c) << "RNR NAK, timer 12";
}

TEST_F(RcTest, SendWithInvalidate)
{
	connect();
	b.provide(1, 300);
	a.send(pattern(300), VIB_RC_INVALIDATE, RKEY_THAT_MAY_GO);
	run();
	EXPECT_EQ(b.invalidated, std::vector<u32>{RKEY_THAT_MAY_GO});
	ASSERT_EQ(b.received.size(), 1u);
	EXPECT_EQ(b.received[0].how.imm, RKEY_THAT_MAY_GO);
	EXPECT_EQ(b.received[0].how.flags, VIB_RC_INVALIDATE);
}

TEST_F(RcTest, LocalRequestsKeepTheirPlace)
{
	connect();
	b.provide(2, 100);
	vib_rc_request local{};
	local.verb = VIB_RC_LOCAL;
	a.send(pattern(1));
	const u32 seq = a.post(local);
	a.send(pattern(1));
	while (transmit(0))
		;
	EXPECT_EQ(a.locals, std::vector<u32>{seq});
	EXPECT_TRUE(a.done.empty()) << "completions are in order";
	run();
	EXPECT_EQ(a.done.size(), 3u);
}

TEST_F(RcTest, Draining)
{
	connect();
	b.provide(3, 1000);
	a.send(pattern(600));
	a.send(pattern(600));
	ASSERT_TRUE(transmit(0));
	vib_rc_attr attr = a.attr;
	attr.draining = true;
	a.set(attr);
	EXPECT_EQ(a.drained, 0u);
	run();
	EXPECT_EQ(b.received.size(), 1u) << "what was begun is finished";
	EXPECT_EQ(a.drained, 1u);
	attr.draining = false;
	a.set(attr);
	run();
	EXPECT_EQ(b.received.size(), 2u);
	EXPECT_EQ(a.drained, 1u);
}

} // namespace
} // namespace unit
