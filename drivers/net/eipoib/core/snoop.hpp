// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What an IP packet says about membership in multicast groups: IGMPv1, v2, v3, MLDv1 and v2. It
// remembers nothing; that is the business of groups.hpp.
#pragma once

#include "wire/mapping.hpp"
#include "wire/mld.hpp"

#include <optional>

namespace eipoib {

using namespace kxx;

// A multicast address of either family: an IPv4 one in its IPv4-mapped form (RFC 4291 section
// 2.5.5.2).
struct IpGroup {
	wire::Ipv6Address address_;

	static constexpr IpGroup of(Be32 ipv4)
	{
		const auto [a, b, c, d] = ipv4.bytes_;
		return {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d}}};
	}

	static constexpr IpGroup of(const wire::Ipv6Address &ipv6)
	{
		return {ipv6};
	}

	constexpr bool is_ipv6() const
	{
		return address_.is_multicast();
	}

	// Whether hosts report membership in it: it is a multicast address, not one that everybody
	// is a member of, and not one that stays within a host (RFC 3810 section 6, RFC 3376
	// section 5).
	bool is_reported() const;

	// The group of @partition that carries it.
	wire::IbAddress on(wire::PartitionId partition) const;

	friend constexpr bool operator==(const IpGroup &, const IpGroup &) = default;
};

struct MembershipChange {
	IpGroup group;
	bool is_join; // or a leave
};

// One message. A malformed one teaches nothing at all: what it says before it goes wrong may be
// as wrong.
class MembershipMessage {
public:
	enum class Kind : u8 {
		other, // not about membership, or in a way that is not known
		malformed,
		query,
		report, // or a leave: next() says of what
	};

	// @packet: whole, from its IP header on. Behind the end that the header tells it may hold
	// padding. @checksum_pending: the message's checksum will be filled in by hardware.
	static MembershipMessage read(ByteView packet, bool checksum_pending);

	Kind kind() const
	{
		return kind_;
	}

	bool is_ipv6() const
	{
		return is_ipv6_;
	}

	// Whether other members that hear this report will not send theirs (RFC 2236 section 3,
	// RFC 2710 section 4).
	bool silences_others() const
	{
		return silences_others_;
	}

	// The next change, until there is none. A source blocked is none: which ones remain is not
	// known here, so a member of some sources only leaves by MODE_IS_INCLUDE or
	// CHANGE_TO_INCLUDE with none of them, or by its silence.
	std::optional<MembershipChange> next();

private:
	enum class Type : u8;

	static MembershipMessage malformed();
	static Type igmp_type(u8 type);
	static Type mld_type(u8 type);
	static MembershipMessage read_igmp(ByteView packet, bool checksum_pending);
	static MembershipMessage read_mld(ByteView packet, bool checksum_pending);
	template <typename Message, typename Report, typename Address>
	static MembershipMessage read_body(Type type, ByteView body);
	bool is_about(const IpGroup &group) const;
	template <typename Address> std::optional<MembershipChange> next_record();

	Kind kind_ = Kind::other;
	bool is_ipv6_ = false;
	bool silences_others_ = false;
	std::optional<MembershipChange> single_; // all that a message of the older versions says
	ByteView records_;
	u16 records_left_ = 0;
};

// Whether it is worth to read() @packet. For the hot path: never false for what read() understands.
inline bool may_be_membership(ByteView packet)
{
	const auto version = packet.load<u8>();
	if (!version)
		return false;
	if (*version >> 4 == 4)
		return packet.load<u8>(__builtin_offsetof(wire::Ipv4Header, protocol_)) ==
		       wire::ip_protocol_igmp;
	return *version >> 4 == 6 &&
	       packet.load<u8>(__builtin_offsetof(wire::Ipv6Header, next_header_)) ==
		       wire::next_header_hop_by_hop;
}

} // namespace eipoib
