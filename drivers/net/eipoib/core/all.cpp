// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The core as one translation unit: everything can be inlined into its one caller, and no inline
// function exists twice in the module (Documentation/internals.rst, "C++ under Kbuild").

#include "api.cpp"
#include "dhcp.cpp"
#include "fdb.cpp"
#include "flow.cpp"
#include "groups.cpp"
#include "groups_snoop.cpp"
#include "nd.cpp"
#include "peers.cpp"
#include "peers_fixed.cpp"
#include "peers_search.cpp"
#include "rx_plan.cpp"
#include "rx_rewrite.cpp"
#include "say.cpp"
#include "snoop.cpp"
#include "too_big.cpp"
#include "tx_plan.cpp"
#include "tx_rewrite.cpp"
#include "tx_route.cpp"
#include "vif.cpp"
#include "vif_designated.cpp"
