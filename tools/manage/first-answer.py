#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Ask for ADDRESS with an ARP request each 10 ms until it is answered; print after how many ms.

usage: first-answer.py ADDRESS
"""
import fcntl
import select
import socket
import struct
import sys
import time

SIOCGIFADDR = 0x8915
ARP, BROADCAST = 0x806, b"\xff" * 6
INTERVAL, PATIENCE = 0.01, 10.0


def main():
    target = socket.inet_aton(sys.argv[1])
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ARP))
    sock.bind(("eth0", ARP))
    mac = sock.getsockname()[4]
    own = fcntl.ioctl(socket.socket(), SIOCGIFADDR, struct.pack("16s24x", b"eth0"))[20:24]
    request = BROADCAST + mac + struct.pack(">HHHBBH", ARP, 1, 0x800, 6, 4, 1)
    request += mac + own + bytes(6) + target
    start = following = time.monotonic()
    while time.monotonic() < start + PATIENCE:
        if time.monotonic() >= following:
            sock.send(request)
            following += INTERVAL
        if not select.select([sock], [], [], max(0, following - time.monotonic()))[0]:
            continue
        frame = sock.recv(2048)
        if frame[20:22] == b"\x00\x02" and frame[28:32] == target:
            print(round((time.monotonic() - start) * 1000))
            return
    sys.exit("no answer")


main()
