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

# start_machine GUID [HCAS [CABLES]]: its HCAs (2), and a switch cabled to the first network cards.
start_machine() {
	local hcas=${2:-2} cables=${3:-1} i

	modprobe virtio_net || return
	for ((i = 0; i < cables; i++)); do
		ip link set "$(ethernet $i)" name cable$i && ip link set cable$i mtu 4300 up || return
	done
	modprobe vib hcas="$hcas" trunks="$cables" guid="$1" || return
	for ((i = 0; i < cables; i++)); do
		echo cable$i > $debug/trunk$i/netdev || return
	done
	load_ipoib && make_hosts "$hcas" && modprobe eth_ipoib
}

trunk_is() {
	[[ $(head -n 1 $debug/trunk0/state) == "$1" ]]
}

# trunk_count NAME FILE...: the sum of that counter in these files.
trunk_count() {
	awk -v name="$1" '$1 == name { sum += $2; found++ } END { if (found != ARGC - 1) exit 1; print sum }' "${@:2}"
}

# addresses NET HCAS: 10.0.NET.I on host I.
addresses() {
	local i

	for ((i = 1; i <= $2; i++)); do
		ip -n "h$i" addr add "10.0.$1.$i/16" dev ib0 || return
	done
}

# start_manager PRIORITY: OpenSM, that sees soon when another one dies.
start_manager() {
	printf '%s\n' 'sminfo_polling_timeout 2000' 'polling_retry_number 2' > /run/opensm.conf
	start_opensm 0 -F /run/opensm.conf -p "$1"
}

manager_is() {
	grep 'Entering' "$OPENSM_LOG" | tail -n 1 | grep -q "Entering $1"
}

# carriers [N]: of hosts 1 to N.
carriers() {
	local i

	for ((i = 1; i <= ${1:-2}; i++)); do
		has_carrier $i ib0 || {
			echo "host $i has no carrier"
			return 1
		}
	done
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
