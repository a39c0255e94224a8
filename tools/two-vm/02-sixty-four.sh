#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The largest fabric: 64 HCAs in three machines, whose switches are cabled in a row with that of A in
# the middle, under one subnet manager, on C.
# runs: here
. "${BASH_SOURCE[0]%/*}/../lib/vms.sh"

trunks=/sys/kernel/debug/vib
declare -A HCAS=([A]=22 [B]=21 [C]=21) NET=([A]=1 [B]=2 [C]=3)

vm_start A --nic "$(cable_end ab A B)" --nic "$(cable_end ac A C)" -- tools/two-vm/machine.sh
vm_start B --nic "$(cable_end ab B A)" -- tools/two-vm/machine.sh
vm_start C --nic "$(cable_end ac C A)" -- tools/two-vm/machine.sh

# pairs HCAS NET: what talk() takes for host I and host I of the other NET; 22 has none there.
pairs() {
	local i

	for ((i = 1; i <= $1; i++)); do
		echo "h$i 10.0.$2.$((i > 21 ? 1 : i))"
	done
}

# reach FROM TO: every host of a machine reaches one of the other.
reach() {
	local words

	read -r -d '' -a words < <(pairs "${HCAS[$1]}" "${NET[$2]}")
	on "$1" eval "wait_until 30 talk ${words[*]} > /dev/null || talk ${words[*]}"
}

must 'three machines' vms_ready A B C
must 'A has 22 HCAs, and cables to B and C' on A start_machine 0x0002c90300433bf1 22 2
must 'B has 21' on B start_machine 0x0002c90400433bf1 21
must 'C has 21' on C start_machine 0x0002c90500433bf1 21
ok 'the cable to B trains' on A wait_until 20 trunk_is INIT
ok 'OpenSM on C' on C start_manager 10
for machine in A B C; do
	must "all HCAs of $machine are on" on "$machine" eval \
		"wait_until 120 carriers ${HCAS[$machine]} > /dev/null || carriers ${HCAS[$machine]}"
	ok 'and have addresses' on "$machine" addresses "${NET[$machine]}" "${HCAS[$machine]}"
done
for kind in 'Ca 64' 'Switch 3'; do
	read -r what count <<< "$kind"
	is "B sees $count of $what" "$count" on B eval "ibnetdiscover | grep -c ^$what"
done
is 'no LID occurs twice' 64 eval 'for machine in A B C; do on $machine lids; done | sort -u | wc -l'
for way in 'A B' 'A C' 'B A' 'B C' 'C A' 'C B'; do
	read -r from to <<< "$way"
	ok "all of $from reach $to" reach "$from" "$to"
done
for cable in 0 1; do
	like "A has received from its cable $cable" '^[1-9]' on A trunk_count rx_packets "$trunks/trunk$cable/counters"
done
for machine in A B C; do
	is "nothing that lies was on the cables of $machine" 0 \
		on "$machine" eval "trunk_count rx_drop_malformed $trunks/trunk*/counters"
done
vms_end 'all machines are well'
done_testing
