#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Live migration: a guest that knows nothing of InfiniBand, a QEMU process of its own, moves from
# hypervisor A to hypervisor B, which are virtual machines on one fabric, while guests and plain
# IPoIB hosts on both of them talk to it.
# runs: here
. "${BASH_SOURCE[0]%/*}/../lib/vms.sh"
. tools/lib/common.sh
. tools/lib/packages.sh
. tools/lib/debs.sh
. tools/lib/extract.sh
. tools/lib/kernel.sh

GUEST_MAC=52:54:00:aa:00:50
A=(on A)
B=(on B)
declare -A QEMU_PIDS
trap '((${#QEMU_PIDS[@]} == 0)) || kill "${QEMU_PIDS[@]}" 2> /dev/null; vms_cleanup' EXIT

# guest_image: an initramfs of busybox, Debian's modules and what the guest does.
guest_image() {
	local dir=$VMS_TMP/image file name

	mkdir -p "$dir/net" && cp tools/migrate/guest-init "$dir/init" || return
	for name in failover net_failover virtio_net; do
		file=$(find "$K_DIR/modules/kernel/" -name "$name.ko") && cp "$file" "$dir/net/" || return
	done
	(cd "$dir" && find . -print0 | cpio --quiet -0 -H newc -o) |
		cat "$K_DIR/boot/initramfs" - > "$VMS_TMP/guest.initrd"
}

# guest_qemu WHERE [OPTION...]: the guest's QEMU, its cable in machine WHERE.
guest_qemu() {
	local where=$1 image=$K_DIR/boot/vmlinuz
	shift

	[[ ! -e $K_DIR/boot/vmlinux ]] || image=$K_DIR/boot/vmlinux
	qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot \
		-accel tcg,thread=single,tb-size=64 -cpu qemu64 -m 128 -kernel "$image" \
		-initrd "$VMS_TMP/guest.initrd" \
		-append "console=ttyS0 panic=-1 mitigations=off tsc=reliable no_timer_check guest=10.0.0.50/24" \
		-chardev "file,id=console,path=$VMS_OUT/guest.$where.log" -serial chardev:console \
		-netdev "$(cable_end guest "Q$where" "$where"),id=net0" \
		-device "virtio-net-pci,netdev=net0,mac=$GUEST_MAC,romfile=" \
		-qmp "unix:$VMS_TMP/qmp.$where,server=on,wait=off" "$@" \
		> "$VMS_OUT/guest.$where.qemu" 2>&1 < /dev/null &
	QEMU_PIDS[$where]=$!
}

qmp() {
	tools/migrate/qmp.py "$VMS_TMP/qmp.$1" "${@:2}"
}

# migration_is STATUS
migration_is() {
	[[ $(qmp A query-migrate | jq -r .status) == "$1" ]]
}

migrated() {
	! migration_is active && migration_is completed
}

runs_on() {
	[[ $(qmp "$1" query-status | jq -r .running) == true ]]
}

for machine in A B; do
	other=$([[ $machine == A ]] && echo B || echo A)
	vm_start "$machine" --partitions tools/e2e/vlan3.partitions \
		--nic "$(cable_end fabric $machine "$other")" \
		--nic "$(cable_end guest $machine Q$machine)" -- tools/e2e/hypervisor.sh \
		tools/two-vm/machine.sh tools/migrate/place.sh
done
must 'two machines' vms_ready A B
must 'A has two HCAs and a switch' "${A[@]}" start_machine 0x0002c90300433bf1
# The script of B wants a PIF with the MAC 00:02:C9:43:3C:01.
must 'B as well' "${B[@]}" start_machine 0x0002c90400433bf1
ok 'a subnet manager' "${A[@]}" start_manager 10
must 'all four HCAs are on' eval '"${A[@]}" wait_until 60 carriers && "${B[@]}" wait_until 60 carriers'
must 'hypervisor A' "${A[@]}" hypervisors 1
must 'hypervisor B' "${B[@]}" hypervisors 2
ok 'a plain IPoIB host on A' "${A[@]}" ip -n h2 addr add 10.0.0.3/24 dev ib0
ok 'and on B' "${B[@]}" ip -n h1 addr add 10.0.0.4/24 dev ib0
ok 'ports for the guest' eval '"${A[@]}" plug_guest 1 && "${B[@]}" plug_guest 2'
ok 'its VIF on A' "${A[@]}" add_vif 1

kernel_open "$VMS_KERNEL" boot
must 'an image' guest_image
guest_qemu A
must 'the guest boots' wait_until 120 grep -q 'guest: ready' "$VMS_OUT/guest.A.log"
ok 'and is reached from everywhere' eval '
	"${A[@]}" wait_until 30 talk g1a 10.0.0.50 h2 10.0.0.50 &&
	"${B[@]}" wait_until 30 talk g2a 10.0.0.50 h1 10.0.0.50'
ok 'guests know its true MAC' eval '"${A[@]}" knows g1a 10.0.0.50 $GUEST_MAC &&
	"${B[@]}" knows g2a 10.0.0.50 $GUEST_MAC'
plain_before=$("${B[@]}" ip -n h1 neigh show to 10.0.0.50 | sed -n 's/.*lladdr \([^ ]*\).*/\1/p')
like 'a plain host knows an IPoIB address' '^([0-9a-f]{2}:){19}' echo "$plain_before"

ok 'a TCP session from a guest on B' "${B[@]}" session_begin g2a 7001
ok 'and from a plain host on A' "${A[@]}" session_begin h2 7002
ok 'pings from A' eval '"${A[@]}" watch_begin g1a eth0 && "${A[@]}" watch_begin h2 ib0'
ok 'and from B' eval '"${B[@]}" watch_begin g2a eth0 && "${B[@]}" watch_begin h1 ib0'

ok 'its VIF on B, as a management layer makes it beforehand' "${B[@]}" add_vif 2
guest_qemu B -incoming "unix:$VMS_TMP/migration"
ok 'B waits for the guest' wait_until 30 test -S "$VMS_TMP/migration"
ok 'it migrates' qmp A migrate "{\"uri\": \"unix:$VMS_TMP/migration\"}"
ok 'all of it has gone' wait_until 120 migrated
progress=$(qmp A query-migrate | jq -r '"downtime \(.downtime) ms, total \(."total-time") ms"')
ok "it runs on B ($progress)" wait_until 30 runs_on B
fails 'and no longer on A' runs_on A
# Else A's port fills up with what nobody takes.
ok 'where its process ends' eval 'qmp A quit && wait_until 20 eval "! kill -0 ${QEMU_PIDS[A]} 2> /dev/null"'
unset "QEMU_PIDS[A]"
for watcher in 'A g1a' 'A h2' 'B g2a' 'B h1'; do
	read -r machine netns <<< "$watcher"
	ok "answers come again: $netns on $machine" on "$machine" more_answers "$netns" 20
done
ok 'the session of the guest on B goes on' "${B[@]}" more_lines g2a 20
ok 'and that of the plain host on A' "${A[@]}" more_lines h2 20
ok 'its VIF on A goes' "${A[@]}" remove_vif 1
for watcher in 'A g1a' 'A h2' 'B g2a' 'B h1'; do
	read -r machine netns <<< "$watcher"
	ok "answers come: $netns on $machine" on "$machine" more_answers "$netns" 10
	counts=$(on "$machine" watch_end "$netns")
	ok "nothing was lost but what went to the old place: ${counts%%$'\n'*}" test $? = 0 ||
		echo "# $counts"
done
like 'the session from B has survived' '^[0-9]+ lines' "${B[@]}" session_end g2a
like 'and that from A' '^[0-9]+ lines' "${A[@]}" session_end h2
ok 'guests know its true MAC' eval '"${A[@]}" knows g1a 10.0.0.50 $GUEST_MAC &&
	"${B[@]}" knows g2a 10.0.0.50 $GUEST_MAC'
# As IPoIB addresses they differ in the queue pair, too.
fails 'and plain hosts another IPoIB address' "${B[@]}" knows h1 10.0.0.50 "$plain_before"
like 'that they know' 'lladdr' "${B[@]}" ip -n h1 neigh show to 10.0.0.50
ok 'the bridge on A has it behind eth4' "${A[@]}" eval \
	"host 1 bridge fdb show br br2 | grep -q '$GUEST_MAC dev eth4'"
vms_end 'both machines are well'
done_testing
