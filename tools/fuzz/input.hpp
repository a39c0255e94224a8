// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// An input as a sequence of things that happen.
#pragma once

#include "fuzz.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace fuzz {

using namespace kxx;
using Bytes = std::vector<u8>;

Bytes from_hex(std::string_view text);

// What, how, and some bytes.
struct Event {
	u8 what;
	u8 how;
	Bytes bytes;
};

class Events {
public:
	Events(const u8 *data, std::size_t size) : data_(data), size_(size)
	{
	}

	std::optional<Event> next();

	// The same as bytes of an input.
	static void append(Bytes &input, u8 what, u8 how, const Bytes &bytes);

private:
	const u8 *data_;
	std::size_t size_;
};

} // namespace fuzz
