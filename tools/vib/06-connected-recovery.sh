#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# VIFs in connected mode after a cable was pulled: the connections of both sides are back within three
# seconds of guest time after it was mended, also where nobody was told that the other was gone.
# hosts: 2
# vm: --icount --no-fabric --timeout 900
. tools/lib/guest.sh
. tools/translate/topology.sh
. tools/vib/recovery.sh

debug=/sys/kernel/debug/vib

# vif N CLONE PARAMETERS MAC
vif() {
	ip -n "h$1" -batch - <<- END
		link add link ib0 name $2 type ipoib $3 mode connected
		link set dev $2 master eth4
		link set dev eth4 vif $2 mac $4
	END
}

is_active() {
	[[ $(attribute "$1" state) == *ACTIVE ]]
}

is_down() {
	! is_active "$1"
}

# large FROM TO: a packet that goes by a connection only, and comes back.
large() {
	in_guest "$1" ping -n -c 1 -W 0.2 -M 'do' -s 60000 "10.0.0.$2" > /dev/null 2>&1
}

both() {
	large 11 21 && large 21 11
}

# talks SECONDS: whether anybody answers or not.
talks() {
	in_guest 11 ping -n -q -i 0.05 -w "$1" -s 60000 10.0.0.21
	in_guest 21 ping -n -q -i 0.05 -w "$1" -s 60000 10.0.0.11
	true
}

# back EVENT: both directions.
back() {
	local start since

	start=$(uptime_ms)
	ok "$1: large packets go both ways" wait_until 60 both
	since=$(($(uptime_ms) - start))
	ok "within three seconds ($since ms)" test "$since" -le "$LIMIT"
}

ok 'the fabric' load_fabric
for n in 1 2; do
	must "hypervisor $n" eval "hypervisor $n && guest ${n}1 && await_vifs $n"
	for dev in "v${n}1" br0; do
		ip -n h$n link set dev $dev mtu 65520
	done
	ip -n g${n}1 link set dev eth0 mtu 65520
done
ok 'large packets go both ways' wait_until 20 both

for seconds in 1 8; do
	ok 'the cable of B is pulled' eval "echo 0 > $debug/vib1/plugged"
	ok 'its port is down' wait_until 20 is_down 1
	fails 'nobody answers' large 11 21
	ok "they go on for $seconds s" talks $seconds
	echo 1 > $debug/vib1/plugged
	wait_until 60 is_active 1
	back "after $seconds s"
done
is 'the MACs are true' "$(mac 21)" eval "ip -n g11 -j neigh show 10.0.0.21 | jq -r '.[0].lladdr'"
done_testing
