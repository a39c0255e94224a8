# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# The cover letter's hypervisors, for guest scripts. Host 1 is hypervisor A and
# runs the script as it stands; host 2 is B with MACs of its own:
#
#   vnet1 on br2, untagged      vnet2 on br3, VLAN 3        own address on br2
#   A  g1a 52:54:00:67:E9:BD .11  g1b 52:54:00:DE:3A:23 .11   .1
#   B  g2a 52:54:00:67:E9:BE .12  g2b 52:54:00:DE:3A:24 .12   .2
#
# in 10.0.0.0/24 and 10.3.0.0/24 (VLAN 3). gNx is a guest: a namespace with eth0.
# Host 3, where there is one, is a plain IPoIB host with 10.0.0.3.

SCRIPT_TEXT=tools/e2e/cover-letter.script

# cover_letter N: the text that host N runs.
cover_letter() {
	if (($1 == 1)); then
		cat "$SCRIPT_TEXT"
	else
		sed -e 's/00:02:C9:43:3B:F1/00:02:C9:43:3C:01/' \
			-e 's/52:54:00:67:E9:BD/52:54:00:67:E9:BE/' \
			-e 's/52:54:00:DE:3A:23/52:54:00:DE:3A:24/' "$SCRIPT_TEXT"
	fi
}

# pif N: the name of host N's PIF.
pif() {
	local dev

	for dev in $(host "$1" ls /sys/class/net); do
		[[ $(host "$1" ethtool -i "$dev" 2> /dev/null) == *"driver: eth_ipoib"* ]] &&
			echo "$dev" && return
	done
	return 1
}

# guest_port N PORT GUEST MAC: a guest whose eth0 is a veth to PORT on host N.
guest_port() {
	ip netns add "$3" &&
		ip -n "h$1" link add "$2" type veth peer name eth0 netns "$3" address "$4" &&
		ip -n "h$1" link set "$2" mtu 2044 up &&
		ip -n "$3" link set lo up &&
		ip -n "$3" link set eth0 mtu 2044 up
}

# rename_pif N: what the script expects to find: eth4, up.
rename_pif() {
	ip -n "h$1" link set dev "$(pif "$1")" name eth4 && ip -n "h$1" link set dev eth4 up
}

# prepare N: all that is done before the script.
prepare() {
	rename_pif "$1" &&
		guest_port "$1" vnet1 "g${1}a" "$(sed -n 's/.*ib0\.2 mac //p' <(cover_letter "$1"))"
}

# run_cover_letter N: every line of it, the first one that fails ends it.
run_cover_letter() {
	cover_letter "$1" > "/run/cover-letter.$1"
	host "$1" sh -e -x "/run/cover-letter.$1"
}

# complete N: all that is done after the script: a guest port on br3 and addresses.
complete() {
	guest_port "$1" vnet2 "g${1}b" "$(sed -n 's/.*ib0\.8003\.1 mac \(.*\) vlan 3/\1/p' \
		<(cover_letter "$1"))" &&
		host "$1" brctl addif br3 vnet2 &&
		ip -n "g${1}a" addr add "10.0.0.1$1/24" dev eth0 &&
		ip -n "g${1}b" addr add "10.3.0.1$1/24" dev eth0 &&
		ip -n "h$1" addr add "10.0.0.$1/24" dev br2
}

# vif_has_carrier N CLONE...
vifs_have_carrier() {
	local n=$1 vif
	shift

	for vif in "$@"; do
		has_carrier "$n" "$vif" || return
	done
}

# await_vifs N: the script's four VIFs have joined their broadcast groups.
await_vifs() {
	wait_until 60 vifs_have_carrier "$1" ib0.1 ib0.2 ib0.8003 ib0.8003.1
}

# hypervisors N...: all of the above on each of them.
hypervisors() {
	local n

	for n in "$@"; do
		prepare "$n" && run_cover_letter "$n" && complete "$n" && await_vifs "$n" || return
	done
}

# pings NAMESPACE ADDRESS: five of five come back.
pings() {
	local output

	output=$(ip netns exec "$1" ping -n -c 5 -i 0.2 -W 5 "$2" 2>&1)
	[[ $output == *" 0% packet loss"* ]] || {
		echo "$output"
		return 1
	}
}
