#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# One broadcast enters ethX once, however many VIFs there are, and what ethX sends does not come
# back through a sibling VIF.
# hosts: 2
. tools/lib/guest.sh
. tools/e2e/hypervisor.sh

FRAMES=8
PORT=7777

# counter NAME: a drop counter of eth4.
counter() {
	host 1 ethtool -S eth4 | sed -n "s/^ *$1: //p"
}

# copies: group frames that a VIF got and did not pass on.
copies() {
	echo $(($(counter rx_copy) + $(counter rx_own)))
}

# captured FILE: how many of our frames are in a capture.
captured() {
	tcpdump -n -r "$1" "udp port $PORT" 2> /dev/null | wc -l
}

# capture FILE DIRECTION: start a capture on eth4; its id is in capture_pid.
capture() {
	# Not host(): the id must be that of tcpdump.
	ip netns exec h1 tcpdump -n -i eth4 -Q "$2" -U --immediate-mode -w "$1" "udp port $PORT" \
		> /dev/null 2> /run/tcpdump.err &
	capture_pid=$!
	wait_until 20 grep -q 'listening on' /run/tcpdump.err
}

end_capture() {
	kill "$capture_pid"
	wait "$capture_pid"
}

# broadcast N DEVICE: host N sends them.
broadcast() {
	local i

	for ((i = 0; i < FRAMES; i++)); do
		echo "$i" | host "$1" socat -u - \
			"UDP4-DATAGRAM:255.255.255.255:$PORT,broadcast,so-bindtodevice=$2" || return
	done
}

at_least() {
	(($("$1") >= $2))
}

captured_at_least() {
	(($(captured "$1") >= $2))
}

# arrives_once VIFS: host 2's frames, with the other VIFs' copies accounted for.
arrives_once() {
	local want=$((FRAMES * ($1 - 1))) before

	before=$(copies)
	capture /run/in.pcap in
	broadcast 2 ib0 || return
	wait_until 20 captured_at_least /run/in.pcap "$FRAMES" &&
		wait_until 20 at_least copies $((before + want)) || {
		echo "captured $(captured /run/in.pcap), copies $(($(copies) - before)), wanted $want"
		end_capture
		return 1
	}
	end_capture
	echo "captured $(captured /run/in.pcap) of $FRAMES, copies $(($(copies) - before)) of $want"
	(($(captured /run/in.pcap) == FRAMES && $(copies) - before == want))
}

# stays_out VIFS: eth4's own frames reach the siblings' queue pairs and no further.
stays_out() {
	local want=$((FRAMES * ($1 - 1))) before

	before=$(copies)
	capture /run/own.pcap in
	broadcast 1 eth4 || return
	wait_until 20 at_least copies $((before + want)) || {
		echo "copies $(($(copies) - before)), wanted $want"
		end_capture
		return 1
	}
	end_capture
	echo "came back: $(captured /run/own.pcap)"
	(($(captured /run/own.pcap) == 0))
}

ok "eth4 is there" rename_pif 1
ip -n h1 addr add 10.0.0.1/24 dev eth4
ip -n h2 addr add 10.0.0.2/24 dev ib0
mac=$(host 1 cat /sys/class/net/eth4/address)

count=0
for vifs in 1 2 5; do
	while ((count < vifs)); do
		count=$((count + 1))
		((count == 1)) || mac=52:54:00:00:00:0$count
		ok "VIF $count" eval "ip -n h1 link add link ib0 name ib0.$count type ipoib index $count &&
			ip -n h1 link set dev ib0.$count master eth4 &&
			ip -n h1 link set dev eth4 vif ib0.$count mac $mac"
		ok "VIF $count comes up" wait_until 30 vifs_have_carrier 1 "ib0.$count"
	done
	ok "unicast works with $vifs VIFs" pings h1 10.0.0.2
	ok "a broadcast enters once with $vifs VIFs" arrives_once "$vifs"
	ok "a broadcast of eth4's own does not come back with $vifs VIFs" stays_out "$vifs"
done

# The VIF that received them goes; another one takes over.
ip -n h1 link set dev ib0.1 nomaster
ok "a broadcast enters once after the designated VIF was released" arrives_once 4
ip -n h1 link set dev ib0.2 down
ok "a broadcast enters once after the next one lost its carrier" arrives_once 3
done_testing
