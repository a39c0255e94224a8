// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The whole core in the scene of kunit/cases/scene.hpp, whatever happens in whatever order. What
// has to hold is said in port.cpp.

#include "events.hpp"
#include "mutate.hpp"
#include "port.hpp"

#include "cases/scene.hpp"

using namespace fuzz;

namespace {

constexpr struct {
	const char *mac;
	u32 vlan;
} places[] = {
	{"0002c9433bf1", EIPOIB_VLAN_NONE},
	{"52540067e9bd", EIPOIB_VLAN_NONE},
	{"0002c9433bf1", 3},
	{nullptr, 5},
	{nullptr, EIPOIB_VLAN_NONE},
	{"020000500002", EIPOIB_VLAN_NONE},
	{"5254000000e1", EIPOIB_VLAN_NONE},
	{"5254000005f1", 5},
};

void set_the_scene(Port &port)
{
	port.add(0x48, 0xffff, places[0].mac, places[0].vlan);
	port.add(0x49, 0xffff, places[1].mac, places[1].vlan);
	port.add(0x4a, 0x8003, places[2].mac, places[2].vlan);
	port.add(0x4d, 0x8005, places[3].mac, places[3].vlan);
	for (const eipoib::cases::Teaching &t : eipoib::cases::teachings) {
		for (const Port::Vif &vif : port.vifs())
			if (vif.qpn == t.vif_qpn)
				port.rx(vif, from_hex(t.frame), true, false);
	}
}

void pass(Port &port, u8 how)
{
	unit::advance_clock(how < 0x80 ? how * 8u : (how - 0x7fu) * 2000u);
	port.replay(true);
}

void move_in(Port &port, Port::Vif &vif, u8 how)
{
	const auto &place = places[how >> 2 & 7];
	const Bytes mac = place.mac ? from_hex(place.mac) : Bytes(EIPOIB_MAC_LEN);
	const u8 sticky = how & 0x20 ? EIPOIB_VIF_STICKY : 0;
	port.bind(vif, mac.data(), place.vlan, place.mac ? sticky : EIPOIB_VIF_ANY);
}

void fix(Port &port, const Event &event)
{
	const auto &place = places[event.how & 7];
	const Bytes mac = from_hex(place.mac ? place.mac : "525400000077");
	Bytes gid = event.bytes;
	if (gid.size() < 16)
		gid = from_hex("fe80000000000000 0002c90300433c01");
	port.fix(mac.data(), place.vlan, 0x40 + (event.how >> 3), gid.data());
}

void unfix(Port &port, u8 how)
{
	const auto &place = places[how & 7];
	const Bytes mac = from_hex(place.mac ? place.mac : "525400000077");
	port.unfix(mac.data(), place.vlan);
}

void receive(Port &port, const Port::Vif &vif, const Event &event)
{
	// What has no link header is dropped by the glue.
	if (event.bytes.size() >= EIPOIB_LINK_HLEN)
		port.rx(vif, event.bytes, event.how & 4, event.how & 8);
}

void happen(Port &port, const Event &event)
{
	const u8 how = event.how;
	Port::Vif &vif = port.vifs()[how & 3];
	Bytes bytes(event.bytes);
	switch (event.what % happens::count) {
	case happens::tx:
		port.tx(bytes, {.tci = how >> 2 ? how >> 2 : u32{EIPOIB_TCI_NONE},
				.is_gso = !!(how & 1),
				.is_checksum_pending = !!(how & 2)});
		break;
	case happens::rx:
		receive(port, vif, event);
		break;
	case happens::pass:
		pass(port, how);
		break;
	case happens::answer:
		if (bytes.size() < 16)
			bytes = from_hex("fe80000000000000 0002c90300433c01");
		port.answer(bytes.data());
		break;
	case happens::replay:
		port.replay(true);
		break;
	case happens::tick:
		port.tick();
		break;
	case happens::bind:
		move_in(port, vif, how);
		break;
	case happens::unbind:
		port.unbind(vif);
		break;
	case happens::carrier:
		port.set_carrier(vif, how & 4);
		break;
	case happens::listen:
		port.set_listeners(bytes);
		break;
	case happens::recreate:
		port.recreate(vif);
		break;
	case happens::mtu:
		port.set_mtu(vif, u32{how} >> 2 << 5);
		break;
	case happens::address:
		port.set_qpn(vif, 0x40 + (how >> 2));
		break;
	case happens::fix:
		fix(port, event);
		break;
	case happens::unfix:
		unfix(port, how);
		break;
	}
	port.quiesce();
	port.check_memory();
	port.check_peers();
	port.check_fixed();
	port.take_sent();
	port.take_entered();
}

} // namespace

static Form form_of(const Event &event)
{
	switch (event.what % happens::count) {
	case happens::tx:
		return Form::ethernet;
	case happens::rx:
		return Form::link;
	default:
		return Form::bytes;
	}
}

FUZZ_EVENTS(form_of)

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
	unit::reset_groups();
	unit::reset_calls();
	must(unit::live_allocations() == 0, "a fresh start");
	{
		Port port(0x0002c90300433bf1);
		set_the_scene(port);
		Events events(data, size);
		while (const auto event = events.next()) {
			if (event->what % happens::count == happens::no_memory) {
				unit::fail_allocation_after(event->how);
				continue;
			}
			happen(port, *event);
			unit::never_fail_allocation();
		}
		port.replay(false);
		port.check_held_count();
	}
	must(unit::live_allocations() == 0, "nothing is left");
	must(unit::group_errors() == 0, "groups are joined and left once");
	return 0;
}
