#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""session.py ADDRESS PORT NAME: a TCP session with an echo server, one line each 20 ms.

Each line must come back whole and in order. How many did is in NAME.count; the session ends when
NAME.stop is there, and says how long the longest pause was.
"""
import os
import socket
import sys
import time


def main():
    address, port, name = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    longest = 0.0
    with socket.create_connection((address, port), timeout=120) as connection:
        connection.settimeout(120)
        lines = connection.makefile('rw')
        number = 0
        while not os.path.exists(name + '.stop'):
            number += 1
            start = time.monotonic()
            lines.write(f'line {number}\n')
            lines.flush()
            answer = lines.readline()
            if answer != f'line {number}\n':
                sys.exit(f'{answer!r} instead of line {number}')
            longest = max(longest, time.monotonic() - start)
            with open(name + '.count', 'w', encoding='ascii') as count:
                count.write(str(number))
            time.sleep(0.02)
    print(f'{number} lines, the longest pause {longest:.2f} s')


main()
