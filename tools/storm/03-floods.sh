#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Floods of unknown sources and destinations, forged announcements and garbage (storm.py says of
# what), 4 s each. One instruction is one nanosecond, so rates do not depend on the machine. With an
# argument N, one Nth of the time.
# hosts: 3
# vm: --icount --slow 3 --append eth_ipoib.max_peers=256 --append slub_debug=U --timeout 3600
. tools/lib/guest.sh
. tools/translate/topology.sh
. tools/manage/results.sh

PAIRS=(g11:10.0.0.21 g21:10.0.0.30 h3:10.0.0.11 h1:10.0.0.20)

# Every pair is asked a hundred times a second, until the end.
talk() {
	local pair

	for pair in "${PAIRS[@]}"; do
		ip netns exec "${pair%:*}" ping -n -O -i 0.01 "${pair#*:}" > "/run/talk.${pair%:*}" 2>&1 &
	done
	for pair in "${PAIRS[@]}"; do
		wait_until 20 grep -q 'bytes from' "/run/talk.${pair%:*}" || return
	done
}

for n in 1 2; do
	must "hypervisor $n" eval "hypervisor $n && guest ${n}1"
	# A bridge remembers whom it sees without a limit.
	ok "whose bridge does not learn" eval "ip -n h$n link set dev br0 type bridge mcast_snooping 0 &&
		bridge -n h$n link set dev v${n}1 learning off && bridge -n h$n link set dev eth4 learning off"
done
must "a plain host, and who forges there" eval "addresses h3 ib0 30 &&
	ip -n h3 link add link ib0 name ib0.5 up type ipoib index 5"
must "all VIFs come up" await_vifs 1 2
must "so does the forger" wait_until 20 has_carrier 3 ib0.5
must "everybody talks" talk
results tools/storm/storm.py "$((40 / ${1:-1}))e-1" "$(< /sys/module/eth_ipoib/parameters/max_peers)"
ok "everybody still talks" eval \
	'pings g11 10.0.0.21 && pings g21 10.0.0.30 && pings h3 10.0.0.11 && pings h1 10.0.0.20'
done_testing
