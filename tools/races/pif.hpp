// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// A PIF that any number of threads use at once, each as the glue lets it: one configures, others
// send and receive, one lets go what was held.
#pragma once

#include "frames.hpp"
#include "platform.hpp"

#include "abi/core.h"
#include "abi/peer.h"

#include <array>
#include <atomic>
#include <deque>
#include <mutex>

namespace races {

struct TxOptions {
	u32 tci;
	bool is_gso;
};

class Pif {
public:
	static constexpr u32 max_peers = 24;
	static constexpr u32 vifs = 4;

	Pif();
	~Pif();
	Pif(const Pif &) = delete;
	Pif &operator=(const Pif &) = delete;

	// For the one thread that configures.
	void create(u32 index);
	void destroy(u32 index);
	bool bind(u32 index, MacAddress mac, u32 vlan, u8 flags);
	void unbind(u32 index);
	void move(MacAddress from, MacAddress to);
	void set_carrier(u32 index, bool on);
	void set_address(u32 index, u8 port);
	void set_mtu(u32 index, u32 mtu);
	void fix(MacAddress mac, const Peer &peer);
	void forget(MacAddress mac);
	void set_listeners(const Bytes &macs);

	// For any thread.
	void tx(const Bytes &frame, const TxOptions &options);
	void rx(u32 index, const Bytes &frame, bool is_group);
	void look() const;

	// For one thread.
	void replay(bool may_wait);
	void answer(u8 port);
	void tick();

	// When all is quiet: as many frames can be held as if none had been.
	void check_held_count();

private:
	struct Held {
		Bytes frame;
		TxOptions options;
		bool is_flooded;
	};

	eipoib_tx_plan plan(const Bytes &frame, const TxOptions &options, const Held *held);
	eipoib_vif *of_dev(const void *dev) const;

	eipoib_core *core_;
	std::array<std::atomic<eipoib_vif *>, vifs> vif_ = {}; // read in read-side sections
	std::mutex held_mutex_;
	std::deque<Held> held_;
};

} // namespace races
