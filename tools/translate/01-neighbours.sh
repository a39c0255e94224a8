#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# ARP and neighbour discovery: guests see each other's true MACs and the REMACs of plain hosts, and
# every message arrives as it was sent.
# hosts: 3
# vm: --partitions tools/e2e/vlan3.partitions
. tools/lib/guest.sh
. tools/translate/topology.sh

ARP='ARP, RARP' ND='IPV6'

# link_local NETNS DEVICE
link_local() {
	ip -n "$1" -j -6 addr show dev "$2" scope link | jq -r '.[].addr_info[].local // empty'
}

# knows NETNS ADDRESS LLADDR: its neighbour table says so.
knows() {
	[[ " $(ip -n "$1" neigh show to "$2") " == *" lladdr $3 "* ]] || {
		ip -n "$1" neigh show to "$2"
		return 1
	}
}

# vif_address HOST CLONE: the 20 bytes, but for the flags, which are not part of the address.
vif_address() {
	host "$1" cat "/sys/class/net/$2/address" | cut -d : -f 2-
}

# knows_vif NETNS ADDRESS HOST CLONE
knows_vif() {
	[[ $(ip -n "$1" neigh show to "$2") == *:"$(vif_address "$3" "$4") "* ]] || {
		ip -n "$1" neigh show to "$2"
		return 1
	}
}

# address_state NETNS DEVICE ADDRESS: duplicate, tentative or good.
address_state() {
	ip -n "$1" -j -6 addr show dev "$2" to "$3" | jq -r '.[].addr_info[] | select(.local) |
		if .dadfailed then "duplicate" elif .tentative then "tentative" else "good" end'
}

address_is() {
	[[ $(address_state "$1" "$2" "$3") == "$4" ]]
}

# dad_says NETNS DEVICE ADDRESS STATE
dad_says() {
	local status=0

	ip -n "$1" addr add "$3/64" dev "$2" &&
		wait_until 10 address_is "$1" "$2" "$3" "$4" || {
		address_state "$1" "$2" "$3"
		status=1
	}
	ip -n "$1" addr del "$3/64" dev "$2"
	return "$status"
}

# all_answer PREFIX COUNT: guest 11 reaches PREFIX1, PREFIX2 and so on.
all_answer() {
	local n

	for ((n = 1; n <= $2; n++)); do
		pings g11 "$1$n" || return
	done
}

# flush NETNS...: their neighbour tables are empty.
flush() {
	local ns

	for ns; do
		ip -n "$ns" neigh flush all
	done
}

# router NAME PREFIX [DEVICE]: radvd in that namespace.
router() {
	ip netns exec "$1" sysctl -q -w net.ipv6.conf.all.forwarding=1
	cat > "/run/radvd.$1" <<- END
		interface ${3:-eth0} {
			AdvSendAdvert on;
			MinRtrAdvInterval 3;
			MaxRtrAdvInterval 4;
			prefix $2/64 { };
		};
	END
	ip netns exec "$1" radvd -C "/run/radvd.$1" -p "/run/radvd.$1.pid" -u root -m stderr
}

# configures NETNS PREFIX: it has an address of its own making there.
configures() {
	ip -n "$1" -6 -o addr show dynamic | grep "inet6 ${2%::}:"
}

# routes NETNS ADDRESS GATEWAY
routes() {
	ip -n "$1" -6 route get "$2" 2> /dev/null | grep -q "via $3 "
}

# redirected NETNS ADDRESS GATEWAY: it learns the better way from what it sends.
redirected() {
	ip netns exec "$1" ping -c 1 -W 1 "$2" > /dev/null 2>&1
	routes "$1" "$2" "$3"
}

for n in 1 2; do
	must "hypervisor $n" eval "hypervisor $n && guest ${n}1 && vlan_bridge $n && vlan_guest ${n}1"
done
ok "a second guest" guest 12
must "a plain host" eval 'addresses h3 ib0 30 && vlan_plain 3'
must "all VIFs come up" await_vifs 1 2
start_wire
remac=$(remac 3)
pif2=$(host 2 cat /sys/class/net/eth4/address)

like "arping shows the true MAC of a remote guest" "from $(mac 21) \(10.0.0.21\)" \
	in_guest 11 arping -c 1 -w 5 -i eth0 10.0.0.21
like "and of a hypervisor" "from $pif2 " in_guest 11 arping -c 1 -w 5 -i eth0 10.0.0.20
like "and of a guest on the same host" "from $(mac 12) " in_guest 11 arping -c 1 -w 5 -i eth0 10.0.0.12
like "and the REMAC of a plain host" "from $remac " in_guest 11 arping -c 1 -w 5 -i eth0 10.0.0.30
like "in VLAN 3 the true MAC, too" "from $(mac 21) " in_guest 11 arping -c 1 -w 5 -i eth0.3 10.3.0.21
like "and the REMAC of the plain host there" "from $(remac 3 ib0.8003) " \
	in_guest 11 arping -c 1 -w 5 -i eth0.3 10.3.0.30
like "ndisc6 shows the true MAC of a remote guest" "address: $(mac 21)" \
	in_guest 11 ndisc6 -1 -r 3 -w 2000 fd00::21 eth0
like "and the REMAC of a plain host" "address: ${remac^^}" in_guest 11 ndisc6 -1 -r 3 -w 2000 fd00::30 eth0
like "in VLAN 3 the true MAC, too" "address: $(mac 21)" in_guest 11 ndisc6 -1 -r 3 -w 2000 fd03::21 eth0.3

for family in 10.0.0. fd00::; do
	flush g11 g12 g21 h1 h2 h3
	wire 'watch("g11", "g21")' > /dev/null
	ok "guest to guest, ${family}21" pings g11 "${family}21"
	ok "guest to plain host, ${family}30" pings g11 "${family}30"
	ok "plain host to guest, ${family}21" pings h3 "${family}21"
	ok "hypervisor to guest, ${family}21" pings h1 "${family}21"
	ok "guest to hypervisor, ${family}20" pings g12 "${family}20"
	kind=$([[ $family == fd00:: ]] && echo "$ND" || echo "$ARP, IPV4")
	ok "the guests heard what each other sent, byte for byte" wire "heard_alike('g11', 'g21', $kind)"
	ok "its neighbour table says so" knows g11 "${family}21" "$(mac 21)"
	ok "the other one's, too" knows g21 "${family}11" "$(mac 11)"
	ok "a plain host stands there with its REMAC" knows g11 "${family}30" "$remac"
	ok "a remote hypervisor with the MAC of its PIF" knows g12 "${family}20" "$pif2"
	ok "the plain host knows the guest's VIF" knows_vif h3 "${family}21" 2 ib0.2
done
for address in 10.3.0. fd03::; do
	ok "guest to guest in VLAN 3, ${address}21" pings g11 "${address}21"
	ok "guest to plain host in VLAN 3, ${address}30" pings g11 "${address}30"
	ok "the plain host knows the VIF of VLAN 3" knows_vif h3 "${address}11" 1 ib0.8003.1
	ok "guests know their true MACs" knows g21 "${address}11" "$(mac 11)"
done

# What no kernel sends by itself.
for ((i = 0; i < 2; i++)); do
	ok "gratuitous ARP, operation $((i + 1)), arrives as sent" wire "crosses('g11', 'g21',
		ether(BROADCAST, port('g11').address, ARP,
		arp_of(port('g11').address, '10.0.0.11', bytes(6), '10.0.0.11', $((i + 1)))))"
done
ok "RARP as QEMU sends it arrives as sent" wire "crosses('g11', 'g21',
	ether(BROADCAST, port('g11').address, RARP,
	arp_of(port('g11').address, '0.0.0.0', port('g11').address, '0.0.0.0', 3)))"
ok "a neighbour solicitation with an unknown option arrives as sent" wire "crosses('g11', 'g21',
	ether(group_mac('ff02::1:ff00:21'), port('g11').address, IPV6,
	icmpv6('fd00::11', 'ff02::1:ff00:21', 135, bytes(4) + ip('fd00::21') +
	option(1, port('g11').address) + option(14, random_bytes(6)))))"
for name in router-solicitation:133 router-advertisement:134; do
	ok "a ${name%:*} arrives as sent" wire "crosses('g11', 'g21', ether(group_mac('ff02::1'),
		port('g11').address, IPV6, icmpv6('fe80::11', 'ff02::1', ${name#*:}, bytes(12 if
		${name#*:} == 134 else 4) + option(1, port('g11').address) + option(5, bytes(6)))))"
done

# Duplicate addresses. The link-local ones are made from MACs, so nobody shares them.
for ns in g11 g12 g21 h3; do
	dev=eth0 && [[ $ns != h3 ]] || dev=ib0
	ok "the link-local address of $ns is good" eval \
		"wait_until 10 address_is $ns $dev '$(link_local $ns $dev)' good"
done
ok "an address of a remote guest is a duplicate" dad_says g12 eth0 fd00::21 duplicate
ok "an address of a guest on the same host is one" dad_says g12 eth0 fd00::11 duplicate
ok "an address of a plain host is one" dad_says g12 eth0 fd00::30 duplicate
ok "an address of a guest is one to the plain host" dad_says h3 ib0 fd00::11 duplicate
ok "an address that nobody has is good" dad_says g12 eth0 fd00::99 good
ok "and on the plain host" dad_says h3 ib0 fd00::98 good
ok "the address of a guest elsewhere is good in VLAN 3" dad_says g11 eth0.3 fd03::20:30 good
ok "and one of VLAN 3 is a duplicate there" dad_says g11 eth0.3 fd03::21 duplicate

# The first packets. Nobody's first packet waits for a second one.
for family in 10.0.0. fd00::; do
	flush g11 g21 h3
	forget 1 > /dev/null
	ok "64 datagrams at once to a cold guest, $family" wire "burst('g11/${family}11', 'g21/${family}21')"
	flush g11 g21 h3
	forget 1 > /dev/null
	ok "to a cold plain host" wire "burst('g11/${family}11', 'h3/${family}30')"
done

# There may be no way yet to the group of who is alone in it, so it is not needed.
for n in {1..20}; do
	ip -n g21 addr add "fd00::77:$n/64" dev eth0 nodad
done
ip netns exec g11 tcpdump -n -l -i eth0 'dst net ff02::1:ff77:0/112' > /run/asked 2> /run/tcpdump.err &
asked_pid=$!
must "somebody listens" wait_until 20 grep -q 'listening on' /run/tcpdump.err
ok "who was never looked for answers" all_answer fd00::77: 20
kill "$asked_pid"
wait "$asked_pid"
is "the first solicitation" 20 grep -c 'who has fd00::77:' /run/asked
# More than sixteen addresses, and Linux makes none of its own.
for n in {1..20}; do
	ip -n g21 addr del "fd00::77:$n/64" dev eth0
done

# The guests' reports of their groups came before there was this PIF, and are not repeated. Who asks
# for somebody shows which group he is in.
forget 1 > /dev/null
for guest in 11 12; do
	flush g$guest
	ok "guest $guest speaks" pings g$guest fd00::21
	for ns in h3 g21; do
		flush $ns
		ok "and can be asked for by $ns" pings $ns fd00::$guest
	done
done

# Routers and what they say.
ll11=$(link_local g11 eth0) ll12=$(link_local g12 eth0)
ok "a guest is a router" router g11 fd11::
for ns in g12 g21 h3; do
	ok "$ns has an address of its prefix" wait_until 20 configures "$ns" fd11::
	ok "and a route by it" wait_until 5 routes "$ns" 2001:db8::1 "$ll11"
done
like "rdisc6 shows the router's true MAC" "address: $(mac 11)" in_guest 21 rdisc6 -1 -r 3 -w 4000 eth0
ip -n g11 addr add fd55::1/128 dev lo
ip netns exec g12 sysctl -q -w net.ipv6.conf.all.forwarding=1
ip -n g12 -6 route add fd55::/64 via "$ll11" dev eth0
for ns in g21 h3; do
	read -r dev address <<< "eth0 21" && [[ $ns != h3 ]] || read -r dev address <<< "ib0 30"
	ip -n $ns -6 route add fd55::/64 via "$ll12" dev "$dev"
	flush $ns g12 g11
	ok "$ns follows a redirect" wait_until 10 redirected $ns fd55::1 "$ll11"
	ok "and reaches who it leads to" pings $ns fd55::1 -I "fd00::$address"
done
ok "the redirected guest knows the true MAC" knows g21 "$ll11" "$(mac 11)"
ip netns exec g12 sysctl -q -w net.ipv6.conf.all.forwarding=0
ok "a plain host is a router" router h3 fd33:: ib0
for ns in g12 g21; do
	ok "$ns has an address of its prefix" wait_until 20 configures "$ns" fd33::
done
done_testing
