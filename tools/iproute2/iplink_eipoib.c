// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * ip-link(8) and link kind "eipoib", Ethernet interfaces over IPoIB (PIFs):
 * what is said to them. iplink_eipoib_slave.c shows their VIFs.
 */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/eipoib.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>

#include "rt_names.h"
#include "utils.h"
#include "ip_common.h"

/* Longer than any address that is one. */
#define MAC_TEXT_MAX	18

static void print_explain(FILE *f)
{
	fprintf(f,
		"Usage: ip link set dev PIF vif VIF mac LLADDR [ vlan VLANID ]\n"
		"       ip link set dev PIF type eipoib vif VIF mac LLADDR [ vlan VLANID ]\n"
		"\n"
		"PIF    := Ethernet interface over IPoIB\n"
		"VIF    := IPoIB clone whose master is PIF\n"
		"LLADDR := Ethernet address of the guest, 6 bytes, unicast\n"
		"VLANID := 1-4094, untagged if left out\n"
	);
}

/*
 * ll_addr_a2n() takes what sscanf("%x") takes, IPv4 addresses, and any length;
 * it also writes to the text.
 */
static bool parse_mac(const char *text, __u8 mac[ETH_ALEN])
{
	char copy[MAC_TEXT_MAX];

	if (strlen(text) >= sizeof(copy) ||
	    text[strspn(text, "0123456789abcdefABCDEF:")])
		return false;

	strcpy(copy, text);
	return ll_addr_a2n((char *)mac, ETH_ALEN, copy) == ETH_ALEN;
}

/* Starts at "vif", ends at the last argument that belongs to it. */
int eipoib_parse_vif(int *argcp, char ***argvp, struct nlmsghdr *n,
		     int maxlen)
{
	int argc = *argcp;
	char **argv = *argvp;
	bool have_mac = false, have_vlan = false;
	struct rtattr *vif;
	__u8 mac[ETH_ALEN];
	__u32 ifindex;
	__u16 vlan;

	NEXT_ARG();
	ifindex = ll_name_to_index(*argv);
	if (!ifindex)
		return nodev(*argv);

	vif = addattr_nest(n, maxlen, IFLA_EIPOIB_VIF | NLA_F_NESTED);
	addattr32(n, maxlen, IFLA_EIPOIB_VIF_IFINDEX, ifindex);

	while (NEXT_ARG_OK()) {
		NEXT_ARG();
		if (strcmp(*argv, "mac") == 0) {
			NEXT_ARG();
			if (have_mac)
				duparg("mac", *argv);
			if (!parse_mac(*argv, mac))
				invarg("\"mac\" must be 6 bytes, like 00:02:c9:43:3b:f1",
				       *argv);
			have_mac = true;
			addattr_l(n, maxlen, IFLA_EIPOIB_VIF_MAC, mac,
				  sizeof(mac));
		} else if (strcmp(*argv, "vlan") == 0) {
			NEXT_ARG();
			if (have_vlan)
				duparg("vlan", *argv);
			if (get_u16(&vlan, *argv, 0))
				invarg("\"vlan\" must be a number from 1 to 4094",
				       *argv);
			have_vlan = true;
			addattr16(n, maxlen, IFLA_EIPOIB_VIF_VLAN, vlan);
		} else {
			PREV_ARG();
			break;
		}
	}

	if (!have_mac)
		missarg("mac");

	addattr_nest_end(n, vif);

	*argcp = argc;
	*argvp = argv;
	return 0;
}

/* What "ip link set dev PIF vif ..." sends. */
int eipoib_parse_vif_link(int *argcp, char ***argvp, struct iplink_req *req)
{
	struct rtattr *linkinfo, *data;
	int ret;

	linkinfo = addattr_nest(&req->n, sizeof(*req), IFLA_LINKINFO);
	addattr_l(&req->n, sizeof(*req), IFLA_INFO_KIND, "eipoib",
		  strlen("eipoib"));
	data = addattr_nest(&req->n, sizeof(*req), IFLA_INFO_DATA);

	ret = eipoib_parse_vif(argcp, argvp, &req->n, sizeof(*req));

	addattr_nest_end(&req->n, data);
	addattr_nest_end(&req->n, linkinfo);
	return ret;
}

static int eipoib_parse_opt(struct link_util *lu, int argc, char **argv,
			    struct nlmsghdr *n)
{
	bool have_vif = false;

	while (argc > 0) {
		if (strcmp(*argv, "vif") != 0) {
			if (strcmp(*argv, "help") != 0)
				fprintf(stderr,
					"eipoib: unknown option \"%s\"?\n",
					*argv);
			print_explain(stderr);
			return -1;
		}
		if (have_vif)
			duparg2("vif", *argv);
		have_vif = true;
		if (eipoib_parse_vif(&argc, &argv, n,
				     sizeof(struct iplink_req)))
			return -1;
		argc--;
		argv++;
	}

	return 0;
}

static void eipoib_print_opt(struct link_util *lu, FILE *f,
			     struct rtattr *tb[])
{
	if (tb && tb[IFLA_EIPOIB_VIF_COUNT])
		print_uint(PRINT_ANY, "vif_count", "vifs %u ",
			   rta_getattr_u32(tb[IFLA_EIPOIB_VIF_COUNT]));
}

static void eipoib_print_help(struct link_util *lu, int argc, char **argv,
			      FILE *f)
{
	print_explain(f);
}

struct link_util eipoib_link_util = {
	.id		= "eipoib",
	.maxattr	= IFLA_EIPOIB_MAX,
	.parse_opt	= eipoib_parse_opt,
	.print_opt	= eipoib_print_opt,
	.print_help	= eipoib_print_help,
};
