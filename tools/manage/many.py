#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Make VIFs of eth4, as many as asked for, and say what a step took.

usage: many.py COUNT

ib0.1 to ib0.COUNT, each bound to a MAC of its own. A line is a result. Prints the milliseconds that
one VIF took when there were few and when there were many.
"""
import socket
import sys

from netlink import *

IFLA_IPOIB_INDEX = 32

kernel = Netlink()
count = int(sys.argv[1])
lower = socket.if_nametoindex("ib0")
pif = socket.if_nametoindex("eth4")
steps = {"clone": [], "enslave": [], "bind": []}


def mac(number):
    return bytes([0x52, 0x54, 0, 0, number >> 8, number & 0xff])


def timed(step, *args, **kwargs):
    start = time.monotonic()
    error, said = kernel.link(*args, **kwargs)
    steps[step].append(time.monotonic() - start)
    if error:
        result(f"{step} {len(steps[step])}", False, f"{error_name(error)}: {said}")
        sys.exit()


def milliseconds(values):
    return f"{1000 * sum(values) / len(values):.1f}"


for number in range(1, count + 1):
    name = f"ib0.{number}"
    timed("clone", 0, attr(IFLA_IFNAME, name.encode() + b"\0"), attr(IFLA_LINK, u32(lower)),
          linkinfo(attr(IFLA_IPOIB_INDEX, u16(number)), kind=b"ipoib\0"),
          flags=NLM_F_CREATE | NLM_F_EXCL)
    clone = u32(socket.if_nametoindex(name))
    timed("enslave", struct.unpack("I", clone)[0], attr(IFLA_MASTER, u32(pif)))
    timed("bind", pif, vif_request(attr(VIF_IFINDEX, clone), attr(VIF_MAC, mac(number))))

some = max(count // 10, 1)
for step, values in steps.items():
    result(f"{step}: {milliseconds(values[:some])} ms each of the first {some}, "
           f"{milliseconds(values[-some:])} ms of the last, {sum(values):.1f} s in all", True)
start = time.monotonic()
links = kernel.links()
took = time.monotonic() - start
shown = {link.mac for link in links.values() if link.slave}
result(f"all {count} are dumped, each on its clone, in {took:.2f} s",
       shown == {mac(number).hex() for number in range(1, count + 1)}, f"{len(shown)} are")
result("and counted", links["eth4"].vif_count == count, str(links["eth4"].vif_count))
