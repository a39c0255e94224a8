#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Whoever listens to rtnetlink is told of every change of a PIF and of its VIFs.

usage: told.py

In the namespace of the PIF eth4 with the VIFs ib0.1 (00:02:c9:43:3b:f1) and ib0.8003
(00:02:c9:43:3b:f1, VLAN 3), and the free clone ib0.3. A line is a result.
"""
import socket

from netlink import *

OWN = "0002c9433bf1"
MOVED = "020000000077"
GUEST = "525400000003"

kernel = Netlink()
monitor = Monitor()
pif = socket.if_nametoindex("eth4")
clone = socket.if_nametoindex("ib0.3")


def told(text, *expected, do):
    """@do is accepted, and each of @expected, (name, predicate), told of."""
    monitor.forget()
    number, said = do
    if number:
        return result(text, False, f"{error_name(number)}: {said}")
    missing = [name for name, matches in expected
               if not monitor.hears(lambda link: link.name == name and matches(link))]
    result(text, not missing, f"nothing of {missing}, but: " + ", ".join(
        f"{l.name} {l.mac} {l.vif_count} {l.mtu}" for l in monitor.heard))


class Later:
    """A request that is sent when told() looks at its answer."""

    def __init__(self, *args, **kwargs):
        self.args, self.kwargs = args, kwargs

    def __iter__(self):
        return iter(kernel.link(*self.args, **self.kwargs))


def vif(*attrs):
    return Later(pif, vif_request(attr(VIF_IFINDEX, u32(clone)), *attrs))


mac = attr(VIF_MAC, bytes.fromhex(GUEST))
told("a clone is enslaved", ("ib0.3", lambda l: l.master == pif and l.slave and not l.mac),
     ("ib0.3", lambda l: l.flags & 1), ("eth4", lambda l: l.vif_count == 3),
     do=Later(clone, attr(IFLA_MASTER, u32(pif))))
told("bound", ("ib0.3", lambda l: l.mac == GUEST), do=vif(mac))
told("bound to the same", ("ib0.3", lambda l: l.mac == GUEST), do=vif(mac))
told("sticky", ("ib0.3", lambda l: l.vif_flags == STICKY),
     do=vif(mac, attr(VIF_FLAGS, u32(STICKY))))
told("bound to any MAC, which shortens the MTU",
     ("ib0.3", lambda l: l.vif_flags == ANY and not l.mac), ("eth4", lambda l: l.mtu == 2026),
     do=vif(attr(VIF_FLAGS, u32(ANY))))
told("not bound any more", ("ib0.3", lambda l: l.slave and not l.mac and not l.vif_flags),
     ("eth4", lambda l: l.mtu == 2044), do=vif(attr(VIF_NONE)))
told("a smaller MTU of a VIF", ("ib0.3", lambda l: l.mtu == 1500),
     ("eth4", lambda l: l.mtu == 1500), do=Later(clone, attr(IFLA_MTU, u32(1500))))
told("released", ("ib0.3", lambda l: not l.master and not l.slave),
     ("eth4", lambda l: l.vif_count == 2), ("eth4", lambda l: l.mtu == 2044),
     do=Later(clone, attr(IFLA_MASTER, u32(0))))
told("another MAC for the PIF",
     ("eth4", lambda l: l.attrs[IFLA_ADDRESS].hex() == MOVED),
     ("ib0.1", lambda l: l.mac == MOVED), ("ib0.8003", lambda l: l.mac == MOVED),
     do=Later(pif, attr(IFLA_ADDRESS, bytes.fromhex(MOVED))))
told("and the first one again", ("ib0.1", lambda l: l.mac == OWN),
     ("ib0.8003", lambda l: l.mac == OWN),
     do=Later(pif, attr(IFLA_ADDRESS, bytes.fromhex(OWN))))
