#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: nft xtables
# long
"""Tracked connections are chosen by -P, -S and -D as a rule would match them.

Random connections in a namespace, random filters; what -T -l lists and what -T -d
leaves is worked out here, too.

	SEED=N COUNT=N tests/live/conntrack-filters.py
"""
import os
import random
import socket
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
import connections as table  # noqa: E402
import namespace  # noqa: E402

SEED = int(os.environ.get("SEED", 1))
FILTERS = int(os.environ.get("COUNT", 2000 if os.environ.get("LONG") else 120))
IPFWADM = [os.path.join(os.environ.get("BUILD", "build"), "bin/ipfwadm"), "--backend",
           os.environ.get("BACKEND", "nft")]
NAMES = {"tcp": table.TCP, "udp": table.UDP, "icmp": table.ICMP}
ADDRESSES = [0x0a000001, 0x0a000002, 0x0a000101, 0x0a010001, 0xc0a80001, 0xc0a80002,
             0xc6336401, 0xcb007105]
PORTS = [1, 53, 80, 443, 1024, 8080, 61000, 65535]
TYPES = [8, 13, 15, 17]
MASKS = [0xffffffff] * 5 + [0xffffff00, 0xffff0000, 0xff000000, 0, 0xff0000ff, 0xfffffffe]


def random_connection(rng):
    name = rng.choice(list(NAMES))
    ports = PORTS if name != "icmp" else TYPES
    return table.Connection(NAMES[name], rng.choice(ADDRESSES), rng.choice(ADDRESSES),
                            rng.choice(PORTS), rng.choice(ports))


def text(address):
    return socket.inet_ntoa(struct.pack("!I", address))


def random_connections(rng, count):
    """Of two that go opposite ways only one is possible."""
    found = set()
    for c in (random_connection(rng) for _ in range(count)):
        back = c._replace(source=c.destination, destination=c.source, sport=c.dport,
                          dport=c.sport)
        if c.proto == table.ICMP or (c != back and back not in found):
            found.add(c)
    return found


class Side:
    """-S or -D: its words, and whether it matches."""

    def __init__(self, rng, option, ports):
        self.address, self.mask = rng.choice(ADDRESSES), rng.choice(MASKS)
        self.ranges = []
        for _ in range(rng.choice([0, 0, 1, 1, 2]) if ports else 0):
            self.ranges.append([rng.choice(ports)] * 2)
        if self.ranges and rng.random() < 0.3:
            self.ranges[0] = sorted(rng.sample(ports, 2))
        mask = text(self.mask) if self.mask in (0xff0000ff,) else bin(self.mask).count("1")
        self.words = [option, f"{text(self.address)}/{mask}"]
        self.words += [f"{lo}:{hi}" if lo != hi else str(lo) for lo, hi in self.ranges]

    def matches(self, address, port):
        return (address ^ self.address) & self.mask == 0 and (
            not self.ranges or any(lo <= port <= hi for lo, hi in self.ranges))


class Filter:
    def __init__(self, rng):
        self.name = rng.choice([None, "tcp", "udp", "icmp"])
        self.words = ["-P", self.name or "all"]
        ports = {None: [], "icmp": TYPES}.get(self.name, PORTS)
        self.source = Side(rng, "-S", ports) if rng.random() < 0.7 else None
        if self.name == "icmp":
            ports = []
        self.destination = Side(rng, "-D", ports) if rng.random() < 0.7 else None
        for side in self.source, self.destination:
            self.words += side.words if side else []

    def matches(self, c):
        if self.name and NAMES[self.name] != c.proto:
            return False
        icmp = c.proto == table.ICMP
        return ((not self.source or
                 self.source.matches(c.source, c.dport if icmp else c.sport)) and
                (not self.destination or self.destination.matches(c.destination, c.dport)))


def ipfwadm(*words):
    done = subprocess.run(IPFWADM + list(words), capture_output=True, text=True, check=False)
    if done.returncode or done.stderr:
        raise RuntimeError(f"{' '.join(words)}: status {done.returncode}, {done.stderr}")
    return done.stdout


def key(c):
    """What a row shows of a connection."""
    name = next(name for name, number in NAMES.items() if number == c.proto)
    ports = f"{c.dport} id {c.sport}" if name == "icmp" else f"{c.sport} -> {c.dport}"
    return f"{name} {text(c.source)} {text(c.destination)} {ports}"


def rows(listing):
    """Rows as key() makes them, without state and expiry."""
    for line in listing.splitlines()[2:]:
        words = line.split()
        yield " ".join(words[:1] + words[3:])


def differs(what, listing, expected):
    got, wanted = sorted(rows(listing)), sorted(map(key, expected))
    if got == wanted:
        return False
    extra, missing = set(got) - set(wanted), set(wanted) - set(got)
    print(f"FAIL {what}: {len(got)} of {len(wanted)}; more {sorted(extra)[:3]}, "
          f"missing {sorted(missing)[:3]}")
    return True


def main():
    rng = random.Random(SEED)
    all_of = random_connections(rng, 1500)
    table.make(all_of)
    failed = differs("all", ipfwadm("-T", "-l", "-n"), all_of)
    useful = 0
    for _ in range(FILTERS):
        f = Filter(rng)
        chosen = [c for c in all_of if f.matches(c)]
        useful += 0 < len(chosen) < len(all_of)
        failed += differs("-T -l " + " ".join(f.words),
                          ipfwadm("-T", "-l", "-n", *f.words), chosen)
    for _ in range(FILTERS // 3):
        if len(all_of) < 300:
            ipfwadm("-T", "-f")
            failed += differs("after -T -f", ipfwadm("-T", "-l", "-n"), [])
            all_of = random_connections(rng, 1500)
            table.make(all_of)
        f = Filter(rng)
        all_of = {c for c in all_of if not f.matches(c)}
        ipfwadm("-T", "-d", *f.words)
        failed += differs("after -T -d " + " ".join(f.words), ipfwadm("-T", "-l", "-n"), all_of)
    passed = 1 + FILTERS + FILTERS // 3
    if useful < FILTERS // 3:
        print(f"FAIL only {useful} filters choose some connections")
        failed += 1
    print(f"{passed - failed} passed, {failed} failed")
    return 1 if failed else 0


namespace.enter(" ".join([*IPFWADM, "-T", "-l"]))
sys.exit(main())
