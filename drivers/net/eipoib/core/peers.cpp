// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB

#include "peers.hpp"

namespace eipoib {

namespace {

constexpr u32 idle_limit = 300'000; // ms until what is not used is forgotten
constexpr u32 max_wanted = 1024;

EndPointByLid::Key lid_key(const EndPoint &e)
{
	return {e.partition_, e.qpn(), e.lid_};
}

// Whether it is one of those that max_peers limits.
bool is_learnt(const EndPoint &end_point)
{
	return !end_point.fixed_count_;
}

bool is_learnt(const Station &station)
{
	return !station.is_fixed() && station.kind() != StationKind::wanted;
}

// The one that was not used for longest of a few that are shown to it.
template <typename Node> class Idlest {
public:
	explicit Idlest(u32 now) : now_(now)
	{
	}

	void show(Node &node)
	{
		if (!node_ || node.used_.age(now_) > node_->used_.age(now_))
			node_ = &node;
		count_++;
	}

	bool is_enough() const
	{
		return count_ >= 8;
	}

	Node &operator*() const
	{
		return *node_;
	}

private:
	u32 now_;
	u32 count_ = 0;
	Node *node_ = nullptr;
};

// One to forget of those in @table that were learnt; there are some. Each is looked at in its turn.
template <typename Node, typename Traits>
Node &find_idle(const Updater &updater, RcuHash<Node, Traits> &table, u32 &position, u32 now)
{
	Idlest<Node> idlest(now);
	for (u32 i = 0; i < table.size() && !idlest.is_enough(); i++) {
		table.visit_next(updater, position, 1, [&](Node &node) {
			if (is_learnt(node))
				idlest.show(node);
		});
	}
	return *idlest;
}

// The same of @wanted.
template <typename Nodes> Station &find_idle(Nodes &wanted, u32 now)
{
	Idlest<Station> idlest(now);
	while (!idlest.is_enough()) {
		Station &station = *wanted.front();
		idlest.show(station);
		wanted.move_to_back(station);
	}
	return *idlest;
}

} // namespace

bool PeerTable::try_init(void *pif, u32 max_peers, Revision &revision)
{
	pif_ = pif;
	revision_ = &revision;
	max_peers_ = max_peers;
	return lock_.try_init() && by_lid_.try_init(max_peers) && by_gid_.try_init(max_peers) &&
	       stations_.try_init(max_peers);
}

void PeerTable::destroy(const ConfigUpdater &)
{
	if (lock_.is_made()) {
		LockGuard guard(lock_);
		while (Station *station = wanted_.front())
			drop_station(guard, *station);
		by_gid_.for_each(guard, [&](EndPoint &e) {
			lock_.assert_held(guard);
			drop_end_point(guard, e);
		});
	}
	by_lid_.destroy();
	by_gid_.destroy();
	stations_.destroy();
	lock_.destroy();
}

bool PeerTable::was_heard(const RcuReader &reader, wire::PartitionId partition,
			  wire::MacAddress mac, u32 now, u32 interval) const
{
	const Route route = find(reader, partition, mac, now);
	if (!route.end_point)
		return false;
	const bool is_one_of_many =
		route.station && route.station->kind() == StationKind::transparent;
	const Stamp &heard = is_one_of_many ? route.station->heard_ : route.end_point->heard_;
	return heard.age(now) < interval;
}

PeerTable::Learnt PeerTable::learn(const RcuReader &reader, wire::PartitionId partition,
				   wire::Lid lid, const wire::IbAddress &address,
				   bool are_flags_known, bool is_heard, u32 now)
{
	const EndPointByGid::Key key = {partition, address.qpn(), address.gid_};
	EndPoint *known = by_gid_.find(reader, key);
	bool is_renamed = false;
	if (!known || known->lid_ != lid || (is_heard && known->is_hearsay()) ||
	    (lid.value && find_source(reader, partition, key.qpn, lid) != known)) {
		const EndPoint *before = known;
		LockGuard guard(lock_);
		known = relearn(guard, key, lid, now);
		if (known && is_heard)
			end_search(guard, *known, now);
		is_renamed = before && known && known->identity().mac() != before->identity().mac();
	}
	if (!known)
		return {nullptr, false};
	known->used_.set(now);
	if (are_flags_known && known->address().flags_ != address.flags_) {
		__atomic_store_n(&known->address_.flags_, address.flags_, __ATOMIC_RELAXED);
		revision_->advance();
	}
	return {known, is_renamed};
}

// The end point @key at @lid, in the place of what contradicts it: the same one elsewhere, and
// another one there. Readers see the old state or the new one of each look-up, and never a gap.
EndPoint *PeerTable::relearn(const LockGuard &guard, const EndPointByGid::Key &key, wire::Lid lid,
			     u32 now)
{
	EndPoint *known = by_gid_.find(guard, key);
	if (known && known->lid_ == lid)
		return known;
	if (lid.value) {
		if (EndPoint *rival = by_lid_.find(guard, {key.partition, key.qpn, lid}))
			move(guard, *rival, {0}, now);
	}
	if (known)
		return move(guard, *known, lid, now);
	make_room(guard, now);
	return add_end_point(guard, key, lid, now);
}

// Exchange @old for a copy of it at @lid. Without memory it is forgotten, or stays what it was if
// the administrator has spoken of it.
EndPoint *PeerTable::move(const LockGuard &guard, EndPoint &old, wire::Lid lid, u32 now)
{
	const Identity identity = old.identity();
	auto *fresh = try_create<EndPoint>(Context::packet);
	if (!fresh && old.fixed_count_)
		return &old;
	if (fresh) {
		fresh->identity_ = identity;
		fresh->partition_ = old.partition_;
		fresh->lid_ = lid;
		fresh->address_ = old.address();
		fresh->used_ = old.used_;
		fresh->heard_ = old.heard_;
		fresh->asked_ = old.asked_;
		fresh->ipv4_ = old.ipv4_;
		fresh->ipv6_ = old.ipv6_;
		fresh->is_router_ = old.is_router_;
		fresh->is_hearsay_ = old.is_hearsay_;
		if (!identity.is_announced() && lid.value)
			fresh->set_identity(
				guard, {pick_remac(guard, *fresh, &old),
					identity.takes_transparent() ? Identity::transparent : 0});
		publish(guard, *fresh, now);
		while (Station *station = old.stations_.front())
			attach(guard, *station, *fresh, station->kind());
		// Guests may go on using the REMAC that it had: it must not lead to another,
		// unless it does already. Without an LID it had none that leads anywhere.
		const Station *former = stations_.find(guard, {old.partition_, identity.mac()});
		if (!identity.is_announced() && old.lid_.value &&
		    !(former && former->end_point_.load(guard)) &&
		    (!lid.value || fresh->identity().mac() != identity.mac()))
			set_station(guard, *fresh, identity.mac(), StationKind::alias, now);
	}
	drop_end_point(guard, old);
	return fresh;
}

// For one more end point that is learnt. There are too many when fixed ones have become ordinary:
// two go for each that comes, until it is right.
void PeerTable::make_room(const LockGuard &guard, u32 now)
{
	for (int i = 0; i < 2 && end_point_count_ >= max_peers_; i++) {
		eipoib_k_count(pif_, EIPOIB_NOTE_PEER_EVICTED);
		drop_end_point(guard, find_idle(guard, by_gid_, end_point_position_, now));
	}
}

EndPoint *PeerTable::add_end_point(const LockGuard &guard, const EndPointByGid::Key &key,
				   wire::Lid lid, u32 now)
{
	auto *fresh = try_create<EndPoint>(Context::packet);
	if (!fresh)
		return nullptr;
	fresh->partition_ = key.partition;
	fresh->lid_ = lid;
	fresh->address_ = {.flags_ = 0, .qpn_ = Be24::from(key.qpn.value), .gid_ = key.gid};
	fresh->is_hearsay_ = true;
	fresh->set_identity(guard, {pick_remac(guard, *fresh, nullptr), 0});
	publish(guard, *fresh, now);
	return fresh;
}

void PeerTable::publish(const LockGuard &guard, EndPoint &fresh, u32 now)
{
	fresh.used_.set(now);
	by_gid_.insert(guard, fresh, key_of(fresh));
	// Last: where learn() finds this it has nothing to wait for.
	if (fresh.lid_.value)
		by_lid_.insert(guard, fresh, lid_key(fresh));
	end_point_count_++;

	// If others had every REMAC that it could get, the last of them is its own from now on.
	const wire::MacAddress mac = fresh.identity().mac();
	const Station *station = stations_.find(guard, {fresh.partition_, mac});
	if (station && station->kind() == StationKind::alias)
		set_station(guard, fresh, mac, StationKind::alias, now);
}

// @end_point is there: what waits for its REMAC need not wait for a better answer.
void PeerTable::end_search(const LockGuard &guard, EndPoint &end_point, u32 now)
{
	end_point.set_heard(guard);
	const wire::MacAddress mac = end_point.identity().mac();
	const Station *station = stations_.find(guard, {end_point.partition_, mac});
	if (station && station->kind() == StationKind::wanted)
		set_station(guard, end_point, mac, StationKind::alias, now);
}

// A REMAC for @end_point that does not lead to any other peer but @before, its former self.
wire::MacAddress PeerTable::pick_remac(const LockGuard &guard, const EndPoint &end_point,
				       const EndPoint *before) const
{
	wire::MacAddress mac = {};
	for (u8 variant = 0; variant < wire::remac_variants; variant++) {
		mac = wire::remac(end_point.qpn(), end_point.lid_, variant);
		const Station *station = stations_.find(guard, {end_point.partition_, mac});
		const EndPoint *owner = station ? station->end_point_.load(guard) : nullptr;
		if (!owner || owner == before)
			break;
	}
	return mac;
}

void PeerTable::announce(const RcuReader &reader, EndPoint &end_point, wire::MacAddress mac,
			 bool takes_transparent, u32 now)
{
	const Identity known = end_point.identity();
	const u64 flags = takes_transparent ? Identity::transparent : 0;
	const Identity said = mac.is_zero() ? Identity(known.mac(), flags)
					    : Identity(mac, flags | Identity::announced);
	const Station *station =
		mac.is_zero() ? nullptr : stations_.find(reader, {end_point.partition_, mac});
	if (known == said &&
	    (mac.is_zero() || (station && station->kind() >= StationKind::announced &&
			       station->end_point_.load(reader) == &end_point)))
		return;

	LockGuard guard(lock_);
	EndPoint *owner = again(guard, end_point);
	if (!owner)
		return;
	const Identity before = owner->identity();
	if (!mac.is_zero() && is_fixed_elsewhere(guard, *owner, mac)) {
		identify(guard, *owner,
			 {before.mac(), flags | (before.is_announced() ? Identity::announced : 0)});
		return;
	}
	// Who takes back what it said is seen under a REMAC again.
	const wire::MacAddress unsaid =
		before.is_announced() ? pick_remac(guard, *owner, owner) : before.mac();
	identify(guard, *owner, mac.is_zero() ? Identity(unsaid, flags) : said);
	if (before.is_announced() && before.mac() != mac) {
		Station *old = stations_.find(guard, {owner->partition_, before.mac()});
		if (old && old->end_point_.load(guard) == owner && !old->is_fixed())
			drop_station(guard, *old);
	}
	if (mac.is_zero())
		return;
	set_station(guard, *owner, mac, StationKind::announced, now);
}

void PeerTable::see_transparent(const RcuReader &reader, EndPoint &end_point, wire::MacAddress mac,
				u32 now)
{
	Station *station = stations_.find(reader, {end_point.partition_, mac});
	const bool is_known =
		station &&
		(station->is_fixed() ||
		 (station->end_point_.load(reader) == &end_point && station->is_first_hand()));
	if (is_known && end_point.identity().takes_transparent()) {
		station->used_.set(now);
		station->heard_.set(now);
		return;
	}

	LockGuard guard(lock_);
	EndPoint *owner = again(guard, end_point);
	if (!owner)
		return;
	const Identity identity = owner->identity();
	identify(guard, *owner,
		 {identity.mac(),
		  Identity::transparent | (identity.is_announced() ? Identity::announced : 0)});
	const bool is_primary = identity.is_announced() && identity.mac() == mac;
	set_station(guard, *owner, mac,
		    is_primary ? StationKind::announced : StationKind::transparent, now);
}

void PeerTable::see_client(const RcuReader &reader, EndPoint &end_point, wire::MacAddress mac,
			   u32 now)
{
	const Station *station = stations_.find(reader, {end_point.partition_, mac});
	if (station && station->kind() >= StationKind::announced)
		return;
	LockGuard guard(lock_);
	if (EndPoint *owner = again(guard, end_point))
		set_station(guard, *owner, mac, StationKind::client, now);
}

void PeerTable::see_ipv4(EndPoint &end_point, Be32 address)
{
	LockGuard guard(lock_);
	if (EndPoint *owner = again(guard, end_point))
		owner->ipv4_ = address;
}

void PeerTable::see_ipv6(EndPoint &end_point, const wire::Ipv6Address &address, bool is_router)
{
	LockGuard guard(lock_);
	if (EndPoint *owner = again(guard, end_point)) {
		owner->ipv6_ = address;
		owner->is_router_ = is_router;
	}
}

PeerTable::LastSeen PeerTable::last_seen(const EndPoint &end_point) const
{
	LockGuard guard(lock_);
	const EndPoint *owner = again(guard, end_point);
	return owner ? LastSeen{owner->ipv4_, owner->ipv6_, owner->is_router_} : LastSeen{};
}

bool PeerTable::is_claimed(wire::PartitionId partition, wire::MacAddress mac) const
{
	LockGuard guard(lock_);
	const Station *station = stations_.find(guard, {partition, mac});
	return station && station->is_first_hand();
}

void PeerTable::reclaim(const RcuReader &reader, wire::PartitionId partition, wire::MacAddress mac)
{
	const Station *known = stations_.find(reader, {partition, mac});
	if (!known || known->is_fixed())
		return;
	LockGuard guard(lock_);
	Station *station = stations_.find(guard, {partition, mac});
	if (!station || station->is_fixed())
		return;
	EndPoint *former = station->end_point_.load(guard);
	drop_station(guard, *station);
	if (former)
		hide(guard, *former, mac);
}

// Guests must not see @end_point under @mac any more.
void PeerTable::hide(const LockGuard &guard, EndPoint &end_point, wire::MacAddress mac)
{
	const Identity identity = end_point.identity();
	if (identity.mac() == mac)
		identify(guard, end_point,
			 {pick_remac(guard, end_point, &end_point),
			  identity.takes_transparent() ? Identity::transparent : 0});
}

// Change what is known of @end_point, which others can see.
void PeerTable::identify(const LockGuard &guard, EndPoint &end_point, Identity identity)
{
	if (end_point.identity() == identity)
		return;
	end_point.set_identity(guard, identity);
	revision_->advance();
}

// All are looked at within a minute.
void PeerTable::age(u32 now)
{
	constexpr u32 rounds = 60;
	LockGuard guard(lock_);
	const auto age_peer = [&](EndPoint &e) {
		lock_.assert_held(guard);
		if (is_learnt(e) && e.used_.age(now) >= idle_limit)
			drop_end_point(guard, e);
	};
	const auto age_station = [&](Station &s) {
		lock_.assert_held(guard);
		if (!s.is_fixed() && s.used_.age(now) >= idle_limit)
			drop_station(guard, s);
	};
	by_gid_.visit_next(guard, end_point_position_, by_gid_.size() / rounds + 1, age_peer);
	stations_.visit_next(guard, station_position_, stations_.size() / rounds + 1, age_station);
}

// What the administrator says stays. What a peer says of itself or is seen to do counts at once.
// Hearsay only fills gaps.
bool PeerTable::may_take(const LockGuard &guard, const Station &station, const EndPoint &end_point,
			 StationKind kind)
{
	const StationKind has = station.kind();
	if (has == StationKind::fixed)
		return false;
	if (kind < StationKind::announced)
		return has <= kind;
	const bool is_its_own = station.end_point_.load(guard) == &end_point;
	return !(is_its_own && has == StationKind::announced && kind == StationKind::transparent);
}

// Let @mac lead to @end_point, unless something says with more right that it does not.
void PeerTable::set_station(const LockGuard &guard, EndPoint &end_point, wire::MacAddress mac,
			    StationKind kind, u32 now)
{
	Station *station = stations_.find(guard, {end_point.partition_, mac});
	if (station && !may_take(guard, *station, end_point, kind))
		return;
	if (!station)
		station = add_station(guard, end_point.partition_, mac, now);
	if (!station)
		return;
	station->used_.set(now);
	station->heard_.set(now);
	attach(guard, *station, end_point, kind);
}

// A station that is wanted, or nullptr without memory.
Station *PeerTable::add_station(const LockGuard &guard, wire::PartitionId partition,
				wire::MacAddress mac, u32 now)
{
	auto *station = try_create<Station>(Context::packet);
	if (!station)
		return nullptr;
	if (wanted_count_ >= max_wanted || wanted_count_ >= max_peers_)
		drop_station(guard, find_idle(wanted_, now));
	station->key_ = {partition, mac};
	station->used_.set(now);
	wanted_.push_back(*station);
	wanted_count_++;
	stations_.insert(guard, *station, station->key_);
	// As a REMAC it may have led somewhere without a station.
	if (wire::looks_like_remac(mac))
		revision_->advance();
	return station;
}

// Make @station lead to @owner, whomever it led to before, and let go what waits for it.
void PeerTable::attach(const LockGuard &guard, Station &station, EndPoint &owner, StationKind kind)
{
	const EndPoint *former = station.end_point_.load(guard);
	if (former == &owner) {
		station.set_kind(guard, kind);
	} else {
		detach(guard, station);
		join(guard, station, owner, kind);
	}
	// Nothing was concluded from one that led nowhere.
	if (former)
		revision_->advance();
}

// Who reads the new kind without the lock concludes that the station leads to its new owner.
void PeerTable::join(const LockGuard &guard, Station &station, EndPoint &owner, StationKind kind)
{
	owner.stations_.push_back(station);
	if (kind == StationKind::fixed) {
		fixed_count_++;
		if (owner.fixed_count_++ == 0) {
			end_point_count_--;
			fixed_end_point_count_++;
		}
	} else {
		if (station_count_ >= max_peers_) {
			eipoib_k_count(pif_, EIPOIB_NOTE_PEER_EVICTED);
			drop_station(guard, find_idle(guard, stations_, station_position_,
						      station.used_.get()));
		}
		station_count_++;
	}
	station.end_point_.store(guard, &owner);
	station.set_kind(guard, kind);
	if (is_holding(station))
		eipoib_k_release(pif_);
}

// Take @station out of the lists of those that are like it.
void PeerTable::detach(const LockGuard &guard, Station &station)
{
	EndPoint *owner = station.end_point_.load(guard);
	if (!owner) {
		wanted_.remove(station);
		wanted_count_--;
		return;
	}
	owner->stations_.remove(station);
	if (!station.is_fixed()) {
		station_count_--;
		return;
	}
	fixed_count_--;
	if (--owner->fixed_count_ == 0) {
		end_point_count_++;
		fixed_end_point_count_--;
	}
}

void PeerTable::drop_station(const LockGuard &guard, Station &station)
{
	detach(guard, station);
	stations_.remove(guard, station, station.key_);
	if (station.end_point_.load(guard))
		revision_->advance();
	free_deferred(&station);
}

// Take an end point out with the stations it still has.
void PeerTable::drop_end_point(const LockGuard &guard, EndPoint &end_point)
{
	while (Station *station = end_point.stations_.front())
		drop_station(guard, *station);
	by_lid_.remove(guard, end_point, lid_key(end_point));
	by_gid_.remove(guard, end_point, key_of(end_point));
	end_point_count_--;
	revision_->advance();
	free_deferred(&end_point);
}

} // namespace eipoib
