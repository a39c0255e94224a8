// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The link kind "eipoib" (include/uapi/linux/eipoib.h): PIFs that are made,
 * changed, shown and deleted by hand.
 */

#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <net/netlink.h>
#include <net/rtnetlink.h>
#include <linux/eipoib.h>

#include "eipoib.h"

static const struct nla_policy policy[IFLA_EIPOIB_MAX + 1] = {
	[IFLA_EIPOIB_VIF]		= NLA_POLICY_NESTED(eipoib_vif_policy),
	[IFLA_EIPOIB_VIF_COUNT]		= EIPOIB_NETLINK_DUMP_ONLY,
	[IFLA_EIPOIB_MAX_PEERS]		= { .type = NLA_U32 },
	[IFLA_EIPOIB_PEER_COUNT]	= EIPOIB_NETLINK_DUMP_ONLY,
	[IFLA_EIPOIB_IFINDEX]		= EIPOIB_NETLINK_DUMP_ONLY,
};

/* rtnetlink itself lets attributes pass that it does not know. */
static int check_attributes(const struct nlattr *linkinfo,
			    struct netlink_ext_ack *extack)
{
	const struct nlattr *data;
	int err;

	if (!linkinfo)
		return 0;

	err = eipoib_netlink_check_once(linkinfo, extack);
	if (err)
		return err;

	data = nla_find_nested(linkinfo, IFLA_INFO_DATA);
	if (!data)
		return 0;

	err = eipoib_netlink_check_once(data, extack);
	if (err)
		return err;

	return __nla_validate(nla_data(data), nla_len(data), IFLA_EIPOIB_MAX,
			      policy, EIPOIB_NETLINK_STRICTNESS, extack);
}

static int validate(struct nlattr *tb[], struct nlattr *data[],
		    struct netlink_ext_ack *extack)
{
	const struct nlattr *address = tb[IFLA_ADDRESS];

	if (address && (nla_len(address) != ETH_ALEN ||
			!is_valid_ether_addr(nla_data(address)))) {
		NL_SET_ERR_MSG_ATTR(extack, address,
				    "The address must be a unicast MAC");
		return -EADDRNOTAVAIL;
	}

	return check_attributes(tb[IFLA_LINKINFO], extack);
}

/* What a new PIF is to stand above. */
static struct net_device *get_lower(struct net *net, const struct nlattr *link,
				    struct netlink_ext_ack *extack)
{
	struct net_device *lower;

	if (!link) {
		NL_SET_ERR_MSG(extack,
			       "Say which IPoIB interface is below: ip link add link ibX type eipoib");
		return ERR_PTR(-EINVAL);
	}

	lower = __dev_get_by_index(net, nla_get_u32(link));
	if (!lower) {
		NL_SET_ERR_MSG_ATTR(extack, link, "There is no such interface");
		return ERR_PTR(-ENODEV);
	}

	if (!eipoib_pif_accepts(lower)) {
		NL_SET_ERR_MSG_ATTR(extack, link,
				    "Only an IPoIB main interface ibX can be below, no clone and nothing else");
		return ERR_PTR(-EINVAL);
	}

	if (eipoib_pif_find(lower)) {
		NL_SET_ERR_MSG_ATTR(extack, link,
				    "There is an Ethernet interface above it already: ip link del that one first");
		return ERR_PTR(-EEXIST);
	}

	return lower;
}

static int set_mtu(struct net_device *dev, bool is_asked_for,
		   struct netlink_ext_ack *extack)
{
	struct eipoib_pif *pif = netdev_priv(dev);

	if (!is_asked_for) {
		dev->mtu = dev->max_mtu;
		return 0;
	}

	if (dev->mtu > dev->max_mtu) {
		NL_SET_ERR_MSG(extack,
			       "The MTU is larger than that of the interface below");
		return -EINVAL;
	}

	if (dev->mtu < dev->max_mtu)
		pif->admin_mtu = dev->mtu;

	return 0;
}

static int set_max_peers(struct eipoib_pif *pif, const struct nlattr *attr,
			 struct netlink_ext_ack *extack)
{
	u32 max_peers;

	if (!attr)
		return 0;

	max_peers = nla_get_u32(attr);
	if (max_peers < EIPOIB_PEERS_MIN || max_peers > EIPOIB_PEERS_MAX) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "max_peers out of range: give 16..1048576");
		return -ERANGE;
	}
	pif->max_peers = max_peers;

	return 0;
}

static int newlink(struct net *src_net, struct net_device *dev,
		   struct nlattr *tb[], struct nlattr *data[],
		   struct netlink_ext_ack *extack)
{
	struct net_device *lower;
	int err;

	if (data && data[IFLA_EIPOIB_VIF]) {
		NL_SET_ERR_MSG(extack,
			       "A new interface has no VIF yet: enslave a clone first");
		return -EINVAL;
	}

	lower = get_lower(src_net, tb[IFLA_LINK], extack);
	if (IS_ERR(lower))
		return PTR_ERR(lower);

	eipoib_pif_place(dev, lower);
	err = set_mtu(dev, tb[IFLA_MTU], extack);
	if (err)
		return err;

	if (data) {
		err = set_max_peers(netdev_priv(dev),
				    data[IFLA_EIPOIB_MAX_PEERS], extack);
		if (err)
			return err;
	}

	if (!tb[IFLA_ADDRESS])
		eipoib_pif_set_default_mac(dev);
	if (!tb[IFLA_IFNAME])
		strscpy(dev->name, EIPOIB_NAME_FORMAT, IFNAMSIZ);

	return register_netdevice(dev);
}

static void dellink(struct net_device *dev, struct list_head *head)
{
	unregister_netdevice_queue(dev, head);
}

/* What names the link, and what asks for the change itself. */
static bool is_part_of_change(int type)
{
	return type == IFLA_LINKINFO || type == IFLA_IFNAME ||
	       type == IFLA_ALT_IFNAME || type == IFLA_EXT_MASK;
}

/*
 * rtnetlink carries out the rest of a request after changelink(), step by step
 * until one fails, and cannot take back what went before.
 */
static int check_alone(const struct net_device *dev, struct nlattr *const *tb,
		       struct netlink_ext_ack *extack)
{
	const struct nlattr *name = tb[IFLA_IFNAME];
	const struct nlattr *other;
	int type;

	other = nla_find_nested(tb[IFLA_LINKINFO], IFLA_INFO_SLAVE_DATA);
	for (type = 0; type <= IFLA_MAX; type++) {
		if (tb[type] && !is_part_of_change(type))
			other = tb[type];
	}
	if (name && nla_strcmp(name, dev->name))
		other = name;
	if (!other)
		return 0;

	NL_SET_ERR_MSG_ATTR(extack, other,
			    "Change a VIF in a request of its own: this might fail when the VIF has been changed");
	return -EINVAL;
}

static int changelink(struct net_device *dev, struct nlattr *tb[],
		      struct nlattr *data[], struct netlink_ext_ack *extack)
{
	int err;

	ASSERT_RTNL();

	if (!data)
		return 0;

	if (data[IFLA_EIPOIB_MAX_PEERS]) {
		NL_SET_ERR_MSG_ATTR(extack, data[IFLA_EIPOIB_MAX_PEERS],
				    "max_peers is set when the interface is made: ip link del it and make it again");
		return -EOPNOTSUPP;
	}

	if (!data[IFLA_EIPOIB_VIF])
		return 0;

	err = check_alone(dev, tb, extack);
	if (err)
		return err;

	return eipoib_netlink_change_vif(netdev_priv(dev),
					 data[IFLA_EIPOIB_VIF], extack);
}

static int slave_changelink(struct net_device *dev,
			    struct net_device *slave_dev, struct nlattr *tb[],
			    struct nlattr *data[],
			    struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG(extack,
		       "A VIF is changed on its Ethernet interface: ip link set dev ethX vif NAME mac ...");
	return -EOPNOTSUPP;
}

static size_t get_size(const struct net_device *dev)
{
	return nla_total_size(sizeof(u32)) +	/* IFLA_EIPOIB_VIF_COUNT */
	       nla_total_size(sizeof(u32)) +	/* IFLA_EIPOIB_MAX_PEERS */
	       nla_total_size(sizeof(u32)) +	/* IFLA_EIPOIB_PEER_COUNT */
	       nla_total_size(sizeof(u32));	/* IFLA_EIPOIB_IFINDEX */
}

static int fill_info(struct sk_buff *skb, const struct net_device *dev)
{
	const struct eipoib_pif *pif = netdev_priv(dev);

	if (nla_put_u32(skb, IFLA_EIPOIB_VIF_COUNT, pif->slave_count) ||
	    nla_put_u32(skb, IFLA_EIPOIB_MAX_PEERS, pif->max_peers) ||
	    nla_put_u32(skb, IFLA_EIPOIB_PEER_COUNT,
			eipoib_core_count_peers(pif->core)) ||
	    nla_put_u32(skb, IFLA_EIPOIB_IFINDEX, dev->ifindex))
		return -EMSGSIZE;

	return 0;
}

static struct net *get_link_net(const struct net_device *dev)
{
	const struct eipoib_pif *pif = netdev_priv(dev);

	return dev_net(pif->lower);
}

struct rtnl_link_ops eipoib_link_ops __read_mostly = {
	.kind			= "eipoib",
	.priv_size		= sizeof(struct eipoib_pif),
	.setup			= eipoib_pif_setup,
	.maxtype		= IFLA_EIPOIB_MAX,
	.policy			= policy,
	.validate		= validate,
	.newlink		= newlink,
	.changelink		= changelink,
	.dellink		= dellink,
	.slave_changelink	= slave_changelink,
	.get_size		= get_size,
	.fill_info		= fill_info,
	.get_slave_size		= eipoib_netlink_slave_size,
	.fill_slave_info	= eipoib_netlink_fill_slave,
	.get_link_net		= get_link_net,
};
