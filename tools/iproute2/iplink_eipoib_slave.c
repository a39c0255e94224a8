// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * ip-link(8) and slave kind "eipoib": VIFs, each on its own and as a list for
 * the Ethernet interface (PIF) they belong to.
 */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <linux/eipoib.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>

#include "rt_names.h"
#include "utils.h"
#include "ip_common.h"

static void print_mac(struct rtattr *mac, __u32 flags)
{
	SPRINT_BUF(b1);

	if (flags & EIPOIB_VIF_FLAG_ANY) {
		print_string(PRINT_ANY, "mac", "mac %s ", "any");
		return;
	}
	if (!mac) {
		print_string(PRINT_FP, NULL, "mac none ", NULL);
		return;
	}

	print_string(PRINT_FP, NULL, "mac ", NULL);
	print_color_string(PRINT_ANY, COLOR_MAC, "mac", "%s ",
			   ll_addr_n2a(RTA_DATA(mac), RTA_PAYLOAD(mac),
				       ARPHRD_ETHER, b1, sizeof(b1)));
}

/* In JSON, too, it is only there while it is true. */
static void print_flag(const char *name, bool is_set)
{
	if (!is_set)
		return;

	print_bool(PRINT_JSON, name, NULL, true);
	print_string(PRINT_FP, NULL, "%s ", name);
}

static void print_dropped(struct rtattr *vif[])
{
	if (vif[IFLA_EIPOIB_VIF_RX_DROPPED])
		print_lluint(PRINT_ANY, "rx_dropped", "rx_dropped %llu ",
			     rta_getattr_u64(vif[IFLA_EIPOIB_VIF_RX_DROPPED]));
	if (vif[IFLA_EIPOIB_VIF_TX_DROPPED])
		print_lluint(PRINT_ANY, "tx_dropped", "tx_dropped %llu ",
			     rta_getattr_u64(vif[IFLA_EIPOIB_VIF_TX_DROPPED]));
}

static int eipoib_slave_parse_opt(struct link_util *lu, int argc, char **argv,
				  struct nlmsghdr *n)
{
	fprintf(stderr,
		"A VIF is configured at its master: ip link set dev PIF type eipoib vif ...\n");
	return -1;
}

static void eipoib_slave_print_opt(struct link_util *lu, FILE *f,
				   struct rtattr *tb[])
{
	__u32 flags = 0;

	if (!tb)
		return;

	if (tb[IFLA_EIPOIB_VIF_FLAGS])
		flags = rta_getattr_u32(tb[IFLA_EIPOIB_VIF_FLAGS]);

	print_mac(tb[IFLA_EIPOIB_VIF_MAC], flags);
	if (tb[IFLA_EIPOIB_VIF_VLAN])
		print_uint(PRINT_ANY, "vlan", "vlan %u ",
			   rta_getattr_u16(tb[IFLA_EIPOIB_VIF_VLAN]));
	print_flag("sticky", flags & EIPOIB_VIF_FLAG_STICKY);
	print_flag("contested", flags & EIPOIB_VIF_FLAG_CONTESTED);
	if (tb[IFLA_EIPOIB_VIF_QPN])
		print_uint(PRINT_ANY, "qpn", "qpn 0x%06x ",
			   rta_getattr_u32(tb[IFLA_EIPOIB_VIF_QPN]));
	if (show_stats)
		print_dropped(tb);
}

struct link_util eipoib_slave_link_util = {
	.id		= "eipoib_slave",
	.maxattr	= IFLA_EIPOIB_VIF_MAX,
	.parse_opt	= eipoib_slave_parse_opt,
	.print_opt	= eipoib_slave_print_opt,
};

static bool is_kind(struct rtattr *kind, const char *name)
{
	return kind && strcmp(rta_getattr_str(kind), name) == 0;
}

/* One link of the dump: prints it if it is a VIF of the PIF in @arg. */
static int print_vif(struct nlmsghdr *n, void *arg)
{
	struct ifinfomsg *ifi = NLMSG_DATA(n);
	struct rtattr *vif[IFLA_EIPOIB_VIF_MAX + 1];
	struct rtattr *linkinfo[IFLA_INFO_MAX + 1];
	struct rtattr *tb[IFLA_MAX + 1];
	const __u32 *pif = arg;

	if (n->nlmsg_type != RTM_NEWLINK)
		return 0;

	parse_rtattr_flags(tb, IFLA_MAX, IFLA_RTA(ifi), IFLA_PAYLOAD(n),
			   NLA_F_NESTED);
	if (!tb[IFLA_IFNAME] || !tb[IFLA_LINKINFO] || !tb[IFLA_MASTER] ||
	    rta_getattr_u32(tb[IFLA_MASTER]) != *pif)
		return 0;

	parse_rtattr_nested(linkinfo, IFLA_INFO_MAX, tb[IFLA_LINKINFO]);
	if (!is_kind(linkinfo[IFLA_INFO_SLAVE_KIND], "eipoib") ||
	    !linkinfo[IFLA_INFO_SLAVE_DATA])
		return 0;

	parse_rtattr_nested(vif, IFLA_EIPOIB_VIF_MAX,
			    linkinfo[IFLA_INFO_SLAVE_DATA]);
	open_json_object(NULL);
	print_nl();
	print_string(PRINT_FP, NULL, "      vif ", NULL);
	print_color_string(PRINT_ANY, COLOR_IFNAME, "ifname", "%s ",
			   rta_getattr_str(tb[IFLA_IFNAME]));
	eipoib_slave_print_opt(NULL, NULL, vif);
	close_json_object();
	return 0;
}

/*
 * The kernel shows a VIF where it is a link, and a PIF does not list them. A
 * socket of its own: the caller's may be in the middle of another answer.
 */
void eipoib_print_vifs(__u32 pif)
{
	struct iplink_req req = {
		.n.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)),
		.n.nlmsg_type = RTM_GETLINK,
		.i.ifi_family = AF_UNSPEC,
	};
	struct rtnl_handle handle;

	if (rtnl_open(&handle, 0) < 0)
		return;

	addattr32(&req.n, sizeof(req), IFLA_MASTER, pif);
	addattr32(&req.n, sizeof(req), IFLA_EXT_MASK,
		  RTEXT_FILTER_SKIP_STATS);

	open_json_array(PRINT_JSON, "vifs");
	if (rtnl_dump_request_n(&handle, &req.n) < 0 ||
	    rtnl_dump_filter(&handle, print_vif, &pif) < 0)
		fprintf(stderr, "List of VIFs is incomplete\n");
	close_json_array(PRINT_JSON, NULL);
	print_nl();
	print_string(PRINT_FP, NULL, "    ", NULL);

	rtnl_close(&handle);
}
