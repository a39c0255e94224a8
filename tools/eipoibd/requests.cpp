// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// The other half of messages.hpp: what is asked of the kernel.
#include <linux/eipoib.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "messages.hpp"

namespace eipoibd {

namespace {

class Nest {
public:
	Nest(nlmsghdr *message, std::uint16_t type)
		: message_(message), attr_(mnl_attr_nest_start(message, type))
	{
	}

	Nest(const Nest &) = delete;
	Nest &operator=(const Nest &) = delete;

	~Nest()
	{
		mnl_attr_nest_end(message_, attr_);
	}

private:
	nlmsghdr *message_;
	nlattr *attr_;
};

nlmsghdr *start(Buffer &buffer, std::uint16_t type, std::uint16_t flags)
{
	buffer.fill(0);
	nlmsghdr *message = mnl_nlmsg_put_header(buffer.data());
	message->nlmsg_type = type;
	message->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
	return message;
}

nlmsghdr *start_link(Buffer &buffer, std::uint16_t type, std::uint16_t flags, Ifindex index)
{
	nlmsghdr *message = start(buffer, type, flags);
	auto *header =
		static_cast<ifinfomsg *>(mnl_nlmsg_put_extra_header(message, sizeof(ifinfomsg)));
	header->ifi_index = index.value;
	return message;
}

void put(nlmsghdr *message, std::uint16_t type, Ifindex index)
{
	mnl_attr_put_u32(message, type, static_cast<std::uint32_t>(index.value));
}

void put(nlmsghdr *message, std::uint16_t type, const Mac &mac)
{
	mnl_attr_put(message, type, mac.bytes.size(), mac.bytes.data());
}

nlmsghdr *request_neighbour(Buffer &buffer, const Mac &mac, VlanId vlan, std::uint8_t flags,
			    Ifindex device)
{
	nlmsghdr *message = start(buffer, RTM_GETNEIGH, 0);
	auto *header = static_cast<ndmsg *>(mnl_nlmsg_put_extra_header(message, sizeof(ndmsg)));
	header->ndm_family = AF_BRIDGE;
	header->ndm_flags = flags;
	header->ndm_ifindex = device.value;
	put(message, NDA_LLADDR, mac);
	if (vlan)
		mnl_attr_put_u16(message, NDA_VLAN, vlan.value);
	return message;
}

} // namespace

// With its master at once: if that is refused, there is no clone.
nlmsghdr *request_clone(Buffer &buffer, const AddVif &step)
{
	nlmsghdr *message =
		start_link(buffer, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, {});
	mnl_attr_put_strz(message, IFLA_IFNAME, step.name.c_str());
	put(message, IFLA_LINK, step.lower);
	put(message, IFLA_MASTER, step.binding.pif);
	const Nest info(message, IFLA_LINKINFO);
	mnl_attr_put_strz(message, IFLA_INFO_KIND, "ipoib");
	const Nest data(message, IFLA_INFO_DATA);
	if (step.pkey)
		mnl_attr_put_u16(message, IFLA_IPOIB_PKEY, step.pkey.value);
	mnl_attr_put_u16(message, IFLA_IPOIB_INDEX, step.index);
	return message;
}

nlmsghdr *request_alias(Buffer &buffer, Ifindex link, const std::string &alias)
{
	nlmsghdr *message = start_link(buffer, RTM_NEWLINK, NLM_F_ACK, link);
	mnl_attr_put_strz(message, IFLA_IFALIAS, alias.c_str());
	return message;
}

nlmsghdr *request_binding(Buffer &buffer, Ifindex clone, const Binding &binding)
{
	nlmsghdr *message = start_link(buffer, RTM_NEWLINK, NLM_F_ACK, binding.pif);
	const Nest info(message, IFLA_LINKINFO);
	mnl_attr_put_strz(message, IFLA_INFO_KIND, "eipoib");
	const Nest data(message, IFLA_INFO_DATA);
	const Nest vif(message, IFLA_EIPOIB_VIF);
	put(message, IFLA_EIPOIB_VIF_IFINDEX, clone);
	put(message, IFLA_EIPOIB_VIF_MAC, binding.mac);
	if (binding.vlan)
		mnl_attr_put_u16(message, IFLA_EIPOIB_VIF_VLAN, binding.vlan.value);
	return message;
}

nlmsghdr *request_removal(Buffer &buffer, Ifindex link)
{
	return start_link(buffer, RTM_DELLINK, NLM_F_ACK, link);
}

nlmsghdr *request_link(Buffer &buffer, Ifindex link)
{
	return start_link(buffer, RTM_GETLINK, 0, link);
}

nlmsghdr *request_link(Buffer &buffer, const std::string &name)
{
	nlmsghdr *message = start_link(buffer, RTM_GETLINK, 0, {});
	mnl_attr_put_strz(message, IFLA_IFNAME, name.c_str());
	return message;
}

nlmsghdr *request_peer(Buffer &buffer, const Binding &binding)
{
	return request_neighbour(buffer, binding.mac, binding.vlan, NTF_SELF, binding.pif);
}

nlmsghdr *request_fdb(Buffer &buffer, const FdbKey &key)
{
	nlmsghdr *message = request_neighbour(buffer, key.mac, key.vlan, 0, {});
	put(message, NDA_MASTER, key.bridge);
	return message;
}

nlmsghdr *request_dump(Buffer &buffer, std::uint16_t type, std::uint8_t family)
{
	nlmsghdr *message = start(buffer, type, NLM_F_DUMP);
	// Its family is in the same place for neighbours, who have no more attributes.
	auto *header =
		static_cast<ifinfomsg *>(mnl_nlmsg_put_extra_header(message, sizeof(ifinfomsg)));
	header->ifi_family = family;
	if (type == RTM_GETLINK && family == AF_BRIDGE)
		mnl_attr_put_u32(message, IFLA_EXT_MASK, RTEXT_FILTER_BRVLAN_COMPRESSED);
	return message;
}

} // namespace eipoibd
