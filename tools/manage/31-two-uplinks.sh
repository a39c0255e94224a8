#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Two PIFs of one fabric in one bridge, with the spanning tree and without: no station of the
# fabric gets a VIF here. Host 1 has eth4 and, over the port of host 2, eth5; behind host 3's PIF
# is another guest.
# hosts: 3
# vm: --eipoibd
. tools/lib/guest.sh
. tools/e2e/hypervisor.sh
. tools/manage/eipoibd.sh

HERE=52:54:00:00:00:01 THERE=52:54:00:00:00:03

# port_states: of both uplinks.
port_states() {
	host 1 bridge -j link show | jq -r '[.[] | select(.ifname == ("eth4", "eth5")) | .state] |
		sort | join(" ")'
}

one_blocks() {
	[[ $(port_states) == "blocking forwarding" ]]
}

# forwarding: the uplink that does.
forwarding() {
	host 1 bridge -j link show | jq -r '.[] |
		select(.ifname == ("eth4", "eth5") and .state == "forwarding") | .ifname'
}

# on PIF: the MACs of its VIFs.
on() {
	h1 -d -j link show master "$1" | jq -r '.[].linkinfo.info_slave_data.mac' | sort
}

has_mac() {
	[[ $(on "$1") == *$2* ]]
}

# strangers: MACs with a VIF on host 1 that are neither its own nor its guest's.
strangers() {
	{
		on eth4
		on eth5
	} | grep -v -x -e "$HERE" -e "$(host 1 cat /sys/class/net/eth4/address)" \
		-e "$(host 1 cat /sys/class/net/eth5/address)" -e "$(host 1 cat /sys/class/net/br2/address)"
}

# hears_from MAC: the bridge has learnt it, and where it came from.
hears_from() {
	host 1 bridge fdb show br br2 | grep -q "^$1 dev eth[45] "
}

rename_pif 1
ip -n h2 link set dev ib0 netns h1 name ib1
ok "a second PIF" wait_until 20 eval 'host 1 ip -j link show type eipoib | jq -e "length == 2"'
h1 link set dev "$(h1 -j -d link show type eipoib | jq -r '.[].ifname' | grep -v -x eth4)" name eth5
rename_pif 3
ip -n h3 link add br2 type bridge
ip -n h3 link set eth4 master br2
ip -n h3 link set br2 up
ip netns exec h3 eipoibd > /dev/null 2>&1 &
guest_port 3 vnet1 g3 $THERE
ip -n h3 link set vnet1 master br2
ip -n g3 addr add 10.0.0.3/24 dev eth0

: > /run/eipoibd.conf
ok "it starts" start_eipoibd
h1 link add br2 type bridge stp_state 1 forward_delay 200 hello_time 100 max_age 600
h1 link set br2 up
for uplink in eth4 eth5; do
	h1 link set $uplink master br2 up
done
ok "one of two uplinks blocks" wait_until 60 one_blocks
guest br2 vnet1 g1 $HERE 10.0.0.1
ok "a guest and a remote one" wait_until 60 pings g1 10.0.0.3
first=$(forwarding)
second=$([[ $first == eth4 ]] && echo eth5 || echo eth4)
ok "has its VIF on the uplink that forwards" has_mac "$first" $HERE
fails "and none on the one that blocks" has_mac "$second" $HERE
is "nobody else has one" "" strangers
h1 link set "$first" nomaster
ok "the other one takes over" wait_until 60 eval '[[ $(forwarding) == "$second" ]]'
ok "traffic again" wait_until 60 pings g1 10.0.0.3
ok "through a VIF there" has_mac "$second" $HERE
is "nobody else has one" "" strangers

# Now a loop, as in any Ethernet without a spanning tree.
h1 link set br2 type bridge stp_state 0
h1 link set "$first" master br2
ok "both forward" wait_until 60 eval '[[ $(port_states) == "forwarding forwarding" ]]'
# Nobody answers, which arping takes for a failure.
for guest in 1 3; do
	ip netns exec g$guest arping -q -c 3 -U -i eth0 10.0.0.$guest || true
done
ok "the remote guest is heard" wait_until 30 hears_from $THERE
is "nobody of the fabric has a VIF" "" strangers
h1 link set "$second" nomaster
ok "the loop is cut" wait_until 60 pings g1 10.0.0.3
is "nobody of the fabric has one" "" strangers
# A loop that eipoibd cannot see: the other uplink is in a bridge of its own, and what comes
# through the cable between the two bridges looks like guests.
host 1 sysctl -q -w net.ipv6.conf.default.disable_ipv6=1
h1 link add br9 address "$(host 1 cat "/sys/class/net/$second/address")" type bridge
h1 link add cable mtu 2044 type veth peer name plug mtu 2044
h1 link set "$second" master br9
h1 link set cable master br2 up
h1 link set plug master br9 up
h1 link set br9 up
ok "the way around forwards" wait_until 20 has_carrier 1 "$second"
heard_around() {
	ip netns exec g3 arping -q -c 1 -U -i eth0 10.0.0.3 || true
	grep -q "^$THERE dev cable " /run/fdb
}
ip netns exec h1 bridge monitor fdb > /run/fdb 2>&1 &
monitor=$!
ok "the remote guest is heard from behind a port" wait_until 30 heard_around
kill $monitor
is "and has no VIF" "" strangers
h1 link del cable
is "and no step was refused" "" jq -c 'select(.level != "info")' /run/eipoibd.log
cp /run/eipoibd.log /out/
done_testing
