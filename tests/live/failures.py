#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# slow
"""What prints must print all of it, or fail: full disks, closed descriptors, no memory.

BACKENDS="sim nft" chooses the backends (by default sim, nft and xtables), EVERY=1 that
each single allocation fails, and not (but for a listing) every fortieth; all of it
happens in a network namespace of its own.
"""
import fcntl
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
import namespace  # noqa: E402

PROGRAM = os.path.abspath(os.path.join(os.environ.get("BUILD", "build"), "bin/ipfwadm"))
SEED = int(os.environ.get("SEED", random.randrange(1 << 32)))
EVERY = int(os.environ.get("EVERY", "40"))
RULES = """-I -p deny
-I -a accept -P tcp -S 0.0.0.0/0 -D 192.0.2.1 25 80 -W eth0 --comment mail
-F -a masquerade -S 10.0.0.0/8
-A both -a -P udp -D 192.0.2.0/24 53
"""
PACKET = "-P tcp -S 192.0.2.9 1025 -D 192.0.2.1 80".split()
COMMANDS = [
    ["save"], ["save", "--counters"], ["--json", "save"], ["dump", "json"], ["dump", "nft"],
    ["dump", "iptables"], ["dump", "ipfwadm"], ["backends"], ["--json", "backends"],
    ["-I", "-l", "-n", "-e"], ["-A", "-l", "-x", "-n"], ["--json", "-I", "-l"],
    ["-M", "-l", "-n"], ["--json", "-M", "-l"], ["help"], ["-h"], ["version"],
    ["trace", *PACKET], ["--json", "trace", *PACKET],
    ["-I", "-c", *PACKET, "-V", "127.0.0.1", "-W", "lo"],
]
failed = passed = 0
scratch = tempfile.mkdtemp(prefix="ipfwadm-test.")
env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
       "XTABLES_LOCKFILE": scratch + "/lock"}


def ok(what, good, detail=""):
    global failed, passed	# pylint: disable=global-statement
    passed += bool(good)
    failed += not good
    if not good:
        print(f"FAIL {what}, SEED={SEED}\n     {detail}")


def run(args, text="", **more):
    return subprocess.run([PROGRAM, *args], env=dict(env, **more.pop("add", {})),
                          timeout=60, check=False, **{
                              "input": text.encode(), "stdout": subprocess.PIPE,
                              "stderr": subprocess.PIPE, **more})


def limit(size):
    def before():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return before


def full_disk(name, args, whole):
    for size in {0, len(whole) // 2, len(whole) - 1}:
        with open(scratch + "/out", "wb") as out:
            done = run(args, stdout=out, preexec_fn=limit(size))
        ok(f"{name}: {size} of {len(whole)} bytes written: {done.returncode}", done.returncode,
           done.stderr)
    done = run(args, stdout=None, preexec_fn=lambda: os.close(1))
    ok(f"{name}: no standard output: {done.returncode}", done.returncode, done.stderr)


def result(args, output):
    """Of JSON without the diagnostics, which may tell that a warning could not be had."""
    if "--json" not in args and "json" not in args:
        return output
    return {**json.loads(output), "diagnostics": None}


def no_memory(name, args, whole):
    reached = scratch + "/reached"
    every = 1 if args[:2] == ["-I", "-l"] else EVERY	# an open firewall must not be shown
    for n in range(1 + random.Random(f"{SEED}{name}").randrange(every), 20000, every):
        done = run(args, add={"LD_PRELOAD": scratch + "/fail_once.so", "FAIL_AT": str(n),
                              "FAIL_REACHED": reached})
        if not os.path.exists(reached):
            break
        os.unlink(reached)
        if done.returncode == 0 and result(args, done.stdout) != result(args, whole):
            ok(f"{name}: allocation {n} failed: 0", False, done.stdout)
    ok(name, n > every or every > 1)


def closed_input(backend):
    before = run(["save"]).stdout
    done = run(["load", "-"], stdin=None, input=None, preexec_fn=lambda: os.close(0))
    ok(f"{backend}: load - without a standard input: {done.returncode}", done.returncode == 2)
    ok(f"{backend}: the rules stay", run(["save"]).stdout == before)


def slow_pipe(backend):
    """A listing to a pipe that never blocks: all lines, or a status."""
    many = "".join(f"-I -a deny -S 10.0.{i // 256}.{i % 256}\n" for i in range(4000))
    run(["load", "-"], text=many)
    for args in (["-I", "-l", "-n"], ["save"], ["--json", "-I", "-l"], ["dump", "nft"],
                 ["dump", "iptables"]):
        whole = run(args).stdout
        ours, theirs = os.pipe()
        fcntl.fcntl(theirs, fcntl.F_SETFL, os.O_NONBLOCK)
        with subprocess.Popen([PROGRAM, *args], env=env, stdout=theirs,
                              stderr=subprocess.DEVNULL) as p:
            os.close(theirs)
            time.sleep(0.3)
            with os.fdopen(ours, "rb") as f:
                got = f.read()
        ok(f"{backend}: {' '.join(args)}: {len(got)} of {len(whole)} bytes: {p.returncode}",
           p.returncode or got == whole)


def works(backend):
    return backend == "sim" or run(["-I", "-l"], add={"IPFWADM_BACKEND": backend}).returncode == 0


def main():
    skipped = 0
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["cc", "-shared", "-fPIC", "-D_GNU_SOURCE", "-o", scratch + "/fail_once.so",
                    "tests/lib/preload/fail_once.c"], check=True)
    for backend in os.environ.get("BACKENDS", "sim nft xtables").split():
        if not works(backend):
            print(f"SKIP {backend} does not work here")
            skipped += 1
            continue
        env["IPFWADM_BACKEND"] = f"sim:{scratch}/sim" if backend == "sim" else backend
        assert run(["load", "-"], text=RULES).returncode == 0
        for args in COMMANDS:
            name = f"{backend}: {' '.join(args[:3])}"
            whole = run(args)
            ok(f"{name}: {whole.returncode}", whole.returncode in (0, 3), whole.stderr)
            full_disk(name, args, whole.stdout)
            no_memory(name, args, whole.stdout)
        closed_input(backend)
        slow_pipe(backend)
    shutil.rmtree(scratch)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(failed > 0)


namespace.enter(user=True)
main()
