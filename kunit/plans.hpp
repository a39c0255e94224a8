// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Frames through the planners: the scene of cases/scene.hpp, set up, and what differs from a case.
#pragma once

#include "abi/core.h"
#include "cases/scene.hpp"
#include "hex.hpp"

namespace kunit {

using namespace eipoib::cases;

struct Actor {
	u32 qpn;
	u16 pkey;
	eipoib_binding binding;
};

inline constexpr Actor actors[] = {
	{0x48, 0xffff, {{0x00, 0x02, 0xc9, 0x43, 0x3b, 0xf1}, 0, EIPOIB_VLAN_NONE}},
	{0x49, 0xffff, {{0x52, 0x54, 0x00, 0x67, 0xe9, 0xbd}, 0, EIPOIB_VLAN_NONE}},
	{0x4a, 0x8003, {{0x00, 0x02, 0xc9, 0x43, 0x3b, 0xf1}, 0, 3}},
	{0x4d, 0x8005, {{}, EIPOIB_VIF_ANY, 5}},
};

inline constexpr size_t actor_count = sizeof(actors) / sizeof(actors[0]);

// The plan's outcome as the tables name it.
template <typename Plan> const char *outcome(const Plan &plan)
{
#define NAME(symbol, name, meaning) name,
	static constexpr const char *reasons[] = {EIPOIB_REASONS(NAME)};
#undef NAME
	static constexpr const char *verdicts[] = {"drop",    "forward", "rewrite", "hold",
						   "segment", "consume", "fragment"};
	if (plan.verdict != EIPOIB_DROP)
		return plan.verdict < sizeof(verdicts) / sizeof(verdicts[0])
			       ? verdicts[plan.verdict]
			       : "no verdict";
	return plan.reason < EIPOIB_REASON_COUNT ? reasons[plan.reason] : "no reason";
}

// A plan as a careless caller hands it in.
template <typename Plan> Plan unwritten()
{
	Plan plan;
	__builtin_memset(&plan, 0xa5, sizeof(plan));
	return plan;
}

inline u32 head_length(size_t length)
{
	return length < EIPOIB_HEAD_MAX ? static_cast<u32>(length) : EIPOIB_HEAD_MAX;
}

class Scene {
public:
	bool create()
	{
		core_ = eipoib_core_create(nullptr, 16);
		bool is_complete = core_;
		for (size_t i = 0; is_complete && i < actor_count; i++)
			is_complete = add(i);
		if (!is_complete)
			destroy();
		return is_complete;
	}

	// Also after a create() that failed: some kernels ask for it.
	void destroy()
	{
		for (eipoib_vif *vif : vifs_)
			if (vif)
				eipoib_vif_destroy(core_, vif);
		if (core_)
			eipoib_core_destroy(core_);
		*this = {};
	}

	// Tell what everybody has to know. Returns what went wrong, or null.
	const char *teach() const
	{
		for (const Teaching &t : teachings) {
			const auto plan = receive(t.vif_qpn, t.frame, true);
			if (!equals(outcome(plan), t.outcome))
				return "a teaching";
		}
		return nullptr;
	}

	eipoib_tx_plan transmit(const TxCase &c) const
	{
		auto plan = unwritten<eipoib_tx_plan>();
		output.size = 0;
		if (!input.set(c.frame))
			return plan;
		const u32 length = static_cast<u32>(input.size);
		eipoib_tx_frame frame = {.head = input.bytes,
					 .head_len = head_length(input.size),
					 .len = length,
					 .vlan_tci = c.tci,
					 .gso_len = 0,
					 .is_gso = c.is_gso,
					 .is_checksum_pending = c.is_checksum_pending,
					 .is_held = false,
					 .is_flooded = false};
		eipoib_tx_plan_frame(core_, &frame, &plan);
		frame.head_len = length;
		if (plan.verdict == EIPOIB_FORWARD && plan.flags & EIPOIB_PLAN_SNOOP)
			eipoib_tx_snoop(core_, &frame);
		if (plan.verdict == EIPOIB_REWRITE && plan.capacity <= sizeof(output.bytes)) {
			eipoib_tx_rewrite(core_, &frame, &plan, output.bytes);
			output.size = plan.verdict == EIPOIB_REWRITE ? plan.payload_len : 0;
		}
		return plan;
	}

	// All VIFs are in connected mode.
	void connect() const
	{
		for (eipoib_vif *vif : vifs_) {
			eipoib_vif_set_mtu(vif, 65520);
			eipoib_vif_set_datagram_mtu(vif, 2044);
		}
	}

	// What becomes of a frame of which the planner sees no more than @frame.
	eipoib_tx_plan transmit(const eipoib_tx_frame &frame) const
	{
		auto plan = unwritten<eipoib_tx_plan>();
		eipoib_tx_plan_frame(core_, &frame, &plan);
		return plan;
	}

	eipoib_rx_plan receive(u32 qpn, const char *hex, bool is_group) const
	{
		auto plan = unwritten<eipoib_rx_plan>();
		output.size = 0;
		if (!input.set(hex) || input.size < EIPOIB_LINK_HLEN)
			return plan;
		const ByteView payload = input.view().from(EIPOIB_LINK_HLEN);
		eipoib_rx_frame frame = {.link = input.bytes,
					 .head = payload.data(),
					 .head_len = head_length(payload.size()),
					 .len = static_cast<u32>(payload.size()),
					 .is_group = is_group,
					 .is_gso = false};
		eipoib_rx_plan_frame(core_, vif(qpn), &frame, &plan);
		frame.head_len = frame.len;
		if (plan.verdict == EIPOIB_REWRITE && plan.capacity <= sizeof(output.bytes)) {
			eipoib_rx_rewrite(core_, vif(qpn), &frame, &plan, output.bytes);
			output.size = plan.verdict == EIPOIB_REWRITE ? plan.payload_len : 0;
		}
		return plan;
	}

private:
	static void *device(u32 qpn)
	{
		return reinterpret_cast<void *>(static_cast<uintptr_t>(qpn));
	}

	bool add(size_t i)
	{
		const Actor &actor = actors[i];
		const u8 qpn = static_cast<u8>(actor.qpn);
		const eipoib_vif_params params = {.dev = device(actor.qpn),
						  .pkey = actor.pkey,
						  .lmc = 0,
						  .mtu = 2044,
						  .address = {0x80, 0, 0,    qpn,  0xfe, 0x80, 0,
							      0,    0, 0,    0,	   0,	 0,    2,
							      0xc9, 3, 0x00, 0x43, 0x3b, 0xf1}};
		const char *why;
		vifs_[i] = eipoib_vif_create(core_, &params);
		if (!vifs_[i] || eipoib_vif_bind(core_, vifs_[i], &actor.binding, &why))
			return false;
		eipoib_vif_set_carrier(core_, vifs_[i], true);
		return true;
	}

	eipoib_vif *vif(u32 qpn) const
	{
		size_t i = 0;
		while (i + 1 < actor_count && actors[i].qpn != qpn)
			i++;
		return vifs_[i];
	}

	eipoib_core *core_ = nullptr;
	eipoib_vif *vifs_[actor_count] = {};
};

inline constinit Scene scene;

inline bool equals_edits(const eipoib_tx_plan &plan, const char *hex)
{
	u8 bytes[4 * EIPOIB_EDITS_MAX];
	size_t size = 0;
	for (u8 i = 0; i < plan.edit_count; i++) {
		const eipoib_edit &edit = plan.edits[i];
		bytes[size++] = static_cast<u8>(edit.offset >> 8);
		bytes[size++] = static_cast<u8>(edit.offset);
		bytes[size++] = edit.bytes[0];
		bytes[size++] = edit.bytes[1];
	}
	return equals(ByteView(bytes, size), hex);
}

inline const char *difference(const TxCase &c)
{
	if (const char *why = scene.teach())
		return why;
	const eipoib_tx_plan plan = scene.transmit(c);
	const bool is_forward = plan.verdict == EIPOIB_FORWARD;
	const bool is_sent = is_forward || plan.verdict == EIPOIB_REWRITE;
	if (!equals(outcome(plan), c.outcome))
		return outcome(plan);
	if (is_forward && plan.pull != c.pull)
		return "pull";
	if (is_forward && plan.flags != c.flags)
		return "flags";
	if (is_forward && !equals_edits(plan, c.edits))
		return "edits";
	if (is_sent && reinterpret_cast<uintptr_t>(plan.dev) != c.vif_qpn)
		return "VIF";
	if (is_sent && !equals(ByteView(plan.header, sizeof(plan.header)), c.header))
		return "header";
	return equals(output.view(), c.payload) ? nullptr : "payload";
}

inline const char *difference(const RxCase &c)
{
	if (const char *why = scene.teach())
		return why;
	const eipoib_rx_plan plan = scene.receive(c.vif_qpn, c.frame, c.is_group);
	const bool is_delivered = plan.verdict == EIPOIB_FORWARD || plan.verdict == EIPOIB_REWRITE;
	if (!equals(outcome(plan), c.outcome))
		return outcome(plan);
	if (is_delivered && plan.vlan != c.vlan)
		return "VLAN";
	if (is_delivered && !equals(ByteView(plan.header, plan.header_len), c.header))
		return "header";
	return equals(output.view(), c.payload) ? nullptr : "payload";
}

} // namespace kunit
