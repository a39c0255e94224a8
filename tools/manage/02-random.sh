#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# 10,000 random requests: what is refused changes nothing, what is accepted does what it says, and
# nothing is left behind. Arguments: another seed, another number.
# hosts: 1
# vm: --partitions tools/e2e/vlan3.partitions --append slub_debug=FZPU --timeout 900
. tools/lib/guest.sh
. tools/e2e/hypervisor.sh
. tools/manage/results.sh

SEED=${1:-20120607} COUNT=${2:-10000}

jiffies() {
	sed -n '/^jiffies: /{ s///p; q }' /proc/timer_list
}

# kept: what was allocated below eth_ipoib since it was loaded, and not freed.
kept() {
	awk -v limit="$(($(jiffies) - loaded_at))" \
		'/age=/ { head = $0; split($0, part, "age="); is_new = part[2] + 0 <= limit }
		is_new && /\[eth_ipoib\]/ { print head; print; is_new = 0 }' \
		/sys/kernel/debug/slab/kmalloc-*/alloc_traces
}

nothing_kept() {
	local found

	found=$(kept) && [[ ! $found ]] || {
		echo "$found"
		return 1
	}
}

ok "the module is loaded anew" eval 'rmmod eth_ipoib && loaded_at=$(jiffies) && modprobe eth_ipoib'
loaded_at=$(jiffies)
ok "eth4 is there" eval 'wait_until 20 pif 1 && rename_pif 1'
{
	echo link add dummy0 type dummy
	echo link add link ib0 name ib0.9 type ipoib index 9
	for i in 1 2 3 4 5 6; do
		echo "link add link ib0 name ib0.$i type ipoib index $i"
	done
	echo link add link ib0 name ib0.8003 type ipoib pkey 0x8003
	echo link add link ib0 name ib0.8003.1 type ipoib pkey 0x8003 index 1
	for i in 1 2 3 4 5 6 8003 8003.1; do
		echo "link set dev ib0.$i master eth4"
	done
} > /run/setup
ok "VIFs" ip -n h1 -batch /run/setup
ok "which come up" wait_until 60 vifs_have_carrier 1 ib0.{1..6} ib0.8003 ib0.8003.1 eth4
ip -n h1 link set dev ib0.9 up
ok "and another clone" wait_until 60 has_carrier 1 ib0.9
results ip netns exec h1 tools/manage/mutants.py "$SEED" "$COUNT"
ok "VIFs, clones and PIF go" eval 'for i in 1 2 3 4 5 6 8003 8003.1 9; do
	ip -n h1 link del "ib0.$i" || exit; done && ip -n h1 link del eth4'
ok "nothing is kept" wait_until 20 nothing_kept
ok "nor is a reference" eval '(($(< /sys/module/eth_ipoib/refcnt) == 0)) && rmmod eth_ipoib'
ok "nor an interface" rmmod ib_ipoib
done_testing
