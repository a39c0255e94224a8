#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Transparent frames: what is neither IP nor rewritten crosses as it is; and VIFs for any MAC, which
# make an Ethernet of it all for guests without a VIF of their own.
# hosts: 3
# vm: --partitions tools/e2e/vlan3.partitions
. tools/lib/guest.sh
. tools/translate/topology.sh

VRRP=00:00:5e:00:01:01

# counts HOST COUNTER FRAME...: each frame that the guest 11 sends is counted there and arrives nowhere.
counts() {
	local n=$1 name=$2 before
	shift 2

	before=$(counter "$n" "$name")
	wire "stays_away('g11', 'g21', [$*], ether(BROADCAST, port('g11').address, LOCAL, random_bytes(50)))" &&
		wait_until 5 counter_is "$n" "$name" $((before + $(wire_count "$*"))) || {
		echo "$name: $before, $(counter "$n" "$name")"
		return 1
	}
}

# wire_count FRAMES: how many there are.
wire_count() {
	grep -o 'ether(' <<< "$1" | wc -l
}

counter_is() {
	[[ $(counter "$1" "$2") == "$3" ]]
}

counter_is_more() {
	(($(counter "$1" "$2") > $3))
}

mtu_is() {
	[[ $(host "$1" cat /sys/class/net/eth4/mtu) == "$2" ]]
}

# stranger NAME: a guest whose MAC has no VIF.
stranger() {
	guest_port "$1" && addresses "g$1" eth0 "$1"
}

# macvlan NAME MAC ADDRESS: a second MAC behind the guest's eth0, in a namespace of its own.
macvlan() {
	ip netns add "mv$1" && ip -n "g$1" link add link eth0 name mv0 netns "mv$1" address "$2" \
		mtu 2026 type macvlan mode bridge && ip -n "mv$1" link set mv0 up &&
		ip -n "mv$1" addr add "$3/24" dev mv0
}

# unreachable NETNS ADDRESS
unreachable() {
	! ip netns exec "$1" ping -n -c 2 -i 0.2 -W 1 "$2"
}

# lldp N: the LLDP daemon of hypervisor N.
lldp() {
	echo "configure lldp tx-interval 1" > "/run/lldpd.$1.conf"
	host "$1" lldpd -d -I eth4 -C eth4 -u "/run/lldpd.$1" -O "/run/lldpd.$1.conf" -S "hypervisor$1" \
		> "/run/lldpd.$1.log" 2>&1 &
	wait_until 20 test -S "/run/lldpd.$1"
}

lldp_knows() {
	lldpcli -u "/run/lldpd.$1" show neighbors | grep -q "hypervisor$2"
}

# same_root: the bridges of both hypervisors agree on a root.
same_root() {
	[[ $(host 1 cat /sys/class/net/br0/bridge/root_id) == \
		"$(host 2 cat /sys/class/net/br0/bridge/root_id)" ]]
}

for n in 1 2; do
	must "hypervisor $n" eval "hypervisor $n && guest ${n}1 && guest ${n}2 && vlan_bridge $n && vlan_guest ${n}1"
	# Else a bridge keeps what is for its neighbour.
	ip -n h$n link set dev br0 type bridge group_fwd_mask 0x4008 mcast_snooping 0
done
must "a plain host" addresses h3 ib0 30
must "all VIFs come up" await_vifs 1 2
start_wire
remac=$(remac 3)
ok "guests know each other" eval 'pings g11 10.0.0.21 && pings g11 10.0.0.30'

# kind: the group it is sent to, ethertype or length, what follows.
while read -r kind group type payload; do
	ok "$kind to its group" wire "crosses('g11', 'g21', *[ether(mac('$group'),
		port('g11').address, $type, $payload) for n in (38, 38, 100)])"
	ok "$kind to a guest" wire "crosses('g11', 'g21', *[ether(mac('$(mac 21)'),
		port('g11').address, $type, $payload) for n in (38, 38, 100)])"
done <<- 'END'
	LLDP 01:80:c2:00:00:0e 0x88cc random_bytes(n)
	STP 01:80:c2:00:00:00 38 b"\x42\x42\x03"+random_bytes(35)
	PPPoE-discovery ff:ff:ff:ff:ff:ff 0x8863 b"\x11\x09"+random_bytes(n)
	PPPoE-session ff:ff:ff:ff:ff:ff 0x8864 b"\x11\x00"+random_bytes(n)
	802.1X 01:80:c2:00:00:03 0x888e random_bytes(n)
	an-invented-ethertype 03:00:00:00:00:01 LOCAL random_bytes(n)
	MPLS 01:00:5e:80:00:01 0x8847 random_bytes(n)
	an-empty-frame ff:ff:ff:ff:ff:ff LOCAL b""
END
ok "an ethertype in VLAN 3" wire "crosses('g11/eth0.3', 'g21/eth0.3', *[ether(to,
	port('g11/eth0.3').address, LOCAL, random_bytes(200)) for to in (BROADCAST, port('g21/eth0.3').address)])"
for ns in g11 g21; do
	ip -n $ns -batch - <<- END
		link add link eth0.3 name inner mtu 2000 type vlan id 5
		link add link eth0 name outer mtu 2000 type vlan proto 802.1ad id 7
		link set dev inner up
		link set dev outer up
		addr add 10.5.0.${ns#g}/24 dev inner
		addr add 10.7.0.${ns#g}/24 dev outer
	END
done
ok "a tag within VLAN 3" pings g11 10.5.0.21 -s 1900
ok "an 802.1ad tag" pings g21 10.7.0.11 -s 1900

for size in 2026 2030; do
	ok "$size bytes behind the Ethernet header cross" wire "crosses('g11', 'g21', *[ether(to,
		port('g11').address, LOCAL, random_bytes($size)) for to in (BROADCAST, port('g21').address)])"
done
for size in 2031 2044; do
	ok "$size do not" counts 1 tx_teb_giant \
		"ether(BROADCAST, port('g11').address, LOCAL, random_bytes($size)),
		ether(port('g21').address, port('g11').address, LOCAL, random_bytes($size))"
done
ok "2044 bytes of IP do" wire "crosses('g11', 'g21', *[ether(to, port('g11').address, IPV4,
	ipv4(2044)) for to in (BROADCAST, port('g21').address)])"
ok "to a plain host a transparent frame is dropped" counts 1 tx_teb_plain \
	"ether(mac('$remac'), port('g11').address, LOCAL, random_bytes(50))"

for n in 1 2; do
	ok "LLDP daemon $n" lldp $n
done
ok "the LLDP daemons see each other" eval 'wait_until 40 lldp_knows 1 2 && wait_until 40 lldp_knows 2 1'

# Strangers.
dropped=$(counter 1 tx_vif_miss)
ok "a guest without VIF" stranger 14
ok "is not heard" unreachable g14 10.0.0.21
ok "and counted" counter_is_more 1 tx_vif_miss "$dropped"
dropped=$(counter 1 rx_not_ours)
ok "a frame to nobody's MAC" wire "sends('g21', ether(mac('52:54:00:00:00:77'),
	port('g21').address, LOCAL, random_bytes(50)))"
ok "is refused by who does not own it" wait_until 5 counter_is 1 rx_not_ours $((dropped + 1))

for n in 1 2; do
	ok "a VIF for any MAC on hypervisor $n" vif $n ib0.9 'index 9' any
	ok "and one in VLAN 3" vif $n ib0.8003.9 'pkey 0x8003 index 9' any 3
done
ok "they come up" await_vifs 1 2
for name in 13 23; do
	ok "a guest without VIF" stranger $name
done
ok "eth4 is 18 bytes shorter" eval 'wait_until 5 mtu_is 1 2026'
like "ip shows it" 'vif ib0\.9 mac any' ip -n h1 -d link show dev eth4
for ns in g11 g12 g13 g21 g22 g23; do
	ip -n $ns link set eth0 mtu 2026
done
for family in 10.0.0. fd00::; do
	ok "a stranger reaches a stranger, ${family}23" pings g13 "${family}23" -s 1950
	ok "a stranger reaches a guest, ${family}21" pings g13 "${family}21" -s 1950
	ok "a guest reaches a stranger, ${family}13" pings g22 "${family}13"
	ok "a stranger reaches a hypervisor, ${family}20" pings g13 "${family}20"
done
ok "guests know the stranger's true MAC" eval \
	'[[ $(ip -n g21 neigh show to 10.0.0.13) == *"lladdr $(mac 13) "* ]]'
ok "a plain host needs a VIF and is not reached" unreachable g13 10.0.0.30
ok "2026 bytes arrive" wire "crosses('g13', 'g21', ether(BROADCAST, port('g13').address, LOCAL, random_bytes(2026)))"
ok "a stranger joins a group" wire "join('g13/eth0', '225.1.2.3')"
ok "a guest reaches it" wire "reaches('g21/eth0', '225.1.2.3', 'g13/eth0')"
ok "a guest joins it" wire "join('g21/eth0', '225.1.2.3')"
ok "a stranger reaches it" wire "reaches('g13/eth0', '225.1.2.3', 'g21/eth0')"
ok "once each" wire "group_burst('g13/eth0', '225.1.2.3', 'g21')"

ok "a bridge gets a MAC of its own" ip -n h1 link set dev br0 address 02:00:00:00:00:b1
ok "and reaches guests" pings h1 10.0.0.21
ok "and the other bridge" pings h1 10.0.0.20
ok "macvlan in a guest" macvlan 11 02:00:00:00:11:02 10.0.0.200
ok "reaches remote guests" pings mv11 10.0.0.21
ok "and is reached by a stranger" pings g23 10.0.0.200
ok "macvlan with the MAC of VRRP in a stranger" macvlan 13 $VRRP 10.0.0.201
ok "is reached" pings g21 10.0.0.201
ip netns del mv13
ok "and in another one, elsewhere" macvlan 23 $VRRP 10.0.0.201
ip netns exec mv23 arping -q -c 1 -w 1 -U -i mv0 10.0.0.201
ok "is reached by who knew the first one" pings g12 10.0.0.201
ok "also by a guest on its own host" pings g21 10.0.0.201

roamer=52:54:00:00:00:66
for from in 13 23 13; do
	to=g$from
	# Nobody roams in half a second; that would be a loop.
	ok "a MAC roams to $to" wait_until 5 wire "crosses('$to', 'g13' if '$from' == '23' else 'g21',
		ether(BROADCAST, mac('$roamer'), LOCAL, random_bytes(50)), patience=0.2)"
	ok "frames for it follow" wire "crosses('g12', '$to', ether(mac('$roamer'), port('g12').address,
		LOCAL, random_bytes(50))) or crosses('g22', '$to', ether(mac('$roamer'), port('g22').address,
		LOCAL, random_bytes(50)))"
done
ok "a frame to nobody's MAC is seen by all, as on a switch" wire "crosses_to_all('g21',
	['g22', 'g23', 'g11', 'g13'], ether(mac('52:54:00:00:00:78'), port('g21').address, LOCAL, random_bytes(50)))"
ok "as is a stranger's" wire "crosses_to_all('g13', ['g12', 'g21', 'g23'],
	ether(mac('52:54:00:00:00:79'), port('g13').address, LOCAL, random_bytes(50)))"
ok "an unregistered MAC in VLAN 3" eval 'for ns in g11 g21; do
	ip -n $ns link set eth0.3 address 52:54:00:00:03:${ns#g} || exit; done && pings g11 10.3.0.21'

# And the bridges themselves.
for n in 1 2; do
	ip -n h$n link set dev br0 type bridge forward_delay 200 hello_time 100 stp_state 1
done
ok "spanning tree: both bridges agree on a root" wait_until 20 same_root
for n in 1 2; do
	ip -n h$n link set dev br0 type bridge stp_state 0
	ok "the VIFs for any MAC go" eval "ip -n h$n link del ib0.9 && ip -n h$n link del ib0.8003.9"
done
ok "eth4 is as long as before" wait_until 5 mtu_is 1 2044
ok "a stranger is not heard any more" unreachable g14 10.0.0.21
done_testing
