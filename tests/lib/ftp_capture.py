#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Write the packets of an FTP session as a capture, as they arrive at a gateway.

	ftp_capture.py FILE active|passive CLIENT PORT SERVER [MASQUERADE]

prints how many they are.
With MASQUERADE the server talks to that address, to its ports 61000 and 61001, and
acknowledges what was said in the client's name.
"""
import socket
import struct
import sys

LINK_RAW = 101
FIN, SYN, PSH, ACK = 1, 2, 8, 16


def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff


def packet(source, target, seq, ack, flags, text):
    addresses = socket.inet_aton(source[0]) + socket.inet_aton(target[0])
    fields = [source[1], target[1], seq, ack if flags & ACK else 0, 5 << 4, flags, 8192]
    tcp = struct.pack("!HHIIBBH", *fields)
    total = checksum(addresses + struct.pack("!HH", 6, 20 + len(text)) + tcp + bytes(4) +
                     text)
    tcp += struct.pack("!HH", total, 0) + text
    ip = struct.pack("!BBHHHBB", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6)
    return ip + struct.pack("!H", checksum(ip + bytes(2) + addresses)) + addresses + tcp


class Connection:
    """Ends 0 and 1 with their own numbers; end 1 knows end 0 as outside."""

    def __init__(self, packets, inside, server, outside):
        self.packets = packets
        self.ends = (inside, server)
        self.outside = outside
        self.seq = [1000, 5000]
        self.seen = [5000, 1000]

    def say(self, who, flags, text="", leaves=None):
        target = self.ends[1] if who == 0 else self.outside
        self.packets.append(packet(self.ends[who], target, self.seq[who], self.seen[who],
                                   flags, text.encode()))
        syn = flags & SYN and 1 or flags & FIN
        self.seq[who] += len(text) + syn
        self.seen[1 - who] += len(leaves or text) + syn

    def open(self, who):
        self.say(who, SYN)
        self.say(1 - who, SYN | ACK)
        self.say(who, ACK)


def six(address, port):
    return f"{address.replace('.', ',')},{port >> 8},{port & 255}"


def session(way, client, port, server, masquerade):
    packets = []

    def outside(inner, translated):
        return (masquerade, translated) if masquerade else (client, inner)

    control = Connection(packets, (client, port), (server, 21), outside(port, 61000))
    control.open(0)
    control.say(1, ACK, "220 ready\r\n")
    control.say(0, ACK, "USER x\r\n")
    control.say(1, ACK, "331 yes\r\n")
    if way == "active":
        there = outside(5001, 61001)
        control.say(0, ACK, f"PORT {six(client, 5001)}\r\n", f"PORT {six(*there)}\r\n")
        control.say(1, ACK, "200 fine\r\n")
        data = Connection(packets, (client, 5001), (server, 20), there)
        data.open(1)
    else:
        control.say(0, ACK, "PASV\r\n")
        control.say(1, ACK, f"227 ({six(server, 4000)})\r\n")
        data = Connection(packets, (client, port + 1), (server, 4000),
                          outside(port + 1, 61001))
        data.open(0)
    control.say(0, ACK, "RETR page\r\n")
    data.say(1, ACK | PSH, "the very page")
    data.say(1, ACK | FIN)
    data.say(0, ACK | FIN)
    control.say(1, ACK, "226 done\r\n")
    control.say(0, ACK | FIN)
    return packets


def main():
    path, way, client, port, server = sys.argv[1:6]
    packets = session(way, client, int(port), server, (sys.argv[6:] or [None])[0])
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, LINK_RAW))
        for i, data in enumerate(packets):
            f.write(struct.pack("<IIII", 1000, i * 1000, len(data), len(data)) + data)
    print(len(packets))


main()
