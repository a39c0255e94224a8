// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// A reliable connection: its two halves, the checks of what arrives, and the end of it.
#pragma once

#include "requester.hpp"
#include "responder.hpp"
#include "transport.hpp"

namespace vib {

class Connection {
public:
	void init(void *host, Fabric &fabric, u32 hca, Request *ring, u32 requests);
	void set_attr(const vib_rc_attr &attr);
	size_t transmit(u64 now, u8 *wire);
	vib_drop receive(u64 now, ByteView bytes, const vib_rx &rx);
	void expire(u64 now);
	void flush();

	Requester &requester()
	{
		return requester_;
	}

	Responder &responder()
	{
		return responder_;
	}

	const Requester &requester() const
	{
		return requester_;
	}

	const Responder &responder() const
	{
		return responder_;
	}

private:
	std::optional<RcOutgoing> next(u64 now);
	bool fill(const RcOutgoing &out, u8 *payload);
	size_t write(const RcOutgoing &out, u8 *wire);
	vib_drop take(u64 now, ByteView bytes, const vib_rx &rx);
	void after_request(vib_rc_status status);
	void break_down(vib_rc_event event);
	void note_drained();

	void *host_;
	Port *port_;
	vib_rc_attr attr_;
	bool is_broken_;
	bool was_drained_;
	Requester requester_;
	Responder responder_;
};

} // namespace vib
