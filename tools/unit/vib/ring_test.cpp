// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Positions in queues that user space has mapped, whatever it writes there.

#include "user_fixture.hpp"

using namespace unit;

namespace {

vib_user_cqe completion(u64 wr_id)
{
	vib_user_cqe cqe{};

	cqe.wr_id = wr_id;
	return cqe;
}

RecvWqe buffer(u64 wr_id)
{
	RecvWqe wqe{};

	wqe.wr_id = wr_id;
	return wqe;
}

u64 take(UserQueue &queue)
{
	vib_user_recv recv;

	vib_ring_peek_recv(&queue.ring, 0, nullptr, &recv);
	vib_ring_take(&queue.ring);
	return recv.wr_id;
}

} // namespace

TEST(Ring, IsAsLargeAsItsEntriesNeed)
{
	vib_ring ring;

	EXPECT_EQ(vib_ring_plan(&ring, VIB_RING_CQ, 1, 0), 384u + 2 * 64);
	EXPECT_EQ(vib_ring_entries(&ring), 1u);
	EXPECT_EQ(vib_ring_plan(&ring, VIB_RING_CQ, 100, 0), 384u + 128 * 64);
	EXPECT_EQ(vib_ring_entries(&ring), 127u);
	EXPECT_EQ(vib_ring_plan(&ring, VIB_RING_SEND, 3, 0), 384u + 4 * 256);
	EXPECT_EQ(vib_ring_plan(&ring, VIB_RING_SEND, 3, 48), 384u + 4 * 256);
	EXPECT_EQ(vib_ring_plan(&ring, VIB_RING_SEND, 3, 49), 384u + 4 * 512);
	EXPECT_EQ(vib_ring_plan(&ring, VIB_RING_RECV, 4, 32 * 16), 384u + 8 * 1024);
}

TEST(Ring, SaysItsSizeToUserSpace)
{
	UserQueue queue(VIB_RING_RECV, 100, 16);

	EXPECT_EQ(queue.header().log2_entry, 6u);
	EXPECT_EQ(queue.header().mask, 127u);
	EXPECT_EQ(queue.header().producer, 0u);
	EXPECT_EQ(queue.header().consumer, 0u);
}

TEST(Ring, GivesWhatWasPostedInItsOrder)
{
	UserQueue queue(VIB_RING_RECV, 3);

	for (u64 id = 0; id < 20; id++) {
		EXPECT_EQ(vib_ring_waiting(&queue.ring), 0u);
		queue.post(buffer(2 * id));
		queue.post(buffer(2 * id + 1));
		EXPECT_EQ(vib_ring_waiting(&queue.ring), 2u);
		EXPECT_EQ(take(queue), 2 * id);
		EXPECT_EQ(take(queue), 2 * id + 1);
		vib_ring_release(&queue.ring);
		vib_ring_release(&queue.ring);
		EXPECT_EQ(queue.header().consumer, queue.header().producer);
	}
}

TEST(Ring, KeepsWhatWasTakenUntilItIsReleased)
{
	UserQueue queue(VIB_RING_RECV, 3);

	for (u64 id = 0; id < 3; id++)
		queue.post(buffer(id));
	EXPECT_TRUE(queue.is_full());
	for (u64 id = 0; id < 3; id++)
		EXPECT_EQ(take(queue), id);
	EXPECT_TRUE(queue.is_full());
	vib_ring_release(&queue.ring);
	EXPECT_FALSE(queue.is_full());
}

TEST(Ring, NeverHoldsMoreThanFitsIn)
{
	UserQueue queue(VIB_RING_RECV, 7);

	queue.post(buffer(1));
	queue.post(buffer(2));
	take(queue);
	take(queue);
	// Of all positions that can be claimed, none gives the kernel more than seven.
	for (u32 lie : {0u, 1u, 2u, 3u, 7u, 8u, 0x80000000u, ~0u}) {
		queue.header().producer = lie;
		EXPECT_LE(vib_ring_waiting(&queue.ring), 5u) << lie;
	}
	queue.header().producer = 1; // behind what was taken
	EXPECT_EQ(vib_ring_waiting(&queue.ring), 5u);
}

TEST(Ring, DoesNotBelieveItsHeader)
{
	UserQueue queue(VIB_RING_RECV, 3);

	queue.header().mask = ~0u;
	queue.header().log2_entry = 31;
	queue.header().producer = 0xfffffff2;
	queue.header().consumer = 0xdeadbeef;
	EXPECT_EQ(vib_ring_waiting(&queue.ring), 2u);
	take(queue);
	vib_ring_release(&queue.ring);
	EXPECT_EQ(queue.header().consumer, 1u);
}

TEST(Ring, ForgetsAll)
{
	UserQueue queue(VIB_RING_RECV, 3);

	queue.post(buffer(1));
	queue.post(buffer(2));
	take(queue);
	vib_ring_empty(&queue.ring);
	EXPECT_EQ(vib_ring_waiting(&queue.ring), 0u);
	EXPECT_EQ(queue.header().consumer, 2u);
	queue.post(buffer(3));
	EXPECT_EQ(take(queue), 3u);
}

TEST(Ring, PutsCompletionsUntilItIsFull)
{
	UserQueue queue(VIB_RING_CQ, 3);

	for (u64 id = 0; id < 3; id++) {
		const auto cqe = completion(id);
		EXPECT_TRUE(vib_ring_put(&queue.ring, &cqe));
	}
	const auto lost = completion(3);
	EXPECT_FALSE(vib_ring_put(&queue.ring, &lost));
	EXPECT_EQ(queue.poll().wr_id, 0u);
	const auto last = completion(4);
	EXPECT_TRUE(vib_ring_put(&queue.ring, &last));
	for (u64 id : {1u, 2u, 4u})
		EXPECT_EQ(queue.poll().wr_id, id);
	EXPECT_EQ(queue.header().consumer, queue.header().producer);
}

TEST(Ring, StaysInsideWhateverTheConsumerSays)
{
	UserQueue queue(VIB_RING_CQ, 3);

	for (u32 lie = 0; lie < 64; lie++) {
		const auto cqe = completion(lie);
		queue.header().consumer = lie * 0x10000001;
		queue.header().producer = ~lie;
		vib_ring_put(&queue.ring, &cqe);
		EXPECT_LE(queue.ring.next, 3u);
	}
}

TEST(Ring, WritesCompletionsAsUserSpaceReadsThem)
{
	UserQueue queue(VIB_RING_CQ, 1);
	const vib_user_cqe from{.wr_id = 0x1122334455667788,
				.status = 5,
				.opcode = 129,
				.byte_len = 4096,
				.imm = 0x01020304,
				.qpn = 0x49,
				.src_qpn = 0x50,
				.slid = 7,
				.pkey_index = 3,
				.sl = 2,
				.path_bits = 1,
				.has_grh = true,
				.has_imm = true,
				.has_invalidated = false};
	ASSERT_TRUE(vib_ring_put(&queue.ring, &from));
	const Cqe cqe = queue.poll();

	EXPECT_EQ(cqe.wr_id, 0x1122334455667788u);
	EXPECT_EQ(cqe.status, 5u);
	EXPECT_EQ(cqe.opcode, 129u);
	EXPECT_EQ(cqe.vendor_error, 0u);
	EXPECT_EQ(cqe.byte_len, 4096u);
	EXPECT_EQ(cqe.imm, 0x01020304u);
	EXPECT_EQ(cqe.qpn, 0x49u);
	EXPECT_EQ(cqe.src_qpn, 0x50u);
	EXPECT_EQ(cqe.flags, 3u);
	EXPECT_EQ(cqe.pkey_index, 3);
	EXPECT_EQ(cqe.slid, 7);
	EXPECT_EQ(cqe.sl, 2);
	EXPECT_EQ(cqe.path_bits, 1);
	EXPECT_EQ(cqe.port, 1);

	auto invalidated = completion(1);
	invalidated.has_invalidated = true;
	ASSERT_TRUE(vib_ring_put(&queue.ring, &invalidated));
	EXPECT_EQ(queue.poll().flags, 8u);
}

TEST(Ring, MovesCompletionsToAnother)
{
	UserQueue old(VIB_RING_CQ, 7);
	for (u64 id = 0; id < 9; id++) {
		const auto cqe = completion(id);
		ASSERT_TRUE(vib_ring_put(&old.ring, &cqe));
		if (id < 5) {
			EXPECT_EQ(old.poll().wr_id, id);
		}
	}
	UserQueue small(VIB_RING_CQ, 3);
	EXPECT_FALSE(vib_ring_move(&old.ring, &small.ring, VIB_RING_CQ));
	EXPECT_EQ(small.header().producer, 0u);

	UserQueue large(VIB_RING_CQ, 15);
	EXPECT_TRUE(vib_ring_move(&old.ring, &large.ring, VIB_RING_CQ));
	const auto cqe = completion(9);
	EXPECT_TRUE(vib_ring_put(&large.ring, &cqe));
	EXPECT_EQ(large.header().producer, 5u);
	for (u64 id = 5; id < 10; id++)
		EXPECT_EQ(large.poll().wr_id, id);
}

TEST(Ring, MovesBuffersToAnother)
{
	UserQueue old(VIB_RING_RECV, 7);
	for (u64 id = 0; id < 6; id++)
		old.post(buffer(id));
	EXPECT_EQ(take(old), 0u);
	vib_ring_release(&old.ring);

	UserQueue small(VIB_RING_RECV, 3);
	EXPECT_FALSE(vib_ring_move(&old.ring, &small.ring, VIB_RING_RECV));
	UserQueue other(VIB_RING_RECV, 7, 64);
	EXPECT_FALSE(vib_ring_move(&old.ring, &other.ring, VIB_RING_RECV)) << "other entries";

	UserQueue large(VIB_RING_RECV, 15);
	EXPECT_TRUE(vib_ring_move(&old.ring, &large.ring, VIB_RING_RECV));
	EXPECT_EQ(large.header().consumer, 0u);
	EXPECT_EQ(vib_ring_waiting(&large.ring), 5u);
	for (u64 id = 1; id < 6; id++)
		EXPECT_EQ(take(large), id);
}
