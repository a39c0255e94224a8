#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Unknown unicast: guests whose neighbour entries are static, so that no ARP helps, and hypervisors
# that have forgotten everything. The first frames arrive, and flooding ends with them.
# hosts: 3
. tools/lib/guest.sh
. tools/translate/topology.sh

DOCKER=02:42:ac:11:00:02

# mac NAME: guest 12 has the MAC of a container, which looks like a REMAC.
mac() {
	if (($1 == 12)); then
		echo "$DOCKER"
	else
		echo "52:54:00:00:00:$1"
	fi
}

# static NETNS NAME LLADDR: what it needs to know of NAME it knows for ever.
static() {
	ip -n "$1" -batch - <<- END
		neigh replace 10.0.0.$2 lladdr $3 dev eth0 nud permanent
		neigh replace fd00::$2 lladdr $3 dev eth0 nud permanent
	END
}

# cold: both hypervisors have forgotten everything; the plain host looks at what is flooded.
cold() {
	forget 1 && forget 2 && wire 'watch("h3")'
}

# flooded_once MAC: one frame to it has been flooded since.
flooded_once() {
	wire "flooded('h3', 1, mac('$1'), at_least=1)"
}

# flooded_or_not MAC: one, or it was known by then.
flooded_or_not() {
	wire "flooded('h3', 1, mac('$1'))"
}

# first_ping NETNS ADDRESS [OPTION...]: one packet, and it comes back.
first_ping() {
	local ns=$1 address=$2
	shift 2

	ip netns exec "$ns" ping -n -c 1 -W 5 "$@" "$address"
}

# unresolved_are COUNT: since the PIFs were made.
unresolved_are() {
	(($(counter 1 tx_unresolved) == $1 && $(counter 2 tx_unresolved) == 0))
}

# burst FROM TO PREFIX: 64 datagrams from guest to guest.
burst() {
	local a=${1:0:1} b=${2:0:1} from="ib0.$((${1:1} + 1))" to="ib0.$((${2:1} + 1))"

	wire "burst('g$1/$3$1', 'g$2/$3$2', 64, ${4:-100},
		['h$a/eth4', 'h$a/$from', '-h$b/$to', '-h$b/eth4', '-g$2'])"
}

for n in 1 2; do
	must "hypervisor $n" eval "hypervisor $n && guest ${n}1"
done
ok "a guest whose MAC looks like a REMAC" guest 12
must "a plain host" addresses h3 ib0 30
must "all VIFs come up" await_vifs 1 2
start_wire
remac=$(remac 3)
static g11 21 "$(mac 21)"
static g12 21 "$(mac 21)"
static g21 11 "$(mac 11)"
static g21 12 "$DOCKER"
for ns in g11 g12 g21; do
	static $ns 30 "$remac"
done

for family in 10.0.0. fd00::; do
	ok "both sides forget everything" cold
	ok "64 datagrams at once arrive in order, ${family}11 to ${family}21" \
		burst 11 21 "$family"
	ok "with one frame flooded" flooded_once "$(mac 21)"
	ok "and 64 back" burst 21 11 "$family"
	ok "with none or one" flooded_or_not "$(mac 11)"
	ok "they forget again" cold
	ok "the first ping comes back" first_ping g21 "${family}11"
	ok "with one frame flooded" flooded_once "$(mac 11)"
done

ok "they forget again" cold
ok "64 datagrams to a MAC that looks like a REMAC" burst 21 12 10.0.0.
ok "with one frame flooded" flooded_once "$DOCKER"
ok "they forget again" cold
ok "and 64 from it" burst 12 21 10.0.0.

# Too long to be flooded.
for family in 10.0.0. fd00::; do
	overhead=$([[ $family == fd00:: ]] && echo 48 || echo 28)
	ok "they forget again" cold
	ok "the first packet has 2044 bytes" first_ping g11 "${family}21" -s $((2044 - overhead)) -M "do"
	ok "with no frame flooded" wire "flooded('h3', 0, mac('$(mac 21)'))"
done
ok "they forget again" cold
ok "64 packets of 2044 bytes at once" burst 11 21 10.0.0. 2016

# A REMAC leads to its owner whether it is remembered or not.
for family in 10.0.0. fd00::; do
	ok "they forget again" cold
	ok "64 datagrams to the REMAC of a plain host" wire "burst('g11/${family}11', 'h3/${family}30')"
	ok "with one frame flooded" flooded_once "$remac"
done
ip netns add far
ip -n h3 link add to-far type veth peer name eth0 netns far
ip -n h3 link set to-far up
ip -n far link set eth0 up
ip -n h3 addr add 10.99.0.1/24 dev to-far
ip -n far addr add 10.99.0.2/24 dev eth0
ip -n far route add default via 10.99.0.1
host 3 sysctl -q -w net.ipv4.ip_forward=1
ip -n g11 route add default via 10.0.0.30
ok "they forget again" cold
ok "what is behind a gateway answers the first ping" first_ping g11 10.99.0.2
ok "they forget again" cold
ok "64 datagrams through the gateway" wire "burst('g11/10.0.0.11', 'far/10.99.0.2')"

# Nobody.
static g11 99 52:54:00:00:00:99
ok "they forget again" cold
ok "40 datagrams to a MAC that nobody has are all flooded" wire "sends_into_void(
	'g11/10.0.0.11', '10.0.0.99', 40, 100) or flooded('h3', 40, mac('52:54:00:00:00:99'),
	at_least=40)"
ok "what is too long for that" wire "sends_into_void('g11/10.0.0.11', '10.0.0.99', 40, 2016)"
ok "is dropped and counted" wait_until 5 unresolved_are 40
done_testing
