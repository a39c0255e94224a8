#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The cover letter's script as written on two hypervisors, and what it is for.
# hosts: 3
# vm: --partitions tools/e2e/vlan3.partitions
. tools/lib/guest.sh
. tools/e2e/hypervisor.sh

expect_vifs() {
	printf 'SLAVE=%-10s MAC=%s VLAN=%s\n' \
		ib0.1 00:02:c9:43:3b:f1 N/A \
		ib0.2 52:54:00:67:e9:bd N/A \
		ib0.8003 00:02:c9:43:3b:f1 3 \
		ib0.8003.1 52:54:00:de:3a:23 3
}

vifs_are_right() {
	diff <(expect_vifs) <(host 1 cat /sys/class/net/eth4/eth/vifs)
}

json_lists_vifs() {
	local got want

	want='[["ib0.1","00:02:c9:43:3b:f1",null],["ib0.2","52:54:00:67:e9:bd",null],'
	want+='["ib0.8003","00:02:c9:43:3b:f1",3],["ib0.8003.1","52:54:00:de:3a:23",3]]'
	got=$(ip -n h1 -d -j link show dev eth4 | jq -c '[.[0].linkinfo.info_data.vifs[] |
		[.ifname, .mac, .vlan]] | sort') && [[ $got == "$want" ]] || {
		echo "$got"
		return 1
	}
}

# unreachable NAMESPACE ADDRESS: nothing comes back.
unreachable() {
	! ip netns exec "$1" ping -n -c 2 -i 0.2 -W 1 "$2"
}

# tcp_transfer FROM TO ADDRESS: 8 MB arrive as they were sent.
tcp_transfer() {
	local sum server

	head -c 8388608 /dev/urandom > /run/sent
	sum=$(sha256sum < /run/sent)
	ip netns exec "$2" socat -u TCP-LISTEN:5000,reuseaddr OPEN:/run/received,creat,trunc &
	server=$!
	wait_until 20 eval "ip netns exec $2 ss -Hltn | grep -q :5000" &&
		ip netns exec "$1" socat -u OPEN:/run/sent "TCP:$3:5000" &&
		wait "$server" && [[ $(sha256sum < /run/received) == "$sum" ]]
}

ok "a PIF has the MAC of its port's GUID" \
	eval '[[ $(host 1 cat "/sys/class/net/$(pif 1)/address") == 00:02:c9:43:3b:f1 ]]'
for n in 1 2; do
	ok "hypervisor $n is prepared" prepare "$n"
	ok "every line of the script succeeds on hypervisor $n" run_cover_letter "$n"
	ok "hypervisor $n has its second guest and addresses" complete "$n"
	ok "the VIFs of hypervisor $n come up" await_vifs "$n"
done
ok "the plain host has an address" ip -n h3 addr add 10.0.0.3/24 dev ib0

ok "guest to guest across hypervisors, untagged" pings g1a 10.0.0.12
ok "and back" pings g2a 10.0.0.11
ok "guest to guest across hypervisors, VLAN 3" pings g1b 10.3.0.12
ok "and back" pings g2b 10.3.0.11
ok "guest to a plain IPoIB host" pings g1a 10.0.0.3
ok "a plain IPoIB host to a guest" pings h3 10.0.0.12
ok "the hypervisor's own address on br2 to a remote guest" pings h1 10.0.0.12
ok "the hypervisor's own address on br2 to a plain host" pings h2 10.0.0.3
ok "a plain host to the hypervisor's own address" pings h3 10.0.0.1
ok "hypervisor to hypervisor" pings h1 10.0.0.2
ip -n g1b addr add 10.0.0.50/24 dev eth0
ok "VLAN 3 does not leak into the untagged network" unreachable g1b 10.0.0.12
ip -n g1b addr del 10.0.0.50/24 dev eth0
ok "8 MB over TCP, guest to guest, checksum equal" tcp_transfer g1a g2a 10.0.0.12
ok "8 MB over TCP, VLAN 3" tcp_transfer g2b g1b 10.3.0.11
ok "8 MB over TCP, plain host to guest" tcp_transfer h3 g1a 10.0.0.11

ok "/sys/class/net/eth4/eth/vifs" vifs_are_right
like "ethtool -i names the interface below" \
	$'driver: eth_ipoib:ib0\n.*bus-info: ib0\n' host 1 ethtool -i eth4
like "ip -d link shows the VIFs" 'ib0.8003.1 .*52:54:00:de:3a:23 .*3' ip -n h1 -d link show dev eth4
ok "ip -d -j link shows the VIFs" json_lists_vifs

# tools/demo wants to see it as an administrator would.
if [[ ${1-} == show ]]; then
	for command in "cat /sys/class/net/eth4/eth/vifs" "ethtool -i eth4" "ip -d link show dev eth4"; do
		printf '\n# %s\n' "$command"
		# shellcheck disable=SC2086
		host 1 $command
	done
fi
done_testing
