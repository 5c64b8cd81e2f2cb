#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Put connections into the kernel's table without sending a packet.

	connections.py COUNT

makes COUNT of TCP, established, number i from 10.(i % 250).1.1 port 1024 + i / 250 to
10.255.0.1 port 80.
"""
import collections
import os
import socket
import struct
import sys

NETLINK_NETFILTER = 12
CTNETLINK_NEW = 1 << 8
REQUEST, ACK, EXCL, CREATE = 0x1, 0x4, 0x200, 0x400
NESTED = 0x8000
TUPLE_ORIG, TUPLE_REPLY, STATUS, PROTOINFO, TIMEOUT = 1, 2, 3, 4, 7
SEEN_REPLY, CONFIRMED = 2, 8
ESTABLISHED = 3
ICMP, TCP, UDP = 1, 6, 17
ANSWERS = {8: 0, 13: 14, 15: 16, 17: 18}
AT_ONCE = 500

# of ICMP sport is the identifier and dport the type
Connection = collections.namedtuple("Connection", "proto source destination sport dport")


def attribute(kind, data):
    return struct.pack("=HH", 4 + len(data), kind) + data + bytes(-len(data) % 4)


def nest(kind, *attributes):
    return attribute(NESTED | kind, b"".join(attributes))


def short(kind, number):
    return attribute(kind, struct.pack("!H", number))


def protocol(c, reply):
    if c.proto == ICMP:
        kind = ANSWERS[c.dport] if reply else c.dport
        return short(4, c.sport), attribute(5, bytes([kind])), attribute(6, b"\0")
    return short(2, c.dport if reply else c.sport), short(3, c.sport if reply else c.dport)


def tuple_of(kind, c, reply=False):
    source, destination = struct.pack("!I", c.source), struct.pack("!I", c.destination)
    if reply:
        source, destination = destination, source
    return nest(kind, nest(1, attribute(1, source), attribute(2, destination)),
                nest(2, attribute(1, bytes([c.proto])), *protocol(c, reply)))


def message(c, last):
    body = struct.pack("=BBH", socket.AF_INET, 0, 0)
    body += tuple_of(TUPLE_ORIG, c) + tuple_of(TUPLE_REPLY, c, True)
    body += attribute(STATUS, struct.pack("!I", SEEN_REPLY | CONFIRMED))
    body += attribute(TIMEOUT, struct.pack("!I", 3600))
    if c.proto == TCP:
        body += nest(PROTOINFO, nest(1, attribute(1, bytes([ESTABLISHED]))))
    flags = REQUEST | CREATE | EXCL | (ACK if last else 0)
    return struct.pack("=IHHII", 16 + len(body), CTNETLINK_NEW, flags, 0, 0) + body


def make(connections):
    """All of them, or an OSError."""
    link = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
    connections = list(connections)
    for first in range(0, len(connections), AT_ONCE):
        some = connections[first:first + AT_ONCE]
        link.send(b"".join(message(c, c is some[-1]) for c in some))
        error = -struct.unpack_from("=IHHIIi", link.recv(65536))[-1]
        if error:
            raise OSError(error, os.strerror(error))
    link.close()


def many(count):
    for i in range(count):
        yield Connection(TCP, 0x0a000101 | i % 250 << 16, 0x0aff0001, 1024 + i // 250, 80)


if __name__ == "__main__":
    make(many(int(sys.argv[1])))
