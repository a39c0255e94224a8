// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// From ethX, and what has to wait.

#include "port.hpp"

#include "abi/kernel.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

namespace fuzz {

namespace {

constexpr std::size_t held_max = 1024;
constexpr std::size_t held_for_one_max = 128;

} // namespace

struct Port::Result {
	eipoib_tx_plan plan;
	Bytes payload;
};

Port::Result Port::plan(const Bytes &frame, const TxOptions &options, bool is_held, bool is_flooded)
{
	const Bytes head = head_of(frame);
	eipoib_tx_frame input = {.head = head.data(),
				 .head_len = static_cast<u32>(head.size()),
				 .len = static_cast<u32>(frame.size()),
				 .vlan_tci = options.tci,
				 .gso_len = options.gso_len,
				 .is_gso = options.is_gso,
				 .is_checksum_pending = options.is_checksum_pending,
				 .is_held = is_held,
				 .is_flooded = is_flooded};
	Result result = {.plan = no_plan<eipoib_tx_plan>(), .payload = {}};
	eipoib_tx_plan &plan = result.plan;
	const eipoib_flow *found =
		is_held ? nullptr
			: eipoib_tx_find_flow(core_, input.head, input.head_len,
					      input.is_gso ? input.gso_len : input.len,
					      input.vlan_tci, eipoib_k_now());
	const auto flow = found ? std::optional(*found) : std::nullopt;
	planned_++;
	eipoib_tx_plan_frame(core_, &input, &plan);
	must(!flow || (plan.verdict == EIPOIB_FORWARD && plan.dev == flow->dev && !plan.flags &&
		       !plan.edit_count && plan.pull == EIPOIB_ETH_HLEN &&
		       !std::memcmp(plan.header, flow->header, sizeof(plan.header))),
	     "a frame goes the way of others if the planner says so");
	if (plan.verdict == EIPOIB_REWRITE) {
		const Bytes whole(frame);
		input.head = whole.data();
		input.head_len = input.len;
		result.payload = Bytes(plan.capacity);
		eipoib_tx_rewrite(core_, &input, &plan, result.payload.data());
		if (plan.verdict == EIPOIB_REWRITE) {
			must(plan.payload_len <= plan.capacity, "the payload fits");
			result.payload.resize(plan.payload_len);
		}
	}
	must(plan.verdict <= EIPOIB_FRAGMENT, "a verdict");
	must((plan.verdict == EIPOIB_DROP) == (plan.reason < EIPOIB_REASON_RX_RUNT),
	     "a reason if and only if dropped");
	must(plan.verdict != EIPOIB_SEGMENT || options.is_gso, "only GSO frames have segments");
	must(plan.verdict != EIPOIB_CONSUME || is_flooded, "only what was sent is forgotten");
	last_verdict_ = plan.verdict;
	last_reason_ = plan.reason;
	return result;
}

void Port::forward(const Bytes &frame, const TxOptions &options, const eipoib_tx_plan &plan)
{
	Bytes edited(frame);
	must(plan.edit_count <= EIPOIB_EDITS_MAX, "no more edits than there is room for");
	for (u8 i = 0; i < plan.edit_count; i++) {
		const eipoib_edit &edit = plan.edits[i];
		must(edit.offset + sizeof(edit.bytes) <= edited.size(), "edits are inside");
		std::memcpy(edited.data() + edit.offset, edit.bytes, sizeof(edit.bytes));
	}
	if (plan.flags & EIPOIB_PLAN_SNOOP) {
		const eipoib_tx_frame whole = {.head = edited.data(),
					       .head_len = static_cast<u32>(edited.size()),
					       .len = static_cast<u32>(edited.size()),
					       .vlan_tci = options.tci,
					       .gso_len = options.gso_len,
					       .is_gso = options.is_gso,
					       .is_checksum_pending = options.is_checksum_pending,
					       .is_held = false,
					       .is_flooded = false};
		eipoib_tx_snoop(core_, &whole);
		reports_ += 1 + edited.size() / 8;
	}
	must(plan.pull == 0 || plan.pull == EIPOIB_ETH_HLEN, "a header goes as a whole");
	must(plan.pull <= edited.size(), "what goes is there");
	must((plan.pull == 0) == !!(plan.flags & EIPOIB_PLAN_TEB), "transparent frames stay whole");
	const Vif *vif = find(plan.dev);
	must(vif, "through a VIF");
	must(options.is_gso || edited.size() - plan.pull <= vif->mtu, "no longer than the MTU");
	Bytes out(plan.header, plan.header + EIPOIB_LINK_HLEN);
	out.insert(out.end(), edited.begin() + plan.pull, edited.end());
	sent_.push_back({plan.dev, std::move(out)});
}

void Port::segment(const Bytes &frame, const TxOptions &options, bool is_held)
{
	// One stands for all.
	Bytes first(frame);
	first.resize(std::min<std::size_t>(first.size(), 600));
	TxOptions plain = options;
	plain.is_gso = false;
	Result result = plan(first, plain, is_held, false);
	carry_out(first, plain, result, is_held);
}

void Port::cut(const Bytes &frame, const TxOptions &options, const eipoib_tx_plan &plan)
{
	must(!options.is_gso, "GSO frames are segmented first");
	must(find(plan.dev), "through a VIF");
	const Bytes head = head_of(frame);
	const eipoib_tx_frame input = {.head = head.data(),
				       .head_len = static_cast<u32>(head.size()),
				       .len = static_cast<u32>(frame.size()),
				       .vlan_tci = options.tci,
				       .gso_len = 0,
				       .is_gso = false,
				       .is_checksum_pending = false,
				       .is_held = false,
				       .is_flooded = false};
	eipoib_fragment fragment = {};
	u32 end = 0;
	do {
		fragment.offset = fragment.next;
		if (!eipoib_tx_fragment(&input, &plan, &fragment))
			return;
		must(fragment.header_len <= sizeof(fragment.header), "the header fits");
		must(fragment.len && fragment.len <= frame.size() &&
			     fragment.offset <= frame.size() - fragment.len,
		     "what is taken is there");
		must(!end || fragment.offset == end, "nothing is left out");
		end = fragment.offset + fragment.len;
		Bytes out(plan.header, plan.header + EIPOIB_LINK_HLEN);
		out.insert(out.end(), fragment.header, fragment.header + fragment.header_len);
		const u32 link = plan.pull ? 0 : EIPOIB_ETH_HLEN;
		must(fragment.header_len - link + fragment.len <= plan.mtu,
		     "no longer than the MTU");
		out.insert(out.end(), frame.begin() + fragment.offset, frame.begin() + end);
		sent_.push_back({plan.dev, std::move(out)});
	} while (fragment.next);
}

void Port::hold(const Bytes &frame, const TxOptions &options, const eipoib_tx_plan &plan)
{
	const bool is_flooded = plan.flags & EIPOIB_PLAN_FLOOD;
	held_.push_back({frame, options, is_flooded});
	was_held_ = true;
	must(held_.size() <= held_max, "not too many are held");
	if (is_flooded)
		forward(frame, options, plan);
}

void Port::carry_out(const Bytes &frame, const TxOptions &options, Result &result, bool is_held)
{
	const eipoib_tx_plan &plan = result.plan;
	must(!plan.dev || find(plan.dev), "a VIF that exists, if any");
	switch (plan.verdict) {
	case EIPOIB_FORWARD:
		forward(frame, options, plan);
		break;
	case EIPOIB_REWRITE: {
		must(find(plan.dev), "through a VIF");
		Bytes out(plan.header, plan.header + EIPOIB_LINK_HLEN);
		out.insert(out.end(), result.payload.begin(), result.payload.end());
		sent_.push_back({plan.dev, std::move(out)});
		break;
	}
	case EIPOIB_FRAGMENT:
		cut(frame, options, plan);
		break;
	case EIPOIB_SEGMENT:
		segment(frame, options, is_held);
		break;
	case EIPOIB_HOLD:
		if (!is_held)
			hold(frame, options, plan);
		break;
	}
}

void Port::tx(const Bytes &frame, const TxOptions &options)
{
	Result result = plan(frame, options, false, false);
	carry_out(frame, options, result, false);
	collect(2, 0);
	quiesce();
}

bool Port::try_release(const Held &held, bool may_wait, const std::deque<Held> &waiting)
{
	Result result = plan(held.frame, held.options, true, held.is_flooded);
	const bool is_behind = std::any_of(waiting.begin(), waiting.end(), [&](const Held &other) {
		return std::equal(other.frame.begin(), other.frame.begin() + EIPOIB_MAC_LEN,
				  held.frame.begin());
	});
	if (may_wait && (result.plan.verdict == EIPOIB_HOLD || is_behind))
		return false;
	void *const station = result.plan.held;
	carry_out(held.frame, held.options, result, true);
	eipoib_tx_released(core_, station);
	return true;
}

void Port::replay(bool may_wait)
{
	std::deque<Held> waiting;
	for (const Held &held : held_) {
		if (!try_release(held, may_wait, waiting))
			waiting.push_back(held);
		collect(2, 0);
		quiesce();
	}
	must(may_wait || waiting.empty(), "nothing waits for a PIF that is down");
	held_ = std::move(waiting);
}

// Frames to stations that nobody has are held as if none had been held before.
void Port::check_held_count()
{
	if (!was_held_ || vifs_.empty())
		return;
	must(held_.empty(), "nothing is held");
	unit::never_fail_allocation();
	Vif &vif = vifs_.front();
	const Bytes mac = from_hex("525400990000");
	for (Vif &other : vifs_)
		unbind(other);
	set_mtu(vif, 2044);
	must(bind(vif, mac.data(), EIPOIB_VLAN_NONE, 0), "bound");
	Bytes frame = from_hex(
		"525400990100 525400990000 0800 4500001400000000 40010000 0a000001 0a000002");
	for (std::size_t i = 0; i < held_max; i++) {
		frame[5] = static_cast<u8>(i / held_for_one_max);
		Result result = plan(frame, {.is_gso = true}, false, false);
		must(result.plan.verdict == EIPOIB_HOLD, "there is room for as many as ever");
		if (i == held_for_one_max - 1) {
			result = plan(frame, {.is_gso = true}, false, false);
			must(result.plan.verdict == EIPOIB_DROP, "and for no more to one");
		}
	}
	for (std::size_t i = 0; i < held_max; i++)
		eipoib_tx_released(core_, nullptr);
	unit::reset_calls();
	was_held_ = false;
}

} // namespace fuzz
