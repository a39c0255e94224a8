#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Peers as `bridge fdb` shows and makes them: guests on two hypervisors and a plain host, static
# entries that carry traffic, and what is refused.
# hosts: 3
# vm: --partitions tools/e2e/vlan3.partitions
. tools/lib/guest.sh
. tools/translate/topology.sh

ALIAS=52:54:00:aa:aa:30 HEARD=/run/heard

# fdb VERB ARGS...: on hypervisor 1, with Debian's own bridge(8).
fdb() {
	host 1 bridge fdb "$@"
}

# entry MAC [VLAN]: the line of one.
entry() {
	fdb show dev eth4 | grep "^$1 dst [^ ]* ${2:+vlan $2 }vni "
}

# gid N [DEVICE]: of host N's port. As bridge(8) writes it.
gid() {
	python3 -c 'import ipaddress, sys
print(ipaddress.IPv6Address(bytes.fromhex(sys.argv[1].replace(":", "")[8:])))' \
		"$(host "$1" cat "/sys/class/net/${2:-ib0}/address")"
}

# qpn N [DEVICE]
qpn() {
	local address

	address=$(host "$1" cat "/sys/class/net/${2:-ib0}/address") && address=${address//:/}
	echo "$((16#${address:2:6}))"
}

# state: what must not change by a request that is refused. Peers are learnt meanwhile.
state() {
	fdb show dev eth4 | grep -v extern_learn | sort
	host 1 cat /sys/class/net/eth4/eth/vifs
}

# refused TEXT REGEX CMD...: CMD says why, and nothing changes.
refused() {
	local text=$1 regex=$2 before after output status=0
	shift 2

	before=$(state)
	output=$("$@" 2>&1) || status=$?
	after=$(state)
	if [[ $status == 0 && $output != E* ]] || [[ ! $output =~ $regex ]]; then
		tap_result "$text" 1 "$*: should say $regex
$output"
	elif [[ $before != "$after" ]]; then
		tap_result "$text" 1 "$(diff <(echo "$before") <(echo "$after"))"
	else
		tap_result "$text" 0
	fi
}

# raw VERB MAC STATE FLAGS [ATTRIBUTE...]: a request that bridge(8) would not send.
raw() {
	host 1 tools/manage/neigh.py "$1" eth4 "${@:2}"
}

# json_is JQ: true of the list of all entries.
json_is() {
	fdb -j show dev eth4 | jq -e "$1" > /dev/null || {
		fdb -j show dev eth4
		return 1
	}
}

# pings_by_alias: what guest 11 sends to the alias reaches the plain host.
pings_by_alias() {
	ip -n g11 neigh replace 10.0.0.30 lladdr "$ALIAS" dev eth0 nud permanent &&
		pings g11 10.0.0.30 -s 1400
}

for n in 1 2; do
	must "hypervisor $n" eval "hypervisor $n && guest ${n}1 && vlan_bridge $n && vlan_guest ${n}1"
done
must "a plain host" addresses h3 ib0 30
must "all VIFs come up" await_vifs 1 2
gid2=$(gid 2) gid3=$(gid 3) qpn3=$(qpn 3) remac=$(remac 3)

ok "guest 11 talks to guest 21" pings g11 10.0.0.21
ok "and in VLAN 3" pings g11 10.3.0.21
ok "and to a plain host" pings g11 10.0.0.30
like "the guest is there under its MAC, with GID and QPN" \
	"^$(mac 21) dst $gid2 vni $(qpn 2 ib0.2) self extern_learn" entry "$(mac 21)"
like "and in VLAN 3" "^$(mac 21) dst $gid2 vlan 3 vni $(qpn 2 ib0.8003.1) self extern_learn" \
	entry "$(mac 21)" 3
like "the plain host is there under its REMAC" "^$remac dst $gid3 vni $qpn3 self extern_learn" \
	entry "$remac"
ok "as JSON" json_is "any(.[]; .mac == \"$remac\" and .dst == \"$gid3\" and .vni == $qpn3 and
	(.flags | index(\"self\")) and (.flags | index(\"extern_learn\")))"
like "with ages" 'used [0-9]+/[0-9]+' host 1 bridge -s fdb show dev eth4
like "one can be asked for" "^$remac dev eth4 dst $gid3 vni $qpn3" fdb get "$remac" dev eth4 self
like "in VLAN 3, too" "dst $gid2 vlan 3" fdb get "$(mac 21)" vlan 3 dev eth4 self
refused "one that is not there cannot" 'No peer' fdb get 52:54:00:00:00:99 dev eth4 self

# Static entries.
host 1 tools/manage/neigh.py listen >> "$HEARD" &
listener=$!
must "somebody listens" wait_until 10 grep -q listening "$HEARD"
ok "a static entry for a MAC of ours" \
	fdb add "$ALIAS" dev eth4 dst "$gid3" vni "$qpn3" self static
like "is shown" "^$ALIAS dst $gid3 vni $qpn3 self static" entry "$ALIAS"
ok "and told of" wait_until 5 grep -q \
	" new eth4 $ALIAS dst $gid3 vni $qpn3 state 64 flags 2" "$HEARD"
ok "what goes there reaches the plain host" pings_by_alias
ok "a neighbour learnt anew does not change it" eval 'ip -n g11 neigh del 10.0.0.30 dev eth0;
	pings g11 10.0.0.30 && [[ $(entry "$ALIAS") == *static* ]]'

# Guest 21 claims it.
ok "another peer announces the MAC" eval 'ip -n g21 link set eth0 address "$ALIAS" &&
	ip -n h2 link set dev eth4 vif ib0.2 mac "$ALIAS" && pings g21 10.0.0.10'
like "the entry stays" "^$ALIAS dst $gid3 vni $qpn3 self static" entry "$ALIAS"
ok "and goes where it went" pings_by_alias
ok "the other peer gets its MAC back" eval 'ip -n g21 link set eth0 address "$(mac 21)" &&
	ip -n h2 link set dev eth4 vif ib0.2 mac "$(mac 21)"'
ok "and talks to guest 11" eval 'ip -n g11 neigh flush dev eth0; ip -n g21 neigh flush dev eth0;
	wait_until 10 in_guest 21 ping -c 1 -W 1 10.0.0.11'

# To a peer that nobody has heard of: the path is found by its GID.
ok "the PIF forgets everything" fdb flush dev eth4
ok "really" eval '! entry "$ALIAS" && ! entry "$remac"'
ok "and says so of what was static" wait_until 5 grep -q \
	" del eth4 $ALIAS dst $gid3 vni $qpn3 state 64 flags 2" "$HEARD"
ok "a permanent entry" fdb add "$ALIAS" dev eth4 dst "$gid3" vni "$qpn3" self permanent
like "is shown" "^$ALIAS dst $gid3 vni $qpn3 self permanent" entry "$ALIAS"
ok "and carries traffic at once" pings_by_alias
ok "it can be replaced" fdb replace "$ALIAS" dev eth4 dst "$gid2" vni "$(qpn 2 ib0.2)" self static
like "by another" "^$ALIAS dst $gid2 vni $(qpn 2 ib0.2) self static" entry "$ALIAS"
ok "and deleted" fdb del "$ALIAS" dev eth4
refused "once" 'No peer' fdb del "$ALIAS" dev eth4
ok "in VLAN 3, too" fdb add "$ALIAS" dev eth4 dst "$gid2" vni "$(qpn 2 ib0.8003.1)" vlan 3 self static
like "it is shown there" "^$ALIAS dst $gid2 vlan 3" entry "$ALIAS" 3
ok "and not elsewhere" eval '! entry "$ALIAS"'
ok "a flush of the static ones" fdb flush dev eth4 static
ok "leaves the others" eval '! entry "$ALIAS" 3 && pings g11 10.0.0.21 && entry "$(mac 21)"'
ok "guest 21 falls silent" ip -n h2 link set dev v21 down
ok "what was learnt can be deleted" eval 'fdb del "$(mac 21)" dev eth4 && ! entry "$(mac 21)"'
ok "and is learnt again" eval 'ip -n h2 link set dev v21 up && pings g21 10.0.0.11 && wait_until 10 entry "$(mac 21)"'
kill "$listener"

# What is refused.
add=(fdb add "$ALIAS" dev eth4 self)
where=("dst=$gid3" "vni=u32:$qpn3")
refused "append" 'peer|supported' fdb append "$ALIAS" dev eth4 dst "$gid3" vni "$qpn3" self static
refused "no dst" 'dst GID' "${add[@]}" vni "$qpn3" static
refused "no vni" 'dst GID' "${add[@]}" dst "$gid3" static
refused "an IPv4 address" '16 bytes' "${add[@]}" dst 10.0.0.1 vni "$qpn3" static
refused "a group GID" 'GID' "${add[@]}" dst ff12::1 vni "$qpn3" static
refused "no GID" 'GID' "${add[@]}" dst :: vni "$qpn3" static
refused "queue pair 1" 'queue pair' "${add[@]}" dst "$gid3" vni 1 static
refused "queue pair 0xffffff" 'queue pair' "${add[@]}" dst "$gid3" vni 16777215 static
refused "a dynamic entry" 'static' "${add[@]}" dst "$gid3" vni "$qpn3" dynamic
refused "a VLAN without a VIF" 'VLAN' "${add[@]}" dst "$gid3" vni "$qpn3" vlan 4 static
refused "the MAC of a VIF" 'VIF' fdb add "$(mac 11)" dev eth4 dst "$gid3" vni "$qpn3" self static
refused "a VIF's own address" 'clone' "${add[@]}" dst "$(gid 1)" vni "$(qpn 1 ib0.2)" static
refused "a group MAC" 'MAC' fdb add 01:00:5e:00:00:01 dev eth4 dst "$gid3" vni "$qpn3" self static
refused "a port" 'nothing else' "${add[@]}" dst "$gid3" vni "$qpn3" port 5 static
refused "an interface" 'nothing else' "${add[@]}" dst "$gid3" vni "$qpn3" via lo static
refused "another VNI" 'nothing else' "${add[@]}" dst "$gid3" vni "$qpn3" src_vni 5 static
refused "use" 'flags' "${add[@]}" dst "$gid3" vni "$qpn3" use static
refused "sticky" 'flags' "${add[@]}" dst "$gid3" vni "$qpn3" sticky static
refused "a MAC of 5 bytes" 'EINVAL: .' raw add 525400aaaa 64 2 "${where[@]}"
refused "a MAC of 20 bytes" 'EINVAL: .' raw add 525400aaaaaa525400aaaaaa525400aaaaaa5254 64 2 "${where[@]}"
refused "no state" 'EINVAL: .*static' raw add 525400aaaa30 0 2 "${where[@]}"
refused "every state" 'EINVAL: .*static' raw add 525400aaaa30 65535 2 "${where[@]}"
refused "every flag" 'EINVAL: .*flags' raw add 525400aaaa30 64 251 "${where[@]}"
refused "a GID of 15 bytes" 'EINVAL: .*16 bytes' raw add 525400aaaa30 64 2 \
	dst=x:fe8000000000000000000000000000 "vni=u32:$qpn3"
refused "a GID of 17 bytes" 'EINVAL: .*16 bytes' raw add 525400aaaa30 64 2 \
	dst=x:fe800000000000000000000000000000ff "vni=u32:$qpn3"
refused "a GID of none" 'EINVAL: .*16 bytes' raw add 525400aaaa30 64 2 dst=x: "vni=u32:$qpn3"
refused "a QPN of 2 bytes" 'EINVAL: .*24 bits' raw add 525400aaaa30 64 2 "dst=$gid3" vni=u16:5
refused "a QPN of 8 bytes" 'EINVAL: .*24 bits' raw add 525400aaaa30 64 2 "dst=$gid3" \
	vni=x:0500000000000000
refused "a QPN of 25 bits" 'EINVAL: .*24 bits' raw add 525400aaaa30 64 2 "dst=$gid3" \
	vni=u32:0x1000005
refused "a VLAN of 4 bytes" 'EINVAL: .' raw add 525400aaaa30 64 2 "${where[@]}" vlan=u32:3
refused "VLAN 0" 'EINVAL: .' raw add 525400aaaa30 64 2 "${where[@]}" vlan=u16:0
refused "VLAN 4095" 'EINVAL: .' raw add 525400aaaa30 64 2 "${where[@]}" vlan=u16:4095
refused "a protocol" 'EINVAL: .*nothing else' raw add 525400aaaa30 64 2 "${where[@]}" 12=u8:1
refused "extended flags" 'EINVAL: .*nothing else' raw add 525400aaaa30 64 2 "${where[@]}" 15=u32:0
refused "to delete by dst" 'nothing else' fdb del "$ALIAS" dev eth4 dst "$gid3"
refused "to delete what is not there" 'No peer' fdb del 52:54:00:00:00:99 dev eth4
refused "to replace what is not there by change" 'ENOENT: .' raw change 525400aaaa30 64 2 "${where[@]}"
ok "a static entry in a VIF's way" \
	fdb add 52:54:00:aa:aa:31 dev eth4 dst "$gid3" vni "$qpn3" self static
refused "a second one with add" 'replace' \
	fdb add 52:54:00:aa:aa:31 dev eth4 dst "$gid2" vni "$qpn3" self static
refused "the VIF" 'static entry' ip -n h1 link set dev eth4 vif ib0.2 mac 52:54:00:aa:aa:31
done_testing
