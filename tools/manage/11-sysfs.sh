#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# What sysfs shows of PIFs, VIFs and peers, however long it is, wherever they go and whatever they
# are called.
# hosts: 2
# vm: --partitions tools/e2e/vlan3.partitions
. tools/lib/guest.sh
. tools/translate/topology.sh

LONG=ib0.89012345678 # 15 characters
PEERS=3000

# net PATH...: what host 1 has there.
net() {
	host 1 cat "${@/#//sys/class/net/}"
}

# fill FIRST COUNT: static entries for peers that nobody has heard of.
fill() {
	python3 -c '
import sys
for i in range(int(sys.argv[1]), int(sys.argv[1]) + int(sys.argv[2])):
    print(f"fdb replace 52:54:01:{i >> 16:02x}:{i >> 8 & 255:02x}:{i & 255:02x} dev eth4 "
          f"dst fe80::2:c903:44:{i:x} vni {i + 4096} self static")
' "$@" > /run/batch && host 1 bridge -batch /run/batch
}

# lines_of FIRST COUNT: what neighs shows of them, sorted.
lines_of() {
	python3 -c '
import sys
for i in range(int(sys.argv[1]), int(sys.argv[1]) + int(sys.argv[2])):
    raw = bytes.fromhex(f"00{i + 4096:06x}fe80000000000000" + f"0002c9030044{i:04x}")
    print(f"SLAVE=ib0.1      EMAC=52:54:01:{i >> 16:02x}:{i >> 8 & 255:02x}:{i & 255:02x} "
          f"IMAC={raw.hex(chr(58))}")
' "$@" | sort
}

# neighs_are FIRST COUNT [COMMAND...]: read by COMMAND.
neighs_are() {
	local first=$1 count=$2
	shift 2

	diff <(lines_of "$first" "$count") <(host 1 "${@:-cat}" /sys/class/net/eth4/eth/neighs |
		grep EMAC=52:54:01 | sort) > /run/diff || {
		head -n 5 /run/diff
		return 1
	}
}

# in_sevens FILE: seven bytes at a time.
in_sevens() {
	dd if="$1" bs=7 status=none
}
export -f in_sevens

# backwards FILE: the second half first.
backwards() {
	python3 -c '
import os, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
whole = b""
while piece := os.read(fd, 65536):
    whole += piece
half = len(whole) // 2 - 3
second = os.pread(fd, 1000, half)
first = os.pread(fd, 1000, 5)
sys.exit(not (first == whole[5:1005] and second == whole[half:half + 1000]))' "$1"
}
export -f backwards

# come_and_go: others, until /run/churning is gone.
come_and_go() {
	local i

	for i in {20000..20299}; do
		printf 'fdb del 52:54:01:00:%02x:%02x dev eth4\n' $((i >> 8)) $((i & 255))
	done > /run/batch.del
	while [[ -e /run/churning ]]; do
		fill 20000 300
		host 1 bridge -batch /run/batch.del
	done
}

# shown COMMAND...: how many of the 192 that stay it shows.
shown() {
	host 1 "$@" | grep -c '52:54:01:00:1f'
}

# stays_whole: while others come and go, each of those that stay is shown once.
stays_whole() {
	local i churning status=0

	fill 8000 200
	touch /run/churning
	come_and_go > /dev/null 2>&1 &
	churning=$!
	for i in {1..10}; do
		(($(shown cat /sys/class/net/eth4/eth/neighs) == 192 &&
			$(shown bridge fdb show dev eth4) == 192)) || status=1
	done
	rm /run/churning
	wait "$churning"
	return "$status"
}

# read_on: the longest file of eth4, until /run/reading is gone.
read_on() {
	while [[ -e /run/reading ]]; do
		cat /sys/class/net/eth4/eth/neighs
	done > /dev/null 2>&1
}
export -f read_on

# outlives_readers: PIFs come and go while their peers, which takes long, are read.
outlives_readers() {
	local readers=() i status=0

	touch /run/reading
	for i in 1 2; do
		host 1 bash -c read_on &
		readers+=($!)
	done
	for i in {1..20}; do
		ip -n h1 link add link ib0 name eth4 type eipoib max_peers 1048576 &&
			ip -n h1 link del eth4 || status=1
	done
	rm /run/reading
	wait "${readers[@]}"
	return "$status"
}

# points N FILE TARGET: a link of host N's leads there.
points() {
	host "$1" test -L "/sys/class/net/$2" &&
		[[ $(host "$1" realpath "/sys/class/net/$2") == "$(host "$1" realpath "/sys/class/net/$3")" ]]
}

# A small table: several peers in a bucket.
must "a PIF for 4096 peers" eval 'ip -n h1 link del "$(pif 1)" &&
	ip -n h1 link add link ib0 name eth4 type eipoib max_peers 4096'
must "a hypervisor" hypervisor 1
must "another one" hypervisor 2
ok "VIFs" eval 'vif 1 ib0.2 "index 2" 52:54:00:00:00:12 && vif 1 ib0.8003 "pkey 0x8003" 52:54:00:00:00:13 3'
must "they come up" await_vifs 1 2

ok "a peer" pings h1 10.0.0.20
# It says of itself that it takes no connections: the flags, the first byte, are none.
address=00:$(host 2 cat /sys/class/net/ib0.1/address | cut -d : -f 2-)
like "is a line with its MAC and its 20 bytes" \
	"SLAVE=ib0.1      EMAC=$(host 2 cat /sys/class/net/eth4/address) IMAC=$address" net eth4/eth/neighs
ok "slaves has a name a line" diff <(printf '%s\n' ib0.1 ib0.2 ib0.8003) <(net eth4/eth/slaves)
ok "a link to the slave" points 1 eth4/slave_ib0.1 ib0.1
ok "and one back" points 1 ib0.1/eth_parent eth4
like "which PIF is above what" '^eth4 over IB port: ib0$' net eth_ipoib_interfaces
fails "nothing can be written" host 1 sh -c 'echo 1 > /sys/class/net/eth4/eth/neighs'

# Thousands of lines.
ok "$PEERS static entries" fill 0 $PEERS
ok "are all there" neighs_are 0 $PEERS
ok "and with bridge" eval '(($(host 1 bridge fdb show dev eth4 | grep -c "^52:54:01") == PEERS))'
ok "each once" eval '[[ -z $(host 1 bridge fdb show dev eth4 | sort | uniq -d) ]]'
ok "seven bytes at a time" neighs_are 0 $PEERS bash -c 'in_sevens "$@"' -
ok "out of order" host 1 bash -c 'backwards /sys/class/net/eth4/eth/neighs'
ok "by twenty readers at once" eval '
	for i in {1..20}; do host 1 md5sum /sys/class/net/eth4/eth/neighs > /run/sum.$i & readers+=($!); done
	wait "${readers[@]}"; [[ $(sort -u /run/sum.* | wc -l) == 1 ]]'
ok "while others come and go" stays_whole
ok "a flush takes them away" host 1 bridge fdb flush dev eth4 static
ok "all" eval '! net eth4/eth/neighs | grep EMAC=52:54:01'

# Names.
ok "a slave with a name of 15 characters" eval 'ip -n h1 link set ib0.2 down &&
	ip -n h1 link set ib0.2 name $LONG && ip -n h1 link set $LONG up'
ok "its link has the new name" points 1 "eth4/slave_$LONG" "$LONG"
fails "and not the old one" host 1 test -e /sys/class/net/eth4/slave_ib0.2
ok "its link back is there" points 1 $LONG/eth_parent eth4
like "slaves has the name" "$LONG" net eth4/eth/slaves
like "and vifs" "SLAVE=$LONG MAC=52:54:00:00:00:12 VLAN=N/A" net eth4/eth/vifs
ok "the PIF gets another name" eval 'ip -n h1 link set eth4 down &&
	ip -n h1 link set eth4 name eth4567890-2345 && ip -n h1 link set eth4567890-2345 up'
ok "the link back leads there" points 1 "$LONG/eth_parent" eth4567890-2345
like "the file of all PIFs has it" '^eth4567890-2345 over IB port: ib0$' net eth_ipoib_interfaces
ok "and ib0" eval 'ip -n h1 link set ib0 down && ip -n h1 link set ib0 name ibone'
like "the same" '^eth4567890-2345 over IB port: ibone$' net eth_ipoib_interfaces
ok "a slave is released" ip -n h1 link set dev $LONG nomaster
fails "its link is gone" host 1 test -e "/sys/class/net/eth4567890-2345/slave_$LONG"
fails "and the one back" host 1 test -e /sys/class/net/$LONG/eth_parent

# Namespaces.
like "each namespace has its own" '^eth4 over IB port: ib0$' host 2 cat /sys/class/net/eth_ipoib_interfaces
ip netns add empty
ok "an empty one an empty one" eval '[[ -z $(ip netns exec empty cat /sys/class/net/eth_ipoib_interfaces) ]]'
ok "a PIF moves" ip -n h1 link set eth4567890-2345 netns empty name eth4
like "its line with it" '^eth4 over IB port: ibone$' ip netns exec empty cat /sys/class/net/eth_ipoib_interfaces
ok "and not a link" eval '! host 1 test -e /sys/class/net/ib0.1/eth_parent &&
	! ip netns exec empty ls /sys/class/net/eth4/ | grep slave_'
ok "back again" ip -n empty link set eth4 netns h1
ok "the links are, too" eval 'points 1 ib0.1/eth_parent eth4 && points 1 eth4/slave_ib0.1 ib0.1'
ok "a namespace goes" ip netns del empty
ok "all goes" eval 'ip -n h1 link del eth4 && ! host 1 test -e /sys/class/net/ib0.1/eth_parent'
ok "nobody reads what is gone" eval 'ip -n h1 link set ibone name ib0 && outlives_readers'
ok "the module goes" eval 'rmmod eth_ipoib && ! test -e /sys/class/net/eth_ipoib_interfaces'
ok "and comes back" eval 'modprobe eth_ipoib && test -e /sys/class/net/eth_ipoib_interfaces'
done_testing
