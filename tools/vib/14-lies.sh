#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# User space that lies, and user space that is killed while it transfers: errors for it, and
# nothing for anybody else. Nothing is left behind.
# hosts: 2
# vm: --no-fabric --timeout 600
. tools/lib/guest.sh
. tools/vib/verbs.sh

lies() {
	host 1 timeout 120 /usr/bin/python3 tools/vib/lies.py "$1"
}

same_objects() {
	[[ $(objects vib0) == "$before" && $(objects vib1) == "$before1" ]]
}

packets() {
	cat /sys/class/infiniband/vib1/ports/1/counters/port_xmit_packets
}

has_sent() {
	(($(packets) >= $1))
}

# killed PROGRAM OPTION...: both ends, without a warning, when they have sent 2000 packets.
killed() {
	local pids status=0

	ip netns exec h1 "$1" -d vib0 -F "${@:2}" > /dev/null 2>&1 &
	pids=$!
	wait_until 20 listens_tcp 18515 || status=1
	ip netns exec h2 "$1" -d vib1 -F "${@:2}" 10.9.0.1 > /dev/null 2>&1 &
	pids+=" $!"
	wait_until 60 has_sent $(($(packets) + 2000)) || status=1
	# shellcheck disable=SC2086 # two of them
	{
		kill -KILL $pids
		wait $pids
	} 2> /dev/null
	wait_until 20 same_objects && return "$status"
	objects vib0
	objects vib1
	return 1
}

ok 'the fabric' load_verbs
before=$(objects vib0) before1=$(objects vib1)
for case in bad_lkeys bad_buffers bad_rkeys bad_address_handle bad_requests bad_commands no_memory \
	overrun noise; do
	ok "$case" lies "$case"
	ok 'nothing is left behind' wait_until 20 same_objects
done
ok 'others are served as ever' pair 'listens_tcp 18515' ibv_rc_pingpong -d vib0 -c -- \
	ibv_rc_pingpong -d vib1 -c 10.9.0.1
ok 'killed in the middle of SENDs' killed ib_send_bw -n 1000000
ok 'of WRITEs' killed ib_write_bw -n 1000000
ok 'of READs' killed ib_read_bw -n 1000000
ok 'of atomics' killed ib_atomic_bw -n 1000000
ok 'of datagrams' killed ib_send_bw -c UD -s 1024 -n 1000000
ok 'of what shares a receive queue' killed ib_send_bw --use-srq -q 4 -n 1000000
ok 'others are served as ever' pair 'listens_tcp 18515' ibv_rc_pingpong -d vib0 -c -- \
	ibv_rc_pingpong -d vib1 -c 10.9.0.1

ip netns exec h1 ibv_rc_pingpong -d vib0 > /dev/null 2>&1 &
program=$!
ok 'a program has queues' wait_until 20 listens_tcp 18515
ok 'the modules go away all the same' eval "
	kill $(cat /run/opensm/pid) && rmmod eth_ipoib vib ib_ipoib"
ok 'and leave it alone' kill "$program"
done_testing
