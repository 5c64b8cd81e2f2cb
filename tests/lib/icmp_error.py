#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Send an ICMP error, fragmentation needed, about a TCP segment that came here.

	icmp_error.py OUR-ADDRESS FROM-ADDRESS FROM-PORT OUR-PORT
"""
import socket
import struct
import sys


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total ^ 0xffff


def main():
    ours, theirs = (socket.inet_aton(address) for address in sys.argv[1:3])
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 1500, 1, 0x4000, 60, 6, 0, theirs, ours)
    segment = struct.pack("!HHI", int(sys.argv[3]), int(sys.argv[4]), 1)
    quoted = header[:10] + struct.pack("!H", checksum(header)) + header[12:] + segment
    error = struct.pack("!BBHHH", 3, 4, 0, 0, 1400) + quoted
    error = error[:2] + struct.pack("!H", checksum(error)) + error[4:]
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as sock:
        sock.sendto(error, (sys.argv[2], 0))


main()
