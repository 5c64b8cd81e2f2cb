#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Speed and memory of ipfwadm against the usual tools on the same work: one table.

	table.py [WORD]...	the rows whose job contains each WORD (all rows)

A row: job, ours, peer, ratio, target.  Ours and the peer's command run in turns,
each in a network namespace of its own with equal rules; figures are medians of
RUNS (9) runs.  Rows "above E" subtract what a program that does nothing takes to
start: a dynamically linked C program, measured in the same turns.  Where it is
allowed, all of it runs with real-time priority, so that other work of the machine
does not count.  A ratio above its target is marked; the exit status stays 0,
because a busy machine is no defect.
"""
import ctypes
import math
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import connections  # noqa: E402

ROOT = os.getcwd()
IPFWADM = os.path.join(ROOT, os.environ.get("BUILD", "build"), "bin/ipfwadm")
RUNS = int(os.environ.get("RUNS", 9))
FOUND = {"lint": 6, "diff": 1}  # statuses of those that have found something
CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


class Namespace:
    """A network namespace; `with` it, commands run there."""

    def __init__(self):
        here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        if libc.unshare(CLONE_NEWNET):
            sys.exit("SKIP no network namespace can be made here (root?)")
        self.fd = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        libc.setns(here, CLONE_NEWNET)
        os.close(here)
        self.before = -1

    def __enter__(self):
        self.before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        libc.setns(self.fd, CLONE_NEWNET)

    def __exit__(self, *_):
        libc.setns(self.before, CLONE_NEWNET)
        os.close(self.before)


def measure(command):
    """Runs it; milliseconds, and MB of memory at the most."""
    away = [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_WRONLY, 0) for fd in (1, 2)]
    program = shutil.which(command[0])
    begin = time.perf_counter_ns()
    process = os.posix_spawn(program, command, os.environ, file_actions=away)
    _, status, usage = os.wait4(process, 0)
    taken = time.perf_counter_ns() - begin
    if os.waitstatus_to_exitcode(status) not in (0, FOUND.get("".join(command[1:2]), 0)):
        sys.exit(f"{' '.join(command)}: status {os.waitstatus_to_exitcode(status)}")
    return taken / 1e6, usage.ru_maxrss * 1024 / 1e6


def quiet(*command, text=None):
    subprocess.run(command, input=text, text=True, check=True, stdout=subprocess.DEVNULL)


def output(path, *command):
    with open(path, "w") as f:
        subprocess.run(command, stdout=f, check=True)


class Bench:
    """The table, and what its rows need."""

    def __init__(self, words):
        self.words = words
        self.ours, self.peer = Namespace(), Namespace()
        quiet("cc", "-O2", "-x", "c", "-o", "nothing", "-", text="int main(void) { return 0; }\n")
        print(f"{'job':54} {'ours':>11} {'peer':>11} {'ratio':>6} {'target':>6}")

    def wanted(self, job):
        return all(word in job for word in self.words)

    def show(self, job, unit, ours, peer, target):
        ratio = ours / peer
        print(f"{job:54} {ours:8.2f} {unit} {peer:8.2f} {unit} {ratio:6.2f} {target:>6}"
              f"{' <' if ratio > target else ''}", flush=True)

    def row(self, job, ours, peer, target, before=None, above=0, runs=RUNS):
        """before(is_ours) prepares a run; above: empty programs to subtract on both sides."""
        if not self.wanted(job):
            return None
        times = [], [], []
        for _ in range(runs):
            for i, (where, command) in enumerate(((self.ours, ours), (self.peer, peer))):
                with where:
                    if before:
                        before(i == 0)
                    times[i].append(measure(command)[0])
            times[2].append(measure(["./nothing"])[0])
        empty = above * statistics.median(times[2])
        result = [statistics.median(side) - empty for side in times[:2]]
        self.show(job, "ms", *result, target)
        return result[0]

    def memory(self, job, command, limit):
        if self.wanted(job):
            with self.ours:
                self.show(job, "MB", measure(command)[1], limit, 1)

    def limit(self, job, command, milliseconds):
        if self.wanted(job):
            with self.ours:
                times = [measure(command)[0] for _ in range(RUNS)]
            self.show(job, "ms", statistics.median(times), milliseconds, 1)

    def growth(self, job, small, large):
        """Two times of one job, the second with ten times as many rules."""
        if small and large:
            exponent = math.log10(large / small)
            print(f"{job + ': exponent of growth':54} {'':11} {'':11} {exponent:6.2f} {1.1:>6}"
                  f"{' <' if exponent > 1.1 else ''}", flush=True)


def network(i):
    return f"10.{i >> 8 & 255}.{i & 255}.0/24"


def rules_write(path, numbers, verb="-a", tail=""):
    with open(path, "w") as f:
        for i in numbers:
            f.write(f"-I {verb} deny -P tcp -S {network(i)} -D 0.0.0.0/0 "
                    f"{1000 + i % 60000}{tail}\n")


def script_write(path, line, n=1000):
    with open(path, "w") as f:
        for i in range(n):
            f.write(line.format(net=network(i), port=1000 + i) + "\n")


class Nft:
    name, form = "nft", "nft"
    listing = ["nft", "list", "ruleset"]
    append = ["nft", "add", "rule", "ip", "ipfwadm", "input", "ip", "saddr", "192.0.2.1",
              "tcp", "dport", "80", "counter", "drop"]
    script = "iptables-nft -A INPUT -p tcp -s {net} --dport {port} -j DROP"
    targets = {"empty": 0.2, "full": 0.85, "load": 0.38, "list": 0.36, "script": 0.5, "run": 0.25}
    memory = 115

    @staticmethod
    def flush(_=None):
        quiet("nft", "flush", "ruleset")

    @staticmethod
    def restore(path):
        return ["nft", "-f", path]


class Xtables:
    name, form = "xtables", "iptables"
    listing = ["iptables-legacy-save", "-c"]
    append = ["iptables-legacy", "-t", "mangle", "-A", "ipfw-input", "-p", "tcp", "-s",
              "192.0.2.1", "--dport", "80", "-j", "DROP"]
    script = "iptables-legacy -A INPUT -p tcp -s {net} --dport {port} -j DROP"
    targets = {"empty": 1.2, "full": 1, "load": 0.8, "list": 1, "script": 1.1, "run": 0.5}
    memory = 165

    @staticmethod
    def flush(_=None):
        quiet("iptables-legacy", "-t", "mangle", "-F")
        quiet("iptables-legacy", "-t", "mangle", "-X")

    @staticmethod
    def restore(path):
        return ["iptables-legacy-restore", path]


OUR_APPEND = [IPFWADM, "-I", "-a", "deny", "-P", "tcp", "-S", "192.0.2.1", "-D", "0/0", "80"]


def append_to_empty(bench, kind):
    """The peer's chain is that of our dump with no rule in it."""
    rules_write("none", [])
    output("none.dump", IPFWADM, "dump", kind.form, "none")

    def before(is_ours):
        kind.flush()
        if is_ours:
            quiet(IPFWADM, "-I", "-a", "deny", "-S", "192.0.2.1")
            quiet(IPFWADM, "-I", "-d", "deny", "-S", "192.0.2.1")
        elif kind is Nft:
            quiet("nft", "add", "table", "ip", "ipfwadm")
            quiet("nft", "add", "chain", "ip", "ipfwadm", "input")
        else:
            quiet("iptables-legacy", "-t", "mangle", "-N", "ipfw-input")

    bench.row(f"{kind.name}: append to an empty list", OUR_APPEND, kind.append,
              kind.targets["empty"], before, above=1)
    if kind is Nft:
        bench.row("nft: append to an empty list, to iptables-nft -A", OUR_APPEND,
                  ["iptables-nft", "-A", "INPUT", "-p", "tcp", "-s", "192.0.2.1", "--dport",
                   "80", "-j", "DROP"], 0.5, lambda is_ours: is_ours and before(True), above=1)


def handle():
    """Of some rule in the middle of the peer's 10,000."""
    text = subprocess.run(["nft", "-a", "list", "chain", "ip", "ipfwadm", "input"], text=True,
                          capture_output=True, check=True).stdout.splitlines()
    return next(line for line in text[5000:] if "# handle" in line).split()[-1]


def deletes(bench):
    """One rule of 10,000, and 100 of them in one step, on nft."""
    numbers = iter(range(5000, 10000))

    def prepare(n):
        def before(is_ours):
            if is_ours:
                rules_write("delete", [next(numbers) for _ in range(n)], "-d")
            else:
                with open("delete", "w") as f:
                    f.write(f"delete rule ip ipfwadm input handle {handle()}\n")
        return before

    ours = [IPFWADM, "load", "--append", "delete"]
    one = bench.row("nft: delete one of 10,000 rules", ours, ["nft", "-f", "delete"], 1,
                    prepare(1), above=1)
    job = "nft: delete 100 of 10,000 rules, to one of them"
    if one and bench.wanted(job):
        times = []
        with bench.ours:
            for _ in range(RUNS):
                prepare(100)(True)
                times.append(measure(ours)[0])
        bench.show(job, "ms", statistics.median(times), one, 1.5)


def tables(bench, kind):
    os.environ["IPFWADM_BACKEND"] = kind.name
    append_to_empty(bench, kind)
    loaded, listed, appended = [], [], []
    for n, runs in (10000, RUNS), (100000, 3):
        rules, dump = f"rules.{n}", f"{kind.form}.{n}"
        rules_write(rules, range(n))
        output(dump, IPFWADM, "dump", kind.form, rules)
        load = [IPFWADM, "load", rules]
        loaded.append(bench.row(f"{kind.name}: load {n:,} rules", load, kind.restore(dump),
                                kind.targets["load"], kind.flush, runs=runs))
        for where, command in (bench.ours, load), (bench.peer, kind.restore(dump)):
            with where:
                kind.flush()
                quiet(*command)
        listed.append(bench.row(f"{kind.name}: list {n:,} rules with counters",
                                [IPFWADM, "-I", "-l", "-n", "-e"], kind.listing,
                                kind.targets["list"], runs=runs))
        appended.append(bench.row(f"{kind.name}: append to {n:,} rules", OUR_APPEND, kind.append,
                                  kind.targets["full"], above=1, runs=runs))
        if kind is Nft and n == 10000:
            deletes(bench)
    for job, times in ("load", loaded), ("list", listed), ("append", appended):
        bench.growth(f"{kind.name}: {job}", *times)
    if kind is Xtables:
        bench.memory("xtables: memory of an append to 100,000 rules", OUR_APPEND, 170)
    bench.memory(f"{kind.name}: memory of loading 100,000 rules", [IPFWADM, "load", "rules.100000"],
                 kind.memory)
    script_write("script", "ipfwadm -I -a deny -P tcp -S {net} -D 0/0 {port}")
    script_write("peer.script", kind.script)
    bench.row(f"{kind.name}: script of 1,000 commands", ["bash", "script"],
              ["bash", "peer.script"], kind.targets["script"], kind.flush, above=1000, runs=3)
    bench.row(f"{kind.name}: run of a script of 1,000 commands", [IPFWADM, "run", "script"],
              ["bash", "peer.script"], kind.targets["run"], kind.flush, runs=3)
    if kind is Xtables:
        inserts(bench)
    for where in bench.ours, bench.peer:
        with where:
            kind.flush()


def inserts(bench):
    """A rule with -o before 1,500 such; the peer inserts a LOG and a DROP."""
    rules_write("rules.log", range(1500), tail=" -o")
    with open("iptables.log", "w") as f:
        f.write("*mangle\n")
        for i in range(1500):
            for target in "LOG", "DROP":
                f.write(f"-A PREROUTING -p tcp -s {network(i)} --dport {1000 + i} -j {target}\n")
        f.write("COMMIT\n")
    insert = "iptables-legacy -t mangle -I PREROUTING -p tcp -s 192.0.2.1 --dport 80 -j"

    def before(is_ours):
        Xtables.flush()
        quiet(*([IPFWADM, "load", "rules.log"] if is_ours else
                Xtables.restore("iptables.log")))

    bench.row("xtables: insert with -o into 1,500 such",
              [IPFWADM, "-I", "-i", "deny", "-o", "-P", "tcp", "-S", "192.0.2.1", "-D", "0/0",
               "80"], ["sh", "-c", f"{insert} DROP; {insert} LOG"], 1.2, before, above=1)


def translate(bench):
    """A file of 100,000 rules; the peer reads them in its own language."""
    with open("peers", "w") as peers, open("rules.mixed", "w") as ours:
        peers.write("*filter\n:INPUT ACCEPT [0:0]\n")
        for i in range(100000):
            port, protocol = 1 + i % 60000, "tcp" if i % 2 else "udp"
            policy, target = ("deny", "DROP") if i % 3 else ("accept", "ACCEPT")
            ours.write(f"-I -a {policy} -P {protocol} -S {network(i)} -D 192.168.1.1/32 {port}\n")
            peers.write(f"-A INPUT -s {network(i)} -d 192.168.1.1/32 -p {protocol} -m {protocol} "
                        f"--dport {port} -j {target}\n")
        peers.write("COMMIT\n")
    bench.row("translate 100,000 rules to nft", [IPFWADM, "dump", "nft", "rules.mixed"],
              ["iptables-restore-translate", "-f", "peers"], 0.14, runs=3)


def tracked(bench, count=200000, address=0x0a010101):
    """Tracked connections of the kernel, listed and ended."""
    listing, ending = "list 200,000 connections", "end connections of one address of 200,000"
    if not bench.wanted(listing) and not bench.wanted(ending):
        return
    os.environ["IPFWADM_BACKEND"] = "nft"
    for where in bench.ours, bench.peer:
        with where:
            connections.make(connections.many(count))
    bench.row(listing, [IPFWADM, "-T", "-l", "-n"], ["conntrack", "-L"], 0.5)
    remove = ["conntrack", "-D", "-s", "10.1.1.1"]

    def refill(_):
        subprocess.run(remove, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        connections.make(c for c in connections.many(count) if c.source == address)

    bench.row(ending, [IPFWADM, "-T", "-d", "-S", "10.1.1.1"], remove, 0.12, refill)


def simulator(bench):
    """One command on a small state, to an empty program."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) \
            as state:
        os.environ["IPFWADM_BACKEND"] = f"sim:{state}/state"
        quiet(IPFWADM, "-I", "-p", "deny")
        for job, args in (("append", ["-I", "-a", "deny", "-S", "192.0.2.1"]),
                          ("list", ["-I", "-l", "-n"])):
            bench.row(f"sim: {job}, to an empty program", [IPFWADM] + args, ["./nothing"], 2,
                      runs=5 * RUNS)


def gateway_rules(rng, n):
    """Rules as a gateway has them: narrow ones first, of few networks, many overlap."""
    nets = [f"{rng.randrange(1, 224)}.{rng.randrange(256)}" for _ in range(8)]

    def network():
        bits = rng.choice([0, 0, 0, 16, 24, 24, 28, 32, 32, 32])
        host = rng.getrandbits(16) >> max(0, 32 - bits) << max(0, 32 - bits)
        return bits, f"{rng.choice(nets)}.{host >> 8}.{host & 255}/{bits}" if bits else "0/0"

    def rule():
        (width, source), (other, to) = network(), network()
        protocol = rng.choice(["tcp"] * 3 + ["udp", "all"])
        ports = rng.choice(["", "25", "53 80 110 443", "1024:65535", "6000:6010"])
        options = rng.choice(["", "", "-y" if protocol == "tcp" else "", "-b"]) + \
            rng.choice(["", " -W eth0", " -W eth1", " -W ppp0", " -V 192.168.1.1"])
        return (-width - other - 8 * (ports != "") - rng.randrange(12),
                f"-I -a {rng.choice(['accept', 'accept', 'deny', 'reject'])} -P {protocol} "
                f"-S {source} -D {to} {ports if protocol != 'all' else ''} {options}\n")

    return [text for _, text in sorted(rule() for _ in range(n))]


def analysis(bench):
    """Rules of which many overlap, then some whose destinations do not."""
    rng = random.Random(1)
    for n, limit in (1000, 100), (10000, 2000):
        with open(f"gateway.{n}", "w") as f:
            f.writelines(gateway_rules(rng, n))
        bench.limit(f"lint of {n} rules of a gateway", [IPFWADM, "lint", f"gateway.{n}"], limit)
        lines = [f"-I -a {rng.choice(['accept', 'deny'])} -P tcp -S 10.{rng.randrange(250)}.0.0/16 "
                 f"-D 172.{i >> 8}.{i & 255}.0/25 {rng.choice([25, 53, 80])} 1024 "
                 f"-W eth{rng.randrange(4)}\n" for i in range(n)]
        with open(f"lint.{n}", "w") as f:
            f.writelines(lines)
        bench.limit(f"lint of {n} rules", [IPFWADM, "lint", f"lint.{n}"], limit)
    with open("lint.blocked", "w") as f:
        f.writelines(f"-I -a deny -S 10.{i >> 16}.{i >> 8 & 255}.{i & 255}\n"
                     for i in range(100000))
    bench.limit("lint of 100,000 rules of a block list", [IPFWADM, "lint", "lint.blocked"], 2000)
    bench.memory("memory of lint of 10,000 rules", [IPFWADM, "lint", "gateway.10000"], 50)
    for i in rng.sample(range(0, n, 2), 100):
        lines[i:i + 2] = lines[i + 1], lines[i]
    with open("lint.edited", "w") as f:
        f.writelines(lines)
    bench.limit("diff of 10,000 rules, 100 exchanged",
                [IPFWADM, "diff", "lint.10000", "lint.edited"], 3000)


def main():
    if os.geteuid():
        sys.exit("SKIP rules in the kernel need root")
    if shutil.which("chrt") and "BENCH_INSIDE" not in os.environ:
        os.environ["BENCH_INSIDE"] = "1"
        os.execvp("chrt", ["chrt", "-r", "10", sys.executable] + sys.argv)
    os.environ["PATH"] = f"{os.path.dirname(IPFWADM)}:{os.environ['PATH']}"
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        os.environ["XTABLES_LOCKFILE"] = f"{scratch}/lock"
        bench = Bench(sys.argv[1:])
        simulator(bench)
        tables(bench, Nft)
        tables(bench, Xtables)
        translate(bench)
        analysis(bench)
        tracked(bench)
        os.chdir(ROOT)


main()
