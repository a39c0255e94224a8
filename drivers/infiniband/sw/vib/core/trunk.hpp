// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// A trunk: the end of a link to a switch elsewhere, over an Ethernet that knows nothing of it. Both
// ends say hello all the time. A link is up as long as each end hears the other and hears that it
// is heard; whoever starts anew does so under a new identity, which the other end takes for a link
// that was lost, and packets of the time before are of nobody.
#pragma once

#include "abi_trunk.h"
#include "bytes.hpp"
#include "shared.hpp"
#include "wire.hpp"

#include <optional>

namespace vib {

using kxx::ByteView;

namespace wire {

// What follows the Ethernet header.
struct TrunkHead {
	static constexpr u8 VERSION = 1;
	static constexpr u8 TYPE_HELLO = 1;
	static constexpr u8 TYPE_PACKET = 2; // LRH to VCRC follow

	u8 version;
	u8 type;
	Be16 link;
	Be32 from; // identity of the sender
	Be32 to;   // whom it hears, 0 nobody
};
static_assert(sizeof(TrunkHead) == VIB_TRUNK_HEAD && alignof(TrunkHead) == 1);

struct TrunkHello {
	TrunkHead head;
	Be64 guid; // of the switch
	u8 port;
	u8 reserved[3];
};
static_assert(sizeof(TrunkHello) == VIB_TRUNK_HELLO && alignof(TrunkHello) == 1);

} // namespace wire

class Trunk {
public:
	void plug(const vib_trunk_cable &cable, bool is_disabled);
	void unplug();

	// This end begins anew; a disabled one hears nobody.
	void restart(bool is_disabled);

	// One tick more without a hello. True if the link is lost by that.
	bool tick();

	// VIB_HELLO_* bits; @changed: the link came up or went down.
	u32 hear(const wire::TrunkHello &hello, bool &changed);

	wire::TrunkHello say(u64 guid, u8 port) const;

	// Before a packet to the other end. Nothing if nobody is there.
	std::optional<wire::TrunkHead> head() const;

	// Whose frame this is: enum vib_trunk_kind. Counts.
	vib_trunk_kind sort(ByteView frame, vib_trunk_packet &packet);

	bool is_cabled() const
	{
		return self_.load() != 0;
	}

	bool is_up() const
	{
		return up_.load();
	}

	u64 peer_guid() const
	{
		return peer_.load() ? peer_guid_ : 0;
	}

	u8 peer_port() const
	{
		return peer_port_;
	}

	void count(u32 counter)
	{
		counts_[counter].add(1);
	}

	u64 counted(u32 counter) const
	{
		return counts_[counter].load();
	}

private:
	vib_trunk_kind sort_packet(ByteView frame, const wire::TrunkHead &head,
				   vib_trunk_packet &packet);
	void forget();

	Shared<u32> self_; // 0 without a cable
	Shared<u32> peer_; // whom it hears, 0 nobody
	Shared<bool> up_;  // it is heard, too
	Shared<u16> link_;
	Shared<u64> counts_[VIB_TRUNK_COUNTER_COUNT];
	u64 peer_guid_;
	u32 silence_;
	u8 peer_port_;
	bool is_disabled_;
};

} // namespace vib
