// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Whose instructions they were: attribute KALLSYMS COUNTS < MEASUREMENTS
//
// A measurement is a line "TEST PATH MARK FEW MANY": after mark MARK something was done FEW times,
// after the next one MANY times, then came a third. COUNTS has what the plugin wrote at each mark.
// What both did besides, such as starting a program, drops out of the difference. Printed are lines
// "TEST PATH MODULE SYMBOL INSTRUCTIONS", the last for one time; module "user" is all user space,
// "idle" the kernel's idle loop.
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

namespace {

struct Symbol {
	std::string module;
	std::string name;

	auto operator<=>(const Symbol &) const = default;
};

using Symbols = std::map<std::uint64_t, Symbol>;
using Counts = std::map<Symbol, std::int64_t>;

[[noreturn]] void die(const std::string &what)
{
	std::cerr << "attribute: " << what << '\n';
	std::exit(EXIT_FAILURE);
}

// /proc/kallsyms: "ADDRESS TYPE NAME [MODULE]"; text alone is executed.
Symbols read_symbols(const std::string &path)
{
	Symbols symbols{{0, {"user", "-"}}};
	std::ifstream file(path);
	for (std::string line; std::getline(file, line);) {
		std::istringstream words(line);
		std::uint64_t address = 0;
		std::string type;
		Symbol symbol{"kernel", {}};
		words >> std::hex >> address >> type >> symbol.name;
		if (words && address &&
		    (type == "t" || type == "T" || type == "w" || type == "W")) {
			words >> symbol.module;
			if (symbol.module.empty())
				symbol.module = "kernel";
			std::erase(symbol.module, '[');
			std::erase(symbol.module, ']');
			symbols.insert_or_assign(address, symbol);
		}
	}
	if (symbols.size() < 2)
		die(path + ": no symbols");
	return symbols;
}

class Marks {
public:
	Marks(const Symbols &symbols, std::string directory)
		: symbols_(symbols), directory_(std::move(directory))
	{
	}

	// What was executed until @mark, in all.
	Counts at(unsigned mark) const
	{
		const std::string path = directory_ + '/' + std::to_string(mark);
		std::ifstream file(path);
		Counts counts;
		std::uint64_t address;
		std::int64_t count;
		while (file >> std::hex >> address >> std::dec >> count)
			counts[std::prev(symbols_.upper_bound(address))->second] += count;
		if (counts.empty())
			die(path + ": no counts");
		return counts;
	}

private:
	const Symbols &symbols_;
	std::string directory_;
};

} // namespace

int main(int argc, char **argv)
{
	if (argc != 3)
		die("usage: attribute KALLSYMS COUNTS < MEASUREMENTS");
	const Symbols symbols = read_symbols(argv[1]);
	const Marks marks(symbols, argv[2]);
	std::string test, path;
	unsigned mark;
	double few, many;
	while (std::cin >> test >> path >> mark >> few >> many) {
		if (many <= few)
			die(test + " of " + path + ": both measurements are of the same length");
		const Counts start = marks.at(mark), middle = marks.at(mark + 1);
		const auto of = [](const Counts &counts, const Symbol &symbol) {
			const auto found = counts.find(symbol);
			return found == counts.end() ? 0 : found->second;
		};
		for (const auto &[symbol, end] : marks.at(mark + 2)) {
			const std::int64_t more = end - 2 * of(middle, symbol) + of(start, symbol);
			if (more)
				std::cout << test << '\t' << path << '\t' << symbol.module << '\t'
					  << symbol.name << '\t'
					  << static_cast<double>(more) / (many - few) << '\n';
		}
	}
	if (!std::cin.eof())
		die("no measurement: what was read last");
}
