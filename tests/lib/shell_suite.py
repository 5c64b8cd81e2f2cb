# SPDX-License-Identifier: GPL-2.0-or-later
"""A suite of sessions of the shell: functions that take a World, on one backend or on all.

BACKENDS="sim nft" chooses the backends (by default sim, nft and xtables); all of it
happens in a network namespace of its own.  SEED repeats a random run.
"""
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

import namespace

from shell_session import Session, outside

BUILD = os.environ.get("BUILD", "build")
PLAIN = os.path.abspath(os.path.join(BUILD, "bin/ipfwadm"))
CHECKED = os.path.abspath(os.path.join(os.environ.get("ASAN", BUILD + "/asan"), "bin/ipfwadm"))
SEED = int(os.environ.get("SEED", random.randrange(1 << 32)))
tests = []


def on_backends(function):
    tests.append((function, True))
    return function


def once(function):
    tests.append((function, False))
    return function


class World:
    """A backend, a home, and what goes with them."""

    def __init__(self, scratch, backend):
        self.scratch = scratch
        self.backend = backend
        self.file = os.path.join(scratch, "rules.sim")
        self.env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
                    "TERM": "xterm", "HOME": scratch, "INPUTRC": "/dev/null",
                    "NO_COLOR": "1",
                    "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", ""),
                    "IPFWADM_BACKEND": "sim:" + self.file if backend == "sim" else backend}
        if "XTABLES_LOCKFILE" in os.environ:
            self.env["XTABLES_LOCKFILE"] = os.environ["XTABLES_LOCKFILE"]
        if backend == "sim":
            with open(self.file, "w", encoding="ascii") as f:
                f.write("interface eth0 192.168.1.1/24\ninterface ppp0 198.51.100.17/32\n")
        for letter in "AIFO":
            self.outside(f"-{letter}", "-f")

    def session(self, program=CHECKED, **size):
        return Session(program, self.env, **size)

    def outside(self, *argv):
        return outside(PLAIN, self.env, *argv)

    def inputs(self):
        return [line for line in self.outside("save").split("\n") if line.startswith("-I -a")]


def same(what, got, wanted):
    assert got == wanted, f"{what}: {got!r}, not {wanted!r}"


def holds(what, text, pattern):
    assert re.search(pattern, text), f"{what}: no {pattern!r} in {text!r}"


def until(true, what, seconds=10):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not {what}"
        time.sleep(0.05)


class Skip(Exception):
    pass


def works(backend):
    if backend == "sim":
        return True
    env = dict(os.environ, IPFWADM_BACKEND=backend)
    # some may list rules and not change them: root of a user namespace
    return all(subprocess.run([PLAIN, "-I", *edit], env=env, capture_output=True,
                              check=False).returncode == 0
               for edit in (["-a", "deny"], ["-f"]))


def run(function, backend):
    scratch = tempfile.mkdtemp(prefix="ipfwadm-test.")
    try:
        function(World(scratch, backend))
        return "passed"
    except Skip as e:
        print(f"SKIP {function.__name__}: {e}")
        return "skipped"
    except Exception:  # pylint: disable=broad-except
        print(f"FAIL {function.__name__} on {backend}, SEED={SEED}")
        traceback.print_exc(file=sys.stdout)
        return "failed"
    finally:
        shutil.rmtree(scratch)


def suite_run():
    # the first process is in the same namespace, so that prompts do not name it
    namespace.enter(flags="--net --pid --fork --mount-proc --kill-child", user=True)
    counts = dict.fromkeys(["passed", "failed", "skipped"], 0)
    wanted = os.environ.get("BACKENDS", "sim nft xtables").split()
    backends = [b for b in wanted if works(b)]
    for backend in set(wanted) - set(backends):
        print(f"SKIP {backend} does not work here")
        counts["skipped"] += 1
    for function, everywhere in tests:
        if len(sys.argv) > 1 and function.__name__ not in sys.argv[1:]:
            continue
        for backend in backends if everywhere else ["sim"]:
            start = time.monotonic()
            counts[run(function, backend)] += 1
            if os.environ.get("V"):
                print(f"{function.__name__} {backend} {time.monotonic() - start:.1f} s")
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**counts))
    sys.exit(counts["failed"] > 0)
