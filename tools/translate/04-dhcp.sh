#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# DHCP: unmodified servers and relays on hypervisors, in guests and on plain hosts serve guests, one
# and fifty.
# hosts: 3
# vm: --partitions tools/e2e/vlan3.partitions --memory 2048
. tools/lib/guest.sh
. tools/translate/topology.sh

MANY=50

# A client's hook: the address it got.
cat > /run/hook <<- 'END'
	#!/bin/sh
	case $reason in
	BOUND | RENEW | REBIND | REBOOT) ip addr replace "$new_ip_address/24" dev "$interface" ;;
	BOUND6 | RENEW6 | REBIND6) ip addr replace "$new_ip6_address/64" dev "$interface" nodad ;;
	esac
END
chmod +x /run/hook
echo 'timeout 60; retry 1; initial-interval 1; backoff-cutoff 2;' > /run/dhclient.conf

# ISC's server: both prefixes, either family.
cat > /run/dhcpd4.conf <<- 'END'
	authoritative;
	ping-check false;
	subnet 10.0.0.0 netmask 255.255.255.0 { range 10.0.0.100 10.0.0.199; }
	subnet 10.3.0.0 netmask 255.255.255.0 { range 10.3.0.100 10.3.0.199; }
	subnet 10.99.0.0 netmask 255.255.255.0 { }
END
echo 'subnet6 fd00::/64 { range6 fd00::1000 fd00::1fff; }' > /run/dhcpd6.conf

# serve NAME NETNS READY CMD...: a server there, ready when its log says so.
serve() {
	local name=$1 ns=$2 ready=$3
	shift 3

	: > "/run/$name.log"
	ip netns exec "$ns" "$@" > "/run/$name.log" 2>&1 < /dev/null &
	echo $! > "/run/$name.process"
	wait_until 20 eval 'gone $! || grep -q -E "$ready" "/run/$name.log"'
	grep -q -E "$ready" "/run/$name.log" || {
		cat "/run/$name.log"
		return 1
	}
}

gone() {
	! kill -0 "$1" 2> /dev/null
}

serve_end() {
	local name pid

	for name; do
		pid=$(< "/run/$name.process")
		kill "$pid" 2> /dev/null
		wait_until 20 gone "$pid"
	done
}

# serve_dnsmasq NETNS DEVICE OPTION...
serve_dnsmasq() {
	local ns=$1 device=$2
	shift 2

	rm -f /run/leases
	serve dnsmasq "$ns" 'dnsmasq-dhcp.*DHCP|DHCP relay' dnsmasq --conf-file=/dev/null \
		--no-daemon --port=0 --user=root --interface="$device" --bind-dynamic --no-ping \
		--log-dhcp --dhcp-authoritative --dhcp-leasefile=/run/leases "$@"
}

# serve_isc NETNS DEVICE FAMILY
serve_isc() {
	: > /run/isc.leases
	rm -f /run/isc.pid
	serve isc "$1" "Server starting service" dhcpd "-$3" -f -d -user root -group root \
		-cf "/run/dhcpd$3.conf" -lf /run/isc.leases -pf /run/isc.pid "$2"
}

# lease NETNS [-4|-6 [DEVICE]]: dhclient gets a lease there.
lease() {
	local file=/run/dhclient.$1${2:--4}

	rm -f "$file".*
	ip netns exec "$1" dhclient "${2:--4}" -1 -v -cf /run/dhclient.conf -sf /run/hook \
		-lf "$file.leases" -pf "$file.pid" "${3:-eth0}" > "$file.log" 2>&1 || {
		tail -n 20 "$file.log"
		return 1
	}
	wait_until 10 test -s "$file.pid" && kill "$(< "$file.pid")"
}

# release NETNS [DEVICE]: it has no address any more but its own.
release() {
	ip -n "$1" -4 addr flush dev "${2:-eth0}"
	ip -n "$1" -6 addr flush dev "${2:-eth0}" scope global
}

# leased NETNS PREFIX [DEVICE]: the address it has.
leased() {
	[[ $(ip -n "$1" -o addr show dev "${3:-eth0}" scope global) == *" $2"* ]]
}

# served NETNS SERVER: a lease, and the server answers at it.
served() {
	release "$1" && lease "$1" && leased "$1" 10.0.0.1 && pings "$1" "$2"
}

served6() {
	release "$1" && lease "$1" -6 && leased "$1" fd00::1 && pings "$1" "$2"
}

# many_guests: fifty on hypervisor 2, each with a VIF and a client.
many_guests() {
	local i address

	for ((i = 1; i <= MANY; i++)); do
		address=$(printf '52:54:00:00:01:%02x' "$i")
		vif 2 "ib0.$((100 + i))" "index $((100 + i))" "$address" && ip netns add "m$i" &&
			ip -n h2 -batch - <<- END && ip -n "m$i" link set dev eth0 up || return
				link add m$i mtu 2044 type veth peer name eth0 address $address mtu 2044 netns m$i
				link set dev m$i master br0
				link set dev m$i up
			END
	done
	await_vifs 2
}

many_leases() {
	local i pids=() pid status=0

	for ((i = 1; i <= MANY; i++)); do
		lease "m$i" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || status=1
	done
	return "$status"
}

many_addresses() {
	local i

	for ((i = 1; i <= MANY; i++)); do
		ip -n "m$i" -4 -o addr show dev eth0
	done | grep -o '10\.0\.0\.1[0-9]*' | sort -u | wc -l
}

for n in 1 2; do
	must "hypervisor $n" eval "hypervisor $n && guest ${n}1 && guest ${n}2 && vlan_bridge $n && vlan_guest ${n}1"
done
must "a plain host" addresses h3 ib0 30
must "all VIFs come up" await_vifs 1 2
range4=--dhcp-range=10.0.0.100,10.0.0.199 range6=--dhcp-range=fd00::1000,fd00::1fff,64

good_request='udp sum ok\] BOOTP/DHCP, Request from .* Flags \[Broadcast\] \(0x8000\)'
ip netns exec h3 tcpdump -n -vv -l -i ib0 'udp dst port 67' > /run/requests 2> /run/tcpdump.err &
ok "the plain host listens" wait_until 20 grep -q 'listening on' /run/tcpdump.err
ok "dnsmasq on a hypervisor's bridge" serve_dnsmasq h1 br0 $range4 $range6
ok "serves a remote guest" served g21 10.0.0.10
ok "and one on its own host" served g12 10.0.0.10
ok "and one in IPv6" served6 g21 fd00::10
serve_end dnsmasq
ok "a request leaves with BROADCAST and a right checksum" wait_until 10 grep -E "$good_request" /run/requests
ok "as do all" eval '! grep "BOOTP/DHCP, Request" /run/requests | grep -v -E "$good_request"'

ok "ISC's server on a hypervisor's bridge" serve_isc h1 br0 4
ok "serves a remote guest" served g21 10.0.0.10
ok "and one on its own host" served g12 10.0.0.10
serve_end isc
ok "ISC's server in a guest" serve_isc g11 eth0 4
ok "serves a remote guest" served g21 10.0.0.11
serve_end isc
ok "ISC's server in a guest, IPv6" serve_isc g11 eth0 6
ok "serves a remote guest" served6 g21 fd00::11
serve_end isc
ok "dnsmasq in a guest" serve_dnsmasq g11 eth0 $range4
ok "serves a remote guest" served g21 10.0.0.11
ok "serves busybox' client" eval 'release g22 && in_guest 22 busybox udhcpc -q -n -t 5 -T 2 -i eth0 -s /bin/true'
serve_end dnsmasq

ok "dnsmasq on a plain host's ib0" serve_dnsmasq h3 ib0 $range4 $range6
for guest in 11 21; do
	ok "serves guest $guest" served "g$guest" 10.0.0.30
	ok "and in IPv6" served6 "g$guest" fd00::30
done
serve_end dnsmasq
# ISC's server knows no frames of InfiniBand: it says so itself.
fails "ISC's server refuses a plain host's ib0" serve_isc h3 ib0 4
like "and says why" 'Unsupported device type 32 for "ib0"' cat /run/isc.log
serve_end isc

# Relays: a plain host with a server behind it; a guest for VLAN 3, with the server on a plain host.
ip netns add far
ip -n h3 link add to-far type veth peer name eth0 netns far
ip -n h3 link set to-far up
ip -n far link set eth0 up
ip -n h3 addr add 10.99.0.1/24 dev to-far
ip -n far addr add 10.99.0.2/24 dev eth0
ip -n far route add default via 10.99.0.1
host 3 sysctl -q -w net.ipv4.ip_forward=1
ok "ISC's server behind a plain host" serve_isc far eth0 4
ok "dnsmasq as relay on that host" serve_dnsmasq h3 ib0 --interface=to-far --dhcp-relay=10.0.0.30,10.99.0.2
ok "a guest is served" served g21 10.0.0.30
serve_end dnsmasq
serve_end isc
addresses g11 eth0 11
ip -n h3 route add 10.3.0.0/24 via 10.0.0.11
in_guest 11 sysctl -q -w net.ipv4.ip_forward=1
ok "dnsmasq on a plain host, for VLAN 3" serve_dnsmasq h3 ib0 --dhcp-range=10.3.0.100,10.3.0.199,255.255.255.0
ok "ISC's relay in a guest" serve relay g11 'Sending on' dhcrelay -4 -d -id eth0.3 -iu eth0 10.0.0.30
release g21 eth0.3
ok "a guest in VLAN 3 is served" eval 'lease g21 -4 eth0.3 && leased g21 10.3.0.1 eth0.3'
serve_end relay dnsmasq

ok "$MANY guests" many_guests
ok "dnsmasq on the other hypervisor's bridge" serve_dnsmasq h1 br0 $range4
ok "all get leases at once" many_leases
ok "each its own" eval '(($(many_addresses) == MANY))'
ok "one of them pings the server" pings m$MANY 10.0.0.10
serve_end dnsmasq
done_testing
