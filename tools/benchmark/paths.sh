#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Five ways from one host to another over the same fabric, measured with the same programs.
# arguments: SCALE LINK [TEST...]: how many times as long the long run is as the short one; 2044 or
# 4092 bytes to a datagram, or cm for connected mode
# hosts: 2
. tools/lib/guest.sh
. tools/benchmark/stations.sh

SCALE=${1:-4}
LINK=${2:-2044}
MTU=${LINK/cm/65520}
TESTS=${*:3}
TESTS=${TESTS:-tcp1 tcp8 udp64 udp1400 request broadcast}
PATHS="ipoib routed vxlan gretap eipoib"
# The netns that sends, the one that receives, and its address.
declare -A FROM=([ipoib]=h1 [routed]=rt1 [vxlan]=vx1 [gretap]=gr1 [eipoib]=ei1)
declare -A TO=([ipoib]=h2 [routed]=rt2 [vxlan]=vx2 [gretap]=gr2 [eipoib]=ei2)
declare -A ADDRESS=([ipoib]=10.0.0.2 [routed]=10.2.0.2 [vxlan]=10.3.0.2 [gretap]=10.4.0.2 [eipoib]=10.5.0.2)

routed() {
	local other=$((3 - $1))

	station "$1" rt "$MTU" "10.$1.0.2" &&
		host "$1" sysctl -q -w net.ipv4.ip_forward=1 &&
		ip -n "h$1" addr add "10.$1.0.1/24" dev vrt &&
		ip -n "h$1" route add "10.$other.0.0/24" via "10.0.0.$other" &&
		ip -n "rt$1" route add default via "10.$1.0.1"
}

vxlan() {
	ip -n "h$1" link add vxlan0 mtu $((MTU - 50)) type vxlan id 7 local "10.0.0.$1" \
		remote "10.0.0.$((3 - $1))" dstport 4789 dev ib0 &&
		bridged "$1" vx $((MTU - 50)) "10.3.0.$1" vxlan0
}

gretap() {
	ip -n "h$1" link add gre0t mtu $((MTU - 38)) type gretap local "10.0.0.$1" remote "10.0.0.$((3 - $1))" &&
		bridged "$1" gr $((MTU - 38)) "10.4.0.$1" gre0t
}

# has_mtu N DEV: that of the link.
has_mtu() {
	[[ $(host "$1" cat "/sys/class/net/$2/mtu") == "$MTU" ]]
}

set_up() {
	local n mode=datagram

	[[ $LINK != cm ]] || mode=connected
	for n in 1 2; do
		[[ $LINK != cm ]] || connect $n ib0 || return
		wait_until 20 has_mtu $n ib0 || return
		ip -n "h$n" addr add "10.0.0.$n/24" dev ib0 && routed $n && vxlan $n && gretap $n &&
			eipoib $n $mode || return
	done
}

# address TEST PATH: of who receives it. Nothing for a broadcast that is routed, which is none, and for
# that of a host, which the other one hears twice: by its ib0 and by its bridge.
address() {
	case $1:$2 in
	broadcast:routed | broadcast:ipoib) ;;
	broadcast:*) echo "${ADDRESS[$2]%.*}.255" ;;
	*) echo "${ADDRESS[$2]}" ;;
	esac
}

# reaches PATH
reaches() {
	ip netns exec "${FROM[$1]}" ping -q -c 3 -i 0.1 -W 5 "${ADDRESS[$1]}" > /dev/null
}

ok "five paths" set_up
for path in $PATHS; do
	ip netns exec "${TO[$path]}" traffic serve &
	ok "$path leads to the other host" wait_until 20 reaches "$path"
done
# All paths are known; its sweeps would be measured, too.
kill -STOP "$(< /run/opensm/pid)"
for test in $TESTS; do
	for path in $PATHS; do
		to=$(address "$test" "$path")
		[[ $to ]] || continue
		measure "${FROM[$path]}" "$test" "$to" "$path" > /run/measure 2>&1
		tap_result "$test of $path" $? "$(cat /run/measure)"
	done
done
cp /proc/kallsyms /out/kallsyms
done_testing
