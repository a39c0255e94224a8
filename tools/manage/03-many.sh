#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Many VIFs: what each costs, all of them in dump, list and ip, traffic, and away again. With an
# argument so many, up to 4,096:
#     tools/vm --hosts 2 --memory 6144 --timeout 3600 tools/manage/03-many.sh 4096
# hosts: 2
. tools/lib/guest.sh
. tools/e2e/hypervisor.sh
. tools/manage/results.sh

COUNT=${1:-128}

listed() {
	(($(host 1 cat /sys/class/net/eth4/eth/vifs | grep -c 'SLAVE=.* MAC=52:54:00:00:') == COUNT))
}

shown_by_ip() {
	(($(ip -n h1 -d link show dev eth4 | grep -c 'vif ib0\.[0-9]* mac 52:54:00:00:') == COUNT))
}

up() {
	(($(ip -n h1 -o link show master eth4 | grep -c LOWER_UP) == COUNT))
}

# seconds CMD...: what it took, in front of the result.
timed() {
	local text=$1 start=$EPOCHREALTIME output status=0
	shift

	output=$("$@" 2>&1) || status=$?
	tap_result "$text: $(((${EPOCHREALTIME/./} - ${start/./}) / 1000)) ms" "$status" "$output"
}

# memory: kilobytes in use.
memory() {
	awk '/MemTotal/ { total = $2 } /MemAvailable/ { print total - $2 }' /proc/meminfo
}

ok "eth4 is there" rename_pif 1
ok "the other host has an address" ip -n h2 addr add 10.0.0.2/24 dev ib0
before=$(memory)
results ip netns exec h1 tools/manage/many.py "$COUNT"
timed "all join" wait_until 600 up
pass "each takes $((($(memory) - before) / COUNT)) kB"
timed "the list has all" listed
timed "ip has all" shown_by_ip
ip -n h1 -batch - <<- END
	link set dev eth4 address 52:54:00:00:00:01
	addr add 10.0.0.1/24 dev eth4
END
ok "traffic" wait_until 30 pings h1 10.0.0.2
timed "the PIF's VIF gets another MAC" ip -n h1 link set dev eth4 address 02:00:00:00:00:77
timed "half of them are released" eval \
	'for ((i = 1; i <= COUNT; i += 2)); do echo "link set dev ib0.$i nomaster"; done |
		ip -n h1 -batch -'
timed "the PIF goes" ip -n h1 link del eth4
timed "the clones go" eval \
	'for ((i = 1; i <= COUNT; i++)); do echo "link del ib0.$i"; done | ip -n h1 -batch -'
done_testing
