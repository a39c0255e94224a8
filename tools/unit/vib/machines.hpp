// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Several machines with a switch each, and the cables between them.
#pragma once

#include "core/fabric.hpp"
#include "fixture.hpp"

#include <deque>
#include <map>

namespace unit {

struct Machine {
	std::unique_ptr<u8[]> memory;
	u32 number;
	u32 traps = 0;

	vib_fabric *fabric() const
	{
		return reinterpret_cast<vib_fabric *>(memory.get());
	}
};

// What arrived at an HCA.
struct Delivery {
	u32 machine;
	u32 hca;
	Bytes wire;
};

class MachinesTest : public ::testing::Test {
protected:
	static constexpr u32 HCAS = 2;
	static constexpr u32 TRUNKS = 2;
	static constexpr u32 HOPS_MAX = 100;

	// A row of them: trunk 1 of each leads to trunk 0 of the next one.
	void make(u32 count);

	vib_fabric *fabric(u32 machine)
	{
		return machines_[machine].fabric();
	}

	void plug(u32 machine, u32 trunk, u32 identity, u16 link = 0);
	void unplug(u32 machine, u32 trunk);

	// One of them says hello, and whatever is answered.
	void tick(u32 machine, u32 trunk);

	// All cables, until all links are up.
	void train();

	// LIDs and routes as a subnet manager makes them: HCA i of machine m has LID 1 + 2m + i,
	// its switch 100 + m. All ports are active.
	void bring_up();

	// What HCA @hca of @machine sends, to its end.
	void send(u32 machine, u32 hca, Bytes wire);

	vib_trunk_attr attr(u32 machine, u32 trunk);

	u64 counted(u32 machine, u32 trunk, vib_trunk_counter counter)
	{
		return vib_trunk_count(fabric(machine), trunk, counter);
	}

	std::vector<Machine> machines_;
	std::vector<Delivery> delivered_;
	Bytes last_frame_;	  // that crossed a cable
	bool cut_ = false;	  // nothing crosses any cable
	std::size_t padding_ = 0; // behind each frame

private:
	u32 hops_ = 0; // of what is sent, in all directions

	struct End {
		u32 machine;
		u32 trunk;
	};

	End far(u32 machine, u32 trunk) const;
	void cross(u32 machine, u32 trunk, Bytes frame);
	void carry(u32 machine, u32 link, Bytes wire);
	void follow(u32 machine, const vib_plan &plan, const Bytes &wire);
	void apply(u32 machine, const vib_effects &effects);
};

} // namespace unit
