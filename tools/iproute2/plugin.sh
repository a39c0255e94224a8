# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Plugins for an ip(8) without our patches, which loads link_KIND.so for a link kind.

# plugin_cc SOURCE OUT FILE...: against the headers of the ip that is to load it.
# All symbols are bound at once: an ip that lacks one does not load the plugin,
# instead of ending when it is needed.
plugin_cc() {
	local source=$1 out=$2
	shift 2

	gcc -shared -fPIC -O2 -Wall -Wextra -Wno-unused-parameter -Wmissing-prototypes -D_GNU_SOURCE \
		-fstack-protector-strong -D_FORTIFY_SOURCE=2 -Wl,-z,relro,-z,now,-Bsymbolic -s \
		-I"$source/include" -I"$source/include/uapi" -I"$source/ip" -o "$out" "$@"
}

# make_plugins SOURCE DIR: the kind eipoib, its VIFs (one object with both, under the
# two names that ip looks for) and the index of kind ipoib.
make_plugins() {
	plugin_cc "$1" "$2/link_eipoib.so" "$1"/ip/iplink_eipoib{,_slave}.c &&
		ln -s link_eipoib.so "$2/link_eipoib_slave.so" &&
		plugin_cc "$1" "$2/link_ipoib.so" "$HERE/plugin/link_ipoib.c"
}

# make_plugin_page PAGE OUT: what the patched ip-link.8 says of ours, as a page beside
# Debian's.  A plugin cannot add the keyword "vif" to ip, which needs the type then.
make_plugin_page() {
	{
		cat <<- 'EOT'
			.TH IP-LINK-EIPOIB 8 "" eth_ipoib
			.SH NAME
			ip-link-eipoib \- Ethernet interfaces over IPoIB
			.SH DESCRIPTION
			What
			.BR ip-link (8)
			can do with the plugins link_eipoib.so and link_ipoib.so, which
			.BR ip (8)
			loads from its library directory or from
			.BR $IP_LIB_DIR .
			.TP
			IPoIB Type Support
			.BI "ip link add link " IPOIB
			.RB [ " name \fINAME\fR " ]
			.B type ipoib
			.RB [ " pkey \fIPKEY\fR " ]
			.RB [ " index \fIINDEX\fR " ]

			.in +8
		EOT
		sed -n '/^\.BI  index/,/^$/p' "$1"
		printf '.in -8\n\n.TP\n'
		sed -n '/^EIPOIB Type Support/,/^\.TP/{/^\.TP/!p}' "$1"
		echo '.SH EXAMPLES'
		sed -n '/^ip link add link ib0 name ib0/,/^\.SH SEE ALSO/p' "$1"
		printf '%s\n' '.BR ip-link (8),' '.BR bridge (8),' '.BR ethtool (8)'
	} | sed -e 's/^\.RB \[ " type eipoib " \]/.B type eipoib/' -e 's/eth4 vif/eth4 type eipoib vif/' > "$2"
}
