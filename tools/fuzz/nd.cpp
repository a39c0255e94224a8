// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Neighbour discovery: what is rewritten is read as it was meant, and comes back as it was.

#include "mutate.hpp"

#include "nd.hpp"
#include "wire/checksum.hpp"

#include <algorithm>
#include <vector>

using namespace eipoib;
using fuzz::must;
using wire::Announcement;
using wire::IbAddress;
using wire::MacAddress;

namespace {

using Bytes = std::vector<u8>;

constexpr MacAddress some_mac = {{2, 1, 2, 3, 4, 5}};
constexpr IbAddress some_ib = {0x80, Be24::from(0x123456), {Be64::from(1), Be64::from(2)}};
constexpr Announcement some_announcement = Announcement::make(1, some_mac, some_mac);

ByteView view(const Bytes &bytes)
{
	return {bytes.data(), bytes.size()};
}

template <typename From, typename To>
Bytes rewritten(ByteView packet, const NdLinks<To> &links, const Announcement *append)
{
	Bytes out(rewritten_nd_size_max(packet.size()));
	out.resize(rewrite_nd<From, To>(packet, ByteSpan(out.data(), out.size()), links, append));
	return out;
}

template <typename A, typename B>
void must_say_the_same(const NdMessage<A> &a, const NdMessage<B> &b)
{
	must(a.type == b.type && a.source == b.source && a.destination == b.destination &&
		     a.target == b.target && a.is_router == b.is_router &&
		     a.is_solicited == b.is_solicited && a.is_override == b.is_override,
	     "everything but the addresses stays");
	must(a.source_link.has_value() == b.source_link.has_value() &&
		     a.target_link.has_value() == b.target_link.has_value(),
	     "as many addresses as before");
}

// @packet without padding and with its checksum made anew.
Bytes canonical(ByteView packet)
{
	const auto ip = *packet.load<wire::Ipv6Header>();
	const std::size_t size = sizeof(ip) + ip.payload_length_.get();
	Bytes bytes(packet.data(), packet.data() + size);
	bytes[sizeof(ip) + 2] = bytes[sizeof(ip) + 3] = 0;
	const Be16 sum = wire::sum_with_pseudo_header(ip, view(bytes).from(sizeof(ip))).checksum();
	bytes[sizeof(ip) + 2] = sum.bytes_[0];
	bytes[sizeof(ip) + 3] = sum.bytes_[1];
	return bytes;
}

template <typename From, typename To> void check(ByteView packet, const To &other)
{
	const auto message = parse_nd<From>(packet, true);
	must(message || !parse_nd<From>(packet, false), "a right checksum makes nothing valid");
	must(!message || is_nd(packet), "only what is ND is read");

	const NdLinks<To> links = {.source = other, .target = other};
	const Bytes out = rewritten<From>(packet, links, &some_announcement);
	must(out.empty() == (!message || message->is_signed), "rewritten if read and not signed");
	if (out.empty())
		return;

	const auto there = parse_nd<To>(view(out), false);
	must(there.has_value(), "what is written can be read");
	must_say_the_same(*message, *there);
	must(!there->source_link || *there->source_link == other, "the given source");
	must(!there->target_link || *there->target_link == other, "the given target");
	must(there->announcement == some_announcement, "the given announcement and no other");

	const NdLinks<From> own = {.source = message->source_link, .target = message->target_link};
	const Bytes back = rewritten<To>(view(out), own, nullptr);
	const auto here = parse_nd<From>(view(back), false);
	must(here.has_value(), "what comes back can be read");
	must_say_the_same(*message, *here);
	must(here->source_link == message->source_link && here->target_link == message->target_link,
	     "the same addresses come back");
	must(here->announced == wire::Announced::nothing, "no announcement comes back");
	must(rewritten<From>(view(back), links, &some_announcement) == out, "there again");
	// Reserved bytes beside an InfiniBand address need not come back.
	if (std::is_same_v<From, MacAddress> && message->announced == wire::Announced::nothing)
		must(back == canonical(packet), "the same bytes come back");
}

// No input is likely to have the right checksum by itself.
void check_repaired(ByteView packet)
{
	if (!parse_nd<MacAddress>(packet, true))
		return;
	const Bytes repaired = canonical(packet);
	must(parse_nd<MacAddress>(view(repaired), false).has_value(), "repaired");
}

} // namespace

FUZZ_BYTES(fuzz::Form::ip)

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
	const ByteView packet(data, size);
	check<MacAddress>(packet, some_ib);
	check<IbAddress>(packet, some_mac);
	check_repaired(packet);
	return 0;
}
