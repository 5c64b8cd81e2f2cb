#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Send packets with every TOS byte through the rules in force; see what comes out.

usage: tos_packets.py wires|run [PORT:AND:XOR]...

To be run in a network namespace of its own.  `wires' makes the interfaces:

    in0 ==== in1 (10.0.1.1/24)  this host  out1 (10.0.2.1/24) ==== out0

`run' sends frames into in0 to 10.0.2.2 and reads what leaves at out0.  For each
PORT it sends a UDP datagram with each of the 256 TOS bytes to that port, and wants
it to arrive with (TOS & (AND | 1)) ^ (XOR & 0xfe) and a right header checksum.
"""
import select
import socket
import struct
import subprocess
import sys
import time

SOURCE, TARGET = "10.0.1.2", "10.0.2.2"
MAC_IN, MAC_OUT = "02:00:00:00:01:01", "02:00:00:00:02:02"
ETH_P_IP = 0x0800


def wires():
    for line in f"""\
link set lo up
link add in0 type veth peer name in1
link add out0 type veth peer name out1
link set in1 address {MAC_IN}
link set in0 up
link set in1 up
link set out0 up
link set out1 up
address add 10.0.1.1/24 dev in1
address add 10.0.2.1/24 dev out1
neighbour add {TARGET} lladdr {MAC_OUT} dev out1""".splitlines():
        subprocess.run(["ip"] + line.split(), check=True)
    for name, value in ("ip_forward", 1), ("conf/all/rp_filter", 0), ("conf/in1/rp_filter", 0):
        with open("/proc/sys/net/ipv4/" + name, "w") as f:
            f.write(f"{value}\n")


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return total ^ 0xffff


def frame(tos, port):
    """The source port tells the TOS byte that was sent."""
    payload = b"tos!"
    udp = struct.pack("!4H", 1024 + tos, port, 8 + len(payload), 0) + payload
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, tos, 20 + len(udp), 0, 0, 64, socket.IPPROTO_UDP,
                     0, socket.inet_aton(SOURCE), socket.inet_aton(TARGET))
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    macs = bytes.fromhex((MAC_IN + ":02:00:00:00:01:02").replace(":", ""))
    return macs + struct.pack("!H", ETH_P_IP) + ip + udp


def packet_socket(name):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IP))
    s.bind((name, ETH_P_IP))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    return s


def arrived(out, count):
    """What comes out, at most count packets, as {sent TOS: IP header}."""
    got = {}
    end = time.monotonic() + 5
    while len(got) < count and time.monotonic() < end:
        if not select.select([out], [], [], 0.5)[0]:
            break
        ip = out.recv(2048)[14:]
        if socket.inet_ntoa(ip[16:20]) == TARGET and ip[9] == socket.IPPROTO_UDP:
            got[struct.unpack("!H", ip[20:22])[0] - 1024] = ip[:20]
    return got


def try_port(into, out, port, tos_and, tos_xor):
    """The number of wrong packets, each told."""
    wrong = 0
    for tos in range(256):
        into.send(frame(tos, port))
    got = arrived(out, 256)
    for tos in range(256):
        want = (tos & (tos_and | 1)) ^ (tos_xor & 0xfe)
        ip = got.get(tos)
        if ip is None:
            problem = "did not arrive"
        elif ip[1] != want:
            problem = f"arrived with {ip[1]:02x}, not {want:02x}"
        elif checksum(ip) != 0:
            problem = "arrived with a wrong checksum"
        else:
            continue
        wrong += 1
        if wrong <= 3:
            print(f"FAIL and {tos_and:02x} xor {tos_xor:02x}: TOS {tos:02x} {problem}")
    return wrong


def main():
    if sys.argv[1:] == ["wires"]:
        wires()
        return 0
    if len(sys.argv) < 3 or sys.argv[1] != "run":
        sys.exit(__doc__)
    into, out = packet_socket("in0"), packet_socket("out0")
    failed = 0
    for word in sys.argv[2:]:
        port, tos_and, tos_xor = word.split(":")
        failed += try_port(into, out, int(port), int(tos_and, 16), int(tos_xor, 16)) != 0
    print(f"{len(sys.argv) - 2 - failed} passed, {failed} failed")
    return failed != 0


sys.exit(main())
