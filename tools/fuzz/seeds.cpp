// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// seeds TARGET DIRECTORY: the case tables as a corpus, a file for each input.

#include "cases/dhcp_cases.hpp"
#include "cases/nd_cases.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

using namespace eipoib::cases;

namespace {

class Corpus {
public:
	explicit Corpus(std::string directory) : directory_(std::move(directory))
	{
	}

	void add(std::string hex)
	{
		std::erase(hex, ' ');
		std::ofstream file(directory_ + "/seed-" + std::to_string(count_++),
				   std::ios::binary);
		for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
			file.put(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
		if (!file.flush())
			throw std::runtime_error("cannot write to " + directory_);
	}

private:
	std::string directory_;
	unsigned count_ = 0;
};

void add_nd(Corpus &corpus)
{
	for (const NdCase &c : nd_cases) {
		corpus.add(c.ethernet);
		corpus.add(c.infiniband);
	}
	for (const NdRefusal &refusal : nd_ethernet_refusals)
		corpus.add(refusal.packet);
	for (const NdRefusal &refusal : nd_infiniband_refusals)
		corpus.add(refusal.packet);
	for (const NdAnnouncedCase &c : nd_announced_cases)
		corpus.add(c.infiniband);
	corpus.add(nd_signed);
}

void add_dhcp(Corpus &corpus)
{
	for (const DhcpCase &c : dhcp_cases)
		corpus.add(c.packet);
	for (const DhcpRefusal &refusal : dhcp_refusals)
		corpus.add(refusal.packet);
}

void add_announcements(Corpus &corpus)
{
	corpus.add("65495042 01 01 52540067e9bd 525400112233");
	corpus.add("65495042 02 01 52540067e9bd 525400112233");
}

} // namespace

int main(int argc, char **argv)
{
	if (argc != 3)
		return EXIT_FAILURE;
	const std::string_view target = argv[1];
	Corpus corpus(argv[2]);
	if (target == "nd")
		add_nd(corpus);
	else if (target == "dhcp")
		add_dhcp(corpus);
	else if (target == "announcement")
		add_announcements(corpus);
	else
		return EXIT_FAILURE;
	return EXIT_SUCCESS;
}
