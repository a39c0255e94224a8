#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# ethtool on a PIF and on its VIFs: every option answers or says that it is not supported, counters
# can be walked while VIFs come and go, features do what they say.
# hosts: 2
# vm: --partitions tools/e2e/vlan3.partitions
. tools/lib/guest.sh
. tools/translate/topology.sh

tool() {
	host 1 ethtool "$@"
}

# link DEVICE: speed, lanes, duplex and port as ethtool shows them.
link() {
	tool "$1" | sed -n -E 's/^\s*(Speed|Lanes|Duplex|Port): (.*)/\2/p' | paste -s -d ' '
}

# sysfs DEVICE FILE
sysfs() {
	host 1 cat "/sys/class/net/$1/$2"
}

# port_link: what link should show, from the port itself: "40 Gb/sec (4X QDR)".
port_link() {
	sed -E 's/^([0-9]+) Gb\/sec \(([0-9]+)X .*/\1000Mb\/s \2 Full Other/' \
		/sys/class/infiniband/vib0/ports/1/rate
}

no_carrier() {
	! has_carrier 1 eth4
}

# feature DEVICE NAME: on or off, without what else is said about it.
feature() {
	tool -k "$1" | sed -n -E "s/^\s*$2: (on|off).*/\1/p"
}

# features DEVICE NAME...: all of them in a line.
features() {
	local device=$1 name
	shift

	for name; do
		feature "$device" "$name"
	done | paste -s -d ' '
}

# limit DEVICE NAME: of GSO.
limit() {
	h1 -d -j link show dev "$1" | jq ".[0].$2"
}

# names DEVICE: of its counters.
names() {
	tool -S "$1" | sed -n -E 's/^ +([^:]*):.*/\1/p'
}

# REASONS, NOTES: the counters there are, from the list that makes them.
list_of() {
	sed -n -E "/define EIPOIB_$1/,/^\$/ s/^\s*X\([A-Z_]*, \"([a-z_]*)\".*/\1/p" \
		drivers/net/eipoib/abi/types.h
}
REASONS=$(list_of REASONS)
NOTES=$(list_of NOTES)
OWN=$(printf '%s\n' {rx,tx}_packets {rx,tx}_bytes tx_errors {rx,tx}_dropped multicast) # ib_ipoib's

# enslave N: clone ib0.N, made if need be, becomes a VIF of eth4.
enslave() {
	h1 link show dev "ib0.$1" > /dev/null 2>&1 ||
		h1 link add link ib0 name "ib0.$1" type ipoib index "$1" || return
	h1 link set dev "ib0.$1" master eth4 &&
		h1 link set dev eth4 vif "ib0.$1" mac "02:00:00:00:00:0$1"
}

ok "a plain host" ip -n h2 addr add 10.0.0.2/24 dev ib0
ok "the PIF" eval 'h1 link set dev "$(pif 1)" name eth4 && h1 link set dev eth4 up'

# -i, and what a PIF has not.
like "the driver" $'driver: eth_ipoib:ib0\n.*bus-info: ib0' tool -i eth4
like "statistics" 'supports-statistics: yes' tool -i eth4

# The port.
unknown='Unknown! Unknown! (255) Other'
is "no VIF: nothing is known of the link" "$unknown" link eth4
is "nor in sysfs" "-1 unknown" eval 'echo $(sysfs eth4 speed) $(sysfs eth4 duplex)'
ok "a VIF" enslave 1
ok "comes up" wait_until 30 has_carrier 1 eth4
is "the port's rate and width" "$(port_link)" link eth4
is "as ib0 has them" "$(port_link)" link ib0
is "also in sysfs" "$(port_link | sed 's/Mb.*/ full/')" \
	eval 'echo $(sysfs eth4 speed) $(sysfs eth4 duplex)'
ok "ib0 goes down" eval 'h1 link set dev ib0 down && wait_until 10 no_carrier'
is "nothing is known then" "$unknown" link eth4
ok "and up again" eval 'h1 link set dev ib0 up && wait_until 30 has_carrier 1 eth4'
is "all is known again" "$(port_link)" link eth4
fails "nobody sets it" tool -s eth4 speed 10000 duplex full autoneg off
like "one channel" $'maximums:.*Combined:\t1\n.*settings:.*Combined:\t1' tool -l eth4
fails "and no more" tool -L eth4 combined 2
like "timestamps" 'software-transmit.*software-receive' tool -T eth4

# Counters.
is "all reasons and notes" "vifs
$REASONS
$NOTES" names eth4
ok "no name is too long or comes twice" eval \
	'! names eth4 | grep -E ".{32}" && [[ ! $(names eth4 | sort | uniq -d) ]]'
is "a VIF shows those of IPoIB, and why its frames were dropped" "$OWN
tx_group_flooded
$REASONS" names ib0.1
ok "no name comes twice" eval '[[ ! $(names ib0.1 | sort | uniq -d) ]]'
ok "a clone that is no VIF" h1 link add link ib0 name ib0.2 type ipoib index 2
is "shows those of IPoIB" "$OWN" names ib0.2
is "both as a VIF" "$OWN
tx_group_flooded
$REASONS" eval 'enslave 2 && names ib0.2'
is "and as before when it is released" "$OWN" eval 'h1 link set dev ib0.2 nomaster && names ib0.2'

# counters DEVICE: read.  ethtool asks for their number, their names and their values one after the
# other.  If the number has changed in between, the kernel answers with none, and ethtool says so.
counters() {
	local output status=0

	output=$(tool -S "$1" 2>&1) || status=$?
	((status == 0)) || [[ $status == 94 && $output == "no stats available" ]] || {
		echo "status $status: $output" >&2
		return 1
	}
	((status != 0)) || counted=$((counted + 1))
}

# walk PID: read everything until that process ends.
walk() {
	local rounds=0 counted=0 all

	all=$(names eth4)
	while kill -0 "$1" 2> /dev/null; do
		[[ $(names eth4) == "$all" ]] && tool eth4 && tool -k eth4 && counters ib0.2 &&
			tool ib0.2 && tool -k ib0.2 || return
		rounds=$((rounds + 1))
	done > /dev/null
	echo "$rounds rounds, $counted with the counters of the VIF"
	((counted > 2))
}

come_and_go() {
	for _ in {1..12}; do
		enslave 2 && h1 link set dev ib0.2 nomaster
	done
}
come_and_go > /run/come-and-go 2>&1 &
ok "scripts read on while a VIF comes and goes" walk $!
wait $!
is "which it did" "" cat /run/come-and-go
is "one is left" 1 counter 1 vifs

# Every query there is, of the PIF and of a VIF.
answers() {
	local device=$1 option=$2 output status=0

	output=$(tool "$option" "$device" 2>&1) || status=$?
	((status == 0)) || [[ $output =~ (not supported|no stats available) ]] || {
		echo "status $status: $output"
		return 1
	}
}

for option in -a -c -g -l -P -i -d -e -k -T -n -u -x -S -w -m --show-priv-flags --show-eee --show-fec \
	--show-module --show-tunnels --phy-statistics; do
	ok "ethtool $option" eval "answers eth4 $option && answers ib0.1 $option"
done
for option in -d -g -c -a -m --show-eee; do
	like "ethtool $option is not supported" 'not supported' eval "! tool $option eth4 2>&1"
done
ok "ioctls of every number, with nonsense" host 1 python3 - <<- 'END'
	import ctypes, fcntl, socket, struct
	sock = socket.socket()
	for command in list(range(0x100)) + [0xffffffff]:
	    for rest in (b"\0", b"\1", b"\xff"):
	        buffer = ctypes.create_string_buffer(struct.pack("I", command) + rest * 65536)
	        request = struct.pack("16sP16x", b"ib0.2", ctypes.addressof(buffer))
	        for name in (b"eth4", b"ib0.1"):
	            try:
	                fcntl.ioctl(sock, 0x8946, struct.pack("16sP16x", name, ctypes.addressof(buffer)))
	            except OSError:
	                pass
END
ok "after which the PIF is made anew" eval 'h1 link del eth4 &&
	h1 link add link ib0 name eth4 type eipoib && h1 link set dev eth4 up && h1 link del ib0.1 &&
	enslave 1 && h1 link set dev eth4 vif ib0.1 mac "$(sysfs eth4 address)"'
ok "comes up" wait_until 30 has_carrier 1 eth4
ok "with an address" h1 addr add 10.0.0.1/24 dev eth4

# Features.
SENDING="tx-checksum-ip-generic tx-scatter-gather tx-tcp-segmentation tx-tcp6-segmentation
	tx-udp-segmentation tx-vlan-offload"
SENDING=${SENDING//[$'\n\t']/ }
is "all is offered, although the VIF has none of it" "on on on on on on" eval \
	'features eth4 $SENDING'
is "and to VLANs" "on on on on on" eval \
	'h1 link add link eth4 name eth4.3 type vlan id 3 && features eth4.3 ${SENDING% *}'
is "no LRO" off feature eth4 large-receive-offload
is "received checksums: as the VIF" "$(feature ib0.1 rx-checksumming)" feature eth4 rx-checksumming
ok "TSO off" tool -K eth4 tso off
is "is off" off feature eth4 tx-tcp-segmentation
ok "a VIF comes and goes" eval 'enslave 2 && h1 link set dev ib0.2 nomaster'
is "it is still off" "off off" eval 'features eth4 tx-tcp-segmentation tx-tcp6-segmentation'
ok "TSO on" tool -K eth4 tso on
is "is on" "on on" features eth4 tx-tcp-segmentation tx-tcp6-segmentation

# What they do. 1 MB each way is seen on eth4.
start_wire
ok "they know each other" pings h1 10.0.0.2
OUT="lambda: transfer('h1/10.0.0.1', 'h2/10.0.0.2', 1 << 20)"
IN="lambda: transfer('h2/10.0.0.2', 'h1/10.0.0.1', 1 << 20)"
host 1 sysctl -q -w net.ipv4.tcp_min_tso_segs=32
host 2 sysctl -q -w net.ipv4.tcp_min_tso_segs=32

# How long they are depends on the window; they are longer than any limit that is set below.
ok "what is sent is in long pieces" wire "longest('h1/eth4', $OUT, 24000)"
ok "whose checksums are not yet computed" wire "checksums('h1/eth4', $OUT, left=True)"
ok "without TSO" tool -K eth4 tso off gso off
ok "in short ones" wire "longest('h1/eth4', $OUT, 2000, 2044)"
ok "with TSO, without checksums" tool -K eth4 tso on gso on tx off
ok "they are computed" wire "checksums('h1/eth4', $OUT, left=False)"
ok "all of it again" tool -K eth4 tx on tso on
ok "what is received is in long pieces" wire "longest('h1/eth4', $IN, 4000)"
ok "without GRO" tool -K eth4 gro off
is "the VIF does it no more" off feature ib0.1 generic-receive-offload
ok "in short ones" wire "longest('h1/eth4', $IN, 2000, 2044)"
is "a VIF that comes does not either" off eval 'enslave 2 && feature ib0.2 generic-receive-offload'
ok "with GRO on one VIF" tool -K ib0.1 gro on
ok "in long ones" wire "longest('h1/eth4', $IN, 4000)"
ok "with GRO" eval 'tool -K eth4 gro on'
is "all do" on feature ib0.2 generic-receive-offload

# How large a piece may be.
is "64 kB" "65536 65535 65536" eval 'echo $(limit eth4 tso_max_size) $(limit eth4 tso_max_segs) \
	$(limit eth4 gso_max_size)'
ok "a VIF that takes less" eval 'h1 link set dev ib0.2 nomaster &&
	h1 link set dev ib0.2 gso_max_size 16000 gso_max_segs 8 && enslave 2'
is "the PIF takes no more" "16000 8 16000" eval 'echo $(limit eth4 tso_max_size) \
	$(limit eth4 tso_max_segs) $(limit eth4 gso_max_size)'
is "nor does its VLAN" 16000 limit eth4.3 tso_max_size
ok "none is longer" wire "longest('h1/eth4', $OUT, 4000, 16000)"
fails "more is refused" h1 link set dev eth4 gso_max_size 20000
h1 link set dev ib0.2 gso_max_size 20000
ok "when the VIF's features change" tool -K ib0.2 gro off
is "its limit counts" 20000 limit eth4 tso_max_size
ok "it goes" h1 link set dev ib0.2 nomaster
is "and the limit with it" "65536 65535" eval \
	'echo $(limit eth4 tso_max_size) $(limit eth4 tso_max_segs)'
ok "up to which there may be more" h1 link set dev eth4 gso_max_size 65536 gso_max_segs 65535
ok "long pieces" wire "longest('h1/eth4', $OUT, 24000)"

# Timestamps.
ok "when a datagram was sent, and the frame as eth4 has sent it" host 1 python3 - \
	"$(sysfs eth4 address)" <<- 'END'
	import select, socket, struct, sys
	sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	sock.setsockopt(socket.SOL_SOCKET, 37, 2 | 16)  # SO_TIMESTAMPING: TX_SOFTWARE, SOFTWARE
	sock.connect(("10.0.0.2", 9))
	sock.send(b"What time is it?")
	poll = select.poll()
	poll.register(sock, 0)
	assert poll.poll(10000), "no timestamp"
	data, control, _, _ = sock.recvmsg(2048, 512, socket.MSG_ERRQUEUE)
	stamp = next(value for _, kind, value in control if kind == 37)
	assert struct.unpack_from("q", stamp)[0] > 0, control
	assert data[6:12] == bytes.fromhex(sys.argv[1].replace(":", "")), data.hex()
	assert data.endswith(b"What time is it?"), data.hex()
END
done_testing
