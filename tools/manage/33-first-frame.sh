#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# How long a guest without a VIF waits: from its first frame to its first answer, in guest time,
# which does not depend on how busy the machine is (--icount).
# hosts: 2
# vm: --icount --partitions tools/e2e/vlan3.partitions --eipoibd
. tools/lib/guest.sh
. tools/e2e/hypervisor.sh
. tools/manage/eipoibd.sh

LIMIT=200 # ms

rename_pif 1
h1 link add link eth4 name eth4.3 type vlan id 3
h1 link add br2 address "$PIF_MAC" type bridge
h1 link set eth4 master br2
h1 link set br2 up
h1 link set eth4.3 up
ip -n h2 addr add 10.0.0.2/24 dev ib0
ip -n h2 link add link ib0 name ib0.8003 type ipoib pkey 0x8003
ip -n h2 addr add 10.3.0.2/24 dev ib0.8003
ip -n h2 link set ib0.8003 up
: > /run/eipoibd.conf
ok "it starts" start_eipoibd
guest br2 vnet1 g1 52:54:00:00:00:01 10.0.0.11
ok "a guest of a bridge has no VIF" lacks_vif 52:54:00:00:00:01
ok "and an answer within $LIMIT ms" answered_within $LIMIT g1 10.0.0.2
container c1 eth4.3 52:54:00:00:00:c1 10.3.0.12
ok "a container on a VLAN has no VIF" lacks_vif 52:54:00:00:00:c1
ok "and an answer within $LIMIT ms" answered_within $LIMIT c1 10.3.0.2
done_testing
