#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: nft xtables
# root
# long
"""Proofs of what stands in the kernel.

Rules are loaded, and `prove live' reads back what the kernel's own tool lists.  As it was
loaded it is proved.  Then rules are changed by hand, one at a time: deleted, moved, with
another address, port or verdict.  Each time a packet must be found.
"""
import os
import re
import shlex
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
import namespace  # noqa: E402

BUILD = os.environ.get("BUILD", "build")
BACKEND = os.environ.get("BACKEND", "nft")
IPFWADM = os.path.abspath(os.path.join(BUILD, "bin/ipfwadm"))
EVERY = 1 if os.environ.get("LONG") else 12
TARGET = {"nft": "nft", "xtables": "iptables"}[BACKEND]
DIFFERS, UNDECIDED = 6, 5

RULES = """\
-I -p deny
-I -a deny -P tcp -S 10.0.0.0/8 -D 0/0 20:30 -W eth0
-I -a accept -P tcp -S 10.9.0.0/16 -D 0/0 25
-I -a deny -P tcp -S 10.9.0.0/16 -D 0/0 25:26
-I -a accept -P tcp -y -S 0/0 -D 192.168.1.0/24 25 -o
-I -a accept -P tcp -S 10.2.0.0/15 -D 0/0 79:81
-I -a accept -P tcp -k -S 172.16.0.0/12 -D 0/0 1024:2000 -b
-I -a reject -P udp -S 0/0 53 80 -D 192.168.1.0/24
-I -a accept -P tcp -D 0/0 8080 -r 3128
-I -a accept -P udp -S 10.3.0.0/16 -D 0/0 --state new --keep-state
-I -a accept -P icmp -S 0/0 8 0 3
-F -p deny
-F -a deny -P tcp -S 192.168.1.0/24 -D 0/0 25
-F -a masquerade -S 192.168.1.0/24 -W ppp0
-F -a accept -P tcp -S 10.2.0.0/16 -D 0/0 80 -b
-O -p accept
-O -a accept -P tcp -D 0/0 23 -t 0x01 0x10
-O -a deny -D 203.0.113.0/24
-A both -a -P icmp -W ppp0
-A in -a -P tcp -D 0/0 1000:65535
"""
LISTS = {"nft": ["input", "forward", "output"],
         "xtables": ["ipfw-input", "ipfw-forward", "ipfw-output"]}[BACKEND]
SUBSTITUTIONS = [
    ("another mask", r"10\.(\d)\.0\.0/16", r"10.\1.0.0/15"),
    ("another mask", r"10\.0\.0\.0/8", "10.0.0.0/9"),
    ("another mask", r"192\.168\.1\.0/24", "192.168.0.0/23"),
    ("another mask", r"172\.16\.0\.0/12", "172.16.0.0/13"),
    ("another port", r"\b20([-:])30\b", r"20\g<1>31"),
    ("another port", r"\bdport 25\b", "dport 24"),
    ("another port", r"\bdport (23|80)\b", "dport 79"),
    ("another interface", r'"?eth0"?', "eth7"),
    ("the verdict is inverted", r"\baccept$", "drop"),
    ("the verdict is inverted", r"\bdrop$", "accept"),
    ("the verdict is inverted", r"-j RETURN$", "-j DROP"),
    ("the verdict is inverted", r"-j DROP$", "-j RETURN"),
    ("rejected in silence", r"\breject$", "drop"),
    ("rejected in silence", r"-g ipfw-reject-port$", "-j DROP"),
    ("not logged", r'log prefix "[^"]*" ', ""),
    ("another type of service", r"set-tos 0x10", "set-tos 0x08"),
    ("another type of service", r"dscp set 0x04|dscp set 4", "dscp set 0x02"),
]
# each compares in a way that rules of ours do not
UNKNOWN = {
    "nft": ["limit rate 3/second accept", "ip saddr > 10.0.0.0 accept",
            "ip daddr <= 10.0.0.0 accept", "ip protocol > 6 accept", "icmp type < 8 accept",
            "ct mark > 5 accept", "meta mark < 5 accept", "ip dscp >= 4 accept",
            "tcp flags & (syn | ack) > ack accept", "ip frag-off & 0x1fff > 0 accept",
            "ct state == new | established accept", "meta l4proto > 5 accept"],
    "xtables": ["-m limit --limit 3/sec -j RETURN", "-m ttl --ttl-gt 5 -j RETURN",
                "-m iprange --src-range 10.0.0.1-10.0.0.5 -j RETURN",
                "-m addrtype --dst-type BROADCAST -j RETURN",
                "-i eth+ -j RETURN", "-m conntrack --ctstate UNTRACKED -j RETURN"],
}[BACKEND]


def run(*command, text=None):
    env = dict(os.environ, IPFWADM_BACKEND=BACKEND)
    return subprocess.run(command, check=False, capture_output=True, text=True, input=text,
                          env=env)


class Kernel:
    """The rules of our lists, which are changed by the kernel's own tools."""

    def load(self):
        if BACKEND == "nft":
            run("nft", "flush", "ruleset")
        else:
            for table in ("raw", "mangle", "nat", "filter"):
                run("iptables-legacy", "-t", table, "-F")
                run("iptables-legacy", "-t", table, "-X")
        return run(IPFWADM, "load", "-", text=RULES)

    def rules(self, chain):
        """[(handle or number, words)]"""
        if BACKEND == "nft":
            lines = run("nft", "-a", "list", "chain", "ip", "ipfwadm", chain).stdout
            found = re.findall(r"^\t\t(?!type )(.*?)(?: comment .*)? # handle (\d+)$", lines, re.M)
            return [(handle, words) for words, handle in found]
        lines = run("iptables-legacy", "-t", "mangle", "-S", chain).stdout.splitlines()
        lines = [re.sub(r' -m comment --comment ("(\\.|[^"])*"|\S+)', "", line)
                 for line in lines if line.startswith("-A ")]
        return [(str(number), " ".join(line.split()[2:])) for number, line in enumerate(lines, 1)]

    def delete(self, chain, handle):
        if BACKEND == "nft":
            return run("nft", "delete", "rule", "ip", "ipfwadm", chain, "handle", handle)
        return run("iptables-legacy", "-t", "mangle", "-D", chain, handle)

    def replace(self, chain, handle, words):
        if BACKEND == "nft":
            return run("nft", f"replace rule ip ipfwadm {chain} handle {handle} {words}")
        return run("iptables-legacy", "-t", "mangle", "-R", chain, handle, *shlex.split(words))

    def insert(self, chain, handle, words):
        """Before that rule."""
        if BACKEND == "nft":
            return run("nft", f"insert rule ip ipfwadm {chain} handle {handle} {words}")
        return run("iptables-legacy", "-t", "mangle", "-I", chain, handle, *shlex.split(words))


class Suite:
    def __init__(self):
        self.kernel = Kernel()
        self.passed = self.failed = self.tried = 0

    def check(self, name, good, told=""):
        self.passed += bool(good)
        self.failed += not good
        if not good:
            print(f"FAIL {name}\n{told}")

    def found(self, name, *steps):
        """After these steps `prove live' shows a packet."""
        self.tried += 1
        if self.tried % EVERY:
            return
        told = self.kernel.load().stderr
        for step, *arguments in steps:
            told += step(*arguments).stderr
        done = run(IPFWADM, "prove", "live")
        self.check(name, done.returncode == DIFFERS and "\n    translated: " in done.stdout,
                   f"{told}{done.returncode}: {done.stdout}{done.stderr}")

    def untouched(self):
        done = self.kernel.load()
        self.check("the rules are loaded", done.returncode == 0, done.stderr)
        done = run(IPFWADM, "prove", "live")
        self.check("as they were loaded", done.returncode == 0 and
                   done.stdout == f"{TARGET}: alike for every packet\n", done.stdout + done.stderr)
        for edit in ("-I -d deny -P tcp -S 10.0.0.0/8 -D 0/0 20:30 -W eth0",
                     "-I -i accept -P udp -D 0/0 99 -r 77", "-O -p deny"):
            run(IPFWADM, *edit.split())
        done = run(IPFWADM, "prove", "live")
        self.check("after edits", done.returncode == 0, done.stdout + done.stderr)
        run(IPFWADM, "-I", "-a", "accept", "-P", "udp", "-D", "0/0", "7")
        done = run(IPFWADM, "prove", "--for", TARGET, "live")
        self.check("for this target", done.returncode == 0, done.stdout + done.stderr)

    def changed(self):
        self.kernel.load()
        lists = {chain: self.kernel.rules(chain) for chain in LISTS}
        for chain, rules in lists.items():
            for handle, words in rules:
                if re.search("--ctdir|connmark|--ctstate SNAT", words):
                    continue	# carries verdicts between lists
                self.found(f"deleted: {chain}: {words}", (self.kernel.delete, chain, handle))
                for what, pattern, to in SUBSTITUTIONS:
                    other = re.sub(pattern, to, words)
                    if other != words:
                        self.found(f"{what}: {chain}: {other}",
                                   (self.kernel.replace, chain, handle, other))
        moved = [i for i, (_, words) in enumerate(lists[LISTS[0]]) if "10.9.0.0" in words]
        rules = lists[LISTS[0]]
        self.tried = EVERY - 1
        self.found("moved", (self.kernel.delete, LISTS[0], rules[moved[1]][0]),
                   (self.kernel.insert, LISTS[0], rules[moved[0]][0], rules[moved[1]][1]))
        self.tried = EVERY - 1
        self.found("added", (self.kernel.insert, LISTS[0], rules[0][0], {
            "nft": "tcp dport 1 accept", "xtables": "-p tcp -m tcp --dport 1 -j RETURN"}[BACKEND]))

    def unknown(self):
        place = {"nft": r"nft: undecided: the kernel: nftables\[\d+\]: expr\[\d\]: not known: ",
                 "xtables": r"iptables: undecided: the kernel:\d+:\d+: not known here: '"}[BACKEND]
        for words in UNKNOWN:
            self.kernel.load()
            handle = self.kernel.rules(LISTS[0])[0][0]
            done = self.kernel.insert(LISTS[0], handle, words)
            self.check(f"added: {words}", done.returncode == 0, done.stderr)
            done = run(IPFWADM, "prove", "live")
            self.check(f"its place: {words}", done.returncode == UNDECIDED and
                       re.match(place, done.stdout), done.stdout + done.stderr)

    def dumped(self):
        """A dump, and what the kernel makes of it, beside the rules; and other rules."""
        with tempfile.TemporaryDirectory() as scratch:
            names = {name: os.path.join(scratch, name) for name in ("rules", "dump", "others")}
            interfaces = "interface eth0 192.168.1.1/24\ninterface ppp0 198.51.100.17/32\n"
            with open(names["rules"], "w") as f:
                f.write(interfaces + RULES)
            with open(names["others"], "w") as f:
                f.write(interfaces + RULES.replace("-O -a deny", "-O -a accept"))
            text = run(IPFWADM, "dump", "--prove", TARGET, names["rules"]).stdout
            run(*{"nft": ["nft", "flush", "ruleset"],
                  "xtables": ["true"]}[BACKEND])
            loader, lister = {"nft": ("nft -f -", "nft -j list ruleset"),
                              "xtables": ("iptables-legacy-restore", "iptables-legacy-save")
                              }[BACKEND]
            done = run(*loader.split(), text=text)
            self.check("a dump is loaded", done.returncode == 0, done.stderr)
            with open(names["dump"], "w") as f:
                f.write(run(*lister.split()).stdout)
            done = run(IPFWADM, "diff", names["rules"], names["dump"])
            self.check("rules and their dump", done.returncode == 0 and
                       done.stdout.count("alike for every packet") == 3,
                       done.stdout + done.stderr)
            done = run(IPFWADM, "diff", names["dump"], names["others"])
            self.check("other rules", done.returncode == 1 and
                       ": differs: " in done.stdout and "-> 203.0.113." in done.stdout,
                       done.stdout + done.stderr)


def main():
    probe = {"nft": "nft list ruleset", "xtables": "iptables-legacy -t mangle -S"}[BACKEND]
    namespace.enter(probe, "--net")
    run("ip", "link", "set", "lo", "up")
    for name, address in (("eth0", "192.168.1.1/24"), ("ppp0", "198.51.100.17/32")):
        run("ip", "link", "add", name, "type", "veth", "peer", "name", f"far-{name}")
        run("ip", "address", "add", address, "dev", name)
        run("ip", "link", "set", name, "up")
    suite = Suite()
    suite.untouched()
    suite.changed()
    suite.unknown()
    suite.dumped()
    print(f"{suite.passed} passed, {suite.failed} failed")
    return suite.failed != 0


sys.exit(main())
