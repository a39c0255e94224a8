#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# A host that claims to be at ever more addresses, which a guest answers: its VIF asks the subnet
# manager for so many and no more, forgets those that nobody has, and finds whoever is there.
# hosts: 3
# vm: --timeout 600
. tools/lib/guest.sh
. tools/translate/topology.sh

LIMIT=256

# unknown: how many paths g11's VIF asks for, or has asked for in vain.
unknown() {
	grep -c 'complete: *no' /sys/kernel/debug/ipoib/ib0.2_path
}

at_most() {
	(($(unknown) <= $1))
}

# Its queue pair is its own, and without a GRH nobody vouches for the GID.
CLAIM='infiniband(port("h1/ib0.2").address, ARP, arp_of(port("h3/ib0.5").address[:12] + random_bytes(8),
	"10.0.0.77", port("h1/ib0.2").address, "10.0.0.11"))'

must "a hypervisor" eval 'hypervisor 1 && guest 11'
must "two plain hosts, and who claims" eval "addresses h2 ib0 20 && addresses h3 ib0 30 &&
	ip -n h3 link add link ib0 name ib0.5 up type ipoib index 5"
must "all VIFs come up" await_vifs 1
must "so does who claims" wait_until 20 has_carrier 3 ib0.5
start_wire
ok "a guest talks to one of the hosts" pings g11 10.0.0.30
ok "which claims to be at 1,000 addresses" wire \
	"any(sends('h3/ib0.5', $CLAIM) or behind('h3/ib0.5', 'h1/eth4') for _ in range(1000)) or ''"
ok "of which at most $LIMIT are remembered" at_most "$LIMIT"
ok "the guest still talks" pings g11 10.0.0.30
ok "also to whom it did not know" wait_until 20 pings g11 10.0.0.20
ok "those that nobody has are forgotten" wait_until 20 at_most 0
done_testing
