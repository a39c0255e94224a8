#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# PIFs and clones in other namespaces than their IPoIB interface: what stays tied, what works from
# where, and what goes when the interface or its adapter goes.
# hosts: 2
. tools/lib/guest.sh
. tools/e2e/hypervisor.sh

MAC=00:02:c9:43:3b:f1
AUTOMATIC=/sys/module/eth_ipoib/parameters/automatic

c1() {
	ip -n c1 "$@"
}

# vifs_are PIF LINE...: as a container's own sysfs shows them.
vifs_are() {
	local pif=$1 got
	shift

	got=$(ip netns exec c1 cat "/sys/class/net/$pif/eth/vifs" | sort)
	[[ $got == "$(printf '%s\n' "$@" | sort)" ]] || {
		echo "$got"
		return 1
	}
}

# has_pifs NETNS [NAMES]: these and no others.
has_pifs() {
	local got

	got=$(ip -n "$1" -j -d link show |
		jq -r '[.[] | select(.linkinfo.info_kind == "eipoib") | .ifname] | join(" ")')
	[[ $got == "${2-}" ]] || {
		echo "$got"
		return 1
	}
}

reaches() {
	wait_until 20 ip netns exec "$1" ping -n -q -c 1 -W 1 "$2"
}

ip netns add c1
ok "eth4 is there" rename_pif 1
ok "with its own VIF" h1 -batch - <<- END
	link add link ib0 name ib0.1 type ipoib index 1
	link set dev ib0.1 master eth4
	link set dev eth4 vif ib0.1 mac $MAC
END
ip -n h2 addr add 10.0.0.2/24 dev ib0
ok "which comes up" wait_until 30 vifs_have_carrier 1 ib0.1 eth4

# The PIF in a container, its VIF and all of InfiniBand outside.
ok "the PIF moves" eval 'h1 link set dev eth4 netns c1 && c1 link set dev eth4 up &&
	c1 addr add 10.0.0.1/24 dev eth4'
ok "traffic" reaches c1 10.0.0.2
ok "its VIF has stayed, enslaved" eval '[[ $(h1 link show dev ib0.1) == *SLAVE* ]]'
ok "and is listed" vifs_are eth4 "SLAVE=ib0.1      MAC=$MAC VLAN=N/A"
like "ip shows that ib0 is elsewhere" 'link-netns(id)? ' c1 link show dev eth4
ok "another MAC, and the VIF outside follows" eval \
	'c1 link set dev eth4 address 02:00:00:00:00:77 &&
		vifs_are eth4 "SLAVE=ib0.1      MAC=02:00:00:00:00:77 VLAN=N/A"'
ok "traffic" reaches c1 10.0.0.2
index=$(host 1 cat /sys/class/net/ib0.1/ifindex)
like "from inside there is no such VIF to change" '^ENODEV: .*Not a VIF' \
	ip netns exec c1 tools/e2e/rtnl.py set eth4 \
	"18[1=s:eipoib 2[1[1=u32:$index 2=x:525400000001]]]"
like "nor from outside such a PIF" '^(ENODEV|EOPNOTSUPP): ' \
	ip netns exec h1 tools/e2e/rtnl.py set eth4 \
	"18[1=s:eipoib 2[1[1=u32:$index 2=x:525400000001]]]"
ok "nothing has changed" vifs_are eth4 "SLAVE=ib0.1      MAC=02:00:00:00:00:77 VLAN=N/A"
ok "outside it can be released" h1 link set dev ib0.1 nomaster
ok "and is" vifs_are eth4 ""
ok "but not enslaved" eval '! h1 link set dev ib0.1 master eth4'

# A clone of its own in the container: all of it can be done there.
ok "a clone in the container" h1 link add link ib0 name ib0.2 netns c1 type ipoib index 2
ok "becomes a VIF there" c1 -batch - <<- END
	link set dev ib0.2 master eth4
	link set dev eth4 vif ib0.2 mac 02:00:00:00:00:77
END
ok "traffic" reaches c1 10.0.0.2
ok "the PIF moves home, without its VIF" c1 link set dev eth4 netns h1
ok "which is still its VIF" eval '[[ $(host 1 cat /sys/class/net/eth4/eth/vifs) == "SLAVE=ib0.2      MAC=02:"* ]]'
ok "and stays it in a third namespace, or in none" eval 'ip netns del c1 &&
	wait_until 20 eval "[[ -z \$(host 1 cat /sys/class/net/eth4/eth/vifs) ]]"'
ok "the first one is enslaved again, and bound" h1 -batch - <<- END
	link set dev eth4 up
	addr add 10.0.0.1/24 dev eth4
	link set dev ib0.1 master eth4
	link set dev eth4 vif ib0.1 mac 02:00:00:00:00:77
END
ok "traffic" reaches h1 10.0.0.2

# A name that is taken.
ip netns add c1
c1 link add eth4 type dummy
fails "it does not move where its name is taken" h1 link set dev eth4 netns c1
ok "and works on" reaches h1 10.0.0.2
ok "with another name it moves" h1 link set dev eth4 netns c1 name eth5

# ib0 moves while its PIF is somewhere else.
ok "ib0 moves" h1 link set dev ib0 netns h2 name ib1
ok "the PIF in the container is gone" wait_until 10 has_pifs c1
ok "there is one where ib0 went" eval '(($(ip -n h2 -j -d link show | jq "[.[] | select(
	.linkinfo.info_kind == \"eipoib\")] | length") == 2))'
ok "the VIF is a clone again" eval '[[ $(h1 link show dev ib0.1) != *SLAVE* ]]'
echo N > "$AUTOMATIC"
ok "back again, where PIFs are made by hand" ip -n h2 link set dev ib1 netns h1 name ib0
ok "there is none" has_pifs h1
echo Y > "$AUTOMATIC"
ok "one in the container, above ib0 here" h1 link add link ib0 name eth6 netns c1 type eipoib
ok "is there" has_pifs c1 eth6
ok "with a VIF" c1 -batch - <<- END
	link set dev eth6 up
	addr add 10.0.0.1/24 dev eth6
END
ok "made here, moved and enslaved there" eval 'h1 link set dev ib0 up &&
	h1 link set dev ib0.1 netns c1 && c1 link set dev ib0.1 master eth6 &&
	c1 link set dev eth6 vif ib0.1 mac $MAC'
ok "traffic" reaches c1 10.0.0.2

# The adapter goes while the container talks.
ip netns exec c1 ping -f -q 10.0.0.2 > /dev/null 2>&1 &
flood=$!
before=$(ip netns exec c1 cat /sys/class/net/eth6/statistics/rx_packets)
ok "much traffic" wait_until 30 eval \
	"((\$(ip netns exec c1 cat /sys/class/net/eth6/statistics/rx_packets) > $before + 200))"
kill "$(< /run/opensm/pid)"
ok "the adapter goes" wait_until 20 rmmod vib
kill "$flood"
ok "and the PIF" has_pifs c1
ok "and the clone" eval '! c1 link show dev ib0.1'
ok "nothing is held" eval 'rmmod ib_ipoib && (($(< /sys/module/eth_ipoib/refcnt) == 0)) && rmmod eth_ipoib'
done_testing
