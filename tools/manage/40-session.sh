#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Types what Documentation/networking/eipoib-session.rst types, and compares what comes back. The
# document with the real answers is left in /out/eipoib-session.rst.
# hosts: 3
# vm: --partitions tools/e2e/vlan3.partitions
. tools/lib/guest.sh
. tools/e2e/hypervisor.sh

DOCUMENT=Documentation/networking/eipoib-session.rst

# vif CLONE PARAMETERS MAC [VLAN]: of hypervisor 2.
vif() {
	ip -n h2 -batch - <<- END
		link add link ib0 name $1 type ipoib $2
		link set dev $1 master eth4
		link set dev eth4 vif $1 mac $3 ${4:+vlan $4}
	END
}

# second_hypervisor: complete, with a guest.
second_hypervisor() {
	local own

	rename_pif 2 && own=$(host 2 cat /sys/class/net/eth4/address) &&
		vif ib0.1 'index 1' "$own" && vif ib0.2 'index 2' 52:54:00:00:00:12 &&
		vif ib0.8003.1 'pkey 0x8003 index 1' 52:54:00:00:00:12 3 &&
		guest_port 2 vnet1 guest2 52:54:00:00:00:12 &&
		ip -n h2 -batch - <<- END && ip -n guest2 -batch - <<- END
			link add br0 address $own mtu 2044 type bridge
			link set dev eth4 master br0
			link set dev vnet1 master br0
			addr add 10.0.0.2/24 dev br0
			link set dev br0 up
		END
			addr add 10.0.0.12/24 dev eth0
			link add link eth0 name eth0.3 type vlan id 3
			addr add 10.3.0.12/24 dev eth0.3
			link set dev eth0.3 up
		END
	wait_until 60 vifs_have_carrier 2 ib0.1 ib0.2 ib0.8003.1
}

# prepared: all that the document says is there before it begins.
prepared() {
	second_hypervisor && ip -n h1 link set dev "$(pif 1)" name eth4 &&
		guest_port 1 vnet1 guest1 52:54:00:00:00:11 &&
		ip -n guest1 addr add 10.0.0.11/24 dev eth0 && ip -n h3 addr add 10.0.0.3/24 dev ib0
}

prepared || {
	not_ok 'what the document says is there'
	done_testing
	exit
}
exec tools/manage/session.py "$DOCUMENT" hv1=h1 guest1=guest1 --write /out/eipoib-session.rst
