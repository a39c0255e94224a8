#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The index of IPoIB clones, through the patched ip and the patched ib_ipoib.
# hosts: 2

. tools/lib/guest.sh

# clone NAME ARGS...: add a clone of host 1's ib0.
clone() {
	local name=$1
	shift

	ip -n h1 link add link ib0 name "$name" type ipoib "$@"
}

# refused TEXT REGEX CMD...: passes if CMD fails and its output matches.
refused() {
	local text=$1 regex=$2 output status=0
	shift 2

	output=$("$@" 2>&1) || status=$?
	[[ $status != 0 && $output =~ $regex ]] && status=0 || status=1
	tap_result "$text" "$status" "$*: should fail and say $regex
$output"
}

# index_of NAME: as JSON has it.
index_of() {
	ip -n h1 -d -j link show dev "$1" | python3 -c '
import json, sys
print(json.load(sys.stdin)[0]["linkinfo"]["info_data"].get("index"))'
}

# raw add|set NAME LENGTH VALUE [MODE]: send an index of LENGTH bytes without ip,
# which shows either the kernel's explanation or its errno.
raw() {
	host 1 python3 - "$@" << 'EOF'
import os, socket, struct, sys

def attr(kind, data):
    return struct.pack("HH", len(data) + 4, kind) + data + b"\0" * (-len(data) % 4)

verb, name, length, value = sys.argv[1:5]
data = attr(32, int(value).to_bytes(int(length), sys.byteorder))
for mode in sys.argv[5:]:
    data += attr(2, struct.pack("H", int(mode)))
body = struct.pack("BxHiII", 0, 0, 0, 0, 0) + attr(3, name.encode() + b"\0")
if verb == "add":
    body += attr(5, struct.pack("I", socket.if_nametoindex("ib0")))
body += attr(18, attr(1, b"ipoib\0") + attr(2, data))
sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
sock.send(struct.pack("IHHII", 16 + len(body), 16, 0x605 if verb == "add" else 5, 1, 0) + body)
error = -struct.unpack_from("i", sock.recv(4096), 16)[0]
sys.exit(os.strerror(error) if error else 0)
EOF
}

range='index out of range: use 1 to 65535'
fixed='delete the clone and add it again'

like 'the module says that it is ours' '^1$' modinfo -F eipoib ib_ipoib
ok 'a clone with an index' clone ib0.1 index 1
like 'text shows it' 'ipoib index 1 pkey 0xffff' ip -n h1 -d link show dev ib0.1
like 'JSON shows it' '^1$' index_of ib0.1
ok 'the next one' clone ib0.2 index 2
refused 'a second of (P_Key, index)' 'choose another index' clone ib0.x index 1
refused 'is EEXIST' 'File exists' raw add ib0.x 2 1
refused 'also with its P_Key spelt out' 'choose another index' clone ib0.x pkey 0xffff index 1
ok 'the index again in another partition' clone ib0.8003.1 pkey 0x8003 index 1
refused 'the membership bit makes no other partition' 'choose another index' \
	clone ib0.x pkey 0x3 index 1
ok 'the largest index' clone ib0.65535 index 65535
like 'shows in full' '^65535$' index_of ib0.65535
ok 'the same pair below another parent' \
	ip -n h2 link add link ib0 name ib0.1 type ipoib index 1

ok 'a clone without an index' clone ib0.a pkey 0x8003
ok 'any number of them in one partition' clone ib0.b pkey 0x8003
like 'have none in a dump' '^None$' index_of ib0.b
ok 'also beside the parent' clone ib0.c

refused 'index 0' "$range" clone ib0.x index 0
refused 'is ERANGE' 'Numerical result out of range' raw add ib0.x 2 0
refused '65536 in four bytes is not 0' 'Invalid argument' raw add ib0.x 4 65536
refused '65538 in four bytes is not 2' 'Invalid argument' raw add ib0.x 4 65538
ok 'while two bytes are right' raw add ib0.raw 2 4711
like 'and taken as sent' '^4711$' index_of ib0.raw
refused 'no P_Key 0 with an index either' 'Invalid argument' clone ib0.x pkey 0x8000 index 9
refused 'a clone of a clone' 'Invalid argument' \
	ip -n h1 link add link ib0.1 name ib0.x type ipoib index 9
fails 'nothing is left of what was refused' ip -n h1 link show dev ib0.x

ok 'setting the index it has' ip -n h1 link set dev ib0.1 type ipoib index 1
refused 'another one' "$fixed" ip -n h1 link set dev ib0.1 type ipoib index 3
refused 'is EOPNOTSUPP' 'Operation not supported' raw set ib0.1 2 3
refused 'one for a clone without' "$fixed" ip -n h1 link set dev ib0.a type ipoib index 3
refused 'one for the main interface' "$fixed" ip -n h1 link set dev ib0 type ipoib index 3
refused 'index 0 for a clone without' "$range" ip -n h1 link set dev ib0.a type ipoib index 0
like 'nothing of that changed it' '^1$' index_of ib0.1

ok 'delete' ip -n h1 link del ib0.1
ok 'and the index is free again' clone ib0.1b index 1
ok 'umcast together with an index' clone ib0.3 index 3 umcast 1
refused 'a clone whose mode is refused goes away' 'Invalid argument' raw add ib0.x 2 7 2
fails 'whole' ip -n h1 link show dev ib0.x
ok 'and leaves its index' clone ib0.7 index 7

done_testing
