#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Multicast datagrams with numbers, so that loss, copies and disorder are seen.

    mcast.py receive [--igmp 1|2|3] [--mld 1|2] [--source ADDRESS]... [--patience SECONDS]
                     NETNS DEVICE GROUP PORT COUNT
    mcast.py send [--numbers N... --] NETNS DEVICE GROUP PORT COUNT
    mcast.py selftest

receive joins (only the sources, if some are given), prints "ready", and when the sender is done
how many numbers came, were missing, came again or too late. It fails unless COUNT came, each once
and in order. Start send after "ready"; it sends in a burst.
"""
import argparse
import ctypes
import os
import select
import socket
import struct
import subprocess
import sys
import time

LAST_WORDS = 5  # datagrams that say that it is over, far enough apart for late copies to come first
PAUSE = 0.05
CLONE_NEWNET = 0x40000000
SO_RCVBUFFORCE = 33

# Of <linux/in.h> and <linux/in6.h>; they are for both families.
MCAST_JOIN_GROUP, MCAST_JOIN_SOURCE_GROUP = 42, 46

FORMAT = struct.Struct(">8sII")
MAGIC = b"mcast.py"


def enter(netns):
    libc = ctypes.CDLL(None, use_errno=True)
    with open(f"/run/netns/{netns}", "rb") as file:
        if libc.setns(file.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), netns)


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def protocol_of(address):
    return socket.IPPROTO_IPV6 if ":" in address else socket.IPPROTO_IP


def storage(address):
    """A struct sockaddr_storage."""
    family, packed = family_of(address), socket.inet_pton(family_of(address), address)
    gap = 4 if family == socket.AF_INET6 else 0
    return struct.pack(f"=HH{gap}x{len(packed)}s", family, 0, packed).ljust(128, b"\0")


def force_version(family, name, device, version):
    if version is not None:
        with open(f"/proc/sys/net/{family}/conf/{device}/{name}", "w", encoding="ascii") as file:
            file.write(str(version))


def join(sock, device, group, sources):
    index = struct.pack("@I4x", socket.if_nametoindex(device))
    if not sources:
        sock.setsockopt(protocol_of(group), MCAST_JOIN_GROUP, index + storage(group))
    for source in sources:
        sock.setsockopt(protocol_of(group), MCAST_JOIN_SOURCE_GROUP,
                        index + storage(group) + storage(source))


def send(arguments):
    enter(arguments.netns)
    index = socket.if_nametoindex(arguments.device)
    sock = socket.socket(family_of(arguments.group), socket.SOCK_DGRAM)
    if sock.family == socket.AF_INET:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack("@8xI", index))
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 8)
    else:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 8)
    sock.connect((arguments.group, arguments.port))
    for number in arguments.numbers or range(arguments.count):
        sock.send(FORMAT.pack(MAGIC, number, arguments.count))
    for word in range(LAST_WORDS):
        time.sleep(PAUSE)
        sock.send(FORMAT.pack(MAGIC, arguments.count + word, arguments.count))
    return 0


def numbers(sock, patience):
    """What comes, until the sender's last word or nothing for too long."""
    while select.select([sock], [], [], patience)[0]:
        data = sock.recv(1 << 16)
        if len(data) != FORMAT.size or data[:8] != MAGIC:
            continue
        _, number, count = FORMAT.unpack(data)
        if number < count:
            yield number
        elif number == count + LAST_WORDS - 1:
            return


def receive(arguments):
    enter(arguments.netns)
    force_version("ipv4", "force_igmp_version", arguments.device, arguments.igmp)
    force_version("ipv6", "force_mld_version", arguments.device, arguments.mld)
    sock = socket.socket(family_of(arguments.group), socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, arguments.device.encode())
    sock.bind((arguments.group, arguments.port))
    join(sock, arguments.device, arguments.group, arguments.source)
    print("ready", flush=True)

    seen, again, late = set(), 0, 0
    for number in numbers(sock, arguments.patience):
        if number in seen:
            again += 1
        elif seen and number < max(seen):
            late += 1
        seen.add(number)
    lost = arguments.count - len(seen)
    print(f"received {len(seen)}, lost {lost}, again {again}, late {late}", flush=True)
    return int(bool(lost or again or late))


# The self-test: two namespaces, a cable, and what must be noticed.

class Pair:
    """Network namespaces with a cable between their eth0."""

    def __init__(self):
        self.names = [f"mcast-{end}-{os.getpid()}" for end in "ab"]

    def __enter__(self):
        for name in self.names:
            self.ip("netns", "add", name)
        self.ip("link", "add", "eth0", "netns", self.names[0], "type", "veth", "peer", "name",
                "eth0", "netns", self.names[1])
        for number, name in enumerate(self.names, 1):
            self.ip("-n", name, "addr", "add", f"10.9.0.{number}/24", "dev", "eth0")
            self.ip("-n", name, "addr", "add", f"fd09::{number}/64", "dev", "eth0", "nodad")
            self.ip("-n", name, "link", "set", "eth0", "addrgenmode", "none", "up")
        return self

    def __exit__(self, *reason):
        for name in self.names:
            self.ip("netns", "del", name)

    @staticmethod
    def ip(*arguments):
        subprocess.run(["ip", *arguments], check=True)

    def run(self, group, *options, before=(), numbers=()):
        """The receiver's last line. @before: groups that the sender sends to first."""
        command = [sys.executable, __file__]
        with subprocess.Popen(command + ["receive", *options, self.names[1], "eth0", group, "5000",
                                         "200"], stdout=subprocess.PIPE, text=True) as receiver:
            assert receiver.stdout.readline() == "ready\n"
            wrong = ["--numbers", *map(str, numbers), "--"] if numbers else []
            for target in (*before, group):
                subprocess.run(command + ["send", *wrong, self.names[0], "eth0", target, "5000",
                                          "200"], check=True)
            return receiver.stdout.read().strip()


def selftest(_):
    good = "received 200, lost 0, again 0, late 0"
    failures = 0

    def expect(what, got, want):
        nonlocal failures
        failures += got != want
        print("ok" if got == want else f"not ok: {got}, not {want}:", what, flush=True)

    with Pair() as pair:
        for version in "123":
            expect(f"IGMPv{version}", pair.run("225.1.2.3", "--igmp", version), good)
        for version in "12":
            expect(f"MLDv{version}", pair.run("ff0e::1:203", "--mld", version), good)
        expect("a source", pair.run("232.1.2.3", "--igmp", "3", "--source", "10.9.0.1"), good)
        expect("a source in IPv6", pair.run("ff3e::5", "--mld", "2", "--source", "fd09::1"), good)
        expect("another source", pair.run("232.1.2.3", "--source", "10.9.0.7", "--patience", "1"),
               "received 0, lost 200, again 0, late 0")
        expect("another group of the same MAC", pair.run("225.1.2.3", before=["224.1.2.3"]), good)
        expect("a copy", pair.run("225.1.2.3", numbers=[*range(200), 7]),
               "received 200, lost 0, again 1, late 0")
        expect("loss", pair.run("225.1.2.3", numbers=range(2, 199)),
               "received 197, lost 3, again 0, late 0")
        expect("disorder", pair.run("225.1.2.3", numbers=[1, 0, *range(2, 200)]),
               "received 200, lost 0, again 0, late 1")
    return int(failures > 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    commands = parser.add_subparsers(required=True)
    for function in receive, send, selftest:
        command = commands.add_parser(function.__name__)
        command.set_defaults(function=function)
        if function is receive:
            command.add_argument("--igmp", type=int)
            command.add_argument("--mld", type=int)
            command.add_argument("--source", action="append", default=[])
            command.add_argument("--patience", type=float, default=20,
                                 help="seconds that the next datagram may take")
        if function is send:
            command.add_argument("--numbers", type=int, nargs="+", help="these and no others")
        if function is not selftest:
            for name in "netns", "device", "group":
                command.add_argument(name)
            for name in "port", "count":
                command.add_argument(name, type=int)
    arguments = parser.parse_args()
    return arguments.function(arguments)


if __name__ == "__main__":
    sys.exit(main())
