#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Adapters that carry IPoIB themselves (rdma_netdev), as mlx5 and hfi1 do: ib0 is theirs, and clones
# with an index are ib_ipoib's, so that guests on VIFs know who sent a frame.
# hosts: 3
# vm: --vib accelerated=1 --timeout 600
. tools/lib/guest.sh
. tools/translate/topology.sh

# refused CLONE: it does not become a VIF, and the reason helps.
refused() {
	local said

	said=$(ip -n h1 link set dev "$1" master eth4 2>&1) && return 1
	echo "$said"
	[[ $said == *"make the clone with an index"* ]]
}

for n in 1 2 3; do
	ip -n h$n addr add 10.9.0.$n/24 dev ib0
done
ok 'accelerated interfaces talk' pings h1 10.9.0.3
ok 'by groups, too' wait_until 30 host 1 ping -n -c 1 -W 1 ff02::1%ib0
ok 'with large packets' host 1 ping -n -M "do" -c 1 -W 5 -s 2016 10.9.0.3

ip -n h1 link set dev "$(pif 1)" name eth4
ip -n h1 link add link ib0 name ib0.plain type ipoib
ok 'a clone without an index is accelerated, and no VIF' refused ib0.plain
ip -n h1 addr add 10.8.0.1/24 dev ib0.plain
ip -n h1 link set dev ib0.plain up
ip -n h3 addr add 10.8.0.3/24 dev ib0
ok 'it has carrier' wait_until 60 has_carrier 1 ib0.plain
ok 'it talks' pings h1 10.8.0.3
ok 'it goes' ip -n h1 link del ib0.plain
ip -n h1 link set dev eth4 name eth9

ok 'the hypervisors' eval 'hypervisor 1 && hypervisor 2 && guest 11 && guest 21 && await_vifs 1 2'
ip -n h3 addr add 10.0.0.30/24 dev ib0
ok 'guests talk' wait_until 30 pings g11 10.0.0.21
ok 'on IPv6' wait_until 30 pings g11 fd00::21
ok 'with an accelerated host' wait_until 30 pings g11 10.0.0.30
ok 'which asks, too' wait_until 30 pings h3 10.0.0.21
is 'guests know it by its REMAC' "$(remac 3)" eval "
	ip -n g11 -j neigh show to 10.0.0.30 | jq -r '.[0].lladdr'"
is 'and each other by their MACs' "$(mac 21)" eval "
	ip -n g11 -j neigh show to 10.0.0.21 | jq -r '.[0].lladdr'"

ok 'ib0 goes down and up' eval 'ip -n h2 link set ib0 down && ip -n h2 link set ib0 up'
ok 'and has carrier' wait_until 60 has_carrier 2 ib0
ok 'it talks' wait_until 30 pings h2 10.9.0.3
ok 'so do guests' wait_until 30 pings g11 10.0.0.21
ip netns del g11
ip netns del g21
ok 'the modules go away' eval "kill $(< /run/opensm/pid) && rmmod eth_ipoib vib ib_ipoib"
done_testing
