// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Free numbers and names for new clones.
#pragma once

#include <map>
#include <set>
#include <tuple>

#include "model.hpp"

namespace eipoibd {

class Names {
public:
	using Taken = std::set<std::tuple<Ifindex, PKey, std::uint16_t>>;

	Names(const Model &model, Taken taken);

	struct Name {
		PKey partition;
		std::uint16_t index;
		std::string text;
	};

	// For a clone of @lower in the partition @pkey, or its own. Not given again.
	std::optional<Name> take(const Link &lower, PKey pkey);

private:
	Taken used_;
	std::set<std::string> names_;
	std::map<std::pair<Ifindex, PKey>, std::uint16_t> first_; // that may be free
};

} // namespace eipoibd
