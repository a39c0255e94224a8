// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// linear RUNS SEED: each check as often as that, from that seed on.

#include "linear.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>

using namespace races;

namespace {

const char *checked = "";
u32 seed;

void tell_seed()
{
	std::printf("FAILED: %s, seed %u\n", checked, seed);
	std::fflush(stdout);
}

// What reads freed memory ends here.
void crash(int)
{
	tell_seed();
	std::_Exit(EXIT_FAILURE);
}

void run(const char *name, bool (*check)(u32), u32 first, u32 runs)
{
	checked = name;
	for (seed = first; seed - first < runs; seed++) {
		if (check(seed))
			continue;
		tell_seed();
		std::exit(EXIT_FAILURE);
	}
	std::printf("%s: %u runs\n", name, runs);
}

} // namespace

int main(int argc, char **argv)
{
	if (argc != 3)
		return EXIT_FAILURE;
	const u32 runs = static_cast<u32>(std::atol(argv[1]));
	const u32 first = static_cast<u32>(std::atol(argv[2]));
	for (int number : {SIGSEGV, SIGBUS, SIGABRT})
		std::signal(number, crash);
	run("station", check_station, first, runs);
	run("lids", check_lids, first, runs);
	run("holds", check_holds, first, runs);
	run("vifs", check_vifs, first, runs);
	return EXIT_SUCCESS;
}
