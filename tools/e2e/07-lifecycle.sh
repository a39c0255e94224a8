#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# PIFs come, go and follow what is below them: namespaces, names, MTU, carrier, counters; and the
# list of VIFs has no limit.
# hosts: 2
. tools/lib/guest.sh
. tools/e2e/hypervisor.sh

MAC=00:02:c9:43:3b:f1
MANY=200

# pifs [NETNS]: the names of its PIFs.
pifs() {
	ip ${1:+-n "$1"} -j -d link show | jq -r '.[] | select(.linkinfo.info_kind == "eipoib") | .ifname' |
		paste -s -d ' '
}

# has_pifs NAMES [NETNS]: these and no others.
has_pifs() {
	local found

	found=$(pifs "${@:2}") && [[ $found == "$1" ]] || {
		echo "found: $found"
		return 1
	}
}

# field NETNS DEVICE EXPRESSION: of its JSON.
field() {
	ip -n "$1" -j -d link show dev "$2" | jq -r ".[0] | $3"
}

# is WANT NETNS DEVICE EXPRESSION
is() {
	local got

	got=$(field "${@:2}")
	[[ $got == "$1" ]] || {
		echo "$3: $4 is $got and not $1"
		return 1
	}
}

mtu_is() {
	is "$1" h1 eth4 .mtu
}

absent() {
	! ip -n "$1" link show dev "$2"
}

has_no_carrier() {
	[[ $(ip -n h1 -o link show dev eth4) == *NO-CARRIER* ]]
}

# vifs NAME: what its file says.
vifs() {
	host 1 cat "/sys/class/net/$1/eth/vifs"
}

# vifs_are PIF LINE...: these lines, in any order.
vifs_are() {
	diff <(vifs "$1" | sort) <(printf '%s\n' "${@:2}" | sort)
}

# enslave CLONE MAC
enslave() {
	ip -n h1 -batch - <<- END
		link set dev $1 master eth4
		link set dev eth4 vif $1 mac $2
	END
}

# is_plain_clone DEVICE: nobody's slave, down.
is_plain_clone() {
	is null h1 "$1" .master && is false h1 "$1" '.flags | contains(["SLAVE"])' &&
		is false h1 "$1" '.flags | contains(["UP"])'
}

answers() {
	ip netns exec "$1" ping -n -c 1 -W 1 "$2"
}

# reaches NETNS ADDRESS: sooner or later.
reaches() {
	wait_until 30 answers "$@" > /dev/null
}

silent() {
	! answers "$@"
}

# Before and after.
ok "interfaces that were there before the module have PIFs, where they are" \
	eval 'has_pifs eth0 h1 && has_pifs eth0 h2'
ok "and the root namespace has none" has_pifs ""
ok "an interface leaves for a namespace where eth0 is taken" eval \
	'ip netns add moving && ip -n moving link add eth0 type dummy &&
		ip -n h2 link set dev ib0 netns moving'
ok "its PIF is there, with the next name" has_pifs eth1 moving
ok "and here no more" has_pifs "" h2
ok "on its way it gets another name" ip -n moving link set dev ib0 netns h1 name ib1
ok "there are two PIFs then" has_pifs "eth0 eth1" h1
like "the one is above ib0" 'driver: eth_ipoib:ib0' host 1 ethtool -i eth0
like "the other above ib1" 'driver: eth_ipoib:ib1' host 1 ethtool -i eth1
ok "the MACs are the ports'" eval "is $MAC h1 eth0 .address && is 00:02:c9:43:3c:01 h1 eth1 .address"
ok "back again" eval 'ip -n h1 link set dev ib1 netns h2 name ib0 && ip -n h2 link set ib0 up'
ok "the PIF follows" eval 'has_pifs eth0 h1 && has_pifs eth0 h2'
ip netns del moving

# By hand.
ok "a PIF can be deleted" ip -n h1 link del eth0
ok "and its interface stays" eval 'has_pifs "" h1 && is ib0 h1 ib0 .ifname'
ok "another can be made, with a name" ip -n h1 link add link ib0 name eth7 type eipoib
like "above ib0" $'driver: eth_ipoib:ib0\n.*bus-info: ib0' host 1 ethtool -i eth7
ok "with the port's MAC" is "$MAC" h1 eth7 .address
ok "which goes" ip -n h1 link del eth7
ok "or with a MAC and without a name" ip -n h1 link add link ib0 address 02:00:00:00:00:01 type eipoib
ok "and gets the first free one" eval 'has_pifs eth0 h1 && is 02:00:00:00:00:01 h1 eth0 .address'
ip -n h1 link del eth0
ok "or with another MTU" ip -n h1 link add link ib0 name eth4 mtu 1400 type eipoib
ok "which it has" mtu_is 1400
ip -n h1 link set dev eth4 mtu 2044 up

# Names.
ok "two clones" ip -n h1 -batch - <<- END
	link add link ib0 name ib0.1 type ipoib index 1
	link add link ib0 name ib0.2 type ipoib index 2
END
ok "two VIFs, one of them without MAC" eval "enslave ib0.1 $MAC && ip -n h1 link set dev ib0.2 master eth4"
ok "they come up" wait_until 30 vifs_have_carrier 1 ib0.1 ib0.2
ok "both are listed" vifs_are eth4 "SLAVE=ib0.1      MAC=$MAC VLAN=N/A" \
	"SLAVE=ib0.2      MAC=N/A               VLAN=N/A"
# Linux 6.1 names nothing anew that is up, and the VIFs go down with ib0.
ok "all three get other names" ip -n h1 -batch - <<- END
	link set dev eth4 down
	link set dev ib0 down
	link set dev ib0 name ibA
	link set dev ib0.1 name a-long-name.001
	link set dev eth4 name uplink
END
like "ethtool follows" $'driver: eth_ipoib:ibA\n.*bus-info: ibA' host 1 ethtool -i uplink
ok "so does the list" vifs_are uplink "SLAVE=a-long-name.001 MAC=$MAC VLAN=N/A" \
	"SLAVE=ib0.2      MAC=N/A               VLAN=N/A"
ip -n h1 -batch - <<- END
	link set dev ibA name ib0
	link set dev a-long-name.001 name ib0.1
	link set dev uplink name eth4
	link set dev ib0 up
	link set dev eth4 up
END
ok "they come up again" wait_until 30 vifs_have_carrier 1 ib0.1 ib0.2 eth4

# Traffic, and what it counts.
for n in 1 2; do
	ip netns exec "h$n" sysctl -q -w net.ipv6.conf.all.disable_ipv6=1
done
ip -n h1 addr add 10.0.0.1/24 dev eth4
ip -n h2 addr add 10.0.0.2/24 dev ib0
ok "traffic" reaches h1 10.0.0.2

# counts_right: ten of 142 bytes each way, and nothing else while neighbours need not ask.
counts_right() {
	local before after fields='.stats64 | [.rx.packets, .rx.bytes, .tx.packets, .tx.bytes] | @tsv'

	ip -n h1 neigh change 10.0.0.2 dev eth4 nud permanent || return
	ip -n h2 neigh change 10.0.0.1 dev ib0 nud permanent || return
	read -r -a before <<< "$(ip -n h1 -s -j link show dev eth4 | jq -r ".[0] | $fields")"
	host 1 ping -n -q -c 10 -i 0.02 -s 100 10.0.0.2 || return
	read -r -a after <<< "$(ip -n h1 -s -j link show dev eth4 | jq -r ".[0] | $fields")"
	ip -n h1 neigh change 10.0.0.2 dev eth4 nud reachable
	ip -n h2 neigh change 10.0.0.1 dev ib0 nud reachable
	echo "${before[*]}, then ${after[*]}"
	((after[0] - before[0] == 10 && after[1] - before[1] == 1420 &&
		after[2] - before[2] == 10 && after[3] - before[3] == 1420))
}

ok "ten pings are ten packets each way, of 142 bytes" counts_right

# MTU.
ok "the MTU is that of the VIFs" mtu_is 2044
ip -n h1 link set dev ib0.2 mtu 1500
ok "it follows the smallest" mtu_is 1500
fails "more is refused" ip -n h1 link set dev eth4 mtu 1501
ip -n h1 link set dev ib0.2 nomaster
ok "and is as before when that one is released" mtu_is 2044
ip -n h1 link set dev ib0.2 master eth4
ok "a VIF that comes with a smaller one counts at once" mtu_is 1500
ip -n h1 link set dev ib0.2 mtu 2044
ok "and no more when it has grown" mtu_is 2044
ip -n h1 link set dev eth4 mtu 1400
ip -n h1 link set dev ib0.2 mtu 1500
ok "an administrator's own stays while it is smaller" mtu_is 1400
ip -n h1 link set dev ib0.2 mtu 1300
ok "but not when a VIF's is" mtu_is 1300
ip -n h1 link set dev ib0.2 mtu 2044
ok "and comes back" mtu_is 1400
ip -n h1 link set dev eth4 mtu 2044
ip -n h1 link set dev ib0.2 mtu 1500
ok "until it is given up" mtu_is 1500
ip -n h1 link set dev ib0.2 mtu 2044

# Carrier, up and down.
ok "there is carrier" has_carrier 1 eth4
ip -n h1 link set dev ib0.1 down
ok "still, with one VIF down" has_carrier 1 eth4
ip -n h1 link set dev ib0.2 down
ok "none with both down" wait_until 10 has_no_carrier
ip -n h1 link set dev ib0.2 up
ok "again with one up" wait_until 30 has_carrier 1 eth4
ip -n h1 link set dev ib0.1 up
ok "traffic is back" reaches h1 10.0.0.2
ip -n h1 link set dev ib0 down
ok "ib0 takes its VIFs down" eval \
	'is false h1 ib0.1 ".flags | contains([\"UP\"])" && is false h1 ib0.2 ".flags | contains([\"UP\"])"'
ok "and the carrier" wait_until 10 has_no_carrier
ip -n h1 link set dev ib0 up
ok "and up again" wait_until 30 vifs_have_carrier 1 ib0.1 ib0.2 eth4
ok "traffic is back then" reaches h2 10.0.0.1
ip -n h1 link set dev eth4 down
ok "no traffic through a PIF that is down" silent h2 10.0.0.1
ok "whose VIFs stay up" has_carrier 1 ib0.1
ip -n h1 link set dev eth4 up
ok "traffic is back when it is up" reaches h2 10.0.0.1

# Enslaved and released.
ok "a VIF is released" ip -n h1 link set dev ib0.1 nomaster
ok "and a clone as before" is_plain_clone ib0.1
ok "the other one is left" vifs_are eth4 "SLAVE=ib0.2      MAC=N/A               VLAN=N/A"
ip -n h1 addr flush dev eth4
ok "it speaks IPoIB" eval 'ip -n h1 link set dev ib0.1 up && wait_until 30 has_carrier 1 ib0.1 &&
	ip -n h1 addr add 10.0.0.3/24 dev ib0.1 && reaches h1 10.0.0.2'
ip -n h1 addr flush dev ib0.1
ok "it is a VIF again, up as it was" enslave ib0.1 "$MAC"
ip -n h1 addr add 10.0.0.1/24 dev eth4
ok "and works" eval 'wait_until 30 has_carrier 1 ib0.1 && reaches h2 10.0.0.1'
ok "an enslaved clone can be deleted" ip -n h1 link del ib0.1
ok "and is a VIF no more" vifs_are eth4 "SLAVE=ib0.2      MAC=N/A               VLAN=N/A"
ok "a new one of its name takes its place" eval \
	"ip -n h1 link add link ib0 name ib0.1 type ipoib index 1 && enslave ib0.1 $MAC"
# A neighbour would talk to the old queue pair until it asks again.
ip -n h2 neigh flush dev ib0
ok "and its work" eval 'wait_until 30 has_carrier 1 ib0.1 && reaches h2 10.0.0.1'
ok "a clone moves to another namespace, enslaved" ip -n h1 link set dev ib0.2 netns h2
ok "and is released" eval 'vifs_are eth4 "SLAVE=ib0.1      MAC=$MAC VLAN=N/A" && is null h2 ib0.2 .master'
ip -n h2 link del ib0.2
ok "a PIF with a VIF is deleted" ip -n h1 link del eth4
ok "the clone is free" is_plain_clone ib0.1
ok "and all over again" eval "ip -n h1 link add link ib0 name eth4 type eipoib &&
	ip -n h1 link set dev eth4 up && enslave ib0.1 $MAC && ip -n h1 addr add 10.0.0.1/24 dev eth4 &&
	wait_until 30 has_carrier 1 ib0.1 && reaches h2 10.0.0.1"

# Many.
many() {
	local i

	for ((i = 2; i <= MANY; i++)); do
		echo "link add link ib0 name ib0.$i type ipoib index $i"
		echo "link set dev ib0.$i master eth4"
		printf 'link set dev eth4 vif ib0.%d mac 52:54:00:00:%02x:%02x\n' \
			"$i" $((i / 256)) $((i % 256))
	done > /run/many
	ip -n h1 -batch /run/many
}

# all_listed: each VIF on a line of its own, once.
all_listed() {
	local i

	for ((i = 1; i <= MANY; i++)); do
		((i > 1)) && printf 'SLAVE=%-10s MAC=52:54:00:00:%02x:%02x VLAN=N/A\n' \
			"ib0.$i" $((i / 256)) $((i % 256)) || printf 'SLAVE=%-10s MAC=%s VLAN=N/A\n' ib0.1 "$MAC"
	done | sort > /run/want
	diff <(vifs eth4 | sort) /run/want
}

# in_pieces SIZE: the same bytes, however they are read.
in_pieces() {
	cmp <(vifs eth4) <(host 1 dd if=/sys/class/net/eth4/eth/vifs bs="$1" status=none)
}

shows_all() {
	(($(ip -n h1 -d -j link show dev eth4 | jq '[.[0].linkinfo.info_data.vifs[].ifname] | unique | length') == MANY))
}

ok "$MANY VIFs" many
ok "all are listed" all_listed
for size in 7 4096; do
	ok "in pieces of $size bytes too" in_pieces "$size"
done
fails "nobody writes it" host 1 sh -c 'echo +ib0.1 > /sys/class/net/eth4/eth/vifs'
ok "ip shows them all" shows_all
like "ethtool counts them" "vifs: $MANY\$" eval 'host 1 ethtool -S eth4 | head -n 2'
ok "traffic goes on" reaches h2 10.0.0.1

# The namespace dies with all that is in it.
ok "a bridge above" eval 'ip -n h1 link add br2 type bridge && ip -n h1 link set dev eth4 master br2 &&
	ip -n h1 link add link eth4 name eth4.3 type vlan id 3'
ok "the namespace goes" ip netns del h1
ok "ib0 comes back" wait_until 60 has_hca_netdev 0
ok "with a PIF of its own" wait_until 60 eval '[[ $(pifs) == eth* ]]'
like "above it" "driver: eth_ipoib:$(hca_netdev 0)" ethtool -i "$(pifs)"
like "and no VIF" 'vifs: 0$' eval 'ethtool -S "$(pifs)" | head -n 2'
ok "the clones are free" eval '[[ $(ip -j -d link show | jq "[.[] | select(.linkinfo.info_slave_kind)]") == "[]" ]]'
ok "and nothing is held" eval 'rmmod eth_ipoib && rmmod ib_ipoib'
done_testing
