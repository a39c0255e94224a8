# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""rtnetlink by hand, for the scripts of this folder: requests that ip(8) would not send, what the
kernel answers, links as they are, and what it tells by itself."""
import errno
import os
import select
import socket
import struct
import sys
import time

NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP, NLM_F_EXCL, NLM_F_CREATE = 1, 4, 0x300, 0x200, 0x400
NLM_F_CAPPED, NLM_F_ACK_TLVS = 0x100, 0x200
NLMSG_ERROR, NLMSG_DONE = 2, 3
RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK, RTM_SETLINK = 16, 17, 18, 19
RTMGRP_LINK = 1
SOL_NETLINK, NETLINK_EXT_ACK = 270, 11
NLMSGERR_ATTR_MSG = 1
NLA_F_NESTED = 0x8000
NLA_TYPE_MASK = 0x3fff

IFLA_ADDRESS, IFLA_IFNAME, IFLA_MTU, IFLA_LINK, IFLA_STATS = 1, 3, 4, 5, 7
IFLA_MASTER, IFLA_TXQLEN, IFLA_LINKINFO, IFLA_IFALIAS, IFLA_STATS64 = 10, 13, 18, 20, 23
IFLA_AF_SPEC, IFLA_GROUP, IFLA_NET_NS_FD, IFLA_EXT_MASK = 26, 27, 28, 29
INFO_KIND, INFO_DATA, INFO_SLAVE_KIND, INFO_SLAVE_DATA = 1, 2, 4, 5
RTEXT_FILTER_SKIP_STATS = 8

# <linux/eipoib.h>
VIF, VIF_COUNT, MAX_PEERS, PEER_COUNT, PIF_IFINDEX, PIF_MAX = 1, 2, 3, 4, 5, 5
(VIF_IFINDEX, VIF_MAC, VIF_VLAN, VIF_QPN, VIF_FLAGS, VIF_NONE, VIF_RX_DROPPED, VIF_TX_DROPPED,
 VIF_PAD) = range(1, 10)
VIF_MAX = VIF_PAD
ANY, STICKY, CONTESTED = 1, 2, 4


def u8(value):
    return struct.pack("B", value)


def u16(value):
    return struct.pack("H", value)


def u32(value):
    return struct.pack("I", value & 0xffffffff)


def attr(number, data=b""):
    return struct.pack("HH", len(data) + 4, number) + data + b"\0" * (-len(data) % 4)


def nest(number, *attrs):
    return attr(number | NLA_F_NESTED, b"".join(attrs))


def linkinfo(*data, kind=b"eipoib\0"):
    """IFLA_LINKINFO of @kind with @data in its IFLA_INFO_DATA."""
    return nest(IFLA_LINKINFO, attr(INFO_KIND, kind), nest(INFO_DATA, *data))


def vif_request(*attrs):
    return linkinfo(nest(VIF, *attrs))


def parse(data):
    """The attributes of a message that the kernel made: (type, payload)."""
    at = 0
    while at + 4 <= len(data):
        size, number = struct.unpack_from("HH", data, at)
        yield number & NLA_TYPE_MASK, data[at + 4:at + size]
        at += (size + 3) & ~3


def error_name(number):
    # Python calls 95 by its other name.
    return errno.errorcode.get(number, str(number)).replace("ENOTSUP", "EOPNOTSUPP")


def sentence(answer):
    """The extack message of an NLMSG_ERROR."""
    flags = struct.unpack_from("H", answer, 6)[0]
    if not flags & NLM_F_ACK_TLVS:
        return ""
    at = 36 if flags & NLM_F_CAPPED else 20 + struct.unpack_from("I", answer, 20)[0]
    return "".join(text.rstrip(b"\0").decode() for number, text in parse(answer[at:])
                   if number == NLMSGERR_ATTR_MSG)


def split(data):
    """The messages of one receive."""
    at = 0
    while at + 16 <= len(data):
        size = struct.unpack_from("I", data, at)[0]
        yield data[at:at + size]
        at += (size + 3) & ~3


class Link:
    """One RTM_NEWLINK or RTM_DELLINK."""

    def __init__(self, message):
        self.is_gone = struct.unpack_from("H", message, 4)[0] == RTM_DELLINK
        self.index, self.flags = struct.unpack_from("iI", message, 20)
        self.attrs = dict(parse(message[32:]))
        self.name = self.attrs[IFLA_IFNAME].rstrip(b"\0").decode()
        self.info = dict(parse(self.attrs.get(IFLA_LINKINFO, b"")))
        self.data = dict(parse(self.info.get(INFO_DATA, b"")))
        self.slave = dict(parse(self.info.get(INFO_SLAVE_DATA, b"")))
        self.kind = self.info.get(INFO_KIND, b"").rstrip(b"\0")

    def number(self, attrs, which):
        """An integer of any size, or None."""
        return int.from_bytes(attrs[which], sys.byteorder) if which in attrs else None

    @property
    def master(self):
        return self.number(self.attrs, IFLA_MASTER)

    @property
    def mtu(self):
        return self.number(self.attrs, IFLA_MTU)

    @property
    def mac(self):
        return self.slave.get(VIF_MAC, b"").hex()

    @property
    def vif_flags(self):
        return self.number(self.slave, VIF_FLAGS)

    @property
    def vif_count(self):
        return self.number(self.data, VIF_COUNT)

    def lasting(self):
        """All of it that only an administrator changes."""
        passing = (IFLA_STATS, IFLA_STATS64, IFLA_AF_SPEC, IFLA_LINKINFO)
        attrs = {k: v for k, v in self.attrs.items() if k not in passing}
        info = {k: v for k, v in self.info.items() if k not in (INFO_DATA, INFO_SLAVE_DATA, 3)}
        data = {k: v for k, v in self.data.items()
                if self.kind != b"eipoib" or k != PEER_COUNT}
        slave = {k: v for k, v in self.slave.items()
                 if k not in (VIF_RX_DROPPED, VIF_TX_DROPPED)}
        return self.index, self.flags, attrs, info, data, slave


class Netlink:
    """A socket of the namespace it was made in."""

    def __init__(self, groups=0):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        self.sock.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.sock.bind((0, groups))
        self.sequence = 0

    def message(self, kind, flags, body):
        self.sequence += 1
        return struct.pack("IHHII", 16 + len(body), kind, flags, self.sequence, 0) + body

    def answer(self):
        """The next acknowledgement: (errno, sentence)."""
        for message in split(self.sock.recv(1 << 20)):
            if struct.unpack_from("H", message, 4)[0] == NLMSG_ERROR:
                return -struct.unpack_from("i", message, 16)[0], sentence(message)
        raise RuntimeError("no acknowledgement")

    def link(self, index, *attrs, flags=0, kind=RTM_NEWLINK, up=0):
        """Ask for link @index (0: as the attributes say) to be changed or made."""
        body = struct.pack("BxHiII", 0, 0, index, up, up) + b"".join(attrs)
        self.sock.send(self.message(kind, NLM_F_REQUEST | NLM_F_ACK | flags, body))
        return self.answer()

    def add(self, *attrs):
        return self.link(0, *attrs, flags=NLM_F_CREATE | NLM_F_EXCL)

    def links(self):
        """All links by name."""
        body = struct.pack("BxHiII", 0, 0, 0, 0, 0)
        body += attr(IFLA_EXT_MASK, u32(RTEXT_FILTER_SKIP_STATS))
        self.sock.send(self.message(RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, body))
        found = {}
        while True:
            for message in split(self.sock.recv(1 << 20)):
                kind = struct.unpack_from("H", message, 4)[0]
                if kind == NLMSG_DONE:
                    return found
                if kind == RTM_NEWLINK:
                    link = Link(message)
                    found[link.name] = link

    def state(self):
        """What a refused request leaves as it is."""
        return {name: link.lasting() for name, link in self.links().items()}


class Monitor(Netlink):
    """Hears of links from now on."""

    def __init__(self):
        super().__init__(RTMGRP_LINK)
        self.heard = []

    def hear(self, seconds):
        """What is told within @seconds, or the first of it that comes."""
        if select.select([self.sock], [], [], max(seconds, 0))[0]:
            self.heard += [Link(m) for m in split(self.sock.recv(1 << 20))
                           if struct.unpack_from("H", m, 4)[0] in (RTM_NEWLINK, RTM_DELLINK)]

    def hears(self, matches, seconds=10):
        """Whether a link for which @matches is true is, or was, told of."""
        deadline = time.monotonic() + seconds
        while not any(map(matches, self.heard)):
            if time.monotonic() > deadline:
                return False
            self.hear(deadline - time.monotonic())
        return True

    def forget(self):
        """Forget what has been told until now."""
        while select.select([self.sock], [], [], 0)[0]:
            self.sock.recv(1 << 20)
        self.heard = []


def difference(before, after):
    """What is not the same in two states, as text."""
    return "; ".join(f"{name}: {before.get(name)} -> {after.get(name)}"
                     for name in sorted(before.keys() | after.keys())
                     if before.get(name) != after.get(name))


def result(text, is_ok, why=""):
    """A line for program_results of the shell."""
    print(f"{'ok' if is_ok else 'not ok'} {text}" + ("" if is_ok else f"\t{why}"), flush=True)


def enter(namespace):
    """Sockets made from now on are in another namespace."""
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    with open(f"/run/netns/{namespace}", encoding="ascii") as file:
        if libc.setns(file.fileno(), 0):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
