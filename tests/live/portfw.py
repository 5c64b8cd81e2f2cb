#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# backends: sim nft xtables
"""Recorded commands of ipportfw and ipmasqadm, by our front ends and, where the preload
library can be, by an old program of 64 and one of 32 bits.

A connection between commands is a packet: in the simulator one that `ipfwadm trace --keep'
walks, else one that a client sends; kmod-portfw runs it with the module.  A kernel without
port forwarding cannot be simulated: its lines are left out.
"""
import glob
import itertools
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
import namespace  # noqa: E402
from cli_live import HOSTS, sample  # noqa: E402

INTERFACES = """\
interface lo 127.0.0.1/8
interface ext 194.160.1.1/24
interface ext:0 1.2.3.4/32
interface int 10.0.0.1/24
"""
KERNELS = ("2.0", "2.2")
FIELDS = ("stdout", "stderr", "exit")
BACKEND = os.environ["BACKEND"]
PROBES = {"nft": "nft list ruleset", "xtables": "iptables-legacy -t nat -S"}
BIN = os.path.join(os.path.abspath(os.environ["BUILD"]), "bin")


def environment(folder):
    state, hosts = os.path.join(folder, "state"), os.path.join(folder, "hosts")
    with open(hosts, "w", encoding="utf-8") as f:
        f.write(HOSTS)
    return state, {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": folder,
                   "IPFWADM_BACKEND": "sim:" + state if BACKEND == "sim" else BACKEND,
                   "XTABLES_LOCKFILE": os.path.join(folder, "lock"), "NSS_WRAPPER_HOSTS": hosts,
                   "LD_PRELOAD": glob.glob("/usr/lib/*/libnss_wrapper.so")[0]}


def command_run(tool, argv, env, old=None):
    program, words = os.path.join(BIN, "ipfwadm"), [tool] + argv
    if old:
        words = ["ipfwadm", "compat", old] + words
    done = subprocess.run(words, executable=program, env=env, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                          check=False)
    return {"stdout": done.stdout, "stderr": done.stderr, "exit": done.returncode & 255}


def olds():
    """Programs that take the recorded commands without mistakes: None is the front end."""
    tests = os.path.abspath(os.environ["BUILD"] + "/tests")
    return [None] + ([] if BACKEND == "kmod" else
                     [tests + "/old-portfw", tests + "/old-portfw-i386-dynamic"])


def is_plain(line):
    return (line["exit"] in (0, 255) and "-v" not in line["argv"] and
            "sage:" not in line["stdout"])


class Client:
    """A host with the addresses of all clients, and the interfaces of the gateway here."""

    def __init__(self):
        self.host = subprocess.Popen(["unshare", "--net", "--kill-child", "--fork",
                                      "sh", "-c", "echo; exec sleep 3600"],
                                     stdout=subprocess.PIPE)
        self.host.stdout.readline()
        self.here("ip link set lo up")
        self.here("ip link add ext type veth peer name eth0")
        self.here(f"ip link set eth0 netns {self.host.pid}")
        for address in "194.160.1.1/24", "1.2.3.4/32":
            self.here(f"ip addr add {address} dev ext")
        self.here("ip link set ext up")
        self.here("ip route add 5.5.5.5 dev ext")
        self.here("sysctl -qw net.ipv4.ip_forward=1")
        self.there("ip link set lo up")
        self.there("ip link set eth0 up")
        self.there("ip addr add 5.5.5.5/32 dev eth0")
        self.there("ip route add default dev eth0")

    @staticmethod
    def here(command):
        subprocess.run(command.split(), check=True, capture_output=True)

    def there(self, command):
        self.here(f"nsenter -t {self.host.pid} -n {command}")

    def end(self):
        self.host.kill()
        self.host.wait()


# What netfilter cannot do is refused: what the line prints then.
REFUSED = {
    "no target": ("P133", "P158", "P284"),
    "cannot learn a host from what it sends": ("P254", "P262", "P264"),
    "cannot keep the source port": ("P266",),
}
NOT_THERE = ("P134", "P159")


def is_refused(line, got):
    reason = next((r for r, ids in REFUSED.items() if line["id"] in ids), None)
    if reason:
        return (got["exit"] == 255 and reason in got["stderr"] and
                "use --backend kmod or sim" in got["stderr"])
    return line["id"] in NOT_THERE and len(got["stdout"].splitlines()) == 1


def fresh(state, env):
    if BACKEND == "sim":
        with open(state, "w", encoding="utf-8") as f:
            f.write(INTERFACES)
    else:
        command_run("ipfwadm", ["load", "/dev/null"], env)
        command_run("ipfwadm", ["-T", "-f"], env)


def send(client, line):
    proto, address, port, addr, outer = line["connect"].split()
    for i in range(line["times"]):
        assert proto == "tcp"
        client.there(f"{sys.executable} tests/lib/tcp_packet.py {address} {int(port) + i} "
                     f"{addr} {outer} S")
    return {}


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


def line_check(line, env, client, old):
    """What differs from the recording, by field; null there is anything."""
    if "connect" in line:
        return send(client, line) if client else connect(line, env)
    old = old if is_plain(line) else None
    if old and "i386" in old:
        env = {k: v for k, v in env.items() if k != "LD_PRELOAD"}
    got = command_run(line["tool"], line["argv"], env, old)
    if BACKEND in ("nft", "xtables") and is_refused(line, got):
        return {}
    return {f: (line[f], got[f]) for f in FIELDS if line[f] is not None and line[f] != got[f]}


def main():
    passed = failed = skipped = 0
    namespace.enter(PROBES.get(BACKEND, "true"))
    client = Client() if BACKEND != "sim" else None
    with tempfile.TemporaryDirectory() as folder:
        state, env = environment(folder)
        with open("tests/recorded/portfw.jsonl", encoding="utf-8") as recorded:
            lines = [json.loads(line) for line in recorded]
        for old, line in itertools.product(olds(), sample(lines)):
            if line.get("fresh"):
                fresh(state, env)
            if line.get("kernel", "2.0") not in KERNELS:
                skipped += 1
                continue
            wrong = line_check(line, env, client, old)
            passed += not wrong
            failed += bool(wrong)
            if wrong:
                print(line["id"], old, line.get("tool"), line.get("argv"), wrong)
    if client:
        client.end()
    if skipped:
        print("SKIP kernels that know no port forwarding")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(failed > 0)


main()
