#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# A guest moves from one hypervisor to the other and back while its VIF stands on both. However it
# says so, everybody finds it in less than a second.
# hosts: 3
. tools/lib/guest.sh
. tools/translate/topology.sh

# Whom it talks to: a guest on host 1, one on host 2, a hypervisor, a plain host.
PARTNERS=(g12 g22 h2 h3)
LOST=50  # of pings each 20 ms

# move FROM TO: guest 11's port.
move() {
	ip -n "h$1" link set dev v11 netns "h$2" && ip -n "h$2" -batch - <<- END
		link set dev v11 master br0
		link set dev v11 up
	END
}

# say HOW: that it is somewhere else now.
say() {
	case $1 in
	RARP) wire "sends('g11', ether(BROADCAST, port('g11').address, RARP,
		arp_of(port('g11').address, '0.0.0.0', port('g11').address, '0.0.0.0', 3)))" ;;
	# Nobody answers, which arping takes for a failure.
	'gratuitous ARP') in_guest 11 arping -q -c 1 -w 1 -U -i eth0 10.0.0.11 || true ;;
	# That of arping names another target, so Linux ignores it for a second.
	'gratuitous ARP reply') wire "sends('g11', ether(BROADCAST, port('g11').address, ARP,
		arp_of(port('g11').address, '10.0.0.11', port('g11').address, '10.0.0.11', 2)))" ;;
	'unsolicited NA') wire "sends('g11', ether(group_mac('ff02::1'), port('g11').address, IPV6,
		advertisement('fd00::11', 'fd00::11', option(2, port('g11').address))))" ;;
	esac
}

# pings_begin ADDRESS: from all partners, until pings_end.
pings_begin() {
	local ns

	for ns in "${PARTNERS[@]}"; do
		ip netns exec "$ns" ping -n -i 0.02 "$1" > "/run/ping.$ns" 2>&1 &
		echo $! > "/run/ping.$ns.pid"
	done
	answered 10
}

answers() {
	grep -c 'bytes from' "/run/ping.$1"
}

more_answers() {
	(($(answers "$1") >= $2))
}

# answered COUNT: each gets as many answers from now on, within ten seconds.
answered() {
	local ns

	for ns in "${PARTNERS[@]}"; do
		wait_until 10 more_answers "$ns" $(($(answers "$ns") + $1)) || {
			echo "$ns: $(tail -n 1 "/run/ping.$ns")"
			return 1
		}
	done
}

# pings_end: few were lost.
pings_end() {
	local ns sent received status=0

	for ns in "${PARTNERS[@]}"; do
		kill -INT "$(< "/run/ping.$ns.pid")"
		wait_until 10 grep -q 'packets transmitted' "/run/ping.$ns"
		read -r sent received < <(sed -n -E \
			's/^([0-9]+) packets transmitted, ([0-9]+) received.*/\1 \2/p' "/run/ping.$ns")
		echo "$ns: $received of $sent"
		((sent - received <= LOST)) || status=1
	done
	return "$status"
}

# migrates FROM TO HOW ADDRESS
migrates() {
	ok "$4 answers everybody" pings_begin "$4"
	ok "it moves to hypervisor $2 and says $3" eval "move $1 $2 && say '$3'"
	ok "everybody reaches it again" answered 10
	ok "and less than a second was lost" pings_end
}

for n in 1 2; do
	must "hypervisor $n" eval "hypervisor $n && guest ${n}2"
done
ok "the guest that moves" guest 11
ok "its VIF on the other host" vif 2 ib0.9 'index 9' "$(mac 11)"
must "a plain host" addresses h3 ib0 30
must "all VIFs come up" await_vifs 1 2
start_wire

migrates 1 2 RARP 10.0.0.11
migrates 2 1 RARP 10.0.0.11
migrates 1 2 'gratuitous ARP' 10.0.0.11
migrates 2 1 'gratuitous ARP reply' 10.0.0.11
migrates 1 2 RARP fd00::11
migrates 2 1 'unsolicited NA' fd00::11
migrates 1 2 'unsolicited NA' fd00::11

# A guest that says nothing of its own accord, but talks.
ok "it moves and says nothing" move 2 1
for address in 10.0.0.12 10.0.0.22 10.0.0.20 10.0.0.30; do
	ok "what it asks $address is answered" wait_until 5 in_guest 11 ping -n -c 1 -W 1 "$address"
done
ok "everybody knows its true MAC" eval 'for ns in g12 g22 h2; do
	[[ $(ip -n $ns neigh show to 10.0.0.11) == *"$(mac 11)"* ]] || exit; done'

# The VIF that stood where it is not goes at last.
ok "the VIF on the other host goes" ip -n h2 link del ib0.9
for ns in "${PARTNERS[@]}"; do
	ok "it still reaches $ns" pings "$ns" 10.0.0.11
done
done_testing
