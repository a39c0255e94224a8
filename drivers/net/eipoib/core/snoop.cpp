// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB

#include "snoop.hpp"

#include "wire/checksum.hpp"

namespace eipoib {

// What the versions have in common.
enum class MembershipMessage::Type : u8 { other, query, report, leave, records };

namespace {

bool is_whole_query(ByteView body, size_t older_size, size_t source_size)
{
	if (body.size() == older_size)
		return true;
	// Between the sizes of two versions it is of none, RFC 3376 section 7.1.
	const auto rest = body.load<wire::IgmpQueryRest>(older_size);
	return rest &&
	       body.contains(older_size + sizeof(*rest), rest->source_count_.get() * source_size);
}

template <typename Address> std::optional<wire::GroupRecord<Address>> take_record(ByteView &records)
{
	const auto record = records.load<wire::GroupRecord<Address>>();
	if (!record || !records.contains(0, record->size()))
		return std::nullopt;
	records = records.from(record->size());
	return record;
}

template <typename Address> bool are_whole(ByteView records, u32 count)
{
	while (count--)
		if (!take_record<Address>(records))
			return false;
	return true;
}

bool is_link_local(const wire::Ipv6Address &address)
{
	return address.bytes_[0] == 0xfe && (address.bytes_[1] & 0xc0) == 0x80;
}

} // namespace

bool IpGroup::is_reported() const
{
	if (is_ipv6())
		return (address_.bytes_[1] & 0x0f) > 1 && // scopes: reserved, interface-local
		       address_ != wire::Ipv6Address::all_nodes();
	const u8 *ipv4 = address_.bytes_ + 12;
	return ipv4[0] >> 4 == 0xe && *this != of(Be32::from(0xe0000001));
}

wire::IbAddress IpGroup::on(wire::PartitionId partition) const
{
	if (is_ipv6())
		return wire::ipv6_group_address(partition, address_);
	Be32 ipv4;
	__builtin_memcpy(&ipv4, address_.bytes_ + 12, sizeof(ipv4));
	return wire::multicast_address(partition, ipv4.get());
}

MembershipMessage MembershipMessage::read(ByteView packet, bool checksum_pending)
{
	const auto version = packet.load<u8>();
	if (!version || !may_be_membership(packet))
		return {};
	return *version >> 4 == 4 ? read_igmp(packet, checksum_pending)
				  : read_mld(packet, checksum_pending);
}

MembershipMessage MembershipMessage::malformed()
{
	MembershipMessage message;
	message.kind_ = Kind::malformed;
	return message;
}

MembershipMessage MembershipMessage::read_igmp(ByteView packet, bool checksum_pending)
{
	const auto ip = packet.load<wire::Ipv4Header>();
	if (!ip)
		return malformed();
	const size_t header_size = (ip->version_ihl_ & 0xf) * size_t{4};
	const size_t total_size = ip->total_length_.get();
	if (!ip->is_plausible() || !packet.contains(0, total_size))
		return malformed();
	if (ip->fragment_.get() & 0x3fff) // more to come, or not the first
		return {};

	const ByteView body = packet.first(total_size).from(header_size);
	const auto raw_type = body.load<u8>();
	if (!raw_type)
		return malformed();
	const Type type = igmp_type(*raw_type);
	if (type == Type::other)
		return {};
	wire::InternetSum sum;
	sum.add(body);
	if (!checksum_pending && !sum.is_intact())
		return malformed();
	return read_body<wire::IgmpMessage, wire::IgmpReport, Be32>(type, body);
}

MembershipMessage MembershipMessage::read_mld(ByteView packet, bool checksum_pending)
{
	auto ip = packet.load<wire::Ipv6Header>();
	const auto options = packet.load<wire::HopByHopHeader>(sizeof(wire::Ipv6Header));
	if (!ip || !options)
		return malformed();
	if (options->next_header_ != wire::next_header_icmp6)
		return {};
	const ByteView payload = packet.from(sizeof(*ip)).first(ip->payload_length_.get());
	if (payload.size() != ip->payload_length_.get())
		return malformed();

	const ByteView body = payload.from(options->size());
	const auto raw_type = body.load<u8>();
	if (!raw_type)
		return malformed();
	const Type type = mld_type(*raw_type);
	if (type == Type::other)
		return {};
	ip->next_header_ = wire::next_header_icmp6; // as the pseudo header has it
	if (!checksum_pending && !sum_with_pseudo_header(*ip, body).is_intact())
		return malformed();
	// Nothing that came through a router, RFC 3810 sections 5.1.14 and 5.2.13; a host without
	// an address may report, too.
	if (ip->hop_limit_ != 1)
		return malformed();
	if (!is_link_local(ip->source_) && (type == Type::query || !ip->source_.is_unspecified()))
		return malformed();
	return read_body<wire::MldMessage, wire::MldReport, wire::Ipv6Address>(type, body);
}

MembershipMessage::Type MembershipMessage::igmp_type(u8 type)
{
	switch (type) {
	case wire::igmp_query:
		return Type::query;
	case wire::igmp_v1_report:
	case wire::igmp_v2_report:
		return Type::report;
	case wire::igmp_v2_leave:
		return Type::leave;
	case wire::igmp_v3_report:
		return Type::records;
	default:
		return Type::other;
	}
}

MembershipMessage::Type MembershipMessage::mld_type(u8 type)
{
	switch (type) {
	case wire::mld_query:
		return Type::query;
	case wire::mld_v1_report:
		return Type::report;
	case wire::mld_v1_done:
		return Type::leave;
	case wire::mld_v2_report:
		return Type::records;
	default:
		return Type::other;
	}
}

template <typename Message, typename Report, typename Address>
MembershipMessage MembershipMessage::read_body(Type type, ByteView body)
{
	MembershipMessage result = malformed();
	result.is_ipv6_ = sizeof(Address) == sizeof(wire::Ipv6Address);

	if (type == Type::records) {
		const auto report = body.load<Report>();
		if (!report)
			return result;
		result.records_ = body.from(sizeof(Report));
		result.records_left_ = report->record_count_.get();
		if (are_whole<Address>(result.records_, result.records_left_))
			result.kind_ = Kind::report;
		return result;
	}

	const auto message = body.load<Message>();
	if (!message)
		return result;
	if (type == Type::query) {
		if (is_whole_query(body, sizeof(Message), sizeof(Address)))
			result.kind_ = Kind::query;
		return result;
	}
	result.kind_ = Kind::report;
	result.silences_others_ = type == Type::report;
	const IpGroup group = IpGroup::of(message->group_);
	if (result.is_about(group))
		result.single_ = {group, type == Type::report};
	return result;
}

// Not what only looks like a group, as the mapped form of an IPv4 one does within MLD.
bool MembershipMessage::is_about(const IpGroup &group) const
{
	return group.is_ipv6() == is_ipv6_ && group.is_reported();
}

std::optional<MembershipChange> MembershipMessage::next()
{
	if (single_) {
		const auto single = single_;
		single_.reset();
		return single;
	}
	while (records_left_) {
		records_left_--;
		const auto change =
			is_ipv6_ ? next_record<wire::Ipv6Address>() : next_record<Be32>();
		if (change)
			return change;
	}
	return std::nullopt;
}

// What the next record says, if anything.
template <typename Address> std::optional<MembershipChange> MembershipMessage::next_record()
{
	const auto record = take_record<Address>(records_);
	if (!record)
		return std::nullopt;
	const IpGroup group = IpGroup::of(record->group_);
	if (!is_about(group))
		return std::nullopt;
	switch (record->type_) {
	case wire::record_mode_is_include:
	case wire::record_change_to_include:
		return MembershipChange{group, record->source_count_.get() != 0};
	case wire::record_mode_is_exclude:
	case wire::record_change_to_exclude:
	case wire::record_allow_new_sources:
		return MembershipChange{group, true};
	default:
		return std::nullopt;
	}
}

} // namespace eipoib
