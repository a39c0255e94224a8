#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# One hypervisor configured and looked at with Debian's ip and our plugins, and with the patched
# ip: what each accepts, shows and says, and that both show the same.
# hosts: 2
# vm: --partitions tools/e2e/vlan3.partitions
. tools/lib/guest.sh
. tools/e2e/hypervisor.sh

PATCHED=$(type -P ip)
STOCK=/usr/sbin/ip
PLUGINS=${PATCHED%/*}

# stock ARGS...: Debian's ip with the plugins, patched ARGS...: ours without them.
stock() {
	IP_LIB_DIR=$PLUGINS "$STOCK" -n h1 "$@"
}

patched() {
	IP_LIB_DIR=/nonexistent "$PATCHED" -n h1 "$@"
}

# by_type ARGS..., by_keyword ARGS...: the two ways to say what VIF is to be.
by_type() {
	"$IP" link set dev eth4 type eipoib vif "$@"
}

by_keyword() {
	"$IP" link set dev eth4 vif "$@"
}

# show OPTIONS... of the PIF, and of one VIF.
show() {
	"$IP" "$@" link show dev eth4
}

show_vif() {
	"$IP" -d -j link show dev "$1" | jq -c '.[0].linkinfo.info_slave_data | del(.qpn)'
}

# is TEXT WANT CMD...: CMD prints exactly WANT.
is() {
	local text=$1 want=$2 got
	shift 2

	got=$("$@" 2>&1)
	[[ $got == "$want" ]]
	tap_result "$IP: $text" $? "got: $got
want: $want"
}

# says TEXT REGEX CMD...: CMD fails and what it prints matches.
says() {
	local text=$1 regex=$2 output status=0
	shift 2

	output=$("$@" 2>&1) || status=$?
	((status > 0 && status < 126)) && [[ $output =~ $regex ]]
	tap_result "$IP: $text" $? "$*: status $status, should say $regex
$output"
}

# good TEXT CMD...
good() {
	ok "$IP: $1" "${@:2}"
}

# clone NAME ARGS...: an enslaved one.
clone() {
	"$IP" link add link ib0 name "$1" type ipoib "${@:2}" && "$IP" link set dev "$1" master eth4
}

# info FILTER: of the PIF's own data.
info() {
	show -d -j | jq -c ".[0].linkinfo.info_data | $1"
}

# configure: everything that an administrator can say, with $IP and $BIND.
configure() {
	says "too few end points" 'Error: .*16' \
		"$IP" link add link ib0 name eth4 type eipoib max_peers 15
	good "a PIF" "$IP" link add link ib0 name eth4 type eipoib max_peers 1000
	is "without a VIF" '{"max_peers":1000,"peer_count":0,"vif_count":0}' info .
	like "$IP: in text" ' eipoib max_peers 1000 peers 0 vifs 0 ' show -d
	"$IP" link set dev eth4 up
	good "a clone by index" clone ib0.1 index 1
	good "by P_Key" clone ib0.8003 pkey 0x8003
	good "by all of it" clone ib0.2 mode datagram index 2 umcast 1 pkey 0xffff
	is "which it shows" '{"index":2,"key":"0xffff","mode":"datagram","umcast":"0001"}' \
		eval '"$IP" -d -j link show dev ib0.2 | jq -c ".[0].linkinfo.info_data"'
	clone ib0.9 index 9
	is "a VIF that is bound to nothing" '{}' show_vif ib0.9
	good "the PIF's own VIF" "$BIND" ib0.1 mac 00:02:C9:43:3B:F1
	good "one on a VLAN" "$BIND" ib0.8003 mac 52:54:00:DE:3A:23 vlan 3
	good "one that sticks" "$BIND" ib0.2 mac 52:54:00:67:E9:BD sticky on
	good "one for any MAC" "$BIND" ib0.9 mac any
	is "its own" '{"mac":"00:02:c9:43:3b:f1"}' show_vif ib0.1
	is "that on a VLAN" '{"mac":"52:54:00:de:3a:23","vlan":3}' show_vif ib0.8003
	is "that which sticks" '{"mac":"52:54:00:67:e9:bd","sticky":true}' show_vif ib0.2
	is "that for any MAC" '{"mac":"any"}' show_vif ib0.9
	is "all of them, with the PIF" '["eth4",4,[["ib0.1","00:02:c9:43:3b:f1",null,null],'`
		`'["ib0.2","52:54:00:67:e9:bd",null,true],["ib0.8003","52:54:00:de:3a:23",3,null],'`
		`'["ib0.9","any",null,null]]]' eval 'show -d -j | jq -c "[.[0].ifname] +
			(.[0].linkinfo.info_data | [.vif_count, ([.vifs[] |
			[.ifname, .mac, .vlan, .sticky]] | sort)])"'
	is "and by master" 'ib0.1 ib0.2 ib0.8003 ib0.9' eval \
		'"$IP" -j link show master eth4 | jq -r "[.[].ifname] | sort | join(\" \")"'
}

# refusals: the kernel's sentence reaches the one who asked.
refusals() {
	says "a MAC that a VIF has" 'Error: .*MAC and VLAN' "$BIND" ib0.1 mac 52:54:00:67:E9:BD
	says "a group address" 'Error: .*unicast' "$BIND" ib0.1 mac 01:00:5e:00:00:01
	says "a clone that is not enslaved" 'Error: .*master' "$BIND" ib0 mac any
	says "VLAN 4095" 'Error: ' "$BIND" ib0.1 mac any vlan 4095
	says "fewer end points later" 'Error: .*made' \
		"$IP" link set dev eth4 type eipoib max_peers 2000
	says "a VIF at birth" 'Error: ' "$IP" link add link ib0 type eipoib vif ib0.1 mac any
	says "index 0" 'Error: .*65535' "$IP" link add link ib0 name ib0.x type ipoib index 0
	says "what belongs to the PIF" 'at its master' "$IP" link set dev ib0.1 type eipoib_slave mac any
	is "nothing has changed" '{"mac":"00:02:c9:43:3b:f1"}' show_vif ib0.1
}

# unbind: and what goes when it is set anew.
unbind() {
	good "not sticky" "$BIND" ib0.2 mac 52:54:00:67:E9:BD
	is "shown" '{"mac":"52:54:00:67:e9:bd"}' show_vif ib0.2
	good "nothing" "$BIND" ib0.9 none
	is "shown" '{}' show_vif ib0.9
	printf 'link set dev eth4 type eipoib vif %s\n' "ib0.8003 none" "ib0.2 none" > /run/batch
	good "several from a file" "$IP" -batch /run/batch
	is "shown" '["ib0.1"]' info '[.vifs[] | select(.mac) | .ifname]'
}

# all_shown FUNCTION: all that $FUNCTION shows, without the numbers that change by themselves.
all_shown() {
	local options

	for options in '' -d '-d -s' '-d -o' '-d -j' '-d -s -j' '-d -p -j'; do
		# shellcheck disable=SC2086
		"$1" $options link show | sed -E '/^ *[0-9]+( +[0-9]+)* *$/d
			s/"(rx|tx)":\{[^}]*\}/"\1":{}/g
			s/(peers |peer_count": ?|[rt]x_dropped[": ]+)[0-9]+/\1N/g' || return
	done
	"$1" link help eipoib
}

same_shown() {
	all_shown stock > /run/stock
	all_shown patched > /run/patched
	grep -q 'vifs 4' /run/stock && diff /run/stock /run/patched
}

# json_is_json: and so it is for all links at once, with everything.
json_is_json() {
	"$IP" -d -s -j link show | jq -e '[.[] | select(.linkinfo.info_slave_kind == "eipoib") |
		.linkinfo.info_slave_data | .rx_dropped, .tx_dropped | numbers] | length == 8'
}

ok "the PIF that is there makes room" eval 'rename_pif 1 && ip -n h1 link del eth4'
ip -n h2 addr add 10.0.0.2/24 dev ib0
for IP in stock patched; do
	[[ $IP == stock ]] && BIND=by_type || BIND=by_keyword
	configure
	good "valid JSON" json_is_json
	"$IP" addr add 10.0.0.1/24 dev eth4
	good "all come up" wait_until 60 vifs_have_carrier 1 ib0.1 ib0.2 ib0.8003 ib0.9 eth4
	ok "both show the same" same_shown
	good "traffic" pings h1 10.0.0.2
	refusals
	unbind
	for vif in ib0.1 ib0.2 ib0.8003 ib0.9; do
		"$IP" link del "$vif"
	done
	good "gone" "$IP" link del eth4
done

# What it would be without.
fails "without plugins Debian's ip does not know the kind" \
	env IP_LIB_DIR=/nonexistent "$STOCK" -n h1 link add link ib0 type eipoib max_peers 1000
fails "nor the index" \
	env IP_LIB_DIR=/nonexistent "$STOCK" -n h1 link add link ib0 name ib0.1 type ipoib index 1
done_testing
