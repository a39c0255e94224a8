# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# What a module made of C++ must not hold.  BUILT is the directory it was built to.

FORBIDDEN_SECTIONS='\.(init_array|fini_array|ctors|dtors|gcc_except_table|eh_frame|tbss|tdata)'

# imports MODULE: the names it leaves for the kernel to resolve.
imports() {
	nm -u "$1" | awk '{ print $NF }'
}

# Everything imported is a C name that the kernel or another module exports, so
# neither a C++ symbol nor a function of a C++ run time can be among it.
imports_are_exported() {
	local bad

	bad=$(comm -23 <(imports "$1" | sort -u) \
		<(cut -f 2 "$HEADERS/Module.symvers" "$BUILT/Module.symvers" | sort -u) |
		grep -v -x -E '__this_module|_GLOBAL_OFFSET_TABLE_')
	printf '%s' "${bad:+not exported: $bad$'\n'}"
	[[ -z $bad ]]
}

# What <optional>, <array> and operator new fall back to would link, and kill
# the machine when it is reached.
no_cxx_runtime() {
	! nm "$1" | awk '{ print $NF }' |
		grep -E '^(_Z[NT]?St|_ZNK?St|_ZnwEm|_Zn[aw]|_Zd[al]|_ZGV|_ZT[VISHW]|__cxa_|__gxx_|_Unwind_|__dso_handle|__tls_|abort$|terminate$|_GLOBAL__)'
}

no_forbidden_section() {
	! objdump -h "$1" | awk '$2 ~ /^\./ { print $2 }' | grep -E "^$FORBIDDEN_SECTIONS"
}

# objects_open: set HEADERS to those that BUILT was built with.
objects_open() {
	HEADERS=$(sed -n "s/^make: Entering directory '\(.*\)'$/\1/p" "$BUILT/build.log" | head -n 1)
}

# check_object SERIES MODULE.KO: three checks of the suite.
check_object() {
	local name
	name=$1\ $(basename "$2" .ko)

	check "$name: every import is exported" imports_are_exported "$2"
	check "$name: no C++ run time" no_cxx_runtime "$2"
	check "$name: no constructor or unwinding section" no_forbidden_section "$2"
}
