// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// A PIF as the glue has it, over the core and the platform of tools/unit/eipoib: it does what the
// plans say, on exact copies on the heap, so that AddressSanitizer sees a byte too far. What holds
// for every plan is checked here.
#pragma once

#include "input.hpp"

#include "abi/core.h"
#include "abi/peer.h"
#include "platform.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <map>
#include <vector>

namespace fuzz {

// What a VIF puts on the fabric: destination and encapsulation header, then the payload.
struct OnWire {
	void *dev;
	Bytes frame;
};

// What enters ethX.
struct Entered {
	u32 vlan;
	Bytes frame;
};

struct TxOptions {
	u32 tci = EIPOIB_TCI_NONE;
	u32 gso_len = 0;
	bool is_gso = false;
	bool is_checksum_pending = false;
};

class Port {
public:
	static constexpr u32 max_peers = 16;

	struct Vif {
		u32 qpn;
		u16 pkey;
		u32 mtu;
		eipoib_vif *core;
		bool has_carrier;
	};

	// @guid tells its port from others.
	explicit Port(u64 guid);
	~Port();
	Port(const Port &) = delete;
	Port &operator=(const Port &) = delete;

	// @mac: hex, or nullptr for any. It has carrier.
	void add(u32 qpn, u16 pkey, const char *mac, u32 vlan);
	void recreate(Vif &vif);
	bool bind(Vif &vif, const u8 *mac, u32 vlan, u8 flags);
	void unbind(Vif &vif);
	void set_carrier(Vif &vif, bool on);
	void set_qpn(Vif &vif, u32 qpn);
	void set_mtu(Vif &vif, u32 mtu);

	// A frame from ethX, with all that follows from it.
	void tx(const Bytes &frame, const TxOptions &options);

	// 24 bytes of link header, then the payload. Returns the verdict.
	u8 rx(const Vif &vif, const Bytes &frame, bool is_group, bool is_gso);

	// The held frames are planned again; without @may_wait none stays.
	void replay(bool may_wait);

	// The SA answers the oldest question.
	void answer(const u8 *gid);
	void tick();
	void set_listeners(const Bytes &macs);

	// The administrator says where @mac is, and that it is nowhere.
	void fix(const u8 *mac, u32 vlan, u32 qpn, const u8 *gid);
	void unfix(const u8 *mac, u32 vlan);

	// Every peer that is shown can be asked for, and there are no more than may be.
	void check_peers() const;

	// What the administrator said is as he said it, whatever was learnt since.
	void check_fixed() const;

	// A grace period ends.
	void quiesce();

	// What is allocated does not exceed what this port, if it is the only one, may remember.
	void check_memory() const;

	// Every frame that was held is counted back.
	void check_held_count();

	std::vector<Vif> &vifs()
	{
		return vifs_;
	}

	Vif *find(const void *dev);

	// Since they were taken last.
	std::vector<OnWire> take_sent();
	std::vector<Entered> take_entered();

	// The SA's part of an address.
	std::array<u8, 16> gid() const;

	u8 last_verdict() const
	{
		return last_verdict_;
	}

	u8 last_reason() const
	{
		return last_reason_;
	}

private:
	struct Held {
		Bytes frame;
		TxOptions options;
		bool is_flooded;
	};

	struct Result;

	eipoib_vif_params params_of(const Vif &vif) const;
	u32 vlan_of(u16 pkey) const;
	u16 pkey_of(u32 vlan) const;
	Result plan(const Bytes &frame, const TxOptions &options, bool is_held, bool is_flooded);
	void carry_out(const Bytes &frame, const TxOptions &options, Result &result, bool is_held);
	void forward(const Bytes &frame, const TxOptions &options, const eipoib_tx_plan &plan);
	void segment(const Bytes &frame, const TxOptions &options, bool is_held);
	void cut(const Bytes &frame, const TxOptions &options, const eipoib_tx_plan &plan);
	void hold(const Bytes &frame, const TxOptions &options, const eipoib_tx_plan &plan);
	bool try_release(const Held &held, bool may_wait, const std::deque<Held> &waiting);
	void collect(std::size_t sends_max, std::size_t deliveries_max);

	u64 guid_;
	eipoib_core *core_;
	std::vector<Vif> vifs_;
	std::deque<Held> held_;
	std::vector<unit::LidQuery> queries_;
	std::vector<OnWire> sent_;
	std::vector<Entered> entered_;
	// Static entries: P_Key and MAC, and the address without its flags.
	std::map<std::pair<u16, Bytes>, Bytes> fixed_;
	std::size_t base_ = 0;	  // allocations without anything learnt
	std::size_t reports_ = 0; // memberships that guests can have told of
	std::size_t planned_ = 0; // frames, each of which may have a flow
	bool was_held_ = false;
	u8 last_verdict_ = 0;
	u8 last_reason_ = 0;
};

// What the glue makes linear.
inline Bytes head_of(const Bytes &frame)
{
	const std::size_t size = std::min<std::size_t>(frame.size(), EIPOIB_HEAD_MAX);
	return {frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size)};
}

// So that what is not written is seen.
template <typename Plan> Plan no_plan()
{
	Plan plan;
	std::memset(&plan, 0xa5, sizeof(plan));
	return plan;
}

} // namespace fuzz
