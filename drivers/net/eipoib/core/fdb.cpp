// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// abi/peer.h: peers as an administrator sees them, and what he may say of them.

#include "abi/peer.h"

#include "errno.hpp"
#include "plan.hpp"

namespace eipoib {

namespace {

constexpr u32 fresh_limit = 60'000; // ms

wire::MacAddress mac_of(const eipoib_peer &peer)
{
	wire::MacAddress mac;
	__builtin_memcpy(&mac, peer.mac, sizeof(mac));
	return mac;
}

const Partition *partition_of(const ConfigUpdater &config, const Core &core,
			      const eipoib_peer &peer)
{
	return core.vifs_.find_partition(config, wire::VlanId{static_cast<u16>(peer.vlan)});
}

void describe(eipoib_peer &peer, const EndPoint &end_point, const Station *station, u32 now)
{
	const Stamp &used = station ? station->used_ : end_point.used_;
	const bool is_one_of_many = station && station->kind() == StationKind::transparent;
	const Stamp &heard = is_one_of_many ? station->heard_ : end_point.heard_;
	__builtin_memcpy(peer.address, bytes_of(end_point.address()).data(), sizeof(peer.address));
	peer.used = used.age(now);
	peer.heard = end_point.is_hearsay() ? peer.used : heard.age(now);
	peer.flags = !end_point.is_hearsay() && peer.heard < fresh_limit ? EIPOIB_PEER_FRESH : 0;
	if (station && station->is_fixed()) {
		peer.flags |= EIPOIB_PEER_STATIC;
		if (station->is_permanent())
			peer.flags |= EIPOIB_PEER_PERMANENT;
	}
}

// Read the bucket @at but for the first @skip of it. Those that there is no room for are counted.
u32 read_bucket(const RcuReader &reader, const Core &core, u32 &at, u32 skip, eipoib_peer *peers,
		u32 capacity, bool &is_end)
{
	const u32 now = eipoib_k_now();
	u32 count = 0;
	is_end = !core.peers_.walk(
		reader, at,
		[&](const EndPoint &end_point, wire::MacAddress mac, const Station *station) {
			const Partition *partition =
				core.vifs_.find_partition(reader, end_point.partition_);
			// Without a VIF nobody can reach it.
			if (!partition || count++ < skip || count - skip > capacity)
				return;
			eipoib_peer &peer = peers[count - skip - 1];
			const Vif *vif = partition->designated_.load(reader);
			peer = {};
			__builtin_memcpy(peer.mac, &mac, sizeof(peer.mac));
			peer.vlan = partition->vlan_.value;
			peer.dev = vif ? vif->dev_ : nullptr;
			describe(peer, end_point, station, now);
		});
	return count > skip ? count - skip : 0;
}

Refusal check_address(const wire::IbAddress &address)
{
	// IBA 3.5.10: 0 and 1 belong to the subnet manager and to general services, the last one to
	// groups.
	const u32 qpn = address.qpn().value;
	if (qpn < 2 || qpn == 0xffffff)
		return {-einval, "No interface has this queue pair number: give the peer's"};
	const wire::Gid &gid = address.gid_;
	if (gid == wire::Gid{} || gid.prefix_.get() >> 56 == 0xff)
		return {-einval, "The GID is no unicast address: give the one of the peer's port"};
	return {};
}

Refusal check_new(const ConfigUpdater &config, const Core &core, const eipoib_peer &peer,
		  const wire::IbAddress &address, const Partition *partition)
{
	const wire::MacAddress mac = mac_of(peer);
	if (!mac.is_usable())
		return {-einval, "MAC is no unicast address"};
	if (Refusal refusal = check_address(address); refusal.error)
		return refusal;
	if (!partition)
		return {-enodev,
			"No VIF is on this VLAN, so its P_Key is not known: make one first"};
	if (core.vifs_.find(config, mac, partition->vlan_))
		return {-ebusy, "A VIF of this interface has this MAC: it is on this side"};
	if (core.vifs_.owns(config, address))
		return {-ebusy, "This GID and QPN are those of a clone of this interface"};
	return {};
}

Refusal set_peer(const ConfigUpdater &config, Core &core, const eipoib_peer &peer, u32 how)
{
	wire::IbAddress address;
	__builtin_memcpy(&address, peer.address, sizeof(address));
	const Partition *partition = partition_of(config, core, peer);
	if (Refusal refusal = check_new(config, core, peer, address, partition); refusal.error)
		return refusal;

	const bool is_there = core.peers_.is_fixed(partition->id_, mac_of(peer));
	if (is_there && how & EIPOIB_PEER_EXCLUSIVE)
		return {-eexist, "There is a static entry for this MAC: replace it"};
	if (!is_there && !(how & EIPOIB_PEER_CREATE))
		return {-enoent, "There is no static entry for this MAC"};
	switch (core.peers_.fix(config, partition->id_, mac_of(peer), address,
				peer.flags & EIPOIB_PEER_PERMANENT, eipoib_k_now())) {
	case 0:
		return {};
	case -enospc:
		return {-enospc, "There are max_peers static entries"};
	default:
		return {-enomem, "Out of memory"};
	}
}

Refusal forget_peer(const ConfigUpdater &config, Core &core, const eipoib_peer &peer)
{
	using Forgotten = PeerTable::Forgotten;
	const Partition *partition = partition_of(config, core, peer);
	const Forgotten result = partition
					 ? core.peers_.forget(config, partition->id_, mac_of(peer))
					 : Forgotten::unknown;
	if (result == Forgotten::unknown)
		return {-enoent, "No peer is known to have this MAC on this VLAN"};
	if (result == Forgotten::in_use)
		return {-ebusy, "Other MACs lead to this peer: delete them first"};
	return {};
}

int give_errno(const Refusal &refusal, const char **why)
{
	if (refusal.error)
		*why = refusal.why;
	return refusal.error;
}

} // namespace

} // namespace eipoib

using namespace eipoib;

extern "C" {

u32 eipoib_peers_read(const eipoib_core *core, u64 *position, eipoib_peer *peers, u32 capacity)
{
	const auto reader = RcuReader::promised_by_caller();
	// A bucket that does not fit is read in pieces.
	u32 at = static_cast<u32>(*position >> 32);
	u32 skip = static_cast<u32>(*position);
	for (bool is_end = false; !is_end; skip = 0) {
		const u32 from = at;
		const u32 count = read_bucket(reader, *core, at, skip, peers, capacity, is_end);
		if (count > capacity) {
			*position = u64{from} << 32 | (skip + capacity);
			return capacity;
		}
		*position = u64{at} << 32;
		if (count)
			return count;
	}
	return 0;
}

int eipoib_peer_find(const eipoib_core *core, eipoib_peer *peer)
{
	const auto config = ConfigUpdater::promised_by_caller();
	const auto reader = RcuReader::promised_by_caller();
	const u32 now = eipoib_k_now();
	const Partition *partition = partition_of(config, *core, *peer);
	if (!partition)
		return -enoent;
	const Route route = core->peers_.peek(reader, partition->id_, mac_of(*peer));
	if (!route.end_point)
		return -enoent;
	const Vif *vif = partition->designated_.load(reader);
	peer->dev = vif ? vif->dev_ : nullptr;
	describe(*peer, *route.end_point, route.station, now);
	return 0;
}

int eipoib_peer_set(eipoib_core *core, const eipoib_peer *peer, u32 how, const char **why)
{
	return give_errno(set_peer(ConfigUpdater::promised_by_caller(), *core, *peer, how), why);
}

int eipoib_peer_forget(eipoib_core *core, const eipoib_peer *peer, const char **why)
{
	return give_errno(forget_peer(ConfigUpdater::promised_by_caller(), *core, *peer), why);
}

} // extern "C"
