#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Send one broadcast frame from each of COUNT MACs, 06:00:00:00:00:00 and on, through eth0.

usage: flood.py COUNT
"""
import socket
import sys

EXPERIMENTAL = b"\x88\xb5"

sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sock.bind(("eth0", 0))
for number in range(int(sys.argv[1])):
    mac = b"\x06" + number.to_bytes(5, "big")
    sock.send(b"\xff" * 6 + mac + EXPERIMENTAL + bytes(46))
