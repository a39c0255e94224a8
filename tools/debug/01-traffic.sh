#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Traffic from everywhere while everything about it changes: what a checker is there to look at.
# hosts: 3
# vm: --partitions tools/e2e/vlan3.partitions
. tools/lib/guest.sh
. tools/e2e/hypervisor.sh

# flood NAMESPACE ADDRESS [SIZE]: until the end; whoever answers or not.
flood() {
	while ((SECONDS < end)); do
		ip netns exec "$1" timeout 20 ping -q -n -f -c 2000 -s "${3:-56}" "$2"
	done
}

# change_once N: what an administrator does, and a guest that has forgotten.
change_once() {
	ip -n g1a neigh flush all && ip -n g2b neigh flush all && ip -n h3 neigh flush all &&
		ip -n h1 link set eth4 mtu $((1500 + $1 % 2 * 500)) &&
		host 1 bridge fdb show dev eth4 && host 1 ethtool -S eth4 &&
		host 1 ethtool -S ib0.2 && ip -n h1 -s -d link show dev eth4 &&
		ip -n h1 link set ib0.2 nomaster && ip -n h1 link set ib0.2 master eth4 &&
		ip -n h1 link set dev eth4 type eipoib vif ib0.2 mac 52:54:00:67:E9:BD &&
		{ ip netns exec g1a ping -q -n -c 1 -W 1 10.0.0.77 || true; }
}

change() {
	local i

	for ((i = 0; SECONDS < end; i++)); do
		change_once "$i" > /dev/null || return
	done
}

kcsan_looks() {
	(($(sed -n 's/^setup_watchpoints: //p' /sys/kernel/debug/kcsan) > 10000))
}

ok "two hypervisors" hypervisors 1 2
ok "a plain host" ip -n h3 addr add 10.0.0.3/24 dev ib0
end=$((SECONDS + 60))
floods=()
for pair in 'g1a 10.0.0.12' 'g2a 10.0.0.11 1800' 'g1b 10.3.0.12' 'g2b 10.3.0.11' \
	    'h3 10.0.0.12' 'g1a 10.0.0.3'; do
	# shellcheck disable=SC2086
	flood $pair > /dev/null 2>&1 &
	floods+=($!)
done
ok "VIFs come and go, tables and counters are read" change
wait "${floods[@]}"
ok "a guest reaches a guest" pings g1a 10.0.0.12
[[ ! -e /sys/kernel/debug/kcsan ]] || ok "KCSAN has looked" kcsan_looks
done_testing
