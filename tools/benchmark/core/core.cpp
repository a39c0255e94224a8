// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What the core costs for one frame of a guest to another, with few and with many VIFs and peers.
#include "abi/core.h"
#include "abi/kernel.h"

#include <benchmark/benchmark.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

using Bytes = std::vector<u8>;
using Mac = std::array<u8, 6>;

constexpr u16 pkey = 0xffff;
constexpr u32 mtu = 2044;

Mac mac_of(u32 number)
{
	return {0x02,
		0,
		static_cast<u8>(number >> 24),
		static_cast<u8>(number >> 16),
		static_cast<u8>(number >> 8),
		static_cast<u8>(number)};
}

void append(Bytes &bytes, const Mac &mac)
{
	bytes.insert(bytes.end(), mac.begin(), mac.end());
}

// The low 24 bits are a queue pair.
std::array<u8, 20> address_of(u32 number)
{
	return {0x80,
		static_cast<u8>(number >> 16),
		static_cast<u8>(number >> 8),
		static_cast<u8>(number),
		0xfe,
		0x80,
		0,
		0,
		0,
		0,
		0,
		0,
		0x00,
		0x02,
		0xc9,
		0x03,
		0,
		static_cast<u8>(number >> 16),
		static_cast<u8>(number >> 8),
		static_cast<u8>(number)};
}

// An Ethernet frame; its payload is what @ethertype wants, and zeros.
Bytes frame_of(const Mac &from, const Mac &to, u16 ethertype, std::size_t length)
{
	Bytes bytes;
	append(bytes, to);
	append(bytes, from);
	bytes.push_back(static_cast<u8>(ethertype >> 8));
	bytes.push_back(static_cast<u8>(ethertype));
	bytes.resize(length);
	u8 *ip = bytes.data() + 14;
	if (ethertype == 0x0800) {
		ip[0] = 0x45;
		ip[2] = static_cast<u8>((length - 14) >> 8);
		ip[3] = static_cast<u8>(length - 14);
		ip[9] = 17; // UDP
		ip[12] = ip[16] = 10;
		ip[15] = 1;
		ip[19] = 2;
		ip[20] = ip[22] = 0x40;
	} else if (ethertype == 0x86dd) {
		ip[0] = 0x60;
		ip[6] = 17;
		ip[8] = ip[24] = 0xfd;
		ip[23] = 1;
		ip[39] = 2;
	} else if (ethertype == 0x0806) {
		const u8 head[] = {0, 1, 8, 0, 6, 4, 0, 1};
		std::memcpy(ip, head, sizeof(head));
		std::memcpy(ip + 8, from.data(), from.size());
		ip[14] = ip[24] = 10;
		ip[17] = 1;
		ip[27] = 2;
	}
	return bytes;
}

eipoib_tx_frame describe(const Bytes &frame)
{
	return {.head = frame.data(),
		.head_len = static_cast<u32>(frame.size()),
		.len = static_cast<u32>(frame.size()),
		.vlan_tci = EIPOIB_TCI_NONE,
		.gso_len = 0,
		.is_gso = false,
		.is_checksum_pending = false,
		.is_held = false,
		.is_flooded = false};
}

[[noreturn]] void die(const char *what)
{
	std::fprintf(stderr, "core: %s\n", what);
	std::abort();
}

// A PIF with VIFs whose MACs and queue pairs have consecutive numbers.
class Port {
public:
	Port(u32 first, u32 count, u32 max_peers) : core_(eipoib_core_create(this, max_peers))
	{
		if (!core_)
			die("no memory");
		for (u32 number = first; number < first + count; number++)
			add(number);
	}

	~Port()
	{
		for (eipoib_vif *vif : vifs_)
			eipoib_vif_destroy(core_, vif);
		eipoib_core_destroy(core_);
	}

	Port(const Port &) = delete;
	Port &operator=(const Port &) = delete;

	// Find the way of @frame from this PIF to the fabric, as the glue does: most have one.
	bool forward(const Bytes &frame) const
	{
		const u32 length = static_cast<u32>(frame.size());
		return eipoib_tx_find_flow(core_, frame.data(), length, length, EIPOIB_TCI_NONE,
					   eipoib_k_now()) ||
		       send(frame).verdict == EIPOIB_FORWARD;
	}

	// Plan it.
	eipoib_tx_plan send(const Bytes &frame) const
	{
		const eipoib_tx_frame input = describe(frame);
		eipoib_tx_plan plan;
		eipoib_tx_plan_frame(core_, &input, &plan);
		return plan;
	}

	// What takes the payload's place after EIPOIB_REWRITE.
	Bytes rewrite(const Bytes &frame, eipoib_tx_plan &plan) const
	{
		const eipoib_tx_frame input = describe(frame);
		Bytes payload(plan.capacity);
		eipoib_tx_rewrite(core_, &input, &plan, payload.data());
		payload.resize(plan.payload_len);
		return payload;
	}

	// Plan what VIF @index received behind @link.
	eipoib_rx_plan receive(std::size_t index, const Bytes &link, const Bytes &payload,
			       bool is_group) const
	{
		const eipoib_rx_frame input = {.link = link.data(),
					       .head = payload.data(),
					       .head_len = static_cast<u32>(payload.size()),
					       .len = static_cast<u32>(payload.size()),
					       .is_group = is_group,
					       .is_gso = false};
		eipoib_rx_plan plan;
		eipoib_rx_plan_frame(core_, vifs_[index], &input, &plan);
		if (plan.verdict == EIPOIB_REWRITE) {
			Bytes out(plan.capacity);
			eipoib_rx_rewrite(core_, vifs_[index], &input, &plan, out.data());
		}
		return plan;
	}

	// Find the way of what VIF @index received, or plan it. @frame: from the link header on.
	bool deliver(std::size_t index, const Bytes &frame) const
	{
		const u32 length = static_cast<u32>(frame.size()) - EIPOIB_LINK_HLEN;
		if (eipoib_rx_find_flow(core_, vifs_[index], frame.data(), length, length,
					eipoib_k_now()))
			return true;
		const Bytes link(frame.begin(), frame.begin() + EIPOIB_LINK_HLEN);
		const Bytes payload(frame.begin() + EIPOIB_LINK_HLEN, frame.end());
		return receive(index, link, payload, false).verdict == EIPOIB_FORWARD;
	}

private:
	void add(u32 number)
	{
		eipoib_vif_params params = {};
		const auto address = address_of(number);
		const Mac mac = mac_of(number);
		eipoib_binding binding = {.mac = {}, .flags = 0, .vlan = EIPOIB_VLAN_NONE};
		const char *why = nullptr;

		params.dev = this;
		params.pkey = pkey;
		params.mtu = mtu;
		std::memcpy(params.address, address.data(), address.size());
		std::memcpy(binding.mac, mac.data(), mac.size());
		eipoib_vif *vif = eipoib_vif_create(core_, &params);
		if (!vif || eipoib_vif_bind(core_, vif, &binding, &why))
			die("no VIF");
		eipoib_vif_set_carrier(core_, vif, true);
		vifs_.push_back(vif);
	}

	eipoib_core *core_;
	std::vector<eipoib_vif *> vifs_;
};

constexpr u32 here = 1;		 // the number of the first VIF here
constexpr u32 there = 0x800000u; // and of the first one of all others

// What stands in front of a frame that number @from sent: with its GID if it went to a group.
Bytes link_of(u32 from, u16 ethertype, bool is_group)
{
	const auto address = address_of(from);
	Bytes link(EIPOIB_LINK_HLEN);
	link[0] = is_group;
	std::memcpy(link.data() + 1, address.data() + 1, 3);
	if (is_group)
		std::memcpy(link.data() + 4, address.data() + 4, 16);
	link[20] = static_cast<u8>(ethertype >> 8);
	link[21] = static_cast<u8>(ethertype);
	const u16 lid = static_cast<u16>(from % 0xbf00 + 1);
	link[22] = static_cast<u8>(lid >> 8);
	link[23] = static_cast<u8>(lid);
	return link;
}

// Two PIFs that know each other: arguments are the VIFs of the one here and the peers it knows.
class Pair {
public:
	explicit Pair(const benchmark::State &state)
		: vifs_(static_cast<u32>(state.range(0))), peers_(static_cast<u32>(state.range(1))),
		  port_(here, vifs_, peers_ + 1)
	{
		for (u32 number = there; number < there + peers_; number++)
			learn(number);
	}

	// Every peer announces itself to all, as a PIF of this very driver does.
	void learn(u32 number)
	{
		const Port peer(number, 1, 1);
		const Bytes request =
			frame_of(mac_of(number), {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 0x0806, 42);
		eipoib_tx_plan plan = peer.send(request);
		if (plan.verdict != EIPOIB_REWRITE)
			die("an ARP request is not rewritten");
		const Bytes payload = peer.rewrite(request, plan);
		if (port_.receive(0, link_of(number, 0x0806, true), payload, true).verdict !=
		    EIPOIB_REWRITE)
			die("an ARP request is not received");
	}

	u32 some_vif(u32 i) const
	{
		return here + i % vifs_;
	}

	u32 some_peer(u32 i) const
	{
		return there + i % peers_;
	}

	const Port &port() const
	{
		return port_;
	}

private:
	u32 vifs_;
	u32 peers_;
	Port port_;
};

// A prime, so that frames in a row are of other VIFs and peers, and few enough to stay in the
// cache.
constexpr u32 flows = 61;

// With COLD in the environment nothing of what a frame needs is in callgrind's first-level cache
// when it comes: what it misses there are the cache lines that it touches.
void cool()
{
	static const bool is_cold = std::getenv("COLD");
	static std::array<u8, 1 << 17> others;
	if (!is_cold)
		return;
	for (std::size_t i = 0; i < others.size(); i += 64)
		benchmark::DoNotOptimize(++others[i]);
}

template <u16 ethertype> void send(benchmark::State &state)
{
	const Pair pair(state);
	std::vector<Bytes> frames;
	for (u32 i = 0; i < flows; i++)
		frames.push_back(frame_of(mac_of(pair.some_vif(i)), mac_of(pair.some_peer(i)),
					  ethertype, 1400));
	std::size_t next = 0;
	for (auto _ : state) {
		cool();
		if (!pair.port().forward(frames[next++ % flows]))
			die("a frame is not sent");
	}
}

template <u16 ethertype> void receive(benchmark::State &state)
{
	const Pair pair(state);
	const Bytes frame = frame_of({}, {}, ethertype, 1400);
	std::vector<Bytes> frames;
	for (u32 i = 0; i < flows; i++) {
		frames.push_back(link_of(pair.some_peer(i), ethertype, false));
		frames[i].insert(frames[i].end(), frame.begin() + 14, frame.end());
	}
	std::size_t next = 0;
	for (auto _ : state) {
		cool();
		const std::size_t flow = next++ % flows;
		if (!pair.port().deliver(pair.some_vif(static_cast<u32>(flow)) - here,
					 frames[flow]))
			die("a frame is not received");
	}
}

// ITERATIONS in the environment says how often each is done, for who counts instructions.
void sizes(benchmark::internal::Benchmark *benchmark)
{
	if (const char *iterations = std::getenv("ITERATIONS"))
		benchmark->Iterations(std::atoi(iterations));
	benchmark->ArgNames({"vifs", "peers"})
		->Args({1, 1})
		->Args({1000, 1})
		->Args({1, 10'000})
		->Args({1, 1'000'000});
}

BENCHMARK(send<0x0800>)->Name("tx_ipv4")->Apply(sizes);
BENCHMARK(send<0x86dd>)->Name("tx_ipv6")->Apply(sizes);
BENCHMARK(send<0x88cc>)->Name("tx_transparent")->Apply(sizes);
BENCHMARK(receive<0x0800>)->Name("rx_ipv4")->Apply(sizes);
BENCHMARK(receive<0x86dd>)->Name("rx_ipv6")->Apply(sizes);

} // namespace

BENCHMARK_MAIN();
