#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Send later fragments whose data look like a header: UDP and TCP from port 53 to port 80,
with ACK, and an echo request.

	later_fragment.py OUR-ADDRESS ADDRESS
"""
import socket
import struct
import sys

DATA = {
    17: struct.pack("!HHHH", 53, 80, 16, 0) + bytes(8),
    6: struct.pack("!HHIIBBHHH", 53, 80, 1, 1, 5 << 4, 0x10, 100, 0, 0),
    1: struct.pack("!BBHI", 8, 0, 0, 0) + bytes(8),
}
OFFSET = 8  # of eight bytes


def main():
    ours, theirs = sys.argv[1:]
    sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    for protocol, data in DATA.items():
        header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(data), 77, OFFSET, 64, protocol,
                             0, socket.inet_aton(ours), socket.inet_aton(theirs))
        sock.sendto(header + data, (theirs, 0))


main()
