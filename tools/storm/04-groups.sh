#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# A guest that sends to ever more groups: its VIF remembers so many and no more, what it sends to others
# arrives all the same, and groups that are not sent to any more, or cannot be joined, are forgotten.
# hosts: 3
# vm: --timeout 600
. tools/lib/guest.sh
. tools/translate/topology.sh

LIMIT=256
MCG=/sys/kernel/debug/ipoib/ib0.2_mcg

# known [REGEX]: to how many groups g11's VIF sends, or to how many with such a GID.
known() {
	awk -v gid="${1:-.}" '/^GID:/ { wanted = $2 ~ gid } /send_only: *yes/ && wanted { n++ }
		END { print n + 0 }' "$MCG"
}

# at_most N [REGEX]
at_most() {
	(($(known "${2-}") <= $1))
}

# to_groups N NET: g11 sends to N groups 239.NET.*
to_groups() {
	wire "sends('g11', *(ether(group_mac(to), port('g11').address, IPV4,
		udp('10.0.0.11', to, (9, 9), bytes(32)))
		for to in [f'239.$2.{n // 256}.{n % 256}' for n in range($1)]))"
}

flooded() {
	host 1 ethtool -S ib0.2 | sed -n 's/^ *tx_group_flooded: //p'
}

# What is idle for two of these goes: nothing yet.
sysctl -q -w net.ipv4.neigh.default.gc_interval=15
must "a hypervisor" eval 'hypervisor 1 && guest 11'
must "another one" eval 'hypervisor 2 && guest 22'
must "a plain host" addresses h3 ib0 30
must "all VIFs come up" await_vifs 1 2
start_wire
ok "a remote guest and the plain host are in a group" \
	wire "join('g22/eth0', '239.2.0.1') or join('h3/ib0', '239.2.0.1')"
is "no frame went to all instead of a group" 0 flooded

ok "a guest sends to 1,000 groups" to_groups 1000 1
is "its VIF knows $LIMIT" "$LIMIT" known
ok "what it sends to another one reaches all members" \
	wire "reaches('g11/eth0', '239.2.0.1', 'g22/eth0', 'h3/ib0')"
ok "once each, in order, with the MAC of the group" wire "group_burst('g11/eth0', '239.2.0.1', 'g22')"
ok "although the VIF does not know it" at_most 0 ':f02:1$'
ok "that is counted" eval '(($(flooded) > 1000 - LIMIT))'

sysctl -q -w net.ipv4.neigh.default.gc_interval=2
ok "what it does not send to any more it forgets" wait_until 60 at_most 0 ':f01:'
was=$(flooded)
ok "then there is room" wire "reaches('g11/eth0', '239.2.0.1', 'g22/eth0', 'h3/ib0')"
is "and none goes to all" "$was" flooded

kill -STOP "$(< /run/opensm/pid)"
ok "nobody answers joins: a guest sends to 10 groups" to_groups 10 3
is "which its VIF knows" 10 known ':f03:'
ok "until it forgets them" wait_until 90 at_most 0 ':f03:'
kill -CONT "$(< /run/opensm/pid)"
ok "traffic flows" pings g11 10.0.0.22
done_testing
