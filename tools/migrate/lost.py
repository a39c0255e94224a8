#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""lost.py CAPTURE GUEST MAC [plain]: what tcpdump (-n -tt -e) says of one who pinged a guest on the
move, or of a plain IPoIB host that did.

Prints how many pings were sent and lost, and exits with 1 if one was lost that was sent after the
guest's announcement had arrived here, or if no announcement did. To a plain host, which knows no
MACs, RARP tells nothing.
"""
import re
import sys

ECHO = re.compile(r'^([\d.]+) .*ICMP echo (request|reply), id \d+, seq (\d+),')
STAMP = re.compile(r'^([\d.]+) ')


def is_announcement(line, guest, mac, plain):
    """RARP with the guest's MAC, or an ARP of its own about its own address."""
    if 'Reverse' in line or 'RARP' in line:
        return not plain and mac in line.lower()
    own = re.escape(guest)
    return re.search(rf'ARP.*who-has {own}\b.*tell {own}\b', line) or \
        re.search(rf'ARP.*Announcement {own}\b', line)


def main():
    capture, guest, mac, *plain = sys.argv[1:]
    sent, answered, announced = {}, set(), None
    with open(capture, encoding='ascii', errors='replace') as lines:
        for line in lines:
            if match := ECHO.match(line):
                if match[2] == 'request':
                    sent[int(match[3])] = float(match[1])
                else:
                    answered.add(int(match[3]))
            elif announced is None and is_announcement(line, guest, mac, plain):
                announced = float(STAMP.match(line)[1])
    # Those behind the last answer are still under way.
    last = max(answered, default=0)
    lost = {seq: when for seq, when in sent.items() if seq not in answered and seq < last}
    late = [seq for seq, when in lost.items() if announced is not None and when > announced]
    print(f'{len(sent)} sent, {len(lost)} lost, {len(late)} of them after the announcement')
    if announced is None:
        sys.exit('no announcement')
    if late or not sent:
        sys.exit('lost after ' + ', '.join(f'{sent[seq] - announced:.3f} s' for seq in late))


main()
