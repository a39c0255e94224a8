// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#pragma once

#include "types.hpp"

namespace eipoibd {

// Whether the port below the IPoIB interface @name has @pkey, as sysfs (at @sysfs) has it. True if
// that does not say.
bool port_has(const std::string &name, PKey pkey, const std::string &sysfs = "/sys");

} // namespace eipoibd
