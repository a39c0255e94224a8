// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The requesting half of a reliable connection: what comes back, what is missing, and the end.

#include "requester.hpp"

namespace vib {

void Requester::complete()
{
	for (; done_ != next_; done_++) {
		const Request &request = at(done_);
		if (una_ - request.end() < 0)
			break;
		reads_ -= request.wants_data();
		vib_k_rc_sent(host_, done_, VIB_RC_OK);
	}
}

// All packets before @to are done with.
void Requester::advance(const vib_rc_attr &attr, u64 now, Psn to)
{
	if (to - una_ <= 0)
		return;
	una_ = to;
	retries_left_ = attr.retry_count;
	rnr_retries_left_ = attr.rnr_retry;
	has_asked_again_ = false;
	is_waiting_ = false;
	wants_credit_ = false;
	// Some may have been about to be sent again.
	if (next_psn_ - una_ < 0) {
		next_psn_ = una_;
		while (next_ != assigned_ && una_ - at(next_).end() >= 0)
			pass();
	}
	complete();
	if (next_psn_ == una_)
		deadline_ = VIB_RC_NO_DEADLINE;
	else
		start_timer(attr, now);
}

// The oldest request whose data has not come.
std::optional<u32> Requester::owed_data()
{
	if (!reads_ && next_ == assigned_)
		return std::nullopt;
	for (u32 seq = done_; seq != assigned_; seq++)
		if (at(seq).wants_data() && at(seq).end() - una_ > 0)
			return seq;
	return std::nullopt;
}

// The next packet that is to answer @request.
Psn Requester::wanted_of(const Request &request) const
{
	return request.first - una_ > 0 ? request.first : una_;
}

// All packets before @end arrived. False if data is missing that should have come before.
bool Requester::acknowledge(const vib_rc_attr &attr, u64 now, Psn end)
{
	const auto owed = owed_data();
	const Psn reach = owed ? wanted_of(at(*owed)) : end;

	if (end - reach <= 0) {
		advance(attr, now, end);
		return true;
	}
	advance(attr, now, reach);
	return false;
}

// Go back to packet @to, which is not before una_.
void Requester::rewind(Psn to)
{
	next_psn_ = to;
	while (next_ != done_ && (next_ == assigned_ || at(next_).first - to > 0)) {
		next_--;
		reads_ -= at(next_).wants_data();
	}
}

vib_rc_status Requester::retry(const vib_rc_attr &attr, u64 now)
{
	if (!retries_left_)
		return VIB_RC_RETRIES_EXCEEDED;
	retries_left_--;
	rewind(una_);
	start_timer(attr, now);
	return VIB_RC_OK;
}

// Something got lost. What follows it says so as well: once is enough.
vib_rc_status Requester::ask_again(const vib_rc_attr &attr, u64 now)
{
	if (has_asked_again_)
		return VIB_RC_OK;
	has_asked_again_ = true;
	return retry(attr, now);
}

void Requester::learn_credits(const wire::Aeth &aeth)
{
	const Syndrome syndrome{aeth.syndrome};

	if (syndrome.kind() != Syndrome::Kind::ACK)
		return;
	if (syndrome.value() == Syndrome::NO_CREDITS) {
		is_limited_ = false;
		return;
	}
	const u32 limit = aeth.msn.get() + credits_of(syndrome.value());
	if (!is_limited_ || is_after(limit, limit_))
		limit_ = limit;
	is_limited_ = true;
}

vib_rc_status Requester::take_nak(const vib_rc_attr &attr, u64 now, Psn psn, Syndrome syndrome)
{
	// All before it arrived, it did not.
	if (!acknowledge(attr, now, psn))
		return ask_again(attr, now);
	if (syndrome.kind() == Syndrome::Kind::RNR_NAK) {
		if (is_waiting_)
			return VIB_RC_OK;
		if (!rnr_retries_left_)
			return VIB_RC_RNR_RETRIES_EXCEEDED;
		if (rnr_retries_left_ != VIB_RC_INFINITE)
			rnr_retries_left_--;
		retries_left_ = attr.retry_count; // it does answer
		rewind(psn);
		is_waiting_ = true;
		deadline_ = now + rnr_delay_ns(syndrome.value());
		return VIB_RC_OK;
	}
	if (syndrome == NAK_SEQUENCE)
		return ask_again(attr, now);
	if (syndrome == NAK_INVALID_REQUEST)
		return VIB_RC_REMOTE_INVALID_REQUEST;
	if (syndrome == NAK_ACCESS)
		return VIB_RC_REMOTE_ACCESS;
	return syndrome == NAK_OPERATION ? VIB_RC_REMOTE_OPERATION : VIB_RC_BAD_RESPONSE;
}

vib_rc_status Requester::take_ack(const vib_rc_attr &attr, u64 now, const RcPacket &packet)
{
	const Syndrome syndrome{packet.aeth.syndrome};

	learn_credits(packet.aeth);
	if (packet.psn - una_ < 0)
		return VIB_RC_OK;
	if (syndrome.kind() != Syndrome::Kind::ACK)
		return take_nak(attr, now, packet.psn, syndrome);
	return acknowledge(attr, now, packet.psn + 1) ? VIB_RC_OK : ask_again(attr, now);
}

vib_rc_status Requester::store(const vib_rc_attr &attr, u32 seq, const RcPacket &packet)
{
	const Request &request = at(seq);
	const bool is_atomic = packet.opcode.verb == RcVerb::ATOMIC_ACK;

	if (is_atomic != request.is_atomic())
		return VIB_RC_BAD_RESPONSE;
	if (is_atomic) {
		const u64 original = packet.original.get();
		return static_cast<vib_rc_status>(vib_k_rc_scatter(
			host_, seq, 0, reinterpret_cast<const u8 *>(&original), sizeof(original)));
	}
	const u32 index = static_cast<u32>(packet.psn - request.first);
	const u32 offset = index * mtu_of(attr);
	const bool last = index + 1 == request.packets;
	if (packet.opcode.last != last ||
	    packet.payload.size() != (last ? request.length - offset : mtu_of(attr)))
		return VIB_RC_BAD_RESPONSE;
	return static_cast<vib_rc_status>(
		vib_k_rc_scatter(host_, seq, offset, packet.payload.data(),
				 static_cast<u32>(packet.payload.size())));
}

vib_rc_status Requester::take_data(const vib_rc_attr &attr, u64 now, const RcPacket &packet)
{
	if (packet.opcode.has_aeth())
		learn_credits(packet.aeth);
	const auto owed = owed_data();
	if (!owed)
		return VIB_RC_OK;
	const Psn wanted = wanted_of(at(*owed));
	if (packet.psn - wanted < 0)
		return VIB_RC_OK;
	// What was sent before the READ has arrived, or there were no answer.
	advance(attr, now, wanted);
	if (packet.psn != wanted)
		return ask_again(attr, now);
	if (const vib_rc_status status = store(attr, *owed, packet))
		return status;
	advance(attr, now, packet.psn + 1);
	return VIB_RC_OK;
}

vib_rc_status Requester::receive(const vib_rc_attr &attr, u64 now, const RcPacket &packet)
{
	if (packet.psn - sent_ >= 0)
		return VIB_RC_OK; // an answer to what was never asked (IBA 9.7.5.1.1)
	if (packet.opcode.verb == RcVerb::ACK)
		return take_ack(attr, now, packet);
	return take_data(attr, now, packet);
}

vib_rc_status Requester::expire(const vib_rc_attr &attr, u64 now)
{
	if (now < deadline_)
		return VIB_RC_OK;
	if (is_waiting_ || wants_credit_) {
		may_probe_ = wants_credit_;
		is_waiting_ = false;
		wants_credit_ = false;
		deadline_ = VIB_RC_NO_DEADLINE;
		return VIB_RC_OK;
	}
	has_asked_again_ = false;
	return retry(attr, now);
}

void Requester::refuse(const RcOutgoing &out, vib_rc_status status)
{
	at(out.seq).status = static_cast<u8>(status);
	rewind(out.psn);
}

void Requester::fail(vib_rc_status status)
{
	if (done_ != head_)
		vib_k_rc_sent(host_, done_++, status);
}

void Requester::flush()
{
	while (done_ != head_)
		vib_k_rc_sent(host_, done_++, VIB_RC_FLUSHED);
	next_ = done_;
	assigned_ = done_;
	deadline_ = VIB_RC_NO_DEADLINE;
	is_waiting_ = false;
	wants_credit_ = false;
	reads_ = 0;
}

} // namespace vib
