// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB

#include "port.hpp"

#include "abi/kernel.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

namespace fuzz {

namespace {

// As in the glue: questions beyond these are forgotten.
constexpr std::size_t queries_max = 64;
// A peer's end point and the stations of it, learnt; and static ones with theirs.
constexpr std::size_t allocations_of_peers = (3 + 2) * Port::max_peers;
// Both ways.
constexpr std::size_t flows_max = 2 * 4096;

void *dev_of(u32 qpn)
{
	return reinterpret_cast<void *>(static_cast<uintptr_t>(qpn));
}

} // namespace

Port::Port(u64 guid) : guid_(guid), core_(eipoib_core_create(this, max_peers))
{
	must(core_, "created");
	base_ = unit::live_allocations();
}

Port::~Port()
{
	unit::never_fail_allocation();
	for (Vif &vif : vifs_)
		eipoib_vif_destroy(core_, vif.core);
	unit::drain_deferred();
	eipoib_core_destroy(core_);
	unit::drain_deferred();
}

std::array<u8, 16> Port::gid() const
{
	std::array<u8, 16> gid = {0xfe, 0x80};
	for (unsigned i = 0; i < 8; i++)
		gid[8 + i] = static_cast<u8>(guid_ >> (56 - 8 * i));
	return gid;
}

eipoib_vif_params Port::params_of(const Vif &vif) const
{
	eipoib_vif_params params = {};
	params.dev = dev_of(vif.qpn);
	params.pkey = vif.pkey;
	params.mtu = vif.mtu;
	params.address[0] = 0x80;
	params.address[1] = static_cast<u8>(vif.qpn >> 16);
	params.address[2] = static_cast<u8>(vif.qpn >> 8);
	params.address[3] = static_cast<u8>(vif.qpn);
	const auto gid = this->gid();
	std::memcpy(params.address + 4, gid.data(), gid.size());
	return params;
}

void Port::add(u32 qpn, u16 pkey, const char *mac, u32 vlan)
{
	Vif vif = {.qpn = qpn, .pkey = pkey, .mtu = 2044, .core = nullptr, .has_carrier = false};
	const eipoib_vif_params params = params_of(vif);
	vif.core = eipoib_vif_create(core_, &params);
	must(vif.core, "created");
	const Bytes bytes = mac ? from_hex(mac) : Bytes(EIPOIB_MAC_LEN);
	must(bind(vif, bytes.data(), vlan, mac ? 0 : EIPOIB_VIF_ANY), "bound");
	set_carrier(vif, true);
	vifs_.push_back(vif);
	base_ = unit::live_allocations();
}

void Port::recreate(Vif &vif)
{
	eipoib_vif_destroy(core_, vif.core);
	std::erase_if(queries_, [&](const auto &query) { return query.dev == dev_of(vif.qpn); });
	unit::drain_deferred();
	const eipoib_vif_params params = params_of(vif);
	unit::never_fail_allocation();
	vif.core = eipoib_vif_create(core_, &params);
	must(vif.core, "created");
	vif.has_carrier = false;
}

bool Port::bind(Vif &vif, const u8 *mac, u32 vlan, u8 flags)
{
	eipoib_binding binding = {.mac = {}, .flags = flags, .vlan = vlan};
	std::memcpy(binding.mac, mac, sizeof(binding.mac));
	const char *why = nullptr;
	const int error = eipoib_vif_bind(core_, vif.core, &binding, &why);
	must((error != 0) == (why != nullptr), "an error has its sentence");
	eipoib_vif_info info;
	eipoib_vif_get_info(vif.core, &info);
	must(error || (info.is_bound && info.binding.vlan == vlan), "bound as told");
	return !error;
}

void Port::unbind(Vif &vif)
{
	eipoib_vif_unbind(core_, vif.core);
}

void Port::set_carrier(Vif &vif, bool on)
{
	vif.has_carrier = on;
	eipoib_vif_set_carrier(core_, vif.core, on);
}

void Port::set_qpn(Vif &vif, u32 qpn)
{
	Vif moved = vif;
	moved.qpn = qpn;
	eipoib_vif_set_address(core_, vif.core, params_of(moved).address);
}

void Port::set_mtu(Vif &vif, u32 mtu)
{
	vif.mtu = mtu;
	eipoib_vif_set_mtu(vif.core, mtu);
	// As in connected mode, for every other MTU.
	eipoib_vif_set_datagram_mtu(vif.core, mtu & 0x20 ? mtu / 2 : mtu);
}

Port::Vif *Port::find(const void *dev)
{
	for (Vif &vif : vifs_)
		if (dev_of(vif.qpn) == dev)
			return &vif;
	return nullptr;
}

// What the core said by itself is no more than this.
void Port::collect(std::size_t sends_max, std::size_t deliveries_max)
{
	const auto sent = unit::take_sent();
	must(sent.size() <= sends_max, "a frame makes few frames");
	for (const unit::Sent &s : sent) {
		must(find(s.dev), "said through a VIF");
		sent_.push_back({s.dev, from_hex(s.header + s.payload)});
	}
	const auto delivered = unit::take_delivered();
	must(delivered.size() <= deliveries_max, "a frame makes few frames for guests");
	for (const unit::Delivered &d : delivered)
		entered_.push_back({d.vlan, from_hex(d.frame)});
	for (const unit::LidQuery &query : unit::take_lid_queries()) {
		must(find(query.dev), "a VIF asks");
		if (queries_.size() < queries_max)
			queries_.push_back(query);
	}
	unit::take_vif_calls();
	unit::take_group_calls();
	unit::take_releases();
}

u8 Port::rx(const Vif &vif, const Bytes &frame, bool is_group, bool is_gso)
{
	const Bytes link(frame.begin(), frame.begin() + EIPOIB_LINK_HLEN);
	const Bytes whole(frame.begin() + EIPOIB_LINK_HLEN, frame.end());
	const Bytes head = head_of(whole);
	eipoib_rx_frame input = {.link = link.data(),
				 .head = head.data(),
				 .head_len = static_cast<u32>(head.size()),
				 .len = static_cast<u32>(whole.size()),
				 .is_group = is_group,
				 .is_gso = is_gso};
	auto plan = no_plan<eipoib_rx_plan>();
	Bytes payload = whole;
	Bytes visible(link);
	visible.insert(visible.end(), head.begin(), head.end());
	visible.shrink_to_fit();
	const eipoib_flow *found =
		is_group ? nullptr
			 : eipoib_rx_find_flow(core_, vif.core, visible.data(), input.head_len,
					       is_gso ? 0 : input.len, eipoib_k_now());
	const auto flow = found ? std::optional(*found) : std::nullopt;
	planned_++;
	eipoib_rx_plan_frame(core_, vif.core, &input, &plan);
	must(!flow || (plan.verdict == EIPOIB_FORWARD && plan.header_len == EIPOIB_ETH_HLEN &&
		       plan.vlan == flow->vlan &&
		       !std::memcmp(plan.header, flow->header, sizeof(plan.header))),
	     "a frame goes the way of others if the planner says so");
	if (plan.verdict == EIPOIB_REWRITE) {
		input.head = whole.data();
		input.head_len = input.len;
		Bytes fresh(plan.capacity);
		eipoib_rx_rewrite(core_, vif.core, &input, &plan, fresh.data());
		if (plan.verdict == EIPOIB_REWRITE) {
			must(plan.payload_len <= plan.capacity, "the payload fits");
			fresh.resize(plan.payload_len);
			payload = std::move(fresh);
		}
	}
	must(plan.verdict == EIPOIB_DROP || plan.verdict == EIPOIB_FORWARD ||
		     plan.verdict == EIPOIB_REWRITE || plan.verdict == EIPOIB_CONSUME,
	     "a verdict");
	must((plan.verdict == EIPOIB_DROP) ==
		     (plan.reason >= EIPOIB_REASON_RX_RUNT && plan.reason < EIPOIB_REASON_COUNT),
	     "a reason if and only if dropped");
	collect(2, 2);
	if (plan.verdict == EIPOIB_FORWARD || plan.verdict == EIPOIB_REWRITE) {
		must(plan.header_len == 0 || plan.header_len == EIPOIB_ETH_HLEN, "a whole header");
		eipoib_vif_info info;
		eipoib_vif_get_info(vif.core, &info);
		must(info.is_bound && plan.vlan == info.binding.vlan, "on the VLAN of the VIF");
		payload.insert(payload.begin(), plan.header, plan.header + plan.header_len);
		must(payload.size() >= EIPOIB_ETH_HLEN, "an Ethernet frame");
		entered_.push_back({plan.vlan, std::move(payload)});
	}
	quiesce();
	last_verdict_ = plan.verdict;
	last_reason_ = plan.reason;
	return plan.verdict;
}

void Port::answer(const u8 *gid)
{
	if (queries_.empty())
		return;
	const unit::LidQuery query = queries_.front();
	queries_.erase(queries_.begin());
	eipoib_core_answer_lid(core_, find(query.dev)->core, query.qpn, query.lid, gid);
	collect(1, 2);
	quiesce();
}

void Port::tick()
{
	eipoib_core_tick(core_);
	collect(0, 0);
	quiesce();
}

void Port::set_listeners(const Bytes &macs)
{
	const std::size_t count = macs.size() / EIPOIB_MAC_LEN;
	eipoib_core_set_listeners(core_, macs.data(), static_cast<u32>(count));
	reports_ += count * vifs_.size();
}

void Port::fix(const u8 *mac, u32 vlan, u32 qpn, const u8 *gid)
{
	eipoib_peer peer = {};
	std::memcpy(peer.mac, mac, sizeof(peer.mac));
	peer.vlan = vlan;
	peer.address[2] = static_cast<u8>(qpn >> 8);
	peer.address[3] = static_cast<u8>(qpn);
	std::memcpy(peer.address + 4, gid, 16);
	const eipoib_peer asked = peer;
	const char *why = nullptr;
	const int error = eipoib_peer_set(core_, &peer, EIPOIB_PEER_CREATE, &why);
	must((error != 0) == (why != nullptr), "an error has its sentence");
	must(error || !eipoib_peer_find(core_, &peer), "a static entry is there");
	must(error || (peer.flags & EIPOIB_PEER_STATIC &&
		       !std::memcmp(peer.address + 1, asked.address + 1, 19)),
	     "as it was asked for");
	if (!error)
		fixed_[{pkey_of(vlan), Bytes(mac, mac + sizeof(peer.mac))}] =
			Bytes(asked.address + 1, std::end(asked.address));
	collect(0, 0);
}

void Port::unfix(const u8 *mac, u32 vlan)
{
	eipoib_peer peer = {};
	std::memcpy(peer.mac, mac, sizeof(peer.mac));
	peer.vlan = vlan;
	const char *why = nullptr;
	const int error = eipoib_peer_forget(core_, &peer, &why);
	must((error != 0) == (why != nullptr), "an error has its sentence");
	must(error || eipoib_peer_find(core_, &peer) || !(peer.flags & EIPOIB_PEER_STATIC),
	     "no static entry is there any more");
	if (!error)
		fixed_.erase({pkey_of(vlan), Bytes(mac, mac + sizeof(peer.mac))});
	collect(0, 0);
}

// That a bound VIF with @pkey has, or 0.
u32 Port::vlan_of(u16 pkey) const
{
	for (const Vif &vif : vifs_) {
		eipoib_vif_info info;
		eipoib_vif_get_info(vif.core, &info);
		if (info.is_bound && vif.pkey == pkey)
			return info.binding.vlan;
	}
	return 0;
}

u16 Port::pkey_of(u32 vlan) const
{
	for (const Vif &vif : vifs_)
		if (vlan_of(vif.pkey) == vlan)
			return vif.pkey;
	return 0;
}

void Port::check_fixed() const
{
	for (const auto &[key, address] : fixed_) {
		eipoib_peer peer = {};
		std::copy(key.second.begin(), key.second.end(), peer.mac);
		peer.vlan = vlan_of(key.first);
		if (!peer.vlan)
			continue;
		must(!eipoib_peer_find(core_, &peer) && peer.flags & EIPOIB_PEER_STATIC &&
			     std::equal(address.begin(), address.end(), peer.address + 1),
		     "learning never changes a static entry");
	}
}

void Port::check_peers() const
{
	std::array<eipoib_peer, 7> peers;
	u64 position = 0;
	std::size_t total = 0;
	while (const u32 count = eipoib_peers_read(core_, &position, peers.data(), peers.size())) {
		for (u32 i = 0; i < count; i++) {
			eipoib_peer found = peers[i];
			must(!eipoib_peer_find(core_, &found), "what is shown is there");
			must(!std::memcmp(found.address, peers[i].address, sizeof(found.address)),
			     "and the same");
		}
		total += count;
	}
	must(total <= allocations_of_peers, "peers are bounded");
}

void Port::quiesce()
{
	unit::drain_deferred();
	must(unit::group_errors() == 0, "groups are joined and left once");
}

void Port::check_memory() const
{
	// A membership, its group and its reporter.
	must(unit::live_allocations() <=
		     base_ + allocations_of_peers + 3 * reports_ + std::min(planned_, flows_max),
	     "memory is bounded");
}

std::vector<OnWire> Port::take_sent()
{
	return std::exchange(sent_, {});
}

std::vector<Entered> Port::take_entered()
{
	return std::exchange(entered_, {});
}

} // namespace fuzz
