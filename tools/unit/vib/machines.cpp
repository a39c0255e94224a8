// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB

#include "machines.hpp"

namespace unit {

void MachinesTest::make(u32 count)
{
	machines_.clear();
	for (u32 m = 0; m < count; m++) {
		const vib_fabric_config config{
			.guid = GUID + 0x1000 * m, .hcas = HCAS, .trunks = TRUNKS, .mtu = 2048};
		vib_effects effects;

		machines_.push_back({std::make_unique<u8[]>(vib_fabric_size()), m});
		ASSERT_TRUE(vib_fabric_init(fabric(m), &config));
		for (u32 i = 0; i < HCAS; i++)
			vib_link_plug(fabric(m), i, true, &effects);
	}
}

void MachinesTest::plug(u32 machine, u32 trunk, u32 identity, u16 link)
{
	const vib_trunk_cable cable{.identity = identity, .link = link};
	vib_effects effects;

	vib_trunk_plug(fabric(machine), trunk, &cable, &effects);
	apply(machine, effects);
}

void MachinesTest::unplug(u32 machine, u32 trunk)
{
	vib_effects effects;

	vib_trunk_plug(fabric(machine), trunk, nullptr, &effects);
	apply(machine, effects);
}

MachinesTest::End MachinesTest::far(u32 machine, u32 trunk) const
{
	const auto count = static_cast<u32>(machines_.size());

	return {trunk ? (machine + 1) % count : (machine + count - 1) % count, 1 - trunk};
}

void MachinesTest::apply(u32 machine, const vib_effects &effects)
{
	if (!effects.trap)
		return;
	Bytes wire(VIB_HEADER_MAX + VIB_MAD_LEN + VIB_TAIL_MAX);
	vib_plan plan;

	machines_[machine].traps++;
	wire.resize(vib_switch_trap(fabric(machine), wire.data(), &plan));
	follow(machine, plan, wire);
}

void MachinesTest::cross(u32 machine, u32 trunk, Bytes frame)
{
	if (cut_)
		return;
	const End to = far(machine, trunk);
	vib_fabric *there = fabric(to.machine);
	vib_trunk_packet packet;
	vib_effects effects;

	last_frame_ = frame;
	frame.insert(frame.end(), padding_, 0);
	const auto size = static_cast<u32>(frame.size());
	switch (vib_trunk_sort(there, to.trunk, frame.data(), size, &packet)) {
	case VIB_TRUNK_IS_HELLO: {
		Bytes answer(VIB_TRUNK_HELLO);
		const u32 outcome = vib_trunk_hello(there, to.trunk, frame.data(), size,
						    answer.data(), &effects);
		apply(to.machine, effects);
		if (outcome & VIB_HELLO_ANSWER)
			cross(to.machine, to.trunk, answer);
		break;
	}
	case VIB_TRUNK_IS_PACKET:
		carry(to.machine, VIB_TRUNK_LINK + to.trunk,
		      {frame.begin() + packet.offset, frame.begin() + packet.offset + packet.len});
		break;
	default:
		break;
	}
}

void MachinesTest::tick(u32 machine, u32 trunk)
{
	Bytes hello(VIB_TRUNK_HELLO);
	vib_effects effects;
	const u32 size = vib_trunk_tick(fabric(machine), trunk, hello.data(), &effects);

	apply(machine, effects);
	if (size)
		cross(machine, trunk, hello);
}

void MachinesTest::train()
{
	for (u32 m = 0; m + 1 < machines_.size(); m++) {
		plug(m, 1, 10 + m);
		plug(m + 1, 0, 20 + m);
		tick(m, 1);
	}
}

void MachinesTest::bring_up()
{
	const auto count = static_cast<u32>(machines_.size());

	for (u32 m = 0; m < count; m++) {
		vib_fabric *here = fabric(m);
		vib::Port &own = here->sw.ports[0];
		own.lid.store(static_cast<u16>(100 + m));
		own.info.lid = Be16::from(own.lid.load());
		own.info.sm_lid = Be16::from(1);
		for (u32 port = 1; port <= HCAS + TRUNKS; port++)
			if (here->sw.ports[port].state.load() == vib::STATE_INIT)
				here->sw.ports[port].state.store(vib::STATE_ACTIVE);
		for (u32 i = 0; i < HCAS; i++) {
			here->hca[i].port.lid.store(static_cast<u16>(1 + 2 * m + i));
			here->hca[i].port.state.store(vib::STATE_ACTIVE);
		}
		for (u32 there = 0; there < count; there++) {
			const u8 trunk = there < m ? HCAS + 1 : HCAS + 2;
			here->sw.linear[100 + there].store(there == m ? u8{0} : trunk);
			for (u8 i = 0; i < HCAS; i++)
				here->sw.linear[1 + 2 * there + i].store(
					there == m ? static_cast<u8>(1 + i) : trunk);
		}
		// Group 0xc000: every HCA, and the row of trunks.
		here->sw.multicast[0][0].store(
			static_cast<u16>(0x06 | (m ? 0x08 : 0) | (m + 1 < count ? 0x10 : 0)));
	}
}

void MachinesTest::send(u32 machine, u32 hca, Bytes wire)
{
	delivered_.clear();
	hops_ = 0;
	carry(machine, hca, std::move(wire));
}

void MachinesTest::carry(u32 machine, u32 link, Bytes wire)
{
	vib_fabric *here = fabric(machine);
	const auto size = static_cast<u32>(wire.size());
	vib_effects effects{};
	vib_plan plan;

	if (++hops_ > HOPS_MAX) {
		ADD_FAILURE() << "it goes round and round";
		return;
	}

	vib_forward(here, link, wire.data(), size, &plan);
	if (plan.to_switch)
		vib_switch_receive(here, link, wire.data(), size, &plan, &effects);
	follow(machine, plan, wire);
	apply(machine, effects);
}

void MachinesTest::follow(u32 machine, const vib_plan &plan, const Bytes &wire)
{
	for (u32 hca = 0; hca < HCAS; hca++)
		if (plan.hcas >> hca & 1)
			delivered_.push_back({machine, hca, wire});
	for (u32 trunk = 0; trunk < TRUNKS; trunk++) {
		if (!(plan.trunks >> trunk & 1))
			continue;
		Bytes frame(VIB_TRUNK_HEAD);
		frame.insert(frame.end(), wire.begin(), wire.end());
		frame.resize(frame.size() + VIB_VCRC_LEN);
		frame.resize(vib_trunk_wrap(fabric(machine), trunk, frame.data(),
					    static_cast<u32>(wire.size())));
		if (!frame.empty())
			cross(machine, trunk, frame);
	}
}

vib_trunk_attr MachinesTest::attr(u32 machine, u32 trunk)
{
	vib_trunk_attr attr;

	vib_trunk_query(fabric(machine), trunk, &attr);
	return attr;
}

} // namespace unit
