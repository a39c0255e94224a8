// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// One end of a reliable connection of vib; the other end sends what it likes. What the glue has to
// do is done here, on memory that ends where it ends.

#include "events.hpp"
#include "mutate.hpp"
#include "rc_host.hpp"

#include "core/fabric.hpp"
#include "core/packet.hpp"
#include "core/rc_wire.hpp"

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>

using namespace fuzz;

namespace {

constexpr u32 requests_max = 16;
constexpr u32 buffers_max = 64;
constexpr u32 length_max = 4096;
constexpr u32 own_qpn = 0x50, other_qpn = 0x60;
constexpr u16 own_lid = 1, other_lid = 2;
constexpr u32 rkey = 0x1234;
constexpr u64 memory_base = 0x7000;
constexpr u32 memory_size = 8192;

class End final : public RcHost {
public:
	End() : fabric_(fresh_fabric())
	{
		const vib_fabric_config config = {
			.guid = 0x0002c90300433bf1, .hcas = 2, .trunks = 0, .mtu = 2048};
		vib_effects effects;
		must(vib_fabric_init(fabric_, &config), "made");
		vib_link_plug(fabric_, 0, true, &effects);
		vib::Port &port = fabric_->hca[0].port;
		port.lid.store(own_lid);
		port.state.store(vib::STATE_ACTIVE);
		vib_rc_init(rc(), static_cast<RcHost *>(this), fabric_, 0, requests_max);
		attr_.av.dlid = other_lid;
		attr_.qpn = own_qpn;
		attr_.dest_qpn = other_qpn;
		attr_.path_mtu = 1;
		attr_.timeout = 14;
		attr_.retry_count = 2;
		attr_.rnr_retry = 2;
		attr_.min_rnr_timer = 12;
		attr_.max_rd_atomic = attr_.max_dest_rd_atomic = 4;
		attr_.access = VIB_ACCESS_READ | VIB_ACCESS_WRITE | VIB_ACCESS_ATOMIC;
		attr_.can_receive = attr_.can_send = true;
		vib_rc_set_attr(rc(), &attr_);
		vib_rc_expect(rc(), 0xfffffe);
		vib_rc_begin(rc(), 0xfffff0);
	}

	void happen(const Event &event);

	~End() override
	{
		vib_rc_flush(rc());
		must(done_ == posted_, "every request ends");
		must(!taken_, "every buffer ends");
	}

	End(const End &) = delete;
	End &operator=(const End &) = delete;

	int gather(u32 seq, u32 offset, u8 *to, u32 len) override;
	int scatter(u32 seq, u32 offset, const u8 *from, u32 len) override;
	void sent(u32 seq, int status) override;
	bool take() override;
	int fill(u32 offset, const u8 *from, u32 len) override;
	void received(const vib_rc_received &how) override;
	bool may_access(u32 key, u64 address, u32 len, u8 access) const override;
	void broken() override;

	int local(u32 seq) override
	{
		must(is_under_way(seq), "of a request that is under way");
		return has_memory_ ? VIB_RC_OK : VIB_RC_LOCAL_OPERATION;
	}

	u32 buffers() const override
	{
		return static_cast<u32>(buffers_.size());
	}

	u8 *at(u64 address) override
	{
		return memory_.data() + (address - memory_base);
	}

	bool may_invalidate(u32 key) const override
	{
		return key == rkey;
	}

private:
	vib_rc *rc() const
	{
		return reinterpret_cast<vib_rc *>(memory_of_rc_.get());
	}

	bool is_under_way(u32 seq) const
	{
		return seq - done_ < posted_ - done_;
	}

	void arrive(u8 psn, const Bytes &bytes);
	void post(u8 how, const Bytes &bytes);
	void provide(u8 count, const Bytes &bytes);
	void transmit(u32 count);
	void set(u8 how);

	std::unique_ptr<u8[]> memory_of_rc_ = std::make_unique<u8[]>(vib_rc_size(requests_max));
	vib_fabric *fabric_;
	vib_rc_attr attr_ = {};
	Bytes requests_[requests_max];
	u32 posted_ = 0, done_ = 0;
	std::deque<Bytes> buffers_;
	std::optional<Bytes> taken_;
	Bytes memory_ = Bytes(memory_size);
	bool has_memory_ = true, is_shown_ = true, is_broken_ = false;
	u64 now_ = 1;
};

int End::gather(u32 seq, u32 offset, u8 *to, u32 len)
{
	const Bytes &data = requests_[seq % requests_max];
	must(is_under_way(seq), "of a request that is under way");
	must(offset <= data.size() && len <= data.size() - offset, "what is sent is there");
	if (!has_memory_)
		return VIB_RC_LOCAL_PROTECTION;
	std::copy_n(data.begin() + offset, len, to);
	return VIB_RC_OK;
}

int End::scatter(u32 seq, u32 offset, const u8 *from, u32 len)
{
	Bytes &data = requests_[seq % requests_max];
	must(is_under_way(seq), "of a request that is under way");
	must(offset <= data.size() && len <= data.size() - offset, "what comes has room");
	if (!has_memory_)
		return VIB_RC_LOCAL_PROTECTION;
	std::copy_n(from, len, data.begin() + offset);
	return VIB_RC_OK;
}

void End::sent(u32 seq, int status)
{
	must(seq == done_ && done_ != posted_, "requests end in their order, each once");
	must(status >= VIB_RC_OK && status <= VIB_RC_RNR_RETRIES_EXCEEDED, "with a status");
	done_++;
}

bool End::take()
{
	must(!taken_, "one buffer at a time");
	if (buffers_.empty())
		return false;
	taken_ = std::move(buffers_.front());
	buffers_.pop_front();
	return true;
}

int End::fill(u32 offset, const u8 *from, u32 len)
{
	must(taken_.has_value(), "a buffer was taken");
	if (offset > taken_->size() || len > taken_->size() - offset)
		return VIB_RC_LOCAL_LENGTH;
	std::copy_n(from, len, taken_->begin() + offset);
	return VIB_RC_OK;
}

void End::received(const vib_rc_received &how)
{
	must(taken_.has_value(), "a buffer was taken");
	must(how.status != VIB_RC_OK || how.is_write || how.byte_len <= taken_->size(),
	     "no more than there was room for");
	taken_.reset();
}

bool End::may_access(u32 key, u64 address, u32 len, u8 access) const
{
	return is_shown_ && attr_.access & access && key == rkey && address >= memory_base &&
	       address - memory_base <= memory_size && len <= memory_size - (address - memory_base);
}

void End::broken()
{
	must(!is_broken_, "it breaks once");
	is_broken_ = true;
}

// The headers that lead here are right; what they carry is the input's.
void End::arrive(u8 psn, const Bytes &bytes)
{
	if (bytes.size() < 2)
		return;
	u32 sq, rq;
	vib_rc_psns(rc(), &sq, &rq);
	const bool is_response = bytes[0] >= vib::wire::OPCODE_RC_READ_RESPONSE_FIRST &&
				 bytes[0] <= vib::wire::OPCODE_RC_ATOMIC_ACK;
	const Bytes rest(bytes.begin() + 2, bytes.end());
	const vib::Headers headers = {
		.vl = 0,
		.sl = 0,
		.dlid = own_lid,
		.slid = other_lid,
		.opcode = bytes[0],
		.pkey = vib::DEFAULT_PKEY,
		.dest_qpn = own_qpn,
		.psn = ((is_response ? sq - 1 : rq) +
			static_cast<u32>(static_cast<signed char>(psn))) &
		       0xffffff,
		.payload_len = rest.size(),
		.solicited = !!(bytes[1] & 1),
		.ack_request = !!(bytes[1] & 2),
		.grh = {},
	};
	Bytes wire(VIB_HEADER_MAX);
	const vib::Lengths lengths = vib::write_headers(wire.data(), headers, {});
	wire.resize(lengths.header);
	wire.insert(wire.end(), rest.begin(), rest.end());
	wire.insert(wire.end(), lengths.tail, 0);
	wire.shrink_to_fit();
	vib_rx rx;
	if (vib_port_receive(fabric_, 0, wire.data(), static_cast<u32>(wire.size()), &rx) ||
	    !rx.connected)
		return;
	const int drop = vib_rc_receive(rc(), now_, wire.data(), &rx);
	must(drop >= VIB_ACCEPT && drop < VIB_DROP_COUNT, "accepted, or dropped for a reason");
}

void End::post(u8 how, const Bytes &bytes)
{
	if (posted_ - done_ == requests_max || is_broken_ || bytes.size() < 4)
		return;
	vib_rc_request request = {};
	request.verb = how % (VIB_RC_LOCAL + 1);
	request.flags = how >> 3 & (VIB_RC_IMM | VIB_RC_SOLICITED | VIB_RC_FENCE);
	request.length = static_cast<u32>(bytes[0] << 8 | bytes[1]) % length_max;
	if (request.verb == VIB_RC_CMP_SWAP || request.verb == VIB_RC_FETCH_ADD)
		request.length = 8;
	request.remote_addr = static_cast<u64>(bytes[2] << 8 | bytes[3]);
	request.rkey = rkey;
	requests_[posted_++ % requests_max] = Bytes(request.length);
	vib_rc_post(rc(), &request);
}

void End::provide(u8 count, const Bytes &bytes)
{
	for (; count && buffers_.size() < buffers_max; count--)
		buffers_.emplace_back(bytes.empty() ? 256 : bytes[0] * 64);
	(void)vib_rc_buffers_posted(rc());
}

void End::transmit(u32 count)
{
	while (count--) {
		Bytes wire(VIB_RC_PACKET_MAX);
		const u32 size = vib_rc_transmit(rc(), now_, wire.data());
		must(size <= wire.size(), "a packet fits");
		if (!size)
			return;
		const auto packet = vib::Packet::parse({wire.data(), size});
		must(packet && !packet->is_datagram, "what is sent can be read");
		must(packet->payload_len <= 128u << attr_.path_mtu, "no longer than the MTU");
	}
}

void End::set(u8 how)
{
	attr_.can_send = how & 1;
	attr_.can_receive = how & 2 || attr_.can_send;
	attr_.draining = how & 4;
	attr_.access = static_cast<u8>((how & 8 ? VIB_ACCESS_WRITE : 0) |
				       (how & 0x10 ? VIB_ACCESS_READ : 0) |
				       (how & 0x20 ? VIB_ACCESS_ATOMIC : 0));
	attr_.av.has_grh = how & 0x40;
	vib_rc_set_attr(rc(), &attr_);
}

void End::happen(const Event &event)
{
	switch (event.what % rc_happens::count) {
	case rc_happens::packet:
		arrive(event.how, event.bytes);
		break;
	case rc_happens::post:
		post(event.how, event.bytes);
		break;
	case rc_happens::provide:
		provide(event.how & 15, event.bytes);
		break;
	case rc_happens::transmit:
		transmit(event.how);
		break;
	case rc_happens::timer:
		if (vib_rc_deadline(rc()) != VIB_RC_NO_DEADLINE)
			now_ = std::max(now_, vib_rc_deadline(rc()));
		vib_rc_timer(rc(), now_);
		break;
	case rc_happens::attr:
		set(event.how);
		break;
	case rc_happens::memory:
		has_memory_ = event.how & 1;
		is_shown_ = event.how & 2;
		break;
	case rc_happens::flush:
		vib_rc_flush(rc());
		is_broken_ = true;
		break;
	}
	must(!is_broken_ || done_ == posted_, "what is broken is flushed");
	must(is_broken_ || done_ != posted_ || vib_rc_is_drained(rc()),
	     "without requests none is under way");
}

} // namespace

static Form form_of(const Event &)
{
	return Form::bytes;
}

FUZZ_EVENTS(form_of)

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
	End end;
	Events events(data, size);
	while (const auto event = events.next())
		end.happen(*event);
	return 0;
}
