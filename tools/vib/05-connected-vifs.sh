#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Guests with an MTU of 65520 on VIFs in connected mode, beside a hypervisor and a plain host in
# datagram mode: everybody talks to everybody, each in packets as long as the other takes.
# hosts: 4
# vm: --timeout 600
. tools/lib/guest.sh
. tools/translate/topology.sh

# vif N CLONE PARAMETERS MAC: hypervisors 1 and 2 are in connected mode.
vif() {
	local mode=datagram

	(($1 > 2)) || mode=connected
	ip -n "h$1" -batch - <<- END
		link add link ib0 name $2 type ipoib $3 mode $mode
		link set dev $2 master eth4
		link set dev eth4 vif $2 mac $4
	END
}

# large N GUEST: the host's ports, and the guest, send packets as long as eth4 does.
large() {
	ip -n "h$1" link set dev "v$2" mtu 65520 && ip -n "h$1" link set dev br0 mtu 65520 &&
		ip -n "g$2" link set dev eth0 mtu 65520
}

# mtu_is N MTU: of the PIF.
mtu_is() {
	(($(host "$1" cat /sys/class/net/eth4/mtu) == $2))
}

# connections HCA: made and standing.
connections() {
	rdma resource show qp | grep -c "link vib$1/.* type RC .*state RTS"
}

# transfer FROM TO ADDRESS: 2 MB over TCP arrive as they were sent.
transfer() {
	local server sum

	head -c 2097152 /dev/urandom > /run/sent
	sum=$(sha256sum < /run/sent)
	ip netns exec "$2" socat -u TCP6-LISTEN:5000,ipv6only=0,reuseaddr OPEN:/run/received,creat,trunc &
	server=$!
	wait_until 20 eval "ip netns exec $2 ss -Hltn | grep -q :5000" &&
		ip netns exec "$1" socat -u OPEN:/run/sent "TCP:$3:5000" &&
		wait "$server" && [[ $(sha256sum < /run/received) == "$sum" ]]
}

# large_ping NETNS ADDRESS [OPTION...]: 60000 bytes come back.
large_ping() {
	local ns=$1 address=$2
	shift 2

	ip netns exec "$ns" ping -n -c 1 -W 2 -s 60000 "$@" "$address"
}

# path_mtu NETNS ADDRESS
path_mtu() {
	ip -n "$1" route get "$2" | grep -o 'mtu [0-9]*'
}

# neighbour NETNS ADDRESS: the MAC that a guest knows it by
neighbour() {
	ip -n "$1" -j neigh show "$2" | jq -r '.[0].lladdr'
}

# counts N NAME AT_LEAST
counts() {
	(($(counter "$1" "$2") >= $3))
}

for n in 1 2 3; do
	must "hypervisor $n" eval "hypervisor $n && guest ${n}1"
done
must 'a plain host' addresses h4 ib0 40
must 'all VIFs come up' await_vifs 1 2 3
for n in 1 2; do
	ok "eth4 of hypervisor $n has the MTU of connected mode" wait_until 10 mtu_is $n 65520
	ok 'so has its guest' large $n ${n}1
done
ok 'eth4 of hypervisor 3 that of datagrams' mtu_is 3 2044
start_wire

ok '64 datagrams to who is not known arrive in order' eval "
	forget 2 && wire \"burst('g11/10.0.0.11', 'g21/10.0.0.21', 64, 100)\""
ok '65520 bytes are one packet' eval 'pings g11 10.0.0.21 && pings g11 10.0.0.21 -M do -s 65492'
ok 'the other way, too' eval 'pings g21 fd00::11 && pings g21 fd00::11 -M do -s 65472'
ok 'because of a connection' test "$(connections 0)" -ge 1
is 'the guest is known by its own MAC' "$(mac 21)" neighbour g11 10.0.0.21
ok 'datagrams to the guest of the third' pings g11 10.0.0.31
ok '2 MB over TCP' transfer g11 g21 10.0.0.21

ok 'longer ones than it takes are refused' eval '! large_ping g11 10.0.0.31 -M do'
is 'with the length that goes' 'mtu 2044' path_mtu g11 10.0.0.31
ok 'IPv6, too' eval '! large_ping g11 fd00::31 -M do'
is 'with the length that goes' 'mtu 2044' path_mtu g11 fd00::31
ok 'who learnt it sends fragments' large_ping g11 fd00::31
ip -n g11 route flush cache
ok 'for who does not want to know they are made on the way' large_ping g11 10.0.0.31 -M dont
ok 'by eth_ipoib' counts 1 tx_fragmented 1
for pair in 'g11 g31 10.0.0.31' 'g31 g11 10.0.0.11' 'g11 h4 10.0.0.40' 'h4 g11 10.0.0.11' \
	'g11 h4 fd00::40'; do
	read -r from to address <<< "$pair"
	ok "2 MB over TCP from $from to $to" transfer "$from" "$to" "$(
		[[ $address == *:* ]] && echo "[$address]" || echo "$address")"
done

ok 'what is for all is cut, too' eval "
	in_guest 31 sysctl -q -w net.ipv4.icmp_echo_ignore_broadcasts=0 &&
	in_guest 11 ping -n -b -c 1 -W 5 -M dont -s 5000 10.0.0.255 | grep -q 'from 10.0.0.31'"
ok 'the plain host goes into connected mode' eval "
	host 4 sh -c 'echo connected > /sys/class/net/ib0/mode' &&
	ip -n h4 link set dev ib0 mtu 65520"
ok 'and is reached by a connection' wait_until 20 large_ping h4 10.0.0.11 -M 'do'
ok 'and learns what the third takes' eval '! large_ping h4 10.0.0.31 -M do'
is 'at once' 'mtu 2044' path_mtu h4 10.0.0.31
ok '2 MB over TCP from h4 to g31' transfer h4 g31 10.0.0.31

set_mode() {
	local clone

	for clone in ib0.1 ib0.2; do
		ip -n "h$1" link set dev $clone type ipoib mode "$2" || return
	done
}
ok 'hypervisor 2 goes back to datagram mode' set_mode 2 datagram
ok 'its eth4 follows' wait_until 10 mtu_is 2 2044
ok 'its guest, too' ip -n g21 link set dev eth0 mtu 2044
ok 'the other learns it' eval '
	pings g21 10.0.0.11 && ! large_ping g11 10.0.0.21 -M do'
is 'and what goes' 'mtu 2044' path_mtu g11 10.0.0.21
ok 'and is in connected mode again' set_mode 2 connected
ok 'its eth4 follows' wait_until 10 mtu_is 2 65520
ok 'so does its guest' large 2 21
ip -n g11 route flush cache
ok 'large packets as before' eval 'pings g21 10.0.0.11 && large_ping g11 10.0.0.21 -M do'
for reason in tx_giant tx_queue tx_nomem tx_unresolved rx_no_source rx_giant; do
	is "nothing was lost as $reason" 0 counter 1 $reason
done
done_testing
