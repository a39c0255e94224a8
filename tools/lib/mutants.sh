# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash disable=SC2154
# Commits the bugs of tools/mutants in copies of the tree, one at a time, and wants each
# found by who must find it: "unit SUITE", or "KERNEL FOLDER/SCRIPT" for a guest script.

. "${BASH_SOURCE[0]%/*}/e2e.sh"

# Of a bug that makes a test run for ever.
MUTANT_SECONDS=${MUTANT_SECONDS:-600}

# mutant_tree DIR NAME: a copy of the tree with that bug, in DIR.
mutant_tree() {
	mkdir "$1" && cp -rp "$TOP"/{.clang-format,Kbuild,Makefile,Documentation,drivers,include,kunit,tools} "$1" &&
		"$TOP/tools/mutants/apply.py" commit "$1" "$2"
}

# mutant_unit TREE SUITE: true if the unit tests of SUITE find something.  UNIT_OUT has
# their objects; what a bug is in is compiled again, and nothing else.
mutant_unit() {
	local tree=$1 suite=$2 unit=$1/out/$2/unit status=0

	mkdir "$tree/out" && cp -rl "$UNIT_OUT/$suite" "$tree/out/" &&
		rm -f "$unit" "$tree/out/$suite/core/all.o" &&
		make -s -C "$tree/tools/unit" OUT="$tree/out" "$unit" || {
		echo "it does not build"
		return 1
	}
	timeout "$MUTANT_SECONDS" "$unit" --gtest_brief=1 --gtest_fail_fast > "$tree/said" 2>&1 ||
		status=$?
	head -n 12 "$tree/said"
	((status))
}

# mutant_script TREE KERNEL FOLDER/SCRIPT: true if that guest script finds something.
mutant_script() {
	local tree=$1 dir=$1/result

	"$tree/tools/build" --kernel "$2" > /dev/null || {
		echo "it does not build"
		return 1
	}
	mkdir "$dir" && TOP=$tree e2e_vm "$tree/tools/$3" "$2" "$dir" || return
	! e2e_judge "$dir" || return
	[[ -e $dir/out/started ]] || {
		echo "it does not come up"
		return 1
	}
	grep -q '^not ok' "$dir/tap" || grep -q 'the kernel is in trouble' "$dir/stderr" || {
		echo "it says nothing of a bug"
		return 1
	}
}

# mutant DIR NAME CATCHER...: in DIR's log and status, whether the bug is found.
mutant() {
	local dir=$1 name=$2 tree=$1/tree status=0
	shift 2

	{
		mutant_tree "$tree" "$name" &&
			case $1 in
			unit) mutant_unit "$tree" "$2" ;;
			*) mutant_script "$tree" "$1" "$2" ;;
			esac
	} > "$dir/log" 2>&1 || status=$?
	echo "$status" > "$dir/status"
	rm -rf "$tree"
	printf '     %s by %s: %s\n' "$( ((status)) && echo 'NOT found' || echo found)" "$*" "$name" >&3
}

# mutant_verdict DIR
mutant_verdict() {
	cat "$1/log" && return "$(< "$1/status")"
}
