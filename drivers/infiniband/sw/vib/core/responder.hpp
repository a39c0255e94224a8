// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The responding half of a reliable connection (IBA 9.7.2, 9.7.4): carries out requests in their
// order, each once, and answers.
#pragma once

#include "rc_packet.hpp"

namespace vib {

// A READ or an atomic that may have to be answered again (IBA 9.7.4.1.2).
struct Resource {
	Psn first;
	u32 packets;
	u32 length;
	u32 rkey;
	u64 address;
	u64 original; // of an atomic
	bool is_atomic;
};

class Responder {
public:
	void init(void *host);
	void expect(Psn psn);

	// The next answer, if there is one to send.
	std::optional<RcOutgoing> next(const vib_rc_attr &attr);

	// A request. Anything but nothing breaks the connection.
	std::optional<vib_rc_event> receive(const vib_rc_attr &attr, const RcPacket &packet);

	// Memory that an answer was to be read from is not there any more.
	void refuse(const RcOutgoing &out);

	// True if the other end is to be told of them.
	bool note_buffers();

	void flush();

	Psn expected() const
	{
		return expected_;
	}

private:
	using Broken = std::optional<vib_rc_event>;

	Resource &resource(u32 seq)
	{
		return resources_[seq % VIB_RC_RESOURCES];
	}

	bool is_well_formed(const vib_rc_attr &attr, const RcPacket &packet) const;
	Broken carry_out(const vib_rc_attr &attr, const RcPacket &packet);
	Broken send(const vib_rc_attr &attr, const RcPacket &packet);
	Broken write(const vib_rc_attr &attr, const RcPacket &packet);
	Broken read(const vib_rc_attr &attr, const RcPacket &packet);
	Broken atomic(const vib_rc_attr &attr, const RcPacket &packet);
	void accept(const RcPacket &packet, u32 packets = 1);
	void finish(const RcPacket &packet, u32 byte_len, bool is_write);
	void remember(const vib_rc_attr &attr, const Resource &now);
	bool has_room(const vib_rc_attr &attr) const;
	void repeat(const vib_rc_attr &attr, const RcPacket &packet);
	void repeat_read(u32 seq, const vib_rc_attr &attr, const RcPacket &packet);
	void answer_from(u32 seq, u32 packet);
	void not_ready(const vib_rc_attr &attr);
	Broken refuse(Syndrome syndrome, vib_rc_event event);
	RcOutgoing answer(const vib_rc_attr &attr);
	wire::Aeth aeth(Syndrome syndrome) const;
	Syndrome ack_syndrome();

	void *host_;
	Psn expected_;
	u32 msn_;

	// The message that is being received.
	RcVerb message_;
	bool has_buffer_;
	u32 received_;
	u32 remaining_; // of a WRITE
	u32 rkey_;
	u64 address_;

	// READs and atomics: those before tail_, of which next_ is to be answered next. Those
	// before fresh_ have been answered once.
	Resource resources_[VIB_RC_RESOURCES];
	u32 count_; // how many are valid
	u32 tail_;
	u32 fresh_;
	u32 next_;
	u32 next_packet_;
	u32 from_packet_; // where this answer began

	std::optional<Syndrome> nak_;
	Psn nak_psn_;
	bool has_refused_; // expected_, until it comes
	bool owes_ack_;
	bool told_no_credit_;
};

} // namespace vib
