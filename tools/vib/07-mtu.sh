#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Links of 4096 bytes: guests with an MTU of 4092, less behind a VIF for any MAC, and a partition
# that is left at 2048. Frames of the largest size pass whole, and none that is larger.
# hosts: 3
# vm: --vib mtu=4096 --partitions tools/vib/mtu4096.partitions --timeout 600
. tools/lib/guest.sh
. tools/e2e/hypervisor.sh

# whole NETNS ADDRESS MTU: an echo request of this size passes unfragmented.
whole() {
	ip netns exec "$1" ping -n -M "do" -c 1 -W 5 -s $(($3 - 28)) "$2"
}

mtu_of() {
	host "$1" cat "/sys/class/net/$2/mtu"
}

mtu_is() {
	[[ $(mtu_of "$1" "$2") == "$3" ]]
}

# set_up N: a hypervisor and its guest gNa, whose MTU is what the fabric has.
set_up() {
	local address

	rename_pif "$1" && address=$(host "$1" cat /sys/class/net/eth4/address) &&
		ip -n "h$1" -batch - <<- END || return
			link add br0 address $address type bridge
			link add link ib0 name ib0.1 type ipoib index 1
			link set dev ib0.1 master eth4
			link set dev eth4 vif ib0.1 mac 52:54:00:00:00:0$1
		END
	wait_until 60 has_carrier "$1" ib0.1 && wait_until 20 mtu_is "$1" eth4 4092 &&
		guest_port "$1" vnet1 "g${1}a" "52:54:00:00:00:0$1" &&
		ip -n "h$1" -batch - <<- END && ip -n "g${1}a" -batch - <<- END
			link set dev vnet1 mtu 4092
			link set dev eth4 master br0
			link set dev vnet1 master br0
			link set dev br0 up
		END
			link set dev eth0 mtu 4092
			addr add 10.0.0.1$1/24 dev eth0
		END
}

# transfer FROM TO ADDRESS: 1 MB arrives as it was sent.
transfer() {
	local sum server

	head -c 1048576 /dev/urandom > /run/sent
	sum=$(sha256sum < /run/sent)
	# For both families.
	ip netns exec "$2" timeout 200 socat -u TCP6-LISTEN:5000,reuseaddr \
		OPEN:/run/received,creat,trunc &
	server=$!
	wait_until 20 eval "ip netns exec $2 ss -Hltn | grep -q :5000" &&
		ip netns exec "$1" timeout 200 socat -u OPEN:/run/sent "TCP:$3:5000" &&
		wait "$server" && [[ $(sha256sum < /run/received) == "$sum" ]] && return
	kill "$server" 2> /dev/null
	return 1
}

for lid in 1 2 3; do
	like "the link of LID $lid carries 4096 bytes" 'NeighborMTU:\.*4096' \
		smpquery -C vib0 portinfo $lid 1
done
is 'IPoIB has 4092' 4092 mtu_of 1 ib0
ok 'the hypervisors: eth4, too' eval 'set_up 1 && set_up 2'
ip -n h3 addr add 10.0.0.3/24 dev ib0
ok 'guests talk' wait_until 30 pings g1a 10.0.0.12
ok 'a frame of 4092 bytes, from guest to guest' whole g1a 10.0.0.12 4092
fails 'one of 4093 does not leave' whole g1a 10.0.0.12 4093
ok 'to a plain host' whole g1a 10.0.0.3 4092
ok 'and from there' whole h3 10.0.0.12 4092
ok 'what is larger goes in fragments' ip netns exec g1a ping -n -c 1 -W 5 -s 20000 10.0.0.12
ok 'TCP' transfer g1a g2a 10.0.0.12
ok 'and to a plain host' transfer g2a h3 10.0.0.3

# Ethernet inside of it: 18 bytes for its header and a tag.
for n in 1 2; do
	ok "host $n carries any MAC" ip -n h$n -batch - <<- END
		link add link ib0 name ib0.9 type ipoib index 9
		link set dev ib0.9 master eth4
		link set dev eth4 vif ib0.9 mac any
	END
	ok 'eth4 has less' wait_until 20 mtu_is $n eth4 4074
	wait_until 60 has_carrier $n ib0.9
	ip -n h$n link set dev vnet1 mtu 4074
	ip -n g${n}a -batch - <<- END
		link set dev eth0 mtu 4074
		link add link eth0 name other address 52:54:00:00:01:0$n type macvlan mode bridge
		addr add 10.1.0.1$n/24 dev other
		link set dev other up
	END
done
ok 'MACs without a VIF talk' wait_until 30 pings g1a 10.1.0.12
ok 'a frame of 4074 bytes' whole g1a 10.1.0.12 4074
fails 'none of 4075' whole g1a 10.1.0.12 4075
ok 'between those with a VIF, too' whole g1a 10.0.0.12 4074
for n in 1 2; do
	ip -n h$n link del ib0.9
	ok 'without it eth4 has all again' wait_until 20 mtu_is $n eth4 4092
done

ip -n h1 -batch - <<- END
	link add link ib0 name ib0.8003 type ipoib pkey 0x8003
	link set dev ib0.8003 master eth4
	link set dev eth4 vif ib0.8003 mac 52:54:00:00:00:01 vlan 3
END
ok 'a VIF of a partition of 2048 bytes' wait_until 60 has_carrier 1 ib0.8003
ok 'has 2044' wait_until 20 mtu_is 1 ib0.8003 2044
ok 'and so has eth4' wait_until 20 mtu_is 1 eth4 2044
ip -n h1 link del ib0.8003
ok 'until it goes' wait_until 20 mtu_is 1 eth4 4092
done_testing
