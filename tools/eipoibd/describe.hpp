// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Steps in words: for the log, and as commands for ip(8).
#pragma once

#include "log.hpp"
#include "planner.hpp"

namespace eipoibd {

std::string hex(PKey pkey);

Fields describe(const Model &model, const Binding &binding);
Fields describe(const Model &model, const AddVif &step);
Fields describe(const Model &model, const RemoveVif &step);

std::string commands(const Model &model, const AddVif &step);
std::string commands(const Model &model, const RemoveVif &step);

} // namespace eipoibd
