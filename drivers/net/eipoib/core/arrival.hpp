// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// Arrival: a guest that has just arrived at its VIF, and those of its addresses that plain peers
// were told about. Packet calls on any CPU use it at once: telling twice does no harm.
#pragma once

#include "base/clock.hpp"
#include "wire/ipv6.hpp"

namespace eipoib {

class Arrival {
public:
	void begin(u32 now)
	{
		__atomic_store_n(&count_, 0, __ATOMIC_RELAXED);
		began_.set(now);
	}

	// So late a packet, or so many addresses, are not those of an arrival any more.
	bool is_over(u32 now) const
	{
		return began_.age(now) >= duration || count() >= max_addresses;
	}

	// Whether @address was not seen yet; it is from now on.
	bool is_news(Be32 address)
	{
		return is_news(u64{address.get()});
	}

	bool is_news(const wire::Ipv6Address &address)
	{
		const auto [prefix, interface_id] = __builtin_bit_cast(Halves, address);
		return is_news(prefix.get() * 31 + interface_id.get());
	}

private:
	struct Halves {
		Be64 prefix;
		Be64 interface_id;
	};

	static constexpr u32 duration = 10'000; // ms
	static constexpr u32 max_addresses = 16;

	u32 count() const
	{
		return __atomic_load_n(&count_, __ATOMIC_RELAXED);
	}

	bool is_news(u64 key)
	{
		for (u32 i = 0; i < count() && i < max_addresses; i++) {
			if (__atomic_load_n(&keys_[i], __ATOMIC_RELAXED) == key)
				return false;
		}
		const u32 place = __atomic_fetch_add(&count_, 1, __ATOMIC_RELAXED);
		if (place >= max_addresses)
			return false;
		__atomic_store_n(&keys_[place], key, __ATOMIC_RELAXED);
		return true;
	}

	u64 keys_[max_addresses];
	u32 count_;
	Stamp began_;
};

} // namespace eipoib
