#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Send a TCP packet that belongs to nothing.

	tcp_packet.py OUR_ADDRESS OUR_PORT ADDRESS PORT FLAGS

FLAGS: letters of FSRPAU.
"""
import socket
import struct
import sys


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff


def segment(ours, our_port, theirs, their_port, flags):
    bits = sum(1 << "FSRPAU".index(letter) for letter in flags)
    fields = [our_port, their_port, 1000, 2000 if "A" in flags else 0, 5 << 4, bits, 8192]
    header = struct.pack("!HHIIBBH", *fields)
    pseudo = socket.inet_aton(ours) + socket.inet_aton(theirs) + struct.pack("!HH", 6, 20)
    return header + struct.pack("!HH", checksum(pseudo + header + bytes(4)), 0)


def main():
    ours, our_port, theirs, their_port, flags = sys.argv[1:]
    sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
    sock.sendto(segment(ours, int(our_port), theirs, int(their_port), flags), (theirs, 0))


main()
