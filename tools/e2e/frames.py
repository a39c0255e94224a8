#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Frames made by hand: sent, counted, and compared wherever they were seen.

Reads Python expressions, a line each, and answers each with a line: "ok", or what is wrong. One
process for a whole script, because a packet socket must stay open while the script goes on: what
waits in it unread is a clone of the frame, and shows whether somebody wrote into it.

Nothing else may be talking on the devices: without IPv6 nobody does.
"""
import ctypes
import errno
import fcntl
import hashlib
import itertools
import os
import select
import socket
import struct
import sys
import threading
import time

SLOW = int(os.environ["EIPOIB_SLOW"])
PATIENCE = 20 * SLOW  # seconds that anything may take
COPIES = 3

ETH_P_ALL = 3
CLONE_NEWNET = 0x40000000
SO_RCVBUFFORCE = 33
OUTGOING = 4  # packet type of a packet socket's address

BROADCAST = b"\xff" * 6
IB_BROADCAST = bytes.fromhex("00ffffff" "ff12401bffff0000" "00000000ffffffff")
IPV4, ARP, RARP, TEB, VLAN, IPV6, TIPC = 0x0800, 0x0806, 0x8035, 0x6558, 0x8100, 0x86dd, 0x88ca
FIRST_NOTE = "tx_flooded"  # of ethtool's counters: what it and those behind it count is no drop

libc = ctypes.CDLL(None, use_errno=True)
serial = itertools.count(1)


class Wrong(Exception):
    """Something that does not hold."""


def enter(netns):
    with open(f"/run/netns/{netns}", "rb") as file:
        if libc.setns(file.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), netns)


def hardware_address(packet_socket):
    """Of the netdevice it is bound to. Python's getsockname() ends after 8 bytes."""
    name, size = ctypes.create_string_buffer(64), ctypes.c_uint32(64)
    if libc.getsockname(packet_socket.fileno(), name, ctypes.byref(size)):
        raise OSError(ctypes.get_errno(), "getsockname")
    return name.raw[12:12 + name.raw[11]]


# Building frames.

def ether(destination, source, ethertype, payload=b""):
    return destination + source + struct.pack(">H", ethertype) + payload


def tag(tci, ethertype, payload=b""):
    return struct.pack(">HH", tci, ethertype) + payload


def infiniband(destination, ethertype, payload=b""):
    return destination + struct.pack(">HH", ethertype, 0) + payload


def arp(sender, target, hardware=1, protocol=IPV4, lengths=None, operation=1):
    hlen, plen = lengths or (len(sender), 4)
    return (struct.pack(">HHBBH", hardware, protocol, hlen, plen, operation) +
            sender + bytes([10, 9, 0, 1]) + target + bytes([10, 9, 0, 2]))


def announcement(mac):
    """What follows the ARP of the VIF of @mac."""
    return b"eIPB\1\1" + mac + bytes(6)


def ipv4(length, first=0x45, destination=(10, 9, 0, 2)):
    """A UDP packet of @length bytes in all, and no two of them are alike."""
    data = hashlib.shake_128(next(serial).to_bytes(8, "big")).digest(length - 28)
    udp = struct.pack(">HHHH", 9, 9, 8 + len(data), 0) + data
    header = struct.pack(">BBHHHBBH", first, 0, length, 0, 0, 1, 17, 0)
    header += bytes([10, 9, 0, 1]) + bytes(destination)
    total = sum(struct.unpack(">10H", header))
    total = (total & 0xffff) + (total >> 16)
    checksum = 0xffff - ((total & 0xffff) + (total >> 16))
    return header[:10] + struct.pack(">H", checksum) + header[12:] + udp


# Where frames are sent and seen.

class Port:
    """A packet socket on a netdevice."""

    def __init__(self, netns, name):
        self.netns, self.name = netns, name
        enter(netns)
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
        self.socket.bind((name, ETH_P_ALL))
        self.socket.setblocking(False)
        self.address = hardware_address(self.socket)

    def send(self, frame):
        self.socket.send(frame)

    def seen(self):
        """What waits: (is outgoing, frame)."""
        frames = []
        while True:
            try:
                frame, address = self.socket.recvfrom(1 << 17)
            except BlockingIOError:
                return frames
            except OSError as error:
                if error.errno != errno.ENETDOWN:
                    raise
                continue
            frames.append((address[2] == OUTGOING, frame))

    def ethtool(self, request):
        buffer = ctypes.create_string_buffer(request, 8192)
        fcntl.ioctl(self.socket, 0x8946, struct.pack("16sP16x", self.name.encode(),
                                                     ctypes.addressof(buffer)))
        return buffer.raw

    def counters(self):
        """All that ethtool -S shows, in its order."""
        strings = self.ethtool(struct.pack("III", 0x1b, 1, 0))
        count = struct.unpack_from("I", strings, 8)[0]
        numbers = struct.unpack_from(f"{count}Q", self.ethtool(struct.pack("II", 0x1d, 0)), 8)
        names = [strings[at:at + 32].rstrip(b"\0").decode() for at in range(12, 12 + 32 * count, 32)]
        return dict(zip(names, numbers))

    def drops(self):
        """The drop counters of a PIF."""
        counters = list(self.counters().items())
        return dict(counters[1:[name for name, _ in counters].index(FIRST_NOTE)])

    def traffic(self):
        """(received, sent, dropped on either way), as everybody sees it."""
        enter(self.netns)
        with open("/proc/thread-self/net/dev", encoding="ascii") as file:
            line = next(line for line in file if line.strip().startswith(self.name + ":"))
        field = [int(number) for number in line.split(":")[1].split()]
        return field[1], field[9], field[3] + field[11]


class Tap:
    """A tap interface whose frames enter with 14 bytes in one piece and the rest in many."""

    def __init__(self, netns, name):
        enter(netns)
        self.file = os.open("/dev/net/tun", os.O_RDWR)
        # IFF_TAP, IFF_NO_PI, IFF_NAPI, IFF_NAPI_FRAGS
        fcntl.ioctl(self.file, 0x400454ca, struct.pack("16sH22x", name.encode(), 0x1032))

    def send(self, frame):
        rest = [frame[at:at + 3] for at in range(14, 14 + 3 * 15, 3)] + [frame[14 + 3 * 15:]]
        os.writev(self.file, [frame[:14]] + [piece for piece in rest if piece])


# What a script asks. The devices are known by these names once open_ports() has run.
eth4 = plain = vif1 = native = None


def open_ports(**ports):
    """name="netns/device": make ports known by their names."""
    for name, place in ports.items():
        globals()[name] = Port(*place.split("/"))
    return ""


def open_tap(netns, name):
    global tap
    tap = Tap(netns, name)
    return ""


def until(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise Wrong(f"no {what} in {PATIENCE} s")
        time.sleep(0.005)


def expect(got, want, what):
    if got != want:
        got, want = ([x.hex() if isinstance(x, bytes) else x for x in (got, want)])
        raise Wrong(f"{what}: {got} and not {want}")


def pass_fence(source, target, frame, payload):
    """Send a good frame and wait for it. Return what arrived before it."""
    source.send(frame)
    before = []
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        select.select([target.socket], [], [], 0.5)
        for is_outgoing, seen in target.seen():
            if is_outgoing:
                continue
            if seen.endswith(payload):
                return before, seen
            before.append(seen)
    raise Wrong(f"the frame behind it did not arrive either: {[f.hex() for f in before]}")


def fence_out():
    payload = ipv4(60)
    return pass_fence(eth4, plain, ether(remac, eth4.address, IPV4, payload), payload)


def fence_in(destination=None):
    payload = ipv4(60)
    return pass_fence(plain, eth4, infiniband(destination or vif1.address, IPV4, payload), payload)


def drop(counter, source, frame, fence):
    """COPIES of @frame add as many to @counter, nothing to another, and arrive nowhere."""
    drops, traffic = eth4.drops(), eth4.traffic()
    for _ in range(COPIES):
        source.send(frame)
    until(lambda: sum(eth4.drops().values()) >= sum(drops.values()) + COPIES,
          f"drop of {frame.hex()}: {eth4.drops()[counter] - drops[counter]}")
    arrived = fence()[0] if fence else []
    grown = {name: value - drops[name] for name, value in eth4.drops().items()
             if value != drops[name]}
    expect(grown, {counter: COPIES}, f"drops of {frame.hex()}")
    expect(arrived, [], f"arrived of {frame.hex()}")
    moved = [now - before for now, before in zip(eth4.traffic(), traffic)]
    expect(sum(moved[:2]), 1 if fence else 0, f"packets counted with {frame.hex()}")
    expect(moved[2], COPIES, f"dropped packets with {frame.hex()}")


def drops_out(counter, *frames, source=None):
    for frame in frames:
        drop(counter, source or eth4, frame, fence_out)
    return ""


def drops_in(counter, *frames, fence=fence_in, source=None):
    for frame in frames:
        drop(counter, source or plain, frame, fence)
    return ""


def passes_out(source, frame, want):
    """@frame arrives at the plain host as @want, link-layer address aside, and nothing is dropped."""
    drops = eth4.drops()
    plain.seen()
    expect(pass_fence(source, plain, frame, want)[0], [], f"arrived before {frame.hex()}")
    expect(eth4.drops(), drops, "drops")
    return ""


def floods_out(*frames):
    """These of eth4 arrive as they are, behind a link header."""
    for frame in frames:
        passes_out(eth4, frame, infiniband(b"", TEB, frame))
    return ""


def knows_plain():
    """The plain host's REMAC becomes known to us, and each knows the way to the other."""
    global remac
    remac = fence_in(IB_BROADCAST)[1][6:12]
    expect(remac[:4].hex(), "02" + plain.address[1:4].hex(), "REMAC")
    fence_in()
    fence_out()
    return ""


# Clones: the frames wait in every socket until all have passed.

LENGTHS = (28, 60, 114, 115, 500, 1500, 2044)


def expect_all(port, want, is_outgoing):
    """@want and nothing else waits at @port, or soon will."""
    got = []
    try:
        until(lambda: got.extend(port.seen()) or
              sum(way == is_outgoing for way, _ in got) >= len(want), "frames")
    except Wrong:
        pass
    got = [frame for way, frame in got if way == is_outgoing]
    expect(len(got), len(want), f"frames at {port.name}")
    # Byte 0 of an IPoIB address is not part of it: what the peer is capable of.
    first = 1 if len(port.address) == 20 else 0
    for number, (one, other) in enumerate(zip(got, want)):
        expect(one[first:], other[first:], f"frame {number} at {port.name}")


def held_out(source, mac, vif, *others):
    """Frames to the fabric: every socket on the way keeps what it has seen."""
    packets = [ipv4(length) for length in LENGTHS * 2]
    macs = [remac] * len(LENGTHS) + [BROADCAST] * len(LENGTHS)
    addresses = [plain.address] * len(LENGTHS) + [IB_BROADCAST] * len(LENGTHS)
    frames = [ether(to, mac, IPV4, packet) for to, packet in zip(macs, packets)]
    for port in (plain, eth4, vif, *others):
        port.seen()
    for frame in frames:
        source.send(frame)
    expect_all(plain, [bytes(20) + struct.pack(">HH", IPV4, 0) + packet for packet in packets],
               False)
    for port in ([] if source is eth4 else [eth4]) + list(others):
        expect_all(port, frames, True)
    expect_all(vif, [infiniband(to, IPV4, packet) for to, packet in zip(addresses, packets)], True)
    return ""


def held_in(mac, vif, *others):
    """And from the fabric: IPoIB on the VIF, Ethernet from eth4 on. @others: (port, is outgoing)."""
    packets = [ipv4(length) for length in LENGTHS]
    for port, _ in ((eth4, False), (vif, False), *others):
        port.seen()
    for packet in packets:
        plain.send(infiniband(vif.address, IPV4, packet))
    want = [ether(mac, remac, IPV4, packet) for packet in packets]
    for port, is_outgoing in ((eth4, False), *others):
        expect_all(port, want, is_outgoing)
    link = b"\0" + plain.address[1:4] + bytes(16) + struct.pack(">H", IPV4) + remac[4:6]
    expect_all(vif, [link + packet for packet in packets], False)
    return ""


# Sockets of the kernel's own protocols, for frames in many pieces and of many segments.

def pair(kind, source, target):
    """Sockets from "netns/address" to another."""
    ends = []
    for place in (target, source):
        netns, address = place.split("/")
        enter(netns)
        end = socket.socket(socket.AF_INET, kind)
        end.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
        end.settimeout(PATIENCE)
        end.bind((address, 0))
        ends.append(end)
    receiver, sender = ends
    if kind == socket.SOCK_STREAM:
        receiver.listen()
    sender.connect(receiver.getsockname())
    if kind == socket.SOCK_STREAM:
        receiver = receiver.accept()[0]
        receiver.settimeout(PATIENCE)
    return sender, receiver


def some_file(size):
    file = open("/run/some-file", "w+b")
    for _ in range(size >> 16):
        file.write(os.urandom(1 << 16))
    file.flush()
    file.seek(0)
    return file


def stream(source, target, size=4 << 20):
    """TCP from the page cache: segments in many pieces, merged again by the receiver."""
    sender, receiver = pair(socket.SOCK_STREAM, source, target)
    with some_file(size) as file:
        want = hashlib.sha256(file.read()).hexdigest()
        file.seek(0)
        thread = threading.Thread(target=lambda: (sender.sendfile(file), sender.close()))
        thread.start()
        got, count = hashlib.sha256(), 0
        while piece := receiver.recv(1 << 20):
            got.update(piece)
            count += len(piece)
        thread.join()
    expect((count, got.hexdigest()), (size, want), "received")
    return ""


def datagrams(source, target, how, count=32, length=2000):
    sender, receiver = pair(socket.SOCK_DGRAM, source, target)
    with some_file(1 << 16) as file:
        data = file.read()
        want = [data[at * 100:at * 100 + length] for at in range(count)]
        # What waits for the answer to an ARP request is dropped from the third on.
        sender.send(b"first")
        expect(receiver.recv(1 << 16), b"first", "received")
        how(sender, file, want)
        got = [receiver.recv(1 << 16) for _ in want]
    expect([hashlib.md5(one).hexdigest() for one in got],
           [hashlib.md5(one).hexdigest() for one in want], "received")
    return ""


def by_sendfile(sender, file, pieces):
    for at, piece in enumerate(pieces):
        expect(os.sendfile(sender.fileno(), file.fileno(), at * 100, len(piece)), len(piece),
               "sent")


def by_zerocopy(sender, file, pieces):
    """The sender's own pages; the kernel must say of each that it needs them no more."""
    sender.setsockopt(socket.SOL_SOCKET, 60, 1)
    for piece in pieces:
        sender.send(piece, 0x4000000)
    done = 0
    deadline = time.monotonic() + PATIENCE
    while done < len(pieces):
        if time.monotonic() > deadline:
            raise Wrong(f"{done} of {len(pieces)} completed")
        try:
            _, control, _, _ = sender.recvmsg(1, 128, socket.MSG_ERRQUEUE)
        except BlockingIOError:
            time.sleep(0.005)
            continue
        first, last = struct.unpack("II", control[0][2][8:16])
        done += last - first + 1


def by_segments(sender, file, pieces):
    """UDP that is cut into packets below eth4."""
    sender.setsockopt(socket.IPPROTO_UDP, 103, len(pieces[0]))
    for at in range(0, len(pieces), 16):
        sender.send(b"".join(pieces[at:at + 16]))


def main(names):
    """@names: what an expression may use."""
    for line in sys.stdin:
        try:
            # pylint: disable-next=eval-used
            answer = eval(line, names)
        except Wrong as error:
            answer = str(error)
        except Exception as error:  # pylint: disable=broad-exception-caught
            answer = repr(error)
        # Whoever reads it takes it byte by byte.
        print(answer[:800] or "ok", flush=True)


if __name__ == "__main__":
    main(globals())
