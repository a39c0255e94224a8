// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * ip-link(8) and link kind "eipoib", Ethernet interfaces over IPoIB (PIFs):
 * what is said to them and what they say. iplink_eipoib_slave.c has their VIFs.
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
		"Usage: ... eipoib [ max_peers NUMBER ]\n"
		"       ... eipoib vif VIF { mac { LLADDR | any } [ vlan VLANID ] [ sticky { on | off } ] |\n"
		"                            none }\n"
		"\n"
		"NUMBER := 16-1048576, remote end points remembered; only with \"ip link add\"\n"
		"VIF    := IPoIB clone whose master is the device\n"
		"LLADDR := Ethernet address of the guest, 6 bytes, unicast\n"
		"any    := every address that has no VIF\n"
		"VLANID := 1-4094, untagged if left out\n"
		"sticky := on: no remote host can take LLADDR over; off if left out\n"
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

/* Return: the flag that stands for it, or 0 and @n has the address. */
static __u32 add_mac(struct nlmsghdr *n, int maxlen, const char *text)
{
	__u8 mac[ETH_ALEN];

	if (strcmp(text, "any") == 0)
		return EIPOIB_VIF_FLAG_ANY;
	if (!parse_mac(text, mac))
		invarg("\"mac\" must be \"any\" or 6 bytes, like 00:02:c9:43:3b:f1",
		       text);

	addattr_l(n, maxlen, IFLA_EIPOIB_VIF_MAC, mac, sizeof(mac));
	return 0;
}

static void add_vlan(struct nlmsghdr *n, int maxlen, const char *text)
{
	__u16 vlan;

	if (get_u16(&vlan, text, 0))
		invarg("\"vlan\" must be a number from 1 to 4094", text);

	addattr16(n, maxlen, IFLA_EIPOIB_VIF_VLAN, vlan);
}

static __u32 get_sticky(const char *text)
{
	if (strcmp(text, "on") == 0)
		return EIPOIB_VIF_FLAG_STICKY;
	if (strcmp(text, "off") != 0)
		invarg("\"sticky\" must be \"on\" or \"off\"", text);

	return 0;
}

/* Starts at "vif", ends at the last argument that belongs to it. */
static int parse_vif(int *argcp, char ***argvp, struct nlmsghdr *n)
{
	const int maxlen = sizeof(struct iplink_req);
	int argc = *argcp;
	char **argv = *argvp;
	bool have_mac = false, have_vlan = false, have_sticky = false;
	bool is_none = false;
	struct rtattr *vif;
	__u32 flags = 0;
	__u32 ifindex;

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
			have_mac = true;
			flags |= add_mac(n, maxlen, *argv);
		} else if (strcmp(*argv, "vlan") == 0) {
			NEXT_ARG();
			if (have_vlan)
				duparg("vlan", *argv);
			have_vlan = true;
			add_vlan(n, maxlen, *argv);
		} else if (strcmp(*argv, "sticky") == 0) {
			NEXT_ARG();
			if (have_sticky)
				duparg("sticky", *argv);
			have_sticky = true;
			flags |= get_sticky(*argv);
		} else if (strcmp(*argv, "none") == 0) {
			if (is_none)
				duparg("none", *argv);
			is_none = true;
		} else {
			PREV_ARG();
			break;
		}
	}

	if (!have_mac && !is_none)
		missarg("mac");

	if (flags)
		addattr32(n, maxlen, IFLA_EIPOIB_VIF_FLAGS, flags);
	if (is_none)
		addattr(n, maxlen, IFLA_EIPOIB_VIF_NONE);
	addattr_nest_end(n, vif);

	*argcp = argc;
	*argvp = argv;
	return 0;
}

/* What "ip link set dev PIF vif ..." sends. */
int eipoib_parse_vif(int *argcp, char ***argvp, struct iplink_req *req)
{
	struct rtattr *linkinfo, *data;
	int ret;

	linkinfo = addattr_nest(&req->n, sizeof(*req), IFLA_LINKINFO);
	addattr_l(&req->n, sizeof(*req), IFLA_INFO_KIND, "eipoib",
		  strlen("eipoib"));
	data = addattr_nest(&req->n, sizeof(*req), IFLA_INFO_DATA);

	ret = parse_vif(argcp, argvp, &req->n);

	addattr_nest_end(&req->n, data);
	addattr_nest_end(&req->n, linkinfo);
	return ret;
}

static void add_max_peers(struct nlmsghdr *n, const char *text)
{
	__u32 max_peers;

	if (get_u32(&max_peers, text, 0))
		invarg("\"max_peers\" must be a number from 16 to 1048576",
		       text);

	addattr32(n, sizeof(struct iplink_req), IFLA_EIPOIB_MAX_PEERS,
		  max_peers);
}

static int eipoib_parse_opt(struct link_util *lu, int argc, char **argv,
			    struct nlmsghdr *n)
{
	bool have_max_peers = false, have_vif = false;

	while (argc > 0) {
		if (strcmp(*argv, "max_peers") == 0) {
			NEXT_ARG();
			if (have_max_peers)
				duparg("max_peers", *argv);
			have_max_peers = true;
			add_max_peers(n, *argv);
		} else if (strcmp(*argv, "vif") == 0) {
			if (have_vif)
				duparg2("vif", *argv);
			have_vif = true;
			if (parse_vif(&argc, &argv, n))
				return -1;
		} else {
			if (strcmp(*argv, "help") != 0)
				fprintf(stderr,
					"eipoib: unknown option \"%s\"?\n",
					*argv);
			print_explain(stderr);
			return -1;
		}
		argc--;
		argv++;
	}

	return 0;
}

static void eipoib_print_opt(struct link_util *lu, FILE *f,
			     struct rtattr *tb[])
{
	__u32 vif_count = 0;

	if (!tb)
		return;

	if (tb[IFLA_EIPOIB_MAX_PEERS])
		print_uint(PRINT_ANY, "max_peers", "max_peers %u ",
			   rta_getattr_u32(tb[IFLA_EIPOIB_MAX_PEERS]));
	if (tb[IFLA_EIPOIB_PEER_COUNT])
		print_uint(PRINT_ANY, "peer_count", "peers %u ",
			   rta_getattr_u32(tb[IFLA_EIPOIB_PEER_COUNT]));
	if (tb[IFLA_EIPOIB_VIF_COUNT])
		vif_count = rta_getattr_u32(tb[IFLA_EIPOIB_VIF_COUNT]);
	if (vif_count && tb[IFLA_EIPOIB_IFINDEX])
		eipoib_print_vifs(rta_getattr_u32(tb[IFLA_EIPOIB_IFINDEX]));
	print_uint(PRINT_ANY, "vif_count", "vifs %u ", vif_count);
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
