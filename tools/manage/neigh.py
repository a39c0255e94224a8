#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Bridge forwarding entries by hand.

usage: neigh.py listen
       neigh.py add|change|del IFNAME MAC STATE FLAGS [ATTRIBUTE=VALUE...]

listen prints what is said about them on RTNLGRP_NEIGH, a line each. The first line is "listening". The others: seconds, miss, new or del, the interface, the MAC, and
what else there is: "12.345 miss eth4 52:54:00:00:00:01 vlan 3 state 4 flags 2".

The others send a request that bridge(8) would not send, and print "ok" or the name of the errno and
the extack sentence. MAC is in hex and may have any length; ATTRIBUTE is a number or dst, vlan, vni;
VALUE is an IPv6 address, x:HEX, u8:N, u16:N or u32:N.
"""
import errno
import ipaddress
import socket
import struct
import sys
import time

SO_RCVBUFFORCE = 33
RTMGRP_NEIGH = 4
KINDS = {28: "new", 29: "del", 30: "miss"}  # RTM_NEWNEIGH and so on
NDA_DST, NDA_LLADDR, NDA_VLAN, NDA_VNI = 1, 2, 5, 7
NAMES = {"dst": NDA_DST, "vlan": NDA_VLAN, "vni": NDA_VNI}
# RTM_NEWNEIGH and RTM_DELNEIGH with NLM_F_REQUEST, NLM_F_ACK and what makes the difference.
VERBS = {"add": (28, 0x605), "change": (28, 0x005), "del": (29, 0x005)}
SOL_NETLINK, NETLINK_EXT_ACK = 270, 11


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


def value(text):
    kind, _, number = text.partition(":")
    if kind == "x":
        return bytes.fromhex(number)
    if kind in ("u8", "u16", "u32"):
        return struct.pack({"u8": "B", "u16": "H", "u32": "I"}[kind], int(number, 0))
    return ipaddress.IPv6Address(text).packed


def attribute(number, data):
    return struct.pack("HH", len(data) + 4, number) + data + bytes(-len(data) % 4)


def sentence(answer):
    """The extack message of an NLMSG_ERROR, which repeats the request or does not."""
    flags = struct.unpack_from("IHH", answer)[2]
    if not flags & 0x200:
        return ""
    request = 16 if flags & 0x100 else struct.unpack_from("I", answer, 20)[0]
    return attributes(answer[20 + request:]).get(1, b"").rstrip(b"\0").decode()


def ask(verb, ifname, mac, state, flags, *given):
    kind, how = VERBS[verb]
    body = struct.pack("BxxxiHBx", socket.AF_BRIDGE, socket.if_nametoindex(ifname), int(state),
                       int(flags)) + attribute(NDA_LLADDR, bytes.fromhex(mac))
    for word in given:
        name, _, text = word.partition("=")
        body += attribute(NAMES.get(name) or int(name), value(text))
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    sock.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
    sock.send(struct.pack("IHHII", 16 + len(body), kind, how, 1, 0) + body)
    answer = sock.recv(65536)
    error = -struct.unpack_from("i", answer, 16)[0]
    # Python calls 95 by its other name.
    name = errno.errorcode.get(error, "").replace("ENOTSUP", "EOPNOTSUPP")
    print(f"{name}: {sentence(answer)}" if error else "ok")


if sys.argv[1:] == ["listen"]:
    listen()
else:
    assert len(sys.argv) >= 6, __doc__
    ask(*sys.argv[1:])
