#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# "InfiniBand on a laptop in a minute" of Documentation/infiniband/vib.rst, line by line, with the
# distribution's ib_ipoib.
# vm: --no-fabric
. tools/lib/guest.sh

# The lines, without what is said about them. OpenSM is waited for where the text says so.
lines() {
	sed -n '/^InfiniBand on a laptop/,/^Links to/ s/^    \([a-z].*\)/\1/p' \
		Documentation/infiniband/vib.rst | sed -n '1,/^perfquery/ { s/ *#.*//; p }'
}

# The distribution's ib_ipoib: this is about vib alone.
modprobe() {
	local name names=()

	for name; do
		[[ $name == ib_ipoib ]] || names+=("$name")
	done
	command modprobe "${names[@]}" &&
		command insmod "$EIPOIB_MODULES/kernel/drivers/infiniband/ulp/ipoib/ib_ipoib.ko"
}

insmod() {
	command insmod "$EIPOIB_MODULES/updates/$1"
}

ping() {
	wait_until 60 command ping "$@"
}

# What OpenSM needs that a system with a disk has.
mkdir -p /var/cache/opensm
count=0
while read -r line; do
	count=$((count + 1))
	ok "$line" eval "$line"
done < <(lines)
ok 'that was all' test "$count" -ge 13
ok 'eth_ipoib is not there' eval '! grep -q eth_ipoib /proc/modules'
done_testing
