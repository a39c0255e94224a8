// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The announcement as a trailer: what is read is what stands there, and only all of it.

#include "fuzz.hpp"

#include "wire/announcement.hpp"

#include <cstring>
#include <vector>

using namespace eipoib::wire;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
	const ByteView trailer(data, size);
	const auto read = read_announcement(trailer);
	must(read.has_value() == (inspect_announcement(trailer) == Announced::valid),
	     "read if and only if valid");
	if (!read)
		return 0;

	must(std::memcmp(data, &*read, sizeof(*read)) == 0, "read as it stands");
	must(*read == Announcement::make(read->flags_, read->sender_, read->target_),
	     "made like it was read");
	for (std::size_t cut = 0; cut < sizeof(*read); cut++) {
		const std::vector<std::uint8_t> part(data, data + cut);
		const Announced expected =
			cut < sizeof(Be32) ? Announced::nothing : Announced::ignored;
		must(inspect_announcement({part.data(), cut}) == expected, "nothing if cut");
	}
	return 0;
}
