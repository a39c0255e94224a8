// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What is heard, and what becomes of memberships by it and by time.

#include "groups.hpp"

namespace eipoib {

namespace {

// Whether @since is @span ago or longer. It is then remembered as just that long ago: whoever
// asks often enough never sees the difference wrap.
bool has_passed(u32 &since, u32 span, u32 now_ms)
{
	if (static_cast<s32>(now_ms - since) < static_cast<s32>(span))
		return false;
	since = now_ms - span;
	return true;
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

SnoopResult GroupTable::infer(wire::PartitionId partition, wire::MacAddress reporter,
			      const IpGroup &group, u32 now_ms)
{
	LockGuard guard(lock_);
	GroupDomain *domain = domains_.find(guard, {partition});
	const Membership::Key key = {partition, reporter, group};
	if (!domain || memberships_.find(guard, key))
		return SnoopResult::nothing;
	return create(guard, *domain, key, now_ms);
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
	auto *membership = try_create<Membership>(Context::packet);
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
