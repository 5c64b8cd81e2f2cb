#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# long
"""Dump rule sets as nft and iptables text, load it, and read it back.

The rule sets are those of the recorded scripts and random ones.  Each dump must
load unmodified, in a network namespace of its own, with nft -f, nft -c -f,
iptables-legacy-restore and iptables-nft-restore; and what these then list must be
the same rules in the same order, with the same counters and comments.
"""
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
import namespace  # noqa: E402

BUILD = os.environ.get("BUILD", "build")
IPFWADM = os.path.abspath(os.path.join(BUILD, "bin/ipfwadm"))
DUMP_RANDOM = os.path.join(BUILD, "tests/dump-random")
SCRIPTS = "tests/recorded/scripts.jsonl"
RANDOM_SETS = int(os.environ.get("RANDOM_SETS", 2000 if os.environ.get("LONG") else 100))
INTERFACES = """\
interface lo 127.0.0.1/8
interface eth0 10.0.0.1/24
interface eth1 192.168.1.1/24
interface ppp0 1.2.3.4/32
"""
# exact, approximate, some left out
DUMPED = 0, 3, 4


class Tally:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def add(self, what, problem):
        if problem is None:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAIL {what}: {problem}")

    def skip(self, why):
        self.skipped += 1
        print(f"SKIP {why}")

    def end(self):
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        print(f"{self.passed} passed, {self.failed} failed{skipped}")
        if self.failed:
            return 1
        return 0 if self.passed else 77


def run(command, **more):
    return subprocess.run(command, text=True, capture_output=True, check=False, **more)


def dump(name, command):
    """Runs the command into a file; why that failed, or None."""
    with open(name, "w") as f:
        done = subprocess.run(command, stdout=f, stderr=subprocess.PIPE, text=True,
                              check=False)
    return None if done.returncode in DUMPED else f"{done.returncode}: {done.stderr}"


def script_sets(scratch):
    """Of each script the state that its commands leave, and how to dump it."""
    with open(SCRIPTS) as f:
        for line in f:
            script = json.loads(line)
            state = os.path.join(scratch, script["name"])
            with open(state, "w") as s:
                s.write(INTERFACES)
            env = dict(os.environ, IPFWADM_BACKEND="sim:" + state)
            for command in script["commands"]:
                run([IPFWADM] + shlex.split(command["cmd"])[1:], env=env)
            yield state, [IPFWADM, "dump", "--partial", "{}", state]


def random_sets(scratch):
    for seed in range(RANDOM_SETS):
        yield os.path.join(scratch, f"random-{seed}"), [DUMP_RANDOM, str(seed), "{}"]


# how nft 1.0.6 lists what can be said in several ways
def flags(text):
    return text.strip("()").replace(" | ", ",")


def mark_bits(match):
    key, mask, op, value = match.groups()
    ones = f"{int(mask, 16):032b}".rstrip("0")
    if "0" in ones:
        return match[0]
    return f"{key} {'!= ' if op == '!=' else ''}{value}/{len(ones)}"


def mark_set(match):
    key, keep, value = match[1], int(match[2], 16), int(match[3], 16)
    if keep | value == 0xffffffff:
        return f"{key} set {key} | 0x{value:08x}"
    return f"{key} set {key} & 0x{keep | value:08x} | 0x{value:08x}"


DSCP = {0x01: "lephb", 0x2c: "va", 0x2e: "ef"}
DSCP.update({8 * n: f"cs{n}" for n in range(8)})
DSCP.update({8 * n + 2 * p: f"af{n}{p}" for n in range(1, 5) for p in range(1, 4)})


def dscp(match):
    return match[1] + DSCP.get(int(match[2], 16), match[2])


NFT_LISTED = (
    (r"(ip dscp (?:set |!= )?)(0x\w+)", dscp),
    (r"frag-off & 0x1fff", "frag-off & 8191"),
    (r"flags & (\(.*?\)|\w+) != 0x0", lambda m: f"flags {flags(m[1])}"),
    (r"flags & (\(.*?\)|\w+) == 0x0", lambda m: f"flags ! {flags(m[1])}"),
    (r"flags & (\(.*?\)) (==|!=) (\(.*?\)|\w+)",
     lambda m: f"flags {'!= ' if m[2] == '!=' else ''}{flags(m[3])} / {flags(m[1])}"),
    (r"ct state & (\(.*?\)|\w+) == 0x0", lambda m: f"ct state ! {flags(m[1])}"),
    (r"ct status & (\w+) == 0x0", r"ct status ! \1"),
    (r"((?:meta|ct) mark) & (0x\w+) (==|!=) (0x\w+)", mark_bits),
    (r"((?:meta|ct) mark) set \1 & (0x\w+) \| (0x\w+)", mark_set),
    (r"reject with icmp port-unreachable", "reject"),
)


def nft_listed(line):
    """A rule as nft lists it: all but the comment is rewritten."""
    rule, quote, comment = line.partition(' comment "')
    for pattern, to in NFT_LISTED:
        rule = re.sub(pattern, to, rule)
    return rule + quote + comment


def nft_rules(text):
    """{chain: [its lines]}"""
    chains, lines = {}, []
    for line in text.splitlines():
        if line.startswith("\tchain "):
            lines = chains[line] = []
        elif line.startswith("\tct "):
            lines = []
        elif line.startswith("\t\t") and not line.startswith("\t\t#"):
            lines.append(line.strip())
    return chains


def difference(wanted, got):
    """The first place where two {chain: [lines]} differ, or None."""
    for chain, lines in wanted.items():
        if chain not in got:
            return f"no {chain.strip()}"
        for want, have in zip(lines + [None], got[chain] + [None]):
            if want != have:
                return f"{chain.strip()}: want\n     {want}\ngot\n     {have}"
    return None if len(wanted) == len(got) else "more chains than were loaded"


def base_line(line):
    """Priorities have names in listings: compare what is left."""
    return re.sub(r"priority [^;]*;", "priority;", line)


def nft_try(name, exact):
    """Loads twice, as a reload, and compares."""
    done = run(["unshare", "-n", "sh", "-e", "-c",
                'nft -c -f "$1"; nft -f "$1"; nft -f "$1"; nft list table ip ipfwadm',
                "-", name])
    if done.returncode or done.stderr:
        return f"nft: {done.stderr}"
    with open(name) as f:
        wanted, got = nft_rules(f.read()), nft_rules(done.stdout)
    if exact:
        return difference({chain: [base_line(nft_listed(line)) for line in lines]
                           for chain, lines in wanted.items()},
                          {chain: [base_line(line) for line in lines]
                           for chain, lines in got.items()})
    return difference({chain: [len(lines)] for chain, lines in wanted.items()},
                      {chain: [len(lines)] for chain, lines in got.items()})


def iptables_rules(text):
    """{table: [its rules with counters]}"""
    tables, lines = {}, []
    for line in text.splitlines():
        if line.startswith("*"):
            lines = tables.setdefault(line, [])
        elif line.startswith(("-A", "[")):
            lines.append(line)
    return tables


def by_chain(rules):
    """Chains are saved in another order than they were loaded in."""
    chains = {}
    for table, lines in rules.items():
        for line in lines:
            chains.setdefault(f"{table} {line.split()[2]}", []).append(line)
    return chains


def iptables_try(name, variant):
    done = run(["unshare", "-n", "sh", "-e", "-c",
                f'iptables-{variant}-restore -c "$1"; iptables-{variant}-save -c',
                "-", name])
    if done.returncode or done.stderr:
        return f"iptables-{variant}: {done.stderr}"
    with open(name) as f:
        wanted = by_chain(iptables_rules(f.read()))
    problem = difference(wanted, by_chain(iptables_rules(done.stdout)))
    return problem and f"iptables-{variant}: {problem}"


# rules of another program, before and after the dump is loaded twice
BESIDE = """
iptables-{0} -N DOCKER; iptables-{0} -P FORWARD DROP; iptables-{0} -A FORWARD -j DOCKER
iptables-{0} -t mangle -A PREROUTING -s 192.0.2.1 -j ACCEPT
iptables-{0}-save >"$2.0"; iptables-{0}-restore -n "$1"; iptables-{0}-save >"$2.1"
! iptables-{0}-restore -n "$1"; iptables-{0}-save >"$2.2"
"""


def beside_try(name, variant):
    """With -n a dump adds to the rules of others, once."""
    done = run(["unshare", "-n", "sh", "-e", "-c", BESIDE.format(variant), "-", name,
                name + ".saved"])
    if done.returncode:
        return f"iptables-{variant} -n: {done.stderr}"
    saved = []
    for n in range(3):
        with open(f"{name}.saved.{n}") as f:
            saved.append([line for line in f.read().splitlines() if line[0] != "#"])
    theirs, once, twice = saved
    lost = [line for line in theirs if line not in once]
    if lost:
        return f"iptables-{variant} -n: of others is gone: {lost}"
    return None if once == twice else f"iptables-{variant} -n: the second load changes rules"


def main():
    tally = Tally()
    if run(["unshare", "-n", "true"]).returncode:
        tally.skip("no network namespace can be made here (root?)")
        return tally.end()
    exact = "v1.0.6 " in run(["nft", "--version"]).stdout
    if not exact:
        tally.skip("nft is not 1.0.6: its listings are only counted")
    variants = [v for v in ("legacy", "nft") if shutil.which(f"iptables-{v}-restore")]
    if len(variants) < 2:
        tally.skip("iptables-legacy-restore or iptables-nft-restore is missing")
    if "nft" in variants and not namespace.real_root():
        tally.skip("iptables-nft needs real root to send a large table at once")
        variants.remove("nft")
    with tempfile.TemporaryDirectory() as scratch:
        for sets in script_sets(scratch), random_sets(scratch):
            for name, command in sets:
                what = os.path.basename(name)
                problem = dump(name + ".nft", [word.format("nft") for word in command])
                tally.add(f"{what}, nft", problem or nft_try(name + ".nft", exact))
                problem = dump(name + ".iptables",
                               [word.format("iptables") for word in command])
                for variant in variants:
                    tally.add(f"{what}, iptables",
                              problem or iptables_try(name + ".iptables", variant))
                    if not what.startswith("random-"):
                        tally.add(f"{what}, iptables beside others",
                                  problem or beside_try(name + ".iptables", variant))
    return tally.end()


sys.exit(main())
