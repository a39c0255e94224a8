// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include "messages.hpp"

#include <linux/eipoib.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <algorithm>

#include "attributes.hpp"

namespace eipoibd {

namespace {

using std::chrono::milliseconds;

// Ages are in hundredths of a second, whatever the kernel's own ticks are (USER_HZ).
constexpr milliseconds tick{10};

constexpr std::size_t ib_address_size = 20;
constexpr std::size_t subnet_offset = 4; // behind flags and queue pair

// <linux/if_bonding.h> has it among macros for the kernel's own use.
constexpr std::uint8_t bond_active_backup = 1;

std::optional<Mac> to_mac(std::span<const std::uint8_t> bytes)
{
	Mac mac;
	if (bytes.size() != mac.bytes.size())
		return std::nullopt;
	std::copy(bytes.begin(), bytes.end(), mac.bytes.begin());
	return mac;
}

Ifindex to_ifindex(std::optional<std::uint32_t> value)
{
	return {static_cast<int>(value.value_or(0))};
}

std::optional<std::uint64_t> to_subnet(std::span<const std::uint8_t> address)
{
	std::uint64_t value = 0;
	if (address.size() != ib_address_size)
		return std::nullopt;
	for (const std::uint8_t byte : address.subspan(subnet_offset, sizeof(value)))
		value = value << 8 | byte;
	return value;
}

bool is_8021q(const Attributes &data, std::size_t type)
{
	using Protocol = std::array<std::uint8_t, 2>;
	return data.get<Protocol>(type).value_or(Protocol{0x81, 0}) == Protocol{0x81, 0};
}

Kind to_kind(const std::string &kind)
{
	static const std::map<std::string, Kind> kinds{
		{"eipoib", Kind::pif},	    {"ipoib", Kind::ipoib},    {"bridge", Kind::bridge},
		{"vlan", Kind::vlan},	    {"bond", Kind::bond},      {"macvlan", Kind::macvlan},
		{"macvtap", Kind::macvlan}, {"ipvlan", Kind::macvlan}, {"ipvtap", Kind::macvlan},
	};
	const auto at = kinds.find(kind);
	return at == kinds.end() ? Kind::other : at->second;
}

void parse_kind(Link &link, const Attributes &data)
{
	switch (link.kind) {
	case Kind::vlan:
		link.vlan.value = data.get<std::uint16_t>(IFLA_VLAN_ID).value_or(0);
		link.is_8021q = is_8021q(data, IFLA_VLAN_PROTOCOL);
		break;
	case Kind::bridge:
		link.is_vlan_aware = data.get<std::uint8_t>(IFLA_BR_VLAN_FILTERING).value_or(0);
		link.is_8021q = is_8021q(data, IFLA_BR_VLAN_PROTOCOL);
		break;
	case Kind::bond:
		link.has_one_active = data.get<std::uint8_t>(IFLA_BOND_MODE) == bond_active_backup;
		link.active = to_ifindex(data.get<std::uint32_t>(IFLA_BOND_ACTIVE_SLAVE));
		break;
	case Kind::ipoib:
		link.pkey.value = data.get<std::uint16_t>(IFLA_IPOIB_PKEY).value_or(0);
		link.clone_index = data.get<std::uint16_t>(IFLA_IPOIB_INDEX).value_or(0);
		break;
	case Kind::pif:
	case Kind::macvlan:
	case Kind::other:
		break;
	}
}

void parse_slave(Link &link, const std::string &kind, const Attributes &data)
{
	if (kind == "bridge") {
		link.is_forwarding =
			data.get<std::uint8_t>(IFLA_BRPORT_STATE).value_or(BR_STATE_FORWARDING) ==
			BR_STATE_FORWARDING;
	} else if (kind == "eipoib") {
		const auto flags = data.get<std::uint32_t>(IFLA_EIPOIB_VIF_FLAGS).value_or(0);
		Vif vif;
		vif.mac = to_mac(data.bytes(IFLA_EIPOIB_VIF_MAC));
		vif.vlan.value = data.get<std::uint16_t>(IFLA_EIPOIB_VIF_VLAN).value_or(0);
		vif.is_any = flags & EIPOIB_VIF_FLAG_ANY;
		vif.is_contested = flags & EIPOIB_VIF_FLAG_CONTESTED;
		link.vif = vif;
	}
}

void parse_link_info(Link &link, const Attributes &info)
{
	link.kind = to_kind(info.text(IFLA_INFO_KIND));
	parse_kind(link, Attributes(info[IFLA_INFO_DATA]));
	parse_slave(link, info.text(IFLA_INFO_SLAVE_KIND), Attributes(info[IFLA_INFO_SLAVE_DATA]));
}

std::uint64_t parse_tx_packets(std::span<const std::uint8_t> stats)
{
	std::uint64_t value = 0;
	constexpr auto offset = offsetof(rtnl_link_stats64, tx_packets);
	if (stats.size() >= offset + sizeof(value))
		std::memcpy(&value, stats.data() + offset, sizeof(value));
	return value;
}

PortVlans parse_vlans(const nlattr *spec)
{
	PortVlans vlans;
	unsigned first = 0;

	for_each_nested(spec, [&](const nlattr *attr) {
		bridge_vlan_info info;
		if (mnl_attr_get_type(attr) != IFLA_BRIDGE_VLAN_INFO ||
		    mnl_attr_get_payload_len(attr) != sizeof(info))
			return;
		std::memcpy(&info, mnl_attr_get_payload(attr), sizeof(info));
		if (!(info.flags & BRIDGE_VLAN_INFO_RANGE_END))
			first = info.vid;
		if (info.flags & BRIDGE_VLAN_INFO_RANGE_BEGIN)
			return;
		for (unsigned vlan = first; vlan <= info.vid && vlan <= max_vlan; vlan++) {
			vlans.members.set(vlan);
			vlans.untagged.set(vlan, info.flags & BRIDGE_VLAN_INFO_UNTAGGED);
		}
		if (info.flags & BRIDGE_VLAN_INFO_PVID)
			vlans.pvid.value = info.vid;
	});
	return vlans;
}

void apply_bridge_link(Model &model, const nlmsghdr *message, Ifindex index)
{
	if (message->nlmsg_type == RTM_DELLINK) {
		model.erase_vlans(index); // it is no port any more
		return;
	}
	const Attributes attrs(message, sizeof(ifinfomsg));
	if (attrs[IFLA_AF_SPEC])
		model.set_vlans(index, parse_vlans(attrs[IFLA_AF_SPEC]));
	const Attributes port(attrs[IFLA_PROTINFO]);
	if (const auto state = port.get<std::uint8_t>(IFLA_BRPORT_STATE))
		model.set_forwarding(index, *state == BR_STATE_FORWARDING);
}

News apply_link(Model &model, const nlmsghdr *message)
{
	if (mnl_nlmsg_get_payload_len(message) < sizeof(ifinfomsg))
		return {};
	const auto *header = static_cast<const ifinfomsg *>(mnl_nlmsg_get_payload(message));
	const Ifindex index{header->ifi_index};

	if (header->ifi_family == AF_BRIDGE)
		apply_bridge_link(model, message, index);
	else if (header->ifi_family != AF_UNSPEC)
		return {};
	else if (message->nlmsg_type == RTM_DELLINK)
		model.erase(index);
	else if (auto link = parse_link(message))
		model.set(std::move(*link));
	return {.is_any = true, .unknown = {}};
}

// A MAC that a bridge has at a port. The ports' own and the bridge's are permanent; what a port
// says by itself are its peers.
News apply_fdb(Model &model, const nlmsghdr *message, const ndmsg &header, const Attributes &attrs)
{
	const auto mac = to_mac(attrs.bytes(NDA_LLADDR));
	const Ifindex bridge = to_ifindex(attrs.get<std::uint32_t>(NDA_MASTER));
	const Ifindex port{header.ndm_ifindex};
	if (!mac || !bridge || bridge == port || header.ndm_flags & NTF_SELF)
		return {};

	const FdbKey key{bridge, *mac, {attrs.get<std::uint16_t>(NDA_VLAN).value_or(0)}};
	if (message->nlmsg_type == RTM_DELNEIGH || header.ndm_state & NUD_PERMANENT)
		model.forget(key);
	else
		model.learn(key, port);
	return {.is_any = true, .unknown = {}};
}

News apply_neighbour(Model &model, const nlmsghdr *message)
{
	if (mnl_nlmsg_get_payload_len(message) < sizeof(ndmsg))
		return {};
	const auto *header = static_cast<const ndmsg *>(mnl_nlmsg_get_payload(message));
	if (header->ndm_family != AF_BRIDGE)
		return {};

	const Attributes attrs(message, sizeof(ndmsg));
	if (message->nlmsg_type != RTM_GETNEIGH)
		return apply_fdb(model, message, *header, attrs);
	const Link *pif = model.find(Ifindex{header->ndm_ifindex});
	const auto mac = to_mac(attrs.bytes(NDA_LLADDR));
	if (!mac || !pif || pif->kind != Kind::pif)
		return {};
	const VlanId vlan{attrs.get<std::uint16_t>(NDA_VLAN).value_or(0)};
	return {.is_any = true, .unknown = Binding{pif->index, *mac, vlan}};
}

} // namespace

std::optional<Link> parse_link(const nlmsghdr *message)
{
	if (message->nlmsg_type != RTM_NEWLINK ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(ifinfomsg))
		return std::nullopt;
	const auto *header = static_cast<const ifinfomsg *>(mnl_nlmsg_get_payload(message));
	const Attributes attrs(message, sizeof(ifinfomsg));
	Link link;
	link.index = {header->ifi_index};
	link.name = attrs.text(IFLA_IFNAME);
	link.is_up = header->ifi_flags & IFF_UP;
	if (!attrs[IFLA_LINK_NETNSID])
		link.lower = to_ifindex(attrs.get<std::uint32_t>(IFLA_LINK));
	link.master = to_ifindex(attrs.get<std::uint32_t>(IFLA_MASTER));
	link.mac = to_mac(attrs.bytes(IFLA_ADDRESS));
	link.subnet = to_subnet(attrs.bytes(IFLA_ADDRESS));
	link.alias = attrs.text(IFLA_IFALIAS);
	link.tx_packets = parse_tx_packets(attrs.bytes(IFLA_STATS64));
	parse_link_info(link, Attributes(attrs[IFLA_LINKINFO]));
	return link;
}

std::optional<milliseconds> parse_age(const nlmsghdr *message)
{
	if (message->nlmsg_type != RTM_NEWNEIGH ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(ndmsg))
		return std::nullopt;
	const Attributes attrs(message, sizeof(ndmsg));
	const auto info = attrs.get<nda_cacheinfo>(NDA_CACHEINFO);
	return info ? std::optional(info->ndm_updated * tick) : std::nullopt;
}

News apply(Model &model, const nlmsghdr *message)
{
	switch (message->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		return apply_link(model, message);
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
	case RTM_GETNEIGH:
		return apply_neighbour(model, message);
	default:
		return {};
	}
}

} // namespace eipoibd
