#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Every request that must be refused: the errno, a sentence that says what to do, and nothing
# changed.
# hosts: 2
# vm: --partitions tools/e2e/vlan3.partitions
. tools/lib/guest.sh
. tools/e2e/hypervisor.sh

# Attribute numbers of <linux/if_link.h> and <linux/eipoib.h>.
IFLA_LINK=5 IFLA_MASTER=10 IFLA_LINKINFO=18 INFO_KIND=1 INFO_DATA=2
VIF=1 VIF_IFINDEX=1 VIF_MAC=2 VIF_VLAN=3 VIF_FLAGS=5 VIF_NONE=6
ANY=1 STICKY=2 CONTESTED=4

# rtnl add|set NAME ATTRIBUTES: on host 1.
rtnl() {
	host 1 tools/e2e/rtnl.py "$@"
}

# What an administrator sees, without what changes by itself.
state() {
	ip -n h1 -d -j link show | jq -c 'sort_by(.ifname)[] |
		del(.stats64, .stats, .linkinfo.info_data.peer_count)'
	host 1 cat /sys/class/net/eth4/eth/vifs
}

# refused TEXT REGEX CMD...: CMD prints "ERRNO: sentence" that matches, and nothing changes.
refused() {
	local text=$1 regex=$2 before after output
	shift 2

	before=${STATE:-$(state)}
	output=$("$@" 2>&1)
	after=$(state)
	STATE=$after
	if [[ ! $output =~ ^$regex ]]; then
		tap_result "$text" 1 "$*: should say $regex
$output"
	elif [[ $before != "$after" ]]; then
		tap_result "$text" 1 "$(diff <(echo "$before") <(echo "$after"))"
	else
		tap_result "$text" 0
	fi
}

# accepted TEXT CMD...: CMD prints "ok".
accepted() {
	STATE=
	like "$1" '^ok$' "${@:2}"
}

# enslave CLONE [PIF]
enslave() {
	rtnl set "$1" "$IFLA_MASTER=dev:${2:-eth4}"
}

# linkinfo [ATTRIBUTES]: kind eipoib with these in its IFLA_INFO_DATA.
linkinfo() {
	echo "${IFLA_LINKINFO}[$INFO_KIND=s:eipoib ${1:+${INFO_DATA}[$1]}]"
}

# vif PIF ATTRIBUTES-OF-THE-VIF
vif() {
	rtnl set "$1" "$(linkinfo "${VIF}[$2]")"
}

# bind CLONE MAC [VLAN]: VLAN may be out of range.
bind() {
	vif eth4 "$VIF_IFINDEX=dev:$1 $VIF_MAC=x:$2 ${3:+$VIF_VLAN=u16:$3}"
}

# bind_any CLONE [ATTRIBUTES]
bind_any() {
	vif eth4 "$VIF_IFINDEX=dev:$1 $VIF_FLAGS=u32:$ANY ${2-}"
}

# unbind CLONE [ATTRIBUTES]
unbind() {
	vif eth4 "$VIF_IFINDEX=dev:$1 $VIF_NONE=x: ${2-}"
}

# clone NAME ARGS...
clone() {
	local name=$1
	shift

	ip -n h1 link add link "${PARENT:-ib0}" name "$name" type ipoib "$@"
}

# sysfs_master TEXT FILE, brctl_master BRIDGE CLONE: ways to a master that do not release from the
# old one first, as rtnetlink's does.
sysfs_master() {
	host 1 python3 -c '
import errno, sys
try:
    with open(sys.argv[2], "w") as file:
        file.write(sys.argv[1])
except OSError as error:
    print(errno.errorcode[error.errno] + ": ")
' "$@"
}

brctl_master() {
	host 1 brctl addif "$@" 2>&1 | sed -n 's/.*\(Invalid argument\|Device or resource busy\|t add\).*/EINVAL: \1/p'
}

# A second IPoIB interface on host 1, so that there are clones of another parent. Its PIF gets
# the first free name.
ip -n h2 link set dev ib0 netns h1 name ib1
rename_pif 1
wait_until 10 pif 1 > /dev/null
other_pif() {
	local dev

	for dev in $(host 1 ls /sys/class/net); do
		[[ $(host 1 ethtool -i "$dev" 2> /dev/null) == *"eth_ipoib:ib1"* ]] && echo "$dev"
	done
}
ok "a second IPoIB interface brings its own PIF" test "$(other_pif)"
eth5=$(other_pif)

ip -n h1 link add veth0 type veth peer name veth1
ip -n h1 link add br0 type bridge
ip -n h1 link add bond0 type bond mode active-backup
for i in 1 2 3 4; do
	clone "ib0.$i" index "$i"
done
clone ib0.8003 pkey 0x8003
clone ib0.8003.1 pkey 0x8003 index 1
clone ib0.8004 pkey 0x8004
PARENT=ib1 clone ib1.1 index 1
for dev in ib0.1 ib0.2 ib0.8003 ib0.8003.1 ib0.8004; do
	accepted "$dev is enslaved" enslave "$dev"
done
accepted "ib0.1 gets its MAC" bind ib0.1 0002c9433bf1
accepted "ib0.8003 gets its MAC and VLAN" bind ib0.8003 0002c9433bf1 3
accepted "ib0.4 is enslaved" enslave ib0.4
accepted "and is for any MAC" bind_any ib0.4

refused "a veth is no clone" 'EOPNOTSUPP: .*ip link add' enslave veth0
refused "nor is the IPoIB interface itself" 'EOPNOTSUPP: .*clone' enslave ib0
refused "nor is another PIF" 'EOPNOTSUPP: .*ip link add' enslave "$eth5"
refused "a clone of another parent" 'EINVAL: .*another IPoIB interface' enslave ib1.1
refused "a PIF does not enslave a clone of a stranger either" \
	'EINVAL: .*another IPoIB interface' enslave ib0.3 "$eth5"
refused "a VIF to a second master: a bond" 'EBUSY: ' \
	sysfs_master "+ib0.1" /sys/class/net/bond0/bonding/slaves
refused "a VIF to a second master: a bridge, by ioctl" 'E[A-Z]+: ' brctl_master br0 ib0.1

refused "vif on a clone that is not enslaved" 'E[A-Z]+: .*master' bind ib0.3 525400000003
refused "vif on a clone of another interface" 'E[A-Z]+: .*master' bind ib1.1 525400000003
refused "vif on what is no clone" 'E[A-Z]+: .*master' bind veth0 525400000003
refused "a multicast MAC" 'EINVAL: .*unicast' bind ib0.2 01005e000001
refused "the broadcast MAC" 'EINVAL: .*unicast' bind ib0.2 ffffffffffff
refused "a zero MAC" 'EINVAL: .*unicast' bind ib0.2 000000000000
refused "a MAC of 5 bytes" 'E[A-Z]+: .' bind ib0.2 0002c9433b
refused "a MAC of 7 bytes" 'E[A-Z]+: .' bind ib0.2 0002c9433bf100
refused "a MAC of 20 bytes" 'E[A-Z]+: .' bind ib0.2 0002c9433bf10002c9433bf10002c9433bf10002c943
refused "no MAC" 'EINVAL: .' vif eth4 "$VIF_IFINDEX=dev:ib0.2"
refused "no clone" 'EINVAL: .' vif eth4 "$VIF_MAC=x:525400000002"
refused "VLAN 0" 'E(INVAL|RANGE): .' bind ib0.8003.1 525400000002 0
refused "VLAN 4095" 'E(INVAL|RANGE): .' bind ib0.8003.1 525400000002 4095
refused "VLAN 65535" 'E(INVAL|RANGE): .' bind ib0.8003.1 525400000002 65535
refused "a second VLAN for a P_Key" 'EINVAL: .*P_Key' bind ib0.8003.1 525400000002 4
refused "no VLAN for a P_Key that has one" 'EINVAL: .*P_Key' bind ib0.8003.1 525400000002
refused "a second P_Key for a VLAN" 'EINVAL: .*P_Key' bind ib0.8004 525400000002 3
refused "a second P_Key for untagged" 'EINVAL: .*P_Key' bind ib0.8004 525400000002
refused "(MAC, VLAN) of another VIF" 'EINVAL: .*MAC and VLAN' bind ib0.2 0002c9433bf1
refused "(MAC, VLAN) of another VIF, tagged" 'EINVAL: .*MAC and VLAN' \
	bind ib0.8003.1 0002c9433bf1 3
refused "a second VIF for any MAC" 'EINVAL: .*MAC and VLAN' bind_any ib0.2
refused "any MAC, and one" 'EINVAL: .*any' bind_any ib0.2 "$VIF_MAC=x:525400000002"
refused "any MAC of VLAN 0" 'EINVAL: .*VLAN' bind_any ib0.8003.1 "$VIF_VLAN=u16:0"
refused "any MAC on a P_Key with another VLAN" 'EINVAL: .*P_Key' \
	bind_any ib0.8003.1 "$VIF_VLAN=u16:4"
refused "a sticky VIF for any MAC" 'EINVAL: .*stick' \
	vif eth4 "$VIF_IFINDEX=dev:ib0.2 $VIF_FLAGS=u32:$((ANY | STICKY))"
refused "sticky without a MAC" 'EINVAL: .' vif eth4 "$VIF_IFINDEX=dev:ib0.2 $VIF_FLAGS=u32:$STICKY"
refused "a flag that is only shown" 'E[A-Z]+: .' vif eth4 \
	"$VIF_IFINDEX=dev:ib0.2 $VIF_MAC=x:525400000002 $VIF_FLAGS=u32:$CONTESTED"
refused "a flag nobody knows" 'E[A-Z]+: .' vif eth4 \
	"$VIF_IFINDEX=dev:ib0.2 $VIF_MAC=x:525400000002 $VIF_FLAGS=u32:0x80000000"
refused "nothing, and a MAC" 'EINVAL: .' unbind ib0.1 "$VIF_MAC=x:525400000002"
refused "nothing, and a VLAN" 'EINVAL: .' unbind ib0.8003 "$VIF_VLAN=u16:3"
refused "nothing, and a flag" 'EINVAL: .' unbind ib0.1 "$VIF_FLAGS=u32:$ANY"
refused "nothing for a clone that is not enslaved" 'ENODEV: .*master' unbind ib0.3
refused "an attribute nobody knows" 'EINVAL: .' \
	vif eth4 "$VIF_IFINDEX=dev:ib0.2 $VIF_MAC=x:525400000002 77=u32:1"
refused "a good VIF beside a bad one changes neither" 'E[A-Z]+: ' \
	rtnl set eth4 "$(linkinfo "${VIF}[$VIF_IFINDEX=dev:ib0.2 $VIF_MAC=x:525400000002] \
		${VIF}[$VIF_IFINDEX=dev:ib0.1 $VIF_MAC=x:000000000000]")"

refused "a second PIF above ib0" 'EEXIST: .' \
	rtnl add eth9 "$IFLA_LINK=dev:ib0 $(linkinfo)"
refused "a PIF above a clone" 'E[A-Z]+: .' \
	rtnl add eth9 "$IFLA_LINK=dev:ib0.3 $(linkinfo)"
refused "a PIF above a veth" 'E[A-Z]+: .' \
	rtnl add eth9 "$IFLA_LINK=dev:veth0 $(linkinfo)"
refused "a PIF above nothing" 'EINVAL: .' rtnl add eth9 "$(linkinfo)"

# rtnetlink releases a clone from its master before it asks the new one, so all that can be kept is
# order: the clone is free, and can be taken back.
STATE=
like "another PIF refuses the VIF" 'EINVAL: .*another IPoIB interface' enslave ib0.1 "$eth5"
ok "which is free then" eval '[[ $(ip -n h1 link show dev ib0.1) != *master* ]]'
accepted "and can be enslaved again" enslave ib0.1
accepted "and bound" bind ib0.1 0002c9433bf1
like "a bridge refuses it" 'EINVAL: ' enslave ib0.1 br0
ok "and it is free then" eval '[[ $(ip -n h1 link show dev ib0.1) != *master* ]]'
accepted "and can be taken back" enslave ib0.1
accepted "with its MAC" bind ib0.1 0002c9433bf1

# What was refused would have been accepted had it been right.
accepted "the rest of it is fine" bind ib0.2 525400000002
accepted "sticky, too" vif eth4 \
	"$VIF_IFINDEX=dev:ib0.2 $VIF_MAC=x:525400000002 $VIF_FLAGS=u32:$STICKY"
accepted "a VIF can be freed" unbind ib0.4
accepted "again" unbind ib0.4
accepted "and have a MAC of its own" bind ib0.4 525400000004
accepted "which makes room for another one for any MAC" bind_any ib0.2
accepted "and with its VLAN" bind ib0.8003.1 525400000002 3
accepted "and the other P_Key with another" bind ib0.8004 525400000002 4
done_testing
