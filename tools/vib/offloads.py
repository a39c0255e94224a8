#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""offloads.py watch DEVICE FILE: what a device sends and receives of IPv4's TCP and UDP, as the
    kernel hands it on; written to FILE on SIGTERM
offloads.py wire FILE: IPv4 in a capture of vib: how many checksums are right, of how many; the
    longest payload of a packet; how many have one
offloads.py send DEVICE MAC SOURCE DESTINATION PORT right|wrong: a UDP frame, made here
Checksums are computed in words of two bytes, not the way vib does it."""

import signal
import socket
import struct
import sys

SOL_PACKET = 263
PACKET_VNET_HDR = 15
PACKET_OUTGOING = 4
NEEDS_CSUM = 1
DATA_VALID = 2
LINK_HEADER = {1: 14, 32: 24}  # ARPHRD_ETHER, ARPHRD_INFINIBAND
TCP, UDP = 6, 17


def checksum(data):
    """RFC 1071; 0 if the data has a right one inside."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def upper_checksum(packet):
    """Of an IPv4 packet, pseudo header and all."""
    head = (packet[0] & 15) * 4
    upper = packet[head:]
    return checksum(packet[12:20] + struct.pack(">HH", packet[9], len(upper)) + upper)


def watch(device, path):
    """Counts frames until told to stop. Each line is for the shell."""
    seen = dict.fromkeys(
        ["sent", "sent_unsummed", "sent_long", "longest", "received", "received_checked"], 0
    )

    def stop(*_):
        with open(path, "w") as file:
            file.writelines(f"{name}={value}\n" for name, value in seen.items())
        sys.exit()

    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(3)) as tap:
        tap.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        tap.bind((device, 3))
        signal.signal(signal.SIGTERM, stop)
        print("ready", flush=True)
        frame = bytearray(128)
        while True:
            size, sender = tap.recvfrom_into(frame, len(frame), socket.MSG_TRUNC)
            head = 10 + LINK_HEADER[sender[3]]
            if sender[1] != 0x0800 or frame[head + 9] not in (TCP, UDP):
                continue
            flags, gso_type = frame[0], frame[1]
            if sender[2] == PACKET_OUTGOING:
                seen["sent"] += 1
                seen["sent_unsummed"] += flags & NEEDS_CSUM
                seen["sent_long"] += gso_type != 0
                seen["longest"] = max(seen["longest"], size - head)
            else:
                seen["received"] += 1
                seen["received_checked"] += flags & DATA_VALID != 0


def packets_of(path):
    """Of a file of link type 247."""
    with open(path, "rb") as file:
        data = file.read()
    at = 24
    while at < len(data):
        size = struct.unpack_from(">I", data, at + 8)[0]
        yield data[at + 16 : at + 16 + size]
        at += 16 + size


def ipv4_of(packet):
    """What a datagram of IPoIB carries, or nothing."""
    bth = 48 if packet[1] & 3 == 3 else 8
    at = bth + 20
    if packet[bth] != 0x64 or packet[at : at + 2] != b"\x08\x00":
        return None
    size = struct.unpack_from(">H", packet, at + 6)[0]
    return packet[at + 4 : at + 4 + size]


def wire(path):
    """Of TCP and UDP, whole packets."""
    right = packets = longest = long = 0
    for packet in filter(None, map(ipv4_of, packets_of(path))):
        if packet[9] not in (TCP, UDP) or struct.unpack_from(">H", packet, 6)[0] & 0x3FFF:
            continue
        packets += 1
        longest = max(longest, len(packet))
        long += len(packet) > 1000
        right += checksum(packet[: (packet[0] & 15) * 4]) == 0 and upper_checksum(packet) == 0
    print(f"right={right}\npackets={packets}\nlongest={longest}\nlong={long}")


def send(device, mac, source, destination, port, how):
    """A frame whose checksum nobody is asked to compute."""
    data = b"to whom it may concern"
    udp = struct.pack(">HHHH", 4711, int(port), 8 + len(data), 0) + data
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 64, UDP, 0)
    head += socket.inet_aton(source) + socket.inet_aton(destination)
    head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
    value = upper_checksum(head + udp) ^ (0x0101 if how == "wrong" else 0)
    udp = udp[:6] + struct.pack(">H", value) + udp[8:]
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as tap:
        tap.bind((device, 0))
        own = tap.getsockname()[4]
        tap.send(bytes.fromhex(mac.replace(":", "")) + own + b"\x08\x00" + head + udp)


{"watch": watch, "wire": wire, "send": send}[sys.argv[1]](*sys.argv[2:])
