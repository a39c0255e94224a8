#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# What rtnetlink accepts, refuses and tells: each attribute missing, short, long, out of range,
# unknown and twice; no privileges; PIFs by hand only; and whoever listens is told of every change.
# hosts: 2
# vm: --partitions tools/e2e/vlan3.partitions
. tools/lib/guest.sh
. tools/e2e/hypervisor.sh
. tools/manage/results.sh

MAC=00:02:c9:43:3b:f1
AUTOMATIC=/sys/module/eth_ipoib/parameters/automatic
HEARD=/run/heard

# PIFs by hand only.
echo N > "$AUTOMATIC"
ok "an IPoIB interface arrives" ip -n h2 link set dev ib0 netns h1 name ib1
like "and brings no PIF" '^eth0$' eval 'host 1 ls /sys/class/net | grep ^eth.$'
ok "eth4 is there" rename_pif 1
ok "clones and VIFs" h1 -batch - <<- END
	link set dev ib1 up
	link add dummy0 type dummy
	link add link ib0 name ib0.1 type ipoib index 1
	link add link ib0 name ib0.2 type ipoib index 2
	link add link ib0 name ib0.3 type ipoib index 3
	link add link ib0 name ib0.8003 type ipoib pkey 0x8003
	link add link ib0 name ib0.8003.1 type ipoib pkey 0x8003 index 1
	link set dev ib0.1 master eth4
	link set dev eth4 vif ib0.1 mac $MAC
	link set dev ib0.2 master eth4
	link set dev eth4 vif ib0.2 mac 52:54:00:00:00:02
	link set dev ib0.8003 master eth4
	link set dev eth4 vif ib0.8003 mac $MAC vlan 3
	link set dev ib0.8003.1 master eth4
	link set dev eth4 vif ib0.8003.1 mac 52:54:00:00:00:02 vlan 3
END
ok "which come up" wait_until 60 vifs_have_carrier 1 ib0.1 ib0.2 ib0.8003 ib0.8003.1 ib1 eth4

# Refusals.
for what in vif pif address nobody; do
	results ip netns exec h1 tools/manage/refused.py "$what"
done
# Notifications.
for vif in ib0.2 ib0.8003.1; do
	h1 link set dev "$vif" nomaster
done
results ip netns exec h1 tools/manage/told.py

# The other host has the same MAC. Broadcasts from both: it moves with every frame.
# broadcasts N ADDRESS: until it is killed.
broadcasts() {
	ip netns exec "h$1" ping -q -n -b -i 0.002 "$2" > /dev/null 2>&1 &
	senders+=($!)
}

# heard WHAT [COUNT]: so often at least.
heard() {
	(($(grep -c "$1" "$HEARD") >= ${2:-1}))
}

# Ten tellings, nine times a tenth of a second at least.
not_too_often() {
	mapfile -t times < <(cut -d . -f 1,2 "$HEARD" | sed -n '2,11p')
	jq -n "(${times[9]%% *} - ${times[0]%% *})" | tee /dev/stderr | jq -e '. >= 0.85'
}

echo Y > "$AUTOMATIC"
ok "the other host has its interface back" h1 link set dev ib1 netns h2 name ib0
ok "and a PIF" rename_pif 2
ok "with the same MAC" ip -n h2 -batch - <<- END
	link set dev ib0 up
	link add link ib0 name ib0.1 type ipoib index 1
	link set dev ib0.1 master eth4
	link set dev eth4 vif ib0.1 mac $MAC
	link set dev eth4 address $MAC
	addr add 10.0.0.2/24 dev eth4
END
h1 addr add 10.0.0.1/24 dev eth4
ok "both are up" eval 'wait_until 30 vifs_have_carrier 1 ib0.1 eth4 && wait_until 30 vifs_have_carrier 2 ib0.1 eth4'
ip netns exec h1 tools/manage/contested.py ib0.1 > "$HEARD" &
listener=$!
ok "somebody listens" wait_until 20 heard listening
senders=()
broadcasts 2 10.0.0.255
ok "a VIF whose MAC is elsewhere is told of" wait_until 20 heard contested
like "and shown" contested h1 -d link show dev ib0.1
broadcasts 1 10.0.0.255
ok "and that it is back" wait_until 20 heard free
ok "and so on" wait_until 60 heard . 11
ok "but not too often" not_too_often
kill "${senders[@]}" "$listener"
done_testing
