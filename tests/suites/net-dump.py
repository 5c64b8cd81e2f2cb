#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What is in force is what `ipfwadm dump nft' prints, loaded by nft.

Both are compared as nft lists them: for rules loaded from a file, and for those that
the commands of published scripts have led to one by one.
"""
import difflib
import json
import os
import random
import shlex
import subprocess
import sys
import tempfile

BUILD = os.environ.get("BUILD", "build")
IPFWADM = os.path.abspath(os.path.join(BUILD, "bin/ipfwadm"))
SCRIPTS = "tests/recorded/scripts.jsonl"
ADDRESSES = {"eth0": "10.0.0.1/24", "eth1": "192.168.1.1/24", "ppp0": "1.2.3.4/32"}

# words that a rule may have, one of each row
ROWS = [
    ["", "-P tcp", "-P udp", "-P icmp"],
    ["-S 10.0.0.0/8", "-S 0/0", "-S 192.168.1.7"],
    ["-D 0/0", "-D 10.0.0.1", "-D 172.16.0.0/12"],
    ["", "-W eth0", "-W ppp0", "-W none0", "-V 10.0.0.1", "-V 10.9.9.9"],
    ["", "-b"],
    ["", "", "-t 0x01 0x10", "-t 0xE3 0x08"],
    ["", "", "-o"],
    ["", "", "--state new", "--state established,related", "--keep-state"],
]


def nft(*argv, text=None):
    return subprocess.run(["nft", *argv], input=text, text=True, check=True,
                          capture_output=True).stdout


def ipfwadm(*argv):
    return subprocess.run([IPFWADM, "--backend", "nft", *argv], text=True, check=False,
                          stdin=subprocess.DEVNULL, capture_output=True)


def blocks(listing):
    """Chains and the like of a table in one order, whichever was made first."""
    inside = listing.split("\n", 1)[1].removesuffix("}\n")
    return sorted(block.strip("\n") for block in inside.split("\n\n"))


class Suite:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, good, told=""):
        self.passed += bool(good)
        self.failed += not good
        if not good:
            print(f"FAIL {name}\n{told}")

    def same(self, name, *source):
        """Rules in force, and the dump of them or of a file.  Edits make new chains at
        the end, where no dump has them."""
        live = nft("list", "ruleset")
        dump = ipfwadm("dump", "nft", *source)
        self.check(f"{name}: dump", dump.returncode in (0, 3), dump.stderr)
        nft("flush", "ruleset")
        nft("-f", "-", text=dump.stdout)
        loaded = nft("list", "ruleset")
        nft("flush", "ruleset")
        if not source:
            live, loaded = ("\n".join(blocks(listing)) for listing in (live, loaded))
        self.check(name, live and live == loaded, "\n".join(difflib.unified_diff(
            live.splitlines(), loaded.splitlines(), "in force", "dump", lineterm="", n=1)))

    def script(self, script):
        for command in script["commands"]:
            words = shlex.split(command["cmd"])[1:]
            if "-l" not in words and not command["exit"]:
                ipfwadm(*words)
        if nft("list", "ruleset"):
            self.same(script["name"])

    def rules(self, seed, path):
        chance = random.Random(seed)
        with open(path, "w", encoding="ascii") as f:
            f.write(f"-I -p {chance.choice(['accept', 'deny', 'reject'])}\n")
            f.write(f"-F -p {chance.choice(['accept', 'deny', 'reject', 'masquerade'])}\n")
            f.write(f"-O -p {chance.choice(['accept', 'deny', 'reject'])}\n")
            for _ in range(30):
                f.write(self.rule(chance) + "\n")
        loaded = ipfwadm("load", path)
        self.check(f"seed {seed}: load", loaded.returncode == 0, loaded.stderr)
        self.same(f"seed {seed}", path)

    def planted(self):
        ipfwadm("-I", "-p", "deny")
        live = nft("list", "ruleset")
        dump = ipfwadm("dump", "nft").stdout
        nft("flush", "ruleset")
        nft("-f", "-", text=dump.replace("drop comment \"default", "accept comment \"default"))
        loaded = nft("list", "ruleset")
        nft("flush", "ruleset")
        self.check("another verdict is noticed", blocks(live) != blocks(loaded))

    @staticmethod
    def rule(chance):
        where = chance.choice("IOFA")
        words = [chance.choice(row) for row in ROWS]
        verdict = chance.choice(["accept", "deny", "reject"])
        if where == "F" and words[0] != "-P icmp" and chance.random() < 0.3:
            verdict = "masquerade"
        if where == "A":
            verdict = ""
            words[5] = words[7] = ""
        elif verdict in ("deny", "reject"):
            words[5] = ""
            words[7] = words[7].replace("--keep-state", "")
        return " ".join(w for w in [f"-{where} -a", verdict, *words] if w)


def main():
    if os.environ.get("NET_DUMP_INSIDE") != "1":
        if subprocess.run(["unshare", "-n", "nft", "list", "ruleset"], check=False,
                          capture_output=True).returncode:
            print("SKIP no nftables in a network namespace here (root?)")
            print("0 passed, 0 failed, 1 skipped")
            sys.exit(77)
        os.environ["NET_DUMP_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "-n", sys.executable] + sys.argv)
    for name, address in ADDRESSES.items():
        subprocess.run(["ip", "link", "add", name, "type", "bridge"], check=True)
        subprocess.run(["ip", "addr", "add", address, "dev", name], check=True)
    suite = Suite()
    with open(SCRIPTS, encoding="utf-8") as f:
        for line in f:
            suite.script(json.loads(line))
    suite.planted()
    with tempfile.TemporaryDirectory() as scratch:
        for seed in range(20):
            suite.rules(seed, os.path.join(scratch, "rules"))
    print(f"{suite.passed} passed, {suite.failed} failed")
    sys.exit(1 if suite.failed else 0)


if __name__ == "__main__":
    main()
