#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Guests on HCAs that compute checksums and cut up TCP for IPoIB, and on HCAs that do not: what eth4
# says of it, how long frames stay whole, who looks at checksums, and what is on the wire.
# hosts: 3
# vm: --no-fabric --partitions tools/e2e/vlan3.partitions --timeout 900
# shellcheck disable=SC2154,SC2034 # variables of offloads.py; what eval reads
. tools/lib/guest.sh
. tools/e2e/hypervisor.sh

tool=tools/vib/offloads.py
SIZE=2097152

# is_on N DEVICE FEATURE
is_on() {
	host "$1" ethtool -k "$2" | grep -q "^[[:blank:]]*$3: on"
}

is_off() {
	host "$1" ethtool -k "$2" | grep -q "^[[:blank:]]*$3: off"
}

# transfer FROM TO ADDRESS: 2 MB arrive as they were sent.
transfer() {
	local sum server

	sum=$(sha256sum < /run/sent)
	# For both families.
	ip netns exec "$2" timeout 200 socat -u TCP6-LISTEN:5000,reuseaddr \
		OPEN:/run/received,creat,trunc &
	server=$!
	wait_until 20 eval "ip netns exec $2 ss -Hltn | grep -q :5000" &&
		ip netns exec "$1" timeout 200 socat -u OPEN:/run/sent "TCP:$3:5000" &&
		wait "$server" && [[ $(sha256sum < /run/received) == "$sum" ]] && return
	kill "$server" 2> /dev/null
	return 1
}

# watch NETNS DEVICE NAME: from now on, see watched.
declare -A watcher
watch() {
	rm -f "/run/$3" "/run/$3.ready"
	ip netns exec "$1" $tool watch "$2" "/run/$3" > "/run/$3.ready" &
	watcher[$3]=$!
	wait_until 20 test -s "/run/$3.ready"
}

# watched NAME: what it has seen, as variables.
watched() {
	kill "${watcher[$1]}" && wait "${watcher[$1]}"
	# shellcheck source=/dev/null
	. "/run/$1"
}

# counted NETNS NAME: by the kernel, of all it received.
counted() {
	ip netns exec "$1" nstat -asz "$2" | awk -v name="$2" '$1 == name { print $2 }'
}

# datagram FROM TO ADDRESS right|wrong: from one guest to the other.
datagram() {
	ip netns exec "$1" $tool send eth0 "$(ip netns exec "$2" cat /sys/class/net/eth0/address)" \
		"$(ip -n "$1" -o -4 addr show eth0 | awk '{ sub("/.*", "", $4); print $4 }')" \
		"$3" 9 "$4"
}

# The capture is of what host 2 sends and receives.
captured() {
	dd iflag=nonblock bs=64k <&7 > /run/wire.pcap 2> /dev/null
	# shellcheck source=/dev/null
	. <($tool wire /run/wire.pcap)
	echo "$right of $packets are right, the longest has $longest bytes, $long have a long payload"
	((packets == right && longest <= 2044 && long > SIZE / 2044))
}

# merge 1|0: frames that belong together, on VIFs and guests.
merge() {
	local state n

	state=$( (($1)) && echo on || echo off)
	for n in 1 2; do
		host $n ethtool -K eth4 gro "$state" && ip netns exec "g${n}a" ethtool -K eth0 gro "$state" ||
			return
	done
}

# watch_transfer: what the VIF of the guest g1a sends, and the guest g2a gets, as variables.
watch_transfer() {
	watch h1 ib0.2 out && watch g2a eth0 in && transfer g1a g2a 10.0.0.12 &&
		watched in && received_=$received checked_=$received_checked && watched out &&
		received=$received_ received_checked=$checked_ &&
		echo "$sent sent, $sent_long long, $sent_unsummed unsummed, the longest $longest," \
			"$received received, $received_checked checked"
}

# watch_ok TEXT: not as ok does it, since the variables are to stay.
watch_ok() {
	local status=0

	watch_transfer > /run/seen 2>&1 || status=$?
	tap_result "$1" $status "$(< /run/seen)"
	sed 's/^/# /' /run/seen
}

guests_talk() {
	ok 'guests talk' wait_until 30 pings g1a 10.0.0.12
	ok 'in VLAN 3, too' wait_until 30 pings g1b 10.3.0.12
	ok 'and with a plain host' wait_until 30 pings g1a 10.0.0.3
}

# transfers: data is right on all ways.
transfers() {
	ok 'TCP from guest to guest' transfer g1a g2a 10.0.0.12
	ok 'back' transfer g2a g1a 10.0.0.11
	ok 'in VLAN 3' transfer g1b g2b 10.3.0.12
	ok 'from a guest to a plain host' transfer g1a h3 10.0.0.3
	ok 'back' transfer h3 g1a 10.0.0.11
	ok 'on IPv6' transfer g1a g2a '[fd00::12]'
}

# up on|off: the fabric, the hypervisors, the plain host.
up() {
	VIB_OPTIONS=offloads=$([[ $1 != on ]]; echo $?)
	ok "offloads are $1: the fabric" load_fabric
	ok 'the hypervisors' hypervisors 1 2
	ip -n h3 addr add 10.0.0.3/24 dev ib0
	ip -n g1a addr add fd00::11/64 dev eth0 nodad
	# However slow the machine is, frames are as long as the window lets them be.
	ip netns exec g1a sysctl -q -w net.ipv4.tcp_min_tso_segs=32
	ip -n g2a addr add fd00::12/64 dev eth0 nodad
	guests_talk
}

down() {
	local ns

	for ns in g1a g1b g2a g2b; do
		ip netns del $ns
	done
	ok 'all goes away' eval "
		rmmod eth_ipoib ib_ipoib && kill $(< /run/opensm/pid) && rmmod vib"
	for ns in h1 h2 h3; do
		ip netns del $ns
	done
}

head -c $SIZE /dev/urandom > /run/sent

up on
for device in ib0 ib0.2 ib0.8003 eth4; do
	ok "$device cuts up TCP" is_on 1 $device tcp-segmentation-offload
	ok "$device looks at received checksums" is_on 1 $device rx-checksumming
done
ok 'VIFs compute checksums' is_on 1 ib0.2 tx-checksum-ipv4
host 1 ethtool -K ib0.2 rx off
ok 'if one VIF does not look at them, eth4 does not' is_off 1 eth4 rx-checksumming
host 1 ethtool -K ib0.2 rx on
ok 'and again' is_on 1 eth4 rx-checksumming

exec 7< /sys/kernel/debug/vib/vib1/capture
watch_ok 'TCP, as the VIF and the guest see it'
ok "a guest's frames stay whole up to the HCA" test $((longest > 32768 && sent_long > 0)) = 1
ok 'nobody has computed their checksums before' test $((sent_unsummed * 10 > sent * 9)) = 1
ok 'on the wire there are segments with checksums' captured
exec 7<&-

merge 0
watch_ok 'TCP, without merging'
ok 'no checksum of a guest is computed again' test $((received_checked == received && received > 0)) = 1
ports=$(counted g2a UdpNoPorts) errors=$(counted g2a UdpInCsumErrors)
watch g2a eth0 in
datagram g1a g2a 10.0.0.12 right
ok 'a datagram with a right checksum' wait_until 10 eval '(($(counted g2a UdpNoPorts) == ports + 1))'
watched in
is 'needs no look' '1 1' echo "$received $received_checked"
watch g2a eth0 in
datagram g1a g2a 10.0.0.12 wrong
ok 'one with a wrong checksum does, and is refused' wait_until 10 eval '
	(($(counted g2a UdpInCsumErrors) == errors + 1))'
watched in
is 'it was not taken for right' '1 0' echo "$received $received_checked"
merge 1
transfers
down

up off
for device in ib0 ib0.2 ib0.8003; do
	ok "$device does not cut up TCP" is_off 1 $device tcp-segmentation-offload
	ok "$device does not look at received checksums" is_off 1 $device rx-checksumming
done
ok 'eth4 takes long frames nevertheless' is_on 1 eth4 tcp-segmentation-offload
ok 'it does not look at received checksums' is_off 1 eth4 rx-checksumming
exec 7< /sys/kernel/debug/vib/vib1/capture
watch_ok 'TCP, as the VIF and the guest see it'
ok "a guest's frames are cut up before the VIF" test $((longest <= 2044 && sent_long == 0)) = 1
ok 'with their checksums' test "$sent_unsummed" = 0
ok 'on the wire there is the same' captured
exec 7<&-
merge 0
watch_ok 'TCP, without merging'
ok 'the guest must look at checksums' test $((received_checked == 0 && received > 0)) = 1
merge 1
transfers
down
done_testing
