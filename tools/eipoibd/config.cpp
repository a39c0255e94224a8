// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include "config.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

namespace eipoibd {

namespace {

constexpr std::uint16_t full_member = 0x8000;
constexpr std::uint16_t max_pkey = 0xffff;
constexpr unsigned long max_seconds = 7UL * 24 * 3600;

std::string trim(const std::string &text)
{
	constexpr const char *blanks = " \t\r";
	const auto first = text.find_first_not_of(blanks);
	if (first == std::string::npos)
		return {};
	return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// Decimal, or hexadecimal after 0x. Throws what is wrong with it.
unsigned long number(const std::string &text, unsigned long least, unsigned long most)
{
	const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
	const char *begin = text.data() + (is_hex ? 2 : 0);
	const char *end = text.data() + text.size();
	unsigned long value{};
	const auto [rest, error] = std::from_chars(begin, end, value, is_hex ? 16 : 10);
	if (error != std::errc{} || rest != end || value < least || value > most)
		throw ConfigError("'" + text + "' is no number from " + std::to_string(least) +
				  " to " + std::to_string(most));
	return value;
}

std::vector<std::string> words(const std::string &text)
{
	std::istringstream in(text);
	std::vector<std::string> out;
	for (std::string word; in >> word;)
		out.push_back(word);
	return out;
}

bool matches(const std::vector<std::string> &patterns, const std::string &name)
{
	return std::any_of(patterns.begin(), patterns.end(), [&](const std::string &pattern) {
		return fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
	});
}

void set_pkey(Config &config, const std::string &vlan_text, const std::string &value)
{
	const VlanId vlan{static_cast<std::uint16_t>(number(vlan_text, 1, max_vlan))};
	// 0x8000 and 0 name no partition.
	const PKey pkey{static_cast<std::uint16_t>(number(value, 1, max_pkey) | full_member)};
	if (pkey.value == full_member)
		throw ConfigError("'" + value + "' is no P_Key");
	config.pkeys[vlan] = pkey;
}

void set(Config &config, const std::string &key, const std::string &value)
{
	if (key == "pif")
		config.pifs = words(value);
	else if (key == "ignore-port")
		config.ignored_ports = words(value);
	else if (key == "max-per-port")
		config.max_per_port = number(value, 0, 4096);
	else if (key == "linger")
		config.linger = std::chrono::seconds(number(value, 0, max_seconds));
	else if (key == "idle")
		config.idle = std::chrono::seconds(number(value, 1, max_seconds));
	else if (key.starts_with("pkey."))
		set_pkey(config, key.substr(5), value);
	else
		throw ConfigError("'" + key + "' is no setting");
}

void parse_line(Config &config, const std::string &line)
{
	const std::string text = trim(line.substr(0, line.find('#')));
	if (text.empty())
		return;
	const auto equals = text.find('=');
	if (equals == std::string::npos)
		throw ConfigError("'=' is missing");
	const std::string key = trim(text.substr(0, equals));
	const std::string value = trim(text.substr(equals + 1));
	if (value.empty())
		throw ConfigError("'" + key + "' has no value");
	set(config, key, value);
}

} // namespace

bool Config::has_pif(const std::string &name) const
{
	return matches(pifs, name);
}

bool Config::is_ignored(const std::string &port) const
{
	return matches(ignored_ports, port);
}

PKey Config::pkey(VlanId vlan) const
{
	if (!vlan)
		return {};
	if (const auto at = pkeys.find(vlan); at != pkeys.end())
		return at->second;
	return {static_cast<std::uint16_t>(full_member | vlan.value)};
}

Config parse_config(std::istream &in, const std::string &name)
{
	Config config;
	int count = 0;
	for (std::string line; std::getline(in, line);) {
		count++;
		try {
			parse_line(config, line);
		} catch (const ConfigError &error) {
			throw ConfigError(name + ":" + std::to_string(count) + ": " + error.what());
		}
	}
	return config;
}

Config read_config(const std::string &path, bool must_exist)
{
	std::ifstream in(path);
	if (!in) {
		if (!must_exist && errno == ENOENT)
			return {};
		throw ConfigError(path + " cannot be read");
	}
	Config config = parse_config(in, path);
	if (in.bad())
		throw ConfigError(path + " cannot be read");
	return config;
}

} // namespace eipoibd
