// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#pragma once

#include <string>

namespace eipoibd {

// Tells the service manager, if there is one: sd_notify(3) without its library.
void notify(const std::string &state);

} // namespace eipoibd
