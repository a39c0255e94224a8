#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Receive packet steering is the VIFs': what one receives is taken through ethX and the bridge by the
# CPU that its mask names. A PIF has one queue, which keeps nothing.
# vm: --partitions tools/e2e/vlan3.partitions --cpus 2
. tools/lib/guest.sh
. tools/e2e/hypervisor.sh

# steered: how often a CPU was told that another one has packets for it, /proc/net/softnet_stat.
steered() {
	local words sum=0

	while read -r -a words; do
		sum=$((sum + 16#${words[9]}))
	done < /proc/net/softnet_stat
	echo $sum
}

# steer DEVICE MASK
steer() {
	host 1 sh -c "echo $2 > /sys/class/net/$1/queues/rx-0/rps_cpus"
}

# steers MASK...: with each in turn at the guest's VIF, 100 requests are answered; prints how often
# a CPU was told meanwhile.
steers() {
	local before mask sum=0

	for mask; do
		# What came under the mask before this one does not count.
		steer ib0.2 "$mask" && before=$(steered) &&
			ip netns exec g2a ping -n -q -c 100 -i 0.01 10.0.0.11 | grep -q '100 received' || return
		sum=$((sum + $(steered) - before))
	done
	echo $sum
}

ok 'two hypervisors' hypervisors 1 2
ok 'guests reach each other' pings g1a 10.0.0.12
is 'nothing is steered' 0 steers 0
# The one of them that the HCA's completions do not come to.
like 'what a VIF receives is, to the CPU that it names' '^[1-9][0-9]*$' steers 1 2
ok 'ethX takes a mask, too' steer eth4 3
is 'which steers nothing: what enters there may have been steered' 0 steers 0
is 'a PIF has one queue each way' 'rx-0 tx-0' \
	eval "host 1 ls /sys/class/net/eth4/queues | paste -s -d ' '"
is 'that is no queue' noqueue eval "host 1 tc -j qdisc show dev eth4 root | jq -r '.[0].kind'"
done_testing
