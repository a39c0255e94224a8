// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB

#include <linux/eipoib.h>

#include "eipoib.h"
#include "rtnetlink.h"

static struct net_device lower = { .name = "ib0", .ifindex = FUZZ_LOWER };
static struct net_device pif_dev = { .name = "eth4", .ifindex = FUZZ_PIF };
static struct eipoib_pif pif = { .dev = &pif_dev, .lower = &lower };
static struct net_device slave_dev[FUZZ_SLAVES];
static struct eipoib_slave slave[FUZZ_SLAVES];
static bool is_registered;

void fuzz_set_pif(struct eipoib_core *core, struct eipoib_vif *const *vifs)
{
	int i;

	pif_dev.priv = &pif;
	pif.core = core;
	for (i = 0; i < FUZZ_SLAVES; i++) {
		slave_dev[i].ifindex = FUZZ_SLAVE + i;
		slave[i].pif = &pif;
		slave[i].dev = &slave_dev[i];
		slave[i].vif = vifs[i];
	}
}

static int refuse(struct netlink_ext_ack *extack, const struct nlattr *attr,
		  const char *why)
{
	NL_SET_ERR_MSG_ATTR(extack, attr, why);
	return -EINVAL;
}

static int check(const struct nlattr *attr, const struct nla_policy *policy,
		 u32 validate, struct netlink_ext_ack *extack)
{
	static const u8 sizes[] = { [NLA_U8] = 1, [NLA_U16] = 2,
				    [NLA_U32] = 4, [NLA_REJECT] = 0 };
	int size = sizes[policy->type];

	if (nla_len(attr) < size || (validate && size && nla_len(attr) != size))
		return refuse(extack, attr, "attribute length");
	switch (policy->type) {
	case NLA_UNSPEC:
		return validate ? refuse(extack, attr, "unknown") : 0;
	case NLA_REJECT:
		return refuse(extack, attr, policy->reject_message);
	case NLA_FLAG:
		return nla_len(attr) ? refuse(extack, attr, "no flag") : 0;
	case NLA_U32:
		if (policy->mask && nla_get_u32(attr) & ~policy->mask)
			return refuse(extack, attr, "reserved bit");
		return 0;
	case NLA_NESTED:
		if (!policy->nested || !nla_len(attr))
			return 0;
		return __nla_validate(nla_data(attr), nla_len(attr),
				      policy->nested_max, policy->nested,
				      validate, extack);
	}
	return 0;
}

int __nla_parse(struct nlattr **tb, int max, const struct nlattr *head, int len,
		const struct nla_policy *policy, u32 validate,
		struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	int rest, err;

	if (tb)
		memset(tb, 0, (max + 1) * sizeof(*tb));
	nla_for_each_attr(attr, head, len, rest) {
		if (!nla_type(attr) || nla_type(attr) > max) {
			if (validate)
				return refuse(extack, attr, "unknown");
			continue;
		}
		err = check(attr, &policy[nla_type(attr)], validate, extack);
		if (err)
			return err;
		if (tb)
			tb[nla_type(attr)] = (struct nlattr *)attr;
	}
	return rest > 0 && validate ? refuse(extack, attr, "trailing") : 0;
}

static const struct nla_policy link_policy[IFLA_MAX + 1] = {
	[IFLA_LINK] = { .type = NLA_U32 },
	[IFLA_MTU] = { .type = NLA_U32 },
	[IFLA_LINKINFO] = { .type = NLA_NESTED },
};

static const struct nla_policy info_policy[IFLA_INFO_MAX + 1] = {
	[IFLA_INFO_DATA] = { .type = NLA_NESTED },
	[IFLA_INFO_SLAVE_DATA] = { .type = NLA_NESTED },
};

struct link {
	struct nlattr *tb[IFLA_MAX + 1];
	struct nlattr *info[IFLA_INFO_MAX + 1];
	struct nlattr *data[IFLA_EIPOIB_MAX + 1];
};

static int parse_nested(struct nlattr **tb, int max, const struct nlattr *nest,
			const struct nla_policy *policy,
			struct netlink_ext_ack *extack)
{
	return __nla_parse(tb, max, nla_data(nest), nla_len(nest), policy,
			   NL_VALIDATE_LIBERAL, extack);
}

/* As rtnetlink does it: liberally, then the driver looks at it. */
static int parse_link(struct link *link, const u8 *attrs, u32 len,
		      struct netlink_ext_ack *extack)
{
	const struct rtnl_link_ops *ops = &eipoib_link_ops;
	struct nlattr **data = NULL;
	int err;

	err = __nla_parse(link->tb, IFLA_MAX, (const struct nlattr *)attrs, len,
			  link_policy, NL_VALIDATE_LIBERAL, extack);
	if (err)
		return err;
	memset(link->info, 0, sizeof(link->info));
	if (link->tb[IFLA_LINKINFO]) {
		err = parse_nested(link->info, IFLA_INFO_MAX,
				   link->tb[IFLA_LINKINFO], info_policy,
				   extack);
		if (err)
			return err;
	}
	if (link->info[IFLA_INFO_DATA]) {
		err = parse_nested(link->data, ops->maxtype,
				   link->info[IFLA_INFO_DATA], ops->policy,
				   extack);
		if (err)
			return err;
		data = link->data;
	}
	return ops->validate(link->tb, data, extack);
}

static struct nlattr **data_of(struct link *link)
{
	return link->info[IFLA_INFO_DATA] ? link->data : NULL;
}

int fuzz_newlink(const u8 *attrs, u32 len, const char **why)
{
	struct eipoib_pif fresh_pif = { .max_peers = EIPOIB_PEERS_MIN };
	struct net_device fresh = { .priv = &fresh_pif };
	struct netlink_ext_ack extack = {};
	struct link link;
	int err;

	is_registered = false;
	err = parse_link(&link, attrs, len, &extack);
	if (!err)
		err = eipoib_link_ops.newlink(dev_net(&lower), &fresh, link.tb,
					      data_of(&link), &extack);
	*why = extack._msg;
	assert(is_registered == !err);
	assert(err || (fresh_pif.max_peers >= EIPOIB_PEERS_MIN &&
		       fresh_pif.max_peers <= EIPOIB_PEERS_MAX &&
		       fresh.mtu <= fresh.max_mtu));
	return err;
}

int fuzz_changelink(const u8 *attrs, u32 len, const char **why)
{
	struct netlink_ext_ack extack = {};
	struct link link;
	int err;

	err = parse_link(&link, attrs, len, &extack);
	if (!err)
		err = eipoib_link_ops.changelink(&pif_dev, link.tb,
						 data_of(&link), &extack);
	*why = extack._msg;
	return err;
}

/* Of NDA_LLADDR and NDA_VLAN rtnetlink checks what they are, of a flush's. */
static const struct nla_policy neigh_policy[NDA_MAX + 1] = {
	[NDA_VLAN] = { .type = NLA_U16 },
	[NDA_NDM_STATE_MASK] = { .type = NLA_U16 },
	[NDA_NDM_FLAGS_MASK] = { .type = NLA_U8 },
};

int fuzz_fdb(u8 what, u16 state, u16 flags, const u8 *attrs, u32 len,
	     const char **why)
{
	struct ndmsg ndm = { .ndm_state = state, .ndm_flags = flags >> 8 };
	struct netlink_ext_ack extack = {};
	struct nlattr *tb[NDA_MAX + 1];
	const struct nlattr *mac;
	u16 vid = 0;
	int err;

	*why = "not passed on";
	err = __nla_parse(tb, NDA_MAX, (const struct nlattr *)attrs, len,
			  neigh_policy, NL_VALIDATE_LIBERAL, &extack);
	if (err)
		return err;
	mac = tb[NDA_LLADDR];
	if (what != FUZZ_FDB_FLUSH && (!mac || nla_len(mac) != ETH_ALEN))
		return -EINVAL;
	if (tb[NDA_VLAN]) {
		vid = nla_get_u16(tb[NDA_VLAN]);
		if (!vid || vid > 4094)
			return -EINVAL;
	}
	switch (what) {
	case FUZZ_FDB_ADD:
		err = eipoib_fdb_add(&ndm, tb, &pif_dev, nla_data(mac), vid,
				     (flags & 0xff) << 8, &extack);
		break;
	case FUZZ_FDB_DEL:
		err = eipoib_fdb_del(&ndm, tb, &pif_dev, nla_data(mac), vid,
				     &extack);
		break;
	default:
		err = eipoib_fdb_flush(&pif_dev, &ndm, tb, &extack);
	}
	*why = extack._msg;
	return err;
}

/* What the files under test call. */

struct eipoib_peer eipoib_fdb_station(const u8 *mac, u16 vid)
{
	struct eipoib_peer peer = { .vlan = vid ? vid : EIPOIB_VLAN_NONE };

	ether_addr_copy(peer.mac, mac);
	return peer;
}

u32 eipoib_fdb_read(const struct eipoib_pif *of, u64 *position,
		    struct eipoib_peer *peers)
{
	return eipoib_peers_read(of->core, position, peers, EIPOIB_FDB_AT_ONCE);
}

u16 eipoib_fdb_state(const struct eipoib_peer *peer)
{
	return peer->flags & EIPOIB_PEER_STATIC ? NUD_PERMANENT : NUD_STALE;
}

u8 eipoib_fdb_flags(const struct eipoib_peer *peer)
{
	return peer->flags & EIPOIB_PEER_STATIC ? NTF_SELF : NTF_EXT_LEARNED;
}

struct net_device *__dev_get_by_index(struct net *net, int ifindex)
{
	(void)net;
	return ifindex == FUZZ_LOWER ? &lower :
	       ifindex == FUZZ_PIF   ? &pif_dev :
				       NULL;
}

int register_netdevice(struct net_device *dev)
{
	(void)dev;
	is_registered = true;
	return 0;
}

void unregister_netdevice_queue(struct net_device *dev, struct list_head *head)
{
	(void)dev;
	(void)head;
}

bool eipoib_pif_accepts(const struct net_device *dev)
{
	return dev == &lower;
}

struct eipoib_pif *eipoib_pif_find(const struct net_device *dev)
{
	(void)dev;
	return NULL;
}

void eipoib_pif_setup(struct net_device *dev)
{
	(void)dev;
}

void eipoib_pif_place(struct net_device *dev, struct net_device *below)
{
	(void)below;
	dev->mtu = dev->max_mtu = 2044;
}

void eipoib_pif_set_default_mac(struct net_device *dev)
{
	(void)dev;
}

void eipoib_pif_update_mtu(struct eipoib_pif *changed)
{
	(void)changed;
}

struct eipoib_slave *eipoib_slave_find(const struct eipoib_pif *of, int ifindex)
{
	int i;

	for (i = 0; i < FUZZ_SLAVES; i++) {
		if (slave[i].pif == of && slave_dev[i].ifindex == ifindex)
			return &slave[i];
	}
	return NULL;
}

struct eipoib_slave *eipoib_slave_get(const struct net_device *dev)
{
	return eipoib_slave_find(&pif, dev->ifindex);
}

void eipoib_notify_slave(struct eipoib_slave *changed)
{
	(void)changed;
}

void eipoib_stats_sum_drops(const struct eipoib_slave *of, u64 *rx, u64 *tx)
{
	(void)of;
	*rx = *tx = 0;
}

void eipoib_fdb_notify(const struct net_device *dev,
		       const struct eipoib_peer *peer, u16 type)
{
	(void)dev;
	(void)peer;
	assert(type == RTM_NEWNEIGH || type == RTM_DELNEIGH);
}
