# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash disable=SC2154
# The rules of the suite lint.  Run in the tree; S_DIR is source_open's, LINT_COPY
# a copy of the tree, LINT_JOBS a directory.

# MISSING_SIGN_OFF: nobody signs for the project before it is posted.
# FILE_PATH_CHANGES: asks for the kernel's MAINTAINERS, which is not here.
# LONG_LINE_STRING: what a user may search for is not broken at column 80.
# MACRO_ARG_UNUSED: a list of X(...) hands all it has to each of its users.
IGNORED=MISSING_SIGN_OFF,FILE_PATH_CHANGES,LONG_LINE_STRING,MACRO_ARG_UNUSED

# ignored_in FILE: what else makes no sense in this file.
ignored_in() {
	case $1 in
	# Read by C++ too, without the kernel's macros; and lists of X(...), which
	# checkpatch takes for expressions.
	*/abi/*.h | */abi.h | */abi_*.h) echo ",BIT_MACRO,COMPLEX_MACRO,MACRO_ARG_REUSE" ;;
	# Frames in hex, as in the case tables.
	kunit/glue/*) echo ",SPLIT_STRING,MISSING_SPACE" ;;
	# The one place for differences between kernels.
	*/compat.h) echo ",LINUX_VERSION_CODE,CONSTANT_COMPARISON" ;;
	# User space has no strscpy() and no kernel types.
	tools/iproute2/*) echo ",STRCPY,PREFER_KERNEL_TYPES" ;;
	esac
}

# passed WHAT CMD...: CMD, unless it has passed before on WHAT, all that decides on
# its result; what was made of these rules earlier counts as nothing.
passed() {
	local stamp
	stamp=$(cache_dir)/lint/$({ echo "$@"; cat "$TOP"/tools/lib/lint*.sh; } | hash_text)

	if [[ -e $stamp ]]; then
		touch "$stamp"
		echo "passed earlier, and nothing has changed"
		return
	fi
	"${@:2}" && mkdir -p "${stamp%/*}" && touch "$stamp"
}

# run_jobs JOB...: run these commands one after the other, for job to tell of.
run_jobs() {
	local job words

	for job; do
		read -r -a words <<< "$job"
		("${words[@]}") > "$LINT_JOBS/${job//\//_}.log" 2>&1
		echo $? > "$LINT_JOBS/${job//\//_}.status"
	done
}

# job JOB: what it said, and its status.
job() {
	cat "$LINT_JOBS/${1//\//_}.log" && return "$(< "$LINT_JOBS/${1//\//_}.status")"
}

# run_checkpatch TYPES ARGS...: it keeps notes where it runs, so that is not in
# the tree.
run_checkpatch() (
	cd "$LINT_COPY" && GIT_DIR=/nonexistent perl "$S_DIR/scripts/checkpatch.pl" --no-tree \
		--strict --terse --show-types --no-summary --max-line-length=80 --ignore "$@"
)

# checkpatch_key FILE
checkpatch_key() {
	echo "$S_KEY $(sha256sum < "$1")"
}

checkpatch_file() {
	run_checkpatch "$IGNORED$(ignored_in "$1")" -f "$1"
}

# From standard input: a file that git knows would be checked as a source.
checkpatch_patch() {
	local types
	types=$IGNORED$(ignored_in "$1")

	run_checkpatch "$types" - < "$1"
}

kernel_doc() {
	local log

	log=$(perl "$S_DIR/scripts/kernel-doc" -none -Wall "$@" 2>&1)
	printf '%s\n' "$log"
	! grep -E -q 'warning|error' <<< "$log"
}

no_kernel_header() {
	! grep -n -E '^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"](linux|net|rdma|asm|uapi)/' "$@"
}

# What a packet says is the core's business: the glue neither overlays a
# header nor asks for one of its fields.
HEADER_DECISION='struct +(iphdr|ipv6hdr|arphdr|ethhdr|vlan_hdr|vlan_ethhdr|udphdr|tcphdr|icmphdr|icmp6hdr'
HEADER_DECISION+='|igmphdr|mld_msg|nd_msg|ib_smp|ipoib_header)\b'
HEADER_DECISION+='|\b(skb_|inner_)?(ip|ipv6|arp|eth|mac|vlan_eth|udp|tcp|icmp|icmp6|igmp|ipoib)_hdr\('
HEADER_DECISION+='|(->|\.)(ar_(hrd|pro|hln|pln|op)|h_(dest|source|proto|vlan_[a-zA-Z_]+)|saddr|daddr|nexthdr)\b'
HEADER_DECISION+='|struct ib_grh \*[a-z_]+( =|;)|skb->data *\[|\*\([^)]*\*\) *\(?skb->data|ETH_P_(IP|IPV6|ARP|RARP)\b|ARPOP_|IPPROTO_'

no_header_decision() {
	(($#)) && ! grep -n -E "$HEADER_DECISION" "$@"
}

# counters_of FILE...: what EIPOIB_REASONS, EIPOIB_NOTES and a VIF's own_names name, sorted.
counters_of() {
	sed -n -E 's/^\t(X\([A-Z_]+, )?"([a-z_]+)",.*/\2/p' "$@" | sort
}

# counters_in GUIDE: what the tables of its section Counters name, sorted.
counters_in() {
	sed -n -E '/^Counters$/,/^Which frames/ { /^   \* - counter$/d; s/^   \* - //p }' "$1" |
		sed 's/, /\n/g' | sort
}

# Each of them once, and no other.
guide_has_counters() {
	diff <(counters_of drivers/net/eipoib/abi/types.h \
			drivers/infiniband/ulp/ipoib/ipoib_vif_stats.c) \
		<(counters_in "${1:-Documentation/networking/eipoib.rst}")
}

# must_refuse RULE: RULE finds something in each line of standard input.
must_refuse() {
	local line status=0

	while read -r line; do
		if "$1" <(echo "$line") > /dev/null; then
			echo "$1 lets pass: $line"
			status=1
		fi
	done
	return "$status"
}

rules_can_fail() {
	must_refuse no_header_decision <<- 'EOT' && must_refuse no_kernel_header <<- 'EOT'
		struct iphdr *ip;
		if (ip_hdr(skb)->ttl)
		eth_hdr(skb)
		if (arp->ar_op == x)
		u8 type = skb->data[9];
		if (skb->protocol == htons(ETH_P_ARP))
		const struct ib_grh *grh = buffer;
	EOT
		#include <linux/skbuff.h>
		# include <net/arp.h>
		#include "rdma/ib_verbs.h"
	EOT
}

# A counter that is missing, one that there is not, one that is there twice.
guide_rule_can_fail() {
	local change

	for change in 's/^   \* - tx_own$/   * - tx_other/' '/^   \* - tx_own$/d' \
		's/^   \* - tx_own$/   * - tx_own, tx_loop/'; do
		! guide_has_counters <(sed "$change" Documentation/networking/eipoib.rst) || return
	done
}

# find_scripts: every file of ours that a shell reads.
find_scripts() {
	find tools .ci -type f ! -name '*.[ch]*' ! -name '*.patch' -exec \
		awk 'FNR == 1 && /^#!.*sh$|^# SPDX/ { first = 1 }
		     FNR <= 2 && first && (/^#!.*sh$/ || /^# shellcheck shell=/) { print FILENAME }
		     FNR == 2 { first = 0 }' {} + | sort -u
}

has_licence() {
	local bad

	bad=$(find drivers include kunit tools .ci Kbuild Makefile -type f \
		! -name '*.patch' ! -name '*.hex' ! -name '*.txt' ! -name README ! -name changelog \
		! -name '*.script' ! -name '*.partitions' ! -name '*.pcap' \
		! -path 'tools/fuzz/corpus/*' -exec \
		grep -L 'SPDX-License-Identifier: ' {} +)
	printf '%s' "${bad:+no SPDX line: $bad$'\n'}"
	[[ -z $bad ]]
}

# document_applies SERIES: the patch on the kernel's own document of IPoIB.
document_applies() {
	# shellcheck disable=SC2034 # apply_patch reads it
	local dir status=0 K_SERIES=$1
	dir=$(mktemp -d)

	source_open "$1" && cp -r "$S_DIR/Documentation" "$dir" &&
		apply_patch "$dir" "$TOP/drivers/infiniband/ulp/ipoib/ipoib.rst.patch" || status=1
	rm -rf "$dir"
	return "$status"
}

# A file with what sparse, gcc and a look at its output must not let pass.
LINT_PROBE='// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <linux/spinlock.h>
#include <linux/types.h>
static u32 lint_swap(__be32 x) { return x; }
void lint_probe(spinlock_t *lock, __be32 x) { spin_lock(lock); if (lint_swap(x) < 0) return; }'
LINT_PROBE_SAID=('incorrect type in return expression (different base types)'
	"context imbalance in 'lint_probe'"
	"symbol 'lint_probe' was not declared"
	"no previous prototype for .*lint_probe")

# sparse_build SERIES: what sparse (byte orders, locks, address spaces) and the compilers
# with W=1 say of our own files.
sparse_build() {
	local layout key status=0

	kernel_open "$1" headers
	source_open "$1"
	layout=$(mktemp -d "$(cache_dir)/new.XXXXXX")
	lay_out "$layout" || return
	key="$(build_key "$layout") $(sparse --version)"
	passed "$key" sparse_layout "$layout" || status=$?
	rm -rf "$layout"
	return "$status"
}

sparse_layout() {
	local said log

	printf '%s\n' "$LINT_PROBE" > "$1/drivers/net/eipoib/lint_probe.c"
	echo 'eth_ipoib-y += lint_probe.o' >> "$1/drivers/net/eipoib/Kbuild"
	log=$(kbuild "$1" C=2 W=1 modules 2>&1) || {
		tail -n 40 <<< "$log"
		return 1
	}
	for said in "${LINT_PROBE_SAID[@]}"; do
		grep -q "lint_probe.c:.*$said" <<< "$log" || {
			echo "the wrong file was not found wrong: $said"
			return 1
		}
	done
	! our_warnings "$1" <<< "$log"
}

# our_warnings LAYOUT: print the warnings about files that this tree has.
our_warnings() {
	local line file found=1

	while read -r line; do
		[[ $line =~ ^([^ :]+\.[ch](pp)?):[0-9]+:.*(warning|error): ]] || continue
		file=${BASH_REMATCH[1]#"$1/"}
		[[ ! -e $TOP/$file ]] || {
			printf '%s\n' "$line"
			found=0
		}
	done
	return "$found"
}
