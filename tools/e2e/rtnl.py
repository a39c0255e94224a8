#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Send one RTM_NEWLINK made by hand, and print what the kernel answers.

usage: rtnl.py add|set IFNAME ATTRIBUTES

ATTRIBUTES, separated by blanks: NUMBER=TYPE:VALUE or NUMBER[ATTRIBUTES]; TYPE is u8, u16, u32, s
(string with its zero byte), x (hex bytes) or dev (ifindex of a name). Prints "ok", or the name of
the errno and the extack sentence: "EINVAL: MAC is no unicast address". What ip(8) refuses to send
or does not show can be tested with it.
"""
import errno
import re
import socket
import struct
import sys

NLM_F_REQUEST, NLM_F_ACK, NLM_F_EXCL, NLM_F_CREATE = 1, 4, 0x200, 0x400
RTM_NEWLINK = 16
IFLA_IFNAME = 3
SOL_NETLINK, NETLINK_EXT_ACK = 270, 11
NLMSGERR_ATTR_MSG = 1


def attribute(number, data):
    return struct.pack("HH", len(data) + 4, number) + data + b"\0" * (-len(data) % 4)


def value(kind, text):
    if kind == "s":
        return text.encode() + b"\0"
    if kind == "x":
        return bytes.fromhex(text)
    if kind == "dev":
        return struct.pack("I", socket.if_nametoindex(text))
    return struct.pack({"u8": "B", "u16": "H", "u32": "I"}[kind], int(text, 0))


def attributes(tokens):
    out = b""
    while tokens:
        token = tokens.pop(0)
        if token == "]":
            break
        if token.endswith("["):
            out += attribute(0x8000 | int(token[:-1]), attributes(tokens))
        else:
            number, kind, text = re.fullmatch(r"(\d+)=(\w+):(.*)", token).groups()
            out += attribute(int(number), value(kind, text))
    return out


def sentence(answer):
    """The extack message of an NLMSG_ERROR, which NETLINK_CAP_ACK has kept short or not."""
    length, _, flags = struct.unpack_from("IHH", answer, 0)
    if not flags & 0x200:
        return ""
    at = 16 + 4 + 16
    if not flags & 0x100:
        at = 16 + 4 + struct.unpack_from("I", answer, 20)[0]
    while at + 4 <= length:
        size, kind = struct.unpack_from("HH", answer, at)
        if kind == NLMSGERR_ATTR_MSG:
            return answer[at + 4:at + size].rstrip(b"\0").decode()
        at += (size + 3) & ~3
    return ""


def main():
    verb, name, text = sys.argv[1:4]
    flags = NLM_F_REQUEST | NLM_F_ACK | (NLM_F_CREATE | NLM_F_EXCL if verb == "add" else 0)
    body = struct.pack("BxHiII", 0, 0, 0, 0, 0) + attribute(IFLA_IFNAME, name.encode() + b"\0")
    body += attributes(text.replace("[", "[ ").replace("]", " ]").split())
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    sock.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
    sock.send(struct.pack("IHHII", 16 + len(body), RTM_NEWLINK, flags, 1, 0) + body)
    answer = sock.recv(65536)
    error = -struct.unpack_from("i", answer, 16)[0]
    # Python calls 95 by its other name.
    name = errno.errorcode.get(error, "").replace("ENOTSUP", "EOPNOTSUPP")
    print(f"{name}: {sentence(answer)}" if error else "ok")


main()
