// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Two ends of a reliable connection, the memory and buffers behind them, and a link between them
// that loses, repeats and reorders packets as a seed wants it.
#pragma once

#include "abi_rc.h"
#include "fixture.hpp"

#include <deque>
#include <functional>
#include <optional>
#include <random>

namespace unit {

constexpr u32 RKEY = 0x1234;
constexpr u32 RKEY_THAT_MAY_GO = 0x5678;
constexpr u64 MEMORY_BASE = 0x7000;

struct Completion {
	u32 seq;
	int status;

	friend bool operator==(const Completion &, const Completion &) = default;
};

struct Received {
	Bytes data;
	vib_rc_received how;
};

// What the glue is to the core: everything behind one queue pair.
class End {
public:
	void create(vib_fabric *fabric, u32 hca, u32 size = 1024);
	void set(const vib_rc_attr &attr);

	// @data is the message, or the room for the answer.
	u32 post(const vib_rc_request &request, const Bytes &data = {});
	u32 send(const Bytes &data, u8 flags = 0, u32 imm = 0);
	u32 write(u64 offset, const Bytes &data, u8 flags = 0, u32 imm = 0);
	u32 read(u64 offset, u32 length, u8 flags = 0);
	u32 atomic(u64 offset, u64 add);
	u32 swap(u64 offset, u64 compare, u64 value);

	void provide(u32 count, u32 size);

	u64 word(u64 offset) const;

	vib_rc *rc() const
	{
		return reinterpret_cast<vib_rc *>(storage_.get());
	}

	vib_rc_attr attr{};
	std::vector<Bytes> requests;
	std::deque<Bytes> buffers; // provided
	std::vector<Completion> done;
	std::vector<Received> received;
	Bytes memory = Bytes(65536);
	u8 memory_access = VIB_ACCESS_READ | VIB_ACCESS_WRITE | VIB_ACCESS_ATOMIC;
	bool is_shared = false; // the buffers are of a shared queue
	bool has_local_memory = true;
	std::vector<u32> locals;
	std::vector<u32> invalidated;
	std::optional<int> broken;
	u32 drained = 0;
	std::optional<Bytes> taken;

private:
	std::unique_ptr<u8[]> storage_;
};

struct Faults {
	u32 loss = 0; // of 1000 packets
	u32 duplicates = 0;
	u32 reorders = 0;
};

class RcTest : public FabricTest {
protected:
	void SetUp() override;

	// Both ends in RTS.
	void connect();

	// One packet from @from to the link. False if there is none.
	bool transmit(u32 from);

	// The oldest packet on the link arrives, or is lost.
	bool deliver();

	// Let everything happen that happens without time passing.
	void settle();

	// Until nothing is left to be waited for.
	void run();

	// The next deadline of either end is reached. False if there is none.
	bool pass_time();

	u32 below(u32 limit)
	{
		return static_cast<u32>(random() % limit);
	}

	// Fill a buffer with what nobody else has.
	Bytes pattern(u32 size);

	End a, b;
	u64 now = 1;
	Faults faults;
	std::mt19937 random{1};
	// Sees each packet before the link takes it; false loses it.
	std::function<bool(u32 from, const Bytes &)> filter;
	struct Flight {
		u32 from;
		Bytes wire;
	};
	std::deque<Flight> link;
	u64 packets = 0;
	int last_drop = VIB_ACCEPT;

private:
	bool chance(u32 of_1000);
	void put(u32 from, const Bytes &wire);

	u8 next_byte_ = 0;
};

// The BTH opcode and PSN of a packet.
u8 opcode_of(const Bytes &wire);
u32 psn_of(const Bytes &wire);
u8 syndrome_of(const Bytes &wire);

} // namespace unit
