#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The modules leave in any order while traffic flows, come back in any order, and leave nothing
# behind.
# hosts: 2
# vm: --partitions tools/e2e/vlan3.partitions --append slub_debug=FZPU
. tools/lib/guest.sh
. tools/e2e/hypervisor.sh

GUEST_MAC=52:54:00:00:00:02

# guest_behind_bridge: what stays when the modules go.
guest_behind_bridge() {
	ip -n h1 link add br2 mtu 2044 address 00:02:c9:43:3b:f1 type bridge mcast_snooping 0 &&
		ip -n h1 addr add 10.0.0.1/24 dev br2 &&
		guest_port 1 vnet1 guest "$GUEST_MAC" &&
		ip -n guest addr add 10.0.0.11/24 dev eth0 &&
		ip -n h1 link set dev vnet1 master br2 &&
		ip -n h1 link set dev br2 up
}

# vifs_up: two VIFs on eth4, which is the bridge's uplink.
vifs_up() {
	wait_until 20 pif 1 > /dev/null && rename_pif 1 || return
	if ! ip -n h1 link show dev ib0.1 > /dev/null 2>&1; then
		ip -n h1 -batch - <<- END || return
			link add link ib0 name ib0.1 type ipoib index 1
			link add link ib0 name ib0.2 type ipoib index 2
		END
	fi
	ip -n h1 -batch - <<- END && wait_until 30 vifs_have_carrier 1 ib0.1 ib0.2
		link set dev ib0.1 master eth4
		link set dev ib0.2 master eth4
		link set dev eth4 vif ib0.1 mac 00:02:c9:43:3b:f1
		link set dev eth4 vif ib0.2 mac $GUEST_MAC
		link set dev eth4 master br2
	END
}

# background NETNS CMD...: until stop_traffic.
background() {
	ip netns exec "$@" > /dev/null 2>&1 &
	traffic+=($!)
}

start_traffic() {
	traffic=()
	background h2 nc -l 5000
	wait_until 20 eval 'host 2 ss -Hltn | grep -q :5000' || return
	background guest nc 10.0.0.2 5000 < /dev/zero
	background guest ping -f -q 10.0.0.2
	background h2 ping -f -q 10.0.0.11
	background h2 ping -f -q -b 10.0.0.255
	packets=$(count_packets)
	wait_until 60 eval "both_grown $packets"
}

stop_traffic() {
	kill "${traffic[@]}" 2> /dev/null
	wait "${traffic[@]}"
	return 0
}

# count_packets: received and sent by eth4.
count_packets() {
	host 1 cat /sys/class/net/eth4/statistics/{rx,tx}_packets | tr '\n' ' '
}

# both_grown RX TX: by enough that a stream must be among them.
both_grown() {
	local now

	read -r -a now <<< "$(count_packets)"
	((now[0] > $1 + 200 && now[1] > $2 + 200))
}

loaded() {
	[[ -d /sys/module/$1 ]]
}

# unload MODULE: with all that it still does.
unload() {
	if [[ $1 == vib ]]; then
		kill "$(< /run/opensm/pid)"
		wait_until 20 eval '! kill -0 "$(< /run/opensm/pid)" 2> /dev/null'
	fi
	rmmod "$1"
}

# load MODULE
load() {
	[[ $1 != eth_ipoib ]] || loaded_at=$(jiffies)
	case $1 in
	vib) modprobe vib hcas="$EIPOIB_HOSTS" guid=$VIB_GUID && start_opensm ;;
	ib_ipoib) load_ipoib ;;
	*) modprobe "$1" ;;
	esac
}

# adopt_interfaces: give each host its ib0 again, if it has none.
adopt_interfaces() {
	local n

	for ((n = 1; n <= EIPOIB_HOSTS; n++)); do
		ip -n "h$n" link show dev ib0 > /dev/null 2>&1 && continue
		wait_until 20 has_hca_netdev "$((n - 1))" &&
			ip link set dev "$(hca_netdev "$((n - 1))")" netns "h$n" name ib0 &&
			ip -n "h$n" link set dev ib0 up || return
	done
	wait_until 60 has_carrier 1 ib0 && wait_until 60 has_carrier 2 ib0 &&
		ip -n h2 addr replace 10.0.0.2/24 dev ib0
}

# clones_are_free: without eth_ipoib a VIF is a clone as it was before.
clones_are_free() {
	local links

	links=$(ip -n h1 -j link show | jq -c '[.[] | select(.ifname | startswith("ib0.")) |
		[.ifname, .master, (.flags | contains(["SLAVE"]))]]')
	echo "$links"
	[[ $links == '[["ib0.1",null,false],["ib0.2",null,false]]' ]]
}

# no_pif: in no namespace.
no_pif() {
	! { ip -d link show && ip -n h1 -d link show && ip -n h2 -d link show; } | grep -w eipoib
}

jiffies() {
	sed -n '/^jiffies: /{ s///p; q }' /proc/timer_list
}

# allocations: what was allocated below eth_ipoib and not freed. What is older than the module does
# not count: its name stands for another one there, which had the address before. Nor does the file
# that every namespace has as long as the module is loaded.
allocations() {
	local age=$(($(jiffies) - loaded_at))

	awk -v limit="$age" '/age=/ { head = $0; split($0, part, "age="); is_new = part[2] + 0 <= limit }
		/add_interfaces_file\+.*\[eth_ipoib\]/ { is_new = 0 }
		is_new && /\[eth_ipoib\]/ { print head; print; is_new = 0 }' \
		/sys/kernel/debug/slab/kmalloc-*/alloc_traces
}

no_allocations() {
	local found cache

	# What is freed counts as allocated as long as KASAN keeps it (tools/debug).
	for cache in /sys/kernel/slab/kmalloc-*; do
		echo 1 > "$cache/shrink"
	done
	found=$(allocations) && [[ ! $found ]]
}

unused() {
	[[ $(< "/sys/module/$1/refcnt") == 0 ]]
}

# independent MODULE OTHER: as modprobe(8) sees it.
independent() {
	local depends

	depends=,$(modinfo -F depends "$1"),$(modinfo -F softdep "$1"),
	echo "$depends"
	[[ $depends != *"$2"* ]]
}

# round "UNLOAD..." "LOAD...": once around, under traffic.
round() {
	local module

	ok "VIFs are up" vifs_up
	start_traffic
	tap_result "traffic flows" $?
	for module in eth_ipoib ib_ipoib; do
		ok "nothing holds $module" unused "$module"
	done
	for module in $1; do
		ok "rmmod $module" unload "$module"
		if [[ $module == eth_ipoib && $1 != *ib_ipoib*eth_ipoib && $1 != *vib*eth_ipoib ]]; then
			ok "the clones are free" clones_are_free
		fi
		ok "no PIF is left" wait_until 10 no_pif
		loaded eth_ipoib &&
			ok "eth_ipoib keeps nothing" \
				eval 'wait_until 10 no_allocations || { allocations; false; }'
	done
	stop_traffic
	for module in $2; do
		load "$module"
		tap_result "modprobe $module" $?
		[[ $2 == eth_ipoib* && $2 == *ib_ipoib* && $module == eth_ipoib ]] &&
			ok "eth_ipoib does not need ib_ipoib" eval '! loaded ib_ipoib'
	done
	ok "the hosts have their interfaces" adopt_interfaces
}

ok "eth_ipoib does not depend on ib_ipoib" independent eth_ipoib ib_ipoib
ok "nor ib_ipoib on eth_ipoib" independent ib_ipoib eth_ipoib
ok "a guest behind a bridge" guest_behind_bridge
ok "a plain host" ip -n h2 addr add 10.0.0.2/24 dev ib0
loaded_at=0
ok "eth_ipoib's allocations can be seen" eval '[[ $(allocations) == *eipoib_pif_create* ]]'

round "eth_ipoib" "eth_ipoib"
round "ib_ipoib" "ib_ipoib"
round "vib" "vib"
round "eth_ipoib ib_ipoib vib" "eth_ipoib ib_ipoib vib"
round "vib ib_ipoib eth_ipoib" "vib ib_ipoib eth_ipoib"

# As on the first day.
ok "all that was made by hand goes" eval \
	'ip -n h1 link del br2 && ip -n h1 link del vnet1 && ip netns del guest'
ok "the cover letter's script works" hypervisors 1
ok "a guest reaches the plain host" pings g1a 10.0.0.2
ok "the hypervisor does" pings h1 10.0.0.2
ok "rmmod eth_ipoib" unload eth_ipoib
for n in ib_ipoib vib; do
	ok "rmmod $n" unload "$n"
done
done_testing
