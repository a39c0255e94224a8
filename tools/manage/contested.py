#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Print what is told of a VIF whose MAC moves to and fro: seconds and "contested" or "free".

usage: contested.py DEVICE

The first line is "listening". Ends when it is killed.
"""
import sys

from netlink import *

monitor = Monitor()
print("listening", flush=True)
while True:
    monitor.heard = []
    monitor.hear(3600)
    for link in monitor.heard:
        if link.name == sys.argv[1]:
            print(time.monotonic(), "contested" if link.vif_flags & CONTESTED else "free",
                  flush=True)
