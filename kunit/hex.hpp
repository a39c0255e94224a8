// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Bytes written as hex in the case tables.
#pragma once

#include "bytes.hpp"

namespace kunit {

using namespace kxx;

constexpr int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// The byte that @hex goes on with, white space aside, or -1 at its end; @hex moves behind it.
constexpr int next_byte(const char *&hex)
{
	while (*hex == ' ')
		hex++;
	if (!*hex)
		return -1;
	const int byte = nibble(hex[0]) << 4 | nibble(hex[1]);
	hex += 2;
	return byte;
}

inline bool equals(ByteView bytes, const char *hex)
{
	for (size_t i = 0; i < bytes.size(); i++)
		if (next_byte(hex) != bytes.data()[i])
			return false;
	return next_byte(hex) < 0;
}

inline bool equals(const char *one, const char *other)
{
	return __builtin_strcmp(one, other) == 0;
}

// Room for a frame: not on a kernel stack.
struct Buffer {
	u8 bytes[2048];
	size_t size;

	// False if @hex is longer.
	bool set(const char *hex)
	{
		size = 0;
		for (int byte; (byte = next_byte(hex)) >= 0;) {
			if (size == sizeof(bytes))
				return false;
			bytes[size++] = static_cast<u8>(byte);
		}
		return true;
	}

	ByteView view() const
	{
		return {bytes, size};
	}

	ByteSpan room()
	{
		return {bytes, sizeof(bytes)};
	}
};

inline constinit Buffer input = {};
inline constinit Buffer output = {};

} // namespace kunit
