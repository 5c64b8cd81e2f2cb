#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The small program does what the whole one does, or hands over to it untouched.

Recorded command lines run with the small program (as it is shipped, and with
sanitizers) and with the whole one: what they print, their status and the rules that
stand then must be the same.  Beside a stand-in for the whole program it shows which
commands it carries out alone, and that the others arrive there word for word.
"""
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

BUILD = os.path.abspath(os.environ.get("BUILD", "build"))
ASAN = os.path.abspath(os.environ.get("ASAN", BUILD + "/asan"))
WHOLE = BUILD + "/bin/ipfwadm-whole"
LINES = 60
FLUSH = {
    "nft": "nft flush ruleset",
    "xtables": "for t in raw mangle nat filter; do iptables-legacy -t $t -F && "
               "iptables-legacy -t $t -X || exit; done",
    "sim": "rm -f $SIM",
}
STAND_IN = """#!/bin/sh
printf '%s\\n' "$@" >"${0%/*}/words"
exit 7
"""
# it does not live long enough to give memory back
SANITIZED = {"ASAN_OPTIONS": "detect_leaks=0:verify_asan_link_order=0"}
# done by the small program alone, on an empty list and in this order
ALONE = [
    "-I -a deny -P tcp -S 10.0.0.0/8 1024:65535 -D 0/0 80",
    "-I -i accept -P udp -S 192.0.2.1 53 -o",
    "-O -a reject -W eth0 -P icmp -S 0.0.0.0/0 8",
    "-I -a accept -P tcp -k --state established",
    "-I -d accept -P udp -S 192.0.2.1 53 -o",
    "-F -p deny",
    "-A out -a -S 10.0.0.0/255.255.0.0",
    "-I -z",
    "-M -s 60 10 20",
    "-O -f",
    "-A in -f",
    "-F -i masquerade -S 10.1.0.0/16 -t 01 10",
]
# names, listings, several edits, mistakes, other backends: not its business
HANDED = [
    [], ["-h"], ["save"], ["load", "-"], ["version"], ["--version"], ["nonsense"],
    ["-I", "-l"], ["-I", "-l", "-n", "-z"], ["-v", "-I", "-l", "-n", "--json"],
    ["-M", "-l"], ["-T", "-l"],
    ["-I", "-c", "-P", "tcp", "-S", "1.2.3.4", "1", "-D", "1.2.3.4", "2", "-W", "lo"],
    ["-I", "-a", "deny", "-P", "tcp", "-D", "0/0", "telnet"],
    ["-I", "-a", "deny", "-S", "localhost"], ["-I", "-a", "deny", "-S", "127.1"],
    ["-I", "-a", "deny", "-V", "localhost"],
    ["-I", "-b", "-a", "deny", "-P", "udp", "-S", "single.example", "-v"],
    ["-I", "-a", "deny", "-v"], ["-v", "-O", "-f"],
    ["-I", "-a", "deny", "-P", "tcpx"], ["-I", "-a", "deny", "-S", ""],
    ["-I", "-d", "deny", "-S", "192.0.2.99"], ["-I", "-a", "perhaps"], ["-I", "-p"],
    ["--json", "-I", "-f"], ["-I", "-f", "--trace-backend"], ["--mark-mask", "1", "-I", "-f"],
    ["--backend", "sim:/dev/null/x", "-I", "-f"], ["--backend=none", "-I", "-f"],
    ["-I", "-a", "deny", "--comment", "a word\nand\ttwo", "-S", "no.such.host"],
]


class Suite:
    def __init__(self, scratch):
        self.passed = self.failed = self.skipped = 0
        self.scratch = scratch

    def check(self, name, got, wanted):
        if got == wanted:
            self.passed += 1
            return
        self.failed += 1
        print(f"FAIL {name}\n     got    {got!r:.1000}\n     wanted {wanted!r:.1000}")


def spec(backend):
    return "sim:" + os.environ["SIM"] if backend == "sim" else backend


def run(program, argv, backend, **env):
    p = subprocess.run(["ipfwadm", *argv], executable=program, text=True, check=False,
                       env=os.environ | {"IPFWADM_BACKEND": spec(backend)} | SANITIZED | env,
                       stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    return p.stdout, p.stderr, p.returncode & 255


def fresh(backend):
    subprocess.run(["sh", "-c", FLUSH[backend]], check=True)


def saved(backend):
    return run(WHOLE, ["save", "--counters"], backend)[0]


def alone(suite, quick, backend):
    """The stand-in is not asked, and the rules are those that the whole program makes."""
    home = tempfile.mkdtemp(dir=suite.scratch)
    shutil.copy(quick, home + "/ipfwadm")
    fresh(backend)
    for line in ALONE:
        suite.check(f"{backend}: {line}", run(home + "/ipfwadm", line.split(), backend),
                    ("", "", 0))
    got = saved(backend)
    fresh(backend)
    for line in ALONE:
        run(WHOLE, line.split(), backend)
    suite.check(f"{backend}: the same rules", got, saved(backend))
    if backend == "sim":
        for argv in (["-I", "-l", "-n"], ["-O", "-l", "-ne"], ["-A", "-l", "-n", "-x", "-e"]):
            suite.check(f"{argv}", run(home + "/ipfwadm", argv, backend),
                        run(WHOLE, argv, backend))
    _, said, status = run(home + "/ipfwadm", ["-I", "-l"], backend)
    suite.check("there is no whole program", (said, status),
                ("ipfwadm: cannot start 'ipfwadm-whole': No such file or directory\n", 1))


def handed(suite, quick, backend):
    home = tempfile.mkdtemp(dir=suite.scratch)
    shutil.copy(quick, home + "/ipfwadm")
    with open(home + "/ipfwadm-whole", "w", encoding="ascii") as f:
        f.write(STAND_IN)
    os.chmod(home + "/ipfwadm-whole", 0o755)
    fresh(backend)
    run(WHOLE, ["-I", "-a", "accept", "-S", "192.0.2.7"], backend)
    before = saved(backend)
    for argv in HANDED + ([] if backend == "sim" else [["-I", "-l", "-n"]]):
        suite.check(f"{backend}: {argv}", run(home + "/ipfwadm", argv, backend), ("", "", 7))
        with open(home + "/words", encoding="ascii") as f:
            suite.check(f"the words of {argv}", f.read(), "\n".join(argv) + "\n")
    suite.check("who preloads something", run(home + "/ipfwadm", ["-I", "-f"], backend,
                                              LD_PRELOAD="libm.so.6"), ("", "", 7))
    suite.check(f"{backend}: nothing has changed", saved(backend), before)


def recorded(suite, quick, backend):
    with open("tests/recorded/lines.jsonl", encoding="ascii") as f:
        lines = [json.loads(line)["argv"] for line in f]
    rng = random.Random(1)
    lines = rng.sample(lines, LINES)
    results = []
    for program in (quick, WHOLE):
        fresh(backend)
        results.append([run(program, argv, backend) + (saved(backend) if i % 10 == 9 else "",)
                        for i, argv in enumerate(lines)])
    for argv, got, wanted in zip(lines, *results):
        suite.check(f"{backend}: {argv}", got, wanted)


def without_proc(suite):
    """Early in a boot, or in a bare chroot."""
    command = "umount -l /proc && cd /tmp && exec " + BUILD + "/bin/ipfwadm version"
    p = subprocess.run(["unshare", "-m", "sh", "-c", command], text=True, check=False,
                       capture_output=True)
    suite.check("no /proc", (p.stdout, p.stderr),
                (run(WHOLE, ["version"], "nft")[0], ""))


def main():
    # pylint: disable=no-member
    if os.environ.get("QUICK_SUITE_INSIDE") is None:
        if subprocess.run(["unshare", "-n", "true"], check=False).returncode:
            print("SKIP no network namespace can be made here (root?)")
            print("0 passed, 0 failed, 1 skipped")
            return 77
        os.environ["QUICK_SUITE_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "-n", sys.executable, __file__])
    with tempfile.TemporaryDirectory(prefix="ipfwadm-test.") as scratch:
        os.environ["XTABLES_LOCKFILE"] = scratch + "/lock"
        os.environ["SIM"] = scratch + "/sim"
        suite = Suite(scratch)
        for backend in FLUSH:
            try:
                fresh(backend)
            except subprocess.CalledProcessError:
                print(f"SKIP no {backend} here")
                suite.skipped += 1
                continue
            for quick in (BUILD + "/bin/ipfwadm", ASAN + "/bin/ipfwadm-quick"):
                alone(suite, quick, backend)
                handed(suite, quick, backend)
                recorded(suite, quick, backend)
        without_proc(suite)
    print(f"{suite.passed} passed, {suite.failed} failed, {suite.skipped} skipped")
    return bool(suite.failed)


sys.exit(main())
