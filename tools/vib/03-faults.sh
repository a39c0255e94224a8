#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Each fault that a link can have, as IPoIB sees it: what gets lost, damaged, late, twice or in
# another order is what was asked for, and connected mode lives with it. Cables that are pulled, HCAs
# that are taken out, LIDs and P_Keys that change.
# hosts: 2
# vm: --timeout 600
. tools/lib/guest.sh

vib1=/sys/kernel/debug/vib/vib1

# set_fault DIRECTION FAULT VALUE
set_fault() {
	echo "$3" > "$vib1/$1/$2"
}

heal() {
	local file

	for file in "$vib1"/{tx,rx}/{loss,duplicate,reorder,corrupt,delay}; do
		echo 0 > "$file"
	done
}

# befallen DIRECTION FAULT: how many packets
befallen() {
	sed -n "s/^$2 //p" "$vib1/$1/counters"
}

hw_counter() {
	cat "/sys/class/infiniband/vib1/ports/1/hw_counters/$1"
}

answers() {
	host 1 ping -n -c 1 -W 1 "${1:-10.0.0.2}" > /dev/null 2>&1
}

back() {
	heal && wait_until 30 answers
}

# flood N ARGS...: N echo requests at once.
flood() {
	host 1 ping -n -c "$1" -l "$1" -W 5 "${@:2}" 10.0.0.2
}

received() {
	sed -n 's/.* transmitted, \([0-9]*\) received.*/\1/p'
}

loses() {
	local before after got

	before=$(befallen "$1" loss)
	set_fault "$1" loss 300000
	got=$(flood 60 | received)
	after=$(befallen "$1" loss)
	echo "$got of 60 came back, $((after - before)) were lost"
	((got < 60 && got > 10 && after > before))
}

damages() {
	local counter=$2 before got

	before=$(hw_counter "$counter")
	set_fault "$1" corrupt 300000
	got=$(flood 60 | received)
	echo "$got of 60 came back, $(($(hw_counter "$counter") - before)) were damaged"
	((got < 60 && got > 10 && $(hw_counter "$counter") > before))
}

# The capture of what arrives at a port shows the damage.
shows_damage() {
	local result

	exec 7< "$vib1/capture"
	set_fault rx corrupt 1000000
	host 1 ping -n -c 3 -i 0.2 -W 1 10.0.0.2 > /dev/null
	dd iflag=nonblock bs=64k <&7 > /run/damaged.pcap 2> /dev/null
	exec 7<&-
	result=$(python3 tools/vib/checksums.py /run/damaged.pcap)
	echo "$result"
	# What the port sends itself is right.
	[[ $result =~ ^([0-9]+)\ of\ ([0-9]+)$ ]] &&
		((BASH_REMATCH[2] - BASH_REMATCH[1] >= 3))
}

comes_twice() {
	set_fault "$1" duplicate 1000000
	host 1 ping -n -c 3 -i 0.2 10.0.0.2 | grep -q 'DUP!'
}

is_late() {
	local least

	set_fault "$1" delay 60000
	least=$(host 1 ping -n -c 3 -i 0.2 10.0.0.2 | sed -n 's/^rtt [^=]*= \([0-9]*\)\..*/\1/p')
	echo "at least $least ms"
	((least >= 60))
}

overtaken() {
	local got

	set_fault "$1" reorder 300000
	got=$(flood 50 | sed -n 's/.*icmp_seq=\([0-9]*\) .*/\1/p')
	echo "$got" | paste -s
	(($(wc -l <<< "$got") == 50)) && ! sort -n -c <<< "$got" 2> /dev/null
}

for n in 1 2; do
	ip -n "h$n" addr add "10.0.0.$n/24" dev ib0
done
ok 'they talk' wait_until 30 answers
for direction in tx rx; do
	ok "$direction: packets get lost" loses $direction
	ok 'and then no more' back
	ok "$direction: damaged packets are dropped by their checksums" \
		damages $direction ${direction}_drop_crc
	ok 'and then no more' back
	ok "$direction: packets come twice" comes_twice $direction
	ok 'and then no more' back
	ok "$direction: packets are late" is_late $direction
	ok 'and then no more' back
	ok "$direction: packets overtake others, and none is missing" overtaken $direction
	ok 'and then no more' back
done
ok 'a capture shows damaged packets' shows_damage
ok 'and then no more' back
fails 'more than all cannot be lost' set_fault tx loss 1000001

# transfer: 1 MB arrives as it was sent.
transfer() {
	local sum server

	head -c 1048576 /dev/urandom > /run/sent
	sum=$(sha256sum < /run/sent)
	ip netns exec h2 socat -u TCP-LISTEN:5000,reuseaddr OPEN:/run/received,creat,trunc &
	server=$!
	wait_until 20 eval "ip netns exec h2 ss -Hltn | grep -q :5000" &&
		ip netns exec h1 socat -u OPEN:/run/sent TCP:10.0.0.2:5000 &&
		wait "$server" && [[ $(sha256sum < /run/received) == "$sum" ]]
}

# IPoIB gives a connection up with the first packet of it that is late, so it needs a better link.
# worsen PER-MILLION
worsen() {
	local direction

	for direction in tx rx; do
		set_fault $direction seed 4391
		set_fault $direction loss "$1"
		set_fault $direction duplicate 20000
		set_fault $direction reorder "$1"
		set_fault $direction corrupt "$1"
	done
}

worsen 20000
ok 'datagram mode on a bad link: TCP gets through' transfer
ok 'a good one' back
# mode MODE MTU
mode() {
	local n

	for n in 1 2; do
		host $n sh -c "echo $1 > /sys/class/net/ib0/mode" &&
			ip -n h$n link set ib0 mtu "$2" || return
	done
}
ok 'connected mode' eval 'mode connected 65520 && wait_until 30 answers'
worsen 500
ok 'connected mode on a bad link: TCP gets through' transfer
ok 'packets came twice' eval '(($(befallen tx duplicate) + $(befallen rx duplicate) > 0))'
ok 'a good one' back
ok 'large packets' wait_until 30 host 1 ping -n -c 1 -W 1 -s 60000 10.0.0.2
ok 'datagram mode again' eval 'mode datagram 2044 && wait_until 30 answers'

lost_carrier() {
	! has_carrier 2 ib0
}

ok 'the cable is pulled' eval "echo 0 > $vib1/plugged"
ok 'there is no carrier' wait_until 20 lost_carrier
ok 'it is plugged in again' eval "echo 1 > $vib1/plugged"
ok 'there is a carrier' wait_until 60 has_carrier 2 ib0
ok 'they talk' wait_until 30 answers

lid_is() {
	[[ $(< /sys/class/infiniband/vib1/ports/1/lid) == "$1" ]]
}

ok 'an LID that the subnet manager did not give' eval "echo 77 > $vib1/lid"
ok 'it takes it back' wait_until 30 lid_is 0x2
ok 'they talk' wait_until 30 answers
fails 'an LID of somebody else' eval "echo 1 > $vib1/lid"

has_pkey() {
	grep -q 0xffff /sys/class/infiniband/vib1/ports/1/pkeys/*
}

lost_pkey() {
	! has_pkey
}

ok 'the P_Key goes' eval "echo 0xffff > $vib1/remove_pkey"
ok 'it is not in the table' lost_pkey
fails 'twice it cannot go' eval "echo 0xffff > $vib1/remove_pkey"
echo 0 > $vib1/plugged
ok 'the cable is pulled' wait_until 20 lost_carrier
echo 1 > $vib1/plugged
ok 'and plugged in: the subnet manager looks, and gives it back' wait_until 30 has_pkey
ok 'they talk' wait_until 30 answers

ok 'an HCA is taken out' eval "echo 0 > $vib1/present"
is 'there is one left' vib0 ls /sys/class/infiniband
fails 'nobody answers' answers
ok 'taking it out again is nothing' eval "echo 0 > $vib1/present"
fails 'its cable cannot be plugged in' eval "echo 1 > $vib1/plugged"
ok 'it is put in' eval "echo 1 > $vib1/present"
ok 'it has an interface' wait_until 30 has_hca_netdev 1
ip link set "$(hca_netdev 1)" netns h2 name ib0
ip -n h2 addr add 10.0.0.2/24 dev ib0
ip -n h2 link set ib0 up
ok 'and a carrier' wait_until 60 has_carrier 2 ib0
ok 'they talk' wait_until 30 answers

ok 'the subnet manager dies' kill -KILL "$(< /run/opensm/pid)"
ok 'who knows each other still talks' answers
ok 'another one comes' start_opensm
sm_lid_is() {
	[[ $(< /sys/class/infiniband/vib1/ports/1/sm_lid) == "$1" ]]
}
ok 'all know it' wait_until 60 sm_lid_is 0x1
ok 'they talk' wait_until 30 answers

set_fault tx delay 5000000
host 1 ping -n -c 1 -W 0.2 10.0.0.2 > /dev/null
ok 'the modules go away with packets under way' eval "
	kill $(< /run/opensm/pid) && rmmod eth_ipoib vib ib_ipoib"
done_testing
