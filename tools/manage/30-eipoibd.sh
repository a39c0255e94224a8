#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Host 1 is the cover letter's hypervisor, but nobody types VIFs: eipoibd does. Host 2 is a plain
# host with ib0 and the clone ib0.8003 for VLAN 3.
# hosts: 2
# vm: --partitions tools/e2e/vlan3.partitions --eipoibd
. tools/lib/guest.sh
. tools/e2e/hypervisor.sh
. tools/manage/eipoibd.sh

G1=52:54:00:67:e9:bd G2=52:54:00:de:3a:23

# The cover letter's host, as it is when nobody has made a VIF yet.
rename_pif 1
h1 link add br2 address "$PIF_MAC" type bridge
h1 link set eth4 master br2
h1 link set br2 up
h1 link add link eth4 name eth4.3 type vlan id 3
h1 link add br3 address "$PIF_MAC" type bridge
h1 link set eth4.3 master br3
h1 link set eth4.3 up
h1 link set br3 up
ip -n h2 addr add 10.0.0.2/24 dev ib0
ip -n h2 link add link ib0 name ib0.8003 type ipoib pkey 0x8003
ip -n h2 addr add 10.3.0.2/24 dev ib0.8003
ip -n h2 link set ib0.8003 up
cat > /run/eipoibd.conf <<- END
	linger = 600
	max-per-port = 8
END

same_vifs() {
	[[ $(vif_indices) == "$before" ]]
}

# Without anything to do yet but the host's own.
is "--dry-run prints commands" "ip link add link ib0 name ib0.1 type ipoib index 1
ip link set dev ib0.1 alias eipoibd
ip link set dev ib0.1 master eth4
ip link set dev eth4 vif ib0.1 mac $PIF_MAC
ip link add link ib0 name ib0.8003.1 type ipoib pkey 0x8003 index 1
ip link set dev ib0.8003.1 alias eipoibd
ip link set dev ib0.8003.1 master eth4
ip link set dev eth4 vif ib0.8003.1 mac $PIF_MAC vlan 3" eipoibd1 --dry-run
is "and does nothing" "" vifs
eipoibd1 --dry-run > /run/commands
ok "its commands are good ones" host 1 sh -e /run/commands
is "and leave nothing to do" "" eipoibd1 --dry-run
h1 link del ib0.8003.1
ok "--once does what is left" eipoibd1 --once
is "both are there" "ib0.1 $PIF_MAC
ib0.8003.1 $PIF_MAC 3" vif_bindings

# Guests.
ok "it starts" start_eipoibd
guest br2 vnet1 g1a $G1 10.0.0.11
ok "a guest that is silent has none" lacks_vif $G1
ok "a guest's first frame makes its VIF" answered g1a 10.0.0.2
ok "it has one VIF" has_vif $G1
guest br3 vnet2 g1b $G2 10.3.0.11
ok "that of one behind a VLAN device, too" answered g1b 10.3.0.2
ok "it has one VIF" has_vif $G2 3
like "of the P_Key of its VLAN" 'pkey 0x8003' h1 -d link show dev "$(vif_of $G2 3)"

# A VLAN whose P_Key the port has not got.
h1 link add link eth4 name eth4.5 type vlan id 5
h1 link set eth4.5 up
ok "a P_Key that the port lacks is reported" wait_until 10 logged pkey-missing '.pkey == "0x8005"'
h1 link add link eth4.5 name macvtap1 address 52:54:00:00:00:55 type macvtap mode bridge
h1 link set macvtap1 up
ok "its VIFs are made all the same" wait_until 10 has_vif 52:54:00:00:00:55 5
is "and it is reported once" 1 count_logged pkey-missing
h1 link del eth4.5
for vif in $(vifs | sed -n 's/^\([^ ]*\) .* 5$/\1/p'); do
	h1 link del "$vif"
done

# What it logs.
ok "each line of the log is a JSON object" jq -e -s 'all(type == "object")' /run/eipoibd.log
is "which tells what was made for whom" '["eth4","52:54:00:67:e9:bd",null,"vnet1","br2"]
["eth4","52:54:00:de:3a:23",3,"vnet2","br3"]' \
	jq -c 'select(.event == "vif-added" and .port) | [.pif, .mac, .vlan, .port, .bridge]' \
	/run/eipoibd.log

# A restart.
before=$(vif_indices)
ip netns exec g1a ping -n -i 0.02 10.0.0.2 > /run/ping 2>&1 &
ping=$!
ok "while a guest talks" wait_until 20 grep -q 'icmp_seq=5 ' /run/ping
ok "it ends" stop_eipoibd
ok "all VIFs stay" same_vifs
ok "it starts again" start_eipoibd
ok "goes on with the same" same_vifs
ok "and the guest talks on" wait_until 30 has_lines 100 'bytes from' /run/ping
kill -INT $ping
wait $ping
like "and not a packet was lost" ' 0% packet loss' cat /run/ping
ok "the same VIFs still" same_vifs

# Guests that move and go.
index=$(vif_index $G1)
h1 link del vnet1
guest_port_of g1a br2 vnet3 $G1 10.0.0.11
ok "a guest behind another port" answered g1a 10.0.0.2
is "has the same VIF" "$index" vif_index $G1
sed -i 's/linger.*/linger = 1/' /run/eipoibd.conf
kill -HUP "$(< /run/eipoibd.pid)"
h1 link add macvtap0 link br3 address 52:54:00:00:00:77 type macvtap mode bridge
h1 link set macvtap0 up
ok "a macvtap has one without having sent" wait_until 10 has_vif 52:54:00:00:00:77 3
h1 link del macvtap0
ok "until it goes" wait_until 20 lacks_vif 52:54:00:00:00:77
h1 link del vnet3
ok "when its port goes the VIF does" wait_until 20 lacks_vif $G1
ok "the other guest's stays" has_vif $G2 3

# What was made by hand.
h1 link add link ib0 name mine type ipoib index 100
h1 link set mine master eth4
h1 link set eth4 vif mine mac 52:54:00:00:00:01
ok "VIFs made by hand" has_vif 52:54:00:00:00:01
mine=$(vif_index 52:54:00:00:00:01)
guest br2 vnet4 g1c 52:54:00:00:00:01 10.0.0.14
ok "serve a guest" answered g1c 10.0.0.2
h1 link del vnet4
theirs=$(vif_index $G2 3)
h1 link set "$(vif_of $G2 3)" alias "the administrator's"
h1 link del vnet2
# It has been through all that by the time it has removed another one.
guest br2 vnet5 g1d 52:54:00:00:00:05 10.0.0.15
answered g1d 10.0.0.2
h1 link del vnet5
ok "a guest comes and goes" wait_until 20 lacks_vif 52:54:00:00:00:05
is "what was made by hand has stayed" "$mine" vif_index 52:54:00:00:00:01
is "and what somebody took over" "$theirs" vif_index $G2 3

# The host's own.
h1 link del "$(vif_of $PIF_MAC)"
ok "the PIF's own VIF is made again" wait_until 10 has_vif $PIF_MAC
index=$(vif_index $PIF_MAC)
h1 link set eth4 address 02:00:00:00:00:44
ok "it follows the PIF's MAC" wait_until 10 has_vif 02:00:00:00:00:44
is "as it is" "$index" vif_index 02:00:00:00:00:44

# VLANs without a device for them.
h1 link del br3
h1 link del eth4.3
guest br2 vnet8 g1g 52:54:00:00:00:08 10.0.0.18
ip -n g1g link add link eth0 name eth0.3 type vlan id 3
ip -n g1g addr add 10.3.0.18/24 dev eth0.3
ip -n g1g link set eth0.3 up
ok "a guest that sends tags" wait_until 20 pings g1g 10.3.0.2
ok "has a VIF on that VLAN" has_vif 52:54:00:00:00:08 3
h1 link set br2 type bridge vlan_filtering 1
host 1 bridge vlan add dev eth4 vid 3
guest br2 vnet9 g1h 52:54:00:00:00:09 10.3.0.19
host 1 bridge vlan del dev vnet9 vid 1
host 1 bridge vlan add dev vnet9 vid 3 pvid untagged
ok "a guest on a VLAN of a VLAN-aware bridge" answered g1h 10.3.0.2
ok "has a VIF there" has_vif 52:54:00:00:00:09 3
ok "and no other" eval '(($(count_vifs 52:54:00:00:00:09) == 1))'
host 1 bridge vlan del dev vnet8 vid 1
ok "one that is on no VLAN of eth4 loses its VIF" wait_until 20 lacks_vif 52:54:00:00:00:08 3
host 1 bridge vlan add dev vnet8 vid 1 pvid untagged

# A flood of MACs.
guest br2 vnet6 g1e 52:54:00:00:00:06 10.0.0.16
kill -STOP "$(< /run/eipoibd.pid)"
ok "more MACs behind one port than a socket can tell of" \
	ip netns exec g1e tools/manage/flood.py 30000
kill -CONT "$(< /run/eipoibd.pid)"
ok "that something was not heard is" wait_until 60 logged events-lost
ok "a flood of MACs is reported" wait_until 60 logged port-full
is "once" 1 count_logged port-full
is "and makes as many VIFs as a port may have" 8 count_vifs '06:|52:54:00:00:00:06'
guest br2 vnet7 g1f 52:54:00:00:00:07 10.0.0.17
ok "a guest behind another port is served all the same" answered g1f 10.0.0.2
h1 link del vnet6
ok "they go with the port" wait_until 60 eval '(($(count_vifs 06:) == 0))'

# Configuration.
echo "linger = never" > /run/eipoibd.conf
kill -HUP "$(< /run/eipoibd.pid)"
ok "a bad configuration is reported" wait_until 10 logged not-reloaded
echo "ignore-port = vnet*" > /run/eipoibd.conf
kill -HUP "$(< /run/eipoibd.pid)"
ok "a good one is taken" wait_until 10 logged reloaded
stop_eipoibd
ok "--once removes what is not needed" eipoibd1 --once
ok "at once" lacks_vif 52:54:00:00:00:07
status() {
	eipoibd1 "$@" > /run/output 2>&1
	echo $?
}
is "a wrong option" 2 status --wrong
is "an argument" 2 status --once more
echo "linger" > /run/eipoibd.conf
is "a wrong configuration" 2 status --once
like "says where" "/run/eipoibd.conf:1: '=' is missing" cat /run/output
install -m 755 "$(type -P eipoibd)" /run/eipoibd
is "without privileges it cannot do what is to do" 1 eval 'host 1 setpriv --reuid 65534 \
	--clear-groups --bounding-set -all /run/eipoibd --once > /run/output 2>&1; echo $?'
like "and says why" 'vif-refused .*Operation not permitted' cat /run/output
is "nothing but that went wrong" "" jq -c 'select(.event == "vif-refused")' /run/eipoibd.log
cp /run/eipoibd.log /out/
done_testing
