#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Real packets through translated rules: what passes, and how it comes out.

usage: kernel_packets.py rules >FILE		rules in saved form
       kernel_packets.py wires|run

To be run in a network namespace of its own.  `wires' makes the interfaces:

    in0 ==== in1 (10.0.1.1/24)  this host  out1 (10.0.2.1/24) ==== out0

`run' wants the translated rules in force.  It sends frames into in0 to 10.0.2.2,
reads what leaves at out0, and ends with "N passed, N failed".
"""
import select
import socket
import struct
import subprocess
import sys
import time

SOURCE, TARGET = "10.0.1.2", "10.0.2.2"
MAC_IN, MAC_OUT = "020000000101", "020000000202"
ETH_P_IP = 0x0800
ICMP, TCP, UDP = socket.IPPROTO_ICMP, socket.IPPROTO_TCP, socket.IPPROTO_UDP
FIN, SYN, RST, PSH, ACK, URG = (1 << bit for bit in range(6))

# what 1996 knew, each bit kept, set, cleared and flipped, and some of everything
TOS_MASKS = [tuple(int(mask, 16) for mask in pair.split(":")) for pair in """
    ff:00 01:10 01:08 01:04 01:02 e1:10 00:00 00:ff 01:fe ff:fe fe:01 ff:ff
    fd:00 fd:02 ff:02 01:00 03:fc 03:fe fc:03 55:aa aa:55 5a:5a c3:3c 3c:c3 f0:0f
    7f:80 80:7f ef:10 f7:08 fb:04 1e:e0 e0:1e 99:66 12:34 6d:b6 e3:1c""".split()]
DENIED_TYPES = 0, 8, 200, 255
DENIED_PORTS = set(range(1024, 1034)) | {0, 80, 81, 443, 65535}
PORT_SYN, PORT_ACK, PORT_LIST, PORT_SHORT = 1001, 1002, 1003, 1004


def rules():
    print("interface lo 127.0.0.1/8")
    print("interface in1 10.0.1.1/24")
    print("interface out1 10.0.2.1/24")
    print("-I -p accept")
    for port, (tos_and, tos_xor) in enumerate(TOS_MASKS, 1):
        print(f"-I -a accept -P udp -S 0/0 -D 0/0 {port} -t {tos_and:02x} {tos_xor:02x}")
    for types in DENIED_TYPES[:1], DENIED_TYPES[1:]:
        print("-I -a deny -P icmp -S 0/0", *types)
    print(f"-I -a deny -P tcp -S 0/0 -D 0/0 {PORT_SYN} -y")
    print(f"-I -a deny -P tcp -S 0/0 -D 0/0 {PORT_ACK} -k")
    print(f"-I -a deny -P udp -S 0/0 1024:1033 81 0 443 65535 80 -D 0/0 {PORT_LIST}")


def wires():
    for line in f"""\
link set lo up
link add in0 type veth peer name in1
link add out0 type veth peer name out1
link set in1 address {bytes.fromhex(MAC_IN).hex(":")}
link set in0 up
link set in1 up
link set out0 up
link set out1 up
address add 10.0.1.1/24 dev in1
address add 10.0.2.1/24 dev out1
neighbour add {TARGET} lladdr {bytes.fromhex(MAC_OUT).hex(":")} dev out1""".splitlines():
        subprocess.run(["ip"] + line.split(), check=True)
    for name, value in (("ip_forward", 1), ("conf/all/rp_filter", 0),
                        ("conf/in1/rp_filter", 0)):
        with open("/proc/sys/net/ipv4/" + name, "w") as f:
            f.write(f"{value}\n")


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return total ^ 0xffff


def udp(sport, dport, payload=b"data"):
    return struct.pack("!4H", sport, dport, 8 + len(payload), 0) + payload


def tcp(dport, flags):
    return struct.pack("!HHIIBBHHH", 4000, dport, 1, 1, 5 << 4, flags, 1000, 0, 0)


def icmp(kind):
    head = struct.pack("!BBHHH", kind, 0, 0, 1, 1)
    return head[:2] + struct.pack("!H", checksum(head)) + head[4:]


class Packet:
    """One to be sent; tos_out is None where it must not come out."""

    def __init__(self, what, protocol, data, tos=0, words=5, tos_out=0):
        self.what, self.protocol, self.data = what, protocol, data
        self.tos, self.words, self.tos_out = tos, words, tos_out

    def frame(self, number):
        """number is the IP header's id, by which the packet is known again"""
        length = 4 * self.words + len(self.data)
        ip = struct.pack("!BBHHHBBH4s4s", 0x40 | self.words, self.tos, length, number, 0,
                         64, self.protocol, 0, socket.inet_aton(SOURCE),
                         socket.inet_aton(TARGET))
        ip += b"\x01" * (4 * (self.words - 5))
        ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
        macs = bytes.fromhex(MAC_IN + "020000000102")
        return macs + struct.pack("!H", ETH_P_IP) + ip + self.data


def tos_packets():
    for port, (tos_and, tos_xor) in enumerate(TOS_MASKS, 1):
        yield [Packet(f"TOS {tos:02x}, masks {tos_and:02x} {tos_xor:02x}", UDP,
                      udp(4000, port), tos=tos,
                      tos_out=(tos & (tos_and | 1)) ^ (tos_xor & 0xfe))
               for tos in range(256)]


def icmp_packets():
    yield [Packet(f"ICMP type {kind}", ICMP, icmp(kind),
                  tos_out=None if kind in DENIED_TYPES else 0) for kind in range(256)]


def flag_packets():
    for port, denied in ((PORT_SYN, lambda f: f & SYN and not f & (ACK | RST)),
                         (PORT_ACK, lambda f: f & (ACK | RST))):
        yield [Packet(f"TCP flags {flags:02x} to port {port}", TCP, tcp(port, flags),
                      tos_out=None if denied(flags) else 0) for flags in range(64)]


def port_packets():
    near = {port + d for port in DENIED_PORTS for d in (-1, 0, 1)} - {-1, 65536}
    yield [Packet(f"UDP source port {port}", UDP, udp(port, PORT_LIST),
                  tos_out=None if port in DENIED_PORTS else 0) for port in sorted(near)]


def short_packets():
    """At least 16 bytes of TCP and 8 of UDP must be there, behind any header.

    From 16 to 19 bytes of TCP are not tried: the tcp match of xtables drops every
    packet without a whole header by itself.
    """
    for protocol, name, data, least in ((TCP, "TCP", tcp(PORT_SHORT, SYN), 16),
                                        (UDP, "UDP", udp(4000, PORT_SHORT, b""), 8)):
        yield [Packet(f"{size} bytes of {name} behind {words} words", protocol,
                      data[:size], words=words, tos_out=None if size < least else 0)
               for words in range(5, 16) for size in (0, 4, least - 1, len(data))]


def packet_socket(name):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IP))
    s.bind((name, ETH_P_IP))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    return s


def arrived(out, last):
    """What comes out until packet number last has, as {number: IP header}."""
    got = {}
    end = time.monotonic() + 5
    while last not in got and time.monotonic() < end:
        if not select.select([out], [], [], 1)[0]:
            break
        ip = out.recv(2048)[14:]
        if socket.inet_ntoa(ip[16:20]) == TARGET:
            got[struct.unpack("!H", ip[4:6])[0]] = ip[:4 * (ip[0] & 15)]
    return got


def problem(packet, ip):
    if ip is None:
        return None if packet.tos_out is None else "did not arrive"
    if packet.tos_out is None:
        return "was not denied"
    if ip[1] != packet.tos_out:
        return f"arrived with TOS {ip[1]:02x}, not {packet.tos_out:02x}"
    if checksum(ip) != 0:
        return "arrived with a wrong header checksum"
    return None


def attempt(into, out, packets):
    """Sends the packets, and one behind that passes; tells what went wrong."""
    packets = packets + [Packet("a packet that no rule is about", UDP, udp(4000, 60000))]
    for number, packet in enumerate(packets, 1):
        into.send(packet.frame(number))
    got = arrived(out, len(packets))
    wrong = [(packet.what, why) for number, packet in enumerate(packets, 1)
             if (why := problem(packet, got.get(number)))]
    for what, why in wrong[:3]:
        print(f"FAIL {what}: {why}")
    return len(wrong) == 0


def run():
    into, out = packet_socket("in0"), packet_socket("out0")
    results = [attempt(into, out, packets)
               for made in (tos_packets, icmp_packets, flag_packets, port_packets,
                            short_packets)
               for packets in made()]
    failed = results.count(False)
    print(f"{len(results) - failed} passed, {failed} failed")
    return failed != 0


COMMANDS = {"rules": rules, "wires": wires, "run": run}
if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
    sys.exit(__doc__)
sys.exit(COMMANDS[sys.argv[1]]())
