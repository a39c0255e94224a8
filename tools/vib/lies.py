#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""User space that does not keep to the rules: lies.py CASE

Each case ends in an exception unless the kernel answered with what is right: an errno, or a
completion with an error."""
import ctypes
import errno
import mmap
import os
import random
import struct
import sys

import pyverbs.enums as e
from pyverbs.addr import AH, AHAttr, GlobalRoute
from pyverbs.cq import CQ
from pyverbs.device import Context
from pyverbs.mr import MR
from pyverbs.pd import PD
from pyverbs.qp import QP, QPAttr, QPCap, QPInitAttr
from pyverbs.pyverbs_error import PyverbsRDMAError
from pyverbs.wr import SGE, RecvWR, SendWR

LOCAL_LKEY = 0x76696200  # of the kernel's own requests
QKEY = 0x11111111
HEADER = 384
HANDLES = 8  # more than a case makes
ACCESS = e.IBV_ACCESS_LOCAL_WRITE | e.IBV_ACCESS_REMOTE_WRITE | e.IBV_ACCESS_REMOTE_READ


class End:
    def __init__(self, kind=e.IBV_QPT_RC, cqe=64):
        self.ctx = Context(name='vib0')
        self.lid = self.ctx.query_port(1).lid
        self.pd = PD(self.ctx)
        self.cq = CQ(self.ctx, cqe)
        before = queues()
        cap = QPCap(max_send_wr=15, max_recv_wr=15, max_send_sge=2, max_recv_sge=2)
        self.qp = QP(self.pd, QPInitAttr(qp_type=kind, scq=self.cq, rcq=self.cq, cap=cap,
                                         sq_sig_all=1))
        self.rings = queues() - before
        self.mr = MR(self.pd, 4096, ACCESS)

    def ah_attr(self, lid):
        return AHAttr(port_num=1, is_global=0, gr=GlobalRoute(), dlid=lid)

    def connect(self, other):
        attr = QPAttr(port_num=1)
        attr.dest_qp_num = other.qp.qp_num
        attr.path_mtu = e.IBV_MTU_2048
        attr.max_rd_atomic = attr.max_dest_rd_atomic = 1
        attr.min_rnr_timer = 12
        attr.timeout = 14
        attr.retry_cnt = attr.rnr_retry = 1
        attr.qp_access_flags = ACCESS
        attr.ah_attr = self.ah_attr(other.lid)
        self.qp.to_rts(attr)

    def ready(self):
        attr = QPAttr(port_num=1)
        attr.qkey = QKEY
        self.qp.to_rts(attr)

    def sge(self, addr=None, length=8, lkey=None):
        return SGE(self.mr.buf if addr is None else addr, length,
                   self.mr.lkey if lkey is None else lkey)

    def completion(self):
        while True:
            count, wcs = self.cq.poll()
            if count:
                return wcs[0].status


def queues():
    """What is mapped of an HCA: address and size."""
    found = set()
    with open('/proc/self/maps', encoding='ascii') as maps:
        for line in maps:
            if '/dev/infiniband/uverbs' in line:
                begin, end = (int(x, 16) for x in line.split()[0].split('-'))
                found.add((begin, end - begin))
    return found


def pair():
    ends = End(), End()
    ends[0].connect(ends[1])
    ends[1].connect(ends[0])
    return ends


def expect(status, *wanted):
    if status not in wanted:
        raise SystemExit(f"{status}, not {wanted}")


def refused(code, call, *args):
    try:
        call(*args)
    except (OSError, PyverbsRDMAError) as err:
        got = err.errno if isinstance(err, OSError) else err.error_code
        if got != code:
            raise SystemExit(f'{errno.errorcode.get(got, got)}, not {errno.errorcode[code]}') from err
        return
    raise SystemExit(f'{call} {args}: not refused')


def bad_lkeys():
    """Keys of nobody, of somebody else, and of the kernel."""
    stranger = End()
    page_offset = 0xffff888000000000
    for kind in e.IBV_QPT_RC, e.IBV_QPT_UD:
        for lkey, addr in ((0, None), (0xdeadbeef, None), (stranger.mr.lkey, stranger.mr.buf),
                           (LOCAL_LKEY, page_offset + 0x1000000)):
            if kind == e.IBV_QPT_RC:
                end, other = pair()
                other.qp.post_recv(RecvWR(num_sge=1, sg=[other.sge()]))
                request = SendWR(num_sge=1, sg=[end.sge(addr, 8, lkey)])
            else:
                end = End(kind)
                end.ready()
                request = SendWR(num_sge=1, sg=[end.sge(addr, 8, lkey)])
                request.set_wr_ud(AH(end.pd, attr=end.ah_attr(end.lid)), end.qp.qp_num, QKEY)
            end.qp.post_send(request)
            expect(end.completion(), e.IBV_WC_LOC_PROT_ERR)


def bad_buffers():
    """The same for what is received, and memory that may not be written."""
    for kind in 'stranger', 'kernel', 'read-only', 'beyond':
        end, other = pair()
        stranger = End()
        read_only = MR(other.pd, 4096, e.IBV_ACCESS_REMOTE_READ)
        sge = {'stranger': other.sge(stranger.mr.buf, 8, stranger.mr.lkey),
               'kernel': other.sge(0xffff888001000000, 8, LOCAL_LKEY),
               'read-only': other.sge(read_only.buf, 8, read_only.lkey),
               'beyond': other.sge(other.mr.buf + 4092)}[kind]
        other.qp.post_recv(RecvWR(num_sge=1, sg=[sge]))
        end.qp.post_send(SendWR(num_sge=1, sg=[end.sge()]))
        expect(other.completion(), e.IBV_WC_LOC_PROT_ERR)
        expect(end.completion(), e.IBV_WC_REM_OP_ERR)


def bad_rkeys():
    for rkey, offset in ((0xdeadbeef, 0), (LOCAL_LKEY, 0), (None, 4092), (None, -4)):
        for opcode in e.IBV_WR_RDMA_WRITE, e.IBV_WR_RDMA_READ:
            end, other = pair()
            request = SendWR(num_sge=1, sg=[end.sge()], opcode=opcode)
            request.set_wr_rdma(other.mr.rkey if rkey is None else rkey, other.mr.buf + offset)
            end.qp.post_send(request)
            expect(end.completion(), e.IBV_WC_REM_ACCESS_ERR)


def bad_address_handle():
    """A number of nobody, in place of that of an address handle."""
    end = End(e.IBV_QPT_UD)
    end.ready()
    request = SendWR(num_sge=1, sg=[end.sge()])
    request.set_wr_ud(AH(end.pd, attr=end.ah_attr(end.lid)), end.qp.qp_num, QKEY)
    for number in 0, 0x7fffffff, 0xffffffff:
        forged = send_wqe(opcode=2, ah=number, addr=end.mr.buf, lkey=end.mr.lkey)
        post_behind_the_library(end, forged)
        end.qp.post_send(request)  # the doorbell
        expect(end.completion(), e.IBV_WC_LOC_QP_OP_ERR)
        expect(end.completion(), e.IBV_WC_SUCCESS)


def bad_requests():
    """What librxe would never write: each breaks the connection with a completion."""
    for words in ({'opcode': 7}, {'opcode': 8}, {'opcode': 0xffffffff}, {'num_sge': 3},
                  {'num_sge': 0xffffffff}, {'flags': 8, 'length': 0xffffffff},
                  {'opcode': 4, 'flags': 8, 'length': 8}, {'size': 0x40000001},
                  {'opcode': 6, 'size': 4}):
        end, other = pair()
        post_behind_the_library(end, send_wqe(addr=end.mr.buf, lkey=end.mr.lkey, **words))
        end.qp.post_send(SendWR(num_sge=1, sg=[end.sge()]))
        expect(end.completion(), e.IBV_WC_LOC_QP_OP_ERR, e.IBV_WC_LOC_LEN_ERR)
        expect(end.completion(), e.IBV_WC_WR_FLUSH_ERR)


def send_wqe(opcode=2, flags=0, num_sge=1, length=0, ah=0, addr=0, size=8, lkey=0):
    wqe = bytearray(240)
    struct.pack_into('<QIIIIIIII', wqe, 0, 0x1234, 0, opcode, flags, 0, 0, QKEY, 0, ah)
    struct.pack_into('<IIIIII', wqe, 184, length, 0, 0, num_sge, 0, 0)
    struct.pack_into('<QII', wqe, 208, addr, size, lkey)
    return bytes(wqe)


def send_ring(end):
    """The largest of its queues: entries of 256 bytes."""
    for base, _ in end.rings:
        if ctypes.c_uint32.from_address(base).value == 8:
            return base
    raise SystemExit('no send queue')


def post_behind_the_library(end, wqe):
    base = send_ring(end)
    producer = ctypes.c_uint32.from_address(base + 128)
    ctypes.memmove(base + HEADER + 256 * producer.value, wqe, len(wqe))
    producer.value = (producer.value + 1) & 15


def noise():
    """Anything anywhere in the queues of connections and datagrams, under traffic."""
    rng = random.Random(1)
    for turn in range(60):
        ends = list(pair()) if turn % 2 else [End(e.IBV_QPT_UD), End(e.IBV_QPT_UD)]
        for end in ends:
            if not turn % 2:
                end.ready()
            for _ in range(8):
                end.qp.post_recv(RecvWR(num_sge=1, sg=[end.sge(length=512)]))
            for base, size in end.rings:
                for _ in range(rng.choice((1, 20, 400))):
                    at = rng.choice((128, 256, rng.randrange(HEADER), rng.randrange(size - 4)))
                    ctypes.c_uint32.from_address(base + (at & ~3)).value = rng.choice(
                        (0, 1, 15, 0xffffffff, rng.getrandbits(32), rng.getrandbits(4)))
        doorbells(ends)


def doorbells(ends):
    for end in ends:
        for _ in range(4):
            command(28, range(HANDLES), 0)
        end.cq.poll()


def uverbs_fd():
    fds = [int(fd) for fd in os.listdir('/proc/self/fd')]
    for fd in sorted(fds, reverse=True):
        try:
            if 'uverbs' in os.readlink(f'/proc/self/fd/{fd}'):
                return fd
        except OSError:
            pass
    raise SystemExit('no HCA is open')


def command(number, handles, requests):
    """IB_USER_VERBS_CMD_POST_SEND and its like, for each handle: what each call says."""
    fd, said = uverbs_fd(), set()
    answer = ctypes.create_string_buffer(16)
    for handle in handles:
        body = struct.pack('<QIIII', ctypes.addressof(answer), handle, requests, 0, 128)
        body += bytes(128 * requests)
        words = (8 + len(body)) // 4
        try:
            os.write(fd, struct.pack('<IHH', number, words, 1) + body)
            said.add(0)
        except OSError as err:
            said.add(err.errno)
    return said


def bad_commands():
    """Requests through the kernel's door, which is for the kernel; handles of nobody."""
    ends = pair()
    expect(0 in command(28, range(HANDLES), 0), True)
    said = command(28, range(HANDLES), 1)
    expect(errno.EINVAL in said and 0 not in said, True)
    expect(0 in command(28, (0x7fffffff, 0xffffffff), 0), False)
    expect(0 in command(29, range(HANDLES), 1), False)
    fd = uverbs_fd()
    for length, offset in ((4096, 0x40000000), (mmap.PAGESIZE * 1000, 0), (1 << 30, 0)):
        refused(errno.EINVAL, mmap.mmap, fd, length, mmap.MAP_SHARED,
                mmap.PROT_READ | mmap.PROT_WRITE, 0, offset)
    doorbells(ends)


def overrun():
    """More completions than the queue can hold: an event, and nothing else."""
    end = End(e.IBV_QPT_UD, cqe=1)
    end.ready()
    request = SendWR(num_sge=1, sg=[end.sge()])
    request.set_wr_ud(AH(end.pd, attr=end.ah_attr(end.lid)), end.qp.qp_num, QKEY)
    for _ in range(15):
        end.qp.post_send(request)
    event = end.ctx.get_async_event()
    event.ack()
    expect(event.event_type, e.IBV_EVENT_CQ_ERR)


def no_memory():
    """Memory that is not there, or not to be had so."""
    end = End()
    refused(errno.EFAULT, reg_mr, end.pd, 0x1000)
    refused(errno.EFAULT, reg_mr, end.pd, 0xffff888001000000)


def reg_mr(pd, address):
    return MR(pd, 4096, ACCESS, address=address)


if __name__ == '__main__':
    globals()[sys.argv[1]]()
