# SPDX-License-Identifier: GPL-2.0-or-later
"""What suites of `ipfwadm translate' share: a declared machine, a user, comparisons."""
import os
import re
import subprocess
import sys
import tempfile
import traceback

import cli_live

PROGRAM = cli_live.IPFWADM
USER = 65533	# no other test's
ROOTS = "root, without user namespaces"	# a user, too
MACHINE = ["--interface", "eth0=192.0.2.10/24", "--interface", "eth0:0=192.0.2.11/24",
           "--interface", "eth1=192.168.1.1/24", "--interface", "eth2,down",
           "--interface", "ppp0=198.51.100.7,peer=198.51.100.1", "--gateway", "192.0.2.1",
           "--host", "www.example.org=203.0.113.80", "--hostname", "gate.example.net",
           "--nameserver", "192.0.2.53", "--nameserver", "198.51.100.53"]


def same(what, got, wanted):
    assert got == wanted, f"{what}: {got!r}, not {wanted!r}"


def holds(what, text, pattern):
    assert re.search(pattern, text, re.M), f"{what}: {text!r} has no {pattern!r}"


def refused_call(call):
    """Words before a command that gets EPERM from it."""
    return [sys.executable, "tests/lib/seccomp.py", call]


class World:
    def __init__(self, scratch):
        self.scratch = scratch
        self.env = dict(os.environ, TMPDIR=scratch, XDG_RUNTIME_DIR=scratch, BASH_ENV="",
                        XTABLES_LOCKFILE=os.path.join(scratch, "lock"))
        self.env.pop("IPFWADM_BACKEND", None)

    def write(self, text, name="script"):
        path = os.path.join(self.scratch, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def script(self, text):
        return self.write("#!/bin/sh\n" + text)

    def ipfwadm(self, *args, user=USER, text=None):
        as_user = ["setpriv", "--reuid", str(user), "--regid", str(user), "--clear-groups"]
        if user == ROOTS:
            as_user = refused_call("unshare:0x10000000")
        done = subprocess.run((as_user if user and os.getuid() == 0 else []) + [PROGRAM, *args],
                              env=self.env, input=text, text=True, capture_output=True,
                              timeout=60 * cli_live.FACTOR, check=False)
        own = [line for line in done.stderr.splitlines(True) if line.startswith(PROGRAM)]
        done.told = "".join(own)
        done.printed = "".join(line for line in done.stderr.splitlines(True)
                               if not line.startswith(PROGRAM))
        return done

    def translate(self, script, *args, user=USER):
        return self.ipfwadm("translate", *MACHINE, "--to", "ipfwadm", script, *args, user=user)


def run(tests, prepare=None):
    """Calls each test with a World, after prepare(world, tally); returns an exit status."""
    if subprocess.run(["setpriv", "--reuid", str(USER), "--clear-groups", "unshare", "-Ur", "true"],
                      check=False).returncode:
        print("SKIP no user namespaces can be made here\n0 passed, 0 failed, 1 skipped")
        return 77
    tally = cli_live.Tally()
    tally.skipped = 0
    with tempfile.TemporaryDirectory() as scratch:
        os.chmod(scratch, 0o755)
        w = World(scratch)
        if prepare:
            prepare(w, tally)
        for function in tests:
            try:
                function(w)
                tally.passed += 1
            except Exception:	# pylint: disable=broad-except
                tally.failed += 1
                print(f"FAIL {function.__name__}\n{traceback.format_exc()}")
    print(f"{tally.passed} passed, {tally.failed} failed" +
          (f", {tally.skipped} skipped" if tally.skipped else ""))
    return 1 if tally.failed or not tally.passed else 0
