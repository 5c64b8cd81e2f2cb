# SPDX-License-Identifier: GPL-2.0-or-later
"""Recorded commands of ipfwadm 2.3.0, with rules in force in the running kernel.

Each command runs for real in a network namespace that has the interfaces of the
recording; what it prints and its exit status must be what was recorded, and so
must the listings of the published scripts, and their /proc texts if the backend
has them.
"""
import difflib
import glob
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

import namespace

BUILD = os.environ.get("BUILD", "build")
IPFWADM = os.path.abspath(os.path.join(BUILD, "bin/ipfwadm"))
OLD = os.path.abspath(os.path.join(BUILD, "tests/old-ipfwadm"))
FACTOR = int(os.environ.get("TIME_FACTOR", 1))
EVERY = int(os.environ.get("EVERY", 1))
RECORDED = "tests/recorded"
ADDRESSES = {"eth0": "10.0.0.1/24", "eth1": "192.168.1.1/24", "ppp0": "1.2.3.4/32"}
HOSTS = """\
127.0.0.1 localhost
10.5.5.5 single.example
10.1.1.1 multi.example
10.1.1.2 multi.example
10.1.2.3 multi.example
172.16.0.1 pair.example
172.16.0.2 pair.example
10.9.9.9 a-very-long-host-name.example.org
"""
# which letter of the saved form belongs to which list of 'counters'
LETTERS = "FIOA"
LISTING = {"n": ["-n"], "ne": ["-n", "-e"], "nex": ["-n", "-e", "-x"]}


FLUSH = {
    "kmod": IPFWADM + " load /dev/null",
    "sim": IPFWADM + " load /dev/null",
    "nft": "nft flush ruleset",
    "xtables": "for t in raw mangle nat filter; do iptables-legacy -t $t -F && "
               "iptables-legacy -t $t -X || exit; done",
}


class Program:
    def __init__(self, backend, scratch, by_turns=False):
        self.flush = FLUSH[backend]
        self.by_turns, self.turns = by_turns, 0
        self.has_proc = backend == "kmod"
        self.hosts = os.path.join(scratch, "hosts")
        self.rules = os.path.join(scratch, "rules")
        with open(self.hosts, "w", encoding="ascii") as f:
            f.write(HOSTS)
        self.env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "TZ": "UTC",
                    "HOME": scratch, "XDG_RUNTIME_DIR": scratch,
                    "IPFWADM_BACKEND": f"sim:{scratch}/sim" if backend == "sim" else backend,
                    "XTABLES_LOCKFILE": os.path.join(scratch, "lock"),
                    "LD_PRELOAD": glob.glob("/usr/lib/*/libnss_wrapper.so")[0],
                    "NSS_WRAPPER_HOSTS": self.hosts}

    def fresh(self):
        subprocess.run(["sh", "-c", self.flush], check=True, env=self.env)

    def run(self, argv):
        words = ["ipfwadm"] + argv
        self.turns += 1
        if self.by_turns and self.turns % 2:    # argv[0] of the program is in messages
            words = ["ipfwadm", "compat", OLD, IPFWADM] + argv
        p = subprocess.run(words, executable=IPFWADM, env=self.env, text=True,
                           stdin=subprocess.DEVNULL, capture_output=True, timeout=20 * FACTOR,
                           check=False)
        err = p.stderr
        if argv[:1] == ["load"] or "-v" in argv:        # 2.3.0 had nothing to report
            err = re.sub(r"^ipfwadm: approximate: .*\n", "", err, flags=re.M)
        return p.stdout, err, p.returncode & 255

    def set_counters(self, wanted):
        """Save the rules, write packets and bytes in front of some, and load them."""
        want = {(LETTERS[where], n): counts for where, n, *counts in wanted}
        seen = dict.fromkeys(LETTERS, 0)
        lines = []
        for line in self.run(["save"])[0].splitlines(keepends=True):
            rule = re.match(r"-([AFIO])\b.*\s-a\b", line)
            if rule:
                key = rule.group(1), seen[rule.group(1)]
                seen[rule.group(1)] += 1
                if key in want:
                    line = "[%d:%d] %s" % (*want[key], line)
            lines.append(line)
        with open(self.rules, "w", encoding="ascii") as f:
            f.writelines(lines)
        out, err, status = self.run(["load", self.rules])
        if out or err or status:
            print(f"FAIL load with counters: {status} {out}{err}")


class Tally:
    def __init__(self):
        self.passed = self.failed = 0

    def compare(self, name, wanted, got):
        """Compares a row of values; wanted ones that are None do not matter."""
        bad = [(w, g) for w, g in zip(wanted, got) if w is not None and w != g]
        self.failed += bool(bad)
        self.passed += not bad
        if bad:
            print(f"FAIL {name}")
        for want, have in bad:
            if isinstance(want, str):
                print("\n".join(difflib.unified_diff(want.splitlines(), have.splitlines(),
                                                     "wanted", "got", lineterm="", n=1)))
            else:
                print(f"  wanted {want}, got {have}")


def recorded(name):
    with open(os.path.join(RECORDED, name + ".jsonl"), encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def sample(rows):
    """Of recordings, of which each begins with a fresh row, every EVERY-th, whole."""
    n = -1
    for row in rows:
        n += row.get("fresh", False)
        if n % EVERY == 0:
            yield row


def commands_check(program, tally):
    for row in sample(recorded("cli")):
        if row["fresh"]:
            program.fresh()
        if "counters" in row:
            program.set_counters(row["counters"])
        tally.compare(f"{row['id']} ipfwadm {shlex.join(row['argv'])}",
                      (row["stdout"], row["stderr"], row["exit"]), program.run(row["argv"]))


def script_check(program, tally, script):
    program.fresh()
    for command in script["commands"]:
        if "/proc/net/ip_masquerade" in command["stderr_first"]:
            continue
        _, err, status = program.run(shlex.split(command["cmd"])[1:])
        tally.compare(f"{script['name']}: {command['cmd']}",
                      (command["stderr_first"], command["exit"]),
                      (err.split("\n", 1)[0], status))
    for key, text in script["lists"].items():
        category, options = key.split("_")
        out = program.run(["-" + category, "-l"] + LISTING[options])[0]
        tally.compare(f"{script['name']}: -{category} -l, {options}", (text,), (out,))
    for name, text in script["proc"].items() if program.has_proc else ():
        with open("/proc/net/" + name, encoding="ascii") as f:
            tally.compare(f"{script['name']}: {name}", (text,), (f.read(),))


def interfaces_make():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for name, address in ADDRESSES.items():
        subprocess.run(["ip", "link", "add", name, "type", "bridge"], check=True)
        subprocess.run(["ip", "addr", "add", address, "dev", name], check=True)


def main(backend, by_turns=False):
    """by_turns: every other command by an old program and the preload library."""
    namespace.enter()
    interfaces_make()
    tally = Tally()
    with tempfile.TemporaryDirectory() as scratch:
        program = Program(backend, scratch, by_turns)
        commands_check(program, tally)
        for script in recorded("scripts")[::EVERY]:
            script_check(program, tally, script)
    print(f"{tally.passed} passed, {tally.failed} failed")
    sys.exit(1 if tally.failed or not tally.passed else 0)


if __name__ == "__main__":
    main(sys.argv[1])
