// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB

#include "pif.hpp"

#include "abi/kernel.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace races {

using namespace kxx;

namespace {

constexpr std::size_t held_max = 1024;
constexpr std::size_t held_for_one_max = 128;
constexpr u16 pkeys[Pif::vifs] = {0xffff, 0xffff, 0xffff, 0x8003};

char devices[Pif::vifs];

eipoib_vif_params params_of(u32 index)
{
	eipoib_vif_params params = {};
	params.dev = devices + index;
	params.pkey = pkeys[index];
	params.mtu = 2044;
	const auto address = Peer{static_cast<u8>(0x48 + index), 0xf1, 0}.address();
	std::memcpy(params.address, &address, sizeof(address));
	return params;
}

eipoib_peer peer_of(MacAddress mac)
{
	eipoib_peer peer = {};
	std::memcpy(peer.mac, &mac, sizeof(mac));
	peer.vlan = EIPOIB_VLAN_NONE;
	return peer;
}

Bytes head_of(const Bytes &frame)
{
	const auto size = std::min<std::size_t>(frame.size(), EIPOIB_HEAD_MAX);
	return {frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size)};
}

} // namespace

Pif::Pif() : core_(eipoib_core_create(this, max_peers))
{
	must(core_, "created");
}

Pif::~Pif()
{
	for (u32 i = 0; i < vifs; i++)
		destroy(i);
	eipoib_core_destroy(core_);
}

void Pif::create(u32 index)
{
	if (vif_[index].load(std::memory_order_relaxed))
		return;
	const eipoib_vif_params params = params_of(index);
	eipoib_vif *vif = eipoib_vif_create(core_, &params);
	must(vif, "created");
	eipoib_vif_set_carrier(core_, vif, true);
	vif_[index].store(vif, std::memory_order_release);
}

// First no packet comes in any more, as when the receive handler goes.
void Pif::destroy(u32 index)
{
	eipoib_vif *vif = vif_[index].exchange(nullptr, std::memory_order_relaxed);
	if (!vif)
		return;
	synchronize();
	eipoib_vif_destroy(core_, vif);
}

bool Pif::bind(u32 index, MacAddress mac, u32 vlan, u8 flags)
{
	eipoib_vif *vif = vif_[index].load(std::memory_order_relaxed);
	if (!vif)
		return false;
	eipoib_binding binding = {.mac = {}, .flags = flags, .vlan = vlan};
	std::memcpy(binding.mac, &mac, sizeof(mac));
	const char *why = nullptr;
	const int error = eipoib_vif_bind(core_, vif, &binding, &why);
	must((error != 0) == (why != nullptr), "an error has its sentence");
	return !error;
}

void Pif::unbind(u32 index)
{
	if (eipoib_vif *vif = vif_[index].load(std::memory_order_relaxed))
		eipoib_vif_unbind(core_, vif);
}

void Pif::move(MacAddress from, MacAddress to)
{
	const char *why = nullptr;
	eipoib_core_move(core_, from.bytes_, to.bytes_, &why);
}

void Pif::set_carrier(u32 index, bool on)
{
	if (eipoib_vif *vif = vif_[index].load(std::memory_order_relaxed))
		eipoib_vif_set_carrier(core_, vif, on);
}

void Pif::set_address(u32 index, u8 port)
{
	const auto address = Peer{static_cast<u8>(0x48 + index), port, 0}.address();
	if (eipoib_vif *vif = vif_[index].load(std::memory_order_relaxed))
		eipoib_vif_set_address(core_, vif, bytes_of(address).data());
}

void Pif::set_mtu(u32 index, u32 mtu)
{
	if (eipoib_vif *vif = vif_[index].load(std::memory_order_relaxed))
		eipoib_vif_set_mtu(vif, mtu);
}

void Pif::fix(MacAddress mac, const Peer &where)
{
	eipoib_peer peer = peer_of(mac);
	const auto address = where.address();
	std::memcpy(peer.address, &address, sizeof(address));
	const char *why = nullptr;
	if (eipoib_peer_set(core_, &peer, EIPOIB_PEER_CREATE, &why))
		return;
	const ReadSide section;
	must(!eipoib_peer_find(core_, &peer) && peer.flags & EIPOIB_PEER_STATIC &&
		     !std::memcmp(peer.address + 1, &address.qpn_, sizeof(address) - 1),
	     "nothing that is learnt changes a static entry");
}

void Pif::forget(MacAddress mac)
{
	const eipoib_peer peer = peer_of(mac);
	const char *why = nullptr;
	eipoib_peer_forget(core_, &peer, &why);
}

void Pif::set_listeners(const Bytes &macs)
{
	eipoib_core_set_listeners(core_, macs.data(),
				  static_cast<u32>(macs.size() / EIPOIB_MAC_LEN));
}

// The final plan. Inside a read-side section.
eipoib_tx_plan Pif::plan(const Bytes &frame, const TxOptions &options, const Held *held)
{
	const Bytes head = head_of(frame);
	eipoib_tx_frame input = {.head = head.data(),
				 .head_len = static_cast<u32>(head.size()),
				 .len = static_cast<u32>(frame.size()),
				 .vlan_tci = options.tci,
				 .gso_len = 0,
				 .is_gso = options.is_gso,
				 .is_checksum_pending = false,
				 .is_held = held != nullptr,
				 .is_flooded = held && held->is_flooded};
	eipoib_tx_plan plan;
	std::memset(&plan, 0xa5, sizeof(plan));
	const eipoib_flow *flow =
		held ? nullptr
		     : eipoib_tx_find_flow(core_, input.head, input.head_len,
					   input.is_gso ? input.gso_len : input.len, input.vlan_tci,
					   eipoib_k_now());
	if (flow) {
		must(flow->dev >= devices && flow->dev < devices + vifs, "a VIF sends");
		plan.verdict = EIPOIB_FORWARD;
		return plan;
	}
	eipoib_tx_plan_frame(core_, &input, &plan);
	if (plan.verdict == EIPOIB_REWRITE) {
		input.head = frame.data();
		input.head_len = input.len;
		Bytes payload(plan.capacity);
		eipoib_tx_rewrite(core_, &input, &plan, payload.data());
	}
	if (plan.verdict == EIPOIB_FORWARD && plan.flags & EIPOIB_PLAN_SNOOP) {
		input.head = frame.data();
		input.head_len = input.len;
		eipoib_tx_snoop(core_, &input);
	}
	must(plan.verdict <= EIPOIB_CONSUME, "a verdict");
	must((plan.verdict == EIPOIB_DROP) == (plan.reason < EIPOIB_REASON_RX_RUNT),
	     "a reason if and only if dropped");
	return plan;
}

void Pif::tx(const Bytes &frame, const TxOptions &options)
{
	const ReadSide section;
	const eipoib_tx_plan decided = plan(frame, options, nullptr);
	if (decided.verdict != EIPOIB_HOLD)
		return;
	const std::scoped_lock guard(held_mutex_);
	must(held_.size() < held_max, "not too many are held");
	held_.push_back({frame, options, !!(decided.flags & EIPOIB_PLAN_FLOOD)});
}

void Pif::rx(u32 index, const Bytes &frame, bool is_group)
{
	const ReadSide section;
	eipoib_vif *vif = vif_[index].load(std::memory_order_acquire);
	if (!vif)
		return;
	const Bytes whole(frame.begin() + EIPOIB_LINK_HLEN, frame.end());
	const Bytes head = head_of(whole);
	eipoib_rx_frame input = {.link = frame.data(),
				 .head = head.data(),
				 .head_len = static_cast<u32>(head.size()),
				 .len = static_cast<u32>(whole.size()),
				 .is_group = is_group,
				 .is_gso = false};
	if (!is_group) {
		const eipoib_flow *flow = eipoib_rx_find_flow(
			core_, vif, frame.data(), input.head_len, input.len, eipoib_k_now());
		if (flow) {
			must(flow->vlan <= EIPOIB_VLAN_NONE, "a VLAN");
			return;
		}
	}
	eipoib_rx_plan plan;
	std::memset(&plan, 0xa5, sizeof(plan));
	eipoib_rx_plan_frame(core_, vif, &input, &plan);
	if (plan.verdict == EIPOIB_REWRITE) {
		input.head = whole.data();
		input.head_len = input.len;
		Bytes payload(plan.capacity);
		eipoib_rx_rewrite(core_, vif, &input, &plan, payload.data());
	}
	must(plan.verdict == EIPOIB_DROP || plan.verdict == EIPOIB_FORWARD ||
		     plan.verdict == EIPOIB_REWRITE || plan.verdict == EIPOIB_CONSUME,
	     "a verdict");
	must((plan.verdict == EIPOIB_DROP) ==
		     (plan.reason >= EIPOIB_REASON_RX_RUNT && plan.reason < EIPOIB_REASON_COUNT),
	     "a reason if and only if dropped");
}

void Pif::look() const
{
	const ReadSide section;
	std::array<eipoib_peer, 7> peers;
	u64 position = 0;
	while (eipoib_peers_read(core_, &position, peers.data(), peers.size()))
		;
	must(eipoib_core_count_peers(core_) <= 3 * max_peers, "peers are bounded");
	for (const auto &slot : vif_) {
		eipoib_vif_info info;
		if (const eipoib_vif *vif = slot.load(std::memory_order_acquire))
			eipoib_vif_get_info(vif, &info);
	}
}

void Pif::replay(bool may_wait)
{
	std::deque<Held> all;
	{
		const std::scoped_lock guard(held_mutex_);
		all.swap(held_);
	}
	std::deque<Held> waiting;
	for (Held &held : all) {
		const ReadSide section;
		const eipoib_tx_plan decided = plan(held.frame, held.options, &held);
		const bool is_behind = std::ranges::any_of(waiting, [&](const Held &other) {
			return std::equal(other.frame.begin(), other.frame.begin() + EIPOIB_MAC_LEN,
					  held.frame.begin());
		});
		if (may_wait && (decided.verdict == EIPOIB_HOLD || is_behind))
			waiting.push_back(std::move(held));
		else
			eipoib_tx_released(core_, decided.held);
	}
	const std::scoped_lock guard(held_mutex_);
	held_.insert(held_.begin(), std::move_iterator(waiting.begin()),
		     std::move_iterator(waiting.end()));
}

eipoib_vif *Pif::of_dev(const void *dev) const
{
	const auto index = static_cast<std::size_t>(static_cast<const char *>(dev) - devices);
	must(index < vifs, "a VIF asks");
	return vif_[index].load(std::memory_order_acquire);
}

void Pif::answer(u8 port)
{
	const auto query = take_query();
	if (!query)
		return;
	const ReadSide section;
	const auto address = Peer{0, port, 0}.address();
	if (eipoib_vif *vif = of_dev(query->dev))
		eipoib_core_answer_lid(core_, vif, query->qpn, query->lid,
				       bytes_of(address.gid_).data());
}

void Pif::tick()
{
	const ReadSide section;
	eipoib_core_tick(core_);
}

void Pif::check_held_count()
{
	for (u32 i = 0; i < vifs; i++)
		unbind(i);
	create(0);
	const MacAddress own = mac_of(0xfe);
	must(bind(0, own, EIPOIB_VLAN_NONE, 0), "bound");
	const ReadSide section;
	for (std::size_t i = 0; i < held_max;) {
		MacAddress to = mac_of(static_cast<u8>(i / held_for_one_max));
		to.bytes_[4] = 0x99;
		const Bytes frame = ipv4_to(to, own);
		const eipoib_tx_plan decided =
			plan(frame, {.tci = EIPOIB_TCI_NONE, .is_gso = true}, nullptr);
		// Without memory for the station there is nothing to wait for.
		if (decided.verdict == EIPOIB_SEGMENT)
			continue;
		must(decided.verdict == EIPOIB_HOLD, "there is room for as many as ever");
		i++;
	}
	for (std::size_t i = 0; i < held_max; i++)
		eipoib_tx_released(core_, nullptr);
}

} // namespace races
