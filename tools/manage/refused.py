#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Requests that must be refused: with this errno, a sentence, and nothing changed.

usage: refused.py vif|pif|address|nobody

In the namespace of the PIF eth4 with the VIFs ib0.1 (00:02:c9:43:3b:f1), ib0.2 (52:54:00:00:00:02),
ib0.8003 (00:02:c9:43:3b:f1, VLAN 3) and ib0.8003.1 (52:54:00:00:00:02, VLAN 3), the free clone
ib0.3 and dummy0. A line is a result.

vif: what is said of a VIF. pif: what is said when a PIF is made above ib1, which has none.
address: addresses and the MTU of eth4, slave data. nobody: good requests of who may not.
"""
import ctypes
import os
import re
import socket
import sys

from netlink import *

MAC = bytes.fromhex("525400000099")
OWN = bytes.fromhex("0002c9433bf1")
OTHER = bytes.fromhex("525400000002")
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000


def index(name):
    return u32(socket.if_nametoindex(name))


def attr_of_length(number, size):
    return attr(number, b"\x52\x54\0\0\0\x99\0\0\0\0\0\0\0\0\0\0\0\0\0\0"[:size])


class Judge:
    def __init__(self):
        self.kernel = Netlink()
        self.before = self.kernel.state()
        self.pif = socket.if_nametoindex("eth4")

    def refused(self, text, errors, words, answer):
        """@answer is one of @errors, and its sentence matches @words."""
        number, said = answer
        name = error_name(number) if number else "accepted"
        after = self.kernel.state()
        why = ""
        if name not in errors.split():
            why = f"{name}: {said}, not {errors}"
        elif not re.search(words, said):
            why = f"{name}: {said!r} does not match {words}"
        elif after != self.before:
            why = difference(self.before, after)
        self.before = after
        result(text, not why, why)

    def vif(self, text, errors, words, *attrs):
        """A change of eth4's VIF ib0.2, with these attributes of a VIF."""
        self.data(text, errors, words, nest(VIF, *attrs))

    def data(self, text, errors, words, *data):
        self.info(text, errors, words, linkinfo(*data))

    def info(self, text, errors, words, *attrs):
        self.refused(text, errors, words, self.kernel.link(self.pif, *attrs))

    def made(self, text, errors, words, *attrs, data=(), name=b"eth9\0"):
        self.refused(text, errors, words, self.kernel.add(
            attr(IFLA_IFNAME, name), *attrs, linkinfo(*data)))


def vifs(judge):
    clone = attr(VIF_IFINDEX, index("ib0.2"))
    mac = attr(VIF_MAC, MAC)
    strict = "EINVAL ERANGE"

    judge.vif("a VIF without anything", "EINVAL", "which clone")
    judge.vif("no IFINDEX", "EINVAL", "which clone", mac)
    judge.vif("no MAC", "EINVAL", "which MAC", clone)
    for number, name, right in ((VIF_IFINDEX, "IFINDEX", 4), (VIF_VLAN, "VLAN", 2),
                                (VIF_FLAGS, "FLAGS", 4), (VIF_NONE, "NONE", 0)):
        rest = [] if number == VIF_IFINDEX else [clone]
        rest += [] if number == VIF_NONE else [mac]
        for size in (0, 1, 2, 3, 4, 5, 8):
            if size != right:
                judge.vif(f"{name} of {size} bytes", strict, "valid|reserved bit", *rest,
                          attr_of_length(number, size))
    for size in (0, 1, 5, 7, 8, 20):
        judge.vif(f"a MAC of {size} bytes", strict, "6 bytes", clone, attr_of_length(VIF_MAC, size))
    for name, value in (("zero", 0), ("-1", -1), ("dummy0", socket.if_nametoindex("dummy0")),
                        ("a free clone", socket.if_nametoindex("ib0.3")),
                        ("the PIF", socket.if_nametoindex("eth4"))):
        judge.vif(f"IFINDEX: {name}", "ENODEV", "master", attr(VIF_IFINDEX, u32(value)), mac)
    for bad in "000000000000", "01005e000001", "ffffffffffff", "0102c9433bf1":
        judge.vif(f"MAC {bad}", "EINVAL", "unicast", clone, attr(VIF_MAC, bytes.fromhex(bad)))
    for vlan in 0, 4095, 4096, 0x8003, 0xffff:
        judge.vif(f"VLAN {vlan}", "EINVAL", "VLAN out of range", clone, mac,
                  attr(VIF_VLAN, u16(vlan)))
    judge.vif("another VLAN for the P_Key", "EINVAL", "P_Key", clone, mac, attr(VIF_VLAN, u16(4)))
    judge.vif("a MAC that is taken", "EINVAL", "Another VIF", clone, attr(VIF_MAC, OWN))
    for bit in range(2, 32):
        judge.vif(f"flag {bit}", strict, "reserved bit", clone, mac, attr(VIF_FLAGS, u32(1 << bit)))
    judge.vif("any MAC, and one", "EINVAL", "any", clone, mac, attr(VIF_FLAGS, u32(ANY)))
    judge.vif("any MAC, sticky", "EINVAL", "stick", clone, attr(VIF_FLAGS, u32(ANY | STICKY)))
    for attribute, name in ((mac, "a MAC"), (attr(VIF_VLAN, u16(3)), "a VLAN"),
                            (attr(VIF_FLAGS, u32(0)), "flags")):
        judge.vif(f"nothing, and {name}", "EINVAL", "anything else", clone, attr(VIF_NONE),
                  attribute)
    for attribute, name in ((clone, "IFINDEX"), (mac, "MAC"), (attr(VIF_VLAN, u16(3)), "VLAN"),
                            (attr(VIF_FLAGS, u32(0)), "FLAGS")):
        rest = [a for a in (clone, mac) if a != attribute]
        judge.vif(f"{name} twice", "EINVAL", "twice", *rest, attribute, attribute)
    judge.vif("NONE twice", "EINVAL", "twice", clone, attr(VIF_NONE), attr(VIF_NONE))
    for number, name in ((VIF_QPN, "QPN"), (VIF_RX_DROPPED, "RX_DROPPED"),
                         (VIF_TX_DROPPED, "TX_DROPPED"), (VIF_PAD, "PAD")):
        judge.vif(f"{name}, which is only shown", "EINVAL", "only shown", clone, mac,
                  attr(number, u32(1)))
    for number in VIF_MAX + 1, 31, 32, 77, 0x3fff:
        judge.vif(f"VIF attribute {number}", "EINVAL", "nknown", clone, mac, attr(number, u32(1)))
    for size in 1, 2, 3:
        judge.data(f"{size} bytes too many in a VIF", "EINVAL", "leftover",
                   attr(VIF | NLA_F_NESTED, clone + mac + b"\0" * 4 + bytes(size)))
    judge.data("an attribute longer than its VIF", "EINVAL", "leftover",
               attr(VIF | NLA_F_NESTED, clone + struct.pack("HH", 40, VIF_MAC) + MAC + b"\0\0"))

    good = nest(VIF, clone, mac)
    judge.data("two VIFs", "EINVAL", "twice", good, good)
    judge.data("a good VIF before a bad one", "EINVAL", "twice", good, nest(VIF, clone))
    judge.data("a VIF of two bytes", strict, ".", attr(VIF, b"\1\2"))
    for number, name in ((VIF_COUNT, "VIF_COUNT"), (PEER_COUNT, "PEER_COUNT"),
                         (PIF_IFINDEX, "IFINDEX")):
        judge.data(f"{name}, which is only shown", "EINVAL", "only shown", good,
                   attr(number, u32(1)))
    for number in PIF_MAX + 1, 31, 32, 0x3fff:
        judge.data(f"attribute {number}", "EINVAL", "nknown", good, attr(number, u32(1)))
    judge.data("max_peers of a PIF that exists", "EOPNOTSUPP", "made", attr(MAX_PEERS, u32(1000)))
    for size in 0, 1, 2, 3, 5, 8:
        judge.data(f"max_peers of {size} bytes", strict, "valid", attr(MAX_PEERS, bytes(size)))
    judge.data("both", "EOPNOTSUPP", "made", good, attr(MAX_PEERS, u32(1000)))
    judge.info("two IFLA_INFO_DATA", "EINVAL", "twice", nest(
        IFLA_LINKINFO, attr(INFO_KIND, b"eipoib\0"), nest(INFO_DATA, good), nest(INFO_DATA)))
    for number, name, value in ((IFLA_MTU, "an MTU", u32(1500)), (IFLA_ADDRESS, "an address", MAC),
                                (IFLA_IFNAME, "a name", b"eth9\0"),
                                (IFLA_TXQLEN, "a queue length", u32(7)),
                                (IFLA_MASTER, "a master", u32(0)), (IFLA_GROUP, "a group", u32(1)),
                                (IFLA_IFALIAS, "an alias", b"x\0")):
        judge.info(f"a VIF together with {name}", "EINVAL", "own", attr(number, value),
                   linkinfo(good))
    judge.info("a VIF together with slave data", "EINVAL", "own", nest(
        IFLA_LINKINFO, attr(INFO_KIND, b"eipoib\0"), nest(INFO_DATA, good),
        nest(INFO_SLAVE_DATA, mac)))
    with open("/run/netns/h2", encoding="ascii") as file:
        judge.info("a VIF together with a namespace", "EINVAL", "own",
                   attr(IFLA_NET_NS_FD, u32(file.fileno())), linkinfo(good))
    judge.info("a bad VIF and a good MTU", "EINVAL", ".", attr(IFLA_MTU, u32(1500)),
               vif_request(clone))


def pifs(judge):
    lower = attr(IFLA_LINK, index("ib1"))
    strict = "EINVAL ERANGE"

    judge.made("no LINK", "EINVAL", "below")
    judge.made("an index nobody has", "ENODEV", "no such", attr(IFLA_LINK, u32(99999)))
    for name in "dummy0", "eth4", "ib0.3":
        judge.made(f"above {name}", "EINVAL", "main interface", attr(IFLA_LINK, index(name)))
    judge.made("above ib0, which has one", "EEXIST", "already", attr(IFLA_LINK, index("ib0")))
    judge.made("with a VIF", "EINVAL", "enslave", lower, data=[nest(
        VIF, attr(VIF_IFINDEX, index("ib0.2")), attr(VIF_MAC, MAC))])
    for peers in 0, 15, 1048577, 0xffffffff:
        judge.made(f"max_peers {peers}", "ERANGE", "16..1048576", lower,
                   data=[attr(MAX_PEERS, u32(peers))])
    for size in 0, 1, 2, 3, 5, 8:
        judge.made(f"max_peers of {size} bytes", strict, "valid", lower,
                   data=[attr(MAX_PEERS, bytes(size))])
    judge.made("max_peers twice", "EINVAL", "twice", lower, data=[attr(MAX_PEERS, u32(16))] * 2)
    for number in VIF_COUNT, PEER_COUNT, PIF_IFINDEX:
        judge.made(f"attribute {number}, which is only shown", "EINVAL", "only shown", lower,
                   data=[attr(number, u32(1))])
    for number in PIF_MAX + 1, 0x3fff:
        judge.made(f"attribute {number}", "EINVAL", "nknown", lower, data=[attr(number, u32(1))])
    for address in "000000000000", "01005e000001", "0002c9433b", "0002c9433bf100":
        judge.made(f"address {address}", "EADDRNOTAVAIL EINVAL", "unicast|", lower,
                   attr(IFLA_ADDRESS, bytes.fromhex(address)))
    judge.made("an MTU above ib1's", "EINVAL", "MTU", lower, attr(IFLA_MTU, u32(2045)))
    judge.made("an MTU of 67", "EINVAL", "mtu", lower, attr(IFLA_MTU, u32(67)))
    judge.made("a master that there is not", "EINVAL", "", lower, attr(IFLA_MASTER, u32(99999)))
    judge.made("a name that is taken", "EEXIST", "", lower, name=b"dummy0\0")

    for peers in 16, 1048576:
        number, said = judge.kernel.add(attr(IFLA_IFNAME, b"eth9\0"), lower,
                                        linkinfo(attr(MAX_PEERS, u32(peers))))
        made = judge.kernel.links().get("eth9")
        result(f"max_peers {peers} is fine, and shown",
               not number and made.data.get(MAX_PEERS) == u32(peers) and
               made.data.get(PEER_COUNT) == u32(0), f"{number} {said} {made and made.data}")
        number, said = judge.kernel.link(made.index, kind=RTM_DELLINK)
        result("and it goes", not number and "eth9" not in judge.kernel.links(), said)


def addresses(judge):
    def address(text, mac):
        judge.refused(f"{text} as eth4's address", "EINVAL EADDRNOTAVAIL", "unicast|Another",
                      judge.kernel.link(judge.pif, attr(IFLA_ADDRESS, mac)))

    address("a group's", bytes.fromhex("01005e000001"))
    address("nobody's", bytes(6))
    address("the one of another VIF, untagged and tagged", OTHER)
    judge.info("a group's, with the kind", "EADDRNOTAVAIL", "unicast",
               attr(IFLA_ADDRESS, bytes.fromhex("01005e000001")), linkinfo())
    judge.refused("slave data", "EOPNOTSUPP", "ip link set dev", judge.kernel.link(
        socket.if_nametoindex("ib0.2"), nest(IFLA_LINKINFO, attr(INFO_SLAVE_KIND, b"eipoib\0"),
                                             nest(INFO_SLAVE_DATA, attr(VIF_MAC, MAC)))))
    judge.info("an MTU above the VIFs'", "EINVAL", "mtu", attr(IFLA_MTU, u32(2045)))


def nobody(judge):
    clone = attr(VIF_IFINDEX, index("ib0.1"))
    lower = attr(IFLA_LINK, index("ib1"))

    def tries(who, errors):
        judge.kernel = Netlink()
        judge.data(f"{who} takes a VIF's MAC away", errors, "", nest(VIF, clone, attr(VIF_NONE)))
        judge.info(f"{who} changes the address", errors, "", attr(IFLA_ADDRESS, MAC))
        judge.made(f"{who} makes a PIF", errors.replace("ENODEV", "ENODEV EOPNOTSUPP"), "", lower)

    def unshare(flags):
        if ctypes.CDLL(None, use_errno=True).unshare(flags):
            raise OSError(ctypes.get_errno(), "unshare")

    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)
    tries("nobody", "EPERM")
    unshare(CLONE_NEWUSER)
    tries("nobody, root of a user namespace,", "EPERM")
    unshare(CLONE_NEWNET)
    judge.before = Netlink().state()
    tries("nobody, root of a network namespace,", "ENODEV")


judge = Judge()
{"vif": vifs, "pif": pifs, "address": addresses, "nobody": nobody}[sys.argv[1]](judge)
