# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# User verbs, for guest scripts that run with --no-fabric. Host N has 10.9.0.N on ib0 and HCA
# vib(N-1).

# load_verbs: the fabric, with what user space needs besides.
load_verbs() {
	local n

	modprobe -a ib_uverbs rdma_ucm && load_fabric || return
	for ((n = 1; n <= EIPOIB_HOSTS; n++)); do
		ip -n "h$n" addr add "10.9.0.$n/24" dev ib0 || return
	done
}

# listens_tcp PORT, listens_cm PORT: a server is ready on host 1.
listens_tcp() {
	host 1 ss -Hltn | grep -q ":$1 "
}

listens_cm() {
	rdma resource show cm_id | grep -q "state LISTEN .*src-addr [^ ]*:$1 "
}

# pair READY SERVER-COMMAND -- CLIENT-COMMAND: READY says that the server on host 1 waits for
# the client on host 2. Both have to succeed.
pair() {
	local ready=$1 server=() pid status=0
	shift

	while [[ $1 != -- ]]; do
		server+=("$1")
		shift
	done
	shift
	# Not host(): a function in the background is a shell, which would be killed in its place.
	ip netns exec h1 timeout 120 "${server[@]}" > /run/server.log 2>&1 < /dev/null &
	pid=$!
	# shellcheck disable=SC2086 # words
	wait_until 30 $ready && host 2 timeout 120 "$@" || status=$?
	((status == 0)) || kill "$pid" 2> /dev/null
	wait "$pid" || status=$?
	((status == 0)) || sed 's/^/server: /' /run/server.log
	return "$status"
}

# objects HCA: how many PDs, CQs, QPs, ... there are, for example "pd 2 cq 3 qp 3 cm_id 0 mr 0".
objects() {
	rdma resource show "$1" | sed 's/^[0-9]*: //'
}
