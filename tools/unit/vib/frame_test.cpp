// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What an adapter that carries IPoIB itself makes of frames.

#include "abi_offload.h"
#include "fixture.hpp"

namespace unit {
namespace {

constexpr u32 QPN = 0x123456;

class Frame : public testing::Test {
protected:
	void SetUp() override
	{
		own_[0] = 0x80; // flags are no part of a queue pair's number
		own_[1] = 0x12, own_[2] = 0x34, own_[3] = 0x56;
		own_[4] = 0xfe, own_[5] = 0x80, own_[19] = 1;
		broadcast_[1] = broadcast_[2] = broadcast_[3] = 0xff;
		broadcast_[4] = 0xff, broadcast_[5] = 0x12, broadcast_[19] = 0xff;
		frame_[VIB_GRH_LEN] = 0x08;
		frame_[VIB_GRH_LEN + 1] = 0x06;
		set_sgid(own_);
		set_dgid(broadcast_);
	}

	void set_sgid(const Bytes &address)
	{
		std::copy(address.begin() + 4, address.end(), frame_.begin() + 8);
	}

	void set_dgid(const Bytes &address)
	{
		std::copy(address.begin() + 4, address.end(), frame_.begin() + 24);
	}

	vib_frame describe(u32 src_qpn = QPN + 1, bool has_grh = true)
	{
		const vib_frame_context context{.own = own_.data(),
						.broadcast = broadcast_.data(),
						.src_qpn = src_qpn,
						.has_grh = has_grh};
		return vib_frame_describe(&context, frame_.data(), static_cast<u32>(frame_.size()));
	}

	Bytes own_ = Bytes(20);
	Bytes broadcast_ = Bytes(20);
	Bytes frame_ = Bytes(VIB_GRH_LEN + 4 + 28);
};

TEST_F(Frame, Kinds)
{
	EXPECT_EQ(describe().kind, VIB_FRAME_BROADCAST);
	frame_[24 + 15] = 1;
	EXPECT_EQ(describe().kind, VIB_FRAME_MULTICAST);
	set_dgid(own_);
	EXPECT_EQ(describe().kind, VIB_FRAME_HOST);
}

TEST_F(Frame, WithoutAGrhItsRoomMeansNothing)
{
	EXPECT_EQ(describe(QPN, false).kind, VIB_FRAME_HOST);
}

TEST_F(Frame, OnesOwn)
{
	EXPECT_EQ(describe(QPN).kind, VIB_FRAME_NONE);
	frame_[8 + 15] ^= 3;
	EXPECT_EQ(describe(QPN).kind, VIB_FRAME_BROADCAST) << "the same number on another port";
	set_sgid(own_);
	set_dgid(own_);
	EXPECT_EQ(describe(QPN).kind, VIB_FRAME_HOST) << "by unicast, to oneself";
}

TEST_F(Frame, TheProtocolIsAsItLies)
{
	const u16 protocol = describe().protocol;
	EXPECT_EQ(to_hex(reinterpret_cast<const u8 *>(&protocol), 2), "0806");
}

TEST_F(Frame, Runts)
{
	frame_.resize(VIB_GRH_LEN + 4);
	frame_.shrink_to_fit();
	EXPECT_EQ(describe().kind, VIB_FRAME_BROADCAST);
	while (!frame_.empty()) {
		frame_.pop_back();
		frame_.shrink_to_fit();
		EXPECT_EQ(describe().kind, VIB_FRAME_NONE) << frame_.size();
	}
}

} // namespace
} // namespace unit
