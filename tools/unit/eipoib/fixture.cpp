// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB

#include "fixture.hpp"

#include "abi/kernel.h"

#include <cstring>
#include <optional>

namespace unit {

namespace {

int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

std::string name_outcome(u8 verdict, u8 reason)
{
	static const char *const names[] = {
#define NAME(symbol, name, meaning) name,
		EIPOIB_REASONS(NAME)
#undef NAME
	};
	static const char *const verdicts[] = {"drop",	  "forward", "rewrite", "hold",
					       "segment", "consume", "fragment"};
	if (verdict != EIPOIB_DROP)
		return verdict < std::size(verdicts) ? verdicts[verdict] : "no verdict";
	return reason < EIPOIB_REASON_COUNT ? names[reason] : "no reason";
}

} // namespace

Bytes from_hex(std::string_view text)
{
	Bytes bytes;
	int high = -1;
	for (char c : text) {
		int value = nibble(c);
		if (value < 0)
			continue;
		if (high < 0) {
			high = value;
		} else {
			bytes.push_back(static_cast<u8>(high << 4 | value));
			high = -1;
		}
	}
	EXPECT_LT(high, 0) << "odd number of hex digits: " << text;
	return bytes;
}

std::string to_hex(const u8 *data, std::size_t size)
{
	static const char digits[] = "0123456789abcdef";
	std::string text;
	for (std::size_t i = 0; i < size; i++) {
		text += digits[data[i] >> 4];
		text += digits[data[i] & 15];
	}
	return text;
}

void CoreTest::SetUp()
{
	ASSERT_EQ(live_allocations(), 0u);
	reset_groups();
	reset_calls();
	core_ = eipoib_core_create(this, max_peers_);
	ASSERT_NE(core_, nullptr);
}

void CoreTest::TearDown()
{
	never_fail_allocation();
	for (eipoib_vif *vif : vifs_)
		eipoib_vif_destroy(core_, vif);
	drain_deferred();
	eipoib_core_destroy(core_);
	drain_deferred();
	EXPECT_EQ(live_allocations(), 0u);
	EXPECT_EQ(group_errors(), 0u);
}

eipoib_vif *CoreTest::add_vif(u32 qpn, u16 pkey, u32 mtu)
{
	eipoib_vif_params params = {};
	params.dev = reinterpret_cast<void *>(static_cast<uintptr_t>(qpn));
	params.pkey = pkey;
	params.mtu = mtu;
	const Bytes gid = from_hex("fe80000000000000 0002c90300433bf1");
	params.address[0] = 0x80;
	params.address[1] = static_cast<u8>(qpn >> 16);
	params.address[2] = static_cast<u8>(qpn >> 8);
	params.address[3] = static_cast<u8>(qpn);
	std::memcpy(params.address + 4, gid.data(), gid.size());
	eipoib_vif *vif = eipoib_vif_create(core_, &params);
	EXPECT_NE(vif, nullptr);
	if (vif)
		vifs_.push_back(vif);
	return vif;
}

eipoib_vif *CoreTest::add_bound(u32 qpn, std::string_view mac, u32 vlan, u16 pkey)
{
	eipoib_vif *vif = add_vif(qpn, pkey);
	EXPECT_EQ(bind(vif, mac, vlan), 0) << why_;
	eipoib_vif_set_carrier(core_, vif, true);
	return vif;
}

int CoreTest::bind(eipoib_vif *vif, std::string_view mac, u32 vlan, u8 flags)
{
	eipoib_binding binding = {.mac = {}, .flags = flags, .vlan = vlan};
	if (mac == "any") {
		binding.flags |= EIPOIB_VIF_ANY;
	} else {
		const Bytes bytes = from_hex(mac);
		EXPECT_EQ(bytes.size(), 6u);
		std::memcpy(binding.mac, bytes.data(), sizeof(binding.mac));
	}
	return eipoib_vif_bind(core_, vif, &binding, &why_);
}

// Drops are counted for the VIF, as soon as there is one.
static bool has_vif(const eipoib_tx_plan &plan)
{
	return plan.verdict != EIPOIB_DROP ||
	       (plan.reason != EIPOIB_REASON_TX_RUNT && plan.reason != EIPOIB_REASON_TX_VLAN &&
		plan.reason != EIPOIB_REASON_TX_VIF_MISS);
}

// What was decided on frames before must be what the planner says of this one.
static void expect_same(const std::optional<eipoib_flow> &flow, const eipoib_tx_plan &plan)
{
	if (!flow)
		return;
	EXPECT_EQ(outcome(plan), "forward");
	EXPECT_EQ(flow->dev, plan.dev);
	EXPECT_EQ(to_hex(flow->header, EIPOIB_LINK_HLEN), to_hex(plan.header, EIPOIB_LINK_HLEN));
	EXPECT_EQ(plan.pull, EIPOIB_ETH_HLEN);
	EXPECT_EQ(plan.flags, 0);
	EXPECT_EQ(plan.edit_count, 0);
}

static void expect_same(const std::optional<eipoib_flow> &flow, const eipoib_rx_plan &plan)
{
	if (!flow)
		return;
	EXPECT_EQ(outcome(plan), "forward");
	EXPECT_EQ(plan.header_len, EIPOIB_ETH_HLEN);
	EXPECT_EQ(flow->vlan, plan.vlan);
	EXPECT_EQ(to_hex(flow->header, EIPOIB_ETH_HLEN), to_hex(plan.header, EIPOIB_ETH_HLEN));
}

static std::optional<eipoib_flow> copy_of(const eipoib_flow *flow)
{
	return flow ? std::optional(*flow) : std::nullopt;
}

CoreTest::TxResult CoreTest::tx(const Bytes &frame, const TxOptions &options)
{
	// An exact copy on the heap, so that the sanitizer sees a read beyond the head window.
	const std::size_t head_length = std::min<std::size_t>(frame.size(), EIPOIB_HEAD_MAX);
	const Bytes head(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(head_length));
	eipoib_tx_frame input = {.head = head.data(),
				 .head_len = static_cast<u32>(head_length),
				 .len = static_cast<u32>(frame.size()),
				 .vlan_tci = options.tci,
				 .gso_len = options.gso_len,
				 .is_gso = options.is_gso,
				 .is_checksum_pending = options.is_checksum_pending,
				 .is_held = options.is_held,
				 .is_flooded = options.is_flooded};
	const auto find_flow = [&] {
		return options.is_held ? std::nullopt
				       : copy_of(eipoib_tx_find_flow(
						 core_, input.head, input.head_len,
						 input.is_gso ? input.gso_len : input.len,
						 input.vlan_tci, eipoib_k_now()));
	};
	const auto flow = find_flow();
	TxResult result;
	eipoib_tx_plan &plan = result;
	std::memset(&plan, 0xa5, sizeof(plan));
	eipoib_tx_plan_frame(core_, &input, &plan);
	expect_same(flow, plan);
	expect_same(find_flow(), plan);
	EXPECT_EQ(plan.dev != nullptr, has_vif(plan)) << outcome(plan);
	if (plan.verdict == EIPOIB_FORWARD && plan.flags & EIPOIB_PLAN_SNOOP) {
		input.head = frame.data();
		input.head_len = input.len;
		eipoib_tx_snoop(core_, &input);
	}
	if (plan.verdict == EIPOIB_REWRITE) {
		const Bytes whole = frame;
		input.head = whole.data();
		input.head_len = input.len;
		result.payload.resize(plan.capacity);
		eipoib_tx_rewrite(core_, &input, &plan, result.payload.data());
		EXPECT_LE(plan.verdict == EIPOIB_REWRITE ? plan.payload_len : 0,
			  result.payload.size());
		result.payload.resize(plan.verdict == EIPOIB_REWRITE ? plan.payload_len : 0);
	}
	return result;
}

CoreTest::RxResult CoreTest::rx(eipoib_vif *vif, const Bytes &frame, bool is_group, bool is_gso)
{
	const Bytes link(frame.begin(), frame.begin() + EIPOIB_LINK_HLEN);
	const Bytes whole(frame.begin() + EIPOIB_LINK_HLEN, frame.end());
	const std::size_t head_length = std::min<std::size_t>(whole.size(), EIPOIB_HEAD_MAX);
	Bytes visible = frame;
	visible.resize(EIPOIB_LINK_HLEN + head_length);
	visible.shrink_to_fit();
	const auto find_flow = [&] {
		const u32 length = is_gso ? 0 : static_cast<u32>(whole.size());
		return is_group ? std::nullopt
				: copy_of(eipoib_rx_find_flow(core_, vif, visible.data(),
							      static_cast<u32>(head_length), length,
							      eipoib_k_now()));
	};
	const auto flow = find_flow();
	const Bytes head(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(head_length));
	eipoib_rx_frame input = {.link = link.data(),
				 .head = head.data(),
				 .head_len = static_cast<u32>(head_length),
				 .len = static_cast<u32>(whole.size()),
				 .is_group = is_group,
				 .is_gso = is_gso};
	RxResult result;
	eipoib_rx_plan &plan = result;
	std::memset(&plan, 0xa5, sizeof(plan));
	eipoib_rx_plan_frame(core_, vif, &input, &plan);
	expect_same(flow, plan);
	expect_same(find_flow(), plan);
	if (plan.verdict == EIPOIB_REWRITE) {
		input.head = whole.data();
		input.head_len = input.len;
		result.payload.resize(plan.capacity);
		eipoib_rx_rewrite(core_, vif, &input, &plan, result.payload.data());
		EXPECT_LE(plan.verdict == EIPOIB_REWRITE ? plan.payload_len : 0,
			  result.payload.size());
		result.payload.resize(plan.verdict == EIPOIB_REWRITE ? plan.payload_len : 0);
	}
	return result;
}

std::string outcome(const eipoib_tx_plan &plan)
{
	return name_outcome(plan.verdict, plan.reason);
}

std::string outcome(const eipoib_rx_plan &plan)
{
	return name_outcome(plan.verdict, plan.reason);
}

} // namespace unit
