#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""checksums.py FILE: how many packets of a capture have the ICRC and the VCRC that IBA 7.8 asks
for, of how many. Not the way vib computes them: zlib, and division bit by bit."""

import struct
import sys
import zlib


def icrc(packet):
    """Of a packet up to its ICRC."""
    masked = bytearray(packet)
    masked[0] |= 0xF0
    bth = 8
    if packet[1] & 3 == 3:
        bth = 48
        masked[0:8] = b"\xff" * 8
        masked[8] |= 0x0F
        masked[9:12] = b"\xff" * 3
        masked[15] = 0xFF
    masked[bth + 4] = 0xFF
    return struct.pack("<I", zlib.crc32(masked))


def vcrc(packet):
    """Of a packet with its ICRC."""
    value = 0xFFFF
    for byte in packet:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xD008 if value & 1 else 0)
    return struct.pack("<H", ~value & 0xFFFF)


def main():
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    right = packets = 0
    at = 24
    while at < len(data):
        size = struct.unpack_from(">I", data, at + 8)[0]
        packet = data[at + 16 : at + 16 + size]
        at += 16 + size
        packets += 1
        right += packet[-6:-2] == icrc(packet[:-6]) and packet[-2:] == vcrc(packet[:-2])
    print(f"{right} of {packets}")


main()
