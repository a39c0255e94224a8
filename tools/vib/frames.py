#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""frames.py DEVICE COUNT: frames as of a trunk's other end, most of which lie."""
import random
import socket
import struct
import sys

ETHERTYPE = 0x88b5


def head(kind, link=0, sender=1, to=1, version=1):
    return struct.pack('!BBHII', version, kind, link, sender, to)


def lrh(words, lnh=2, vl=0):
    return struct.pack('!BBHHH', vl << 4, lnh, 1, words, 2)


def frame(rng):
    """One of many kinds; whom it is from is never right."""
    junk = rng.randbytes(rng.choice((0, 1, 7, 26, 60, 300, 2000)))
    return rng.choice((
        b'',
        junk,
        head(1)[:rng.randrange(12)],
        head(rng.randrange(256), version=rng.randrange(256)) + junk,
        head(1) + junk[:11],
        head(1, sender=0) + junk,
        head(2) + lrh(rng.randrange(0x800)) + junk,
        head(2) + lrh(2 + len(junk) // 4, lnh=rng.randrange(4)) + junk,
        head(2) + lrh(10) + bytes(34),
        head(2) + lrh(511, lnh=3, vl=15) + bytes(2038),
    ))


def main():
    device, count = sys.argv[1], int(sys.argv[2])
    rng = random.Random(6)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as out:
        out.bind((device, ETHERTYPE))
        own = out.getsockname()[4]
        for _ in range(count):
            out.send(b'\xff' * 6 + own + struct.pack('!H', ETHERTYPE) + frame(rng))


main()
