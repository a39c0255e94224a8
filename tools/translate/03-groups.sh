#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Groups: members on guests and on plain hosts, with every version of IGMP and MLD; groups that share
# a MAC; one copy; leaving; and what happens to a stream when the VIF that receives it goes.
# hosts: 3
# vm: --partitions tools/e2e/vlan3.partitions
. tools/lib/guest.sh
. tools/translate/topology.sh

# force NETNS DEVICE IGMP MLD: the versions it speaks there.
force() {
	ip netns exec "$1" sysctl -q -w "net.ipv4.conf.$2.force_igmp_version=$3" \
		"net.ipv6.conf.$2.force_mld_version=$4"
}

# A line of membership per version: IGMP, MLD, an IPv4 group, the one with the same MAC, an IPv6 group.
VERSIONS=(
	"1 1 224.1.2.3 225.1.2.3 ff0e::4:1234"
	"2 1 232.9.8.7 233.137.8.7 ff05::9:1234"
	"3 2 239.255.0.1 238.127.0.1 ff02::7:1234"
)

for n in 1 2; do
	must "hypervisor $n" eval "hypervisor $n && guest ${n}1 && guest ${n}2 && vlan_bridge $n && vlan_guest ${n}1"
done
must "a plain host" eval 'addresses h3 ib0 30 && vlan_plain 3'
must "all VIFs come up" await_vifs 1 2
start_wire

for line in "${VERSIONS[@]}"; do
	read -r igmp mld group twin group6 <<< "$line"
	versions="IGMPv$igmp, MLDv$mld"
	force g21 eth0 "$igmp" "$mld"
	force g11 eth0 "$igmp" "$mld"
	for one in "$group" "$group6"; do
		ok "$versions: a guest joins $one" wire "join('g21/eth0', '$one')"
		ok "a remote guest reaches it" wire "reaches('g11/eth0', '$one', 'g21/eth0')"
		ok "each datagram arrives once, in order, with the MAC of the group" \
			wire "group_burst('g11/eth0', '$one', 'g21')"
		# Its own ib_ipoib lets the first ones be overtaken.
		ok "so do those of a plain host" wire "reaches('h3/ib0', '$one', 'g21/eth0') or
			group_burst('h3/ib0', '$one', 'g21')"
		ok "a plain host joins, too" wire "join('h3/ib0', '$one')"
		ok "a guest reaches both" wire "reaches('g11/eth0', '$one', 'g21/eth0', 'h3/ib0')"
	done
	ok "$twin has the same MAC and stays away" wire "away('g11/eth0', '$twin', 'g21')"
	ok "also from a plain host" wire "away('h3/ib0', '$twin', 'g21')"
	ok "a guest elsewhere joins it" wire "join('g11/eth0', '$twin')"
	ok "and gets it from a plain host" wire "reaches('h3/ib0', '$twin', 'g11/eth0')"
	ok "and not the other one" wire "away('h3/ib0', '$group', 'g11')"
	ok "which still has its member" wire "group_burst('h3/ib0', '$group', 'g21')"
	ok "the member leaves" wire "leave('g21/eth0', '$group') or leave('g21/eth0', '$group6')"
	if ((igmp > 1)); then
		ok "which ends it at its VIF" wire "away('h3/ib0', '$group', 'h2/ib0.1', 'h2/ib0.2', 'h2/ib0.3')
			or away('h3/ib0', '$group6', 'h2/ib0.1', 'h2/ib0.2', 'h2/ib0.3')"
	fi
	ok "all others leave" wire "leave('h3/ib0', '$group') or leave('h3/ib0', '$group6') or
		leave('g11/eth0', '$twin')"
done

ok "a guest in VLAN 3 joins" wire "join('g21/eth0.3', '224.7.8.9')"
ok "a guest of VLAN 3 reaches it" wire "reaches('g11/eth0.3', '224.7.8.9', 'g21/eth0.3')"
ok "as does a plain host, once each" wire \
	"group_burst('h3/ib0.8003', '224.7.8.9', 'g21', device='eth0.3')"
# One that nobody has ever joined untagged: IGMPv1 knows no leave.
ok "what is untagged stays away" wire "away('h3/ib0', '224.7.8.9', 'g21')"
ok "it joins in IPv6" wire "join('g21/eth0.3', 'ff0e::4:1234')"
ok "a plain host reaches it, once each" wire \
	"reaches('h3/ib0.8003', 'ff0e::4:1234', 'g21/eth0.3') or
	group_burst('h3/ib0.8003', 'ff0e::4:1234', 'g21', device='eth0.3')"

# Two guests of one host in a group, and one leaves.
for guest in 21 22; do
	force "g$guest" eth0 0 0
	ok "guest $guest joins" wire "join('g$guest/eth0', '225.6.7.8') or join('g$guest/eth0', 'ff0e::6')"
done
ok "both get it" wire "reaches('h3/ib0', '225.6.7.8', 'g21/eth0', 'g22/eth0') or
	reaches('h3/ib0', 'ff0e::6', 'g21/eth0', 'g22/eth0')"
ok "one copy" wire "group_burst('h3/ib0', '225.6.7.8', 'g21') or group_burst('h3/ib0', 'ff0e::6', 'g21')"
ok "the hypervisor's own stack can join" wire "join('h1/br0', '225.6.7.8')"
ok "and gets it" wire "reaches('h3/ib0', '225.6.7.8', 'h1/br0', 'g21/eth0')"

# Take-over: ib0.1, ib0.2 and ib0.3 of host 1 share its partition.
ok "a guest is in a group when VIFs go" wire "join('g11/eth0', '225.6.7.8')"
ok "it is reached" wire "reaches('h3/ib0', '225.6.7.8', 'g11/eth0')"
# goes_without_loss WHAT GROUP CMD...: while CMD runs a stream loses nothing and nothing comes twice.
goes_without_loss() {
	local what=$1 group=$2
	shift 2

	ok "$group is streaming" wire "numbers_begin('h3/ib0', 'h1/eth4', '$group')" || return
	ok "$what" "$@"
	ok "$group lost nothing and nothing came twice" wire "numbers_end('h1/eth4')"
}
# restored CLONE INDEX MAC
restored() {
	ip -n h1 link del "$1" 2> /dev/null
	vif 1 "$1" "index $2" "$3" && await_vifs 1
}
pif1=$(host 1 cat /sys/class/net/eth4/address)
for group in 255.255.255.255 225.6.7.8; do
	goes_without_loss "ib0.1 is released" "$group" ip -n h1 link set dev ib0.1 nomaster
	ok "it comes back" restored ib0.1 1 "$pif1"
	goes_without_loss "ib0.2 goes down" "$group" ip -n h1 link set dev ib0.2 down
	ok "it comes back" eval 'ip -n h1 link set dev ib0.2 up && await_vifs 1'
	goes_without_loss "ib0.3 is deleted" "$group" ip -n h1 link del ib0.3
	ok "it comes back" restored ib0.3 3 "$(mac 12)"
	goes_without_loss "ib0.1 is deleted" "$group" ip -n h1 link del ib0.1
	ok "it comes back" restored ib0.1 1 "$pif1"
done
done_testing
