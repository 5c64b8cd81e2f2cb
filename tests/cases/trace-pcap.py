#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Recorded packets as captures: trace --pcap finds the recorded states.

Of the scenarios in states.jsonl those that need no settings and in which ours do not
differ on purpose; of the random kinds every hundredth.
"""
import json
import lzma
import os
import struct
import subprocess
import sys
import tempfile

IPFWADM = os.path.join(os.environ.get("BUILD", "build"), "bin/ipfwadm")
RULES = """interface lo 127.0.0.1/8
interface in 10.0.0.1/24
interface out 203.0.113.1/24
-A in -a
"""
LINK_RAW = 101


def capture(path, packets):
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, LINK_RAW))
        ms = 0
        for packet in packets:
            ms = packet.get("t", ms)
            data = bytes.fromhex(packet["packet"])
            f.write(struct.pack("<IIII", 1000 + ms // 1000, ms % 1000 * 1000, len(data),
                                len(data)) + data)


def rules_of(scenario):
    text = RULES
    for helper, port in scenario.get("helper", {}).items():
        proto = "udp" if helper == "tftp" else "tcp"
        for rules in ("-I", "-F", "-O"):
            text += (f"{rules} -a accept -P {proto} -D 0.0.0.0/0 {port}"
                     f" --helper {helper}\n")
    return text


def traced(scenario, folder):
    """State and direction of each packet that rules see."""
    capture(folder + "/pcap", scenario["packets"])
    with open(folder + "/rules", "w", encoding="utf-8") as f:
        f.write(rules_of(scenario))
    out = subprocess.run([IPFWADM, "--json", "trace", "--rules", folder + "/rules", "--out",
                          "out", "--pcap", folder + "/pcap"], check=True,
                         capture_output=True, text=True, timeout=60).stdout
    steps = [packet["steps"][0] for packet in json.loads(out)["trace"]]
    return [(s["state"], s.get("direction", "-")) for s in steps]


def scenarios():
    with open("tests/cases/state-differences", encoding="utf-8") as f:
        differ = {line.split(": ")[1] for line in f}
    seen = {}
    for line in lzma.open("tests/recorded/states.jsonl.xz", "rt"):
        s = json.loads(line)
        seen[s["kind"]] = seen.get(s["kind"], 0) + 1
        if s["kind"].startswith("random") and seen[s["kind"]] % 100:
            continue
        # trace chooses interfaces by addresses, and has no settings
        if "set" not in s and s["name"] not in differ and s["kind"] != "challenge":
            yield s


def main():
    passed = failed = packets = 0
    with tempfile.TemporaryDirectory() as folder:
        for s in scenarios():
            want = [(p["state"], p["dir"]) for p in s["packets"]
                    if p["state"] not in ("held", "dropped")]
            got = traced(s, folder)
            packets += len(want)
            if got == want:
                passed += 1
                continue
            failed += 1
            print(f"FAIL {s['name']}: {got}, recorded {want}")
    print(f"{packets} packets")
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed != 0 or not passed)


main()
