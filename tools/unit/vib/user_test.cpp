// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Work requests that user space wrote: what is made of them, and what is refused.

#include "user_fixture.hpp"

#include <array>

using namespace unit;

namespace {

constexpr u32 MAX_SGE = 4;
constexpr u32 MAX_INLINE = 64;
constexpr u32 SIGNALED = 2, SOLICITED = 4, INLINE = 8, FENCE = 1;

// The numbers of enum ibv_wr_opcode.
enum { WRITE, WRITE_IMM, SEND, SEND_IMM, READ, SWAP, ADD, LOCAL_INV, BIND, SEND_INV };

class UserSend : public testing::Test {
protected:
	// A request with these pieces.
	SendWqe request(u32 opcode, const std::vector<vib_user_sge> &pieces = {})
	{
		SendWqe wqe{};
		wqe.wr_id = 0x77;
		wqe.opcode = opcode;
		wqe.dma.num_sge = static_cast<u32>(pieces.size());
		pieces_ = pieces;
		return wqe;
	}

	vib_user_send take(const SendWqe &wqe, u8 kind = VIB_QP_RC)
	{
		const vib_user_limits limits{
			.kind = kind, .max_sge = MAX_SGE, .max_inline = MAX_INLINE};
		const u32 room = MAX_SGE * sizeof(vib_user_sge);
		UserQueue queue(VIB_RING_SEND, 1, room);
		queue.post(wqe, pieces_.data(),
			   std::min<size_t>(pieces_.size(), MAX_SGE) * sizeof(vib_user_sge));
		vib_user_send send;
		// Of exactly the size that is promised.
		tail_ = std::make_unique<std::array<u64, room / sizeof(u64)>>();
		vib_ring_peek_send(&queue.ring, &limits, tail_->data(), &send);
		return send;
	}

	vib_user_sge piece(u32 index) const
	{
		vib_user_sge sge;
		std::memcpy(&sge, reinterpret_cast<const u8 *>(tail_->data()) + index * sizeof(sge),
			    sizeof(sge));
		return sge;
	}

	std::vector<vib_user_sge> pieces_;
	std::unique_ptr<std::array<u64, MAX_SGE * sizeof(vib_user_sge) / sizeof(u64)>> tail_;
};

TEST_F(UserSend, SendsPieces)
{
	auto wqe = request(SEND, {{0x1000, 100, 7}, {0x2000, 28, 8}});
	wqe.flags = SIGNALED | SOLICITED | FENCE;
	wqe.dma.length = 12345; // of no meaning here
	const auto send = take(wqe);

	EXPECT_EQ(send.status, VIB_RC_OK);
	EXPECT_EQ(send.wr_id, 0x77u);
	EXPECT_EQ(send.opcode, 0);
	EXPECT_TRUE(send.is_signaled);
	EXPECT_FALSE(send.is_inline);
	EXPECT_EQ(send.num_sge, 2u);
	EXPECT_EQ(send.request.verb, VIB_RC_SEND);
	EXPECT_EQ(send.request.flags, VIB_RC_SOLICITED | VIB_RC_FENCE);
	EXPECT_EQ(send.request.length, 128u);
	EXPECT_EQ(piece(0).addr, 0x1000u);
	EXPECT_EQ(piece(1).addr, 0x2000u);
	EXPECT_EQ(piece(1).length, 28u);
	EXPECT_EQ(piece(1).lkey, 8u);
}

TEST_F(UserSend, KnowsEachOperation)
{
	const struct {
		u32 opcode;
		u8 verb;
		u8 flags;
		u8 completion;
	} known[] = {
		{WRITE, VIB_RC_WRITE, 0, 1},   {WRITE_IMM, VIB_RC_WRITE, VIB_RC_IMM, 1},
		{SEND, VIB_RC_SEND, 0, 0},     {SEND_IMM, VIB_RC_SEND, VIB_RC_IMM, 0},
		{READ, VIB_RC_READ, 0, 2},     {SEND_INV, VIB_RC_SEND, VIB_RC_INVALIDATE, 0},
		{SWAP, VIB_RC_CMP_SWAP, 0, 3}, {ADD, VIB_RC_FETCH_ADD, 0, 4},
	};
	for (const auto &each : known) {
		auto wqe = request(each.opcode, {{0x1000, 8, 7}});
		wqe.imm = 0x01020304;
		const auto send = take(wqe);
		EXPECT_EQ(send.status, VIB_RC_OK) << each.opcode;
		EXPECT_EQ(send.request.verb, each.verb) << each.opcode;
		EXPECT_EQ(send.request.flags, each.flags) << each.opcode;
		EXPECT_EQ(send.request.imm, each.flags ? 0x01020304u : 0u) << each.opcode;
		EXPECT_EQ(send.opcode, each.completion) << each.opcode;
	}
}

TEST_F(UserSend, KnowsWhereTo)
{
	auto write = request(WRITE, {{0x1000, 8, 7}});
	write.rdma = {0xabcdef, 0x99};
	EXPECT_EQ(take(write).request.remote_addr, 0xabcdefu);
	EXPECT_EQ(take(write).request.rkey, 0x99u);

	auto swap = request(SWAP, {{0x1000, 8, 7}});
	swap.atomic = {0x5008, 11, 22, 0x98};
	EXPECT_EQ(take(swap).request.remote_addr, 0x5008u);
	EXPECT_EQ(take(swap).request.rkey, 0x98u);
	EXPECT_EQ(take(swap).request.compare, 11u);
	EXPECT_EQ(take(swap).request.swap_or_add, 22u);

	auto add = swap;
	add.opcode = ADD;
	EXPECT_EQ(take(add).request.compare, 0u);
	EXPECT_EQ(take(add).request.swap_or_add, 11u);

	auto send = request(SEND);
	send.rdma = {0xabcdef, 0x99};
	EXPECT_EQ(take(send).request.remote_addr, 0u);
}

TEST_F(UserSend, SendsDatagrams)
{
	auto wqe = request(SEND_IMM, {{0x1000, 100, 7}});
	wqe.datagram = {.qpn = 0x49, .qkey = 0x11111111, .pkey_index = 9, .reserved = 0, .ah = 5};
	const auto send = take(wqe, VIB_QP_UD);

	EXPECT_EQ(send.status, VIB_RC_OK);
	EXPECT_EQ(send.ah, 5u);
	EXPECT_EQ(send.remote_qpn, 0x49u);
	EXPECT_EQ(send.remote_qkey, 0x11111111u);
	EXPECT_EQ(send.request.flags, VIB_RC_IMM);
	for (u32 opcode : {WRITE, WRITE_IMM, READ, SWAP, ADD, SEND_INV})
		EXPECT_EQ(take(request(opcode, {{0x1000, 8, 7}}), VIB_QP_UD).status,
			  VIB_RC_LOCAL_QP_OPERATION)
			<< opcode;
}

TEST_F(UserSend, TakesBytesInTheRequest)
{
	pieces_ = {{0x0706050403020100, 0x0b0a0908, 0x0f0e0d0c}};
	auto wqe = request(WRITE, pieces_);
	wqe.flags = INLINE;
	wqe.dma.length = 13;
	wqe.dma.num_sge = 77; // of no meaning here
	const auto send = take(wqe);

	EXPECT_EQ(send.status, VIB_RC_OK);
	EXPECT_TRUE(send.is_inline);
	EXPECT_EQ(send.num_sge, 0u);
	EXPECT_EQ(send.request.length, 13u);
	for (u8 i = 0; i < 13; i++)
		EXPECT_EQ(reinterpret_cast<const u8 *>(tail_->data())[i], i);

	wqe.dma.length = MAX_INLINE;
	EXPECT_EQ(take(wqe).status, VIB_RC_OK);
	for (u32 length : {MAX_INLINE + 1, 0x80000000u, ~0u}) {
		wqe.dma.length = length;
		EXPECT_EQ(take(wqe).status, VIB_RC_LOCAL_LENGTH) << length;
	}
	wqe.dma.length = 8;
	for (u32 opcode : {READ, SWAP, ADD}) {
		wqe.opcode = opcode;
		EXPECT_EQ(take(wqe).status, VIB_RC_LOCAL_QP_OPERATION) << opcode;
	}
}

TEST_F(UserSend, RefusesTooManyPieces)
{
	auto wqe = request(SEND, {{1, 1, 1}, {2, 1, 1}, {3, 1, 1}, {4, 1, 1}});
	EXPECT_EQ(take(wqe).status, VIB_RC_OK);
	for (u32 count : {MAX_SGE + 1, 0x10000000u, ~0u}) {
		wqe.dma.num_sge = count;
		const auto send = take(wqe);
		EXPECT_EQ(send.status, VIB_RC_LOCAL_QP_OPERATION) << count;
		EXPECT_EQ(send.num_sge, 0u);
	}
}

TEST_F(UserSend, RefusesLengthsThatNobodyHas)
{
	EXPECT_EQ(take(request(SEND, {{1, 0x40000000, 1}})).status, VIB_RC_OK);
	EXPECT_EQ(take(request(SEND, {{1, 0x40000000, 1}, {1, 1, 1}})).status, VIB_RC_LOCAL_LENGTH);
	// As a u32, the sum would be 4.
	EXPECT_EQ(take(request(SEND, {{1, ~0u, 1}, {1, 5, 1}})).status, VIB_RC_LOCAL_LENGTH);
	EXPECT_EQ(take(request(ADD, {{1, 8, 1}})).status, VIB_RC_OK);
	EXPECT_EQ(take(request(ADD, {{1, 4, 1}})).status, VIB_RC_LOCAL_LENGTH);
	EXPECT_EQ(take(request(SWAP, {{1, 8, 1}, {2, 8, 1}})).status, VIB_RC_LOCAL_LENGTH);
}

TEST_F(UserSend, RefusesWhatIsNotForUserSpace)
{
	for (u32 opcode : {u32{LOCAL_INV}, u32{BIND}, 10u, 11u, 0x80000000u, ~0u}) {
		auto wqe = request(opcode, {{1, 8, 1}});
		wqe.flags = SIGNALED;
		wqe.rdma = {0xabcdef, 0x99};
		const auto send = take(wqe);
		EXPECT_EQ(send.status, VIB_RC_LOCAL_QP_OPERATION) << opcode;
		// It stands in the queue until it is its turn to fail, and does nothing else.
		EXPECT_EQ(send.request.verb, VIB_RC_LOCAL);
		EXPECT_EQ(send.request.rkey, 0u);
		EXPECT_EQ(send.request.length, 0u);
		EXPECT_EQ(send.wr_id, 0x77u);
		EXPECT_TRUE(send.is_signaled);
	}
}

TEST(UserRecv, TakesPieces)
{
	UserQueue queue(VIB_RING_RECV, 3, 2 * sizeof(vib_user_sge));
	const vib_user_sge pieces[2] = {{0x1000, 100, 7}, {0x2000, 28, 8}};
	RecvWqe wqe{};
	vib_user_sge sge[2];
	vib_user_recv recv;

	wqe.wr_id = 0x55;
	wqe.dma.num_sge = 2;
	queue.post(wqe, pieces, sizeof(pieces));
	vib_ring_peek_recv(&queue.ring, 2, sge, &recv);
	EXPECT_EQ(recv.wr_id, 0x55u);
	EXPECT_EQ(recv.num_sge, 2u);
	EXPECT_EQ(std::memcmp(sge, pieces, sizeof(sge)), 0);
}

TEST(UserRecv, HasNoRoomInOneThatIsWrong)
{
	UserQueue queue(VIB_RING_RECV, 3, 2 * sizeof(vib_user_sge));
	const vib_user_sge pieces[2] = {{0x1000, ~0u, 7}, {0x2000, 28, 8}};
	RecvWqe wqe{};
	vib_user_sge sge[2];
	vib_user_recv recv;

	wqe.wr_id = 0x55;
	for (u32 count : {2u, 3u, 0x10000000u, ~0u}) {
		vib_ring_empty(&queue.ring);
		wqe.dma.num_sge = count;
		queue.post(wqe, pieces, sizeof(pieces));
		vib_ring_peek_recv(&queue.ring, 2, sge, &recv);
		EXPECT_EQ(recv.wr_id, 0x55u);
		EXPECT_EQ(recv.num_sge, 0u) << count;
	}
}

} // namespace
