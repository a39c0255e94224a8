// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include "names.hpp"

#include <cstdio>
#include <utility>

#include <net/if.h>

namespace eipoibd {

namespace {

std::string join(const std::string &lower, PKey pkey, std::uint16_t index)
{
	char text[16];
	std::snprintf(text, sizeof(text), pkey ? ".%04x.%u" : ".%.0x%u", pkey.value, index);
	return lower + text;
}

} // namespace

Names::Names(const Model &model, Taken taken) : used_(std::move(taken))
{
	for (const auto &[index, link] : model.links()) {
		names_.insert(link.name);
		if (link.clone_index)
			used_.insert({link.lower, partition(link.pkey), link.clone_index});
	}
}

std::optional<Names::Name> Names::take(const Link &lower, PKey pkey)
{
	const PKey part = partition(pkey ? pkey : lower.pkey);
	// What was not free before is not free now.
	std::uint16_t &first = first_.try_emplace({lower.index, pkey}, 1).first->second;
	for (std::uint16_t index = first; index; index++) {
		if (used_.contains({lower.index, part, index}))
			continue;
		std::string name = join(lower.name, pkey, index);
		if (name.size() >= IFNAMSIZ)
			name = join("ib" + std::to_string(lower.index.value), pkey, index);
		if (name.size() >= IFNAMSIZ || names_.contains(name))
			continue;
		used_.insert({lower.index, part, index});
		names_.insert(name);
		first = index;
		return Name{part, index, std::move(name)};
	}
	return std::nullopt;
}

} // namespace eipoibd
