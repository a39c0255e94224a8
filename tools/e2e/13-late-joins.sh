#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# An interface that goes while a join of a group it has left already is under way: the subnet manager
# answers when the queue pair would be gone.
# hosts: 1
# vm: --partitions tools/e2e/vlan3.partitions
. tools/lib/guest.sh

DEVICE=ib0.8003

# group ADDRESS yes|no [DEVICE]: it has the group that ends so, joined or not.
group() {
	grep -A 3 "^GID: .*:$1\$" "/sys/kernel/debug/ipoib/${3:-$DEVICE}_mcg" | grep -q "complete: *$2"
}

# in_group add|del ADDRESS [DEVICE]
in_group() {
	ip -n h1 addr "$1" "$2/32" dev "${3:-$DEVICE}" autojoin
}

# child: a plain interface that nothing is under way for: that of IGMP's reports is a group, too.
child() {
	ip -n h1 link add link ib0 name $DEVICE type ipoib pkey 0x8003 &&
		host 1 sysctl -q -w "net/ipv6/conf/$DEVICE/disable_ipv6=1" &&
		ip -n h1 link set dev $DEVICE up && wait_until 30 has_carrier 1 $DEVICE &&
		in_group add 239.7.7.6 && wait_until 30 group f07:706 yes && wait_until 30 group 0:16 yes
}

# leave_in_time: in no list any more, but its join waits.
leave_in_time() {
	in_group add 239.7.7.7 && wait_until 2 group f07:707 no && in_group del 239.7.7.7 &&
		wait_until 2 eval '! group f07:707 no'
}

# answer_late: after 3 s it would be none; false if the machine was too slow for that.
answer_late() {
	local gone status

	child || return
	kill -STOP "$(< /run/opensm/pid)"
	leave_in_time
	ip -n h1 link del $DEVICE &
	gone=$!
	wait_until 2 grep -q -s ipoib_ndo_uninit /proc/$gone/stack
	status=$?
	kill -CONT "$(< /run/opensm/pid)"
	wait $gone && return $status
}

ok 'an answer comes when the interface is on its way out' wait_until 120 answer_late
fails 'which has gone' ip -n h1 link show $DEVICE
ok 'its parent joins a group' eval 'in_group add 239.7.7.8 ib0 && wait_until 60 group f07:708 yes ib0'
done_testing
