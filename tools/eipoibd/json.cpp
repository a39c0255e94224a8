// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include "json.hpp"

#include <cstdint>
#include <cstdio>

namespace eipoibd {

namespace {

using Byte = std::uint8_t;

bool continues(std::string_view text, std::size_t at)
{
	return at < text.size() && (static_cast<Byte>(text[at]) & 0xc0) == 0x80;
}

struct Lead {
	Byte first, last;	// the range of the first byte
	Byte second, to_second; // and of the second
	std::size_t length;
};

// RFC 3629, section 4: neither overlong forms nor surrogates nor what is above U+10FFFF.
constexpr Lead leads[] = {
	{0x00, 0x7f, 0, 0, 1},	     {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
	{0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
	{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

// Bytes of the character that @text begins with, 0 if it is none.
std::size_t character(std::string_view text)
{
	const auto first = static_cast<Byte>(text[0]);
	for (const Lead &lead : leads) {
		if (first < lead.first || first > lead.last)
			continue;
		for (std::size_t i = 1; i < lead.length; i++) {
			if (!continues(text, i))
				return 0;
		}
		const Byte second = lead.length > 1 ? static_cast<Byte>(text[1]) : lead.second;
		return second >= lead.second && second <= lead.to_second ? lead.length : 0;
	}
	return 0;
}

std::string escape(Byte byte)
{
	char text[8];
	std::snprintf(text, sizeof(text), "\\u%04x", byte);
	return text;
}

} // namespace

std::string json_string(std::string_view text)
{
	std::string out = "\"";
	while (!text.empty()) {
		const std::size_t length = character(text);
		const auto first = static_cast<Byte>(text[0]);
		if (!length)
			out += "\\ufffd";
		else if (first < 0x20 || first == 0x7f)
			out += escape(first);
		else if (first == '"' || first == '\\')
			out.append("\\").push_back(text[0]);
		else
			out += text.substr(0, length);
		text.remove_prefix(length ? length : 1);
	}
	return out + "\"";
}

} // namespace eipoibd
