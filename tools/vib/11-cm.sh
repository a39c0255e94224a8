#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# RDMA-CM over IPoIB's addresses: librdmacm's own programs.
# hosts: 2
# vm: --no-fabric --timeout 600
. tools/lib/guest.sh
. tools/vib/verbs.sh

ok 'the fabric' load_verbs
before=$(objects vib0)

ok 'rping: 500 times 4 kB are read, written and compared' pair 'listens_cm 7174' \
	rping -s -V -C 500 -S 4096 -- rping -c -V -C 500 -S 4096 -a 10.9.0.1
ok 'with a queue pair of its own making' pair 'listens_cm 7174' \
	rping -s -q -V -C 50 -- rping -c -q -V -C 50 -a 10.9.0.1
ok 'ucmatose: 8 connections, 100 messages each' pair 'listens_cm 7471' \
	ucmatose -c 8 -C 100 -S 2000 -- ucmatose -s 10.9.0.1 -c 8 -C 100 -S 2000
ok 'udaddy: datagrams' pair 'listens_cm 7174' \
	udaddy -c 4 -C 50 -S 1000 -- udaddy -s 10.9.0.1 -c 4 -C 50 -S 1000
ok 'rdma_server and rdma_client' pair 'listens_cm 7471' rdma_server -- rdma_client -s 10.9.0.1
ok 'rstream: sockets over verbs' pair 'listens_cm 7471' \
	rstream -S 4096 -C 500 -- rstream -s 10.9.0.1 -S 4096 -C 500

nobody_there() {
	! host 2 timeout 30 rping -c -C 1 -a 10.9.0.1
}
ok 'nobody listens: refused' nobody_there

same_objects() {
	[[ $(objects vib0) == "$before" ]]
}
ok 'nothing is left behind' wait_until 20 same_objects
done_testing
