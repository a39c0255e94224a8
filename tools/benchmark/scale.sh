#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# What a request, there and back, and a broadcast cost a hypervisor with few and many VIFs, and with
# few and many peers; what VIFs and peers take of memory and time.
# arguments: SCALE VIFS PEERS: how many times as long the long run is as the short one; lists of
#            numbers in ascending order
# hosts: 2
. tools/lib/guest.sh
. tools/benchmark/stations.sh

SCALE=${1:-4}
VIFS=${2:-1 100 1000}
PEERS=${3:-1 10000 1000000}
QUEUE_PAIRS=20000

# memory: kilobytes in use.
memory() {
	awk '/MemTotal/ { total = $2 } /MemAvailable/ { print total - $2 }' /proc/meminfo
}

# slab: kilobytes of it.
slab() {
	awk '/^Slab:/ { print $2 }' /proc/meminfo
}

# pif N: a PIF that remembers as many peers as can be.
pif() {
	ip -n "h$1" link del "$(hca_twin "$1")" &&
		ip -n "h$1" link add link ib0 name eth4 type eipoib max_peers 1048576
}

# hypervisor N
hypervisor() {
	pif "$1" && eipoib "$1" &&
		bridge -n "h$1" link set dev eth4 learning off
}

# add_vifs FIRST LAST: those of guests that say nothing.
add_vifs() {
	local i

	for ((i = $1; i <= $2; i++)); do
		printf 'link add link ib0 name ib0.%d type ipoib index %d\n' "$i" "$i"
		printf 'link set dev ib0.%d master eth4\n' "$i"
		printf 'link set dev eth4 vif ib0.%d mac 52:54:00:00:%02x:%02x\n' "$i" \
			$((i / 256)) $((i % 256))
	done | ip -n h1 -batch -
}

carriers() {
	(($(ip -n h1 -o link show master eth4 | grep -c LOWER_UP) == $1))
}

# peers: how many MACs are remembered.
peers() {
	bridge -n h1 fdb show dev eth4 | wc -l
}

# announce FIRST LAST: MACs by number, behind the other station's VIF. What is lost on the way is
# said again.
announce() {
	local wanted=$(($(peers) + $2 - $1 + 1)) turn

	for turn in {1..4}; do
		host 2 traffic announce ib0.2 "$1" "$2" || return
		(($(peers) < wanted)) || return 0
	done
	echo "after turn $turn there are $(peers) peers of $wanted"
	return 1
}

# add_queue_pairs N: each with a MAC, as the administrator would say it.
add_queue_pairs() {
	local i

	for ((i = 1; i <= $1; i++)); do
		printf 'fdb add 52:54:01:%02x:%02x:%02x dev eth4 dst fe80::2:c903:0:%x vni %d self static\n' \
			$((i >> 16)) $((i >> 8 & 255)) $((i & 255)) "$i" $((i + 4096))
	done | bridge -n h1 -batch -
}

# packets: of host 1's IPoIB interface and VIFs.
packets() {
	ip -n h1 -s -j link show | jq 'map(.stats64 | .rx.packets + .tx.packets) | add'
}

# quiet: nobody sends anything of their own accord for two seconds.
quiet() {
	local before

	before=$(packets)
	sleep 2
	[[ $(packets) == "$before" ]]
}

# costs NAME: measured under that name, from the other host's station to this one's.
costs() {
	local test

	for test in request broadcast; do
		measure ei2 "$test" "$([[ $test == request ]] && echo 10.5.0.1 || echo 10.5.0.255)" \
			"$1" > /run/measure 2>&1
		tap_result "$test with $1" $? "$(cat /run/measure)"
	done
}

ok "a hypervisor" hypervisor 1
ok "another one" hypervisor 2
ip netns exec ei1 traffic serve &
ok "they reach each other" wait_until 20 ip netns exec ei2 ping -q -c 3 -i 0.1 -W 5 10.5.0.1
: > /out/growth
have=0
for count in $VIFS; do
	# The PIF's own and the station's are there.
	before=$(memory) start=$(cut -d ' ' -f 1 /proc/uptime)
	if ((count > 1)); then
		ok "$count guests" add_vifs $((have + 3)) $((count + 1))
		ok "all have carrier" wait_until 600 carriers $((count + 1))
		echo "vifs $((count - have)) seconds $(awk -v start="$start" '{ print $1 - start }' \
			/proc/uptime) kilobytes $(($(memory) - before))" >> /out/growth
	fi
	have=$((count - 1))
	ok "silence" wait_until 120 quiet
	kill -STOP "$(< /run/opensm/pid)"
	costs "vifs:$count"
	kill -CONT "$(< /run/opensm/pid)"
done
kill -STOP "$(< /run/opensm/pid)"
have=1
for count in $PEERS; do
	before=$(slab)
	if ((count > 1)); then
		ok "$count peers" announce $((have + 1)) "$count"
		echo "peers $((count - have)) bytes of each $((
			($(slab) - before) * 1024 / (count - have)))" >> /out/growth
	fi
	have=$count
	costs "peers:$count"
done
before=$(slab)
ok "$QUEUE_PAIRS queue pairs with a MAC each" add_queue_pairs "$QUEUE_PAIRS"
echo "queue pairs $QUEUE_PAIRS bytes of each $((($(slab) - before) * 1024 / QUEUE_PAIRS))" >> /out/growth
cp /proc/kallsyms /out/kallsyms
done_testing
