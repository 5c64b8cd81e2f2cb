#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# root
"""`ipfwadm dump nft --maps' is `dump nft' in another notation.

Of random rules both are compared as texts, maps written out as the rules that they are.
Then each is loaded by nft in a namespace of its own, the same packets are sent there, and
each rule must have counted alike, and as many packets have passed.
"""
import difflib
import fcntl
import ipaddress
import os
import random
import re
import socket
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
import namespace  # noqa: E402

IPFWADM = os.path.abspath(os.path.join(os.environ.get("BUILD", "build"), "bin/ipfwadm"))
SETS, RULES, PACKETS = (200 if os.environ.get("LONG") else 12), 200, 10000
HOST = "10.0.0.1"
TUNSETIFF, IFF_TUN_NO_PI = 0x400454ca, 0x1001

# of what a run of neighbours has in common, and what differs in it
KINDS = [("-P udp", "S p"), ("-P udp", "S"), ("-P tcp", "D p"), ("", "S"), ("", "N"),
         ("-P udp -W tun0", "N q"), ("-P tcp -S 10.1.0.0/16", "p"), ("-P udp", "N p q"),
         ("-b", "S")]
VERDICTS = {"-I": ["accept"] * 10 + ["deny"] * 6 + ["reject"], "-F": ["accept", "masquerade"],
            "-A in": [""]}
REJECTS = {"goto reject-1": "reject with icmp host-unreachable ",
           "goto reject-3": "reject with icmp port-unreachable "}
KEY = r"(?:ip|tcp|udp|th) (?:saddr|daddr|sport|dport)"
PROBE = """table ip probe {
	chain passed { type filter hook input priority 300; counter; }
}"""


def nft(*argv, text=None):
    return subprocess.run(["nft", *argv], input=text, text=True, check=True,
                          capture_output=True).stdout


def address(chance):
    return f"10.{chance.randrange(2)}.{chance.randrange(2)}.{chance.randrange(40)}"


def words(chance, differs):
    """One rule of a run: S a host, N a network, D a destination, p and q ports."""
    source, destination, ports = "0/0", "0/0", {}
    for key in differs.split():
        if key == "S":
            source = address(chance)
        elif key == "N":
            source = f"{address(chance)}/{chance.choice([28, 30, 32])}"
        elif key == "D":
            destination = chance.choice([HOST, address(chance)])
        else:
            low = chance.randrange(1, 60)
            ports[key] = chance.choice([str(low), f"{low}:{low + chance.randrange(3)}"])
    return f"-S {source} {ports.get('q', '')} -D {destination} {ports.get('p', '')}"


def rules(chance):
    lines = [f"-I -p {chance.choice(['accept', 'deny'])}", "interface tun0 10.0.0.1/8"]
    while len(lines) < RULES:
        common, differs = chance.choice(KINDS)
        where = chance.choice(["-I", "-I", "-I", "-F", "-A in"])
        for _ in range(chance.randrange(1, 25)):
            verdict = chance.choice(VERDICTS[where])
            log = chance.choice([""] * 30 + ["-o"]) if where == "-I" else ""
            if "-S" in common:
                rule = f"-D 0/0 {chance.randrange(1, 60)}"
            else:
                rule = words(chance, differs)
            lines.append(f"{where} -a {verdict} {common} {rule} {log}")
    return "\n".join(lines) + "\n"


def interval(value):
    if "." in value:
        net = ipaddress.ip_network(value)
        return int(net[0]), int(net[-1])
    low, _, high = value.partition("-")
    return int(low), int(high or low)


def overlap(a, b):
    return all(x[0] <= y[1] and y[0] <= x[1] for x, y in zip(a, b))


class Text:
    """A dump, in which a lookup is written out as the rules that it stands for."""

    def __init__(self, text):
        self.maps, self.lines, self.disjoint = {}, [], True
        elements, comment = None, []
        for line in text.split("{\n", 1)[1].split("\n"):
            line = line.strip()
            if re.match(r"map \S+ {", line):
                self.maps[line.split()[1]] = elements = []
            elif elements is not None:
                element = re.match(r"(.*?) (counter .*) : (.*),$", line)
                if element:
                    elements.append(element.groups())
                elif line == "}" and comment:
                    elements, comment = None, []
                elif line == "}":
                    comment = [line]
            else:
                self.add(line)

    def add(self, line):
        lookup = re.match(rf"(.*?)\s*({KEY}(?: \. {KEY})*) vmap @(\S+)$", line)
        if not lookup:
            self.lines.append(self.sorted(line))
            return
        rest, keys, name = lookup.groups()
        boxes = []
        for values, counter, verdict in self.maps[name]:
            box = [interval(value) for value in values.split(" . ")]
            self.disjoint &= not any(overlap(box, other) for other in boxes)
            boxes.append(box)
            match = " ".join(f"{key} {value}" for key, value in
                             zip(keys.split(" . "), values.split(" . ")))
            said = re.match(r"(counter packets \d+ bytes \d+) (.*)", counter)
            verdict = {"continue": "", **REJECTS}.get(verdict, verdict + " ")
            self.lines.append(self.sorted(f"{rest} {match} {said[1]} {verdict}{said[2]}"))

    def rules(self):
        return [line for line in self.lines if "counter" in line]

    @staticmethod
    def sorted(line):
        """The conditions that a map may have, in one order."""
        match, counter, rest = line.partition(" counter ")
        keys = sorted(re.findall(rf"{KEY} [^{{}}\s]+", match))
        others = " ".join(re.sub(rf"{KEY} [^{{}}\s]+", "", match).split())
        return "; ".join([others, *keys]) + counter + rest


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return total ^ 0xffff


def datagram(source, destination, proto, sport, dport):
    ports = struct.pack("!HH", sport, dport)
    ports += struct.pack("!HH", 8, 0) if proto == 17 else \
        struct.pack("!IIBBHHH", 1, 0, 5 << 4, 2, 1000, 0, 0)
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(ports), 1, 0, 64, proto, 0)
    ends = socket.inet_aton(source) + socket.inet_aton(destination)
    return head[:10] + struct.pack("!H", checksum(head + ends)) + ends + ports


def tun(name):
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN_NO_PI))
    for line in (f"address add {HOST}/8 dev {name}", f"link set {name} up"):
        subprocess.run(["ip", *line.split()], check=True)
    return fd


def counters(listing):
    """What each command, and the rules of others, have counted."""
    return sorted((command, packets, length) for packets, length, command in re.findall(
        r'counter packets (\d+) bytes (\d+)[^"\n]*?(?:log prefix "[^"]*"[^"\n]*?)?'
        r'(?:comment "(-[^"]*)"|$)', listing, re.M))


class Suite:
    def __init__(self, fd):
        self.fd = fd
        self.passed = self.failed = self.packets = 0

    def check(self, name, good, said=""):
        self.passed += bool(good)
        self.failed += not good
        if not good:
            print(f"FAIL {name}\n{said}")

    def counted(self, text, packets):
        nft("flush", "ruleset")
        nft("-f", "-", text=text)
        nft("-f", "-", text=PROBE)
        for packet in packets:
            os.write(self.fd, packet)
        self.packets += len(packets)
        return counters(nft("list", "ruleset"))

    def one(self, seed, path, npackets):
        chance = random.Random(seed)
        with open(path, "w", encoding="ascii") as f:
            f.write(rules(chance))
        flat, maps = (subprocess.run([IPFWADM, "dump", *words, path], text=True, check=True,
                                     capture_output=True).stdout
                      for words in (["nft"], ["--maps", "nft"]))
        a, b = Text(flat), Text(maps)
        self.check(f"seed {seed}: there are maps", len(b.maps) > 2)
        self.check(f"seed {seed}: elements do not overlap", b.disjoint)
        diff = list(difflib.unified_diff(a.rules(), b.rules(), lineterm="", n=0))
        self.check(f"seed {seed}: the same rules", not diff, "\n".join(diff))
        packets = [datagram(address(chance), chance.choice([HOST, HOST, address(chance)]),
                            chance.choice([6, 17]), chance.randrange(64), chance.randrange(64))
                   for _ in range(npackets)]
        a, b = (self.counted(text, packets) for text in (flat, maps))
        self.check(f"seed {seed}: counted", any(n != "0" for _, n, _ in a))
        self.check(f"seed {seed}: the same counters", a == b, "\n".join(difflib.unified_diff(
            [" ".join(x) for x in a], [" ".join(x) for x in b], lineterm="", n=0)))


def main():
    namespace.enter("nft list ruleset")
    suite = Suite(tun("tun0"))
    with tempfile.TemporaryDirectory() as scratch:
        for seed in range(SETS):
            suite.one(seed, os.path.join(scratch, "rules"), 1000 if seed else PACKETS)
    print(f"{suite.packets} packets\n{suite.passed} passed, {suite.failed} failed")
    sys.exit(1 if suite.failed else 0)


if __name__ == "__main__":
    main()
