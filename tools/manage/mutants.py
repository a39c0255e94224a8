#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Random requests about the VIFs of eth4, from valid ones with something broken to plain noise.

usage: mutants.py SEED COUNT

In the namespace of eth4 with the VIFs ib0.1 to ib0.6, ib0.8003 and ib0.8003.1 (VLAN 3 if any), the
free clone ib0.9 and dummy0. A line is a result.

A model is kept of what was accepted. A request that is refused must change nothing, one that is
accepted exactly what it says, read with a parser that is not the kernel's; after every batch the
links are compared with the model. Of requests that are whole the model also knows whether they
must be accepted. What is broken below IFLA_INFO_DATA is ours to refuse, and so has a sentence.
"""
import collections
import random
import socket
import sys

from netlink import *

BATCH = 50
CLONES = {name: socket.if_nametoindex(name)
          for name in [f"ib0.{i}" for i in range(1, 7)] + ["ib0.8003", "ib0.8003.1"]}
NAMES = {index: name for name, index in CLONES.items()}
STRANGERS = [socket.if_nametoindex(name) for name in ("ib0.9", "dummy0", "eth4", "lo")]
PIF = socket.if_nametoindex("eth4")
MACS = [bytes([0x52, 0x54, 0, 0, 0, i]) for i in range(1, 13)]
TAGGED = 3
MTU, OVERHEAD = 2044, 18
IFLA_MAX_MTU = 51

rng = random.Random(int(sys.argv[1]))


class Node:
    """An attribute; @stretch is added to the length it says it has."""

    def __init__(self, number, content, stretch=0):
        self.number, self.content, self.stretch = number, content, stretch

    def bytes(self):
        data = self.content
        if isinstance(data, list):
            data = b"".join(node.bytes() for node in data)
        size = (len(data) + 4 + self.stretch) & 0xffff
        return struct.pack("HH", size, self.number & 0xffff) + data + b"\0" * (-len(data) % 4)

    def below(self):
        """All lists of attributes at and below this one."""
        if isinstance(self.content, list):
            yield self.content
            for node in self.content:
                yield from node.below()


class Request:
    def __init__(self):
        self.name = rng.choice(list(CLONES))
        self.vlan = TAGGED if is_8003(self.name) else None
        self.binding = self.random_binding()
        self.data = Node(INFO_DATA | NLA_F_NESTED, [Node(VIF | NLA_F_NESTED, self.vif())])
        self.info = Node(IFLA_LINKINFO | NLA_F_NESTED,
                         [Node(INFO_KIND, b"eipoib\0"), self.data])
        self.top = [self.info]
        self.kind = RTM_NEWLINK
        self.flags = 0
        self.is_whole = self.is_ours = True

    def random_binding(self):
        """(MAC or None for any, VLAN, sticky), or None for none."""
        what = rng.random()
        if what < 0.1:
            return None
        if what < 0.2:
            return None, self.vlan, False
        return rng.choice(MACS), self.vlan, rng.random() < 0.2

    def vif(self):
        nodes = [Node(VIF_IFINDEX, u32(CLONES[self.name]))]
        if self.binding is None:
            return nodes + [Node(VIF_NONE, b"")]
        mac, vlan, is_sticky = self.binding
        flags = (ANY if mac is None else 0) | (STICKY if is_sticky else 0)
        if mac is not None:
            nodes.append(Node(VIF_MAC, mac))
        if vlan is not None:
            nodes.append(Node(VIF_VLAN, u16(vlan)))
        if flags or rng.random() < 0.3:
            nodes.append(Node(VIF_FLAGS, u32(flags)))
        rng.shuffle(nodes)
        return nodes

    def body(self):
        header = struct.pack("BxHiII", 0, 0, PIF, 0, 0)
        return header + b"".join(node.bytes() for node in self.top)


def random_bytes(longest):
    return rng.randbytes(rng.randrange(longest + 1))


def random_value():
    size = rng.choice((0, 1, 2, 3, 4, 4, 5, 6, 6, 7, 8, 20, 64))
    value = rng.choice((0, 1, 3, 4, 4094, 4095, 4096, 0x7fff, 0x8003, 0xffff, 0x7fffffff,
                        (1 << 160) - 1, *CLONES.values(), *STRANGERS))
    return rng.choice((rng.randbytes(size), (value & ((1 << 8 * size) - 1)).to_bytes(
        size, sys.byteorder)))


def random_type():
    return rng.choice((rng.randrange(12), rng.randrange(12), rng.randrange(64),
                       rng.randrange(0x10000), rng.randrange(12) | NLA_F_NESTED))


def mutate(nodes):
    """Break one of a list of attributes, or the list."""
    at = rng.randrange(len(nodes)) if nodes else -1
    how = rng.randrange(8)
    if at < 0 or how == 0:
        nodes.insert(rng.randrange(len(nodes) + 1), Node(random_type(), random_value()))
    elif how == 1:
        del nodes[at]
    elif how == 2:
        nodes.insert(rng.randrange(len(nodes) + 1), Node(nodes[at].number, nodes[at].content))
    elif how == 3:
        nodes[at].number = random_type()
    elif how == 4:
        nodes[at].content = random_value()
    elif how == 5 and isinstance(nodes[at].content, bytes):
        nodes[at].content = nodes[at].content[:rng.randrange(len(nodes[at].content) + 1)]
    elif how == 5:
        nodes[at].content = [Node(nodes[at].number, nodes[at].content)]
    elif how == 6:
        nodes[at].stretch = rng.choice((-4, -3, -2, -1, 1, 2, 3, 4, 8, 100, 1000, 0x7000))
    else:
        nodes[at].content = random_bytes(40)


# What may stand beside a VIF and must not be carried out, nor the VIF then.
BESIDE = [(IFLA_MTU, u32(1400)), (IFLA_ADDRESS, MACS[0]), (IFLA_IFNAME, b"eth9\0"),
          (IFLA_TXQLEN, u32(77)), (IFLA_MASTER, u32(0)), (IFLA_GROUP, u32(5)),
          (IFLA_IFALIAS, b"x\0")]


def make():
    """A request. Most are broken below IFLA_INFO_DATA, where we are asked."""
    request = Request()
    what = rng.random()
    if what < 0.2:
        return request
    request.is_whole = False
    if what < 0.7:
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            mutate(rng.choice(list(request.data.below())))
    elif what < 0.78:
        request.data.content = random_bytes(60)
        # Less than an attribute in it, and rtnetlink itself does not take it.
        request.is_ours = len(request.data.content) not in (1, 2, 3)
    elif what < 0.84:
        request.top.insert(rng.randrange(2), Node(*rng.choice(BESIDE)))
    elif what < 0.94:
        request.is_ours = False
        mutate(request.info.content)
    elif what < 0.97:
        request.is_ours = False
        request.flags = rng.choice((NLM_F_EXCL, 0x100, NLM_F_EXCL | NLM_F_CREATE))
        if rng.random() < 0.5:
            request.kind = RTM_SETLINK
            request.flags = 0
    else:
        request.is_ours = False
        request.info.content = random_bytes(80)
    return request


def read(data):
    """The attributes in @data as far as they make sense, the last of equal ones."""
    found = {}
    while len(data) >= 4:
        size, number = struct.unpack_from("HH", data)
        if size < 4 or size > len(data):
            break
        found[number & NLA_TYPE_MASK] = data[4:size]
        data = data[(size + 3) & ~3:]
    return found


def effect(request):
    """What a request does if it is accepted: (clone, binding), or None."""
    if request.kind != RTM_NEWLINK:
        return None
    info = read(read(request.body()[16:]).get(IFLA_LINKINFO, b""))
    vif = read(read(info.get(INFO_DATA, b"")).get(VIF, b""))
    if not vif and VIF not in read(info.get(INFO_DATA, b"")):
        return None
    number = lambda which: int.from_bytes(vif[which], sys.byteorder) if which in vif else None
    name = NAMES.get(number(VIF_IFINDEX), "a stranger")
    if VIF_NONE in vif:
        return name, None
    flags = number(VIF_FLAGS) or 0
    return name, (None if flags & ANY else vif.get(VIF_MAC), number(VIF_VLAN),
                  bool(flags & STICKY))


def is_8003(name):
    return "8003" in name


class Model:
    def __init__(self, links):
        self.bindings = {name: self.shown(links[name]) for name in CLONES}
        self.rest = self.others(links)

    @staticmethod
    def shown(link):
        flags = link.vif_flags
        mac = link.slave.get(VIF_MAC)
        if mac is None and not flags & ANY:
            return None
        return mac, link.number(link.slave, VIF_VLAN), bool(flags & STICKY)

    @staticmethod
    def others(links):
        """What no VIF changes."""
        rest = {}
        for name, link in links.items():
            index, flags, attrs, info, data, slave = link.lasting()
            for which in VIF_MAC, VIF_VLAN, VIF_FLAGS:
                slave.pop(which, None)
            if name == "eth4":
                attrs = {k: v for k, v in attrs.items() if k not in (IFLA_MTU, IFLA_MAX_MTU)}
            rest[name] = index, flags, attrs, info, data, slave
        return rest

    def may(self, name, binding):
        """Whether a whole request is to be accepted: a MAC and VLAN belong to one VIF, and a P_Key
        carries one VLAN and a VLAN one P_Key."""
        return binding is None or all(
            other[:2] != binding[:2] and (other[1] == binding[1]) == (is_8003(key) == is_8003(name))
            for key, other in self.bindings.items() if key != name and other)

    def differences(self, links):
        for name, binding in self.bindings.items():
            if self.shown(links[name]) != binding:
                yield f"{name} is {self.shown(links[name])}, not {binding}"
        has_any = any(b and b[0] is None for b in self.bindings.values())
        if links["eth4"].mtu != MTU - (OVERHEAD if has_any else 0):
            yield f"the MTU is {links['eth4'].mtu}"
        if (text := difference(self.rest, self.others(links))):
            yield text


class Run:
    def __init__(self):
        self.kernel = Netlink()
        self.model = Model(self.kernel.links())
        self.answers = collections.Counter()
        self.wrong = []

    def complain(self, request, why):
        self.wrong.append(f"{why}: {request.body()[16:].hex()}")

    def judge(self, request, error, said):
        self.answers[error_name(error) if error else "accepted"] += 1
        if request.is_whole and (error == 0) != self.model.may(request.name, request.binding):
            self.complain(request, f"{error_name(error) if error else 'accepted'} {said}")
        if error and request.is_ours and not said:
            self.complain(request, f"{error_name(error)} without a sentence")
        if error < 0 or error > 200:
            self.complain(request, f"errno {error}")
        done = effect(request) if not error else None
        if done and done[0] not in CLONES:
            self.complain(request, "accepted for a stranger")
        elif done:
            self.model.bindings[done[0]] = done[1]

    def batch(self, count):
        requests = [make() for _ in range(count)]
        self.kernel.sock.send(b"".join(
            (lambda m: m + b"\0" * (-len(m) % 4))(self.kernel.message(
                request.kind, NLM_F_REQUEST | NLM_F_ACK | request.flags, request.body()))
            for request in requests))
        answers = {}
        while len(answers) < count:
            for message in split(self.kernel.sock.recv(1 << 20)):
                answers[struct.unpack_from("I", message, 8)[0]] = message
        for request, sequence in zip(requests, sorted(answers)):
            message = answers[sequence]
            self.judge(request, -struct.unpack_from("i", message, 16)[0], sentence(message))
        for why in self.model.differences(self.kernel.links()):
            self.wrong.append(f"after {[r.body()[16:].hex() for r in requests]}: {why}")
        return not self.wrong


def main():
    run = Run()
    count = int(sys.argv[2])
    done = 0
    while done < count and run.batch(min(BATCH, count - done)):
        done += min(BATCH, count - done)
    result(f"{count} requests of seed {sys.argv[1]} do what they say or nothing", done == count,
           "; ".join(run.wrong[:3]))
    result(f"both is often the case: {dict(run.answers)}", run.answers["accepted"] > count / 10 and
           run.answers["EINVAL"] > count / 10)


main()
