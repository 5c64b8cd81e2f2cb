#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: nft xtables
# root
"""Rules that other programs saved and restored as text are ours again.

Random rule sets, at least a third of them with commands above 128 bytes, go each road of
restoring: the kernel's rules through the text of nft or iptables-save, and our own dump.
Lists, policies and counters must be the same, and work must go on.
"""
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
import namespace  # noqa: E402

BUILD = os.environ.get("BUILD", "build")
BACKEND = os.environ.get("BACKEND", "nft")
IPFWADM = os.path.abspath(os.path.join(BUILD, "bin/ipfwadm"))
DUMP_RANDOM = os.path.join(BUILD, "tests/dump-random")
SETS = 200 if os.environ.get("LONG") else 10

FLUSH = {"nft": "nft flush ruleset",
         "xtables": "for t in raw mangle nat filter; do iptables-legacy -t $t -F;"
                    " iptables-legacy -t $t -X; done"}[BACKEND]
# a rule of others at both ends of the input list, and all rules there
OTHERS = {"nft": "nft insert rule ip ipfwadm input tcp dport 22 accept;"
                 " nft add rule ip ipfwadm input tcp dport 23 drop",
          "xtables": "iptables-legacy -t mangle -I ipfw-input -p tcp --dport 22 -j ACCEPT;"
                     " iptables-legacy -t mangle -I ipfw-input 3 -p tcp --dport 23 -j DROP",
          }[BACKEND]
INPUT = {"nft": "nft list chain ip ipfwadm input",
         "xtables": "iptables-legacy -t mangle -S ipfw-input"}[BACKEND]
# {0}: the text
ROADS = {
    "nft": {"nft list ruleset": ("nft list ruleset >{0}", "nft -f {0}"),
            "dump": ("$I save --counters >{0}.s; $I dump nft {0}.s >{0}; [ $? != 1 ]",
                     "nft -f {0}")},
    "xtables": {"iptables-save": ("iptables-legacy-save -c >{0}",
                                  "iptables-legacy-restore -c {0}"),
                "dump": ("$I save --counters >{0}.s; $I dump iptables {0}.s >{0};"
                         " [ $? != 1 ]", "iptables-legacy-restore -c -n {0}")},
}[BACKEND]


class Suite:
    def __init__(self, scratch):
        self.passed = self.failed = self.skipped = self.long = 0
        self.text = os.path.join(scratch, "text")

    def check(self, name, good, told=""):
        self.passed += bool(good)
        self.failed += not good
        if not good:
            print(f"FAIL {name}\n{told}")

    def run(self, command, text=None):
        env = dict(os.environ, IPFWADM_BACKEND=BACKEND, I=IPFWADM)
        return subprocess.run(["sh", "-c", command], check=False, capture_output=True,
                              input=text, text=True, errors="surrogateescape", env=env)

    def road(self, name, save, restore):
        before = self.run("$I save --counters")
        for step in (save, FLUSH, restore):
            done = self.run(step.format(self.text))
            if done.returncode:
                self.check(f"{name}: {step}", False, done.stderr)
                return
        after = self.run("$I save --counters")
        self.check(f"{name}: the lists are the same", after.stdout == before.stdout,
                   f"{before.stdout}\n---\n{after.stdout}{after.stderr}")
        self.check(f"{name}: nothing is reported", not after.stderr, after.stderr)
        done = self.run("$I -I -i deny -S 192.0.2.99 && $I save --counters; "
                        "$I -I -d deny -S 192.0.2.99 && $I refresh && $I save --counters")
        lines = done.stdout.replace(
            "[0:0] -I -a deny -S 192.0.2.99/32 -D 0.0.0.0/0\n", "")
        self.check(f"{name}: work goes on", lines == 2 * before.stdout,
                   f"{before.stdout}\n---\n{done.stdout}{done.stderr}")

    def random_set(self, seed):
        """The set without the rules that no command can say or this backend express."""
        lines = subprocess.run([DUMP_RANDOM, str(seed), "saved"], check=True, text=True,
                               capture_output=True).stdout.splitlines()
        while True:
            with open(self.text + ".load", "w", encoding="utf-8") as f:
                f.write("\n".join(lines) + "\n")
            told = self.run(f"$I load {self.text}.load").stderr
            bad = {int(n) for n in re.findall(r"load:(\d+):\d+: error:", told)}
            if not bad:
                return
            lines = [x for i, x in enumerate(lines, 1) if i not in bad]

    def random(self, seed):
        self.random_set(seed)
        for name, (save, restore) in ROADS.items():
            self.run(FLUSH)
            done = self.run(f"$I load {self.text}.load")
            if done.returncode:
                self.skipped += 1
                print(f"SKIP {seed}: {done.stderr}")
                return
            self.road(f"{seed}, {name}", save, restore)
        with open(self.text + ".load", encoding="utf-8") as f:
            self.long += any(len(line) > 128 + 8 for line in f)


    def unknown(self):
        """Rules whose commands are not all known: nothing is printed, and nothing done."""
        self.run(FLUSH)
        self.run("$I -I -p deny; $I -F -p reject; $I -I -a deny -W eth0 --comment "
                 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggg"
                 " -S 255.255.255.255 -D 255.255.255.255 -P tcp -o -k -t 0x01 0x10"
                 " --helper ftp 1>&2; $I -I -a deny -W eth0 -o -k -P tcp -t 0x01 0x10"
                 " -S 198.51.100.100/255.255.255.255 1001 1002 1003 1004 1005"
                 " -D 198.51.100.100/255.255.255.255 1001 1002 1003 1004 1005 --comment "
                 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggg")
        save, restore = ROADS[{"nft": "nft list ruleset", "xtables": "iptables-save"}[BACKEND]]
        self.run(save.format(self.text))
        with open(self.text, encoding="utf-8") as f:
            lines = f.read().splitlines()
        for what in "settings: ", ".00 -I -a":
            self.run(FLUSH)
            with open(self.text, "w", encoding="utf-8") as f:
                f.write("\n".join(x for x in lines if what not in x) + "\n")
            done = self.run(restore.format(self.text))
            self.check("the text without a line loads", not done.returncode, done.stderr)
            for command in "-I -l", "save", "dump nft", "dump iptables", "dump json":
                done = self.run(f"$I {command}")
                printed = "policy" in done.stdout if "json" in command else done.stdout
                self.check(f"without '{what}': {command} prints no rules and fails",
                           done.returncode == 1 and not printed and done.stderr,
                           f"{done.returncode} {done.stdout}{done.stderr}")
            for command in "-I -f", "-I -p deny", "-F -f", "-F -p reject", "-O -a deny":
                self.run(FLUSH)
                self.run(restore.format(self.text))
                done = self.run(f"$I {command} && $I save")
                self.check(f"without '{what}': {command} works", not done.returncode
                           and "changed by others" in done.stderr, done.stderr)
                self.check("all policies stay", done.stdout.split("\n")[2:4] ==
                           ["-I -p deny", "-F -p reject"], done.stdout)

    def others(self):
        """Rules of others among those that were restored are named, and stay where they are."""
        for name, (save, restore) in ROADS.items():
            for command in "-O -a deny -S 192.0.2.1", "-A -a", "-F -p deny", "-I -z":
                self.run(FLUSH)
                self.run("$I load -", "-I -a accept -W lo\n-I -a deny -S 192.0.2.2\n")
                for step in (save, FLUSH, restore, OTHERS):
                    self.run(step.format(self.text))
                before = self.run(INPUT).stdout
                done = self.run(f"$I {command}")
                self.check(f"{name}: {command} names them", not done.returncode
                           and "was not loaded" in done.stderr, done.stderr)
                after = self.run(INPUT).stdout
                self.check(f"{name}: {command} leaves them", before == after and
                           "dport 23" in after, f"{before}\n---\n{after}")


def main():
    namespace.enter()
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["XTABLES_LOCKFILE"] = os.path.join(scratch, "lock")
        suite = Suite(scratch)
        suite.run("ip link set lo up; ip link add eth0 type bridge;"
                  " ip addr add 10.0.0.1/24 dev eth0")
        seed = int(os.environ.get("SEED", "0"))
        for i in range(seed, seed + SETS):
            suite.random(i)
        suite.check("a third has commands above 128 bytes", 3 * suite.long >= SETS,
                    f"{suite.long} of {SETS}")
        suite.unknown()
        suite.others()
    print(f"{suite.passed} passed, {suite.failed} failed" +
          (f", {suite.skipped} skipped" if suite.skipped else ""))
    return 1 if suite.failed else 0


if __name__ == "__main__":
    sys.exit(main())
