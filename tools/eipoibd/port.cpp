// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include "port.hpp"

#include <filesystem>
#include <fstream>
#include <iomanip>

namespace eipoibd {

namespace {

namespace fs = std::filesystem;

// A number in a file of sysfs; hexadecimal ones have their 0x.
std::optional<std::uint16_t> read_number(const fs::path &path)
{
	std::ifstream in(path);
	std::uint16_t value = 0;
	if (in >> std::setbase(0) >> value)
		return value;
	return std::nullopt;
}

} // namespace

bool port_has(const std::string &name, PKey pkey, const std::string &sysfs)
{
	const fs::path net = fs::path(sysfs) / "class/net" / name;
	const auto number = read_number(net / "dev_port");
	std::error_code error;
	bool is_readable = false;

	for (const auto &device : fs::directory_iterator(net / "device/infiniband", error)) {
		const fs::path port =
			device.path() / "ports" / std::to_string(number.value_or(0) + 1);
		for (const auto &entry : fs::directory_iterator(port / "pkeys", error)) {
			const auto value = read_number(entry.path());
			is_readable |= value.has_value();
			if (value && partition({*value}) == partition(pkey))
				return true;
		}
	}
	return !is_readable;
}

} // namespace eipoibd
