// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// One fiber binds VIFs to MACs, moves and frees them; the others look. Each MAC, and each VIF, is
// one thing that has a value at any time: what stays bound is found, always.

#include "fibers.hpp"
#include "frames.hpp"
#include "history.hpp"
#include "linear.hpp"

#include "plan.hpp"

namespace races {

using namespace eipoib;

namespace {

constexpr u8 vifs = 2;
constexpr u8 macs = 3;
constexpr u8 nobody = 0xff;
constexpr int looks_max = 30;
constexpr u8 first_qpn = 0x48;

struct Call {
	enum What : u8 { set, look };

	What what;
	u8 value;

	bool apply(u8 &state) const
	{
		if (what == set)
			state = value;
		return state == value;
	}

	std::string text() const
	{
		return (what == set ? "set " : "look ") + std::to_string(value);
	}
};

class Run {
public:
	explicit Run(u32 seed) : random_(seed * 40503u + 1), fibers_(seed)
	{
		core_ = eipoib_core_create(nullptr, 16);
		for (u8 i = 0; i < vifs; i++) {
			eipoib_vif_params params = {};
			params.pkey = 0xffff;
			params.mtu = 2044;
			const auto address =
				Peer{static_cast<u8>(first_qpn + i), 0xf1, 0}.address();
			__builtin_memcpy(params.address, &address, sizeof(address));
			vif_[i] = eipoib_vif_create(core_, &params);
		}
	}

	~Run()
	{
		for (eipoib_vif *vif : vif_)
			eipoib_vif_destroy(core_, vif);
		eipoib_core_destroy(core_);
	}

	bool has_order()
	{
		fibers_.add([this] {
			for (int i = 0; i < 8; i++)
				configure();
			is_over_ = true;
		});
		for (int fiber = 0; fiber < 2; fiber++)
			fibers_.add([this] {
				for (int i = 0; i < looks_max && !is_over_; i++) {
					fibers_.must_switch();
					look();
				}
			});
		fibers_.run();
		for (const History<Call> &history : of_mac_)
			if (!is_linearizable(nobody, history))
				return false;
		for (const History<Call> &history : of_vif_)
			if (!is_linearizable(nobody, history))
				return false;
		return true;
	}

private:
	void configure()
	{
		const u8 vif = static_cast<u8>(random_() % vifs);
		const u8 mac = static_cast<u8>(random_() % macs);
		const u32 from = fibers_.moment();
		switch (random_() % 5) {
		case 0:
			eipoib_vif_unbind(core_, vif_[vif]);
			change(from, vif, nobody);
			break;
		case 1:
			move(from, mac, static_cast<u8>(random_() % macs));
			break;
		case 2:
			// Whatever changes beside it, it stays bound.
			eipoib_vif_set_address(
				core_, vif_[vif],
				bytes_of(Peer{static_cast<u8>(first_qpn + vif), mac, 0}.address())
					.data());
			break;
		default:
			bind(from, vif, mac);
		}
	}

	void bind(u32 from, u8 vif, u8 mac)
	{
		const char *why;
		eipoib_binding binding = {.mac = {}, .flags = 0, .vlan = EIPOIB_VLAN_NONE};
		const MacAddress bytes = mac_of(mac);
		__builtin_memcpy(binding.mac, &bytes, sizeof(bytes));
		if (!eipoib_vif_bind(core_, vif_[vif], &binding, &why))
			change(from, vif, mac);
	}

	void move(u32 from, u8 mac, u8 to)
	{
		const char *why;
		const MacAddress old = mac_of(mac), fresh = mac_of(to);
		if (eipoib_core_move(core_, old.bytes_, fresh.bytes_, &why))
			return;
		for (u8 vif = 0; vif < vifs; vif++)
			if (has_[vif] == mac)
				change(from, vif, to);
	}

	void change(u32 from, u8 vif, u8 mac)
	{
		const u32 to = fibers_.moment();
		if (has_[vif] != nobody && has_[vif] != mac)
			of_mac_[has_[vif]].push_back({from, to, {Call::set, nobody}});
		if (mac != nobody)
			of_mac_[mac].push_back({from, to, {Call::set, vif}});
		of_vif_[vif].push_back({from, to, {Call::set, mac}});
		has_[vif] = mac;
	}

	void look()
	{
		const u8 which = static_cast<u8>(random_());
		const u32 from = fibers_.moment();
		const Section section(fibers_);
		if (random_() % 2) {
			const u8 mac = which % macs;
			const Binding *binding =
				core_->vifs_.find(RcuReader::promised_by_caller(), mac_of(mac),
						  wire::VlanId::untagged());
			const u8 whose =
				binding ? static_cast<u8>(binding->vif_->qpn_.value - first_qpn)
					: nobody;
			of_mac_[mac].push_back({from, fibers_.moment(), {Call::look, whose}});
			return;
		}
		const u8 vif = which % vifs;
		eipoib_vif_info info;
		eipoib_vif_get_info(vif_[vif], &info);
		const u8 has = info.is_bound ? info.binding.mac[5] : nobody;
		of_vif_[vif].push_back({from, fibers_.moment(), {Call::look, has}});
	}

	std::minstd_rand random_;
	Fibers fibers_;
	eipoib_core *core_;
	eipoib_vif *vif_[vifs];
	bool is_over_ = false;
	u8 has_[vifs] = {nobody, nobody};
	History<Call> of_mac_[macs];
	History<Call> of_vif_[vifs];
};

} // namespace

bool check_vifs(u32 seed)
{
	return Run(seed).has_order();
}

} // namespace races
