#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Guests on eth_ipoib after each thing that can happen to a fabric: they talk again within three
# seconds of the event that ends it, by every VIF and every group, and to a plain IPoIB host.
# hosts: 3
# vm: --icount --no-fabric --partitions tools/e2e/vlan3.partitions --timeout 900
. tools/lib/guest.sh
. tools/e2e/hypervisor.sh
. tools/vib/recovery.sh

debug=/sys/kernel/debug/vib

is_active() {
	[[ $(attribute "$1" state) == *ACTIVE ]]
}

is_down() {
	! is_active "$1"
}

lid_is() {
	(($(attribute "$1" lid) == $2))
}

cp "$EIPOIB_PARTITIONS" /run/partitions
EIPOIB_PARTITIONS=/run/partitions
ok 'the fabric' load_fabric
ok 'the hypervisors' hypervisors 1 2
ip -n h3 addr add 10.0.0.3/24 dev ib0
ok 'guests talk' wait_until 60 all_talk
before=$(vifs)

ok 'the cable of B is pulled' eval "echo 0 > $debug/vib1/plugged"
ok 'its port is down' wait_until 20 is_down 1
fails 'nobody answers' one_ping g1a 10.0.0.12
echo 1 > $debug/vib1/plugged
wait_until 60 is_active 1
recovered 'PORT_ACTIVE'

ok 'that of A, and of the subnet manager' eval "echo 0 > $debug/vib0/plugged"
ok 'its port is down' wait_until 20 is_down 0
echo 1 > $debug/vib0/plugged
wait_until 60 is_active 0
recovered 'PORT_ACTIVE at A'

ok 'B gets another LID' eval "echo 77 > $debug/vib1/lid"
ok 'which the subnet manager does not like' wait_until 30 lid_is 1 2
recovered 'LID_CHANGE'

has_pkey() {
	grep -q 0x8003 /sys/class/infiniband/vib1/ports/1/pkeys/*
}

lost_pkey() {
	! has_pkey
}

# partitions COMMAND...: what it makes of them is what the subnet manager has from now on.
partitions() {
	"$@" < "$EIPOIB_PARTITIONS" > /run/partitions.new && mv /run/partitions.new /run/partitions &&
		kill -HUP "$(< /run/opensm/pid)"
}

members=$(printf '0x%016x=full, ' $VIB_GUID $((VIB_GUID + 0x20)))
ok 'B leaves the partition of VLAN 3' partitions sed "s/^\(vlan3=.*:\) ALL=full/\1 ${members%, }/"
ok 'its P_Key is gone' wait_until 60 lost_pkey
fails 'VLAN 3 is silent' one_ping g1b 10.3.0.12
ok 'the other network is not' one_ping g1a 10.0.0.12
ok 'it is back in it' partitions sed 's/^\(vlan3=.*:\) .*/\1 ALL=full;/'
ok 'it has the P_Key' wait_until 60 has_pkey
recovered 'PKEY_CHANGE'

ok 'the subnet manager dies' kill -KILL "$(< /run/opensm/pid)"
ok 'who knows each other still talks' all_talk
ok 'another one comes' start_opensm
ok 'and its subnet administration answers' wait_until 60 saquery -C vib0 NR
recovered 'CLIENT_REREGISTER'

for direction in tx rx; do
	for fault in loss duplicate reorder corrupt; do
		echo 50000 > $debug/vib1/$direction/$fault
	done
done
one_ping g1a 10.0.0.12
forget
ok 'on a bad link they find each other' wait_until 30 all_talk
for fault in $debug/vib1/{tx,rx}/{loss,duplicate,reorder,corrupt}; do
	echo 0 > "$fault"
done
recovered 'a good one'

is 'no VIF has been lost' "$before" vifs
done_testing
