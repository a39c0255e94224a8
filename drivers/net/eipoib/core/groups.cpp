// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB

#include "groups.hpp"

namespace eipoib {

namespace {

// What the tables are made for; more only makes the chains longer.
constexpr u32 expected_nodes = 1024;

// Whether @since is @span ago or longer. It is then remembered as just that long ago: whoever
// asks often enough never sees the difference wrap.
bool has_passed(u32 &since, u32 span, u32 now_ms)
{
	if (static_cast<s32>(now_ms - since) < static_cast<s32>(span))
		return false;
	since = now_ms - span;
	return true;
}

void join_designated(Group &group)
{
	const u8 index = group.domain_->designated_;
	if (index == GroupDomain::max_devices || group.joined_on_ >> index & 1)
		return;
	group.joined_on_ = static_cast<u8>(group.joined_on_ | 1u << index);
	eipoib_k_group_join(group.domain_->devices_[index], bytes_of(group.key_.address).data());
}

void leave_device(Group &group, u8 index)
{
	if (!(group.joined_on_ >> index & 1))
		return;
	group.joined_on_ = static_cast<u8>(group.joined_on_ & ~(1u << index));
	eipoib_k_group_leave(group.domain_->devices_[index], bytes_of(group.key_.address).data());
}

// The index of @device (nullptr: of a free place), or max_devices.
u8 find_device(const GroupDomain &domain, const void *device)
{
	u8 index = 0;
	while (index < GroupDomain::max_devices && domain.devices_[index] != device)
		index++;
	return index;
}

// What ethX is likely to listen to at @mac.
std::optional<IpGroup> listened_group(const wire::MacAddress &mac)
{
	const u8 *m = mac.bytes_;
	if (mac.bits() >> 8 == 0x01'00'5e'00'00)
		return IpGroup::of(Be32::from(0xe0000000u | m[5]));
	if (mac.bits() >> 32 != 0x33'33)
		return std::nullopt;
	wire::Ipv6Address group = {
		{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, m[2], m[3], m[4], m[5]}};
	group.bytes_[11] = m[2] == 0xff; // solicited-node, RFC 4291 section 2.7.1
	return IpGroup::of(group);
}

} // namespace

void Heard::hear(u32 now_ms)
{
	is_recent_ = true;
	at_ = now_ms;
}

void Heard::forget_after(u32 life_ms, u32 now_ms)
{
	if (is_recent_ && has_passed(at_, life_ms, now_ms))
		is_recent_ = false;
}

bool GroupTable::try_init()
{
	lock_ = eipoib_k_lock_create();
	return lock_ && domains_.try_init(expected_nodes) && groups_.try_init(expected_nodes) &&
	       reporters_.try_init(expected_nodes) && memberships_.try_init(expected_nodes);
}

void GroupTable::destroy(const ConfigUpdater &config)
{
	if (domain_count_) {
		drop_if(config, [](const Membership &) { return true; });
		domains_.for_each(config, [](GroupDomain &domain) { eipoib_k_free(&domain); });
	}
	domains_.destroy();
	groups_.destroy();
	reporters_.destroy();
	memberships_.destroy();
	eipoib_k_lock_destroy(lock_);
}

bool GroupTable::try_add_partition(wire::PartitionId partition)
{
	GroupDomain *fresh = try_create<GroupDomain>(Context::config);
	if (!fresh)
		return false;
	LockGuard guard(lock_);
	if (GroupDomain *known = domains_.find(guard, {partition})) {
		known->users_++;
		eipoib_k_free(fresh);
		return true;
	}
	fresh->key_ = {partition};
	fresh->users_ = 1;
	fresh->designated_ = GroupDomain::max_devices;
	domains_.insert(guard, *fresh, fresh->key_);
	domain_count_++;
	if (!listen_on(guard, *fresh))
		is_listening_incomplete_ = true;
	return true;
}

void GroupTable::remove_partition(wire::PartitionId partition)
{
	LockGuard guard(lock_);
	GroupDomain *domain = domains_.find(guard, {partition});
	if (!domain || --domain->users_)
		return;
	drop_if(guard, [&](const Membership &m) { return m.group_->domain_ == domain; });
	domains_.remove(guard, *domain, domain->key_);
	domain_count_--;
	eipoib_k_free(domain);
}

void GroupTable::designate(wire::PartitionId partition, void *device)
{
	LockGuard guard(lock_);
	GroupDomain *domain = domains_.find(guard, {partition});
	if (!domain)
		return;
	if (!device) {
		domain->designated_ = GroupDomain::max_devices;
		return;
	}
	u8 index = find_device(*domain, device);
	if (index == GroupDomain::max_devices)
		index = find_device(*domain, nullptr);
	if (index == GroupDomain::max_devices) {
		// Any but the one that is still needed until @device has joined.
		index = static_cast<u8>((domain->designated_ + 1) % GroupDomain::max_devices);
		clear_device(guard, *domain, index);
	}
	domain->devices_[index] = device;
	domain->designated_ = index;
	groups_.for_each(guard, [&](Group &group) {
		if (group.domain_ == domain)
			join_designated(group);
	});
}

void GroupTable::retire(wire::PartitionId partition, void *device)
{
	LockGuard guard(lock_);
	GroupDomain *domain = domains_.find(guard, {partition});
	if (!domain || !device)
		return;
	const u8 index = find_device(*domain, device);
	if (index != GroupDomain::max_devices && index != domain->designated_)
		clear_device(guard, *domain, index);
}

void GroupTable::clear_device(const LockGuard &guard, GroupDomain &domain, u8 index)
{
	groups_.for_each(guard, [&](Group &group) {
		if (group.domain_ == &domain)
			leave_device(group, index);
	});
	domain.devices_[index] = nullptr;
}

void GroupTable::forget_reporter(wire::PartitionId partition, wire::MacAddress reporter)
{
	LockGuard guard(lock_);
	if (!reporters_.find(guard, {partition, reporter}))
		return;
	drop_if(guard, [&](const Membership &m) {
		return m.reporter_->key_ == Reporter::Key{partition, reporter};
	});
}

bool GroupTable::set_listeners(const wire::MacAddress *macs, u32 count)
{
	LockGuard guard(lock_);
	listener_count_ = count < max_listeners ? count : max_listeners;
	for (u32 i = 0; i < listener_count_; i++)
		listeners_[i] = macs[i];
	listen(guard);
	return listener_count_ == count;
}

// Make ethX's own memberships those of its list.
void GroupTable::listen(const LockGuard &guard)
{
	memberships_.for_each(guard, [](Membership &m) {
		if (m.key_.is_own())
			m.is_leaving_ = true;
	});
	is_listening_incomplete_ = false;
	domains_.for_each(guard, [&](GroupDomain &domain) {
		if (!listen_on(guard, domain))
			is_listening_incomplete_ = true;
	});
	drop_if(guard, [](const Membership &m) { return m.key_.is_own() && m.is_leaving_; });
}

// False if memory was short.
bool GroupTable::listen_on(const LockGuard &guard, GroupDomain &domain)
{
	bool is_complete = true;
	auto join_own = [&](const IpGroup &group) {
		if (join(guard, domain, {domain.key_.partition, {}, group}, 0) !=
		    SnoopResult::taken)
			is_complete = false;
	};
	join_own(IpGroup::of(Be32::from(0xe0000001)));
	join_own(IpGroup::of(wire::Ipv6Address::all_nodes()));
	for (u32 i = 0; i < listener_count_; i++)
		if (const auto group = listened_group(listeners_[i]))
			join_own(*group);
	return is_complete;
}

SnoopResult GroupTable::snoop_tx(wire::PartitionId partition, wire::MacAddress reporter,
				 ByteView packet, bool checksum_pending, u32 now_ms)
{
	auto message = MembershipMessage::read(packet, checksum_pending);
	if (message.kind() == MembershipMessage::Kind::malformed)
		return SnoopResult::malformed;
	if (message.kind() == MembershipMessage::Kind::other || reporter.is_zero())
		return SnoopResult::nothing;

	LockGuard guard(lock_);
	GroupDomain *domain = domains_.find(guard, {partition});
	if (!domain)
		return SnoopResult::nothing;
	if (message.kind() == MembershipMessage::Kind::report)
		return take_report(guard, *domain, reporter, message, now_ms);
	hear_query(guard, *domain, message.is_ipv6(), now_ms);
	return SnoopResult::taken;
}

SnoopResult GroupTable::take_report(const LockGuard &guard, GroupDomain &domain,
				    wire::MacAddress reporter, MembershipMessage &message,
				    u32 now_ms)
{
	SnoopResult result = SnoopResult::taken;
	while (const auto change = message.next()) {
		const Membership::Key key = {domain.key_.partition, reporter, change->group};
		if (!change->is_join) {
			leave(guard, key, now_ms);
			continue;
		}
		if (message.silences_others())
			hear_silencing(guard, domain, change->group, now_ms);
		if (SnoopResult joined = join(guard, domain, key, now_ms);
		    joined != SnoopResult::taken)
			result = joined;
	}
	return result;
}

void GroupTable::snoop_rx(wire::PartitionId partition, ByteView packet, u32 now_ms)
{
	auto message = MembershipMessage::read(packet, false);
	const bool is_query = message.kind() == MembershipMessage::Kind::query;
	if (!is_query && !message.silences_others())
		return;

	LockGuard guard(lock_);
	GroupDomain *domain = domains_.find(guard, {partition});
	if (!domain)
		return;
	if (is_query)
		hear_query(guard, *domain, message.is_ipv6(), now_ms);
	else if (const auto change = message.next())
		hear_silencing(guard, *domain, change->group, now_ms);
}

void GroupTable::hear_query(const LockGuard &guard, GroupDomain &domain, bool is_ipv6, u32 now_ms)
{
	Heard &querier = domain.queriers_[is_ipv6];
	// Nobody was asked before: what is remembered is as old as it may be and still holds.
	if (!querier.is_recent_)
		memberships_.for_each(guard, [&](Membership &m) {
			if (m.group_->domain_ == &domain && m.key_.group.is_ipv6() == is_ipv6)
				m.reported_ = now_ms;
		});
	querier.hear(now_ms);
}

// Members of @group that hear the same report will not send theirs.
void GroupTable::hear_silencing(const LockGuard &guard, const GroupDomain &domain,
				const IpGroup &group, u32 now_ms)
{
	const wire::PartitionId partition = domain.key_.partition;
	if (Group *known = groups_.find(guard, {partition, group.on(partition)}))
		known->silencing_.hear(now_ms);
}

SnoopResult GroupTable::join(const LockGuard &guard, GroupDomain &domain,
			     const Membership::Key &key, u32 now_ms)
{
	Membership *known = memberships_.find(guard, key);
	if (!known)
		return create(guard, domain, key, now_ms);
	known->reported_ = now_ms;
	known->is_leaving_ = false;
	return SnoopResult::taken;
}

SnoopResult GroupTable::create(const LockGuard &guard, GroupDomain &domain,
			       const Membership::Key &key, u32 now_ms)
{
	const Reporter *same = reporters_.find(guard, {key.partition, key.reporter});
	if (!key.is_own() && (membership_count_ >= max_memberships ||
			      (same && same->memberships_ >= max_memberships_of_reporter)))
		return SnoopResult::limit;

	// The group comes last: with it the join has happened.
	Membership *membership = try_create<Membership>(Context::packet);
	Reporter *reporter =
		membership ? get_reporter(guard, {key.partition, key.reporter}) : nullptr;
	Group *group = reporter ? get_group(guard, domain, key.group) : nullptr;
	if (!group) {
		if (reporter)
			put_reporter(guard, *reporter);
		eipoib_k_free(membership);
		return SnoopResult::no_memory;
	}
	membership->key_ = key;
	membership->group_ = group;
	membership->reporter_ = reporter;
	membership->reported_ = now_ms;
	memberships_.insert(guard, *membership, key);
	if (!key.is_own())
		membership_count_++;
	return SnoopResult::taken;
}

// Not yet: members that were silent may answer the querier's question for others.
void GroupTable::leave(const LockGuard &guard, const Membership::Key &key, u32 now_ms)
{
	Membership *membership = memberships_.find(guard, key);
	if (!membership || membership->is_leaving_)
		return;
	membership->is_leaving_ = true;
	membership->left_ = now_ms;
}

void GroupTable::drop(const Updater &updater, Membership &membership)
{
	memberships_.remove(updater, membership, membership.key_);
	if (!membership.key_.is_own())
		membership_count_--;
	put_group(updater, *membership.group_);
	put_reporter(updater, *membership.reporter_);
	eipoib_k_free(&membership);
}

template <typename Predicate> void GroupTable::drop_if(const Updater &updater, Predicate predicate)
{
	memberships_.for_each(updater, [&](Membership &membership) {
		if (predicate(membership))
			drop(updater, membership);
	});
}

// The group with one more member, or nullptr without memory.
Group *GroupTable::get_group(const LockGuard &guard, GroupDomain &domain, const IpGroup &ip_group)
{
	const wire::PartitionId partition = domain.key_.partition;
	const Group::Key key = {partition, ip_group.on(partition)};
	Group *group = groups_.find(guard, key);
	if (!group) {
		group = try_create<Group>(Context::packet);
		if (!group)
			return nullptr;
		group->key_ = key;
		group->domain_ = &domain;
		groups_.insert(guard, *group, key);
		join_designated(*group);
	}
	group->members_++;
	return group;
}

void GroupTable::put_group(const Updater &updater, Group &group)
{
	if (--group.members_)
		return;
	for (u8 index = 0; index < GroupDomain::max_devices; index++)
		leave_device(group, index);
	groups_.remove(updater, group, group.key_);
	eipoib_k_free(&group);
}

// The reporter with one more membership, or nullptr without memory.
Reporter *GroupTable::get_reporter(const LockGuard &guard, const Reporter::Key &key)
{
	Reporter *reporter = reporters_.find(guard, key);
	if (!reporter) {
		reporter = try_create<Reporter>(Context::packet);
		if (!reporter)
			return nullptr;
		reporter->key_ = key;
		reporters_.insert(guard, *reporter, key);
	}
	reporter->memberships_++;
	return reporter;
}

void GroupTable::put_reporter(const Updater &updater, Reporter &reporter)
{
	if (--reporter.memberships_)
		return;
	reporters_.remove(updater, reporter, reporter.key_);
	eipoib_k_free(&reporter);
}

void GroupTable::tick(u32 now_ms)
{
	LockGuard guard(lock_);
	domains_.for_each(guard, [&](GroupDomain &domain) {
		for (Heard &querier : domain.queriers_)
			querier.forget_after(querier_life_ms, now_ms);
	});
	groups_.for_each(guard, [&](Group &group) {
		group.silencing_.forget_after(membership_life_ms, now_ms);
	});
	drop_if(guard, [&](Membership &m) {
		if (m.key_.is_own())
			return false;
		if (m.is_leaving_)
			return has_passed(m.left_, leave_delay_ms, now_ms);
		return has_passed(m.reported_, membership_life_ms, now_ms) &&
		       !m.group_->silencing_.is_recent_ &&
		       m.group_->domain_->queriers_[m.key_.group.is_ipv6()].is_recent_;
	});
	if (is_listening_incomplete_)
		listen(guard);
}

} // namespace eipoib
