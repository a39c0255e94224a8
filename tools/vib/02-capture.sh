#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# What passes on a link, byte for byte, as Wireshark's own dissectors see it: ARP and IP of IPoIB,
# MADs of the subnet manager and of its administration, connections.
. tools/lib/guest.sh

# save DESCRIPTOR FILE: what was captured up to now.
save() {
	dd iflag=nonblock bs=64k <&"$1" > "$2" 2> /dev/null
	[[ -s $2 ]]
}

# dissect: a line for each packet. One run for all: it takes a second to start.
dissect() {
	tshark -r /run/erf.pcap -T fields -E separator=, -E occurrence=f -e _ws.malformed \
		-e frame.protocols -e infiniband.lrh.slid -e infiniband.lrh.dlid \
		-e infiniband.bth.opcode -e infiniband.bth.destqp -e infiniband.mad.mgmtclass \
		-e infiniband.mad.method -e infiniband.mad.attributeid -e arp.opcode \
		-e arp.src.hw -e arp.src.proto_ipv4 -e icmp.type > /run/fields 2> /run/tshark
}

# seen TEXT PATTERN: there is a packet like that.
seen() {
	local pattern="^,erf:infiniband$2"

	ok "$1" grep -Eq "$pattern" /run/fields ||
		sed 's/^/# /' /run/fields
}

port=/sys/kernel/debug/vib/vib1
exec 7< $port/capture 8< $port/capture_erf
ok 'both are in connected mode' eval '
	host 1 sh -c "echo connected > /sys/class/net/ib0/mode" &&
	host 2 sh -c "echo connected > /sys/class/net/ib0/mode"'
ip -n h1 addr add 10.0.0.1/24 dev ib0
ip -n h2 addr add 10.0.0.2/24 dev ib0
ok 'they talk' wait_until 30 host 1 ping -c 1 -W 1 10.0.0.2
ok 'one asks the subnet management agent' smpquery -C vib0 nodeinfo 2
ok 'and by a directed route' smpquery -C vib0 -D nodeinfo 0,1,2
ok 'and the subnet administration' saquery -C vib1 NR
fails 'the module stays while somebody looks' rmmod vib
ok 'what passed' save 7 /run/bare.pcap
ok 'and with heads' save 8 /run/erf.pcap
exec 7<&- 8<&-

like 'the file is of the InfiniBand link type' '^ *a1b23c4d 00020004 0+ 0+ 0000ffff 000000f7' \
	od -A n -w24 -t x4 --endian=big -N 24 /run/bare.pcap
packets=$(python3 tools/vib/checksums.py /run/bare.pcap)
ok "all checksums are right ($packets)" eval '
	[[ $packets =~ ^([0-9]+)\ of\ ([0-9]+)$ ]] &&
	((BASH_REMATCH[1] == BASH_REMATCH[2] && BASH_REMATCH[1] > 20))'
ok 'tshark reads it' dissect
is 'none is malformed, all is InfiniBand' '' grep -Ev '^,erf:infiniband' /run/fields
gid2=fe800000000000000002c90300433c01
seen 'a broadcast asks for an address' \
	':ethertype:arp,1,49152,100,0xffffff,,,,1,[0-9a-f]{8}fe80[0-9a-f]{28},10\.0\.0\.1,$'
seen 'and is answered' ":ethertype:arp,2,1,100,0x[0-9a-f]*,,,,2,[0-9a-f]{8}$gid2,10\.0\.0\.2,\$"
seen 'a ping by a connection' ':ethertype:ip:icmp:data,1,2,4,0x[0-9a-f]*,,,,,,,8$'
seen 'its acknowledgement' ',2,1,17,0x[0-9a-f]*,,,,,,,$'
seen 'a connection is asked for' ',1,2,100,0x000001,0x07,0x03,0x0010,,,,$'
seen 'Get(NodeInfo) by LID' ',1,2,100,0x000000,0x01,0x01,0x0011,,,,$'
seen 'and its answer' ',2,1,100,0x000000,0x01,0x81,0x0011,,,,$'
seen 'Get(NodeInfo) by a directed route' ',65535,65535,100,0x000000,0x81,0x01,0x0011,,,,$'
seen 'and its answer' ',65535,65535,100,0x000000,0x81,0x81,0x0011,,,,$'
seen 'Get(PathRecord)' ',2,1,100,0x000001,0x03,0x01,0x0035,,,,$'
seen 'and its answer' ',1,2,100,0x000001,0x03,0x81,0x0035,,,,$'
seen 'GetTable(NodeRecord)' ',2,1,100,0x000001,0x03,0x12,0x0011,,,,$'

ok 'the modules go away' eval "kill $(cat /run/opensm/pid) && rmmod eth_ipoib vib ib_ipoib"
done_testing
