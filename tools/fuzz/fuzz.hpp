// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What the fuzz targets share.
#pragma once

#include "bytes.hpp"

#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);

namespace fuzz {

// A property that holds for every input.
inline void must(bool holds, const char *what)
{
	if (holds)
		return;
	std::fprintf(stderr, "violated: %s\n", what);
	std::abort();
}

} // namespace fuzz
