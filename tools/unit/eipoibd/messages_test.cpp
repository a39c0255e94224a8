// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
//
// What the kernel says, as bytes, whole and cut short.
#include <gtest/gtest.h>
#include <linux/eipoib.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <functional>

#include "messages.hpp"

namespace eipoibd {
namespace {

constexpr Mac guest{{0x52, 0x54, 0, 0, 0, 1}};

class Message {
public:
	explicit Message(std::uint16_t type)
	{
		mnl_nlmsg_put_header(buffer_.data())->nlmsg_type = type;
	}

	Message &link(std::uint8_t family, int index, unsigned flags = 0)
	{
		auto *header = static_cast<ifinfomsg *>(
			mnl_nlmsg_put_extra_header(message(), sizeof(ifinfomsg)));
		header->ifi_family = family;
		header->ifi_index = index;
		header->ifi_flags = flags;
		return *this;
	}

	Message &neighbour(std::uint8_t family, int index, std::uint16_t state,
			   std::uint8_t flags = 0)
	{
		auto *header =
			static_cast<ndmsg *>(mnl_nlmsg_put_extra_header(message(), sizeof(ndmsg)));
		header->ndm_family = family;
		header->ndm_ifindex = index;
		header->ndm_state = state;
		header->ndm_flags = flags;
		return *this;
	}

	Message &text(std::uint16_t type, const char *value)
	{
		mnl_attr_put_strz(message(), type, value);
		return *this;
	}

	template <typename T> Message &put(std::uint16_t type, const T &value)
	{
		mnl_attr_put(message(), type, sizeof(value), &value);
		return *this;
	}

	Message &nest(std::uint16_t type, const std::function<void()> &fill)
	{
		nlattr *nest = mnl_attr_nest_start(message(), type);
		fill();
		mnl_attr_nest_end(message(), nest);
		return *this;
	}

	// A copy on the heap, where ASan sees what is read beyond its end.
	std::vector<char> bytes(std::size_t size) const
	{
		std::vector<char> copy(buffer_.begin(), buffer_.begin() + static_cast<long>(size));
		copy.shrink_to_fit();
		return copy;
	}

	const nlmsghdr *get() const
	{
		return reinterpret_cast<const nlmsghdr *>(buffer_.data());
	}

private:
	nlmsghdr *message()
	{
		return reinterpret_cast<nlmsghdr *>(buffer_.data());
	}

	alignas(nlmsghdr) std::array<char, 1024> buffer_{};
};

Message pif()
{
	Message message(RTM_NEWLINK);
	message.link(AF_UNSPEC, 4, IFF_UP)
		.text(IFLA_IFNAME, "eth4")
		.put(IFLA_LINK, 2u)
		.put(IFLA_ADDRESS, guest.bytes)
		.nest(IFLA_LINKINFO, [&] { message.text(IFLA_INFO_KIND, "eipoib"); });
	return message;
}

Message clone()
{
	Message message(RTM_NEWLINK);
	message.link(AF_UNSPEC, 5)
		.text(IFLA_IFNAME, "ib0.1")
		.text(IFLA_IFALIAS, "eipoibd")
		.put(IFLA_LINK, 2u)
		.put(IFLA_MASTER, 4u)
		.nest(IFLA_LINKINFO, [&] {
			message.text(IFLA_INFO_KIND, "ipoib")
				.nest(IFLA_INFO_DATA,
				      [&] {
					      message.put(IFLA_IPOIB_PKEY, std::uint16_t{0x8003});
					      message.put(IFLA_IPOIB_INDEX, std::uint16_t{7});
				      })
				.text(IFLA_INFO_SLAVE_KIND, "eipoib")
				.nest(IFLA_INFO_SLAVE_DATA, [&] {
					message.put(IFLA_EIPOIB_VIF_MAC, guest.bytes);
					message.put(IFLA_EIPOIB_VIF_VLAN, std::uint16_t{3});
					message.put(IFLA_EIPOIB_VIF_FLAGS,
						    std::uint32_t{EIPOIB_VIF_FLAG_CONTESTED});
				});
		});
	return message;
}

Message fdb(std::uint16_t type, std::uint16_t state, std::uint8_t flags = 0)
{
	Message message(type);
	message.neighbour(AF_BRIDGE, 6, state, flags)
		.put(NDA_LLADDR, guest.bytes)
		.put(NDA_MASTER, 9u)
		.put(NDA_VLAN, std::uint16_t{3});
	return message;
}

TEST(MessagesTest, a_pif)
{
	Model model;
	EXPECT_TRUE(apply(model, pif().get()).is_any);
	const Link *link = model.find("eth4");
	ASSERT_TRUE(link);
	EXPECT_EQ(link->index.value, 4);
	EXPECT_EQ(link->kind, Kind::pif);
	EXPECT_EQ(link->lower.value, 2);
	EXPECT_EQ(link->mac, guest);
	EXPECT_TRUE(link->is_up);
}

TEST(MessagesTest, one_whose_lower_is_in_another_namespace)
{
	Message message = pif();
	message.put(IFLA_LINK_NETNSID, 0);
	EXPECT_EQ(parse_link(message.get())->lower, Ifindex{});
}

TEST(MessagesTest, a_vif)
{
	const auto link = parse_link(clone().get());
	ASSERT_TRUE(link && link->vif);
	EXPECT_EQ(link->kind, Kind::ipoib);
	EXPECT_EQ(link->pkey.value, 0x8003);
	EXPECT_EQ(link->clone_index, 7);
	EXPECT_TRUE(is_ours(*link));
	EXPECT_EQ(binding_of(*link), (Binding{{4}, guest, {3}}));
	EXPECT_TRUE(link->vif->is_contested);
	EXPECT_FALSE(link->vif->is_any);
}

TEST(MessagesTest, the_subnet_of_an_ipoib_interface)
{
	std::array<std::uint8_t, 20> address{0x80, 0, 0, 0x48, 0xfe, 0x80};
	Message message(RTM_NEWLINK);
	message.link(AF_UNSPEC, 2).put(IFLA_ADDRESS, address);
	const auto link = parse_link(message.get());
	EXPECT_EQ(link->subnet, 0xfe80'0000'0000'0000u);
	EXPECT_FALSE(link->mac);
}

TEST(MessagesTest, a_link_that_goes_takes_all_along)
{
	Model model;
	apply(model, pif().get());
	apply(model, fdb(RTM_NEWNEIGH, NUD_REACHABLE).get());
	apply(model, Message(RTM_DELLINK).link(AF_UNSPEC, 4).get());
	EXPECT_FALSE(model.find("eth4"));
	EXPECT_EQ(model.fdb().size(), 1u);
	apply(model, Message(RTM_DELLINK).link(AF_UNSPEC, 6).get());
	EXPECT_TRUE(model.fdb().empty());
}

Message vlans()
{
	const bridge_vlan_info infos[] = {
		{BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED, 1},
		{BRIDGE_VLAN_INFO_RANGE_BEGIN, 10},
		{BRIDGE_VLAN_INFO_RANGE_END, 12},
		{0, 20},
	};
	Message message(RTM_NEWLINK);
	message.link(AF_BRIDGE, 4)
		.nest(IFLA_PROTINFO,
		      [&] { message.put(IFLA_BRPORT_STATE, std::uint8_t{BR_STATE_BLOCKING}); })
		.nest(IFLA_AF_SPEC, [&] {
			for (const auto &info : infos)
				message.put(IFLA_BRIDGE_VLAN_INFO, info);
		});
	return message;
}

TEST(MessagesTest, a_port_of_a_vlan_aware_bridge)
{
	Model model;
	apply(model, pif().get());
	apply(model, vlans().get());
	const PortVlans &port = model.vlans({4});
	EXPECT_EQ(port.members.count(), 5u);
	EXPECT_TRUE(port.members[11]);
	EXPECT_EQ(port.untagged.count(), 1u);
	EXPECT_EQ(port.pvid.value, 1);
	EXPECT_FALSE(model.find("eth4")->is_forwarding);

	// It leaves the bridge, no more.
	apply(model, Message(RTM_DELLINK).link(AF_BRIDGE, 4).get());
	EXPECT_TRUE(model.find("eth4"));
	EXPECT_TRUE(model.vlans({4}).members.none());
}

TEST(MessagesTest, what_a_bridge_learns_and_forgets)
{
	Model model;
	EXPECT_TRUE(apply(model, fdb(RTM_NEWNEIGH, NUD_REACHABLE).get()).is_any);
	const FdbEntry *entry = model.find(FdbKey{{9}, guest, {3}});
	ASSERT_TRUE(entry);
	EXPECT_EQ(entry->port.value, 6);
	EXPECT_TRUE(apply(model, fdb(RTM_DELNEIGH, NUD_REACHABLE).get()).is_any);
	EXPECT_TRUE(model.fdb().empty());
}

TEST(MessagesTest, what_an_administrator_has_set)
{
	Model model;
	apply(model, fdb(RTM_NEWNEIGH, NUD_NOARP).get());
	EXPECT_EQ(model.fdb().size(), 1u);
}

TEST(MessagesTest, what_is_no_guest)
{
	Model model;
	apply(model, fdb(RTM_NEWNEIGH, NUD_PERMANENT).get()); // a port's own
	EXPECT_FALSE(apply(model, fdb(RTM_NEWNEIGH, NUD_REACHABLE, NTF_SELF).get()).is_any);
	EXPECT_FALSE(apply(model, Message(RTM_NEWNEIGH)
					  .neighbour(AF_INET, 6, NUD_REACHABLE)
					  .put(NDA_LLADDR, guest.bytes)
					  .get())
			     .is_any);
	EXPECT_TRUE(model.fdb().empty());
}

Message unknown(int index)
{
	Message message(RTM_GETNEIGH);
	message.neighbour(AF_BRIDGE, index, NUD_STALE, NTF_SELF)
		.put(NDA_LLADDR, guest.bytes)
		.put(NDA_VLAN, std::uint16_t{3});
	return message;
}

TEST(MessagesTest, a_source_without_a_vif)
{
	Model model;
	EXPECT_FALSE(apply(model, unknown(4).get()).unknown); // of whom?
	apply(model, pif().get());
	EXPECT_EQ(apply(model, unknown(4).get()).unknown, (Binding{{4}, guest, {3}}));
	EXPECT_FALSE(apply(model, unknown(5).get()).unknown); // of somebody else, VXLAN's
}

TEST(MessagesTest, ages_are_in_hundredths_of_a_second)
{
	nda_cacheinfo info{};
	info.ndm_updated = 25;
	Message message = fdb(RTM_NEWNEIGH, NUD_REACHABLE);
	EXPECT_FALSE(parse_age(message.get()));
	message.put(NDA_CACHEINFO, info);
	EXPECT_EQ(parse_age(message.get()), std::chrono::milliseconds(250));
}

// Whatever is cut off, nothing behind the end is read.
TEST(MessagesTest, cut_short)
{
	for (const Message &message : {pif(), clone(), vlans(), unknown(4), fdb(RTM_NEWNEIGH, 2)}) {
		for (std::size_t size = sizeof(nlmsghdr); size <= message.get()->nlmsg_len;
		     size++) {
			auto bytes = message.bytes(size);
			auto *header = reinterpret_cast<nlmsghdr *>(bytes.data());
			header->nlmsg_len = static_cast<std::uint32_t>(size);
			Model model;
			apply(model, pif().get());
			apply(model, header);
			parse_age(header);
		}
	}
}

TEST(MessagesTest, a_request_for_a_clone_fits)
{
	Buffer buffer;
	const AddVif step{.binding = {{4}, guest, {3}},
			  .want = {},
			  .lower = {2},
			  .name = "ib0.8003.65535",
			  .pkey = {0x8003},
			  .partition = {3},
			  .index = 65535};
	EXPECT_LT(request_clone(buffer, step)->nlmsg_len, buffer.size());
	EXPECT_LT(request_alias(buffer, {5}, std::string(255, 'x'))->nlmsg_len, buffer.size());
	EXPECT_LT(request_binding(buffer, {5}, step.binding)->nlmsg_len, buffer.size());
	// What is asked for reads like what is told.
	const auto link = parse_link(request_clone(buffer, step));
	ASSERT_TRUE(link);
	EXPECT_EQ(link->name, step.name);
	EXPECT_EQ(link->master.value, 4);
	EXPECT_EQ(link->pkey, step.pkey);
	EXPECT_EQ(link->clone_index, step.index);
}

} // namespace
} // namespace eipoibd
