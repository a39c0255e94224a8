// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#pragma once

#include <string>
#include <string_view>

namespace eipoibd {

// @text as a JSON string, with its quotes. What is no UTF-8 becomes U+FFFD, byte by byte: names of
// interfaces are bytes.
std::string json_string(std::string_view text);

} // namespace eipoibd
