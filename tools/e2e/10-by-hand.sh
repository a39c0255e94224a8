#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# What an administrator does by hand: PIFs made, deleted and moved to another namespace without
# their IPoIB interface, a new MAC, VIFs that move, and who is told of it.
# hosts: 2
. tools/lib/guest.sh
. tools/e2e/hypervisor.sh

# attribute DEVICE FILE: of a device of host 1.
attribute() {
	host 1 cat "/sys/class/net/$1/$2"
}

# lacks NAMESPACE DEVICE
lacks() {
	! ip -n "$1" link show dev "$2" > /dev/null 2>&1
}

# of_link DEVICE FILTER
of_link() {
	h1 -d -j link show dev "$1" | jq -c ".[0]$2"
}

no_carrier() {
	! has_carrier "$1" "$2"
}

# monitor_has TEXT
monitor_has() {
	grep -q "$1" /run/monitor
}

# A PIF by hand.
ok "eth4 is there" rename_pif 1
is "its MTU is ib0's" 2044 attribute eth4 mtu
ok "it has no carrier without a VIF" no_carrier 1 eth4
ok "it can be deleted" h1 link del eth4
ok "and is gone" lacks h1 eth4
ok "it can be made again, without a name" h1 link add link ib0 type eipoib
ok "and gets the first free one" h1 link show dev eth0
ok "deleted" h1 link del eth0
fails "an MTU above ib0's" h1 link add link ib0 name eth4 mtu 9000 type eipoib
ok "MTU and MAC at creation" h1 link add link ib0 name eth4 address 02:11:22:33:44:55 mtu 1500 \
	type eipoib
is "the MAC" 02:11:22:33:44:55 attribute eth4 address
is "the MTU" 1500 attribute eth4 mtu
h1 link del eth4
ip netns add c1
ok "a PIF in another namespace than ib0" h1 link add link ib0 name eth4 netns c1 type eipoib
fails "is the only one all the same" h1 link add link ib0 name eth9 type eipoib
ok "and dies with that namespace" ip netns del c1
ok "after which there can be another" wait_until 20 h1 link add link ib0 name eth4 type eipoib
h1 link set eth4 up

# A VIF.
h1 link add link ib0 name ib0.1 type ipoib index 1
ok "enslave" h1 link set dev ib0.1 master eth4
is "a VIF without a MAC in vifs" "SLAVE=ib0.1      MAC=N/A               VLAN=N/A" \
	attribute eth4 eth/vifs
# What tells of its carrier would tell of its MAC, too.
ok "its clone has carrier" wait_until 30 has_carrier 1 ib0.1
ip netns exec h1 ip -d monitor link > /run/monitor 2> /dev/null &
monitor=$!
# Until it hears us, so that what follows cannot be missed.
ok "a monitor listens" wait_until 20 eval 'ip -n h1 link set dev lo alias "$SECONDS"; monitor_has lo:'
ok "bind" h1 link set dev eth4 vif ib0.1 mac 00:02:C9:43:3B:F1
ok "which listeners are told" wait_until 20 monitor_has "eipoib_slave mac 00:02:c9:43:3b:f1"
kill "$monitor"
is "vifs shows the MAC" "SLAVE=ib0.1      MAC=00:02:c9:43:3b:f1 VLAN=N/A" attribute eth4 eth/vifs
ok "a VIF with carrier gives the PIF carrier" wait_until 30 has_carrier 1 eth4
h1 addr add 10.0.0.1/24 dev eth4
ip -n h2 addr add 10.0.0.2/24 dev ib0
ok "traffic" pings h1 10.0.0.2
ok "another MAC for the PIF" h1 link set eth4 address 02:00:00:00:00:77
is "its VIF has it, too" "SLAVE=ib0.1      MAC=02:00:00:00:00:77 VLAN=N/A" attribute eth4 eth/vifs
ok "traffic" wait_until 20 pings h1 10.0.0.2
ok "another MAC for the VIF alone" h1 link set dev eth4 vif ib0.1 mac 02:00:00:00:00:78
fails "no VIF has the PIF's MAC" ip netns exec h1 ping -n -c 1 -W 1 10.0.0.2
like "which is counted" 'tx_vif_miss: [1-9]' host 1 ethtool -S eth4
ok "bind anew" h1 link set dev eth4 vif ib0.1 mac 02:00:00:00:00:77
ok "traffic" wait_until 20 pings h1 10.0.0.2

# A VIF for any MAC: what is transparent takes more room.
h1 link add link ib0 name ib0.2 type ipoib index 2
h1 link set dev ib0.2 master eth4
ok "a VIF for any MAC" h1 link set dev eth4 vif ib0.2 mac any
is "vifs says so" "SLAVE=ib0.1      MAC=02:00:00:00:00:77 VLAN=N/A
SLAVE=ib0.2      MAC=any               VLAN=N/A" attribute eth4 eth/vifs
is "the MTU leaves room" 2026 attribute eth4 mtu
fails "and cannot be larger" h1 link set dev eth4 mtu 2027
ok "none" h1 link set dev eth4 vif ib0.2 none
is "the MTU is back" 2044 attribute eth4 mtu
is "vifs shows the VIF without a MAC" "SLAVE=ib0.2      MAC=N/A               VLAN=N/A" \
	eval 'attribute eth4 eth/vifs | grep ib0.2'
ok "any again" h1 link set dev eth4 vif ib0.2 mac any
ok "which goes with its clone" h1 link set dev ib0.2 nomaster
is "the MTU is back" 2044 attribute eth4 mtu
ok "sticky" h1 link set dev eth4 vif ib0.1 mac 02:00:00:00:00:77 sticky on
ok "traffic" wait_until 20 pings h1 10.0.0.2
ok "a VIF without a MAC" h1 link set dev eth4 vif ib0.1 none
fails "carries nothing" ip netns exec h1 ping -n -c 1 -W 1 10.0.0.2
ok "bind anew" h1 link set dev eth4 vif ib0.1 mac 02:00:00:00:00:77
ok "traffic" wait_until 20 pings h1 10.0.0.2

# What waits for an unknown destination, too long to be flooded, does not outlive its interface.
unresolved() {
	host 1 ethtool -S eth4 | sed -n 's/^ *tx_unresolved: //p'
}
before=$(unresolved)
h1 neigh add 10.0.0.99 lladdr 52:54:00:99:99:99 dev eth4
host 1 python3 -c '
import socket
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(20):
    sock.sendto(bytes(2010), ("10.0.0.99", 9))'
h1 link set eth4 down
is "no frame waits for it when the PIF is down" "$((before + 20))" unresolved
h1 link set eth4 up
ok "traffic" wait_until 20 pings h1 10.0.0.2

# Namespaces.
ip netns add c1
ok "the PIF moves alone" h1 link set eth4 netns c1
ip -n c1 link set eth4 up
ip -n c1 addr add 10.0.0.1/24 dev eth4
ok "traffic from there" wait_until 20 pings c1 10.0.0.2
ok "and back" ip -n c1 link set eth4 netns h1
h1 link set eth4 up
ok "a VIF moves" h1 link set ib0.1 netns c1
is "and is released" 0 of_link eth4 .linkinfo.info_data.vif_count
ok "and comes back" ip -n c1 link set ib0.1 netns h1
done_testing
