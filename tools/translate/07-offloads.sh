#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Bulk traffic: what is sent in one piece stays in one piece down to the VIF, checksums are left to
# whom they can be left to, nothing is copied, and everything arrives as it was.
# hosts: 3
. tools/lib/guest.sh
. tools/translate/topology.sh

# iperf CLIENT SERVER ADDRESS OPTION...: both ways.
iperf() {
	local client=$1 server=$2 address=$3 way
	shift 3

	ip netns exec "$server" iperf3 -s -D -I /run/iperf3.pid > /run/iperf3.log &&
		wait_until 20 eval "ip netns exec $server ss -Hltn | grep -q :5201" || return
	for way in '' -R; do
		# shellcheck disable=SC2086
		ip netns exec "$client" iperf3 -c "$address" -J "$@" $way > /run/iperf3.json ||
			break
	done
	kill "$(tr -d '\0' < /run/iperf3.pid)"
	wait_until 20 eval "! ip netns exec $server ss -Hltn | grep -q :5201"
	jq -e '.error == null and (.end.sum.lost_packets // 0) == 0 and
		([.end.sum_received.bytes, .end.sum.bytes] | max) > 0' /run/iperf3.json > /dev/null || {
		jq -c '[.error, .end.sum]' /run/iperf3.json
		return 1
	}
}

# reallocations N: how often host N's PIF had to make room in a frame, either way.
reallocations() {
	local tx rx

	tx=$(counter "$1" tx_realloc) && rx=$(counter "$1" rx_realloc) && [[ $tx && $rx ]] &&
		echo $((tx + rx))
}

# group_frames N: how many frames to groups host N and its guest have sent. The bridge floods copies
# of them, whose headers nobody may write to; MLD and IGMP reports come when they come.
group_frames() {
	local ns

	for ns in "h$1" "g${1}1"; do
		ip netns exec "$ns" cat /proc/net/snmp6 /proc/net/netstat
	done | awk '
		$1 == "Ip6OutMcastPkts" { sum += $2 }
		$1 == "IpExt:" && !column { for (i = 2; i <= NF; i++) if ($i == "OutMcastPkts") column = i; next }
		$1 == "IpExt:" { sum += $column; column = 0 }
		END { print sum }'
}

# only_groups N: what host N has reallocated since can only have been frames to groups.
only_groups() {
	local reallocated frames

	reallocated=$(reallocations "$1") && frames=$(group_frames "$1") || return
	echo "$((reallocated - before[$1])) reallocated, $((frames - groups[$1])) frames to groups"
	((reallocated - before[$1] <= frames - groups[$1]))
}

# mirrored N VIF: what leaves host N by the VIF is shown to dummy0, too.
mirrored() {
	ip -n "h$1" link add dummy0 mtu 65535 up type dummy &&
		host "$1" tc qdisc add dev "$2" clsact &&
		host "$1" tc filter add dev "$2" egress matchall action mirred egress mirror dev dummy0
}

before=() groups=()
for n in 1 2; do
	must "hypervisor $n" eval "hypervisor $n && guest ${n}1"
done
must "a plain host" addresses h3 ib0 30
must "all VIFs come up" await_vifs 1 2
start_wire
ok "guests and hosts know each other" eval 'pings g11 10.0.0.21 && pings g11 10.0.0.30 &&
	pings g11 fd00::21 && pings g11 fd00::30'
for n in 1 2; do
	must "what hypervisor $n reallocates is counted" \
		eval "groups[n]=\$(group_frames $n) && before[n]=\$(reallocations $n)"
done

for family in 10.0.0. fd00::; do
	overhead=$([[ $family == fd00:: ]] && echo 48 || echo 28)
	for target in "g21 ${family}21" "h3 ${family}30"; do
		read -r ns address <<< "$target"
		ok "2044 bytes in one packet, g11 and $address" pings g11 "$address" -s $((2044 - overhead)) -M "do"
		ok "TCP" iperf g11 "$ns" "$address" -n 4M
		ok "UDP" iperf g11 "$ns" "$address" -u -b 8M -l 1400 -n 500K
		ok "1 MB arrives as it was" wire "transfer('g11/${family}11', '$ns/$address', 1 << 20)"
		ok "and back" wire "transfer('$ns/$address', 'g11/${family}11', 1 << 20)"
	done
done
ok "UDP in segments, by_segments" wire "datagrams('g11/10.0.0.11', 'g21/10.0.0.21', by_segments)"
ok "and to a plain host" wire "datagrams('g11/10.0.0.11', 'h3/10.0.0.30', by_segments)"
ok "by sendfile" wire "datagrams('g11/10.0.0.11', 'g21/10.0.0.21', by_sendfile)"
ok "from the sender's own pages" wire "datagrams('g21/10.0.0.21', 'g11/10.0.0.11', by_zerocopy)"
for n in 1 2; do
	ok "hypervisor $n reallocated nothing but frames to groups" only_groups $n
done

# In one piece.
ok "what leaves by g11's VIF can be seen" mirrored 1 ib0.2
# However slow the machine is TCP sends as much at once as it may, and no round trip that a busy
# machine makes long ends its slow start, as CUBIC's HyStart has it.
in_guest 11 sysctl -q -w net.ipv4.tcp_min_tso_segs=32 net.ipv4.tcp_congestion_control=reno
ok "a long send stays in one piece down to the VIF" wire "longest('h1/dummy0',
	lambda: transfer('g11/10.0.0.11', 'g21/10.0.0.21', 2 << 20), 60000)"
ok "in IPv6, too" wire "longest('h1/dummy0',
	lambda: transfer('g11/fd00::11', 'g21/fd00::21', 2 << 20), 60000)"
ok "and its checksum is not yet computed" wire "checksums('h1/dummy0',
	lambda: transfer('g11/10.0.0.11', 'g21/10.0.0.21', 1 << 20), left=True)"
ok "what is received is in long pieces" wire "longest('h2/eth4',
	lambda: transfer('g11/10.0.0.11', 'g21/10.0.0.21', 1 << 20), 4000)"
ok "also from a plain host" wire "longest('h2/eth4',
	lambda: transfer('h3/10.0.0.30', 'g21/10.0.0.21', 1 << 20), 4000)"

# Without offloads in the guest, and with unusual ones on its port.
in_guest 11 ethtool -K eth0 tx off tso off gso off > /dev/null
ok "a guest that computes its checksums" wire "transfer('g11/10.0.0.11', 'g21/10.0.0.21', 1 << 20)"
ok "has computed them" wire "checksums('h1/dummy0',
	lambda: transfer('g11/10.0.0.11', 'g21/10.0.0.21', 1 << 20), left=False)"
ok "to a plain host" wire "transfer('g11/fd00::11', 'h3/fd00::30', 1 << 20)"
host 1 ethtool -K v11 gro on rx-gro-list on rx-udp-gro-forwarding on > /dev/null
ok "lists of frames: 64 datagrams" wire "burst('g11/10.0.0.11', 'g21/10.0.0.21', 64, 1400)"
ok "lists of frames: TCP" wire "transfer('g11/10.0.0.11', 'h3/10.0.0.30', 1 << 20)"
host 2 ethtool -K eth4 gso off > /dev/null
ok "without segmentation on eth4" wire "transfer('g21/10.0.0.21', 'g11/10.0.0.11', 1 << 20)"
host 2 ethtool -K eth4 gso on gro off > /dev/null
ok "without GRO" wire "transfer('g11/10.0.0.11', 'g21/10.0.0.21', 1 << 20)"
done_testing
