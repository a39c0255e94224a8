// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// eipoibd(8): gives every guest behind an Ethernet interface over IPoIB its VIF.
#include <getopt.h>

#include <iostream>

#include "daemon.hpp"

namespace {

using namespace eipoibd;

enum Exit { success, failure, misuse };

constexpr const char *usage =
	"usage: eipoibd [OPTION...]\n"
	"  -c, --config FILE  instead of /etc/eipoibd.conf\n"
	"  -o, --once         make the VIFs that are needed, remove the others, and exit\n"
	"  -n, --dry-run      print what --once would do, as commands\n"
	"  -j, --json         log JSON\n"
	"  -h, --help\n"
	"  -V, --version\n"
	"Exit status: 0; 1 if something did not work; 2 for a wrong option or configuration.\n";

struct Options {
	std::string config = "/etc/eipoibd.conf";
	bool has_config = false;
	bool is_once = false;
	bool is_dry = false;
	Log::Format format = Log::Format::text;
	std::optional<Exit> exit{};
};

constexpr option long_options[] = {
	{"config", required_argument, nullptr, 'c'},
	{"once", no_argument, nullptr, 'o'},
	{"dry-run", no_argument, nullptr, 'n'},
	{"json", no_argument, nullptr, 'j'},
	{"help", no_argument, nullptr, 'h'},
	{"version", no_argument, nullptr, 'V'},
	{nullptr, 0, nullptr, 0},
};

Options parse_options(int argc, char **argv)
{
	Options options;
	for (int c = 0; (c = getopt_long(argc, argv, "c:onjhV", long_options, nullptr)) != -1;) {
		switch (c) {
		case 'c':
			options.config = optarg;
			options.has_config = true;
			break;
		case 'o':
			options.is_once = true;
			break;
		case 'n':
			options.is_dry = true;
			break;
		case 'j':
			options.format = Log::Format::json;
			break;
		case 'h':
			std::cout << usage;
			options.exit = success;
			return options;
		case 'V':
			std::cout << "eipoibd " EIPOIBD_VERSION "\n";
			options.exit = success;
			return options;
		default:
			std::cerr << usage;
			options.exit = misuse;
			return options;
		}
	}
	if (optind < argc) {
		std::cerr << "eipoibd: " << argv[optind] << ": no argument is expected\n" << usage;
		options.exit = misuse;
	}
	return options;
}

Exit run(const Options &options, Log &log)
{
	const auto read = [&] { return read_config(options.config, options.has_config); };
	Config config = read();
	if (options.is_once || options.is_dry)
		config.linger = std::chrono::seconds(0);
	Kernel kernel;
	Daemon daemon(kernel, log, std::move(config));

	if (options.is_dry)
		daemon.print_plan(std::cout);
	else if (options.is_once)
		return daemon.run_once() ? success : failure;
	else
		daemon.run(read);
	return success;
}

} // namespace

int main(int argc, char **argv)
{
	const Options options = parse_options(argc, argv);
	if (options.exit)
		return *options.exit;

	Log log(std::cerr, options.format);
	try {
		return run(options, log);
	} catch (const ConfigError &error) {
		log.error("bad-configuration", {{"reason", error.what()}});
		return misuse;
	} catch (const std::exception &error) {
		log.error("failed", {{"reason", error.what()}});
		return failure;
	}
}
