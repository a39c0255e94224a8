#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# VIFs through the patched ip, and what VIF mode of ib_ipoib puts into the link
# header.
# hosts: 2

. tools/lib/guest.sh

# of_json FILTER ARGS...: what a Python expression over the links l makes of
# ip -d -j link show ARGS on host 1.
of_json() {
	ip -n h1 -d -j link show "${@:2}" | python3 -c '
import json, sys
links = {l["ifname"]: l for l in json.load(sys.stdin) if l}
print(eval(sys.argv[1]))' "$1"
}

# is_json TEXT EXPECTED FILTER ARGS...: passes if of_json prints EXPECTED.
is_json() {
	local got

	got=$(of_json "${@:3}" 2>&1)
	[[ $got == "$2" ]]
	tap_result "$1" $? "$got, not $2"
}

# qpn DEVICE: its queue pair number, from the address, as ip shows it.
qpn() {
	local a

	IFS=: read -r -a a < <(host 1 cat "/sys/class/net/$1/address")
	printf '0x%s%s%s\n' "${a[@]:1:3}"
}

# link_header DEVICE QPN: the 24 bytes before the first ARP request that host 2's
# ib0, which has QPN, broadcasts to DEVICE of host 1.
link_header() {
	host 1 python3 - "$1" << 'EOF' &
import socket, sys
sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
sock.bind((sys.argv[1], 0))
sock.settimeout(20)
open("/run/listening", "w").close()
while True:
    frame, address = sock.recvfrom(4096)
    if address[2] != 4 and address[1] == 0x806 and b"\xc0\x00\x02\x02" in frame:
        print(frame[:20].hex(), frame[20:24].hex())
        break
EOF
	local pid=$!

	wait_until 20 test -e /run/listening && rm /run/listening || return
	while kill -0 "$pid" 2> /dev/null; do
		host 2 ping -c 1 -W 0.2 192.0.2.1 > /dev/null
	done
	wait "$pid"
}

pif=$(ip -n h1 -j link show type eipoib | python3 -c '
import json, sys
print([l["ifname"] for l in json.load(sys.stdin) if l][0])')
mac=00:02:c9:43:3b:f1
# What JSON says of the PIF itself.
data="links['$pif']['linkinfo']['info_data']"

ok 'three clones' eval 'for i in 1 2 3; do
	ip -n h1 link add link ib0 name ib0.$i type ipoib index $i || exit
done'
ok 'two are enslaved' eval 'for i in 1 2; do
	ip -n h1 link set dev ib0.$i master $pif || exit
done'
like 'a VIF without an address' "ib0.1 mac none qpn $(qpn ib0.1) " ip -n h1 -d link show dev "$pif"
ok 'the keyword' ip -n h1 link set dev "$pif" vif ib0.1 mac ${mac^^}
like 'a VIF is shown below its PIF' "
      vif ib0.1 mac $mac qpn $(qpn ib0.1) " ip -n h1 -d link show dev "$pif"
like 'and where it is a link' "eipoib_slave mac $mac qpn $(qpn ib0.1) " \
	ip -n h1 -d link show dev ib0.1
ok 'the type, and a VLAN' \
	ip -n h1 link set dev "$pif" type eipoib vif ib0.1 mac $mac vlan 3
like 'the VLAN is shown' "vif ib0.1 mac $mac vlan 3 qpn" ip -n h1 -d link show dev "$pif"
like 'the number of VIFs' 'vifs 2 ' ip -n h1 -d link show dev "$pif"
one="{'mac': '$mac', 'vlan': 3, 'qpn': $(($(qpn ib0.1)))}"
two="{'ifname': 'ib0.2', 'qpn': $(($(qpn ib0.2)))}"
is_json 'JSON lists the VIFs' "[{'ifname': 'ib0.1', ${one#\{}, $two]" \
	"${data}['vifs']" dev "$pif"
is_json 'also among all links' "[{'ifname': 'ib0.1', ${one#\{}, $two]" "${data}['vifs']"
is_json 'each VIF has its own' "$one" "links['ib0.1']['linkinfo']['info_slave_data']"
is_json 'JSON of the PIF counts them' 2 "${data}['vif_count']"

ok 'sticky' ip -n h1 link set dev "$pif" vif ib0.1 mac $mac vlan 3 sticky on
like 'which is shown' "vif ib0.1 mac $mac vlan 3 sticky qpn" ip -n h1 -d link show dev "$pif"
is_json 'in JSON as well' True "links['ib0.1']['linkinfo']['info_slave_data']['sticky']"
ok 'sticky no more' ip -n h1 link set dev "$pif" vif ib0.1 mac $mac vlan 3 sticky off
is_json 'is not shown' "[{'ifname': 'ib0.1', ${one#\{}, $two]" "${data}['vifs']" dev "$pif"
ok 'a VIF for any MAC' ip -n h1 link set dev "$pif" vif ib0.2 mac any vlan 3
like 'is shown' "vif ib0.2 mac any vlan 3 qpn" ip -n h1 -d link show dev "$pif"
is_json 'in JSON as well' any "links['ib0.2']['linkinfo']['info_slave_data']['mac']"
ok 'a VIF without a MAC again' ip -n h1 link set dev "$pif" vif ib0.2 none
like 'is shown' "vif ib0.2 mac none qpn" ip -n h1 -d link show dev "$pif"
is_json 'in JSON as well' "[{'ifname': 'ib0.1', ${one#\{}, $two]" "${data}['vifs']"

ok 'a plain clone beside them' ip -n h1 link set dev ib0.3 up
ok 'addresses' eval 'ip -n h2 addr add 192.0.2.2/24 dev ib0 &&
	wait_until 20 has_carrier 1 ib0.1 && wait_until 20 has_carrier 1 ib0.3'
sender=$(host 2 cat /sys/class/net/ib0/address)
sender=${sender//:/}
lid=$(printf %04x "$(< "/sys/class/infiniband/vib1/ports/1/lid")")
like 'a VIF sees QPN, GID and LID of the sender' "^01${sender:2:6}${sender:8} 0806$lid\$" \
	link_header ib0.1
like 'a clone that is no VIF sees zeroes' '^0{40} 08060000$' link_header ib0.3
ok 'release' ip -n h1 link set dev ib0.1 nomaster
ok 'up again' eval 'ip -n h1 link set dev ib0.1 up && wait_until 20 has_carrier 1 ib0.1'
like 'zeroes again' '^0{40} 08060000$' link_header ib0.1
is_json 'the list follows' "[$two]" "${data}['vifs']" dev "$pif"

done_testing
