#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# What ib_ipoib does for a clone in VIF mode: the ethertype of transparent frames, groups, and
# frames that wait for the path to their address.
# hosts: 2
. tools/lib/guest.sh
. tools/e2e/hypervisor.sh

VIF=ib0.1
GROUP=00ffffffff12401bffff000000000000%08x

# address N DEVICE: the 20 bytes, in hex.
address() {
	host "$1" cat "/sys/class/net/$2/address" | tr -d ':\n'
}

# group NUMBER: the address of an IPv4 group, given its low 28 bits.
group() {
	# shellcheck disable=SC2059
	printf "$GROUP" "$1"
}

# listen N DEVICE: from now on /run/received has the stream and the number of each test frame
# that DEVICE of host N receives.
listen() {
	[[ ! ${listener-} ]] || { kill "$listener" && wait "$listener"; }
	rm -f /run/received
	# Not host(): the id must be that of python3.
	ip netns exec "h$1" python3 - "$2" << 'PYTHON' &
import socket, sys
sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
sock.setsockopt(socket.SOL_SOCKET, 33, 1 << 24)  # SO_RCVBUFFORCE
sock.bind((sys.argv[1], 0))
with open("/run/received", "a", buffering=1) as out:
    while True:
        frame, address = sock.recvfrom(4096)
        if address[2] != 4 and frame[24:28] == b"test":
            print(frame[28:29].decode(), int.from_bytes(frame[29:33], "big"), file=out)
PYTHON
	listener=$!
	wait_until 20 test -e /run/received
} 2> /dev/null

# transmit N DEVICE ADDRESS SCRIPT: SCRIPT is Python in which send(stream, count, pause=0,
# proto=0x800) sends, continue_sm() lets OpenSM go on, received() tells how much arrived,
# dropped() how many frames the device has dropped.
transmit() {
	host "$1" python3 - "$2" "$3" "$4" "$(cat /run/opensm/pid)" << 'PYTHON'
import os, signal, socket, sys, time
sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sock.setsockopt(socket.SOL_SOCKET, 32, 1 << 24)  # SO_SNDBUFFORCE
sock.bind((sys.argv[1], 0))
link = bytes.fromhex(sys.argv[2])
sent = {}

def send(stream, count, pause=0, proto=0x800):
    first = sent.get(stream, 0)
    sent[stream] = first + count
    for frame in [link + proto.to_bytes(2, "big") + bytes(2) + b"test" + stream.encode() +
                  number.to_bytes(4, "big") + bytes(40) for number in range(first, first + count)]:
        sock.send(frame)
        if pause:
            time.sleep(pause)

def continue_sm():
    os.kill(int(sys.argv[4]), signal.SIGCONT)

def received():
    return os.path.getsize("/run/received")

def dropped():
    with open(f"/sys/class/net/{sys.argv[1]}/statistics/tx_dropped") as file:
        return int(file.read())

exec(sys.argv[3])
PYTHON
}

# arrived STREAM: the numbers of what arrived.
arrived() {
	sed -n "s/^$1 //p" /run/received
}

arrived_up_to() {
	arrived "$1" | grep -q -x "$2"
}

# complete_in_order STREAM COUNT: all of it, nothing twice, nothing overtaken.
complete_in_order() {
	wait_until 20 arrived_up_to "$1" $(($2 - 1))
	diff <(seq 0 $(($2 - 1))) <(arrived "$1")
}

# dropped N DEVICE
dropped() {
	host "$1" cat "/sys/class/net/$2/statistics/tx_dropped"
}

# drops EXPECTED: so many frames of the VIF were dropped after $before was read.
drops() {
	(($(dropped 1 $VIF) - before == $1))
}

dropped_in_time() {
	wait_until 20 drops "$1" || {
		echo "$(($(dropped 1 $VIF) - before)) dropped, not $1"
		return 1
	}
}

# groups DEVICE: the low ends of the groups that it has joined.
groups() {
	awk '/^GID/ { gid = $2 } /complete: +yes/ { sub(/.*:/, "", gid); print gid }' \
		"/sys/kernel/debug/ipoib/$1_mcg"
}

has_group() {
	groups "$1" | grep -q -x "$2"
}

# multicast_list VERB NUMBER: as eth_ipoib does it, with dev_mc_add_global().
multicast_list() {
	host 1 python3 - "$VIF" "$1" "$(group "$2")" << 'PYTHON'
import fcntl, socket, struct, sys
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
request = {"add": 0x8931, "del": 0x8932}[sys.argv[2]]  # SIOCADDMULTI, SIOCDELMULTI
fcntl.ioctl(sock, request, struct.pack("16sH22s", sys.argv[1].encode(), 0,
                                       bytes.fromhex(sys.argv[3])))
PYTHON
}

# cold: the VIF knows no path.
cold() {
	ip -n h1 link set dev $VIF down && ip -n h1 link set dev $VIF up &&
		wait_until 30 has_carrier 1 $VIF
}

stop_sm() {
	kill -STOP "$(cat /run/opensm/pid)"
}

# transmit_unheard ARGS...: transmit while the SA is silent.
transmit_unheard() {
	local status=0

	stop_sm
	transmit "$@" || status=$?
	kill -CONT "$(cat /run/opensm/pid)"
	return "$status"
}

# Its own messages would be counted, too.
ok 'no IPv6' host 1 sysctl -q -w net.ipv6.conf.all.disable_ipv6=1 \
	net.ipv6.conf.default.disable_ipv6=1
ok 'eth4 is there' rename_pif 1
ok 'a VIF, and a clone that is none' eval "
	ip -n h1 link add link ib0 name $VIF type ipoib index 1 &&
	ip -n h1 link add link ib0 name ib0.2 type ipoib index 2 &&
	ip -n h1 link set dev $VIF master eth4 &&
	ip -n h1 link set dev eth4 vif $VIF mac $(host 1 cat /sys/class/net/eth4/address) &&
	ip -n h1 link set dev ib0.2 up"
ok 'are up' wait_until 30 vifs_have_carrier 1 $VIF ib0.2
peer=$(address 2 ib0)

# The ethertype.
listen 2 ib0
ok 'a transparent frame to one, behind one of IP' \
	transmit 1 $VIF "$peer" 'send("t", 1); send("t", 1, proto=0x6558)'
ok 'arrives' complete_in_order t 2
ok 'one to all' transmit 1 $VIF "$(group 0xffffffff)" 'send("u", 1, proto=0x6558)'
ok 'arrives' complete_in_order u 1
before=$(dropped 1 ib0.2)
ok 'a clone that is no VIF' transmit 1 ib0.2 "$peer" 'send("v", 1); send("w", 1, proto=0x6558)'
ok 'or sends them to all' transmit 1 ib0.2 "$(group 0xffffffff)" \
	'send("w", 1, proto=0x6558); send("x", 1)'
ok 'sends IP' eval 'complete_in_order v 1 && complete_in_order x 1'
drops_two() {
	(($(arrived w | wc -l) == 0 && $(dropped 1 ib0.2) - before == 2))
}
ok 'and drops them' drops_two

# Groups.
ok 'an IP stack adds 224.0.7.7 to the list of either' eval "
	ip -n h1 addr add 224.0.7.7/32 dev $VIF autojoin &&
	ip -n h1 addr add 224.0.7.7/32 dev ib0.2 autojoin &&
	ip -n h1 maddr show dev $VIF | grep -q 'link.*00:00:07:07\b' &&
	ip -n h1 maddr show dev ib0.2 | grep -q 'link.*00:00:07:07\b'"
ok 'a group from eth_ipoib' multicast_list add 0x123
ok 'is joined' wait_until 20 has_group $VIF 123
ok 'the clone that is none joins 224.0.7.7' wait_until 20 has_group ib0.2 707
fails 'the VIF does not' has_group $VIF 707
# hears STREAM GROUP: a frame of host 2 arrives. OpenSM sets up the switch after it has let a
# member in, so the first may not.
hears() {
	transmit 2 ib0 "$(group "$2")" "send('$1', 1)" && wait_until 1 arrived_up_to "$1" 0
}
listen 1 ib0.2
ok 'which receives its frames' wait_until 20 hears a 0x707
listen 1 $VIF
ok 'the VIF receives those of its group' wait_until 20 hears b 0x123
ok 'another frame to 224.0.7.7' transmit 2 ib0 "$(group 0x707)" 'send("a", 1)'
ok 'and one to all, which arrives' hears c 0xffffffff
fails 'the other does not' arrived_up_to a 0
ok 'down and up' cold
ok 'the group is joined again' wait_until 20 has_group $VIF 123
listen 1 $VIF
ok 'and its frames received' wait_until 20 hears b 0x123
ok 'and those to all' hears c 0xffffffff
ok 'eth_ipoib deletes the group' multicast_list del 0x123
left() {
	! has_group $VIF 123
}
ok 'it is left' wait_until 20 left

# Frames that wait.
listen 2 ib0
ok 'a peer of whom no path is known' cold
ok '64 frames are sent before the SA answers' transmit_unheard 1 $VIF "$peer" '
send("a", 64)
if received(): sys.exit("some arrived without a path")'
ok 'they arrive, all and in order' complete_in_order a 64

ok 'again' cold
ok 'two CPUs go on sending while the answer comes' transmit_unheard 1 $VIF "$peer" '
child = os.fork()
os.sched_setaffinity(0, {0 if child else 1})
send("c" if child else "d", 64)
continue_sm()
send("c" if child else "d", 60, pause=0.002)
if child: sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))'
ok 'nothing of the first is lost or overtaken' complete_in_order c 124
ok 'nothing of the second' complete_in_order d 124

# overflow: of 300 frames that wait for one answer of the SA, the 44 without room are dropped. When
# the query is given up before there is an answer all are: a slow machine must try again.
overflow() {
	cold && : > /run/received && transmit_unheard 1 $VIF "$peer" '
before = dropped()
send("e", 300)
continue_sm()
deadline = time.monotonic() + 10
while dropped() == before + 44 and not received() and time.monotonic() < deadline: time.sleep(0.01)
if dropped() != before + 44 or not received(): sys.exit(f"{dropped() - before} of 300 dropped")'
}
ok '300 frames while the SA is asked: 44 are dropped and counted' wait_until 60 overflow
ok '256 arrive in order' complete_in_order e 256
ok 'and later ones' transmit 1 $VIF "$peer" 'send("f", 20)'
ok 'arrive' complete_in_order f 20

# created DEVICE: when it made its record of the broadcast group.
created() {
	awk '/^GID/ { gid = $2 } /created/ && gid ~ /ffff:ffff$/ { print $2 }' \
		"/sys/kernel/debug/ipoib/$1_mcg"
}
started_over() {
	[[ $(created $VIF) && $(created $VIF) != "$old" ]] && has_group $VIF ffff
}
old=$(created $VIF)
sm_is_gone() {
	! kill -0 "$(cat /run/opensm/pid)" 2> /dev/null
}
another_sm() {
	kill "$(cat /run/opensm/pid)" && wait_until 20 sm_is_gone && start_opensm &&
		wait_until 60 started_over
}
ok 'another SM makes all paths doubtful' another_sm
ok '64 frames to a known peer' transmit_unheard 1 $VIF "$peer" '
before = received()
send("g", 64)
if received() != before: sys.exit("some arrived on the old path")'
ok 'wait for its path, too' complete_in_order g 64

nobody=${peer:0:24}deadbeefdeadbeef
before=$(dropped 1 $VIF)
ok 'frames to an address that the SA does not know' transmit 1 $VIF "$nobody" 'send("h", 10)'
ok 'are dropped and counted' dropped_in_time 10
ok 'one more' transmit 1 $VIF "$nobody" 'send("h", 1)'
ok 'is asked for again' dropped_in_time 11
before=$(dropped 1 $VIF)
ok 'frames are waiting' transmit_unheard 1 $VIF "$nobody" 'send("i", 100)
import subprocess
subprocess.run(["ip", "link", "set", "dev", sys.argv[1], "nomaster"], check=True)'
ok 'when the VIF is released: they are dropped and counted' dropped_in_time 100
done_testing
