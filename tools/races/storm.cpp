// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// storm SECONDS: guests, the fabric, an administrator and time at once, under ThreadSanitizer.

#include "pif.hpp"

#include "cases/dhcp_plan_cases.hpp"
#include "cases/nd_plan_cases.hpp"
#include "cases/rx_cases.hpp"
#include "cases/snoop_cases.hpp"
#include "cases/transparent_cases.hpp"
#include "cases/tx_cases.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>

using namespace races;
using namespace eipoib::cases;
using kxx::u16;

namespace {

std::atomic<bool> is_over;

struct RxFrame {
	Bytes bytes;
	bool is_group;
};

// The case tables, for what the small world has no frames of.
struct Tables {
	std::vector<Bytes> tx;
	std::vector<RxFrame> rx;

	Tables()
	{
		add(tx_cases);
		add(tx_transparent_cases);
		add(tx_nd_cases);
		add(tx_dhcp_cases);
		add(rx_cases);
		add(rx_transparent_cases);
		add(rx_nd_cases);
		for (const SnoopCase &c : snoop_cases) {
			Bytes frame =
				from_hex(c.packet[0] == '6' ? "333300000016 525400000001 86dd"
							    : "01005e000016 525400000001 0800");
			const Bytes packet = from_hex(c.packet);
			frame.insert(frame.end(), packet.begin(), packet.end());
			tx.push_back(std::move(frame));
		}
	}

private:
	template <std::size_t count> void add(const TxCase (&cases)[count])
	{
		for (const TxCase &c : cases)
			if (Bytes frame = from_hex(c.frame); frame.size() >= EIPOIB_ETH_HLEN)
				tx.push_back(std::move(frame));
	}

	template <std::size_t count> void add(const RxCase (&cases)[count])
	{
		for (const RxCase &c : cases)
			rx.push_back({from_hex(c.frame), c.is_group});
	}
};

const Tables tables;

// A thread that does things in no order.
class Actor {
public:
	Actor(Pif &pif, u32 seed) : pif_(pif), random_(seed)
	{
	}

	void configure();
	void send();
	void receive();
	void reap();
	void look();

	u64 steps() const
	{
		return steps_;
	}

	// Do @what until the end.
	void run(void (Actor::*what)())
	{
		const Caller caller;
		while (!is_over.load(std::memory_order_relaxed)) {
			(this->*what)();
			steps_++;
		}
	}

private:
	u32 below(u32 end)
	{
		return static_cast<u32>(random_() % end);
	}

	// So few that all meet all the time.
	Peer peer()
	{
		return {static_cast<u8>(0x60 + below(6)), static_cast<u8>(below(8)),
			static_cast<u8>(1 + below(8))};
	}

	MacAddress mac()
	{
		return below(8) ? mac_of(static_cast<u8>(below(48))) : peer().remac();
	}

	MacAddress own_mac()
	{
		return mac_of(static_cast<u8>(below(5)));
	}

	Pif &pif_;
	std::minstd_rand random_;
	u64 steps_ = 0;
};

void Actor::configure()
{
	const u32 vif = below(Pif::vifs);
	const u32 vlan = vif == 3 ? 3 : u32{EIPOIB_VLAN_NONE};
	switch (below(12)) {
	case 0:
		pif_.destroy(vif);
		break;
	case 1:
		pif_.unbind(vif);
		break;
	case 2:
		pif_.move(own_mac(), own_mac());
		break;
	case 3:
		pif_.set_carrier(vif, below(2));
		break;
	case 4:
		pif_.set_address(vif, static_cast<u8>(0xf0 + below(2)));
		break;
	case 5:
		pif_.set_mtu(vif, 2044 - below(2) * 1000);
		break;
	case 6:
		pif_.fix(mac(), peer());
		break;
	case 7:
		pif_.forget(mac());
		break;
	case 8:
		pif_.set_listeners(from_hex(below(2) ? "01005e000005 3333ff00000a" : ""));
		break;
	case 9:
		pif_.bind(vif, {}, vlan, EIPOIB_VIF_ANY);
		break;
	default:
		pif_.create(vif);
		pif_.bind(vif, own_mac(), vlan, below(4) ? 0 : EIPOIB_VIF_STICKY);
	}
}

void Actor::send()
{
	const u32 tci = below(8) ? u32{EIPOIB_TCI_NONE} : 3;
	if (below(2)) {
		Bytes frame = tables.tx[below(static_cast<u32>(tables.tx.size()))];
		const MacAddress from = own_mac();
		__builtin_memcpy(frame.data() + EIPOIB_MAC_LEN, &from, sizeof(from));
		pif_.tx(frame, {.tci = tci, .is_gso = false});
		return;
	}
	pif_.tx(ipv4_to(mac(), own_mac()), {.tci = tci, .is_gso = !below(4)});
}

void Actor::receive()
{
	const u32 vif = below(Pif::vifs);
	const bool is_group = below(2);
	switch (below(5)) {
	case 0: {
		const RxFrame &frame = tables.rx[below(static_cast<u32>(tables.rx.size()))];
		pif_.rx(vif, frame.bytes, frame.is_group);
		break;
	}
	case 1:
		pif_.rx(vif, announcement_of(peer(), mac(), static_cast<u8>(below(4))), is_group);
		break;
	case 2:
		pif_.rx(vif, transparent_of(peer(), mac(), own_mac(), below(2)), is_group);
		break;
	default:
		pif_.rx(vif, ipv4_of(peer(), below(2)), is_group);
	}
}

void Actor::reap()
{
	switch (below(4)) {
	case 0:
		pif_.tick();
		break;
	case 1:
		pif_.answer(static_cast<u8>(below(8)));
		break;
	default:
		if (take_release() || below(2))
			pif_.replay(true);
	}
}

void Actor::look()
{
	pif_.look();
}

} // namespace

int main(int argc, char **argv)
{
	const int seconds = argc > 1 ? std::atoi(argv[1]) : 10;
	const Caller caller;
	u64 steps = 0;
	{
		Pif pif;
		std::vector<Actor> actors;
		for (u32 seed = 1; seed <= 7; seed++)
			actors.emplace_back(pif, seed);
		std::vector<std::thread> threads;
		const auto start = [&](std::size_t actor, void (Actor::*what)()) {
			threads.emplace_back([&, actor, what] { actors[actor].run(what); });
		};
		start(0, &Actor::configure);
		start(1, &Actor::reap);
		start(2, &Actor::look);
		start(3, &Actor::send);
		start(4, &Actor::send);
		start(5, &Actor::receive);
		start(6, &Actor::receive);
		std::this_thread::sleep_for(std::chrono::seconds(seconds));
		is_over = true;
		for (std::thread &thread : threads)
			thread.join();
		for (const Actor &actor : actors)
			steps += actor.steps();
		pif.replay(false);
		pif.check_held_count();
	}
	wait_for_callbacks();
	must(live_allocations() == 0, "nothing is left");
	must(group_errors() == 0 && joined_groups() == 0, "groups are joined and left once");
	must(steps > 1000 && said() > 0, "something happened");
	std::printf("%llu steps of 7 threads in %d s\n", static_cast<unsigned long long>(steps),
		    seconds);
	return EXIT_SUCCESS;
}
