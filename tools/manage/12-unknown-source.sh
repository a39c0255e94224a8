#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Frames of MACs that have no VIF: who listens is told of each, and not too often.
# hosts: 1
# vm: --partitions tools/e2e/vlan3.partitions
. tools/lib/guest.sh
. tools/translate/topology.sh

HEARD=/run/heard MONITORED=/run/monitored
STRANGER=52:54:00:00:00:77

# said MAC [VLAN]: how often it was told of.
said() {
	grep -c " miss eth4 $1 ${2:+vlan $2 }state 4 flags 2\$" "$HEARD"
}

# says COUNT MAC [VLAN]: so often by now. One more would have come before the marker.
says() {
	local count=$1 marker
	shift

	marker=$(printf '52:54:01:%02x:%02x:%02x' $((RANDOM % 256)) $((RANDOM % 256)) $((RANDOM % 256)))
	send "$marker" && wait_until 10 eval "((\$(said $marker) == 1))" || return
	(($(said "$@") == count)) || {
		cat "$HEARD"
		return 1
	}
}

# send MAC [COUNT [TAG [DEVICE]]]: broadcasts leave through eth4.
send() {
	host 1 python3 -c '
import socket, sys
mac, count, tag = bytes.fromhex(sys.argv[1].replace(":", "")), int(sys.argv[2]), sys.argv[3]
sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sock.bind((sys.argv[4], 0))
for _ in range(count):
    sock.send(b"\xff" * 6 + mac + bytes.fromhex(tag) + b"\x88\xb5" + bytes(46))
' "$1" "${2:-1}" "${3-}" "${4:-eth4}"
}

# flood COUNT: broadcasts of as many MACs; prints for how many seconds.
flood() {
	host 1 python3 -c '
import random, socket, sys, time
sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sock.bind(("eth4", 0))
begin = time.monotonic()
for _ in range(int(sys.argv[1])):
    sock.send(b"\xff" * 6 + b"\x52\x55" + random.randbytes(4) + b"\x88\xb5" + bytes(46))
print(int(time.monotonic() - begin))
' "$1"
}

# flood_is_bounded: of 10,000 MACs, no more than 256 are told of within a second, and somebody else
# is after that.
flood_is_bounded() {
	local before seconds heard
	before=$(counter 1 tx_vif_miss)

	seconds=$(flood 10000) && wait_until 10 again "$STRANGER" 1 || return
	heard=$(grep -c ' 52:55:' "$HEARD")
	echo "$heard in $seconds s"
	((heard >= 128 && heard <= 256 * (seconds + 1) && $(counter 1 tx_vif_miss) > before + 10000))
}

# is_monitored MAC: if it sends, ip tells of it.
is_monitored() {
	send "$1" && grep "^miss dev eth4 lladdr $1 STALE" "$MONITORED"
}

# intervals MAC: no two within a second.
intervals() {
	python3 - "$HEARD" "$1" <<- 'END'
		import sys
		times = [float(line.split()[0]) for line in open(sys.argv[1]) if sys.argv[2] in line]
		gaps = [b - a for a, b in zip(times, times[1:])]
		print(gaps)
		sys.exit(not gaps or min(gaps) < 0.9)
	END
}

# again MAC COUNT: it goes on until it was told of as often.
again() {
	send "$1" && (($(said "$1") >= $2))
}

must "a hypervisor" hypervisor 1
must "its VIF comes up" await_vifs 1
# shellcheck disable=SC2034
address=$(host 1 cat /sys/class/net/eth4/address)

ok "nobody listens, and nothing happens" send "$STRANGER" 10
host 1 tools/manage/neigh.py listen >> "$HEARD" &
listener=$!
must "somebody listens" wait_until 10 grep -q listening "$HEARD"
ok "a MAC without a VIF sends ten frames" send "$STRANGER" 10
ok "and is told of once" says 1 "$STRANGER"
ok "it goes on" wait_until 10 again "$STRANGER" 4
ok "and is told of once a second" intervals "$STRANGER"
ok "with a tag" send "$STRANGER" 10 81000003
ok "it is another one" says 1 "$STRANGER" 3
ok "with a priority tag" send 52:54:00:00:00:78 10 8100e000
ok "it is untagged" says 1 52:54:00:00:00:78
ok "through a VLAN device" eval 'ip -n h1 link add link eth4 name eth4.4 type vlan id 4 &&
	ip -n h1 link set eth4.4 up && send 52:54:00:00:00:7a 10 "" eth4.4'
ok "it has that VLAN" says 1 52:54:00:00:00:7a 4
ok "the VIF's own MAC is not told of" eval 'send "$address" 10 && says 0 "$address"'
ok "a group is nobody" eval 'send 01:00:5e:00:00:01 10 && says 0 01:00:5e:00:00:01'
ip -n h1 monitor neigh > "$MONITORED" &
monitor=$!
ok "ip monitor shows it" wait_until 10 is_monitored 52:54:00:00:00:79
kill "$monitor"
: > "$HEARD"
ok "a flood of 10,000 MACs is bounded" flood_is_bounded

ok "the MAC gets a VIF" vif 1 ib0.2 'index 2' "$STRANGER"
ok "that comes up" await_vifs 1
: > "$HEARD"
ok "it sends" send "$STRANGER" 10
ok "and is not told of any more" says 0 "$STRANGER"
kill "$listener"
done_testing
