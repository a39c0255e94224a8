# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Guests of the hypervisors A and B, and a plain host, before and after something happens to the
# fabric. For guest scripts with --icount that have read tools/e2e/hypervisor.sh.

LIMIT=3000 # ms of guest time, from the event to everybody's answers

# attribute HCA FILE: of its port
attribute() {
	cat "/sys/class/infiniband/vib$1/ports/1/$2"
}

uptime_ms() {
	local up

	read -r up _ < /proc/uptime
	echo $((10#${up/./} * 10))
}

one_ping() {
	ip netns exec "$1" ping -n -c 1 -W 0.2 "$2" > /dev/null 2>&1
}

# all_talk: the guests on both networks, and what is plain IPoIB beside them.
all_talk() {
	one_ping g1a 10.0.0.12 && one_ping g1b 10.3.0.12 && one_ping g2a 10.0.0.11 &&
		one_ping g2b 10.3.0.11 && one_ping g2a 10.0.0.3 && one_ping h3 10.0.0.12
}

# forget: who is not known is asked for by broadcast.
forget() {
	local ns

	for ns in g1a g1b g2a g2b h3; do
		ip -n "$ns" neigh flush all 2> /dev/null
	done
}

# recovered EVENT: all talk within the limit from now on, by groups, too.
recovered() {
	local start since

	start=$(uptime_ms)
	ok "$1: guests talk again" wait_until 60 all_talk
	since=$(($(uptime_ms) - start))
	ok "within three seconds ($since ms)" test "$since" -le "$LIMIT"
	forget
	ok 'and find each other' wait_until 10 all_talk
}

# vifs: both hypervisors' VIFs.
vifs() {
	local n

	for n in 1 2; do
		host $n sh -c 'cat /sys/class/net/eth4/eth/vifs' | sort
	done
}
