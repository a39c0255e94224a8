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

/* What a request can set; the core's own have the same values. */
#define FLAGS_KNOWN (EIPOIB_VIF_FLAG_ANY | EIPOIB_VIF_FLAG_STICKY)
static_assert(EIPOIB_VIF_FLAG_ANY == EIPOIB_VIF_ANY);
static_assert(EIPOIB_VIF_FLAG_STICKY == EIPOIB_VIF_STICKY);

/* Lengths and ranges are checked where a sentence says what to do. */
const struct nla_policy eipoib_vif_policy[IFLA_EIPOIB_VIF_MAX + 1] = {
	[IFLA_EIPOIB_VIF_IFINDEX]	= { .type = NLA_U32 },
	[IFLA_EIPOIB_VIF_MAC]		= { .type = NLA_BINARY },
	[IFLA_EIPOIB_VIF_VLAN]		= { .type = NLA_U16 },
	[IFLA_EIPOIB_VIF_QPN]		= EIPOIB_NETLINK_DUMP_ONLY,
	[IFLA_EIPOIB_VIF_FLAGS]		= NLA_POLICY_MASK(NLA_U32, FLAGS_KNOWN),
	[IFLA_EIPOIB_VIF_NONE]		= { .type = NLA_FLAG },
	[IFLA_EIPOIB_VIF_RX_DROPPED]	= EIPOIB_NETLINK_DUMP_ONLY,
	[IFLA_EIPOIB_VIF_TX_DROPPED]	= EIPOIB_NETLINK_DUMP_ONLY,
	[IFLA_EIPOIB_VIF_PAD]		= EIPOIB_NETLINK_DUMP_ONLY,
};

/**
 * eipoib_netlink_check_once - whether no attribute of a nest stands twice
 * @nest: the nest
 * @extack: says so if one does
 *
 * Of several equal attributes the parser sees the last one only.
 *
 * Context: any.
 * Return: 0 or -EINVAL.  Types that nobody knows do not count.
 */
int eipoib_netlink_check_once(const struct nlattr *nest,
			      struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	u32 seen = 0;
	int rest;

	nla_for_each_nested(attr, nest, rest) {
		u32 bit = nla_type(attr) < 32 ? BIT(nla_type(attr)) : 0;

		if (seen & bit) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "The same attribute twice: send one request for each VIF");
			return -EINVAL;
		}
		seen |= bit;
	}

	return 0;
}

static int get_mac(const struct nlattr *attr, struct eipoib_binding *binding,
		   struct netlink_ext_ack *extack)
{
	bool is_any = binding->flags & EIPOIB_VIF_ANY;

	if (is_any && attr) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "A VIF for any MAC has none of its own: give a MAC or any, not both");
		return -EINVAL;
	}
	if (is_any)
		return 0;

	if (!attr) {
		NL_SET_ERR_MSG(extack,
			       "Say which MAC the VIF is to have, any or none");
		return -EINVAL;
	}

	if (nla_len(attr) != ETH_ALEN) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "A MAC has 6 bytes: give the guest's own MAC");
		return -EINVAL;
	}
	nla_memcpy(binding->mac, attr, ETH_ALEN);

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

static int get_binding(struct nlattr *const *tb,
		       struct eipoib_binding *binding,
		       struct netlink_ext_ack *extack)
{
	int err;

	memset(binding, 0, sizeof(*binding));
	if (tb[IFLA_EIPOIB_VIF_FLAGS])
		binding->flags = nla_get_u32(tb[IFLA_EIPOIB_VIF_FLAGS]);

	err = get_mac(tb[IFLA_EIPOIB_VIF_MAC], binding, extack);
	if (err)
		return err;

	return get_vlan(tb[IFLA_EIPOIB_VIF_VLAN], &binding->vlan, extack);
}

static int bind(struct eipoib_slave *slave, struct nlattr *const *tb,
		struct netlink_ext_ack *extack)
{
	struct eipoib_binding binding;
	const char *why = NULL;
	int err;

	err = get_binding(tb, &binding, extack);
	if (err)
		return err;

	err = eipoib_vif_bind(slave->pif->core, slave->vif, &binding, &why);
	/* NL_SET_ERR_MSG() takes nothing but literals. */
	if (err && extack)
		extack->_msg = why;

	return err;
}

static int unbind(struct eipoib_slave *slave, struct nlattr *const *tb,
		  struct netlink_ext_ack *extack)
{
	if (tb[IFLA_EIPOIB_VIF_MAC] || tb[IFLA_EIPOIB_VIF_VLAN] ||
	    tb[IFLA_EIPOIB_VIF_FLAGS]) {
		NL_SET_ERR_MSG(extack,
			       "A VIF that is to have no MAC cannot have anything else");
		return -EINVAL;
	}

	eipoib_vif_unbind(slave->pif->core, slave->vif);

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
	bool had_any = eipoib_core_has_any(pif->core);
	struct nlattr *tb[IFLA_EIPOIB_VIF_MAX + 1];
	struct eipoib_slave *slave;
	int err;

	ASSERT_RTNL();

	err = eipoib_netlink_check_once(nest, extack);
	if (err)
		return err;

	err = __nla_parse(tb, IFLA_EIPOIB_VIF_MAX, nla_data(nest),
			  nla_len(nest), eipoib_vif_policy,
			  EIPOIB_NETLINK_STRICTNESS, extack);
	if (err)
		return err;

	slave = get_slave(pif, tb[IFLA_EIPOIB_VIF_IFINDEX], extack);
	if (IS_ERR(slave))
		return PTR_ERR(slave);

	if (tb[IFLA_EIPOIB_VIF_NONE])
		err = unbind(slave, tb, extack);
	else
		err = bind(slave, tb, extack);
	if (err)
		return err;

	/* It looks at all VIFs, of which there may be thousands. */
	if (eipoib_core_has_any(pif->core) != had_any)
		eipoib_pif_update_mtu(pif);
	eipoib_notify_slave(slave);

	return 0;
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
	       nla_total_size(sizeof(u32)) +	/* IFLA_EIPOIB_VIF_QPN */
	       nla_total_size(sizeof(u32)) +	/* IFLA_EIPOIB_VIF_FLAGS */
	       /* IFLA_EIPOIB_VIF_RX_DROPPED and _TX_DROPPED */
	       2 * nla_total_size_64bit(sizeof(u64));
}

static int fill_binding(struct sk_buff *skb,
			const struct eipoib_binding *binding)
{
	if (!(binding->flags & EIPOIB_VIF_ANY) &&
	    nla_put(skb, IFLA_EIPOIB_VIF_MAC, ETH_ALEN, binding->mac))
		return -EMSGSIZE;

	if (binding->vlan != EIPOIB_VLAN_NONE &&
	    nla_put_u16(skb, IFLA_EIPOIB_VIF_VLAN, binding->vlan))
		return -EMSGSIZE;

	return 0;
}

static int fill_drops(struct sk_buff *skb, const struct eipoib_slave *slave)
{
	u64 rx, tx;

	eipoib_stats_sum_drops(slave, &rx, &tx);
	if (nla_put_u64_64bit(skb, IFLA_EIPOIB_VIF_RX_DROPPED, rx,
			      IFLA_EIPOIB_VIF_PAD) ||
	    nla_put_u64_64bit(skb, IFLA_EIPOIB_VIF_TX_DROPPED, tx,
			      IFLA_EIPOIB_VIF_PAD))
		return -EMSGSIZE;

	return 0;
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
	u32 flags = 0;

	if (!slave)
		return 0;

	eipoib_vif_get_info(slave->vif, &info);
	if (info.is_bound) {
		flags = info.binding.flags;
		if (info.is_contested)
			flags |= EIPOIB_VIF_FLAG_CONTESTED;
		if (fill_binding(skb, &info.binding))
			return -EMSGSIZE;
	}

	if (nla_put_u32(skb, IFLA_EIPOIB_VIF_QPN, info.qpn) ||
	    nla_put_u32(skb, IFLA_EIPOIB_VIF_FLAGS, flags))
		return -EMSGSIZE;

	return fill_drops(skb, slave);
}
