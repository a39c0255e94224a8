// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// A fabric in user space, asked and used through abi.h as the C glue does it.
#pragma once

#include "abi.h"
#include "core/mad.hpp"
#include "core/port.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace unit {

using vib::wire::Attribute;
using vib::wire::Be16;
using vib::wire::Be64;
using vib::wire::PortInfo;
using vib::wire::Smp;

using Bytes = std::vector<u8>;

constexpr u64 GUID = 0x0002c90300433bf1;
constexpr u16 SWITCH_LID = 100;
constexpr u32 GSI_QKEY = 0x80010000;
constexpr u16 PERMISSIVE = 0xffff;
constexpr u8 GET = 0x01;
constexpr u8 SET = 0x02;

// What came back for a MAD.
struct Answer {
	int verdict = VIB_MAD_CONSUMED;
	Smp smp{};
	vib_effects effects{};

	// Without the direction bit.
	u16 status() const
	{
		return smp.header.status.get() & 0x7fff;
	}

	template <typename T> T as(std::size_t offset = 0) const
	{
		T value;
		__builtin_memcpy(&value, smp.data + offset, sizeof(T));
		return value;
	}
};

Smp make_smp(u8 method, Attribute attribute, u32 modifier = 0);

template <typename T> void put(Smp &smp, const T &value, std::size_t offset = 0)
{
	__builtin_memcpy(smp.data + offset, &value, sizeof(T));
}

std::string to_hex(const u8 *data, std::size_t size);

constexpr u16 lid_of(u32 hca)
{
	return static_cast<u16>(hca + 1);
}

class FabricTest : public ::testing::Test {
protected:
	void SetUp() override
	{
		make(3);
	}

	// A new fabric with all cables plugged in.
	void make(u32 hcas, u32 mtu = 2048);

	// What a subnet manager does: LIDs, routes, all ports active. HCA i gets LID i + 1.
	void bring_up();

	vib_fabric *fabric()
	{
		return reinterpret_cast<vib_fabric *>(memory_.get());
	}

	u32 hcas() const
	{
		return hcas_;
	}

	Answer ask_hca(u32 hca, const Smp &smp);

	// By a directed route of one hop from HCA @from.
	Answer ask_switch(const Smp &smp, u32 from = 0);

	PortInfo hca_info(u32 hca);
	PortInfo switch_info(u32 port);
	Answer set_hca(u32 hca, const PortInfo &info);
	Answer set_switch(u32 port, const PortInfo &info);

	// Only the state, all else as it is.
	Answer set_hca_state(u32 hca, u8 state, u8 phys = 0);
	Answer set_switch_state(u32 port, u8 state, u8 phys = 0);

	void set_pkey(u32 hca, u32 index, u16 pkey);
	void set_route(u16 lid, u8 port);
	void set_group(u16 mlid, const std::vector<u32> &ports);

	// The packet that the glue would make.
	Bytes build(u32 hca, const vib_send &send, const Bytes &payload);
	Bytes build_smp(u32 hca, u16 dlid, const Smp &smp);

	vib_plan forward(u32 hca, Bytes &wire);

	u64 drops(u32 hca, vib_drop reason)
	{
		return vib_read_drop(fabric(), hca, reason);
	}

private:
	std::unique_ptr<u8[]> memory_;
	u32 hcas_ = 0;
};

// The SMP that a packet carries.
Smp smp_of(const Bytes &wire);

} // namespace unit
