// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * VIFs in rtnetlink (include/uapi/linux/eipoib.h): what an administrator sets
 * on the PIF and sees on the clone.
 */

#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <net/netlink.h>
#include <linux/eipoib.h>

#include "eipoib.h"

#define VLAN_FIRST 1
#define VLAN_LAST 4094

/* Lengths and ranges are checked where a sentence says what to do. */
const struct nla_policy eipoib_vif_policy[IFLA_EIPOIB_VIF_MAX + 1] = {
	[IFLA_EIPOIB_VIF_IFINDEX]	= { .type = NLA_U32 },
	[IFLA_EIPOIB_VIF_MAC]		= { .type = NLA_BINARY },
	[IFLA_EIPOIB_VIF_VLAN]		= { .type = NLA_U16 },
	[IFLA_EIPOIB_VIF_QPN]		= { .type = NLA_REJECT },
};

static int get_mac(const struct nlattr *attr, u8 *mac,
		   struct netlink_ext_ack *extack)
{
	if (!attr) {
		NL_SET_ERR_MSG(extack, "Say which MAC the VIF is to have");
		return -EINVAL;
	}

	if (nla_len(attr) != ETH_ALEN) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "A MAC has 6 bytes: give the guest's own MAC");
		return -EINVAL;
	}
	nla_memcpy(mac, attr, ETH_ALEN);

	return 0;
}

/* Here because the core takes one more value, for "untagged". */
static int get_vlan(const struct nlattr *attr, u32 *vlan,
		    struct netlink_ext_ack *extack)
{
	*vlan = EIPOIB_VLAN_NONE;
	if (!attr)
		return 0;

	*vlan = nla_get_u16(attr);
	if (*vlan < VLAN_FIRST || *vlan > VLAN_LAST) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "VLAN out of range: give 1..4094, or none for untagged");
		return -EINVAL;
	}

	return 0;
}

static struct eipoib_slave *get_slave(const struct eipoib_pif *pif,
				      const struct nlattr *attr,
				      struct netlink_ext_ack *extack)
{
	struct eipoib_slave *slave;

	if (!attr) {
		NL_SET_ERR_MSG(extack, "Say which clone is the VIF");
		return ERR_PTR(-EINVAL);
	}

	slave = eipoib_slave_find(pif, nla_get_u32(attr));
	if (!slave) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "Not a VIF of this interface: enslave it first with ip link set dev NAME master ethX");
		return ERR_PTR(-ENODEV);
	}

	return slave;
}

static int bind(struct eipoib_slave *slave, const u8 *mac, u32 vlan,
		struct netlink_ext_ack *extack)
{
	const char *why = NULL;
	int err;

	err = eipoib_vif_bind(slave->pif->core, slave->vif, mac, vlan, &why);
	if (err) {
		/* NL_SET_ERR_MSG() takes nothing but literals. */
		if (extack)
			extack->_msg = why;
		return err;
	}

	/* Listeners get the clone with its new IFLA_INFO_SLAVE_DATA. */
	call_netdevice_notifiers(NETDEV_CHANGEINFODATA, slave->dev);

	return 0;
}

/**
 * eipoib_netlink_change_vif - give a VIF its parameters
 * @pif: the PIF
 * @nest: an IFLA_EIPOIB_VIF
 * @extack: says what to do if it is refused
 *
 * Refused means that nothing changed.
 *
 * Context: RTNL.
 * Return: 0; -EINVAL for what makes no sense, -ENODEV for a clone that is no
 * slave of the PIF, -ENOMEM.
 */
int eipoib_netlink_change_vif(struct eipoib_pif *pif,
			      const struct nlattr *nest,
			      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[IFLA_EIPOIB_VIF_MAX + 1];
	struct eipoib_slave *slave;
	u8 mac[ETH_ALEN];
	u32 vlan;
	int err;

	ASSERT_RTNL();

	err = __nla_parse(tb, IFLA_EIPOIB_VIF_MAX, nla_data(nest),
			  nla_len(nest), eipoib_vif_policy,
			  EIPOIB_NETLINK_STRICTNESS, extack);
	if (err)
		return err;

	err = get_mac(tb[IFLA_EIPOIB_VIF_MAC], mac, extack);
	if (err)
		return err;

	err = get_vlan(tb[IFLA_EIPOIB_VIF_VLAN], &vlan, extack);
	if (err)
		return err;

	slave = get_slave(pif, tb[IFLA_EIPOIB_VIF_IFINDEX], extack);
	if (IS_ERR(slave))
		return PTR_ERR(slave);

	return bind(slave, mac, vlan, extack);
}

/**
 * eipoib_netlink_slave_size - room for eipoib_netlink_fill_slave()
 * @dev: the PIF
 * @slave_dev: the clone
 *
 * Context: any.
 * Return: bytes.
 */
size_t eipoib_netlink_slave_size(const struct net_device *dev,
				 const struct net_device *slave_dev)
{
	return nla_total_size(ETH_ALEN) +	/* IFLA_EIPOIB_VIF_MAC */
	       nla_total_size(sizeof(u16)) +	/* IFLA_EIPOIB_VIF_VLAN */
	       nla_total_size(sizeof(u32));	/* IFLA_EIPOIB_VIF_QPN */
}

/**
 * eipoib_netlink_fill_slave - a VIF's parameters, as the dump of its clone
 * @skb: they are appended to it
 * @dev: the PIF
 * @slave_dev: the clone
 *
 * Context: RTNL.
 * Return: 0 or -EMSGSIZE.
 */
int eipoib_netlink_fill_slave(struct sk_buff *skb,
			      const struct net_device *dev,
			      const struct net_device *slave_dev)
{
	struct eipoib_slave *slave = eipoib_slave_get(slave_dev);
	struct eipoib_vif_info info;

	if (!slave)
		return 0;

	eipoib_vif_get_info(slave->vif, &info);
	if ((info.is_bound &&
	     nla_put(skb, IFLA_EIPOIB_VIF_MAC, ETH_ALEN, info.mac)) ||
	    (info.vlan != EIPOIB_VLAN_NONE &&
	     nla_put_u16(skb, IFLA_EIPOIB_VIF_VLAN, info.vlan)) ||
	    nla_put_u32(skb, IFLA_EIPOIB_VIF_QPN, info.qpn))
		return -EMSGSIZE;

	return 0;
}
