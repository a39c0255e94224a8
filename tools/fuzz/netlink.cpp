// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What an administrator's program says: the C of eth_ipoib that takes rtnetlink's attributes apart,
// above the core. Refused means that there is a sentence, and that nothing changed.

#include "events.hpp"
#include "mutate.hpp"
#include "netlink/rtnetlink.h"
#include "platform.hpp"

#include "abi/peer.h"

#include <array>
#include <cstring>

using namespace fuzz;

namespace {

constexpr u32 max_peers = 16;

class World {
public:
	World() : core_(eipoib_core_create(nullptr, max_peers))
	{
		for (u32 i = 0; i < FUZZ_SLAVES; i++) {
			eipoib_vif_params params = {};
			params.pkey = static_cast<u16>(0xffff - i);
			params.mtu = 2044;
			params.address[3] = static_cast<u8>(0x48 + i);
			params.address[4] = 0xfe;
			params.address[5] = 0x80;
			vif_[i] = eipoib_vif_create(core_, &params);
			must(vif_[i], "created");
			eipoib_vif_set_carrier(core_, vif_[i], true);
		}
		fuzz_set_pif(core_, vif_.data());
	}

	~World()
	{
		for (eipoib_vif *vif : vif_)
			eipoib_vif_destroy(core_, vif);
		unit::drain_deferred();
		eipoib_core_destroy(core_);
		unit::drain_deferred();
	}

	World(const World &) = delete;
	World &operator=(const World &) = delete;

	void happen(const Event &event)
	{
		const Bytes before = state();
		const char *why = nullptr;
		const int error = request(event, &why);
		must(error <= 0 && error >= -4095, "an errno");
		must(!error || why, "what is refused is refused with a sentence");
		must(!error || state() == before, "refused means that nothing changed");
		unit::take_vif_calls();
		unit::take_group_calls();
		unit::drain_deferred();
	}

private:
	int request(const Event &event, const char **why) const
	{
		// What an attribute must not lead beyond.
		const Bytes attrs(event.bytes);
		const u32 size = static_cast<u32>(attrs.size());
		const u8 what = event.what % netlink_happens::count;
		switch (what) {
		case netlink_happens::create:
			return fuzz_newlink(attrs.data(), size, why);
		case netlink_happens::change:
			return fuzz_changelink(attrs.data(), size, why);
		default:
			return fuzz_fdb(static_cast<u8>(what - netlink_happens::add),
					event.how & 0xc3, static_cast<u16>((event.how & 0x3c) >> 1),
					attrs.data(), size, why);
		}
	}

	// All that an administrator sees.
	Bytes state() const
	{
		Bytes bytes;
		const auto add = [&](const auto &what) {
			const auto *from = reinterpret_cast<const u8 *>(&what);
			bytes.insert(bytes.end(), from, from + sizeof(what));
		};
		for (const eipoib_vif *vif : vif_) {
			eipoib_vif_info info;
			std::memset(&info, 0, sizeof(info));
			eipoib_vif_get_info(vif, &info);
			add(info.is_bound);
			add(info.binding.mac);
			add(info.binding.flags);
			add(info.binding.vlan);
		}
		std::array<eipoib_peer, 7> peers;
		u64 position = 0;
		while (const u32 count =
			       eipoib_peers_read(core_, &position, peers.data(), peers.size()))
			for (u32 i = 0; i < count; i++) {
				add(peers[i].mac);
				add(peers[i].flags);
				add(peers[i].vlan);
				add(peers[i].address);
			}
		return bytes;
	}

	eipoib_core *core_;
	std::array<eipoib_vif *, FUZZ_SLAVES> vif_;
};

} // namespace

static Form form_of(const Event &)
{
	return Form::attributes;
}

FUZZ_EVENTS(form_of)

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
	unit::reset_groups();
	unit::reset_calls();
	{
		World world;
		Events events(data, size);
		while (const auto event = events.next())
			world.happen(*event);
	}
	must(unit::live_allocations() == 0, "nothing is left");
	return 0;
}
