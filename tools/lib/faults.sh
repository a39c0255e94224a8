# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash disable=SC2034
# For the suites that make calls of our modules fail (tools/faults).

. "$TOP/tools/lib/debs.sh"
. "$TOP/tools/lib/extract.sh"
. "$TOP/tools/lib/kernel.sh"
. "$TOP/tools/lib/modules.sh"
. "$TOP/tools/lib/e2e.sh"

# faults_module SERIES: build faults.ko and print where it is.
faults_module() (
	BUILD_INPUTS=(tools/faults/{Kbuild,faults.c})
	MODULES=(faults)
	lay_out() {
		snapshot_tree "$TOP" "$1" && echo 'obj-m += tools/faults/' > "$1/Kbuild"
	}
	kernel_open "$1" headers
	source_open "$1"
	modules_open && echo "$B_DIR/faults.ko"
)

# list_sites LIST: what can fail in the modules of BUILT, by this list of imports.
list_sites() {
	"$TOP/tools/faults/sites.py" "$1" "$BUILT"/{eth,ib}_ipoib.ko
}

# missing_import: a list without one of its lines is no list.
missing_import() {
	! list_sites <(grep -v '^register_netdevice:' "$TOP/tools/faults/imports") > /dev/null
}

# run_faults SERIES SHARE: SHARE 1 is all of them, n one in n.
run_faults() {
	local dir=$DIR/$1 status=0 start=$SECONDS

	mkdir "$dir"
	BUILT=$("$TOP/tools/build" --kernel "$1") || BUILT=
	check "modules for $1" test -n "$BUILT" || return
	check "$1: tools/faults/imports has every import" list_sites "$TOP/tools/faults/imports" \
		|| return
	check "$1: and a missing one is missed" missing_import
	check "$1: faults.ko" faults_module "$1" || return
	list_sites "$TOP/tools/faults/imports" > "$dir/sites"
	(cd "$TOP" && tools/vm --kernel "$1" --no-fabric --timeout 3000 --append slub_debug=FZPU \
		--partitions tools/e2e/vlan3.partitions --out "$dir/out" tools/faults/scenario.py \
		"$(faults_module "$1")" "$dir/sites" "$2") > "$dir/tap" 2> "$dir/stderr" || status=$?
	echo "$status" > "$dir/status"
	progress "$1: $(sed -n 's/^# \(sites: \)/\1/p' "$dir/tap"), $((SECONDS - start)) s"
	cat "$dir/tap" "$dir/out/faults.log"
	check "$1: each fails cleanly" e2e_judge "$dir"
}

# run_nth KERNEL: what that of tools/debug can make fail, with short rings, or most allocations
# are those of receive buffers.
run_nth() {
	local status=0 start=$SECONDS

	(cd "$TOP" && tools/vm --kernel "$1" --no-fabric --slow 4 --timeout 3000 --memory 2048 \
		--append 'ib_ipoib.recv_queue_size=8 ib_ipoib.send_queue_size=8' \
		--partitions tools/e2e/vlan3.partitions --out "$DIR/out" tools/faults/nth.py) \
		> "$DIR/tap" 2> "$DIR/stderr" || status=$?
	echo "$status" > "$DIR/status"
	progress "$(sed -n 's/^# \(faults: \)/\1/p' "$DIR/tap"), $((SECONDS - start)) s"
	cat "$DIR/tap" "$DIR/out/faults.log"
	check "each fails cleanly" e2e_judge "$DIR"
}
