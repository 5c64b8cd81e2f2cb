#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Kinds of IPv6 packets, to see which of them pass the gate.

    ipv6_packets.py watch             the nft table that counts them, on stdout
    ipv6_packets.py ours              this host sends what its peer will answer
    ipv6_packets.py frames IF MAC     the peer sends all the others
    ipv6_packets.py names             all kinds
    ipv6_packets.py passed <JSON      kinds that have passed, from `nft -j list table'

A kind has a number, which is the flow label of its packets.  Names that begin with a
plus pass the closed gate.
"""
import json
import socket
import struct
import sys

OURS, PEER, ABSENT, INNER = (f"2001:db8:{a}" for a in ("1::1", "1::2", "1::99", "2::2"))
OUR_LINK, PEER_LINK, ALL_NODES = "fe80::1", "fe80::2", "ff02::1"
HOP_BY_HOP, TCP, UDP, IP6, ROUTING, FRAGMENT, GRE, ESP, ICMP, NONE, SCTP = \
    0, 6, 17, 41, 43, 44, 47, 50, 58, 59, 132


def address(text):
    return socket.inet_pton(socket.AF_INET6, text)


def checksum(source, target, protocol, data):
    data = address(source) + address(target) + struct.pack("!II", len(data), protocol) + data
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def with_checksum(source, target, protocol, data, at):
    value = struct.pack("!H", checksum(source, target, protocol, data))
    return data[:at] + value + data[at + 2:]


def udp(sport, dport):
    return UDP, struct.pack("!HHHH", sport, dport, 12, 0) + b"test", 6


def tcp(sport, dport, flags, seq=1000, ack=0):
    return TCP, struct.pack("!HHIIBBHHH", sport, dport, seq, ack, 0x50, flags, 1024, 0, 0), 16


def icmp(kind, body=b"\0" * 20):
    return ICMP, struct.pack("!BBH", kind, 0, 0) + body, 2


def other(protocol, data=b"\0" * 16):
    return protocol, data, None


def header(number, source, target, protocol, length, hops):
    return struct.pack("!IHBB", 6 << 28 | number, length, protocol, hops) + \
        address(source) + address(target)


def packet(number, source, target, payload, hops=64, before=None):
    """before: an extension header without its first byte, and its number"""
    protocol, data, at = payload
    if at is not None:
        data = with_checksum(source, target, protocol, data, at)
    if before:
        data = bytes([protocol]) + before[1] + data
        protocol = before[0]
    return header(number, source, target, protocol, len(data), hops) + data


def fragments(number, source, target, payload):
    whole = packet(number, source, target, payload)[40:]
    for offset, more in ((0, 1), (8, 0)):
        part = whole[:8] if more else whole[8:]
        data = struct.pack("!BBHI", payload[0], 0, offset | more, 7) + part
        yield header(number, source, target, FRAGMENT, len(data), 64) + data


SENT = header(0, OURS, PEER, UDP, 12, 64) + udp(9, 9)[1]   # what errors are about
ROUTER_ALERT = HOP_BY_HOP, bytes.fromhex("00050200000100")
ANSWERED = [    # sent by this host; the answers are kinds
    (PEER, udp(4000, 53)), (ABSENT, tcp(4001, 80, 2)), (PEER, icmp(128, b"\x12\x34\0\1abcd")),
]
LOCAL = [
    ("+loopback: UDP", "::1", "::1", udp(1, 9)),
    ("+loopback: TCP to our address", OURS, OURS, tcp(1, 9, 2)),
]
FRAMES = [      # name, source, target, payload, and more of packet()
    ("+answer: UDP", PEER, OURS, udp(53, 4000)),
    ("+answer: SYN and ACK", ABSENT, OURS, tcp(80, 4001, 0x12, 9, 1001)),
    ("+answer: echo reply", PEER, OURS, icmp(129, b"\x12\x34\0\1abcd")),
    ("+error: unreachable", PEER, OURS, icmp(1, b"\0\0\0\0" + SENT)),
    ("+error: packet too big", PEER, OURS, icmp(2, b"\0\0\5\0" + SENT)),
    ("+error: time exceeded", PEER, OURS, icmp(3, b"\0\0\0\0" + SENT)),
    ("+error: parameter problem", PEER, OURS, icmp(4, b"\0\0\0\0" + SENT)),
    ("+router solicitation", PEER_LINK, OUR_LINK, icmp(133, b"\0" * 4), 255),
    ("+router advertisement", PEER_LINK, ALL_NODES, icmp(134, b"\0" * 12), 255),
    ("+neighbour solicitation", PEER, OURS, icmp(135, b"\0" * 4 + address(OURS)), 255),
    ("+neighbour advertisement", PEER, OURS, icmp(136, b"\0" * 4 + address(PEER)), 255),
    ("+listener query", PEER_LINK, ALL_NODES, icmp(130), 1, ROUTER_ALERT),
    ("+DHCPv6 answer", PEER_LINK, OUR_LINK, udp(547, 546)),
    ("+error, forwarded", PEER, INNER, icmp(2, b"\0\0\5\0" + SENT)),
    ("UDP", PEER, OURS, udp(53, 53)),
    ("UDP to many", PEER_LINK, ALL_NODES, udp(5353, 5353), 255),
    ("TCP: SYN", PEER, OURS, tcp(1025, 22, 2)),
    ("TCP: ACK", PEER, OURS, tcp(1026, 22, 0x10)),
    ("TCP: RST", PEER, OURS, tcp(1027, 22, 4)),
    ("echo request", PEER, OURS, icmp(128)),
    ("echo reply that nobody asked for", PEER, OURS, icmp(129)),
    ("neighbour solicitation from afar", PEER, OURS, icmp(135, b"\0" * 4 + address(OURS))),
    ("router advertisement from afar", PEER, OURS, icmp(134, b"\0" * 12), 254),
    ("redirect", PEER_LINK, OURS, icmp(137, b"\0" * 36), 255),
    ("listener query from afar", PEER, ALL_NODES, icmp(130), 1, ROUTER_ALERT),
    ("listener report", PEER_LINK, ALL_NODES, icmp(131), 1),
    ("node information query", PEER, OURS, icmp(139)),
    ("ICMPv6 of an unknown type", PEER, OURS, icmp(200)),
    ("DHCPv6 answer from afar", PEER, OURS, udp(547, 546)),
    ("DHCPv6 answer from another port", PEER_LINK, OUR_LINK, udp(548, 546)),
    ("DHCPv6 question", PEER_LINK, OUR_LINK, udp(546, 547)),
    ("SCTP", PEER, OURS, other(SCTP)),
    ("GRE", PEER, OURS, other(GRE)),
    ("ESP", PEER, OURS, other(ESP)),
    ("IPv6 in IPv6", PEER, OURS, other(IP6, SENT)),
    ("no next header", PEER, OURS, other(NONE, b"")),
    ("UDP behind hop-by-hop options", PEER, OURS, udp(1, 53), 64, ROUTER_ALERT),
    ("UDP behind a routing header", PEER, OURS, udp(2, 53), 64, (ROUTING, b"\0\2\0\0\0\0\0")),
    ("UDP in fragments", PEER, OURS, udp(3, 53), "fragments"),
    ("UDP, forwarded", PEER, INNER, udp(1, 53)),
    ("TCP: SYN, forwarded", PEER, INNER, tcp(1025, 22, 2)),
    ("echo request, forwarded", PEER, INNER, icmp(128)),
]
LAST = "last", PEER, OURS, other(NONE, b"")     # all before it have arrived
NAMES = [kind[0] for kind in LOCAL + FRAMES]


def watch():
    rules = "".join(f"\t\tip6 flowlabel {n} counter\n" for n in range(1, len(NAMES) + 1))
    chains = "".join(
        f"\tchain {hook} {{\n\t\ttype filter hook {hook} priority 100;\n{rules}\t}}\n"
        for hook in ("input", "forward"))
    last = f"\t\tip6 flowlabel {len(NAMES) + 1} counter\n"
    print(f"table ip6 watch {{\n{chains}\tchain last {{\n"
          f"\t\ttype filter hook prerouting priority 100;\n{last}\t}}\n}}")


def ours():
    raw = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)
    for target, payload in ANSWERED:
        raw.sendto(packet(0, OURS, target, payload), (target, 0))
    for number, (_, source, target, payload) in enumerate(LOCAL, 1):
        raw.sendto(packet(number, source, target, payload), (target, 0))


def frames(interface, mac):
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    link.bind((interface, 0))
    front = bytes.fromhex(mac.replace(":", "")) + link.getsockname()[4] + b"\x86\xdd"
    for number, (_, *rest) in enumerate(FRAMES + [LAST], len(LOCAL) + 1):
        whole = fragments(number, *rest[:3]) if rest[3:] == ["fragments"] else \
            [packet(number, *rest)]
        for each in whole:
            link.send(front + each)


def passed():
    counted = set()
    for item in json.load(sys.stdin)["nftables"]:
        expr = item.get("rule", {}).get("expr", [])
        for match, counter in zip(expr, expr[1:]):
            if counter["counter"]["packets"]:
                counted.add(match["match"]["right"])
    for number in sorted(counted - {len(NAMES) + 1}):
        print(NAMES[number - 1])


if __name__ == "__main__":
    {"watch": watch, "ours": ours, "frames": frames, "passed": passed,
     "names": lambda: print(*NAMES, sep="\n")}[sys.argv[1]](*sys.argv[2:])
