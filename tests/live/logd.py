#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: nft xtables
# root
"""`ipfwadm logd' writes the recorded lines of 2.0 for real packets.

Each recorded rule set is loaded into a namespace with the recorded interfaces, its packets
arrive there or leave by them, and the lines that come are those that ip_fw_chk logged, in
their order.  A rule set with rules that the backend cannot express exactly is left out,
and so are packets that the kernel does not accept or forward whatever the rules are.
"""
import ctypes
import fcntl
import json
import lzma
import os
import selectors
import socket
import struct
import subprocess
import sys
import time

BUILD = os.environ.get("BUILD", "build")
IPFWADM = os.path.abspath(os.path.join(BUILD, "bin/ipfwadm"))
BACKEND = os.environ.get("BACKEND", "nft")
PATIENCE = 10 * float(os.environ.get("TIME_FACTOR", "1"))
SETS = None if os.environ.get("LONG") else 24
GROUP = "--log-group=7"
CLONE_NEWNET = 0x40000000
TUNSETIFF, IFF_TUN_NO_PI = 0x400454ca, 0x1001
PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17}
NEVER_FORWARDED = {"martian-src", "odd-dst", "mcast-dst", "own-dst", "own-src", "loopback-dst"}


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return total ^ 0xffff


def datagram(p, ttl):
    """The recorded packet as bytes; what is not recorded is zero."""
    proto = PROTOCOLS.get(p["proto"], p["proto"])
    frag = p.get("df", 0) << 14 | p.get("mf", 0) << 13 | p.get("fragoff", 0)
    header = struct.pack("!BBHHHBBH4s4s", 0x45, p["tos"], p["len"], p["id"], frag, ttl, proto,
                         0, socket.inet_aton(p["saddr"]), socket.inet_aton(p["daddr"]))
    header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
    ports = struct.pack("!HH", p.get("sport", 0), p.get("dport", 0))
    if proto == 6:
        flags = sum(1 << "FSRPAU".index(letter) for letter in p.get("tcpflags", "").strip("-"))
        ports += struct.pack("!IIBBHHH", 1, 1, 5 << 4, flags, 1000, 0, 0)
    elif proto == 17:
        ports += struct.pack("!HH", p["len"] - 20, 0)
    elif proto == 1:
        ports = struct.pack("!BBHHH", p.get("icmptype", 0), p.get("icmpcode", 0), 0, 1, 1)
    return (header + ports).ljust(p["len"], b"\0")[:p["len"]]


def tun(name, *addresses):
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN_NO_PI))
    for address in addresses:
        subprocess.run(["ip", "address", "add", address + "/32", "dev", name], check=True)
    subprocess.run(["ip", "link", "set", name, "up", "mtu", "65000"], check=True)
    return fd


class World:
    """A namespace with the interfaces; what is written to `via' is sent by one of them."""

    def __init__(self, interfaces):
        if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "unshare")
        for name, value in (("ip_forward", 1), ("conf/all/accept_local", 1),
                            ("conf/all/rp_filter", 0), ("conf/default/rp_filter", 0)):
            with open("/proc/sys/net/ipv4/" + name, "w", encoding="ascii") as f:
                f.write(str(value))
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        self.into, self.via = {}, {}
        for table, (name, address) in enumerate(interfaces.items(), 100):
            if name == "lo":
                continue
            self.into[name] = tun(name, address)
            self.via[name] = tun(f"in{table}")
            for words in (f"rule add iif in{table} lookup {table}",
                          f"route add default dev {name} table {table}"):
                subprocess.run(["ip"] + words.split(), check=True)

    def send(self, recorded):
        """Returns false if the kernel would not accept or forward it."""
        p, received = recorded["packet"], recorded["chain"] == "in"
        received |= recorded["chain"] == "acct" and p["dir"] == "in"
        if p["iface"] == "lo" or not received and (
                p["ttl"] == 255 or NEVER_FORWARDED & set(recorded["tags"])):
            return False
        if received:
            os.write(self.into[p["iface"]], datagram(p, p["ttl"]))
        else:
            os.write(self.via[p["iface"]], datagram(p, p["ttl"] + 1))
        return True

    def close(self):
        for fd in [*self.into.values(), *self.via.values()]:
            os.close(fd)


def listens(process):
    with open(f"/proc/{process.pid}/net/netfilter/nfnetlink_log", encoding="ascii") as f:
        return f.read() != ""


def key_of_packet(recorded):
    p, chain = recorded["packet"], recorded["chain"]
    words = ["acct", p["dir"]] if chain == "acct" else ["fw-" + chain]
    return (*words, p["iface"], str(p["id"]))


def key_of_line(line):
    words = line.split()
    place = [*words[1:4]] if words[1] == "acct" else [words[1], words[3]]
    return (*place, line.split(" I=")[1].split()[0])


def lines_read(process, keys, count):
    """The lines about these packets, until there are count of them or no more come.  The
    others are about the same packets in another list, or about answers of the kernel.
    """
    text, lines, end = b"", [], time.monotonic() + PATIENCE
    with selectors.DefaultSelector() as ready:
        ready.register(process.stdout, selectors.EVENT_READ)
        while len(lines) < count and ready.select(end - time.monotonic()):
            text += os.read(process.stdout.fileno(), 65536)
            lines = [line for line in text.decode().splitlines() if key_of_line(line) in keys]
    process.terminate()
    process.wait()
    process.stdout.close()
    return lines


def is_left_out(recorded, tracks):
    """Fragments wait for the rest of their datagram where connections are tracked, and
    nft may find ports in later ones, which accounting rules then count.
    """
    fragment = recorded["class"] == "fragment"
    return tracks and (fragment or recorded["class"] == "firstfrag") or \
        BACKEND == "nft" and fragment and recorded["chain"] == "acct"


def attempt(recording):
    """Returns packets and lines that were compared, or None if the rules are not exact."""
    world = World(recording["ifaces"])
    # what 2.0 refused is refused today as well
    rules = "".join(rule.removeprefix("ipfwadm") + "\n" for rule, err in
                    zip(recording["rules"], recording["rule_errnos"]) if not err)
    environment = dict(os.environ, IPFWADM_BACKEND=BACKEND)
    loaded = subprocess.run([IPFWADM, GROUP, "load", "--strict", "-"], input=rules, text=True,
                            capture_output=True, env=environment, check=False)
    if loaded.returncode:
        world.close()
        return None
    logd = subprocess.Popen([IPFWADM, GROUP, "logd", "-"], stdout=subprocess.PIPE)
    while logd.poll() is None and not listens(logd):
        time.sleep(0.01)
    tracks = any(word in rules for word in (" -m", " -r", "masq"))
    sent = [p for p in recording["packets"] if not is_left_out(p, tracks) and world.send(p)]
    expected = [line.removeprefix("<6>") for p in sent
                for line in p.get("log", "").splitlines()]
    got = lines_read(logd, {key_of_packet(p) for p in sent}, len(expected))
    world.close()
    for index, (want, line) in enumerate(zip(expected + [None], got + [None])):
        if want != line:
            raise AssertionError(f"line {index}: expected {want}\n\tgot {line}")
    return len(sent), len(expected)


def main():
    with lzma.open("tests/recorded/fwchk.jsonl.xz", "rt") as f:
        recordings = [json.loads(line) for line in f]
    recordings = [r for r in recordings if any("log" in p for p in r["packets"])][:SETS]
    passed = failed = inexact = packets = lines = 0
    for recording in recordings:
        try:
            compared = attempt(recording)
        except AssertionError as e:
            failed += 1
            print(f"FAIL rule set {recording['ruleset']}: {e}")
            continue
        inexact += compared is None
        passed += compared is not None
        packets += compared[0] if compared else 0
        lines += compared[1] if compared else 0
    print(f"{lines} lines, {inexact} rule sets are not exact with {BACKEND}")
    print(f"{packets} packets")
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed != 0 or lines == 0)


main()
