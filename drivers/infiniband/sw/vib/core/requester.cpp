// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The requesting half of a reliable connection: what is sent.

#include "requester.hpp"

namespace vib {

namespace {

constexpr s32 WINDOW = 256;	   // packets that may be under way
constexpr u32 ACK_INTERVAL = 64;   // packets of one message between requests for an ACK
constexpr u64 PROBE_NS = 10000000; // how often to look for a receive buffer without a credit

} // namespace

void Requester::init(void *host, Request *ring, u32 size)
{
	*this = {};
	host_ = host;
	ring_ = ring;
	size_ = size;
	deadline_ = VIB_RC_NO_DEADLINE;
}

void Requester::begin(Psn psn)
{
	new_psn_ = psn;
	sent_ = psn;
	next_psn_ = psn;
	una_ = psn;
}

void Requester::post(const vib_rc_request &request)
{
	static_cast<vib_rc_request &>(at(head_++)) = request;
}

void Requester::assign(const vib_rc_attr &attr)
{
	Request &request = at(assigned_++);

	request.first = new_psn_;
	request.is_done = false;
	request.status = VIB_RC_OK;
	request.packets = 0;
	if (request.verb == VIB_RC_LOCAL)
		return;
	request.packets = request.is_atomic() ? 1 : packets_of(request.length, mtu_of(attr));
	request.ssn = ++ssn_;
	new_psn_ = request.end();
}

// The request at next_ is under way as a whole.
void Requester::pass()
{
	reads_ += at(next_).wants_data();
	next_++;
}

bool Requester::has_credit(u64 now, const Request &request)
{
	if (!is_limited_ || !request.consumes_receive() || !is_after(request.ssn, limit_))
		return true;
	// One packet may go without credit to find out (IBA 9.7.7.2.5). The other end tells of new
	// buffers by itself: that is waited for first.
	if (next_psn_ != una_)
		return false;
	if (may_probe_) {
		may_probe_ = false;
		return true;
	}
	if (!wants_credit_) {
		wants_credit_ = true;
		deadline_ = now + PROBE_NS;
	}
	return false;
}

bool Requester::may_go(const vib_rc_attr &attr, u64 now, const Request &request)
{
	if (request.flags & VIB_RC_FENCE && next_psn_ == request.first && reads_)
		return false;
	if (request.verb == VIB_RC_LOCAL)
		return true;
	if (request.wants_data() && reads_ >= attr.max_rd_atomic)
		return false;
	return next_psn_ - una_ < WINDOW && has_credit(now, request);
}

void Requester::make_part(const vib_rc_attr &attr, const Request &request, RcOutgoing &out) const
{
	const u32 index = static_cast<u32>(next_psn_ - request.first);
	const bool first = index == 0;
	const bool last = index + 1 == request.packets;

	out.offset = index * mtu_of(attr);
	out.payload_len = last ? request.length - out.offset : mtu_of(attr);
	out.code = rc_code(request.verb == VIB_RC_SEND ? RcVerb::SEND : RcVerb::WRITE, first, last,
			   request.flags & VIB_RC_IMM, request.flags & VIB_RC_INVALIDATE);
	out.solicited = last && request.flags & VIB_RC_SOLICITED;
	// Whoever must wait for an answer has asked for it.
	out.ack_request = last || index % ACK_INTERVAL == ACK_INTERVAL - 1 ||
			  next_psn_ - una_ == WINDOW - 1 ||
			  (is_limited_ && is_after(request.ssn, limit_));
	out.reth.address = wire::Be64::from(request.remote_addr);
	out.reth.rkey = wire::Be32::from(request.rkey);
	out.reth.length = wire::Be32::from(request.length);
	out.imm = request.flags & VIB_RC_INVALIDATE
			  ? __builtin_bit_cast(wire::Imm, wire::Be32::from(request.imm))
			  : __builtin_bit_cast(wire::Imm, request.imm);
}

RcOutgoing Requester::make(const vib_rc_attr &attr, const Request &request) const
{
	RcOutgoing out{};

	out.psn = next_psn_;
	out.seq = next_;
	switch (request.verb) {
	case VIB_RC_READ: {
		// What is still missing, if a part has come.
		const u32 offset = static_cast<u32>(next_psn_ - request.first) * mtu_of(attr);
		out.code = wire::OPCODE_RC_READ_REQUEST;
		out.reth.address = wire::Be64::from(request.remote_addr + offset);
		out.reth.rkey = wire::Be32::from(request.rkey);
		out.reth.length = wire::Be32::from(request.length - offset);
		break;
	}
	case VIB_RC_CMP_SWAP:
	case VIB_RC_FETCH_ADD:
		out.code = request.verb == VIB_RC_CMP_SWAP ? wire::OPCODE_RC_CMP_SWAP
							   : wire::OPCODE_RC_FETCH_ADD;
		out.atomic.address = wire::Be64::from(request.remote_addr);
		out.atomic.rkey = wire::Be32::from(request.rkey);
		out.atomic.swap_or_add = wire::Be64::from(request.swap_or_add);
		out.atomic.compare = wire::Be64::from(request.compare);
		break;
	default:
		make_part(attr, request, out);
	}
	return out;
}

void Requester::start_timer(const vib_rc_attr &attr, u64 now)
{
	deadline_ = attr.timeout ? now + (u64{4096} << attr.timeout) : VIB_RC_NO_DEADLINE;
}

// False if that failed.
bool Requester::run_local(Request &request)
{
	if (!request.is_done)
		request.status = static_cast<u8>(vib_k_rc_local(host_, next_));
	request.is_done = true;
	if (request.status != VIB_RC_OK)
		return false;
	pass();
	complete();
	return true;
}

vib_rc_status Requester::next(const vib_rc_attr &attr, u64 now, std::optional<RcOutgoing> &out)
{
	while (!is_waiting_ && next_ != head_) {
		const bool is_new = next_ == assigned_;
		if (attr.draining && (is_new || at(next_).first == sent_))
			break;
		if (is_new)
			assign(attr);
		Request &request = at(next_);
		if (!may_go(attr, now, request))
			break;
		if (request.verb == VIB_RC_LOCAL && run_local(request))
			continue;
		if (request.status != VIB_RC_OK)
			return done_ == next_ ? static_cast<vib_rc_status>(request.status)
					      : VIB_RC_OK;

		out = make(attr, request);
		if (next_psn_ == una_ || deadline_ == VIB_RC_NO_DEADLINE)
			start_timer(attr, now);
		if (next_psn_ == una_ && una_ == sent_) {
			retries_left_ = attr.retry_count;
			rnr_retries_left_ = attr.rnr_retry;
		}
		wants_credit_ = false;
		next_psn_ = request.wants_data() ? request.end() : next_psn_ + 1;
		if (next_psn_ - sent_ > 0)
			sent_ = next_psn_;
		if (next_psn_ == request.end())
			pass();
		break;
	}
	return VIB_RC_OK;
}

} // namespace vib
