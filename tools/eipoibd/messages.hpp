// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// rtnetlink messages, and what they say about the model.
#pragma once

#include <libmnl/libmnl.h>

#include "planner.hpp"

namespace eipoibd {

struct News {
	bool is_any = false;		// something that can change a plan
	std::optional<Binding> unknown; // a source without a VIF
};

// Brings @model up to date with a message of a dump or a notification.
News apply(Model &model, const nlmsghdr *message);

// An FDB entry's age: how long ago its MAC was heard. Nothing if the message has none.
std::optional<std::chrono::milliseconds> parse_age(const nlmsghdr *message);

std::optional<Link> parse_link(const nlmsghdr *message);

// Requests, built in @buffer.
using Buffer = std::array<char, 1024>;

nlmsghdr *request_clone(Buffer &buffer, const AddVif &step);
nlmsghdr *request_alias(Buffer &buffer, Ifindex link, const std::string &alias);
nlmsghdr *request_binding(Buffer &buffer, Ifindex clone, const Binding &binding);
nlmsghdr *request_removal(Buffer &buffer, Ifindex link);
nlmsghdr *request_link(Buffer &buffer, Ifindex link);
nlmsghdr *request_link(Buffer &buffer, const std::string &name);
nlmsghdr *request_peer(Buffer &buffer, const Binding &binding);
nlmsghdr *request_fdb(Buffer &buffer, const FdbKey &key);
nlmsghdr *request_dump(Buffer &buffer, std::uint16_t type, std::uint8_t family);

} // namespace eipoibd
