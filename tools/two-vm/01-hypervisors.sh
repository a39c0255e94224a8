#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Hypervisors A and B are virtual machines of their own with a kernel each, on one fabric: guests
# talk, plain IPoIB hosts take part, the cable is cut and mended, and the subnet manager of one
# machine takes over from that of the other.
# runs: here
. "${BASH_SOURCE[0]%/*}/../lib/vms.sh"

A=(on A)
B=(on B)
for machine in A B; do
	other=$([[ $machine == A ]] && echo B || echo A)
	vm_start "$machine" --partitions tools/e2e/vlan3.partitions \
		--nic "$(cable_end fabric $machine "$other")" -- tools/e2e/hypervisor.sh \
		tools/two-vm/machine.sh
done
must 'two machines' vms_ready A B
must 'A has two HCAs and a switch' "${A[@]}" start_machine 0x0002c90300433bf1
# The script of B wants a PIF with the MAC 00:02:C9:43:3C:01.
must 'B as well' "${B[@]}" start_machine 0x0002c90400433bf1
ok 'the cable between them trains' "${A[@]}" wait_until 20 trunk_is INIT
ok 'OpenSM on A' "${A[@]}" start_manager 10
ok 'is master' "${A[@]}" wait_until 30 manager_is MASTER
ok 'OpenSM on B' "${B[@]}" start_manager 5
ok 'stands by' "${B[@]}" wait_until 30 manager_is STANDBY
must 'all four HCAs are on' eval '"${A[@]}" wait_until 60 carriers && "${B[@]}" wait_until 60 carriers'
ok 'two switches, as B sees it' "${B[@]}" eval '(($(ibnetdiscover | grep -c ^Switch) == 2))'
must 'hypervisor A' "${A[@]}" hypervisors 1
must 'hypervisor B' "${B[@]}" hypervisors 2
ok 'a plain IPoIB host on A' "${A[@]}" ip -n h2 addr add 10.0.0.3/24 dev ib0
ok 'and on B' "${B[@]}" ip -n h1 addr add 10.0.0.4/24 dev ib0

# all_talk: everybody with somebody on the other machine.
all_talk() {
	"${A[@]}" talk g1a 10.0.0.12 g1b 10.3.0.12 h2 10.0.0.12 h1 10.0.0.2 g1a 10.0.0.4 h2 10.0.0.4 &&
		"${B[@]}" talk g2a 10.0.0.11 g2b 10.3.0.11 h1 10.0.0.11 g2a 10.0.0.3 h1 10.0.0.3
}

ok 'a guest on A reaches one on B' "${A[@]}" pings g1a 10.0.0.12
ok 'and the other way' "${B[@]}" pings g2a 10.0.0.11
ok 'in VLAN 3' "${A[@]}" pings g1b 10.3.0.12
ok 'everybody reaches everybody' eval 'wait_until 30 all_talk > /dev/null || all_talk'
ok 'A knows the true MAC of the guest on B' "${A[@]}" knows g1a 10.0.0.12 52:54:00:67:e9:be
ok 'in VLAN 3, too' "${A[@]}" knows g1b 10.3.0.12 52:54:00:de:3a:24
ok 'and B that of the guest on A' "${B[@]}" knows g2a 10.0.0.11 52:54:00:67:e9:bd
ok 'a plain host has a REMAC' "${B[@]}" knows g2a 10.0.0.3 ' 02:'

ok 'TCP from A to B' eval '"${B[@]}" receive_file g2a 5001 && "${A[@]}" send_file g1a 10.0.0.12 5001'
is 'arrives whole' "$("${A[@]}" checksum sent)" "${B[@]}" checksum received
ok 'from B to A, in VLAN 3' eval \
	'"${A[@]}" receive_file g1b 5002 && "${B[@]}" send_file g2b 10.3.0.11 5002'
is 'arrives whole' "$("${B[@]}" checksum sent)" "${A[@]}" checksum received
ok 'from a plain host on A to a guest on B' eval \
	'"${B[@]}" receive_file g2a 5003 && "${A[@]}" send_file h2 10.0.0.12 5003'
is 'arrives whole' "$("${A[@]}" checksum sent)" "${B[@]}" checksum received
vifs_before=$("${A[@]}" vifs 1; "${B[@]}" vifs 2)
lids_before=$("${A[@]}" lids; "${B[@]}" lids)

# cut_and_mend: nobody crosses, then everybody does.
cut_and_mend() {
	ok 'the cable is cut' "${A[@]}" ip link set cable0 down
	ok 'A sees it at once' "${A[@]}" trunk_is DOWN
	ok 'and B by the silence' "${B[@]}" wait_until 10 trunk_is DOWN
	fails 'nobody crosses' "${A[@]}" one_ping g1a 10.0.0.12
	ok 'those on one machine still talk' "${B[@]}" wait_until 10 one_ping g2a 10.0.0.4
	ok 'the cable is mended' "${A[@]}" ip link set cable0 up
	ok 'everybody talks again' eval 'wait_until 60 all_talk > /dev/null || all_talk'
	ok 'and has forgotten nobody: true MACs' "${A[@]}" knows g1a 10.0.0.12 52:54:00:67:e9:be
}

cut_and_mend
# shellcheck disable=SC2016 # for the other machine
ok 'the subnet manager on A dies' "${A[@]}" eval 'kill -KILL "$(< /run/opensm/pid)"'
ok 'who knows each other still talks' all_talk
ok 'that on B takes over' "${B[@]}" wait_until 30 manager_is MASTER
ok 'everybody talks' wait_until 30 all_talk
for netns in g1a g1b h2; do
	"${A[@]}" ip -n $netns neigh flush all
done
ok 'and finds each other, once forgotten' wait_until 30 all_talk
is 'no LID has changed' "$lids_before" eval '"${A[@]}" lids; "${B[@]}" lids'
cut_and_mend
is 'no VIF has been lost' "$vifs_before" eval '"${A[@]}" vifs 1; "${B[@]}" vifs 2'
ok 'nothing that lies was on the cable' "${A[@]}" \
	grep -E -q '^rx_drop_malformed 0$' /sys/kernel/debug/vib/trunk0/counters
vms_end 'both machines are well'
done_testing
