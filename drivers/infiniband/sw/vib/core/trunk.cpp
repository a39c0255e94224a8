// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Trunks: who is at the other end, and what comes from there.

#include "trunk.hpp"
#include "crc.hpp"

namespace vib {

using wire::TrunkHead;
using wire::TrunkHello;

namespace {

// What Ethernet's shortest frame has behind its header: hardware fills up to that.
constexpr size_t ETHERNET_MIN = 46;

constexpr u32 next_identity(u32 identity)
{
	return identity + 1 ? identity + 1 : 1;
}

} // namespace

void Trunk::forget()
{
	peer_.store(0);
	up_.store(false);
	silence_ = 0;
}

void Trunk::plug(const vib_trunk_cable &cable, bool is_disabled)
{
	forget();
	is_disabled_ = is_disabled;
	link_.store(cable.link);
	self_.store(cable.identity ? cable.identity : 1);
}

void Trunk::unplug()
{
	forget();
	self_.store(0);
}

void Trunk::restart(bool is_disabled)
{
	forget();
	is_disabled_ = is_disabled;
	if (is_cabled())
		self_.store(next_identity(self_.load()));
}

bool Trunk::tick()
{
	if (!peer_.load() || ++silence_ <= VIB_TRUNK_SILENCE)
		return false;
	const bool was_up = is_up();
	forget();
	return was_up;
}

u32 Trunk::hear(const TrunkHello &hello, bool &changed)
{
	const u32 from = hello.head.from.get();
	const bool is_known = from == peer_.load();
	const bool is_same_port =
		hello.guid.get() == peer_guid_ && hello.port == peer_port_ && peer_.load();

	changed = false;
	if (is_disabled_)
		return 0;
	if (peer_.load() && !is_known && !is_same_port) {
		// A cable has two ends; as long as this one is there, a third is not.
		count(VIB_TRUNK_STRANGER);
		return 0;
	}
	const bool was_up = is_up();
	const bool up = hello.head.to.get() == self_.load();
	peer_guid_ = hello.guid.get();
	peer_port_ = hello.port;
	silence_ = 0;
	peer_.store(from);
	up_.store(up);
	count(VIB_TRUNK_HELLOS);
	changed = was_up != up || (was_up && !is_known);
	return VIB_HELLO_ACCEPTED | (!is_known || was_up != up ? VIB_HELLO_ANSWER : 0);
}

TrunkHello Trunk::say(u64 guid, u8 port) const
{
	return {
		.head = {.version = TrunkHead::VERSION,
			 .type = TrunkHead::TYPE_HELLO,
			 .link = wire::Be16::from(link_.load()),
			 .from = wire::Be32::from(self_.load()),
			 .to = wire::Be32::from(peer_.load())},
		.guid = wire::Be64::from(guid),
		.port = port,
		.reserved = {},
	};
}

std::optional<TrunkHead> Trunk::head() const
{
	const u32 peer = peer_.load();

	if (!peer || !is_up())
		return std::nullopt;
	return TrunkHead{.version = TrunkHead::VERSION,
			 .type = TrunkHead::TYPE_PACKET,
			 .link = wire::Be16::from(link_.load()),
			 .from = wire::Be32::from(self_.load()),
			 .to = wire::Be32::from(peer)};
}

vib_trunk_kind Trunk::sort_packet(ByteView frame, const TrunkHead &head, vib_trunk_packet &packet)
{
	const ByteView bytes = frame.from(sizeof(head));
	const auto lrh = bytes.load<wire::Lrh>();

	if (!lrh || !bytes.contains(lrh->bytes(), VIB_VCRC_LEN)) {
		count(VIB_TRUNK_MALFORMED);
		return VIB_TRUNK_NOTHING;
	}
	const size_t size = lrh->bytes() + VIB_VCRC_LEN;
	if (bytes.size() > size && frame.size() > ETHERNET_MIN) {
		count(VIB_TRUNK_MALFORMED);
		return VIB_TRUNK_NOTHING;
	}
	const u32 peer = peer_.load();
	if (!peer || head.from.get() != peer || head.to.get() != self_.load()) {
		count(VIB_TRUNK_STRANGER);
		return VIB_TRUNK_NOTHING;
	}
	if (!is_intact(bytes.first(size))) {
		count(VIB_TRUNK_CRC);
		return VIB_TRUNK_NOTHING;
	}
	packet = {.offset = sizeof(head), .len = static_cast<u32>(lrh->bytes())};
	count(VIB_TRUNK_RX);
	return VIB_TRUNK_IS_PACKET;
}

vib_trunk_kind Trunk::sort(ByteView frame, vib_trunk_packet &packet)
{
	const auto head = frame.load<TrunkHead>();

	packet = {};
	if (!is_cabled() || (head && head->link.get() != link_.load()))
		return VIB_TRUNK_OTHERS;
	if (head && head->version == TrunkHead::VERSION && head->from.get()) {
		if (head->type == TrunkHead::TYPE_PACKET)
			return sort_packet(frame, *head, packet);
		if (head->type == TrunkHead::TYPE_HELLO && frame.size() >= sizeof(TrunkHello))
			return VIB_TRUNK_IS_HELLO;
	}
	count(VIB_TRUNK_MALFORMED);
	return VIB_TRUNK_NOTHING;
}

} // namespace vib
