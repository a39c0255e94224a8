#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# A VIF that cannot send as fast as a guest does: the guest waits, and nothing is lost on the way.
# vm: --partitions tools/e2e/vlan3.partitions --append ib_ipoib.send_queue_size=8
. tools/lib/guest.sh
. tools/e2e/hypervisor.sh

PRESSURE=tools/e2e/pressure.py
PORT=5000
# More than a ring and its queue hold, so that what is too much would be dropped.
MANY=3000

# dropped: frames that the queue of a VIF of host 1 did not take.
dropped() {
	host 1 ethtool -S eth4 | awk '$1 == "tx_queue:" { print $2 }'
}

# start_counting N: how many of N datagrams guest g2a gets lands in /run/counted.
start_counting() {
	ip netns exec g2a "$PRESSURE" count "$PORT" "$1" > /run/counted 2> /run/ready &
	counting=$!
	wait_until 20 grep -q ready /run/ready
}

# counted N: all of them came.
counted() {
	wait "$counting"
	[[ $(< /run/counted) == "$1" ]] || {
		echo "$(< /run/counted) of $1 came"
		return 1
	}
}

flood() {
	start_counting "$MANY" && ip netns exec g1a "$PRESSURE" send 10.0.0.12 "$PORT" "$MANY" && counted "$MANY"
}

# A queue that sends next to nothing takes some 64 kB of a socket, and then the socket has no room.
is_stuck() {
	sent=$(ip netns exec g1a "$PRESSURE" stuck 10.0.0.12 "$PORT")
	((sent > 0 && sent < 200)) || {
		echo "$sent datagrams were taken"
		return 1
	}
}

ok "two hypervisors" hypervisors 1 2
ok "guests reach each other" pings g1a 10.0.0.12
ok "a full ring loses nothing" flood
is "and no queue dropped a frame" 0 dropped

ok "the VIF is told to be slow" host 1 tc qdisc replace dev ib0.2 root tbf rate 8kbit burst 4kb limit 1mb
ok "the peer counts" start_counting 1000
ok "a guest has to wait for its VIF" is_stuck
is "and no queue dropped a frame" 0 dropped
ok "the VIF may be fast again" host 1 tc qdisc replace dev ib0.2 root tbf rate 1gbit burst 64kb limit 1mb
ok "what is sent next is not held up" ip netns exec g1a "$PRESSURE" send 10.0.0.12 "$PORT" 1000
ok "and arrives" counted 1000
is "and no queue dropped a frame" 0 dropped
done_testing
