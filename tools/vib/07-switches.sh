#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Three switches in a row with two HCAs each, cabled by veth pairs: OpenSM finds all of it, hosts
# reach each other, and a cable may be cut, go away, come back and carry nonsense.
# hosts: 6
# vm: --no-fabric
. tools/lib/guest.sh
. tools/vib/trunks.sh

must() {
	ok "$@" || {
		done_testing
		exit 1
	}
}

no_route() {
	! host 1 ping -n -c 1 -W 1 10.0.0.6 > /dev/null
}

reaches() {
	host 1 ping -n -c 1 -W 1 10.0.0.6 > /dev/null
}

# refused MESSAGE NETDEV: as a cable of trunk 0, errno and log say why.
refused() {
	local errno

	dmesg -C
	errno=$({ echo "$2" > $debug/trunk0/netdev; } 2>&1) && return 1
	[[ $errno == *"$1"* ]] || {
		echo "$errno"
		return 1
	}
}

# Each switch has two trunks: 0 and 1, 2 and 3, 4 and 5.
must 'three switches' modprobe vib hcas=6 switches=3 trunks=2 mtu=4096 guid=$VIB_GUID
ip link add short.0 type veth peer name short.1
ok 'no such device' refused 'No such device' none
ok 'no Ethernet device' refused 'Invalid argument' lo
ok 'too small an MTU' refused 'Message too long' short.0
like 'the log says how large it must be' 'at least 4205 is needed' dmesg
ip link set short.0 mtu 4205
fails 'a link number that is none' eval "echo 'short.0 65536' 2> /dev/null > $debug/trunk0/netdev"
ok 'the smallest MTU' eval "echo 'short.0 7' > $debug/trunk0/netdev"
is 'it is told' 'short.0 7' cat $debug/trunk0/netdev
ok 'and taken away again' eval "echo > $debug/trunk0/netdev"
is 'so there is none' '' cat $debug/trunk0/netdev

must 'two cables' eval 'cable 1 2 && cable 3 4'
ok 'links train' eval 'for i in 1 2 3 4; do wait_until 10 trunk_is $i INIT; done'
like 'each end knows the other' 'port 4 of switch 0x0002c90300433c10.*peer: port 3 of switch 0x0002c90300433c40' \
	cat $debug/trunk1/state
must 'OpenSM makes one subnet of it' start_fabric
is 'all switches are there' 3 netdiscover 0 Switch
is 'and all HCAs' 6 netdiscover 5 Ca
ok 'trunks are active' eval 'for i in 1 2 3 4; do wait_until 10 trunk_is $i ACTIVE; done'
must 'addresses' addresses
ok 'everybody reaches the next one' everybody_pings
ok 'over all three switches' host 1 ping -n -c 5 -i 0.1 -W 5 -s 4000 10.0.0.6
switch_lid() {
	ibswitches -C vib0 | sed -n "s/.*: 0x$1 ports.* lid \([0-9]*\) .*/\1/p"
}
first=$(switch_lid 0002c90300433c10)
like 'the way there has three switches' '0433c10\}\[1\].*\[4\] -> .*0433c40\}\[3\].*\[4\] -> .*0433c70\}\[3\].*\[2\] -> ca' \
	eval "ibtracert -C vib0 1 $(($(< /sys/class/infiniband/vib5/ports/1/lid))) | tr '\n' ' '"
like 'counters of a trunk port' 'PortXmitPkts:\.*[1-9].*PortRcvPkts:\.*[1-9]' perfquery -C vib0 "$first" 4

exec 7< $debug/trunk1/capture
host 1 ping -n -c 3 -i 0.1 -W 5 10.0.0.5 > /dev/null
dd iflag=nonblock bs=64k <&7 > /run/capture 2> /dev/null
exec 7<&-
packets=$(python3 tools/vib/checksums.py /run/capture)
ok "a capture shows what crosses, all checksums are right ($packets)" eval '
	[[ $packets =~ ^([0-9]+)\ of\ ([0-9]+)$ ]] &&
	((BASH_REMATCH[1] == BASH_REMATCH[2] && BASH_REMATCH[1] >= 6))'

echo '# a cable is cut'
before=$(trunk_counter 2 link_losses)
ok 'one end goes down' ip link set c1.0 down
ok 'its port as well' trunk_is 1 DOWN
ok 'and the other end' wait_until 10 trunk_is 2 DOWN
is 'which counts it' $((before + 1)) trunk_counter 2 link_losses
ok 'nobody is reached' no_route
is 'there is one switch only' 1 netdiscover 0 Switch
ok 'it is mended' ip link set c1.0 up
ok 'and traffic is back' wait_until 30 reaches
ok 'everywhere' wait_until 30 everybody_pings

echo '# the device itself goes'
ok 'it goes' ip link del c1.0
ok 'the port is down' trunk_is 1 DOWN
is 'the name stays' 'c1.0 0' cat $debug/trunk1/netdev
ok 'one of that name comes, elsewhere' eval \
	'ip netns add other && ip -n other link add c1.0 mtu 4300 type veth peer name c1.1 mtu 4300 &&
	ip -n other link set c1.0 up && ip -n other link set c1.1 up'
ok 'which is not meant' trunk_is 1 DOWN
ok 'it comes here' ip -n other link set c1.0 netns 1
ip link set c1.0 up
ok 'and the other end, too' ip -n other link set c1.1 netns 1
ip link set c1.1 up
ok 'traffic is back' wait_until 30 reaches
ok 'it moves away again' ip link set c1.1 netns other
ok 'the link is down' wait_until 5 trunk_is 2 DOWN
ip -n other link set c1.1 netns 1
ip link set c1.1 up
ok 'and back' wait_until 30 reaches
ok 'its MTU shrinks' ip link set c1.1 mtu 1500
ok 'the link is down' wait_until 5 trunk_is 2 DOWN
ok 'and grows' ip link set c1.1 mtu 9000
ok 'traffic is back' wait_until 30 reaches
ok 'it gets another name' eval 'ip link set c1.1 down && ip link set c1.1 name new && ip link set new up'
is 'which is known' 'new 0' cat $debug/trunk2/netdev
ok 'traffic is back' wait_until 30 reaches

echo '# the subnet manager takes a trunk down'
ok 'disabled' ibportstate -C vib0 "$first" 4 disable
ok 'both ends are down' eval 'wait_until 5 trunk_is 1 DOWN && wait_until 5 trunk_is 2 DOWN || { cat $debug/trunk?/state; false; }'
ok 'enabled' ibportstate -C vib0 "$first" 4 enable
ok 'traffic is back' wait_until 30 reaches

echo '# nonsense'
before=$(trunk_counter 1 rx_drop_malformed)
ok 'frames that lie' tools/vib/frames.py new 2000
many() {
	(($(trunk_counter 1 rx_drop_malformed) > before + 100 &&
		$(trunk_counter 1 rx_drop_stranger) > 0))
}
ok 'are counted' wait_until 5 many
ok 'and change nothing' eval 'trunk_is 1 ACTIVE && reaches'

echo '# two subnet managers'
lids() {
	cat /sys/class/infiniband/vib*/ports/1/lid
}
before=$(lids)
sm_is() {
	sminfo -C vib0 2> /dev/null | grep -q "sm lid $(($(< "/sys/class/infiniband/vib$1/ports/1/lid"))) .*SMINFO_MASTER"
}
printf '%s\n' 'sminfo_polling_timeout 500' 'polling_retry_number 2' > /run/standby.conf
ok 'a second one, on the far switch' start_opensm 5 -F /run/standby.conf
ok 'stands by' wait_until 20 grep -q 'Entering STANDBY' /out/opensm.5.log
ok 'the first one is master' sm_is 0
ok 'the first one dies' kill -KILL "$(< /run/opensm/pid)"
ok 'the second one takes over' wait_until 30 sm_is 5
is 'no LID is lost' "$before" lids
ok 'everybody reaches the next one' wait_until 30 everybody_pings
ip -n h6 addr add 10.0.1.6/24 dev ib0
ip -n h1 addr add 10.0.1.1/24 dev ib0
ok 'and the subnet administrator answers' wait_until 30 host 1 ping -n -c 1 -W 1 10.0.1.6
ok 'the new one leaves' eval 'kill "$(< /run/opensm.5/pid)"'

ok 'modules go, cables in' eval 'wait_until 20 eval "! kill -0 $(< /run/opensm.5/pid) 2> /dev/null";
	modprobe -r eth_ipoib ib_ipoib && modprobe -r ib_umad && rmmod vib'
done_testing
