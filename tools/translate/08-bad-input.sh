#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Broken and false frames: each is counted under one reason and teaches nothing, and those who talk
# meanwhile do not notice. tools/e2e/05-frames.sh has the ones of IPv4 and ARP.
# hosts: 3
. tools/lib/guest.sh
. tools/translate/topology.sh

# Nobody else may talk while drops are counted.
quiet() {
	local ns

	for ns; do
		ip netns exec "$ns" sysctl -q -w net.ipv6.conf.all.disable_ipv6=1 \
			net.ipv6.conf.default.disable_ipv6=1
	done
}

# knows NETNS ADDRESS LLADDR
knows() {
	[[ " $(ip -n "$1" neigh show to "$2") " == *" lladdr $3 "* ]] || {
		ip -n "$1" neigh show to "$2"
		return 1
	}
}

pings_begin() {
	local pair from to status=0

	for pair in g11:10.0.0.21 g21:10.0.0.30 h3:10.0.0.11 h1:10.0.0.20; do
		from=${pair%:*} to=${pair#*:}
		ip netns exec "$from" ping -n -i 0.02 "$to" > "/run/ping.$from" 2>&1 &
		echo $! > "/run/ping.$from.pid"
		wait_until 10 grep -q 'bytes from' "/run/ping.$from" || status=1
	done
	return "$status"
}

# pings_end: none was lost but one that was on its way.
pings_end() {
	local from sent received status=0

	for from in g11 g21 h3 h1; do
		kill -INT "$(< "/run/ping.$from.pid")"
		wait_until 10 grep -q 'packets transmitted' "/run/ping.$from"
		read -r sent received < <(sed -n -E \
			's/^([0-9]+) packets transmitted, ([0-9]+) received.*/\1 \2/p' "/run/ping.$from")
		echo "$from: $received of $sent"
		((sent > 20 && sent - received <= 1)) || status=1
	done
	return "$status"
}

for n in 1 2; do
	must "hypervisor $n" eval "hypervisor $n && guest ${n}1"
done
must "a plain host" addresses h3 ib0 30
must "all VIFs come up" await_vifs 1 2
quiet h1 h2 h3 g11 g21
start_wire
ok "everybody knows everybody" eval 'pings g11 10.0.0.21 && pings g11 10.0.0.30 && pings g21 10.0.0.30 &&
	pings h1 10.0.0.20'
ok "the bad frames" wire 'bad_frames("g11", "h1/ib0.2", "h3")'

# list, sender, reason, name in the list
while read -r list source reason name; do
	ok "$reason, $list: $name" wire "refused('h1/eth4', '$reason', '$source', ${list}['$name'])"
done <<- 'END'
	from_plain h3 rx_nd cut at any byte
	from_plain h3 rx_nd an option of length 0
	from_plain h3 rx_nd options that do not add up
	from_plain h3 rx_nd a wrong checksum
	from_plain h3 rx_nd another hop limit
	from_plain h3 rx_nd an Ethernet option
	from_plain h3 rx_nd_signed signed
	from_plain h3 rx_spoof the queue pair of another
	from_plain h3 rx_spoof the GID of another
	from_plain h3 rx_spoof ARP of another with announcement
	from_plain h3 rx_ip IPv6 cut at any byte
	from_vif h2/ib0.2 rx_not_ours to nobody
	from_vif h2/ib0.2 rx_teb cut at any byte
	from_guest g11 tx_nd cut at any byte
	from_guest g11 tx_nd an option of length 0
	from_guest g11 tx_nd options that do not add up
	from_guest g11 tx_nd a wrong checksum
	from_guest g11 tx_nd another hop limit
	from_guest g11 tx_spoof a solicitation of another
	from_guest g11 tx_spoof an advertisement of another
	from_guest g11 tx_spoof a router advertisement of another
	from_guest g11 tx_spoof a DHCP client of another
	from_guest g11 tx_spoof ARP of another
	from_guest g11 tx_ip IPv6 cut at any byte
END
ok "a proxy's advertisement passes" wire "proxies('g11', 'g21')"

# Announcements that are none: the sender stays who it was.
remac=$(remac 3)
while read -r announced; do
	ip -n g11 neigh flush all
	ok "false: $announced" wire "asks_falsely('h3', $announced)"
	ok "the plain host stays what it was" eval "pings g11 10.0.0.30 && knows g11 10.0.0.30 $remac"
done <<- 'END'
	announcement(b"\2\0\0\0\0\1")[:17]
	announcement(b"\2\0\0\0\0\1", version=0)
	announcement(b"\2\0\0\0\0\1", version=2)
	announcement(b"\2\0\0\0\0\1", magic=b"eIPb")
	announcement(b"\3\0\0\0\0\1")
	announcement(BROADCAST)
END
ok "an announcement of our own MAC" wire "announces('h3', 'h1/ib0.2', port('g11').address)"
ok "is taken back by who owns it" eval 'pings g11 10.0.0.21 && pings g21 10.0.0.11'
ok "and who announced it is a plain host again" pings h3 10.0.0.11
ok "also that of the hypervisor" wire "announces('h3', 'h1/ib0.2', port('h1/br0').address)"
ok "which takes it back" eval 'pings h1 10.0.0.20 && pings h2 10.0.0.10'

ok "four pairs talk" pings_begin
ok "meanwhile all of it comes from a plain host" wire "flood('h3', 'h1/eth4', from_plain, 5000)"
ok "from a VIF" wire "flood('h2/ib0.2', 'h1/eth4', from_vif, 2000)"
ok "and from a guest" wire "flood('g11', 'h3', from_guest, 5000)"
ok "they did not notice" pings_end
done_testing
