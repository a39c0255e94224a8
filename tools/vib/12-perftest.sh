#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# perftest: each transport and operation between two HCAs.
# hosts: 2
# vm: --no-fabric --timeout 600
. tools/lib/guest.sh
. tools/vib/verbs.sh

ok 'the fabric' load_verbs

# perf PROGRAM OPTION...
perf() {
	pair 'listens_tcp 18515' "$1" -d vib0 -F "${@:2}" -- "$1" -d vib1 -F "${@:2}" 10.9.0.1
}

like 'ib_send_bw' 'Connection type : RC.* 65536 +300 ' perf ib_send_bw -n 300
like 'with a shared receive queue' 'Using SRQ      : ON.* 65536 +400 ' \
	perf ib_send_bw -n 200 --use-srq -q 2
like 'datagrams' 'Connection type : UD.* 2048 +1000 ' perf ib_send_bw -c UD -s 2048 -n 1000
like 'ib_write_bw' ' 65536 +300 ' perf ib_write_bw -n 300
like 'both ways' ' 65536 +200 ' perf ib_write_bw -b -n 200
like 'ib_read_bw' ' 65536 +200 ' perf ib_read_bw -n 200
like 'ib_atomic_bw' ' 8 +500 ' perf ib_atomic_bw -n 500
like 'ib_send_lat' ' 2 +200 ' perf ib_send_lat -n 200
like 'of datagrams' 'Connection type : UD.* 2 +200 ' perf ib_send_lat -c UD -n 200
like 'ib_write_lat' ' 2 +200 ' perf ib_write_lat -n 200
like 'ib_read_lat' ' 2 +200 ' perf ib_read_lat -n 200
like 'connected by RDMA-CM' 'rdma_cm QPs[[:space:]]*: ON.* 65536 +100 ' \
	pair 'listens_cm 18515' ib_send_bw -d vib0 -F -R -n 100 -- \
	ib_send_bw -d vib1 -F -R -n 100 10.9.0.1
done_testing
