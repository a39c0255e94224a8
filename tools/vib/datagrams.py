#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Datagrams of user space, to addresses and with keys of its choice:

datagrams.py lids       to all LIDs of a port, from all of another one
datagrams.py gids       by the GIDs of a port, one of which was set by hand
datagrams.py keys       right and wrong P_Keys and Q_Keys
datagrams.py arp ...    somebody on plain IPoIB: see arp()

Each ends in an exception unless what arrived, and what was counted, is right. vib0 is a full member
of the partition 0x0004, vib1 and vib2 are limited ones."""
import fcntl
import socket
import struct
import sys
import time

import pyverbs.enums as e
from pyverbs.addr import GID, AH, AHAttr, GlobalRoute
from pyverbs.cq import CQ
from pyverbs.device import Context
from pyverbs.mr import MR
from pyverbs.pd import PD
from pyverbs.qp import QP, QPAttr, QPCap, QPInitAttr
from pyverbs.wr import SGE, RecvWR, SendWR

QKEY = 0x0B1B  # of IPoIB
GRH = 40
SIZE = 2048 + GRH
BUFFERS = 8
DEADLINE = 20  # seconds


class End:
    """A queue pair on HCA `index` with the P_Key `pkey` that has posted buffers."""

    def __init__(self, index, pkey=0xFFFF, qkey=QKEY):
        self.path = f"/sys/class/infiniband/vib{index}/ports/1"
        ctx = Context(name=f"vib{index}")
        self.port = ctx.query_port(1)
        self.pd = PD(ctx)
        self.cq = CQ(ctx, 32)
        cap = QPCap(max_send_wr=8, max_recv_wr=BUFFERS, max_send_sge=1, max_recv_sge=1)
        self.qp = QP(self.pd, QPInitAttr(qp_type=e.IBV_QPT_UD, scq=self.cq, rcq=self.cq, cap=cap,
                                         sq_sig_all=0))
        self.mr = MR(self.pd, (1 + BUFFERS) * SIZE, e.IBV_ACCESS_LOCAL_WRITE)
        attr = QPAttr(port_num=1)
        attr.qkey = qkey
        attr.pkey_index = self.pkey_index(pkey)
        self.qp.to_rts(attr)
        for slot in range(BUFFERS):
            self.post(slot)

    def read(self, name):
        with open(f"{self.path}/{name}", encoding="ascii") as file:
            return file.read().strip()

    def pkey_index(self, pkey):
        return next(i for i in range(128) if int(self.read(f"pkeys/{i}"), 16) == pkey)

    def drops(self, name):
        # The kernel would give the same figure for 10 ms.
        with open(f"{self.path}/hw_counters/lifespan", "w", encoding="ascii") as lifespan:
            lifespan.write("0")
        return int(self.read(f"hw_counters/{name}"))

    def gid(self, index):
        return self.read(f"gids/{index}")

    def post(self, slot):
        sge = SGE(self.mr.buf + (1 + slot) * SIZE, SIZE, self.mr.lkey)
        self.qp.post_recv(RecvWR(wr_id=slot, num_sge=1, sg=[sge]))

    def send(self, to, data, *, dlid=None, bits=0, qkey=QKEY, gids=None):
        """To a queue pair, or (QPN, LID); `gids` are the index of the source and the destination."""
        qpn, lid = to if isinstance(to, tuple) else (to.qp.qp_num, to.port.lid)
        route = GlobalRoute(sgid_index=gids[0], dgid=GID(gids[1])) if gids else GlobalRoute()
        attr = AHAttr(port_num=1, is_global=int(gids is not None), gr=route, dlid=dlid or lid)
        attr.src_path_bits = bits
        self.mr.write(data, len(data))
        request = SendWR(num_sge=1, sg=[SGE(self.mr.buf, len(data), self.mr.lkey)],
                         send_flags=0)
        request.set_wr_ud(AH(self.pd, attr=attr), qpn, qkey)
        self.qp.post_send(request)

    def receive(self):
        """The next datagram: how it came, and all its bytes from the GRH on."""
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            count, completions = self.cq.poll()
            if count:
                wc = completions[0]
                data = self.mr.read(wc.byte_len, (1 + wc.wr_id) * SIZE)
                self.post(wc.wr_id)
                return wc, data
        raise SystemExit("nothing came")


def expect(text, got, wanted):
    if got != wanted:
        raise SystemExit(f"{text}: {got}, not {wanted}")


def arrives(sender, receiver, text, **how):
    """A datagram, whole."""
    data = f"{text} {how}"
    sender.send(receiver, data, **how)
    wc, received = receiver.receive()
    expect(text, received[GRH:].decode(), data)
    expect("its length", wc.byte_len, GRH + len(data))
    return wc, received


def is_dropped(sender, receiver, counter, violations, **how):
    """A datagram that must not arrive: it is counted twice, and the next one arrives."""
    drops, wrong = receiver.drops(counter), violation_counter(receiver, violations)
    sender.send(receiver, "not for you", **how)
    wait_until(counter, lambda: receiver.drops(counter) > drops)
    expect(counter, receiver.drops(counter), drops + 1)
    expect(violations, violation_counter(receiver, violations), wrong + 1)
    expect("completions", receiver.cq.poll()[0], 0)


def violation_counter(end, name):
    """Of PortInfo, as verbs show them."""
    return getattr(Context(name=end.path.split("/")[4]).query_port(1), name)


def lids():
    """Every LID that the LMC gives a port is its own; base LIDs are multiples of their number."""
    sender, receiver = End(1), End(2)
    count = 1 << receiver.port.lmc
    expect("LMC", sender.port.lmc, receiver.port.lmc)
    expect("more than one LID", count > 1, True)
    expect("base LID", (sender.port.lid % count, receiver.port.lid % count), (0, 0))
    for bits in range(count):
        for path in range(count):
            wc, _ = arrives(sender, receiver, "by LID", dlid=receiver.port.lid + path, bits=bits)
            expect("the sender's LID", wc.slid, sender.port.lid + bits)
            expect("path bits", wc.dlid_path_bits, path)
    # What lies beyond does not count as a path of its own.
    wc, _ = arrives(sender, receiver, "beyond", bits=count + 1)
    expect("the sender's LID", wc.slid, sender.port.lid + 1)


GUID = 0x0002C903DEADBEEF


def number(gid):
    return int(gid.replace(":", ""), 16)


def text(gid):
    digits = f"{gid:032x}"
    return ":".join(digits[at : at + 4] for at in range(0, 32, 4))


def wait_until(what, condition):
    end = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"not yet: {what}")


def set_guid(end, index, guid):
    """Set(GUIDInfo), as a subnet manager does it, from vib0."""
    agent = struct.pack("=I4IBBB3sB", 0, 0, 0, 0, 0, 0, 1, 1, b"", 0) + b"\0"
    with open("/dev/infiniband/umad0", "r+b", buffering=0) as umad:
        fcntl.ioctl(umad, 0x1B03)  # with P_Key index
        agent = bytearray(agent)
        fcntl.ioctl(umad, 0xC0000000 | len(agent) << 16 | 0x1B01, agent)
        head = struct.pack("=IIIII", struct.unpack_from("=I", agent)[0], 0, 1000, 3, 0)
        head += struct.pack(">IIHBB", 0, 0, end.port.lid, 0, 0) + bytes(32)
        guids = [0] * 8
        guids[index] = guid
        mad = struct.pack(">BBBBHHQHHI", 1, 1, 1, 2, 0, 0, 0x4242, 0x14, 0, 0)
        mad += bytes(40) + struct.pack(">8Q", *guids) + bytes(128)
        umad.write(head + mad)
        answer = umad.read(len(head) + len(mad))
    expect("status", struct.unpack_from("=I", answer, 4)[0], 0)
    expect("MAD status", struct.unpack_from(">H", answer, len(head) + 4)[0], 0)
    return struct.unpack_from(">8Q", answer, len(head) + 64)


def gids():
    """A GUID besides the port's own is known to the kernel, and a GRH may name it."""
    sender, receiver = End(1), End(2)
    own = number(receiver.gid(0))
    alias = own >> 64 << 64 | GUID
    table = set_guid(receiver, 3, GUID)
    expect("the table", table, (own & (1 << 64) - 1, 0, 0, GUID, 0, 0, 0, 0))
    wait_until("the kernel knows it", lambda: number(receiver.gid(3)) == alias)
    for index in 0, 3:
        wc, received = arrives(sender, receiver, "by GID", gids=(0, receiver.gid(index)))
        expect("there is a GRH", wc.wc_flags & e.IBV_WC_GRH, e.IBV_WC_GRH)
        expect("to whom", received[24:40].hex(), receiver.gid(index).replace(":", ""))
    wc, received = arrives(receiver, sender, "from a GID", gids=(3, sender.gid(0)))
    expect("from whom", received[8:24].hex(), f"{alias:032x}")

    drops = receiver.drops("rx_drop_foreign_dgid")
    sender.send(receiver, "to nobody", gids=(0, text(alias ^ 1)))
    arrives(sender, receiver, "to somebody", gids=(0, text(alias)))
    set_guid(receiver, 3, 0)
    wait_until("the kernel forgets it", lambda: number(receiver.gid(3)) != alias)
    sender.send(receiver, "to who was there", gids=(0, text(alias)))
    arrives(sender, receiver, "and still by its own", gids=(0, receiver.gid(0)))
    expect("dropped", receiver.drops("rx_drop_foreign_dgid"), drops + 2)


def keys():
    sender, receiver = End(1), End(2)
    arrives(sender, receiver, "with the right keys")
    is_dropped(sender, receiver, "rx_drop_qkey", "qkey_viol_cntr", qkey=QKEY + 1)
    arrives(sender, receiver, "and then")
    # One with the high bit means that of the sending queue pair.
    other = End(1, qkey=0x1234)
    is_dropped(other, receiver, "rx_drop_qkey", "qkey_viol_cntr", qkey=0x80000000)
    arrives(other, receiver, "a Q_Key that is given", qkey=QKEY)

    full, limited, limited2 = End(0, 0x8004), End(1, 0x0004), End(2, 0x0004)
    arrives(full, limited, "from a full member to a limited one")
    arrives(limited, full, "from a limited one to a full one")
    is_dropped(limited, limited2, "rx_drop_pkey", "bad_pkey_cntr")
    is_dropped(full, receiver, "rx_drop_pkey", "bad_pkey_cntr")
    is_dropped(sender, limited2, "rx_drop_pkey", "bad_pkey_cntr")
    arrives(full, limited2, "and then")


def arp(vif, address, own, lid):
    """Somebody on vib2 asks a VIF, of whom 20 bytes and an LID are given, for its guest's MAC: once
    from each of his LIDs to each of the VIF's. Prints how often he was answered, and what his
    REMAC is made of."""
    end = End(2)
    count = 1 << end.port.lmc
    lid = int(lid, 0)
    vif = bytes.fromhex(vif.replace(":", ""))
    qpn = int.from_bytes(vif[1:4], "big")
    me = struct.pack(">I", end.qp.qp_num) + bytes.fromhex(end.gid(0).replace(":", ""))
    question = struct.pack(">HHHHBBH", 0x0806, 0, 32, 0x0800, 20, 4, 1)
    question += me + socket.inet_aton(own) + bytes(20) + socket.inet_aton(address)
    for path in range(count * count):
        end.send((qpn, lid), question, dlid=lid + path // count, bits=path % count)
        while True:  # a hypervisor asks who he is, too
            received = end.receive()[1][GRH:]
            if received[:2] == b"\x08\x06" and received[10:12] == b"\0\2":
                break
        # The flags in the first byte are the VIF's own business.
        expect("an answer", received[13:36], vif[1:] + socket.inet_aton(address))
    print(f"{count * count} {end.qp.qp_num:06x} {end.port.lid:04x}")


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
