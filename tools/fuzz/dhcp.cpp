// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// DHCP requests: setting the BROADCAST flag changes nothing else and keeps a right checksum right.

#include "mutate.hpp"

#include "dhcp.hpp"
#include "wire/checksum.hpp"

#include <vector>

using namespace eipoib;
using fuzz::must;

namespace {

// The sum over @packet, the two forms of zero taken for the same.
unsigned sum_of(ByteView packet)
{
	wire::InternetSum sum;
	sum.add(packet);
	return sum.folded() % 0xffff;
}

void check(ByteView original, bool is_pending)
{
	const auto request = parse_dhcp_request(original, is_pending);
	if (!request)
		return;

	std::vector<u8> bytes(original.data(), original.data() + original.size());
	const ByteSpan packet(bytes.data(), bytes.size());
	const Be16 old_checksum = *original.load<Be16>(request->checksum_offset);
	const u16 old_flags = original.load<Be16>(request->flags_offset)->get();
	must(request->broadcast_flags.get() == (old_flags | 0x8000), "no other flag changes");
	must(packet.store(request->broadcast_flags, request->flags_offset), "flags are inside");
	must(packet.store(request->broadcast_checksum, request->checksum_offset),
	     "checksum is inside");

	if (is_pending || old_checksum == Be16{})
		must(request->broadcast_checksum == old_checksum, "no checksum, no change");
	else
		must(sum_of(packet.view()) == sum_of(original),
		     "checksum stays as right as it was");

	const auto again = parse_dhcp_request(packet.view(), is_pending);
	must(again && again->has_broadcast_flag, "flag is set");
	must(again->chaddr == request->chaddr && again->is_direct == request->is_direct &&
		     again->is_from_unspecified == request->is_from_unspecified,
	     "nothing else changes");
	must(again->broadcast_flags == request->broadcast_flags &&
		     again->broadcast_checksum == request->broadcast_checksum,
	     "setting it twice is setting it once");
	const std::size_t enough =
		original.size() < dhcp_head_size_max ? original.size() : dhcp_head_size_max;
	must(parse_dhcp_request(original.first(enough), is_pending).has_value(),
	     "the promised head is enough");
}

} // namespace

FUZZ_BYTES(fuzz::Form::ip)

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
	check({data, size}, false);
	check({data, size}, true);
	return 0;
}
