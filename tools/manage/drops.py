#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Frames that are to be dropped, and where they are counted, for tools/manage/06-drops.sh.

Answers expressions as tools/translate/wire.py does, and builds on it. The PIF is eth4 of host 1, with
the VIFs ib0.1 (its own), ib0.2 (of guest g11) and ib0.3 (of nobody). Host 2 is a plain one, with a
VIF that can send what plain hosts cannot.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../translate"))
# pylint: disable=wrong-import-position,wildcard-import,unused-wildcard-import
from wire import *

PIF, OWN, GUEST, NOBODYS = "h1/eth4", "h1/ib0.1", "h1/ib0.2", "h1/ib0.3"
OTHER = b"\x02\0\0\0\0\1"
UNKNOWN = b"\x52\x54\0\0\0\x99"
from_eth4 = {}


def make_frames(remac):
    """Fill the lists; what they are called says what is wrong."""
    bad_frames("g11", GUEST, "h2")
    mine, own = port("g11").address, port(PIF).address
    from_guest["from a MAC without VIF"] = [ether(BROADCAST, OTHER, IPV4, ipv4(60))]
    from_guest["ARP cut at any byte"] = [
        ether(BROADCAST, mine, ARP, cut) for cut in cuts(arp(mine, bytes(6)), 0)]
    from_guest["not for a plain host"] = [ether(mac(remac), mine, LOCAL, bytes(50))]
    from_guest["good"] = [ether(BROADCAST, mine, IPV4, ipv4(60))]
    from_guest["long and to nobody"] = [ether(UNKNOWN, mine, IPV4, ipv4(2044))] * 3
    from_eth4["a tag cut short"] = [ether(BROADCAST, own, VLAN, bytes(n)) for n in range(4)]
    from_eth4["VLAN 4095"] = [ether(BROADCAST, own, VLAN, tag(0xfff, IPV4, ipv4(60)))]
    from_eth4["to its guest"] = [ether(mine, own, IPV4, ipv4(60))]
    from_plain["ARP cut at any byte"] = [
        infiniband(IB_BROADCAST, ARP, cut)
        for cut in cuts(arp(port("h2").address, bytes(20), hardware=32), 0)]
    from_plain["what is not carried"] = [infiniband(IB_BROADCAST, TIPC, bytes(50))]
    from_plain["to nobody's VIF"] = [infiniband(port(NOBODYS).address, IPV4, ipv4(60))]
    from_plain["good"] = [infiniband(port(OWN).address, IPV4, ipv4(60))]
    from_plain["of the guest's MAC"] = [infiniband(port(GUEST).address, RARP, arp_of(
        port("h2").address, "0.0.0.0", port("h2").address, "0.0.0.0", 3) + announcement(mine, flags=5))]
    return ""


def receiver(frame):
    """The VIF that gets it: ib0.1 is the one that takes group frames."""
    if frame[:20] == IB_BROADCAST:
        return OWN
    return next(vif for vif in (OWN, GUEST, NOBODYS) if port(vif).address == frame[:20])


def dropped(reason, source, frames, vif=None):
    """Each is counted under @reason by the PIF, and by its VIF: on the way out @vif or none."""
    places = (PIF, OWN, GUEST, NOBODYS)
    want = dict.fromkeys(places, 0)
    for frame in frames:
        want[PIF] += 1
        at = receiver(frame) if source[0:2] == "h2" else vif
        if at:
            want[at] += 1
    before = {place: port(place).counters()[reason] for place in places}
    sends(source, *frames)
    until(lambda: port(PIF).counters()[reason] - before[PIF] >= len(frames), f"{reason}")
    expect({place: port(place).counters()[reason] - before[place] for place in places}, want, reason)
    return ""


if __name__ == "__main__":
    main(globals())
