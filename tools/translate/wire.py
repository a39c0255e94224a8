#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""What guests and the fabric see, for the scripts of tools/translate.

Answers expressions as tools/e2e/frames.py does, and builds on it. A place is "NETNS/DEVICE"; "g21"
is short for "g21/eth0" and "h3" for "h3/ib0". An end is "NETNS/ADDRESS".
"""
import functools
import os
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../e2e"))
# pylint: disable=wrong-import-position,wildcard-import,unused-wildcard-import
from frames import *

TEB = 0x6558
UDP, ICMPV6 = 17, 58
LOCAL = 0x88b5  # an ethertype for experiments


@functools.lru_cache(None)
def port(place):
    netns, _, device = place.partition("/")
    return Port(netns, device or ("ib0" if netns[0] == "h" else "eth0"))


def watch(*places):
    """From now on these places remember what they see; what they saw before is forgotten."""
    for place in places:
        port(place).seen()
    return ""


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def ip(text):
    return socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)


def spelled(frames):
    return [frame.hex() for frame in frames[:4]]


# Building packets.

def checksum(data):
    total = sum(struct.unpack(f">{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return 0xffff - total


def random_bytes(length):
    """No two alike."""
    return hashlib.shake_128(next(serial).to_bytes(8, "big")).digest(length)


def ipv4_of(protocol, source, destination, payload, ttl=64):
    header = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0x4000, ttl, protocol, 0,
                         ip(source), ip(destination))
    return header[:10] + struct.pack(">H", checksum(header)) + header[12:] + payload


def ipv6_of(protocol, source, destination, payload, hops=255):
    return struct.pack(">IHBB16s16s", 6 << 28, len(payload), protocol, hops, ip(source),
                       ip(destination)) + payload


def icmpv6(source, destination, kind, body, hops=255, wrong=0):
    """@body begins behind the checksum; @wrong is added to that."""
    pseudo = ip(source) + ip(destination) + struct.pack(">II", 4 + len(body), ICMPV6)
    total = checksum(pseudo + struct.pack(">BBH", kind, 0, 0) + body)
    message = struct.pack(">BBH", kind, 0, (total + wrong) & 0xffff) + body
    return ipv6_of(ICMPV6, source, destination, message, hops)


def udp(source, destination, ports, payload):
    """UDP over IPv4."""
    length = 8 + len(payload)
    pseudo = ip(source) + ip(destination) + struct.pack(">HH", UDP, length)
    total = checksum(pseudo + struct.pack(">HHHH", *ports, length, 0) + payload)
    return ipv4_of(UDP, source, destination,
                   struct.pack(">HHHH", *ports, length, total or 0xffff) + payload)


def arp_of(sender, sender_ip, target, target_ip, operation=1):
    """Ethernet ARP, or InfiniBand's if the addresses are as long as that."""
    return (struct.pack(">HHBBH", 1 if len(sender) == 6 else 32, IPV4, len(sender), 4, operation) +
            sender + ip(sender_ip) + target + ip(target_ip))


def option(kind, data):
    """Of neighbour discovery."""
    data = bytes([kind, 0]) + data
    data += b"\0" * (-len(data) % 8)
    return data[:1] + bytes([len(data) // 8]) + data[2:]


def advertisement(source, target, options=b"", flags=0x20, destination="ff02::1", **wrong):
    """An unsolicited NA."""
    return icmpv6(source, destination, 136, struct.pack(">B3x", flags) + ip(target) + options,
                  **wrong)


def group_mac(address):
    address = ip(address)
    if len(address) == 16:
        return b"\x33\x33" + address[12:]
    return b"\1\0\x5e" + bytes([address[1] & 0x7f]) + address[2:]


# What arrives.

def matching(place, count, wanted, patience=10):
    """Wait for @count incoming frames for which @wanted is true; the frames, and what else came."""
    got, others = [], []
    deadline = time.monotonic() + patience
    while len(got) < count and time.monotonic() < deadline:
        select.select([port(place).socket], [], [], 0.2)
        for is_outgoing, frame in port(place).seen():
            if not is_outgoing:
                (got if wanted(frame) else others).append(frame)
    return got, others


def expect_frames(place, want):
    """@want arrive there once each, in order."""
    kinds = {frame[12:14] for frame in want}
    got, others = matching(place, len(want), lambda frame: frame in want)
    if got != want:
        raise Wrong(f"{len(got)} of {len(want)} arrived in {place}, the first one missing is "
                    f"{next((f.hex() for f in want if f not in got), None)}; others are "
                    f"{spelled([f for f in others if f[12:14] in kinds])}")


def crosses(source, target, *frames):
    """What is sent in one place arrives in another one as it was, once and in order."""
    watch(target)
    for frame in frames:
        port(source).send(frame)
    expect_frames(target, list(frames))
    return ""


def crosses_to_all(source, targets, *frames):
    watch(*targets)
    for frame in frames:
        port(source).send(frame)
    for target in targets:
        expect_frames(target, list(frames))
    return ""


def stays_away(source, target, frames, fence):
    """None of @frames arrives, although the frame @fence behind them does."""
    watch(target)
    for frame in frames:
        port(source).send(frame)
    port(source).send(fence)
    _, others = matching(target, 1, lambda frame: frame == fence)
    if any(frame in others for frame in frames):
        raise Wrong("it arrived")
    return ""


def heard_alike(source, target, *kinds):
    """What the guest @source has sent to the guest @target or to groups since watch(), the target
    has received byte for byte."""
    kinds = [struct.pack(">H", kind) for kind in kinds]
    mine, other = port(source).address, port(target).address
    sent = [frame for is_outgoing, frame in port(source).seen() if is_outgoing and
            frame[12:14] in kinds and (frame[0] & 1 or frame[:6] == other)]
    if not sent:
        raise Wrong("nothing was sent")
    got, _ = matching(target, len(sent), lambda frame: frame[6:12] == mine and
                      frame[12:14] in kinds)
    for one in sent:
        if one not in got:
            raise Wrong(f"sent {one.hex()} and heard {spelled(got)}")
    expect(len(got), len(sent), "frames heard")
    return ""


def teb_frames(place):
    """The Ethernet frames in the transparent frames that an IPoIB interface has received."""
    return [frame[24:] for is_outgoing, frame in port(place).seen()
            if not is_outgoing and frame[20:22] == struct.pack(">H", TEB)]


def flooded(place, at_most, address, at_least=0):
    """How many transparent frames to one MAC the plain host @place has seen since watch()."""
    count = sum(frame[:6] == address for frame in teb_frames(place))
    if not at_least <= count <= at_most:
        raise Wrong(f"{count} frames to {address.hex(':')} were flooded")
    return ""


# Datagrams by sockets.

def endpoint(end, port_number=0):
    netns, address = end.split("/")
    enter(netns)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
    sock.settimeout(10)
    sock.bind((address, port_number))
    return sock


def burst(source, target, count=64, length=100):
    """@count datagrams back to back: all arrive, in order."""
    sender, receiver = endpoint(source), endpoint(target)
    destination = receiver.getsockname()
    want = [struct.pack(">I", number) + random_bytes(length - 4) for number in range(count)]
    for datagram in want:
        sender.sendto(datagram, destination)
    got = []
    try:
        while len(got) < count:
            got.append(receiver.recv(1 << 16))
    except TimeoutError:
        pass
    sender.close()
    receiver.close()
    if got != want:
        numbers = [want.index(one) for one in got]
        raise Wrong(f"{len(got)} of {count} arrived: {numbers}")
    return ""


# Groups.

members = {}


def join(place, group, number=5000):
    """A socket in the group on that device. It is kept until leave()."""
    netns, device = place.split("/")
    address = ip(group)
    enter(netns)
    index = socket.if_nametoindex(device)
    if len(address) == 4:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.IPPROTO_IP, 35, address + bytes(4) + struct.pack("I", index))
    else:
        sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        sock.setsockopt(socket.IPPROTO_IPV6, 20, address + struct.pack("I", index))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((group, number))
    sock.settimeout(5)
    members[place, group] = sock
    return ""


def leave(place, group):
    members.pop((place, group)).close()
    return ""


def group_sender(place, group):
    netns, device = place.split("/")
    enter(netns)
    index = socket.if_nametoindex(device)
    if ":" in group:
        sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        sock.setsockopt(socket.IPPROTO_IPV6, 17, index)
        sock.setsockopt(socket.IPPROTO_IPV6, 18, 8)
    else:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.IPPROTO_IP, 32, bytes(8) + struct.pack("I", index))
        sock.setsockopt(socket.IPPROTO_IP, 33, 8)
    return sock


def reaches(source, group, *targets, patience=15):
    """Datagrams to the group from that device reach all members, at the latest after a while; and
    those that are in another group with the same MAC do not see them."""
    sender = group_sender(source, group)
    waiting = list(targets)
    deadline = time.monotonic() + patience
    while waiting:
        if time.monotonic() > deadline:
            raise Wrong(f"{group} did not reach {waiting}")
        sender.sendto(b"hello", (group, 5000))
        ready = select.select([members[place, group] for place in waiting], [], [], 0.2)[0]
        waiting = [place for place in waiting if members[place, group] not in ready]
    sender.close()
    return ""


def payload_of(frame):
    """Of a UDP datagram in an Ethernet frame."""
    return frame[14 + (40 if frame[12] == 0x86 else 20) + 8:]


def group_burst(source, group, target, count=32, device="eth0"):
    """Once joined: every datagram arrives once, in order, with the MAC of the group."""
    place = f"{target}/{device}"
    until_quiet(place, group)
    sender = group_sender(source, group)
    want = [random_bytes(64) for _ in range(count)]
    watch(place)
    for datagram in want:
        sender.sendto(datagram, (group, 5000))
    sender.close()
    got, _ = matching(place, count, lambda frame: payload_of(frame) in want)
    late, _ = matching(place, 1, lambda frame: payload_of(frame) in want, 0.2)
    expect([want.index(payload_of(frame)) for frame in got + late], list(range(count)), "received")
    expect({frame[:6].hex(":") for frame in got}, {group_mac(group).hex(":")}, "destination MAC")
    sock = members.get((place, group))
    if sock:
        expect([sock.recv(1 << 16) for _ in want], want, "received by the member")
    return ""


def until_quiet(place, group):
    """What reaches() sent more than it needed is read."""
    sock = members.get((place, group))
    while sock and select.select([sock], [], [], 0.3)[0]:
        sock.recv(1 << 16)


def away(source, group, place, fence="255.255.255.255", patience=10):
    """Datagrams to the group do not get to @place, any more: polled until one does not, although the
    broadcast behind it does."""
    sender = group_sender(source, group)
    fencer = group_sender(source, "224.0.0.1")
    fencer.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    fencer.setsockopt(socket.SOL_SOCKET, 25, source.split("/")[1].encode())
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        watch(place)
        one, other = random_bytes(64), random_bytes(64)
        sender.sendto(one, (group, 5000))
        fencer.sendto(other, (fence, 5001))
        got, others = matching(place, 1, lambda frame, end=other: frame.endswith(end))
        if not got:
            raise Wrong("the broadcast did not get there either")
        if not any(frame.endswith(one) for frame in others):
            return ""
        time.sleep(0.1)
    raise Wrong(f"{group} still gets to {place}")


# A stream of numbered broadcasts while something happens.

class Numbers(threading.Thread):
    """Sends one every 2 ms of at most."""

    def __init__(self, source, group):
        super().__init__(daemon=True)
        self.sender = group_sender(source, "224.0.0.1" if group == "255.255.255.255" else group)
        self.sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self.sender.setsockopt(socket.SOL_SOCKET, 25, source.split("/")[1].encode())
        self.group, self.count, self.ends = group, 0, False

    def run(self):
        while not self.ends:
            self.sender.sendto(b"number" + struct.pack(">I", self.count) * 8, (self.group, 5002))
            self.count += 1
            time.sleep(0.002)


streams = {}


def number_of(frame):
    payload = payload_of(frame)
    if payload[:6] != b"number":
        return None
    return struct.unpack_from(">I", payload, 6)[0]


def numbers_begin(source, place, group="255.255.255.255"):
    watch(place)
    streams[place] = Numbers(source, group)
    streams[place].start()
    if not matching(place, 20, lambda frame: number_of(frame) is not None)[0]:
        raise Wrong("none arrives")
    watch(place)
    return ""


def numbers_end(place, lost=0):
    """Between the first and the last one none is missing (at most @lost), none comes twice."""
    stream_ = streams.pop(place)
    stream_.ends = True
    stream_.join()
    got = [number_of(frame) for is_outgoing, frame in port(place).seen() if not is_outgoing]
    got = [number for number in got if number is not None]
    late, _ = matching(place, 1, lambda frame: number_of(frame) == stream_.count - 1, 1)
    got += [number_of(frame) for frame in late if number_of(frame) not in got[-1:]]
    if len(got) < 2 or len(got) != len(set(got)):
        raise Wrong(f"{len(got)} received, {len(set(got))} of them different")
    missing = sorted(set(range(got[0], stream_.count)) - set(got))
    if len(missing) > lost:
        raise Wrong(f"{len(missing)} of {len(got)} are missing: {missing[:20]}")
    return ""


if __name__ == "__main__":
    main(globals())
