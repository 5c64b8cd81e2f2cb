#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# slow
# long
"""The engine: unconfirmed commits never stay in force, and what it refuses to do.

BACKENDS="sim nft" chooses the backends (by default sim, nft and xtables), KILLS how many
workers are killed on each, EVERY=1 that each single allocation fails, as make check-long
has it, and not every fortieth; all of it happens in a network namespace of its own.
"""
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
import namespace  # noqa: E402
from engine_client import Engine, kill  # noqa: E402

PROGRAM = os.path.abspath(os.path.join(os.environ.get("BUILD", "build"), "bin/ipfwadm"))
LONG = os.environ.get("LONG")
KILLS = int(os.environ.get("KILLS", "200" if LONG else "12"))
EVERY = int(os.environ.get("EVERY", "1" if LONG else "40"))
SEED = int(os.environ.get("SEED", random.randrange(1 << 32)))
BEFORE = ["-I -p deny", "-I -a accept -W lo", "-F -a masquerade -S 10.0.0.0/8", "-A in -a -W lo"]
EDITS = ["-I -i deny -S 192.0.2.1", "-F -p deny", {"delete": 1, "list": "A"}]
PLAIN = ["-I -i deny -S 192.0.2.1", "-O -p reject"]
tests = []


def on_backends(function):
    tests.append((function, True))
    return function


def on_sim(function):
    tests.append((function, False))
    return function


def same(what, got, wanted):
    assert got == wanted, f"{what}: {got!r}, not {wanted!r}"


class World:
    def __init__(self, scratch, backend):
        self.scratch = scratch
        self.file = os.path.join(scratch, "rules.sim")
        self.env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
                    "XTABLES_LOCKFILE": os.path.join(scratch, "lock"),
                    "IPFWADM_BACKEND": "sim:" + self.file if backend == "sim" else backend}
        self.rules = "\n".join(BEFORE) + "\n"
        self.run("load", "-", text=self.rules)
        self.before = self.run("save")

    def run(self, *args, text=""):
        done = subprocess.run([PROGRAM, *args], env=self.env, input=text, text=True,
                              capture_output=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def engine(self, **env):
        return Engine(PROGRAM, dict(self.env, **env))

    def is_as_before(self, what):
        same(what, self.run("save"), self.before)

    def fails_at(self, n):
        """The environment in which one allocation of the workers fails."""
        return {"LD_PRELOAD": os.path.join(self.scratch, "../fail_once.so"),
                "FAIL_AT": str(n), "FAIL_CHILDREN": "1",
                "FAIL_REACHED": os.path.join(self.scratch, "reached")}


def commit(engine, edits, seconds=600):
    return engine.ask("commit", edits=edits, confirm=seconds)


def commit_seconds(w):
    """How long a commit takes until it is answered."""
    e = w.engine()
    start = time.monotonic()
    commit(e, EDITS)
    takes = time.monotonic() - start
    e.close()
    return takes


@on_backends
def goes_back(w):
    e = w.engine()
    answer = commit(e, EDITS)
    same("armed", (answer["status"], answer["confirm"]), (0, 600))
    assert w.run("save") != w.before
    same("reverted", e.ask("revert")["status"], 0)
    w.is_as_before("when revert is answered")
    same("a notice", [n["reverted"] for n in e.notices], [True])
    same("again", e.ask("revert")["status"], 1)
    same("in time", commit(e, PLAIN, 1)["status"], 0)
    same("time is over", e.notice()["reverted"], True)
    w.is_as_before("when that is reported")
    same("stays", (commit(e, PLAIN)["status"], e.ask("confirm")["status"]), (0, 0))
    same("no confirm twice", e.ask("confirm")["status"], 1)
    e.close()
    assert w.run("save") != w.before


@on_backends
def shell_is_lost(w):
    takes = commit_seconds(w)
    for delay in [takes * i / 10 for i in range(13)]:
        for edits in (EDITS, PLAIN):
            e = w.engine()
            e.send("Q", {"do": "commit", "edits": edits, "confirm": 600})
            time.sleep(delay)
            e.close()
            w.is_as_before(f"the shell lost after {delay} s")


@on_backends
def engine_is_killed(w):
    """The rules go back although nothing of the shell's is left."""
    takes = commit_seconds(w)
    for delay in [takes * i / 4 for i in range(7)]:
        e = w.engine()
        e.send("Q", {"do": "commit", "edits": EDITS, "confirm": 600})
        time.sleep(delay)
        e.process.kill()
        e.close()
        for _ in range(100):
            if w.run("save") == w.before:
                break
            time.sleep(0.1)
        time.sleep(takes / 2)	# nothing comes afterwards
        w.is_as_before(f"the engine killed after {delay} s")


@on_backends
def confirmed_elsewhere(w):
    e = w.engine()
    same("armed", commit(e, EDITS)["status"], 0)
    other = subprocess.run([PROGRAM, "run", "--confirm", "9", "/dev/null"], env=w.env, text=True,
                           capture_output=True, check=False)
    assert "a change waits to be confirmed: 'ipfwadm shell' of process" in other.stderr, other
    w.run("confirm")
    same("told", e.notice().get("confirmed"), True)
    same("nothing waits", e.ask("confirm")["status"], 1)
    e.close()
    assert w.run("save") != w.before


@on_backends
def worker_is_killed(w):
    rand = random.Random(SEED)
    killed, takes, i = 0, commit_seconds(w), 0
    while i < KILLS or (not killed and i < 20 * KILLS):
        i += 1
        e = w.engine()
        start = time.monotonic()
        e.send("Q", {"do": "commit", "edits": rand.choice([EDITS, PLAIN]), "confirm": 600})
        delay = rand.random() * takes * 1.2
        while time.monotonic() - start < delay:
            pass
        for pid in e.workers():
            kill(pid, signal.SIGKILL)
        answer = e.answer()
        if answer["status"]:
            killed += 1
            w.is_as_before(f"kill {i} after {delay:.4f} s: {answer}")
        e.close()
        w.is_as_before(f"kill {i}, without a shell")
    assert killed, "no worker was killed in time"


@on_backends
def allocation_fails(w):
    failures = 0
    for n in range(1 + random.Random(SEED).randrange(EVERY), 5000, EVERY):
        e = w.engine(**w.fails_at(n))
        answer = commit(e, EDITS if n % 2 else PLAIN)
        if answer["status"]:
            failures += 1
            w.is_as_before(f"allocation {n} failed: {answer}")
            e.close()
        else:
            e.close()
            w.is_as_before(f"allocation {n} failed, without a shell")
        reached = os.path.join(w.scratch, "reached")
        if not os.path.exists(reached):
            break
        os.unlink(reached)
    assert failures * EVERY > 50, f"{failures} failures"


@on_sim
def revert_fails(w):
    """confirm is too late while the rules are being put back."""
    e = w.engine()
    same("armed", commit(e, PLAIN, 1)["status"], 0)
    os.rename(w.file, w.file + ".away")
    os.mkdir(w.file)
    notice = e.notice()
    same("not yet", (notice["reverted"], "tried again" in notice["text"]), (False, True))
    same("too late", e.ask("confirm")["status"], 1)
    same("no change", e.ask("commit", edits=PLAIN)["status"], 1)
    os.rmdir(w.file)
    os.rename(w.file + ".away", w.file)
    same("at last", e.notice()["reverted"], True)
    w.is_as_before("when it is reported")
    e.close()


def refuses(e, *words, **members):
    answer = e.ask("run", words=list(words), **members)
    assert answer["status"] not in (0, 3), f"{words} are carried out: {answer}"


@on_sim
def opens_nothing(w):
    secret = os.path.join(w.scratch, "secret")
    with open(secret, "w", encoding="ascii") as f:
        f.write("secret words\n")
    script = os.path.join(w.scratch, "script")
    with open(script, "w", encoding="ascii") as f:
        f.write("-I -p accept\n")
    e = w.engine()
    for words in (["load", "-n", secret], ["load", script], ["dump", "nft", secret],
                  ["trace", "-P", "udp", "-S", "127.0.0.1", "1", "-D", "127.0.0.1", "2",
                   "--rules", secret], ["trace", "-P", "udp", "-S", "127.0.0.1", "1", "-D",
                   "127.0.0.1", "2", "--rules=" + secret],
                  ["shell", secret], ["shell", "--engine", script], ["engine"],
                  ["--backend", "sim:" + secret, "-I", "-f"],
                  ["--backend=sim:" + secret, "-I", "-l"],
                  ["-I", "-l", "--backend", "sim:" + secret], ["backends", "--backend", "nft"]):
        refuses(e, *words)
    assert b"secret words" not in e.output, e.output
    with open(secret, encoding="ascii") as f:
        same("the file", f.read(), "secret words\n")
    w.is_as_before("after all that")
    same("handed over", e.ask("run", words=["dump", "ipfwadm", "-"], name="mine",
                              text="-I -a deny -S 9.9.9.9\n")["status"], 0)
    assert b"9.9.9.9" in e.output
    e.ask("run", words=["dump", "nft", "mine"], name="mine", text="-I -a dney\n")
    assert b"mine:1:7: error" in e.output, e.output
    same("a comment", e.ask("run", words=["-I", "-a", "deny", "--comment", "--backend"])
         ["status"], 0)
    e.close()


def works(backend):
    env = dict(os.environ, IPFWADM_BACKEND=backend)
    return backend == "sim" or not subprocess.run([PROGRAM, "-I", "-l"], env=env,
                                                  capture_output=True, check=False).returncode


def main():
    namespace.enter(user=True)
    counts = dict.fromkeys(["passed", "failed", "skipped"], 0)
    scratch = tempfile.mkdtemp(prefix="ipfwadm-test.")
    subprocess.run(["cc", "-shared", "-fPIC", "-D_GNU_SOURCE", "-o", scratch + "/fail_once.so",
                    "tests/lib/preload/fail_once.c"], check=True)
    for backend in os.environ.get("BACKENDS", "sim nft xtables").split():
        if not works(backend):
            print(f"SKIP {backend} does not work here")
            counts["skipped"] += 1
            continue
        for function, everywhere in tests:
            if len(sys.argv) > 1 and function.__name__ not in sys.argv[1:]:
                continue
            if not everywhere and backend != "sim":
                continue
            own = tempfile.mkdtemp(dir=scratch)
            start = time.monotonic()
            try:
                function(World(own, backend))
                counts["passed"] += 1
            except Exception:  # pylint: disable=broad-except
                print(f"FAIL {function.__name__} on {backend}, SEED={SEED}")
                traceback.print_exc(file=sys.stdout)
                counts["failed"] += 1
            if os.environ.get("V"):
                print(f"{function.__name__} {backend} {time.monotonic() - start:.1f} s")
    shutil.rmtree(scratch)
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**counts))
    sys.exit(counts["failed"] > 0)


main()
