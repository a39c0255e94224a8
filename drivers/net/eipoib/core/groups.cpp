// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB

#include "groups.hpp"

namespace eipoib {

namespace {

// What the tables are made for; more only makes the chains longer. tick() looks at every bucket.
constexpr u32 expected_nodes = 256;
constexpr u32 expected_domains = 16;

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

bool GroupTable::try_init()
{
	return lock_.try_init() && domains_.try_init(expected_domains) &&
	       groups_.try_init(expected_nodes) && reporters_.try_init(expected_nodes) &&
	       memberships_.try_init(expected_nodes);
}

void GroupTable::destroy(const ConfigUpdater &)
{
	if (domain_count_) {
		LockGuard guard(lock_);
		drop_if(guard, [](const Membership &) { return true; });
		domains_.for_each(guard, [](GroupDomain &domain) { eipoib_k_free(&domain); });
	}
	domains_.destroy();
	groups_.destroy();
	reporters_.destroy();
	memberships_.destroy();
	lock_.destroy();
}

bool GroupTable::try_add_partition(wire::PartitionId partition)
{
	auto *fresh = try_create<GroupDomain>(Context::config);
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
	groups_.for_each(guard, join_designated); // what is joined already stays so
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
	if (reporter.is_zero() || !reporters_.find(guard, {partition, reporter}))
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
		lock_.assert_held(guard);
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
		lock_.assert_held(guard);
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

void GroupTable::drop(const LockGuard &guard, Membership &membership)
{
	memberships_.remove(guard, membership, membership.key_);
	if (!membership.key_.is_own())
		membership_count_--;
	put_group(guard, *membership.group_);
	put_reporter(guard, *membership.reporter_);
	eipoib_k_free(&membership);
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

void GroupTable::put_group(const LockGuard &guard, Group &group)
{
	if (--group.members_)
		return;
	for (u8 index = 0; index < GroupDomain::max_devices; index++)
		leave_device(group, index);
	groups_.remove(guard, group, group.key_);
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

void GroupTable::put_reporter(const LockGuard &guard, Reporter &reporter)
{
	if (--reporter.memberships_)
		return;
	reporters_.remove(guard, reporter, reporter.key_);
	eipoib_k_free(&reporter);
}

} // namespace eipoib
