# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# For scripts that run inside tools/vm:  . tools/lib/guest.sh
# The environment they find:
#   EIPOIB_HOSTS       how many virtual hosts there are; host N is netns hN
#   EIPOIB_KERNEL      6.1, 6.12 or the directory given to tools/vm
#   EIPOIB_MODULES     /lib/modules/RELEASE: updates/ ours, kernel/ Debian's
#   EIPOIB_FABRIC      patched or stock (which ib_ipoib), empty: nothing is loaded
#   EIPOIB_PARTITIONS  OpenSM's partition file
#   VIB_OPTIONS        more parameters for vib
#   EIPOIB_SLOW        how many times as long as usual things may take; else 1
# /out is the output directory of tools/vm (--out), the current directory the
# repository.

OPENSM_LOG=/out/opensm.log
VIB_GUID=0x0002c90300433bf1

# wait_until SECONDS CMD...: run CMD until it is true or the time is over.
wait_until() {
	local deadline=$((SECONDS + $1 * ${EIPOIB_SLOW:-1}))
	shift

	until "$@"; do
		((SECONDS <= deadline)) || return 1
		sleep 0.05
	done
}

# host N CMD...: run CMD on virtual host N.
host() {
	local ns=h$1
	shift

	ip netns exec "$ns" "$@"
}

# h1 ARGS...: ip(8) on host 1.
h1() {
	ip -n h1 "$@"
}

# has_carrier N DEVICE
has_carrier() {
	[[ $(ip -n "h$1" -o link show dev "$2" 2> /dev/null) == *LOWER_UP* ]]
}

# hca_netdev N: print the name of the IPoIB interface of HCA N (from 0) as long
# as it is in the root namespace.
hca_netdev() {
	local dev

	for dev in "/sys/class/infiniband/vib$1/device/net"/*; do
		[[ -e $dev ]] || return
		echo "${dev##*/}"
		return
	done
}

has_hca_netdev() {
	[[ $(hca_netdev "$1") ]]
}

# load_ipoib [patched|stock]: the ib_ipoib asked for, on what it depends on.
load_ipoib() {
	modprobe -a ib_core ib_cm ib_umad || return
	if [[ ${1:-$EIPOIB_FABRIC} == stock ]]; then
		insmod "$EIPOIB_MODULES/kernel/drivers/infiniband/ulp/ipoib/ib_ipoib.ko"
	else
		modprobe ib_ipoib
	fi
}

# make_hosts N: a namespace per HCA, with its IPoIB interface as ib0.
make_hosts() {
	local i dev

	for ((i = 0; i < $1; i++)); do
		wait_until 20 has_hca_netdev "$i" || {
			echo "HCA $i has no IPoIB interface" >&2
			return 1
		}
		dev=$(hca_netdev "$i")
		ip netns add "h$((i + 1))" &&
			ip link set dev "$dev" netns "h$((i + 1))" name ib0 &&
			ip -n "h$((i + 1))" link set lo up &&
			ip -n "h$((i + 1))" link set ib0 up || return
	done
}

# start_opensm [HCA [OPTION...]]: OpenSM on the port of HCA 0, or of another one.
start_opensm() {
	local gid hca=${1:-0} dir=/run/opensm log=$OPENSM_LOG

	((hca == 0)) || dir+=.$hca log=${log%.log}.$hca.log
	gid=$(< "/sys/class/infiniband/vib$hca/ports/1/gids/0")
	gid=${gid#*:*:*:*:}
	mkdir -p "$dir"
	OSM_CACHE_DIR=$dir OSM_TMP_DIR=$dir opensm -g "0x${gid//:/}" "${@:2}" \
		-P "$EIPOIB_PARTITIONS" -f "$log" > "$dir/stdout" 2>&1 < /dev/null &
	echo $! > "$dir/pid"
}

# load_fabric [N [OPTION...]]: everything tools/vm loads before a script runs, with these options
# for OpenSM.  With --no-fabric a script may do it itself.
load_fabric() {
	local options

	read -r -a options <<< "${VIB_OPTIONS-}"
	modprobe vib hcas="${1:-$EIPOIB_HOSTS}" guid=$VIB_GUID "${options[@]}" && start_fabric "$@"
}

# start_fabric [N [OPTION...]]: what is above vib.
start_fabric() {
	local i count=${1:-$EIPOIB_HOSTS}

	load_ipoib && make_hosts "$count" && modprobe eth_ipoib && start_opensm 0 "${@:2}" || return
	for ((i = 1; i <= count; i++)); do
		wait_until 60 has_carrier "$i" ib0 || {
			echo "ib0 of host $i has no carrier" >&2
			tail -n 5 "$OPENSM_LOG" >&2
			return 1
		}
	done
}

# Test Anything Protocol.  A script says what it tests and ends in
# done_testing; a line that begins with "not ok" fails it.
TAP_COUNT=0
TAP_FAILED=0

# tap_result TEXT STATUS [OUTPUT]
tap_result() {
	TAP_COUNT=$((TAP_COUNT + 1))
	if (($2 == 0)); then
		echo "ok $TAP_COUNT - $1"
		return
	fi
	TAP_FAILED=$((TAP_FAILED + 1))
	echo "not ok $TAP_COUNT - $1"
	printf '%s\n' "${3-}" | sed 's/^/# /'
	return 1
}

# ok TEXT CMD...: passes if CMD succeeds, and shows its output if it does not.
ok() {
	local text=$1 output status=0
	shift

	output=$("$@" 2>&1) || status=$?
	tap_result "$text" "$status" "$*: status $status
$output"
}

# fails TEXT CMD...: passes if CMD fails in an orderly way.
fails() {
	local text=$1 output status=0
	shift

	output=$("$@" 2>&1) || status=$?
	((status > 0 && status < 126)) && status=0 || status=1
	tap_result "$text" "$status" "should have failed: $*
$output"
}

# like TEXT REGEX CMD...: passes if CMD succeeds and its output matches.
like() {
	local text=$1 regex=$2 output status=0
	shift 2

	output=$("$@" 2>&1) || status=$?
	[[ $status == 0 && $output =~ $regex ]] && status=0 || status=1
	tap_result "$text" "$status" "$*: should match $regex
$output"
}

# is TEXT WANT CMD...: CMD prints exactly WANT.
is() {
	local text=$1 want=$2 got
	shift 2

	got=$("$@" 2>&1)
	[[ $got == "$want" ]]
	tap_result "$text" $? "got: $got
want: $want"
}

# pass TEXT, not_ok TEXT [OUTPUT]: a result the script worked out itself.
pass() {
	tap_result "$1" 0
}

not_ok() {
	tap_result "$1" 1 "${2-}"
}

# done_testing: the plan; false if anything failed, or nothing was tested.
done_testing() {
	echo "1..$TAP_COUNT"
	((TAP_FAILED == 0 && TAP_COUNT > 0))
}
