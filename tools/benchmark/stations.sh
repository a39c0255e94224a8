# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# What the measurements share: stations behind bridges, and doing something a few times and then
# many times.

# What is done how often: kilobytes, datagrams, requests that are answered.
declare -A FEW=([tcp1]=8192 [tcp8]=8192 [udp64]=640 [udp1400]=640 [request]=500 [broadcast]=320
	[flow1]=640 [flow2]=640)

# station N NAME MTU ADDRESS: netns NAMEN with eth0, whose other end is host N's vNAME.
station() {
	ip netns add "$2$1"
	ip -n "h$1" -batch - <<- END && ip -n "$2$1" -batch - <<- END
		link add v$2 mtu $3 type veth peer name eth0 address 02:00:${4//./:} mtu $3 netns $2$1
		link set dev v$2 up
	END
		link set dev lo up
		link set dev eth0 up
		addr add $4/24 dev eth0
	END
}

# bridged N NAME MTU ADDRESS DEVICE: a station behind a bridge that DEVICE is a port of.
bridged() {
	station "$1" "$2" "$3" "$4" && ip -n "h$1" -batch - <<- END
		link add br$2 mtu $3 type bridge mcast_snooping 0
		link set dev v$2 master br$2
		link set dev $5 master br$2
		link set dev $5 up
		link set dev br$2 up
	END
}

# connect N DEV: from datagrams to connections.
connect() {
	host "$1" sh -c "echo connected > /sys/class/net/$2/mode" &&
		ip -n "h$1" link set dev "$2" mtu 65520
}

# fit N DEV: a bridge and its station send nothing that is too long for DEV.
fit() {
	local mtu

	mtu=$(host "$1" cat "/sys/class/net/$2/mtu") &&
		ip -n "ei$1" link set dev eth0 mtu "$mtu" &&
		ip -n "h$1" link set dev vei mtu "$mtu" && ip -n "h$1" link set dev brei mtu "$mtu"
}

# eipoib N [MODE]: of the VIFs.
eipoib() {
	local dev index=1 mac mode=${2:-datagram}

	dev=$(hca_twin "$1") || return
	bridged "$1" ei 2044 "10.5.0.$1" "$dev" || return
	for mac in "$(host "$1" cat "/sys/class/net/$dev/address")" guest; do
		[[ $index == 1 ]] || mac=$(ip netns exec "ei$1" cat /sys/class/net/eth0/address)
		ip -n "h$1" link add link ib0 name "ib0.$index" type ipoib index "$index" mode "$mode" &&
			ip -n "h$1" link set dev "ib0.$index" master "$dev" &&
			ip -n "h$1" link set dev "$dev" vif "ib0.$index" mac "$mac" || return
		wait_until 20 has_carrier "$1" "ib0.$index" || return
		index=$((index + 1))
	done
	fit "$1" "$dev"
}

# hca_twin N: the PIF above ib0 of host N.
hca_twin() {
	local dev

	dev=$(ip -n "h$1" -br link show type eipoib)
	dev=${dev%%@*}
	[[ $dev ]] && echo "$dev"
}

marks=0

# measure NETNS TEST ADDRESS NAME: under that name.
measure() {
	local few=${FEW[$2]}
	local many=$((few * SCALE))

	marks=$((marks + 3))
	ip netns exec "$1" traffic "$2" "$3" "$few" "$many" &&
		echo "$2 $4 $((marks - 2)) $few $many" >> /out/measurements
}
