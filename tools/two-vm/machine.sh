# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# What happens inside each of two VMs that are machines on one fabric: A has the hypervisor A as its
# host 1 and a plain IPoIB host as its host 2, B has the hypervisor B as its host 2 and a plain one
# as its host 1. See tools/e2e/hypervisor.sh for who is where; the plain hosts are 10.0.0.3 and
# 10.0.0.4.

debug=/sys/kernel/debug/vib

# ethernet N: the name of the Nth network card (from 0).
ethernet() {
	local devices=(/sys/bus/virtio/drivers/virtio_net/virtio*/net/*)

	echo "${devices[$1]##*/}"
}

# start_machine GUID: two HCAs, and the switch cabled to the first network card.
start_machine() {
	modprobe virtio_net && ip link set "$(ethernet 0)" name cable && ip link set cable mtu 4300 up &&
		modprobe vib hcas=2 trunks=1 guid="$1" && echo cable > $debug/trunk0/netdev &&
		load_ipoib && make_hosts 2 && modprobe eth_ipoib
}

trunk_is() {
	[[ $(head -n 1 $debug/trunk0/state) == "$1" ]]
}

# start_manager PRIORITY: OpenSM, that sees soon when another one dies.
start_manager() {
	printf '%s\n' 'sminfo_polling_timeout 2000' 'polling_retry_number 2' > /run/opensm.conf
	start_opensm 0 -F /run/opensm.conf -p "$1"
}

manager_is() {
	grep 'Entering' "$OPENSM_LOG" | tail -n 1 | grep -q "Entering $1"
}

carriers() {
	has_carrier 1 ib0 && has_carrier 2 ib0
}

lids() {
	cat /sys/class/infiniband/vib*/ports/1/lid
}

# knows NETNS ADDRESS MAC
knows() {
	ip -n "$1" neigh show to "$2" | grep -q -i "$3"
}

one_ping() {
	ip netns exec "$1" ping -n -c 1 -W 1 "$2" > /dev/null 2>&1
}

# talk NETNS ADDRESS...: all of these pairs at once; says who does not get an answer.
talk() {
	local pids=() pid status=0

	while (($#)); do
		{ one_ping "$1" "$2" || { echo "$1 does not reach $2" && false; }; } &
		pids+=($!)
		shift 2
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || status=1
	done
	return "$status"
}

# receive_file NETNS PORT and send_file NETNS ADDRESS PORT: 4 MB by TCP.
receive_file() {
	ip netns exec "$1" timeout 240 nc -d -l "$2" > /run/received 2> /run/receiver &
	wait_until 10 eval "ip netns exec $1 ss -H -t -l -n sport = :$2 | grep -q LISTEN"
}

# It ends when the receiver has all and closes.
send_file() {
	head -c 4194304 /dev/urandom > /run/sent
	timeout 240 ip netns exec "$1" nc -N "$2" "$3" < /run/sent
}

checksum() {
	sha256sum < "/run/$1"
}

vifs() {
	host "$1" sh -c 'cat /sys/class/net/eth4/eth/vifs' | sort
}
