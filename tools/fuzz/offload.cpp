// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Checksums and large sends of vib: what senders and the fabric make of the payload of a datagram.
// Each piece of memory ends where it ends.

#include "input.hpp"

#include "abi_offload.h"

#include <algorithm>
#include <memory>

using namespace fuzz;

namespace {

// As large as it has to be.
class Exact {
public:
	explicit Exact(std::size_t size) : size_(size), memory_(std::make_unique<u8[]>(size))
	{
	}

	explicit Exact(const Bytes &bytes) : Exact(bytes.size())
	{
		std::copy(bytes.begin(), bytes.end(), data());
	}

	u8 *data() const
	{
		return memory_.get();
	}

	u32 size() const
	{
		return static_cast<u32>(size_);
	}

private:
	std::size_t size_;
	std::unique_ptr<u8[]> memory_;
};

void fill(const Bytes &bytes)
{
	const Exact payload(bytes);
	const bool was_right = vib_has_right_checksums(payload.data(), payload.size());

	vib_fill_checksums(payload.data(), payload.size());
	const bool is_right = vib_has_right_checksums(payload.data(), payload.size());
	must(is_right || !was_right, "what was right stays right");

	const Bytes once(payload.data(), payload.data() + payload.size());
	vib_fill_checksums(payload.data(), payload.size());
	must(std::equal(once.begin(), once.end(), payload.data()), "once is enough");
}

void segment(const vib_lso &lso, u32 index)
{
	const u32 len = vib_lso_payload(&lso, index);
	const Exact packet(lso.header_len + len);

	vib_lso_headers(&lso, index, packet.data());
	vib_fill_checksums(packet.data(), packet.size());
	must(packet.size() - 4 > 0xffff || vib_has_right_checksums(packet.data(), packet.size()),
	     "a segment is right");
}

void cut(const Bytes &bytes, u32 mss, u32 payload_len)
{
	const Exact header(bytes);
	const vib_lso lso{.header = header.data(),
			  .header_len = header.size(),
			  .payload_len = payload_len,
			  .mss = mss};
	const u32 count = vib_lso_segments(&lso);
	u32 sum = 0;

	for (u32 i = 0; i < count; i++) {
		const u32 len = vib_lso_payload(&lso, i);
		must(len <= mss, "no longer than asked for");
		must(len || !payload_len, "not empty");
		sum += len;
	}
	must(!count || sum == payload_len, "all of it");
	// The others differ from these in numbers only.
	for (u32 i = 0; i < std::min(count, 3u); i++)
		segment(lso, i);
	if (count)
		segment(lso, count - 1);
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
	if (size < 6)
		return 0;
	const auto number = [data](std::size_t at) {
		return static_cast<u32>(data[at] << 16 | data[at + 1] << 8 | data[at + 2]);
	};
	const Bytes bytes(data + 6, data + size);

	fill(bytes);
	cut(bytes, number(0), number(3));
	return 0;
}
