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

# copies: frames that all VIFs but the designated one received.
copies() {
	local vif sum=0

	for vif in $(host 1 ls /sys/class/net); do
		[[ $vif != ib0.* || $vif == "$designated" ]] ||
			sum=$((sum + $(received "$vif")))
	done
	echo "$sum"
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

captured_at_least() {
	(($(captured "$1") >= $2))
}

# arrives_once: host 2's frames, on the designated VIF and on no other. The second half of them
# arrives after the copies that there may be of the first.
arrives_once() {
	local before want=$((2 * FRAMES))

	before=$(copies)
	capture /run/in.pcap in
	broadcast 2 ib0 && broadcast 2 ib0 || return
	wait_until 20 captured_at_least /run/in.pcap "$want"
	end_capture
	echo "captured $(captured /run/in.pcap) of $want, $(($(copies) - before)) copies"
	(($(captured /run/in.pcap) == want && $(copies) == before))
}

# broadcast_from MAC: frames of one of eth4's VIFs.
broadcast_from() {
	host 1 python3 - "$1" "$PORT" "$FRAMES" <<- 'END'
		import socket, struct, sys
		mac, port, count = bytes.fromhex(sys.argv[1].replace(":", "")), int(sys.argv[2]), int(sys.argv[3])
		eth4 = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
		eth4.bind(("eth4", 0))
		ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 32, 0, 0, 1, 17, 0, bytes([10, 0, 0, 1]), b"\xff" * 4)
		for i in range(count):
		    eth4.send(b"\xff" * 6 + mac + b"\x08\x00" + ip + struct.pack(">HHHHI", port, port, 12, 0, i))
	END
}

# stays_out MAC: what a VIF sends reaches the designated one, too, but not ethX.
stays_out() {
	local before

	before=$(counter rx_own)
	capture /run/own.pcap in
	broadcast_from "$1" || return
	wait_until 20 at_least_own $((before + FRAMES)) || {
		echo "rx_own $(($(counter rx_own) - before)), wanted $FRAMES"
		end_capture
		return 1
	}
	end_capture
	echo "came back: $(captured /run/own.pcap)"
	(($(captured /run/own.pcap) == 0))
}

at_least_own() {
	(($(counter rx_own) >= $1))
}

# received VIF
received() {
	host 1 cat "/sys/class/net/$1/statistics/rx_packets"
}

has_received_more() {
	(($(received "$designated") > $1))
}

# is_designated: $designated receives broadcasts.
is_designated() {
	local before

	before=$(received "$designated")
	broadcast 2 ib0 && wait_until 1 has_received_more "$before"
}

designated=ib0.1
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
	ok "a broadcast enters once with $vifs VIFs" arrives_once
	((vifs == 1)) ||
		ok "a broadcast of a VIF's own does not come back with $vifs VIFs" stays_out "$mac"
done

# The VIF that received them goes; another one takes over.
ip -n h1 link set dev ib0.1 nomaster
ip -n h1 link set dev eth4 address 52:54:00:00:00:02
ip -n h2 neigh flush dev ib0
for designated in ib0.2 ib0.3 ib0.4 ib0.5; do
	is_designated && break
done
ok "another VIF receives group frames when the designated one is released" is_designated
ok "a broadcast enters once then" arrives_once
ip -n h1 link set dev "$designated" down
gone=$designated
for designated in ib0.2 ib0.3 ib0.4 ib0.5; do
	[[ $designated == "$gone" ]] || ! is_designated || break
done
ok "and another one when that has lost its carrier" is_designated
ok "a broadcast enters once then, too" arrives_once
done_testing
