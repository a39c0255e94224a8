# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# What happens inside the machines A and B (tools/two-vm/machine.sh) when a guest is plugged into
# br2 of hypervisor N, its NIC being the machine's second network card.

GUEST=10.0.0.50
GUEST_MAC=52:54:00:aa:00:50

# plug_guest N: the port.
plug_guest() {
	ip link set "$(ethernet 1)" netns "h$1" name vnet5 && ip -n "h$1" -batch - <<- END
		link set dev vnet5 mtu 2044
		link set dev vnet5 master br2
		link set dev vnet5 up
	END
}

# add_vif N and remove_vif N: the guest's VIF.
add_vif() {
	ip -n "h$1" link add link ib0 name ib0.5 type ipoib index 5 &&
		ip -n "h$1" link set dev ib0.5 master eth4 &&
		ip -n "h$1" link set dev eth4 vif ib0.5 mac $GUEST_MAC &&
		wait_until 30 has_carrier "$1" ib0.5
}

remove_vif() {
	ip -n "h$1" link del ib0.5
}

# watch_begin NETNS DEVICE: ping the guest, and see all of it.
watch_begin() {
	ip netns exec "$1" tcpdump -n -tt -e -l -i "$2" 'icmp or arp or rarp' \
		> "/out/watch.$1" 2> "/out/watch.$1.said" &
	echo $! > "/out/watch.$1.pid"
	echo "$2" > "/out/watch.$1.device"
	wait_until 60 grep -q 'listening on' "/out/watch.$1.said" || return
	ip netns exec "$1" ping -n -i 0.1 $GUEST > /dev/null 2>&1 &
	echo $! > "/run/ping.$1.pid"
	more_answers "$1" 20
}

answers() {
	grep -c 'ICMP echo reply' "/out/watch.$1"
}

# more_answers NETNS COUNT: from now on.
more_answers() {
	local want=$(($(answers "$1") + $2))

	wait_until 120 eval "((\$(answers $1) >= $want))"
}

watch_end() {
	local plain=

	kill -INT "$(< "/run/ping.$1.pid")"
	sleep 0.2
	kill -INT "$(< "/out/watch.$1.pid")"
	wait_until 20 eval "! kill -0 $(< "/out/watch.$1.pid") 2> /dev/null"
	[[ $(< "/out/watch.$1.device") != ib0 ]] || plain=plain
	tools/migrate/lost.py "/out/watch.$1" $GUEST $GUEST_MAC $plain
}

# session_begin NETNS PORT
session_begin() {
	rm -f "/run/session.$1".*
	ip netns exec "$1" tools/migrate/session.py $GUEST "$2" "/run/session.$1" \
		> "/run/session.$1.said" 2>&1 &
	echo $! > "/run/session.$1.pid"
	more_lines "$1" 20
}

lines() {
	cat "/run/session.$1.count" 2> /dev/null || echo 0
}

more_lines() {
	local want=$(($(lines "$1") + $2))

	wait_until 90 eval "((\$(lines $1) >= $want))" || {
		cat "/run/session.$1.said"
		return 1
	}
}

session_end() {
	touch "/run/session.$1.stop"
	wait "$(< "/run/session.$1.pid")"
	local status=$?
	cat "/run/session.$1.said"
	return "$status"
}
