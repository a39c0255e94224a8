# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Hypervisors, guests and plain hosts, for the scripts of tools/translate. What they are called
# says where they are: guest 21 is the first one of hypervisor 2, 30 is host 3 itself.
#
#     name   namespace   untagged                   VLAN 3
#     21     g21         10.0.0.21  fd00::21        10.3.0.21  fd03::21
#     30     h3          10.0.0.30  fd00::30        10.3.0.30  fd03::30
#
# A hypervisor is: the PIF eth4, its own VIF ib0.1, the bridge br0 above it with the PIF's MAC. A
# guest is: a namespace whose eth0 (52:54:00:00:00:21) is a veth to port v21 of br0, and the VIF
# ib0.(1 + last digit). In VLAN 3 the names end in .3: br3 above eth4.3, g21's eth0.3, ib0.8003.*.

# must TEXT CMD...: as ok, but without it there is nothing to test.
must() {
	ok "$@" || {
		done_testing
		exit 1
	}
}

# mac NAME: of a guest.
mac() {
	echo "52:54:00:00:00:$1"
}

# in_guest NAME CMD...
in_guest() {
	local ns=g$1
	shift

	ip netns exec "$ns" "$@"
}

# addresses NETNS DEVICE NAME [VLAN]
addresses() {
	ip -n "$1" -batch - <<- END
		addr add 10.${4:-0}.0.$3/24 dev $2
		addr add fd0${4:-0}::$3/64 dev $2 nodad
	END
}

# pif N: the name of host N's PIF.
pif() {
	ip -n "h$1" -d -j link show type eipoib | jq -r '.[] | .ifname // empty'
}

# vif N CLONE PARAMETERS MAC [VLAN]: a clone of ib0 carries a MAC.
vif() {
	ip -n "h$1" -batch - <<- END
		link add link ib0 name $2 type ipoib $3
		link set dev $2 master eth4
		link set dev eth4 vif $2 mac $4 ${5:+vlan $5}
	END
}

# vifs_up N: every clone of host N has carrier.
vifs_up() {
	! ip -n "h$1" -o link show | grep '@ib0' | grep -v -q LOWER_UP
}

# hypervisor N
hypervisor() {
	local address

	# An ib0 without addresses would answer for those of br0.
	host "$1" sysctl -q -w net.ipv4.conf.ib0.arp_ignore=1 &&
		ip -n "h$1" link set dev "$(pif "$1")" name eth4 &&
		address=$(host "$1" cat /sys/class/net/eth4/address) &&
		ip -n "h$1" -batch - <<- END &&
			link set dev eth4 up
			link add br0 address $address mtu 2044 type bridge
			link set dev eth4 master br0
			link set dev br0 up
		END
		vif "$1" ib0.1 'index 1' "$address" && addresses "h$1" br0 "${1}0"
}

# guest_port NAME: its namespace and its bridge port.
guest_port() {
	ip netns add "g$1" && ip -n "h${1:0:1}" -batch - <<- END && ip -n "g$1" -batch - <<- END
		link add v$1 mtu 2044 type veth peer name eth0 address $(mac "$1") mtu 2044 netns g$1
		link set dev v$1 master br0
		link set dev v$1 up
	END
		link set dev lo up
		link set dev eth0 up
	END
	# What a neighbour's answer sets free leaves on the same CPU as what a program sends there.
	ip netns exec "g$1" sh -c 'echo 1 > /sys/class/net/eth0/queues/rx-0/rps_cpus'
}

# guest NAME
guest() {
	local n=${1:0:1} index=$((${1:1} + 1))

	vif "$n" "ib0.$index" "index $index" "$(mac "$1")" && guest_port "$1" &&
		addresses "g$1" eth0 "$1"
}

# vlan_bridge N: br3 above eth4.3, and the hypervisor's own VIF there.
vlan_bridge() {
	local address

	address=$(host "$1" cat /sys/class/net/eth4/address) && ip -n "h$1" -batch - <<- END &&
		link add link eth4 name eth4.3 type vlan id 3
		link add br3 address $address mtu 2044 type bridge
		link set dev eth4.3 master br3
		link set dev eth4.3 up
		link set dev br3 up
	END
		vif "$1" ib0.8003 'pkey 0x8003' "$address" 3 && addresses "h$1" br3 "${1}0" 3
}

# vlan_guest NAME: the guest NAME gets a second interface, eth0.3 in VLAN 3.
vlan_guest() {
	local n=${1:0:1} index=${1:1}

	vif "$n" "ib0.8003.$index" "pkey 0x8003 index $index" "$(mac "$1")" 3 &&
		ip -n "h$n" -batch - <<- END && ip -n "g$1" link set dev eth0.3 up &&
			link add v$1.3 mtu 2044 type veth peer name eth0.3 address $(mac "$1") mtu 2044 netns g$1
			link set dev v$1.3 master br3
			link set dev v$1.3 up
		END
		addresses "g$1" eth0.3 "$1" 3
}

# vlan_plain N
vlan_plain() {
	ip -n "h$1" link add link ib0 name ib0.8003 type ipoib pkey 0x8003 &&
		ip -n "h$1" link set dev ib0.8003 up && addresses "h$1" ib0.8003 "${1}0" 3
}

# await_vifs N...
await_vifs() {
	local n

	for n; do
		wait_until 60 vifs_up "$n" || {
			ip -n "h$n" -o link show
			return 1
		}
	done
}

# remac N [DEVICE]: the Ethernet address that stands for a plain host's interface.
remac() {
	local address lid

	address=$(host "$1" cat "/sys/class/net/${2:-ib0}/address") || return
	lid=$(printf '%04x' "$(< "/sys/class/infiniband/vib$(($1 - 1))/ports/1/lid")")
	echo "02:${address:3:8}:${lid:0:2}:${lid:2}"
}

# counter N NAME: of host N's PIF.
counter() {
	host "$1" ethtool -S eth4 | sed -n "s/^ *$2: //p"
}

# pings NETNS ADDRESS [OPTION...]: five of five come back.
pings() {
	local ns=$1 address=$2 output
	shift 2

	output=$(ip netns exec "$ns" ping -n -c 5 -i 0.1 -W 5 "$@" "$address" 2>&1)
	[[ $output == *" 0% packet loss"* ]] || {
		echo "$output"
		return 1
	}
}

# forget N: host N loses all it knew of others: its PIF is made again, with the same VIFs.
forget() {
	local vifs clone address vlan

	mapfile -t vifs < <(ip -n "h$1" -d -j link show dev eth4 |
		jq -r '.[0].linkinfo.info_data.vifs[] | "\(.ifname) \(.mac) \(.vlan // "")"')
	ip -n "h$1" link del eth4 && ip -n "h$1" link add link ib0 name eth4 type eipoib &&
		ip -n "h$1" link set dev eth4 master br0 && ip -n "h$1" link set dev eth4 up || return
	for clone in "${vifs[@]}"; do
		read -r clone address vlan <<< "$clone"
		ip -n "h$1" link set dev "$clone" master eth4 &&
			ip -n "h$1" link set dev eth4 vif "$clone" mac "$address" ${vlan:+vlan "$vlan"} || return
	done
	await_vifs "$1"
}

# start_wire [PROGRAM]: from now on there is wire.py to ask, or what builds on it.
start_wire() {
	mkfifo /run/to-wire /run/from-wire
	"${1:-tools/translate/wire.py}" < /run/to-wire > /run/from-wire &
	exec {to_wire}> /run/to-wire {from_wire}< /run/from-wire
}

# wire EXPRESSION: what that says to it.
wire() {
	local answer

	echo "${1//[$'\n\t']/ }" >&"$to_wire"
	read -r -t 120 answer <&"$from_wire"
	[[ $answer == ok ]] || {
		echo "$1: $answer"
		return 1
	}
}
