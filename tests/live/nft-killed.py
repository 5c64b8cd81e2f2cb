#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# slow
# root
# long
"""kill -9 at random moments: the old rules or the new, never a mix, never open.

	SEED=N KILLS=N tests/live/nft-killed.py

What stands in the kernel after a killed load is compared, as nft lists it, with both
sets of rules.  After a killed command it is compared with what the simulator has
without that command or with it; and our own check must find nothing amiss.
"""
import os
import random
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
import namespace  # noqa: E402

BUILD = os.environ.get("BUILD", "build")
IPFWADM = os.path.abspath(os.path.join(BUILD, "bin/ipfwadm"))
SEED = int(os.environ.get("SEED", time.time_ns() % 1000000))
KILLS = int(os.environ.get("KILLS", 5000 if os.environ.get("LONG") else 60))
RULES = 800
FRESH = 40  # commands, then all starts anew


class Suite:
    def __init__(self, scratch):
        self.rng = random.Random(SEED)
        self.passed = self.failed = 0
        self.sim = os.path.join(scratch, "sim")
        self.old, self.new = os.path.join(scratch, "old"), os.path.join(scratch, "new")

    def check(self, name, good, detail=""):
        if good:
            self.passed += 1
            return
        self.failed += 1
        print(f"FAIL {name}")
        if detail:
            print("     " + detail.rstrip().replace("\n", "\n     "))



class Killer:
    """Learns how long it takes, so that about half are killed before their end."""
    def __init__(self, rng):
        self.rng = rng
        self.within = 0.01  # seconds
        self.killed = 0

    def kill(self, argv):
        with subprocess.Popen([IPFWADM, "--backend", "nft", *argv],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as p:
            time.sleep(self.rng.uniform(0, self.within))
            p.kill()
            killed = p.wait() < 0
        self.killed += killed
        self.within *= 1.1 if killed else 1 / 1.1


def nft_list():
    return subprocess.run(["nft", "list", "ruleset"], check=True, text=True,
                          capture_output=True).stdout


def nft_flush():
    subprocess.run(["nft", "flush", "ruleset"], check=True)


def ipfwadm(backend, *argv, status=0):
    p = subprocess.run([IPFWADM, "--backend", backend, *argv], text=True,
                       capture_output=True, check=False)
    assert status is None or p.returncode == status, (argv, p)
    return p


def loads_killed(suite):
    lists = {}
    for name, verb in (suite.old, "deny"), (suite.new, "reject"):
        with open(name, "w", encoding="ascii") as f:
            f.write("-I -p deny\n")
            for i in range(RULES):
                f.write(f"-I -a {verb} -P tcp -S 10.{i // 256}.{i % 256}.0/24 -D 0/0 25\n")
        ipfwadm("nft", "load", name)
        lists[name] = nft_list()
    killer = Killer(suite.rng)
    now, changed = suite.new, 0
    for i in range(KILLS):
        other = suite.old if now == suite.new else suite.new
        killer.kill(["load", other])
        listed = nft_list()
        if listed == lists[other]:
            now = other
            changed += 1
        suite.check(f"load {i}: the old rules or the new", listed == lists[now])
    print(f"{KILLS} loads: {killer.killed} killed, {changed} had done it")
    suite.check("loads were killed at all", killer.killed > KILLS / 10)
    suite.check("before they had done it and after", 0 < changed < KILLS)


def random_command(rng):
    address = f"10.{rng.randrange(4)}.{rng.randrange(4)}.0/24"
    rule = rng.choice([f"-S {address}", f"-S {address} -b", f"-P tcp -S {address} -D 0/0 25 80",
                       f"-P udp -S {address} -o", f"-P tcp -S {address} -y",
                       f"-S {address} -t 0x01 0x10", f"-S {address} --state new",
                       f"-S {address} -W eth0"])
    return rng.choice([
        f"-I -a {rng.choice(['accept', 'deny', 'reject'])} {rule}",
        f"-I -i {rng.choice(['accept', 'deny', 'accept --keep-state'])} {rule}",
        f"-F -a masquerade {rule}", f"-F -i deny {rule}", f"-O -a reject {rule}",
        f"-A {rng.choice(['in', 'out', 'both'])} -a {rule}",
        f"-I -d deny {rule}", f"-F -d masquerade {rule}", f"-O -d reject {rule}",
        f"-I -p {rng.choice(['accept', 'deny', 'reject'])}",
        f"-F -p {rng.choice(['accept', 'deny', 'masquerade'])}",
        f"-{rng.choice('IFOA')} -f", "-M -s 100 20 30"]).split()


def saved(backend):
    p = ipfwadm(backend, "save")
    return p.stdout, p.stderr


def commands_killed(suite):
    sim = "sim:" + suite.sim
    killer = Killer(suite.rng)
    changed = 0
    for i in range(KILLS):
        if i % FRESH == 0:
            nft_flush()
            with open(suite.sim, "w", encoding="ascii") as f:
                f.write("interface eth0 10.0.0.1/24\n")
        words = random_command(suite.rng)
        with open(suite.sim, encoding="ascii") as f:
            text = f.read()
        before = saved(sim)[0]
        ipfwadm(sim, *words, status=None)
        after = saved(sim)[0]
        killer.kill(words)
        now, complaint = saved("nft")
        name = f"command {i}, {' '.join(words)}"
        suite.check(f"{name}: all of it or nothing", now in (before, after),
                    f"before:\n{before}after:\n{after}now:\n{now}")
        suite.check(f"{name}: nothing is amiss", complaint == "", complaint)
        changed += now == after
        if now != after:
            with open(suite.sim, "w", encoding="ascii") as f:
                f.write(text)
    print(f"{KILLS} commands: {killer.killed} killed, {changed} had done it")
    suite.check("commands were killed at all", killer.killed > KILLS / 10)
    suite.check("before they had done it and after", 0 < changed < KILLS)


def main():
    namespace.enter("nft list ruleset")
    for words in "link add eth0 type bridge", "address add 10.0.0.1/24 dev eth0":
        subprocess.run(["ip", *words.split()], check=True)
    print(f"SEED={SEED} KILLS={KILLS}")
    with tempfile.TemporaryDirectory() as scratch:
        suite = Suite(scratch)
        loads_killed(suite)
        commands_killed(suite)
    print(f"{suite.passed} passed, {suite.failed} failed")
    sys.exit(1 if suite.failed else 0)


if __name__ == "__main__":
    main()
