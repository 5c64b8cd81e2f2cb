#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Recorded commands of ipportfw and ipmasqadm, over the simulator.

A connection between commands is a packet that `ipfwadm trace --keep' walks.  A kernel
without port forwarding cannot be simulated: its lines are left out.
"""
import glob
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
from cli_live import HOSTS  # noqa: E402

INTERFACES = """\
interface lo 127.0.0.1/8
interface ext 194.160.1.1/24
interface ext:0 1.2.3.4/32
interface int 10.0.0.1/24
"""
KERNELS = ("2.0", "2.2")
FIELDS = ("stdout", "stderr", "exit")
BIN = os.path.join(os.path.abspath(os.environ["BUILD"]), "bin")


def environment(folder):
    state, hosts = os.path.join(folder, "state"), os.path.join(folder, "hosts")
    with open(hosts, "w", encoding="utf-8") as f:
        f.write(HOSTS)
    return state, {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": folder,
                   "IPFWADM_BACKEND": "sim:" + state, "NSS_WRAPPER_HOSTS": hosts,
                   "LD_PRELOAD": glob.glob("/usr/lib/*/libnss_wrapper.so")[0]}


def command_run(tool, argv, env):
    done = subprocess.run([tool] + argv, executable=os.path.join(BIN, tool), env=env,
                          text=True, stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=60, check=False)
    return {"stdout": done.stdout, "stderr": done.stderr, "exit": done.returncode & 255}


def connect(line, env):
    """New connections; each has a source port of its own."""
    proto, client, port, addr, outer = line["connect"].split()
    for i in range(line["times"]):
        syn = ["-y"] if proto == "tcp" else []
        done = command_run("ipfwadm", ["trace", "-P", proto, "-S", client, str(int(port) + i),
                                       "-D", addr, outer, "-W", "ext", "--keep"] + syn, env)
        if done["exit"] or "forwarded by rule" not in done["stdout"]:
            return {"connect": done}
    return {}


def line_check(line, env):
    """What differs from the recording, by field; null there is anything."""
    if "connect" in line:
        return connect(line, env)
    got = command_run(line["tool"], line["argv"], env)
    return {f: (line[f], got[f]) for f in FIELDS if line[f] is not None and line[f] != got[f]}


def main():
    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory() as folder:
        state, env = environment(folder)
        with open("tests/recorded/portfw.jsonl", encoding="utf-8") as recorded:
            lines = [json.loads(line) for line in recorded]
        for line in lines:
            if line.get("fresh"):
                with open(state, "w", encoding="utf-8") as f:
                    f.write(INTERFACES)
            if line.get("kernel", "2.0") not in KERNELS:
                skipped += 1
                continue
            wrong = line_check(line, env)
            passed += not wrong
            failed += bool(wrong)
            if wrong:
                print(line["id"], line.get("tool"), line.get("argv"), wrong)
    if skipped:
        print("SKIP kernels that know no port forwarding")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(failed > 0)


main()
