// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include "kernel.hpp"

#include <linux/rtnetlink.h>

namespace eipoibd {

namespace {

// A dump that was interrupted may lack what nobody will tell us of.
constexpr int dump_attempts = 20;

// Then there is time to act on them, however many follow.
constexpr int events_at_once = 4096;

constexpr unsigned event_groups = RTMGRP_LINK | RTMGRP_NEIGH;

} // namespace

Kernel::Kernel() : events_(event_groups)
{
}

Model Kernel::dump()
{
	for (int i = 0; i < dump_attempts; i++) {
		Model model;
		if (try_dump(model))
			return model;
	}
	throw NetlinkError(EAGAIN, "the interfaces do not stand still");
}

bool Kernel::try_dump(Model &model)
{
	struct {
		std::uint16_t type;
		std::uint8_t family;
	} const parts[] = {
		{RTM_GETLINK, AF_UNSPEC},
		{RTM_GETLINK, AF_BRIDGE},
		{RTM_GETNEIGH, AF_BRIDGE},
	};
	bool is_complete = true;

	for (const auto &part : parts) {
		requests_.request(request_dump(buffer_, part.type, part.family),
				  [&](const nlmsghdr *message) {
					  if (message->nlmsg_flags & NLM_F_DUMP_INTR)
						  is_complete = false;
					  apply(model, message);
				  });
	}
	return is_complete;
}

Kernel::Update Kernel::update(Model &model, const std::function<void(const Binding &)> &see_unknown)
{
	Update update = Update::none;
	const auto visit = [&](const nlmsghdr *message) {
		const News news = apply(model, message);
		if (news.is_any)
			update = Update::some;
		if (news.unknown)
			see_unknown(*news.unknown);
	};
	try {
		for (int i = 0; i < events_at_once && events_.receive(visit);)
			i++;
	} catch (const NetlinkError &error) {
		if (error.code().value() != ENOBUFS)
			throw;
		// What it still holds is older than what is lost.
		events_ = Socket(event_groups);
		return Update::lost;
	}
	return update;
}

Link Kernel::add(const AddVif &step)
{
	requests_.request(request_clone(buffer_, step));
	const Ifindex clone = get_link(request_link(buffer_, step.name)).index;
	try {
		requests_.request(request_alias(buffer_, clone, alias_prefix));
		requests_.request(request_binding(buffer_, clone, step.binding));
		return get_link(request_link(buffer_, clone));
	} catch (const NetlinkError &) {
		try {
			remove(clone);
		} catch (const NetlinkError &) {
			// It is gone by itself, or ours by its alias and removed later.
		}
		throw;
	}
}

void Kernel::remove(Ifindex clone)
{
	requests_.request(request_removal(buffer_, clone));
}

Link Kernel::get_link(nlmsghdr *request)
{
	std::optional<Link> link;
	requests_.request(request, [&](const nlmsghdr *message) { link = parse_link(message); });
	if (!link)
		throw NetlinkError(EBADMSG, {});
	return *link;
}

std::optional<Link> Kernel::link(Ifindex index)
{
	try {
		return get_link(request_link(buffer_, index));
	} catch (const NetlinkError &) {
		return std::nullopt;
	}
}

std::optional<std::chrono::milliseconds> Kernel::heard_there(const Binding &binding)
{
	using std::chrono::milliseconds;
	std::optional<milliseconds> age;

	try {
		requests_.request(request_peer(buffer_, binding), [&](const nlmsghdr *message) {
			// A peer that somebody has set stays where it is.
			age = parse_age(message).value_or(milliseconds(0));
		});
	} catch (const NetlinkError &) {
		return std::nullopt;
	}
	return age;
}

std::optional<std::chrono::milliseconds> Kernel::heard_here(const FdbKey &key)
{
	std::optional<std::chrono::milliseconds> age;

	try {
		requests_.request(request_fdb(buffer_, key),
				  [&](const nlmsghdr *message) { age = parse_age(message); });
	} catch (const NetlinkError &) {
		return std::nullopt;
	}
	return age;
}

} // namespace eipoibd
