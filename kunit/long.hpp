// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Long frames through the planner: what differs from a case of cases/long_cases.hpp.
#pragma once

#include "abi/kunit.h"
#include "cases/long_cases.hpp"
#include "plans.hpp"

namespace kunit {

// What is left to compare when a piece is: its place, its length and its header.
inline bool equals_fragment(const eipoib_fragment &fragment, const char *hex)
{
	u8 bytes[4 + EIPOIB_FRAGMENT_HLEN_MAX] = {
		static_cast<u8>(fragment.offset >> 8), static_cast<u8>(fragment.offset),
		static_cast<u8>(fragment.len >> 8), static_cast<u8>(fragment.len)};
	__builtin_memcpy(bytes + 4, fragment.header, fragment.header_len);
	return equals(ByteView(bytes, 4 + fragment.header_len), hex);
}

inline const char *fragments_differ(const LongCase &c, const eipoib_tx_frame &frame,
				    const eipoib_tx_plan &plan)
{
	auto fragment = unwritten<eipoib_fragment>();
	fragment.next = 0;
	for (const char *want : c.fragments) {
		if (!want)
			break;
		fragment.offset = fragment.next;
		if (!eipoib_tx_fragment(&frame, &plan, &fragment))
			return "a fragment cannot be made";
		if (!equals_fragment(fragment, want))
			return "fragment";
	}
	return fragment.next ? "there are more fragments" : nullptr;
}

inline const char *difference(const LongCase &c)
{
	if (const char *why = scene.teach())
		return why;
	for (const Teaching &t : long_teachings)
		if (!equals(outcome(scene.receive(t.vif_qpn, t.frame, true)), t.outcome))
			return "a teaching";
	scene.connect();
	eipoib_kunit_delivered.len = 0;
	if (!input.set(c.frame))
		return "its bytes";
	__builtin_memset(input.bytes + input.size, 0, EIPOIB_HEAD_MAX - input.size);
	const eipoib_tx_frame frame = {.head = input.bytes,
				       .head_len = head_length(c.length),
				       .len = c.length,
				       .vlan_tci = EIPOIB_TCI_NONE,
				       .gso_len = c.gso_len,
				       .is_gso = c.gso_len > 0,
				       .is_checksum_pending = false,
				       .is_held = false,
				       .is_flooded = false};
	const eipoib_tx_plan plan = scene.transmit(frame);
	const bool is_sent = plan.verdict == EIPOIB_FORWARD || plan.verdict == EIPOIB_FRAGMENT;
	if (!equals(outcome(plan), c.outcome))
		return outcome(plan);
	if (is_sent && plan.pull != c.pull)
		return "pull";
	if (is_sent && plan.flags != c.flags)
		return "flags";
	if (is_sent && !equals(ByteView(plan.header, sizeof(plan.header)), c.header))
		return "header";
	if ((plan.verdict == EIPOIB_SEGMENT || plan.verdict == EIPOIB_FRAGMENT) &&
	    plan.mtu != c.mtu)
		return "MTU";
	if (!equals(ByteView(eipoib_kunit_delivered.frame, eipoib_kunit_delivered.len), c.told))
		return "told";
	return plan.verdict == EIPOIB_FRAGMENT ? fragments_differ(c, frame, plan) : nullptr;
}

} // namespace kunit
