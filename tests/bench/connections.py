#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""200,000 tracked connections are listed, and those of one address ended, beside
conntrack(8).

Interleaved, medians of five; a row: job, ours, peer, ratio, target.
"""
import os
import shutil
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
import connections as table

COUNT = int(os.environ.get("CONNECTIONS", 200000))
RUNS = int(os.environ.get("RUNS", 5))
IPFWADM = [os.path.join(os.environ.get("BUILD", "build"), "bin/ipfwadm"), "--backend", "nft"]
ENDED = 0x0a010101


def measure(command):
    start = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        process.wait()
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit status {process.returncode}")
    return time.monotonic() - start


def refill():
    table.make(c for c in table.many(COUNT) if c.source == ENDED)


def row(job, results, target):
    ours, peer = (statistics.median(run[who] for run in results) for who in (0, 1))
    print(f"{job}, s, {ours:.3g}, {peer:.3g}, {ours / peer:.3g}, {target}")


def inside():
    listed, ended = [], []
    table.make(table.many(COUNT))
    for _ in range(RUNS):
        listed.append([measure(IPFWADM + ["-T", "-l", "-n"]), measure(["conntrack", "-L"])])
        ended.append([measure(IPFWADM + ["-T", "-d", "-S", "10.1.1.1"])])
        refill()
        ended[-1].append(measure(["conntrack", "-D", "-s", "10.1.1.1"]))
        refill()
    row(f"list {COUNT} connections", listed, 0.6)
    row(f"end connections of one address among {COUNT}", ended, 0.3)


def main():
    if len(sys.argv) > 1:
        inside()
    elif not shutil.which("conntrack"):
        print("connections: no conntrack: nothing to compare with")
    else:
        sys.exit(subprocess.run(["unshare", "-n", sys.argv[0], "inside"], check=False).returncode)


main()
