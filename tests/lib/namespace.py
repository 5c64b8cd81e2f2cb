# SPDX-License-Identifier: GPL-2.0-or-later
"""Suites in namespaces of their own, never on the machine's own rules."""
import os
import subprocess
import sys


def real_root():
    """Root, and not only in a user namespace."""
    with open("/proc/self/uid_map", encoding="ascii") as f:
        return os.geteuid() == 0 and f.read().split()[2] == "4294967295"


def enter(probe="true", flags="--net", user=False):
    """Runs the suite again in new namespaces, where the command `probe' works; else it is
    skipped.  `user': those of an ordinary user do."""
    if os.environ.pop("NAMESPACE_INSIDE", None):
        return
    command = ["unshare", *flags.split()]
    if user and os.geteuid():
        command.append("--map-root-user")
    if subprocess.run([*command, *probe.split()], check=False, capture_output=True).returncode:
        print(f"SKIP '{probe}' does not work in a network namespace here (root?)")
        print("0 passed, 0 failed, 1 skipped")
        sys.exit(77)
    os.environ["NAMESPACE_INSIDE"] = "1"
    os.execvp(command[0], [*command, sys.executable, *sys.argv])
