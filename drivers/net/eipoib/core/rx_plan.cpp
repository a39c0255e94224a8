// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// From the fabric to ethX: whether a VIF's frame enters, under which Ethernet addresses, in which
// form, and what it teaches about its sender.

#include "plan.hpp"

namespace eipoib {

namespace {

// A frame while it is being decided on.
struct RxWork {
	const RcuReader &reader;
	Core &core;
	const Vif &vif;
	const Binding &binding;
	wire::IpoibRxHeader link;
	ByteView head;
	bool is_group;
	eipoib_rx_plan &plan;

	wire::PartitionId partition() const
	{
		return binding.partition_->id_;
	}

	wire::Qpn source_qpn() const
	{
		return {link.source_qpn_.get()};
	}

	wire::Lid source_lid() const
	{
		return {link.source_lid_.get()};
	}
};

// One copy of a group frame enters ethX, and none of what ethX sent.
Objection check_group(const RxWork &work)
{
	if (!work.is_group)
		return {};
	if (work.binding.partition_->designated_.load(work.reader) != &work.vif)
		return EIPOIB_REASON_RX_COPY;
	if (work.link.has_grh() && work.link.source_gid_ == work.binding.address_.gid_ &&
	    work.core.vifs_.owns(work.reader, work.source_qpn()))
		return EIPOIB_REASON_RX_OWN;
	return {};
}

void write_header(RxWork &work, const wire::MacAddress &destination, const wire::MacAddress &source)
{
	const wire::EthernetHeader header = {
		.destination_ = destination, .source_ = source, .ethertype_ = work.link.ethertype_};
	static_assert(sizeof(header) == sizeof(work.plan.header));
	__builtin_memcpy(work.plan.header, &header, sizeof(header));
}

wire::MacAddress source_mac(const RxWork &work)
{
	return work.core.peers_.mac_of_source(work.reader, work.partition(), work.source_qpn(),
					      work.source_lid());
}

Decision plan_ipv4(RxWork &work)
{
	auto ip = work.head.load<wire::Ipv4Header>();
	if (!ip || !ip->is_plausible())
		return Decision::drop(EIPOIB_REASON_RX_IP);

	wire::MacAddress to = work.binding.mac_;
	if (work.is_group)
		to = ip->is_to_multicast() ? wire::ipv4_group_mac(ip->destination_.get())
					   : wire::MacAddress::broadcast();
	// A GRH tells the whole address of the sender, so the answer will find its way.
	if (work.link.has_grh())
		work.core.peers_.learn_source(work.reader, work.partition(), work.source_lid(),
					      work.source_qpn(), work.link.source_gid_);
	write_header(work, to, source_mac(work));
	return Decision::forward();
}

// The sender address in the payload must be that of the queue pair that sent it.
bool is_sender_true(const RxWork &work, const wire::InfinibandArp &arp)
{
	if (arp.sender_.qpn() != work.source_qpn())
		return false;
	return !work.link.has_grh() || arp.sender_.gid_ == work.link.source_gid_;
}

// The 6-byte form of an ARP target; zero for "not known".
wire::MacAddress arp_target(const RxWork &work, const wire::IbAddress &target)
{
	if (target.qpn() == work.vif.qpn_ && target.gid_ == work.binding.address_.gid_)
		return work.binding.mac_;
	const wire::MacAddress *mac =
		work.core.peers_.mac_of_address(work.reader, work.partition(), target);
	return mac ? *mac : wire::MacAddress{};
}

Decision plan_arp(RxWork &work)
{
	auto in = work.head.load<wire::InfinibandArp>();
	if (!in || !in->is_for_ipv4())
		return Decision::drop(EIPOIB_REASON_RX_ARP);
	if (!is_sender_true(work, *in))
		return Decision::drop(EIPOIB_REASON_RX_SPOOF);

	work.core.peers_.learn(work.reader, work.partition(), work.source_lid(), in->sender_);
	const wire::MacAddress source = source_mac(work);

	auto out = wire::EthernetArp::with_operation(in->operation_);
	out.sender_ = source;
	out.sender_ip_ = in->sender_ip_;
	out.target_ = arp_target(work, in->target_);
	out.target_ip_ = in->target_ip_;
	static_assert(sizeof(out) <= sizeof(work.plan.payload));
	__builtin_memcpy(work.plan.payload, &out, sizeof(out));
	work.plan.payload_len = sizeof(out);
	write_header(work, work.is_group ? wire::MacAddress::broadcast() : work.binding.mac_,
		     source);
	return Decision::rewrite();
}

} // namespace

Decision plan_rx(const RcuReader &reader, Core &core, const Vif &vif, const eipoib_rx_frame &frame,
		 eipoib_rx_plan &plan)
{
	const Binding *binding = vif.binding_.load(reader);
	if (!binding)
		return Decision::drop(EIPOIB_REASON_RX_UNBOUND);
	RxWork work = {.reader = reader,
		       .core = core,
		       .vif = vif,
		       .binding = *binding,
		       .link = {},
		       .head = ByteView(frame.head, frame.head_len),
		       .is_group = frame.is_group,
		       .plan = plan};
	__builtin_memcpy(&work.link, frame.link, sizeof(work.link));

	if (work.source_qpn().value == 0)
		return Decision::drop(EIPOIB_REASON_RX_NO_SOURCE);
	if (Objection objection = check_group(work))
		return Decision::drop(*objection);
	if (!frame.is_gso && frame.len > vif.mtu())
		return Decision::drop(EIPOIB_REASON_RX_GIANT);

	plan.vlan = binding->vlan_.value;
	switch (work.link.ethertype_.get()) {
	case wire::ethertype_ipv4:
		return plan_ipv4(work);
	case wire::ethertype_arp:
	case wire::ethertype_rarp:
		return plan_arp(work);
	default:
		return Decision::drop(EIPOIB_REASON_RX_PROTO);
	}
}

} // namespace eipoib
