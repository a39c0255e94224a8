// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The requesting half of a reliable connection (IBA 9.7.1, 9.7.3 to 9.7.5): cuts messages into
// packets, matches what comes back with what was sent, and sends again.
#pragma once

#include "rc_packet.hpp"

namespace vib {

// Differences of 24-bit message numbers go like those of PSNs.
constexpr bool is_after(u32 a, u32 b)
{
	return Psn::from(a) - Psn::from(b) > 0;
}

// An entry of the send queue.
struct Request : vib_rc_request {
	Psn first;    // assigned when it is first sent
	u32 packets;  // how many PSNs it takes: a READ those of its response
	u32 ssn;      // its number among the messages, 24 bits
	bool is_done; // of VIB_RC_LOCAL
	u8 status;    // enum vib_rc_status: why it cannot be sent

	// Its answer is data, not just an acknowledgement.
	bool wants_data() const
	{
		return verb == VIB_RC_READ || is_atomic();
	}

	bool is_atomic() const
	{
		return verb == VIB_RC_CMP_SWAP || verb == VIB_RC_FETCH_ADD;
	}

	bool consumes_receive() const
	{
		return verb == VIB_RC_SEND || (verb == VIB_RC_WRITE && flags & VIB_RC_IMM);
	}

	Psn end() const
	{
		return first + packets;
	}
};

class Requester {
public:
	void init(void *host, Request *ring, u32 size);
	void begin(Psn psn);
	void post(const vib_rc_request &request);

	// The next packet, if there is one to send. An error breaks the connection.
	vib_rc_status next(const vib_rc_attr &attr, u64 now, std::optional<RcOutgoing> &out);

	// A response. An error breaks the connection.
	vib_rc_status receive(const vib_rc_attr &attr, u64 now, const RcPacket &packet);

	vib_rc_status expire(const vib_rc_attr &attr, u64 now);

	// The oldest request ends with @status.
	void fail(vib_rc_status status);

	// @out cannot be made: its request fails when those before it are through.
	void refuse(const RcOutgoing &out, vib_rc_status status);

	void flush();

	u64 deadline() const
	{
		return deadline_;
	}

	Psn next_new_psn() const
	{
		return new_psn_;
	}

	bool is_drained() const
	{
		return una_ == sent_;
	}

private:
	Request &at(u32 seq)
	{
		return ring_[seq & (size_ - 1)];
	}

	void assign(const vib_rc_attr &attr);
	void pass();
	bool may_go(const vib_rc_attr &attr, u64 now, const Request &request);
	bool has_credit(u64 now, const Request &request);
	RcOutgoing make(const vib_rc_attr &attr, const Request &request) const;
	void make_part(const vib_rc_attr &attr, const Request &request, RcOutgoing &out) const;
	void start_timer(const vib_rc_attr &attr, u64 now);

	bool acknowledge(const vib_rc_attr &attr, u64 now, Psn end);
	void advance(const vib_rc_attr &attr, u64 now, Psn to);
	void complete();
	void rewind(Psn to);
	Psn wanted_of(const Request &request) const;
	std::optional<u32> owed_data();
	vib_rc_status retry(const vib_rc_attr &attr, u64 now);
	vib_rc_status ask_again(const vib_rc_attr &attr, u64 now);
	void learn_credits(const wire::Aeth &aeth);
	vib_rc_status take_ack(const vib_rc_attr &attr, u64 now, const RcPacket &packet);
	vib_rc_status take_nak(const vib_rc_attr &attr, u64 now, Psn psn, Syndrome syndrome);
	vib_rc_status take_data(const vib_rc_attr &attr, u64 now, const RcPacket &packet);
	vib_rc_status store(const vib_rc_attr &attr, u32 seq, const RcPacket &packet);
	bool run_local(Request &request);

	void *host_;
	Request *ring_;
	u32 size_;

	// Requests: done_ <= next_ <= assigned_ <= head_.
	u32 head_;     // next to be posted
	u32 assigned_; // next to get its PSNs
	u32 next_;     // next to be sent, or being sent
	u32 done_;     // the oldest that is under way

	// Packets: una_ <= next_psn_ <= sent_ <= new_psn_.
	Psn new_psn_;  // next to be assigned
	Psn sent_;     // behind the last that was ever sent
	Psn next_psn_; // next to be sent
	Psn una_;      // the oldest without an answer

	u32 reads_; // READs and atomics among done_ to next_
	u8 retries_left_;
	u8 rnr_retries_left_;
	bool has_asked_again_; // since the last progress
	bool is_waiting_;      // for the receiver to be ready
	u64 deadline_;

	// End-to-end credits (IBA 9.7.7.2), once the other end has spoken of them.
	bool is_limited_;
	bool wants_credit_; // nothing is under way because there is no credit
	bool may_probe_;
	u32 ssn_;
	u32 limit_; // the last SSN that there is a buffer for
};

} // namespace vib
