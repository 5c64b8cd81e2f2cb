#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: nft xtables
# slow
# long
# root
"""Writers that are killed, and others who change our chains all the time.

Eight processes edit rules of their own and are killed -9 on their way, while other users
edit theirs and let themselves in through our chains: no rule of anybody is lost.  Then
commands, while others flush our chains, add to them, delete from them, and save and restore
all rules: -f and -p succeed, what is printed without a warning is in force, and a script
that is run again ends with what it says.

	SEED=N COMMANDS=N tests/live/attacks.py
"""
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
import namespace  # noqa: E402

IPFWADM = os.path.abspath(os.path.join(os.environ.get("BUILD", "build"), "bin/ipfwadm"))
BACKEND = os.environ.get("BACKEND", "nft")
LONG = "LONG" in os.environ
SEED = int(os.environ.get("SEED", time.time_ns() % 1000000))
COMMANDS = int(os.environ.get("COMMANDS", 3000 if LONG else 150))
EDITS = 100 if LONG else 8	# of each writer
WRITERS = 8
SECONDS = 60 * int(os.environ.get("TIME_FACTOR", 1))
SCRIPT = """-I -f
-O -f
-F -f
-A -f
-I -p deny
-O -p accept
-F -p reject
-I -a accept -W lo -P icmp
-I -a accept -P udp -S 127.0.0.1 -D 127.0.0.1 999
-F -a masquerade -S 10.0.0.0/8
-A both -a -P tcp -D 0/0 25""".splitlines()
# what others do to the rules of NAME; {c}: a chain of ours, {f}: a file
OPENS = {"nft": "nft insert rule ip ipfwadm input tcp dport 22 accept",
         "xtables": "iptables-legacy -w -t mangle -I ipfw-input -p tcp --dport 22 -j ACCEPT"}
THEIRS = {"nft": "nft add rule ip theirs c ip saddr {} accept",
          "xtables": "iptables-legacy -w -t mangle -A theirs -s {} -j ACCEPT"}
ATTACKS = {
    "nft": ["nft flush chain ip ipfwadm {c}", "nft insert rule ip ipfwadm {c} accept",
            "nft add rule ip ipfwadm {c} drop", "nft flush ruleset",
            "nft list ruleset >{f}; nft flush ruleset; nft -f {f}",
            "nft list ruleset >{f}; sleep 0.1; nft flush ruleset; nft -f {f}",
            "nft -a list chain ip ipfwadm {c} | sed -n 's/.*# handle //p' | sed 1d | head -n 1 |"
            " xargs -r nft delete rule ip ipfwadm {c} handle"],
    "xtables": ["iptables-legacy -w -t {c}", "iptables-legacy -w -t {t} -F",
                "iptables-legacy -w -t {c2} -j ACCEPT", "iptables-legacy -w -t {c2} -j DROP",
                "iptables-legacy-save -c >{f}; iptables-legacy-restore -w -c <{f}",
                "iptables-legacy-save >{f}; sleep 0.1; iptables-legacy-restore -w <{f}"],
}
CHAINS = {
    "nft": {"c": "input forward output input-hook forward-hook output-hook local-output"
                 " fragments masqueraded record".split()},
    "xtables": {"t": "mangle nat raw filter".split(),
                "c": ["mangle -D ipfw-input 1", "mangle -F ipfw-input", "mangle -D ipfw-forward 1",
                      "mangle -F ipfw-broken", "nat -F ipfw-masqueraded",
                      "mangle -D PREROUTING 1", "mangle -F ipfw-record",
                      "mangle -D ipfw-record 1"],
                "c2": ["mangle -I ipfw-input", "mangle -A ipfw-forward", "mangle -I ipfw-local",
                       "nat -I ipfw-masqueraded", "mangle -A ipfw-record"]},
}[BACKEND]
failed = passed = 0


def ok(what, good, told=""):
    global failed, passed	# pylint: disable=global-statement
    passed += bool(good)
    failed += not good
    if not good:
        print(f"FAIL {what}, SEED={SEED}\n     " + str(told).replace("\n", "\n     "))


def ipfwadm(*words, text=""):
    return subprocess.run([IPFWADM, *words], input=text, text=True, capture_output=True,
                          check=False, timeout=SECONDS)


def shell(command):
    return subprocess.run(["sh", "-c", command], check=False, capture_output=True, text=True,
                          timeout=SECONDS)


def clear():
    shell("nft flush ruleset" if BACKEND == "nft" else
          "for t in raw mangle nat filter; do iptables-legacy -w -t $t -F;"
          " iptables-legacy -w -t $t -X; done")


def in_force():
    """Without counters and the record of what was loaded."""
    text = shell("nft list ruleset" if BACKEND == "nft" else "iptables-legacy-save").stdout
    text = re.sub(r"\tchain record \{.*?\n\t\}\n", "", text, flags=re.S)
    text = re.sub(r"packets \d+ bytes \d+", "", text)
    return sorted(x for x in text.split("\n") if x and x[0] not in ":#" and "ipfw-record" not in x)


class Writer(threading.Thread):
    """Edits rules of its own on the input list; knows which there must be."""

    within = 0.02   # seconds: the longest delay, which all learn, so that half are killed

    def __init__(self, number):
        super().__init__()
        self.rng = random.Random(f"{SEED} {number}")
        self.number = number
        self.rules, self.wrong, self.killed = [], [], 0

    def rules_now(self):
        done = ipfwadm("save")
        if done.returncode:
            self.wrong.append(done.stderr)
        return re.findall(rf"-I -a deny .*-S (10\.{self.number}\.\d+\.\d+)/", done.stdout)

    def edit(self):
        if self.rules and self.rng.random() < 0.3:
            gone = self.rng.choice(self.rules)
            return "-d", gone, [r for r in self.rules if r != gone]
        new = f"10.{self.number}.{self.rng.randrange(256)}.{self.rng.randrange(256)}"
        if new in self.rules:
            return self.edit()
        if self.rng.random() < 0.5:
            return "-a", new, self.rules + [new]
        return "-i", new, [new] + self.rules

    def run(self):
        for _ in range(EDITS):
            op, address, after = self.edit()
            words = ["-I", op, "deny", "-P", "tcp", "-S", address, "-o"]
            if self.rng.random() < 2 / 3:
                done = ipfwadm(*words)
                if done.returncode:
                    self.wrong.append(f"{words}: {done}")
                self.rules = after
                continue
            with subprocess.Popen([IPFWADM, *words], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL) as p:
                time.sleep(self.rng.uniform(0, Writer.within))
                p.kill()
                dead = p.wait() < 0
            self.killed += dead
            Writer.within *= 1.3 if dead else 1 / 1.3
            now = self.rules_now()
            if now not in (self.rules, after):
                self.wrong.append(f"{words} killed: {self.rules} became {now}")
            self.rules = now


def foreign_users(stop, added):
    """Each lets himself in and adds a rule to a chain of his own."""
    n = 0
    while not stop.is_set():
        if shell(THEIRS[BACKEND].format(f"172.16.{n // 256}.{n % 256}")).returncode == 0:
            added.append(n)
        n += 1
        if n % 5 == 1:
            shell(OPENS[BACKEND])
        time.sleep(0.05)


def writers():
    clear()
    shell("nft 'table ip theirs { chain c { }; }'" if BACKEND == "nft" else
          "iptables-legacy -w -t mangle -N theirs")
    ipfwadm("load", "-", text="-I -p deny\n")
    all_of_them = [Writer(i) for i in range(WRITERS)]
    stop, added = threading.Event(), []
    foreign = threading.Thread(target=foreign_users, args=(stop, added))
    foreign.start()
    for w in all_of_them:
        w.start()
    for w in all_of_them:
        w.join()
    stop.set()
    foreign.join()
    for w in all_of_them:
        ok(f"writer {w.number}: no command fails, a killed one is done or not", not w.wrong,
           "\n".join(w.wrong))
        ok(f"writer {w.number}: its rules are there", w.rules_now() == w.rules,
           f"{w.rules_now()}, not {w.rules}")
    killed = sum(w.killed for w in all_of_them)
    ok("some were killed", killed > WRITERS * EDITS / 30, killed)
    theirs = "\n".join(in_force())
    for n in added:
        ok(f"rule {n} of others is there", f"172.16.{n // 256}.{n % 256}" in theirs)
    ok("ours are as we say once what others added is gone",
       ipfwadm("refresh").returncode == 0 and not ipfwadm("save").stderr)
    print(f"{WRITERS * EDITS} edits, {killed} killed, {len(added)} rules of others")


class Attacker(threading.Thread):
    """Changes our chains until it is stopped."""

    def __init__(self, rng, file):
        super().__init__()
        self.rng, self.file = rng, file
        self.stop = threading.Event()
        self.done = []

    def run(self):
        while not self.stop.is_set():
            command = self.rng.choice(ATTACKS[BACKEND]).format(
                f=self.file, **{k: self.rng.choice(v) for k, v in CHAINS.items()})
            self.done.append(f"{command}: {shell(command).returncode}")
            time.sleep(self.rng.uniform(0, 0.05))


def random_command(rng):
    rule = rng.choice(["-S 127.0.0.1 -P udp", "-P tcp -S 10.1.0.0/16 -D 0/0 25 -y -o",
                       "-S 10.2.0.0/16 -b", "-S 192.0.2.1 -D 198.51.100.0/24 -t 0x01 0x10"])
    comment = "--comment " + 15 * "long"
    what = rng.choice(["accept", "deny", "reject"])
    return rng.choice([f"-I -a {what} {rule}", f"-I -i {what} {rule}", f"-I -d {what} {rule}",
                       f"-O -a {what} {rule} {comment}",
                       f"-F -a masquerade {rule} {comment}", f"-F -d masquerade {rule}",
                       f"-A -a {rule}", f"-A -d {rule}", "-I -z", "-I -l -n", "-A -l -z", "save",
                       "refresh", "backends", "dump nft", f"-{rng.choice('IFOA')} -f",
                       f"-{rng.choice('IFO')} -p {what}"])


def passes():
    """Does a datagram to ourselves?"""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as to, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as by:
        to.bind(("127.0.0.1", 999))
        to.settimeout(0.2)
        by.bind(("127.0.0.1", 1025))
        try:
            by.sendto(b"x", ("127.0.0.1", 999))
            return bool(to.recv(8))
        except OSError:
            return False


def is_true(text, scratch):
    """Is what was printed without a warning in force?"""
    sim = f"sim:{scratch}/sim"
    ipfwadm("--backend", sim, "load", "-", text=text)
    told = [ipfwadm("--backend", sim, f"-{x}", "-c", *"-P udp -S 127.0.0.1 1025 -D 127.0.0.1 999"
                    " -V 127.0.0.1 -W lo".split()).stdout for x in "OI"]
    wanted = told == ["packet accepted\n"] * 2
    return passes() == wanted


def script():
    return [f"{line}: {done}" for line in SCRIPT if (done := ipfwadm(*line.split())).returncode]


def storm(scratch):
    clear()
    rng = random.Random(f"{SEED} storm")
    script()
    wanted, rules, silent, attacks = ipfwadm("save").stdout, in_force(), 0, 0
    for n in range(COMMANDS // 25):
        attacker = Attacker(random.Random(f"{SEED} attacker {n}"), f"{scratch}/ruleset")
        attacker.start()
        told = []
        for _ in range(25):
            words = random_command(rng)
            done = ipfwadm(*words.split())
            told.append(f"{words}: {done.returncode} {done.stderr}")
            ok(f"{n}: {words} ends with a status", 0 <= done.returncode, done)
            if re.search(" -[fp]", words):
                ok(f"{n}: {words} works", done.returncode == 0, done)
        attacker.stop.set()
        attacker.join()
        attacks += len(attacker.done)
        history = "\n".join(told + attacker.done)
        saved = ipfwadm("save")
        ok(f"{n}: save fails and prints nothing, or does both not",
           saved.returncode == 0 if saved.stdout else saved.returncode == 1, saved)
        if saved.returncode == 0 and not saved.stderr:
            silent += 1
            ok(f"{n}: what save prints is in force", is_true(saved.stdout, scratch),
               f"{saved.stdout}\n{history}\n" + "\n".join(in_force()))
        wrong = script()
        ok(f"{n}: the script works", not wrong, "\n".join(wrong) + history)
        saved = ipfwadm("save")
        ok(f"{n}: and says what there is", (saved.stdout, saved.stderr) == (wanted, ""),
           f"{saved}\n{history}")
        got = in_force()
        ok(f"{n}: which is in force", got == rules,
           [f"- {x}" for x in rules if x not in got] + [f"+ {x}" for x in got if x not in rules]
           + [history])
    ok("attacks were made", attacks > COMMANDS / 25, attacks)
    print(f"{COMMANDS} commands, {attacks} attacks, {silent} times nothing was told")


def main():
    namespace.enter()
    os.environ["IPFWADM_BACKEND"] = BACKEND
    shell("ip link set lo up; ip link add eth0 type bridge; ip addr add 10.0.0.1/24 dev eth0")
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["XTABLES_LOCKFILE"] = os.path.join(scratch, "lock")
        writers()
        storm(scratch)
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
