#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""qmp.py SOCKET COMMAND [ARGUMENTS]: ask QEMU; ARGUMENTS and the answer are JSON."""
import json
import socket
import sys


def main():
    with socket.socket(socket.AF_UNIX) as qemu:
        qemu.settimeout(60)
        qemu.connect(sys.argv[1])
        lines = qemu.makefile('rw')
        lines.readline()
        arguments = json.loads(sys.argv[3]) if len(sys.argv) > 3 else {}
        for command in ({'execute': 'qmp_capabilities'},
                        {'execute': sys.argv[2], 'arguments': arguments}):
            lines.write(json.dumps(command) + '\n')
            lines.flush()
            answer = {}
            while not answer.keys() & {'return', 'error'}:
                answer = json.loads(lines.readline())
            if 'error' in answer:
                sys.exit(answer['error']['desc'])
    print(json.dumps(answer['return']))


main()
