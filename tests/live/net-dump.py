#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: nft xtables
# root
"""What is in force is what `ipfwadm dump nft' prints, loaded by nft; with $BACKEND
xtables, what `dump iptables' prints, loaded by iptables-legacy-restore.

Both are compared as these tools list them: for rules loaded from a file, and for those that
the commands of published scripts have led to one by one.
"""
import difflib
import json
import os
import random
import re
import shlex
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
import namespace  # noqa: E402

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


def run(*argv, text=None):
    return subprocess.run(argv, input=text, text=True, check=True, capture_output=True).stdout


class Nft:
    """The usual tool of a backend, and what its dump is called.  A dump has no record."""
    dump = "nft"
    probe = "nft list ruleset"

    @staticmethod
    def listed():
        text = run("nft", "list", "ruleset")
        return re.sub(r"\n\tchain record \{\n.*?\n\t\}\n", "", text, flags=re.S)

    @staticmethod
    def load(text):
        run("nft", "-f", "-", text=text)

    @staticmethod
    def flush():
        run("nft", "flush", "ruleset")

    @staticmethod
    def blocks(listing):
        """Chains and the like of a table in one order, whichever was made first."""
        inside = listing.split("\n", 1)[1].removesuffix("}\n")
        return sorted(block.strip("\n") for block in inside.split("\n\n"))


class Iptables:
    dump = "iptables"
    probe = "iptables-legacy -t mangle -S"

    @staticmethod
    def listed():
        """Chains and rules, each with its table; that a table is in use is none."""
        found, table = [], ""
        for line in run("iptables-legacy-save").splitlines():
            if line.startswith("*"):
                table = line
            elif line.startswith(("-A", ":ipfw-")) and "ipfw-record" not in line:
                found.append(f"{table} {line}\n")
        return "".join(found)

    @staticmethod
    def load(text):
        run("iptables-legacy-restore", text=text)

    @staticmethod
    def flush():
        run("iptables-legacy-restore", text="".join(
            f"*{table}\nCOMMIT\n" for table in ("raw", "mangle", "nat", "filter")))

    @staticmethod
    def blocks(listing):
        return listing.splitlines()


BACKEND = os.environ.get("BACKEND", "nft")
TOOL = {"nft": Nft, "xtables": Iptables}[BACKEND]


def ipfwadm(*argv):
    return subprocess.run([IPFWADM, "--backend", BACKEND, *argv], text=True, check=False,
                          stdin=subprocess.DEVNULL, capture_output=True)


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
        live = TOOL.listed()
        dump = ipfwadm("dump", TOOL.dump, *source)
        self.check(f"{name}: dump", dump.returncode in (0, 3), dump.stderr)
        TOOL.flush()
        TOOL.load(dump.stdout)
        loaded = TOOL.listed()
        TOOL.flush()
        if not source:
            live, loaded = ("\n".join(TOOL.blocks(listing)) for listing in (live, loaded))
        self.check(name, live and live == loaded, "\n".join(difflib.unified_diff(
            live.splitlines(), loaded.splitlines(), "in force", "dump", lineterm="", n=1)))

    def script(self, script):
        for command in script["commands"]:
            words = shlex.split(command["cmd"])[1:]
            if "-l" not in words and not command["exit"]:
                ipfwadm(*words)
        if TOOL.listed():
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
        live = TOOL.listed()
        dump = ipfwadm("dump", TOOL.dump).stdout
        TOOL.flush()
        other = dump.replace("drop comment \"default", "accept comment \"default")
        TOOL.load(re.sub("(--comment \"default.*\") -j DROP", r"\1 -j ACCEPT", other))
        loaded = TOOL.listed()
        TOOL.flush()
        self.check("another verdict is noticed", TOOL.blocks(live) != TOOL.blocks(loaded))

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
    namespace.enter(TOOL.probe)
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
