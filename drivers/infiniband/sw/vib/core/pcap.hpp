// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The format of capture files: pcap 2.4 with nanoseconds, whose integers may be big-endian. Its
// packets are bare, or each has the head that capture cards of Endace give it: what reads no bare
// InfiniBand in pcap reads that.
#pragma once

#include "abi.h"
#include "wire.hpp"

namespace vib {

struct PcapHead {
	wire::Be32 magic = wire::Be32::from(0xa1b23c4d);
	wire::Be16 major = wire::Be16::from(2);
	wire::Be16 minor = wire::Be16::from(4);
	wire::Be32 zone = wire::Be32::from(0);
	wire::Be32 accuracy = wire::Be32::from(0);
	wire::Be32 limit = wire::Be32::from(65535);
	wire::Be32 link_type;

	// LINKTYPE_ERF or LINKTYPE_INFINIBAND: from LRH to VCRC.
	static constexpr wire::Be32 type(bool erf)
	{
		return wire::Be32::from(erf ? 197 : 247);
	}
};
static_assert(sizeof(PcapHead) == VIB_PCAP_HEAD && alignof(PcapHead) == 1);

constexpr u64 SECOND = 1000000000;

struct PcapRecord {
	PcapRecord(u64 now, u32 size)
		: seconds(wire::Be32::from(static_cast<u32>(now / SECOND))),
		  nanoseconds(wire::Be32::from(static_cast<u32>(now % SECOND))),
		  captured(wire::Be32::from(size)), length(wire::Be32::from(size))
	{
	}

	wire::Be32 seconds;
	wire::Be32 nanoseconds;
	wire::Be32 captured;
	wire::Be32 length;
};
static_assert(sizeof(PcapRecord) == 16 && alignof(PcapRecord) == 1);

struct ErfHead {
	static constexpr u8 INFINIBAND = 21;
	static constexpr u8 VARYING_LENGTH = 4;

	ErfHead(u64 now, u32 size)
		: type(INFINIBAND), flags(VARYING_LENGTH),
		  record_length(wire::Be16::from(static_cast<u16>(size + sizeof(ErfHead)))), lost{},
		  wire_length(wire::Be16::from(static_cast<u16>(size)))
	{
		const u64 fixed_point = now / SECOND << 32 | (now % SECOND << 32) / SECOND;
		for (size_t i = 0; i < sizeof(time); i++)
			time[i] = static_cast<u8>(fixed_point >> 8 * i);
	}

	u8 time[8]; // little-endian
	u8 type;
	u8 flags;
	wire::Be16 record_length;
	wire::Be16 lost;
	wire::Be16 wire_length;
};
static_assert(sizeof(ErfHead) == 16 && alignof(ErfHead) == 1);
static_assert(sizeof(PcapRecord) + sizeof(ErfHead) == VIB_PCAP_RECORD);

} // namespace vib
