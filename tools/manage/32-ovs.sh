#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Where no Linux bridge says who is there: containers with a macvlan of eth4, and guests of Open
# vSwitch. Host 2 is a plain host, with a clone for VLAN 3.
# hosts: 2
# vm: --partitions tools/e2e/vlan3.partitions --eipoibd
. tools/lib/guest.sh
. tools/e2e/hypervisor.sh
. tools/manage/eipoibd.sh

C1=52:54:00:00:00:c1 C2=52:54:00:00:00:c2 G1=52:54:00:00:00:01 G2=52:54:00:00:00:02

start_ovs() {
	mkdir -p /run/openvswitch
	modprobe openvswitch &&
		ovsdb-tool create /run/openvswitch/conf.db /usr/share/openvswitch/vswitch.ovsschema &&
		host 1 ovsdb-server --remote=punix:/run/openvswitch/db.sock --detach --no-chdir \
			--pidfile --log-file=/out/ovsdb.log /run/openvswitch/conf.db > /dev/null 2>&1 &&
		ovs-vsctl --no-wait init &&
		host 1 ovs-vswitchd --detach --no-chdir --pidfile --log-file=/out/vswitchd.log \
			> /dev/null 2>&1
}

rename_pif 1
h1 link add link eth4 name eth4.3 type vlan id 3
h1 link set eth4.3 up
ip -n h2 addr add 10.0.0.2/24 dev ib0
ip -n h2 link add link ib0 name ib0.8003 type ipoib pkey 0x8003
ip -n h2 addr add 10.3.0.2/24 dev ib0.8003
ip -n h2 link set ib0.8003 up
cat > /run/eipoibd.conf <<- END
	linger = 1
	idle = 2
	max-per-port = 6
END
ok "it starts" start_eipoibd

container c1 eth4 $C1 10.0.0.11
ok "a container that is silent has no VIF" lacks_vif $C1
ok "its first frame makes one" answered c1 10.0.0.2
ok "it has one" has_vif $C1
container c2 eth4.3 $C2 10.3.0.12
ok "so does one on a VLAN" answered c2 10.3.0.2
ok "it has one" has_vif $C2 3
index=$(vif_index $C2 3)
ip netns exec c2 ping -n -i 0.1 10.3.0.2 > /run/ping 2>&1 &
ping=$!
ok "it ends" stop_eipoibd
ok "it starts again" start_eipoibd
ok "the VIF of what has been silent goes" wait_until 30 lacks_vif $C1
ok "no sooner than it may" has_lines 20 'bytes from' /run/ping
is "the VIF of what sends stays" "$index" vif_index $C2 3
kill -INT $ping
wait $ping
like "and lost nothing" ' 0% packet loss' cat /run/ping
ok "until it is silent" wait_until 30 lacks_vif $C2
ok "one that speaks again has a VIF again" answered c1 10.0.0.2
ok "a flood of MACs" ip netns exec c1 tools/manage/flood.py 100
ip netns del c2
ip netns del c1
ok "all that is over" wait_until 30 eval '(($(vifs | wc -l) == 2))'
h1 link del eth4.3
ok "and the device of VLAN 3" wait_until 30 eval '(($(vifs | wc -l) == 1))'

ok "Open vSwitch" start_ovs
ok "a bridge of it" ovs-vsctl add-br ovs0 -- add-port ovs0 eth4
for n in 1 2; do
	ip netns add g$n
	ip netns exec g$n sysctl -q -w net.ipv6.conf.default.disable_ipv6=1
	h1 link add vnet$n mtu 2044 type veth peer name eth0 netns g$n mtu 2044 \
		address 52:54:00:00:00:0$n
	h1 link set vnet$n up
	ip -n g$n link set eth0 up
done
ip -n g1 addr add 10.0.0.21/24 dev eth0
ip -n g2 addr add 10.3.0.22/24 dev eth0
ok "guests" ovs-vsctl add-port ovs0 vnet1 -- add-port ovs0 vnet2 tag=3
ok "an untagged one has a VIF from its first frame on" answered g1 10.0.0.2
ok "one" has_vif $G1
ok "one on VLAN 3 too" answered g2 10.3.0.2
ok "of that VLAN" has_vif $G2 3
ok "a flood of MACs" ip netns exec g1 tools/manage/flood.py 100
ok "makes as many as a port may have" wait_until 20 logged port-full '.port == "eth4"'
ok "and no more" eval '(($(vifs | grep -v -c " $PIF_MAC") <= 6))'
is "nothing was refused" "" jq -c 'select(.event == "vif-refused")' /run/eipoibd.log
cp /run/eipoibd.log /out/
ip netns exec h1 ovs-appctl -t ovs-vswitchd exit
ip netns exec h1 ovs-appctl -t ovsdb-server exit
done_testing
