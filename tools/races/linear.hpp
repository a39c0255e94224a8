// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Small concurrent runs against simple models. Each returns whether the run of @seed has an order.
#pragma once

#include "abi/types.h"

namespace races {

// Where a MAC leads, whoever says so.
bool check_station(u32 seed);

// Which port has an LID, and which LID a port.
bool check_lids(u32 seed);

// How many frames wait for a MAC.
bool check_holds(u32 seed);

// Which VIF has a MAC, and which MAC a VIF.
bool check_vifs(u32 seed);

} // namespace races
