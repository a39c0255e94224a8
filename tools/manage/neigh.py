#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Print what is said about bridge forwarding entries on RTNLGRP_NEIGH, a line each.

usage: neigh.py listen

The first line is "listening". The others: seconds, miss, new or del, the interface, the MAC, and
what else there is: "12.345 miss eth4 52:54:00:00:00:01 vlan 3 state 4 flags 2".
"""
import ipaddress
import socket
import struct
import sys
import time

SO_RCVBUFFORCE = 33
RTMGRP_NEIGH = 4
KINDS = {28: "new", 29: "del", 30: "miss"}  # RTM_NEWNEIGH and so on
NDA_DST, NDA_LLADDR, NDA_VLAN, NDA_VNI = 1, 2, 5, 7


def attributes(data):
    """The attributes of a message by their numbers."""
    found = {}
    while len(data) >= 4:
        size, number = struct.unpack_from("HH", data)
        found[number] = data[4:size]
        data = data[(size + 3) & ~3:]
    return found


def describe(kind, body):
    family, ifindex, state, flags = struct.unpack_from("BxxxiHBx", body)
    if family != socket.AF_BRIDGE:
        return None
    found = attributes(body[12:])
    words = [KINDS[kind], socket.if_indextoname(ifindex), found[NDA_LLADDR].hex(":")]
    if NDA_VLAN in found:
        words += ["vlan", struct.unpack("H", found[NDA_VLAN])[0]]
    if NDA_DST in found:
        words += ["dst", ipaddress.IPv6Address(found[NDA_DST])]
    if NDA_VNI in found:
        words += ["vni", struct.unpack("I", found[NDA_VNI])[0]]
    return " ".join(map(str, words + ["state", state, "flags", flags]))


def messages(data):
    while len(data) >= 16:
        size, kind = struct.unpack_from("IH", data)
        yield kind, data[16:size]
        data = data[(size + 3) & ~3:]


def listen():
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 20)
    sock.bind((0, RTMGRP_NEIGH))
    print("listening", flush=True)
    while True:
        for kind, body in messages(sock.recv(65536)):
            text = describe(kind, body)
            if text:
                print(f"{time.monotonic():.3f} {text}", flush=True)


assert sys.argv[1:] == ["listen"], __doc__
listen()
