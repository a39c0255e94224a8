#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Several LIDs and GIDs for a port, and keys that are checked: by datagrams of user space, and under
# guests, whose REMACs are made of the base LID whichever path a frame takes.
# hosts: 3
# vm: --no-fabric --partitions tools/vib/members.partitions --timeout 900
. tools/lib/guest.sh
. tools/translate/topology.sh

datagrams() {
	timeout 120 /usr/bin/python3 tools/vib/datagrams.py "$@"
}

# port_info HCA FIELD: as its SMA tells it.
port_info() {
	smpquery -C vib0 portinfo "$(< "/sys/class/infiniband/vib$1/ports/1/lid")" 1 |
		sed -n "s/^$2:\.*//p"
}

# lmc_is HCA LMC
lmc_is() {
	[[ $(< "/sys/class/infiniband/vib$1/ports/1/lid_mask_count") == "$2" ]]
}

# neighbour NETNS ADDRESS: the MAC that is behind it.
neighbour() {
	ip -n "$1" -j neigh show to "$2" | jq -r '.[0].lladdr // empty'
}

# restart_opensm OPTION...: all ports are told anew.
restart_opensm() {
	local pid

	pid=$(< /run/opensm/pid)
	kill "$pid" && wait "$pid"
	start_opensm 0 "$@"
}

modprobe -a ib_uverbs
ok 'the fabric' load_fabric 3
ok 'keys' datagrams keys
is 'PortInfo has P_Key violations' 3 port_info 2 PkeyViolations
is 'and Q_Key violations' 2 port_info 2 QkeyViolations
ok 'a second GUID' datagrams gids

ok 'the hypervisors' eval 'hypervisor 1 && hypervisor 2 && guest 11 && guest 21 && await_vifs 1 2'
ip -n h3 addr add 10.0.0.30/24 dev ib0
ok 'guests talk' wait_until 30 pings g11 10.0.0.21
ok 'with a plain host, too' wait_until 30 pings g11 10.0.0.30
before=$(neighbour g11 10.0.0.30)
is 'whose REMAC has its LID' "$before" remac 3

ok 'now each port gets four LIDs' restart_opensm -l 2
for hca in 0 1 2; do
	ok "vib$hca has them" wait_until 60 lmc_is $hca 2
done
ok 'by each of them' datagrams lids
ok 'guests talk' wait_until 30 pings g11 10.0.0.21
ok 'with a plain host, too' wait_until 30 pings g11 10.0.0.30
ip -n g11 neigh flush all
ok 'and once more' wait_until 30 pings g11 10.0.0.30
is 'whose REMAC has the base LID' "$(remac 3)" neighbour g11 10.0.0.30

vif=$(host 1 cat /sys/class/net/ib0.2/address)
lid=$(< /sys/class/infiniband/vib0/ports/1/lid)
read -r answers qpn base < <(datagrams arp "$vif" 10.0.0.11 10.0.0.77 "$lid")
is 'somebody asks from each LID for each LID, and is answered' 16 echo "$answers"
wanted=02$qpn$base
is 'under one REMAC, with the base LID' "$wanted" eval "neighbour g11 10.0.0.77 | tr -d :"
is 'and no other' 1 eval "
	bridge -n h1 fdb show dev eth4 | grep -o '^02:${qpn:0:2}:${qpn:2:2}:${qpn:4:2}:..:..' |
		sort -u | wc -l"

ok 'back to one LID' restart_opensm -l 0
for hca in 0 1 2; do
	ok "vib$hca has it" wait_until 60 lmc_is $hca 0
done
ok 'guests talk' wait_until 30 pings g11 10.0.0.21
ip -n g11 neigh flush all
ok 'with a plain host, too' wait_until 30 pings g11 10.0.0.30
is 'whose REMAC has its LID' "$(remac 3)" neighbour g11 10.0.0.30
done_testing
