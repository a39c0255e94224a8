#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# IPoIB's connected mode over reliable connections: large packets whole, beside peers in datagram
# mode, and again after a link was cut.
# hosts: 3
# vm: --timeout 600
. tools/lib/guest.sh

# mode N MODE MTU
mode() {
	host "$1" sh -c "echo $2 > /sys/class/net/ib0/mode" && ip -n "h$1" link set dev ib0 mtu "$3"
}

# pings FROM ADDRESS SIZE: once there is an answer, five whole packets go and come back. ipoib
# keeps no more than three while it looks for a path and makes a connection.
pings() {
	local output

	wait_until 30 answers "$1" "$2" "$3" || return
	output=$(host "$1" ping -n -M "do" -c 5 -i 0.2 -W 5 -s "$3" "$2" 2>&1)
	[[ $output == *" 0% packet loss"* ]] || {
		echo "$output"
		return 1
	}
}

answers() {
	host "$1" ping -n -M "do" -c 1 -W 1 -s "$3" "$2" > /dev/null 2>&1
}

connections() {
	rdma resource show qp | grep -c "link $1/.* type RC .*state RTS"
}

has_connections() {
	(($(connections "$1") >= $2))
}

# transfer FROM TO ADDRESS: 8 MB arrive as they were sent.
transfer() {
	local sum server

	head -c 8388608 /dev/urandom > /run/sent
	sum=$(sha256sum < /run/sent)
	ip netns exec "h$2" socat -u TCP-LISTEN:5000,reuseaddr OPEN:/run/received,creat,trunc &
	server=$!
	wait_until 20 eval "ip netns exec h$2 ss -Hltn | grep -q :5000" &&
		ip netns exec "h$1" socat -u OPEN:/run/sent "TCP:$3:5000" &&
		wait "$server" && [[ $(sha256sum < /run/received) == "$sum" ]]
}

# The switch's port of host N. Host 1's HCA carries the subnet manager.
link_of_host() {
	ibportstate -C vib0 -G "$switch_guid" "$1" "$2" > /dev/null
}

switch_guid=$(printf '0x%016x' $((VIB_GUID + 0x10 * EIPOIB_HOSTS - 1)))
for n in 1 2 3; do
	ip -n "h$n" addr add "10.0.0.$n/24" dev ib0
done

ok 'host 1 is in connected mode' mode 1 connected 65520
ok 'host 2, too' mode 2 connected 65520
ok 'host 3 is not' eval '[[ $(host 3 cat /sys/class/net/ib0/mode) == datagram ]]'
ok '60000 bytes are one packet' pings 1 10.0.0.2 60000
ok 'the other way, too' pings 2 10.0.0.1 65492
ok 'because of a connection' has_connections vib0 1
ok 'datagrams to the third' pings 1 10.0.0.3 2016
ok 'and back' pings 3 10.0.0.1 2016
ok 'large ones by a connection, too: it takes them, and answers in fragments' \
	answers 1 10.0.0.3 60000
ok '8 MB over TCP' transfer 1 2 10.0.0.2
ok 'and between connected and datagram mode' transfer 1 3 10.0.0.3
ok 'iperf3 both ways' eval "
	host 2 iperf3 -s -1 -D -I /run/iperf.pid > /dev/null &&
	wait_until 20 eval 'ip netns exec h2 ss -Hltn | grep -q :5201' &&
	host 1 iperf3 -c 10.0.0.2 -t 3 --bidir > /run/iperf"

ok 'the link of host 2 is cut' link_of_host 2 disable
gone() {
	! has_carrier 2 ib0
}
ok 'it has no carrier' wait_until 20 gone
fails 'and does not answer' answers 1 10.0.0.2 60000
ok 'the link is mended' link_of_host 2 enable
ok 'it has a carrier' wait_until 60 has_carrier 2 ib0
ok 'large packets go again' wait_until 60 answers 1 10.0.0.2 60000
ok 'and back' pings 2 10.0.0.1 60000

ok 'host 1 goes back to datagram mode' mode 1 datagram 2044
ok 'and talks to both' eval 'pings 1 10.0.0.2 2016 && pings 1 10.0.0.3 2016'
ok 'and connected again' mode 1 connected 65520
ok 'large packets' wait_until 30 answers 1 10.0.0.2 60000

ok 'the modules go away with connections open' eval "
	kill $(cat /run/opensm/pid) && rmmod eth_ipoib vib ib_ipoib"
done_testing
