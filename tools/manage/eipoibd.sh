# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash disable=SC2034
# For the guest scripts about eipoibd, which serves host 1 and logs to
# /run/eipoibd.log. Sourced after hypervisor.sh.

PIF_MAC=00:02:c9:43:3b:f1

eipoibd1() {
	host 1 eipoibd --config /run/eipoibd.conf "$@"
}

# logged EVENT [FILTER]
logged() {
	[[ $(jq -c "select(.event == \"$1\" and (${2:-true}))" /run/eipoibd.log) ]]
}

count_logged() {
	jq -c "select(.event == \"$1\")" /run/eipoibd.log | wc -l
}

# start_eipoibd: until it says that it is ready.
start_eipoibd() {
	: > /run/eipoibd.log
	ip netns exec h1 eipoibd --config /run/eipoibd.conf --json > /dev/null 2>> /run/eipoibd.log &
	echo $! > /run/eipoibd.pid
	wait_until 20 logged ready
}

stop_eipoibd() {
	kill "$(< /run/eipoibd.pid)" && wait_until 10 logged stopped &&
		wait_until 10 eval '! kill -0 "$(< /run/eipoibd.pid)" 2> /dev/null'
}

# vifs: "CLONE IFINDEX MAC [VLAN]" of each.
vifs() {
	h1 -d -j link show | jq -r '.[] | select(.linkinfo.info_slave_kind == "eipoib") |
		[.ifname, .ifindex, .linkinfo.info_slave_data.mac,
		 .linkinfo.info_slave_data.vlan // empty] | map(tostring) | join(" ")'
}

# vif MAC [VLAN]: that line of it.
vif() {
	vifs | grep -x -E "[^ ]+ [0-9]+ $1${2:+ $2}"
}

has_vif() {
	(($(vif "$@" | wc -l) == 1))
}

# lacks_vif MAC [VLAN]: on any VLAN, unless it says which.
lacks_vif() {
	! vifs | grep -q " $1${2:+ $2}"
}

vif_of() {
	vif "$@" | cut -d ' ' -f 1
}

vif_index() {
	vif "$@" | cut -d ' ' -f 2
}

vif_indices() {
	vifs | cut -d ' ' -f 2 | sort -n
}

# count_vifs REGEX: whose MAC begins so.
count_vifs() {
	vifs | cut -d ' ' -f 3 | grep -c -E "^($1)"
}

# vif_bindings: "CLONE MAC [VLAN]" of each.
vif_bindings() {
	vifs | cut -d ' ' -f 1,3-
}

# guest BRIDGE PORT NAMESPACE MAC ADDRESS: one that sends nothing by itself.
guest() {
	ip netns add "$3" &&
		ip netns exec "$3" sysctl -q -w net.ipv6.conf.default.disable_ipv6=1 &&
		guest_port_of "$3" "$1" "$2" "$4" "$5"
}

# guest_port_of NAMESPACE BRIDGE PORT MAC ADDRESS
guest_port_of() {
	h1 link add "$3" mtu 2044 type veth peer name eth0 netns "$1" mtu 2044 address "$4" &&
		h1 link set "$3" master "$2" up &&
		ip -n "$1" link set eth0 up && ip -n "$1" addr add "$5/24" dev eth0
}

# container NAMESPACE LINK MAC ADDRESS: which has a macvlan of LINK and does not send by itself.
container() {
	ip netns add "$1" &&
		ip netns exec "$1" sysctl -q -w net.ipv6.conf.default.disable_ipv6=1 &&
		h1 link add link "$2" name mv0 address "$3" type macvlan mode bridge &&
		h1 link set mv0 netns "$1" name eth0 &&
		ip -n "$1" link set eth0 up && ip -n "$1" addr add "$4/24" dev eth0
}

# has_lines COUNT TEXT FILE
has_lines() {
	(($(grep -c "$2" "$3") >= $1))
}

# answered NAMESPACE ADDRESS: an ARP request each 10 ms is, in the end.
answered() {
	ip netns exec "$1" tools/manage/first-answer.py "$2"
}

# answered_within MS NAMESPACE ADDRESS: after its first frame.
answered_within() {
	local output

	output=$(ip netns exec "$2" tools/manage/first-answer.py "$3" 2>&1)
	echo "$output"
	[[ $output =~ ^[0-9]+$ ]] && ((output <= $1))
}
