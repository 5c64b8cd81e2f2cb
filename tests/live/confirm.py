#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: sim nft xtables
# slow
# root
"""Changes that go back unless they are confirmed: run and load with --confirm.

KILLS=100: how often a run is killed on its way.
"""
import ctypes
import os
import pty
import random
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
import namespace  # noqa: E402

PROGRAM = os.path.abspath(os.path.join(os.environ.get("BUILD", "build"), "bin/ipfwadm"))
BACKEND = os.environ.get("BACKEND", "sim")
FACTOR = int(os.environ.get("TIME_FACTOR", 1))
KILLS = int(os.environ.get("KILLS", 100 if "LONG" in os.environ else 12))
BEFORE = "-I -p deny\n[7:420] -I -a accept -P tcp -D 10.0.0.1 22\n-O -a accept -W lo\n"
SCRIPT = """#!/bin/sh
for i in 1 2 3 4 5 6 7 8; do ipfwadm -I -i deny -S 203.0.113.$i; done
ipfwadm -O -p reject
"""
NEW = "-O -p reject"
tests = []


def test(function):
    tests.append(function)
    return function


def same(what, got, wanted):
    assert got == wanted, f"{what}: {got!r}, not {wanted!r}"


def holds(what, text, pattern):
    assert re.search(pattern, text), f"{what}: {text!r} has no {pattern!r}"


def as_nobody(function):
    """A process of another user calls it with a socket."""
    child = os.fork()
    if child == 0:
        try:
            ctypes.CDLL(None).setuid(65534)
            function(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
            os._exit(0)
        except ConnectionError:
            os._exit(0)
        finally:
            os._exit(1)
    return child


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self, env, *args):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(PROGRAM, [PROGRAM, *args], env)
        self.text = ""

    def expect(self, pattern, seconds=20):
        end = time.monotonic() + seconds * FACTOR
        while not re.search(pattern, self.text):
            left = end - time.monotonic()
            assert left > 0 and select.select([self.fd], [], [], left)[0], \
                f"no {pattern!r} in {self.text!r}"
            try:
                self.text += os.read(self.fd, 4096).decode()
            except OSError:
                assert re.search(pattern, self.text), f"no {pattern!r} in {self.text!r}"

    def type(self, text):
        os.write(self.fd, text.encode())

    def status(self):
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def close(self):
        os.close(self.fd)


class World:
    def __init__(self, scratch):
        self.scratch = scratch
        spec = f"sim:{scratch}/rules.sim" if BACKEND == "sim" else BACKEND
        self.env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
                    "XTABLES_LOCKFILE": f"{scratch}/lock", "IPFWADM_BACKEND": spec}
        self.script = f"{scratch}/script"
        self.file = f"{scratch}/file"
        for path, text in (self.script, SCRIPT), (self.file, BEFORE + NEW + "\n"):
            with open(path, "w", encoding="ascii") as f:
                f.write(text)

    def ipfwadm(self, *args, text=""):
        done = subprocess.run([PROGRAM, *args], env=self.env, input=text, text=True,
                              capture_output=True, timeout=60, check=False)
        return done.returncode, done.stderr

    def fresh(self):
        same("load", self.ipfwadm("load", "-", text=BEFORE), (0, ""))
        self.before = self.saved()

    def saved(self):
        return subprocess.run([PROGRAM, "save", "--counters"], env=self.env, text=True,
                              capture_output=True, timeout=60, check=True).stdout

    def is_new(self):
        holds("in force", self.saved(), NEW)

    def goes_back(self, seconds=10):
        end = time.monotonic() + seconds * FACTOR
        while self.saved() != self.before:
            assert time.monotonic() < end, "the rules do not go back: " + self.saved()
            time.sleep(0.1)


@test
def goes_back_by_itself(w):
    for command in (["run", "--confirm", "2", w.script], ["load", "--confirm=2", w.file],
                    ["load", "--append", "--confirm", "2", w.file]):
        status, told = w.ipfwadm(*command)
        same("status", status, 0)
        holds("told", told, "the rules go back in 2 s unless 'ipfwadm confirm' keeps them")
        w.is_new()
        w.goes_back()


@test
def confirmed_it_stays(w):
    same("nothing waits", w.ipfwadm("confirm")[0], 1)
    w.ipfwadm("run", "--confirm", "2", w.script)
    same("from another session", subprocess.run(["setsid", PROGRAM, "confirm"], env=w.env,
                                                check=False).returncode, 0)
    time.sleep(2.5)
    w.is_new()
    status, told = w.ipfwadm("confirm")
    same("once", status, 1)
    holds("once", told, "nothing waits to be confirmed")


@test
def second_is_told_who_holds_it(w):
    w.ipfwadm("run", "--confirm", "60", w.script)
    rules = w.saved()
    for command in ["load", "--confirm", "60", "/dev/null"], ["run", "--confirm", "5", w.script]:
        status, told = w.ipfwadm(*command)
        same("status", status, 1)
        holds("whose", told, r"nothing changed: a change waits to be confirmed: 'ipfwadm run "
              r".*script' of process \d+, user 0, (60|5\d) s left")
        same("nothing changed", w.saved(), rules)
    same("confirm", w.ipfwadm("confirm")[0], 0)


@test
def refused_seconds(w):
    for seconds in "0", "-1", "86401", "x", "":
        same(seconds, w.ipfwadm("run", "--confirm", seconds, w.script)[0], 2)
        same(seconds, w.ipfwadm("load", "--confirm", seconds, w.file)[0], 2)
    same("nothing changed", w.saved(), w.before)


@test
def a_change_that_fails_waits_for_nothing(w):
    with open(w.script + ".fails", "w", encoding="ascii") as f:
        f.write(SCRIPT + "exit 1\n")
    same("status", w.ipfwadm("run", "--confirm", "60", w.script + ".fails")[0], 1)
    same("nothing waits", w.ipfwadm("confirm")[0], 1)
    same("nothing changed", w.saved(), w.before)


@test
def asked_at_a_terminal(w):
    for answer, status in ("yes\n", 0), ("n\n", 1):
        t = Terminal(w.env, "run", "--confirm", "60", w.script)
        t.expect(r"Keep the new rules\? They go back in 60 s")
        w.is_new()
        t.type(answer)
        if status:
            t.expect("not confirmed: the rules are what they were before")
            w.goes_back(0)
        else:
            w.is_new()
        same(answer, t.status(), status)
        t.close()
        same("nothing waits", w.ipfwadm("confirm")[0], 1)
        w.fresh()
    t = Terminal(w.env, "load", "--confirm", "60", w.file)
    t.expect("Keep the new rules")
    same("from elsewhere", w.ipfwadm("confirm")[0], 0)
    same("which is seen", t.status(), 0)
    t.close()
    w.is_new()


@test
def time_passes_at_a_terminal(w):
    t = Terminal(w.env, "run", "--confirm", "2", w.script)
    t.expect("in 1 s")
    t.expect("not confirmed: the rules are what they were before")
    same("status", t.status(), 1)
    t.close()
    w.goes_back(0)


@test
def survives(w):
    """kill -9 of the session, a closed terminal, ^C, and a session that is stopped."""
    for how in "kill", "close", "interrupt", "stop":
        t = Terminal(w.env, "run", "--confirm", "3", w.script)
        t.expect("Keep the new rules")
        w.is_new()
        if how == "kill":
            os.killpg(t.pid, signal.SIGKILL)
        elif how == "close":
            t.close()
        elif how == "interrupt":
            t.type("\x03")
        else:
            os.killpg(t.pid, signal.SIGSTOP)
        w.is_new()
        w.goes_back()
        if how == "stop":
            os.killpg(t.pid, signal.SIGCONT)
        assert t.status() != 0
        if how != "close":
            t.close()


@test
def killed_on_its_way(w):
    """Old rules, or new ones that wait to be confirmed; never new ones without that."""
    rand = random.Random(int(os.environ.get("SEED", 1)))
    begin = time.monotonic()
    w.ipfwadm("run", "--confirm", "60", w.script)
    taken = time.monotonic() - begin
    w.ipfwadm("confirm")
    for _ in range(KILLS):
        w.fresh()
        process = subprocess.Popen([PROGRAM, "run", "--confirm", "60", w.script], env=w.env,
                                   stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rand.uniform(taken / 2, taken * 1.1))
        process.kill()
        process.wait()
        time.sleep(0.1 * FACTOR)	# what is on its way to the kernel
        if w.ipfwadm("confirm")[0] == 0:
            w.is_new()
        else:
            w.goes_back()


@test
def others_cannot_interfere(w):
    """Another user neither confirms nor passes for the process that reverts."""
    w.ipfwadm("run", "--confirm", "3", w.script)
    with open("/proc/net/unix", encoding="ascii") as f:
        name = re.search("@(ipfwadm-confirm[^ \n]*)", f.read())[1]

    def confirm(s):
        s.connect("\0" + name)
        s.send(b"K")
        assert not s.recv(100)

    def pretend(s):
        s.bind("\0" + name)
        s.listen()
        signal.pause()

    same("no answer", os.waitpid(as_nobody(confirm), 0)[1], 0)
    w.goes_back()
    time.sleep(0.3 * FACTOR)
    child = as_nobody(pretend)
    time.sleep(0.3 * FACTOR)
    holds("who it is", w.ipfwadm("confirm")[1], f"process {child} of user 65534 pretends")
    status, told = w.ipfwadm("run", "--confirm", "3", w.script)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    same("refused", status, 1)
    holds("who it is", told, f"nothing changed: process {child} of user 65534 pretends")
    same("nothing changed", w.saved(), w.before)


@test
def tried_again(w):
    """What cannot be put back at once is put back later, and meanwhile it is too late."""
    if BACKEND != "sim":
        return
    t = Terminal(w.env, "run", "--confirm", "1", w.script)
    t.expect("Keep the new rules")
    os.rename(f"{w.scratch}/rules.sim", f"{w.scratch}/moved")
    os.mkdir(f"{w.scratch}/rules.sim")
    t.expect("cannot be put back: .*; it is tried again every second")
    holds("too late", w.ipfwadm("confirm")[1], "too late: the rules are being put back")
    os.rmdir(f"{w.scratch}/rules.sim")
    os.rename(f"{w.scratch}/moved", f"{w.scratch}/rules.sim")
    t.expect("not confirmed: the rules are what they were before")
    same("status", t.status(), 1)
    t.close()
    w.goes_back(0)


@test
def nothing_to_put_back(w):
    """Without the folder of a simulator's file there are no rules, and nothing is tried again."""
    if BACKEND != "sim":
        return
    folder = f"{w.scratch}/gone"
    os.mkdir(folder)
    t = Terminal(dict(w.env, IPFWADM_BACKEND=f"sim:{folder}/rules"), "run", "--confirm", "1",
                 w.script)
    t.expect("Keep the new rules")
    shutil.rmtree(folder)
    t.expect("No such file or directory.*\n")
    same("tried again", "tried again" in t.text, False)
    same("status", t.status(), 1)
    t.close()


def main():
    namespace.enter(flags="--net --mount")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    passed = failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        w = World(scratch)
        for function in tests:
            w.fresh()
            try:
                function(w)
                passed += 1
            except Exception:	# pylint: disable=broad-except
                failed += 1
                print(f"FAIL {function.__name__}\n{traceback.format_exc()}")
            w.ipfwadm("confirm")	# nothing of a test that failed is left
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


main()
