# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# For test scripts that run on the host and direct several VMs at once. They begin with
#     # runs: here
#     . "${BASH_SOURCE[0]%/*}/../lib/vms.sh"
# and are called with a kernel, as tools/vm --kernel takes it, and a directory for what is left. In
# each VM is an agent that does what `on` says, so that one script tells the story of all of them
# and nothing has to wait for a time. VMs are cabled by Unix sockets: no network of the host is
# touched.

TOP=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd -P)
cd "$TOP" || exit
. tools/lib/guest.sh

VMS_KERNEL=${1:-6.1}
VMS_OUT=${2:-}
VMS_SECONDS=1800 # that a VM may live
ON_SECONDS=240	 # that a command may take
declare -A VM_PIDS ON_COUNT
# Short names: those of sockets have 107 bytes.
VMS_TMP=$(mktemp -d)
trap 'vms_cleanup' EXIT
trap 'exit 125' HUP INT TERM

vms_cleanup() {
	# tools/vm ends its VM itself.
	((${#VM_PIDS[@]} == 0)) || kill "${VM_PIDS[@]}" 2> /dev/null
	wait
	rm -rf "$VMS_TMP"
}

[[ $VMS_OUT ]] || VMS_OUT=$VMS_TMP/out
mkdir -p "$VMS_OUT" || exit
VMS_OUT=$(realpath "$VMS_OUT")

# cable_end NAME HERE THERE: what --nic of tools/vm, or -netdev of QEMU, takes for the end HERE of a
# cable between two.
cable_end() {
	echo "dgram,local.type=unix,local.path=$VMS_TMP/$1.$2,remote.type=unix,remote.path=$VMS_TMP/$1.$3"
}

# vm_start NAME [OPTION...] -- [FILE...]: a VM whose agent reads FILEs. Options are those of tools/vm.
vm_start() {
	local name=$1 options=()
	shift

	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	rm -rf "${VMS_OUT:?}/$name"
	mkdir -p "$VMS_OUT/$name/agent"
	tools/vm --kernel "$VMS_KERNEL" --no-fabric --slow "${EIPOIB_SLOW:-1}" \
		--timeout "$VMS_SECONDS" --out "$VMS_OUT/$name" "${options[@]}" \
		tools/lib/guest-agent "$@" > "$VMS_OUT/$name.log" 2>&1 &
	VM_PIDS[$name]=$!
	ON_COUNT[$name]=0
}

vm_lives() {
	kill -0 "${VM_PIDS[$1]}" 2> /dev/null
}

vm_is_ready() {
	[[ -e $VMS_OUT/$1/agent/ready ]]
}

# vms_ready NAME...: they have booted.
vms_ready() {
	local name

	for name; do
		wait_until 600 eval "vm_is_ready $name || ! vm_lives $name"
		vm_is_ready "$name" || {
			tail -n 20 "$VMS_OUT/$name.log"
			return 1
		}
	done
}

# on NAME CMD...: run CMD there; its output and its status.
on() {
	local name=$1 count base status
	shift

	count=$((ON_COUNT[$name] + 1))
	# In a subshell, too, the number must be a new one.
	while [[ -e $VMS_OUT/$name/agent/$count.command ]]; do
		count=$((count + 1))
	done
	ON_COUNT[$name]=$count
	base=$VMS_OUT/$name/agent/$count
	printf '%q ' "$@" > "$base.new"
	mv "$base.new" "$base.command"
	wait_until "$ON_SECONDS" eval "[[ -e $base.status ]] || ! vm_lives $name"
	cat "$base.output" 2> /dev/null
	[[ -e $base.status ]] || {
		echo "VM $name: no answer"
		tail -n 20 "$VMS_OUT/$name.log"
		return 125
	}
	status=$(< "$base.status")
	return "$status"
}

# vms_end TEXT: all of them end, and none has been in trouble: a result of the script.
vms_end() {
	local name status=0 count

	for name in "${!VM_PIDS[@]}"; do
		count=1
		while [[ -e $VMS_OUT/$name/agent/$count.command ]]; do
			count=$((count + 1))
		done
		echo 'exit 0' > "$VMS_OUT/$name/agent/$count.command"
	done
	for name in "${!VM_PIDS[@]}"; do
		wait "${VM_PIDS[$name]}" || {
			status=1
			cat "$VMS_OUT/$name.log" >&2
		}
	done
	VM_PIDS=()
	tap_result "$1" "$status" "what they said is on standard error"
}

# must TEXT CMD...: as ok, but without it there is nothing to test.
must() {
	ok "$@" || {
		done_testing
		exit 1
	}
}
