// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// vib's fabric: whatever an HCA sends, whatever a subnet manager asks of it, and whatever arrives.
// What vib's glue does with a plan is done here.

#include "events.hpp"
#include "mutate.hpp"
#include "rc_host.hpp"

#include "abi_trunk.h"
#include "core/fabric.hpp"

#include <algorithm>
#include <cstring>

using namespace fuzz;
using vib::wire::Smp;

namespace {

constexpr u32 hcas = 3;
constexpr u32 trunks = 2; // of which nobody is at the end of the second one
constexpr u32 identity = 0x5e1f, peer = 0x9ee9;
constexpr u16 switch_lid = 100;
constexpr std::size_t wire_max = VIB_HEADER_MAX + 4096 + VIB_TAIL_MAX;

constexpr vib_qp_attr queue_pair(u32 qpn, u8 kind)
{
	return {.qpn = qpn, .qkey = 0x1234, .pkey_index = 0, .kind = kind, .can_receive = true};
}

constexpr vib_qp_attr queue_pairs[] = {
	queue_pair(0, VIB_QP_SMI),
	queue_pair(1, VIB_QP_GSI),
	queue_pair(0x50, VIB_QP_UD),
	queue_pair(0x51, VIB_QP_RC),
};

class Fabric {
public:
	Fabric() : fabric_(fresh_fabric())
	{
		const vib_fabric_config config = {
			.guid = 0x0002c90300433bf1, .hcas = hcas, .trunks = trunks, .mtu = 2048};
		must(vib_fabric_init(fabric_, &config), "made");
		for (u32 i = 0; i < hcas; i++)
			plug(i, true);
		for (u32 i = 0; i < trunks; i++)
			cable(i, true);
		bring_up();
	}

	void happen(const Event &event);

private:
	// What a subnet manager does; by SMPs it takes longer.
	void bring_up()
	{
		fabric_->sw.ports[0].lid.store(switch_lid);
		for (u32 i = 0; i < hcas; i++) {
			vib::Port &port = fabric_->hca[i].port;
			const u16 lid = static_cast<u16>(i + 1);
			port.lid.store(lid);
			port.info.lid = vib::wire::Be16::from(lid);
			port.info.sm_lid = vib::wire::Be16::from(1);
			port.state.store(vib::STATE_ACTIVE);
			fabric_->switch_port(i).state.store(vib::STATE_ACTIVE);
			fabric_->sw.linear[lid].store(static_cast<u8>(i + 1));
			fabric_->sw.multicast[0][0].store(0x1e);
		}
		hear_hello();
		fabric_->trunk_port(0).state.store(vib::STATE_ACTIVE);
		fabric_->sw.linear[hcas + 1].store(hcas + 1);
	}

	u64 drops(u32 link) const
	{
		u64 sum = 0;
		for (u32 i = 0; i < VIB_DROP_COUNT; i++)
			sum += link < VIB_TRUNK_LINK
				       ? vib_read_drop(fabric_, link, i)
				       : vib_trunk_drops(fabric_, link - VIB_TRUNK_LINK, i);
		return sum;
	}

	u64 refused(u32 trunk) const
	{
		u64 sum = 0;
		for (u32 i = VIB_TRUNK_MALFORMED; i <= VIB_TRUNK_OWN_GUID; i++)
			sum += vib_trunk_count(fabric_, trunk, i);
		return sum;
	}

	void plug(u32 hca, bool in)
	{
		vib_effects effects;
		vib_link_plug(fabric_, hca, in, &effects);
		apply(effects);
	}

	void cable(u32 trunk, bool in)
	{
		const vib_trunk_cable how = {.identity = identity, .link = 1};
		vib_effects effects;
		vib_trunk_plug(fabric_, trunk, in ? &how : nullptr, &effects);
		apply(effects);
	}

	// The other end of trunk 0.
	void hear_hello()
	{
		vib::Trunk end{};
		end.plug({.identity = peer, .link = 1}, false);
		vib::wire::TrunkHello hello = end.say(0x1234, 1);
		hello.head.to = vib::wire::Be32::from(identity);
		const u8 *bytes = reinterpret_cast<const u8 *>(&hello);
		come(0, {bytes, bytes + sizeof(hello)});
	}

	void apply(const vib_effects &effects)
	{
		must(!effects.events || effects.hca < hcas, "an HCA reports");
		if (!effects.trap)
			return;
		Bytes wire(VIB_HEADER_MAX + VIB_MAD_LEN + VIB_TAIL_MAX);
		vib_plan plan;
		const u32 size = vib_switch_trap(fabric_, wire.data(), &plan);
		must(size <= wire.size(), "a trap fits");
		wire.resize(size);
		check(plan);
		deliver(plan, wire);
	}

	static void check(const vib_plan &plan)
	{
		must(!(plan.hcas >> hcas), "to HCAs that exist");
		must(!(plan.trunks >> trunks), "to trunks that exist");
		const bool goes = plan.hcas || plan.trunks;
		must(!plan.drop || (!goes && !plan.to_switch), "dropped or not");
		must(!plan.to_switch || !goes, "to the switch or through it");
		must(plan.drop < VIB_DROP_COUNT, "for a reason");
		must(!(plan.looped & ~plan.hcas), "without a link, but to who gets it");
	}

	void carry(u32 link, Bytes wire);
	void leave(u32 trunk, const Bytes &wire) const;
	void come(u32 trunk, const Bytes &frame);
	void come_sealed(u32 trunk, const Bytes &wire);
	void deliver(const vib_plan &plan, const Bytes &wire);
	void arrive(u32 hca, const Bytes &wire);
	static void look_at_checksums(Bytes wire);
	void ask_agent(u32 hca, const Bytes &mad);
	void send_smp(u32 hca, bool is_directed, const Bytes &bytes);
	void send(u32 hca, u8 how, const Bytes &bytes);
	void build_and_carry(u32 hca, vib_send send, const Bytes &payload);
	void look(u32 hca) const;

	vib_fabric *fabric_;
};

void Fabric::carry(u32 link, Bytes wire)
{
	const u64 before = drops(link);
	vib_plan plan;
	vib_forward(fabric_, link, wire.data(), static_cast<u32>(wire.size()), &plan);
	check(plan);
	// A group may have no member but who sent it here.
	must(plan.drop || plan.to_switch || plan.hcas || plan.trunks || link >= VIB_TRUNK_LINK,
	     "exactly one verdict");
	must(drops(link) - before == !!plan.drop, "each drop is counted once");
	if (plan.to_switch) {
		vib_effects effects;
		vib_switch_receive(fabric_, link, wire.data(), static_cast<u32>(wire.size()), &plan,
				   &effects);
		check(plan);
		apply(effects);
	}
	deliver(plan, wire);
}

void Fabric::deliver(const vib_plan &plan, const Bytes &wire)
{
	for (u32 hca = 0; hca < hcas; hca++)
		if (plan.hcas >> hca & 1)
			arrive(hca, wire);
	for (u32 trunk = 0; trunk < trunks; trunk++)
		if (plan.trunks >> trunk & 1)
			leave(trunk, wire);
}

// Out by a trunk, and what the other end may make of it.
void Fabric::leave(u32 trunk, const Bytes &wire) const
{
	Bytes frame(VIB_TRUNK_HEAD);
	frame.insert(frame.end(), wire.begin(), wire.end());
	frame.resize(frame.size() + VIB_VCRC_LEN);
	const u32 size =
		vib_trunk_wrap(fabric_, trunk, frame.data(), static_cast<u32>(wire.size()));
	must(size == frame.size() || !size, "the whole frame");
	must(size || !fabric_->trunk[trunk].is_up(), "if somebody is there");
}

// A frame of the Ethernet.
void Fabric::come(u32 trunk, const Bytes &frame)
{
	const auto size = static_cast<u32>(frame.size());
	const u64 before = refused(trunk);
	vib_trunk_packet packet;
	std::memset(&packet, 0xa5, sizeof(packet));
	switch (vib_trunk_sort(fabric_, trunk, frame.data(), size, &packet)) {
	case VIB_TRUNK_IS_HELLO: {
		Bytes answer(VIB_TRUNK_HELLO);
		vib_effects effects;
		vib_trunk_hello(fabric_, trunk, frame.data(), size, answer.data(), &effects);
		apply(effects);
		break;
	}
	case VIB_TRUNK_IS_PACKET:
		must(packet.offset <= size && packet.len + VIB_VCRC_LEN <= size - packet.offset,
		     "a packet inside its frame");
		must(refused(trunk) == before, "taken, not dropped");
		carry(VIB_TRUNK_LINK + trunk,
		      {frame.begin() + packet.offset, frame.begin() + packet.offset + packet.len});
		break;
	case VIB_TRUNK_NOTHING:
		must(refused(trunk) == before + 1, "each drop is counted once");
		break;
	default:
		must(refused(trunk) == before, "nothing of ours");
	}
}

// A packet as the other end sends it.
void Fabric::come_sealed(u32 trunk, const Bytes &wire)
{
	const vib::wire::TrunkHead head = {
		.version = 1,
		.type = vib::wire::TrunkHead::TYPE_PACKET,
		.link = vib::wire::Be16::from(1),
		.from = vib::wire::Be32::from(peer),
		.to = vib::wire::Be32::from(identity),
	};
	const u8 *bytes = reinterpret_cast<const u8 *>(&head);
	Bytes frame(bytes, bytes + sizeof(head));
	frame.insert(frame.end(), wire.begin(), wire.end());
	frame.resize(frame.size() + VIB_VCRC_LEN);
	vib_seal(frame.data() + sizeof(head), static_cast<u32>(wire.size()));
	come(trunk, frame);
}

void Fabric::arrive(u32 hca, const Bytes &wire)
{
	const u64 before = drops(hca);
	vib_rx rx;
	std::memset(&rx, 0xa5, sizeof(rx));
	const int drop =
		vib_port_receive(fabric_, hca, wire.data(), static_cast<u32>(wire.size()), &rx);
	must(drops(hca) - before == !!drop, "each drop is counted once");
	if (drop)
		return;
	look_at_checksums(wire);
	must(rx.size == wire.size() && rx.payload <= rx.size &&
		     rx.payload_len <= rx.size - rx.payload && rx.transport < rx.payload,
	     "the payload is inside");
	must(!rx.has_grh || rx.grh + VIB_GRH_LEN <= rx.transport, "the GRH is inside");
	for (const vib_qp_attr &qp : queue_pairs) {
		vib_rx copy = rx;
		const int refusal = vib_qp_receive(fabric_, hca, &qp, &copy);
		must(refusal || copy.pkey_index < VIB_PKEYS, "a P_Key that there is");
		must(refusal || (!copy.connected && qp.kind != VIB_QP_RC), "datagrams only");
	}
	if (rx.dest_qpn < 2 && rx.payload_len == VIB_MAD_LEN)
		ask_agent(hca,
			  {wire.begin() + rx.payload, wire.begin() + rx.payload + VIB_MAD_LEN});
}

void Fabric::look_at_checksums(Bytes wire)
{
	const u32 size = static_cast<u32>(wire.size());
	wire.resize(size + VIB_VCRC_LEN);
	vib_seal(wire.data(), size);
	must(vib_is_intact(wire.data(), size + VIB_VCRC_LEN), "its checksums are right");
	vib_damage(wire.data(), size, wire[0] % (size + VIB_VCRC_LEN) * 8);
	must(!vib_is_intact(wire.data(), size + VIB_VCRC_LEN), "and damage shows");
}

void Fabric::ask_agent(u32 hca, const Bytes &mad)
{
	Bytes in(mad), out(VIB_MAD_LEN, 0xa5);
	in.resize(VIB_MAD_LEN);
	in.shrink_to_fit();
	vib_effects effects;
	const int verdict = vib_hca_mad(fabric_, hca, in.data(), out.data(), &effects);
	must(verdict == VIB_MAD_PASS || verdict == VIB_MAD_REPLY || verdict == VIB_MAD_CONSUMED,
	     "a verdict");
	if (verdict == VIB_MAD_REPLY) {
		const auto asked = *ByteView(in.data(), in.size()).load<vib::wire::MadHeader>();
		const auto said = *ByteView(out.data(), out.size()).load<vib::wire::MadHeader>();
		must(said.method == vib::wire::METHOD_GET_RESP && said.tid == asked.tid &&
			     said.attribute == asked.attribute && said.modifier == asked.modifier,
		     "the answer to this question");
	}
	apply(effects);
}

void Fabric::build_and_carry(u32 hca, vib_send send, const Bytes &payload)
{
	Bytes wire(VIB_HEADER_MAX);
	send.payload_len = static_cast<u32>(payload.size());
	const vib_layout layout = vib_send_build(fabric_, hca, &send, wire.data());
	must(layout.header_len <= VIB_HEADER_MAX && layout.tail_len <= VIB_TAIL_MAX,
	     "there is room for the headers");
	if (layout.drop)
		return;
	wire.resize(layout.header_len);
	wire.insert(wire.end(), payload.begin(), payload.end());
	wire.insert(wire.end(), layout.tail_len, 0);
	must(wire.size() % 4 == 0, "whole words");
	carry(hca, wire);
}

void Fabric::send_smp(u32 hca, bool is_directed, const Bytes &bytes)
{
	Bytes mad(bytes.begin() + std::min<std::ptrdiff_t>(2, std::ssize(bytes)), bytes.end());
	mad.resize(VIB_MAD_LEN);
	vib_av av = {};
	av.dlid = bytes.size() < 2 || is_directed ? vib::wire::PERMISSIVE_LID
						  : static_cast<u16>(bytes[0] << 8 | bytes[1]);
	vib_send send = {};
	send.av = &av;
	send.qp = &queue_pairs[0];
	build_and_carry(hca, send, mad);
}

void Fabric::send(u32 hca, u8 how, const Bytes &bytes)
{
	constexpr std::ptrdiff_t head = 24;
	if (std::ssize(bytes) < head)
		return;
	vib_av av = {};
	av.dlid = static_cast<u16>(bytes[0] << 8 | bytes[1]);
	av.sl = bytes[2] & 15;
	av.path_bits = bytes[3];
	av.sgid_index = bytes[4];
	av.has_grh = how & 0x10;
	std::copy_n(bytes.begin() + 5, sizeof(av.dgid), av.dgid);
	vib_send send = {};
	send.av = &av;
	send.qp = &queue_pairs[how >> 2 & 3];
	send.dest_qpn = bytes[21] < 0xff ? bytes[21] : vib::wire::MULTICAST_QPN;
	send.remote_qkey = bytes[22] & 1 ? 0x80000000 : queue_pairs[2].qkey;
	send.pkey_index = bytes[23];
	send.has_imm = how & 0x20;
	build_and_carry(hca, send, {bytes.begin() + head, bytes.end()});
}

void Fabric::look(u32 hca) const
{
	vib_port_attr attr;
	vib_port_query(fabric_, hca, &attr);
	must(attr.state >= vib::STATE_DOWN && attr.state <= vib::STATE_ACTIVE, "a state");
	must(attr.active_mtu >= 1 && attr.active_mtu <= attr.max_mtu, "an MTU");
	must(attr.lid < vib::wire::FIRST_MULTICAST_LID, "an LID of a port");
}

void Fabric::happen(const Event &event)
{
	const u32 hca = (event.how & 3) % hcas;
	switch (event.what % fabric_happens::count) {
	case fabric_happens::smp:
		send_smp(hca, event.how & 4, event.bytes);
		break;
	case fabric_happens::mad:
		ask_agent(hca, event.bytes);
		break;
	case fabric_happens::packet:
		if (event.bytes.size() <= wire_max)
			carry(hca, event.bytes);
		break;
	case fabric_happens::send:
		send(hca, event.how, event.bytes);
		break;
	case fabric_happens::plug:
		plug(hca, event.how & 4);
		break;
	case fabric_happens::arrive:
		arrive(hca, event.bytes);
		break;
	case fabric_happens::frame:
		come(event.how & 1, event.bytes);
		break;
	case fabric_happens::trunk:
		if (event.bytes.size() <= wire_max)
			come_sealed(event.how & 1, event.bytes);
		break;
	case fabric_happens::cable:
		cable(event.how & 1, event.how & 4);
		break;
	case fabric_happens::tick: {
		Bytes hello(VIB_TRUNK_HELLO);
		vib_effects effects;
		vib_trunk_tick(fabric_, event.how & 1, hello.data(), &effects);
		apply(effects);
		break;
	}
	case fabric_happens::modify:
		vib_port_modify(fabric_, hca, event.how, event.what);
		break;
	}
	for (u32 i = 0; i < hcas; i++)
		look(i);
}

} // namespace

static Form form_of(const Event &event)
{
	switch (event.what % fabric_happens::count) {
	case fabric_happens::smp:
		return Form::smp;
	case fabric_happens::mad:
		return Form::mad;
	case fabric_happens::packet:
	case fabric_happens::arrive:
	case fabric_happens::trunk:
		return Form::wire;
	default:
		return Form::bytes;
	}
}

FUZZ_EVENTS(form_of)

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
	Fabric fabric;
	Events events(data, size);
	while (const auto event = events.next())
		fabric.happen(*event);
	return 0;
}
