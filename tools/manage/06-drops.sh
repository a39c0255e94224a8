#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Drops: counted for the PIF and for the VIF, and seen by perf record, perf trace and bpftrace as they
# are counted.
# hosts: 2
. tools/lib/guest.sh
. tools/translate/topology.sh

COUNT='tracepoint:eipoib:drop { @[args->dev, args->vif, args->reason] = count(); }'
VIFS="ib0.1 ib0.2 ib0.3"
TRACING=/sys/kernel/tracing

# snapshot FILE: every reason of eth4 and of its VIFs: "DEVICE REASON NUMBER".
snapshot() {
	local dev

	for dev in eth4 $VIFS; do
		host 1 ethtool -S "$dev" | sed -n "/tx_runt/,/rx_nomem/ s/^ */$dev /p"
	done | tr -d : > "$1"
}

# Everything between start_tracers and stop_tracers is seen by all three: cat begins when they are
# ready, and they end when cat does.
start_tracers() {
	[[ -p /run/hold ]] || mkfifo /run/hold
	perf record -q -a -e eipoib:drop -o /run/record -- perf trace -a -e eipoib:drop -o /run/trace -- \
		bpftrace -o /run/bpftrace -e "$COUNT" -c '/bin/cat /run/hold' > /run/tracers 2>&1 &
	tracers=$!
	exec {hold}> /run/hold
}

stop_tracers() {
	exec {hold}>&-
	wait "$tracers"
}

# start_quietly: nothing was dropped before the tracers saw it.
start_quietly() {
	snapshot /run/before
	start_tracers || return
	snapshot /run/after
	cmp /run/before /run/after || { stop_tracers; return 1; }
}

# sum: of lines "DEVICE VIF REASON NUMBER" what counters say of it.
sum() {
	awk '$1 == "eth4" { count["eth4 " $3] += $4; if ($2 != "-") count[$2 " " $3] += $4 }
		END { for (key in count) print key, count[key] }' | sort
}

by_record() {
	perf script -i /run/record | sed -E 's/.*dev=([^ ]*) vif=([^ ]*) .*reason=(.*)/\1 \2 \3 1/; s/  / - /' | sum
}

by_trace() {
	sed -E 's/.*dev: "(.*)", vif: "(.*)", reason: "(.*)".*/\1 \2 \3 1/; s/  / - /' /run/trace | sum
}

by_bpftrace() {
	sed -E -n 's/^@\[(.*), (.*), (.*)\]: (.*)/\1 \2 \3 \4/p' /run/bpftrace | sed 's/  / - /' | sum
}

# same_as_counters WHAT: it has seen what was counted since /run/before.
same_as_counters() {
	snapshot /run/after
	diff <("$1") <(join -j 1 <(sed 's/ /:/' /run/before | sort) <(sed 's/ /:/' /run/after | sort) |
		awk '$3 > $2 { sub(":", " ", $1); print $1, $3 - $2 }' | sort)
}

# reasons DEVICE: how many of them were seen.
reasons() {
	grep -c "^$1 " <(by_record)
}

# events 0|1: ours and the kernel's own, off or on.
events() {
	echo "$1" > $TRACING/events/skb/kfree_skb/enable && echo "$1" > $TRACING/events/eipoib/drop/enable
}

# kernel_reason NAME CMD...: the kernel gives that reason for what we drop while CMD runs.
kernel_reason() {
	local wanted=$1 given
	shift

	echo > $TRACING/trace && events 1 && "$@" && events 0 || return
	given=$(awk '{ for (i = 1; i <= NF; i++) if ($i ~ /^skbaddr=/) frame = $i }
		/ drop: / { is_ours[frame] = 1 }
		/ kfree_skb: / && is_ours[frame] { delete is_ours[frame]; print $NF }' $TRACING/trace)
	sort <<< "$given" | uniq -c
	[[ " ${given//$'\n'/ } " == *" $wanted "* ]]
}

must "a hypervisor" eval "hypervisor 1 && guest 11"
must "a plain host" ip -n h2 addr add 10.0.0.20/24 dev ib0
must "which has a VIF besides" eval 'ip -n h2 link set dev "$(pif 2)" name eth5 up &&
	ip -n h2 link add link ib0 name ib0.2 type ipoib index 2 &&
	ip -n h2 link set dev ib0.2 master eth5 && ip -n h2 link set dev eth5 vif ib0.2 mac 02:00:00:00:00:07'
must "and a VIF of nobody" eval 'ip -n h1 link add link ib0 name ib0.3 type ipoib index 3 &&
	ip -n h1 link set dev ib0.3 master eth4'
must "all come up" await_vifs 1 2
ok "they know each other" eval 'pings g11 10.0.0.20 && pings h1 10.0.0.20'
for ns in h1 h2 g11; do
	ip netns exec "$ns" sysctl -q -w net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
done
mount -t tracefs tracefs $TRACING
start_wire tools/manage/drops.py
ok "the frames" wire "make_frames('$(remac 2)')"
wait_until 60 start_quietly
tap_result "perf record, perf trace and bpftrace begin while nothing is dropped" $?

# list, sender, reason, VIF or -, name in the list
while read -r list source reason vif name; do
	[[ $vif == - ]] && vif=None || vif="'h1/$vif'"
	ok "$reason, $list: $name" wire "dropped('$reason', '$source', ${list}[\"$name\"], $vif)"
done <<- 'END'
	from_guest g11 tx_vif_miss - from a MAC without VIF
	from_guest g11 tx_arp ib0.2 ARP cut at any byte
	from_guest g11 tx_nd ib0.2 cut at any byte
	from_guest g11 tx_nd ib0.2 a wrong checksum
	from_guest g11 tx_spoof ib0.2 a DHCP client of another
	from_guest g11 tx_spoof ib0.2 ARP of another
	from_guest g11 tx_ip ib0.2 IPv6 cut at any byte
	from_guest g11 tx_teb_plain ib0.2 not for a plain host
	from_guest g11 tx_unresolved ib0.2 long and to nobody
	from_eth4 h1/eth4 tx_runt - a tag cut short
	from_eth4 h1/eth4 tx_vlan - VLAN 4095
	from_eth4 h1/eth4 tx_own ib0.1 to its guest
	from_plain h2 rx_arp - ARP cut at any byte
	from_plain h2 rx_nd - cut at any byte
	from_plain h2 rx_nd_signed - signed
	from_plain h2 rx_spoof - the GID of another
	from_plain h2 rx_ip - IPv6 cut at any byte
	from_plain h2 rx_proto - what is not carried
	from_plain h2 rx_unbound - to nobody's VIF
	from_vif h2/ib0.2 rx_not_ours - to nobody
	from_vif h2/ib0.2 rx_teb - cut at any byte
END
ok "g11's VIF becomes sticky" ip -n h1 link set dev eth4 vif ib0.2 mac "$(mac 11)" sticky on
ok "rx_contested: somebody claims its MAC" wire "dropped('rx_contested', 'h2', from_plain[\"of the guest's MAC\"])"
ok "its queue takes nothing more" host 1 tc qdisc replace dev ib0.2 root bfifo limit 1
ok "tx_queue" wire "dropped('tx_queue', 'g11', from_guest['good'], 'h1/ib0.2')"
ok "it goes down" ip -n h1 link set dev ib0.2 down
ok "tx_slave_down" wire "dropped('tx_slave_down', 'g11', from_guest['good'], 'h1/ib0.2')"
ok "eth4 goes down" ip -n h1 link set dev eth4 down
ok "rx_pif_down" wire "dropped('rx_pif_down', 'h2', from_plain['good'])"
stop_tracers
tap_result "they end" $? "$(cat /run/tracers)"

ok "perf record has seen what was counted" same_as_counters by_record
ok "so has bpftrace" same_as_counters by_bpftrace
# It reads while they come in, and not all of those that come at once: one reason at two VIFs may be
# seen at one of them.
ok "perf trace has seen all kinds" diff <(by_trace | cut -d ' ' -f 2 | sort -u) \
	<(by_record | cut -d ' ' -f 2 | sort -u)
ok "24 reasons, 25 of them at one of the three VIFs" eval \
	'(($(reasons eth4) >= 24)) && (($(reasons "ib0\.[123]") >= 25))'
like "perf finds those of one reason" '^ib0.1 rx_nd_signed' eval \
	'perf script -i /run/record | grep -w reason=rx_nd_signed > /run/one && by_record | grep -w "ib0.1 rx_nd_signed"'

# dropped_of DEVICE WAY: the sum of what snapshot has seen.
dropped_of() {
	awk -v dev="$1" -v way="^$2_" '$1 == dev && $2 ~ way { sum += $3 } END { print sum }' /run/after
}

# as_sums: rtnetlink's sums are those of the reasons.
as_sums() {
	local vif drops

	for vif in $VIFS; do
		drops=$(ip -n h1 -s -d -j link show dev "$vif" |
			jq -r '.[0].linkinfo.info_slave_data | "\(.rx_dropped) \(.tx_dropped)"')
		echo "$vif: $drops, counted $(dropped_of "$vif" rx) $(dropped_of "$vif" tx)"
		[[ $drops == "$(dropped_of "$vif" rx) $(dropped_of "$vif" tx)" ]] || return
	done
}
ok "the sums in rtnetlink are those of the reasons" as_sums

# The kernel's own.
ok "eth4 is up" eval 'ip -n h1 link set dev eth4 up && ip -n h1 link set dev ib0.2 up && await_vifs 1 &&
	host 1 tc qdisc del dev ib0.2 root'
while read -r wanted list source reason name; do
	ok "$reason is the kernel's $wanted" kernel_reason "$wanted" \
		wire "dropped('$reason', '$source', ${list}['$name'], 'h1/ib0.2')"
done <<- 'END'
	IP_INHDR from_guest g11 tx_ip IPv6 cut at any byte
	UNHANDLED_PROTO from_guest g11 tx_teb_plain not for a plain host
	NEIGH_FAILED from_guest g11 tx_unresolved long and to nobody
	NOT_SPECIFIED from_guest g11 tx_nd a wrong checksum
	UNHANDLED_PROTO from_plain h2 rx_proto what is not carried
	OTHERHOST from_vif h2/ib0.2 rx_not_ours to nobody
END
done_testing
