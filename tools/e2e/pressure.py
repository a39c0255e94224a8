#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""What a guest notices when its frames are not sent as fast as it makes them.

usage: pressure.py stuck ADDRESS PORT   print how many datagrams a socket takes before it would have
                                        to wait
       pressure.py send ADDRESS PORT N  send N datagrams, waiting for room as a program would
       pressure.py count PORT N         print how many different ones of N came; stops 5 s after
                                        the last one, or when it has all
"""
import socket
import sys

SIZE = 1000
SO_RCVBUFFORCE = 33  # <asm-generic/socket.h>; Python does not have it
ROOM = 32768  # bytes that a sender may have under way; the kernel doubles it


def sender(address, port):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ROOM)
    sock.connect((address, int(port)))
    return sock


def datagram(number):
    return number.to_bytes(4, "big") + bytes(SIZE - 4)


def stuck(address, port):
    sock = sender(address, port)
    sock.setblocking(False)
    number = 0
    try:
        while number < 100000:
            sock.send(datagram(number))
            number += 1
    except BlockingIOError:
        pass
    print(number)


def send(address, port, count):
    sock = sender(address, port)
    for number in range(int(count)):
        sock.send(datagram(number))


def count(port, expected):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 28)
    sock.bind(("", int(port)))
    sock.settimeout(60)
    print("ready", file=sys.stderr, flush=True)
    seen = set()
    try:
        while len(seen) < int(expected):
            seen.add(sock.recv(SIZE)[:4])
            sock.settimeout(5)
    except TimeoutError:
        pass
    print(len(seen))


{"stuck": stuck, "send": send, "count": count}[sys.argv[1]](*sys.argv[2:])
