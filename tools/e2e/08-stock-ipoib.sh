#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# With the distribution's own ib_ipoib loaded PIFs exist, and enslaving says what is missing.
# hosts: 2
# vm: --stock-ipoib
. tools/lib/guest.sh
. tools/e2e/hypervisor.sh

stock() {
	[[ -z $(modinfo -F eipoib "$EIPOIB_MODULES/kernel/drivers/infiniband/ulp/ipoib/ib_ipoib.ko"*) ]] &&
		! grep -q e_ipoib_get_ops /proc/kallsyms
}

refuses() {
	local output

	output=$(ip -n h1 link set dev ib0.8001 master eth4 2>&1) && return 1
	echo "$output"
	[[ $output == *"ib_ipoib that is loaded"*"load the one that comes with eth_ipoib"* ]]
}

ok "the stock ib_ipoib is loaded" stock
ok "a PIF exists" pif 1
ok "eth4 is there" rename_pif 1
like "and says what is below it" 'driver: eth_ipoib:ib0' host 1 ethtool -i eth4
ok "a clone of the stock module" ip -n h1 link add link ib0 name ib0.8001 type ipoib pkey 0xffff
ok "is refused, and the sentence says why" refuses
ok "the clone is left alone" eval '[[ $(ip -n h1 link show dev ib0.8001) != *master* ]]'
ip -n h1 addr add 10.0.0.1/24 dev ib0
ip -n h2 addr add 10.0.0.2/24 dev ib0
ok "plain IPoIB goes on working" pings h1 10.0.0.2
done_testing
