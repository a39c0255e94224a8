# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Cables between the switches of one machine, for guest scripts: veth pairs.

debug=/sys/kernel/debug/vib

# cable A B [NAME]: from trunk A to trunk B, over the pair NAME.0 and NAME.1.
cable() {
	local name=${3:-c$1}

	ip link add "$name.0" mtu 4300 type veth peer name "$name.1" mtu 4300 &&
		ip link set "$name.0" up && ip link set "$name.1" up &&
		echo "$name.0" > "$debug/trunk$1/netdev" && echo "$name.1" > "$debug/trunk$2/netdev"
}

# trunk_state N
trunk_state() {
	head -n 1 "$debug/trunk$1/state"
}

# trunk_is N STATE
trunk_is() {
	[[ $(trunk_state "$1") == "$2" ]]
}

# trunk_counter N NAME
trunk_counter() {
	sed -n "s/^$2 //p" "$debug/trunk$1/counters"
}

# netdiscover HCA Switch|Ca: how many there are.
netdiscover() {
	ibnetdiscover -C "vib$1" | grep -c "^$2"
}

# everybody_pings [N]: hosts 1 to N, each the next one, which is the first one of the last.
everybody_pings() {
	local i n=${1:-$EIPOIB_HOSTS}

	for ((i = 1; i <= n; i++)); do
		host "$i" ping -n -c 1 -W 5 "10.0.0.$((i % n + 1))" > /dev/null || {
			echo "host $i does not reach $((i % n + 1))"
			return 1
		}
	done
}

# addresses [N]: 10.0.0.I on host I.
addresses() {
	local i

	for ((i = 1; i <= ${1:-$EIPOIB_HOSTS}; i++)); do
		ip -n "h$i" addr add "10.0.0.$i/24" dev ib0 || return
	done
}
