// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB

#include "rc_fixture.hpp"

namespace unit {

namespace {

End &end_of(void *host)
{
	return *static_cast<End *>(host);
}

bool holds(const End &end, u32 rkey, u64 addr, u32 len)
{
	return rkey == RKEY && addr >= MEMORY_BASE && addr - MEMORY_BASE <= end.memory.size() &&
	       len <= end.memory.size() - (addr - MEMORY_BASE);
}

constexpr std::size_t BTH = 8; // without a GRH

} // namespace

void End::create(vib_fabric *fabric, u32 hca, u32 size)
{
	storage_ = std::make_unique<u8[]>(vib_rc_size(size));
	vib_rc_init(rc(), this, fabric, hca, size);
}

void End::set(const vib_rc_attr &now)
{
	attr = now;
	vib_rc_set_attr(rc(), &attr);
}

u32 End::post(const vib_rc_request &request, const Bytes &data)
{
	requests.push_back(data);
	vib_rc_post(rc(), &request);
	return static_cast<u32>(requests.size() - 1);
}

u32 End::send(const Bytes &data, u8 flags, u32 imm)
{
	vib_rc_request request{};
	request.verb = VIB_RC_SEND;
	request.flags = flags;
	request.imm = imm;
	request.length = static_cast<u32>(data.size());
	return post(request, data);
}

u32 End::write(u64 offset, const Bytes &data, u8 flags, u32 imm)
{
	vib_rc_request request{};
	request.verb = VIB_RC_WRITE;
	request.flags = flags;
	request.imm = imm;
	request.length = static_cast<u32>(data.size());
	request.remote_addr = MEMORY_BASE + offset;
	request.rkey = RKEY;
	return post(request, data);
}

u32 End::read(u64 offset, u32 length, u8 flags)
{
	vib_rc_request request{};
	request.verb = VIB_RC_READ;
	request.flags = flags;
	request.length = length;
	request.remote_addr = MEMORY_BASE + offset;
	request.rkey = RKEY;
	return post(request, Bytes(length));
}

u32 End::atomic(u64 offset, u64 add)
{
	vib_rc_request request{};
	request.verb = VIB_RC_FETCH_ADD;
	request.length = 8;
	request.remote_addr = MEMORY_BASE + offset;
	request.swap_or_add = add;
	request.rkey = RKEY;
	return post(request, Bytes(8));
}

u32 End::swap(u64 offset, u64 compare, u64 value)
{
	vib_rc_request request{};
	request.verb = VIB_RC_CMP_SWAP;
	request.length = 8;
	request.remote_addr = MEMORY_BASE + offset;
	request.compare = compare;
	request.swap_or_add = value;
	request.rkey = RKEY;
	return post(request, Bytes(8));
}

void End::provide(u32 count, u32 size)
{
	while (count--)
		buffers.emplace_back(size);
	(void)vib_rc_buffers_posted(rc());
}

u64 End::word(u64 offset) const
{
	u64 value;
	__builtin_memcpy(&value, memory.data() + offset, sizeof(value));
	return value;
}

u8 opcode_of(const Bytes &wire)
{
	return wire[BTH];
}

u32 psn_of(const Bytes &wire)
{
	return static_cast<u32>(wire[BTH + 9] << 16 | wire[BTH + 10] << 8 | wire[BTH + 11]);
}

u8 syndrome_of(const Bytes &wire)
{
	return wire[BTH + 12];
}

void RcTest::SetUp()
{
	make(2);
	bring_up();
	a.create(fabric(), 0);
	b.create(fabric(), 1);
	a.attr.qpn = 0x50;
	b.attr.qpn = 0x60;
	for (End *end : {&a, &b}) {
		vib_rc_attr &attr = end->attr;
		attr.dest_qpn = end == &a ? b.attr.qpn : a.attr.qpn;
		attr.av.dlid = lid_of(end == &a ? 1 : 0);
		attr.path_mtu = 1; // 256
		attr.timeout = 14;
		attr.retry_count = 7;
		attr.rnr_retry = 7;
		attr.min_rnr_timer = 12;
		attr.max_rd_atomic = 4;
		attr.max_dest_rd_atomic = 4;
		attr.access = VIB_ACCESS_READ | VIB_ACCESS_WRITE | VIB_ACCESS_ATOMIC;
	}
}

void RcTest::connect()
{
	for (End *end : {&a, &b}) {
		// Numbers that soon wrap.
		vib_rc_expect(end->rc(), end == &a ? 0xfffff0 : 0xfffffe);
		vib_rc_begin(end->rc(), end == &a ? 0xfffffe : 0xfffff0);
		vib_rc_attr attr = end->attr;
		attr.can_receive = true;
		attr.can_send = true;
		end->set(attr);
	}
}

bool RcTest::chance(u32 of_1000)
{
	return of_1000 && random() % 1000 < of_1000;
}

void RcTest::put(u32 from, const Bytes &wire)
{
	if (!link.empty() && chance(faults.reorders))
		link.insert(link.begin() + static_cast<long>(random() % link.size()), {from, wire});
	else
		link.push_back({from, wire});
}

bool RcTest::transmit(u32 from)
{
	Bytes wire(VIB_RC_PACKET_MAX);
	const u32 size = vib_rc_transmit((from ? b : a).rc(), now, wire.data());

	if (!size)
		return false;
	wire.resize(size);
	wire.shrink_to_fit();
	packets++;
	if ((filter && !filter(from, wire)) || chance(faults.loss))
		return true;
	put(from, wire);
	if (chance(faults.duplicates))
		put(from, wire);
	return true;
}

bool RcTest::deliver()
{
	if (link.empty())
		return false;
	Flight flight = std::move(link.front());
	link.pop_front();
	const u32 to = !flight.from;
	const vib_plan plan = forward(flight.from, flight.wire);
	EXPECT_EQ(plan.hcas, u64{1} << to);
	vib_rx rx;
	EXPECT_EQ(vib_port_receive(fabric(), to, flight.wire.data(),
				   static_cast<u32>(flight.wire.size()), &rx),
		  VIB_ACCEPT);
	EXPECT_TRUE(rx.connected);
	last_drop = vib_rc_receive((to ? b : a).rc(), now, flight.wire.data(), &rx);
	return true;
}

void RcTest::settle()
{
	// Each end sends a few packets before the link delivers, so that some are under way.
	bool moved = true;
	while (moved && !HasFatalFailure()) {
		moved = false;
		for (u32 from : {0u, 1u})
			for (u32 burst = random() % 8 + 1; burst && transmit(from); burst--)
				moved = true;
		for (u32 burst = random() % 8 + 1; burst && deliver(); burst--)
			moved = true;
		ASSERT_LT(packets, 2000000u) << "it does not end";
	}
}

bool RcTest::pass_time()
{
	const u64 next = std::min(vib_rc_deadline(a.rc()), vib_rc_deadline(b.rc()));

	if (next == VIB_RC_NO_DEADLINE)
		return false;
	now = std::max(now, next);
	vib_rc_timer(a.rc(), now);
	vib_rc_timer(b.rc(), now);
	return true;
}

void RcTest::run()
{
	do
		settle();
	while (pass_time() && !HasFatalFailure());
}

Bytes RcTest::pattern(u32 size)
{
	Bytes data(size);
	for (u8 &byte : data)
		byte = ++next_byte_;
	next_byte_ = static_cast<u8>(next_byte_ + 13);
	return data;
}

} // namespace unit

using unit::End;
using unit::end_of;

int vib_k_rc_gather(void *host, u32 seq, u32 offset, u8 *to, u32 len)
{
	const unit::Bytes &data = end_of(host).requests[seq];

	if (!end_of(host).has_local_memory)
		return VIB_RC_LOCAL_PROTECTION;
	EXPECT_LE(offset + len, data.size());
	std::copy_n(data.begin() + offset, len, to);
	return VIB_RC_OK;
}

int vib_k_rc_scatter(void *host, u32 seq, u32 offset, const u8 *from, u32 len)
{
	unit::Bytes &data = end_of(host).requests[seq];

	if (!end_of(host).has_local_memory)
		return VIB_RC_LOCAL_PROTECTION;
	EXPECT_LE(offset + len, data.size());
	std::copy_n(from, len, data.begin() + offset);
	return VIB_RC_OK;
}

int vib_k_rc_local(void *host, u32 seq)
{
	End &end = end_of(host);

	end.locals.push_back(seq);
	return end.has_local_memory ? VIB_RC_OK : VIB_RC_LOCAL_OPERATION;
}

void vib_k_rc_sent(void *host, u32 seq, int status)
{
	End &end = end_of(host);

	EXPECT_EQ(seq, end.done.size()) << "out of order";
	end.done.push_back({seq, status});
}

u32 vib_k_rc_buffers(void *host)
{
	return end_of(host).is_shared ? VIB_RC_SHARED
				      : static_cast<u32>(end_of(host).buffers.size());
}

bool vib_k_rc_take(void *host)
{
	End &end = end_of(host);

	EXPECT_FALSE(end.taken);
	if (end.buffers.empty())
		return false;
	end.taken = end.buffers.front();
	end.buffers.pop_front();
	return true;
}

int vib_k_rc_fill(void *host, u32 offset, const u8 *from, u32 len)
{
	End &end = end_of(host);

	EXPECT_TRUE(end.taken);
	if (offset + len > end.taken->size())
		return VIB_RC_LOCAL_LENGTH;
	std::copy_n(from, len, end.taken->begin() + offset);
	return VIB_RC_OK;
}

void vib_k_rc_received(void *host, const vib_rc_received *received)
{
	End &end = end_of(host);

	EXPECT_TRUE(end.taken);
	if (received->status == VIB_RC_OK && !received->is_write)
		end.taken->resize(received->byte_len);
	end.received.push_back({*end.taken, *received});
	end.taken.reset();
}

bool vib_k_rc_may_access(void *host, u32 rkey, u64 addr, u32 len, u8 access)
{
	const End &end = end_of(host);

	return end.memory_access & access && unit::holds(end, rkey, addr, len);
}

bool vib_k_rc_write(void *host, u32 rkey, u64 addr, const u8 *from, u32 len)
{
	End &end = end_of(host);

	if (!vib_k_rc_may_access(host, rkey, addr, len, VIB_ACCESS_WRITE))
		return false;
	std::copy_n(from, len, end.memory.begin() + static_cast<long>(addr - unit::MEMORY_BASE));
	return true;
}

bool vib_k_rc_read(void *host, u32 rkey, u64 addr, u8 *to, u32 len)
{
	const End &end = end_of(host);

	if (!vib_k_rc_may_access(host, rkey, addr, len, VIB_ACCESS_READ))
		return false;
	std::copy_n(end.memory.begin() + static_cast<long>(addr - unit::MEMORY_BASE), len, to);
	return true;
}

bool vib_k_rc_atomic(void *host, u32 rkey, u64 addr, u64 swap_or_add, const u64 *compare, u64 *old)
{
	End &end = end_of(host);

	if (!vib_k_rc_may_access(host, rkey, addr, 8, VIB_ACCESS_ATOMIC))
		return false;
	*old = end.word(addr - unit::MEMORY_BASE);
	u64 value = *old + swap_or_add;
	if (compare)
		value = *old == *compare ? swap_or_add : *old;
	__builtin_memcpy(end.memory.data() + (addr - unit::MEMORY_BASE), &value, sizeof(value));
	return true;
}

bool vib_k_rc_invalidate(void *host, u32 rkey)
{
	end_of(host).invalidated.push_back(rkey);
	return rkey == unit::RKEY_THAT_MAY_GO;
}

void vib_k_rc_broken(void *host, int event)
{
	EXPECT_FALSE(end_of(host).broken);
	end_of(host).broken = event;
}

void vib_k_rc_drained(void *host)
{
	end_of(host).drained++;
}
