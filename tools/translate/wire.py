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
    deadline = time.monotonic() + patience * SLOW
    while len(got) < count and time.monotonic() < deadline:
        select.select([port(place).socket], [], [], 0.2)
        for is_outgoing, frame in port(place).seen():
            if not is_outgoing:
                (got if wanted(frame) else others).append(frame)
    return got, others


def expect_frames(place, want, patience=10):
    """@want arrive there once each, in order."""
    kinds = {frame[12:14] for frame in want}
    got, others = matching(place, len(want), lambda frame: frame in want, patience)
    if got != want:
        raise Wrong(f"{len(got)} of {len(want)} arrived in {place}, the first one missing is "
                    f"{next((f.hex() for f in want if f not in got), None)}; others are "
                    f"{spelled([f for f in others if f[12:14] in kinds])}")


def sends(source, *frames):
    for frame in frames:
        while True:
            try:
                port(source).send(frame)
                break
            except BlockingIOError:
                select.select([], [port(source).socket], [], PATIENCE)
    return ""


def crosses(source, target, *frames, patience=10):
    """What is sent in one place arrives in another one as it was, once and in order."""
    watch(target)
    sends(source, *frames)
    expect_frames(target, list(frames), patience)
    return ""


def crosses_to_all(source, targets, *frames):
    watch(*targets)
    sends(source, *frames)
    for target in targets:
        expect_frames(target, list(frames))
    return ""


def stays_away(source, target, frames, fence):
    """None of @frames arrives, although the frame @fence behind them does."""
    watch(target)
    sends(source, *frames, fence)
    _, others = matching(target, 1, lambda frame: frame == fence)
    if any(frame in others for frame in frames):
        raise Wrong("it arrived")
    return ""


def group_macs(place):
    """Of the groups that it is in."""
    netns, _, device = place.partition("/")
    enter(netns)
    with open("/proc/thread-self/net/igmp6", encoding="ascii") as file:
        fields = [line.split() for line in file]
    return [BROADCAST] + [b"\x33\x33" + bytes.fromhex(group[-8:])
                          for _, name, group, *_ in fields if name == (device or "eth0")]


def heard_alike(one, other, *kinds):
    """What each of two guests has sent to the other one or to groups that it is in since watch(), the
    other one has received byte for byte, once."""
    kinds = [struct.pack(">H", kind) for kind in kinds]
    seen = {place: port(place).seen() for place in (one, other)}
    for source, target in ((one, other), (other, one)):
        mine, its = port(source).address, [port(target).address, *group_macs(target)]
        sent = [frame for is_outgoing, frame in seen[source] if is_outgoing and
                frame[12:14] in kinds and frame[:6] in its]
        if not sent:
            raise Wrong(f"{source} sent nothing")
        heard = [frame for is_outgoing, frame in seen[target] if not is_outgoing and
                 frame[12:14] in kinds and frame[:6] in its and frame[6:12] == mine]
        # What was on its way.
        heard += matching(target, len(sent) - len(heard), lambda frame: frame in sent)[0]
        for frame in sent:
            if frame not in heard:
                raise Wrong(f"{source} sent {frame.hex()} and {target} heard {spelled(heard)}")
        expect(len(heard), len(sent), "frames heard")
    return ""


def teb_frames(place):
    """The Ethernet frames in the transparent frames that an IPoIB interface has received."""
    return [frame[24:] for is_outgoing, frame in port(place).seen()
            if not is_outgoing and frame[20:22] == struct.pack(">H", TEB)]


def flooded(place, at_most, *addresses, at_least=0, patience=5):
    """How many transparent frames to each MAC the plain host @place has seen since watch()."""
    count = dict.fromkeys(addresses, 0)
    deadline = time.monotonic() + patience * SLOW
    while True:
        for frame in teb_frames(place):
            if frame[:6] in count:
                count[frame[:6]] += 1
        if min(count.values()) >= at_least or time.monotonic() > deadline:
            break
        time.sleep(0.01)
    for address, number in count.items():
        if not at_least <= number <= at_most:
            raise Wrong(f"{number} frames to {address.hex(':')} were flooded")
    return ""


# Datagrams by sockets.

def endpoint(end, port_number=0):
    netns, address = end.split("/")
    enter(netns)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
    sock.settimeout(10 * SLOW)
    sock.bind((address, port_number))
    return sock


def numbers_of(place, want, is_sent):
    """Which of these datagrams were seen there, in order."""
    seen = [frame for way, frame in port(place).seen() if way == is_sent]
    at = 24 if len(port(place).address) == 20 else 14
    return [want.index(frame[-len(want[0]):]) for frame in seen
            if len(frame) > at and frame[-len(want[0]):] in want]


def burst(source, target, count=64, length=100, via=()):
    """@count datagrams back to back: all arrive, in the order in which they left the guest @source. Its
    own kernel may let one overtake another that waits for a neighbour; it does so on CPU 0 alone, where
    it receives, too, else what leaves first would be a race. If not, say in which order
    they were sent and received at the places @via, "-" before those where they are received."""
    place = source.split("/")[0]
    watch(place, *[at.lstrip("-") for at in via])
    sender, receiver = endpoint(source), endpoint(target)
    destination = receiver.getsockname()
    want = [struct.pack(">I", number) + random_bytes(length - 4) for number in range(count)]
    cpus = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {0})
    for datagram in want:
        sender.sendto(datagram, destination)
    os.sched_setaffinity(0, cpus)
    got = []
    try:
        while len(got) < count:
            got.append(receiver.recv(1 << 16))
    except TimeoutError:
        pass
    sender.close()
    receiver.close()
    left = numbers_of(place, want, True)
    numbers = [want.index(one) for one in got]
    if len(left) == count and numbers == left:
        return ""
    ways = {"left": left} | {at: numbers_of(at.lstrip("-"), want, at[0] != "-") for at in via}
    raise Wrong("; ".join(f"{at}: {out_of_order(way)}" for at, way in
                          (ways | {"arrived": numbers}).items()))


def out_of_order(numbers):
    return f"{len(numbers)}, " + " ".join(
        f"{number} as {at}" for at, number in enumerate(numbers) if number != at)


def sends_into_void(source, address, count, length):
    sender = endpoint(source)
    for _ in range(count):
        sender.sendto(random_bytes(length), (address, 9))
    sender.close()
    return ""


# Streams.

def transfer(source, target, size):
    """TCP: what is received is what was sent."""
    ends = []
    for place in (target, source):
        netns, address = place.split("/")
        enter(netns)
        end = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        end.settimeout(PATIENCE)
        end.bind((address, 0))
        ends.append(end)
    receiver, sender = ends
    receiver.listen()
    sender.connect(receiver.getsockname())
    receiver = receiver.accept()[0]
    receiver.settimeout(PATIENCE)
    data = os.urandom(size)

    def send():
        with sender:
            sender.sendall(data)

    thread = threading.Thread(target=send)
    thread.start()
    got = b""
    while piece := receiver.recv(1 << 20):
        got += piece
    thread.join()
    if got != data:
        raise Wrong(f"{len(got)} of {size} bytes received, or others")
    return ""


def lengths(place, run):
    """(length, is its checksum left to others) of all TCP packets seen there while @run does."""
    netns, device = place.split("/")
    enter(netns)
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0) as sock:
        sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 25)
        sock.setsockopt(263, 8, 1)  # PACKET_AUXDATA
        sock.bind((device, ETH_P_ALL))
        sock.setblocking(False)
        run()
        seen = []
        while True:
            try:
                _, control, _, _ = sock.recvmsg(1, 64)
            except BlockingIOError:
                return seen
            status, length = struct.unpack_from("II", control[0][2])
            seen.append((length, bool(status & 8)))  # TP_STATUS_CSUMNOTREADY


def longest(place, run, at_least, at_most=1 << 17):
    found = max((length for length, _ in lengths(place, run)), default=0)
    if not at_least <= found <= at_most:
        raise Wrong(f"the longest has {found} bytes")
    return ""


def checksums(place, run, left):
    """Those of all long packets are left to others, or those of none."""
    found = {is_left for length, is_left in lengths(place, run) if length > 1000}
    expect(found, {left}, "left to others")
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
    sock.bind((group, number) if len(address) == 4 else (group, number, 0, index))
    sock.settimeout(5 * SLOW)
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
    deadline = time.monotonic() + patience * SLOW
    while waiting:
        if time.monotonic() > deadline:
            raise Wrong(f"{group} did not reach {waiting}")
        sender.sendto(b"hello", (group, 5000))
        ready = select.select([members[place, group] for place in waiting], [], [], 0.2)[0]
        waiting = [place for place in waiting if members[place, group] not in ready]
    sender.close()
    return ""


def broadcaster(source):
    sock = group_sender(source, "224.0.0.1")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, source.split("/")[1].encode())
    return sock


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


def away(source, group, *places, patience=10):
    """Datagrams to the group do not get to @places, any more: polled until one does not, although the
    broadcast behind it gets to one of them."""
    sender, fencer = group_sender(source, group), broadcaster(source)
    deadline = time.monotonic() + patience * SLOW
    while time.monotonic() < deadline:
        watch(*places)
        one, fence = random_bytes(64), random_bytes(64)
        sender.sendto(one, (group, 5000))
        fencer.sendto(fence, ("255.255.255.255", 5001))
        frames = []
        until(lambda: frames.extend(frame for place in places for _, frame in port(place).seen()) or
              any(frame.endswith(fence) for frame in frames), "broadcast behind it")
        if not any(frame.endswith(one) for frame in frames):
            return ""
        time.sleep(0.1)
    raise Wrong(f"{group} still gets there")


# A stream of numbered broadcasts while something happens.

class Numbers(threading.Thread):
    """Sends one every 2 ms at most."""

    def __init__(self, source, group):
        super().__init__(daemon=True)
        self.sender = broadcaster(source)
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


# Frames that are broken or lie. What they are called says what is wrong.

from_plain, from_vif, from_guest = {}, {}, {}


def announcement(sender, target=bytes(6), version=1, flags=1, magic=b"eIPB"):
    return magic + bytes([version, flags]) + sender + target


def cuts(packet, first):
    return [packet[:length] for length in range(first, len(packet))]


def bad_discovery(source, link, another):
    """Neighbour advertisements; @link and @another are what a link-layer address option holds."""
    def advertise(*args, **kwargs):
        return advertisement(source, source, *args, **kwargs)

    good = option(2, link)
    return {
        "cut at any byte": cuts(advertise(good), 41),
        "an option of length 0": [advertise(b"\2\0" + good[2:]),
                                  advertise(good + b"\x0e\0" + bytes(6))],
        "options that do not add up": [advertise(good[:-8 * n]) for n in range(1, len(good) // 8)] +
                                      [advertise(good + bytes([14, n]) + bytes(6))
                                       for n in (2, 3, 32, 255)],
        "a wrong checksum": [advertise(good, wrong=1), advertise(good, wrong=0x1234)],
        "another hop limit": [advertise(good, hops=hops) for hops in (0, 1, 64, 254)],
        "an advertisement of another": [advertise(option(2, another))],
    }


def bad_frames(guest, vif, plain):
    """Make the lists, for that guest and its VIF, and a plain host that lies. IPoIB itself sends no
    transparent frames, another VIF does."""
    mine, its = port(guest).address, port(vif).address
    liar = port(plain).address
    other = b"\x02\0\0\0\0\1"
    discovery = bad_discovery("fe80::30", bytes(2) + liar,
                              bytes(2) + liar[:1] + b"\0\2\2" + liar[4:])
    discovery["the queue pair of another"] = discovery.pop("an advertisement of another")
    discovery["the GID of another"] = [advertisement("fe80::30", "fe80::30", option(
        2, bytes(2) + liar[:19] + bytes([liar[19] ^ 0x77])))]
    discovery["an Ethernet option"] = [advertisement("fe80::30", "fe80::30", option(2, other))]
    discovery["signed"] = [advertisement("fe80::30", "fe80::30",
                                         option(2, bytes(2) + liar) + option(12, random_bytes(22)))]
    for name, packets in discovery.items():
        from_plain[name] = [infiniband(to, IPV6, packet) for packet in packets
                             for to in ((IB_BROADCAST,) if "GID" in name else (IB_BROADCAST, its))]
    from_plain["ARP of another with announcement"] = [
        infiniband(to, ARP, arp_of(b"\0\0\2\2" + liar[4:], "10.0.0.30", bytes(20), "10.0.0.11") +
                   announcement(other)) for to in (IB_BROADCAST, its)]
    from_vif["to nobody"] = [
        infiniband(IB_BROADCAST, TEB, ether(other, other, LOCAL, random_bytes(50)))]
    from_vif["cut at any byte"] = [
        infiniband(to, TEB, cut) for to in (IB_BROADCAST, its)
        for cut in cuts(ether(mine, other, LOCAL), 0)]
    from_plain["IPv6 cut at any byte"] = [
        infiniband(to, IPV6, cut) for to in (IB_BROADCAST, its)
        for cut in cuts(ipv6_of(59, "fe80::30", "ff02::1", b""), 0)]

    for name, packets in bad_discovery("fe80::11", mine, other).items():
        # To all, because a bridge looks into what goes to a group.
        from_guest[name] = [ether(BROADCAST, mine, IPV6, packet) for packet in packets]
    for kind, name in ((135, "a solicitation of another"), (134, "a router advertisement of another")):
        from_guest[name] = [ether(BROADCAST, mine, IPV6, icmpv6(
            "fe80::11", "ff02::1", kind, bytes(20 if kind == 135 else 12) + option(1, other)))]
    from_guest["a DHCP client of another"] = [ether(BROADCAST, mine, IPV4, udp(
        "0.0.0.0", "255.255.255.255", (68, 67), dhcp_discover(other)))]
    from_guest["ARP of another"] = [ether(BROADCAST, mine, ARP, arp_of(
        other, "10.0.0.11", bytes(6), "10.0.0.99"))]
    from_guest["IPv6 cut at any byte"] = [
        ether(BROADCAST, mine, IPV6, cut)
        for cut in cuts(ipv6_of(59, "fe80::11", "ff02::1", b""), 0)]
    return ""


def dhcp_discover(chaddr):
    return (struct.pack(">BBBBIHH", 1, 1, 6, 0, 0x12345678, 0, 0) + bytes(16) + chaddr + bytes(202) +
            b"\x63\x82\x53\x63" + b"\x35\1\1\xff")


def good_frame(source):
    """A broadcast that everybody gets, as that place sends it."""
    packet = ipv4(60)
    if len(port(source).address) == 20:
        return packet, infiniband(IB_BROADCAST, IPV4, packet)
    return packet, ether(BROADCAST, port(source).address, IPV4, packet)


def behind(source, target):
    """All that was sent there until now has been dealt with."""
    watch(target)
    packet, frame = good_frame(source)
    sends(source, frame)
    if not matching(target, 1, lambda seen: seen.endswith(packet))[0]:
        raise Wrong("a good frame behind it does not arrive")


NOTES = ("tx_flooded", "tx_held", "tx_nd_signed", "tx_realloc", "rx_realloc", "rx_announce_bad",
         "rx_moved_away", "peer_evicted", "group_limit")
ECHOES = ("rx_copy", "rx_own")  # of good frames to a group


def refused(pif, reason, source, frames):
    """Every frame is counted by that PIF under the reason, once, and under no other one."""
    target = pif if source[0] == "h" else "h3"
    behind(source, target)
    before = port(pif).drops()
    want = {reason: COPIES * len(frames)}
    sends(source, *frames * COPIES)
    behind(source, target)
    # What comes to another queue pair may be processed after what was sent behind it.
    deadline = time.monotonic() + PATIENCE
    while True:
        grown = {name: count - before[name] for name, count in port(pif).drops().items()
                 if count != before[name] and name not in NOTES + ECHOES}
        if grown.get(reason, 0) >= want[reason] or time.monotonic() > deadline:
            break
    expect(grown, want, "drops")
    return ""


def proxies(source, target):
    """An advertisement without the override flag may name another MAC; it arrives with the sender's."""
    mine = port(source).address
    sent, want = [ether(group_mac("ff02::1"), mine, IPV6, advertisement(
        "fe80::11", "fe80::99", option(2, link), flags=0)) for link in (b"\x02\0\0\0\0\1", mine)]
    watch(target)
    sends(source, sent)
    expect_frames(target, [want])
    return ""


def asks_falsely(source, announced):
    """An ARP request of a plain host that carries a broken announcement."""
    sends(source, infiniband(IB_BROADCAST, ARP, arp_of(
        port(source).address, "10.0.0.30", bytes(20), "10.0.0.11") + announced))
    return ""


def announces(source, vif, address):
    """The plain host says to a VIF that this MAC is its own."""
    mine = port(source).address
    sends(source, infiniband(port(vif).address, RARP, arp_of(mine, "0.0.0.0", mine, "0.0.0.0", 3) +
                             announcement(address, flags=5)))
    return ""


def flood(source, target, lists, count):
    """@count bad frames, no more of them at once than a receive queue holds."""
    frames = itertools.cycle([frame for frames in lists.values() for frame in frames])
    for _ in range(count // 64):
        sends(source, *itertools.islice(frames, 64))
        behind(source, target)
    return ""


if __name__ == "__main__":
    main(globals())
