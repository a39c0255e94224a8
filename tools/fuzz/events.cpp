// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB

#include "input.hpp"

#include <algorithm>

namespace fuzz {

std::optional<Event> Events::next()
{
	constexpr std::size_t header = 4;
	if (size_ < header)
		return {};
	const std::size_t said = std::size_t{data_[2]} << 8 | data_[3];
	const std::size_t length = std::min(said, size_ - header);
	Event event = {.what = data_[0],
		       .how = data_[1],
		       .bytes = Bytes(data_ + header, data_ + header + length)};
	data_ += header + length;
	size_ -= header + length;
	return event;
}

void Events::append(Bytes &input, u8 what, u8 how, const Bytes &bytes)
{
	input.insert(input.end(), {what, how, static_cast<u8>(bytes.size() >> 8),
				   static_cast<u8>(bytes.size())});
	input.insert(input.end(), bytes.begin(), bytes.end());
}

Bytes from_hex(std::string_view text)
{
	Bytes bytes;
	int high = -1;
	for (char c : text) {
		if (c == ' ')
			continue;
		const int value = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
		must(value >= 0 && value < 16, "hex");
		if (high >= 0)
			bytes.push_back(static_cast<u8>(high << 4 | value));
		high = high < 0 ? value : -1;
	}
	must(high < 0, "an even number of digits");
	return bytes;
}

} // namespace fuzz
