#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Malformed frames are dropped with one counted reason and arrive nowhere. Shared, cloned and
# non-linear ones are handled like any other, and who holds a clone finds it unharmed.
# hosts: 2
. tools/lib/guest.sh
. tools/e2e/hypervisor.sh

GUEST_MAC=52:54:00:00:00:02

# frames EXPRESSION: what frames.py says to it.
frames() {
	local answer

	echo "${1//[$'\n\t']/ }" >&"$to_frames"
	read -r -t 120 answer <&"$from_frames"
	[[ $answer == ok ]] || {
		echo "$1: $answer"
		return 1
	}
}

start_frames() {
	mkfifo /run/to-frames /run/from-frames
	tools/e2e/frames.py < /run/to-frames > /run/from-frames &
	exec {to_frames}> /run/to-frames {from_frames}< /run/from-frames
}

no_ipv6() {
	ip netns exec "$1" sysctl -q -w net.ipv6.conf.all.disable_ipv6=1 \
		net.ipv6.conf.default.disable_ipv6=1
}

# enslave N: clone ib0.N becomes a slave of eth4.
enslave() {
	ip -n h1 link add link ib0 name "ib0.$1" type ipoib index "$1" &&
		ip -n h1 link set dev "ib0.$1" master eth4
}

# redirect FROM: what FROM receives on host 1 is received by ib0.1 instead.
redirect() {
	host 1 tc qdisc add dev "$1" clsact &&
		host 1 tc filter add dev "$1" ingress matchall action mirred ingress redirect dev ib0.1
}

# mirror: what passes eth4, both ways, is shown to dummy0 too.
mirror() {
	ip -n h1 link add dummy0 mtu 2044 up type dummy &&
		host 1 tc qdisc add dev eth4 clsact &&
		host 1 tc filter add dev eth4 ingress matchall action mirred egress mirror dev dummy0 &&
		host 1 tc filter add dev eth4 egress matchall action mirred egress mirror dev dummy0
}

# bridge_port DEVICE
bridge_port() {
	ip -n h1 link set dev "$1" master br2 && ip -n h1 link set dev "$1" up
}

guest_veth() {
	ip netns add guest && no_ipv6 guest &&
		ip -n h1 link add vnet1 mtu 9000 type veth \
			peer name eth0 address "$GUEST_MAC" mtu 9000 netns guest &&
		ip -n guest link set dev eth0 up && bridge_port vnet1
}

for n in 1 2; do
	no_ipv6 "h$n"
done
rename_pif 1
mac=$(host 1 cat /sys/class/net/eth4/address)
start_frames
ok "a VIF" eval "enslave 1 && ip -n h1 link set dev eth4 vif ib0.1 mac $mac"
ok "which comes up" wait_until 30 vifs_have_carrier 1 ib0.1
ok "packet sockets" frames 'open_ports(eth4="h1/eth4", vif1="h1/ib0.1", plain="h2/ib0", native="h1/ib0")'
ok "good frames pass, both ways" frames 'knows_plain()'

# To the fabric. The packet socket adds nothing and lets no less than 14 bytes pass.
ok "tx_runt: a tag cut short" frames \
	'drops_out("tx_runt", *[ether(BROADCAST, eth4.address, VLAN, bytes(n)) for n in range(4)])'
ok "tx_vlan: VLAN 4095, tag in the frame" frames \
	'drops_out("tx_vlan", ether(BROADCAST, eth4.address, VLAN, tag(0xfff, IPV4, ipv4(60))))'
ok "tx_vif_miss: a source or a VLAN without VIF" frames \
	'drops_out("tx_vif_miss", ether(BROADCAST, b"\x02\0\0\0\0\1", IPV4, ipv4(60)),
		ether(BROADCAST, eth4.address, VLAN, tag(9, IPV4, ipv4(60))))'
ok "tx_arp: cut at any byte" frames \
	'drops_out("tx_arp", *[ether(BROADCAST, eth4.address, kind, arp(eth4.address, bytes(6))[:n])
		for kind in (ARP, RARP) for n in range(28)])'
ok "tx_arp: wrong lengths, wrong kinds" frames \
	'drops_out("tx_arp", *[ether(BROADCAST, eth4.address, ARP, arp(eth4.address, bytes(6), **wrong))
		for wrong in (dict(lengths=(20, 4)), dict(lengths=(6, 6)), dict(lengths=(6, 16)),
			dict(lengths=(0, 0)), dict(lengths=(255, 255)), dict(hardware=32),
			dict(hardware=6), dict(protocol=IPV6))])'
ok "tx_arp: behind a priority tag" frames \
	'drops_out("tx_arp", *[ether(BROADCAST, eth4.address, VLAN, tag(0xe000, ARP,
		arp(eth4.address, bytes(6))[:n])) for n in (0, 10, 27)])'
ok "tx_spoof: ARP of somebody else" frames \
	'drops_out("tx_spoof", ether(BROADCAST, eth4.address, ARP, arp(b"\x02\0\0\0\0\1", bytes(6))))'
ok "tx_ip: cut at any byte" frames \
	'drops_out("tx_ip", *[ether(to, eth4.address, IPV4, ipv4(60)[:n])
		for to in (BROADCAST, remac) for n in range(20)])'
ok "tx_ip: another version, a header too short" frames \
	'drops_out("tx_ip", *[ether(BROADCAST, eth4.address, IPV4, ipv4(60, first=first))
		for first in (0x00, 0x44, 0x55, 0x65, 0xff)])'
ok "what is not translated goes to all" frames \
	'floods_out(*[ether(BROADCAST, eth4.address, kind, bytes(50))
		for kind in (0, 50, 0x600, 0x88cc, 0x88a8, TEB, 0xffff)])'
ok "so does a group frame without a group in its IP header" frames \
	'floods_out(ether(b"\1\0\x5e\0\0\1", eth4.address, IPV4, ipv4(60)))'
ok "so does unicast to nobody" frames \
	'floods_out(ether(b"\x52\x54\0\0\0\x99", eth4.address, IPV4, ipv4(60)),
		ether(b"\x52\x54\0\0\0\x99", eth4.address, ARP, arp(eth4.address, bytes(6))))'
ok "a tag within a priority tag is content" frames \
	'(lambda inner: passes_out(eth4, ether(BROADCAST, eth4.address, VLAN, tag(0xe000, VLAN, inner)),
		infiniband(b"", TEB, ether(BROADCAST, eth4.address, VLAN, inner))))(tag(9, IPV4, ipv4(60)))'
ok "a priority tag is no VLAN" frames \
	'(lambda ip: passes_out(eth4, ether(BROADCAST, eth4.address, VLAN, tag(0xe000, IPV4, ip)),
		b"\x08\0\0\0" + ip))(ipv4(60))'

# From the fabric. A frame to the group reaches the one VIF that there is.
IB_ARP='arp(plain.address, bytes(20), hardware=32'
ok "rx_arp: cut at any byte, to the group and to the VIF" frames \
	"drops_in('rx_arp', *[infiniband(to, ARP, $IB_ARP)[:n]) for to in (IB_BROADCAST, vif1.address)
		for n in range(56)])"
ok "rx_arp: wrong lengths, wrong kinds" frames \
	'drops_in("rx_arp", *[infiniband(to, ARP, arp(plain.address, bytes(20), **wrong))
		for to in (IB_BROADCAST, vif1.address)
		for wrong in (dict(hardware=32, lengths=(6, 4)), dict(hardware=32, lengths=(20, 6)),
			dict(hardware=32, lengths=(0, 0)), dict(hardware=1),
			dict(hardware=32, protocol=IPV6))])'
ok "rx_arp: Ethernet ARP" frames \
	'drops_in("rx_arp", *[infiniband(to, ARP, arp(eth4.address, bytes(6)))
		for to in (IB_BROADCAST, vif1.address)])'
ok "rx_spoof: the queue pair is another one's" frames \
	'drops_in("rx_spoof", *[infiniband(to, ARP, arp(b"\0\0\2\2" + plain.address[4:], bytes(20), hardware=32))
		for to in (IB_BROADCAST, vif1.address)])'
ok "rx_spoof: the GID is another one's" frames \
	'drops_in("rx_spoof", infiniband(IB_BROADCAST, ARP,
		arp(plain.address[:19] + b"\x77", bytes(20), hardware=32)))'
ok "rx_ip: cut at any byte" frames \
	'drops_in("rx_ip", *[infiniband(to, IPV4, ipv4(60)[:n]) for to in (IB_BROADCAST, vif1.address)
		for n in range(20)])'
ok "rx_ip: another version, a header too short" frames \
	'drops_in("rx_ip", *[infiniband(to, IPV4, ipv4(60, first=first))
		for to in (IB_BROADCAST, vif1.address) for first in (0x00, 0x44, 0x55, 0x65, 0xff)])'
ok "rx_ip: IPv6 of another version" frames \
	'drops_in("rx_ip", infiniband(IB_BROADCAST, IPV6, bytes(50)))'
ok "rx_proto: what is not carried" frames \
	'drops_in("rx_proto", infiniband(IB_BROADCAST, TIPC, bytes(50)))'
ok "ib0.1 gets a smaller MTU" ip -n h1 link set dev ib0.1 mtu 1500
ok "rx_giant: longer than that" frames \
	'drops_in("rx_giant", *[infiniband(to, IPV4, ipv4(n)) for to in (IB_BROADCAST, vif1.address)
		for n in (1501, 2044)])'
ok "and its old one again" ip -n h1 link set dev ib0.1 mtu 2044

# What ib_ipoib never hands over by itself.
ok "what ib0 receives goes to ib0.1" redirect ib0
ok "rx_no_source: a frame of who knows whom" frames \
	'drops_in("rx_no_source", infiniband(native.address, ARP, arp(plain.address, bytes(20), hardware=32)))'
ok "what a veth receives goes to ib0.1" eval "host 1 tc qdisc del dev ib0 clsact &&
	ip -n h1 link add v0 type veth peer name v1 &&
	ip -n h1 link set v0 up && ip -n h1 link set v1 up && redirect v1"
ok "rx_runt: no IPoIB link header" eval "frames 'open_ports(veth=\"h1/v0\")' && frames \
	'drops_in(\"rx_runt\", ether(BROADCAST, eth4.address, IPV4, ipv4(60)), source=veth)'"
ip -n h1 link del v0

# A second VIF, a bridge, a guest.
ok "a VIF without MAC" enslave 2
ok "comes up" wait_until 30 vifs_have_carrier 1 ib0.2
ok "rx_unbound: it receives nothing" eval "frames 'open_ports(vif2=\"h1/ib0.2\")' && frames \
	'drops_in(\"rx_unbound\", infiniband(vif2.address, ARP, arp(plain.address, bytes(20), hardware=32)),
		fence=None)'"
ok "it gets one" ip -n h1 link set dev eth4 vif ib0.2 mac "$GUEST_MAC"
ok "a bridge" ip -n h1 link add br2 address "$mac" mtu 2044 type bridge mcast_snooping 0
ok "with eth4" bridge_port eth4
ok "and a guest" guest_veth
ok "br2 is up" ip -n h1 link set dev br2 up
ok "and more packet sockets" frames \
	'open_ports(bridge="h1/br2", port="h1/vnet1", guest="guest/eth0")'
ok "tx_giant: up to four bytes too long, as a bridge lets pass" frames \
	'drops_out("tx_giant", *[ether(BROADCAST, guest.address, IPV4, ipv4(n)) for n in range(2045, 2049)],
		ether(BROADCAST, guest.address, ARP, ipv4(2048)), source=guest)'
ok "tx_vlan: VLAN 4095, accelerated tag" frames \
	'drops_out("tx_vlan", ether(BROADCAST, guest.address, VLAN, tag(0xfff, IPV4, ipv4(60))), source=guest)'
ok "tx_vif_miss: no VIF for the guest's VLAN" frames \
	'drops_out("tx_vif_miss", ether(BROADCAST, guest.address, VLAN, tag(9, IPV4, ipv4(60))), source=guest)'

# Frames of which nothing but the Ethernet header is in one piece.
ok "a tap" eval "modprobe tun && frames 'open_tap(\"h1\", \"tap0\")'"
ok "as a bridge port" eval 'host 1 ethtool -K tap0 gro off && bridge_port tap0'
ok "an IP packet in pieces passes" frames \
	'(lambda ip: passes_out(tap, ether(remac, guest.address, IPV4, ip), b"\x08\0\0\0" + ip))(ipv4(1000))'
ok "ARP in pieces passes" frames \
	'passes_out(tap, ether(remac, guest.address, ARP, arp(guest.address, bytes(6))),
		b"\x08\6\0\0" + arp(bytes(1) + vif2.address[1:], bytes(20), hardware=32) +
		announcement(guest.address))'
ok "tx_arp: cut short, in pieces" frames \
	'drops_out("tx_arp", *[ether(BROADCAST, guest.address, ARP, arp(guest.address, bytes(6))[:n])
		for n in range(28)], source=tap)'
ok "tx_ip: cut short, in pieces" frames \
	'drops_out("tx_ip", *[ether(BROADCAST, guest.address, IPV4, ipv4(60)[:n]) for n in range(20)], source=tap)'
ok "tx_giant: in pieces" frames \
	'drops_out("tx_giant", ether(BROADCAST, guest.address, IPV4, ipv4(2048)), source=tap)'

# Devices that cannot take a frame.
ok "ib0.2 takes nothing more" host 1 tc qdisc replace dev ib0.2 root bfifo limit 1
ok "tx_queue: the VIF's queue is full" frames \
	'drops_out("tx_queue", ether(BROADCAST, guest.address, IPV4, ipv4(60)), source=tap)'
ok "it takes frames again" host 1 tc qdisc del dev ib0.2 root
ok "ib0.2 goes down" ip -n h1 link set dev ib0.2 down
ok "tx_slave_down: a VIF that is down" frames \
	'drops_out("tx_slave_down", ether(BROADCAST, guest.address, IPV4, ipv4(60)), source=tap)'
ok "eth4 goes down" ip -n h1 link set dev eth4 down
ok "rx_pif_down: an interface that is down" frames \
	'drops_in("rx_pif_down", infiniband(vif1.address, ARP, arp(plain.address, bytes(20), hardware=32)),
		fence=None)'
ok "both come up" eval 'ip -n h1 link set dev eth4 up && ip -n h1 link set dev ib0.2 up'
ok "with carrier" wait_until 30 vifs_have_carrier 1 ib0.2
ok "and pass frames again" frames \
	'(lambda ip: passes_out(guest, ether(remac, guest.address, IPV4, ip), b"\x08\0\0\0" + ip))(ipv4(60))'

# Clones: packet sockets everywhere, and a mirror.
ok "eth4 has a mirror" mirror
ok "with a packet socket" frames 'open_ports(image="h1/dummy0")'
ok "eth4's own frames: clones are unharmed" frames 'held_out(eth4, eth4.address, vif1)'
ok "a guest's frames: clones are unharmed" frames 'held_out(guest, guest.address, vif2, image)'
ok "frames for a guest: clones are unharmed" frames 'held_in(guest.address, vif2, (image, True), (port, True), (guest, False))'
ok "frames for eth4: clones are unharmed" frames 'held_in(eth4.address, vif1, (image, True), (bridge, False))'
ok "frames in pieces: clones are unharmed" frames 'held_out(tap, guest.address, vif2, image)'

# The kernel's own traffic, all of it cloned by the sockets above.
ip -n h1 addr add 10.0.0.1/24 dev br2
ip -n h2 addr add 10.0.0.2/24 dev ib0
ip -n guest addr add 10.0.0.11/24 dev eth0
ip -n guest link set dev eth0 mtu 2044
ok "4 MB by sendfile, host to plain host" frames 'stream("h1/10.0.0.1", "h2/10.0.0.2")'
ok "4 MB by sendfile, guest to plain host" frames 'stream("guest/10.0.0.11", "h2/10.0.0.2")'
ok "4 MB by sendfile, plain host to guest" frames 'stream("h2/10.0.0.2", "guest/10.0.0.11")'
ok "UDP by sendfile" frames 'datagrams("h1/10.0.0.1", "h2/10.0.0.2", by_sendfile)'
ok "UDP by MSG_ZEROCOPY" frames 'datagrams("h1/10.0.0.1", "h2/10.0.0.2", by_zerocopy)'
ok "UDP in GSO frames" frames 'datagrams("guest/10.0.0.11", "h2/10.0.0.2", by_segments)'
done_testing
