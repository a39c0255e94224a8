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
