// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// A PIF with VIFs, frames written as hex, and plans to compare.
#pragma once

#include "abi/core.h"
#include "platform.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace unit {

using Bytes = std::vector<u8>;

// "aa bb cc" or "aabbcc", any white space in between.
Bytes from_hex(std::string_view text);
std::string to_hex(const u8 *data, std::size_t size);

// A core that leaves nothing behind.
class CoreTest : public testing::Test {
protected:
	void SetUp() override;
	void TearDown() override;

	// A clone with a 20-byte address of QPN @qpn on GID fe80::2:c903:43:3bf1.
	eipoib_vif *add_vif(u32 qpn, u16 pkey = 0xffff, u32 mtu = 2044);

	// add_vif(), bound to @mac on @vlan, with carrier.
	eipoib_vif *add_bound(u32 qpn, std::string_view mac, u32 vlan = EIPOIB_VLAN_NONE,
			      u16 pkey = 0xffff);

	// A @mac of "any" is what it says.
	int bind(eipoib_vif *vif, std::string_view mac, u32 vlan = EIPOIB_VLAN_NONE, u8 flags = 0);

	struct TxOptions {
		u32 tci = EIPOIB_TCI_NONE;
		u32 gso_len = 0;
		bool is_gso = false;
		bool is_checksum_pending = false;
		bool is_held = false;
		bool is_flooded = false;
	};

	// The final plan and, if there is one, the new payload.
	struct TxResult : eipoib_tx_plan {
		Bytes payload;
	};

	struct RxResult : eipoib_rx_plan {
		Bytes payload;
	};

	TxResult tx(const Bytes &frame, const TxOptions &options);
	TxResult tx(const Bytes &frame)
	{
		return tx(frame, TxOptions{});
	}

	// A receive on @vif: 24 bytes of link header and encapsulation header, then the payload.
	RxResult rx(eipoib_vif *vif, const Bytes &frame, bool is_group = false,
		    bool is_gso = false);

	eipoib_core *core_ = nullptr;
	const char *why_ = nullptr;
	std::vector<eipoib_vif *> vifs_;
	u32 max_peers_ = 16;
};

// The name of the reason a plan drops its frame for, or the verdict.
std::string outcome(const eipoib_tx_plan &plan);
std::string outcome(const eipoib_rx_plan &plan);

} // namespace unit
