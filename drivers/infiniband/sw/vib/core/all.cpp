// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The core as one translation unit: everything can be inlined into its one caller, and no inline
// function exists twice in the module.

#include "api.cpp"
#include "api_link.cpp"
#include "crc.cpp"
#include "directed.cpp"
#include "fabric.cpp"
#include "fault.cpp"
#include "forward.cpp"
#include "packet.cpp"
#include "pma.cpp"
#include "port.cpp"
#include "rc.cpp"
#include "rc_api.cpp"
#include "requester.cpp"
#include "requester_answers.cpp"
#include "responder.cpp"
#include "responder_answers.cpp"
#include "ring.cpp"
#include "sma.cpp"
#include "sma_switch.cpp"
#include "switch_agent.cpp"
#include "transport.cpp"
#include "trunk.cpp"
#include "trunk_api.cpp"
#include "user.cpp"
