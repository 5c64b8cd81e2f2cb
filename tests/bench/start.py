#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""One classic command on the simulator with a small state, beside a dynamically
linked program that does nothing.

Interleaved, medians of many; the state is where /run would have it, in memory.
"""
import os
import statistics
import subprocess
import tempfile
import time

RUNS = int(os.environ.get("RUNS", 500))
STATE = """\
interface lo 127.0.0.1/8
interface eth0 10.0.0.1/24
-I -p deny
-I -a accept -W lo
-I -a deny -o -S 10.0.0.0/8 -W ppp0
-I -a accept -P tcp -D 10.0.0.1 25 80
-I -a accept -P udp -S 0.0.0.0/0 53 -D 10.0.0.1 1024:65535
-F -a masquerade -S 192.168.1.0/24
"""
RULE = ["accept", "-P", "tcp", "-D", "10.0.0.1", "22"]


def measure(command, environment):
    start = time.perf_counter()
    process = os.posix_spawn(command[0], command, environment,
                             file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null",
                                            os.O_WRONLY, 0)])
    os.waitpid(process, 0)
    return time.perf_counter() - start


def main():
    ipfwadm = os.path.abspath(os.path.join(os.environ.get("BUILD", "build"), "bin/ipfwadm"))
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as scratch:
        nothing = os.path.join(scratch, "nothing")
        subprocess.run(["cc", "-O2", "-x", "c", "-o", nothing, "-"],
                       input="int main(void) { return 0; }\n", text=True, check=True)
        state = os.path.join(scratch, "state")
        with open(state, "w") as f:
            f.write(STATE)
        environment = {"PATH": "/usr/bin", "IPFWADM_BACKEND": "sim:" + state}
        times = {"nothing": [], "add or delete a rule": [], "list the rules": []}
        for i in range(RUNS):
            edit = [ipfwadm, "-I", "-a" if i % 2 == 0 else "-d"] + RULE
            times["nothing"].append(measure([nothing], environment))
            times["add or delete a rule"].append(measure(edit, environment))
            times["list the rules"].append(measure([ipfwadm, "-I", "-l", "-n"], environment))
    peer = statistics.median(times.pop("nothing"))
    for job, seconds in times.items():
        ours = statistics.median(seconds)
        print(f"{job} (sim), ms, {ours * 1e3:.3g}, {peer * 1e3:.3g}, {ours / peer:.3g}, 1.3")


main()
