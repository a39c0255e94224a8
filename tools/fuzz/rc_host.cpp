// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB

#include "rc_host.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

namespace {

fuzz::RcHost &host_of(void *host)
{
	return *static_cast<fuzz::RcHost *>(host);
}

} // namespace

vib_fabric *fuzz::fresh_fabric()
{
	static const auto memory = std::make_unique<u8[]>(vib_fabric_size());
	std::memset(memory.get(), 0, vib_fabric_size());
	return reinterpret_cast<vib_fabric *>(memory.get());
}

int vib_k_rc_gather(void *host, u32 seq, u32 offset, u8 *to, u32 len)
{
	return host_of(host).gather(seq, offset, to, len);
}

int vib_k_rc_scatter(void *host, u32 seq, u32 offset, const u8 *from, u32 len)
{
	return host_of(host).scatter(seq, offset, from, len);
}

int vib_k_rc_local(void *host, u32 seq)
{
	return host_of(host).local(seq);
}

void vib_k_rc_sent(void *host, u32 seq, int status)
{
	host_of(host).sent(seq, status);
}

u32 vib_k_rc_buffers(void *host)
{
	return host_of(host).buffers();
}

bool vib_k_rc_take(void *host)
{
	return host_of(host).take();
}

int vib_k_rc_fill(void *host, u32 offset, const u8 *from, u32 len)
{
	return host_of(host).fill(offset, from, len);
}

void vib_k_rc_received(void *host, const vib_rc_received *received)
{
	host_of(host).received(*received);
}

bool vib_k_rc_may_access(void *host, u32 key, u64 address, u32 len, u8 access)
{
	return host_of(host).may_access(key, address, len, access);
}

bool vib_k_rc_write(void *host, u32 key, u64 address, const u8 *from, u32 len)
{
	if (!host_of(host).may_access(key, address, len, VIB_ACCESS_WRITE))
		return false;
	std::copy_n(from, len, host_of(host).at(address));
	return true;
}

bool vib_k_rc_read(void *host, u32 key, u64 address, u8 *to, u32 len)
{
	if (!host_of(host).may_access(key, address, len, VIB_ACCESS_READ))
		return false;
	std::copy_n(host_of(host).at(address), len, to);
	return true;
}

bool vib_k_rc_atomic(void *host, u32 key, u64 address, u64 swap_or_add, const u64 *compare,
		     u64 *old)
{
	if (!host_of(host).may_access(key, address, sizeof(*old), VIB_ACCESS_ATOMIC))
		return false;
	std::memcpy(old, host_of(host).at(address), sizeof(*old));
	const u64 fresh = !compare ? *old + swap_or_add : *old == *compare ? swap_or_add : *old;
	std::memcpy(host_of(host).at(address), &fresh, sizeof(fresh));
	return true;
}

bool vib_k_rc_invalidate(void *host, u32 key)
{
	return host_of(host).may_invalidate(key);
}

void vib_k_rc_broken(void *host, int)
{
	host_of(host).broken();
}

// What is not under way any more tells itself by what was sent.
void vib_k_rc_drained(void *)
{
}
