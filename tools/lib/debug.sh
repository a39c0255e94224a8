# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash disable=SC2034
# For the suites whose kernel looks for bugs (tools/debug).

. "${BASH_SOURCE[0]%/*}/e2e.sh"
. "${BASH_SOURCE[0]%/*}/vm.sh"

DIR=$(mktemp -d)
trap 'rm -rf "$DIR" "$SUITE_OUTPUT"' EXIT

# debug_kernel LOOK: set KERNEL.
debug_kernel() {
	"$TOP/tools/debug/kernel" 6.12 "$1" > "$DIR/kernel" && KERNEL=$(< "$DIR/kernel") &&
		progress "it took $(< "$KERNEL/seconds") s to build"
}

# proof_tree: a copy of the tree with the bugs of tools/debug/proof.* in it.
proof_tree() {
	local module=$DIR/tree/drivers/net/eipoib

	mkdir "$DIR/tree" && cp -r "$TOP"/{.clang-format,Kbuild,drivers,include,tools} "$DIR/tree" &&
		cp "$TOP/tools/debug/proof.h" "$module/abi/" &&
		cat "$TOP/tools/debug/proof.c" >> "$module/main.c" &&
		cat "$TOP/tools/debug/proof.cpp" >> "$module/core/all.cpp"
}

# run_proofs OPTION... -- NAME...: commit these bugs; the run is no pass.
run_proofs() {
	local options=()

	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	cat > "$DIR/script" << 'END'
#!/bin/bash
modprobe eth_ipoib || exit
for name; do
	echo "<3>proof $name begins" > /dev/kmsg
	echo "$name" > /sys/module/eth_ipoib/parameters/proof || exit
done
END
	chmod +x "$DIR/script"
	"$DIR/tree/tools/vm" --kernel "$KERNEL" --no-fabric "${options[@]}" --out "$DIR/out" \
		"$DIR/script" "$@"
	(($? == 125))
}

# reported NAME REGEX: of what is on the console after a proof began, and before the
# next did, the line that tools/vm takes for trouble is the right one, and the
# function is named.
reported() {
	local said

	said=$(sed "1,/proof $1 begins/d; /proof [a-z-]* begins/,\$d" "$DIR/out/console.log")
	printf '%s\n' "$said"
	[[ $(grep -E -m 1 "$KERNEL_TROUBLE" <<< "$said") =~ $2 && $said == *"proof_${1//-/_}"* ]]
}

# prove OPTION... -- NAME REGEX...: the bugs of tools/debug/proof.* by name, and what
# each is reported as.
prove() {
	local options=() names=() i

	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	local proofs=("$@")
	for ((i = 0; i < $#; i += 2)); do
		names+=("${proofs[i]}")
	done
	check 'a tree with bugs' proof_tree &&
		check 'it is no pass' run_proofs "${options[@]}" -- "${names[@]}" || return
	for ((i = 0; i < $#; i += 2)); do
		check "reported: ${proofs[i]}" reported "${proofs[@]:i:2}"
	done
}

# run_scripts OPTION...: the guest scripts, all of which must be clean.
run_scripts() {
	local passed=$SUITE_PASSED failed=$SUITE_FAILED folder required

	for folder in debug e2e translate; do
		run_e2e "$KERNEL" "$folder" "$@"
		# Its own check of the modules is none of a script.
		passed=$((passed + 1))
	done
	required=$((SUITE_PASSED + SUITE_FAILED - passed - failed))
	progress "$((SUITE_PASSED - passed)) of $required scripts clean"
}
