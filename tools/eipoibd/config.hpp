// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The configuration file: lines "key = value", see eipoibd.conf(5).
#pragma once

#include <istream>
#include <map>
#include <stdexcept>
#include <vector>

#include "types.hpp"

namespace eipoibd {

// Says file and line.
class ConfigError : public std::runtime_error {
public:
	using std::runtime_error::runtime_error;
};

struct Config {
	std::vector<std::string> pifs{"*"};	  // patterns of names
	std::vector<std::string> ignored_ports{}; // patterns of names
	std::size_t max_per_port = 64;
	std::chrono::seconds linger{300}; // how long a VIF outlives its reason
	std::chrono::seconds idle{300};	  // without a frame, where no bridge says when to forget
	std::map<VlanId, PKey> pkeys{};

	bool has_pif(const std::string &name) const;
	bool is_ignored(const std::string &port) const;

	// None is the interface's own.
	PKey pkey(VlanId vlan) const;
};

// Throws ConfigError. @name is for its text.
Config parse_config(std::istream &in, const std::string &name);

// Throws ConfigError, also if there is no such file and @must_exist.
Config read_config(const std::string &path, bool must_exist);

} // namespace eipoibd
