#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Translate 100,000 rules to nft: `ipfwadm dump nft FILE' beside
`iptables-restore-translate' with the same rules in its own language.

Interleaved, medians of five; a row: job, ours, peer, ratio, target.
"""
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

RULES = int(os.environ.get("RULES", 100000))
RUNS = int(os.environ.get("RUNS", 5))
PEER = "iptables-restore-translate"


def write_rules(ours, peers):
    peers.write("*filter\n:INPUT ACCEPT [0:0]\n")
    for i in range(RULES):
        source = f"10.{i // 256 % 256}.{i % 256}.0/24"
        port = 1 + i % 60000
        protocol = "tcp" if i % 2 else "udp"
        policy, target = ("deny", "DROP") if i % 3 else ("accept", "ACCEPT")
        ours.write(f"-I -a {policy} -P {protocol} -S {source} -D 192.168.1.1/32 {port}\n")
        peers.write(f"-A INPUT -s {source} -d 192.168.1.1/32 -p {protocol} -m {protocol} "
                    f"--dport {port} -j {target}\n")
    peers.write("COMMIT\n")


def measure(command):
    """Seconds and KiB of memory at the most."""
    start = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit status {process.returncode}")
    return time.monotonic() - start, usage.ru_maxrss


def main():
    ipfwadm = os.path.join(os.environ.get("BUILD", "build"), "bin/ipfwadm")
    if not shutil.which(PEER):
        print(f"translate: no {PEER}: nothing to compare with")
        return
    with tempfile.TemporaryDirectory() as scratch:
        names = [os.path.join(scratch, name) for name in ("ours", "peers")]
        with open(names[0], "w") as ours, open(names[1], "w") as peers:
            write_rules(ours, peers)
        commands = [ipfwadm, "dump", "nft", names[0]], [PEER, "-f", names[1]]
        results = [[measure(command) for command in commands] for _ in range(RUNS)]
    for unit, column, divisor, target in ("s", 0, 1, "0.25"), ("MiB", 1, 1024, "-"):
        ours, peer = (statistics.median(run[who][column] for run in results) / divisor
                      for who in (0, 1))
        print(f"translate {RULES} rules to nft, {unit}, {ours:.3g}, {peer:.3g}, "
              f"{ours / peer:.3g}, {target}")


main()
