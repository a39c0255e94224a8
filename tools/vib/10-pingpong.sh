#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# User verbs: what libibverbs' own programs say of an HCA, and their ping-pongs between two.
# hosts: 2
# vm: --no-fabric --timeout 600
. tools/lib/guest.sh
. tools/vib/verbs.sh

ok 'the fabric' load_verbs
before=$(objects vib0)

# pingpong KIND OPTION...
pingpong() {
	pair 'listens_tcp 18515' "ibv_$1_pingpong" -d vib0 "${@:2}" -- \
		"ibv_$1_pingpong" -d vib1 "${@:2}" 10.9.0.1
}

like 'ibv_devices knows both' 'vib0 .*vib1 ' ibv_devices
like 'ibv_devinfo: a port with an InfiniBand link' \
	'PORT_ACTIVE.*link_layer:[[:space:]]*InfiniBand' ibv_devinfo -d vib0
like 'with shared receive queues' 'max_srq:[[:space:]]*1048576' ibv_devinfo -v -d vib1
like 'a connection' '200 iters' pingpong rc -n 200 -c
like 'with events instead of polling' '200 iters' pingpong rc -n 200 -c -e
like 'with a GRH' '50 iters' pingpong rc -n 50 -c -g 0
like 'one byte' '50 iters' pingpong rc -n 50 -s 1
like 'a megabyte' '5 iters' pingpong rc -n 5 -s 1048576 -c -r 10
like 'an MTU of 256' '20 iters' pingpong rc -n 20 -m 256 -c
like '16 connections with one receive queue' '400 iters' pingpong srq -n 400 -c
like 'with events' '200 iters' pingpong srq -n 200 -c -e
like 'datagrams' '200 iters' pingpong ud -n 200 -c
like 'with events' '200 iters' pingpong ud -n 200 -c -e
like 'with a GRH' '50 iters' pingpong ud -n 50 -c -g 0
fails 'no unreliable connections' host 1 timeout 30 ibv_uc_pingpong -d vib0

same_objects() {
	[[ $(objects vib0) == "$before" ]]
}
ok 'nothing is left behind' wait_until 20 same_objects
done_testing
