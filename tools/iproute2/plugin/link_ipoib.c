// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * A plugin for an ip(8) whose link kind "ipoib" does not know the index of a
 * clone: takes this argument and leaves all others to ip itself. ip looks for a
 * kind in a plugin first and in itself second.
 */

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/eipoib.h>
#include <linux/if_link.h>

#include "utils.h"
#include "ip_common.h"

static struct link_util *builtin(void)
{
	struct link_util *util = NULL;
	void *ip = dlopen(NULL, RTLD_LAZY);

	if (ip)
		util = dlsym(ip, "ipoib_link_util");
	if (!util) {
		fprintf(stderr, "This ip has no link kind \"ipoib\".\n");
		exit(-1);
	}

	return util;
}

static int ipoib_parse_opt(struct link_util *lu, int argc, char **argv,
			   struct nlmsghdr *n)
{
	struct link_util *ip = builtin();
	bool have_index = false;
	char **others = argv;
	int count = 0;
	__u16 index;

	while (argc > 0) {
		if (strcmp(*argv, "index") == 0) {
			NEXT_ARG();
			if (have_index)
				duparg("index", *argv);
			have_index = true;
			if (get_u16(&index, *argv, 0))
				invarg("index must be a number from 1 to 65535",
				       *argv);
			addattr16(n, sizeof(struct iplink_req),
				  IFLA_IPOIB_INDEX, index);
		} else {
			others[count++] = *argv;
		}
		argc--;
		argv++;
	}

	return ip->parse_opt(ip, count, others, n);
}

static void ipoib_print_opt(struct link_util *lu, FILE *f, struct rtattr *tb[])
{
	struct link_util *ip = builtin();

	if (tb && tb[IFLA_IPOIB_INDEX]) {
		print_uint(PRINT_ANY, "index", "index %u ",
			   rta_getattr_u16(tb[IFLA_IPOIB_INDEX]));
		/* A patched ip would show it again. */
		tb[IFLA_IPOIB_INDEX] = NULL;
	}

	ip->print_opt(ip, f, tb);
}

static void ipoib_print_help(struct link_util *lu, int argc, char **argv,
			     FILE *f)
{
	struct link_util *ip = builtin();

	ip->print_help(ip, argc, argv, f);
	fprintf(f,
		"\n"
		"With link_ipoib.so also: [ index INDEX ]\n"
		"INDEX := 1-65535, tells clones with one PKEY apart\n");
}

struct link_util ipoib_link_util = {
	.id		= "ipoib",
	.maxattr	= IFLA_IPOIB_INDEX,
	.parse_opt	= ipoib_parse_opt,
	.print_opt	= ipoib_print_opt,
	.print_help	= ipoib_print_help,
};
