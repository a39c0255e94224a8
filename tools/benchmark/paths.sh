#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Five ways from one host to another over the same fabric, measured with the same programs.
# arguments: SCALE [TEST...]: how many times as long the long run is as the short one
# hosts: 2
. tools/lib/guest.sh

SCALE=${1:-4}
TESTS=${*:2}
TESTS=${TESTS:-tcp1 tcp8 udp64 udp1400 request}
PATHS="ipoib routed vxlan gretap eipoib"
# The netns that sends, the one that receives, and its address.
declare -A FROM=([ipoib]=h1 [routed]=rt1 [vxlan]=vx1 [gretap]=gr1 [eipoib]=ei1)
declare -A TO=([ipoib]=h2 [routed]=rt2 [vxlan]=vx2 [gretap]=gr2 [eipoib]=ei2)
declare -A ADDRESS=([ipoib]=10.0.0.2 [routed]=10.2.0.2 [vxlan]=10.3.0.2 [gretap]=10.4.0.2 [eipoib]=10.5.0.2)

# station N NAME MTU ADDRESS: netns NAMEN with eth0, whose other end is host N's vNAME.
station() {
	ip netns add "$2$1"
	ip -n "h$1" -batch - <<- END && ip -n "$2$1" -batch - <<- END
		link add v$2 mtu $3 type veth peer name eth0 address 02:00:${4//./:} mtu $3 netns $2$1
		link set dev v$2 up
	END
		link set dev lo up
		link set dev eth0 up
		addr add $4/24 dev eth0
	END
}

# bridged N NAME MTU ADDRESS DEVICE: a station behind a bridge that DEVICE is a port of.
bridged() {
	station "$1" "$2" "$3" "$4" && ip -n "h$1" -batch - <<- END
		link add br$2 mtu $3 type bridge mcast_snooping 0
		link set dev v$2 master br$2
		link set dev $5 master br$2
		link set dev $5 up
		link set dev br$2 up
	END
}

routed() {
	local other=$((3 - $1))

	station "$1" rt 2044 "10.$1.0.2" &&
		host "$1" sysctl -q -w net.ipv4.ip_forward=1 &&
		ip -n "h$1" addr add "10.$1.0.1/24" dev vrt &&
		ip -n "h$1" route add "10.$other.0.0/24" via "10.0.0.$other" &&
		ip -n "rt$1" route add default via "10.$1.0.1"
}

vxlan() {
	ip -n "h$1" link add vxlan0 mtu 1994 type vxlan id 7 local "10.0.0.$1" \
		remote "10.0.0.$((3 - $1))" dstport 4789 dev ib0 &&
		bridged "$1" vx 1994 "10.3.0.$1" vxlan0
}

gretap() {
	ip -n "h$1" link add gre0t mtu 2006 type gretap local "10.0.0.$1" remote "10.0.0.$((3 - $1))" &&
		bridged "$1" gr 2006 "10.4.0.$1" gre0t
}

eipoib() {
	local dev index=1 mac

	dev=$(hca_twin "$1") || return
	bridged "$1" ei 2044 "10.5.0.$1" "$dev" || return
	for mac in "$(host "$1" cat "/sys/class/net/$dev/address")" guest; do
		[[ $index == 1 ]] || mac=$(ip netns exec "ei$1" cat /sys/class/net/eth0/address)
		ip -n "h$1" link add link ib0 name "ib0.$index" type ipoib index "$index" &&
			ip -n "h$1" link set dev "ib0.$index" master "$dev" &&
			ip -n "h$1" link set dev "$dev" vif "ib0.$index" mac "$mac" || return
		wait_until 20 has_carrier "$1" "ib0.$index" || return
		index=$((index + 1))
	done
}

# hca_twin N: the PIF above ib0 of host N.
hca_twin() {
	local dev

	dev=$(ip -n "h$1" -br link show type eipoib)
	dev=${dev%%@*}
	[[ $dev ]] && echo "$dev"
}

set_up() {
	local n

	for n in 1 2; do
		ip -n "h$n" addr add "10.0.0.$n/24" dev ib0 && routed $n && vxlan $n && gretap $n &&
			eipoib $n || return
	done
}

# reaches PATH
reaches() {
	ip netns exec "${FROM[$1]}" ping -q -c 3 -i 0.1 -W 5 "${ADDRESS[$1]}" > /dev/null
}

# What is done how often: kilobytes, datagrams, requests that are answered.
declare -A FEW=([tcp1]=8192 [tcp8]=8192 [udp64]=640 [udp1400]=640 [request]=500)

# measure TEST PATH
measure() {
	local few=${FEW[$1]}
	local many=$((few * SCALE))

	marks=$((marks + 3))
	ip netns exec "${FROM[$2]}" traffic "$1" "${ADDRESS[$2]}" "$few" "$many" &&
		echo "$1 $2 $((marks - 2)) $few $many" >> /out/measurements
}

ok "five paths" set_up
for path in $PATHS; do
	ip netns exec "${TO[$path]}" traffic serve &
	ok "$path leads to the other host" wait_until 20 reaches "$path"
done
# All paths are known; its sweeps would be measured, too.
kill -STOP "$(< /run/opensm/pid)"
marks=0
for test in $TESTS; do
	for path in $PATHS; do
		measure "$test" "$path" > /run/measure 2>&1
		tap_result "$test of $path" $? "$(cat /run/measure)"
	done
done
cp /proc/kallsyms /out/kallsyms
done_testing
