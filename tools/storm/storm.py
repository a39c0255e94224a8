#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""usage: storm.py SECONDS PEERS

Floods, each as fast as it goes for so many seconds, while those who talk (/run/talk.*: what ping
prints with -O) go on. They must get at least 95 of 100 of the answers that they get undisturbed, no
PIF may know more than PEERS, and what is allocated may not grow with the number of frames. Prints
results as tools/manage/results.sh wants them.
"""
import collections
import glob
import json
import os
import random
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "../translate"), os.path.join(HERE, "../faults")]
# pylint: disable=wrong-import-position,wildcard-import,unused-wildcard-import
from inject import allocations, wait_until
from wire import *

CHUNK = 64  # a receive queue holds more
IN_TIME = 100  # milliseconds
FULL = 512  # frames after which every table is
LEFT = 256  # objects more or fewer: those who talk have some

# Who announces what is not so has itself to blame if nobody reaches it any more.
FORGER = "h3/ib0.5"
PLACES = ("g11", "h1/ib0.2", "h1/eth4", "h2/ib0.2", "h3", FORGER)

Flood = collections.namedtuple("Flood", "text source target make")


def some_mac():
    return b"\x52\x55" + random.randbytes(4)


groups = itertools.count(239 << 24)


def some_group():
    """One that nobody has sent to."""
    return socket.inet_ntoa(struct.pack(">I", next(groups)))


def report(source):
    """IGMP."""
    group = some_group()
    body = b"\x16\0\0\0" + ip(group)
    body = body[:2] + struct.pack(">H", checksum(body)) + body[4:]
    return ether(group_mac(group), source, IPV4, ipv4_of(2, "10.0.0.11", group, body, 1))


def datagram(source):
    group = some_group()
    return ether(group_mac(group), source, IPV4, udp("10.0.0.11", group, (9, 9), bytes(18)))


def all_of(lists):
    frames = itertools.cycle([frame for frames in lists.values() for frame in frames])
    return lambda: next(frames)


def floods():
    bad_frames("g11", "h1/ib0.2", "h3")
    guest, vif, forger = (port(place).address for place in ("g11", "h1/ib0.2", FORGER))
    padding = bytes(46)
    return [
        Flood("unknown sources of a guest", "g11", "h3",
              lambda: ether(BROADCAST, some_mac(), LOCAL, padding)),
        Flood("unknown sources behind another VIF", "h2/ib0.2", "h1/eth4",
              lambda: infiniband(IB_BROADCAST, TEB, ether(BROADCAST, some_mac(), LOCAL, padding))),
        Flood("forged announcements", FORGER, "h1/eth4",
              lambda: infiniband(vif, RARP, arp_of(forger, "0.0.0.0", forger, "0.0.0.0", 3) +
                                 announcement(some_mac(), flags=5))),
        Flood("addresses that nobody has", FORGER, "h1/eth4",
              lambda: infiniband(vif, ARP, arp_of(forger[:12] + random.randbytes(8), "10.0.0.77",
                                                  vif, "10.0.0.11"))),
        Flood("unknown destinations", "g11", "h3",
              lambda: ether(some_mac(), guest, LOCAL, padding)),
        Flood("reports of groups", "g11", "h3", lambda: report(guest)),
        Flood("frames to groups", "g11", "h3", lambda: datagram(guest)),
        Flood("DHCP clients", "g11", "h3", lambda: ether(BROADCAST, guest, IPV4, udp(
            "0.0.0.0", "255.255.255.255", (68, 67), dhcp_discover(some_mac())))),
        Flood("broken ARP and ND of a plain host", "h3", "h1/eth4", all_of(from_plain)),
        Flood("broken frames of a VIF", "h2/ib0.2", "h1/eth4", all_of(from_vif)),
        Flood("broken ARP, ND and DHCP of a guest", "g11", "h3", all_of(from_guest)),
    ]


def pour(flood, seconds, at_least=0):
    """How many frames."""
    count = 0
    end = time.monotonic() + seconds
    while count < at_least or time.monotonic() < end:
        sends(flood.source, *(flood.make() for _ in range(CHUNK)))
        behind(flood.source, flood.target)
        count += CHUNK
    return count


def requests():
    """Of those who talk until now: how many there were, and to how many the answer came in time."""
    sent, answered = set(), set()
    for path in glob.glob("/run/talk.*"):
        with open(path, encoding="ascii") as file:
            for line in file:
                if number := re.search("icmp_seq=([0-9]+)", line):
                    sent.add((path, number[1]))
                    took = re.search("time=([0-9.]+) ms", line)
                    if took and float(took[1]) <= IN_TIME:
                        answered.add((path, number[1]))
    return len(sent), len(answered)


def share_during(action):
    """That of requests that are answered in time, a text about it, and what the action returned."""
    before = requests()
    result = action()
    sent, answered = (now - then for now, then in zip(requests(), before))
    return answered / max(sent, 1), f"{answered} of {sent} answers in time", result


def said(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def known(host):
    """How many end points were learnt, or MACs besides theirs, whichever are more."""
    link, = json.loads(said("ip", "-n", host, "-d", "-j", "link", "show", "dev", "eth4"))
    peers = link["linkinfo"]["info_data"]["peer_count"]
    shown = said("bridge", "-n", host, "fdb", "show", "dev", "eth4").count("extern_learn")
    return max(peers, shown - peers)


def objects():
    """Those of ours. What waits unread in a socket is nobody's fault."""
    watch(*PLACES)
    return allocations()


def left(before):
    return objects() - before


def settled():
    """The objects when there are no more than shortly before: to join a group takes a while."""
    now = objects()
    while True:
        before, now = now, objects()
        if sum((now - before).values()) < LEFT / 8:
            return now


def verdict(text, good, why=""):
    print(f"{'ok' if good else 'not ok'} {text}\t{why}", flush=True)


def storm(flood, seconds, usual, limit):
    try:
        share, text, count = share_during(lambda: pour(flood, seconds))
    except Wrong as wrong:
        verdict(flood.text, False, wrong)
        return
    verdict(f"{flood.text}: {count} in {seconds} s, {text}", share >= 0.95 * usual)
    most = max(known("h1"), known("h2"))
    verdict(f"{flood.text}: {most} known", most <= limit)


def main(seconds, limit):
    all_floods = floods()
    for flood in all_floods:
        pour(flood, 0, FULL)
    usual, text, _ = share_during(lambda: time.sleep(seconds))
    verdict(f"undisturbed: {text}", usual > 0)
    before = settled()
    for flood in all_floods:
        storm(flood, seconds, usual, limit)
    wait_until(10, lambda: sum(left(before).values()) < LEFT)
    more = left(before)
    verdict(f"{sum(more.values())} objects more", sum(more.values()) < LEFT, dict(more))


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
