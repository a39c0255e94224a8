// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The C face of reliable connections: see abi_rc.h.

#include "rc.hpp"

struct vib_rc : vib::Connection {};

namespace {

vib::Request *ring_of(vib_rc *rc)
{
	return reinterpret_cast<vib::Request *>(rc + 1);
}

} // namespace

static_assert(sizeof(vib_rc) % alignof(vib::Request) == 0);

unsigned long vib_rc_size(u32 requests)
{
	return sizeof(vib_rc) + sizeof(vib::Request) * static_cast<unsigned long>(requests);
}

void vib_rc_init(vib_rc *rc, void *host, vib_fabric *fabric, u32 hca, u32 requests)
{
	rc->init(host, *fabric, hca, ring_of(rc), requests);
}

void vib_rc_set_attr(vib_rc *rc, const vib_rc_attr *attr)
{
	rc->set_attr(*attr);
}

void vib_rc_expect(vib_rc *rc, u32 psn)
{
	rc->responder().expect(vib::Psn::from(psn));
}

void vib_rc_begin(vib_rc *rc, u32 psn)
{
	rc->requester().begin(vib::Psn::from(psn));
}

void vib_rc_psns(const vib_rc *rc, u32 *sq, u32 *rq)
{
	*sq = rc->requester().next_new_psn().value;
	*rq = rc->responder().expected().value;
}

void vib_rc_post(vib_rc *rc, const vib_rc_request *request)
{
	rc->requester().post(*request);
}

bool vib_rc_buffers_posted(vib_rc *rc)
{
	return rc->responder().note_buffers();
}

void vib_rc_flush(vib_rc *rc)
{
	rc->flush();
}

bool vib_rc_is_drained(const vib_rc *rc)
{
	return rc->requester().is_drained();
}

u32 vib_rc_transmit(vib_rc *rc, u64 now, u8 *wire)
{
	return static_cast<u32>(rc->transmit(now, wire));
}

int vib_rc_receive(vib_rc *rc, u64 now, const u8 *wire, const vib_rx *rx)
{
	return rc->receive(now, {wire, rx->size}, *rx);
}

u64 vib_rc_deadline(const vib_rc *rc)
{
	return rc->requester().deadline();
}

void vib_rc_timer(vib_rc *rc, u64 now)
{
	rc->expire(now);
}
