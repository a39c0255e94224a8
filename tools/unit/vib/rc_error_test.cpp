// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Reliable connections when something is wrong: who is told what, and what is done again.

#include "rc_fixture.hpp"

namespace unit {
namespace {

class RcErrorTest : public RcTest {
protected:
	void SetUp() override
	{
		RcTest::SetUp();
		connect();
	}

	// The first request fails with @status, the rest is flushed.
	void expect_broken(int status)
	{
		ASSERT_EQ(a.done.size(), a.requests.size());
		EXPECT_EQ(a.done[0].status, status);
		for (std::size_t i = 1; i < a.done.size(); i++)
			EXPECT_EQ(a.done[i].status, VIB_RC_FLUSHED);
		EXPECT_EQ(a.broken, std::optional<int>(VIB_RC_NO_EVENT));
		EXPECT_EQ(vib_rc_deadline(a.rc()), VIB_RC_NO_DEADLINE);
	}

	// Lose the first @count packets with this opcode.
	void lose(u8 opcode, u32 count = 1)
	{
		filter = [=](u32, const Bytes &wire) mutable {
			return opcode_of(wire) != opcode || !count || !count--;
		};
	}

	void set_b(auto change)
	{
		vib_rc_attr attr = b.attr;
		change(attr);
		b.set(attr);
	}

	void set_a(auto change)
	{
		vib_rc_attr attr = a.attr;
		change(attr);
		a.set(attr);
	}

	// A packet of nobody's state machine, to B.
	void forge(Bytes wire, u8 opcode, u32 psn)
	{
		wire[8] = opcode;
		wire[17] = static_cast<u8>(psn >> 16);
		wire[18] = static_cast<u8>(psn >> 8);
		wire[19] = static_cast<u8>(psn);
		link.push_back({0, wire});
		ASSERT_TRUE(deliver());
	}

	// A packet of @a that is not sent.
	Bytes template_of(u32 size)
	{
		a.send(pattern(size));
		EXPECT_TRUE(transmit(0));
		Bytes wire = link.back().wire;
		link.pop_back();
		return wire;
	}
};

TEST_F(RcErrorTest, WriteToForeignMemory)
{
	a.write(b.memory.size() - 5, pattern(6));
	a.write(0, pattern(6));
	run();
	expect_broken(VIB_RC_REMOTE_ACCESS);
	EXPECT_EQ(b.broken, std::optional<int>(VIB_RC_ACCESS_ERROR));
	EXPECT_EQ(b.memory, Bytes(b.memory.size()));
}

TEST_F(RcErrorTest, LengthZeroNeedsNoMemory)
{
	vib_rc_request request{};
	request.verb = VIB_RC_WRITE;
	a.post(request);
	request.verb = VIB_RC_READ;
	a.post(request);
	run();
	EXPECT_EQ(a.done, (std::vector<Completion>{{0, VIB_RC_OK}, {1, VIB_RC_OK}}));
}

TEST_F(RcErrorTest, ReadOfForeignMemory)
{
	b.memory_access = VIB_ACCESS_WRITE;
	a.read(0, 10);
	run();
	expect_broken(VIB_RC_REMOTE_ACCESS);
	EXPECT_EQ(b.broken, std::optional<int>(VIB_RC_ACCESS_ERROR));
}

TEST_F(RcErrorTest, MemoryThatVanishesDuringARead)
{
	a.read(0, 1000);
	ASSERT_TRUE(transmit(0));
	ASSERT_TRUE(deliver());
	ASSERT_TRUE(transmit(1));
	b.memory_access = 0;
	run();
	expect_broken(VIB_RC_REMOTE_ACCESS);
	EXPECT_EQ(b.broken, std::optional<int>(VIB_RC_ACCESS_ERROR));
}

TEST_F(RcErrorTest, AtomicsOnForeignMemory)
{
	b.memory_access = VIB_ACCESS_WRITE | VIB_ACCESS_READ;
	a.atomic(0, 1);
	run();
	expect_broken(VIB_RC_REMOTE_ACCESS);
	EXPECT_EQ(b.word(0), 0u);
}

TEST_F(RcErrorTest, AtomicsAreAligned)
{
	a.atomic(4, 1);
	run();
	expect_broken(VIB_RC_REMOTE_INVALID_REQUEST);
}

TEST_F(RcErrorTest, WhatTheQueuePairDoesNotAllow)
{
	const u8 all = VIB_ACCESS_WRITE | VIB_ACCESS_READ | VIB_ACCESS_ATOMIC;
	struct {
		u8 without;
		std::function<void()> request;
	} const cases[] = {
		{VIB_ACCESS_WRITE, [&] { a.write(0, pattern(1)); }},
		{VIB_ACCESS_READ, [&] { a.read(0, 1); }},
		{VIB_ACCESS_ATOMIC, [&] { a.atomic(0, 1); }},
	};
	for (const auto &c : cases) {
		a = End();
		b = End();
		SetUp();
		set_b([&](vib_rc_attr &attr) { attr.access = all & ~c.without; });
		c.request();
		run();
		expect_broken(VIB_RC_REMOTE_INVALID_REQUEST);
		EXPECT_EQ(b.broken, std::optional<int>(VIB_RC_REQUEST_ERROR)) << int(c.without);
	}
}

TEST_F(RcErrorTest, BufferTooShort)
{
	b.provide(1, 299);
	a.send(pattern(300));
	a.send(pattern(1));
	run();
	expect_broken(VIB_RC_REMOTE_INVALID_REQUEST);
	ASSERT_EQ(b.received.size(), 1u);
	EXPECT_EQ(b.received[0].how.status, VIB_RC_LOCAL_LENGTH);
	EXPECT_EQ(b.broken, std::optional<int>(VIB_RC_NO_EVENT)) << "the completion says it";
}

TEST_F(RcErrorTest, KeyThatMustStay)
{
	b.provide(1, 300);
	a.send(pattern(1), VIB_RC_INVALIDATE, 1);
	run();
	expect_broken(VIB_RC_REMOTE_ACCESS);
	ASSERT_EQ(b.received.size(), 1u);
	EXPECT_EQ(b.received[0].how.status, VIB_RC_FLUSHED);
}

TEST_F(RcErrorTest, TooManyReads)
{
	set_b([](vib_rc_attr &attr) { attr.max_dest_rd_atomic = 2; });
	for (int i = 0; i < 3; i++) {
		a.read(0, 10);
		ASSERT_TRUE(transmit(0));
		ASSERT_TRUE(deliver());
	}
	run();
	ASSERT_EQ(a.done.size(), 3u);
	EXPECT_EQ(a.done[1].status, VIB_RC_OK);
	EXPECT_EQ(a.done[2].status, VIB_RC_REMOTE_INVALID_REQUEST);
}

TEST_F(RcErrorTest, LocalMemory)
{
	b.provide(2, 300);
	a.send(pattern(1));
	ASSERT_TRUE(transmit(0));
	a.send(pattern(1));
	a.has_local_memory = false;
	run();
	EXPECT_EQ(a.done, (std::vector<Completion>{{0, VIB_RC_OK}, {1, VIB_RC_LOCAL_PROTECTION}}));
	EXPECT_EQ(a.broken, std::optional<int>(VIB_RC_NO_EVENT));
}

TEST_F(RcErrorTest, LocalMemoryOfARead)
{
	a.has_local_memory = false;
	a.read(0, 1);
	run();
	expect_broken(VIB_RC_LOCAL_PROTECTION);
}

TEST_F(RcErrorTest, LocalRequestThatFails)
{
	b.provide(1, 300);
	vib_rc_request local{};
	local.verb = VIB_RC_LOCAL;
	a.send(pattern(1));
	ASSERT_TRUE(transmit(0));
	a.has_local_memory = false;
	a.post(local);
	a.send(pattern(1));
	run();
	EXPECT_EQ(a.done,
		  (std::vector<Completion>{
			  {0, VIB_RC_OK}, {1, VIB_RC_LOCAL_OPERATION}, {2, VIB_RC_FLUSHED}}));
	EXPECT_EQ(a.locals.size(), 1u);
}

TEST_F(RcErrorTest, NobodyAnswers)
{
	filter = [](u32, const Bytes &) { return false; };
	a.send(pattern(1));
	a.send(pattern(1));
	run();
	expect_broken(VIB_RC_RETRIES_EXCEEDED);
	EXPECT_EQ(packets, 16u) << "once and seven times more";
	EXPECT_EQ(now, 1 + 8 * (u64{4096} << 14));
}

TEST_F(RcErrorTest, WithoutATimeoutNothingIsSentAgain)
{
	set_a([](vib_rc_attr &attr) { attr.timeout = 0; });
	filter = [](u32, const Bytes &) { return false; };
	a.send(pattern(1));
	run();
	EXPECT_EQ(packets, 1u);
	EXPECT_TRUE(a.done.empty());
}

TEST_F(RcErrorTest, ReceiverNotReady)
{
	set_a([](vib_rc_attr &attr) { attr.rnr_retry = 2; });
	a.send(pattern(300));
	settle();
	EXPECT_EQ(vib_rc_deadline(a.rc()), now + 640000);
	b.provide(1, 300);
	const u64 before = packets;
	settle();
	EXPECT_EQ(packets, before) << "not before the time that was told";
	run();
	EXPECT_EQ(a.done, (std::vector<Completion>{{0, VIB_RC_OK}}));
	EXPECT_EQ(b.received.size(), 1u);
}

TEST_F(RcErrorTest, ReceiverNeverReady)
{
	set_a([](vib_rc_attr &attr) { attr.rnr_retry = 2; });
	a.send(pattern(1));
	run();
	expect_broken(VIB_RC_RNR_RETRIES_EXCEEDED);
	EXPECT_EQ(now, 1 + 2 * 640000);
}

TEST_F(RcErrorTest, ReceiverNotReadyForImmediateData)
{
	a.write(0, pattern(700), VIB_RC_IMM, 7);
	settle();
	EXPECT_TRUE(b.received.empty());
	b.provide(1, 0);
	run();
	ASSERT_EQ(b.received.size(), 1u);
	EXPECT_EQ(b.received[0].how.byte_len, 700u);
	EXPECT_EQ(Bytes(b.memory.begin(), b.memory.begin() + 700), a.requests[0]);
}

TEST_F(RcErrorTest, ForeverNotReady)
{
	a.send(pattern(1));
	for (int i = 0; i < 100; i++) {
		settle();
		ASSERT_TRUE(pass_time());
	}
	EXPECT_TRUE(a.done.empty());
	b.provide(1, 1);
	run();
	EXPECT_EQ(a.done.size(), 1u);
}

TEST_F(RcErrorTest, ALostPacketIsNakedOnce)
{
	b.provide(1, 2000);
	lose(0x01, 1);
	const Bytes data = pattern(1500);
	a.send(data);
	u32 naks = 0;
	auto loser = filter;
	filter = [&](u32 from, const Bytes &wire) {
		naks += from == 1 && syndrome_of(wire) == 0x60;
		return loser(from, wire);
	};
	settle();
	EXPECT_EQ(naks, 1u);
	ASSERT_EQ(b.received.size(), 1u) << "without waiting for a timeout";
	EXPECT_EQ(b.received[0].data, data);
}

TEST_F(RcErrorTest, EachLossIsNaked)
{
	b.provide(1, 3000);
	u32 count = 0;
	filter = [&](u32 from, const Bytes &) { return from || (++count != 3 && count != 14); };
	a.send(pattern(2600));
	settle();
	EXPECT_EQ(a.done.size(), 1u) << "without waiting for a timeout";
}

TEST_F(RcErrorTest, ANakThatIsNotDueAnyMoreIsNotSent)
{
	b.provide(2, 100);
	a.send(pattern(1));
	a.send(pattern(1));
	while (transmit(0))
		;
	std::swap(link[0], link[1]);
	while (deliver())
		;
	ASSERT_TRUE(transmit(1));
	EXPECT_EQ(syndrome_of(link[0].wire) >> 5, 0) << "an ACK";
}

TEST_F(RcErrorTest, AnRnrNakIsAnAnswer)
{
	u32 count = 0;
	filter = [&](u32 from, const Bytes &) { return !from || ++count % 2; };
	a.send(pattern(1));
	for (int i = 0; i < 40; i++) {
		settle();
		ASSERT_TRUE(pass_time());
	}
	b.provide(1, 1);
	run();
	EXPECT_EQ(a.done, (std::vector<Completion>{{0, VIB_RC_OK}}));
}

TEST_F(RcErrorTest, OldNewsOfCreditsAreIgnored)
{
	b.provide(1, 100);
	a.send(pattern(1));
	while (transmit(0))
		;
	ASSERT_TRUE(deliver());
	ASSERT_TRUE(transmit(1));
	const Flight old = link[0]; // no credit
	b.provide(2, 100);
	run();
	link.push_back(old);
	ASSERT_TRUE(deliver());
	a.send(pattern(1));
	EXPECT_TRUE(transmit(0)) << "there is a buffer for it";
}

TEST_F(RcErrorTest, ARepeatedReadTakesNoRoom)
{
	set_b([](vib_rc_attr &attr) { attr.max_dest_rd_atomic = 2; });
	a.read(0, 8);
	ASSERT_TRUE(transmit(0));
	const Flight first = link[0];
	a.read(0, 8);
	run();
	link.push_back(first);
	ASSERT_TRUE(deliver());
	ASSERT_TRUE(transmit(1)) << "the answer once more";
	ASSERT_TRUE(deliver());
	a.read(0, 8);
	a.read(0, 8);
	while (transmit(0))
		;
	run();
	EXPECT_EQ(a.done.size(), 4u);
	EXPECT_FALSE(a.broken);
}

TEST_F(RcErrorTest, AReadThatIsBeingAnsweredBeginsAnew)
{
	a.read(0, 1000);
	ASSERT_TRUE(transmit(0));
	const Flight request = link[0];
	ASSERT_TRUE(deliver());
	ASSERT_TRUE(transmit(1));
	ASSERT_TRUE(transmit(1));
	link.clear();
	link.push_back(request);
	ASSERT_TRUE(deliver());
	ASSERT_TRUE(transmit(1));
	EXPECT_EQ(opcode_of(link[0].wire), 0x0d);
	EXPECT_EQ(psn_of(link[0].wire), 0xfffffeu);
}

TEST_F(RcErrorTest, OnlyWhoAsksGetsAnAck)
{
	b.provide(1, 1000);
	a.send(pattern(600));
	ASSERT_TRUE(transmit(0));
	ASSERT_TRUE(deliver());
	EXPECT_FALSE(transmit(1));
}

TEST_F(RcErrorTest, ANewReadEndsTheRepetitionOfOldOnes)
{
	set_b([](vib_rc_attr &attr) { attr.max_dest_rd_atomic = 1; });
	set_a([](vib_rc_attr &attr) { attr.max_rd_atomic = 1; });
	a.read(0, 8);
	ASSERT_TRUE(transmit(0));
	const Flight first = link[0];
	run();
	link.push_back(first);
	ASSERT_TRUE(deliver());
	a.read(0, 8);
	ASSERT_TRUE(transmit(0));
	ASSERT_TRUE(deliver());
	ASSERT_TRUE(transmit(1));
	EXPECT_EQ(psn_of(link[0].wire), 0xffffffu);
	EXPECT_FALSE(transmit(1));
}

TEST_F(RcErrorTest, ReadResponsesOfTheWrongKind)
{
	for (u8 opcode : {u8{0x0d}, u8{0x12}}) {
		a = End();
		b = End();
		SetUp();
		a.read(0, 8);
		ASSERT_TRUE(transmit(0));
		ASSERT_TRUE(deliver());
		ASSERT_TRUE(transmit(1));
		link.back().wire[8] = opcode;
		run();
		expect_broken(VIB_RC_BAD_RESPONSE);
	}
}

TEST_F(RcErrorTest, ALostReadResponseIsAskedForFromThere)
{
	b.memory = pattern(65536);
	lose(0x0e, 1);
	const u32 seq = a.read(0, 1500);
	std::vector<u32> requests;
	auto loser = filter;
	filter = [&](u32 from, const Bytes &wire) {
		if (!from)
			requests.push_back(psn_of(wire));
		return loser(from, wire);
	};
	settle();
	EXPECT_EQ(requests, (std::vector<u32>{0xfffffe, 0xffffff}));
	EXPECT_EQ(a.requests[seq], Bytes(b.memory.begin(), b.memory.begin() + 1500));
}

TEST_F(RcErrorTest, ALostAtomicAnswerIsRepeatedNotTheAtomic)
{
	lose(0x12, 1);
	a.atomic(0, 5);
	run();
	EXPECT_EQ(b.word(0), 5u);
	EXPECT_EQ(a.done, (std::vector<Completion>{{0, VIB_RC_OK}}));
}

TEST_F(RcErrorTest, AnAckBeyondAReadIsNone)
{
	b.memory = pattern(65536);
	b.provide(1, 100);
	lose(0x10, 1);
	const u32 seq = a.read(0, 100);
	a.send(pattern(100));
	settle();
	EXPECT_EQ(a.done.size(), 2u);
	EXPECT_EQ(a.requests[seq], Bytes(b.memory.begin(), b.memory.begin() + 100));
	EXPECT_EQ(b.received.size(), 1u) << "the SEND was sent twice and received once";
}

TEST_F(RcErrorTest, StaleAndForeignAnswersChangeNothing)
{
	b.provide(3, 100);
	a.send(pattern(1));
	run();
	a.send(pattern(1));
	ASSERT_TRUE(transmit(0));
	ASSERT_TRUE(deliver());
	ASSERT_TRUE(transmit(1));
	Bytes ack = link[0].wire;
	link.clear();
	for (u32 psn : {0xfffffeu, 0x000000u, 0x000100u, 0x800000u}) {
		Bytes forged = ack;
		forged[17] = static_cast<u8>(psn >> 16);
		forged[18] = static_cast<u8>(psn >> 8);
		forged[19] = static_cast<u8>(psn);
		for (u8 syndrome : {u8{0x1f}, u8{0x60}, u8{0x62}, u8{0x2c}}) {
			forged[20] = syndrome;
			link.push_back({1, forged});
			ASSERT_TRUE(deliver());
			EXPECT_EQ(a.done.size(), 1u) << psn << ' ' << int(syndrome);
		}
	}
	link.push_back({1, ack});
	ASSERT_TRUE(deliver());
	EXPECT_EQ(a.done.size(), 2u);
	EXPECT_FALSE(a.broken);
}

TEST_F(RcErrorTest, MessagesThatMakeNoSense)
{
	struct {
		const char *what;
		u32 size;
		std::vector<u8> opcodes;
	} const cases[] = {
		{"middle without first", 256, {0x01}},
		{"last without first", 256, {0x02}},
		{"first after first", 256, {0x00, 0x00}},
		{"only after first", 256, {0x00, 0x04}},
		{"another verb", 256, {0x00, 0x07}},
		{"a READ between", 256, {0x00, 0x0c}},
		{"short first", 252, {0x00}},
		{"short middle", 256, {0x00, 0x81}},
		{"empty last", 256, {0x00, 0x82}},
	};
	for (const auto &c : cases) {
		a = End();
		b = End();
		SetUp();
		b.provide(3, 4096);
		const Bytes whole = template_of(c.size);
		u32 psn = 0xfffffe;
		for (u8 opcode : c.opcodes) {
			Bytes wire = whole;
			if (opcode & 0x80) {
				wire = template_of(opcode == 0x82 ? 0 : 252);
				opcode &= 0x7f;
			}
			forge(wire, opcode, psn);
			psn = (psn + 1) & 0xffffff;
		}
		EXPECT_EQ(b.broken, std::optional<int>(VIB_RC_REQUEST_ERROR)) << c.what;
		ASSERT_TRUE(transmit(1));
		EXPECT_EQ(syndrome_of(link.back().wire), 0x61) << c.what;
		link.clear();
		EXPECT_FALSE(b.taken) << "the buffer is given back";
	}
}

TEST_F(RcErrorTest, PayloadBeyondTheMtu)
{
	b.provide(3, 4096);
	set_a([](vib_rc_attr &attr) { attr.path_mtu = 2; });
	a.send(pattern(300));
	run();
	expect_broken(VIB_RC_REMOTE_INVALID_REQUEST);
}

TEST_F(RcErrorTest, WritesOfAnotherLengthThanAnnounced)
{
	for (u32 length : {1u, 7u, 9u, 0x7fffffffu}) {
		a = End();
		b = End();
		SetUp();
		a.write(0, pattern(8));
		ASSERT_TRUE(transmit(0));
		Bytes &wire = link.back().wire;
		for (int i = 0; i < 4; i++)
			wire[32 + static_cast<std::size_t>(i)] =
				static_cast<u8>(length >> (24 - 8 * i));
		run();
		EXPECT_TRUE(b.broken) << length;
		expect_broken(VIB_RC_REMOTE_INVALID_REQUEST);
		EXPECT_EQ(b.memory, Bytes(b.memory.size()));
	}
}

TEST_F(RcErrorTest, ReadResponsesOfTheWrongLength)
{
	a.read(0, 100);
	ASSERT_TRUE(transmit(0));
	ASSERT_TRUE(deliver());
	ASSERT_TRUE(transmit(1));
	Bytes &wire = link.back().wire;
	wire.resize(wire.size() - 4);
	wire[5]--;
	run();
	expect_broken(VIB_RC_BAD_RESPONSE);
}

TEST_F(RcErrorTest, PacketsOfOthers)
{
	b.provide(1, 100);
	a.send(pattern(1));
	set_b([](vib_rc_attr &attr) { attr.av.dlid = 77; });
	ASSERT_TRUE(transmit(0));
	ASSERT_TRUE(deliver());
	EXPECT_EQ(last_drop, VIB_DROP_RX_CONNECTION);
	set_b([](vib_rc_attr &attr) { attr.av.dlid = lid_of(0); });
	EXPECT_TRUE(b.received.empty());

	set_pkey(1, 3, 0x8003);
	set_b([](vib_rc_attr &attr) { attr.pkey_index = 3; });
	ASSERT_TRUE(pass_time());
	ASSERT_TRUE(transmit(0));
	ASSERT_TRUE(deliver());
	EXPECT_EQ(last_drop, VIB_DROP_RX_PKEY);
	EXPECT_EQ(hca_info(1).pkey_violations.get(), 1);

	set_b([](vib_rc_attr &attr) {
		attr.pkey_index = 0;
		attr.can_receive = false;
	});
	ASSERT_TRUE(pass_time());
	ASSERT_TRUE(transmit(0));
	ASSERT_TRUE(deliver());
	EXPECT_EQ(last_drop, VIB_DROP_RX_QP_STATE);
	EXPECT_EQ(drops(1, VIB_DROP_RX_QP_STATE), 1u);
	set_b([](vib_rc_attr &attr) { attr.can_receive = true; });
	run();
	EXPECT_EQ(b.received.size(), 1u);
}

TEST_F(RcErrorTest, Flush)
{
	b.provide(2, 1000);
	a.send(pattern(600));
	a.send(pattern(1));
	ASSERT_TRUE(transmit(0));
	ASSERT_TRUE(deliver());
	vib_rc_flush(a.rc());
	EXPECT_EQ(a.done, (std::vector<Completion>{{0, VIB_RC_FLUSHED}, {1, VIB_RC_FLUSHED}}));
	EXPECT_FALSE(a.broken) << "by its owner";
	vib_rc_flush(b.rc());
	ASSERT_EQ(b.received.size(), 1u) << "what had begun to arrive";
	EXPECT_EQ(b.received[0].how.status, VIB_RC_FLUSHED);
	a.send(pattern(1));
	EXPECT_FALSE(transmit(0));
	vib_rc_flush(a.rc());
	EXPECT_EQ(a.done.size(), 3u);
}

TEST_F(RcErrorTest, TruncatedPackets)
{
	b.provide(1, 1000);
	a.swap(0, 0, 1);
	ASSERT_TRUE(transmit(0));
	const Bytes whole = link.back().wire;
	link.clear();
	for (std::size_t size = 8; size < whole.size(); size += 4) {
		Bytes wire(whole.begin(), whole.begin() + static_cast<long>(size));
		wire.shrink_to_fit();
		wire[5] = static_cast<u8>(size / 4);
		vib_rx rx;
		EXPECT_EQ(vib_port_receive(fabric(), 1, wire.data(), static_cast<u32>(size), &rx),
			  VIB_DROP_RX_MALFORMED)
			<< size;
	}
}

} // namespace
} // namespace unit
