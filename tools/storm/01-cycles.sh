#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# A thousand times something is made, changed and taken away while traffic flows; in the end nothing
# of it is left. With an argument N, one Nth of each.
# hosts: 2
# vm: --partitions tools/e2e/vlan3.partitions --append slub_debug=U --timeout 3600
. tools/lib/guest.sh
. tools/translate/topology.sh

PART=${1:-1}
DONE=0
MAC=00:02:c9:43:3b:f1

batch() {
	ip -n h1 -batch -
}

# A cycle is what is printed for its number. Whatever is refused ends the batch.
vifs() {
	cat <<- END
		link add link ib0 name ib0.7 type ipoib index 7
		link set dev ib0.7 master eth4
		link set dev eth4 vif ib0.7 mac 52:54:00:00:00:07
		link del ib0.7
	END
}

releases() {
	cat <<- END
		link set dev ib0.8 master eth4
		link set dev eth4 vif ib0.8 mac 52:54:00:00:00:08
		link set dev ib0.8 nomaster
	END
}

macs() {
	printf 'link set dev eth4 vif ib0.9 mac 52:54:00:00:%02x:%02x\n' $(($1 / 200)) $(($1 % 200))
}

# VLANs, and the own MAC together with that of the VIF that has it.
vlans() {
	cat <<- END
		link set dev eth4 vif ib0.8003 mac 52:54:00:00:00:09 vlan $((2 + $1 % 4000))
		link set dev eth4 address 02:00:00:00:00:0$(($1 % 10))
		link set dev eth4 address $MAC
		link set dev eth4 vif ib0.8003 none
	END
}

# The PIF goes with all its VIFs, and comes back with one.
pifs() {
	cat <<- END
		link del eth4
		link add link ib0 name eth4 type eipoib
		link set dev eth4 master br0 up
		link set dev ib0.1 master eth4
		link set dev eth4 vif ib0.1 mac $MAC
	END
}

# There by the batch of h1, back by a batch of the other namespace.
moves() {
	echo "link set dev eth4 netns away"
}

back() {
	printf '%s\n' 'link set dev eth4 netns h1' | ip -n away -batch - &&
		printf '%s\n' 'link set dev eth4 master br0 up' | batch
}

loads() {
	rmmod eth_ipoib && modprobe eth_ipoib && wait_until 20 pif 1 > /dev/null &&
		ip -n h1 link set dev "$(pif 1)" name eth4 && batch <<- END
			link set dev eth4 master br0 up
			link set dev ib0.1 master eth4
			link set dev eth4 vif ib0.1 mac $MAC
		END
}

# cycles COUNT KIND: print how many were carried out.
cycles() {
	local i

	for ((i = 0; i < $1; i++)); do
		case $2 in
		loads) loads || return ;;
		moves) moves | batch && back || return ;;
		esac
	done
	case $2 in
	loads | moves) ;;
	*)
		for ((i = 0; i < $1; i++)); do
			"$2" "$i"
		done | batch
		;;
	esac
}

# traffic: somebody asks all the time, and is answered when nothing is in the way.
traffic_begin() {
	ip netns exec h2 ping -n -i 0.01 10.0.0.10 > /run/traffic 2>&1 &
	echo $! > /run/traffic.pid
	wait_until 30 grep -q 'bytes from' /run/traffic
}

flows() {
	local before

	before=$(grep -c 'bytes from' /run/traffic)
	wait_until 30 eval "((\$(grep -c 'bytes from' /run/traffic) > $before + 20))"
}

# leaks [COUNT]: functions of ours that have allocated so many more than in /run/before, or with no
# COUNT, remember what is there.
leaks() {
	python3 - "$@" << 'END'
import collections, json, sys
sys.path.insert(0, "tools/faults")
from inject import allocations
now = allocations()
if len(sys.argv) < 2:
    json.dump(now, open("/run/before", "w"))
    sys.exit()
more = now - collections.Counter(json.load(open("/run/before")))
print(more)
sys.exit(any(count >= int(sys.argv[1]) for count in more.values()))
END
}

# Those who talk are remembered, and some frames are on their way.
nothing_left() {
	wait_until 20 leaks 40 > /run/leaks
	tap_result "nothing is left of $DONE cycles" $? "$(tail -n 1 /run/leaks)"
}

# storm COUNT KIND TEXT
storm() {
	local count=$(($1 / PART)) start=$EPOCHREALTIME

	ok "$count times: $3" cycles "$count" "$2" || return
	DONE=$((DONE + count))
	pass "in $(((${EPOCHREALTIME/./} - ${start/./}) / 1000)) ms"
	ok "traffic flows" flows
}

must "a hypervisor" hypervisor 1
ok "a plain host" addresses h2 ib0 20
ok "and three clones" batch <<- END
	link add link ib0 name ib0.8 type ipoib index 8
	link add link ib0 name ib0.9 type ipoib index 9
	link add link ib0 name ib0.8003 type ipoib pkey 0x8003
END
must "the VIF comes up" wait_until 30 has_carrier 1 ib0.1
ok "traffic" traffic_begin
ip netns add away
# Once, so that what is made once and kept does not count.
once() {
	local kind

	for kind in vifs releases moves pifs loads; do
		cycles 1 "$kind" || return
	done
}
ok "each once" once
ok "traffic flows" flows
ok "what there is" leaks

storm 300 vifs "a clone is made, enslaved, bound and deleted"
storm 200 releases "a clone is enslaved, bound and released"
batch <<< 'link set dev ib0.9 master eth4'
storm 150 macs "a VIF gets another MAC"
batch <<< 'link set dev ib0.9 nomaster'
batch <<< 'link set dev ib0.8003 master eth4'
storm 100 vlans "a VIF gets a VLAN, the PIF another MAC"
batch <<< 'link set dev ib0.8003 nomaster'
storm 100 moves "the PIF goes to another namespace, and back"
storm 100 pifs "the PIF is deleted with its VIFs, and made again"
nothing_left
storm 50 loads "eth_ipoib is unloaded and loaded again"
nothing_left
kill "$(< /run/traffic.pid)"
is "cycles" "$((1000 / PART))" echo "$DONE"
ok "nobody talks: no module is in use" eval '[[ $(< /sys/module/eth_ipoib/refcnt) == 0 ]]'
done_testing
